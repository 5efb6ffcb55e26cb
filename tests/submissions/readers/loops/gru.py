"""GRU: one row and one unit at a time."""

import math

import numpy as np


def sigmoid(a):
    a = np.asarray(a, dtype=float)
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def init_gru(D, H, rng):
    W = np.zeros((1 + D + H, 3 * H))
    for row in range(1, 1 + D + H):
        W[row] = rng.standard_normal(3 * H) / math.sqrt(D + H)
    return W


def make_row(x, h):
    return np.concatenate(([1.0], x, h))


def gate(row, W, number, H):
    """Pre-activations of block `number` for one row, unit by unit."""
    a = np.zeros(H)
    for j in range(H):
        a[j] = np.dot(row, W[:, number * H + j])
    return a


def start_state(B, H, h0):
    if h0 is None:
        return np.zeros((B, H))
    return np.array(h0, dtype=float)


def gru_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    start = start_state(B, H, h0)
    Hout = np.zeros((T, B, H))
    Z, R, N = np.zeros((T, B, H)), np.zeros((T, B, H)), np.zeros((T, B, H))
    for b in range(B):
        h = start[b]
        for t in range(T):
            row = make_row(X[t, b], h)
            z = sigmoid(gate(row, W, 0, H))
            r = sigmoid(gate(row, W, 1, H))
            n = np.tanh(gate(make_row(X[t, b], r * h), W, 2, H))
            h = (1 - z) * h + z * n
            Z[t, b], R[t, b], N[t, b], Hout[t, b] = z, r, n, h
    cache = {"X": X, "W": W, "h0": start, "z": Z, "r": R, "n": N, "h": Hout.copy()}
    return Hout, Hout[T - 1].copy(), cache


def gru_backward(dHout, cache, dhn=None):
    X, W = cache["X"], cache["W"]
    T, B, D = X.shape
    H = W.shape[1] // 3
    dX, dW, dh0 = np.zeros((T, B, D)), np.zeros(W.shape), np.zeros((B, H))
    for b in range(B):
        dh_next = np.zeros(H) if dhn is None else np.array(dhn[b], dtype=float)
        for t in range(T - 1, -1, -1):
            x = X[t, b]
            z, r, n = cache["z"][t, b], cache["r"][t, b], cache["n"][t, b]
            h_prev = cache["h0"][b] if t == 0 else cache["h"][t - 1, b]
            dh = dHout[t, b] + dh_next

            # h = (1 - z) h_prev + z n
            dz = dh * (n - h_prev)
            dn = dh * z
            dh_prev = dh * (1 - z)
            # n = tanh(...)
            da_n = dn * (1 - n * n)
            drow = W[:, 2 * H :] @ da_n
            dX[t, b] += drow[1 : 1 + D]
            drh = drow[1 + D :]
            dr = drh * h_prev
            dh_prev = dh_prev + drh * r
            # both gates
            da_z = dz * z * (1 - z)
            da_r = dr * r * (1 - r)
            for number, da in ((0, da_z), (1, da_r)):
                drow = W[:, number * H : (number + 1) * H] @ da
                dX[t, b] += drow[1 : 1 + D]
                dh_prev = dh_prev + drow[1 + D :]
            # weights
            row, row_n = make_row(x, h_prev), make_row(x, r * h_prev)
            for j in range(H):
                dW[:, j] += row * da_z[j]
                dW[:, H + j] += row * da_r[j]
                dW[:, 2 * H + j] += row_n * da_n[j]
            dh_next = dh_prev
        dh0[b] = dh_next
    return dX, dW, dh0


def gru_forward_after(X, W, b_hn, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    start = start_state(B, H, h0)
    Hout = np.zeros((T, B, H))
    for b in range(B):
        h = start[b]
        for t in range(T):
            row = make_row(X[t, b], h)
            z = sigmoid(gate(row, W, 0, H))
            r = sigmoid(gate(row, W, 1, H))
            n = np.zeros(H)
            for j in range(H):
                column = W[:, 2 * H + j]
                from_x = column[0] + np.dot(X[t, b], column[1 : 1 + D])
                from_h = np.dot(h, column[1 + D :]) + b_hn[j]
                n[j] = math.tanh(from_x + r[j] * from_h)
            h = (1 - z) * h + z * n
            Hout[t, b] = h
    return Hout, Hout[T - 1].copy(), None


def to_torch_gru(W, b_hn):
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    out = {
        "weight_ih": np.zeros((3 * H, D)),
        "weight_hh": np.zeros((3 * H, H)),
        "bias_ih": np.zeros(3 * H),
        "bias_hh": np.zeros(3 * H),
    }
    # (place in torch, place here, sign): 1 - sigmoid(a) = sigmoid(-a)
    for there, here, sign in ((0, 1, 1.0), (1, 0, -1.0), (2, 2, 1.0)):
        for j in range(H):
            column = sign * W[:, here * H + j]
            out["bias_ih"][there * H + j] = column[0]
            out["weight_ih"][there * H + j] = column[1 : 1 + D]
            out["weight_hh"][there * H + j] = column[1 + D :]
    for j in range(H):
        out["bias_hh"][2 * H + j] = b_hn[j]
    return out


def count_parameters(D, H, cell):
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}
    return (1 + D + H) * H * blocks[cell]
