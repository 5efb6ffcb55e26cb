"""The fast LSTM does what the slow one does."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.calls import Array
from grader.numerics import relative_error
from grader.reference import load_functions

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"


def loaded(*names: str) -> SimpleNamespace:
    sources = {name: (SOLUTIONS / f"{name}.py").read_text("utf-8") for name in names}
    return SimpleNamespace(**load_functions(sources))


fast, slow = loaded("fast_lstm"), loaded("lstm_forward", "lstm_backward")

# T, B, D, H, K
SIZES = [(4, 3, 2, 5, 1), (1, 1, 1, 1, 1), (6, 2, 3, 4, 2), (2, 5, 1, 3, 3), (5, 1, 4, 2, 1)]
sizes = st.tuples(*[st.integers(1, 6)] * 4, st.integers(1, 3))
dtypes = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)], ids=["float64", "float32"]
)


class Problem(SimpleNamespace):
    """Dense weights and data of the given sizes: X (T, B, D), y (B, K), W, W_out."""

    def __init__(self, *sizes: int, seed: int = 0) -> None:
        T, B, D, H, K = sizes
        rng = np.random.default_rng([*sizes, seed])
        self.D, self.H = D, H
        self.X, self.y = rng.standard_normal((T, B, D)), rng.standard_normal((B, K))
        self.W = rng.standard_normal((1 + D + H, 4 * H))
        self.W_out = rng.standard_normal((1 + H, K))

    def model(self, dtype: type = np.float64) -> SimpleNamespace:
        """Make a model of these weights."""
        model: SimpleNamespace = fast.Model(
            fast.LSTM(self.D, self.H, dtype), self.W, self.W_out, dtype
        )
        return model

    def slow_loss(self, parameters: Array) -> float:
        """Compute the loss with the solution of lstm_forward."""
        W, W_out = np.split(parameters, [self.W.size])
        _, _, hn, _ = slow.lstm_forward(self.X, W.reshape(self.W.shape))
        W_out = W_out.reshape(self.W_out.shape)
        return float(np.sum((hn @ W_out[1:] + W_out[0] - self.y) ** 2) / len(self.y))

    def gradients(self, dtype: type = np.float64) -> Array:
        """Differentiate the mean squared error, as a model does."""
        model = self.model(dtype)
        errors = model.predict(self.X) - self.y
        model.backward(errors * (2.0 / len(errors)))
        gradients: Array = model.gradients
        return gradients


def differences(f: Callable[[Array], float], x: Array, delta: float = 1e-5) -> Array:
    """Differentiate f at x (N,) by central differences."""
    steps = delta * np.eye(x.size)
    return np.array([(f(x + step) - f(x - step)) / (2.0 * delta) for step in steps])


# --- forward --------------------------------------------------------------------------


@dtypes
@settings(max_examples=50, deadline=None)
@given(sizes=sizes, seed=st.integers(0, 9))
def test_forward_is_that_of_the_solution(
    dtype: type, tolerance: float, sizes: tuple[int, ...], seed: int
) -> None:
    """Every hidden state, the last cell state and the answer agree."""
    problem = Problem(*sizes, seed=seed)
    model = problem.model(dtype)
    y = model.predict(problem.X)
    Hout, cn, hn, _ = slow.lstm_forward(problem.X, problem.W)
    np.testing.assert_allclose(model.cell.Hout, Hout, rtol=0, atol=tolerance)
    np.testing.assert_allclose(model.cell.cn, cn, rtol=tolerance, atol=tolerance)
    want = hn @ problem.W_out[1:] + problem.W_out[0]
    np.testing.assert_allclose(y, want, rtol=10 * tolerance, atol=10 * tolerance)
    assert y.dtype == model.cell.Hout.dtype == dtype


@dtypes
def test_a_hundred_steps_drift_no_further(dtype: type, tolerance: float) -> None:
    """At the length of the adding problem the states still agree."""
    rng = np.random.default_rng(0)
    W, W_out = fast.initial_weights(2, 8, 1, rng, forget_bias=3.0)
    X = rng.uniform(-1.0, 1.0, (110, 4, 2))
    model = fast.Model(fast.LSTM(2, 8, dtype), W, W_out, dtype)
    model.predict(X)
    np.testing.assert_allclose(
        model.cell.Hout, slow.lstm_forward(X, W)[0], rtol=0, atol=10 * tolerance
    )


# --- backward -------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_gradients_are_the_slopes_of_the_solution(sizes: tuple[int, ...]) -> None:
    """All gradients equal central differences of lstm_forward's loss."""
    problem = Problem(*sizes)
    want = differences(problem.slow_loss, problem.model().parameters)
    assert relative_error(problem.gradients(), want) < 1e-8


