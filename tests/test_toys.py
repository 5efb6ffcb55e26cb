"""Exercises that draw, bring arrays, or need an instructor's eye: from submission to report."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.catalogue import patched
from grader.course import Course
from grader.errors import AuthoringError
from grader.grade import Grader
from grader.model import Outcome, Report, Status, dump_report, load_report
from grader.reference import fingerprint
from tests.helpers import changed, criteria, edited, only, open_grader, together
from tests.toys import ARRAYS, SOLUTIONS, npz, toy_course

DRAWN, BROUGHT = SOLUTIONS["drawn"], SOLUTIONS["brought"]


@pytest.fixture(name="course", scope="module")
def _course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return toy_course(tmp_path_factory.mktemp("toys"))


@pytest.fixture(name="drawn", scope="module")
def _drawn(course: Course) -> Iterator[Grader]:
    with open_grader(course, exercises=["drawn"]) as grader:
        yield grader


@pytest.fixture(name="brought", scope="module")
def _brought(course: Course) -> Iterator[Grader]:
    with open_grader(course, exercises=["brought"]) as grader:
        yield grader


def points(report: Report) -> dict[str, int]:
    """Take the points of the one exercise, by criterion."""
    return {key: line.points for key, line in criteria(report).items()}


# --- exercises that draw ---------------------------------------------------------------

WRONG_FIGURES: dict[str, tuple[str, str, str, str]] = {
    "nothing is returned": (
        '    axes.set_title("cells")\n    return figure', '    axes.set_title("cells")',
        "mesh", "plot should return a figure",
    ),
    "no figure is returned": (
        '    axes.set_title("cells")\n    return figure', "    return 'a figure'",
        "mesh", "plot should return a figure",
    ),
    "nothing is drawn": ("    axes.imshow(a)\n", "", "mesh", "0 meshes"),
    "something else is drawn": ("axes.imshow(a)", "axes.imshow(-a)", "mesh",
                                "the cells are others"),
    "nothing is saved": ("    figure.savefig(path)\n", "", "saved", "nothing was saved"),
    "it is saved elsewhere": (
        "figure.savefig(path)", "import io; figure.savefig(io.BytesIO())", "saved",
        "nothing was saved",
    ),
    "it raises": (
        "    axes.imshow(a)\n", "    raise ValueError(a)\n", "mesh",
        "`plot` raised ValueError (line 9: `raise ValueError(a)`); "
        "called with arrays of shape (3, 4)",
    ),
    "it asks for a screen": (
        "    figure.savefig(path)\n", "    plt.show()\n", "saved", "nothing was saved",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "lost", "says"), WRONG_FIGURES.values(), ids=WRONG_FIGURES)
def test_a_figure_that_is_wrong_loses_its_own_line(
    drawn: Grader, old: str, new: str, lost: str, says: str
) -> None:
    """The others are judged, and no part of the grader fails."""
    report = drawn.grade(together({"drawn": edited((old, new), of=DRAWN)}))
    found = criteria(report)
    assert report.status is Status.GRADED
    assert (found[lost].outcome, found[lost].message) == (Outcome.FAILED, says)
    other = {"mesh": "saved", "saved": "mesh"}[lost]
    assert found[other].points == 1


def test_a_right_figure_has_full_marks_and_is_shown(drawn: Grader) -> None:
    """What a student has drawn is in the report, as a picture of ours."""
    report = drawn.grade(together({"drawn": DRAWN}))
    assert points(report) == {"mesh": 1, "saved": 1, "looks": 1}
    (picture,) = only(report).drawings
    assert (picture.title, picture.caption) == ("Drawn", "by plot")
    assert picture.png.startswith("iVBORw0KGgo")  # what base64 makes of a PNG's head
    assert load_report(dump_report(report)) == report
    again = drawn.grade(together({"drawn": DRAWN}))
    assert dump_report(replace(again, timing={})) == dump_report(replace(report, timing={}))


def test_a_picture_that_cannot_be_made_is_left_out(drawn: Grader) -> None:
    """No figure, no picture; the marks stand."""
    source = edited(("    axes.imshow(a)\n", "    return None\n"), of=DRAWN)
    report = drawn.grade(together({"drawn": source}))
    assert only(report).drawings == ()
    assert report.status is Status.GRADED


# --- what only an instructor can judge -------------------------------------------------


def test_a_line_for_the_instructor_keeps_its_points(drawn: Grader) -> None:
    """The points stand until somebody has looked; the report says at what."""
    source = edited(('set_title("cells")', 'set_title("CELLS!")'), of=DRAWN)
    line = criteria(drawn.grade(together({"drawn": source})))["looks"]
    assert (line.outcome, line.points, line.review) == (Outcome.PASSED, 1, True)
    assert line.message == "is this a title?"


def test_a_line_that_was_judged_asks_nobody(drawn: Grader) -> None:
    """Passed or lost by a rule, a line is not for review."""
    right = criteria(drawn.grade(together({"drawn": DRAWN})))
    wrong = criteria(drawn.grade(together({"drawn": edited(("axes.imshow(a)", "pass"), of=DRAWN)})))
    assert {line.review for line in (*right.values(), *wrong.values())} == {False}


# --- arrays that are handed in ---------------------------------------------------------

BAD_ARRAYS: dict[str, tuple[dict[str, bytes], str]] = {
    "none": ({}, "there is no brought.npz in your submission"),
    "no zip": (
        {"brought": b"W"},
        "brought.npz cannot be read: save plain arrays with np.savez",
    ),
    "of another exercise": (
        {"early": npz(**ARRAYS)},
        "there is no brought.npz in your submission",
    ),
    "under another name": (
        {"brought": npz(w=ARRAYS["W"])},
        'arrays["W"] is missing; it should be an array',
    ),
    "of another shape": (
        {"brought": npz(W=ARRAYS["W"][:2])},
        'arrays["W"] has shape (2,); it should be (3,)',
    ),
    "that are none": (
        {"brought": npz(W=np.array(["3", "1", "4"]))},
        'arrays["W"] is an array of text; return a plain array of floats',
    ),
    "that are not finite": ({"brought": npz(W=ARRAYS["W"] * np.nan)}, 'arrays["W"][0] is NaN'),
}


@pytest.mark.parametrize(("data", "says"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_arrays_that_are_wanting_lose_their_own_line(
    brought: Grader, data: dict[str, bytes], says: str
) -> None:
    """The code beside them is graded."""
    report = brought.grade(together({"brought": BROUGHT}, data=data))
    assert report.status is Status.GRADED
    assert points(report) == {"weights": 0, "answers": 1, "trained": 1}
    assert criteria(report)["weights"].message == says


def test_right_arrays_have_full_marks(brought: Grader) -> None:
    """What the solution hands in, or the same in single precision."""
    for arrays in (ARRAYS, {"W": ARRAYS["W"].astype(np.float32), "more": np.ones(3)}):
        report = brought.grade(together({"brought": BROUGHT}, data={"brought": npz(**arrays)}))
        assert report.points == report.max_points == 3


def test_arrays_without_code_are_no_exercise(brought: Grader) -> None:
    """The file of the exercise is what is graded."""
    report = brought.grade(together({}, data={"brought": npz(**ARRAYS)}))
    assert report.status is Status.MISSING


def test_other_arrays_are_another_submission(brought: Grader) -> None:
    """What was graded is digested, arrays and all."""
    contents = {
        brought.grade(together({"brought": BROUGHT}, data=data)).content.submission
        for data in ({}, {"brought": npz(W=np.ones(3))}, {"brought": npz(W=np.ones(4))})
    }
    assert len(contents) == 3


def test_a_known_mistake_in_arrays_is_named(course: Course, brought: Grader) -> None:
    """A bug may be what becomes of the arrays; it is named like one of the code."""
    bug = next(bug for bug in course.bugs("brought") if bug.data)
    data = npz(**course.arrays("brought", bug))
    line = criteria(brought.grade(together({"brought": BROUGHT}, data={"brought": data})))[
        "weights"
    ]
    assert line.outcome is Outcome.FAILED
    assert line.diagnosis is not None
    assert (line.diagnosis.bug, line.diagnosis.says) == (bug.id, bug.says)


# --- what is not diagnosed -------------------------------------------------------------


def asked_of_twins(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Note which functions the known bugs are asked, and a digest of what with."""
    noted: list[tuple[str, bytes]] = []
    for _, twin in grader.prepared["brought"].twins:
        observe = twin.observe

        def noting(
            function: str, args: tuple[object, ...], rest: dict[str, object], observe: Any = observe
        ) -> object:
            noted.append((function, fingerprint(args, rest)))
            return observe(function, args, rest)

        monkeypatch.setattr(twin, "observe", noting)
    return noted


