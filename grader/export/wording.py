"""What several exporters say."""

from collections.abc import Sequence
from decimal import Decimal

from grader.export.material import Told
from grader.mark import ExerciseMark, Mark

__all__ = ["NOT_FINAL", "counts", "fraction", "leftover", "number", "unfilled"]

NOT_FINAL = "Not final: a part of it needs your instructor's attention."
_MANY = 12


def number(value: Decimal | int) -> str:
    """Write points without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fraction(points: Decimal | int, most: int) -> str:
    """Write points of points: "17.5 of 20"."""
    return f"{number(points)} of {most}"


def leftover(mark: ExerciseMark, told: Sequence[int]) -> Decimal:
    """Work out what the shown lines do not add up to: lateness, or what was set as a whole."""
    return mark.points - sum(told)


def unfilled(what: str, students: Sequence[str]) -> str:
    """Say whose cells were left as they are, and why."""
    names = ", ".join(students[:_MANY])
    more = f" and {len(students) - _MANY} more" if len(students) > _MANY else ""
    return f"{what}: {names}{more}"


def counts(told: Told) -> bool:
    """Tell whether there is anything to write down for a student."""
    mark: Mark = told.mark
    return bool(mark.attempts or mark.excused or mark.points)
