"""GRU: input products before the loop, z and r in one recurrent product."""

import numpy as np


def sigmoid(a):
    s = np.multiply(a, 0.5, dtype=float)
    np.tanh(s, out=s)
    s += 1.0
    s *= 0.5
    return s


def init_gru(D, H, rng):
    W = rng.standard_normal((1 + D + H, 3 * H))
    W *= (D + H) ** -0.5
    W[0] = 0.0
    return W


def gru_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    Hs = np.empty((T + 1, B, H))
    Hs[0] = 0.0 if h0 is None else h0
    A = (X.reshape(T * B, D) @ W[1 : 1 + D] + W[0]).reshape(T, B, 3 * H)
    W_zr, W_n = W[1 + D :, : 2 * H], W[1 + D :, 2 * H :]
    RH = np.empty((T, B, H))
    for t in range(T):
        a, h = A[t], Hs[t]
        a[:, : 2 * H] += h @ W_zr
        a[:, : 2 * H] = sigmoid(a[:, : 2 * H])
        z, r, n = a[:, :H], a[:, H : 2 * H], a[:, 2 * H :]
        np.multiply(r, h, out=RH[t])
        n += RH[t] @ W_n
        np.tanh(n, out=n)
        Hs[t + 1] = h + z * (n - h)  # one product less than (1 - z) h + z n
    return Hs[1:], Hs[T], (X, W, A, Hs, RH)


def gru_backward(dHout, cache, dhn=None):
    X, W, A, Hs, RH = cache
    T, B, D = X.shape
    H = dHout.shape[2]
    h_prev = Hs[:-1]
    z, r, n = A[..., :H], A[..., H : 2 * H], A[..., 2 * H :]
    # factors of all steps at once
    k_z = (h_prev - n) * z * (1 - z)
    k_n = z * (1 - n * n)
    k_r = h_prev * r * (1 - r)
    keep = 1 - z

    W_zrT = np.ascontiguousarray(W[1 + D :, : 2 * H].T)
    W_nT = np.ascontiguousarray(W[1 + D :, 2 * H :].T)
    dA = np.empty((T, B, 3 * H))
    dh = np.zeros((B, H)) if dhn is None else dhn
    for t in range(T - 1, -1, -1):
        dh = dh + dHout[t]
        d = dA[t]
        np.multiply(dh, k_z[t], out=d[:, :H])
        np.multiply(dh, k_n[t], out=d[:, 2 * H :])
        drh = d[:, 2 * H :] @ W_nT
        np.multiply(drh, k_r[t], out=d[:, H : 2 * H])
        dh = dh * keep[t] + drh * r[t] + d[:, : 2 * H] @ W_zrT

    flat = dA.reshape(T * B, 3 * H)
    dW = np.empty_like(W)
    dW[0] = flat.sum(0)
    dW[1 : 1 + D] = X.reshape(T * B, D).T @ flat
    dW[1 + D :, : 2 * H] = h_prev.reshape(T * B, H).T @ flat[:, : 2 * H]
    dW[1 + D :, 2 * H :] = RH.reshape(T * B, H).T @ flat[:, 2 * H :]
    dX = (flat @ W[1 : 1 + D].T).reshape(T, B, D)
    return dX, dW, dh


def gru_forward_after(X, W, b_hn, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    h = np.zeros((B, H)) if h0 is None else h0
    # biases, all of them, join the one big product
    bias = W[0].copy()
    bias[2 * H :] += b_hn
    A = (X.reshape(T * B, D) @ W[1 : 1 + D] + bias).reshape(T, B, 3 * H)
    W_h = W[1 + D :]
    Hout = np.empty((T, B, H))
    for t in range(T):
        a, k = A[t], h @ W_h
        zr = sigmoid(a[:, : 2 * H] + k[:, : 2 * H])
        n = np.tanh(a[:, 2 * H :] + zr[:, H:] * k[:, 2 * H :])
        h = h + zr[:, :H] * (n - h)
        Hout[t] = h
    return Hout, h, None


def to_torch_gru(W, b_hn):
    R, H3 = W.shape
    H = H3 // 3
    D = R - 1 - H
    P = W.T.reshape(3, H, R)[[1, 0, 2]]  # z r n -> r z n; a copy
    P[1] *= -1.0
    P = P.reshape(H3, R)
    bias_hh = np.zeros(H3)
    bias_hh[2 * H :] = b_hn
    return {
        "weight_ih": P[:, 1 : 1 + D],
        "weight_hh": P[:, 1 + D :],
        "bias_ih": P[:, 0],
        "bias_hh": bias_hh,
    }


def count_parameters(D, H, cell):
    return {"rnn": 1, "gru": 3, "lstm": 4}[cell] * (1 + D + H) * H
