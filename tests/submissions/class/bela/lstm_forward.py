# Bela
# I wrote the loops out on purpose, I can follow every number that way.

import numpy as np


def sigmoid(a):
    a = np.array(a, dtype=float)
    result = np.empty(a.shape)
    positive = a >= 0
    result[positive] = 1.0 / (1.0 + np.exp(-a[positive]))
    # for negative numbers exp(-a) would be huge, so multiply by e^a above and below
    e = np.exp(a[~positive])
    result[~positive] = e / (1.0 + e)
    return result


def lstm_gates(x, h_prev, p):
    H = len(h_prev)
    D = len(x)
    values = {}
    for name in ["f", "i", "g", "o"]:
        M = p["W_" + name]
        out = np.zeros((H, 1))
        for row in range(H):
            total = p["b_" + name][row, 0]
            for k in range(H):
                total += M[row, k] * h_prev[k, 0]
            for k in range(D):
                total += M[row, H + k] * x[k, 0]
            out[row, 0] = total
        values[name] = np.tanh(out) if name == "g" else sigmoid(out)
    return values["f"], values["i"], values["g"], values["o"]


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    H = len(h_prev)
    h = np.zeros((H, 1))
    c = np.zeros((H, 1))
    for j in range(H):
        c[j, 0] = f[j, 0] * c_prev[j, 0] + i[j, 0] * g[j, 0]
        h[j, 0] = o[j, 0] * np.tanh(c[j, 0])
    return h, c


def pack_gates(p, D):
    H = len(p["b_f"])
    W = np.zeros((1 + D + H, 4 * H))
    for block, name in enumerate(["i", "f", "o", "g"]):
        for unit in range(H):
            column = block * H + unit
            W[0, column] = p["b_" + name][unit, 0]
            for d in range(D):
                W[1 + d, column] = p["W_" + name][unit, H + d]
            for k in range(H):
                W[1 + D + k, column] = p["W_" + name][unit, k]
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.zeros((1 + D + H, 4 * H))
    for row in range(1, 1 + D + H):  # row 0 (bias) stays 0
        for column in range(4 * H):
            W[row, column] = rng.normal() / np.sqrt(D + H)
    for unit in range(H):
        W[0, H + unit] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H))
    h = np.zeros((B, H))
    if c0 is not None:
        c = c + c0
    if h0 is not None:
        h = h + h0

    Hout = np.zeros((T, B, H))
    cache = []
    for t in range(T):
        new_c = np.zeros((B, H))
        new_h = np.zeros((B, H))
        for b in range(B):
            a = np.zeros(4 * H)
            for column in range(4 * H):
                a[column] = W[0, column]
                for d in range(D):
                    a[column] += X[t, b, d] * W[1 + d, column]
                for k in range(H):
                    a[column] += h[b, k] * W[1 + D + k, column]
            for j in range(H):
                i = sigmoid(a[j])
                f = sigmoid(a[H + j])
                o = sigmoid(a[2 * H + j])
                g = np.tanh(a[3 * H + j])
                new_c[b, j] = f * c[b, j] + i * g
                new_h[b, j] = o * np.tanh(new_c[b, j])
                cache.append([t, b, j, float(i), float(f), float(o), float(g), c[b, j]])
        c = new_c
        h = new_h
        Hout[t] = h
    return Hout, c, h, cache
