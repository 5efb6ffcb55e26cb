"""LSTM backward, on the arrays that my lstm_forward keeps."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    th = np.tanh(f * c_prev + i * g)
    total = dc + dh * o * (1 - th ** 2)
    delta = {
        "f": total * c_prev * f * (1 - f),
        "i": total * g * i * (1 - i),
        "g": total * i * (1 - g ** 2),
        "o": dh * th * o * (1 - o),
    }
    column = np.concatenate((h_prev, x))
    grads, back = {}, 0.0
    for k, d in delta.items():
        grads["W_" + k] = np.outer(d, column)
        grads["b_" + k] = d.copy()
        back = back + p["W_" + k].T.dot(d)
    n = len(h_prev)
    return back[n:], back[:n], total * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    X, W, C, S, G = (cache[k] for k in ("X", "W", "C", "S", "G"))
    T, B, D = X.shape
    H = S.shape[2]
    delta = np.empty((T, B, 4, H))
    dh = np.zeros((B, H)) if dhn is None else dhn
    dc = np.zeros((B, H)) if dcn is None else dcn
    for t in range(T - 1, -1, -1):
        i, f, o, g = (G[t, :, k] for k in range(4))
        th = np.tanh(C[t + 1])
        dh = dh + dHout[t]
        dc = dc + dh * o * (1 - th * th)
        delta[t, :, 0] = dc * g * i * (1 - i)
        delta[t, :, 1] = dc * C[t] * f * (1 - f)
        delta[t, :, 2] = dh * th * o * (1 - o)
        delta[t, :, 3] = dc * i * (1 - g * g)
        dh = delta[t].reshape(B, 4 * H) @ W[1 + D:].T
        dc = dc * f
    flat = delta.reshape(T * B, 4 * H)
    dW = np.concatenate((
        flat.sum(0)[None],
        X.reshape(T * B, D).T @ flat,
        S[:-1].reshape(T * B, H).T @ flat,
    ))
    return (flat @ W[1:1 + D].T).reshape(T, B, D), dW, dc, dh
