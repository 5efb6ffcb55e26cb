"""The adding problem is the paper's, and its controls are fair."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.calls import Array
from grader.numerics import relative_error

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(name="bench", scope="module")
def _bench() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            patch.setenv(threads, "1")  # importing it sets them; leaving here unsets them
        yield import_module("adding_problem")


# --- the sequences --------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(T=st.integers(22, 60), seed=st.integers(0, 99))
def test_markers_and_target_follow_the_paper(bench: ModuleType, T: int, seed: int) -> None:
    """Two marked steps, -1 at both ends, and the target adds what is marked."""
    X, y = bench.adding_problem(T, 40, np.random.default_rng(seed))
    assert T <= len(X) <= T + T // 10
    assert (X.shape[1:], y.shape) == ((40, 2), (40, 1))
    values, markers = X[:, :, 0], X[:, :, 1]
    assert (markers[[0, -1]] == -1.0).all()
    assert set(np.unique(markers[1:-1])) <= {0.0, 1.0}
    assert np.abs(values).max() <= 1.0
    for b in range(40):
        marked = np.flatnonzero(markers[:, b] == 1.0)
        # a marked first step keeps its -1, and adds a value of 0
        assert len(marked) == (1 if values[0, b] == 0.0 else 2)
        assert marked.max() <= T // 2 - 1
        assert values[0, b] == 0.0 or marked.min() < 10
        assert y[b, 0] == pytest.approx(0.5 + values[marked, b].sum() / 4.0, abs=1e-6)


def test_every_length_and_position_occurs(bench: ModuleType) -> None:
    """Lengths 100 to 110; marks at 0 to 9, and anywhere in the first half."""
    rng = np.random.default_rng(0)
    batches = [bench.adding_problem(100, 50, rng)[0] for _ in range(200)]
    assert {len(X) for X in batches} == set(range(100, 111))
    often = np.mean([(X[:100, :, 1] == 1.0).mean(axis=1) for X in batches], axis=0)
    assert (often[1:10] > 0.08).all()
    assert (often[10:50] > 0.01).all()
    assert not often[50:].any()
    silenced = np.mean([X[0, :, 0] == 0.0 for X in batches])
    assert silenced == pytest.approx(0.1 + 0.9 / 49.0, abs=0.01)


def test_a_seed_is_the_same_sequences_and_the_same_run(bench: ModuleType) -> None:
    """Nothing is drawn from anywhere but the seed."""
    one, other = (bench.adding_problem(30, 4, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    runs = [bench.Learner.of(*bench.CONTESTANTS[0][1:], 3) for _ in range(2)]
    for learner in runs:
        assert learner.learn(320) == (False, 320)
    assert np.array_equal(runs[0].model.parameters, runs[1].model.parameters)


# --- the criterion --------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    scale=st.sampled_from([0.004, 0.02]),
    bad=st.sets(st.integers(0, 4999), max_size=4),
    batch=st.integers(1, 700),
    nan=st.booleans(),
)
def test_the_criterion_looks_at_the_last_two_thousand(
    bench: ModuleType, scale: float, bad: set[int], batch: int, nan: bool
) -> None:
    """After any batch: all of the last 2,000 below 0.04, and their mean below 0.01."""
    errors = scale * np.random.default_rng(batch).uniform(-1.5, 1.5, 5000)
    errors[list(bad)] = np.nan if nan else -0.04
    criterion = bench.Criterion()
    for end in range(batch, 5001, batch):
        recent = np.abs(errors[max(0, end - 2000) : end])
        want = len(recent) == 2000 and bool((recent < 0.04).all() and recent.mean() < 0.01)
        assert criterion.judge(errors[end - batch : end]) == want


# --- the controls ---------------------------------------------------------------------


def rnn_states(W: Array, X: Array) -> Array:
    h = np.zeros((X.shape[1], W.shape[1]))
    for x in X:
        h = np.tanh(np.hstack([np.ones((len(x), 1)), x, h]) @ W)
    return h


def test_the_control_is_an_rnn_with_the_right_gradient(bench: ModuleType) -> None:
    """Its last state is the recurrence's, its gradient central differences of it."""
    rng = np.random.default_rng(0)
    cell = bench.RNN(2, 4)
    for T, B in ((5, 3), (3, 3), (6, 2)):
        X, W = rng.standard_normal((T, B, 2)), rng.standard_normal((7, 4))
        dh, dW = rng.standard_normal((4, B)), np.zeros((7, 4), np.float32)
        h = cell.forward(W.astype(np.float32), X.astype(np.float32))
        cell.backward(dh.astype(np.float32), dW)
        np.testing.assert_allclose(h.T, rnn_states(W, X), rtol=0, atol=1e-5)
        slopes = np.zeros(W.size)
        for k, step in enumerate(1e-5 * np.eye(W.size)):
            change = step.reshape(W.shape)
            apart = rnn_states(W + change, X) - rnn_states(W - change, X)
            slopes[k] = np.sum(apart * dh.T) / 2e-5
        assert relative_error(dW.astype(np.float64), slopes.reshape(W.shape)) < 1e-5
