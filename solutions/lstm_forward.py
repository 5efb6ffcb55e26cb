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


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(np.array([3.0])) = [0.953]. No overflow warning, even
    at a = ±10000, where 0 and 1 themselves, or as good as, are fine.
    """
    ### BEGIN SOLUTION
    # σ(a) = (1 + tanh(a / 2)) / 2, and tanh saturates where exp overflows
    return 0.5 * (1.0 + np.tanh(0.5 * a))
    ### END SOLUTION


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    ### BEGIN SOLUTION
    hx = np.vstack([h_prev, x])  # (H + D, 1)
    f = sigmoid(p["W_f"] @ hx + p["b_f"])
    i = sigmoid(p["W_i"] @ hx + p["b_i"])
    g = np.tanh(p["W_g"] @ hx + p["b_g"])
    o = sigmoid(p["W_o"] @ hx + p["b_o"])
    return f, i, g, o
    ### END SOLUTION


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    ### BEGIN SOLUTION
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c
    ### END SOLUTION


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind two things: a per-gate matrix reads [h; x], W reads
    [1, x, h]; and a per-gate matrix multiplies a column, W is multiplied by a
    row, so every part is transposed.
    """
    ### BEGIN SOLUTION
    H = p["W_i"].shape[1] - D
    columns = []
    for gate in "ifog":
        W_h, W_x = p[f"W_{gate}"][:, :H], p[f"W_{gate}"][:, H:]
        columns.append(np.vstack([p[f"b_{gate}"].T, W_x.T, W_h.T]))  # (R, H)
    return np.hstack(columns)
    ### END SOLUTION


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero, but forget_bias in the forget gate's
    columns. A positive bias opens the gate: sigmoid(3) = 0.953 keeps 95 % of
    the cell per step, so a young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    ### BEGIN SOLUTION
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    W[0, H : 2 * H] += forget_bias
    return W
    ### END SOLUTION


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    a_t = [1, x_t, h_{t-1}] @ W
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o);   g_t = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t;   h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), W (R, 4H), c0 and h0 (B, H); None means zeros. T, B, D and H
    may be 1. Leave the arguments as they are; others still need them.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache:
    whatever your lstm_backward will need, in any form you like, even None for now.
    It is asked for anew before every backward, which may therefore use it up;
    a later forward must not change it.
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    ones = np.ones((B, 1))
    Hout = np.empty((T, B, H))
    steps = []
    for t in range(T):
        row = np.hstack([ones, X[t], h])  # (B, R)
        a = row @ W  # (B, 4H)
        i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
        g = np.tanh(a[:, 3 * H :])
        c_prev = c
        # c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        # h_t = o_t ⊙ tanh(c_t)
        h = o * tanh_c
        Hout[t] = h
        steps.append((row, c_prev, i, f, o, g, tanh_c))
    cache = (W, steps)
    return Hout, c, h, cache
    ### END SOLUTION