@settings(max_examples=50, deadline=None)
@given(sizes=sizes, seed=st.integers(0, 9))
def test_gradients_are_those_of_the_solution(sizes: tuple[int, ...], seed: int) -> None:
    """lstm_backward, written step by step, gives the same dW."""
    problem = Problem(*sizes, seed=seed)
    model = problem.model()
    dy = problem.y
    model.predict(problem.X)
    model.backward(dy)
    Hout, _, hn, cache = slow.lstm_forward(problem.X, problem.W)
    _, dW, _, _ = slow.lstm_backward(np.zeros_like(Hout), cache, dhn=dy @ problem.W_out[1:].T)
    assert relative_error(model.dW, dW) < 1e-12
    assert relative_error(model.dW_out, np.vstack([dy.sum(axis=0), hn.T @ dy])) < 1e-12


@settings(max_examples=50, deadline=None)
@given(sizes=sizes, direction=st.integers(0, 99))
def test_gradients_point_the_right_way_at_any_size(sizes: tuple[int, ...], direction: int) -> None:
    """Along any direction the loss changes as the gradient says."""
    problem = Problem(*sizes)
    parameters, gradients = problem.model().parameters, problem.gradients()
    along = np.random.default_rng(direction).standard_normal(parameters.size)
    along /= np.linalg.norm(along)
    slope = differences(lambda s: problem.slow_loss(parameters + s[0] * along), np.zeros(1))
    assert abs(slope[0] - gradients @ along) < 1e-7 * (1.0 + np.linalg.norm(gradients))


@pytest.mark.parametrize("sizes", [*SIZES, (100, 16, 2, 8, 1)], ids=str)
def test_gradients_in_float32_are_those_of_float64(sizes: tuple[int, ...]) -> None:
    """Half the digits cost no more than the digits."""
    problem = Problem(*sizes)
    assert relative_error(problem.gradients(np.float32), problem.gradients()) < 1e-4


# --- memory ---------------------------------------------------------------------------


def test_memory_that_is_used_again_remembers_nothing() -> None:
    """Longer, shorter, wider: each batch is answered as by a new network."""
    model = Problem(4, 3, 2, 5, 1).model()
    for T, B in [(4, 3), (7, 3), (2, 3), (5, 3), (5, 1), (4, 4), (7, 3)]:
        again, new = Problem(T, B, 2, 5, 1), Problem(T, B, 2, 5, 1).model()
        new.parameters[:] = model.parameters
        for each in (model, new):
            each.backward(each.predict(again.X) - again.y)
        assert np.array_equal(model.cell.Hout, new.cell.Hout)
        assert np.array_equal(model.cell.cn, new.cell.cn)
        assert np.array_equal(model.gradients, new.gradients)


def test_arguments_are_left_alone() -> None:
    """Weights and data a model is made from do not change when it learns."""
    problem, untouched = Problem(4, 3, 2, 5, 1), Problem(4, 3, 2, 5, 1)
    model = problem.model()
    adam = fast.Adam(model.parameters.size, 0.1, np.float64)
    fast.train_step(model, adam, problem.X, problem.y)
    for name in ("X", "y", "W", "W_out"):
        assert np.array_equal(getattr(problem, name), getattr(untouched, name)), name
    assert not np.array_equal(model.W, problem.W)


