"""A course of two exercises: the teaching one, and the one benchmarks use."""

import shutil
from collections.abc import Iterator

import pytest

from grader.course import Course
from grader.grade import Grader
from grader.model import Outcome, SourceFile, Status, Submission
from grader.sandbox.server import ForkServer
from grader.seeds import Seeds
from tests.helpers import NAME, ROOT, entries

BENCH = ROOT / "benchmarks" / "ten_checks"


@pytest.fixture(name="grader", scope="module")
def _grader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    root = tmp_path_factory.mktemp("course")
    for source in (ROOT, BENCH):
        for folder in ("solutions", "grader/hidden"):
            shutil.copytree(source / folder, root / folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "grader" / "bugs", root / "grader" / "bugs")
    second = (BENCH / "course.toml").read_text("utf-8").partition("[[exercises]]")[2]
    (root / "course.toml").write_text(f"{entries(NAME)}\n[[exercises]]{second}", "utf-8")
    sandbox = ForkServer()
    grader = Grader(Course.load(root), sandbox, Seeds(seed=3), isolation="process")
    yield grader
    grader.close()
    sandbox.close()


def handed_in(grader: Grader, *names: str) -> Submission:
    files = {name: SourceFile(path=f"{name}.py", text=grader.course.source(name)) for name in names}
    return Submission(id="ada", files=files)


def test_both_exercises_count_when_both_are_there(grader: Grader) -> None:
    """Points add up over exercises, in the order of the course."""
    report = grader.grade(handed_in(grader, "lstm_cell", "lstm_forward"))
    assert [result.name for result in report.exercises] == ["lstm_forward", "lstm_cell"]
    assert (report.points, report.max_points, report.status) == (35, 35, Status.GRADED)


def test_an_exercise_that_is_not_there_does_not_count(grader: Grader) -> None:
    """It is listed as missing, and the total is that of what was handed in."""
    report = grader.grade(handed_in(grader, "lstm_cell"))
    assert [result.status for result in report.exercises] == [Status.MISSING, Status.GRADED]
    assert (report.points, report.max_points) == (10, 10)


def test_a_submission_with_nothing_in_it_is_missing(grader: Grader) -> None:
    """No file of the course: nothing of everything."""
    report = grader.grade(Submission(id="ada", files={}))
    assert (report.points, report.max_points, report.status) == (0, 35, Status.MISSING)


GRADIENTS = {
    "a missing derivative": (
        "dc * c_prev * f * (1 - f)", "dc * c_prev", {"Wx", "Wh", "b", "x", "h"},
    ),
    "an error of one weight": (
        "x.T @ da, h_prev.T @ da", "x.T @ da * (1 + 1e-5), h_prev.T @ da", {"Wx"},
    ),
    "a bias gradient that is averaged": ("da.sum(axis=0)", "da.mean(axis=0)", {"b"}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "lost"), GRADIENTS.values(), ids=GRADIENTS)
def test_a_wrong_gradient_loses_its_own_line(
    grader: Grader, old: str, new: str, lost: set[str]
) -> None:
    """Central differences of the student's own forward tell which gradient is wrong."""
    source = grader.course.source("lstm_cell")
    assert source.count(old) == 1
    file = SourceFile(path="lstm_cell.py", text=source.replace(old, new))
    report = grader.grade(Submission(id="ada", files={"lstm_cell": file}))
    lines = {line.id: line for line in report.exercises[1].criteria}
    wrong = {key for key, line in lines.items() if line.outcome is Outcome.FAILED}
    assert {key for key in wrong if key.startswith("gradient")} == {f"gradient_{k}" for k in lost}
    assert "central differences say" in lines[f"gradient_{min(lost)}"].message


def test_a_forward_of_zeros_earns_no_gradient(grader: Grader) -> None:
    """Zeros have zero gradients on both sides: that proves nothing."""
    zeros = (
        "import numpy as np\n"
        "def step_forward(x, h, c, Wx, Wh, b): return 0 * h, 0 * c, (x, h, c, Wx, Wh, b)\n"
        "def step_backward(dh, dc, cache): return tuple(0 * a for a in cache)\n"
    )
    file = SourceFile(path="lstm_cell.py", text=zeros)
    report = grader.grade(Submission(id="ada", files={"lstm_cell": file}))
    assert report.points == 0
