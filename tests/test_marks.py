"""Marks: the rehearsed term, and what must hold whatever happens in one."""

import csv
import io
import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course
from grader.mark import Attempt, Mark
from grader.mark_changes import mark_changes
from grader.marks import marks, unplaced
from grader.model import Status
from grader.policy import Assignment, Do, Late, Override, Rules, Take
from grader.report.marks import marks_csv
from grader.roster import Student, read_roster
from tests.terms import LINES, TERM, handed_in, judged, rows

COURSE = Course.load(TERM)
ROSTER = read_roster(TERM / "roster.csv")
ATTEMPTS = handed_in()


def by_student(found: tuple[Mark, ...]) -> dict[tuple[str, str], Mark]:
    return {(one.student, one.assignment): one for one in found}


def test_the_rehearsed_term_gives_the_marks_worked_out_by_hand() -> None:
    """40 students, two assignments, and everything that happens in a term."""
    found = by_student(marks(ATTEMPTS, COURSE.rules, ROSTER))
    table = rows("marks_by_hand.csv")
    assert len(table) == 40
    for row in table:
        got = [found[row["id"], week].points for week in ("week1", "week2")]
        assert [*map(str, got), str(sum(got))] == [row["week1"], row["week2"], row["total"]], row
    assert {(one.assignment, one.max_points) for one in found.values()} == {
        ("week1", 11),
        ("week2", 30),
    }


def test_the_term_is_what_it_says() -> None:
    """The table is about the events it is meant to be about."""
    twice = {(a.submission, a.assignment) for a in ATTEMPTS}
    assert len(ATTEMPTS) - len(twice) == 9
    assert {row.section for row in ROSTER} == {"A", "B"}
    assert len({row.team for row in ROSTER} - {""}) == 5
    due = {"week1": "2026-11-10T00:14", "week2": "2026-11-16T23:59"}
    assert sum(a.submitted > due[a.assignment] for a in ATTEMPTS) == 6
    assert sum(one.request != "" for one in COURSE.rules.overrides) == 3
    longer = [row.id for row in ROSTER if row.extension_hours]
    longer += [one.student for one in COURSE.rules.overrides if one.do is Do.EXTEND]
    assert len(longer) == 2
    held: dict[str, set[str]] = {}
    for one in ATTEMPTS:
        there = {each.name for each in one.exercises if each.status is not Status.MISSING}
        held.setdefault(one.submission, set()).update(there)
    assert sum("fwd" in names and "gru" not in names for names in held.values()) == 10


def test_whoever_asks_why_is_told() -> None:
    """Every change of a mark names its reason, author, date and request."""
    found = by_student(marks(ATTEMPTS, COURSE.rules, ROSTER))
    fwd, gru = found["s28", "week2"].exercises
    assert fwd.judged == 10
    assert fwd.earned == 18
    assert any(
        "the other reading of the equation (Ruth, 2026-11-20, request 3)" in w for w in fwd.why
    )
    assert any("everybody has its points" in why for why in fwd.why)
    assert gru.why == ()
    late = found["s16", "week2"]
    assert late.why == ("24 hours more, says the roster", "1 free late day spent")
    assert late.exercises[0].why[-1] == "2 days late, 1 free day: −20 %"
    skipped = found["s31", "week2"].exercises[1]
    assert (skipped.status, skipped.why) == (Status.MISSING, ("handed in nothing for it",))


def test_who_is_unknown_and_who_is_missing() -> None:
    """A submission of nobody and a student without one are told, for each assignment."""
    stray = replace(ATTEMPTS[0], submission="nobody")
    found = unplaced([*ATTEMPTS, stray], COURSE.assignment("week1"), ROSTER)
    assert found.unknown == ("nobody",)
    assert [one.id for one in found.missing] == ["s40"]


# --- laws -------------------------------------------------------------------------------

PASSED = st.lists(st.sampled_from("abcdefg"), unique=True)
DAYS = [f"2026-11-{day:02}T12:00:00+00:00" for day in range(7, 22)]
WHO = [Student(id=name, team=team) for name, team in (("x", "t"), ("y", "t"), ("z", ""))]


@st.composite
def some_attempts(draw: Any) -> list[Attempt]:
    found = []
    for number in range(draw(st.integers(0, 7))):
        passed = draw(PASSED)
        names = draw(st.lists(st.sampled_from([*LINES]), min_size=1, unique=True))
        found.append(
            Attempt(
                submission=draw(st.sampled_from("xyzq")),
                assignment=draw(st.sampled_from(["", "one", "two"])),
                number=number + 1,
                submitted=draw(st.sampled_from(["", *DAYS])),
                content=str(number),
                exercises=tuple(judged(name, passed, LINES[name]) for name in sorted(names)),
            )
        )
    return found


