"""What several test files need: the course, submissions to it, an open grader."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.course import Course
from grader.grade import Grader
from grader.intake import read_submission
from grader.model import CriterionResult, ExerciseResult, Report, SourceFile, Submission
from grader.sandbox.server import open_sandbox
from grader.seeds import Seeds

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "tests" / "submissions" / "class"
NAME = "lstm_forward"
SOLUTION = (ROOT / "solutions" / f"{NAME}.py").read_text("utf-8")


def edited(*changes: tuple[str, str]) -> str:
    """Patch the solution; every `old` must be there exactly once."""
    source = SOLUTION
    for old, new in changes:
        assert source.count(old) == 1, f"{old!r} occurs {source.count(old)} times"
        source = source.replace(old, new)
    return source


def handed_in(source: str, student: str = "student") -> Submission:
    """Make a submission of one source."""
    return Submission(id=student, files={NAME: SourceFile(path=f"{NAME}.py", text=source)})


def of_the_class(student: str) -> Submission:
    """Read one student of the sample class."""
    return read_submission(CLASS / student, Course.load(ROOT).stubs())


@contextmanager
def open_grader(course: Course | None = None, seed: int = 1) -> Iterator[Grader]:
    """Open a grader with a sandbox of its own, and close both."""
    sandbox = open_sandbox(("limits",))
    try:
        chosen = course or Course.load(ROOT)
        grader = Grader(chosen, sandbox, Seeds(seed=seed), isolation="process")
        try:
            yield grader
        finally:
            grader.close()
    finally:
        sandbox.close()


def copied_course(folder: Path, *, old: str = "", new: str = "") -> Course:
    """Copy the course, with one change to the hidden grader."""
    shutil.copy(ROOT / "course.toml", folder)
    for part in ("solutions", "grader/hidden", "grader/bugs", "exercises"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    course = Course.load(folder)
    if old:
        path = course.hidden(NAME)
        source = path.read_text("utf-8")
        assert source.count(old) == 1, f"{old!r} occurs {source.count(old)} times"
        path.write_text(source.replace(old, new), "utf-8")
    return course


def only(report: Report) -> ExerciseResult:
    """Take the one exercise of a report."""
    (result,) = report.exercises
    return result


def criteria(report: Report) -> dict[str, CriterionResult]:
    """Take the criteria of the one exercise, by id."""
    return {criterion.id: criterion for criterion in only(report).criteria}
