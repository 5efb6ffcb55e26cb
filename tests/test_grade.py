"""From one submission to one report: who earns what, and what is said."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.catalogue import patched
from grader.course import Course
from grader.errors import SandboxError
from grader.grade import Grader, overall
from grader.intake import read_submission
from grader.model import (
    Certainty,
    CriterionResult,
    ExerciseResult,
    Outcome,
    Report,
    SourceFile,
    Status,
    Submission,
    dump_report,
    load_report,
)
from grader.sandbox.server import Worker
from grader.sandbox.student import Limits
from grader.seeds import Seeds
from tests.helpers import (
    CLASS,
    NAME,
    ROOT,
    SOLUTION,
    changed,
    copied_course,
    criteria,
    edited,
    handed_in,
    of_the_class,
    only,
    open_grader,
)

FULL = 25
BACK = "    return Hout, c, h, cache\n"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    """Open one grader for all submissions of this file."""
    with open_grader() as opened:
        yield opened


def lost(report: Report) -> dict[str, CriterionResult]:
    """Take the criteria that cost points."""
    return {k: c for k, c in criteria(report).items() if c.points < c.max_points}


def carried(report: Report) -> set[str]:
    """Name the criteria that were carried forward."""
    return {k for k, c in criteria(report).items() if c.carried_forward}


# --- nothing to grade -----------------------------------------------------------------


def test_a_missing_file_is_missing(grader: Grader) -> None:
    """Nothing handed in is 0 of all points, and says which file was looked for."""
    result = only(grader.grade(Submission(id="bo", files={})))
    assert (result.status, result.points, result.max_points) == (Status.MISSING, 0, FULL)
    assert result.message == f"no {NAME}.py and no {NAME}.ipynb in the submission"
    assert result.criteria == ()


def test_a_stub_is_not_started(grader: Grader) -> None:
    """An untouched stub scores nothing, line by line, and is not run."""
    report = grader.grade(of_the_class("kofi"))
    result = only(report)
    assert (report.status, result.status, report.points) == (Status.NOT_STARTED,) * 2 + (0,)
    assert result.message == f"{NAME}.py is still the stub you were given"
    assert {line.outcome for line in result.criteria} == {Outcome.NOT_STARTED}
    assert sum(line.max_points for line in result.criteria) == FULL


def test_a_stub_is_not_run(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is started for a stub or for a missing file."""

    def start(*, figures: bool = False) -> Worker:  # noqa: ARG001
        raise AssertionError

    monkeypatch.setattr(grader.sandbox, "start", start)
    assert grader.grade(of_the_class("kofi")).status is Status.NOT_STARTED
    assert grader.grade(Submission(id="bo", files={})).status is Status.MISSING


def test_a_file_that_was_not_read_says_why(grader: Grader) -> None:
    """What intake says of an unreadable file is what the student reads."""
    submission = Submission(id="bo", files={}, unreadable={NAME: "x.py: save it as UTF-8"})
    result = only(grader.grade(submission))
    assert (result.status, result.points) == (Status.UNREADABLE, 0)
    assert result.message == "x.py: save it as UTF-8"


HX_LINE = SOLUTION[: SOLUTION.index("hx = np.vstack")].count("\n") + 1
UNREADABLE = {
    "a syntax error": (
        SOLUTION.replace("hx = np.vstack([h_prev, x])", "hx = np.vstack([h_prev, x)"),
        "lstm_forward.py cannot be imported: SyntaxError: closing parenthesis ')' does not match "
        f"opening parenthesis '[' (line {HX_LINE}: `hx = np.vstack([h_prev, x)  # (H + D, 1)`)",
    ),
    "an exception at import": (
        "x = 1\n\nraise ValueError('at work')\n",
        "lstm_forward.py cannot be imported: ValueError: at work "
        "(line 3: `raise ValueError('at work')`)",
    ),
    "a library that is refused": (
        "import torch\n",
        "lstm_forward.py cannot be imported: ImportError: torch is not allowed here: "
        "this course is written in pure NumPy (line 1: `import torch`)",
    ),
    "an exit": (
        "import os\nos._exit(0)\n",
        "importing lstm_forward.py ended Python itself (os._exit, or a crash): "
        "a function should return its result",
    ),
}


