"""LSTM backward: back-propagation through time, by hand.

In de lus alleen wat echt van t+1 afhangt. dW en dX komen daarna, in één keer
over alle tijdstappen.
"""
import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    dc_t = dc + dh * o * (1 - np.tanh(c)**2)
    da = {
        'f': dc_t * c_prev * (f * (1 - f)),
        'i': dc_t * g * (i * (1 - i)),
        'g': dc_t * i * (1 - g**2),
        'o': dh * np.tanh(c) * (o * (1 - o)),
    }
    hx = np.concatenate((h_prev, x), 0)
    grads = {}
    for k in da:
        grads['b_' + k] = da[k].copy()
        grads['W_' + k] = np.tensordot(da[k], hx, axes=(1, 1))
    alle_W = np.concatenate([p['W_' + k] for k in da])
    alle_da = np.concatenate([da[k] for k in da])
    dhx = alle_W.T @ alle_da
    n = h_prev.shape[0]
    return dhx[n:], dhx[:n], dc_t * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    Z, W = cache['Z'], cache['W']
    i, f, o, g = (cache[k] for k in 'ifog')
    tanh_c, c_prev = cache['tanh_c'], cache['c_prev']
    T, B, R = Z.shape
    H = i.shape[2]
    D = R - H - 1

    if dcn is None:
        dcn = np.zeros((B, H))
    if dhn is None:
        dhn = np.zeros((B, H))

    dA = np.zeros((T, B, 4 * H))
    W_h = W[D + 1:]
    dc, dh = dcn, dhn
    for t in range(T - 1, -1, -1):
        dh_t = dHout[t] + dh
        dc_t = dc + dh_t * o[t] * (1 - tanh_c[t]**2)
        dA[t, :, :H] = dc_t * g[t] * i[t] * (1 - i[t])
        dA[t, :, H:2 * H] = dc_t * c_prev[t] * f[t] * (1 - f[t])
        dA[t, :, 2 * H:3 * H] = dh_t * tanh_c[t] * o[t] * (1 - o[t])
        dA[t, :, 3 * H:] = dc_t * i[t] * (1 - g[t]**2)
        dh = dA[t] @ W_h.T
        dc = dc_t * f[t]

    dW = np.tensordot(Z, dA, axes=([0, 1], [0, 1]))                        # (R, 4H)
    dX = (dA.reshape(T * B, 4 * H) @ W[1:D + 1].T).reshape(T, B, D)
    return dX, dW, dc, dh
