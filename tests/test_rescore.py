"""Points that change after the grading."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import Job, end_grading, grade_all
from grader.course import Course
from grader.grade import Grader
from grader.model import (
    Certainty,
    CriterionResult,
    Diagnosis,
    ExerciseResult,
    Outcome,
    Report,
    Status,
    Submission,
)
from grader.rescore import convention_share, rescored
from grader.sandbox.selfattack import Isolation, Level, layers_of
from grader.seeds import Seeds
from tests.helpers import CLASS, NAME, changed, copied_course

NAMED = Diagnosis(bug="batch-first", says="…", certainty=Certainty.EXACT)


def line(name: str, outcome: Outcome, named: Diagnosis | None = None) -> CriterionResult:
    return CriterionResult(
        id=name, title=name, points=0, max_points=1, outcome=outcome, diagnosis=named
    )


def judged(*lines: CriterionResult) -> ExerciseResult:
    return ExerciseResult(
        name="gru", points=0, max_points=len(lines), status=Status.GRADED, criteria=lines
    )


LINES = (
    line("full", Outcome.PASSED),
    line("none", Outcome.FAILED),
    line("share", Outcome.FAILED, NAMED),
    line("again", Outcome.FAILED, NAMED),
    line("left", Outcome.SKIPPED),
)


def test_full_stays_full_none_stays_none_and_a_convention_keeps_its_share() -> None:
    """The share is worked out from the new points, once per convention."""
    points = {"full": 4, "none": 5, "share": 6, "again": 6, "left": 2}
    result = rescored(judged(*LINES), points, {"batch-first"})
    assert [one.points for one in result.criteria] == [4, 0, 4, 0, 0]
    assert (result.points, result.max_points) == (8, 23)


def test_a_bug_that_is_no_convention_keeps_nothing() -> None:
    """Only what is right under another convention is worth a share."""
    assert rescored(judged(*LINES), {"share": 6}).criteria[2].points == 0


def test_an_exercise_without_lines_is_worth_the_sum() -> None:
    """A file that could not be read loses what the exercise is worth now."""
    empty = ExerciseResult(name="gru", points=0, max_points=3, status=Status.UNREADABLE)
    assert rescored(empty, {"a": 2, "b": 5}).max_points == 7


WORTH = st.dictionaries(st.sampled_from([one.id for one in LINES]), st.integers(0, 20))


@given(WORTH, WORTH)
def test_the_way_to_the_points_does_not_matter(first: dict[str, int], then: dict[str, int]) -> None:
    """Scored twice is scored once, with the later points."""
    both = first | then
    twice = rescored(rescored(judged(*LINES), first, {"batch-first"}), both, {"batch-first"})
    assert twice == rescored(judged(*LINES), both, {"batch-first"})


@pytest.mark.parametrize(("points", "share"), [(0, 0), (1, 0), (2, 1), (3, 2), (7, 5)])
def test_two_thirds_are_kept_in_whole_points(points: int, share: int) -> None:
    """At least one point is taken, if there is one."""
    assert convention_share(points) == share


# --- in a results folder ----------------------------------------------------------------


def reports(course: Course, results: Path) -> dict[str, Report]:
    isolation = Isolation(level=Level.PROCESS, layers=layers_of(Level.PROCESS), blocked={})
    job = Job(course=course.root, exercises=(NAME,), seeds=Seeds(seed=5), isolation=isolation)
    paths = [CLASS / name for name in ("viktor", "lena", "kofi")]
    try:
        return {one.report.submission: one.report for one in grade_all(paths, job, results)}
    finally:
        end_grading()


def test_other_points_grade_nothing_and_give_what_a_grading_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reports of a run after a change equal those of a new folder, timing apart."""
    course = copied_course(tmp_path)
    before = reports(course, tmp_path / "one")
    changed(tmp_path / "course.toml", "\ncell_state = 1\n", "\ncell_state = 4\n")
    fresh = reports(Course.load(tmp_path), tmp_path / "two")
    asked: list[Submission] = []
    monkeypatch.setattr(Grader, "judge", lambda _self, one, _names=(): asked.append(one))
    after = reports(Course.load(tmp_path), tmp_path / "one")
    assert asked == []
    assert {name: r.exercises for name, r in after.items()} == {
        name: r.exercises for name, r in fresh.items()
    }
    assert {r.max_points for r in after.values()} == {28}
    assert (before["viktor"].points, after["viktor"].points) == (20, 23)
