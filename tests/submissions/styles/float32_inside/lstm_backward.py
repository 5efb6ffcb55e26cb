"""LSTM backward: back-propagation through time, by hand. Single precision, see lstm_forward.py."""

import numpy as np

from lstm_forward import F32, _state, lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tc = np.tanh(f * c_prev + i * g)
    dct = dc + dh * o * (1 - tc**2)
    da_f = dct * c_prev * f * (1 - f)
    da_i = dct * g * i * (1 - i)
    da_g = dct * i * (1 - g**2)
    da_o = dh * tc * o * (1 - o)

    hx = np.vstack([h_prev, x])
    grads, dhx = {}, 0.0
    for k, da in zip("figo", (da_f, da_i, da_g, da_o)):
        grads["W_" + k] = da @ hx.T
        grads["b_" + k] = da
        dhx = dhx + p["W_" + k].T @ da
    H = h_prev.shape[0]
    return dhx[H:], dhx[:H], dct * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    W, steps = cache
    T, B, H = dHout.shape
    D = W.shape[0] - 1 - H
    dHout = dHout.astype(F32)
    dc, dh = _state(dcn, B, H), _state(dhn, B, H)

    dX = np.zeros((T, B, D), F32)
    dW = np.zeros_like(W)
    one = F32(1)
    for t in range(T - 1, -1, -1):
        z, i, f, o, g, c_prev, tc = steps[t]
        dh = dHout[t] + dh
        dc = dc + dh * o * (one - tc**2)
        da = np.hstack([
            dc * g * i * (one - i),
            dc * c_prev * f * (one - f),
            dh * tc * o * (one - o),
            dc * i * (one - g**2),
        ])
        dW += z.T @ da
        dz = da @ W.T
        dX[t] = dz[:, 1:D + 1]
        dh = dz[:, D + 1:]
        dc = dc * f
    return dX, dW, dc, dh
