"""LSTM in avanti.

Io penso in colonne, come nelle prime tre funzioni: uno stato è (H, B), ogni
esempio una colonna, e il tempo è l'ULTIMO asse: X diventa (D, B, T). Si traspone
all'inizio e alla fine, mai in mezzo.
"""

import numpy as np


def sigmoid(a):
    # due rami scelti con una maschera, l'esponente è sempre <= 0
    a = np.asarray(a, dtype=np.float64)
    s = np.empty_like(a)
    pos = a >= 0
    neg = ~pos
    s[pos] = 1.0 / (1.0 + np.exp(-a[pos]))
    e = np.exp(a[neg])
    s[neg] = e / (e + 1.0)
    return s


def lstm_gates(x, h_prev, p):
    hx = np.r_[h_prev, x]
    f = sigmoid(p['W_f'].dot(hx) + p['b_f'])
    i = sigmoid(p['W_i'].dot(hx) + p['b_i'])
    g = np.tanh(p['W_g'].dot(hx) + p['b_g'])
    o = sigmoid(p['W_o'].dot(hx) + p['b_o'])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    H = p['W_f'].shape[0]
    # prima la matrice "in piedi" (4H, R), poi una sola trasposizione
    alta = np.vstack([np.c_[p['b_' + k], p['W_' + k][:, H:], p['W_' + k][:, :H]] for k in 'ifog'])
    return alta.T


def init_lstm(D, H, rng, forget_bias=3.0):
    M = rng.standard_normal((4 * H, 1 + D + H)) / np.sqrt(D + H)
    M[:, 0] = 0
    M[H:2 * H, 0] = forget_bias
    return M.T.copy()


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    M = W.T                                    # (4H, R): ora si moltiplica da sinistra
    H = M.shape[0] // 4
    x = np.transpose(X, (2, 1, 0))             # (D, B, T)

    z = np.ones((1 + D + H, B, T))             # colonne [1; x; h]
    z[1:1 + D] = x
    porte = np.empty((4 * H, B, T))
    c_tutti = np.empty((H, B, T + 1))
    h_tutti = np.empty((H, B, T))

    c = np.zeros((H, B)) if c0 is None else c0.T
    h = np.zeros((H, B)) if h0 is None else h0.T
    c_tutti[..., 0] = c
    for t in range(T):
        z[1 + D:, :, t] = h
        a = M @ z[..., t]
        porte[:3 * H, :, t] = sigmoid(a[:3 * H])
        porte[3 * H:, :, t] = np.tanh(a[3 * H:])
        i, f, o, g = porte[..., t].reshape(4, H, B)
        c = f * c + i * g
        h = o * np.tanh(c)
        c_tutti[..., t + 1] = c
        h_tutti[..., t] = h

    cache = z, porte, c_tutti, M
    return h_tutti.T, c.T, h.T, cache           # .T gira tutti e tre gli assi: (T, B, H)
