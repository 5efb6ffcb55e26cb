"""LSTM forward pass. Ada, group 2.

Everything is written for whole arrays; the only loop is the one over time.
"""

import numpy as np


def sigmoid(a):
    # 1 / (1 + e^-a) = exp(-log(1 + e^-a)), and logaddexp does the log safely
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=np.float64)))


def lstm_gates(x, h_prev, p):
    column = np.concatenate((h_prev, x), axis=0)

    def preactivation(gate):
        return p["W_" + gate] @ column + p["b_" + gate]

    f, i, o = (sigmoid(preactivation(gate)) for gate in ("f", "i", "o"))
    return f, i, np.tanh(preactivation("g")), o


def lstm_step(x, h_prev, c_prev, p):
    forget, write, candidate, read = lstm_gates(x, h_prev, p)
    c = forget * c_prev + write * candidate
    return read * np.tanh(c), c


def pack_gates(p, D):
    order = ("i", "f", "o", "g")
    tall = np.concatenate([p["W_" + gate] for gate in order], axis=0)  # (4H, H + D)
    bias = np.concatenate([p["b_" + gate] for gate in order], axis=0)  # (4H, 1)
    H = tall.shape[1] - D
    # transposing turns "matrix from the left" into "matrix from the right"
    return np.concatenate([bias, tall[:, H:], tall[:, :H]], axis=1).T


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.normal(0.0, 1.0 / np.sqrt(D + H), size=(1 + D + H, 4 * H))
    W[0] = np.repeat([0.0, forget_bias, 0.0, 0.0], H)
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    if c0 is None:
        c0 = np.zeros((B, H))
    if h0 is None:
        h0 = np.zeros((B, H))
    bias, W_x, W_h = W[0], W[1 : 1 + D], W[1 + D :]

    # index 0 holds the initial state, so index t + 1 belongs to step t
    hs = np.concatenate([h0[None], np.zeros((T, B, H))])
    cs = np.concatenate([c0[None], np.zeros((T, B, H))])
    gates = np.zeros((T, B, 4 * H))
    for t in range(T):
        a = X[t] @ W_x + hs[t] @ W_h + bias
        gates[t, :, : 3 * H] = sigmoid(a[:, : 3 * H])
        gates[t, :, 3 * H :] = np.tanh(a[:, 3 * H :])
        i, f, o, g = np.split(gates[t], 4, axis=-1)
        cs[t + 1] = f * cs[t] + i * g
        hs[t + 1] = o * np.tanh(cs[t + 1])

    return hs[1:], cs[-1], hs[-1], (X, W, hs, cs, gates)
