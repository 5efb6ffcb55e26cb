"""nbgrader's gradebook: assignments, cells, students, scores, comments; and feedback in its tree.

The one exporter that writes somewhere itself, since a database is no file. It
opens one gradebook, is its only writer from our side, and says the same however
often it is run: what people wrote there by hand stays.
"""

import os
import re
import shutil
import sysconfig
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.export.material import Exported, Material, Order, Told
from grader.files import writing_alone
from grader.mark import ExerciseMark, Mark
from grader.model import CriterionResult, ExerciseResult, Status
from grader.nbgrader_names import CHECKS, COURSE_ID, DECIDED, Placed, grade_cell, placed
from grader.nbgrader_names import solution_cell as code_cell

__all__ = ["nbgrader"]

#: An id that names one folder, wherever that is.
_FOLDER = re.compile(r"(?!\.{1,2}$)[^/\\\0]+")
#: By these `nbgrader release_feedback` finds out whose feedback it is.
_FOLLOWING = ("timestamp.txt", "submission_secret.txt")
_WORD = re.compile(r"\w+")


def nbgrader(material: Material, order: Order) -> Exported:
    """Write marks into a gradebook, and return the feedback for the tree beside it.

    order.to: the folder of nbgrader's course. order.db: a URL; without one, what
        nbgrader_config.py says, else SQLite in that folder.

    Raises:
        UsageError: nbgrader is not here, or the gradebook cannot be written.
    """
    files: dict[str, bytes] = {}
    notes: list[str] = []
    with writing_alone(order.to, make=True), _opened(order) as gradebook:
        for one in placed(material.rules.marked):
            rows = [each for each in material.told if each.mark.assignment == one.assignment]
            if rows:
                writer = _Writer(gradebook, one, material, order.to)
                notes += writer.prepare()
                for row in rows:
                    files |= writer.write(row)
                notes += writer.notes
    return Exported(files=files, notes=tuple(dict.fromkeys(notes)))


# --- the gradebook ---------------------------------------------------------------------


@contextmanager
def _opened(order: Order) -> Iterator[Any]:
    """Open the gradebook; make it, if there is none."""
    try:
        from nbgrader.api import Gradebook  # noqa: PLC0415  an extra, and slow to load
        from sqlalchemy.exc import SAWarning, SQLAlchemyError  # noqa: PLC0415
    except ImportError as error:
        message = "nbgrader is not installed here; run `pip install 'carousel-grader[nbgrader]'`"
        raise UsageError(message) from error
    says = _config(order.to)
    url = order.db or says.get("db_url") or f"sqlite:///{order.to.resolve() / 'gradebook.db'}"
    course = str(says.get("course_id") or COURSE_ID)
    try:
        with _alembic(), warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own way to add rows
            with Gradebook(url, course_id=course) as gradebook:
                yield gradebook
    except (SQLAlchemyError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        message = f"{_shown(url)}: the gradebook cannot be written: {reason}; mend it, and export "
        message += "again: the same command goes on"
        raise UsageError(message) from error


def _config(folder: Path) -> Mapping[str, Any]:
    """Read what the nbgrader_config.py of a course says about its gradebook."""
    from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415  comes with nbgrader

    if not (folder / "nbgrader_config.py").is_file():
        return {}
    found = PyFileConfigLoader("nbgrader_config.py", path=str(folder.resolve())).load_config()
    return dict(found.get("CourseDirectory", {}))


@contextmanager
def _alembic() -> Iterator[None]:
    """Let nbgrader find `alembic`: it runs it by name to make a gradebook.

    Where it is not found, tables without a version are left behind.

    Raises:
        UsageError: there is none, neither beside this Python nor on the path.
    """
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), before))
    try:
        if shutil.which("alembic") is None:
            message = "no `alembic` beside this Python, which nbgrader needs; install nbgrader anew"
            raise UsageError(message)
        yield
    finally:
        os.environ["PATH"] = before


