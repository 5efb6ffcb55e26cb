# Generated from solutions/lstm_forward.py by `nox -s sync`: fill it in, keep the names.
"""LSTM forward: from one gate to a batched sequence.

Moja pamięć (cache) to stos: forward kładzie, backward zdejmuje. Jednorazowy!
"""

from collections import deque, namedtuple

import numpy as np

Krok = namedtuple("Krok", "wiersz i f o g c_przed tanh_c")


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing."""
    a = np.asarray(a, dtype=np.float64)
    # min(a, 0) i -|a|: oba wykładniki nigdy nie są dodatnie
    return np.exp(np.minimum(a, 0)) / (1 + np.exp(-np.abs(a)))


def _aktywacje(pary):
    """Generator: po kolei (litera bramki, preaktywacja) -> wartość bramki."""
    for litera, a in pary:
        yield np.tanh(a) if litera == "g" else sigmoid(a)


def lstm_gates(x, h_prev, p):
    """Returns f, i, g, o, each (H, 1): the gates f, i, o through sigmoid, g through tanh."""
    kolumna = np.concatenate([h_prev, x])
    f, i, g, o = _aktywacje((k, p[f"W_{k}"] @ kolumna + p[f"b_{k}"]) for k in ("f", "i", "g", "o"))
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Returns h, c, each (H, 1), in this order."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    return o * np.tanh(c := f * c_prev + i * g), c


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H)."""
    H = p["W_i"].shape[0]
    kolejnosc = ["i", "f", "o", "g"]
    return np.block([
        [p["b_" + k].T for k in kolejnosc],
        [p["W_" + k][:, -D:].T for k in kolejnosc],
        [p["W_" + k][:, :H].T for k in kolejnosc],
    ])


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H)."""
    W = rng.normal(size=(1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    W[0, H:2 * H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache.
    """
    _, B, D = X.shape
    H = W.shape[1] // 4
    zera = np.zeros((B, H))
    c = zera if c0 is None else c0
    h = zera if h0 is None else h0

    stos = deque()
    stos.append((D, H, W))                      # na samym dnie
    Hout = []
    for x in X:
        wiersz = np.hstack([np.ones((B, 1)), x, h])
        a = wiersz @ W
        i, f, o, g = _aktywacje(zip("ifog", np.hsplit(a, 4)))
        c_przed, c = c, f * c + i * g
        h = o * (tanh_c := np.tanh(c))
        stos.append(Krok(wiersz, i, f, o, g, c_przed, tanh_c))
        Hout.append(h)
    return np.array(Hout), c, h, stos
