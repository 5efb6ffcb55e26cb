"""One LSTM step, forward and backward: x (N, D), h and c (N, H), gates i, f, o, g."""

import numpy as np


def sigmoid(a):
    """Squash into (0, 1)."""
    return 1.0 / (1.0 + np.exp(-a))


def step_forward(x, h_prev, c_prev, Wx, Wh, b):
    """Return h, c and the cache."""
    ### BEGIN SOLUTION
    H = h_prev.shape[1]
    a = x @ Wx + h_prev @ Wh + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)
    return o * tanh_c, c, (x, h_prev, c_prev, Wx, Wh, i, f, o, g, tanh_c)
    ### END SOLUTION


def step_backward(dh, dc, cache):
    """Return dx, dh_prev, dc_prev, dWx, dWh, db."""
    ### BEGIN SOLUTION
    x, h_prev, c_prev, Wx, Wh, i, f, o, g, tanh_c = cache
    dc = dc + dh * o * (1 - tanh_c**2)
    da = np.hstack(
        [
            dc * g * i * (1 - i),
            dc * c_prev * f * (1 - f),
            dh * tanh_c * o * (1 - o),
            dc * i * (1 - g**2),
        ]
    )
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, h_prev.T @ da, da.sum(axis=0)
    ### END SOLUTION
