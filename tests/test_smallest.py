"""The smallest failing example, found with the real course and run as a student would."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.catalogue import patched
from grader.course import Course
from grader.grade import Grader
from grader.model import CELL_MARK, CriterionResult, Example, Outcome, Status, dump_report
from grader.report.examples import resolved
from tests.helpers import ROOT, SOLUTION, edited, open_grader, together

COURSE = Course.load(ROOT)
GRADED = ("vanilla_rnn", "lstm_forward", "lstm_backward", "gru")


@pytest.fixture(name="grader", scope="module")
def _grader() -> Iterator[Grader]:
    with open_grader(COURSE, exercises=GRADED) as grader:
        yield grader


def judged(grader: Grader, **sources: str) -> dict[str, CriterionResult]:
    """Grade sources by exercise; take the lines of the last one."""
    grader.names = tuple(sources)
    report = grader.grade(together(sources))
    assert report.exercises[-1].status is Status.GRADED, report.exercises[-1].message
    return {line.id: line for line in report.exercises[-1].criteria}


def of_bug(grader: Grader, exercise: str, name: str) -> tuple[dict[str, str], Example]:
    """Grade one known bug; take its files and the example where it is caught."""
    bug = next(bug for bug in COURSE.bugs(exercise) if bug.id == name)
    sources = {needed: COURSE.source(needed) for needed in COURSE.needs(exercise)}
    sources[exercise] = patched(COURSE.source(exercise), bug)
    example = judged(grader, **sources)[bug.caught_by].example
    assert example is not None
    return sources, example


def run(folder: Path, sources: dict[str, str], code: tuple[str, ...]) -> str:
    """Run lines in a folder with these files; return what they say."""
    for name, text in sources.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


BUGS = {
    "a sigmoid of the wrong sign": ("lstm_forward", "sigmoid-sign", "H = 1", 5),
    "a gate without its bias": ("lstm_forward", "gates-without-bias", "D = H = 1", 9),
    "a step without its forget gate": ("lstm_forward", "step-without-forget-gate", "D = H = 1", 9),
    "a batch without its forget gate": (
        "lstm_forward", "forward-without-forget-gate", "T = B = D = H = 1", 6,
    ),
    "columns in another order": (
        "lstm_forward", "forward-gates-in-pytorch-order", "T = B = D = H = 1", 6,
    ),
    "a cell that is not carried": (
        "lstm_forward", "forward-cell-not-carried", "T = 2, B = D = H = 1", 6,
    ),
    "a forget bias that is ignored": ("lstm_forward", "forget-bias-ignored", "", 4),
    "a gradient without one of its ways": (
        "lstm_backward", "no-path-through-h", "T = B = D = H = 1", 7,
    ),
    "a gradient averaged over the batch": (
        "lstm_backward", "mean-over-batch", "B = 2, T = D = H = 1", 7,
    ),
    "a gradient that is clipped": ("lstm_backward", "clips-on-the-way", "", 7),
    "a derivative that is missing": (
        "vanilla_rnn", "backward-without-derivative", "T = B = D = H = 1", 6,
    ),
    "a norm that adds norms": ("vanilla_rnn", "clip-global-sum-of-norms", "D = H = 1", 5),
    "the two GRUs taken for each other": (
        "gru", "reset-after-the-product", "H = 2, T = B = D = 1", 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("exercise", "bug", "sizes", "lines"), BUGS.values(), ids=BUGS)
def test_what_is_shown_is_what_runs_when_it_is_pasted(
    grader: Grader, tmp_path: Path, exercise: str, bug: str, sizes: str, lines: int
) -> None:
    sources, example = of_bug(grader, exercise, bug)
    assert example.situation == sizes
    assert len("\n".join(example.code).splitlines()) <= lines
    assert f"you get {example.got}, by hand it is {example.want}" in example.code[-1]
    assert float(f"{float(run(tmp_path, sources, example.code)):.3g}") == float(example.got)
    right = {name: COURSE.source(name) for name in sources}
    assert float(f"{float(run(tmp_path, right, example.code)):.3g}") == float(example.want)


def test_a_pocket_calculator_is_enough_where_all_sizes_are_one(grader: Grader) -> None:
    _, example = of_bug(grader, "lstm_forward", "forward-without-forget-gate")
    assert example.by_hand == (
        "a_i = 0,  i = σ(0) = 0.5",
        "a_f = 0,  f = σ(0) = 0.5",
        "a_g = 0,  g = tanh(0) = 0",
        "c = f·c_prev + i·g = 0.5·1 + 0.5·0 = 0.5",
    )
    assert example.by_hand[-1].endswith(f"= {example.want}")


WORDS = {
    "a call that raises": (
        ("    T, B, _ = X.shape\n", "    T, B, _ = X.shape\n    W[10**6]\n"), "shapes",
        "# raises IndexError", "IndexError",
    ),
    "results that are missing": (
        ("return Hout, c, h, cache", "return Hout, c"), "forward_cell",
        "# it should return Hout, cn, hn, cache", "",
    ),
    "a cache that is missing": (
        ("return Hout, c, h, cache", "return Hout, c, h"), "shapes",
        "# it should return Hout, cn, hn, cache", "",
    ),
    "another shape": (
        ("return Hout, c, h, cache", "return Hout[0], c, h, cache"), "sequence",
        "you get (1, 1), it should be (1, 1, 1)", "(1, 1)",
    ),
    "no array at all": (
        ("return Hout, c, h, cache", "return list(Hout), c, h, cache"), "sequence",
        "print(type(Hout))  # it is a tuple or list; it should be an array", "<class 'list'>",
    ),
    "a warning": (
        ("return 0.5 * (1.0 + np.tanh(0.5 * a))", "return 1.0 / (1.0 + np.exp(-a))"),
        "sigmoid_stable", "sigmoid(a)  # NumPy warns: overflow", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line", "says", "shown"), WORDS.values(), ids=WORDS)
def test_what_is_no_number_is_shown_too(
    grader: Grader, tmp_path: Path, change: tuple[str, str], line: str, says: str, shown: str
) -> None:
    source = edited(change)
    lines = judged(grader, lstm_forward=source)
    example = resolved(lines[line].example, tuple(lines.values()))
    assert example is not None
    assert says in example.code[-1]
    assert shown in run(tmp_path, {"lstm_forward": source}, example.code)


def test_lines_lost_to_one_known_slip_share_its_example(grader: Grader) -> None:
    bug = next(b for b in COURSE.bugs("lstm_forward") if b.id == "sigmoid-is-its-derivative")
    lines = judged(grader, lstm_forward=patched(SOLUTION, bug))
    lost = [line for line in lines.values() if line.outcome is Outcome.FAILED and line.example]
    shown = [line for line in lost if line.example and line.example.code]
    assert shown[0].id == "sigmoid"
    points = {line.example.same_as for line in lost if line.example and line.example.same_as}
    assert points <= {line.id for line in shown}


def test_a_gradient_judged_by_its_own_forward_says_so(grader: Grader, tmp_path: Path) -> None:
    forward = edited(
        ("h = o * tanh_c\n        Hout", "h = o * tanh_c * (0.8 if t else 1)\n        Hout")
    )
    lines = judged(grader, lstm_forward=forward, lstm_backward=COURSE.source("lstm_backward"))
    told = [line for line in lines.values() if "compared with your own" in line.message]
    examples = [line.example for line in told if line.example and line.example.code]
    for example in examples:
        assert "central differences of your lstm_forward say" in example.code[-1]
    assert examples
    sources = {"lstm_forward": forward, "lstm_backward": COURSE.source("lstm_backward")}
    got = float(run(tmp_path, sources, examples[0].code))
    assert float(f"{got:.3g}") == float(examples[0].got)


def test_what_only_long_sequences_show_is_drawn_as_large(grader: Grader, tmp_path: Path) -> None:
    source = edited(("        h = o * tanh_c\n", "        h = o * tanh_c * (1 + (t > 4))\n"))
    example = judged(grader, lstm_forward=source)["sequence"].example
    assert example is not None
    assert any("default_rng" in line for line in example.code)
    got = float(run(tmp_path, {"lstm_forward": source}, example.code))
    assert float(f"{got:.3g}") == float(example.got)


def test_where_only_hidden_numbers_fail_their_shapes_are_told_and_no_number(
    grader: Grader,
) -> None:
    source = edited(
        ("    cache = (W, steps)\n", "    c = c * (1 + (W.min() < -40))\n    cache = (W, steps)\n")
    )
    example = judged(grader, lstm_forward=source)["conveyor_belt"].example
    assert example == Example(
        situation="lstm_forward with X (6, 2, 3), W (9, 20), c0 (2, 5), h0 (2, 5)"
    )


def test_a_right_program_gets_no_example_and_is_asked_nothing_more(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.smallest.Search.example", None)
    lines = judged(grader, lstm_forward=SOLUTION)
    assert all(line.example is None for line in lines.values())


def test_a_notebook_is_pasted_into_not_imported_from(grader: Grader) -> None:
    source = edited(
        ("c = f * c_prev + i * g\n        tanh_c", "c = c_prev + i * g\n        tanh_c")
    )
    example = judged(grader, lstm_forward=f"{CELL_MARK}1\n{source}")["forward_cell"].example
    assert example is not None
    assert not any("import lstm_forward" in line for line in example.code)


def test_the_same_submission_gets_the_same_examples_byte_by_byte(grader: Grader) -> None:
    bug = next(b for b in COURSE.bugs("lstm_forward") if b.id == "forward-states-swapped")
    submission = together({"lstm_forward": patched(SOLUTION, bug)})
    grader.names = ("lstm_forward",)
    first, second = (dump_report(replace(grader.grade(submission), timing={})) for _ in range(2))
    assert first == second
    assert b"by hand it is" in first


HOSTILE = {
    "ends Python": "import os; os._exit(0)",
    "never ends": "while True: pass",
    "returns words": 'return "a", {"b": None}, [None], 3',
    "returns dicts of mixed keys": 'return {1: 2, "a": np.zeros(3)}, {}, [], None',
    "returns NaN": "return X * np.nan, X[0] * np.nan, X[0] * np.nan, None",
    "returns complex numbers": "return X * 1j, X[0], X[0], None",
    "returns huge numbers": "return X * 1e308 * 10, X[0] * 1e300, X[0] * -1e308, None",
    "returns objects": "return np.array([object()]), object(), print, None",
    "returns something else every time": (
        "r = np.random.default_rng(); return r.random(X.shape), r.random(9), r.random(()), None"
    ),
    "raises an exception of its own": 'raise type("Secret", (Exception,), {})("0.123")',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_answer_keeps_the_rest_from_being_judged(grader: Grader, body: str) -> None:
    changed = edited(("    T, B, _ = X.shape\n", f"    {body}\n    T, B, _ = X.shape\n"))
    lines = judged(grader, lstm_forward=changed)
    assert lines["gates"].outcome is Outcome.PASSED
    assert lines["sequence"].outcome is Outcome.FAILED
    examples = [line.example for line in lines.values() if line.example]
    assert not re.search("Secret|0x[0-9a-f]{6}", str(examples))