def test_weights_are_in_the_layout_of_the_course() -> None:
    """W (R, 4H) and W_out (1 + H, K) come back as they were given."""
    problem = Problem(4, 3, 2, 5, 2)
    model = problem.model()
    model.predict(problem.X)
    assert np.array_equal(model.W, problem.W)
    assert np.array_equal(model.W_out, problem.W_out)
    assert np.shares_memory(model.W, model.parameters)
    assert np.shares_memory(model.dW_out, model.gradients)


# --- clip, Adam, a whole step ---------------------------------------------------------

CLIPS = {
    "too long": ([3.0, -4.0], 1.0, [0.6, -0.8], 5.0),
    "short enough": ([0.3, -0.4], 1.0, [0.3, -0.4], 0.5),
    "just as long": ([3.0, -4.0], 5.0, [3.0, -4.0], 5.0),
    "zero": ([0.0, 0.0], 1.0, [0.0, 0.0], 0.0),
}


@pytest.mark.parametrize(("gradients", "limit", "want", "norm"), CLIPS.values(), ids=CLIPS)
def test_clipping_keeps_the_direction(
    gradients: list[float], limit: float, want: list[float], norm: float
) -> None:
    """Only what is longer than the limit is scaled; the old norm is told."""
    got = np.array(gradients)
    assert fast.clip_global(got, limit) == pytest.approx(norm)
    np.testing.assert_allclose(got, want)


@dtypes
def test_adam_is_the_formula(dtype: type, tolerance: float) -> None:
    """Twenty updates equal the paper's, written out, while lr changes."""
    rng = np.random.default_rng(0)
    parameters = rng.standard_normal(7)
    got: Array = parameters.astype(dtype)
    m, v = np.zeros(7), np.zeros(7)
    adam = fast.Adam(7, 0.1, dtype)
    for t in range(1, 21):
        g = rng.standard_normal(7) * 10.0 ** rng.integers(-9, 3, 7)
        adam.lr = 0.1 / t
        given: Array = g.astype(dtype)
        adam.step(got, given)
        assert np.array_equal(given, g.astype(dtype))
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat, v_hat = m / (1.0 - 0.9**t), v / (1.0 - 0.999**t)
        parameters = parameters - adam.lr * m_hat / (np.sqrt(v_hat) + 1e-8)
        np.testing.assert_allclose(got, parameters, rtol=0, atol=tolerance)


@pytest.mark.parametrize("clip", [0.1, 1e6], ids=["clipped", "not clipped"])
def test_a_step_is_its_parts(clip: float) -> None:
    """train_step returns the errors before the update, and makes it."""
    problem = Problem(4, 3, 2, 5, 2)
    model = problem.model()
    gradients = problem.gradients()
    assert 0.1 < np.linalg.norm(gradients) < 1e6
    fast.clip_global(gradients, clip)
    want = model.parameters.copy()
    fast.Adam(want.size, 0.01, np.float64).step(want, gradients)
    before = model.predict(problem.X) - problem.y
    adam = fast.Adam(want.size, 0.01, np.float64)
    errors = fast.train_step(model, adam, problem.X, problem.y, clip)
    assert np.array_equal(errors, before)
    assert np.array_equal(model.parameters, want)


def test_initial_weights_are_small_and_biased() -> None:
    """Biases are those asked for, everything else lies within ±1 / sqrt(H)."""
    bias = np.array([1.0, 2.0, 3.0, 4.0])
    rng = np.random.default_rng(0)
    W, W_out = fast.initial_weights(2, 4, 3, rng, forget_bias=bias, input_bias=-2.0)
    assert (W.shape, W_out.shape) == ((7, 16), (5, 3))
    assert np.array_equal(W[0], np.concatenate([np.full(4, -2.0), bias, np.zeros(8)]))
    assert not W_out[0].any()
    for weights in (W[1:], W_out[1:]):
        assert 0.4 < np.abs(weights).max() <= 0.5
        assert weights.min() < 0.0 < weights.max()
