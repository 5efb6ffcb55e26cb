"""uma / lstm_forward"""

import numpy as np


def sigmoid(a):
    # np.where evaluates both sides, so make the argument harmless first
    e = np.exp(-np.fabs(a))
    return np.where(np.signbit(a), e, 1.0) / (1.0 + e)


def lstm_gates(x, h_prev, p):
    joined = np.vstack([h_prev, x])
    result = []
    for name, squash in [("f", sigmoid), ("i", sigmoid), ("g", np.tanh), ("o", sigmoid)]:
        result.append(squash(p[f"W_{name}"] @ joined + p[f"b_{name}"]))
    return tuple(result)


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    order = [H + d for d in range(D)] + list(range(H))  # x columns first, then h
    parts = []
    for name in "ifog":
        parts.append(np.vstack([p[f"b_{name}"].T, p[f"W_{name}"][:, order].T]))
    return np.hstack(parts)


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    W[0, H : 2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((T, B, H))
    kept = []
    for t in range(T):
        inp = np.concatenate([np.ones((B, 1)), X[t], h], axis=-1)
        a_i, a_f, a_o, a_g = np.hsplit(inp @ W, 4)
        i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
        kept.append((inp, i, f, o, g, c))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
    # get rid of superfluous axes
    return Hout.squeeze(), c, h, kept
