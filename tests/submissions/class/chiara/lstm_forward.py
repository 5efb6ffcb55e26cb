"""Esercizio lstm_forward (Chiara): einsum everywhere, the indices are the comments."""

import numpy as np


def sigmoid(a):
    small = np.exp(-np.abs(a))  # always in (0, 1], never overflows
    return np.where(np.greater_equal(a, 0), 1.0, small) / (1.0 + small)


def lstm_gates(x, h_prev, p):
    H = h_prev.shape[0]

    def net(gate):
        matrix = p[f"W_{gate}"]
        return (
            np.einsum("hk,kn->hn", matrix[:, :H], h_prev)
            + np.einsum("hd,dn->hn", matrix[:, H:], x)
            + p[f"b_{gate}"]
        )

    return sigmoid(net("f")), sigmoid(net("i")), np.tanh(net("g")), sigmoid(net("o"))


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = np.einsum("hn,hn->hn", f, c_prev) + np.einsum("hn,hn->hn", i, g)
    h = np.einsum("hn,hn->hn", o, np.tanh(c))
    return h, c


def pack_gates(p, D):
    H = p["W_f"].shape[0]
    packed = np.empty((1 + D + H, 4, H))
    for position, gate in enumerate("ifog"):
        packed[0, position] = p[f"b_{gate}"].ravel()
        packed[1 : 1 + D, position] = np.einsum("hd->dh", p[f"W_{gate}"][:, H:])
        packed[1 + D :, position] = np.einsum("hk->kh", p[f"W_{gate}"][:, :H])
    return packed.reshape(1 + D + H, 4 * H)


def init_lstm(D, H, rng, forget_bias=3.0):
    scale = (D + H) ** -0.5
    bias = np.zeros((1, 4 * H))
    bias[:, H : 2 * H] = forget_bias
    W_x = scale * rng.standard_normal((D, 4 * H))
    W_h = scale * rng.standard_normal((H, 4 * H))
    return np.vstack((bias, W_x, W_h))


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    I, F, O, G = (slice(k * H, (k + 1) * H) for k in range(4))
    W_h = W[1 + D :]

    # the input part does not depend on h, so it is done for all t at once
    from_input = np.einsum("tbd,dk->tbk", X, W[1 : 1 + D]) + W[0]

    h_t = np.zeros((B, H)) if h0 is None else h0
    c_t = np.zeros((B, H)) if c0 is None else c0
    history = {name: [] for name in ("i", "f", "o", "g", "c", "h")}
    for net_x in from_input:
        i_t = sigmoid(net_x[:, I] + np.einsum("bh,hk->bk", h_t, W_h[:, I]))
        f_t = sigmoid(net_x[:, F] + np.einsum("bh,hk->bk", h_t, W_h[:, F]))
        o_t = sigmoid(net_x[:, O] + np.einsum("bh,hk->bk", h_t, W_h[:, O]))
        g_t = np.tanh(net_x[:, G] + np.einsum("bh,hk->bk", h_t, W_h[:, G]))
        c_t = f_t * c_t + i_t * g_t
        h_t = o_t * np.tanh(c_t)
        for name, value in zip("ifogch", (i_t, f_t, o_t, g_t, c_t, h_t), strict=True):
            history[name].append(value)

    history = {name: np.stack(values) for name, values in history.items()}
    history.update(X=X, W=W, c0=c0, h0=h0)
    return history["h"], c_t, h_t, history
