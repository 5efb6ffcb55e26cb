# Fill in the holes of gru.py; keep the names. (`nox -s sync` cuts this file.)
"""GRU: two gates, no separate cell, and one equation people still argue about.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), state h (B, H), everything float64
    W (R, 3H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns z | r | n

z is the update gate, r the reset gate, n the candidate. In this course z
overwrites: z = 0 keeps the old state, z = 1 replaces it. This file needs no
other exercise. What it leaves out: the gradient of gru_forward_after. NumPy only.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Step:
    """What one step of gru_forward leaves for gru_backward."""

    row: np.ndarray  # [1, x, h_prev]
    row_n: np.ndarray  # [1, x, r ⊙ h_prev]
    h_prev: np.ndarray
    z: np.ndarray
    r: np.ndarray
    n: np.ndarray


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    a = np.asarray(a, dtype=np.float64)
    log_s = -np.logaddexp(0.0, -a)
    return np.exp(log_s)


def init_gru(D, H, rng):
    """Draw initial weights W (R, 3H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    bias = np.zeros((1, 3 * H))
    spread = 1.0 / np.sqrt(D + H)
    weights = rng.normal(loc=0.0, scale=spread, size=(D + H, 3 * H))
    return np.concatenate([bias, weights], axis=0)


def gru_forward(X, W, h0=None):
    """Run the GRU over a batch of sequences; reset before the product.

    z_t = σ([1, x_t, h_{t-1}] @ W_z)
    r_t = σ([1, x_t, h_{t-1}] @ W_r)
    n_t = tanh([1, x_t, r_t ⊙ h_{t-1}] @ W_n)
    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ n_t

    W_z, W_r, W_n (R, H) are the three blocks of columns of W.

    X (T, B, D), W (R, 3H), h0 (B, H); None means zeros. T, B, D and H may be 1.
    Leave the arguments as they are; others still need them.
    Returns Hout (T, B, H), hn (B, H), in this order, and cache: whatever your
    gru_backward will need.
    """
    T, B, D = X.shape
    H = W.shape[1] // 3
    W_zr, W_n = np.split(W, [2 * H], axis=1)
    ones = np.ones((B, 1))
    h = np.zeros((B, H)) if h0 is None else h0
    steps, hs = [], []
    for x in X:
        h_prev = h
        one_x = np.concatenate([ones, x], axis=1)
        row = np.concatenate([one_x, h_prev], axis=1)
        z, r = np.split(sigmoid(row @ W_zr), 2, axis=1)
        row_n = np.concatenate([one_x, r * h_prev], axis=1)
        n = np.tanh(row_n @ W_n)
        h = h_prev + z * (n - h_prev)  # a step of size z towards n
        steps.append(Step(row, row_n, h_prev, z, r, n))
        hs.append(h)
    Hout = np.stack(hs, axis=0)
    return Hout, h, (W_zr, W_n, D, H, steps)


def gru_backward(dHout, cache, dhn=None):
    """Carry a gradient back through gru_forward.

    The loss is any number made of Hout and hn: dHout (T, B, H) is its gradient
    with respect to every h_t as it stands in Hout, dhn (B, H) the one with
    respect to hn; None means zeros. cache is what your own gru_forward returned.

    Going back from t = T-1 to 0, with dh the whole gradient of h_t:

    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ n_t    gives dz, dn and a first share of dh_{t-1}
    n_t = tanh(a_n)                          gives da_n
    r_t ⊙ h_{t-1}, inside a_n                gives dr and a second share
    z_t = σ(a_z), r_t = σ(a_r)               give da_z, da_r, and two more shares

    Leave the arguments as they are.
    Returns dX (T, B, D), dW (R, 3H), dh0 (B, H), in this order.
    """
    # My derivation, from h = h' + z (n - h'):
    #   dn = z dh,  d a_z = (n - h') z (1 - z) dh,  straight on: (1 - z) dh
    #   q = r h' stands in row_n; dq reaches h' as r dq, and a_r as (h' dq) r (1 - r) = q dq (1 - r)
    W_zr, W_n, D, H, steps = cache
    dh = np.zeros(dHout.shape[1:]) if dhn is None else dhn
    cut = [1, 1 + D]
    das_zr, das_n, dXs = [], [], []
    for s, dh_here in zip(reversed(steps), reversed(dHout)):
        dh_t = dh_here + dh
        da_n = dh_t * s.z * (1.0 - s.n) * (1.0 + s.n)
        _, dx_n, dq = np.split(da_n @ W_n.T, cut, axis=1)
        q = s.r * s.h_prev
        da_z = dh_t * (s.n - s.h_prev) * s.z * (1.0 - s.z)
        da_r = dq * q * (1.0 - s.r)
        da_zr = np.concatenate([da_z, da_r], axis=1)
        _, dx_zr, dh_zr = np.split(da_zr @ W_zr.T, cut, axis=1)
        straight = dh_t * (1.0 - s.z)
        dh = straight + dq * s.r + dh_zr
        das_zr.append(da_zr)
        das_n.append(da_n)
        dXs.append(dx_n + dx_zr)
    rows = np.concatenate([s.row for s in reversed(steps)], axis=0)
    rows_n = np.concatenate([s.row_n for s in reversed(steps)], axis=0)
    dW_zr = rows.T @ np.concatenate(das_zr, axis=0)
    dW_n = rows_n.T @ np.concatenate(das_n, axis=0)
    dW = np.concatenate([dW_zr, dW_n], axis=1)
    dX = np.stack(dXs[::-1], axis=0)
    return dX, dW, dh


def gru_forward_after(X, W, b_hn, h0=None):
    """Run the other GRU: reset after the product, as PyTorch and cuDNN do.

    z_t and r_t as in gru_forward, and so is h_t; only the candidate differs:

    n_t = tanh(b_n + x_t @ W_xn + r_t ⊙ (h_{t-1} @ W_hn + b_hn))

    b_n, W_xn, W_hn are the bias, input and recurrent rows of n's columns. The
    recurrent product gets a bias of its own, b_hn (H,), inside the reset.

    X (T, B, D), W (R, 3H), h0 (B, H); None means zeros.
    Returns Hout (T, B, H), hn (B, H), cache; the cache may be None.
    """
    T, B, D = X.shape
    H = W.shape[1] // 3
    W_in, W_rec = np.split(W, [1 + D], axis=0)  # [1, x] part and h part
    no_bias = np.zeros(2 * H)
    b_rec = np.concatenate([no_bias, np.reshape(b_hn, H)])
    ones = np.ones((B, 1))
    h = np.zeros((B, H)) if h0 is None else h0
    hs = []
    for x in X:
        from_x = np.concatenate([ones, x], axis=1) @ W_in
        from_h = h @ W_rec + b_rec
        x_zr, x_n = np.split(from_x, [2 * H], axis=1)
        h_zr, h_n = np.split(from_h, [2 * H], axis=1)
        z, r = np.split(sigmoid(x_zr + h_zr), 2, axis=1)
        n = np.tanh(x_n + r * h_n)
        h = h + z * (n - h)
        hs.append(h)
    Hout = np.stack(hs, axis=0)
    return Hout, h, None


def to_torch_gru(W, b_hn):
    """Translate the weights of gru_forward_after for torch.nn.GRU.

    PyTorch multiplies from the other side, stacks its rows r, z, n, and its z
    keeps where ours overwrites:

    r = σ(W_ir x + b_ir + W_hr h + b_hr)
    z = σ(W_iz x + b_iz + W_hz h + b_hz)
    n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
    h' = (1 - z) ⊙ n + z ⊙ h

    W (R, 3H), b_hn (H,). Returns a dict: weight_ih (3H, D), weight_hh (3H, H),
    bias_ih (3H,), bias_hh (3H,), each stacked r, z, n from top to bottom.
    How you share the biases of r and z between the last two is up to you.
    """
    # 1 - σ(a) = σ(-a): everything of z changes its sign, whatever PyTorch keeps we overwrite.
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    z, r, n = np.split(W, 3, axis=1)
    stacked = np.concatenate([r, -z, n], axis=1)
    bias, inputs, recurrent = np.split(stacked, [1, 1 + D], axis=0)
    none = np.zeros(2 * H)
    return {
        "weight_ih": inputs.T.copy(),
        "weight_hh": recurrent.T.copy(),
        "bias_ih": bias[0].copy(),
        "bias_hh": np.concatenate([none, b_hn]),
    }


def count_parameters(D, H, cell):
    """Count the entries of W, biases included, for a cell of the course.

    cell: "rnn", "lstm" or "gru". Returns an int.
    Worked number: count_parameters(3, 5, "gru") = 135.
    """
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}
    rows = 1 + D + H
    columns = blocks[cell] * H
    return rows * columns
