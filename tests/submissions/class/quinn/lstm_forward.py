"""Quinn. One example first, then the batch: the six functions of lstm_forward."""

import numpy as np


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a, float))


def lstm_gates(x, h_prev, p):
    z = np.vstack([h_prev, x])
    return (sigmoid(p["W_f"] @ z + p["b_f"]), sigmoid(p["W_i"] @ z + p["b_i"]),
            np.tanh(p["W_g"] @ z + p["b_g"]), sigmoid(p["W_o"] @ z + p["b_o"]))


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = c_prev * f + g * i
    return np.tanh(c) * o, c


def pack_gates(p, D):
    H = p["b_f"].size
    W = np.empty((1 + D + H, 4 * H))
    for k, gate in enumerate("ifog"):
        block = slice(k * H, (k + 1) * H)
        W[0, block] = p["b_" + gate].ravel()
        W[1:1 + D, block] = p["W_" + gate][:, H:].T
        W[1 + D:, block] = p["W_" + gate][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.zeros((1 + D + H, 4 * H))
    W[1:] = rng.standard_normal((D + H, 4 * H)) * (D + H) ** -0.5
    W[0, H:2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else np.array(c0, float)
    h = np.zeros((B, H)) if h0 is None else np.array(h0, float)
    from_x = X @ W[1:1 + D] + W[0]
    states, kept = [], []
    for t in range(T):
        a = from_x[t] + h @ W[1 + D:]
        i, f, o = (sigmoid(a[:, k * H:(k + 1) * H]) for k in range(3))
        g = np.tanh(a[:, 3 * H:])
        kept.append((h, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        states.append(h)
    return np.array(states), c, h, (X, W, kept)
