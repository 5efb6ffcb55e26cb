"""What course.toml says about marks: assignments, lateness, overrides.

Read from plain tables and checked as a whole, so that every problem is named
at once. Nothing in here decides how anything is graded.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

__all__ = [
    "Assignment",
    "Do",
    "Feedback",
    "Late",
    "Override",
    "Prerequisite",
    "Rules",
    "Take",
    "read_rules",
    "strangers",
    "table",
]

_One = TypeVar("_One")
Points = Mapping[str, Mapping[str, int]]


class Take(StrEnum):
    """Which of several attempts counts."""

    LATEST = "latest"
    BEST = "best"
    BEST_PER_EXERCISE = "best-per-exercise"


class Feedback(StrEnum):
    """How much a student is told; each level tells more than the one before."""

    POINTS = "points"
    TITLE = "title"
    CAUSE = "cause"
    DIAGNOSIS = "diagnosis"


class Prerequisite(StrEnum):
    """Whose file an exercise imports when it builds on an earlier one."""

    OWN = "own"
    GIVEN = "given"
    BEST = "best"


class Do(StrEnum):
    """What an override does."""

    DROP = "drop"
    POINTS = "points"
    EXTEND = "extend"
    EXCUSE = "excuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What being late costs.

    grace_minutes: not late yet. percent_per_day: of the points, per day begun.
    cap_percent: the most that is taken. late_days: how many of the student's
    free days may be spent here. closes_after_days: later ones do not count.
    """

    grace_minutes: int = 0
    percent_per_day: float = 0
    cap_percent: float = 100
    late_days: int = 0
    closes_after_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Some exercises, due together.

    name "" stands for a course without assignments: whatever was handed in.
    teams: what one member of a team hands in marks all of them.
    """

    name: str
    exercises: tuple[str, ...]
    title: str = ""
    due: datetime | None = None
    late: Late = field(default_factory=Late)
    take: Take = Take.LATEST
    feedback: Feedback = Feedback.DIAGNOSIS
    prerequisite: Prerequisite = Prerequisite.OWN
    teams: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A decision of a person that changes marks, and why.

    Whom it is about is named by student, team or section; a drop is about
    everyone. request: what asked for it, such as a number.
    """

    do: Do
    reason: str
    author: str
    date: date
    request: str = ""
    student: str = ""
    team: str = ""
    section: str = ""
    assignment: str = ""
    exercise: str = ""
    criterion: str = ""
    points: int | None = None
    hours: float | None = None

    @property
    def words(self) -> str:
        """Say why, who and when."""
        request = f", request {self.request}" if self.request else ""
        return f"{self.reason} ({self.author}, {self.date.isoformat()}{request})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything about a course that marks depend on.

    points: by exercise and criterion. conventions: by exercise, the known bugs
    that keep a share of the points. zone: of times that name none; that of the
    course, else of the first due time.
    late_days: free days of every student for the whole term.
    """

    points: Points
    assignments: tuple[Assignment, ...] = ()
    overrides: tuple[Override, ...] = ()
    conventions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    zone: tzinfo = UTC
    late_days: int = 0

    @property
    def marked(self) -> tuple[Assignment, ...]:
        """The assignments; in a course without, one that is whatever was handed in."""
        return self.assignments or (Assignment(name="", exercises=tuple(self.points)),)


# --- reading --------------------------------------------------------------------------


def read_rules(tables: Mapping[str, Any], points: Points, problems: list[str]) -> Rules:
    """Read what a course says about marks; add everything that is wrong to `problems`."""
    zone = _zone(tables.get("timezone", ""), problems)
    late_days = tables.get("late_days", 0)
    if not isinstance(late_days, int) or isinstance(late_days, bool) or late_days < 0:
        problems.append(f"late_days is {late_days!r}; write a whole number of days")
        late_days = 0
    assignments = list(_assignments(tables.get("assignments", []), points, zone, problems))
    spends = [one.name for one in assignments if one.late.late_days > 0]
    if spends and "late_days" not in tables:
        problems.append(
            f"{', '.join(spends)}: nobody has free days to spend; write late_days = 3 above the "
            "first table, or leave it out of late"
        )
    dues = (one.due.tzinfo for one in assignments if one.due)
    rules = Rules(
        points=points,
        assignments=tuple(assignments),
        zone=zone or next((one for one in dues if one), UTC),
        late_days=late_days,
    )
    overrides = list(_overrides(tables.get("overrides", []), rules, problems))
    return replace(rules, overrides=tuple(overrides))


def table(where: str, given: object, kind: type[_One], problems: list[str]) -> _One | None:
    """Turn a table into a value; a misspelt key is a problem, as is a wrong type."""
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    if isinstance(given, dict):
        strange = [key for key in given if key not in known]
        problems += [f"{where}: {_unknown(key, 'key', known)}" for key in strange]
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        problems.append(f"{where}: {error}")
        return None


def _unknown(name: str, what: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
    return f"no {what} {name}; {hint}"


def _zone(name: object, problems: list[str]) -> tzinfo | None:
    if name == "":
        return None
    try:
        return ZoneInfo(str(name))
    except (OSError, ValueError, KeyError):
        problems.append(f"timezone {name!r} is not known; write one such as Europe/Berlin")
        return UTC


def _listed(what: str, given: object, problems: list[str]) -> Iterator[tuple[int, object]]:
    if not isinstance(given, list):
        problems.append(f"{what}: write [[{what}]] above each")
        return
    yield from enumerate(given, 1)


def _named(given: object) -> str:
    name = given.get("name") if isinstance(given, dict) else None
    return f" ({name})" if isinstance(name, str) and name else ""


def _assignments(
    tables: object, points: Points, zone: tzinfo | None, problems: list[str]
) -> Iterator[Assignment]:
    seen: set[str] = set()
    for number, given in _listed("assignments", tables, problems):
        where = f"assignment {number}{_named(given)}"
        one = _assignment(where, given, problems)
        if one is None:
            continue
        say = partial(_say, problems, where)
        if one.name in seen:
            say("there is another one of this name")
        seen.add(one.name)
        _check_assignment(one, points, say)
        if one.due and one.due.tzinfo is None:
            if zone is None:
                say("its due time has no offset; write 2026-11-16T23:59:00+01:00, or set timezone")
            one = replace(one, due=one.due.replace(tzinfo=zone or UTC))
        yield one


def _assignment(where: str, given: object, problems: list[str]) -> Assignment | None:
    if not isinstance(given, dict) or "late" not in given:
        return table(where, given, Assignment, problems)
    late = table(f"{where}, late", given["late"], Late, problems)
    rest = {key: value for key, value in given.items() if key != "late"}
    one = table(where, rest, Assignment, problems)
    return replace(one, late=late or Late()) if one else None


def _check_assignment(one: Assignment, points: Points, say: Callable[[str], None]) -> None:
    if not one.name:
        say("give it a name")
    if not one.exercises:
        say("name its exercises")
    for name in one.exercises:
        if name not in points:
            say(_unknown(name, "exercise", points))
    if len(set(one.exercises)) < len(one.exercises):
        say("an exercise is listed twice")
    _check_late(one.late, say)
    if one.late != Late() and one.due is None:
        say("nothing is late without a due time; write due = 2026-11-16T23:59:00, or no late")


def _say(problems: list[str], where: str, what: str) -> None:
    problems.append(f"{where}: {what}")


def _check_late(late: Late, say: Callable[[str], None]) -> None:
    for name in ("percent_per_day", "cap_percent"):
        value = getattr(late, name)
        if not 0 <= value <= 100:  # noqa: PLR2004
            say(f"late: {name} is {value}; write a number from 0 to 100")
    for name in ("grace_minutes", "late_days", "closes_after_days"):
        if (getattr(late, name) or 0) < 0:
            say(f"late: {name} is {getattr(late, name)}; write a number from 0 up")


#: What an override has to say and may say, beside its reason, author, date and request.
_WHOM = frozenset({"student", "team", "section"})
_NEEDS: Mapping[Do, frozenset[str]] = {
    Do.DROP: frozenset({"exercise", "criterion"}),
    Do.POINTS: frozenset({"exercise", "points"}),
    Do.EXTEND: frozenset({"assignment", "hours"}),
    Do.EXCUSE: frozenset({"assignment"}),
}
_MAY: Mapping[Do, frozenset[str]] = {
    Do.DROP: frozenset({"assignment"}),
    Do.POINTS: _WHOM | {"assignment", "criterion"},
    Do.EXTEND: _WHOM,
    Do.EXCUSE: _WHOM | {"exercise"},
}
_ABOUT = _WHOM | {"assignment", "exercise", "criterion", "points", "hours"}


def _overrides(tables: object, rules: Rules, problems: list[str]) -> Iterator[Override]:
    seen: dict[tuple[str, ...], int] = {}
    for number, given in _listed("overrides", tables, problems):
        where = f"override {number}"
        one = table(where, given, Override, problems)
        if one is None:
            continue
        say = partial(_say, problems, where)
        for problem in (*_form(one), *_about(one, rules)):
            say(problem)
        if one.do is not Do.EXTEND:
            key = tuple(str(getattr(one, name)) for name in ("do", *sorted(_ABOUT - {"points"})))
            if key in seen:
                say(f"override {seen[key]} decides the same; keep one of them")
            seen.setdefault(key, number)
        yield one


def _form(one: Override) -> Iterator[str]:
    """Look whether an override says all it has to, and nothing else."""
    for name in ("reason", "author"):
        if not getattr(one, name).strip():
            yield f"its {name} is empty; whoever asks later has to find it here"
    said = {name for name in _ABOUT if getattr(one, name) not in {"", None}}
    for name in sorted(_NEEDS[one.do] - said):
        yield f"to {one.do.value}, say which {name}"
    for name in sorted(said - _NEEDS[one.do] - _MAY[one.do]):
        yield f"{name} has no meaning here; leave it out"
    if one.do is not Do.DROP and len(said & _WHOM) != 1:
        yield "say whom it is about: one of student, team, section"


def _about(one: Override, rules: Rules) -> Iterator[str]:
    """Look up what an override names."""
    names = {assignment.name for assignment in rules.assignments}
    if one.assignment and one.assignment not in names:
        yield _unknown(one.assignment, "assignment", names)
    yield from _without_effect(one, rules)
    worth = rules.points.get(one.exercise)
    if one.exercise and worth is None:
        yield _unknown(one.exercise, "exercise", rules.points)
    if worth is not None and one.criterion and one.criterion not in worth:
        yield _unknown(one.criterion, f"criterion of {one.exercise}", worth)
    elif worth is not None and one.points is not None:
        most = worth[one.criterion] if one.criterion else sum(worth.values())
        if not 0 <= one.points <= most:
            yield f"points is {one.points}; write a whole number from 0 to {most}"
    if one.hours is not None and not 0 < one.hours < float("inf"):
        yield f"hours is {one.hours}; write a number of hours above zero"


def _without_effect(one: Override, rules: Rules) -> Iterator[str]:
    """Look whether an override names an assignment in which it could change nothing."""
    for assignment in rules.assignments:
        if assignment.name != one.assignment:
            continue
        if one.exercise in rules.points and one.exercise not in assignment.exercises:
            what = f"exercise of assignment {assignment.name}:"
            yield _unknown(one.exercise, what, assignment.exercises)
        if one.do is Do.EXTEND and assignment.due is None:
            yield f"{assignment.name} has no due time; give it one, or leave this out"


def strangers(rules: Rules, students: Sequence[Any]) -> Iterator[str]:
    """Name whom overrides are about but who is not on the roster."""
    for number, one in enumerate(rules.overrides, 1):
        for what in ("student", "team", "section"):
            name = getattr(one, what)
            key = "id" if what == "student" else what
            if name and name not in {getattr(row, key) for row in students}:
                yield f"override {number}: no {what} {name} on the roster: {one.reason}"
