"""Twelve people who had nothing but the hand-out: what they wrote is graded as it should be.

Six meant to be right; six made honest mistakes, one or two in a file.
"""

from collections.abc import Iterator

import pytest

from grader.course import Course
from grader.grade import Grader
from grader.intake import read_submission
from grader.model import Outcome
from grader.sandbox.server import ForkServer
from grader.seeds import Seeds
from tests.golden import ROOT

READERS = ROOT / "tests" / "submissions" / "readers"
CORE = ("lstm_forward", "lstm_backward", "gru", "gate_analysis", "long_dependency")
RIGHT = ("loops", "in_place", "physicist", "beginner", "einsum", "statistician")
#: Nobody was asked for weights.
NO_WEIGHTS = {f"long_dependency.weights_{share}" for share in (90, 99, 998)}
#: Where each mistake has to show.
WRONG = {
    "classes": {
        "lstm_forward.pack_gates": "pack-in-pytorch-order",
        "lstm_backward.step_states": "step-dc-prev-of-what-arrived",
        "lstm_backward.one_step": "tanh-of-the-cell-before",
        "gru.backward_inputs": "past-through-candidate-without-reset",
        "gru.torch_biases": "",
        "gate_analysis.mean_std": "statistics-divide-by-one-less",
        "gate_analysis.events": "",
    },
    "functional": {
        "lstm_forward.forward_cell": "forward-recurrent-rows-before-input",
        "lstm_forward.forget_bias": "",
        "lstm_backward.step_weights": "step-output-gate-missing-in-dc",
        "lstm_backward.one_step": "",
        "gru.after": "after-b-hn-outside",
        "gru.upstream": "",
        "gate_analysis.direct": "direct-off-by-one",
        "gate_analysis.gradient_lstm": "",
    },
    "engineer": {
        "lstm_forward.hidden_state": "step-hidden-of-the-old-cell",
        "lstm_forward.initial_state": "",
        "lstm_backward.one_step": "c-instead-of-tanh",
        "gru.backward_inputs": "past-through-candidate-without-reset",
        "gru.torch_weights": "torch-rows-update-first",
        "gate_analysis.saturated": "saturated-limits-included",
        "gate_analysis.gradient_lstm": "",
    },
    "performance": {
        "lstm_forward.pack_gates": "pack-recurrent-rows-before-input",
        "lstm_forward.forward_cell": "forward-cn-one-step-early",
        "lstm_backward.step_weights": "",
        "gru.backward_weights": "dz-sign",
        "gru.after": "after-b-hn-outside",
        "gate_analysis.events": "events-mean-of-means",
        "gate_analysis.gradient_lstm": "",
    },
    "hurried": {
        "lstm_forward.initial_state": "",
        "lstm_backward.step_weights": "",
        "lstm_backward.linear": "",
        "gru.init_weights": "",
        "gru.torch_weights": "torch-reshaped-instead-of-transposed",
        "gate_analysis.open_closed": "statistics-limits-included",
        "gate_analysis.events": "events-mean-of-means",
        "long_dependency.positions": "",
        "long_dependency.train_updates": "",
    },
    "buffers": {
        "lstm_forward.init_weights": "",
        "lstm_forward.initial_state": "",
        "lstm_backward.step_weights": "",
        "lstm_backward.linear": "",
        "gru.torch_weights": "torch-reshaped-instead-of-transposed",
        "gate_analysis.mean_std": "statistics-std-of-each-sequence",
        "gate_analysis.gates_drawn": "",
        "long_dependency.lengths": "length-without-the-longest",
        "long_dependency.train_history": "",
    },
}


@pytest.fixture(name="grader", scope="module")
def _grader() -> Iterator[Grader]:
    server = ForkServer()
    course = Course.load(ROOT)
    grader = Grader(course, server, Seeds(seed=7), isolation="process", exercises=CORE)
    yield grader
    grader.close()
    server.close()


def lost(grader: Grader, reader: str, *exercises: str) -> dict[str, str]:
    """Judge a reader: exercise.criterion that is lost -> the known slip, if one is named."""
    submission = read_submission(READERS / reader, grader.course.stubs())
    return {
        f"{judged.result.name}.{line.id}": line.diagnosis.bug if line.diagnosis else ""
        for judged in grader.judge(submission, exercises)
        for line in judged.result.criteria
        if line.outcome is not Outcome.PASSED
    }


@pytest.mark.parametrize("reader", RIGHT)
def test_whoever_read_the_hand_out_well_gets_full_marks(grader: Grader, reader: str) -> None:
    """Loops, in-place buffers, transposed layouts, a beginner's lists: all five exercises."""
    assert lost(grader, reader, *CORE).keys() == NO_WEIGHTS


@pytest.mark.parametrize(("reader", "mistakes"), WRONG.items(), ids=WRONG)
def test_honest_mistakes_are_lost_where_they_were_made(
    grader: Grader, reader: str, mistakes: dict[str, str]
) -> None:
    """Each loses its criterion; where the slip is known, it is named."""
    exercises = {key.partition(".")[0] for key in mistakes}
    found = lost(grader, reader, *(name for name in CORE if name in exercises))
    assert {key: found.get(key, "passed") for key in mistakes} == mistakes
