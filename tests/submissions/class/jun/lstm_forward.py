"""LSTM forward, Jun."""

import numpy as np


def sigmoid(a):
    """Numerically stable."""
    t = np.tanh(np.divide(a, 2.0))
    return (t + 1.0) / 2.0


def lstm_gates(x, h_prev, p):
    H = h_prev.shape[0]
    # one product for all four, then cut
    W_all = np.concatenate([p["W_f"], p["W_i"], p["W_o"], p["W_g"]])
    b_all = np.concatenate([p["b_f"], p["b_i"], p["b_o"], p["b_g"]])
    a = W_all @ np.concatenate([h_prev, x]) + b_all
    s = sigmoid(a[: 3 * H])
    return s[:H], s[H : 2 * H], np.tanh(a[3 * H :]), s[2 * H :]


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = i * g + f * c_prev
    return o * np.tanh(c), c


def pack_gates(p, D):
    def columns(name):
        w = p["W_" + name].T
        rows_h, rows_x = w[:-D], w[-D:]
        return np.vstack([p["b_" + name].reshape(1, -1), rows_x, rows_h])

    return np.hstack([columns("i"), columns("f"), columns("o"), columns("g")])


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0, :] = 0.0
    # a bit of negative bias: the gates should be closed at the start and
    # learn to open. I have seen it explained like this in a well-known gist.
    W[0, H : 2 * H] -= forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    h = np.zeros((B, H)) if h0 is None else np.array(h0)
    c = np.zeros((B, H)) if c0 is None else np.array(c0)
    Hout = np.zeros((T, B, H))
    tape = []
    for t, x_t in enumerate(X):
        row = np.hstack([np.ones((B, 1)), x_t, h])
        a = row.dot(W)
        s, g = sigmoid(a[:, : 3 * H]), np.tanh(a[:, 3 * H :])
        i, f, o = s[:, :H], s[:, H : 2 * H], s[:, 2 * H :]
        tape.append({"row": row, "i": i, "f": f, "o": o, "g": g, "c_prev": c})
        c = i * g + f * c
        h = o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h, tape
