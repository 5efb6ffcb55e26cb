"""The roster: who is in the class, and whose submission is whose.

A CSV with a heading: id, name, email, section, team, extension_hours,
excused, or what Canvas, Moodle and Gradescope call them. Only the id has to be
there; other columns are left alone.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from grader.intake import Found
from grader.tables import Row, read_table

__all__ = [
    "Expected",
    "HandedIn",
    "Matched",
    "Student",
    "expected",
    "match",
    "plain_id",
    "read_roster",
]

#: What a column may be called, the best first: our own names, then those of
#: exports of Canvas (gradebook, groups), Moodle (worksheet, participants) and
#: Gradescope. What Moodle calls groups are sections: a wrong team would share marks.
HEADINGS: Mapping[str, Sequence[str]] = {
    "id": ("id", "identifier", "canvas_user_id", "sid", "student_id", "id_number", "username"),
    "name": ("name", "student", "full_name", "student_name"),
    "first": ("first_name", "firstname"),
    "last": ("last_name", "lastname", "surname"),
    "email": ("email", "email_address", "sis_login_id", "login_id"),
    "section": ("section", "sections", "section_name", "group", "groups"),
    "team": ("team", "group_name"),
    "extension_hours": ("extension_hours",),
    "excused": ("excused",),
}
#: Lines of a Canvas gradebook that are no student.
_NOBODY = frozenset({"points possible", "student, test", "test student"})
_PARTICIPANT = re.compile(r"[^\W\d]{1,20}(?:/[^\W\d]{1,9})?[ \N{NO-BREAK SPACE}](\d{1,18})")
_YES = frozenset({"1", "yes", "y", "true", "x"})
_NO = frozenset({"", "0", "no", "n", "false"})
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """One row of the roster."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    team: str = ""
    extension_hours: float = 0.0
    excused: bool = False


class HandedIn(Protocol):
    """What is known of a submission before it is read."""

    @property
    def id(self) -> str:
        """The platform's id, or the name of a folder."""

    @property
    def name(self) -> str:
        """The student, as the platform spells it."""

    @property
    def email(self) -> str:
        """The student's address, if the platform tells."""

    @property
    def also(self) -> Sequence[str]:
        """The ids of those who share it."""


