"""Marks: one pure function of the attempts, what course.toml says, and the roster.

Results are never changed. Arithmetic is exact; the one rounding there is, half
up to hundredths of a point, is that of an exercise after what being late costs,
so that a mark is the sum of the exercises it shows. A criterion dropped for
everyone is given to everyone whose exercise was judged: nobody can lose by it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial

from grader.mark import Attempt, ExerciseMark, LineMark, Mark
from grader.model import ExerciseResult, Status
from grader.policy import Assignment, Do, Override, Rules, Take
from grader.rescore import rescored
from grader.roster import Student, match

__all__ = ["Unplaced", "marks", "unplaced"]

HUNDREDTH = Decimal("0.01")
WHOLE = 100
DAY = timedelta(days=1)
EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
#: Whose points mean something: the criteria were tried.
JUDGED = frozenset({Status.GRADED, Status.NEEDS_ATTENTION})


def marks(
    attempts: Iterable[Attempt], rules: Rules, roster: Sequence[Student] = ()
) -> tuple[Mark, ...]:
    """Work out every student's mark for every assignment.

    attempts: in any order. roster: without one, every submission is a student.
    """
    every = sorted(attempts, key=partial(_order, rules.zone))
    students = roster or _alone(every)
    whose = {one.name: _whose(every, one, students) for one in rules.marked}
    # free days are spent in the order assignments are due
    in_time = sorted(rules.marked, key=lambda one: one.due or NEVER)
    found = {}
    for student in students:
        left = rules.late_days
        for assignment in in_time:
            theirs = whose[assignment.name].get(student.id, ())
            mark = _Marking(student, assignment, rules, theirs, left).mark()
            left -= mark.late_days
            found[student.id, assignment.name] = mark
    return tuple(found[row.id, one.name] for one in rules.marked for row in students)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """Submissions of nobody on the roster, and students who have none."""

    unknown: tuple[str, ...]
    missing: tuple[Student, ...]


def unplaced(
    attempts: Iterable[Attempt], assignment: Assignment, roster: Sequence[Student]
) -> Unplaced:
    """Find out who is not in a class, and who handed in nothing for an assignment."""
    every = list(attempts)
    whose = _whose(every, assignment, roster)
    placed = {one.submission for theirs in whose.values() for one in theirs}
    here = {one.submission for one in _for(every, assignment)}
    return Unplaced(
        unknown=tuple(sorted(here - placed)),
        missing=tuple(row for row in roster if not whose.get(row.id) and not row.excused),
    )


# --- whose is whose -------------------------------------------------------------------


def _order(zone: tzinfo, one: Attempt) -> tuple[datetime, int, str, str]:
    """Order attempts as they were handed in; one without a time was before all others."""
    when = _time(one.submitted, zone)
    return (when or EVER, one.number, one.submission, one.content)


def _time(text: str, zone: tzinfo) -> datetime | None:
    """Read an ISO time, in this zone if it names none; in UTC, where every day is as long."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _alone(attempts: Sequence[Attempt]) -> tuple[Student, ...]:
    """Take every submission for a student."""
    names = {one.submission: one.name for one in attempts}
    return tuple(Student(id=one, name=names[one]) for one in sorted(names))


def _for(attempts: Iterable[Attempt], assignment: Assignment) -> list[Attempt]:
    """Take what was graded for an assignment, or for none in particular."""
    names = {"", assignment.name} if assignment.name else None
    wanted = set(assignment.exercises)
    return [
        one
        for one in attempts
        if (names is None or one.assignment in names)
        and any(r.name in wanted and r.status is not Status.MISSING for r in one.exercises)
    ]


def _whose(
    attempts: Sequence[Attempt], assignment: Assignment, students: Sequence[Student]
) -> dict[str, tuple[Attempt, ...]]:
    """Tell which attempts are whose: the own ones, shared ones, those of the team."""
    ours = _for(attempts, assignment)
    one_each = {one.submission: one for one in ours}
    known = match(students, [one_each[key] for key in sorted(one_each)]).known
    by_owner: dict[str, set[int]] = {}
    for k, one in enumerate(ours):
        owner = known.get(one.submission)
        for person in {*one.also, *([owner.id] if owner else ())}:
            by_owner.setdefault(person, set()).add(k)
    teams: dict[str, list[str]] = {}
    for row in students:
        teams.setdefault(row.team, []).append(row.id)
    found: dict[str, tuple[Attempt, ...]] = {}
    for row in students:
        together = teams[row.team] if assignment.teams and row.team else [row.id]
        theirs = set().union(*(by_owner.get(person, ()) for person in together))
        found[row.id] = tuple(ours[k] for k in sorted(theirs))
    return found


# --- one mark -------------------------------------------------------------------------