def override(do: Do, **about: Any) -> Override:
    return Override(do=do, reason="r", author="a", date=date(2026, 11, 20), **about)


POINTS = {"rnn": {"a": 5, "b": 6}, "fwd": {"c": 5, "d": 5, "e": 10}, "gru": {"f": 8, "g": 3}}
OVERRIDES = [
    override(Do.POINTS, student="x", exercise="fwd", criterion="d", points=2),
    override(Do.POINTS, student="y", exercise="gru", points=7),
    override(Do.POINTS, team="t", exercise="rnn", criterion="b", points=0, assignment="one"),
    override(Do.EXTEND, student="z", assignment="one", hours=30.5),
    override(Do.EXTEND, team="t", assignment="two", hours=1),
    override(Do.EXCUSE, student="z", assignment="two", exercise="gru"),
]


@st.composite
def some_rules(draw: Any) -> Rules:
    def assignment(name: str, day: int) -> Assignment:
        return Assignment(
            name=name,
            exercises=tuple(draw(st.permutations([*LINES]))[: draw(st.integers(1, 3))]),
            due=datetime.fromisoformat(f"2026-11-{day}T18:00:00+01:00"),
            take=draw(st.sampled_from(Take)),
            teams=draw(st.booleans()),
            late=Late(
                grace_minutes=draw(st.sampled_from([0, 30])),
                percent_per_day=draw(st.sampled_from([0, 7.5, 33.3])),
                cap_percent=draw(st.sampled_from([50, 100])),
                late_days=draw(st.integers(0, 3)),
                closes_after_days=draw(st.sampled_from([None, 2, 6])),
            ),
        )

    return Rules(
        points=POINTS,
        assignments=(assignment("one", 10), assignment("two", 14)),
        overrides=tuple(draw(st.lists(st.sampled_from(OVERRIDES), unique=True))),
        late_days=draw(st.integers(0, 4)),
    )


@given(some_attempts(), some_rules(), st.randoms(), st.booleans())
def test_marks_never_depend_on_the_order(
    attempts: list[Attempt], rules: Rules, shuffler: random.Random, listed: bool
) -> None:
    """Submissions and batches in any order, overrides in any order: the same marks."""
    roster = WHO if listed else ()
    shuffled = [*attempts]
    shuffler.shuffle(shuffled)
    assert marks(shuffled, rules, roster) == marks(attempts, rules, roster)
    backwards = replace(rules, overrides=rules.overrides[::-1])
    points = [one.points for one in marks(attempts, backwards, roster)]
    assert points == [one.points for one in marks(attempts, rules, roster)]


@given(some_attempts(), some_rules(), st.sampled_from("abcdefg"))
def test_dropping_a_criterion_never_lowers_anyone(
    attempts: list[Attempt], rules: Rules, criterion: str
) -> None:
    """Whatever counts, however late: nobody has less than before."""
    exercise = next(name for name, lines in POINTS.items() if criterion in lines)
    drop = override(Do.DROP, exercise=exercise, criterion=criterion)
    dropped = replace(rules, overrides=(*rules.overrides, drop))
    for before, after in zip(
        marks(attempts, rules, WHO), marks(attempts, dropped, WHO), strict=True
    ):
        assert after.points >= before.points
        assert after.max_points == before.max_points


@given(some_attempts(), some_rules())
def test_the_total_is_the_sum_of_what_is_shown(attempts: list[Attempt], rules: Rules) -> None:
    """Lines add up to what is earned, exercises to the mark, none above what it is worth."""
    for mark in marks(attempts, rules, WHO):
        assert mark.points == sum(one.points for one in mark.exercises)
        for one in mark.exercises:
            assert one.points == round(one.points, 2)
            assert 0 <= one.points <= one.max_points
            whole = [o for o in rules.overrides if o.do is Do.POINTS and not o.criterion]
            if not any(o.exercise == one.name for o in whole):
                assert one.earned == sum(line.points for line in one.lines)


