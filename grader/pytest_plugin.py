"""What a hidden grader is written with: points, needs, and three fixtures.

    RETURNS = {"lstm_forward": "Hout cn hn *cache"}

    @points(3, needs=test_shapes)
    def test_sequence(student, reference, rng):
        \"\"\"Every step of Hout, and the last cn and hn\"\"\"
        X, W = ...
        expect_close(student.lstm_forward(X, W), reference.lstm_forward(X, W))

The function's name without `test_` is the criterion's id, its docstring the
line in the report. Loaded into plain pytest (`-p grader.pytest_plugin
--submission FILE`) the same file grades one submission with pytest's own
output, which is how an author debugs it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from grader.calls import Signature
from grader.course import Course
from grader.families import Family
from grader.gradients import Differentiated, Gradient
from grader.intake import read_submission
from grader.model import Criterion
from grader.reference import Reference
from grader.sandbox.protocol import Seed
from grader.sandbox.server import open_sandbox
from grader.sandbox.student import Student
from grader.seeds import Seeds

__all__ = [
    "ARGUMENTS",
    "CURRENT",
    "Asked",
    "Current",
    "beside_of",
    "criterion_of",
    "examples_of",
    "gradients_of",
    "picture",
    "points",
    "signatures_of",
    "without_example",
]


class Asked(Protocol):
    """Whatever answers a rubric's questions: the student, or an adapter of it."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Look up a function of the exercise."""


@dataclass(slots=True)
class Current:
    """Who is being graded right now; the fixtures read it."""

    exercise: str
    student: Asked
    reference: Reference | Differentiated
    seeds: Seeds


CURRENT = pytest.StashKey[Current]()
#: What a test may ask for by name.
ARGUMENTS = frozenset({"student", "reference", "rng", "same_rng", "seed", "_current"})


def points(
    number: int,
    *,
    needs: Callable[..., Any] | tuple[Callable[..., Any], ...] = (),
    diagnosed: bool = True,
) -> pytest.MarkDecorator:
    """Mark a test as a criterion worth `number` points.

    needs: earlier tests; when all of them are lost for an unknown reason,
        this one says nothing new and is skipped.
    diagnosed: known bugs are asked too when it is lost; not for what takes
        seconds.
    """
    earlier = needs if isinstance(needs, tuple) else (needs,)
    ids = tuple(test.__name__.removeprefix("test_") for test in earlier)
    return pytest.mark.points(number, needs=ids, diagnosed=diagnosed)


def picture(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that returns a BlockMap for the feedback.

    It asks with public inputs only; it is worth nothing and costs nothing.
    """
    marked: Callable[..., Any] = pytest.mark.picture(function)
    return marked


def criterion_of(item: pytest.Function) -> Criterion | None:
    """Read the criterion an item stands for; None for a picture."""
    mark = item.get_closest_marker("points")
    if mark is None:
        return None
    return Criterion(
        id=item.name.removeprefix("test_"),
        title=" ".join((item.function.__doc__ or "").split()),
        points=mark.args[0],
        needs=mark.kwargs["needs"],
        diagnosed=mark.kwargs["diagnosed"],
    )


def examples_of(module: object) -> dict[str, Family]:
    """Read `EXAMPLES` of a hidden grader."""
    return dict(getattr(module, "EXAMPLES", {}))


def beside_of(module: object) -> tuple[str, ...]:
    """Read `BESIDE` of public checks: exercises whose functions are asked where they are there."""
    return tuple(getattr(module, "BESIDE", ()))


def without_example(module: object) -> dict[str, str]:
    """Read `NO_EXAMPLE` of a hidden grader: criterion -> why a loss cannot be shown in lines."""
    return dict(getattr(module, "NO_EXAMPLE", {}))


def gradients_of(module: object) -> dict[str, Gradient]:
    """Read `GRADIENTS` of a hidden grader."""
    return dict(getattr(module, "GRADIENTS", {}))


def signatures_of(module: object) -> dict[str, Signature]:
    """Read `RETURNS` of a hidden grader."""
    returns: dict[str, str] = getattr(module, "RETURNS", {})
    return {name: Signature.parse(text) for name, text in returns.items()}


def arguments(current: Current, test: str, names: Iterable[str]) -> dict[str, Any]:
    """Make what a test may ask for by name.

    rng: inputs of this criterion. same_rng: the same inputs for all criteria that
    ask for it, so that an expensive answer is given once. seed: becomes a numpy.random.Generator on
    whichever side is called with it.
    """
    made: dict[str, Callable[[], object]] = {
        "student": lambda: current.student,
        "reference": lambda: current.reference,
        "rng": lambda: current.seeds.rng(current.exercise, test, "inputs"),
        "same_rng": lambda: current.seeds.rng(current.exercise, "all", "inputs"),
        "seed": lambda: Seed(current.seeds.entropy(current.exercise, test, "seed")),
    }
    return {name: made[name]() for name in names}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let plain pytest name a submission; the reference is the default."""
    parser.addoption("--submission", help="grade this submission (folder, .py or .ipynb)")


def pytest_configure(config: pytest.Config) -> None:
    """Make our marks known."""
    config.addinivalue_line("markers", "points(number, needs, diagnosed): a criterion of a rubric")
    config.addinivalue_line("markers", "picture: makes a picture for the feedback")


@pytest.fixture(name="student")
def _student(request: pytest.FixtureRequest) -> Asked:
    current: Current = request.getfixturevalue("_current")
    return current.student


@pytest.fixture(name="reference")
def _reference(request: pytest.FixtureRequest) -> Asked:
    current: Current = request.getfixturevalue("_current")
    return current.reference


@pytest.fixture(name="rng")
def _rng(request: pytest.FixtureRequest) -> np.random.Generator:
    made = arguments(request.getfixturevalue("_current"), request.node.name, ["rng"])
    rng: np.random.Generator = made["rng"]
    return rng


@pytest.fixture(name="same_rng")
def _same_rng(request: pytest.FixtureRequest) -> np.random.Generator:
    made = arguments(request.getfixturevalue("_current"), request.node.name, ["same_rng"])
    rng: np.random.Generator = made["same_rng"]
    return rng


@pytest.fixture(name="seed")
def _seed(request: pytest.FixtureRequest) -> Seed:
    made = arguments(request.getfixturevalue("_current"), request.node.name, ["seed"])
    seed: Seed = made["seed"]
    return seed


@pytest.fixture(name="_current")
def _current(request: pytest.FixtureRequest) -> Iterator[Current]:
    current = request.config.stash.get(CURRENT, None)
    if current is not None:
        yield current
        return
    # plain pytest: an author at work
    name = request.path.stem.removeprefix("test_")
    course = Course.load(Path(__file__).resolve().parents[1])
    path = request.config.getoption("--submission") or str(course.solution(name))
    submission = read_submission(Path(path), course.stubs())
    signatures = signatures_of(request.module)
    sandbox = open_sandbox(("limits",))
    sources = {key: file.text for key, file in submission.files.items()}
    needs = course.needs(name)
    student = Student(
        sandbox, name, sources, signatures, public=True, needs=needs, figures=course.draws(name)
    )
    reference = Reference(course.functions(name), signatures)
    yield Current(name, student, reference, Seeds(seed=0))
    student.close()
    sandbox.close()
