"""LSTM backward, as a scan from the right. Nothing is ever assigned twice."""

from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from lstm_forward import lstm_gates, or_zeros


class Back(NamedTuple):
    dc: np.ndarray
    dh: np.ndarray
    dx: np.ndarray | None = None
    dW: np.ndarray | None = None


def d_sigmoid(s):
    return s * (1 - s)


def d_tanh(t):
    return 1 - t**2


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dct = dc + dh * o * d_tanh(tanh_c)
    da = {
        "f": dct * c_prev * d_sigmoid(f),
        "i": dct * g * d_sigmoid(i),
        "g": dct * i * d_tanh(g),
        "o": dh * tanh_c * d_sigmoid(o),
    }
    column = np.concatenate((h_prev, x), axis=0)
    dh_prev, dx = np.split(sum(p["W_" + k].T @ da[k] for k in da), [len(h_prev)])
    grads = {name: da[name[-1]] @ column.T if name.startswith("W") else da[name[-1]] for name in p}
    return dx, dh_prev, dct * f, grads


def retreat(W, after, here):
    """(Back at t+1, (dHout_t, Step at t)) -> Back at t."""
    dh_from_loss, s = here
    dh = dh_from_loss + after.dh
    dc = after.dc + dh * s.o * d_tanh(s.tanh_c)
    da = np.hstack([
        dc * s.g * d_sigmoid(s.i),
        dc * s.c_prev * d_sigmoid(s.f),
        dh * s.tanh_c * d_sigmoid(s.o),
        dc * s.i * d_tanh(s.g),
    ])
    H = s.c.shape[1]
    _, dx, dh_prev = np.split(da @ W.T, [1, W.shape[0] - H], axis=1)
    return Back(dc * s.f, dh_prev, dx, s.row.T @ da)


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    W, steps = cache
    shape = steps[0].c.shape
    start = Back(or_zeros(dcn, shape), or_zeros(dhn, shape))
    _, *backs = accumulate(zip(dHout[::-1], steps[::-1]), partial(retreat, W), initial=start)
    dX = np.stack([b.dx for b in backs][::-1])
    dW = sum(b.dW for b in backs)
    return dX, dW, backs[-1].dc, backs[-1].dh
