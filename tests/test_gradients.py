"""A backward made of somebody's forward by differences, and what it refuses to say."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.calls import Array, Made, Returned, Signature
from grader.expect import Lost
from grader.gradients import Differentiated, Gradient
from grader.model import Where
from grader.numerics import GRADIENT_TOLERANCE, relative_error
from grader.reference import Reference
from tests.sandboxes import LAW

SIGNATURES = {
    name: Signature.parse(text)
    for name, text in {"f": "y s *cache", "df": "dx dp", "other": "z"}.items()
}
FROM_CACHE = {"df": Gradient(of="f", given="dy cache ds", values=())}
FROM_ARGUMENTS = {"df": Gradient(of="f", given="dy ds x p", values=())}

#: Smooth functions and their derivatives.
SMOOTH: tuple[tuple[Callable[[Array], Array], Callable[[Array], Array]], ...] = (
    (np.sin, np.cos),
    (np.tanh, lambda a: 1.0 - np.tanh(a) ** 2),
    (lambda a: a**2 + a, lambda a: 2.0 * a + 1.0),
    (lambda a: np.exp(-(a**2)), lambda a: -2.0 * a * np.exp(-(a**2))),
    (lambda a: 1.0 / (1.0 + np.exp(-a)), lambda a: np.exp(-a) / (1.0 + np.exp(-a)) ** 2),
)


def differentiated(
    f: Callable[..., Any], gradients: dict[str, Gradient] = FROM_CACHE, **others: Callable[..., Any]
) -> Differentiated:
    """Differentiate one forward f."""
    return Differentiated(Reference({"f": f, **others}, SIGNATURES), gradients, SIGNATURES)


def cache(*args: object) -> Made:
    """Stand for the cache of f."""
    return Made(function="f", args=args, kwargs={}, position=2)


def product(x: Array, p: dict[str, Array]) -> tuple[Array, Array, str]:
    """Make y = sin(x W + b) and s = Σ x² a, and a cache nobody understands."""
    return np.sin(x @ p["W"] + p["b"]), np.sum(x**2) * p["a"], "mine alone"


def drawn(seed: int) -> tuple[Array, dict[str, Array], Array, Array]:
    """Draw x, p, and the weights of y and s in the loss."""
    rng = np.random.default_rng(seed)
    p = {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal((1, 4)),
         "a": rng.standard_normal(2)}  # fmt: skip
    return rng.standard_normal((2, 3)), p, rng.standard_normal((2, 4)), rng.standard_normal(2)


def by_hand(x: Array, p: dict[str, Array], dy: Array, ds: Array) -> tuple[Array, dict[str, Array]]:
    """Work out what the loss Σ y dy + Σ s ds gives for x and for every entry of p."""
    da = dy * np.cos(x @ p["W"] + p["b"])
    dx = da @ p["W"].T + 2.0 * x * float(ds @ p["a"])
    return dx, {"W": x.T @ da, "b": da.sum(axis=0, keepdims=True), "a": np.sum(x**2) * ds}


def agree(got: Returned, dx: Array, dp: dict[str, Array]) -> None:
    """See that gradients agree far below the tolerance."""
    assert got.names == ("dx", "dp")
    assert list(got.dp) == list(dp)
    for one, other in ((got.dx, dx), *((got.dp[key], dp[key]) for key in dp)):
        assert one.shape == other.shape
        assert relative_error(one, other) < GRADIENT_TOLERANCE / 10


# --- what it refuses ------------------------------------------------------------------


def test_a_forward_that_ignores_an_argument_proves_nothing() -> None:
    """A gradient that is zero throughout is the forward's fault, and loses in words."""
    x, p, dy, ds = drawn(1)
    asked = differentiated(lambda _, p: (np.sin(np.ones((2, 3)) @ p["W"]), p["a"], None))
    with pytest.raises(Lost) as caught:
        asked.df(dy, cache(x, p), ds)
    assert str(caught.value) == "your f does not depend on x, so dx proves nothing"
    assert caught.value.where == Where(output="dx")


def test_an_entry_of_a_dict_may_be_ignored_if_the_others_are_not() -> None:
    """Leaving out a bias has an honest gradient: zero."""
    x, p, dy, ds = drawn(1)
    asked = differentiated(lambda x, p: (np.sin(x @ p["W"]), x[0, 0] * p["a"], None))
    got = asked.df(dy, cache(x, p), ds)
    assert np.array_equal(got.dp["b"], np.zeros((1, 4)))


