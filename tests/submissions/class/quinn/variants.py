"""Quinn. Products with X outside the loops, and the two directions for the whole batch at once."""

import numpy as np
from lstm_forward import lstm_forward, sigmoid

COLUMNS = {
    "course": {"i": 0, "f": 1, "o": 2, "g": 3},
    "pytorch": {"i": 0, "f": 1, "g": 2, "o": 3},
    "keras": {"i": 0, "f": 1, "g": 2, "o": 3},
    "onnx": {"i": 0, "o": 1, "f": 2, "g": 3},
}


def start(state, B, H):
    return np.zeros((B, H)) if state is None else np.array(state, float)


def peephole_forward(X, W, P, c0=None, h0=None):
    T, B, D = X.shape
    H = P.shape[1]
    p_i, p_f, p_o = P
    c, h = start(c0, B, H), start(h0, B, H)
    W_x, W_h = W[1:1 + D], W[1 + D:]
    from_x = np.einsum("tbd,dk->tbk", X, W_x) + W[0]
    out = []
    for a in from_x:
        a = a + h @ W_h
        load = sigmoid(a[:, :H] + p_i * c) * np.tanh(a[:, 3 * H:])
        c = load + sigmoid(a[:, H:2 * H] + p_f * c) * c
        h = np.tanh(c) * sigmoid(a[:, 2 * H:3 * H] + p_o * c)
        out.append(h)
    return np.stack(out), c, h


def coupled_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    cs, hs = np.zeros((T + 1, B, H)), np.zeros((T + 1, B, H))
    cs[0], hs[0] = start(c0, B, H), start(h0, B, H)
    gates = X @ W[1:1 + D] + W[0]
    for t in range(T):
        gates[t] += hs[t] @ W[1 + D:]
        gates[t, :, :2 * H] = sigmoid(gates[t, :, :2 * H])
        gates[t, :, 2 * H:] = np.tanh(gates[t, :, 2 * H:])
        f, o, g = np.split(gates[t], 3, axis=-1)
        # g, and on top of it a share f of what c_prev has more than g
        cs[t + 1] = g + f * (cs[t] - g)
        hs[t + 1] = o * np.tanh(cs[t + 1])
    return hs[1:].copy(), cs[-1].copy(), hs[-1].copy(), {"X": X, "W": W, "c": cs, "h": hs, "gates": gates}


def coupled_backward(dHout, cache, dcn=None, dhn=None):
    X, W, cs, hs, gates = (cache[k] for k in ("X", "W", "c", "h", "gates"))
    T, B, H = dHout.shape
    D = X.shape[2]
    da = np.empty((T, B, 3 * H))
    dc, dh = start(dcn, B, H), start(dhn, B, H)
    for t in range(T - 1, -1, -1):
        f, o, g = gates[t, :, :H], gates[t, :, H:2 * H], gates[t, :, 2 * H:]
        dh = dh + dHout[t]
        squashed = np.tanh(cs[t + 1])
        dc = dc + dh * o * (1 - squashed * squashed)
        da[t, :, :H] = dc * (cs[t] - g) * f * (1 - f)
        da[t, :, H:2 * H] = dh * squashed * o * (1 - o)
        da[t, :, 2 * H:] = dc * (1 - f) * (1 - g) * (1 + g)
        dh = da[t] @ W[1 + D:].T
        dc = dc * f
    # every product with a matrix, once for all steps
    flat = da.reshape(T * B, 3 * H)
    dW = np.concatenate([
        flat.sum(axis=0)[None],
        X.reshape(T * B, D).T @ flat,
        hs[:-1].reshape(T * B, H).T @ flat,
    ])
    return da @ W[1:1 + D].T, dW, dc, dh


def stack_layers(X, weights):
    hns, below = (), X
    for W in weights:
        below = lstm_forward(below, W)[0]
        hns += (below[-1],)
    return below, list(hns)


def bidirectional(X, lengths, Wf, Wb):
    T, B, _ = X.shape
    t, n = np.arange(T)[:, None], np.asarray(lengths)[None, :]
    real = t < n
    # step t of the turned sequence is step n - 1 - t; padding stays where it is
    turned = np.where(real, n - 1 - t, t)
    clean = np.where(real[..., None], X, 0.0)
    forwards = lstm_forward(clean, Wf)[0]
    backwards = lstm_forward(np.take_along_axis(clean, turned[..., None], axis=0), Wb)[0]
    backwards = np.take_along_axis(backwards, turned[..., None], axis=0)
    return np.where(real[..., None], np.concatenate([forwards, backwards], axis=2), 0.0)


def reorder_gates(W, source, target):
    H = W.shape[-1] // 4
    new = np.empty_like(W)
    for gate, there in COLUMNS[target].items():
        here = COLUMNS[source][gate]
        new[..., there * H:(there + 1) * H] = W[..., here * H:(here + 1) * H]
    return new


def to_library(W, library):
    H = W.shape[1] // 4
    D = W.shape[0] - 1 - H
    V = reorder_gates(W, "course", library)
    half = 0.5 * V[0]
    x, h = V[1:1 + D], V[1 + D:]
    return {
        "pytorch": {"weight_ih": x.T, "weight_hh": h.T, "bias_ih": half, "bias_hh": half},
        "keras": {"kernel": x, "recurrent_kernel": h, "bias": V[0]},
        "onnx": {
            "W": x.T[np.newaxis],
            "R": h.T[np.newaxis],
            "B": np.tile(half, 2)[np.newaxis],
        },
    }[library]
