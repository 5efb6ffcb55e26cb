"""Laws of the measures every verdict rests on."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.calls import Array
from grader.numerics import (
    DELTA,
    GRADIENT_TOLERANCE,
    TOLERANCE,
    Path,
    block_errors,
    first_difference,
    numerical_gradient,
    relative_error,
    varied,
)

# squares of these neither overflow nor vanish
numbers = st.just(0.0) | st.floats(1e-100, 1e100) | st.floats(-1e100, -1e-100)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    """Draw two arrays of one shape."""
    shape = draw(shapes)
    arrays = hnp.arrays(np.float64, shape, elements=numbers)
    return draw(arrays), draw(arrays)


# --- relative error -------------------------------------------------------------------


@given(pairs())
def test_an_error_lies_between_none_and_all(pair: tuple[Array, Array]) -> None:
    """The relative error is at least 0 and at most 1."""
    assert 0.0 <= relative_error(*pair) <= 1.0 + 1e-12


@given(pairs())
def test_an_error_does_not_ask_who_is_right(pair: tuple[Array, Array]) -> None:
    """Swapping the arrays changes nothing."""
    one, other = pair
    assert relative_error(one, other) == relative_error(other, one)


@given(pairs(), st.integers(-100, 100))
def test_an_error_does_not_depend_on_the_unit(pair: tuple[Array, Array], power: int) -> None:
    """Scaling both arrays alike changes nothing."""
    one, other = pair
    scaled = relative_error(one * 2.0**power, other * 2.0**power)
    assert scaled == pytest.approx(relative_error(one, other), rel=1e-9, abs=1e-15)


@given(pairs())
def test_no_error_means_equal(pair: tuple[Array, Array]) -> None:
    """Two arrays have no error exactly when they are equal."""
    one, other = pair
    assert relative_error(one, one.copy()) == 0.0
    # a difference below one part in 1e100 may be rounded away
    if float(np.linalg.norm(one - other)) > 0.0:
        assert relative_error(one, other) > 0.0


ERRORS = {
    "zeros equal zeros": (np.zeros(3), np.zeros(3), 0.0),
    "nothing equals nothing": (np.zeros((0, 4)), np.zeros((0, 4)), 0.0),
    "zeros for something are wholly wrong": (np.zeros(3), np.ones(3), 1.0),
    "something for zeros is wholly wrong": (np.full(3, 1e-30), np.zeros(3), 1.0),
    "the opposite sign is wholly wrong": (-np.ones(3), np.ones(3), 1.0),
    "three for one is half wrong": (np.array([3.0]), np.array([1.0]), 0.5),
    "the norm is Euclid's": (np.array([3.0, 4.0]), np.array([3.0, 0.0]), 0.5),
    "numbers without a shape": (np.array(3.0), np.array(1.0), 0.5),
}


@pytest.mark.parametrize(("got", "want", "error"), ERRORS.values(), ids=ERRORS)
def test_errors_of_known_size(got: Array, want: Array, error: float) -> None:
    """The formula is ||got - want|| / (||got|| + ||want||), and 0/0 is no error."""
    assert relative_error(got, want) == pytest.approx(error, abs=1e-15)


NOT_CLOSE = {
    "a NaN": np.array([1.0, np.nan]),
    "an infinity": np.array([1.0, np.inf]),
    "numbers whose squares overflow": np.array([1.0, 1e200]),
    "the largest number": np.array([1.0, np.finfo(float).max]),
}


@pytest.mark.parametrize("got", NOT_CLOSE.values(), ids=NOT_CLOSE)
def test_what_is_not_finite_or_huge_is_never_close(got: Array) -> None:
    """No comparison written as `error <= tolerance` accepts it, and NumPy has nothing to say."""
    assert not relative_error(got, np.ones(2)) <= TOLERANCE


def test_blocks_are_measured_one_by_one() -> None:
    """An error in one block does not show in another."""
    want = np.ones((4, 6))
    got = want.copy()
    got[0, 2:4] = -1.0
    blocks = {"bias/i": np.s_[0, :2], "bias/f": np.s_[0, 2:4], "rest": np.s_[1:]}
    assert block_errors(got, want, blocks) == {"bias/i": 0.0, "bias/f": 1.0, "rest": 0.0}


# --- the first difference -------------------------------------------------------------


@given(pairs())
def test_an_array_does_not_differ_from_itself(pair: tuple[Array, Array]) -> None:
    """Equal arrays have no first difference."""
    assert first_difference(pair[0], pair[0].copy(), TOLERANCE) is None


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(1, 2)),
    st.data(),
)
def test_the_first_difference_is_the_first_in_reading_order(
    want: Array, data: st.DataObject
) -> None:
    """Of all entries that were changed, the one that is read first is named."""
    spots = st.lists(st.integers(0, want.size - 1), min_size=1, max_size=4)
    changed = data.draw(spots)
    got = want.copy()
    got.reshape(-1)[changed] += 1.0
    index = first_difference(got, want, TOLERANCE)
    assert index == tuple(int(k) for k in np.unravel_index(min(changed), want.shape))


def test_a_small_entry_is_measured_by_its_neighbours() -> None:
    """A tiny entry may be as far off as the typical entry may be."""
    want = np.array([1e-12, 1.0, 1.0])
    assert first_difference(want + np.array([1e-6, 0.0, 0.0]), want, TOLERANCE) is None
    assert first_difference(want + np.array([1e-3, 0.0, 0.0]), want, TOLERANCE) == (0,)


def test_a_large_entry_is_measured_by_itself() -> None:
    """A large entry may be off by a share of its own size, the others not by that."""
    want = np.array([1.0] * 10_000 + [100.0])
    assert first_difference(want + np.array([0.0] * 10_000 + [5e-3]), want, TOLERANCE) is None
    assert first_difference(want + np.array([5e-3] + [0.0] * 10_000), want, TOLERANCE) == (0,)


def test_entries_without_neighbours() -> None:
    """A number without a shape has the empty index; an empty array has no difference."""
    assert first_difference(np.array(2.0), np.array(1.0), TOLERANCE) == ()
    assert first_difference(np.zeros((0, 3)), np.zeros((0, 3)), TOLERANCE) is None


# --- numerical gradients --------------------------------------------------------------

Function = Callable[..., tuple[Array, ...]]


def sweeper(
    function: Function, args: Sequence[Any], delta: float = DELTA
) -> Callable[[Sequence[Path]], list[list[Array]]]:
    """Evaluate at every args[k] ± delta in one entry, as the sandbox does."""

    def sweep(vary: Sequence[Path]) -> list[list[Array]]:
        found = []
        for k in vary:
            answers = []
            for flat in range(varied(args, k).size):
                for step in (delta, -delta):
                    moved = copy.deepcopy(args)
                    varied(moved, k).reshape(-1)[flat] += step
                    answers.append(function(*moved))
            found.append([np.stack(stack) for stack in zip(*answers, strict=True)])
        return found

    return sweep


def product(A: Array, x: Array) -> tuple[Array, ...]:
    """Two outputs of two arguments: sin(A x) and sum(x²) A."""
    return np.sin(A @ x), np.sum(x**2) * A


@given(st.integers(0, 2**32 - 1))
def test_the_numerical_gradient_is_the_gradient(seed: int) -> None:
    """For a function whose gradient is known, both agree far below the tolerance."""
    rng = np.random.default_rng(seed)
    A, x, R1, R2 = (rng.standard_normal(s) for s in ((2, 3), (3, 4), (2, 4), (2, 3)))
    dA, dx = numerical_gradient(sweeper(product, (A, x)), (A, x), (0, 1), (R1, R2))
    inner = R1 * np.cos(A @ x)
    assert dA.shape == A.shape
    assert dx.shape == x.shape
    assert relative_error(dA, inner @ x.T + np.sum(x**2) * R2) < GRADIENT_TOLERANCE / 100
    assert relative_error(dx, A.T @ inner + 2 * x * np.sum(A * R2)) < GRADIENT_TOLERANCE / 100


def test_only_what_is_varied_is_differentiated_and_in_that_order() -> None:
    """`vary` decides which arguments come back, and their order."""
    args = np.ones((2, 3)), np.full((3, 4), 0.5)
    weights = np.ones((2, 4)), np.ones((2, 3))
    sweep = sweeper(product, args)
    dA, dx = numerical_gradient(sweep, args, (0, 1), weights)
    swapped = numerical_gradient(sweep, args, (1, 0), weights)
    assert np.array_equal(swapped[0], dx)
    assert np.array_equal(swapped[1], dA)
    (alone,) = numerical_gradient(sweep, args, (1,), weights)
    assert np.array_equal(alone, dx)


def in_dict(p: dict[str, Array], x: Array) -> tuple[Array, ...]:
    """One output of an argument and the two entries of a dict."""
    return (np.tanh(x @ p["W"] + p["b"]),)


@given(st.integers(0, 2**32 - 1))
def test_the_entries_of_a_dict_are_arguments(seed: int) -> None:
    """A path leads to a position, or to a key of the dict there; each has its own gradient."""
    rng = np.random.default_rng(seed)
    p = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((1, 2))}
    x, dy = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    paths: list[Path] = [(0, "b"), 1, (0, "W")]
    db, dx, dW = numerical_gradient(sweeper(in_dict, (p, x)), (p, x), paths, (dy,))
    da = dy * (1.0 - np.tanh(x @ p["W"] + p["b"]) ** 2)
    for got, want in ((db, da.sum(axis=0, keepdims=True)), (dx, da @ p["W"].T), (dW, x.T @ da)):
        assert got.shape == want.shape
        assert relative_error(got, want) < GRADIENT_TOLERANCE


NO_PATHS: dict[str, tuple[Path, type[Exception]]] = {
    "a position that is not there": (2, IndexError),
    "a key that is not there": ((0, "U"), KeyError),
    "a key of an array": ((1, "W"), IndexError),
}


@pytest.mark.parametrize(("path", "error"), NO_PATHS.values(), ids=NO_PATHS)
def test_a_path_that_leads_nowhere_is_its_authors_turn(path: Path, error: type[Exception]) -> None:
    """A rubric that varies what is not there is told so."""
    p = {"W": np.ones((3, 2)), "b": np.ones((1, 2))}
    with pytest.raises(error):
        numerical_gradient(sweeper(in_dict, (p, np.ones((4, 3)))), (p, np.ones((4, 3))), [path],
                           (np.ones((4, 2)),))  # fmt: skip


def test_the_step_may_be_chosen() -> None:
    """A quadratic has an exact central difference at any step."""
    args = (np.array([1.0, -2.0]),)
    square = sweeper(lambda x: (x**2,), args, delta=0.25)
    (slope,) = numerical_gradient(square, args, (0,), (np.array([1.0, 3.0]),), delta=0.25)
    assert np.array_equal(slope, [2.0, -12.0])


def test_a_constant_has_no_gradient() -> None:
    """An output that does not move gives exact zeros."""
    args = (np.ones((2, 2)),)
    constant = sweeper(lambda _: (np.ones(3),), args)
    (slope,) = numerical_gradient(constant, args, (0,), (np.ones(3),))
    assert np.array_equal(slope, np.zeros((2, 2)))


def test_every_stack_needs_its_weight() -> None:
    """A rubric that forgets the weight of an output is told so."""
    args = np.ones((2, 3)), np.ones((3, 4))
    with pytest.raises(ValueError, match="zip"):
        numerical_gradient(sweeper(product, args), args, (0,), (np.ones((2, 4)),))
