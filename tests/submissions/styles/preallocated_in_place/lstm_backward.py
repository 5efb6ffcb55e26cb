# Generated from solutions/lstm_backward.py by `nox -s sync`: fill it in, keep the names.
"""LSTM backward: back-propagation through time, by hand. Todo en buffers propios."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    """Go one step back, for one example, one gate at a time."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    H, D = h_prev.shape[0], x.shape[0]

    tc = np.multiply(f, c_prev)
    tc += i * g
    np.tanh(tc, out=tc)

    dct = np.square(tc)
    np.subtract(1.0, dct, out=dct)
    dct *= o
    dct *= dh
    dct += dc

    grads = {k: np.empty(v.shape) for k, v in p.items()}
    np.multiply(dct * c_prev, f * (1 - f), out=grads["b_f"])
    np.multiply(dct * g, i * (1 - i), out=grads["b_i"])
    np.multiply(dct * i, 1 - g * g, out=grads["b_g"])
    np.multiply(dh * tc, o * (1 - o), out=grads["b_o"])

    dhx = np.zeros((H + D, 1))
    for k in "figo":
        da = grads["b_" + k]
        np.multiply(da, h_prev.T, out=grads["W_" + k][:, :H])
        np.multiply(da, x.T, out=grads["W_" + k][:, H:])
        dhx += p["W_" + k].T @ da

    dct *= f                      # ahora es dc_prev
    return dhx[H:], dhx[:H], dct, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    """Go back through a whole batch of sequences.

    Returns dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H), in this order.
    Leave dHout, dcn and dhn as they are; others still need them.
    """
    Z, A, C, TC, W = cache
    T, B, R = Z.shape
    H = C.shape[2]
    D = R - 1 - H

    dX = np.empty((T, B, D))
    dW = np.zeros((R, 4 * H))
    trozo = np.empty((R, 4 * H))
    da = np.empty((B, 4 * H))
    da_i, da_f, da_o, da_g = (da[:, n * H:(n + 1) * H] for n in range(4))
    dz = np.empty((B, R))
    u = np.empty((B, H))
    dc = np.empty((B, H))
    dh = np.empty((B, H))
    dc[...] = 0.0 if dcn is None else dcn
    dh[...] = 0.0 if dhn is None else dhn
    WT = np.ascontiguousarray(W.T)

    for t in range(T - 1, -1, -1):
        i, f, o, g = (A[t, :, n * H:(n + 1) * H] for n in range(4))
        tc = TC[t]

        dh += dHout[t]

        np.multiply(tc, tc, out=u)
        np.subtract(1.0, u, out=u)
        u *= o
        u *= dh
        dc += u

        np.subtract(1.0, i, out=da_i)
        da_i *= i
        da_i *= g
        da_i *= dc

        np.subtract(1.0, f, out=da_f)
        da_f *= f
        da_f *= C[t]
        da_f *= dc

        np.subtract(1.0, o, out=da_o)
        da_o *= o
        da_o *= tc
        da_o *= dh

        np.multiply(g, g, out=da_g)
        np.subtract(1.0, da_g, out=da_g)
        da_g *= i
        da_g *= dc

        np.matmul(Z[t].T, da, out=trozo)
        dW += trozo
        np.matmul(da, WT, out=dz)
        dX[t] = dz[:, 1:1 + D]
        dh[...] = dz[:, 1 + D:]
        dc *= f

    return dX, dW, dc, dh