def test_a_lost_line_is_put_to_every_known_bug(
    brought: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a lost criterion asked, the bugs are asked too, and the one that fits is named."""
    noted = asked_of_twins(brought, monkeypatch)
    source = edited(("a + 1.0", "a + 2.0"), of=BROUGHT)
    report = brought.grade(together({"brought": source}, data={"brought": npz(**ARRAYS)}))
    diagnosis = criteria(report)["answers"].diagnosis
    assert diagnosis is not None
    assert diagnosis.bug == "adds-two"
    assert [function for function, _ in noted].count("predict") >= 2


def test_a_line_that_is_not_diagnosed_asks_no_known_bug(
    brought: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes seconds is asked of the student only, and no cause is named."""
    assert [c.id for c in brought.prepared["brought"].rubric.criteria if not c.diagnosed] == [
        "trained"
    ]
    source = edited(("a + 1.0", "a + 1.0 + (len(a) == 3) * a"), of=BROUGHT)
    noted = asked_of_twins(brought, monkeypatch)
    lines = brought.prepared["brought"].exercise.criteria
    assert [line.id for line in lines if not line.diagnosed] == ["trained"]
    report = brought.grade(together({"brought": source}, data={"brought": npz(**ARRAYS)}))
    assert criteria(report)["trained"].diagnosis is None
    assert len(set(noted)) == 1  # the question of `answers`


# --- the files of such a course --------------------------------------------------------


def test_the_solution_hands_in_its_arrays(course: Course) -> None:
    """`submitted` is answered by the reference from the file beside the solution."""
    functions = course.functions("brought")
    assert functions["submitted"]()["W"].tolist() == ARRAYS["W"].tolist()
    assert "submitted" not in course.functions("early")


def test_a_bug_of_the_arrays_leaves_the_code_alone(course: Course) -> None:
    """It changes what is handed in, and no line of the source."""
    bug = next(bug for bug in course.bugs("brought") if bug.data)
    assert patched(BROUGHT, bug) == BROUGHT
    functions = course.functions("brought", bug)
    assert functions["submitted"]()["W"].tolist() == [1.0, 2.0, 5.0]
    assert course.arrays("brought")["W"].tolist() == ARRAYS["W"].tolist()
    assert functions["predict"](1.0) == 2.0


def test_a_bug_may_be_put_into_what_an_exercise_needs(course: Course) -> None:
    """The later solution is then run on the earlier one with the bug in it."""
    bug = next(bug for bug in course.bugs("early") if bug.id == "sine")
    right, wrong = course.functions("late"), course.functions("late", bug, of="early")
    assert right["half"](1.0) == 0.5 * np.tanh(1.0)
    assert wrong["half"](1.0) == 0.5 * np.sin(1.0)
    assert right["own"](1.0) == wrong["own"](1.0) == 2.0


def test_the_adapter_of_an_earlier_bug_is_the_later_exercises(course: Course) -> None:
    """Each exercise says for itself how a convention is adapted; or not at all."""
    bug = next(bug for bug in course.bugs("early") if bug.adapter)
    early, late = (course.adapter(name, bug) for name in ("early", "late"))
    assert early.__name__ == late.__name__ == "Mirrored"
    assert early is not late
    assert course.adapter("drawn", bug) is None


NEEDS: dict[str, tuple[str, str, str]] = {
    "no such exercise": ('needs = ["early"]', 'needs = ["dawn"]', "late needs dawn: no such one"),
    "itself": ('needs = ["early"]', 'needs = ["late"]', "late needs late: no such one"),
    "an unknown limit": (
        "figures = true", "figures = true\nlimits = { minutes = 1.0 }",
        "drawn: no such limit: minutes",
    ),
    "a limit that is no number": (
        "figures = true", 'figures = true\nlimits = { total = "long" }', "Expected `float`",
    ),
    "figures that are no truth": ("figures = true", 'figures = "yes"', "Expected `bool`"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), NEEDS.values(), ids=NEEDS)
def test_a_course_that_contradicts_itself_is_its_authors_turn(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """What an exercise needs, and may take, is checked when the course is read."""
    toy_course(tmp_path)
    changed(tmp_path / "course.toml", old, new)
    with pytest.raises(AuthoringError, match=says):
        Course.load(tmp_path)


def test_what_an_exercise_needs_is_listed_earliest_first(tmp_path: Path) -> None:
    """Needs of needs are needed, once, before what needs them."""
    toy_course(tmp_path)
    changed(tmp_path / "course.toml", "figures = true", 'figures = true\nneeds = ["late", "early"]')
    course = Course.load(tmp_path)
    assert course.needs("drawn") == ("early", "late")
    assert course.needs("late") == ("early",)
    assert course.needs("early") == ()


def test_an_earlier_solution_decides_how_a_later_exercise_is_graded(tmp_path: Path) -> None:
    """Its digest changes with what it needs, and with the arrays of its solution."""
    course = toy_course(tmp_path)
    digests = {name: course.grader_digest(name) for name in course.names}
    changed(course.solution("early"), '"""Squash."""', '"""Squash it."""')
    now = {name: course.grader_digest(name) for name in course.names}
    assert {name for name in digests if digests[name] != now[name]} == {"early", "late"}


def test_the_arrays_of_a_solution_decide_how_it_is_graded(tmp_path: Path) -> None:
    """The reference hands them in; other ones are another grading."""
    course = toy_course(tmp_path)
    before = course.grader_digest("brought")
    course.data("brought").write_bytes(npz(W=np.ones(3)))
    assert course.grader_digest("brought") != before


def test_an_exercise_may_take_longer(tmp_path: Path) -> None:
    """Seconds per request and in total come from course.toml, the rest from the grader."""
    toy_course(tmp_path)
    changed(tmp_path / "course.toml", "figures = true",
            "figures = true\nlimits = { request = 9.5, total = 300.0 }")  # fmt: skip
    with open_grader(Course.load(tmp_path), exercises=["drawn", "brought"]) as grader:
        drawn, brought = grader._limits("drawn"), grader._limits("brought")
    assert (drawn.request, drawn.total, drawn.load) == (9.5, 300.0, grader.limits.load)
    assert brought == grader.limits
