# Lena, exercise lstm_forward
import numpy as np


def sigmoid(a):
    return (1 + np.tanh(np.multiply(a, 0.5))) / 2


def lstm_gates(x, h_prev, p):
    hx = np.concatenate([h_prev, x])
    f = sigmoid(p["W_f"] @ hx + p["b_f"])
    i = sigmoid(p["W_i"] @ hx + p["b_i"])
    g = np.tanh(p["W_g"] @ hx + p["b_g"])
    o = sigmoid(p["W_o"] @ hx + p["b_o"])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    H = p["b_i"].shape[0]
    cols = []
    for k in "ifog":
        W_k = p["W_" + k]
        cols.append(np.vstack([p["b_" + k].T, W_k[:, H:].T, W_k[:, :H].T]))
    return np.hstack(cols)


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0
    W[0, H:2*H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((T, B, H))
    cache = []
    for t in range(T):
        inp = np.hstack([np.ones((B, 1)), X[t], h])
        a = inp @ W
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H:2*H])
        o = sigmoid(a[:, 2*H:3*H]
        g = np.tanh(a[:, 3*H:])
        cache.append((inp, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h, cache
