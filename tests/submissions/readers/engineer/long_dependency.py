"""Long dependency: two tasks, a training loop, and the yardsticks of 1997."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

Array = NDArray[np.float64]
Params = dict[str, Array]

V = 8
TOLERANCE = 0.04
STREAK = 2000


class Cell(NamedTuple):
    forward: Callable
    backward: Callable


CELLS = {
    4: Cell(lstm_forward, lstm_backward),
    3: Cell(gru_forward, gru_backward),
    1: Cell(rnn_forward, rnn_backward),
}


def adding_problem(T: int, B: int, rng: np.random.Generator) -> tuple[Array, Array]:
    if T < 11:
        raise ValueError("T should be 11 or more")
    length = int(rng.integers(T, int(np.floor(1.1 * T))))
    values = rng.uniform(-1.0, 1.0, (length, B))
    markers = np.zeros((length, B))
    columns = np.arange(B)

    first = rng.integers(0, 10, B)
    second = rng.integers(0, T // 2 - 1, B)
    second = np.where(second >= first, second + 1, second)  # skip the one that is taken
    markers[first, columns] = 1.0
    markers[second, columns] = 1.0
    markers[[0, -1]] = -1.0
    values[0, (first == 0) | (second == 0)] = 0.0

    y = 0.5 + (values[first, columns] + values[second, columns]) / 4.0
    return np.stack([values, markers], axis=2), y


def recall_task(
    distance: int, B: int, V: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    symbols = rng.integers(0, V, (distance + 1, B))
    X = np.zeros((distance + 2, B, V + 1))
    np.put_along_axis(X[:-1], symbols[..., None], 1.0, axis=2)
    X[-1, :, V] = 1.0
    return X, symbols[0]


def adding_baseline() -> dict[str, float]:
    """The sum s of both numbers has the density (2 - |s|) / 4 on [-2, 2]."""
    limit = 4.0 * TOLERANCE
    return {"mse": 1.0 / 24.0, "mae": 1.0 / 6.0, "hit_rate": limit - limit**2 / 4.0}


def paper_criterion(errors: Array) -> int | None:
    streak = 0
    for n, error in enumerate(errors):
        streak = streak + 1 if abs(error) < TOLERANCE else 0
        if streak >= STREAK:
            return n
    return None


def _cell_of(params: Params) -> Cell:
    hidden = params["W_out"].shape[0] - 1
    blocks, rest = divmod(params["W"].shape[1], hidden)
    if rest or blocks not in CELLS:
        raise ValueError("W and W_out do not belong together")
    return CELLS[blocks]


def read_out(params: Params, h: Array) -> Array:
    return np.hstack([np.ones((len(h), 1)), h]) @ params["W_out"]


def predict(params: Params, X: Array) -> Array:
    _, *rest = _cell_of(params).forward(X, params["W"])
    answer = read_out(params, rest[-2])
    return answer[:, 0] if answer.shape[1] == 1 else answer


def initial_params(
    task: str, cell: str, rng: np.random.Generator, H: int, forget_bias, input_bias
) -> Params:
    D, K = {"adding": (2, 1), "recall": (V + 1, V)}[task]
    if cell == "lstm":
        W = init_lstm(D, H, rng, forget_bias)
        W[0, :H] = input_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] = -np.asarray(forget_bias)
    elif cell == "rnn":
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0.0
    else:
        raise ValueError(f"unknown cell {cell!r}")
    W_out = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    W_out[0] = 0.0
    return {"W": W, "W_out": W_out}


def _squared_error(answer: Array, y: Array) -> tuple[float, Array]:
    difference = answer[:, 0] - y
    return float(np.mean(difference**2)), (2.0 * difference / len(y))[:, None]


def _cross_entropy(logits: Array, y: Array) -> tuple[float, Array]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1.0
    return float(-log_p[rows, y].mean()), dlogits / len(y)


def loss_and_gradients(params: Params, X: Array, y: Array) -> tuple[float, Params]:
    cell = _cell_of(params)
    Hout, *_, hn, cache = cell.forward(X, params["W"])
    answer = read_out(params, hn)
    judge = _squared_error if answer.shape[1] == 1 else _cross_entropy
    loss, danswer = judge(answer, y)

    dHout = np.zeros_like(Hout)
    dHout[-1] = danswer @ params["W_out"][1:].T
    _, dW, *_ = cell.backward(dHout, cache)
    dW_out = np.hstack([np.ones((len(hn), 1)), hn]).T @ danswer
    return loss, {"W": dW, "W_out": dW_out}


def _norm(grads: Params) -> float:
    return float(np.sqrt(sum(np.sum(grad**2) for grad in grads.values())))


def _clip(grads: Params, limit: float = 1.0) -> Params:
    norm = _norm(grads)
    if norm <= limit:
        return grads
    return {name: grad * (limit / norm) for name, grad in grads.items()}


@dataclass
class Adam:
    lr: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    k: int = 0
    m: Params = field(default_factory=dict)
    v: Params = field(default_factory=dict)

    def step(self, params: Params, grads: Params) -> Params:
        self.k += 1
        updated = {}
        for name, grad in grads.items():
            self.m[name] = self.beta1 * self.m.get(name, 0.0) + (1.0 - self.beta1) * grad
            self.v[name] = self.beta2 * self.v.get(name, 0.0) + (1.0 - self.beta2) * grad**2
            m_hat = self.m[name] / (1.0 - self.beta1**self.k)
            v_hat = self.v[name] / (1.0 - self.beta2**self.k)
            updated[name] = params[name] - self.lr * m_hat / (np.sqrt(v_hat) + self.epsilon)
        return updated


def _batches(
    task: str, T: int, B: int, updates: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    for _ in range(updates):
        yield adding_problem(T, B, rng) if task == "adding" else recall_task(T, B, V, rng)


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    adam = Adam(lr=lr)
    history: dict[str, list[float]] = {"loss": [], "gradient_norm": []}
    for X, y in _batches(task, T, batch_size, updates, rng):
        loss, grads = loss_and_gradients(params, X, y)
        grads = _clip(grads)
        history["loss"].append(loss)
        history["gradient_norm"].append(_norm(grads))
        params = adam.step(params, grads)
    return params, history
