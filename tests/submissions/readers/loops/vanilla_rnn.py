"""The plain RNN: only the two functions other exercises need."""

import numpy as np


def one_row(x, h):
    return np.concatenate(([1.0], x, h))


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1]
    Hout = np.zeros((T, B, H))
    start = np.zeros((B, H)) if h0 is None else np.array(h0, dtype=float)
    for b in range(B):
        h = start[b]
        for t in range(T):
            h = np.tanh(one_row(X[t, b], h) @ W)
            Hout[t, b] = h
    return Hout, Hout[T - 1].copy(), (X, W, start, Hout)


def rnn_backward(dHout, cache, dhn=None):
    X, W, start, Hout = cache
    T, B, D = X.shape
    H = W.shape[1]
    dX, dW, dh0 = np.zeros((T, B, D)), np.zeros(W.shape), np.zeros((B, H))
    for b in range(B):
        dh = np.zeros(H) if dhn is None else dhn[b]
        for t in range(T - 1, -1, -1):
            h_prev = start[b] if t == 0 else Hout[t - 1, b]
            da = (dHout[t, b] + dh) * (1 - Hout[t, b] ** 2)
            dW += np.outer(one_row(X[t, b], h_prev), da)
            drow = W @ da
            dX[t, b] = drow[1 : 1 + D]
            dh = drow[1 + D :]
        dh0[b] = dh
    return dX, dW, dh0
