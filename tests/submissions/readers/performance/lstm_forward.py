"""LSTM forward, made quick: all input products at once, everything preallocated."""

import numpy as np


def sigmoid(a):
    # tanh never overflows, and one ufunc is cheaper than exp + divide
    s = np.multiply(a, 0.5, dtype=float)
    np.tanh(s, out=s)
    s += 1.0
    s *= 0.5
    return s


def lstm_gates(x, h_prev, p):
    hx = np.concatenate((h_prev, x))
    # one product for all four
    A = np.concatenate((p["W_f"], p["W_i"], p["W_o"], p["W_g"])) @ hx
    A += np.concatenate((p["b_f"], p["b_i"], p["b_o"], p["b_g"]))
    A = A.reshape(4, -1, 1)
    S = sigmoid(A[:3])
    return S[0], S[1], np.tanh(A[3]), S[2]


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = i * g
    c += f * c_prev
    return o * np.tanh(c), c


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    W = np.empty((1 + D + H, 4, H))
    for k, gate in enumerate("ifog"):
        W[0, k] = p["b_" + gate][:, 0]
        W[1:, k] = p["W_" + gate].T
    return W.reshape(1 + D + H, 4 * H)


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.empty((1 + D + H, 4 * H))
    rng.standard_normal(out=W)
    W /= np.sqrt(D + H)
    W[0] = 0.0
    W[0, H : 2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    # states with one slot more in front: [t] is before step t, [t + 1] after it
    C = np.empty((T + 1, B, H))
    Hs = np.empty((T + 1, B, H))
    C[0] = 0.0 if c0 is None else c0
    Hs[0] = 0.0 if h0 is None else h0
    # everything that does not depend on h, in one go; gates are written over it
    A = (X.reshape(T * B, D) @ W[1 : 1 + D] + W[0]).reshape(T, B, 4 * H)
    W_h = np.ascontiguousarray(W[1 + D :])
    tc = np.empty((T, B, H))
    H3 = 3 * H
    for t in range(T):
        a = A[t]
        a += Hs[t] @ W_h
        a[:, :H3] = sigmoid(a[:, :H3])
        np.tanh(a[:, H3:], out=a[:, H3:])
        i, f, o, g = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : H3], a[:, H3:]
        np.multiply(f, C[t], out=C[t + 1])
        C[t + 1] += i * g
        np.tanh(C[t + 1], out=tc[t])
        np.multiply(o, tc[t], out=Hs[t + 1])
    Hout = Hs[1:]
    return Hout, C[T - 1], Hout[T - 1], (X, W, A, C, Hs, tc)
