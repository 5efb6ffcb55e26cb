# Fill in the holes of lstm_backward.py; keep the names.
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
    # YOUR CODE HERE
    raise NotImplementedError("lstm_step_backward")


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    """Go back through a whole batch of sequences.

    dHout (T, B, H): gradient of the loss with respect to every Hout[t].
    cache: the fourth result of your lstm_forward.
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
    # YOUR CODE HERE
    raise NotImplementedError("lstm_backward")
