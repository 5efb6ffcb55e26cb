import numpy as np


def rnn_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1]
    Hs = np.empty((T + 1, B, H))
    Hs[0] = 0.0 if h0 is None else h0
    A = (X.reshape(T * B, D) @ W[1 : 1 + D] + W[0]).reshape(T, B, H)
    W_h = W[1 + D :]
    for t in range(T):
        A[t] += Hs[t] @ W_h
        np.tanh(A[t], out=Hs[t + 1])
    return Hs[1:], Hs[T], (X, W, Hs)


def rnn_backward(dHout, cache, dhn=None):
    X, W, Hs = cache
    T, B, D = X.shape
    H = dHout.shape[2]
    slope = 1 - Hs[1:] ** 2
    dA = np.empty((T, B, H))
    W_hT = W[1 + D :].T
    dh = np.zeros((B, H)) if dhn is None else dhn
    for t in range(T - 1, -1, -1):
        np.multiply(dHout[t] + dh, slope[t], out=dA[t])
        dh = dA[t] @ W_hT
    flat = dA.reshape(T * B, H)
    Z = np.concatenate((np.ones((T, B, 1)), X, Hs[:-1]), axis=2).reshape(T * B, -1)
    return (flat @ W[1 : 1 + D].T).reshape(T, B, D), Z.T @ flat, dh