def test_a_dict_that_is_ignored_as_a_whole_proves_nothing() -> None:
    """No entry of p moves anything: dp is lost."""
    x, p, dy, ds = drawn(1)
    asked = differentiated(lambda x, _: (np.sin(x) @ np.ones((3, 4)), x[0, :2], None))
    with pytest.raises(Lost, match="^your f does not depend on p, so dp proves nothing$"):
        asked.df(dy, cache(x, p), ds)


def test_no_weight_on_any_output_gives_zeros() -> None:
    """Where nothing comes in nothing goes out, and nobody is blamed."""
    x, p, dy, ds = drawn(1)
    got = differentiated(product).df(0.0 * dy, cache(x, p), 0.0 * ds)
    assert not got.dx.any()
    assert not any(array.any() for array in got.dp.values())


INCOMPLETE: dict[str, tuple[dict[str, Gradient], Callable[..., tuple[object, ...]]]] = {
    "the cache of a call without p": (FROM_CACHE, lambda x, _, dy, ds: (dy, cache(x), ds)),
    "no cache at all": (FROM_CACHE, lambda _, __, dy, ds: (dy, None, ds)),
    "an argument that is None": (FROM_CACHE, lambda x, _, dy, ds: (dy, cache(x, None), ds)),
    "an argument that is None, without a cache": (
        FROM_ARGUMENTS,
        lambda x, _, dy, ds: (dy, ds, x, None),
    ),
}


