"""What everything of a course is called in nbgrader, for whoever writes there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.errors import AuthoringError
from grader.policy import Assignment

__all__ = ["CHECKS", "COURSE_ID", "DECIDED", "Placed", "grade_cell", "placed", "solution_cell"]

COURSE_ID = "carousel"
#: The cells that every exercise has beside its criteria; worth nothing themselves.
CHECKS, DECIDED = "public-checks", "decided"
_NO_NAME = re.compile(r"[^\w .-]+")
_NO_ID = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One of nbgrader's assignments. assignment: its name in course.toml, "" if it has none."""

    name: str
    assignment: str
    exercises: tuple[str, ...]
    due: datetime | None = None


def placed(assignments: Sequence[Assignment]) -> tuple[Placed, ...]:
    """List nbgrader's assignments.

    assignments: those of the course; the nameless one, of a course without any,
        is taken apart: every exercise is an assignment of its name.

    Raises:
        AuthoringError: two of them would have the same name there.
    """
    found: list[Placed] = []
    for one in assignments:
        if one.name:
            name = _NO_NAME.sub("-", one.name).strip(" -.")
            found.append(
                Placed(name=name, assignment=one.name, exercises=one.exercises, due=one.due)
            )
        else:
            found += [Placed(name=n, assignment="", exercises=(n,)) for n in one.exercises]
    names = [one.name for one in found]
    if wrong := [name for name in names if names.count(name) > 1 or not name]:
        message = f"course.toml: nbgrader would call two assignments {wrong[0]!r}; rename one"
        raise AuthoringError(message)
    return tuple(found)


def grade_cell(criterion: str) -> str:
    """Say what the grade cell of a criterion is called."""
    return _NO_ID.sub("-", criterion)


def solution_cell(function: str) -> str:
    """Say what the cell is called that a function is written in."""
    return f"code-{function}"
