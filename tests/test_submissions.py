"""The sample class, graded by the real command, gets its golden reports."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.golden import CLASS, GOLDEN, essence, graded

STUDENTS = sorted(path.name for path in CLASS.iterdir() if path.is_dir())

Reports = dict[str, dict[str, Any]]


@pytest.fixture(name="results", scope="module")
def _results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(name="reports", scope="module")
def _reports(results: Path) -> Reports:
    return graded(results)


def test_every_student_of_the_class_has_a_golden_report() -> None:
    """A submission without a golden report, or the reverse, is found."""
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == STUDENTS
    assert len(STUDENTS) >= 12


@pytest.mark.parametrize("student", STUDENTS)
def test_a_submission_gets_its_golden_report(reports: Reports, student: str) -> None:
    """Marks, words, places and diagnoses are those agreed on."""
    golden = json.loads((GOLDEN / f"{student}.json").read_text("utf-8"))
    assert essence(reports[student]) == golden


@pytest.mark.parametrize("student", STUDENTS)
def test_a_submission_gets_a_page_that_says_its_marks(
    reports: Reports, results: Path, student: str
) -> None:
    """The feedback page is there and agrees with the report."""
    page = (results / f"{student}.html").read_text("utf-8")
    shown = re.sub(r"<[^>]+>|\s+", " ", page)
    assert student in shown
    report = reports[student]
    assert f"of {report['max_points']} points" in re.sub(r" +", " ", shown)


def test_the_class_page_links_to_every_student(reports: Reports, results: Path) -> None:
    """Nobody is left out of the index."""
    index = (results / "index.html").read_text("utf-8")
    assert [name for name in reports if f'href="{name}.html"' not in index] == []


def test_zeros_and_a_patched_numpy_earn_nothing(reports: Reports) -> None:
    """The submission that gets full marks from five other graders gets none here."""
    assert "np.max = lambda" in (CLASS / "zoe" / "lstm_forward.py").read_text("utf-8")
    assert reports["zoe"]["points"] == 0


def test_right_code_in_any_style_gets_full_marks(reports: Reports) -> None:
    """Loops, einsum, buffers in place and a notebook are all as good as ours."""
    for student in ("ada", "bela", "chiara", "dmitri", "omar", "yuki"):
        assert reports[student]["points"] == reports[student]["max_points"]


#: The mistakes that were put in, by exercise and student; who has none that is known, is not here.
SLIPS: dict[str, dict[str, set[str]]] = {
    "activations": {
        "bo": {
            "he-for-glorot",
            "loss-averaged-over-everything",
            "sigmoid-once-more",
            "softmax-shifted-by-the-largest-of-all",
        },
        "cleo": {"softmax-not-shifted", "tanh-once-more"},
    },
    "gradient_check": {
        "bo": {
            "error-with-a-floor",
            "moved-by-adding",
            "shapes-stretched",
            "threshold-one-hundredth",
        },
        "cleo": {"differences-one-sided", "shapes-stretched", "zero-by-zero"},
    },
    "bug_hunt": {
        "hugo": {
            "hunt-01-named-overwritten",
            "hunt-02-only-tanh-of-c-mended",
            "hunt-06-larger-eps",
            "hunt-07-named-wrong-size",
        },
        "iris": {
            "hunt-01-previous-still-wraps",
            "hunt-02-as-given",
            "hunt-04-named-slope-of-output",
            "hunt-04-slope-of-the-output",
            "hunt-05-as-given",
            "hunt-06-as-given",
            "hunt-07-named-off-by-one",
            "hunt-07-previous-state-moved",
            "hunt-09-as-given",
            "hunt-10-as-given",
        },
    },
    "language_model": {
        "kira": {
            "best-is-the-last",
            "evaluate-averages-chunks",
            "loss-with-an-epsilon",
            "temperature-cancels",
            "train-averages-chunks",
            "vocab-ties-as-they-came",
        },
        "luca": {
            "batches-target-is-input",
            "loss-per-stream",
            "perplexity-base-two",
            "temperature-zero-divides",
        },
    },
    "ablation": {
        "nils": {"coupled-one-path-only", "output-activation-removed", "ranked-by-the-best-run"},
    },
    "variants": {
        "rafa": {
            "df-without-g",
            "padding-read-first",
            "peephole-of-o-at-the-old-cell",
            "pytorch-bias-twice",
        },
    },
    "attention": {
        "pia": {
            "mask-subtracts-a-billion",
            "nan-in-the-context",
            "nan-on-the-way-back",
            "state-read-by-the-context-only",
        },
    },
    "lstm_1997": {
        "theo": {
            "closed-at-all-steps",
            "constant-must-be-the-mean",
            "legal-both-wrappers",
            "most-active-argmax",
            "squashings-swapped",
            "stop-without-the-mean",
        },
        "ulla": {"gates-dealt-out-in-turn", "squash-overflows", "stop-nan-is-right"},
    },
    "vanilla_rnn": {"haruto": {"scale-overflows"}, "milan": {"backward-wraps-around"}},
    "lstm_forward": {
        "emeka": {"forward-gates-in-pytorch-order"},
        "fatima": {"step-hidden-without-tanh", "forward-hidden-without-tanh"},
        "goran": {"gates-reads-x-before-h"},
        "hanna": {"forward-hidden-not-carried"},
        "ivo": {"sigmoid-overflows"},
        "jun": {"forget-bias-negative"},
        "quentin": {"forward-in-float32"},
        "ruth": {"forward-batch-first"},
        "sven": {"forward-without-cache"},
        "uma": {"forward-squeezed"},
        "viktor": {"forward-without-forget-gate"},
    },
    # the first two are carried forward from lstm_forward
    "lstm_backward": {
        "emeka": {"forward-gates-in-pytorch-order"},
        "fatima": {"forward-hidden-without-tanh"},
        "hanna": {"step-dc-overwritten"},
    },
    "sequence_loss": {
        "eli": {
            "entropy-gradient-over-all-steps",
            "mean-times-the-mask",
            "mean-zero-by-zero",
            "step-weighs-by-the-mask",
            "teacher-hands-out-the-answer",
            "train-forgets-between-chunks",
        },
        "farid": {
            "chunks-without-the-rest",
            "mean-over-all-entries",
            "step-zero-in-the-padding",
        },
    },
    "gate_analysis": {
        "lucia": {"gradient-from-the-forget-gates"},
        "yara": {"direct-off-by-one", "statistics-divide-by-one-less", "timescale-of-one-warns"},
    },
    # sam draws in an order of his own, so that no arithmetic names his slip
    "long_dependency": {"leon": {"predict-from-the-cell"}, "lucia": {"target-halved-only"}},
    "gru": {
        "noor": {"after-update-keeps", "torch-z-not-negated", "update-keeps-throughout"},
        "rosa": {"reset-not-applied"},
        "tomas": {"state-never-updated"},
    },
}


def test_every_wrong_submission_with_a_known_slip_is_named_rightly(reports: Reports) -> None:
    """The diagnosis is the mistake that was put in, in each exercise."""
    named: dict[str, dict[str, set[str]]] = {}
    for student in STUDENTS:
        for exercise in reports[student]["exercises"]:
            lines = [line["diagnosis"] for line in exercise["criteria"] if line["diagnosis"]]
            if lines:
                bugs = {diagnosis["bug"] for diagnosis in lines}
                named.setdefault(exercise["name"], {})[student] = bugs
    assert named == SLIPS


def test_the_class_page_gives_the_same_marks_for_any_number_of_processes(
    reports: Reports, tmp_path: Path
) -> None:
    """One process or two: the same reports, timings apart; asked of every sixth student."""
    some = tmp_path / "some"
    for student in STUDENTS[::6]:
        shutil.copytree(CLASS / student, some / student)
    alone = graded(tmp_path / "results", "--jobs", "1", str(some))
    for report in (*alone.values(), *reports.values()):
        report.pop("timing", None)
    assert alone == {student: reports[student] for student in STUDENTS[::6]}
