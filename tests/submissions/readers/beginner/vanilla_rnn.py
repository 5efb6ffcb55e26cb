import numpy as np


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1]
    if h0 is None:
        h = np.zeros((B, H))
    else:
        h = h0.copy()
    rows = []
    states = []
    for t in range(T):
        row = np.concatenate([np.ones((B, 1)), X[t], h], axis=1)
        h = np.tanh(np.dot(row, W))
        rows.append(row)
        states.append(h)
    cache = {"rows": rows, "states": states, "W": W, "D": D}
    return np.array(states), h, cache


def rnn_backward(dHout, cache, dhn=None):
    W = cache["W"]
    D = cache["D"]
    T, B, H = dHout.shape
    dW = np.zeros(W.shape)
    if dhn is None:
        dh = np.zeros((B, H))
    else:
        dh = dhn.copy()
    all_dx = []
    for t in range(T - 1, -1, -1):
        dh_t = dHout[t] + dh
        da = dh_t * (1 - cache["states"][t] ** 2)
        dW = dW + np.dot(cache["rows"][t].T, da)
        drow = np.dot(da, W.T)
        all_dx.append(drow[:, 1:1 + D])
        dh = drow[:, 1 + D:]
    all_dx.reverse()
    return np.array(all_dx), dW, dh
