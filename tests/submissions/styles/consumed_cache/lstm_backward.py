# Generated from solutions/lstm_backward.py by `nox -s sync`: fill it in, keep the names.
"""LSTM backward: back-propagation through time, by hand.

Zdejmujemy kroki ze stosu, ostatni najpierw. Po wszystkim stos jest pusty, więc
drugi backward z tym samym cache się nie uda (trzeba znów zrobić forward).
"""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    """Go one step back, for one example, one gate at a time."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dc_t = dc + dh * o * (1 - tanh_c) * (1 + tanh_c)

    do_zrobienia = [
        ("f", dc_t * c_prev * f * (1 - f)),
        ("i", dc_t * g * i * (1 - i)),
        ("g", dc_t * i * (1 - g) * (1 + g)),
        ("o", dh * tanh_c * o * (1 - o)),
    ]
    H = h_prev.shape[0]
    d_kolumna = np.zeros((H + x.shape[0], 1))
    grads = {}
    while do_zrobienia:
        k, da = do_zrobienia.pop()
        grads["W_" + k] = np.outer(da, np.concatenate([h_prev, x]))
        grads["b_" + k] = da
        d_kolumna += p["W_" + k].T @ da
    return d_kolumna[H:], d_kolumna[:H], dc_t * f, grads


def _wstecz(dHout, stos, W, dc, dh):
    """Generator: dla każdego kroku, od końca, daje (dx, dW kroku, dc, dh)."""
    D = W.shape[0] - 1 - W.shape[1] // 4
    for dH in reversed(dHout):
        k = stos.pop()
        dh_t = dH + dh
        dc_t = dc + dh_t * k.o * (1 - k.tanh_c**2)
        da = np.hstack([
            dc_t * k.g * k.i * (1 - k.i),
            dc_t * k.c_przed * k.f * (1 - k.f),
            dh_t * k.tanh_c * k.o * (1 - k.o),
            dc_t * k.i * (1 - k.g**2),
        ])
        d_wiersz = da @ W.T
        dh = d_wiersz[:, D + 1:]
        dc = dc_t * k.f
        yield d_wiersz[:, 1:D + 1], k.wiersz.T @ da, dc, dh


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    """Go back through a whole batch of sequences.

    Returns dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H), in this order.
    """
    D, H, W = cache.popleft()
    zera = np.zeros(dHout.shape[1:])
    dc = zera if dcn is None else dcn
    dh = zera if dhn is None else dhn

    dW = np.zeros(W.shape)
    dX = []
    for dx, kawalek, dc, dh in _wstecz(dHout, cache, W, dc, dh):
        dX.append(dx)
        dW += kawalek
    assert not cache, "dHout i cache mają różną długość"
    return np.array(dX[::-1]), dW, dc, dh
