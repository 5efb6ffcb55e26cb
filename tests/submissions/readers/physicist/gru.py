"""GRU. Features first; M (3, H, R) is W cut into z, r, n and transposed."""

import numpy as np


def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(a, dtype=float)))


def init_gru(D, H, rng):
    w = rng.standard_normal((1 + D + H, 3 * H)) / np.sqrt(D + H)
    w[0] = 0.0
    return w


def _M(W):
    R, n = W.shape
    return W.T.reshape(3, n // 3, R)


def gru_forward(X, W, h0=None):
    T, B, D = X.shape
    M = _M(W)
    H = M.shape[1]
    h = np.zeros((H, B)) if h0 is None else h0.T
    l, y, S = np.ones((1, B)), np.empty((T, H, B)), []  # noqa: E741
    for t in range(T):
        x = X[t].T
        u = np.concatenate((l, x, h))
        z, r = sigmoid(M[:2] @ u)
        s = np.concatenate((l, x, r * h))
        n = np.tanh(M[2] @ s)
        S.append((u, s, z, r, n, h))
        h = h + z * (n - h)
        y[t] = h
    return y.transpose(0, 2, 1), h.T, (M, S)


def gru_backward(dHout, cache, dhn=None):
    M, S = cache
    T, B, H = dHout.shape
    R = M.shape[2]
    D = R - 1 - H
    b = np.zeros((H, B)) if dhn is None else dhn.T
    N, Y = np.zeros_like(M), np.empty((T, D, B))
    for t in range(T - 1, -1, -1):
        u, s, z, r, n, h = S[t]
        b = b + dHout[t].T
        An = b * z * (1 - n * n)
        w = M[2].T @ An  # at (1, x, r h)
        q = w[1 + D :]
        Az = b * (n - h) * z * (1 - z)
        Ar = q * h * r * (1 - r)
        N += np.stack((Az @ u.T, Ar @ u.T, An @ s.T))
        v = M[0].T @ Az + M[1].T @ Ar  # at (1, x, h)
        Y[t] = (v + w)[1 : 1 + D]
        b = (1 - z) * b + r * q + v[1 + D :]
    return Y.transpose(0, 2, 1), N.reshape(3 * H, R).T, b.T


def gru_forward_after(X, W, b_hn, h0=None):
    T, B, D = X.shape
    M = _M(W)
    H = M.shape[1]
    h = np.zeros((H, B)) if h0 is None else h0.T
    P, Q = M[:, :, : 1 + D], M[:, :, 1 + D :]
    y = np.empty((T, H, B))
    for t in range(T):
        a = P @ np.concatenate((np.ones((1, B)), X[t].T))
        k = Q @ h
        z, r = sigmoid(a[:2] + k[:2])
        n = np.tanh(a[2] + r * (k[2] + b_hn[:, None]))
        y[t] = h = (1 - z) * h + z * n
    return y.transpose(0, 2, 1), h.T, None


def to_torch_gru(W, b_hn):
    M = _M(W)
    H = M.shape[1]
    D = M.shape[2] - 1 - H
    # 1 - s(a) = s(-a): only z turns its sign; then r, z, n
    K = np.array([-1.0, 1.0, 1.0])[:, None, None] * M
    K = K[[1, 0, 2]].reshape(3 * H, -1)
    b = np.zeros(3 * H)
    b[2 * H :] = b_hn
    return {"weight_ih": K[:, 1 : 1 + D], "weight_hh": K[:, 1 + D :], "bias_ih": K[:, 0], "bias_hh": b}


def count_parameters(D, H, cell):
    return (1 + D + H) * H * {"rnn": 1, "gru": 3, "lstm": 4}[cell]