def _shown(url: str) -> str:
    """Show a URL without its password."""
    return re.sub(r"//([^:/@]*):[^@]*@", r"//\1:…@", url)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notebook:
    """One exercise in the gradebook: its grade cells and solution cells, by name."""

    grades: Mapping[str, Any]
    solutions: Mapping[str, Any]


class _Writer:
    """Writes one assignment."""

    def __init__(
        self,
        gradebook: Any,  # noqa: ANN401
        one: Placed,
        material: Material,
        to: Path,
    ) -> None:
        self._gradebook, self._one, self._material, self._to = gradebook, one, material, to
        self._notebooks: dict[str, _Notebook] = {}
        self.notes: list[str] = []

    def prepare(self) -> Iterator[str]:
        """Make the assignment and its cells, where they are not there; note what is new."""
        due = {"duedate": _utc(self._one.due)} if self._one.due else {}
        self._gradebook.update_or_create_assignment(self._one.name, **due)
        for exercise in self._one.exercises:
            where = (exercise, self._one.name)
            notebook = self._gradebook.update_or_create_notebook(*where)
            if not notebook.source_cells:
                yield (
                    f"{self._one.name}: not made by `nbgrader generate_assignment`; scores and "
                    "feedback are there, but no pages of formgrader's that show notebooks"
                )
            there = {cell.name for cell in notebook.grade_cells}
            worth = {grade_cell(c): n for c, n in self._material.rules.points[exercise].items()}
            for name, points in {CHECKS: 0, **worth, DECIDED: 0}.items():
                if name not in there or name in worth:
                    self._gradebook.update_or_create_grade_cell(
                        name, *where, max_score=points, cell_type="code"
                    )
            if not notebook.solution_cells:
                for function in self._material.holes(exercise):
                    self._gradebook.update_or_create_solution_cell(code_cell(function), *where)
            notebook = self._gradebook.find_notebook(*where)
            self._notebooks[exercise] = _Notebook(
                grades={cell.name: cell for cell in notebook.grade_cells},
                solutions={cell.name: cell for cell in notebook.solution_cells},
            )

    def write(self, row: Told) -> dict[str, bytes]:
        """Write one student's mark; return the feedback, by path."""
        mark = row.mark
        exercises = [(one, seen) for one, seen in row.pairs if one.name in self._one.exercises]
        self._student(mark)
        if any(one.excused for one, _ in exercises):
            self.notes.append(
                f"{mark.student}: excused; nbgrader has no such thing, so what is there of "
                f"{self._one.name} is left as it is"
            )
        exercises = [(one, seen) for one, seen in exercises if not one.excused]
        if not any(one.attempt or one.earned for one, _ in exercises):
            return {}
        submission = self._submission(mark, [one for one, _ in exercises])
        files: dict[str, bytes] = {}
        for one, seen in exercises:
            notebook = next(each for each in submission.notebooks if each.name == one.name)
            self._scores(notebook, one)
            self._comments(notebook, one, seen)
            late = one.earned - one.points
            notebook.late_submission_penalty = float(late) if late else None
            files |= self._feedback(mark, one)
        self._gradebook.db.commit()
        return files

    def _student(self, mark: Mark) -> None:
        """Make the student known; what we do not know of is left as it is."""
        first, _, last = mark.name.strip().rpartition(" ")
        known = {"first_name": first, "last_name": last, "email": mark.email}
        known = {key: value for key, value in known.items() if value}
        self._gradebook.update_or_create_student(mark.student, **known)

    def _submission(self, mark: Mark, exercises: Sequence[ExerciseMark]) -> Any:  # noqa: ANN401
        zone = self._material.rules.zone
        times = [time for one in exercises if (time := _time(one.submitted, zone))]
        when = {"timestamp": _utc(max(times))} if times else {}
        return self._gradebook.update_or_create_submission(self._one.name, mark.student, **when)

    def _scores(self, notebook: Any, one: ExerciseMark) -> None:  # noqa: ANN401
        """Write what each line earned; what a person gave, or has to give, stays."""
        from nbgrader.api import Grade  # noqa: PLC0415

        earned = {grade_cell(line.id): line.points for line in one.lines}
        earned[DECIDED] = one.earned - sum(earned.values())
        ours = {grade_cell(c) for c in self._material.rules.points[one.name]} | {CHECKS, DECIDED}
        there = {grade.name: grade for grade in notebook.grades}
        for name, cell in self._notebooks[one.name].grades.items():
            # a cell that is younger than the submission has no grade yet
            grade = there.get(name) or Grade(cell_id=cell.id, notebook=notebook)
            self._gradebook.db.add(grade)
            if name in ours:
                grade.auto_score = float(earned.get(name, 0))
                unsure = one.status is Status.NEEDS_ATTENTION and name not in {CHECKS, DECIDED}
            else:
                unsure = grade.auto_score is None
            if grade.manual_score is None:
                grade.needs_manual_grade = unsure

    def _comments(self, notebook: Any, one: ExerciseMark, seen: ExerciseResult) -> None:  # noqa: ANN401
        from nbgrader.api import Comment  # noqa: PLC0415

        cells = self._notebooks[one.name].solutions
        ours = [code_cell(function) for function in self._material.holes(one.name)]
        says = _comments(one, seen, [name for name in ours if name in cells])
        there = {comment.name: comment for comment in notebook.comments}
        for name, cell in cells.items():
            comment = there.get(name) or Comment(cell_id=cell.id, notebook=notebook)
            self._gradebook.db.add(comment)
            if name in ours:
                comment.auto_comment = says.get(name)

    def _feedback(self, mark: Mark, one: ExerciseMark) -> dict[str, bytes]:
        if not _FOLDER.fullmatch(mark.student):
            self.notes.append(f"{mark.student!r}: no name for a folder, so no feedback is written")
            return {}
        page = self._material.page(replace(mark, exercises=(one,)))
        folder = f"{mark.student}/{self._one.name}"
        submitted = self._to / "submitted" / folder
        files = {
            f"feedback/{folder}/{name}": (submitted / name).read_bytes()
            for name in _FOLLOWING
            if (submitted / name).is_file()
        }
        return {**files, f"feedback/{folder}/{one.name}.html": page} if page else {}


