"""The mistakes that the rubric of gradient_check plants: as many as promised, and what they say."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.calls import Array
from grader.course import Course
from grader.pytest_plugin import signatures_of
from grader.pytest_session import RubricSession
from grader.reference import Reference
from tests.helpers import ROOT

COURSE = Course.load(ROOT)


@pytest.fixture(name="rubric", scope="module")
def _rubric() -> Iterator[Any]:
    session = RubricSession([COURSE.hidden("gradient_check")])
    (rubric,) = session.rubrics().values()
    yield next(iter(rubric._items.values())).module
    session.close()


def planted(rubric: Any, seed: int) -> Iterator[tuple[str, Any]]:
    """List everything the rubric plants, for one draw of parameters."""
    p = rubric.draw_params(np.random.default_rng(seed))
    for kind in ("gross", "fine", "odd", "right"):
        for _, question in getattr(rubric, kind)(p):
            yield kind, question


def spoilt(rubric: Any, question: Any) -> list[str]:
    """Say without measuring anything which gradients are not the true ones."""
    f, grads, params = question
    factor = next(s for s in (1.0, 1e-10, 1e6) if rubric.network(s) == f)
    truth = rubric.backward(params, factor)
    truth |= {name: np.zeros(x.shape) for name, x in params.items() if name not in truth}
    return [name for name in params if not _same(grads.get(name), truth[name])]


def _same(got: Array | None, want: Array) -> bool:
    return got is not None and got.shape == want.shape and np.allclose(got, want, 1e-8, 0.0)


def test_as_many_as_promised(rubric: Any) -> None:
    """At least eight wrong ones and four right ones."""
    kinds = [kind for kind, _ in planted(rubric, 0)]
    assert len(kinds) - kinds.count("right") >= 8
    assert kinds.count("right") >= 4


def test_the_reference_finds_what_is_spoilt_whatever_the_numbers(rubric: Any) -> None:
    """For many draws, so that no seed makes a right checker fail."""
    signatures = signatures_of(rubric)
    reference = Reference(COURSE.functions("gradient_check"), signatures)
    for seed in range(20):
        for kind, question in planted(rubric, seed):
            names = spoilt(rubric, question)
            assert bool(names) == (kind != "right")
            assert reference.check_gradients(*question).wrong == names, (seed, kind)
