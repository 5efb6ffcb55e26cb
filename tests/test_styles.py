"""Right work earns full marks, however it is written.

`submissions/styles/` holds eleven pairs of lstm_forward and lstm_backward, written from
the handouts alone, without a look at the solutions.
"""

from collections.abc import Iterator

import pytest

from grader.course import Course
from grader.grade import Grader
from grader.intake import read_submission
from grader.model import Outcome
from grader.sandbox.server import ForkServer
from grader.seeds import Seeds
from tests.golden import ROOT

STYLES = ROOT / "tests" / "submissions" / "styles"
NAMES = ("lstm_forward", "lstm_backward")
SINGLE = "float32_inside"


@pytest.fixture(name="grader", scope="module")
def _grader() -> Iterator[Grader]:
    server = ForkServer()
    course = Course.load(ROOT)
    grader = Grader(course, server, Seeds(seed=3), isolation="process", exercises=NAMES)
    yield grader
    grader.close()
    server.close()


def lost(grader: Grader, style: str) -> list[str]:
    """List what a style loses, as exercise.criterion."""
    report = grader.grade(read_submission(STYLES / style, grader.course.stubs()))
    return [
        f"{exercise.name}.{line.id}"
        for exercise in report.exercises
        for line in exercise.criteria
        if line.outcome is not Outcome.PASSED or line.carried_forward
    ]


@pytest.mark.parametrize("style", sorted(p.name for p in STYLES.iterdir() if p.name != SINGLE))
def test_every_style_gets_full_marks(grader: Grader, style: str) -> None:
    """Loops, einsum, slices, buffers, transposed storage, consumed caches: all are right."""
    assert lost(grader, style) == []


def test_single_precision_loses_only_the_precision(grader: Grader) -> None:
    """float32 inside is right to six digits, which costs one criterion an exercise."""
    assert lost(grader, SINGLE) == ["lstm_forward.precision", "lstm_backward.precision"]