def _time(text: str, zone: tzinfo) -> datetime | None:
    """Read a time of a mark, in this zone if it names none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _utc(time: datetime) -> datetime:
    """Say a time as nbgrader keeps it: of UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


# --- comments --------------------------------------------------------------------------


def _comments(one: ExerciseMark, seen: ExerciseResult, cells: Sequence[str]) -> dict[str, str]:
    """Say what was lost and why, cell by cell: under the function it is about.

    cells: in the order of the file; what is about no function is said under the first.
    """
    if not cells:
        return {}
    said: dict[str, list[str]] = {}
    general = [*([seen.message] if seen.message else ()), *one.why]
    if general:
        said[cells[0]] = list(dict.fromkeys(general))
    points = {line.id: line.points for line in one.lines}
    for line in seen.criteria:
        if line.points < line.max_points:
            words = _line(line, points.get(line.id, line.points))
            said.setdefault(_cell(line, cells), []).append(words)
    return {cell: "\n\n".join(lines) for cell, lines in said.items()}


def _line(line: CriterionResult, points: Decimal | int) -> str:
    parts = [f"{line.title} ({points} of {line.max_points})", line.message]
    if line.diagnosis:
        parts.append(line.diagnosis.says)
    return "\n".join(part for part in parts if part)


def _cell(line: CriterionResult, cells: Sequence[str]) -> str:
    """Find the cell a line is about: the first function that its words name."""
    code = line.example.code if line.example else ()
    for text in (line.message, line.title, line.id, *reversed(code)):
        for word in _WORD.findall(text):
            if code_cell(word) in cells:
                return code_cell(word)
    return cells[0]
