"""LSTM forward, everything that multiplies is an einsum.

Index letters, used the same way in both files:

    t time   b batch   r row of W (1 + D + H)   k gate (i, f, o, g)   h, j hidden unit
    n column of length one (only in the one-example functions)
"""

from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Params = dict[str, Floats]


def sigmoid(a: ArrayLike) -> Floats:
    """log σ(a) = -log(1 + e^-a), and logaddexp knows how to do that one."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=np.float64)))


def lstm_gates(x: Floats, h_prev: Floats, p: Params) -> tuple[Floats, Floats, Floats, Floats]:
    """f, i, g, o for one example. [h; x], not [x; h]."""
    hx = np.vstack([h_prev, x])
    W = np.stack([p[f"W_{k}"] for k in "figo"])
    b = np.stack([p[f"b_{k}"] for k in "figo"])
    a = np.einsum("khr,rn->khn", W, hx) + b
    return sigmoid(a[0]), sigmoid(a[1]), np.tanh(a[2]), sigmoid(a[3])


def lstm_step(x: Floats, h_prev: Floats, c_prev: Floats, p: Params) -> tuple[Floats, Floats]:
    """One step, one example. Returns h first, then c."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = np.einsum("hn,hn->hn", f, c_prev) + np.einsum("hn,hn->hn", i, g)
    return np.einsum("hn,hn->hn", o, np.tanh(c)), c


def pack_gates(p: Params, D: int) -> Floats:
    """[h; x] columns -> [1, x, h] rows. einsum without a sum is a transpose."""
    H = p["W_i"].shape[0]
    W = np.stack([p[f"W_{k}"] for k in "ifog"])            # k h (h + x)
    b = np.stack([p[f"b_{k}"] for k in "ifog"])            # k h 1
    full = np.concatenate([b, W[:, :, H:], W[:, :, :H]], axis=2)
    assert full.shape == (4, H, 1 + D + H), full.shape
    return np.einsum("khr->rkh", full).reshape(1 + D + H, 4 * H)


def init_lstm(D: int, H: int, rng: np.random.Generator, forget_bias: float = 3.0) -> Floats:
    W = np.zeros((1 + D + H, 4, H))
    W[1:] = rng.standard_normal((D + H, 4, H)) / np.sqrt(D + H)
    W[0, 1] = forget_bias
    return W.reshape(1 + D + H, 4 * H)


def lstm_forward(
    X: Floats,
    W: Floats,
    c0: Optional[Floats] = None,
    h0: Optional[Floats] = None,
) -> tuple[Floats, Floats, Floats, Any]:
    """X (T, B, D), W (R, 4H), c0/h0 (B, H) -> Hout (T, B, H), cn, hn, cache."""
    T, B, D = X.shape
    R, H = W.shape[0], W.shape[1] // 4
    assert R == 1 + D + H, f"W has {R} rows, but 1 + {D} + {H} are needed"
    Wk = W.reshape(R, 4, H)

    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    ones = np.ones((B, 1))

    rows: list[Floats] = []
    gates: list[Floats] = []
    cells: list[Floats] = [c]
    hidden: list[Floats] = []
    for t in range(T):
        z = np.concatenate([ones, X[t], h], axis=1)
        a = np.einsum("br,rkh->kbh", z, Wk)
        k = np.concatenate([sigmoid(a[:3]), np.tanh(a[3:])])
        i, f, o, g = k
        c = np.einsum("kbh,kbh->bh", np.stack([f, i]), np.stack([c, g]))     # f c + i g in one go
        h = np.einsum("bh,bh->bh", o, np.tanh(c))
        rows.append(z)
        gates.append(k)
        cells.append(c)
        hidden.append(h)
    cache = (np.stack(rows), np.stack(gates), np.stack(cells), Wk)
    return np.stack(hidden), c, h, cache
