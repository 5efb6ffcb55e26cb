"""LSTM backward: only the recurrence is in the loop, dW and dX come from one product each."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tc = np.tanh(f * c_prev + i * g)
    dct = dc + dh * o * (1 - tc * tc)
    H = len(h_prev)
    A = np.concatenate((
        dct * c_prev * f * (1 - f),
        dct * g * i * (1 - i),
        dct * i * (1 - g) ** 2,
        dh * tc * o * (1 - o),
    ))  # fmt: skip
    Wall = np.concatenate([p["W_" + k] for k in "figo"])
    dW = A @ np.concatenate((h_prev, x)).T
    dhx = Wall.T @ A
    grads = {}
    for n, k in enumerate("figo"):
        grads["W_" + k] = dW[n * H : (n + 1) * H]
        grads["b_" + k] = A[n * H : (n + 1) * H]
    return dhx[H:], dhx[:H], dct * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    X, W, A, C, Hs, tc = cache
    T, B, D = X.shape
    H = dHout.shape[2]
    G = A.reshape(T, B, 4, H)
    i, f, o, g = (G[:, :, k] for k in range(4))
    # all that does not depend on what comes back, for every step at once
    to_c = o * (1 - tc * tc)
    k_i = g * i * (1 - i)
    k_f = C[:-1] * f * (1 - f)
    k_o = tc * o * (1 - o)
    k_g = i * (1 - g * g)

    dA = np.empty((T, B, 4, H))
    W_hT = np.ascontiguousarray(W[1 + D :].T)
    dc = np.zeros((B, H)) if dcn is None else dcn
    dh = np.zeros((B, H)) if dhn is None else dhn
    for t in range(T - 1, -1, -1):
        dh = dh + dHout[t]
        dc = dc + dh * to_c[t]
        d = dA[t]
        np.multiply(dc, k_i[t], out=d[:, 0])
        np.multiply(dc, k_f[t], out=d[:, 1])
        np.multiply(dh, k_o[t], out=d[:, 2])
        np.multiply(dc, k_g[t], out=d[:, 3])
        dh = d.reshape(B, 4 * H) @ W_hT
        dc = dc * f[t]

    flat = dA.reshape(T * B, 4 * H)
    dW = np.empty_like(W)
    dW[0] = flat.sum(axis=0)
    dW[1 : 1 + D] = X.reshape(T * B, D).T @ flat
    dW[1 + D :] = Hs[1:].reshape(T * B, H).T @ flat
    dX = (flat @ W[1 : 1 + D].T).reshape(T, B, D)
    return dX, dW, dc, dh
