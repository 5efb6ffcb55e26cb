# Fill in the holes of lstm_forward.py; keep the names.
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
    # YOUR CODE HERE
    raise NotImplementedError("sigmoid")


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    # YOUR CODE HERE
    raise NotImplementedError("lstm_gates")


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    # YOUR CODE HERE
    raise NotImplementedError("lstm_step")


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind two things: a per-gate matrix reads [h; x], W reads
    [1, x, h]; and a per-gate matrix multiplies a column, W is multiplied by a
    row, so every part is transposed.
    """
    # YOUR CODE HERE
    raise NotImplementedError("pack_gates")


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero, but forget_bias in the forget gate's
    columns. A positive bias opens the gate: sigmoid(3) = 0.953 keeps 95 % of
    the cell per step, so a young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    # YOUR CODE HERE
    raise NotImplementedError("init_lstm")


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
    # YOUR CODE HERE
    raise NotImplementedError("lstm_forward")
