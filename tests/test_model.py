"""Reports survive the way to JSON and back; what is no report is refused."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import (
    SCHEMA,
    BlockMap,
    Certainty,
    Content,
    Criterion,
    CriterionResult,
    Diagnosis,
    Exercise,
    ExerciseResult,
    Outcome,
    Report,
    Status,
    Where,
    dump_report,
    load_report,
)

words = st.text(max_size=12)
whole = st.integers(-(2**63), 2**63 - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
wheres = st.builds(
    Where,
    output=st.none() | words,
    block=st.none() | words,
    time=st.none() | whole,
    index=st.none() | st.lists(whole, max_size=3).map(tuple),
)
diagnoses = st.builds(Diagnosis, bug=words, says=words, certainty=st.sampled_from(Certainty))
criteria = st.builds(
    CriterionResult,
    id=words,
    title=words,
    points=whole,
    max_points=whole,
    outcome=st.sampled_from(Outcome),
    message=words,
    where=st.none() | wheres,
    diagnosis=st.none() | diagnoses,
    carried_forward=st.booleans(),
)
names = st.lists(words, max_size=2).map(tuple)
pictures = st.builds(
    BlockMap,
    title=words,
    caption=words,
    row_label=words,
    column_label=words,
    rows=names,
    columns=names,
    values=st.lists(st.lists(st.none() | finite, max_size=2).map(tuple), max_size=2).map(tuple),
)
exercises = st.builds(
    ExerciseResult,
    name=words,
    points=whole,
    max_points=whole,
    status=st.sampled_from(Status),
    criteria=st.lists(criteria, max_size=2).map(tuple),
    message=words,
    advice=names,
    pictures=st.lists(pictures, max_size=1).map(tuple),
)
reports = st.builds(
    Report,
    submission=words,
    points=whole,
    max_points=whole,
    status=st.sampled_from(Status),
    seed=whole,
    isolation=words,
    key=words,
    content=st.builds(Content, submission=words, grader=words, environment=words),
    exercises=st.lists(exercises, max_size=2).map(tuple),
    notes=names,
    timing=st.dictionaries(words, finite, max_size=2),
)

REPORT = Report(
    submission="ada",
    points=1,
    max_points=3,
    status=Status.GRADED,
    seed=7,
    isolation="confined",
    key="demo",
    content=Content(submission="sha256:a", grader="sha256:b", environment="here"),
    exercises=(
        ExerciseResult(
            name="lstm_forward",
            points=1,
            max_points=3,
            status=Status.GRADED,
            criteria=(
                CriterionResult(
                    id="gates", title="σ", points=1, max_points=3, outcome=Outcome.FAILED,
                    where=Where(output="f", index=(0, 1)),
                    diagnosis=Diagnosis(bug="b", says="s", certainty=Certainty.LIKELY),
                ),
            ),
        ),
    ),
)  # fmt: skip


def without(name: str) -> bytes:
    """Write the sample report without one of its fields."""
    plain = msgspec.to_builtins(REPORT)
    del plain[name]
    return json.dumps(plain).encode()


def with_changed(old: str, new: str) -> bytes:
    """Write the sample report with one change to its text."""
    text = dump_report(REPORT).decode()
    assert text.count(old) == 1
    return text.replace(old, new).encode()


WRONG = {
    "not JSON": (b"points: 3", "malformed"),
    "nothing at all": (b"", "truncated"),
    "not an object": (b"[]", r"Expected `object`, got `array`"),
    "no points": (without("points"), "missing required field `points`"),
    "no exercises": (without("exercises"), "missing required field `exercises`"),
    "no key": (without("key"), "missing required field `key`"),
    "a text for a number": (with_changed('"seed": 7', '"seed": "7"'), r"`\$\.seed`"),
    "half a point": (
        with_changed('"exercises": [\n    {\n      "name": "lstm_forward",\n      "points": 1,',
                     '"exercises": [\n    {\n      "name": "lstm_forward",\n      "points": 0.5,'),
        r"`\$\.exercises\[0\]\.points`",
    ),
    "an unknown status": (
        with_changed('3,\n  "status": "graded"', '3,\n  "status": "lost"'),
        r"'lost' - at `\$\.status`",
    ),
    "an unknown outcome": (with_changed('"failed"', '"error-ish"'), r"criteria\[0\]\.outcome"),
    "another schema": (with_changed(SCHEMA, "grader/report/v2"), "schema"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), WRONG.values(), ids=WRONG)
def test_what_is_no_report_is_refused_by_name(data: bytes, says: str) -> None:
    """Reading something else raises ValueError, and the message names the field."""
    with pytest.raises(ValueError, match=says):
        load_report(data)


@given(reports)
def test_a_report_comes_back_equal(report: Report) -> None:
    """A report that is written and read is the same report."""
    assert load_report(dump_report(report)) == report


@given(reports)
def test_bytes_come_back_equal(report: Report) -> None:
    """A written report that is read and written again is the same bytes."""
    data = dump_report(report)
    assert dump_report(load_report(data)) == data


def test_fields_added_later_are_read_over() -> None:
    """A field this version does not know does not make a report unreadable."""
    data = with_changed('"seed": 7', '"seed": 7, "weather": "fine"')
    assert load_report(data) == REPORT


def test_json_is_for_people_too() -> None:
    """A written report starts with its schema, is indented and ends in one newline."""
    text = dump_report(REPORT).decode()
    assert text.startswith('{\n  "schema": "grader/report/v1",\n  "submission": "ada",\n')
    assert text.endswith("}\n")
    assert '"title": "σ"' in text


def test_optional_fields_may_be_left_out() -> None:
    """Notes, timing and schema have defaults, so that a short report can be read."""
    plain = msgspec.to_builtins(REPORT)
    for name in ("notes", "timing", "schema"):
        del plain[name]
    assert load_report(json.dumps(plain).encode()) == REPORT


def test_results_are_frozen() -> None:
    """Nobody changes points after they were given."""
    with pytest.raises(AttributeError, match="points"):
        REPORT.points = 100  # type: ignore[misc]
    with pytest.raises(AttributeError, match="points"):
        REPORT.exercises[0].points = 100  # type: ignore[misc]


def test_an_exercise_is_worth_the_sum_of_its_criteria() -> None:
    """`max_points` is derived from the criteria, and zero without any."""
    lines = tuple(Criterion(id=f"c{n}", title="t", points=n) for n in (1, 3, 0))
    assert Exercise(name="e", title="E", criteria=lines).max_points == 4
    assert Exercise(name="e", title="E", criteria=()).max_points == 0


STATES = {
    "outcomes": (Outcome, {"passed", "failed", "skipped", "not_started", "error"}),
    "statuses": (Status, {"graded", "not_started", "missing", "unreadable", "needs_attention"}),
    "certainties": (Certainty, {"exact", "likely"}),
}


@pytest.mark.parametrize(("states", "named"), STATES.values(), ids=STATES)
def test_states_are_spelled_as_the_interface_says(
    states: type[Outcome] | type[Status] | type[Certainty], named: set[str]
) -> None:
    """The words in the JSON are those other programs rely on."""
    assert {str(state) for state in states} == named
