# Generated from solutions/lstm_backward.py by `nox -s sync`: fill it in, keep the names.
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

import math

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
    f, i, g, o = lstm_gates(x, h_prev, p)
    H, D = h_prev.shape[0], x.shape[0]
    grads = {}
    for name in p:
        grads[name] = np.zeros(p[name].shape)
    dx = np.zeros((D, 1))
    dh_prev = np.zeros((H, 1))
    dc_prev = np.zeros((H, 1))
    for u in range(H):
        fu, iu, gu, ou = float(f[u, 0]), float(i[u, 0]), float(g[u, 0]), float(o[u, 0])
        cp = float(c_prev[u, 0])
        tc = math.tanh(fu * cp + iu * gu)
        dct = float(dc[u, 0]) + float(dh[u, 0]) * ou * (1 - tc * tc)
        da = {
            "f": dct * cp * fu * (1 - fu),
            "i": dct * gu * iu * (1 - iu),
            "g": dct * iu * (1 - gu * gu),
            "o": float(dh[u, 0]) * tc * ou * (1 - ou),
        }
        dc_prev[u, 0] = dct * fu
        for k, d in da.items():
            Wk = p["W_" + k]
            grads["b_" + k][u, 0] = d
            for j in range(H):
                grads["W_" + k][u, j] = d * h_prev[j, 0]
                dh_prev[j, 0] += Wk[u, j] * d
            for j in range(D):
                grads["W_" + k][u, H + j] = d * x[j, 0]
                dx[j, 0] += Wk[u, H + j] * d
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
    T, B, D, H, gewicht, schritte = cache
    R = 1 + D + H
    dX = np.zeros((T, B, D))
    dc0 = np.zeros((B, H))
    dh0 = np.zeros((B, H))
    summe = [[0.0] * (4 * H) for _ in range(R)]

    # Die Zeilen des Batches wissen nichts voneinander: b aussen, t innen.
    for b in range(B):
        dc = [0.0] * H if dcn is None else [float(v) for v in dcn[b]]
        dh = [0.0] * H if dhn is None else [float(v) for v in dhn[b]]
        for t in range(T - 1, -1, -1):
            z, i, f, o, g, c_vor, tc = schritte[t][b]
            da = [0.0] * (4 * H)
            for u in range(H):
                dht = float(dHout[t, b, u]) + dh[u]
                dct = dc[u] + dht * o[u] * (1.0 - tc[u] ** 2)
                da[u] = dct * g[u] * i[u] * (1.0 - i[u])
                da[H + u] = dct * c_vor[u] * f[u] * (1.0 - f[u])
                da[2 * H + u] = dht * tc[u] * o[u] * (1.0 - o[u])
                da[3 * H + u] = dct * i[u] * (1.0 - g[u] ** 2)
                dc[u] = dct * f[u]
            for r in range(R):
                zurueck = 0.0
                for s in range(4 * H):
                    summe[r][s] += z[r] * da[s]
                    zurueck += da[s] * gewicht[r][s]
                if r == 0:
                    pass                       # die 1 braucht keinen Gradienten
                elif r <= D:
                    dX[t, b, r - 1] = zurueck
                else:
                    dh[r - 1 - D] = zurueck    # das alte dh ist oben schon verbraucht
        for u in range(H):
            dc0[b, u] = dc[u]
            dh0[b, u] = dh[u]
    return dX, np.array(summe), dc0, dh0
