"""Plain RNN."""

import numpy as np


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1]
    hNow = np.zeros((B, H)) if h0 is None else h0
    cache = {"W": W, "D": D, "rows": [], "states": []}
    for x in X:
        row = np.concatenate([np.ones((B, 1)), x, hNow], axis=1)
        hNow = np.tanh(np.einsum("br,rh->bh", row, W))
        cache["rows"].append(row)
        cache["states"].append(hNow)
    return np.stack(cache["states"]), hNow, cache


def rnn_backward(dHout, cache, dhn=None):
    W, D = cache["W"], cache["D"]
    dhNow = np.zeros(dHout.shape[1:]) if dhn is None else dhn
    dW = np.zeros(W.shape)
    dX = np.zeros((len(dHout), dHout.shape[1], D))
    for t in reversed(range(len(dHout))):
        dPre = (dHout[t] + dhNow) * (1.0 - cache["states"][t] ** 2)
        dW += np.einsum("br,bh->rh", cache["rows"][t], dPre)
        dRow = np.einsum("bh,rh->br", dPre, W)
        dX[t], dhNow = dRow[:, 1 : 1 + D], dRow[:, 1 + D :]
    return dX, dW, dhNow
