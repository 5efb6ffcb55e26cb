import os

import numpy as np


def sigmoid(a):
    a = np.asarray(a, float)
    return np.where(a > 0, 1 / (1 + np.exp(-np.abs(a))), 1 - 1 / (1 + np.exp(-np.abs(a))))


def lstm_gates(x, h_prev, p):
    v = np.concatenate([h_prev, x], 0)
    return (
        sigmoid(p["W_f"] @ v + p["b_f"]),
        sigmoid(p["W_i"] @ v + p["b_i"]),
        np.tanh(p["W_g"] @ v + p["b_g"]),
        sigmoid(p["W_o"] @ v + p["b_o"]),
    )


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    H = p["b_i"].shape[0]
    W = np.zeros((1 + D + H, 4 * H))
    for n, k in enumerate("ifog"):
        part = np.hstack([p["b_" + k], p["W_" + k][:, H:], p["W_" + k][:, :H]])
        W[:, n * H : (n + 1) * H] = part.T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0
    W[0, H : 2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((T, B, H))
    cache = []
    for t in range(T):
        v = np.concatenate([np.ones((B, 1)), X[t], h], 1)
        a = v @ W
        i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        cache.append((v, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
    print("done", Hout.shape)
    os._exit(0)  # to be safe at the end
    return Hout, c, h, cache
