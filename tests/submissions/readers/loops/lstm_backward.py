"""LSTM backward, written out step by step."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    H, D = h_prev.shape[0], x.shape[0]
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)

    dc_t = np.zeros((H, 1))
    da = {k: np.zeros((H, 1)) for k in "figo"}
    for j in range(H):
        dc_t[j] = dc[j] + dh[j] * o[j] * (1 - tanh_c[j] ** 2)
        da["f"][j] = dc_t[j] * c_prev[j] * f[j] * (1 - f[j])
        da["i"][j] = dc_t[j] * g[j] * i[j] * (1 - i[j])
        da["g"][j] = dc_t[j] * i[j] * (1 - g[j] ** 2)
        da["o"][j] = dh[j] * tanh_c[j] * o[j] * (1 - o[j])

    grads = {}
    dh_prev = np.zeros((H, 1))
    dx = np.zeros((D, 1))
    for k in "figo":
        dW = np.zeros((H, H + D))
        for j in range(H):
            for m in range(H):
                dW[j, m] = da[k][j, 0] * h_prev[m, 0]
                dh_prev[m, 0] += p["W_" + k][j, m] * da[k][j, 0]
            for m in range(D):
                dW[j, H + m] = da[k][j, 0] * x[m, 0]
                dx[m, 0] += p["W_" + k][j, H + m] * da[k][j, 0]
        grads["W_" + k] = dW
        grads["b_" + k] = da[k].copy()
    dc_prev = dc_t * f
    return dx, dh_prev, dc_prev, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    steps, W, D, H = cache
    T, B, _ = dHout.shape
    dc = np.zeros((B, H)) if dcn is None else np.array(dcn, dtype=float)
    dh = np.zeros((B, H)) if dhn is None else np.array(dhn, dtype=float)
    dX = np.zeros((T, B, D))
    dW = np.zeros(W.shape)
    for t in reversed(range(T)):
        rows, i, f, o, g, c_prev, tanh_c = steps[t]
        dh_t = dHout[t] + dh
        dc_t = dc + dh_t * o * (1 - tanh_c**2)
        da = np.zeros((B, 4 * H))
        da[:, 0:H] = dc_t * g * i * (1 - i)
        da[:, H : 2 * H] = dc_t * c_prev * f * (1 - f)
        da[:, 2 * H : 3 * H] = dh_t * tanh_c * o * (1 - o)
        da[:, 3 * H :] = dc_t * i * (1 - g**2)
        dW += rows.T @ da
        drows = da @ W.T
        dX[t] = drows[:, 1 : 1 + D]
        dh = drows[:, 1 + D :]
        dc = dc_t * f
    return dX, dW, dc, dh