_One = TypeVar("_One", Student, HandedIn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Submissions beside the roster.

    known: submission id -> the student who handed it in.
    marks: student id -> the submission that marks this student: the own one,
        else that of the team.
    unknown: ids of submissions of nobody on the roster.
    missing: students whom no submission marks, excused ones too.
    """

    known: Mapping[str, Student]
    marks: Mapping[str, str]
    unknown: tuple[str, ...]
    missing: tuple[Student, ...]


def read_roster(path: Path) -> tuple[Student, ...]:
    """Read a roster, in its own order.

    Raises:
        UsageError: it cannot be read; lists every problem with its line.
    """
    students: dict[str, Student] = {}

    def take(rows: Sequence[Row], problems: list[str]) -> None:
        lines: dict[str, int] = {}
        for row in rows:
            student = _student(row, problems)
            if student is None:
                continue
            if student.id in lines:
                twice = f"id {student.id} is also that of line {lines[student.id]}"
                problems.append(f"{row.line}: {twice}; keep one of them")
            elif student.id:
                lines[student.id] = row.line
                students[student.id] = student

    read_table(path, "roster", HEADINGS, take)
    return tuple(students.values())


def _student(row: Row, problems: list[str]) -> Student | None:
    """Read one student; None for a line that platforms put among them."""
    of = row.cells
    name = of.get("name") or " ".join(filter(None, (of.get("first"), of.get("last"))))
    if name.casefold() in _NOBODY:
        return None
    id_ = plain_id(of.get("id", ""))
    if not id_:
        problems.append(f"{row.line}: no id")

    def read(name: str, parse: Callable[[str], float | None], wanted: str) -> float:
        value = parse(of.get(name, ""))
        if value is None:
            problems.append(f"{row.line}: {name} is {of[name]!r}; write {wanted}")
        return value or 0.0

    hours = read("extension_hours", _hours, "a number of hours, such as 24")
    excused = read("excused", _flag, "yes or no")
    return Student(
        id=id_, name=name, email=of.get("email", ""),
        section=of.get("section", ""), team=of.get("team", ""),
        extension_hours=hours, excused=bool(excused),
    )  # fmt: skip


def plain_id(text: str) -> str:
    """Take the number of Moodle's “Participant 123”, in whatever language."""
    numbered = _PARTICIPANT.fullmatch(text)
    return numbered[1] if numbered else text


def _hours(text: str) -> float | None:
    try:
        hours = float(text.replace(",", ".") or 0)
    except ValueError:
        return None
    return hours if 0 <= hours < float("inf") else None


def _flag(text: str) -> float | None:
    word = text.casefold()
    return 1.0 if word in _YES else 0.0 if word in _NO else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Everything there is to grade when there is a roster.

    submissions: what was handed in, under the names of the roster, and an empty
        one for every student whom none of it marks.
    unknown: ids of submissions of nobody on the roster.
    otherwise: ids of students who are marked by a submission of another id.
    """

    submissions: tuple[Found, ...]
    unknown: tuple[str, ...]
    otherwise: tuple[str, ...]


def expected(roster: Path, found: Sequence[Found]) -> Expected:
    """Complete a class by those who have handed in nothing.

    Raises:
        UsageError: the roster cannot be read.
    """
    matched = match(read_roster(roster), found)
    names = {one: student.name for one, student in matched.known.items()}
    there = [replace(one, name=one.name or names.get(one.id, "")) for one in found]
    missing = [
        Found(id=student.id, path=roster, pieces=(), name=student.name)
        for student in matched.missing
    ]
    return Expected(
        submissions=(*there, *missing),
        unknown=matched.unknown,
        otherwise=tuple(student for student, one in matched.marks.items() if one != student),
    )


# --- whose is whose -------------------------------------------------------------------


def match(students: Sequence[Student], submissions: Iterable[HandedIn]) -> Matched:
    """Find each submission's student: by id, else by email, else by name.

    A name or an address only counts if one student and one submission have it.
    """
    every = list(submissions)
    known: dict[str, Student] = {}
    for keys in _WAYS:
        taken = {row.id for row in known.values()}
        rows = _by_key((row for row in students if row.id not in taken), keys)
        ones = _by_key((one for one in every if one.id not in known), keys)
        for key in sorted(rows.keys() & ones.keys()):
            row, one = rows[key][0], ones[key][0]
            alone = len(rows[key]) == len(ones[key]) == 1
            if alone and row.id not in taken and one.id not in known:
                known[one.id] = row
                taken.add(row.id)
    marks = _marks(students, every, known)
    return Matched(
        known=known,
        marks=marks,
        unknown=tuple(one.id for one in every if one.id not in {*known, *marks.values()}),
        missing=tuple(row for row in students if row.id not in marks),
    )


def _marks(
    students: Sequence[Student], submissions: Sequence[HandedIn], known: Mapping[str, Student]
) -> dict[str, str]:
    """Tell which submission marks whom: the own one, a shared one, that of the team."""
    own = {row.id: one for one, row in known.items()}
    shared = {key: one.id for one in submissions for key in one.also}
    teams = {row.team: one for one, row in reversed(list(known.items())) if row.team}
    marks = {}
    for row in students:
        one = own.get(row.id) or shared.get(row.id) or teams.get(row.team)
        if one is not None:
            marks[row.id] = one
    return marks


def _id(one: Student | HandedIn) -> set[str]:
    return {one.id}


def _address(one: Student | HandedIn) -> set[str]:
    """Give the address, which may be what a folder is called."""
    return {text.casefold() for text in (one.email, one.id) if "@" in text}


def _spelling(one: Student | HandedIn) -> set[str]:
    """Give a name without blanks, commas and accents, whichever part goes first."""
    plain = unicodedata.normalize("NFKD", (one.name or one.id).casefold())
    spaced = "".join(
        char if char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    parts = spaced.split()[:_MOST_NAMES]
    return {"".join(parts[k:] + parts[:k]) for k in range(len(parts))}


_WAYS: tuple[Callable[[Student | HandedIn], set[str]], ...] = (_id, _address, _spelling)


def _by_key(
    ones: Iterable[_One], keys: Callable[[Student | HandedIn], set[str]]
) -> dict[str, list[_One]]:
    index: dict[str, list[_One]] = {}
    for one in ones:
        for key in keys(one):
            index.setdefault(key, []).append(one)
    return index