@given(some_attempts(), some_rules(), some_rules(), st.sampled_from("abcdefg"))
def test_a_mark_that_changes_says_why(
    attempts: list[Attempt], old: Rules, new: Rules, criterion: str
) -> None:
    """Between two versions of the rules; also of those who handed in nothing."""
    more = {
        name: {c: n + (c == criterion) for c, n in each.items()} for name, each in POINTS.items()
    }
    new = replace(new, points=more)
    for change in mark_changes(marks(attempts, old, WHO), marks(attempts, new, WHO)):
        assert change.causes, change


# --- attempts, one by one ---------------------------------------------------------------


def attempt(day: int, passed: str, number: int = 1, who: str = "x") -> Attempt:
    names = {name for name, lines in LINES.items() if set(lines) & set(passed)}
    return Attempt(
        submission=who, number=number, submitted=f"2026-11-{day:02}T12:00:00Z", content=passed,
        exercises=tuple(judged(name, passed, LINES[name]) for name in sorted(names)),
    )  # fmt: skip


def rules(take: Take = Take.LATEST, *overrides: Override, **late: Any) -> Rules:
    due = datetime.fromisoformat("2026-11-10T12:00:00+00:00")
    one = Assignment(name="one", exercises=("rnn", "fwd"), due=due, take=take, late=Late(**late))
    return Rules(points=POINTS, assignments=(one,), overrides=overrides)


TAKES = {
    "the latest file of each exercise": (Take.LATEST, [6, 5]),
    "the attempt that is best as a whole": (Take.BEST, [11, 5]),
    "the best of each exercise": (Take.BEST_PER_EXERCISE, [11, 15]),
}


@pytest.mark.parametrize(("take", "points"), TAKES.values(), ids=TAKES)
def test_an_assignment_says_which_attempt_counts(take: Take, points: list[int]) -> None:
    """Three attempts; the second holds one exercise only."""
    three = [attempt(7, "abd"), attempt(8, "ce", 2), attempt(9, "bc", 3)]
    (mark,) = marks(three, rules(take), WHO[:1])
    assert [one.points for one in mark.exercises] == points
    assert mark.attempts == 3


LATE = {
    "on the minute": ("2026-11-10T12:00:00Z", {"percent_per_day": 10}, "20.00"),
    "a second later": ("2026-11-10T12:00:01Z", {"percent_per_day": 10}, "18.00"),
    "a second later, in another zone": (
        "2026-11-10T17:30:01+05:30", {"percent_per_day": 10}, "18.00",
    ),
    "a time without a zone": ("2026-11-10T11:59:59", {"percent_per_day": 10}, "20.00"),
    "within the grace": (
        "2026-11-10T12:15:00Z", {"percent_per_day": 10, "grace_minutes": 15}, "20.00",
    ),
    "after the grace, late from when it was due": (
        "2026-11-11T12:00:01Z", {"percent_per_day": 10, "grace_minutes": 15}, "16.00",
    ),
    "rounded half up": ("2026-11-10T13:00:00Z", {"percent_per_day": 33.375}, "13.33"),
    "no more than all": ("2026-11-30T13:00:00Z", {"percent_per_day": 10}, "0.00"),
    "no more than the cap": (
        "2026-11-30T13:00:00Z", {"percent_per_day": 10, "cap_percent": 30}, "14.00",
    ),
    "closed": ("2026-11-13T13:00:00Z", {"closes_after_days": 3}, "0.00"),
    "a time that is none": ("yesterday", {"percent_per_day": 10}, "20.00"),
}  # fmt: skip


@pytest.mark.parametrize(("time", "late", "points"), LATE.values(), ids=LATE)
def test_being_late_costs_what_the_policy_says(time: str, late: Any, points: str) -> None:
    """Days begin when it is due, in real time."""
    one = replace(attempt(1, "cde"), submitted=time)
    (mark,) = marks([one], rules(Take.LATEST, **late), WHO[:1])
    assert mark.points == Decimal(points)


