"""What a class page makes of many reports: items, groups, circumstances."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from grader.model import (
    Certainty,
    CriterionResult,
    Diagnosis,
    ExerciseResult,
    Known,
    Outcome,
    Report,
)
from grader.report.alike import failing_alike, near_identical
from grader.report.circumstances import circumstances
from grader.report.html import class_page, student_page
from grader.report.items import criterion_rates
from grader.report.overview import bug_counts
from grader.report.troubles import troubles
from grader.sketch import sketch
from tests.report_samples import FULL

SLIP = Diagnosis(bug="slip", says="You slipped.", certainty=Certainty.EXACT)


def lost(message: str = "", diagnosis: Diagnosis | None = None) -> dict[str, object]:
    return {"points": 0, "outcome": Outcome.FAILED, "message": message, "diagnosis": diagnosis}


def of(student: str, *lines: dict[str, object] | None, exercise: str = "gru") -> Report:
    """Make a report of lines a, b, c …, each a point; None passes."""
    judged = tuple(
        replace(
            CriterionResult(id=id_, title="", points=1, max_points=1, outcome=Outcome.PASSED),
            **(changed or {}),  # type: ignore[arg-type]
        )
        for id_, changed in zip("abcdefgh", lines, strict=False)
    )
    points = sum(line.points for line in judged)
    result = ExerciseResult(
        name=exercise, points=points, max_points=len(lines), status=FULL.status, criteria=judged
    )
    return replace(
        FULL, submission=student, points=points, max_points=len(lines), exercises=(result,)
    )


def graded(*passed: str) -> list[Report]:
    """Make a report of each word of 0 and 1."""
    return [
        of(f"s{number}", *(None if mark == "1" else lost() for mark in word))
        for number, word in enumerate(passed)
    ]


def discriminations(reports: Sequence[Report]) -> list[float | None]:
    return [rate.discrimination for rate in criterion_rates(reports)["gru"]]


def test_a_line_that_the_stronger_pass_tells_apart() -> None:
    """Line a goes with all the others, line b against them."""
    strong, weak = ["10111"] * 5, ["01000"] * 5
    a, b, *_ = discriminations(graded(*strong, *weak))
    assert a is not None
    assert b is not None
    assert a > 0.9
    assert b < -0.9


@pytest.mark.parametrize(
    "passed",
    {
        "nine students": ["11", "00"] * 4 + ["11"],
        "all pass": ["11"] * 12,
        "two lose": ["11"] * 12 + ["00"] * 2,
        "all others' points are the same": ["11"] * 6 + ["01"] * 6,
    }.items(),
    ids=lambda case: case[0],
)
def test_where_too_little_is_known_nothing_is_said(passed: tuple[str, list[str]]) -> None:
    """No number rather than an accident."""
    assert discriminations(graded(*passed[1]))[0] is None


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        pytest.param(["01"] * 3, "nobody passes", id="none of three"),
        pytest.param(["01"] * 2, "", id="none of two"),
        pytest.param(["11"] * 10, "everybody passes", id="all of ten"),
        pytest.param(["11"] * 9, "", id="all of nine"),
        pytest.param(["01"] * 5 + ["10"] * 5, "the stronger lose it", id="backwards"),
    ],
)
def test_what_is_remarkable_is_said(passed: list[str], words: str) -> None:
    """A line that tells nothing, or the wrong thing, is worth a look."""
    reports = graded(*passed)
    assert criterion_rates(reports)["gru"][0].words == words
    heads = {"nobody passes": "Nobody passed gru / a", "the stronger lose it": "The stronger lose"}
    if words in heads:
        assert any(heads[words] in trouble.heading for trouble in troubles(reports))


def test_columns_that_say_nothing_are_not_shown() -> None:
    """A small class has no number for what tells students apart."""
    assert "Tells apart" not in class_page(graded(*["11", "01"] * 4))
    page = class_page(graded(*["111", "000"] * 6))
    assert "Tells apart" in page
    assert "1.00" in page


def test_two_slips_at_once_count_for_both() -> None:
    """Under the sentence that each has alone, and once per student."""
    other = replace(SLIP, bug="other", says="Another.")
    both = replace(SLIP, bug="other+slip", says="Two things at once. Another. And: You slipped.")
    beside = replace(SLIP, bug="new+slip", says="Beside what is named above: New.")
    found = bug_counts([
        of("ada", lost(diagnosis=SLIP), lost(diagnosis=other)),
        of("bo", lost(diagnosis=both)),
        of("cy", lost(diagnosis=SLIP), lost(diagnosis=beside)),
    ])  # fmt: skip
    assert [(bug.bug, bug.says, bug.students) for bug in found] == [
        ("slip", "You slipped.", ("ada", "bo", "cy")),
        ("other", "Another.", ("ada", "bo")),
        ("new", "Beside what is named above: New.", ("cy",)),
    ]


def test_those_who_fail_alike_are_a_group() -> None:
    """The same lines for the same reason; whom no slip explains come first."""
    groups = failing_alike([
        of("ada", lost("x", SLIP), None),
        of("bo", lost("y", SLIP), None),
        of("cy", lost("x", SLIP), None),
        of("di", lost("z"), lost()),
        of("ed", lost("z"), lost()),
        of("flo", lost("z"), None),
        of("gil", None, None),
        of("hal", lost("z"), lost(), exercise="other"),
    ])  # fmt: skip
    assert [(group.students, group.bugs, group.same_words) for group in groups] == [
        (("di", "ed"), (), True),
        (("ada", "bo", "cy"), ("slip",), False),
    ]


def test_circumstances_sum_up_the_reports() -> None:
    """What was used, and who took longest."""
    made = circumstances([
        replace(FULL, submission="ada", timing={"seconds": 50.0}),
        replace(FULL, submission="bo", timing={"seconds": 20.0}),
        replace(FULL, submission="cy", timing={}),
    ])  # fmt: skip
    assert made is not None
    assert made.isolation == (("confined", 3),)
    assert (made.total, made.median, made.mixed) == ("1 min 10 s", "20.0 s", False)
    assert made.slowest == (("ada", "50.0 s"), ("bo", "20.0 s"))


@pytest.mark.parametrize("field", ["isolation", "key"])
def test_mixed_circumstances_are_told(field: str) -> None:
    """Two halves of a class graded under different rules."""
    other = replace(FULL, submission="bo", **{field: "other"})  # type: ignore[arg-type]
    assert "Not everybody was graded" in class_page([FULL, other])
    assert "Not everybody was graded" not in class_page([FULL])


def written(student: str, *sketches: tuple[str, str], weights: str = "") -> Report:
    """Make a report of somebody whose files have these sketches."""
    arrays = {"gru": weights} if weights else {}
    content = replace(FULL.content, sketches=dict(sketches), weights=arrays)
    return replace(FULL, submission=student, content=content)


def program(*words: str) -> str:
    """Sketch a program made of some words."""
    return sketch("\n".join(f"{word} = np.{word}(x) + {word}" for word in words))


ONE = program(*(f"one{number}" for number in range(60)))
NEARLY = program(*(f"one{number}" for number in range(64)))
OTHER = program(*(f"other{number}" for number in range(60)))


def test_near_identical_files_are_listed() -> None:
    """Who, which files, and how much alike; no longer than a row for the same people."""
    (twins,) = near_identical([
        written("ada", ("gru", ONE), ("lstm", OTHER)),
        written("bo", ("gru", OTHER), ("lstm", ONE)),
        written("cy", ("gru", NEARLY), ("lstm", OTHER)),
    ])  # fmt: skip
    assert (twins.what, twins.students, twins.elsewhere) == (
        ("gru.py", "lstm.py"),
        ("ada", "cy"),
        (),
    )
    assert 70 <= twins.percent < 100


def test_known_work_is_listed_beside_students() -> None:
    """What is only alike among the known is nobody's business."""
    known = [
        Known(label="solutions/", sketches={"gru": ONE, "lstm": OTHER}),
        Known(label="2025/zoe", sketches={"lstm": OTHER}),
    ]
    (twins,) = near_identical([written("ada", ("gru", ONE))], known)
    assert (twins.students, twins.elsewhere, twins.percent) == (("ada",), ("solutions/",), 100)


def test_equal_weights_are_listed() -> None:
    """Training gives nobody the same numbers."""
    (twins,) = near_identical([
        written("ada", weights="abc"), written("bo", weights="abd"), written("cy", weights="abc"),
    ])  # fmt: skip
    assert (twins.what, twins.students) == (("gru.npz",), ("ada", "cy"))


def test_likeness_is_no_mark_and_is_left_to_the_instructor() -> None:
    """The page says so, and the student's page is silent."""
    reports = [written("ada", ("gru", ONE)), written("bo", ("gru", ONE))]
    assert "For you to judge" in class_page(reports)
    assert student_page(reports[0]) == student_page(written("ada"))
