"""Vanilla RNN: forward and backward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cache:
    W: Array
    rows: list[Array]
    Hout: Array


def rnn_forward(X: Array, W: Array, h0: Array | None = None) -> tuple[Array, Array, Cache]:
    _, B, _ = X.shape
    h = np.zeros((B, W.shape[1])) if h0 is None else h0
    rows: list[Array] = []
    states: list[Array] = []
    for x in X:
        rows.append(np.hstack([np.ones((B, 1)), x, h]))
        h = np.tanh(rows[-1] @ W)
        states.append(h)
    Hout = np.stack(states)
    return Hout, h, Cache(W=W, rows=rows, Hout=Hout)


def rnn_backward(dHout: Array, cache: Cache, dhn: Array | None = None) -> tuple[Array, Array, Array]:
    inputs = cache.W.shape[0] - 1 - dHout.shape[2]
    carry = np.zeros_like(dHout[0]) if dhn is None else dhn
    dW = np.zeros_like(cache.W)
    dxs: list[Array] = []
    for dh_out, row, h in zip(dHout[::-1], cache.rows[::-1], cache.Hout[::-1], strict=True):
        da = (dh_out + carry) * (1.0 - h**2)
        dW += row.T @ da
        _, dx, carry = np.split(da @ cache.W.T, [1, 1 + inputs], axis=1)
        dxs.append(dx)
    return np.stack(dxs[::-1]), dW, carry
