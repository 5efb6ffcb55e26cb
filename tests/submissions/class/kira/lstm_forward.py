"""LSTM forward, written with einsum and one array for all four gates."""

import numpy as np


def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a < 0, e / (1 + e), 1 / (1 + e))


def lstm_gates(x, h_prev, p):
    column = np.concatenate((h_prev, x))
    out = {k: p["W_" + k].dot(column) + p["b_" + k] for k in ("f", "i", "g", "o")}
    return sigmoid(out["f"]), sigmoid(out["i"]), np.tanh(out["g"]), sigmoid(out["o"])


def lstm_step(x, h_prev, c_prev, p):
    forget, let_in, new, show = lstm_gates(x, h_prev, p)
    cell = forget * c_prev + let_in * new
    return show * np.tanh(cell), cell


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    W = np.empty((1 + D + H, 4, H))
    for place, gate in enumerate("ifog"):
        W[0, place] = p["b_" + gate].ravel()
        W[1 + D:, place] = p["W_" + gate][:, :H].T
        W[1:1 + D, place] = p["W_" + gate][:, H:].T
    return W.reshape(1 + D + H, 4 * H)


def init_lstm(D, H, rng, forget_bias=3.0):
    lower = rng.normal(0.0, 1.0 / np.sqrt(D + H), size=(D + H, 4 * H))
    top = np.repeat([0.0, forget_bias, 0.0, 0.0], H)
    return np.concatenate((top[None], lower))


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    W4 = W.reshape(-1, 4, H)
    # what comes from the inputs, for all steps at once
    A = np.einsum("tbd,dkh->tbkh", X, W4[1:1 + D]) + W4[0]
    C = np.zeros((T + 1, B, H))
    S = np.zeros((T + 1, B, H))
    if c0 is not None:
        C[0] = c0
    if h0 is not None:
        S[0] = h0
    G = np.empty((T, B, 4, H))
    for t in range(T):
        a = A[t] + np.einsum("bj,jkh->bkh", S[t], W4[1 + D:])
        G[t, :, :3] = sigmoid(a[:, :3])
        G[t, :, 3] = np.tanh(a[:, 3])
        i, f, o, g = (G[t, :, k] for k in range(4))
        C[t + 1] = f * C[t] + i * g
        S[t + 1] = o * np.tanh(C[t + 1])
    return S[1:].copy(), C[-1].copy(), S[-1].copy(), {"X": X, "W": W, "C": C, "S": S, "G": G}
