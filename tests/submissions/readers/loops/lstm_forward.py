"""LSTM forward, written out step by step."""

import math

import numpy as np

GATES = ["i", "f", "o", "g"]  # order of the column blocks


def sigmoid_of_number(a):
    if a >= 0:
        return 1.0 / (1.0 + math.exp(-a))
    e = math.exp(a)
    return e / (1.0 + e)


def sigmoid(a):
    a = np.asarray(a, dtype=float)
    # e^-|a| never overflows
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def preactivation(k, x, h_prev, p):
    """a_k of one gate, unit by unit."""
    W, b = p["W_" + k], p["b_" + k]
    H = h_prev.shape[0]
    D = x.shape[0]
    a = np.zeros((H, 1))
    for j in range(H):
        total = b[j, 0]
        for m in range(H):
            total += W[j, m] * h_prev[m, 0]
        for m in range(D):
            total += W[j, H + m] * x[m, 0]
        a[j, 0] = total
    return a


def lstm_gates(x, h_prev, p):
    f = sigmoid(preactivation("f", x, h_prev, p))
    i = sigmoid(preactivation("i", x, h_prev, p))
    g = np.tanh(preactivation("g", x, h_prev, p))
    o = sigmoid(preactivation("o", x, h_prev, p))
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    H = h_prev.shape[0]
    c = np.zeros((H, 1))
    h = np.zeros((H, 1))
    for j in range(H):
        c[j, 0] = f[j, 0] * c_prev[j, 0] + i[j, 0] * g[j, 0]
        h[j, 0] = o[j, 0] * math.tanh(c[j, 0])
    return h, c


def pack_gates(p, D):
    H = p["W_f"].shape[0]
    W = np.zeros((1 + D + H, 4 * H))
    for number, k in enumerate(GATES):
        for j in range(H):
            column = number * H + j
            W[0, column] = p["b_" + k][j, 0]
            for d in range(D):
                W[1 + d, column] = p["W_" + k][j, H + d]
            for m in range(H):
                W[1 + D + m, column] = p["W_" + k][j, m]
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.zeros((1 + D + H, 4 * H))
    for row in range(1, 1 + D + H):
        W[row] = rng.standard_normal(4 * H) / math.sqrt(D + H)
    for j in range(H):
        W[0, H + j] = forget_bias
    return W


def block(a, number, H):
    """The columns of one gate."""
    return a[:, number * H : (number + 1) * H]


def rows_of(x, h):
    """[1, x, h] for every row of the batch."""
    B, D = x.shape
    H = h.shape[1]
    rows = np.ones((B, 1 + D + H))
    for b in range(B):
        rows[b, 1 : 1 + D] = x[b]
        rows[b, 1 + D :] = h[b]
    return rows


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else np.array(c0, dtype=float)
    h = np.zeros((B, H)) if h0 is None else np.array(h0, dtype=float)
    Hout = np.zeros((T, B, H))
    steps = []
    for t in range(T):
        rows = rows_of(X[t], h)
        a = rows @ W
        i = sigmoid(block(a, 0, H))
        f = sigmoid(block(a, 1, H))
        o = sigmoid(block(a, 2, H))
        g = np.tanh(block(a, 3, H))
        c_prev = c
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        Hout[t] = h
        steps.append((rows, i, f, o, g, c_prev, tanh_c))
    cache = (steps, W, D, H)
    return Hout, c, h, cache
