"""Results in dicts, and gradients judged block by block: what is said of a wrong one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.calls import ABSENT, Array, Returned
from grader.expect import Lost, expect_close, expect_gradients
from grader.model import Where
from grader.numerics import TOLERANCE
from grader.sandbox.protocol import Handle, Refused

GATES, ROWS = "ifog", ("bias", "input", "recurrent")
H, D = 2, 3
#: The layout of the course's packed weights: rows of three kinds, columns of four gates.
BLOCKS: dict[str, Any] = {
    f"{row}/{gate}": (rows, slice(k * H, (k + 1) * H))
    for row, rows in zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True)
    for k, gate in enumerate(GATES)
}
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "i": "the input gate", "f": "the forget gate", "o": "the output gate", "g": "the candidate",
}  # fmt: skip
RNG = np.random.default_rng(0)
DX = RNG.standard_normal((4, 2, D))
DW = RNG.standard_normal((1 + D + H, 4 * H))
GRADS = {"W": RNG.standard_normal((H, D)), "b": RNG.standard_normal((H, 1))}


def gradients(
    dX: object = DX, dW: object = DW, grads: object = None, names: tuple[str, ...] = ("dX", "dW")
) -> Returned:
    """Return gradients by name; the right ones, where nothing else is said."""
    given = {"dX": dX, "dW": dW, "grads": GRADS if grads is None else grads}
    return Returned(names=names, values=tuple(given[name] for name in names))


def lost(expectation: Callable[[], object]) -> Lost:
    """Meet an expectation that must not hold."""
    with pytest.raises(Lost) as caught:
        expectation()
    return caught.value


def wrong_in(*blocks: str, of: Array = DW) -> Array:
    """Spoil some blocks, by a factor."""
    array = of.copy()
    for block in blocks:
        array[BLOCKS[block]] *= 1.5
    return array


def judged(
    got: Returned, want: Returned | None = None, *names: str, **options: Any
) -> Callable[[], None]:
    """Compare, divided and in words as a rubric of the course does."""
    options = {"blocks": {"dW": BLOCKS}, "called": CALLED, **options}
    return lambda: expect_gradients(got, want or gradients(names=got.names), *names, **options)


# --- dicts: exists, shape, finite, values ----------------------------------------------

IN_DICTS: dict[str, tuple[object, str, str]] = {
    "nothing": (None, "grads should be a dict with W, b", "grads"),
    "a tuple": ((GRADS["W"], GRADS["b"]), "grads should be a dict with W, b", "grads"),
    "an array": (GRADS["W"], "grads should be a dict with W, b", "grads"),
    "an object that stayed away": (Handle(1), "grads should be a dict with W, b", "grads"),
    "an empty dict": ({}, 'grads["W"] is missing; it should be an array', 'grads["W"]'),
    "a key that is missing": (
        {"W": GRADS["W"]}, 'grads["b"] is missing; it should be an array', 'grads["b"]',
    ),
    "a key in capitals": (
        {"W": GRADS["W"], "B": GRADS["b"]}, 'grads["b"] is missing; it should be an array',
        'grads["b"]',
    ),
    "nothing under a key": (
        GRADS | {"b": None}, 'grads["b"] is None; it should be an array (is there a return?)',
        'grads["b"]',
    ),
    "a dict under a key": (
        GRADS | {"b": GRADS}, 'grads["b"] is a dict; it should be an array', 'grads["b"]',
    ),
    "objects under a key": (
        GRADS | {"b": Refused("an array of Python objects")},
        'grads["b"] is an array of Python objects; return a plain array of floats', 'grads["b"]',
    ),
    "another shape under a key": (
        GRADS | {"b": GRADS["b"].T}, 'grads["b"] has shape (1, 2); it should be (2, 1)',
        'grads["b"]',
    ),
    "a number for an array": (
        GRADS | {"b": 1.5}, 'grads["b"] has shape (); it should be (2, 1)', 'grads["b"]',
    ),
    "NaN under a key": (
        GRADS | {"b": np.full((2, 1), np.nan)}, 'grads["b"][0, 0] is NaN', 'grads["b"]',
    ),
    "infinity under a key": (
        GRADS | {"W": np.full((2, 3), -np.inf)}, 'grads["W"][0, 0] is infinite', 'grads["W"]',
    ),
    "a shape before NaN, in whatever order": (
        {"W": np.nan * GRADS["W"], "b": GRADS["b"].T},
        'grads["b"] has shape (1, 2); it should be (2, 1)', 'grads["b"]',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "says", "output"), IN_DICTS.values(), ids=IN_DICTS)
def test_an_entry_of_a_dict_is_an_output_of_its_own(value: object, says: str, output: str) -> None:
    """What is missing, misshapen or not finite is named by its key, by values and gradients."""
    got, want = gradients(grads=value, names=("grads",)), gradients(names=("grads",))
    if value is None:
        got = Returned(names=("grads",), values=(None,))
    for expectation in (
        lambda: expect_close(got, want),
        lambda: expect_close(got, want, "grads"),
        lambda: expect_gradients(got, want),
        lambda: expect_gradients(got, want, "grads"),
    ):
        error = lost(expectation)
        assert str(error) == says
        assert error.where is not None
        assert error.where.output == output


def test_a_wrong_value_in_a_dict_is_said_with_its_key() -> None:
    """Key and index lead to the one entry that is shown."""
    spoilt = GRADS | {"b": GRADS["b"] + np.array([[0.0], [1.0]])}
    error = lost(lambda: expect_close(gradients(grads=spoilt, names=("grads",)),
                                      gradients(names=("grads",))))  # fmt: skip
    right = GRADS["b"][1, 0]
    assert str(error) == (
        f'grads["b"][1, 0] = {right + 1:.3g}, expected {right:.3g} (1 of 2 entries differ)'
    )
    assert error.where == Where(output='grads["b"]', index=(1, 0))


def test_keys_nobody_asked_for_do_no_harm() -> None:
    """A student may return more than was asked; what is opaque or a word is not compared."""
    more = GRADS | {"extra": np.ones(3), "note": "hello", "cache": Handle(2)}
    expect_close(gradients(grads=more, names=("grads",)), gradients(names=("grads",)))
    want = gradients(grads=GRADS | {"note": "hello"}, names=("grads",))
    expect_close(gradients(names=("grads",)), want)


def test_entries_that_were_exchanged_are_recognised() -> None:
    """Two arrays of one shape under each other's key are told as such."""
    want = {"a": DX[0], "b": DX[1]}
    got = {"a": DX[1], "b": DX[0]}
    error = lost(lambda: expect_close(gradients(grads=got, names=("grads",)),
                                      gradients(grads=want, names=("grads",))))  # fmt: skip
    assert str(error).endswith('it is exactly the grads["b"] expected: are the results in order?')


