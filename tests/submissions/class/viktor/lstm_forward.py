import numpy as np


def sigmoid(a):
    return .5 * np.tanh(.5 * np.asarray(a)) + .5


class Gates:
    """Small helper so that I do not mix up the columns."""

    def __init__(self, a):
        H = a.shape[1] // 4
        self.i = sigmoid(a[:, :H])
        self.f = sigmoid(a[:, H:2 * H])
        self.o = sigmoid(a[:, 2 * H:3 * H])
        self.g = np.tanh(a[:, 3 * H:])


def lstm_gates(x, h_prev, p):
    z = np.vstack([h_prev, x])
    f = sigmoid(p['W_f'] @ z + p['b_f'])
    i = sigmoid(p['W_i'] @ z + p['b_i'])
    g = np.tanh(p['W_g'] @ z + p['b_g'])
    o = sigmoid(p['W_o'] @ z + p['b_o'])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    H = p['b_i'].shape[0]
    W = np.zeros((1 + D + H, 4 * H))
    for k, name in enumerate('ifog'):
        W[0, k * H:(k + 1) * H] = p['b_' + name].ravel()
        W[1:D + 1, k * H:(k + 1) * H] = p['W_' + name][:, H:].T
        W[D + 1:, k * H:(k + 1) * H] = p['W_' + name][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((1 + D + H, 4 * H)) * (D + H) ** -.5
    W[0] *= 0
    W[0, H:2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((T, B, H))
    cache = []
    for t in range(T):
        row = np.hstack([np.ones((B, 1)), X[t], h])
        gates = Gates(row @ W)
        cache.append((row, gates, c))
        c = c + gates.i * gates.g
        h = gates.o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h, cache
