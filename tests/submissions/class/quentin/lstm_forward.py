# Quentin: single precision is what everybody trains in, so float32 throughout
import numpy as np

F32 = np.float32


def sigmoid(a):
    a = np.asarray(a, dtype=F32)
    e = np.exp(-np.abs(a))
    return np.where(a < 0, e / (F32(1) + e), F32(1) / (F32(1) + e))


def lstm_gates(x, h_prev, p):
    u = np.vstack([h_prev, x]).astype(F32)
    q = {key: value.astype(F32) for key, value in p.items()}
    f = sigmoid(q["W_f"] @ u + q["b_f"])
    i = sigmoid(q["W_i"] @ u + q["b_i"])
    g = np.tanh(q["W_g"] @ u + q["b_g"])
    o = sigmoid(q["W_o"] @ u + q["b_o"])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev.astype(F32) + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    H = p["b_i"].shape[0]
    W = np.zeros((1 + D + H, 4 * H), dtype=F32)
    for k, gate in enumerate(["i", "f", "o", "g"]):
        cols = slice(k * H, k * H + H)
        W[0, cols] = p["b_" + gate][:, 0]
        W[1 : 1 + D, cols] = p["W_" + gate][:, H:].T
        W[1 + D :, cols] = p["W_" + gate][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = (rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)).astype(F32)
    W[0] = 0
    W[0, H : 2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    X = X.astype(F32)
    W = W.astype(F32)
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H), F32) if c0 is None else c0.astype(F32)
    h = np.zeros((B, H), F32) if h0 is None else h0.astype(F32)
    one = np.ones((B, 1), F32)
    Hout = np.empty((T, B, H), F32)
    cache = []
    for t in range(T):
        r = np.concatenate([one, X[t], h], axis=1)
        a = r @ W
        i, f, o = (sigmoid(a[:, k * H : (k + 1) * H]) for k in range(3))
        g = np.tanh(a[:, 3 * H :])
        cache.append((r, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h, cache