keys = st.text("abW_", min_size=1, max_size=3)
dicts = st.dictionaries(keys, st.integers(2, 6), min_size=1, max_size=5)


@given(dicts, st.integers(0, 2**32 - 1), st.data())
def test_of_a_dict_the_one_wrong_entry_is_named(
    sizes: dict[str, int], seed: int, data: st.DataObject
) -> None:
    """Equal dicts pass; with one entry spoilt that entry is named, and no other."""
    rng = np.random.default_rng(seed)
    right = {key: 1.0 + rng.random(size) for key, size in sizes.items()}
    want = gradients(grads=right, names=("grads",))
    for expectation in (expect_close, expect_gradients):
        expectation(gradients(grads=dict(reversed(right.items())), names=("grads",)), want)
    key = data.draw(st.sampled_from(sorted(sizes)))
    got = gradients(grads=right | {key: -right[key]}, names=("grads",))
    assert lost(lambda: expect_close(got, want)).where == Where(
        output=f'grads["{key}"]', index=(0,)
    )
    error = lost(lambda: expect_gradients(got, want))
    assert str(error).startswith(f'the gradient of grads["{key}"] is wrong; ')
    assert ("everything else is right" in str(error)) == (len(sizes) > 1)


# --- blocks ----------------------------------------------------------------------------


def test_equal_gradients_pass() -> None:
    """Right gradients pass, divided or not, in single precision as well."""
    judged(gradients())()
    judged(gradients(dX=DX.astype(np.float32), dW=DW.astype(np.float32)))()
    judged(gradients(dW=DW * (1 + TOLERANCE / 10)))()
    expect_gradients(gradients(), gradients())


@given(st.sampled_from(list(BLOCKS)), st.floats(0.001, 1e3), st.integers(0, 2**32 - 1))
def test_exactly_the_wrong_block_is_named(block: str, size: float, seed: int) -> None:
    """One spoilt block of random gradients: that block, in words, in `where`, and no other."""
    rng = np.random.default_rng(seed)
    want = rng.standard_normal(DW.shape) * 10.0 ** rng.integers(-3, 3)
    got = want.copy()
    index = BLOCKS[block]
    got[index] += size * np.linalg.norm(want[index]) * (1.0 + rng.random(want[index].shape))
    error = lost(judged(gradients(dW=got), gradients(dW=want)))
    row, _, gate = block.partition("/")
    assert str(error).startswith(
        f"the gradient of {CALLED[row]} of {CALLED[gate]} is wrong; everything else is right; dW["
    )
    assert error.where is not None
    assert (error.where.output, error.where.block) == ("dW", block)
    place = np.zeros(DW.shape, bool)
    place[index] = True
    assert error.where.index is not None
    assert place[error.where.index]
    assert error.blocks == BLOCKS


