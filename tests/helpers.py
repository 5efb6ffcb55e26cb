"""What several test files need: the course, submissions to it, an open grader.

The course grows; most tests are about one exercise of it. They copy, open and
count that one, so that a further exercise changes none of them.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
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


def edited(*changes: tuple[str, str], of: str = SOLUTION) -> str:
    """Patch a solution; every `old` must be there exactly once."""
    source = of
    for old, new in changes:
        assert source.count(old) == 1, f"{old!r} occurs {source.count(old)} times"
        source = source.replace(old, new)
    return source


def handed_in(source: str, student: str = "student") -> Submission:
    """Make a submission of one source."""
    return together({NAME: source}, student)


def together(
    sources: Mapping[str, str], student: str = "student", data: Mapping[str, bytes] | None = None
) -> Submission:
    """Make a submission of several sources, by exercise; and of the arrays beside them."""
    files = {name: SourceFile(path=f"{name}.py", text=text) for name, text in sources.items()}
    return Submission(id=student, files=files, data=data or {})


def of_the_class(student: str) -> Submission:
    """Read one student of the sample class."""
    return read_submission(CLASS / student, Course.load(ROOT).stubs())


@contextmanager
def open_grader(
    course: Course | None = None, seed: int = 1, exercises: Sequence[str] = (NAME,)
) -> Iterator[Grader]:
    """Open a grader with a sandbox of its own, and close both.

    exercises: which it grades; most tests are about one.
    """
    sandbox = open_sandbox(("limits",))
    try:
        chosen = course or Course.load(ROOT)
        grader = Grader(chosen, sandbox, Seeds(seed=seed), isolation="process", exercises=exercises)
        try:
            yield grader
        finally:
            grader.close()
    finally:
        sandbox.close()


def entries(*exercises: str) -> str:
    """Cut course.toml to some exercises and those they need."""
    course = Course.load(ROOT)
    wanted = {n for name in exercises for n in (*course.needs(name), name)}
    head, *parts = (ROOT / "course.toml").read_text("utf-8").split("[[exercises]]\n")
    kept = [part for part in parts if part.split('"')[1] in wanted]
    assert len(kept) == len(wanted)
    return "[[exercises]]\n".join([head, *kept])


def copied_course(
    folder: Path, *, old: str = "", new: str = "", exercises: Sequence[str] = (NAME,)
) -> Course:
    """Copy some exercises of the course, with one change to a hidden grader, of the last."""
    (folder / "course.toml").write_text(entries(*exercises), "utf-8")
    shutil.copy(ROOT / "README.md", folder)
    for part in ("solutions", "grader/hidden", "grader/bugs", "exercises"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    course = Course.load(folder)
    if old:
        changed(course.hidden(exercises[-1]), old, new)
    return course


def changed(path: Path, old: str, new: str) -> None:
    """Change one place of a file; `old` must be there exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path}: {old!r} occurs {text.count(old)} times"
    path.write_text(text.replace(old, new), "utf-8")


def only(report: Report) -> ExerciseResult:
    """Take the one exercise of a report."""
    (result,) = report.exercises
    return result


def criteria(report: Report) -> dict[str, CriterionResult]:
    """Take the criteria of the one exercise, by id."""
    return {criterion.id: criterion for criterion in only(report).criteria}
