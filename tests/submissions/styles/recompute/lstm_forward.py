"""LSTM forward, object-oriented. The cache holds the four arguments and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator

import numpy as np

Array = np.ndarray
GATES = ("i", "f", "o", "g")


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Two-sided: e^a / (1 + e^a) on the left, 1 / (1 + e^-a) on the right."""
    a = np.asarray(a, dtype=np.float64)
    left = np.exp(np.minimum(a, 0.0))
    right = np.exp(-np.maximum(a, 0.0))
    return left / (left + right)


@dataclass
class Trace:
    """What happened in one step."""

    row: Array
    i: Array
    f: Array
    o: Array
    g: Array
    c_prev: Array
    c: Array
    tanh_c: Array = field(init=False)
    h: Array = field(init=False)

    def __post_init__(self) -> None:
        self.tanh_c = np.tanh(self.c)
        self.h = self.o * self.tanh_c


@dataclass(frozen=True)
class Cell:
    """A packed LSTM cell, batched."""

    W: Array

    @property
    def H(self) -> int:
        return self.W.shape[1] // 4

    @property
    def D(self) -> int:
        return self.W.shape[0] - 1 - self.H

    def step(self, x: np.ndarray, c_prev: np.ndarray, h_prev: np.ndarray) -> Trace:
        row = np.column_stack([np.ones(len(x)), x, h_prev])
        a = dict(zip(GATES, np.split(row @ self.W, 4, axis=1)))
        i, f, o = (sigmoid(a[k]) for k in "ifo")
        g = np.tanh(a["g"])
        return Trace(row, i, f, o, g, c_prev, f * c_prev + i * g)

    def run(self, X: np.ndarray, c: np.ndarray, h: np.ndarray) -> Iterator[Trace]:
        for x in X:
            trace = self.step(x, c, h)
            yield trace
            c, h = trace.c, trace.h

    def back(self, s: Trace, dc: np.ndarray, dh: np.ndarray):
        """dc, dh: all that arrives at s.c from later and at s.h. Returns dx, dW, dc_prev, dh_prev."""
        dc = dc + dh * s.o * (1 - s.tanh_c**2)
        da = np.concatenate(
            [
                dc * s.g * s.i * (1 - s.i),
                dc * s.c_prev * s.f * (1 - s.f),
                dh * s.tanh_c * s.o * (1 - s.o),
                dc * s.i * (1 - s.g**2),
            ],
            axis=1,
        )
        drow = da @ self.W.T
        return drow[:, 1 : 1 + self.D], s.row.T @ da, dc * s.f, drow[:, 1 + self.D :]


@dataclass(frozen=True)
class Cache:
    X: Array
    W: Array
    c0: Array | None
    h0: Array | None

    def replay(self) -> tuple[Cell, list[Trace]]:
        cell = Cell(self.W)
        shape = (self.X.shape[1], cell.H)
        c0, h0 = (np.zeros(shape) if s is None else s for s in (self.c0, self.h0))
        return cell, list(cell.run(self.X, c0, h0))


def lstm_gates(x, h_prev, p):
    column = np.vstack((h_prev, x))
    a_f, a_i, a_g, a_o = (p[f"W_{k}"] @ column + p[f"b_{k}"] for k in "figo")
    return sigmoid(a_f), sigmoid(a_i), np.tanh(a_g), sigmoid(a_o)


def lstm_step(x, h_prev, c_prev, p):
    # a single example is a batch of one: let the Cell do it
    cell = Cell(pack_gates(p, x.shape[0]))
    s = cell.step(x.T, c_prev.T, h_prev.T)
    return s.h.T, s.c.T


def pack_gates(p, D):
    H = p["W_f"].shape[0]
    W = np.empty((1 + D + H, 4 * H))
    for block, k in zip(np.split(W, 4, axis=1), GATES):     # np.split gives views
        block[0] = p[f"b_{k}"].ravel()
        block[1 : 1 + D] = p[f"W_{k}"].T[H:]
        block[1 + D :] = p[f"W_{k}"].T[:H]
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = [forget_bias if k == "f" else 0.0 for k in GATES for _ in range(H)]
    return W


def lstm_forward(X, W, c0=None, h0=None):
    cache = Cache(X, W, c0, h0)
    _, traces = cache.replay()
    last = traces[-1]
    return np.stack([s.h for s in traces]), last.c, last.h, cache