IN_WORDS: dict[str, tuple[Sequence[str], str]] = {
    "one block": (["recurrent/f"], "the gradient of the recurrent weights of the forget gate is"),
    "two blocks": (
        ["bias/i", "input/g"],
        "the gradients of the bias of the input gate and the input weights of the candidate are",
    ),
    "a row": ([f"bias/{gate}" for gate in GATES], "the gradient of the bias of W is"),
    "a column": (
        [f"{row}/o" for row in ROWS], "the gradient of everything of the output gate in W is",
    ),
    "a row and a block": (
        [*(f"bias/{gate}" for gate in GATES), "input/f"],
        "the gradients of the bias of W and the input weights of the forget gate are",
    ),
    "a column and a block": (
        [*(f"{row}/o" for row in ROWS), "bias/i"],
        "the gradients of everything of the output gate in W and the bias of the input gate are",
    ),
    "two columns": (
        [f"{row}/{gate}" for row in ROWS for gate in "fg"],
        "the gradients of everything of the forget gate in W and everything of the candidate in W "
        "are",
    ),
    "everything but one block": (
        [block for block in BLOCKS if block != "recurrent/g"],
        "the gradients of the bias of W, the input weights of W, the recurrent weights of the "
        "input gate and 2 more are",
    ),
    "every block": (list(BLOCKS), "the gradient of W is"),
}  # fmt: skip


@pytest.mark.parametrize(("blocks", "says"), IN_WORDS.values(), ids=IN_WORDS)
def test_wrong_blocks_are_said_in_words(blocks: Sequence[str], says: str) -> None:
    """Whole rows and columns as such, single blocks as such, all of them as the output."""
    error = lost(judged(gradients(dW=wrong_in(*blocks))))
    assert str(error).startswith(f"{says} wrong; everything else is right; dW[")


def test_blocks_of_another_course_have_plain_names() -> None:
    """Without words for them, blocks are called as the rubric calls them."""
    blocks = {"left": np.s_[:, :4], "right": np.s_[:, 4:]}
    got = DW.copy()
    got[:, 4:] += 1.0
    error = lost(judged(gradients(dW=got), blocks={"dW": blocks}, called={}))
    assert str(error).startswith("the gradient of right is wrong; everything else is right; ")


def test_several_outputs_are_told_together() -> None:
    """Outputs that are not divided are wrong or right as a whole."""
    error = lost(judged(gradients(dX=2 * DX, dW=wrong_in("bias/f"))))
    assert str(error).startswith(
        "the gradients of X and the bias of the forget gate are wrong; everything else is right; "
        f"dX[0, 0, 0] = {2 * DX[0, 0, 0]:.3g}, expected {DX[0, 0, 0]:.3g}"
    )
    assert error.where == Where(output="dX", time=0, index=(0, 0, 0))


def test_when_all_is_wrong_nothing_else_is_right() -> None:
    """No comfort where there is none."""
    error = lost(judged(gradients(dX=2 * DX, dW=2 * DW)))
    assert str(error).startswith("the gradients of X and W are wrong; dX[0, 0, 0] = ")
    error = lost(judged(gradients(dX=2 * DX), None, "dX"))
    assert str(error).startswith("the gradient of X is wrong; dX[0, 0, 0] = ")


def test_only_the_outputs_that_are_named_are_judged() -> None:
    """A rubric may ask for one gradient at a time."""
    got = gradients(dX=2 * DX)
    judged(got, None, "dW")()
    lost(judged(got, None, "dX"))
    lost(judged(got))


def test_a_small_block_is_judged_by_itself() -> None:
    """A wrong gradient that is tiny beside the others is wrong all the same."""
    want = DW.copy()
    want[BLOCKS["bias/f"]] *= 1e-9
    got = want.copy()
    got[BLOCKS["bias/f"]] *= -1.0
    expect_gradients(gradients(dW=got), gradients(dW=want))
    error = lost(judged(gradients(dW=got), gradients(dW=want)))
    assert str(error).startswith("the gradient of the bias of the forget gate is wrong; ")


def test_the_tolerance_may_be_chosen() -> None:
    """Central differences allow a stricter comparison."""
    got = gradients(dW=DW * (1 + 1e-5))
    judged(got)()
    assert "the gradient of W is wrong" in str(lost(judged(got, tolerance=1e-6)))


# --- since when ------------------------------------------------------------------------


