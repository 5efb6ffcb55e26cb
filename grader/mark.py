"""The values marks are made from and made of: an attempt, a mark, and their JSON.

Like the model, these are frozen values that know of no file and no course; an
attempt is what is kept of one grading of one submission, a mark is what one
student gets for one assignment, with everything that led to it.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from grader.model import ExerciseResult, Status

__all__ = ["Attempt", "ExerciseMark", "LineMark", "Mark", "as_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one student handed in at one time, as it was judged.

    assignment: for which it was graded; "" for whatever it contains.
    number: the place among the attempts of this student, from 1, in the order
        they were first graded in.
    submitted: ISO time, if the platform tells. late: the platform says so.
    content: digest of the files. also: ids of others who share it.
    """

    submission: str
    assignment: str = ""
    number: int = 1
    name: str = ""
    email: str = ""
    also: tuple[str, ...] = ()
    submitted: str = ""
    late: bool = False
    content: str = ""
    exercises: tuple[ExerciseResult, ...] = ()

    @property
    def id(self) -> str:
        """The submission, as the roster looks for it."""
        return self.submission


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMark:
    """One line of the rubric. why: which override changed it, and its reason."""

    id: str
    title: str
    judged: int
    points: int
    max_points: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseMark:
    """One exercise of a mark.

    judged: what the graders gave. earned: with overrides. points: after what
    being late costs, rounded half up to hundredths; the only rounding there is.
    percent: what is taken. attempt: its number, 0 if there is none.
    why: in words, everything that made the one out of the other.
    """

    name: str
    judged: int
    earned: int
    points: Decimal
    max_points: int
    status: Status = Status.GRADED
    percent: Decimal = Decimal(0)
    attempt: int = 0
    submission: str = ""
    submitted: str = ""
    excused: bool = False
    lines: tuple[LineMark, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one student gets for one assignment: the sum of its exercises.

    attempts: how many there are. late_days: free days spent. why: what holds
    for all of it. final: False while a part of it needs attention.
    """

    student: str
    assignment: str
    exercises: tuple[ExerciseMark, ...]
    title: str = ""
    name: str = ""
    email: str = ""
    section: str = ""
    team: str = ""
    attempts: int = 0
    late_days: int = 0
    excused: bool = False
    final: bool = True
    why: tuple[str, ...] = ()
    points: Decimal = field(init=False)
    max_points: int = field(init=False)

    def __post_init__(self) -> None:
        """Add up the exercises."""
        total = sum((one.points for one in self.exercises), Decimal(0))
        object.__setattr__(self, "points", total)
        object.__setattr__(self, "max_points", sum(one.max_points for one in self.exercises))


def as_json(marks: tuple[Mark, ...]) -> Any:  # noqa: ANN401
    """Turn marks into what JSON has; hundredths stay exact in two decimals."""
    data = msgspec.json.Encoder(decimal_format="number").encode(marks)
    return msgspec.json.decode(data)
