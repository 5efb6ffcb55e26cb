"""LSTM forward, whole arrays at once, as few temporaries as possible."""

import numpy as np


def _squash(a):
    """sigmoid in place, by way of tanh: 0.5 + 0.5 tanh(a / 2)."""
    np.multiply(a, 0.5, out=a)
    np.tanh(a, out=a)
    np.add(a, 1.0, out=a)
    return np.multiply(a, 0.5, out=a)


def sigmoid(a):
    return _squash(np.array(a, dtype=np.float64))


def lstm_gates(x, h_prev, p):
    hx = np.vstack((h_prev, x))
    W = np.vstack((p["W_f"], p["W_i"], p["W_o"], p["W_g"]))
    a = W @ hx
    a += np.vstack((p["b_f"], p["b_i"], p["b_o"], p["b_g"]))
    H = h_prev.shape[0]
    _squash(a[: 3 * H])
    np.tanh(a[3 * H :], out=a[3 * H :])
    f, i, o, g = a.reshape(4, H, 1)
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev
    c += i * g
    h = np.tanh(c)
    h *= o
    return h, c


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    W = np.empty((1 + D + H, 4 * H))
    for n, key in enumerate("ifog"):
        columns = W[:, n * H : (n + 1) * H]
        columns[0] = p[f"b_{key}"][:, 0]
        columns[1 : 1 + D] = p[f"W_{key}"][:, H:].T
        columns[1 + D :] = p[f"W_{key}"][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.empty((1 + D + H, 4 * H))
    rng.standard_normal(out=W[1:])
    W[1:] /= np.sqrt(D + H)
    W[0] = 0.0
    W[0, H : 2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4

    # rows[t] = [1, x_t, h_{t-1}]; one slot more, so that h_t can always be put ahead
    rows = np.empty((T + 1, B, 1 + D + H))
    rows[:, :, 0] = 1.0
    rows[:T, :, 1 : 1 + D] = X
    states = rows[:, :, 1 + D :]
    states[0] = 0.0 if h0 is None else h0

    cells = np.empty((T + 1, B, H))
    cells[0] = 0.0 if c0 is None else c0

    gates = np.empty((T, B, 4 * H))
    tanh_c = np.empty((T, B, H))
    load = np.empty((B, H))
    for t in range(T):
        a = gates[t]
        np.matmul(rows[t], W, out=a)
        _squash(a[:, : 3 * H])
        np.tanh(a[:, 3 * H :], out=a[:, 3 * H :])
        i, f, o, g = (a[:, k * H : (k + 1) * H] for k in range(4))
        np.multiply(f, cells[t], out=cells[t + 1])
        np.multiply(i, g, out=load)
        cells[t + 1] += load
        np.tanh(cells[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=states[t + 1])
    Hout = states[1:].copy()
    cache = (rows, cells, gates, tanh_c, W.copy())
    return Hout, cells[T].copy(), Hout[-1].copy(), cache
