# Generated from solutions/lstm_forward.py by `nox -s sync`: fill it in, keep the names.
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

import math

import numpy as np


# Ich rechne alles Zahl fuer Zahl. Langsam, aber ich verstehe jede Zeile.

def sig(z):
    """Sigmoid einer einzelnen Zahl. Der Exponent ist nie positiv."""
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing.

    σ(a) = 1 / (1 + e^-a)

    a: array of any shape. Returns an array of the same shape.
    Worked number: sigmoid(np.array([3.0])) = [0.953]. No NumPy warning, even at
    a = ±10000, where exactly 0 and exactly 1 are fine.
    """
    a = np.asarray(a, dtype=np.float64)
    out = np.empty(a.shape)
    for wo in np.ndindex(a.shape):
        out[wo] = sig(float(a[wo]))
    return out


def lstm_gates(x, h_prev, p):
    """Compute the three gates and the candidate for one example.

    x (D, 1), h_prev (H, 1)
    p: dict of W_f, W_i, W_g, W_o, each (H, H + D), and b_f, b_i, b_g, b_o,
       each (H, 1). Each W acts on the column [h_prev; x]: h_prev on top.

    Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, the
    candidate g through tanh. (Careful: the columns of W have another order.)
    """
    H = h_prev.shape[0]
    D = x.shape[0]
    ergebnis = []
    for k in "figo":
        W = p["W_" + k]
        b = p["b_" + k]
        gate = np.zeros((H, 1))
        for u in range(H):
            s = float(b[u, 0])
            for j in range(H):
                s += W[u, j] * h_prev[j, 0]      # h liegt oben ...
            for j in range(D):
                s += W[u, H + j] * x[j, 0]       # ... x darunter
            if k == "g":
                gate[u, 0] = math.tanh(s)
            else:
                gate[u, 0] = sig(s)
        ergebnis.append(gate)
    f, i, g, o = ergebnis
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Move one example one time step on.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    x (D, 1), h_prev (H, 1), c_prev (H, 1), p as in lstm_gates.
    Returns h, c, each (H, 1), in this order.
    """
    f, i, g, o = lstm_gates(x, h_prev, p)
    H = h_prev.shape[0]
    h = np.zeros((H, 1))
    c = np.zeros((H, 1))
    for u in range(H):
        c[u, 0] = f[u, 0] * c_prev[u, 0] + i[u, 0] * g[u, 0]
        h[u, 0] = o[u, 0] * math.tanh(c[u, 0])
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
    W = np.zeros((1 + D + H, 4 * H))
    for block, k in enumerate("ifog"):
        for u in range(H):
            spalte = block * H + u
            W[0, spalte] = p["b_" + k][u, 0]
            for d in range(D):
                W[1 + d, spalte] = p["W_" + k][u, H + d]
            for v in range(H):
                W[1 + D + v, spalte] = p["W_" + k][u, v]
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
    wurzel = math.sqrt(D + H)
    for r in range(1, 1 + D + H):
        for s in range(4 * H):
            W[r, s] = rng.standard_normal() / wurzel
    for u in range(H):
        W[0, H + u] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    a_t = [1, x_t, h_{t-1}] @ W
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o);   g_t = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t;   h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), W (R, 4H), c0 and h0 (B, H); None means zeros. T, B, D and H
    may be 1. Leave the arguments as they are; others still need them.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache:
    whatever your lstm_backward will need, in any form you like, even None.
    """
    T, B, D = X.shape
    R, vierH = W.shape
    H = vierH // 4
    gewicht = W.tolist()          # Listen sind viel schneller als Arrays, wenn man einzelne Zahlen liest

    # Zustand als Liste von Listen [b][u]
    if c0 is None:
        c = [[0.0] * H for _ in range(B)]
    else:
        c = [[float(c0[b, u]) for u in range(H)] for b in range(B)]
    if h0 is None:
        h = [[0.0] * H for _ in range(B)]
    else:
        h = [[float(h0[b, u]) for u in range(H)] for b in range(B)]

    Hout = np.zeros((T, B, H))
    schritte = []                                  # schritte[t][b]
    for t in range(T):
        zeilen = []
        for b in range(B):
            z = [1.0] + X[t, b].tolist() + h[b]    # neue Liste, h[b] bleibt heil
            a = []
            for s in range(4 * H):
                summe = 0.0
                for r in range(R):
                    summe += z[r] * gewicht[r][s]
                a.append(summe)
            i, f, o, g = [], [], [], []
            c_neu, h_neu, tanhc = [], [], []
            for u in range(H):
                i.append(sig(a[u]))
                f.append(sig(a[H + u]))
                o.append(sig(a[2 * H + u]))
                g.append(math.tanh(a[3 * H + u]))
                c_neu.append(f[u] * c[b][u] + i[u] * g[u])
                tanhc.append(math.tanh(c_neu[u]))
                h_neu.append(o[u] * tanhc[u])
                Hout[t, b, u] = h_neu[u]
            zeilen.append((z, i, f, o, g, c[b], tanhc))
            c[b] = c_neu
            h[b] = h_neu
        schritte.append(zeilen)
    cache = [T, B, D, H, gewicht, schritte]
    return Hout, np.array(c), np.array(h), cache
