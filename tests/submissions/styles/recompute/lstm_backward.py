"""LSTM backward: runs the forward once more, then walks it in reverse (gradient checkpointing)."""

from __future__ import annotations

import numpy as np

import lstm_forward as fw


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = fw.lstm_gates(x, h_prev, p)
    _, c = fw.lstm_step(x, h_prev, c_prev, p)
    tanh_c = np.tanh(c)
    dc_t = dc + dh * o * (1 - tanh_c**2)
    column = np.vstack((h_prev, x))
    dcolumn = np.zeros(column.shape)
    grads = {}
    for k, da in (
        ("f", dc_t * c_prev * f * (1 - f)),
        ("i", dc_t * g * i * (1 - i)),
        ("g", dc_t * i * (1 - g**2)),
        ("o", dh * tanh_c * o * (1 - o)),
    ):
        grads[f"W_{k}"], grads[f"b_{k}"] = da @ column.T, da
        dcolumn += p[f"W_{k}"].T @ da
    dh_prev, dx = np.vsplit(dcolumn, [len(h_prev)])
    return dx, dh_prev, dc_t * f, grads


def lstm_backward(dHout, cache: fw.Cache, dcn=None, dhn=None):
    cell, traces = cache.replay()
    dX, dW = np.zeros(cache.X.shape), np.zeros(cache.W.shape)
    dc = np.zeros(dHout.shape[1:]) if dcn is None else dcn
    dh = np.zeros(dHout.shape[1:]) if dhn is None else dhn
    for t, s in reversed(list(enumerate(traces))):
        dX[t], dW_t, dc, dh = cell.back(s, dc, dHout[t] + dh)
        dW += dW_t
    return dX, dW, dc, dh
