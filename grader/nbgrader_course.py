"""The course as nbgrader has it: the instructor's tree `source/`, and the hand-out's notebooks.

Knows nbgrader's metadata, and needs none of nbgrader.
"""

from collections.abc import Iterator, Mapping, Sequence

from grader.course import Course
from grader.errors import AuthoringError
from grader.nbgrader_names import CHECKS, COURSE_ID, DECIDED, grade_cell, placed
from grader.notebooks import (
    HELPER,
    Cell,
    as_notebook,
    laid_out,
    questions_of,
    student_notebook,
    written_cells,
)
from grader.policy import Assignment

__all__ = ["holes", "source_tree", "student_notebooks"]

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


def source_tree(
    course: Course, assignments: Sequence[Assignment], texts: Mapping[str, str], helper: bytes
) -> dict[str, bytes]:
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
    for one in placed(assignments):
        files[f"source/{one.name}/{HELPER}"] = helper
        for name in one.exercises:
            cells = list(_source_cells(course, name, texts[name], written.get(name, "")))
            files[f"source/{one.name}/{name}.ipynb"] = as_notebook(cells)
    for name in written.keys() - set(course.names):
        cells = list(written_cells(name, written[name], private=True))
        files[f"source/{name}/{name}.ipynb"] = as_notebook(cells)
    return dict(sorted(files.items()))


def holes(course: Course, name: str) -> tuple[str, ...]:
    """Name what students write in an exercise, function by function."""
    cells = laid_out(name, "", course.source(name))
    return tuple(cell.id.removeprefix("code-") for cell in cells if cell.has_hole)


def _source_cells(course: Course, name: str, handout: str, written: str) -> Iterator[Cell]:
    for cell in laid_out(name, handout, course.source(name)):
        yield _solution(cell) if cell.has_hole else cell
    words = "What the public checks say is below; grading asks more. Leave these cells as they are."
    yield Cell(text=f"## Graded cells\n\n{words}", id="graded")
    yield _test(
        CHECKS, 0, f"# Public checks, for `nbgrader validate`\n%run {HELPER} validate {name}"
    )
    for criterion, points in course.exercises[name].points.items():
        yield _test(grade_cell(criterion), points, _asking(name, criterion, points))
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
    roots = dict.fromkeys((*map(course.home, course.names), course.root))
    for path in [one for root in roots for one in (root / "solutions" / "written").glob("*.md")]:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: cannot be read: {error}"
            raise AuthoringError(message) from error
        questions_of(text, str(path))
        found[path.stem] = text
    return dict(sorted(found.items()))
