"""The course as nbgrader has it: assignments, notebooks, cells, and the tree `source/`.

One place decides what everything is called there, for those who write notebooks
and for those who write the gradebook. Knows of nbgrader's metadata, and needs
none of nbgrader.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.errors import AuthoringError
from grader.notebooks import (
    HELPER,
    Cell,
    as_notebook,
    laid_out,
    questions_of,
    student_notebook,
    written_cells,
)

__all__ = [
    "COURSE_ID",
    "DECIDED",
    "Placed",
    "cell_of",
    "placed",
    "solution_cells",
    "source_tree",
    "student_notebooks",
]

COURSE_ID = "carousel"
#: The cells that every exercise has beside its criteria; worth nothing themselves.
CHECKS, DECIDED = "public-checks", "decided"
_NO_NAME = re.compile(r"[^\w .-]+")
_NO_ID = re.compile(r"[^A-Za-z0-9_-]")
_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)

README = """\
# PRIVATE: the instructor's side of nbgrader

`source/` holds solutions and calls of the hidden graders. Give students what
`nbgrader generate_assignment` makes of it in `release/`, and the hand-out, never this folder.

    pip install -e "CHECKOUT[nbgrader]"      # where nbgrader runs, for its Autograde button
    nbgrader generate_assignment NAME
    nbgrader autograde NAME                  # isolation: none, see docs/nbgrader.md
    python -m grader export nbgrader RESULTS --to .    # isolated grading into this gradebook

Everything else is in docs/nbgrader.md of the course.
"""

CONFIG = """\
# PRIVATE: for the instructor's side. Written by `release --format nbgrader`.
import os

c = get_config()
c.CourseDirectory.course_id = {course_id!r}
# a grading of an exercise that trains takes minutes
c.Execute.timeout = 900
c.Validator.preprocessors_timeout = 900
# the course with its hidden graders: the checkout, unless it is somewhere else
os.environ.setdefault("CAROUSEL_COURSE", {course!r})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One of nbgrader's assignments. assignment: its name in course.toml, "" if it has none."""

    name: str
    assignment: str
    exercises: tuple[str, ...]
    due: datetime | None = None


def placed(course: Course) -> tuple[Placed, ...]:
    """List the assignments: those of course.toml; without any, every exercise is one.

    Raises:
        AuthoringError: two of them would have the same name there.
    """
    found = tuple(
        Placed(
            name=_NO_NAME.sub("-", one.name).strip(" -."), assignment=one.name,
            exercises=one.exercises, due=one.due,
        )
        for one in course.rules.assignments
    ) or tuple(Placed(name=name, assignment="", exercises=(name,)) for name in course.names)  # fmt: skip
    names = [one.name for one in found]
    if twice := [name for name in names if names.count(name) > 1 or not name]:
        message = f"course.toml: nbgrader would call two assignments {twice[0]!r}; rename one"
        raise AuthoringError(message)
    return found


def student_notebooks(course: Course, texts: Mapping[str, str]) -> dict[str, bytes]:
    """Make the notebooks of a hand-out: file name -> bytes.

    texts: exercise -> its handout, as it is given out.
    """
    written = _written(course)
    files = {
        f"{name}.ipynb": student_notebook(
            name, texts[name], course.stub(name), written.pop(name, "")
        )
        for name in course.names
    }
    for name, text in written.items():
        files[f"{name}.ipynb"] = as_notebook(list(written_cells(name, text)))
    return files


def source_tree(course: Course, texts: Mapping[str, str], helper: bytes) -> dict[str, bytes]:
    """Make the instructor's course: path -> bytes.

    texts: exercise -> its handout. helper: the file that lies beside every notebook.
    """
    written = _written(course)
    files = {
        "README.md": README.encode(),
        "nbgrader_config.py": CONFIG.format(
            course_id=COURSE_ID, course=str(course.root.resolve())
        ).encode(),
    }
    for one in placed(course):
        files[f"source/{one.name}/{HELPER}"] = helper
        for name in one.exercises:
            cells = list(_source_cells(course, name, texts[name], written.get(name, "")))
            files[f"source/{one.name}/{name}.ipynb"] = as_notebook(cells)
    for name in written.keys() - set(course.names):
        cells = list(written_cells(name, written[name], private=True))
        files[f"source/{name}/{name}.ipynb"] = as_notebook(cells)
    return dict(sorted(files.items()))


def solution_cells(course: Course, name: str) -> dict[str, tuple[str, ...]]:
    """List the cells students write in: grade_id -> the functions in it."""
    return {
        str(cell.nbgrader["grade_id"]): tuple(_FUNCTION.findall(cell.text))
        for cell in _source_cells(course, name, "", "")
        if cell.nbgrader.get("solution")
    }


def cell_of(criterion: str) -> str:
    """Say what the grade cell of a criterion is called."""
    return _NO_ID.sub("-", criterion)


def _source_cells(course: Course, name: str, handout: str, written: str) -> Iterator[Cell]:
    for cell in laid_out(name, handout, course.source(name)):
        yield _solution(cell) if cell.has_hole else cell
    words = "What the public checks say is below; grading asks more. Leave these cells as they are."
    yield Cell(text=f"## Graded cells\n\n{words}", id="graded")
    yield _test(
        CHECKS, 0, f"# Public checks, for `nbgrader validate`\n%run {HELPER} validate {name}"
    )
    for criterion, points in course.exercises[name].points.items():
        yield _test(cell_of(criterion), points, _asking(name, criterion, points))
    yield _test(DECIDED, 0, "# What was decided by hand about this exercise is counted here.")
    yield from written_cells(name, written, private=True)


def _asking(name: str, criterion: str, points: int) -> str:
    worth = "1 point" if points == 1 else f"{points} points"
    return (
        f"# {name}, {criterion}: {worth}\n"
        "### BEGIN HIDDEN TESTS\n"
        "from grader.in_kernel import earned\n"
        f'earned("{name}", "{criterion}", of={points})\n'
        "### END HIDDEN TESTS"
    )


def _solution(cell: Cell) -> Cell:
    return Cell(text=cell.text, code=True, id=cell.id, nbgrader=_metadata(cell.id, solution=True))


def _test(grade_id: str, points: int, text: str) -> Cell:
    metadata = _metadata(grade_id, grade=True, locked=True) | {"points": points}
    return Cell(text=text, code=True, id=grade_id, nbgrader=metadata)


def _metadata(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False
) -> dict[str, object]:
    return {
        "schema_version": 3, "grade": grade, "solution": solution, "locked": locked,
        "task": False, "grade_id": grade_id,
    }  # fmt: skip


def _written(course: Course) -> dict[str, str]:
    """Read what is asked in words, of exercises and of notebooks of their own."""
    found: dict[str, str] = {}
    for path in sorted((course.root / "solutions" / "written").glob("*.md")):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: cannot be read: {error}"
            raise AuthoringError(message) from error
        questions_of(text, str(path))
        found[path.stem] = text
    return found
