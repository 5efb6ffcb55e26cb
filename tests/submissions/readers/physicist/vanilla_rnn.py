import numpy as np


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1]
    h = np.zeros((H, B)) if h0 is None else h0.T
    U, y = [], np.empty((T, H, B))
    for t, x in enumerate(X):
        U.append(np.concatenate((np.ones((1, B)), x.T, h)))
        y[t] = h = np.tanh(W.T @ U[-1])
    return y.transpose(0, 2, 1), h.T, (W, U, y)


def rnn_backward(dHout, cache, dhn=None):
    W, U, y = cache
    T, B, H = dHout.shape
    D = len(W) - 1 - H
    b = np.zeros((H, B)) if dhn is None else dhn.T
    dW, Y = np.zeros_like(W), np.empty((T, D, B))
    for t in reversed(range(T)):
        a = (dHout[t].T + b) * (1 - y[t] ** 2)
        dW += U[t] @ a.T
        v = W @ a
        Y[t], b = v[1 : 1 + D], v[1 + D :]
    return Y.transpose(0, 2, 1), dW, b.T
