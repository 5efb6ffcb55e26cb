"""LSTM all'indietro, con stati (H, B) e il tempo come ultimo asse."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    t = np.tanh(f * c_prev + i * g)
    dc = dc + dh * o * (1 - t * t)             # nuovo array, quello di chi chiama resta com'è
    da = dict(f=dc * c_prev * f * (1 - f),
              i=dc * g * i * (1 - i),
              g=dc * i * (1 - g * g),
              o=dh * t * o * (1 - o))
    hx = np.r_[h_prev, x]
    grads = {}
    dhx = 0
    for k, d in da.items():
        grads['W_' + k] = d.dot(hx.T)
        grads['b_' + k] = d
        dhx = dhx + p['W_' + k].T.dot(d)
    H = h_prev.shape[0]
    dh_prev, dx = dhx[:H], dhx[H:]
    return dx, dh_prev, dc * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    z, porte, c_tutti, M = cache
    R, B, T = z.shape
    H = c_tutti.shape[0]
    D = R - 1 - H

    # una copia trasposta, in cui si può sommare quanto si vuole
    dh_tutti = np.array(dHout.T, dtype=np.float64)         # (H, B, T)
    if dhn is not None:
        dh_tutti[..., -1] += dhn.T
    dc = np.zeros((H, B))
    if dcn is not None:
        dc += dcn.T

    dM = np.zeros((4 * H, R))
    dx = np.empty((D, B, T))
    for t in range(T)[::-1]:
        i, f, o, g = porte[..., t].reshape(4, H, B)
        tc = np.tanh(c_tutti[..., t + 1])
        dh = dh_tutti[..., t]
        dc += dh * o * (1 - tc ** 2)
        da = np.vstack([dc * g * i * (1 - i),
                        dc * c_tutti[..., t] * f * (1 - f),
                        dh * tc * o * (1 - o),
                        dc * i * (1 - g ** 2)])
        dM += da @ z[..., t].T
        dz = M.T @ da
        dx[..., t] = dz[1:1 + D]
        if t > 0:
            dh_tutti[..., t - 1] += dz[1 + D:]
        else:
            dh0 = dz[1 + D:]
        dc *= f
    return dx.T, dM.T, dc.T, dh0.T
