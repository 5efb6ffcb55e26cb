"""When submissions were handed in, from the platform's own export, where an archive has no times.

A CSV with an id (or a name or an address) and a time: `id,submitted`, the
grading worksheet of Moodle, or the grades of Gradescope.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.intake import Found
from grader.roster import HEADINGS, Student, match, plain_id
from grader.tables import Row, read_table

__all__ = ["Timed", "read_times", "with_times"]

_TIMES: Mapping[str, Sequence[str]] = {
    "submitted": (
        "submitted", "last_modified_(submission)", "submission_time", "submitted_at", "time",
    ),
    **{name: HEADINGS[name] for name in ("id", "name", "first", "last", "email")},
}  # fmt: skip
_NEVER = frozenset({"", "-"})
#: Monday, 16 November 2026, 11:58 PM; months by name, so that no order of numbers is guessed.
_MOODLE = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M")
_GRADESCOPE = "%Y-%m-%d %H:%M:%S %z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Whose time it is, and the ISO time; without an offset if the export has none."""

    student: Student
    submitted: str


def read_times(path: Path) -> tuple[Timed, ...]:
    """Read who handed in when.

    Raises:
        UsageError: it cannot be read; lists every problem with its line.
    """
    found: list[Timed] = []

    def take(rows: Sequence[Row], problems: list[str]) -> None:
        for row in rows:
            of = row.cells
            text = of.get("submitted", "")
            if text in _NEVER:
                continue
            when = _time(text)
            if when is None:
                problems.append(f"{row.line}: {text!r} is no time; write 2026-11-16T23:58:00+01:00")
                continue
            name = of.get("name") or " ".join(filter(None, (of.get("first"), of.get("last"))))
            id_ = plain_id(of.get("id", "")) or of.get("email", "") or name
            if not id_:
                problems.append(f"{row.line}: whose time is it? there is no id, name or email")
            student = Student(id=id_, name=name, email=of.get("email", ""))
            found.append(Timed(student=student, submitted=when.isoformat()))

    read_table(path, "times", _TIMES, take)
    return tuple(found)


def with_times(found: Sequence[Found], times: Sequence[Timed]) -> tuple[Found, ...]:
    """Put times on submissions that have none; what an archive says itself stands."""
    of = {one.student: one.submitted for one in times}
    known = match(tuple(of), found).known
    return tuple(
        replace(one, submitted=of[known[one.id]]) if not one.submitted and one.id in known else one
        for one in found
    )


def _time(text: str) -> datetime | None:
    text = re.sub(r"\s+", " ", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in (_GRADESCOPE, *_MOODLE):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the zone is that of the course
        except ValueError:
            continue
    return None
