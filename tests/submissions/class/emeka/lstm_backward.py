import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dc = dc + dh * o * (1 - tanh_c**2)
    d = {
        "f": dc * c_prev * f * (1 - f),
        "i": dc * g * i * (1 - i),
        "g": dc * i * (1 - g**2),
        "o": dh * tanh_c * o * (1 - o),
    }
    hx = np.vstack((h_prev, x))
    grads, dhx = {}, 0
    for k in d:
        grads["W_" + k] = d[k] @ hx.T
        grads["b_" + k] = d[k]
        dhx = dhx + p["W_" + k].T @ d[k]
    return dhx[len(h_prev):], dhx[:len(h_prev)], dc * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    W, steps = cache
    T, B, H = dHout.shape
    dW = np.zeros_like(W)
    dX = [None] * T
    dh = 0 if dhn is None else dhn
    dc = 0 if dcn is None else dcn
    for t in range(T)[::-1]:
        inp, i, f, g, o, c_old, c = steps[t]
        dh = dh + dHout[t]
        th = np.tanh(c)
        dc = dc + dh * o * (1 - th**2)
        # the same chunks as in the forward pass
        da = np.concatenate(
            (dc * g * i * (1 - i), dc * c_old * f * (1 - f), dc * i * (1 - g**2), dh * th * o * (1 - o)),
            axis=1,
        )
        dW += inp.T @ da
        dinp = da @ W.T
        dX[t] = dinp[:, 1:-H]
        dh = dinp[:, -H:]
        dc = dc * f
    return np.stack(dX), dW, dc, dh
