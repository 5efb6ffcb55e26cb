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
    # My derivation. Every gate multiplies something, so a gradient with respect to its
    # pre-activation is the *product it made*, times its complement (d log σ(a)/da = 1 - σ(a)):
    #   c = kept + loaded,  kept = f c_prev, d kept/da_f = kept (1 - f),  d loaded/da_i = loaded (1 - i)
    #   h = o tanh c,       dh/da_o = h (1 - o);     d loaded/da_g = i (1 - g)(1 + g)
    f, i, g, o = lstm_gates(x, h_prev, p)
    kept = f * c_prev
    loaded = i * g
    tanh_c = np.tanh(kept + loaded)
    h = o * tanh_c

    via_h = dh * o * (1.0 - tanh_c) * (1.0 + tanh_c)
    dc_all = dc + via_h
    da = {
        "f": dc_all * kept * (1.0 - f),
        "i": dc_all * loaded * (1.0 - i),
        "g": dc_all * i * (1.0 - g) * (1.0 + g),
        "o": dh * h * (1.0 - o),
    }

    H = h_prev.shape[0]
    hx = np.concatenate([h_prev, x], axis=0)
    order = ("f", "i", "g", "o")
    da_all = np.concatenate([da[k] for k in order], axis=0)
    W_all = np.concatenate([p["W_" + k] for k in order], axis=0)
    dW_all = np.split(da_all @ hx.T, 4, axis=0)
    dhx = W_all.T @ da_all
    dh_prev, dx = np.split(dhx, [H], axis=0)
    dc_prev = dc_all * f

    grads = {}
    for k, dW_k in zip(order, dW_all):
        grads["W_" + k] = dW_k
        grads["b_" + k] = da[k]
    return dx, dh_prev, dc_prev, grads


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
    W, D, H, steps = cache
    dh = np.zeros(dHout.shape[1:]) if dhn is None else dhn
    dc = np.zeros(dHout.shape[1:]) if dcn is None else dcn
    das = []
    dXs = []
    for s, dh_here in zip(reversed(steps), reversed(dHout)):
        dh_t = dh_here + dh
        via_h = dh_t * s.o * (1.0 - s.tanh_c) * (1.0 + s.tanh_c)
        dc_t = dc + via_h
        da_i = dc_t * s.loaded * (1.0 - s.i)
        da_f = dc_t * s.kept * (1.0 - s.f)
        da_o = dh_t * s.h * (1.0 - s.o)
        da_g = dc_t * s.i * (1.0 - s.g) * (1.0 + s.g)
        da = np.concatenate([da_i, da_f, da_o, da_g], axis=1)
        drow = da @ W.T
        _, dx, dh = np.split(drow, [1, 1 + D], axis=1)
        dc = dc_t * s.f
        das.append(da)
        dXs.append(dx)
    # One regression-like cross-product over all steps and sequences: rows^T @ das.
    all_rows = np.concatenate([s.row for s in reversed(steps)], axis=0)
    all_das = np.concatenate(das, axis=0)
    dW = all_rows.T @ all_das
    dX = np.stack(dXs[::-1], axis=0)
    return dX, dW, dc, dh
