"""What a wrong array still has in common with the right one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.calls import Returned
from grader.expect import Lost, expect_close, expect_gradients, expect_precise
from grader.numerics import TOLERANCE
from grader.resemblance import resemblance

WANT = np.random.default_rng(5).standard_normal((4, 2, 5))


def but(right: Any) -> np.ndarray:
    """Make everything wrong but one part."""
    array = WANT + 1.0
    array[right] = WANT[right]
    return array


CASES = {
    "a sum where a mean was due": (4 * WANT, "all of it is right up to one factor: 4 times"),
    "a mean where a sum was due": (WANT / 4, "up to one factor: 1/4 times"),
    "an odd factor": (1.7 * WANT, "up to one factor: 1.7 times"),
    "a negative part": (-WANT / 2, "up to one factor: -1/2 times"),
    "a sign": (-WANT, "the sign is turned, all else is right"),
    "the last step": (but(np.s_[-1]), "only the last step is right"),
    "the first step": (but(np.s_[0]), "only the first step is right"),
    "the beginning": (but(np.s_[:2]), "right until t = 1, wrong from t = 2 on"),
    "the end": (but(np.s_[2:]), "right from t = 2 on, wrong until t = 1"),
    "the first sequence": (but(np.s_[:, 0]), "only the first sequence of the batch is right"),
    "the last sequence": (but(np.s_[:, -1]), "only the last sequence of the batch is right"),
    "the order of time": (WANT[::-1], "the steps are right, in reverse order"),
}


@pytest.mark.parametrize(("got", "says"), CASES.values(), ids=CASES)
def test_what_is_still_right_is_said(got: np.ndarray, says: str) -> None:
    """A simple relation between two arrays is put into words."""
    assert says in resemblance(got, WANT, TOLERANCE)


SILENT = {
    "right": WANT,
    "shifted": WANT + 1.0,
    "zeros": np.zeros_like(WANT),
    "steps here and there": but(np.s_[1:3]),
}


@pytest.mark.parametrize("got", SILENT.values(), ids=SILENT)
def test_nothing_is_said_where_nothing_simple_holds(got: np.ndarray) -> None:
    """What is right, or wrong in no simple way, resembles nothing."""
    assert resemblance(got, WANT, TOLERANCE) == ""


def test_a_transposed_square_is_told_from_a_symmetric_one() -> None:
    """Only a square matrix can be returned transposed without a word about shapes."""
    square = np.arange(9.0).reshape(3, 3)
    assert resemblance(square.T, square, TOLERANCE) == "it is the transpose of what it should be"
    assert resemblance(square + square.T + 1, square + square.T, TOLERANCE) == ""


def test_two_numbers_are_no_evidence() -> None:
    """Any number is a multiple of any other."""
    assert resemblance(np.array([2.0, 4.0]), np.array([1.0, 2.0]), TOLERANCE) == ""


@given(st.floats(0.01, 100).filter(lambda k: abs(k - 1) > 0.01), st.booleans())
def test_every_factor_is_found(size: float, negative: bool) -> None:
    """Scaled by anything but one, an array is never silent and never mistaken."""
    says = resemblance((-size if negative else size) * WANT, WANT, TOLERANCE)
    assert "factor" in says or "sign" in says


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=True))
@example(7e-310)  # what np.empty often holds: its inverse overflows
@example(1e308)
def test_memory_that_was_never_written_is_no_multiple(left: float) -> None:
    """One number everywhere is no factor of others, however small or large it is."""
    assert "factor" not in resemblance(np.full_like(WANT, left), WANT, TOLERANCE)


def returned(**values: object) -> Returned:
    """Stand for what a function returned."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def lost(*args: Any, **kwargs: Any) -> str:
    """Read the message of a lost gradient."""
    with pytest.raises(Lost) as caught:
        expect_gradients(*args, **kwargs)
    return str(caught.value)


def test_a_block_that_is_wrong_alone_is_judged_alone() -> None:
    """A factor in one block is named, though the whole matrix has none."""
    want = np.random.default_rng(1).standard_normal((4, 6))
    got = want.copy()
    got[:, 3:] *= 2
    blocks = {"dW": {"i": np.s_[:, :3], "f": np.s_[:, 3:]}}
    message = lost(returned(dW=got), returned(dW=want), blocks=blocks)
    assert message.endswith("all of it is right up to one factor: 2 times what it should be")
    with pytest.raises(Lost, match=r"wrong: f; all of it is right up to one factor: 2 times"):
        expect_close(returned(dW=got), returned(dW=want), blocks=blocks["dW"])


def test_single_precision_is_called_by_its_name() -> None:
    """Six good digits are what float32 leaves; fewer are something else."""
    single = WANT.astype(np.float32).astype(float)
    with pytest.raises(Lost, match=r"only, which is what float32 gives; float64"):
        expect_precise(returned(h=single), returned(h=WANT), "h")
    with pytest.raises(Lost, match=r"right to \de-05 only; float64"):
        expect_precise(returned(h=WANT * (1 + 1e-4)), returned(h=WANT), "h")
