"""Plain RNN, the two functions that are imported elsewhere."""

import numpy as np


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    R, H = W.shape
    rows = np.empty((T + 1, B, R))
    rows[:, :, 0] = 1.0
    rows[:T, :, 1 : 1 + D] = X
    rows[0, :, 1 + D :] = 0.0 if h0 is None else h0
    Hout = np.empty((T, B, H))
    for t in range(T):
        np.matmul(rows[t], W, out=Hout[t])
        np.tanh(Hout[t], out=Hout[t])
        rows[t + 1, :, 1 + D :] = Hout[t]
    return Hout, Hout[-1].copy(), (rows, W.copy())


def rnn_backward(dHout, cache, dhn=None):
    rows, W = cache
    T, B, H = dHout.shape
    R = W.shape[0]
    D = R - 1 - H
    slope = 1.0 - rows[1:, :, 1 + D :] ** 2
    drows = np.zeros((T + 1, B, R))
    if dhn is not None:
        drows[T, :, 1 + D :] = dhn
    da = np.empty((T, B, H))
    for t in range(T - 1, -1, -1):
        np.add(dHout[t], drows[t + 1, :, 1 + D :], out=da[t])
        da[t] *= slope[t]
        np.matmul(da[t], W.T, out=drows[t])
    dW = np.tensordot(rows[:T], da, axes=((0, 1), (0, 1)))
    return drows[:T, :, 1 : 1 + D].copy(), dW, drows[0, :, 1 + D :].copy()