@pytest.mark.parametrize(("source", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_imported_is_unreadable(
    grader: Grader, source: str, message: str
) -> None:
    """The message names file, line and source; no criterion is judged."""
    report = grader.grade(handed_in(source))
    result = only(report)
    line = next((k for k, text in enumerate(source.splitlines(), 1) if "[h_prev, x)" in text), 0)
    assert result.message == message.replace("line 45", f"line {line}")
    assert (report.status, result.points, result.criteria) == (Status.UNREADABLE, 0, ())


def test_an_import_that_never_ends_is_unreadable(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop at the top of the file costs its time and nothing else."""
    monkeypatch.setattr(grader, "limits", Limits(load=0.3))
    result = only(grader.grade(handed_in("while True: pass\n")))
    assert result.status is Status.UNREADABLE
    assert result.message == (
        "importing lstm_forward.py did not end within 0.3 s: is there a loop that never stops?"
    )


OVERALL = {
    "our trouble before everything": (["graded", "needs_attention", "missing"], "needs_attention"),
    "anything graded before what is not": (["missing", "graded", "unreadable"], "graded"),
    "unreadable before not started": (["not_started", "unreadable", "missing"], "unreadable"),
    "not started before missing": (["missing", "not_started"], "not_started"),
    "nothing but missing files": (["missing", "missing"], "missing"),
    "nothing asked": ([], "missing"),
}


@pytest.mark.parametrize(("statuses", "status"), OVERALL.values(), ids=OVERALL)
def test_the_status_of_a_submission_sums_up_its_exercises(statuses: list[str], status: str) -> None:
    """What somebody must act on comes first."""
    results = [ExerciseResult(name="e", points=0, max_points=1, status=Status(s)) for s in statuses]
    assert overall(results) is Status(status)


# --- our own trouble ------------------------------------------------------------------

CELL = 'expect_close(student.lstm_step(*case), reference.lstm_step(*case), "c")'


def test_an_error_of_ours_costs_no_other_criterion(tmp_path: Path) -> None:
    """A grader that raises is an error of ours: no mark is final, no other line is lost."""
    course = copied_course(tmp_path, old=CELL, new='{}["a probe that was renamed"]')
    with open_grader(course) as broken:
        for source, points in (
            (SOLUTION, FULL - 1),
            (of_the_class("fatima").files[NAME].text, None),
        ):
            report = broken.grade(handed_in(source))
            found = criteria(report)
            assert report.status is Status.NEEDS_ATTENTION
            assert only(report).message == "a part of our grader failed; the marks are not final"
            assert found["cell_state"].outcome is Outcome.ERROR
            assert found["cell_state"].message == "our grader failed here: KeyError"
            assert found["cell_state"].points == 0
            others = {line.outcome for key, line in found.items() if key != "cell_state"}
            assert Outcome.ERROR not in others
            assert points is None or report.points == points


def test_an_error_of_ours_does_not_skip_what_needs_it(tmp_path: Path) -> None:
    """A later criterion is tried although the ones it needs broke."""
    old = '    """One step of a batch: c_1 = f_1 ⊙ c_0 + i_1 ⊙ g_1"""\n'
    course = copied_course(tmp_path, old=old, new=old + "    raise OSError\n")
    with open_grader(course) as broken:
        found = criteria(broken.grade(handed_in(SOLUTION)))
    assert found["forward_cell"].outcome is Outcome.ERROR
    assert found["sequence"].outcome is Outcome.PASSED


def test_a_broken_sandbox_needs_attention(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no worker can be started it is not the student's fault, and it is said."""

    def start(*, figures: bool = False) -> Worker:  # noqa: ARG001
        message = "the fork server is gone"
        raise SandboxError(message)

    monkeypatch.setattr(grader.sandbox, "start", start)
    report = grader.grade(handed_in(SOLUTION))
    assert report.status is Status.NEEDS_ATTENTION
    assert only(report).message == (
        "the grader itself failed (the fork server is gone); this is not your fault"
    )


def test_a_lost_criterion_leaves_no_file_open(grader: Grader) -> None:
    """A class of hundreds is graded without running out of file descriptors."""
    grader.grade(of_the_class("viktor"))
    gc.collect()
    gc.disable()
    try:
        grader.grade(of_the_class("viktor"))
        links = [
            str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()
        ]
    finally:
        gc.enable()
    assert [link for link in links if "witness" in link] == []


# --- hostile answers: whatever a function returns, the loss is the student's ----------

MISCHIEF = {
    "None": "None",
    "a text": "'ones'",
    "a list": "[1.0, 2.0]",
    "a dict": "{'x': 1}",
    "an object": "object()",
    "a function": "(lambda: 0)",
    "a whole number": "7",
    "a number": "0.5",
    "NaN": "np.nan * right",
    "an array of objects": "np.array([None])",
    "an array of texts": "np.array(['a', 'b'])",
    "a complex array": "1j * right",
    "a matrix": "np.ma.masked_array(right)",
    "an empty array": "np.zeros(0)",
    "no rows": "right[:0]",
    "a number without axes": "np.array(0.5)",
    "one axis too few": "right[0]",
    "one axis too many": "right[None]",
    "truth values": "right > 0",
    "whole numbers": "np.rint(100 * right).astype(int)",
    "bytes": "np.rint(100 * right).astype(np.uint8)",
    "half precision": "2 * right.astype(np.float16)",
    "the largest numbers": "np.full_like(right, 1.7e308)",
    "infinities": "np.inf * right",
}
WRAPPED = """

def _spoilt(right):
    return {value}


def _spoil(function, where):
    def spoilt(*args, **kwargs):
        got = function(*args, **kwargs)
        # a sequence of one step stays right, so that what needs it is asked
        if where is None:
            return _spoilt(got)
        if function.__name__ == "lstm_forward" and len(args[0]) == 1:
            return got
        return (*got[:where], _spoilt(got[where]), *got[where + 1 :])
    spoilt.__name__ = function.__name__
    return spoilt


{name} = _spoil({name}, {where})
"""
OUTPUTS = {
    "sigmoid": (None,),
    "lstm_gates": (0, 3),
    "lstm_step": (0, 1),
    "pack_gates": (None,),
    "init_lstm": (None,),
    "lstm_forward": (0, 1, 2, 3),
}


@pytest.mark.parametrize("value", MISCHIEF.values(), ids=MISCHIEF)
def test_no_answer_breaks_the_grader(grader: Grader, value: str) -> None:
    """Whatever comes in place of any output, no criterion ends in an error of ours."""
    errors = {}
    for name, places in OUTPUTS.items():
        for where in places:
            report = grader.grade(
                handed_in(SOLUTION + WRAPPED.format(value=value, name=name, where=where))
            )
            ours = [
                f"{k}: {c.message}"
                for k, c in criteria(report).items()
                if c.outcome is Outcome.ERROR
            ]
            if ours:
                errors[f"{name}, output {where}"] = ours
            # a cache may be anything; None and Handles travel
            if (name, where) != ("lstm_forward", 3):
                assert report.points < FULL, (name, where)
    assert errors == {}


TEXTS = {
    "half a surrogate pair": "x = '\ud800'\n",
    "a NUL": "x = '\0'\n",
    "nothing": "",
    "a byte order mark in the middle": "x = 1\n\ufeffy = 2\n",
    "a very long line": "x = '" + "a" * 500_000 + "'\n",
    "brackets without end": "x = " + "(" * 5000 + "\n",
}


@pytest.mark.parametrize("source", TEXTS.values(), ids=TEXTS)
def test_no_source_stops_a_grading(grader: Grader, source: str) -> None:
    """Whatever a file contains there is a report, and it can be written."""
    report = grader.grade(handed_in(source))
    assert load_report(dump_report(report)) == report
    assert report.points == 0
    assert report.status in {Status.GRADED, Status.UNREADABLE}


# --- full marks -----------------------------------------------------------------------


@pytest.mark.parametrize("student", ["ada", "bela", "chiara", "dmitri", "omar"])
def test_right_programs_of_any_style_have_full_marks(grader: Grader, student: str) -> None:
    """Loops, einsum, buffers and notebooks earn all there is."""
    report = grader.grade(of_the_class(student))
    assert lost(report) == {}
    assert (report.points, report.max_points, report.status) == (FULL, FULL, Status.GRADED)


@pytest.mark.parametrize("seed", [0, 7, 2**40])
def test_the_reference_has_full_marks_on_any_seed(
    grader: Grader, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """No draw of the probes costs a right program a point."""
    monkeypatch.setattr(grader, "seeds", Seeds(seed=seed, key=b"private"))
    report = grader.grade(handed_in(SOLUTION))
    assert lost(report) == {}
    assert report.points == FULL
    assert report.seed == seed
    assert report.key.startswith("private:")


def test_a_line_of_a_report_is_a_line_of_the_rubric(grader: Grader) -> None:
    """Order and sentences come from the rubric, points from course.toml."""
    report = grader.grade(handed_in(SOLUTION))
    points = Course.load(ROOT).exercises[NAME].points
    assert {line.id: line.max_points for line in only(report).criteria} == points
    assert criteria(report)["cell_state"].title == "One example: c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t"


def test_points_are_those_of_the_course(tmp_path: Path) -> None:
    """Changing course.toml changes what a criterion is worth; the rubric's number does not."""
    copied_course(tmp_path)
    changed(tmp_path / "course.toml", "\ngates = 3\n", "\ngates = 8\n")
    with open_grader(Course.load(tmp_path)) as other:
        report = other.grade(handed_in(SOLUTION))
    assert (report.points, report.max_points) == (FULL + 5, FULL + 5)
    assert criteria(report)["gates"].max_points == 8


# --- nothing for nothing --------------------------------------------------------------


def test_zeros_earn_nothing(grader: Grader) -> None:
    """Zeros of the right shapes have no point, not even for a property zeros have."""
    report = grader.grade(of_the_class("zoe"))
    assert (report.points, report.status) == (0, Status.GRADED)
    assert {line.outcome for line in only(report).criteria} == {Outcome.FAILED, Outcome.SKIPPED}
    assert all(line.diagnosis is None for line in only(report).criteria)


CONSTANTS = ["np.zeros_like(right)", "np.ones_like(right)", "np.full_like(right, 0.5)"]


@pytest.mark.parametrize("value", CONSTANTS)
def test_a_constant_forward_earns_nothing_for_the_forward(grader: Grader, value: str) -> None:
    """No criterion about a sequence is passed by numbers that depend on nothing."""
    source = edited((BACK, "    Hout, c, h = map(_flat, (Hout, c, h))\n" + BACK))
    found = criteria(
        grader.grade(handed_in(f"{source}\n\ndef _flat(right):\n    return {value}\n"))
    )
    names = list(found)[list(found).index("shapes") :]
    assert {name: found[name].points for name in names} == dict.fromkeys(names, 0)


# --- one slip, charged once -----------------------------------------------------------

SLIPS: dict[str, tuple[tuple[tuple[str, str], ...], str, str, set[str]]] = {
    "the forget gate is left out": (
        (("c = f * c_prev + i * g\n        tanh", "c = c_prev + i * g\n        tanh"),),
        "forward_cell", "forward-without-forget-gate", {"sequence"},
    ),
    "the bias is left out": (
        (("ones = np.ones((B, 1))", "ones = np.zeros((B, 1))"),),
        "forward_cell", "forward-without-bias", {"sequence"},
    ),
    "the tanh is left out": (
        (("h = o * tanh_c", "h = o * c"),),
        "forward_hidden", "forward-hidden-without-tanh", {"sequence"},
    ),
    "h is not carried on": (
        (("np.hstack([ones, X[t], h])",
          "np.hstack([ones, X[t], np.zeros((B, H)) if h0 is None else h0])"),),
        "sequence", "forward-hidden-not-carried", set(),
    ),
    "the gates read x before h": (
        (("np.vstack([h_prev, x])", "np.vstack([x, h_prev])"),),
        "gates", "gates-reads-x-before-h", {"cell_state", "hidden_state"},
    ),
    "the sigmoid is tanh": (
        (("return 0.5 * (1.0 + np.tanh(0.5 * a))", "return np.tanh(a)"),),
        "sigmoid", "sigmoid-is-tanh",
        {"gates", "cell_state", "hidden_state", "forward_cell", "sequence"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "charged", "bug", "forward"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_charged_once_and_carried_forward(
    grader: Grader, changes: tuple[tuple[str, str], ...], charged: str, bug: str, forward: set[str]
) -> None:
    """The first criterion pays; later ones that follow from it are given, and say so."""
    report = grader.grade(handed_in(edited(*changes)))
    found = criteria(report)
    assert found[charged].outcome is Outcome.FAILED
    convention = next(row.convention for row in Course.load(ROOT).bugs(NAME) if row.id == bug)
    assert convention or found[charged].points == 0
    assert forward <= carried(report)
    assert charged not in carried(report)
    assert next(iter(lost(report))) == charged
    for name in (charged, *forward):
        diagnosis = found[name].diagnosis
        assert diagnosis is not None, name
        assert (diagnosis.bug, diagnosis.certainty) == (bug, Certainty.EXACT), name
    for name in carried(report):
        assert found[name].outcome is Outcome.PASSED, name
        assert found[name].points == found[name].max_points, name
        assert found[name].message == "", name


def test_two_slips_are_charged_twice(grader: Grader) -> None:
    """Two mistakes in two functions are two losses, each with its own name."""
    found = lost(grader.grade(of_the_class("fatima")))
    named = {k: c.diagnosis.bug for k, c in found.items() if c.diagnosis}
    assert named["hidden_state"] == "step-hidden-without-tanh"
    assert named["forward_hidden"] == "forward-hidden-without-tanh"


def test_an_unknown_mistake_is_not_carried_forward(grader: Grader) -> None:
    """Where no known bug fits, nothing is given and nothing is claimed."""
    report = grader.grade(of_the_class("wanda"))
    assert carried(report) == set()
    assert {"forward_cell", "sequence"} <= set(lost(report))
    assert all(line.diagnosis is None for line in only(report).criteria)


def test_a_likely_cause_is_said_and_pays_nothing(grader: Grader) -> None:
    """A bug that explains a part of it is a hint: no points are kept, nothing is carried."""
    old = 'np.vstack([p[f"b_{gate}"].T, W_x.T, W_h.T])'
    report = grader.grade(handed_in(edited((old, "np.vstack([0 * W_x.T[:1], W_h.T, W_x.T])"))))
    line = criteria(report)["pack_gates"]
    assert line.diagnosis is not None
    assert line.diagnosis.bug == "pack-recurrent-rows-before-input"
    assert line.diagnosis.certainty is Certainty.LIKELY
    assert (line.outcome, line.points) == (Outcome.FAILED, 0)
    assert "wrong: every block" in line.message
    assert carried(report) == set()


def test_what_needs_a_lost_criterion_is_skipped_only_when_nobody_knows_why(grader: Grader) -> None:
    """Both needed lines lost without a name: skipped; one of them named: tried."""
    source = edited((BACK, "    Hout, c, h = np.cos(Hout), np.sin(3 * c), np.cos(h)\n" + BACK))
    found = criteria(grader.grade(handed_in(source)))
    assert found["initial_state"].outcome is Outcome.SKIPPED
    assert found["initial_state"].message == (
        "not tried until one of these works: “One step of a batch: c_1 = f_1 ⊙ c_0 + i_1 ⊙ g_1”; "
        "“One step of a batch: h_1 = o_1 ⊙ tanh(c_1), with your own c_1”"
    )
    assert found["initial_state"].points == 0
    changes = SLIPS["the forget gate is left out"][0]
    found = criteria(grader.grade(handed_in(edited(*changes))))
    assert found["initial_state"].outcome is Outcome.PASSED


# --- conventions ----------------------------------------------------------------------

CONVENTIONS = {
    "gates in PyTorch's order": ("emeka", "forward_cell", "forward-gates-in-pytorch-order"),
    "[x; h] for [h; x]": ("goran", "gates", "gates-reads-x-before-h"),
    "batch first": ("ruth", "shapes", "forward-batch-first"),
}


@pytest.mark.parametrize(("student", "criterion", "bug"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_another_convention_keeps_most_of_the_points(
    grader: Grader, student: str, criterion: str, bug: str
) -> None:
    """It is named as such and costs one point, in one place."""
    report = grader.grade(of_the_class(student))
    line = criteria(report)[criterion]
    assert line.outcome is Outcome.FAILED
    assert line.points == line.max_points - 1
    assert line.diagnosis is not None
    assert (line.diagnosis.bug, line.diagnosis.certainty) == (bug, Certainty.EXACT)
    assert report.points == FULL - 1
    assert set(lost(report)) == {criterion}


def test_every_convention_of_the_catalogue_keeps_most_of_its_criterion(grader: Grader) -> None:
    """A row marked as a convention costs a third of its criterion, or a point."""
    for bug in Course.load(ROOT).bugs(NAME):
        if bug.convention:
            line = criteria(grader.grade(handed_in(patched(SOLUTION, bug))))[bug.caught_by]
            assert line.outcome is Outcome.FAILED, bug.id
            assert line.max_points - line.points == max(1, line.max_points // 3), bug.id


# --- the class ------------------------------------------------------------------------

WHAT_THE_CLASS_LOSES: dict[str, set[str]] = {
    "ivo": {"sigmoid_stable"},
    "jun": {"forget_bias"},
    "quentin": {"precision"},
    "sven": {"shapes"},
    "hanna": {"sequence", "initial_state", "pytorch"},
    "viktor": {"forward_cell", "conveyor_belt", "pytorch"},
    "fatima": {"hidden_state", "forward_hidden", "pytorch"},
}


@pytest.mark.parametrize(("student", "names"), WHAT_THE_CLASS_LOSES.items())
def test_the_class_loses_what_it_should(grader: Grader, student: str, names: set[str]) -> None:
    """Each invented student loses the criteria of his mistake and no other, and is told why."""
    found = lost(grader.grade(of_the_class(student)))
    assert set(found) == names
    assert all(line.diagnosis for line in found.values())
    assert all(line.function in grader.course.functions(NAME) for line in found.values())


def test_half_a_file_earns_what_is_there(grader: Grader) -> None:
    """Functions that are written are graded, the others are not started."""
    found = criteria(grader.grade(of_the_class("priya")))
    outcomes = {line.outcome for line in found.values()}
    assert outcomes == {Outcome.PASSED, Outcome.NOT_STARTED, Outcome.SKIPPED}
    assert found["pack_gates"].message == "`pack_gates` is not written yet"
    assert found["pack_gates"].function == "pack_gates"
    assert found["gates"].points == 3
    assert sum(line.points for line in found.values()) == 7


def test_a_function_that_is_missing_costs_its_own_criteria(grader: Grader) -> None:
    """A renamed function is named; the others earn theirs."""
    source = edited(("def pack_gates(", "def pack_gate("))
    found = lost(grader.grade(handed_in(source)))
    assert set(found) == {"pack_gates"}
    assert found["pack_gates"].message == "lstm_forward.py has no function `pack_gates`"


def test_an_exception_is_said_with_the_line_but_without_its_words(grader: Grader) -> None:
    """What the code says while it holds hidden inputs is not repeated."""
    source = edited((BACK, "    raise ValueError(str(X))\n"))
    found = lost(grader.grade(handed_in(source)))
    assert found["shapes"].message.startswith("`lstm_forward` raised ValueError (line ")
    assert found["shapes"].message.endswith(
        ": `raise ValueError(str(X))`); called with arrays of shape (4, 2, 3), (9, 20)"
    )


def test_a_loop_costs_only_what_needed_it(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that hangs is stopped, twice at most, and the other functions are graded."""
    monkeypatch.setattr(grader, "limits", Limits(request=0.3))
    report = grader.grade(of_the_class("mateo"))
    found = criteria(report)
    assert report.status is Status.GRADED
    assert report.points == 12
    late = "`lstm_forward` did not end within 0.3 s: is there a loop that never stops?"
    again = "`lstm_forward` had to be stopped before, so it was not called again"
    assert [line.message for line in found.values() if "lstm_forward" in line.message] == [
        late, late, again, again, again,
    ]  # fmt: skip


def test_a_crash_costs_only_what_needed_it(grader: Grader) -> None:
    """A call that ends Python is said to, and the other functions are graded."""
    report = grader.grade(of_the_class("nadia"))
    assert (report.status, report.points) == (Status.GRADED, 12)
    assert "ended Python itself" in criteria(report)["shapes"].message


ADVICE = {
    "arguments are changed": (
        "dmitri",
        "`lstm_forward` changes the arrays it is given; work on copies, callers rely on it.",
    ),
    "something is printed": ("omar", "Your code prints while it runs; that costs nothing."),
}  # fmt: skip


@pytest.mark.parametrize(("student", "advice"), ADVICE.values(), ids=ADVICE)
def test_advice_costs_nothing(grader: Grader, student: str, advice: str) -> None:
    """What is better done otherwise is said beside full marks."""
    result = only(grader.grade(of_the_class(student)))
    assert result.advice == (advice,)
    assert result.points == FULL


# --- the same again -------------------------------------------------------------------


@pytest.mark.parametrize("student", ["ada", "emeka", "wanda", "zoe", "nadia", "lena", "kofi"])
def test_only_the_timing_differs_between_two_gradings(grader: Grader, student: str) -> None:
    """Same submission, same seed: the same bytes, from a grader that is warm or new."""
    submission = of_the_class(student)
    first = grader.grade(submission)
    grader.grade(of_the_class("fatima"))
    second = grader.grade(submission)
    with open_grader() as other:
        third = other.grade(submission)
    bytes_of = [dump_report(replace(report, timing={})) for report in (first, second, third)]
    assert bytes_of[0] == bytes_of[1] == bytes_of[2]
    assert set(first.timing) == {"seconds"}


def test_another_seed_asks_other_questions(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same mistake shows other numbers under another seed, and costs the same."""
    first = grader.grade(of_the_class("wanda"))
    monkeypatch.setattr(grader, "seeds", Seeds(seed=2))
    second = grader.grade(of_the_class("wanda"))
    assert criteria(first)["sequence"].message != criteria(second)["sequence"].message
    assert first.content == second.content


def test_a_report_survives_the_way_to_json(grader: Grader) -> None:
    """A real report is read back as it was."""
    for student in ("ada", "emeka", "lena", "kofi"):
        report = grader.grade(of_the_class(student))
        assert load_report(dump_report(report)) == report


def test_what_lies_around_a_submission_has_no_effect(grader: Grader, tmp_path: Path) -> None:
    """conftest.py, pytest.ini and modules with names like ours change no byte of the report."""
    source = (CLASS / "viktor" / f"{NAME}.py").read_text("utf-8")
    (tmp_path / f"{NAME}.py").write_text(source, "utf-8")
    stubs = grader.course.stubs()
    before = grader.grade(read_submission(tmp_path, stubs))
    for name in ("conftest.py", "numpy.py", "grader.py", "sitecustomize.py", "pytest.py"):
        (tmp_path / name).write_text("raise SystemExit('I ran')", "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    after = grader.grade(read_submission(tmp_path, stubs))
    assert replace(after, timing={}) == replace(before, timing={})


def test_content_is_digested(grader: Grader) -> None:
    """Another text has another digest; another id or path has not."""
    one = grader.grade(handed_in(SOLUTION)).content
    assert grader.grade(handed_in(SOLUTION, "bo")).content == one
    moved = Submission(id="bo", files={NAME: SourceFile(path="x/y.py", text=SOLUTION)})
    assert grader.grade(moved).content == one
    other = grader.grade(handed_in(SOLUTION + "\n")).content
    assert other.submission != one.submission
    assert other.grader == one.grader
    assert one.submission.startswith("sha256:")


def test_notes_of_the_files_are_notes_of_the_report(grader: Grader) -> None:
    """What intake noticed about a file reaches the report."""
    file = SourceFile(path="x.py", text=SOLUTION, notes=("2 files; x.py was used",))
    report = grader.grade(Submission(id="bo", files={NAME: file}))
    assert report.notes == ("2 files; x.py was used",)
    assert (report.submission, report.isolation, report.schema) == (
        "bo",
        "process",
        "grader/report/v1",
    )


def test_a_picture_shows_where_it_is_wrong(grader: Grader) -> None:
    """The heat maps are zero for a right program and not for a wrong one."""
    right = only(grader.grade(handed_in(SOLUTION))).pictures
    wrong = only(grader.grade(of_the_class("emeka"))).pictures
    assert right
    assert [picture.title for picture in wrong] == [picture.title for picture in right]
    assert {v for picture in right for row in picture.values for v in row} == {0.0}
    assert max(v or 0.0 for picture in wrong for row in picture.values for v in row) > 0.1
