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
    half = np.asarray(a) / 2
    return np.exp(half - np.logaddexp(half, -half))


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh.
    """
    hx = np.vstack([h_prev, x])
    f, i, g, o = (p[f"W_{n}"] @ hx + p[f"b_{n}"] for n in "figo")
    return sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o)


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1).
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind the order: a per-gate matrix reads [h; x], the packed
    matrix reads [1, x, h], and from the left instead of from the right.
    """
    hidden = p["W_f"].shape[0]
    gates = []
    for n in "ifog":
        # roll the x columns to the front: [h | x] -> [x | h]
        rolled = np.roll(p[f"W_{n}"], D, axis=1)
        gates.append(np.insert(rolled, 0, p[f"b_{n}"][:, 0], axis=1))
    packed = np.concatenate(gates, axis=0).T
    assert packed.shape == (1 + D + hidden, 4 * hidden)
    return packed


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: normal / sqrt(D + H). Bias row: zero, except
    that forget_bias is added in the forget gate's columns. A positive bias
    opens the gate: sigmoid(3) = 0.953 keeps 95 % of the cell per step, so a
    young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
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
    h = h0 if h0 is not None else np.zeros((B, H))
    c = c0 if c0 is not None else np.zeros((B, H))
    Hout = []
    for t in range(T):
        a = W[0] + X[t] @ W[1 : D + 1] + h @ W[D + 1 :]
        a = a.reshape(B, 4, H)
        i, f, o = (sigmoid(a[:, k]) for k in range(3))
        g = np.tanh(a[:, 3])
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout.append(h)
    return np.stack(Hout), c, h
