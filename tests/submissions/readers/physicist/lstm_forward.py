"""LSTM forward. Inside, everything is features first: (H, B)."""

import numpy as np


def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(a, dtype=float)))


def lstm_gates(x, h_prev, p):
    u = np.concatenate((h_prev, x))
    a = lambda k: p["W_" + k] @ u + p["b_" + k]  # noqa: E731
    return sigmoid(a("f")), sigmoid(a("i")), np.tanh(a("g")), sigmoid(a("o"))


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    # one gate as a row of blocks [b | W_x | W_h], all gates on top of each other, then transpose
    m = [np.hstack((p["b_" + k], p["W_" + k][:, H : H + D], p["W_" + k][:, :H])) for k in "ifog"]
    return np.vstack(m).T


def init_lstm(D, H, rng, forget_bias=3.0):
    w = rng.standard_normal((4, H, 1 + D + H)) / np.sqrt(D + H)
    w[:, :, 0] = 0.0
    w[1, :, 0] = forget_bias
    return w.reshape(4 * H, -1).T


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    M = W.T.reshape(4, H, 1 + D + H)
    c = np.zeros((H, B)) if c0 is None else c0.T
    h = np.zeros((H, B)) if h0 is None else h0.T
    y, S = np.empty((T, H, B)), []
    for t in range(T):
        u = np.concatenate((np.ones((1, B)), X[t].T, h))
        a = M @ u  # (4, H, B)
        i, f, o = sigmoid(a[:3])
        g = np.tanh(a[3])
        k, c = c, f * c + i * g
        q = np.tanh(c)
        y[t] = h = o * q
        S.append((u, i, f, o, g, k, q))
    return y.transpose(0, 2, 1), c.T, h.T, (M, S)
