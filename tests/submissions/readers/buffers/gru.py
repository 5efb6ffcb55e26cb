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

import numpy as np


class GRULayer:
    """One run over a batch: every buffer is made once, the steps write into them."""

    def __init__(self, X, W, h0):
        self.T, self.B, self.D = X.shape
        self.H = W.shape[1] // 3
        T, B, D, H = self.T, self.B, self.D, self.H
        self.W = W
        self.rows = np.empty((T, B, 1 + D + H))
        self.rows[:, :, 0] = 1.0
        self.rows[:, :, 1 : 1 + D] = X
        self.cand = self.rows.copy()
        self.ZR = np.empty((T, B, 2 * H))
        self.N = np.empty((T, B, H))
        self.Hs = np.zeros((T + 1, B, H))
        if h0 is not None:
            self.Hs[0] = h0

    def gates(self, t):
        """Compute z and r of step t, and return views of them."""
        H = self.H
        self.rows[t, :, 1 + self.D :] = self.Hs[t]
        np.matmul(self.rows[t], self.W[:, : 2 * H], out=self.ZR[t])
        self.ZR[t] = sigmoid(self.ZR[t])
        return self.ZR[t][:, :H], self.ZR[t][:, H:]

    def mix(self, t, z):
        """Write h of index t + 1."""
        np.subtract(1.0, z, out=self.Hs[t + 1])
        np.multiply(self.Hs[t + 1], self.Hs[t], out=self.Hs[t + 1])
        np.add(self.Hs[t + 1], z * self.N[t], out=self.Hs[t + 1])

    def step(self, t):
        """Reset before the product."""
        z, r = self.gates(t)
        np.multiply(r, self.Hs[t], out=self.cand[t, :, 1 + self.D :])
        np.matmul(self.cand[t], self.W[:, 2 * self.H :], out=self.N[t])
        np.tanh(self.N[t], out=self.N[t])
        self.mix(t, z)

    def step_after(self, t, b_hn):
        """Reset after the product."""
        D, H = self.D, self.H
        z, r = self.gates(t)
        W_n = self.W[:, 2 * H :]
        np.matmul(self.Hs[t], W_n[1 + D :], out=self.N[t])
        np.add(self.N[t], b_hn, out=self.N[t])
        np.multiply(self.N[t], r, out=self.N[t])
        np.add(self.N[t], self.rows[t, :, : 1 + D] @ W_n[: 1 + D], out=self.N[t])
        np.tanh(self.N[t], out=self.N[t])
        self.mix(t, z)


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    s = np.asarray(a, dtype=np.float64) * 0.5
    s = np.atleast_1d(s) if s.ndim == 0 else s
    np.tanh(s, out=s)
    np.add(s, 1.0, out=s)
    np.multiply(s, 0.5, out=s)
    return s.reshape(np.shape(a))


def init_gru(D, H, rng):
    """Draw initial weights W (R, 3H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.zeros((1 + D + H, 3 * H))
    np.divide(rng.standard_normal((D + H, 3 * H)), np.sqrt(D + H), out=W[1:])
    return W


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
    layer = GRULayer(X, W, h0)
    for t in range(layer.T):
        layer.step(t)
    return layer.Hs[1:].copy(), layer.Hs[-1].copy(), layer


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
    layer = cache
    T, B, D, H = layer.T, layer.B, layer.D, layer.H
    W = layer.W
    dX = np.empty((T, B, D))
    dW = np.zeros((1 + D + H, 3 * H))
    dh = np.zeros((B, H))
    if dhn is not None:
        dh[...] = dhn
    da = np.empty((B, 3 * H), dtype=np.float32)
    drow = np.empty((B, 1 + D + H))
    dcand = np.empty((B, 1 + D + H))
    for t in reversed(range(T)):
        np.add(dh, dHout[t], out=dh)
        h, n = layer.Hs[t], layer.N[t]
        z, r = layer.ZR[t][:, :H], layer.ZR[t][:, H:]
        np.multiply(dh * z, 1.0 - n * n, out=da[:, 2 * H :])
        np.multiply(dh * (n - h), z * (1.0 - z), out=da[:, :H])
        np.matmul(da[:, 2 * H :], W[:, 2 * H :].T, out=dcand)
        drh = dcand[:, 1 + D :]
        np.multiply(drh * h, r * (1.0 - r), out=da[:, H : 2 * H])
        np.matmul(da[:, : 2 * H], W[:, : 2 * H].T, out=drow)
        dW[:, : 2 * H] += layer.rows[t].T @ da[:, : 2 * H]
        dW[:, 2 * H :] += layer.cand[t].T @ da[:, 2 * H :]
        np.add(drow[:, 1 : 1 + D], dcand[:, 1 : 1 + D], out=dX[t])
        np.multiply(dh, 1.0 - z, out=dh)
        np.add(dh, drh * r, out=dh)
        np.add(dh, drow[:, 1 + D :], out=dh)
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
    layer = GRULayer(X, W, h0)
    for t in range(layer.T):
        layer.step_after(t, b_hn)
    return layer.Hs[1:].copy(), layer.Hs[-1].copy(), None


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
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    z, r, n = W[:, :H], W[:, H : 2 * H], W[:, 2 * H :]
    rows = np.concatenate([r, -z, n], axis=1)
    bias_hh = np.zeros(3 * H)
    bias_hh[2 * H :] = b_hn
    return {
        "weight_ih": rows[1 : 1 + D].reshape(3 * H, D),
        "weight_hh": rows[1 + D :].reshape(3 * H, H),
        "bias_ih": rows[0].copy(),
        "bias_hh": bias_hh,
    }


def count_parameters(D, H, cell):
    """Count the entries of W, biases included, for a cell of the course.

    cell: "rnn", "lstm" or "gru". Returns an int.
    Worked number: count_parameters(3, 5, "gru") = 135.
    """
    blocks = {"rnn": 1, "lstm": 4, "gru": 3}[cell]
    return (1 + D + H) * blocks * H