@pytest.mark.parametrize(("gradients", "arguments"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_question_without_every_argument_is_its_authors_turn(
    gradients: dict[str, Gradient], arguments: Callable[..., tuple[object, ...]]
) -> None:
    """A rubric that leaves an argument to its default cannot be answered: our error."""
    asked = differentiated(product, gradients)
    with pytest.raises(TypeError, match="^a rubric asks df without every argument of f$"):
        asked.df(*arguments(*drawn(1)))


def test_a_forward_that_raises_is_no_gradient() -> None:
    """A twin may fail at any input; that is said, and not taken for zeros."""

    def f(*_: object) -> None:
        raise ValueError

    with pytest.raises(TypeError, match="^the reference f raised ValueError$"):
        differentiated(f).df(*(drawn(1)[2], cache(*drawn(1)[:2]), drawn(1)[3]))


def test_a_function_without_a_signature_is_no_attribute() -> None:
    """Only what `RETURNS` lists can be asked."""
    with pytest.raises(AttributeError, match="^g$"):
        _ = differentiated(product).g


# --- what it says ---------------------------------------------------------------------


@LAW
@given(st.integers(0, 2**32 - 1))
def test_the_gradient_is_the_gradient(seed: int) -> None:
    """For a forward whose gradient is known, with a dict of arguments, both agree."""
    x, p, dy, ds = drawn(seed)
    want = by_hand(x, p, dy, ds)
    agree(differentiated(product).df(dy, cache(x, p), ds), *want)
    agree(differentiated(product, FROM_ARGUMENTS).df(dy, ds, x, p), *want)


shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@LAW
@given(
    entries=st.dictionaries(
        st.sampled_from("WUabc"), st.tuples(shapes, st.sampled_from(SMOOTH)), min_size=1, max_size=4
    ),
    of_x=st.tuples(shapes, st.sampled_from(SMOOTH)),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_smooth_function_of_a_dict_is_differentiated(
    entries: dict[str, tuple[tuple[int, ...], Any]], of_x: tuple[tuple[int, ...], Any], seed: int
) -> None:
    """Every entry of a dict has its own gradient, under its key and of its shape."""
    rng = np.random.default_rng(seed)
    slopes = {key: rng.standard_normal((2, 3)) for key in (*entries, "")}

    def f(x: Array, p: dict[str, Array]) -> tuple[Array, float, None]:
        y = slopes[""] * of_x[1][0](x).sum()
        return y + sum(slopes[k] * entries[k][1][0](p[k]).sum() for k in entries), 0.0, None

    x = np.asarray(0.5 + rng.random(of_x[0]))
    p = {key: np.asarray(0.5 + rng.random(shape)) for key, (shape, _) in entries.items()}
    dy = 1.0 + rng.random((2, 3))
    loud = {key: float(np.sum(slope * dy)) for key, slope in slopes.items()}
    if min(abs(value) for value in loud.values()) < 1e-2:
        return  # a gradient that happens to vanish proves nothing
    got = differentiated(f).df(dy, cache(x, p))
    dp = {key: loud[key] * entries[key][1][1](p[key]) for key in entries}
    agree(got, loud[""] * of_x[1][1](x), dp)


def test_weights_may_come_by_keyword_or_not_at_all() -> None:
    """What is not given weighs nothing; None is not given."""
    x, p, dy, ds = drawn(2)
    asked = differentiated(product)
    positional = asked.df(dy, cache(x, p), ds)
    keyword = asked.df(dy, cache(x, p), ds=ds)
    assert np.array_equal(keyword.dx, positional.dx)
    alone = by_hand(x, p, dy, 0.0 * ds)[0]
    for got in (asked.df(dy, cache(x, p)), asked.df(dy, cache(x, p), None)):
        assert relative_error(got.dx, alone) < GRADIENT_TOLERANCE


def test_gradients_of_several_questions_come_in_their_order() -> None:
    """`each` answers as single calls do."""
    asked = differentiated(product)
    cases = [(dy, cache(x, p), ds) for x, p, dy, ds in map(drawn, (1, 2))]
    together = asked.each("df", [(case, {}) for case in cases])
    assert [np.array_equal(got.dx, asked.df(*case).dx) for got, case in zip(
        together, cases, strict=True)] == [True, True]  # fmt: skip


def test_whatever_is_no_backward_is_answered_by_the_forward_itself() -> None:
    """The forward, and functions that have nothing to do with it, answer for themselves."""
    x, p, *_ = drawn(1)
    asked = differentiated(product, other=lambda x: x + 1)
    assert np.array_equal(asked.f(x, p).y, np.sin(x @ p["W"] + p["b"]))
    assert asked.other(1.0).z == 2.0
    assert isinstance(asked.f(x, p).cache, Made)


def test_a_question_is_worked_out_once() -> None:
    """A class that is asked the same differentiates the same twin once."""
    runs = []

    def f(x: Array, p: dict[str, Array]) -> tuple[Array, Array, str]:
        runs.append(1)
        return product(x, p)

    asked = differentiated(f)
    x, p, dy, ds = drawn(3)
    first = asked.df(dy, cache(x, p), ds)
    count = len(runs)
    again = asked.df(dy.copy(), cache(x.copy(), {k: v.copy() for k, v in p.items()}), ds)
    assert again is first
    assert len(runs) == count == 2 * (x.size + sum(array.size for array in p.values()))


def test_the_arguments_of_a_question_are_left_as_they_are() -> None:
    """A rubric goes on with the arrays it drew, even if the forward writes into them."""

    def greedy(x: Array, p: dict[str, Array]) -> tuple[Array, Array, None]:
        y, s, _ = product(x, p)
        x *= 0.0
        p["W"] += 1.0
        return y, s, None

    x, p, dy, ds = drawn(4)
    before = x.copy(), p["W"].copy()
    agree(differentiated(greedy).df(dy, cache(x, p), ds), *by_hand(x, p, dy, ds))
    assert np.array_equal(x, before[0])
    assert np.array_equal(p["W"], before[1])


def test_words_numbers_and_masks_have_no_gradient() -> None:
    mask = np.array([True, False, True])

    def f(x: Array, way: str, kept: Array, times: int, p: Array) -> tuple[Array, Array, str]:
        y = times * np.where(kept, x, 0.0) * p
        return (np.sin(y) if way == "sine" else y), y, "mine"

    x, p = np.array([0.3, -0.2, 0.5]), np.array([1.0, 2.0, -1.5])
    ones = np.ones(3)
    got = differentiated(f).df(ones, cache(x, "sine", mask, 2, p))
    slope = 2.0 * mask * np.cos(2.0 * x * p)
    assert relative_error(got.dx, slope * p) < GRADIENT_TOLERANCE
    assert relative_error(got.dp, slope * x) < GRADIENT_TOLERANCE
