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


class LSTMLayer:
    """One run over a batch: every buffer is made once, the steps write into them."""

    def __init__(self, X, W):
        self.T, self.B, self.D = X.shape
        self.H = W.shape[1] // 4
        T, B, D, H = self.T, self.B, self.D, self.H
        self.W = W
        self.rows = np.empty((T, B, 1 + D + H))
        self.rows[:, :, 0] = 1.0
        self.rows[:, :, 1 : 1 + D] = X
        self.gates = np.empty((T, B, 4 * H))
        self.C = np.zeros((T + 1, B, H))
        self.Hs = np.zeros((T + 1, B, H))
        self.tanh_c = np.empty((T, B, H))
        self.work = np.empty((B, H))

    def start(self, c0, h0):
        """Set the states before the first step; None leaves zeros."""
        if c0 is not None and h0 is not None:
            self.C[0] = c0
            self.Hs[0] = h0

    def split(self, t):
        """Return views of i, f, o, g at step t."""
        H = self.H
        return [self.gates[t][:, k * H : (k + 1) * H] for k in range(4)]

    def step(self, t):
        """Go from the states at index t to those at index t + 1."""
        H = self.H
        self.rows[t, :, 1 + self.D :] = self.Hs[t]
        a = self.gates[t]
        np.matmul(self.rows[t], self.W, out=a)
        a[:, : 3 * H] = sigmoid(a[:, : 3 * H])
        np.tanh(a[:, 3 * H :], out=a[:, 3 * H :])
        i, f, o, g = self.split(t)
        np.multiply(f, self.C[t], out=self.C[t + 1])
        np.multiply(i, g, out=self.work)
        np.add(self.C[t + 1], self.work, out=self.C[t + 1])
        np.tanh(self.C[t + 1], out=self.tanh_c[t])
        np.multiply(o, self.tanh_c[t], out=self.Hs[t + 1])


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(np.array([3.0])) = [0.953]. No overflow warning, even
    at a = ±10000, where 0 and 1 themselves, or as good as, are fine.
    """
    s = np.asarray(a, dtype=np.float64) * 0.5
    s = np.atleast_1d(s) if s.ndim == 0 else s
    np.tanh(s, out=s)
    np.add(s, 1.0, out=s)
    np.multiply(s, 0.5, out=s)
    return s.reshape(np.shape(a))


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    z = np.concatenate([h_prev, x], axis=0)
    f = sigmoid(p["W_f"] @ z + p["b_f"])
    i = sigmoid(p["W_i"] @ z + p["b_i"])
    g = np.tanh(p["W_g"] @ z + p["b_g"])
    o = sigmoid(p["W_o"] @ z + p["b_o"])
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = np.multiply(f, c_prev)
    np.add(c, np.multiply(i, g), out=c)
    h = np.tanh(c)
    np.multiply(h, o, out=h)
    return h, c


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H).

    p as in lstm_gates, D = number of input features.
    Rows of W: bias, then D input rows, then H recurrent rows. Columns:
    i | f | o | g. Mind two things: a per-gate matrix reads [h; x], W reads
    [1, x, h]; and a per-gate matrix multiplies a column, W is multiplied by a
    row, so every part is transposed.
    """
    H = p["b_f"].shape[0]
    W = np.empty((1 + D + H, 4 * H))
    for k, name in enumerate("ifog"):
        cols = slice(k * H, (k + 1) * H)
        W[0, cols] = p["b_" + name][:, 0]
        W[1 : 1 + D, cols] = p["W_" + name][:, H:].T
        W[1 + D :, cols] = p["W_" + name][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero, but forget_bias in the forget gate's
    columns. A positive bias opens the gate: sigmoid(3) = 0.953 keeps 95 % of
    the cell per step, so a young LSTM remembers.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.zeros((1 + D + H, 4 * H))
    k = 1.0 / np.sqrt(H)
    W[1:] = rng.uniform(-k, k, (D + H, 4 * H))
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
    layer = LSTMLayer(X, W)
    layer.start(c0, h0)
    for t in range(layer.T):
        layer.step(t)
    return layer.Hs[1:].copy(), layer.C[-1].copy(), layer.Hs[-1].copy(), layer
