"""What course.toml says about marks is read, or every problem in it is named at once."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.course import Course
from grader.errors import AuthoringError, UsageError
from grader.levels import levels_of
from grader.policy import Feedback, Prerequisite, Take

HEAD = """
name = "A course"
timezone = "Europe/Berlin"
late_days = 3

[[exercises]]
name = "one"
title = "One"
does = "the first"
points = { a = 1, b = 3 }

[[exercises]]
name = "two"
title = "Two"
does = "the second"
points = { c = 2 }
"""

WEEK = """
[[assignments]]
name = "week"
title = "The first week"
exercises = ["one"]
due = 2026-11-16T23:59:00
take = "best"
feedback = "title"
prerequisite = "given"
late = { grace_minutes = 15, percent_per_day = 7.5, cap_percent = 50, late_days = 2 }
"""

DROP = """
[[overrides]]
do = "drop"
exercise = "one"
criterion = "b"
reason = "unclear"
author = "Ruth"
date = 2026-11-20
"""


def course(folder: Path, *parts: str) -> Course:
    (folder / "course.toml").write_text("\n".join((HEAD, *parts)), "utf-8")
    return Course.load(folder)


def test_assignments_and_overrides_are_read(tmp_path: Path) -> None:
    """All of it, with defaults where nothing is said."""
    loaded = course(tmp_path, WEEK, '[[assignments]]\nname = "x"\nexercises = ["two"]', DROP)
    week, other = loaded.rules.assignments
    assert week.due is not None
    assert week.due.tzinfo == ZoneInfo("Europe/Berlin")
    assert (week.take, week.prerequisite) == (Take.BEST, Prerequisite.GIVEN)
    assert (week.late.percent_per_day, week.late.late_days) == (7.5, 2)
    assert (other.due, other.take, other.feedback) == (None, Take.LATEST, Feedback.DIAGNOSIS)
    assert loaded.rules.late_days == 3
    assert loaded.rules.overrides[0].words == "unclear (Ruth, 2026-11-20)"
    assert loaded.assignment("week") == week


def test_an_assignment_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match="no assignment weak; there are: week"):
        course(tmp_path, WEEK).assignment("weak")


def test_the_lowest_level_of_feedback_decides_unless_an_assignment_is_named(
    tmp_path: Path,
) -> None:
    """An exercise that is part of an exam tells nothing by the side."""
    exam = '[[assignments]]\nname = "exam"\nexercises = ["one"]\nfeedback = "points"'
    rules = course(tmp_path, WEEK, exam).rules
    assert levels_of(rules) == {"one": Feedback.POINTS}
    assert levels_of(rules, "week") == {"one": Feedback.TITLE}


def override(do: str, **about: object) -> str:
    given = {"reason": "r", "author": "a", "date": "2026-11-20", "do": do} | about
    lines = [
        f"{key} = {value}" if key == "date" or not isinstance(value, str) else f'{key} = "{value}"'
        for key, value in given.items()
    ]
    return "\n[[overrides]]\n" + "\n".join(lines)


WRONG = {
    "no reason": (
        DROP.replace('reason = "unclear"\n', ""),
        "override 1: Object missing required field `reason`",
    ),
    "an empty reason": (
        DROP.replace('"unclear"', '"  "'),
        "override 1: its reason is empty; whoever asks later has to find it here",
    ),
    "nobody decided": (override("drop", exercise="one", criterion="a", author=""),
        "override 1: its author is empty; whoever asks later has to find it here"),
    "no date": (
        DROP.replace("date = 2026-11-20\n", ""), "override 1: Object missing required field `date`"
    ),
    "a drop of everything": (
        override("drop", exercise="one"), "override 1: to drop, say which criterion"
    ),
    "a drop for one student": (
        override("drop", exercise="one", criterion="a", student="x"),
        "override 1: student has no meaning here; leave it out",
    ),
    "points for nobody": (
        override("points", exercise="one", points=1),
        "override 1: say whom it is about: one of student, team, section",
    ),
    "more points than there are": (
        override("points", exercise="one", student="x", points=5),
        "override 1: points is 5; write a whole number from 0 to 4",
    ),
    "half a point": (
        override("points", exercise="one", student="x", points=0.5),
        "override 1: Expected `int | null`, got `float` - at `$.points`",
    ),
    "a criterion that is not there": (
        override("drop", exercise="one", criterion="c"),
        "override 1: no criterion of one c; there are: a, b",
    ),
    "an extension of nothing": (
        override("extend", student="x", assignment="weak", hours=1),
        "override 1: no assignment weak; did you mean week?",
    ),
    "an exercise of another assignment": (
        override("points", exercise="two", student="x", points=1, assignment="week"),
        "override 1: no exercise of assignment week: two; there are: one",
    ),
    "an excuse from another assignment's exercise": (
        override("excuse", exercise="two", student="x", assignment="week"),
        "override 1: no exercise of assignment week: two; there are: one",
    ),
    "an extension of what is never due": (
        '[[assignments]]\nname = "x"\nexercises = ["two"]'
        + override("extend", student="x", assignment="x", hours=1),
        "override 1: x has no due time; give it one, or leave this out",
    ),
    "no time at all": (
        override("extend", student="x", assignment="week", hours=0),
        "override 1: hours is 0.0; write a number of hours above zero",
    ),
    "decided twice": (DROP + DROP, "override 2: override 1 decides the same; keep one of them"),
    "something else to do": (
        override("double", student="x"), "override 1: Invalid enum value 'double' - at `$.do`"
    ),
    "an exercise that is not there": (
        '[[assignments]]\nname = "x"\nexercises = ["three"]',
        "assignment 2 (x): no exercise three; there are: one, two",
    ),
    "no exercises": (
        '[[assignments]]\nname = "x"\nexercises = []', "assignment 2 (x): name its exercises"
    ),
    "an exercise twice": (
        '[[assignments]]\nname = "x"\nexercises = ["one", "one"]',
        "assignment 2 (x): an exercise is listed twice",
    ),
    "no name": ('[[assignments]]\nname = ""\nexercises = ["one"]', "assignment 2: give it a name"),
    "the same name": (
        '[[assignments]]\nname = "week"\nexercises = ["one"]',
        "assignment 2 (week): there is another one of this name",
    ),
    "a slip of the keyboard": (
        '[[assignments]]\nname = "x"\nexercises = ["one"]\nlate = { percent_perday = 1 }',
        "assignment 2 (x), late: no key percent_perday; did you mean percent_per_day?",
    ),
    "more than all": (
        '[[assignments]]\nname = "x"\nexercises = ["one"]\ndue = 2026-12-01T12:00:00\n'
        'late = { cap_percent = 101 }',
        "assignment 2 (x): late: cap_percent is 101.0; write a number from 0 to 100",
    ),
    "less than no days": (
        '[[assignments]]\nname = "x"\nexercises = ["one"]\ndue = 2026-12-01T12:00:00\n'
        'late = { late_days = -1 }',
        "assignment 2 (x): late: late_days is -1; write a number from 0 up",
    ),
    "late, but when": (
        '[[assignments]]\nname = "x"\nexercises = ["one"]\nlate = { percent_per_day = 10 }',
        "assignment 2 (x): nothing is late without a due time; write due = 2026-11-16T23:59:00, or "
        "no late",
    ),
    "a text for a table": (
        '[[assignments]]\nname = "x"\nexercises = ["one"]\nlate = "never"',
        "assignment 2 (x), late: Expected `object`, got `str`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("more", "says"), WRONG.values(), ids=WRONG)
def test_a_rule_that_makes_no_sense_is_named(tmp_path: Path, more: str, says: str) -> None:
    """Where it is, what is wrong, what to write."""
    with pytest.raises(AuthoringError) as caught:
        course(tmp_path, WEEK, more)
    assert str(caught.value) == f"{tmp_path / 'course.toml'}: {says}"


def test_free_days_that_nobody_has_are_named(tmp_path: Path) -> None:
    """An assignment allows some to be spent, and the course forgot to give any."""
    (tmp_path / "course.toml").write_text(HEAD.replace("late_days", "# late_days") + WEEK, "utf-8")
    with pytest.raises(AuthoringError, match="week: nobody has free days to spend; write late_da"):
        Course.load(tmp_path)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    """A course.toml is corrected in one go."""
    broken = WEEK.replace("percent_per_day = 7.5", "percent_per_day = 750").replace("one", "onee")
    text = (HEAD + broken + DROP.replace("unclear", "")).replace("a = 1", "a = -1")
    (tmp_path / "course.toml").write_text(text.replace("late_days = 3", "late_days = 0.5"), "utf-8")
    with pytest.raises(AuthoringError) as caught:
        Course.load(tmp_path)
    assert [line.partition("course.toml: ")[2] for line in str(caught.value).splitlines()] == [
        "one: points below zero: a",
        "late_days is 0.5; write a whole number of days",
        "assignment 1 (week): no exercise onee; did you mean one?",
        "assignment 1 (week): late: percent_per_day is 750.0; write a number from 0 to 100",
        "override 1: its reason is empty; whoever asks later has to find it here",
    ]


def test_a_due_time_needs_a_zone(tmp_path: Path) -> None:
    """Its own offset, or that of the course; an unknown one is named."""
    (tmp_path / "course.toml").write_text(HEAD.replace("timezone", "# timezone") + WEEK, "utf-8")
    with pytest.raises(AuthoringError, match="its due time has no offset; write 2026-"):
        Course.load(tmp_path)
    (tmp_path / "course.toml").write_text(HEAD.replace("Europe/Berlin", "Mars"), "utf-8")
    with pytest.raises(AuthoringError, match="timezone 'Mars' is not known"):
        Course.load(tmp_path)


# --- a course on top of another ---------------------------------------------------------


def own(folder: Path, text: str) -> Course:
    below, above = folder / "below", folder / "above"
    for one in (below, above):
        one.mkdir(exist_ok=True)
    (below / "course.toml").write_text(HEAD + WEEK + DROP, "utf-8")
    (above / "course.toml").write_text('base = "../below"\n' + text, "utf-8")
    return Course.load(above)


def test_an_own_course_adds_to_another_and_changes_its_points(tmp_path: Path) -> None:
    """Exercises come from both; assignments and overrides only from the own one."""
    loaded = own(
        tmp_path,
        '[[exercises]]\nname = "one"\npoints = { b = 7 }\n'
        '[[exercises]]\nname = "mine"\ntitle = "M"\ndoes = "m"\npoints = { z = 1 }\n',
    )
    assert loaded.names == ("one", "two", "mine")
    assert loaded.exercises["one"].points == {"a": 1, "b": 7}
    assert loaded.exercises["one"].title == "One"
    assert loaded.name == "A course"
    assert (*loaded.rules.assignments, *loaded.rules.overrides) == ()
    assert loaded.solution("mine") == tmp_path / "above" / "solutions" / "mine.py"
    assert loaded.solution("one").resolve() == tmp_path / "below" / "solutions" / "one.py"


def test_a_course_on_top_of_itself_or_of_nothing_is_named(tmp_path: Path) -> None:
    """A circle is found; so is a base that is not there."""
    (tmp_path / "course.toml").write_text('base = "."', "utf-8")
    with pytest.raises(AuthoringError, match="builds on itself"):
        Course.load(tmp_path)
    (tmp_path / "course.toml").write_text('base = "nowhere"', "utf-8")
    with pytest.raises(UsageError, match="nowhere/course.toml: no course here"):
        Course.load(tmp_path)


def test_times_without_a_zone_are_those_of_the_due_times(tmp_path: Path) -> None:
    """What a platform exports is local time; without a timezone the first due time says whose."""
    text = HEAD.replace("timezone", "# timezone") + WEEK.replace("T23:59:00", "T23:59:00+05:30")
    (tmp_path / "course.toml").write_text(text, "utf-8")
    zone = Course.load(tmp_path).rules.zone
    assert str(zone.utcoffset(None)) == "5:30:00"
