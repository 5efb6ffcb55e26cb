"""LSTM backward, features first as in the forward. b is the gradient of h, e that of c."""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    q = np.tanh(f * c_prev + i * g)
    e = dc + dh * o * (1 - q**2)
    A = {
        "f": e * c_prev * f * (1 - f),
        "i": e * g * i * (1 - i),
        "g": e * i * (1 - g**2),
        "o": dh * q * o * (1 - o),
    }
    u = np.concatenate((h_prev, x))
    G = {"W_" + k: A[k] @ u.T for k in A} | {"b_" + k: A[k] for k in A}
    v = sum(p["W_" + k].T @ A[k] for k in A)
    n = len(h_prev)
    return v[n:], v[:n], e * f, G


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    M, S = cache
    T, B, H = dHout.shape
    R = M.shape[2]
    D = R - 1 - H
    e = np.zeros((H, B)) if dcn is None else dcn.T
    b = np.zeros((H, B)) if dhn is None else dhn.T
    N = np.zeros_like(M)
    Y = np.empty((T, D, B))
    for t in reversed(range(T)):
        u, i, f, o, g, k, q = S[t]
        b = b + dHout[t].T
        e = e + b * o * (1 - q * q)
        A = np.stack((e * g * i * (1 - i), e * k * f * (1 - f), b * q * o * (1 - o), e * i * (1 - g * g)))
        N += A @ u.T
        v = np.einsum("khr,khb->rb", M, A)
        Y[t], b = v[1 : 1 + D], v[1 + D :]
        e = e * f
    return Y.transpose(0, 2, 1), N.reshape(4 * H, R).T, e.T, b.T