@pytest.mark.parametrize(
    "time", ["2026-10-25T22:30:00", "2026-10-25T22:30:00+01:00", "2026-10-25T21:30:00Z"]
)
def test_one_moment_is_as_late_in_whatever_way_it_is_written(time: str) -> None:
    """Also over the night in which clocks are set back, when a day has 25 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    due = datetime(2026, 10, 24, 23, 0, tzinfo=berlin)
    given = rules(Take.LATEST, percent_per_day=10)
    given = replace(given, zone=berlin, assignments=(replace(given.assignments[0], due=due),))
    (mark,) = marks([replace(attempt(1, "cde"), submitted=time)], given, WHO[:1])
    assert str(mark.points) == "16.00"  # 24 hours and a half: the second day has begun


@pytest.mark.parametrize("hours", [1e9, 1e300])
def test_an_extension_may_be_without_end(hours: float) -> None:
    """Whatever somebody writes for “as long as it takes”, marks are worked out."""
    long = override(Do.EXTEND, student="x", assignment="one", hours=hours)
    given = rules(Take.LATEST, long, percent_per_day=10)
    assert marks([attempt(30, "cde")], given, WHO[:1])[0].points == 20


def test_what_is_decided_for_one_holds_over_what_is_decided_for_many() -> None:
    """Section, team, student: in whatever order they stand in course.toml."""
    who = [Student(id="x", team="t", section="A")]
    decided = [
        override(Do.POINTS, exercise="fwd", criterion="c", points=points, **whom)
        for points, whom in ((1, {"section": "A"}), (2, {"team": "t"}), (3, {"student": "x"}))
    ]
    for some in permutations(decided):
        (mark,) = marks([attempt(1, "d")], rules(Take.LATEST, *some), who)
        assert mark.exercises[1].lines[0].points == 3


def test_a_platform_that_only_says_late_takes_nothing_and_it_is_told() -> None:
    """Without a time nobody can say how late; the instructor is told."""
    one = replace(attempt(1, "cde"), submitted="", late=True)
    (mark,) = marks([one], rules(percent_per_day=10), WHO[:1])
    assert mark.points == 20
    assert "not when" in mark.why[0]


def test_an_exercise_on_paper_can_be_given_points() -> None:
    """An override counts without any attempt, with no lateness."""
    given = override(Do.POINTS, student="x", exercise="rnn", points=9)
    (mark,) = marks([], rules(Take.LATEST, given), WHO[:1])
    assert [one.points for one in mark.exercises] == [9, 0]


def test_who_is_excused_has_nothing_to_lose() -> None:
    """An excused assignment is worth nothing of nothing, and says why."""
    one = override(Do.EXCUSE, student="x", assignment="one")
    (mark,) = marks([attempt(1, "ab")], rules(Take.LATEST, one), WHO[:1])
    assert (str(mark.points), mark.max_points, mark.excused) == ("0", 0, True)
    assert mark.why == ("excused: r (a, 2026-11-20)",)
    (mark,) = marks([], rules(), [Student(id="x", excused=True)])
    assert (mark.max_points, mark.why) == (0, ("excused, says the roster",))


def test_without_assignments_what_was_handed_in_counts() -> None:
    """A course with no assignments marks what there is; the rest is missing."""
    (mark,) = marks([attempt(1, "ab")], Rules(points=POINTS))
    assert (mark.student, str(mark.points), mark.max_points) == ("x", "11.00", 11)
    assert [one.status for one in mark.exercises][1:] == [Status.MISSING, Status.MISSING]


def test_free_days_are_spent_in_the_order_assignments_are_due() -> None:
    """The budget of a term goes to the first that is late, not the first in the file."""

    def assignment(name: str, day: int) -> Assignment:
        due = datetime.fromisoformat(f"2026-11-{day}T12:00:00+00:00")
        late = Late(percent_per_day=50, late_days=2)
        return Assignment(name=name, exercises=("rnn",), due=due, late=late)

    two = Rules(
        points=POINTS, assignments=(assignment("two", 16), assignment("one", 10)), late_days=2
    )
    handed = [
        replace(attempt(11, "ab"), assignment="one"),
        replace(attempt(18, "ab", 2), assignment="two"),
    ]
    found = {one.assignment: one for one in marks(handed, two)}
    assert (found["one"].late_days, str(found["one"].points)) == (1, "11.00")
    assert (found["two"].late_days, str(found["two"].points)) == (1, "5.50")


def test_a_team_shares_its_attempts_unless_the_assignment_is_for_each_alone() -> None:
    """With teams = false only the own submission counts."""
    shared = rules()
    alone = replace(shared, assignments=(replace(shared.assignments[0], teams=False),))
    handed = [attempt(1, "ab", who="x")]
    assert [one.points for one in marks(handed, shared, WHO)] == [11, 11, 0]
    assert [one.points for one in marks(handed, alone, WHO)] == [11, 0, 0]


def test_a_table_for_a_spreadsheet_is_not_a_formula() -> None:
    """A name that begins like a formula is text in a spreadsheet."""
    (mark,) = marks([attempt(1, "ab")], rules(), [Student(id="x", name="=1+1")])
    (row,) = csv.DictReader(io.StringIO(marks_csv((mark,))))
    assert row["name"] == "'=1+1"
