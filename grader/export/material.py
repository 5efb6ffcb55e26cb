"""What exporters are given, and what they give back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError
from grader.mark import ExerciseMark, LineMark, Mark
from grader.model import CriterionResult, ExerciseResult
from grader.policy import Rules
from grader.report.names import page_name

__all__ = ["Exported", "Exporter", "Line", "Material", "Order", "Told", "named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a rubric: what it counts, and what was seen."""

    mark: LineMark
    seen: CriterionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One student's mark for one assignment, beside what was seen.

    exercises: those of the mark, in its order, as the attempt that counts was
        judged; nothing in them is kept from the student.
    """

    mark: Mark
    exercises: tuple[ExerciseResult, ...]

    @property
    def pairs(self) -> tuple[tuple[ExerciseMark, ExerciseResult], ...]:
        """Each exercise of the mark with what was seen of it."""
        return tuple(zip(self.mark.exercises, self.exercises, strict=True))

    @staticmethod
    def lines(mark: ExerciseMark, seen: ExerciseResult) -> tuple[Line, ...]:
        """Put the lines of an exercise together, as far as they may be told."""
        counts = {line.id: line for line in mark.lines}
        return tuple(
            Line(mark=counts[one.id], seen=one) for one in seen.criteria if one.id in counts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything an exporter is given.

    told: a row per student and assignment, as `marks` orders them.
    rules: what course.toml says about marks; their points are of all exercises.
    page: renders the feedback page of a mark, a whole HTML file; what was judged.
    mark_page: renders the mark itself, with everything that led to it.
    holes: names what is to be written in an exercise, function by function.
    unknown: submissions of nobody on the roster, of which there is no row.
    """

    told: tuple[Told, ...]
    rules: Rules = field(default_factory=lambda: Rules(points={}))
    page: Callable[[Mark], bytes] = lambda _: b""
    mark_page: Callable[[Mark], bytes] = lambda _: b""
    holes: Callable[[str], tuple[str, ...]] = lambda _: ()
    unknown: tuple[str, ...] = ()

    def alone(self) -> tuple[Told, ...]:
        """Take all rows, which have to be of one assignment.

        Raises:
            UsageError: they are of several; says how to choose.
        """
        names = list(dict.fromkeys(one.mark.assignment for one in self.told))
        if len(names) > 1:
            message = (
                f"this file is about one assignment; choose with --assignment: {', '.join(names)}"
            )
            raise UsageError(message)
        return self.told

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks alone."""
        return tuple(one.mark for one in self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for.

    to: the file or folder of --to. sheet: the platform's own file, and its
    bytes. folder: --to is one. db: of a gradebook. column: the one of a sheet that is filled.
    visibility: from when on a platform shows it, in the platform's word.
    environment: of the process, where a platform says who, what and when.
    sources: by exercise, where its file is in the student's repository, and its text.
    """

    to: Path
    sheet: Path | None = None
    data: bytes = b""
    folder: bool = False
    db: str = ""
    column: str = ""
    visibility: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What is to be written.

    files: by path below --to; the path "" is --to itself. append: to what is
    there. notes: for the person at the terminal. said: printed as it is.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    append: bool = False
    notes: tuple[str, ...] = ()
    said: str = ""


def named(order: Order, told: Told, ending: str, *, alone: bool) -> str:
    """Choose the path of a student's own file: --to itself if it is the only one.

    Raises:
        UsageError: --to is a file, but there are several students.
    """
    if alone and order.to.suffix == ending:
        return ""
    if order.to.suffix == ending:
        message = f"{order.to}: there are several students, so give a folder with --to"
        raise UsageError(message)
    mark = told.mark
    folder = f"{page_name(mark.assignment)}/" if mark.assignment else ""
    return f"{folder}{page_name(mark.student)}{ending}"


Exporter = Callable[[Material, Order], Exported]
