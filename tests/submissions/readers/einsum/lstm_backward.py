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


def upstream_or_zeros(d, B, H):
    """A copy of d (b, h), or zeros."""
    if d is None:
        return np.zeros((B, H))
    return np.array(d, dtype=np.float64)


def slope_sigmoid(s):
    """σ' from the output s."""
    return s * (1.0 - s)


def slope_tanh(t):
    """tanh' from the output t."""
    return 1.0 - t * t


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
    H = h_prev.shape[0]
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dc_t = dc + dh * o * slope_tanh(tanh_c)
    da = {
        "f": dc_t * c_prev * slope_sigmoid(f),
        "i": dc_t * g * slope_sigmoid(i),
        "g": dc_t * i * slope_tanh(g),
        "o": dh * tanh_c * slope_sigmoid(o),
    }
    v = np.concatenate([h_prev, x], axis=0)  # (h + d, 1)
    dv = np.zeros(v.shape)
    grads = {}
    for k in da:
        grads["W_" + k] = np.einsum("kc,rc->kr", da[k], v)
        grads["b_" + k] = da[k].copy()
        dv += np.einsum("kr,kc->rc", p["W_" + k], da[k])
    return dv[H:], dv[:H], dc_t * f, grads


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
    X, W, C, S = cache["X"], cache["W"], cache["C"], cache["S"]
    gates, tanh_C = cache["gates"], cache["tanh_C"]
    T, B, D = X.shape
    H = W.shape[1] // 4
    W_x, W_h = W[1 : 1 + D], W[1 + D :]
    dA = np.zeros((T, B, 4, H))  # axes: time, batch, gate i f o g, unit
    dc = upstream_or_zeros(dcn, B, H)
    dh = upstream_or_zeros(dhn, B, H)
    for t in range(T - 1, -1, -1):
        i, f, o, g = gates[t, :, 0], gates[t, :, 1], gates[t, :, 2], gates[t, :, 3]
        dh_t = dHout[t] + dh
        dc_t = dc + dh_t * o * slope_tanh(tanh_C[t])
        dA[t, :, 0] = dc_t * g * slope_sigmoid(i)
        dA[t, :, 1] = dc_t * C[t] * slope_sigmoid(f)
        dA[t, :, 2] = dh_t * tanh_C[t] * slope_sigmoid(o)
        dA[t, :, 3] = dc_t * i * slope_tanh(g)
        dh = dA[t].reshape(B, 4 * H) @ W_h.T
        dc = dc_t * f
    # everything that is no recursion, for all t at once
    dA = dA.reshape(T, B, 4 * H)
    dX = np.einsum("tbk,dk->tbd", dA, W_x, optimize=True)
    dW = np.zeros(W.shape)
    dW[0] = np.einsum("tbk->k", dA)
    dW[1 : 1 + D] = np.einsum("tbd,tbk->dk", X, dA, optimize=True)
    dW[1 + D :] = np.einsum("tbh,tbk->hk", S[:T], dA, optimize=True)
    return dX, dW, dc, dh
