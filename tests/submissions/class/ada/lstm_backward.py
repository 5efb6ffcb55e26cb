"""LSTM backward, Ada."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    th = np.tanh(c)

    do = dh * th
    dc_total = dc + dh * o * (1 - th * th)
    pre = {
        "f": dc_total * c_prev * f * (1 - f),
        "i": dc_total * g * i * (1 - i),
        "g": dc_total * i * (1 - g * g),
        "o": do * o * (1 - o),
    }
    col = np.concatenate([h_prev, x])
    grads = {f"W_{k}": np.outer(a, col) for k, a in pre.items()}
    grads.update({f"b_{k}": a for k, a in pre.items()})
    dcol = sum(p[f"W_{k}"].T @ a for k, a in pre.items())
    dh_prev, dx = np.split(dcol, [h_prev.shape[0]])
    return dx, dh_prev, dc_total * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    X, W, hs, cs, gates = cache
    T, B, D = X.shape
    H = hs.shape[-1]
    i, f, o, g = np.split(gates, 4, axis=-1)  # each (T, B, H)
    th = np.tanh(cs[1:])

    da = np.zeros_like(gates)
    dh = np.zeros((B, H)) if dhn is None else dhn
    dc = np.zeros((B, H)) if dcn is None else dcn
    for t in range(T - 1, -1, -1):
        dh = dHout[t] + dh
        dc = dc + dh * o[t] * (1 - th[t] ** 2)
        da[t] = np.concatenate(
            [
                dc * g[t] * i[t] * (1 - i[t]),
                dc * cs[t] * f[t] * (1 - f[t]),
                dh * th[t] * o[t] * (1 - o[t]),
                dc * i[t] * (1 - g[t] ** 2),
            ],
            axis=-1,
        )
        dc = dc * f[t]
        dh = da[t] @ W[1 + D :].T

    dW = np.zeros_like(W)
    dW[0] = da.sum(axis=(0, 1))
    dW[1 : 1 + D] = np.tensordot(X, da, axes=([0, 1], [0, 1]))
    dW[1 + D :] = np.tensordot(hs[:-1], da, axes=([0, 1], [0, 1]))
    return da @ W[1 : 1 + D].T, dW, dc, dh
