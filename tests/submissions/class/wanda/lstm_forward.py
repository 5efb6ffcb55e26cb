# Wanda K.
"""LSTM forward: from one gate to a batched sequence.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g

The first three functions work on one example and one gate at a time, with
column vectors and one matrix per gate. The last three do the same for a whole
batch with all four gates in one packed matrix. NumPy only.
"""

import numpy as np


def sigmoid(a):
    """Squash a into (0, 1) without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(3.0) = 0.953. No NumPy warning, even at a = ±10000.
    """
    a = np.asarray(a, dtype=float)
    return (np.tanh(a / 2) + 1) / 2


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh.
    """
    stacked = np.concatenate([h_prev, x])
    pre = {gate: p[f"W_{gate}"] @ stacked + p[f"b_{gate}"] for gate in ["f", "i", "g", "o"]}
    return sigmoid(pre["f"]), sigmoid(pre["i"]), np.tanh(pre["g"]), sigmoid(pre["o"])


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1).
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    new_cell = f * c_prev + i * g
    new_hidden = o * np.tanh(new_cell)
    return new_hidden, new_cell


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind the order: a per-gate matrix reads [h; x], the packed
    matrix reads [1, x, h], and from the left instead of from the right.
    """
    def block(gate):
        from_h = p[f"W_{gate}"][:, : p[f"W_{gate}"].shape[1] - D]
        from_x = p[f"W_{gate}"][:, p[f"W_{gate}"].shape[1] - D :]
        return np.concatenate([p[f"b_{gate}"], from_x, from_h], axis=1).T

    return np.concatenate([block("i"), block("f"), block("o"), block("g")], axis=1)


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: normal / sqrt(D + H). Bias row: zero, except
    that forget_bias is added in the forget gate's columns. A positive bias
    opens the gate: sigmoid(3) = 0.953 keeps 95 % of the cell per step, so a
    young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.zeros((1 + D + H, 4 * H))
    W[1:] = rng.standard_normal((D + H, 4 * H)) / np.sqrt(D + H)
    W[0, H : 2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    a_t = [1, x_t, h_{t-1}] @ W
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o);   g_t = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t;   h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), W (R, 4H), c0 and h0 (B, H); None means zeros.
    Returns Hout (T, B, H), cn (B, H), hn (B, H) and cache: whatever your
    lstm_backward will need, in any form you like.
    """
    T, B, D = X.shape
    H = W.shape[1] // 4
    cell = np.zeros((B, H)) if c0 is None else c0.copy()
    hidden = np.zeros((B, H)) if h0 is None else h0.copy()
    Hout = np.zeros((T, B, H))
    cache = []
    for t in range(T):
        row = np.concatenate([np.ones((B, 1)), X[t], hidden], axis=1)
        a = row @ W
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H : 2 * H])
        o = sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        cache.append((row, cell, i, f, o, g))
        cell = f * cell + i * g
        # the cell is a sum and can grow without limit, this keeps tanh(cell)
        # where it is not flat and the gradient alive
        cell = np.clip(cell, -0.5, 0.5)
        hidden = o * np.tanh(cell)
        Hout[t] = hidden
    cache.append(W)
    return Hout, cell, hidden, cache
