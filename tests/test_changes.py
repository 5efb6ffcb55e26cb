import dataclasses

import pytest
from rich.console import Console

from grader.changes import Change, compare, compare_all
from grader.model import (
    Content,
    CriterionResult,
    ExerciseResult,
    Outcome,
    Report,
    Status,
)
from grader.report.terminal import print_changes

CONTENT = Content(submission="sha256:a", grader="sha256:b", environment="Python")


def line(name: str, points: int, message: str = "c is off") -> CriterionResult:
    whole = points == 3
    return CriterionResult(
        id=name,
        title=f"what {name} asks",
        points=points,
        max_points=3,
        outcome=Outcome.PASSED if whole else Outcome.FAILED,
        message="" if whole else message,
    )


def sample(*lines: CriterionResult, submission: str = "ada") -> Report:
    exercise = ExerciseResult(
        name="lstm_forward",
        points=sum(one.points for one in lines),
        max_points=3 * len(lines),
        status=Status.GRADED,
        criteria=lines,
    )
    return Report(
        submission=submission,
        points=exercise.points,
        max_points=exercise.max_points,
        status=Status.GRADED,
        seed=1,
        isolation="confined",
        key="demo",
        content=CONTENT,
        exercises=(exercise,),
    )


BEFORE = sample(line("sigmoid", 3), line("gates", 0))
AFTER = sample(line("sigmoid", 0, "s is off"), line("gates", 3))


def the(change: Change | None) -> Change:
    assert change is not None
    return change


def test_equal_reports_are_no_change() -> None:
    """Whatever they took, and whatever was printed about it."""
    slower = dataclasses.replace(BEFORE, timing={"seconds": 3.0}, notes=("two files",))
    assert compare(BEFORE, slower) is None
    assert compare(None, None) is None


def test_points_gained_and_lost_are_named_line_by_line() -> None:
    """What is lost now says why; what is gained needs no words."""
    change = the(compare(BEFORE, AFTER))
    assert (change.before, change.after, change.gained) == (3, 3, 0)
    found = [(one.criterion, one.before, one.after, one.message) for one in change.lines]
    assert found == [("sigmoid", 3, 0, "s is off"), ("gates", 0, 3, "")]


CAUSES = {
    "other files": (
        {"content": dataclasses.replace(CONTENT, submission="sha256:c")},
        "other files were handed in",
    ),
    "another grader": (
        {"content": dataclasses.replace(CONTENT, grader="sha256:c")},
        "the graders have changed",
    ),
    "another seed": ({"seed": 2}, "other hidden numbers were drawn"),
    "another key": ({"key": "private:1"}, "other hidden numbers were drawn"),
    "another Python": (
        {"content": dataclasses.replace(CONTENT, environment="PyPy")},
        "Python, NumPy or the grading engine is another one",
    ),
    "another level": ({"isolation": "process"}, "it ran under another isolation level"),
    "our failure": ({"status": Status.NEEDS_ATTENTION}, "our grader failed in one of them"),
}


@pytest.mark.parametrize(("changes", "cause"), CAUSES.values(), ids=CAUSES)
def test_a_change_says_what_it_comes_from(changes: dict[str, object], cause: str) -> None:
    """From what the two reports say of themselves."""
    assert the(compare(BEFORE, dataclasses.replace(AFTER, **changes))).causes == (cause,)  # type: ignore[arg-type]


def test_lines_that_come_and_go_are_told() -> None:
    """A new criterion has no points before, an old one none after."""
    change = the(compare(sample(line("sigmoid", 3)), sample(line("gates", 3))))
    found = {one.criterion: (one.before, one.after) for one in change.lines}
    assert found == {"sigmoid": (3, None), "gates": (None, 3)}


def test_an_exercise_that_cannot_be_loaded_any_more_says_so() -> None:
    """All its lines are gone, for one reason."""
    broken = ExerciseResult(
        name="lstm_forward",
        points=0,
        max_points=6,
        status=Status.UNREADABLE,
        message="line 3: invalid syntax",
    )
    now = dataclasses.replace(BEFORE, points=0, status=Status.UNREADABLE, exercises=(broken,))
    change = the(compare(BEFORE, now))
    assert {one.message for one in change.lines} == {"line 3: invalid syntax"}


def test_who_lost_most_comes_first_and_newcomers_are_named() -> None:
    """Every submission of either class, once."""
    old = [sample(line("gates", 3), submission=name) for name in ("ada", "bo", "cy")]
    new = [
        sample(line("gates", 3), submission="ada"),
        sample(line("gates", 0), submission="bo"),
        sample(line("gates", 3), submission="dee"),
    ]
    found = [(one.submission, one.gained, one.causes) for one in compare_all(old, new)]
    assert [name for name, *_ in found] == ["bo", "cy", "dee"]
    assert found[1] == ("cy", -3, ("no longer there",))
    assert found[2] == ("dee", 3, ("not graded before",))


def test_changes_are_printed_with_names_points_and_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Hostile ids stay text; the totals come last."""
    new = dataclasses.replace(AFTER, seed=2, submission="[red]ada\x1b[0m")
    change = the(compare(dataclasses.replace(BEFORE, submission=new.submission), new))
    print_changes([change], Console(width=100))
    said = capsys.readouterr().out
    assert "[red]ada" in said
    assert "\x1b" not in said
    assert "+0  (3 before, 3 now)" in said
    assert "lstm_forward / sigmoid: 3 to 0. what sigmoid asks" in said
    assert "s is off" in said
    assert said.rstrip().endswith("0 gained, 0 lost, 1 others differ.")