def begun_later(*first_wrong: tuple[int, Returned]) -> Callable[[], Iterator[Any]]:
    """Answer for sequences that begin later and later; say what came for each."""

    def since() -> Iterator[tuple[int, Returned, Returned]]:
        for t, got in first_wrong:
            yield t, got, gradients(names=got.names)

    return since


BEGUN: dict[str, tuple[Sequence[tuple[int, Returned]], str, Where]] = {
    "at the last step": (
        [(3, gradients(dW=wrong_in("bias/f")))],
        "the gradient of the bias of the forget gate is wrong from t = 3 backwards; "
        "everything else is right there; dW[0, 2] = ",
        Where(output="dW", block="bias/f", time=3, index=(0, 2)),
    ),
    "later on the way back": (
        [(3, gradients()), (2, gradients()), (1, gradients(dW=wrong_in("recurrent/f")))],
        "the gradient of the recurrent weights of the forget gate is wrong from t = 1 backwards; "
        "everything else is right there; dW[4, 2] = ",
        Where(output="dW", block="recurrent/f", time=1, index=(4, 2)),
    ),
    "in another output": (
        [(3, gradients(dX=2 * DX))],
        "the gradient of X is wrong from t = 3 backwards; everything else is right there; "
        "dW[0, 2] = ",
        Where(output="dW", block="bias/f", time=3, index=(0, 2)),
    ),
    "everywhere at once": (
        [(3, gradients(dX=2 * DX, dW=2 * DW))],
        "the gradients of X and W are wrong from t = 3 backwards; dW[0, 2] = ",
        Where(output="dW", block="bias/f", time=3, index=(0, 2)),
    ),
    "nowhere, by itself": (
        [(3, gradients()), (2, gradients())],
        "the gradients of the bias of the forget gate and the recurrent weights of the forget "
        "gate are wrong; everything else is right; dW[0, 2] = ",
        Where(output="dW", block="bias/f", index=(0, 2)),
    ),
    "no step was asked": (
        [],
        "the gradients of the bias of the forget gate and the recurrent weights of the forget "
        "gate are wrong; everything else is right; dW[0, 2] = ",
        Where(output="dW", block="bias/f", index=(0, 2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "says", "where"), BEGUN.values(), ids=BEGUN)
def test_it_is_said_since_when_it_is_wrong(
    asked: Sequence[tuple[int, Returned]], says: str, where: Where
) -> None:
    """The first wrong step on the way back, what is wrong there, and an entry of that."""
    got = gradients(dW=wrong_in("bias/f", "recurrent/f"))
    error = lost(judged(got, since=begun_later(*asked)))
    assert str(error).startswith(says)
    assert error.where == where


def test_nobody_asks_since_when_all_is_right() -> None:
    """Shorter sequences are asked only where something is lost."""
    asked: list[int] = []

    def since() -> list[tuple[int, Returned, Returned]]:
        asked.append(1)
        return []

    judged(gradients(), since=since)()
    assert asked == []
    lost(judged(gradients(dX=2 * DX), since=since))
    assert asked == [1]


def test_a_shorter_sequence_of_another_shape_is_told_as_such() -> None:
    """What cannot be compared at a later start is the plainest trouble there is."""
    got = gradients(dW=wrong_in("bias/f"))
    error = lost(judged(got, since=begun_later((3, gradients(dX=DX[0])))))
    assert str(error) == "dX has shape (2, 3); it should be (4, 2, 3)"


# --- hostile answers -------------------------------------------------------------------

HOSTILE: Mapping[str, Any] = {
    "nothing": None,
    "a forgotten value": ABSENT,
    "a handle": Handle(1),
    "a dict": {"dW": DW},
    "a tuple": (DW, DW),
    "a text": "dW",
    "NaN": np.nan * DW,
    "one NaN": np.where(np.arange(DW.size).reshape(DW.shape) == 7, np.nan, DW),
    "infinities": np.inf * DW,
    "the largest numbers": np.full(DW.shape, np.finfo(float).max),
    "half precision at its end": np.full(DW.shape, 65504, np.float16),
    "whole numbers": np.full(DW.shape, -(2**63)),
    "truth values": DW > 0,
    "zeros": 0.0 * DW,
    "one axis too many": DW[None],
    "an empty array": np.zeros((0, 8)),
    "an array that broadcasts": DW[:1],
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_gradient_loses_and_does_nothing_else(value: object) -> None:
    """Alone, in a dict, or of a shorter sequence: the criterion is lost, by `Lost` alone."""
    lost(judged(gradients(dW=value)))
    want = gradients(grads={"dW": DW}, names=("grads",))
    lost(judged(gradients(grads={"dW": value}, names=("grads",)), want))
    later = begun_later((3, gradients(dW=value)))
    lost(judged(gradients(dW=wrong_in("bias/f")), since=later))
