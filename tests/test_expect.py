"""What a rubric says when something is missing, misshapen, not finite or wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.calls import ABSENT, Array, Returned
from grader.expect import (
    Lost,
    array_of,
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_precise,
    expect_quiet,
    expect_shape,
)
from grader.model import Where
from grader.sandbox.protocol import Handle, Refused

WANT = np.arange(1.0, 25.0).reshape(2, 3, 4)


def one(value: object, name: str = "y", *warned: str) -> Returned:
    """Return a single value."""
    return Returned(names=(name,), values=(value,), warned=frozenset(warned))


def lost(expectation: Callable[[], object]) -> Lost:
    """Meet an expectation that must not hold."""
    with pytest.raises(Lost) as caught:
        expectation()
    return caught.value


def changed(*changes: tuple[tuple[int, ...], float], of: Array = WANT) -> Array:
    """Copy an array with some entries changed."""
    array = of.copy()
    for index, value in changes:
        array[index] = value
    return array


# --- exists ---------------------------------------------------------------------------

NO_ARRAYS: dict[str, tuple[object, str]] = {
    "nothing": (None, "y is None; it should be an array (is there a return?)"),
    "a forgotten value": (ABSENT, "y is missing; it should be an array"),
    "a text": ("[1, 2]", "y is a text; it should be an array"),
    "a tuple": ((1.0, 2.0), "y is a tuple or list; it should be an array"),
    "a dict": ({"y": WANT}, "y is a dict; it should be an array"),
    "a list": ([1.0, 2.0], "y is another kind of object; it should be an array"),
    "an object that stayed away": (Handle(3), "y is another kind of object; it should be an array"),
    "an array of objects": (
        Refused("an array of Python objects"),
        "y is an array of Python objects; return a plain array of floats",
    ),
    "a matrix": (
        Refused("a subclass of numpy.ndarray (a matrix or a masked array)"),
        "y is a subclass of numpy.ndarray (a matrix or a masked array); "
        "return a plain array of floats",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "message"), NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_what_is_no_array_loses_by_its_kind(value: object, message: str) -> None:
    """The message says what came instead, and where; every expectation says it alike."""
    for expectation in (
        lambda: array_of(value, "y"),
        lambda: expect_shape(value, "y", (2, 3, 4)),
        lambda: expect_close(one(value), one(WANT)),
        lambda: expect_depends(one(value), "y"),
        lambda: expect_precise(one(value), one(WANT), "y"),
    ):
        error = lost(expectation)
        assert str(error) == message
        assert error.where == Where(output="y")


def test_numbers_are_arrays_without_a_shape() -> None:
    """A Python float or int may stand for a number; an array stays itself."""
    assert array_of(2, "y").shape == ()
    assert array_of(2, "y").dtype == np.float64
    assert array_of(2.5, "y") == 2.5
    assert array_of(WANT, "y") is WANT


# --- shape ----------------------------------------------------------------------------


def test_a_wrong_shape_is_said_in_numbers() -> None:
    """Without letters the message holds both shapes."""
    error = lost(lambda: expect_shape(WANT, "Hout", (3, 2, 4)))
    assert str(error) == "Hout has shape (2, 3, 4); it should be (3, 2, 4)"
    assert error.where == Where(output="Hout")


def test_a_wrong_shape_is_said_in_letters_too() -> None:
    """With letters the message teaches what the axes are."""
    error = lost(lambda: expect_shape(WANT, "Hout", (3, 2, 4), "(T, B, H)"))
    assert str(error) == "Hout has shape (2, 3, 4); it should be (T, B, H) = (3, 2, 4)"


def test_axes_of_length_one_are_axes() -> None:
    """Neither a squeezed nor a widened array has the right shape."""
    assert "(3,)" in str(lost(lambda: expect_shape(np.zeros(3), "h", (3, 1))))
    assert "(1, 3, 1)" in str(lost(lambda: expect_shape(np.zeros((1, 3, 1)), "h", (3, 1))))
    assert str(lost(lambda: expect_shape(3.0, "h", (1,)))) == "h has shape (); it should be (1,)"
    assert (
        str(lost(lambda: expect_shape(np.ones(1), "h", ()))) == "h has shape (1,); it should be ()"
    )


def test_a_right_shape_is_the_array() -> None:
    """The array comes back, so that a rubric can go on with it."""
    assert expect_shape(WANT, "Hout", (2, 3, 4), "(T, B, H)") is WANT


# --- finite ---------------------------------------------------------------------------

NOT_FINITE = {
    "a NaN": (changed(((1, 0, 2), np.nan)), "y[1, 0, 2] is NaN", (1, 0, 2)),
    "an infinity": (changed(((0, 2, 3), np.inf)), "y[0, 2, 3] is infinite", (0, 2, 3)),
    "minus infinity": (changed(((0, 0, 0), -np.inf)), "y[0, 0, 0] is infinite", (0, 0, 0)),
    "the first of several": (
        changed(((1, 2, 3), np.inf), ((0, 1, 1), np.nan)), "y[0, 1, 1] is NaN", (0, 1, 1),
    ),
    "NaN everywhere": (np.full((2, 3, 4), np.nan), "y[0, 0, 0] is NaN", (0, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize(("array", "message", "index"), NOT_FINITE.values(), ids=NOT_FINITE)
def test_the_first_entry_that_is_not_finite_is_named(
    array: Array, message: str, index: tuple[int, ...]
) -> None:
    """The message says which entry and of which kind; its first index is the time step."""
    for expectation in (
        lambda: expect_finite(array, "y"),
        lambda: expect_close(one(array), one(WANT)),
    ):
        error = lost(expectation)
        assert str(error) == message
        assert error.where == Where(output="y", time=index[0], index=index)


def test_a_number_that_is_not_finite_has_no_index() -> None:
    """Without axes the name alone is said."""
    assert str(lost(lambda: expect_finite(np.array(np.nan), "y"))) == "y is NaN"


@pytest.mark.parametrize("array", [WANT, np.arange(3), np.array([True]), np.zeros((0, 2))])
def test_finite_arrays_of_any_kind_pass(array: Array) -> None:
    """Integers, truth values and empty arrays are finite."""
    expect_finite(array, "y")


# --- values ---------------------------------------------------------------------------

WRONG = {
    "one entry": (
        one(changed(((1, 0, 2), 9.0))),
        "y[1, 0, 2] = 9, expected 15 (1 of 24 entries differ)",
        Where(output="y", time=1, index=(1, 0, 2)),
    ),
    "the first of several entries": (
        one(changed(((0, 1, 0), 0.123456), ((1, 2, 3), 0.0))),
        "y[0, 1, 0] = 0.123, expected 5 (2 of 24 entries differ)",
        Where(output="y", time=0, index=(0, 1, 0)),
    ),
    "zeros": (
        one(np.zeros((2, 3, 4))),
        "y[0, 0, 0] = 0, expected 1 (24 of 24 entries differ)",
        Where(output="y", time=0, index=(0, 0, 0)),
    ),
    "whole numbers": (
        one(WANT.astype(int) + 1),
        "y[0, 0, 0] = 2, expected 1 (24 of 24 entries differ)",
        Where(output="y", time=0, index=(0, 0, 0)),
    ),
    "truth values": (
        one(WANT > 3),
        "y[0, 0, 0] = 0, expected 1 (24 of 24 entries differ)",
        Where(output="y", time=0, index=(0, 0, 0)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("got", "message", "where"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_said_to_three_digits(got: Returned, message: str, where: Where) -> None:
    """One entry, what was expected there, and how many others differ."""
    error = lost(lambda: expect_close(got, one(WANT)))
    assert str(error) == message
    assert error.where == where
    assert error.blocks == {}


def test_a_single_number_has_no_others() -> None:
    """For one number neither an index nor a count is said."""
    error = lost(lambda: expect_close(one(1.5), one(2.0)))
    assert str(error) == "y = 1.5, expected 2"
    assert error.where == Where(output="y", index=())


def test_only_three_axes_begin_with_time() -> None:
    """The first index of a state (B, H) is a row of the batch, not a time step."""
    error = lost(lambda: expect_close(one(-WANT[0]), one(WANT[0])))
    assert error.where == Where(output="y", index=(0, 0))


def test_a_rubric_may_say_what_the_other_number_is() -> None:
    """A property compares the student with himself; then nothing is "expected"."""
    error = lost(lambda: expect_close(one(1.5), one(2.0), instead="in one call"))
    assert str(error) == "y = 1.5, in one call 2"


BLOCKS = {f"{row}/{gate}": (slice(r, r + 1), slice(2 * k, 2 * k + 2))
          for r, row in enumerate("xh") for k, gate in enumerate("ifog")}  # fmt: skip
TABLE = np.arange(1.0, 17.0).reshape(2, 8)

IN_BLOCKS = {
    "one block": (((0, 2),), "W[0, 2] = 0, expected 3 (1 of 16 entries differ); wrong: x/f", "x/f"),
    "two blocks": (
        ((0, 7), (1, 1)),
        "W[0, 7] = 0, expected 8 (2 of 16 entries differ); wrong: x/g, h/i",
        "x/g",
    ),
    "more than four blocks": (
        ((0, 1), (0, 3), (0, 5), (0, 7), (1, 1)),
        "W[0, 1] = 0, expected 2 (5 of 16 entries differ); wrong: x/i, x/f, x/o, x/g and more",
        "x/i",
    ),
    "every block": (
        tuple((r, c) for r in range(2) for c in range(1, 8, 2)),
        "W[0, 1] = 0, expected 2 (8 of 16 entries differ); wrong: every block",
        "x/i",
    ),
}


@pytest.mark.parametrize(("spots", "message", "block"), IN_BLOCKS.values(), ids=IN_BLOCKS)
def test_wrong_blocks_are_named(
    spots: tuple[tuple[int, int], ...], message: str, block: str
) -> None:
    """Divided into blocks, an output says which are wrong and hands them on."""
    got = changed(*((spot, 0.0) for spot in spots), of=TABLE)
    error = lost(lambda: expect_close(one(got, "W"), one(TABLE, "W"), blocks=BLOCKS))
    assert str(error) == message
    assert error.where == Where(output="W", block=block, index=spots[0])
    assert error.blocks == BLOCKS


def test_the_block_that_is_named_holds_the_entry_that_is_named() -> None:
    """`where` is one place: its index lies in its block, whatever order the blocks are in."""
    # row by row: in row 1 only f is wrong, in row 2 only i
    want = np.ones((2, 4))
    blocks = {"i": np.s_[:, :2], "f": np.s_[:, 2:]}
    got = changed(((0, 3), 5.0), ((1, 0), 5.0), of=want)
    where = lost(lambda: expect_close(one(got), one(want), blocks=blocks)).where
    assert where is not None
    assert where.index in {(0, 3), (1, 0)}
    assert where.block == {(0, 3): "f", (1, 0): "i"}[where.index]


def test_a_small_block_is_measured_by_itself() -> None:
    """Wrong numbers that are tiny beside the others still lose, and one of them is shown."""
    want = np.array([1e3, 2e3, 1e-3, 2e-3])
    got = np.array([1e3 + 1e-2, 2e3, -1e-3, 2e-3])
    blocks = {"large": np.s_[:2], "small": np.s_[2:]}
    expect_close(one(got), one(want))
    error = lost(lambda: expect_close(one(got), one(want), blocks=blocks))
    assert "wrong: small" in str(error)
    assert error.where == Where(output="y", block="small", index=(2,))


# --- the order of it all --------------------------------------------------------------

A, B = np.ones((2, 3)), np.full((2, 3), 2.0)
ORDER: dict[str, tuple[object, object, str]] = {
    "existence before a wrong value": (
        B, None, "b is None; it should be an array (is there a return?)",
    ),
    "a shape before a wrong value": (B, A.T, "b has shape (3, 2); it should be (2, 3)"),
    "a shape before NaN": (np.nan * A, A.T, "b has shape (3, 2); it should be (2, 3)"),
    "NaN before a wrong value": (B, np.inf * A, "b[0, 0] is infinite"),
    "the first output before the second": (
        B, B + 1, "a[0, 0] = 2, expected 1 (6 of 6 entries differ); it is exactly the b expected: "
        "are the results in order?",
    ),
    "the second when the first is right": (
        A, A, "b[0, 0] = 1, expected 2 (6 of 6 entries differ); it is exactly the a expected: "
        "are the results in order?"),
}  # fmt: skip


@pytest.mark.parametrize(("a", "b", "message"), ORDER.values(), ids=ORDER)
def test_the_plainest_trouble_is_said_first(a: object, b: object, message: str) -> None:
    """Exists, shape, finite, values: over all outputs, one message only."""
    got, want = (Returned(names=("a", "b"), values=values) for values in ((a, b), (A, B)))
    assert str(lost(lambda: expect_close(got, want))) == message


def test_only_the_outputs_that_are_named_are_compared() -> None:
    """A rubric may ask for one output at a time; opaque ones are never compared."""
    names = ("a", "b", "cache")
    got = Returned(names=names, values=(A, A, Handle(1)))
    want = Returned(names=names, values=(A, B, object()))
    expect_close(got, want, "a")
    assert "b[0, 0]" in str(lost(lambda: expect_close(got, want)))
    assert "b[0, 0]" in str(lost(lambda: expect_close(got, want, "b")))


# --- what is near enough --------------------------------------------------------------


@given(st.integers(0, 2**32 - 1))
def test_single_precision_is_near_enough(seed: int) -> None:
    """Code that computes in float32 loses no value, only its precision."""
    want = np.random.default_rng(seed).standard_normal((3, 4, 5))
    got = one(want.astype(np.float32))
    expect_close(got, one(want))
    message = "y is float32; compute in float64 from beginning to end"
    assert str(lost(lambda: expect_precise(got, one(want), "y"))) == message


@pytest.mark.parametrize(("relative", "passes"), [(1e-12, True), (5e-5, True), (1e-3, False)])
def test_the_tolerance_is_one_in_ten_thousand(relative: float, passes: bool) -> None:
    """A thousandth off is wrong; a hundred thousandth is not."""
    got = one(WANT * (1 + relative))
    if passes:
        expect_close(got, one(WANT))
    else:
        lost(lambda: expect_close(got, one(WANT)))


def test_the_tolerance_may_be_chosen() -> None:
    """A gradient is compared more strictly."""
    got = one(WANT * (1 + 1e-5))
    expect_close(got, one(WANT))
    assert "24 of 24" in str(lost(lambda: expect_close(got, one(WANT), tolerance=1e-6)))


# --- depends, precise, quiet ----------------------------------------------------------

FLAT = {
    "zeros": np.zeros((2, 3)),
    "any other constant": np.full((2, 3), -7.5),
    "hardly any difference": np.linspace(1.0, 1.0 + 1e-8, 6),
    "whole numbers": np.ones(4, int),
    "truth values": np.ones(4, bool),
}


@pytest.mark.parametrize("array", FLAT.values(), ids=FLAT)
def test_an_output_that_depends_on_nothing_loses(array: Array) -> None:
    """Zeros earn nothing with a property that holds for zeros too."""
    error = lost(lambda: expect_depends(one(array), "y"))
    assert str(error) == "y is the same number everywhere"
    assert error.where == Where(output="y")


def test_a_living_output_passes() -> None:
    """Numbers that differ pass; so does a single number, which has no others."""
    expect_depends(one(WANT), "y")
    expect_depends(one(np.array([[3.0]])), "y")
    expect_depends(one(np.array([False, True])), "y")


def test_an_output_that_depends_is_finite() -> None:
    """NaN is no dependence."""
    error = lost(lambda: expect_depends(one(np.array([1.0, np.nan])), "y"))
    assert str(error) == "y[1] is NaN"


def test_nearly_right_is_not_precise() -> None:
    """Float64 numbers computed in float32 are told by their digits."""
    got = one(WANT.astype(np.float32).astype(float) * (1 + 1e-7))
    error = lost(lambda: expect_precise(got, one(WANT), "y"))
    assert (
        str(error)
        == "y is right to 5e-08 only, which is what float32 gives; float64 should reach 1e-12"
    )
    assert error.where == Where(output="y")


def test_precision_is_of_right_numbers() -> None:
    """Numbers right to ten digits are precise; plainly wrong ones prove nothing."""
    for factor in (1.0, 1 + 1e-11):
        expect_precise(one(WANT * factor), one(WANT), "y")
    for factor in (2.0, -1.0):
        wrong = one(WANT * factor)
        error = lost(lambda wrong=wrong: expect_precise(wrong, one(WANT), "y"))  # type: ignore[misc]
        assert str(error) == "y is wrong, so its precision says nothing"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64, bool])
def test_other_types_of_number_are_not_precise(dtype: type) -> None:
    """Only float64 is; the message names what came."""
    error = lost(lambda: expect_precise(one(np.ones(3, dtype)), one(np.ones(3)), "y"))
    assert str(error) == f"y is {np.dtype(dtype)}; compute in float64 from beginning to end"


QUIET = {
    "overflow": (
        ("overflow",),
        "sigmoid(a) makes NumPy warn: overflow (np.where computes both of its branches)",
    ),
    "two kinds": (
        ("overflow", "invalid value"),
        "sigmoid(a) makes NumPy warn: invalid value, overflow "
        "(np.where computes both of its branches)",
    ),
    "division": (
        ("divide by zero",),
        "sigmoid(a) makes NumPy warn: divide by zero (np.where computes both of its branches)",
    ),
}


@pytest.mark.parametrize(("warned", "message"), QUIET.values(), ids=QUIET)
def test_a_named_warning_loses(warned: tuple[str, ...], message: str) -> None:
    """The kinds NumPy warned of are listed."""
    error = lost(lambda: expect_quiet(one(WANT, "s", *warned), "sigmoid(a)"))
    assert str(error) == message


def test_quiet_calls_pass() -> None:
    """Nothing to warn of passes, and so do kinds that are not NumPy's."""
    expect_quiet(one(WANT), "sigmoid(a)")
    expect_quiet(one(WANT, "y", "underflow", "<b>anything</b>"), "sigmoid(a)")


