"""GRU, whole arrays at once."""

import numpy as np


def _squash(a):
    np.multiply(a, 0.5, out=a)
    np.tanh(a, out=a)
    np.add(a, 1.0, out=a)
    return np.multiply(a, 0.5, out=a)


def sigmoid(a):
    return _squash(np.array(a, dtype=np.float64))


def init_gru(D, H, rng):
    W = np.zeros((1 + D + H, 3 * H))
    rng.standard_normal(out=W[1:])
    W[1:] /= np.sqrt(D + H)
    return W


def _prepare(X, H, h0):
    """Rows [1, x, h] for T + 1 steps; the h of the first one is filled in."""
    T, B, D = X.shape
    rows = np.empty((T + 1, B, 1 + D + H))
    rows[:, :, 0] = 1.0
    rows[:T, :, 1 : 1 + D] = X
    rows[0, :, 1 + D :] = 0.0 if h0 is None else h0
    return rows


def _mix(z, h, n, out):
    """out = h + z (n - h)"""
    np.subtract(n, h, out=out)
    out *= z
    out += h


def gru_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    rows = _prepare(X, H, h0)
    rows_n = rows[:T].copy()
    gates = np.empty((T, B, 2 * H))
    n = np.empty((T, B, H))
    W_zr = np.ascontiguousarray(W[:, : 2 * H])
    W_n = np.ascontiguousarray(W[:, 2 * H :])
    for t in range(T):
        h = rows[t, :, 1 + D :]
        np.matmul(rows[t], W_zr, out=gates[t])
        _squash(gates[t])
        np.multiply(gates[t, :, H:], h, out=rows_n[t, :, 1 + D :])
        np.matmul(rows_n[t], W_n, out=n[t])
        np.tanh(n[t], out=n[t])
        _mix(gates[t, :, :H], h, n[t], out=rows[t + 1, :, 1 + D :])
    Hout = rows[1:, :, 1 + D :].copy()
    return Hout, Hout[-1].copy(), (rows, rows_n, gates, n, W_zr, W_n)


def gru_backward(dHout, cache, dhn=None):
    rows, rows_n, gates, n, W_zr, W_n = cache
    T, B, H = dHout.shape
    R = W_n.shape[0]
    D = R - 1 - H

    dX = np.empty((T, B, D))
    da_zr = np.empty((T, B, 2 * H))
    da_n = np.empty((T, B, H))
    drow = np.empty((B, R))
    drow_n = np.empty((B, R))
    dh = np.zeros((B, H))
    if dhn is not None:
        dh[:] = dhn
    tmp = np.empty((B, H))
    slope = gates * (1.0 - gates)
    for t in range(T - 1, -1, -1):
        z, r = gates[t, :, :H], gates[t, :, H:]
        h = rows[t, :, 1 + D :]
        dh += dHout[t]

        np.multiply(dh, z, out=da_n[t])
        np.multiply(n[t], n[t], out=tmp)
        np.subtract(1.0, tmp, out=tmp)
        da_n[t] *= tmp
        np.matmul(da_n[t], W_n.T, out=drow_n)

        np.subtract(n[t], h, out=tmp)
        np.multiply(dh, tmp, out=da_zr[t, :, :H])
        np.multiply(drow_n[:, 1 + D :], h, out=da_zr[t, :, H:])
        da_zr[t] *= slope[t]
        np.matmul(da_zr[t], W_zr.T, out=drow)

        np.add(drow[:, 1 : 1 + D], drow_n[:, 1 : 1 + D], out=dX[t])
        # four ways: straight on, through n, through r and through z
        np.subtract(1.0, z, out=tmp)
        dh *= tmp
        np.multiply(drow_n[:, 1 + D :], r, out=tmp)
        dh += tmp
        dh += drow[:, 1 + D :]
    dW = np.empty((R, 3 * H))
    dW[:, : 2 * H] = np.tensordot(rows[:T], da_zr, axes=((0, 1), (0, 1)))
    dW[:, 2 * H :] = np.tensordot(rows_n, da_n, axes=((0, 1), (0, 1)))
    return dX, dW, dh


def gru_forward_after(X, W, b_hn, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    # everything that comes from x, for all steps
    from_x = X @ W[1 : 1 + D]
    from_x += W[0]
    W_h = W[1 + D :]
    states = np.empty((T + 1, B, H))
    states[0] = 0.0 if h0 is None else h0
    from_h = np.empty((B, 3 * H))
    for t in range(T):
        np.matmul(states[t], W_h, out=from_h)
        from_h[:, 2 * H :] += b_hn
        zr = from_x[t, :, : 2 * H]
        zr += from_h[:, : 2 * H]
        _squash(zr)
        n = from_x[t, :, 2 * H :]
        from_h[:, 2 * H :] *= zr[:, H:]
        n += from_h[:, 2 * H :]
        np.tanh(n, out=n)
        _mix(zr[:, :H], states[t], n, out=states[t + 1])
    return states[1:].copy(), states[T].copy(), None


def to_torch_gru(W, b_hn):
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    stacked = np.empty((3 * H, W.shape[0]))
    stacked[:H] = W[:, H : 2 * H].T
    np.negative(W[:, :H].T, out=stacked[H : 2 * H])
    stacked[2 * H :] = W[:, 2 * H :].T
    bias_hh = np.zeros(3 * H)
    bias_hh[2 * H :] = b_hn
    return {
        "weight_ih": stacked[:, 1 : 1 + D].copy(),
        "weight_hh": stacked[:, 1 + D :].copy(),
        "bias_ih": stacked[:, 0].copy(),
        "bias_hh": bias_hh,
    }


def count_parameters(D, H, cell):
    return {"rnn": 1, "lstm": 4, "gru": 3}[cell] * H * (1 + D + H)
