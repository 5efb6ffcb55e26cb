"""What the test cells of nbgrader's own Autograde call, inside the student's kernel.

Isolation: none. Whoever can run code in this kernel can also say what `earned`
returns; nbgrader knows no other way. A grading that has to be trusted is `grade`
with `export nbgrader`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from grader.course import Course
from grader.levels import levels_of
from grader.model import ExerciseResult, Outcome, Report, Status
from grader.report.for_students import for_students

__all__ = ["earned"]

SUFFIXES = (".ipynb", ".py", ".npz")


def earned(exercise: str, criterion: str, *, of: int) -> int:
    """Grade the notebook in this folder, once; return the points of one criterion.

    The last value of a cell is what nbgrader takes for its points. What is
    printed becomes part of the feedback.
    of: what the cell is worth.

    Raises:
        RuntimeError: we could not grade; nbgrader gives no points, and shows why.
    """
    result, told = _graded(exercise, str(Path.cwd()))
    line = next((one for one in result.criteria if one.id == criterion), None)
    if result.status is Status.NEEDS_ATTENTION or (line and line.outcome is Outcome.ERROR):
        message = f"{exercise} could not be graded here: {(line or result).message}"
        raise RuntimeError(message)
    shown = next((one for one in told.criteria if one.id == criterion), None)
    if shown:
        print(shown.title, shown.message, sep="\n")  # noqa: T201  this is what a cell says
        if shown.diagnosis:
            print(shown.diagnosis.says)  # noqa: T201
    elif told.message:
        print(told.message)  # noqa: T201
    return min(line.points, of) if line else 0


@cache
def _graded(exercise: str, where: str) -> tuple[ExerciseResult, ExerciseResult]:
    """Grade one exercise in a process of its own; return all of it, and what is told of it."""
    course = Course.load(_root())
    with tempfile.TemporaryDirectory() as name:
        handed_in = Path(name) / "submission"
        handed_in.mkdir()
        for needed in (*course.needs(exercise), exercise):
            for path in _files(needed, Path(where)):
                shutil.copy(path, handed_in)
        report = _report(course.root, exercise, handed_in)
    told = for_students(report, levels_of(course.rules))
    both = (
        next((one for one in each.exercises if one.name == exercise), None)
        for each in (report, told)
    )
    found, shown = both
    if found is None or shown is None:
        message = f"{exercise}: no such exercise in {course.root}"
        raise RuntimeError(message)
    return found, shown


def _report(root: Path, exercise: str, handed_in: Path) -> Report:
    seed = os.environ.get("CAROUSEL_SEED")
    command = [
        sys.executable, "-m", "grader", "grade", str(handed_in), "--single", "--no-pages",
        "--exercise", exercise, "--course", str(root), "--json", "-",
        "--results", str(handed_in.parent / "results"), *(("--seed", seed) if seed else ()),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)  # noqa: S603
    try:
        return msgspec.json.decode(done.stdout, type=list[Report])[0]
    except (msgspec.MsgspecError, IndexError):
        message = f"our grader did not answer: {done.stderr.decode(errors='replace')[-2000:]}"
        raise RuntimeError(message) from None


def _files(name: str, where: Path) -> Iterator[Path]:
    """Find what was handed in for an exercise: here, else in the assignments beside this one."""
    for suffix in SUFFIXES:
        places = (where / f"{name}{suffix}", *sorted(where.parent.glob(f"*/{name}{suffix}")))
        if found := next((place for place in places if place.is_file()), None):
            yield found


def _root() -> Path:
    """Find the course: where CAROUSEL_COURSE says, else the checkout this file lies in."""
    named = os.environ.get("CAROUSEL_COURSE")
    return Path(named) if named else Path(__file__).resolve().parent.parent
