"""LSTM forward: from one gate to a batched sequence. Nothing is ever assigned twice."""

from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """All that one step knows. c and h are the only fields the next step reads."""

    c: np.ndarray
    h: np.ndarray
    row: np.ndarray | None = None
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    o: np.ndarray | None = None
    g: np.ndarray | None = None
    c_prev: np.ndarray | None = None
    tanh_c: np.ndarray | None = None


def sigmoid(a):
    """σ(a) = (1 + tanh(a/2)) / 2, and tanh never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a, dtype=np.float64))


def lstm_gates(x, h_prev, p):
    column = np.concatenate((h_prev, x), axis=0)
    return tuple(act(p["W_" + k] @ column + p["b_" + k])
                 for k, act in zip("figo", (sigmoid, sigmoid, np.tanh, sigmoid)))


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    return (lambda c: (o * np.tanh(c), c))(f * c_prev + i * g)


def pack_gates(p, D):
    def column_block(k):
        w_h, w_x = np.split(p["W_" + k], [p["W_" + k].shape[1] - D], axis=1)
        return np.vstack([p["b_" + k].T, w_x.T, w_h.T])

    return np.hstack([column_block(k) for k in "ifog"])


def init_lstm(D, H, rng, forget_bias=3.0):
    bias = np.repeat([0.0, forget_bias, 0.0, 0.0], H)
    return np.vstack([bias, rng.standard_normal((D + H, 4 * H)) / (D + H) ** 0.5])


def advance(W, before, x):
    """(Step at t-1, x_t) -> Step at t."""
    row = np.hstack([np.ones((len(x), 1)), x, before.h])
    *sigmas, a_g = np.split(row @ W, 4, axis=1)
    i, f, o = [sigmoid(a) for a in sigmas]
    g = np.tanh(a_g)
    c = f * before.c + i * g
    tanh_c = np.tanh(c)
    return Step(c, o * tanh_c, row, i, f, o, g, before.c, tanh_c)


def or_zeros(state, shape):
    match state:
        case None:
            return np.zeros(shape)
        case _:
            return np.asarray(state)


def lstm_forward(X, W, c0=None, h0=None):
    shape = X.shape[1], W.shape[1] // 4
    start = Step(or_zeros(c0, shape), or_zeros(h0, shape))
    _, *steps = accumulate(X, partial(advance, W), initial=start)
    return np.stack([s.h for s in steps]), steps[-1].c, steps[-1].h, (W, tuple(steps))
