"""What exporters are given, and what they give back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.mark import Mark
from grader.model import ExerciseResult
from grader.policy import Rules

__all__ = ["Exported", "Exporter", "Material", "Order", "Told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One student's mark for one assignment, beside what was seen.

    exercises: those of the mark, in its order, as the attempt that counts was
        judged; nothing in them is kept from the student.
    """

    mark: Mark
    exercises: tuple[ExerciseResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything an exporter is given.

    told: a row per student and assignment, as `marks` orders them.
    rules: what course.toml says about marks, assignments among it.
    page: renders the feedback page of a mark, a whole HTML file.
    holes: names what is to be written in an exercise, function by function.
    """

    told: tuple[Told, ...]
    rules: Rules = field(default_factory=lambda: Rules(points={}))
    page: Callable[[Mark], bytes] = lambda _: b""
    holes: Callable[[str], tuple[str, ...]] = lambda _: ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks alone."""
        return tuple(one.mark for one in self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for.

    to: the file or folder of --to. sheet: the platform's own file, and its
    bytes. db: of a gradebook. column: the one of a sheet that is filled.
    visibility: from when on a platform shows it, in the platform's word.
    """

    to: Path
    sheet: Path | None = None
    data: bytes = b""
    db: str = ""
    column: str = ""
    visibility: str = ""


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


Exporter = Callable[[Material, Order], Exported]