def test_a_plain_condition_says_what_it_is_told() -> None:
    """Anything true passes; anything false loses with the message as it is."""
    expect(condition=[1], message="never")
    error = lost(lambda: expect(np.False_, "say this", Where(block="f")))
    assert (str(error), error.where) == ("say this", Where(block="f"))


# --- hostile answers ------------------------------------------------------------------

HOSTILE: dict[str, Any] = {
    "nothing": None,
    "a forgotten value": ABSENT,
    "an object that stayed away": Handle(1),
    "an array of objects": Refused("an array of Python objects"),
    "a text": "ones",
    "a dict": {"y": WANT},
    "a dict with odd keys": {0: None, None: 1},
    "a list": [WANT],
    "a tuple of arrays": (WANT, WANT),
    "an empty tuple": (),
    "a truth value": True,
    "a whole number": 3,
    "the largest whole number that travels": 2**64 - 1,
    "a number": 2.5,
    "a number that is NaN": float("nan"),
    "an array without axes": np.array(1.0),
    "an empty array": np.zeros(0),
    "an array with an empty axis": np.zeros((2, 0, 4)),
    "an array of 16 axes": np.zeros((1,) * 16),
    "truth values": np.ones((2, 3, 4), bool),
    "bytes": np.full((2, 3, 4), 255, np.uint8),
    "the smallest whole numbers": np.full((2, 3, 4), -(2**63)),
    "the largest unsigned numbers": np.full((2, 3, 4), 2**64 - 1, np.uint64),
    "half precision at its end": np.full((2, 3, 4), 65504, np.float16),
    "single precision at its end": np.full((2, 3, 4), np.finfo(np.float32).max),
    "the largest numbers": np.full((2, 3, 4), np.finfo(float).max),
    "largest and smallest numbers": np.finfo(float).max * (-1.0) ** WANT,
    "numbers near nothing": np.full((2, 3, 4), 5e-324),
    "NaN": np.full((2, 3, 4), np.nan),
    "infinities of both signs": np.inf * (-1.0) ** WANT,
    "one axis too few": WANT[0],
    "one axis too many": WANT[None],
    "numbers back to front in memory": np.asfortranarray(-WANT),
    "numbers that broadcast": np.ones((1, 3, 1)),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_loses_and_does_nothing_else(value: object) -> None:
    """Compared with the reference, whatever came loses the criterion, by `Lost` alone."""
    lost(lambda: expect_close(one(value), one(WANT)))
    lost(lambda: expect_close(one(value), one(WANT), blocks={"a": np.s_[:1], "b": np.s_[1:]}))


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_has_no_precision(value: object) -> None:
    """Asked for precision, whatever came passes or loses; nothing else happens."""
    outcome_of(lambda: expect_precise(one(value), one(WANT), "y"))


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_may_be_asked_whether_it_depends(value: object) -> None:
    """Asked whether it depends on anything, whatever came passes or loses."""
    outcome_of(lambda: expect_depends(one(value), "y"))


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_may_be_compared_with_another(value: object) -> None:
    """A property compares two answers of the student's; both may be anything."""
    outcome_of(lambda: expect_close(one(value), one(value)))
    outcome_of(lambda: expect_close(one(WANT), one(value)))


def outcome_of(expectation: Callable[[], None]) -> bool:
    """Tell whether an expectation holds; anything but `Lost` is an error of ours."""
    try:
        expectation()
    except Lost:
        return False
    return True
