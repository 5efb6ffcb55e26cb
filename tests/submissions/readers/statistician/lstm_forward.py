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

from collections import namedtuple

import numpy as np


#: One step of the forward pass, for lstm_backward. `kept` is f ⊙ c_{t-1} and `loaded` is i ⊙ g.
Step = namedtuple("Step", "row i f o g kept loaded tanh_c h")
Cache = namedtuple("Cache", "W D H steps")


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(np.array([3.0])) = [0.953]. No overflow warning, even
    at a = ±10000, where 0 and 1 themselves, or as good as, are fine.
    """
    # On paper: log σ(a) = -log(e^0 + e^-a), the softplus in logaddexp's clothes.
    a = np.asarray(a, dtype=np.float64)
    log_s = -np.logaddexp(0.0, -a)
    return np.exp(log_s)


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    H = h_prev.shape[0]
    hx = np.concatenate([h_prev, x], axis=0)
    W_all = np.concatenate([p["W_f"], p["W_i"], p["W_o"], p["W_g"]], axis=0)
    b_all = np.concatenate([p["b_f"], p["b_i"], p["b_o"], p["b_g"]], axis=0)
    a_all = W_all @ hx + b_all
    a_gates, a_g = np.split(a_all, [3 * H], axis=0)
    f, i, o = np.split(sigmoid(a_gates), 3, axis=0)
    g = np.tanh(a_g)
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    kept = f * c_prev
    loaded = i * g
    c = kept + loaded
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
    H = p["W_f"].shape[0]
    columns = []
    for k in ("i", "f", "o", "g"):
        W_h, W_x = np.split(p["W_" + k], [H], axis=1)
        assert W_x.shape[1] == D
        bWxWh = np.concatenate([p["b_" + k], W_x, W_h], axis=1)  # (H, R), lying
        columns.append(bWxWh.T)
    W = np.concatenate(columns, axis=1)
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero, but forget_bias in the forget gate's
    columns. A positive bias opens the gate: sigmoid(3) = 0.953 keeps 95 % of
    the cell per step, so a young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    zero = np.zeros(H)
    bias_f = np.full(H, forget_bias, dtype=np.float64)
    bias = np.concatenate([zero, bias_f, zero, zero])[np.newaxis, :]
    spread = 1.0 / np.sqrt(D + H)
    weights = rng.normal(loc=0.0, scale=spread, size=(D + H, 4 * H))
    return np.concatenate([bias, weights], axis=0)


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
    h = np.zeros((B, H)) if h0 is None else h0
    c = np.zeros((B, H)) if c0 is None else c0
    ones = np.ones((B, 1))
    steps = []
    for x in X:
        c_prev = c
        row = np.concatenate([ones, x, h], axis=1)
        a = row @ W
        a_gates, a_g = np.split(a, [3 * H], axis=1)
        i, f, o = np.split(sigmoid(a_gates), 3, axis=1)
        g = np.tanh(a_g)
        kept = f * c_prev
        loaded = i * g
        c = kept + loaded
        tanh_c = np.tanh(c)
        h = o * tanh_c
        steps.append(Step(row, i, f, o, g, kept, loaded, tanh_c, h))
    Hout = np.stack([step.h for step in steps], axis=0)
    return Hout, c, h, Cache(W, D, H, steps)
