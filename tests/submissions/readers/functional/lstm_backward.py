"""LSTM backward, in small functions."""

import numpy as np

from lstm_forward import lstm_gates

ds = lambda s: s * (1 - s)  # noqa: E731  slope of sigma, from its output
dt = lambda t: 1 - t**2  # noqa: E731  slope of tanh, from its output


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tc = np.tanh(f * c_prev + i * g)
    dc_t = dc + dh * dt(tc)
    da = {
        "f": dc_t * c_prev * ds(f),
        "i": dc_t * g * ds(i),
        "g": dc_t * i * dt(g),
        "o": dh * tc * ds(o),
    }
    hx = np.concatenate([h_prev, x])
    dh_prev, dx = np.split(sum(p[f"W_{k}"].T @ da[k] for k in da), [len(h_prev)])
    grads = {f"W_{k}": da[k] @ hx.T for k in da} | {f"b_{k}": da[k] for k in da}
    return dx, dh_prev, dc_t * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    steps, W = cache
    T, B, H = dHout.shape
    dc = np.zeros((B, H)) if dcn is None else dcn
    dh = np.zeros((B, H)) if dhn is None else dhn

    def back(step, dh_t, dc):
        row, i, f, o, g, c_prev, c, _ = step
        tc = np.tanh(c)
        dc_t = dc + dh_t * o * dt(tc)
        da = np.concatenate(
            [dc_t * g * ds(i), dc_t * c_prev * ds(f), dh_t * tc * ds(o), dc_t * i * dt(g)], axis=1
        )
        _, dh_prev, dx = np.split(da @ W.T, [1, 1 + H], axis=1)
        bias = np.mean(da, axis=0, keepdims=True)
        weights = row[:, 1:].T @ da
        return dx, dh_prev, dc_t * f, np.concatenate([bias, weights])

    dxs, dWs = [], []
    for step, d in zip(steps[::-1], dHout[::-1]):
        dx, dh, dc, dW = back(step, d + dh, dc)
        dxs, dWs = [dx, *dxs], [dW, *dWs]
    return np.array(dxs), sum(dWs), dc, dh
