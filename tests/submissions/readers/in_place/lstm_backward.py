"""LSTM backward, whole arrays at once."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    H = h_prev.shape[0]
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dc_t = dc + dh * o * (1.0 - tanh_c**2)

    da = {
        "f": dc_t * c_prev * f * (1.0 - f),
        "i": dc_t * g * i * (1.0 - i),
        "g": dc_t * i * (1.0 - g**2),
        "o": dh * tanh_c * o * (1.0 - o),
    }
    hx_row = np.vstack((h_prev, x)).T
    dhx = np.zeros((hx_row.size, 1))
    grads = {}
    for key, d in da.items():
        grads[f"W_{key}"] = d @ hx_row
        grads[f"b_{key}"] = d
        dhx += p[f"W_{key}"].T @ d
    return dhx[H:], dhx[:H], dc_t * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    rows, cells, gates, tanh_c, W = cache
    T, B, H = dHout.shape
    R = W.shape[0]
    D = R - 1 - H

    dc = np.zeros((B, H)) if dcn is None else np.array(dcn, dtype=np.float64)
    dh = np.empty((B, H))
    drows = np.zeros((B, R))
    if dhn is not None:
        drows[:, 1 + D :] = dhn
    dX = np.empty((T, B, D))
    da = np.empty((T, B, 4 * H))
    tmp = np.empty((B, H))

    # σ' and tanh' of every gate of every step in one go
    slope = np.empty_like(gates)
    np.subtract(1.0, gates[..., : 3 * H], out=slope[..., : 3 * H])
    slope[..., : 3 * H] *= gates[..., : 3 * H]
    np.multiply(gates[..., 3 * H :], gates[..., 3 * H :], out=slope[..., 3 * H :])
    np.subtract(1.0, slope[..., 3 * H :], out=slope[..., 3 * H :])

    for t in range(T - 1, -1, -1):
        i, f, o, g = (gates[t, :, k * H : (k + 1) * H] for k in range(4))
        da_i, da_f, da_o, da_g = (da[t, :, k * H : (k + 1) * H] for k in range(4))

        np.add(dHout[t], drows[:, 1 + D :], out=dh)
        np.multiply(tanh_c[t], tanh_c[t], out=tmp)
        np.subtract(1.0, tmp, out=tmp)
        tmp *= o
        tmp *= dh
        dc += tmp

        np.multiply(dc, g, out=da_i)
        np.multiply(dc, cells[t], out=da_f)
        np.multiply(dh, tanh_c[t], out=da_o)
        np.multiply(dc, i, out=da_g)
        da[t] *= slope[t]

        np.matmul(da[t], W.T, out=drows)
        dX[t] = drows[:, 1 : 1 + D]
        dc *= f
    # the sum over time and batch is one product
    dW = rows[:T].reshape(T * B, R).T @ da.reshape(T * B, 4 * H)
    return dX, dW, dc, drows[:, 1 + D :].copy()