class _Marking:
    """Works out one student's mark for one assignment."""

    def __init__(
        self,
        student: Student,
        assignment: Assignment,
        rules: Rules,
        attempts: Sequence[Attempt],
        left: int,
    ) -> None:
        self.student, self.assignment, self.rules = student, assignment, rules
        self.attempts = attempts
        theirs = (one for one in rules.overrides if self._concerns(one))
        self.overrides = tuple(sorted(theirs, key=_precision))
        self.why: list[str] = []
        self.due = self._due()
        self.open = [one for one in attempts if not self._closed(one)]
        # by times alone: a mark that changes spends no other days
        latest = max((self._days(one) for one in self.open), default=0)
        self.late_days = min(latest, assignment.late.late_days, left)
        if self.late_days:
            self.why.append(f"{_count(self.late_days, 'free late day')} spent")

    def _concerns(self, one: Override) -> bool:
        student = self.student
        whom = (one.student, one.team, one.section)
        theirs = any(
            name and name == own
            for name, own in zip(whom, (student.id, student.team, student.section), strict=True)
        )
        return one.assignment in {"", self.assignment.name} and (theirs or one.do is Do.DROP)

    def _due(self) -> datetime | None:
        """Find out when it is due for this student; extensions add up."""
        due = self.assignment.due
        if due is None:
            return None
        hours = Fraction(str(self.student.extension_hours))
        if hours:
            self.why.append(f"{_number(hours)} hours more, says the roster")
        for one in self.overrides:
            if one.do is Do.EXTEND:
                more = Fraction(str(one.hours))
                hours += more
                self.why.append(f"{_number(more)} hours more: {one.words}")
        try:
            # in UTC: two times of one zone are subtracted by the clock on the wall
            return due.astimezone(UTC) + timedelta(seconds=float(hours * 3600))
        except OverflowError:
            return NEVER

    def _days(self, one: Attempt) -> int:
        """Count the days begun since it was due."""
        when = _time(one.submitted, self.rules.zone)
        if when is None or self.due is None:
            return 0
        over = when - self.due
        grace = timedelta(minutes=self.assignment.late.grace_minutes)
        return -((self.due - when) // DAY) if over > grace else 0

    def _closed(self, one: Attempt) -> bool:
        closes = self.assignment.late.closes_after_days
        return closes is not None and self._days(one) > closes

    def mark(self) -> Mark:
        """Take the attempt that counts, exercise by exercise, and add up."""
        excused = self.student.excused or any(
            one.do is Do.EXCUSE and not one.exercise for one in self.overrides
        )
        if self.student.excused:
            self.why.append("excused, says the roster")
        taken = self._taken()
        exercises = tuple(
            self._excused(name) if excused or self._excuses(name) else self._exercise(name, taken)
            for name in self.assignment.exercises
        )
        self._explain(excused=excused)
        return Mark(
            student=self.student.id,
            name=self.student.name,
            email=self.student.email,
            section=self.student.section,
            team=self.student.team,
            assignment=self.assignment.name,
            title=self.assignment.title,
            exercises=exercises,
            attempts=len(self.attempts),
            late_days=self.late_days,
            excused=excused,
            final=all(one.status is not Status.NEEDS_ATTENTION for one in exercises),
            why=tuple(self.why),
        )

    def _explain(self, *, excused: bool) -> None:
        for one in self.overrides:
            if one.do is Do.EXCUSE and not one.exercise:
                self.why.append(f"excused: {one.words}")
        if excused:
            return
        closed = len(self.attempts) - len(self.open)
        if closed:
            self.why.append(f"{_count(closed, 'attempt')} came after it was closed: not counted")
        if self.due and any(one.late and not one.submitted for one in self.open):
            self.why.append("handed in late, says the platform, but not when: nothing is taken")

    def _excuses(self, name: str) -> tuple[Override, ...]:
        return tuple(one for one in self.overrides if one.do is Do.EXCUSE and one.exercise == name)

    def _excused(self, name: str) -> ExerciseMark:
        return ExerciseMark(
            name=name, judged=0, earned=0, points=Decimal(0), max_points=0,
            status=Status.MISSING, excused=True,
            why=tuple(f"excused: {one.words}" for one in self._excuses(name)),
        )  # fmt: skip

    def _taken(self) -> Mapping[str, Attempt]:
        """Choose the attempt that counts for each exercise."""
        return {
            Take.LATEST: self._latest,
            Take.BEST: self._best,
            Take.BEST_PER_EXERCISE: self._best_per_exercise,
        }[self.assignment.take]()

    def _latest(self) -> dict[str, Attempt]:
        """Take the last file of each exercise."""
        return {
            name: one
            for one in self.open
            for name in self.assignment.exercises
            if _holds(one, name)
        }

    def _best(self) -> dict[str, Attempt]:
        """Take the attempt that is worth most as a whole; of equal ones the first."""
        worth = [(self._worth(one), -k, one) for k, one in enumerate(self.open)]
        if not worth:
            return {}
        best = max(worth, key=lambda row: row[:2])[2]
        return {name: best for name in self.assignment.exercises if _holds(best, name)}

    def _best_per_exercise(self) -> dict[str, Attempt]:
        taken = {}
        for name in self.assignment.exercises:
            holding = [one for one in self.open if _holds(one, name)]
            if holding:
                # max takes the first of equal ones
                taken[name] = max(holding, key=lambda one: self._exercise(name, {name: one}).points)
        return taken

    def _worth(self, one: Attempt) -> Decimal:
        taken = {name: one for name in self.assignment.exercises if _holds(one, name)}
        every = (self._exercise(name, taken).points for name in self.assignment.exercises)
        return sum(every, Decimal(0))

    def _exercise(self, name: str, taken: Mapping[str, Attempt]) -> ExerciseMark:
        attempt = taken.get(name)
        worth = self.rules.points.get(name, {})
        found = _result(attempt, name) if attempt else None
        result = found or ExerciseResult(
            name=name, points=0, max_points=0, status=Status.MISSING,
            message="handed in nothing for it",
        )  # fmt: skip
        result = rescored(result, worth, self.rules.conventions.get(name, ()))
        lines = tuple(self._lines(result))
        earned, why = sum(line.points for line in lines), list[str]()
        for decided in self._points(name, ""):
            if decided.points is not None:
                why.append(f"{decided.points} points instead of {earned}: {decided.words}")
                earned = decided.points
        percent, late = self._penalty(attempt)
        counts = bool(self.assignment.name) or result.status is not Status.MISSING
        return ExerciseMark(
            name=name,
            judged=result.points,
            earned=earned,
            points=_rounded(earned * (WHOLE - percent) / WHOLE),
            max_points=result.max_points if counts or earned else 0,
            status=result.status,
            percent=_decimal(percent),
            attempt=attempt.number if attempt else 0,
            submission=attempt.submission if attempt else "",
            submitted=attempt.submitted if attempt else "",
            lines=lines,
            why=(
                *(line.why for line in lines if line.why),
                *why,
                *([late] if late else ()),
                *(
                    [result.message]
                    if result.message and result.status is not Status.GRADED
                    else ()
                ),
            ),
        )

    def _lines(self, result: ExerciseResult) -> Iterator[LineMark]:
        seen = {line.id for line in result.criteria}
        for line in result.criteria:
            one = LineMark(
                id=line.id, title=line.title, judged=line.points, points=line.points,
                max_points=line.max_points,
            )  # fmt: skip
            yield self._overridden(result, one)
        for decided in self._points(result.name, None):
            if decided.criterion not in seen:  # of a file that was never judged
                name = decided.criterion
                most = self.rules.points[result.name].get(name, 0)
                one = LineMark(id=name, title=name, judged=0, points=0, max_points=most)
                yield self._overridden(result, one)

    def _overridden(self, result: ExerciseResult, line: LineMark) -> LineMark:
        """Apply what was decided about one line: first for everyone, then for this student."""
        for one in self.overrides:
            drops = one.do is Do.DROP and (one.exercise, one.criterion) == (result.name, line.id)
            if drops and result.status in JUDGED and line.points < line.max_points:
                why = f"“{line.title}” does not count, everybody has its points: {one.words}"
                line = replace(line, points=line.max_points, why=why)
        for one in self._points(result.name, line.id):
            if one.points is not None:
                why = f"“{line.title}”: {one.points} points instead of {line.points}: {one.words}"
                line = replace(line, points=one.points, why=why)
        return line

    def _points(self, exercise: str, criterion: str | None) -> list[Override]:
        """Find what was decided for this student; None: about any line."""
        return [
            one
            for one in self.overrides
            if one.do is Do.POINTS
            and one.exercise == exercise
            and (one.criterion == criterion if criterion is not None else one.criterion)
        ]

    def _penalty(self, attempt: Attempt | None) -> tuple[Fraction, str]:
        """Work out what is taken for being late, in per cent, and say it."""
        days = self._days(attempt) if attempt else 0
        if not days or attempt is None:
            return Fraction(0), ""
        late = self.assignment.late
        charged = max(0, days - self.late_days)
        percent = min(
            Fraction(str(late.cap_percent)), charged * Fraction(str(late.percent_per_day))
        )
        free = f", {_count(min(days, self.late_days), 'free day')}" if self.late_days else ""
        words = f"{_count(days, 'day')} late{free}: −{_number(percent)} %"  # noqa: RUF001
        return percent, words


def _precision(one: Override) -> tuple[int, bool]:
    """Order overrides: what is said last holds, so the most precise comes last."""
    return (bool(one.team) + 2 * bool(one.student), bool(one.assignment))


def _holds(attempt: Attempt, name: str) -> bool:
    result = _result(attempt, name)
    return result is not None and result.status is not Status.MISSING


def _result(attempt: Attempt, name: str) -> ExerciseResult | None:
    return next((one for one in attempt.exercises if one.name == name), None)


def _rounded(value: Fraction) -> Decimal:
    """Round half up to hundredths."""
    hundredths = (value * WHOLE + Fraction(1, 2)).__floor__()
    return (Decimal(hundredths) / WHOLE).quantize(HUNDREDTH, ROUND_HALF_UP)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _number(value: Fraction) -> str:
    return f"{float(value):g}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
