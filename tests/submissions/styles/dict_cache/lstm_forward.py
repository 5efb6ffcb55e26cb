"""LSTM forward: from one gate to a batched sequence.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g
"""
import numpy as np


def sigmoid(a):
    """σ(a) = 1 / (1 + e^-a), maar zonder overflow."""
    a = np.asarray(a, dtype='float64')
    # e^-a loopt pas over vanaf a < -709; bij -700 is σ al 1e-304
    return 1 / (1 + np.exp(-np.clip(a, -700, 700)))


def lstm_gates(x, h_prev, p):
    """f, i, g, o voor één voorbeeld."""
    hx = np.concatenate((h_prev, x), 0)
    a = {k: np.matmul(p['W_' + k], hx) + p['b_' + k] for k in 'figo'}
    return sigmoid(a['f']), sigmoid(a['i']), np.tanh(a['g']), sigmoid(a['o'])


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = np.add(f * c_prev, i * g)
    h = np.multiply(o, np.tanh(c))
    return h, c


def pack_gates(p, D):
    """Eerst alle W's onder elkaar, dan de rijen in de goede volgorde zetten."""
    H = p['W_i'].shape[0]
    W_hx = np.concatenate([p['W_' + k] for k in 'ifog']).T          # (H+D, 4H), h boven
    bias = np.concatenate([p['b_' + k] for k in 'ifog']).T          # (1, 4H)
    W_xh = np.roll(W_hx, D, axis=0)                                 # nu x boven
    assert W_xh.shape == (D + H, 4 * H)
    return np.concatenate([bias, W_xh])


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.zeros((1 + D + H, 4 * H))
    Wx = rng.standard_normal(size=(D, 4 * H))
    Wh = rng.standard_normal(size=(H, 4 * H))
    W[1:D + 1] = Wx / np.sqrt(D + H)
    W[D + 1:] = Wh / np.sqrt(D + H)
    W[0, H:2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    if c0 is None:
        c0 = np.zeros((B, H))
    if h0 is None:
        h0 = np.zeros((B, H))

    cache = {
        'Z': np.zeros((T, B, 1 + D + H)),
        'tanh_c': np.zeros((T, B, H)),
        'c_prev': np.zeros((T, B, H)),
        'W': W.copy(),
    }
    for k in 'ifog':
        cache[k] = np.zeros((T, B, H))
    cache['Z'][:, :, 0] = 1
    cache['Z'][:, :, 1:D + 1] = X

    Hout = np.zeros((T, B, H))
    h, c = h0, c0
    for t in range(T):
        cache['Z'][t, :, D + 1:] = h
        cache['c_prev'][t] = c
        a = cache['Z'][t] @ W
        for n, k in enumerate('ifog'):
            deel = a[:, n * H:(n + 1) * H]
            cache[k][t] = np.tanh(deel) if k == 'g' else sigmoid(deel)
        c = cache['f'][t] * c + cache['i'][t] * cache['g'][t]
        cache['tanh_c'][t] = np.tanh(c)
        h = cache['o'][t] * cache['tanh_c'][t]
        Hout[t] = h
    return Hout, c, h, cache
