# Ivo L., matriculation no. on the sheet
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_gates(x, h_prev, p):
    z = np.r_[h_prev, x]
    f, i, o = [sigmoid(p[f"W_{n}"] @ z + p[f"b_{n}"]) for n in "fio"]
    g = np.tanh(p["W_g"] @ z + p["b_g"])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = c_prev * f + g * i
    h = np.tanh(c) * o
    return h, c


def pack_gates(p, D):
    H = p["W_f"].shape[1] - D
    out = []
    for n in "ifog":
        w = p[f"W_{n}"]
        # [h | x] -> [1 | x | h]
        out.append(np.c_[p[f"b_{n}"], w[:, H:], w[:, :H]])
    return np.concatenate(out).T


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0
    W[0, H:2*H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    hs = {-1: np.zeros((B, H)) if h0 is None else h0}
    cs = {-1: np.zeros((B, H)) if c0 is None else c0}
    gates = {}
    for t in range(T):
        a = W[0] + X[t] @ W[1:1+D] + hs[t-1] @ W[1+D:]
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H:2*H])
        o = sigmoid(a[:, 2*H:3*H])
        g = np.tanh(a[:, 3*H:])
        cs[t] = cs[t-1] * f + g * i
        hs[t] = np.tanh(cs[t]) * o
        gates[t] = i, f, o, g
    Hout = np.array([hs[t] for t in range(T)])
    return Hout, cs[T-1], hs[T-1], (X, W, hs, cs, gates)
