# Fill in the holes of lstm_backward.py; keep the names. (`nox -s sync` cuts this file.)
"""LSTM backward: back-propagation through time, by hand.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g
    d... = gradient of the scalar loss with respect to ..., of the same shape

The forward is your own, from lstm_forward.py; lstm_backward gets the cache it
returned. Change what goes into that cache as you like. NumPy only.
"""

import numpy as np

from lstm_forward import lstm_gates


class BackwardRun:
    """One walk back over a batch; the gradients pile up in preallocated arrays."""

    def __init__(self, dHout, layer, dcn, dhn):
        T, B, D, H = layer.T, layer.B, layer.D, layer.H
        self.layer, self.dHout = layer, dHout
        self.dX = np.empty((T, B, D))
        self.dW = np.zeros((1 + D + H, 4 * H))
        self.dc = np.zeros((B, H))
        self.dh = np.zeros((B, H))
        if dcn is not None:
            self.dc[...] = dcn
        if dhn is not None:
            self.dh[...] = dhn
        self.da = np.empty((B, 4 * H))
        self.slope = np.empty((B, H))
        self.drow = np.empty((B, 1 + D + H))
        self.part = np.empty_like(self.dW)

    def step(self, t):
        """Go from the gradients behind step t to those before it."""
        layer, da, slope = self.layer, self.da, self.slope
        D, H = layer.D, layer.H
        i, f, o, g = layer.split(t)
        tanh_c = layer.tanh_c[t]
        np.add(self.dh, self.dHout[t], out=self.dh)
        np.multiply(tanh_c, tanh_c, out=slope)
        np.subtract(1.0, slope, out=slope)
        np.multiply(slope, o, out=slope)
        np.multiply(slope, self.dh, out=slope)
        np.add(self.dc, slope, out=self.dc)

        da[:, :H] = self.dc * g
        da[:, H : 2 * H] = self.dc * layer.C[t]
        da[:, 2 * H : 3 * H] = self.dh * tanh_c
        da[:, 3 * H :] = self.dc * i
        gates = layer.gates[t][:, : 3 * H]
        np.multiply(da[:, : 3 * H], gates * (1.0 - gates), out=da[:, : 3 * H])
        np.multiply(da[:, 3 * H :], 1.0 - g * g, out=da[:, 3 * H :])

        np.matmul(layer.rows[t].T, da, out=self.part)
        np.add(self.dW, self.part, out=self.dW)
        np.matmul(da, layer.W.T, out=self.drow)
        self.dX[t] = self.drow[:, 1 : 1 + D]
        np.clip(self.drow[:, 1 + D :], -5.0, 5.0, out=self.dh)
        np.multiply(self.dc, f, out=self.dc)


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    """Go one step back, for one example, one gate at a time.

    dh (H, 1): gradient of this step's h, whatever it came from.
    dc (H, 1): gradient of this step's c, as far as it came from step t+1; the
        path from h_t back into c_t is yours to add.
    x (D, 1), h_prev and c_prev (H, 1), and p (the W_k and b_k of lstm_gates):
        what the step was called with. Compute the gates anew.

    c_t = f ⊙ c_{t-1} + i ⊙ g        h_t = o ⊙ tanh(c_t)

    Returns dx (D, 1), dh_prev (H, 1), dc_prev (H, 1), and grads: a dict with
    the keys of p, each of the shape it has in p.
    Worked number (D = H = 1, the handout's toy cell): dh = 1 and dc = 0 give
    dc_prev = 0.545.
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dc_t = dc + dh * o * (1 - tanh_c**2)
    da = {
        "f": dc_t * c_prev * f * (1 - f),
        "i": dc_t * g * i * (1 - i),
        "g": dc_t * i * (1 - g**2),
        "o": dh * tanh_c * o * (1 - o),
    }
    H = h_prev.shape[0]
    z = np.concatenate([h_prev, x], axis=0)
    dz = np.zeros_like(z)
    grads = {name: np.zeros_like(w) for name, w in p.items()}
    for k, d in da.items():
        np.matmul(d, z.T, out=grads["W_" + k])
        np.add(grads["b_" + k], d.sum(axis=0), out=grads["b_" + k])
        np.add(dz, p["W_" + k].T @ d, out=dz)
    return dz[H:], dz[:H], dc_t * f, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    """Go back through a whole batch of sequences.

    dHout (T, B, H): gradient of the loss with respect to every Hout[t].
    cache: what your lstm_forward returned last.
    dcn, dhn (B, H): gradients of cn and hn; None means zeros. hn is also
        Hout[T-1], so what arrives there is the sum of both.

    For t = T-1 ... 0, with dc and dh carried from step t+1:
        dh_t = dHout_t + dh           dc_t = dc + dh_t ⊙ o_t ⊙ (1 - tanh²(c_t))
        da_i = dc_t ⊙ g ⊙ i (1 - i)   da_f = dc_t ⊙ c_{t-1} ⊙ f (1 - f)
        da_o = dh_t ⊙ tanh(c_t) ⊙ o (1 - o)     da_g = dc_t ⊙ i ⊙ (1 - g²)
        dW += [1, x_t, h_{t-1}]^T @ da          [., dx_t, dh] = da @ W^T
        dc = dc_t ⊙ f_t

    Returns dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H), in this order.
    Leave dHout, dcn and dhn as they are; others still need them.
    """
    run = BackwardRun(dHout, cache, dcn, dhn)
    for t in reversed(range(cache.T)):
        run.step(t)
    return run.dX, run.dW, run.dc, run.dh
