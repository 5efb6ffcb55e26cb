"""The reference of sequence_loss: gradients, and the promise that padding changes nothing."""

from typing import Any

import numpy as np
import pytest

from grader.calls import Array
from grader.course import Course
from grader.numerics import relative_error
from tests.helpers import ROOT

FUNCTIONS = Course.load(ROOT).functions("sequence_loss")
T, B, D, H, V = 5, 3, 2, 4, 6
DELTA, NEAR = 1e-5, 1e-7


def drawn(seed: int) -> dict[str, Any]:
    """Draw a chunk whose mask has holes, in front, behind and in between."""
    rng = np.random.default_rng(seed)
    mask = rng.uniform(size=(T, B)) < 0.6
    mask[2] = ~mask[1]
    return {
        "X": rng.standard_normal((T, B, D)),
        "targets": rng.integers(V, size=(T, B)),
        "mask": mask,
        "params": {
            "W": 0.6 * rng.standard_normal((1 + D + H, H)),
            "W_out": rng.standard_normal((1 + H, V)),
        },
        "h0": rng.standard_normal((B, H)),
    }


def slope(array: Array, loss: Any) -> Array:
    """Differentiate a loss by every entry of an array, which is restored."""
    found = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept, ends = array[index], []
        for sign in (1.0, -1.0):
            array[index] = kept + sign * DELTA
            ends.append(loss())
        array[index] = kept
        found[index] = (ends[0] - ends[1]) / (2 * DELTA)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_central_differences(seed: int) -> None:
    """Of the loss by the logits, and of a chunk by both arrays of weights."""
    case = drawn(seed)
    _, grads, _ = FUNCTIONS["chunk_gradients"](**case)
    for name, weights in case["params"].items():
        want = slope(weights, lambda: FUNCTIONS["chunk_gradients"](**case)[0])
        assert relative_error(grads[name], want) < NEAR, name
    logits = np.random.default_rng(seed).standard_normal((T, B, V))
    asked = logits, case["targets"], case["mask"]
    want = slope(logits, lambda: FUNCTIONS["masked_cross_entropy"](*asked)[0])
    assert relative_error(FUNCTIONS["masked_cross_entropy"](*asked)[1], want) < NEAR


@pytest.mark.parametrize("bad", [0.0, 1000.0, np.nan, np.inf, -np.inf])
def test_what_stands_in_the_padding_changes_no_bit(bad: float) -> None:
    """Training over three chunks, to the last bit of losses, weights and state."""
    case = drawn(7)
    h0 = case.pop("h0")
    want = FUNCTIONS["train_chunked"](**case, k=2, lr=0.5, h0=h0)
    case["X"] = np.where(case["mask"][..., None], case["X"], bad)
    case["targets"] = np.where(case["mask"], case["targets"], 999)
    got = FUNCTIONS["train_chunked"](**case, k=2, lr=0.5, h0=h0)
    assert got[1] == want[1]
    for name in want[0]:
        np.testing.assert_array_equal(got[0][name], want[0][name])
    np.testing.assert_array_equal(got[2], want[2])


def test_the_last_state_is_the_one_of_each_sequence() -> None:
    """The sequences of a batch end as they would alone, whatever their length."""
    case = drawn(3)
    lengths = (5, 2, 3)
    case["mask"] = np.arange(T)[:, None] < np.array(lengths)
    *_, together = FUNCTIONS["chunk_gradients"](**case)
    for b, length in enumerate(lengths):
        alone = {k: case[k][:length, b : b + 1] for k in ("X", "targets", "mask")}
        *_, hn = FUNCTIONS["chunk_gradients"](
            **alone, params=case["params"], h0=case["h0"][b : b + 1]
        )
        np.testing.assert_allclose(together[b], hn[0], rtol=0, atol=1e-15)


def test_the_numbers_of_the_handout() -> None:
    """Four ways to divide, which the handout tells apart."""
    values = np.array([[0.9, 0.3], [0.6, 0.9], [0.6, 0.0], [0.0, 0.0]])
    mask = np.array([[1, 1], [1, 1], [1, 0], [0, 0]], bool)
    handout = (ROOT / "exercises/handouts/sequence_loss.md").read_text("utf-8")
    each = values.sum(axis=0) / mask.sum(axis=0)
    assert FUNCTIONS["masked_mean"](values, mask) == pytest.approx(0.66)
    for number in (0.66, values.mean(), values.sum() / 2, each.mean()):
        assert f"{number:.2f}" in handout
