"""Homework 4: LSTM forward (Emeka)."""
import numpy as np


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(np.asarray(a) / 2)


def lstm_gates(x, h_prev, p):
    v = np.vstack((h_prev, x))
    f = sigmoid(np.dot(p['W_f'], v) + p['b_f'])
    i = sigmoid(np.dot(p['W_i'], v) + p['b_i'])
    o = sigmoid(np.dot(p['W_o'], v) + p['b_o'])
    g = np.tanh(np.dot(p['W_g'], v) + p['b_g'])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c_next = f * c_prev + i * g
    h_next = o * np.tanh(c_next)
    return h_next, c_next


def pack_gates(p, D):
    H = p['W_i'].shape[0]
    blocks = []
    for k in ['i', 'f', 'o', 'g']:
        Wk = p['W_' + k].T          # (H+D, H), first the h rows, then the x rows
        blocks.append(np.vstack((p['b_' + k].T, Wk[H:], Wk[:H])))
    return np.concatenate(blocks, axis=1)


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.standard_normal((D + H + 1, 4 * H)) / np.sqrt(D + H)
    W[0, :] = 0
    W[0, H:2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    h = h0 if h0 is not None else np.zeros((B, H))
    c = c0 if c0 is not None else np.zeros((B, H))
    outputs = []
    cache = []
    for t in range(T):
        inp = np.concatenate((np.ones((B, 1)), X[t], h), axis=1)
        a = inp @ W
        # chunks in the same order as torch.nn.LSTM
        ai, af, ag, ao = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(ai), sigmoid(af), np.tanh(ag), sigmoid(ao)
        c_old = c
        c = f * c + i * g
        h = o * np.tanh(c)
        outputs.append(h)
        cache.append((inp, i, f, g, o, c_old, c))
    return np.stack(outputs), c, h, (W, cache)
