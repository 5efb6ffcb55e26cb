# Generated from solutions/lstm_forward.py by `nox -s sync`: fill it in, keep the names.
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
    x = np.asarray(a, dtype=float)
    big = np.maximum(x, 0)
    # e^x / (e^0 + e^x), everything divided by e^max(x, 0)
    return np.exp(x - big) / (np.exp(-big) + np.exp(x - big))


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh.
    """
    hx = np.vstack([h_prev, x])
    Wf, Wi, Wg, Wo = p["W_f"], p["W_i"], p["W_g"], p["W_o"]
    bf, bi, bg, bo = p["b_f"], p["b_i"], p["b_g"], p["b_o"]
    return sigmoid(Wf @ hx + bf), sigmoid(Wi @ hx + bi), np.tanh(Wg @ hx + bg), sigmoid(Wo @ hx + bo)


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1).
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind the order: a per-gate matrix reads [h; x], the packed
    matrix reads [1, x, h], and from the left instead of from the right.
    """
    H = p["b_i"].shape[0]
    W = np.zeros((1 + D + H, 4 * H))
    n = 0
    while n < 4:
        gate = "ifog"[n]
        W[0, n * H : (n + 1) * H] = p["b_" + gate].squeeze(1)
        W[1 : 1 + D, n * H : (n + 1) * H] = p["W_" + gate][:, H:].T
        W[1 + D :, n * H : (n + 1) * H] = p["W_" + gate][:, :H].T
        n += 1
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: normal / sqrt(D + H). Bias row: zero, except
    that forget_bias is added in the forget gate's columns. A positive bias
    opens the gate: sigmoid(3) = 0.953 keeps 95 % of the cell per step, so a
    young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0
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
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.zeros((T, B, H))
    cache = {}
    t = 0
    while t < T:
        row = np.hstack([np.ones((B, 1)), X[t], h])
        a = row @ W
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H : 2 * H])
        o = sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        cache[t] = (row, c, i, f, o, g)
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h, cache
