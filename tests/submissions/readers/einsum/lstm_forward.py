# Fill in the holes of lstm_forward.py; keep the names. (`nox -s sync` cuts this file.)
"""LSTM forward: from one gate to a batched sequence.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g

sigmoid, lstm_gates and lstm_step work on one example and one gate at a time, with
column vectors and one matrix per gate. pack_gates and init_lstm lay out all four
gates in one matrix, and lstm_forward runs a whole batch through it. NumPy only.
"""

import numpy as np


GATE_ORDER = ("i", "f", "o", "g")  # column blocks of W


def state_or_zeros(state, B, H):
    """A copy of state (b, h), or zeros."""
    if state is None:
        return np.zeros((B, H))
    return np.array(state, dtype=np.float64)


def affine(M, v, b):
    """M (k, r) times a column v (r, 1), plus b (k, 1)."""
    return np.einsum("kr,rc->kc", M, v) + b


def split_rows(W, D):
    """Bias (k,), input rows (d, k), recurrent rows (h, k)."""
    return W[0], W[1 : 1 + D], W[1 + D :]


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(np.array([3.0])) = [0.953]. No overflow warning, even
    at a = ±10000, where 0 and 1 themselves, or as good as, are fine.
    """
    # tanh never overflows: σ(a) = (1 + tanh(a/2)) / 2
    a = np.asarray(a, dtype=np.float64)
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    v = np.concatenate([h_prev, x], axis=0)  # (h + d, 1)
    f = sigmoid(affine(p["W_f"], v, p["b_f"]))
    i = sigmoid(affine(p["W_i"], v, p["b_i"]))
    g = np.tanh(affine(p["W_g"], v, p["b_g"]))
    o = sigmoid(affine(p["W_o"], v, p["b_o"]))
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind two things: a per-gate matrix reads [h; x], W reads
    [1, x, h]; and a per-gate matrix multiplies a column, W is multiplied by a
    row, so every part is transposed.
    """
    H = p["b_i"].shape[0]
    W = np.zeros((1 + D + H, 4, H))  # axes: row, gate, unit
    for k, name in enumerate(GATE_ORDER):
        per_gate = p["W_" + name]  # axes: unit, (h | d)
        W[0, k] = p["b_" + name][:, 0]
        W[1 : 1 + D, k] = np.einsum("kd->dk", per_gate[:, H:])
        W[1 + D :, k] = np.einsum("kh->hk", per_gate[:, :H])
    return W.reshape(1 + D + H, 4 * H)


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero, but forget_bias in the forget gate's
    columns. A positive bias opens the gate: sigmoid(3) = 0.953 keeps 95 % of
    the cell per step, so a young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.zeros((1 + D + H, 4 * H))
    W[1:] = rng.standard_normal((D + H, 4 * H)) / np.sqrt(D + H)
    W[0, H : 2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    a_t = [1, x_t, h_{t-1}] @ W
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o);   g_t = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t;   h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), W (R, 4H), c0 and h0 (B, H); None means zeros. T, B, D and H
    may be 1. Leave the arguments as they are; others still need them.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache:
    whatever your lstm_backward will need, in any form you like, even None for now.
    It is asked for anew before every backward, which may therefore use it up.
    """
    T, B, D = X.shape
    H = W.shape[1] // 4
    b, W_x, W_h = split_rows(W, D)
    # the part of every pre-activation that knows no past, for all t at once: (t, b, k)
    A_x = np.einsum("tbd,dk->tbk", X, W_x, optimize=True) + b
    C = np.zeros((T + 1, B, H))  # C[t] is the cell BEFORE step t
    S = np.zeros((T + 1, B, H))  # S[t] is the hidden state BEFORE step t
    C[0] = state_or_zeros(c0, B, H)
    S[0] = state_or_zeros(h0, B, H)
    gates = np.zeros((T, B, 4, H))  # axes: time, batch, gate i f o g, unit
    tanh_C = np.zeros((T, B, H))
    for t in range(T):
        A = (A_x[t] + S[t] @ W_h).reshape(B, 4, H)
        gates[t, :, :3] = sigmoid(A[:, :3])
        gates[t, :, 3] = np.tanh(A[:, 3])
        C[t + 1] = gates[t, :, 1] * C[t] + gates[t, :, 0] * gates[t, :, 3]
        tanh_C[t] = np.tanh(C[t + 1])
        S[t + 1] = gates[t, :, 2] * tanh_C[t]
    cache = {"X": X, "W": W, "C": C, "S": S, "gates": gates, "tanh_C": tanh_C}
    return S[1:].copy(), C[T].copy(), S[T].copy(), cache
