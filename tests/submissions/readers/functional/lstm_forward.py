"""LSTM forward, in small functions."""

from functools import reduce

import numpy as np

sigmoid = lambda a: np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))  # noqa: E731

ones_for = lambda x: np.ones((x.shape[0], 1))  # noqa: E731
state = lambda s, B, H: np.zeros((B, H)) if s is None else s  # noqa: E731


def lstm_gates(x, h_prev, p):
    hx = np.concatenate([h_prev, x])
    a = {k: p[f"W_{k}"] @ hx + p[f"b_{k}"] for k in "figo"}
    return sigmoid(a["f"]), sigmoid(a["i"]), np.tanh(a["g"]), sigmoid(a["o"])


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    def column_block(k):
        W_h, W_x = np.split(p[f"W_{k}"], [p[f"W_{k}"].shape[1] - D], axis=1)
        return np.concatenate([p[f"b_{k}"].T, W_x.T, W_h.T])

    return np.concatenate([column_block(k) for k in "ifog"], axis=1)


def init_lstm(D, H, rng, forget_bias=3.0):
    weights = rng.standard_normal((D + H, 4 * H)) / np.sqrt(D + H)
    # forget gate first, then the three others without a bias
    bias = np.concatenate([np.full(H, 1.0) * forget_bias, np.zeros(3 * H)])
    return np.concatenate([bias[None], weights])


def one_step(W, x, c_prev, h_prev):
    """All that happens in a step, as a tuple to keep."""
    row = np.concatenate([ones_for(x), h_prev, x], axis=1)
    a_i, a_f, a_o, a_g = np.split(row @ W, 4, axis=1)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
    c = f * c_prev + i * g
    return row, i, f, o, g, c_prev, c, o * np.tanh(c)


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    start = (None, state(c0, B, H), state(h0, B, H))
    steps = reduce(lambda done, x: [*done, one_step(W, x, *done[-1][-2:])], X, [start])[1:]
    Hout = np.array([s[-1] for s in steps])
    return Hout, steps[-1][-2], steps[-1][-1], (steps, W)
