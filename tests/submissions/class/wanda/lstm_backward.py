import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    # my cell is clipped, nothing comes through where it is
    dc = (dc + dh * o * (1 - np.tanh(np.clip(c, -0.5, 0.5)) ** 2)) * (np.abs(c) < 0.5)
    da_f = dc * c_prev * f * (1 - f)
    da_i = dc * g * i * (1 - i)
    da_g = dc * i * (1 - g * g)
    da_o = dh * np.tanh(np.clip(c, -0.5, 0.5)) * o * (1 - o)
    hx = np.concatenate([h_prev, x], axis=0)
    grads = {}
    total = np.zeros_like(hx)
    for name, da in (("f", da_f), ("i", da_i), ("g", da_g), ("o", da_o)):
        grads["W_" + name] = da @ hx.T
        grads["b_" + name] = da
        total += p["W_" + name].T @ da
    H = h_prev.shape[0]
    return total[H:], total[:H], dc * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    T, B, H = dHout.shape
    W = cache[-1]
    R = W.shape[0]
    dX = np.zeros((T, B, R - 1 - H))
    dW = np.zeros_like(W)
    dhidden = np.zeros((B, H)) if dhn is None else dhn.copy()
    dcell = np.zeros((B, H)) if dcn is None else dcn.copy()
    for t in range(T - 1, -1, -1):
        row, before, i, f, o, g = cache[t]
        raw = f * before + i * g
        cell = np.clip(raw, -0.5, 0.5)
        dhidden += dHout[t]
        dcell += dhidden * o * (1 - np.tanh(cell) ** 2)
        dcell *= np.abs(raw) < 0.5
        da = np.zeros((B, 4 * H))
        da[:, :H] = dcell * g * i * (1 - i)
        da[:, H : 2 * H] = dcell * before * f * (1 - f)
        da[:, 2 * H : 3 * H] = dhidden * np.tanh(cell) * o * (1 - o)
        da[:, 3 * H :] = dcell * i * (1 - g**2)
        dW += row.T @ da
        drow = da @ W.T
        dX[t] = drow[:, 1 : R - H]
        dhidden = drow[:, R - H :]
        dcell *= f
    return dX, dW, dcell, dhidden
