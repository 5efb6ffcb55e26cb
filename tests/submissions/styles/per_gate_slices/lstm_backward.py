# -*- coding: utf-8 -*-
"""LSTM, passe arrière. Chaque porte a sa propre tranche de dW."""

import numpy as np

from lstm_forward import lstm_gates, decoupe


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    H = len(h_prev)
    f, i, g, o = lstm_gates(x, h_prev, p)
    tc = np.tanh(f * c_prev + i * g)

    dct = dc + dh * o * (1 - tc ** 2)      # les deux chemins vers c_t
    da_f = dct * c_prev * f * (1 - f)
    da_i = dct * g * i * (1 - i)
    da_g = dct * i * (1 - g ** 2)
    da_o = dh * tc * o * (1 - o)

    hx = np.vstack((h_prev, x))
    grads = {
        "W_f": da_f @ hx.T, "b_f": da_f,
        "W_i": da_i @ hx.T, "b_i": da_i,
        "W_g": da_g @ hx.T, "b_g": da_g,
        "W_o": da_o @ hx.T, "b_o": da_o,
    }
    dhx = p["W_f"].T @ da_f + p["W_i"].T @ da_i + p["W_g"].T @ da_g + p["W_o"].T @ da_o
    return dhx[H:], dhx[:H], dct * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    X, W, i_s, f_s, o_s, g_s, h_avant, c_avant, c_apres = cache
    T, B, D = X.shape
    H = W.shape[1] // 4
    b, U, V = decoupe(W, D)

    dW = np.zeros(W.shape)
    db, dU, dV = decoupe(dW, D)            # des vues : écrire dedans remplit dW
    dX = np.zeros((T, B, D))

    dh = np.zeros((B, H))
    dc = np.zeros((B, H))
    if dhn is not None:
        dh = dh + dhn
    if dcn is not None:
        dc = dc + dcn

    for t in range(T - 1, -1, -1):
        i, f, o, g = i_s[t], f_s[t], o_s[t], g_s[t]
        tc = np.tanh(c_apres[t])
        dht = dHout[t] + dh
        dct = dc + dht * o * (1 - tc ** 2)

        da = {}
        da["i"] = dct * g * i * (1 - i)
        da["f"] = dct * c_avant[t] * f * (1 - f)
        da["o"] = dht * tc * o * (1 - o)
        da["g"] = dct * i * (1 - g ** 2)

        dh = np.zeros((B, H))
        for k in da:
            db[k] += da[k].sum(axis=0)
            dU[k] += X[t].T @ da[k]
            dV[k] += h_avant[t].T @ da[k]
            dX[t] += da[k] @ U[k].T
            dh += da[k] @ V[k].T
        dc = dct * f

    return dX, dW, dc, dh
