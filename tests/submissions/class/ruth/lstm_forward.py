"""Ruth. Batches come first, as in Keras and in the CS231n assignment: X is (B, T, D)."""

import numpy as np


def sigmoid(a):
    a = np.asarray(a, dtype=np.float64)
    return np.exp(-np.logaddexp(0, -a))


def lstm_gates(x, h_prev, p):
    inp = np.append(h_prev, x, axis=0)
    f = sigmoid(p["W_f"].dot(inp) + p["b_f"])
    i = sigmoid(p["W_i"].dot(inp) + p["b_i"])
    g = np.tanh(p["W_g"].dot(inp) + p["b_g"])
    o = sigmoid(p["W_o"].dot(inp) + p["b_o"])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    H = p["W_i"].shape[0]
    biases = np.hstack([p["b_i"].T, p["b_f"].T, p["b_o"].T, p["b_g"].T])
    matrices = np.hstack([p["W_i"].T, p["W_f"].T, p["W_o"].T, p["W_g"].T])
    return np.vstack([biases, matrices[H:], matrices[:H]])


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.vstack(
        [
            np.zeros((1, 4 * H)),
            rng.standard_normal((D + H, 4 * H)) / np.sqrt(D + H),
        ]
    )
    W[0, H : 2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    B, T, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((B, T, H))
    cache = []
    for t in range(T):
        a = X[:, t, :] @ W[1 : 1 + D] + h @ W[1 + D :] + W[0]
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H : 2 * H])
        o = sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        cache.append((X[:, t, :], h, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[:, t, :] = h
    return Hout, c, h, cache
