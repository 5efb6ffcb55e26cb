# Generated from solutions/lstm_forward.py by `nox -s sync`: fill it in, keep the names.
"""LSTM forward: from one gate to a batched sequence.

Toda la memoria se reserva antes del bucle; dentro del bucle no nace ningún array grande.
"""

import numpy as np


def _sigmoide_en_sitio(a):
    """Sobrescribe a con sigma(a). a tiene que ser un buffer NUESTRO."""
    a *= 0.5
    np.tanh(a, out=a)
    a += 1.0
    a *= 0.5
    return a


def sigmoid(a):
    """Squash a into the range from 0 to 1, without ever overflowing."""
    copia = np.array(a, dtype=np.float64)     # np.array copia siempre
    return _sigmoide_en_sitio(copia)


def lstm_gates(x, h_prev, p):
    """Returns f, i, g, o, each (H, 1)."""
    H, D = h_prev.shape[0], x.shape[0]
    hx = np.empty((H + D, 1))
    hx[:H] = h_prev
    hx[H:] = x
    salida = np.empty((4, H, 1))
    for n, k in enumerate("figo"):
        np.dot(p["W_" + k], hx, out=salida[n])
        salida[n] += p["b_" + k]
    _sigmoide_en_sitio(salida[:2])
    np.tanh(salida[2], out=salida[2])
    _sigmoide_en_sitio(salida[3])
    return salida[0], salida[1], salida[2], salida[3]


def lstm_step(x, h_prev, c_prev, p):
    """Returns h, c, each (H, 1), in this order."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    # las puertas son nuestras: reutilizamos su memoria
    f *= c_prev
    i *= g
    f += i                       # f ya es c
    np.tanh(f, out=g)
    o *= g                       # o ya es h
    return o, f


def pack_gates(p, D):
    """Pack the per-gate matrices into the one matrix W (R, 4H)."""
    H = p["b_i"].size
    W = np.empty((1 + D + H, 4 * H))
    for n, k in enumerate("ifog"):
        col = slice(n * H, n * H + H)
        W[0, col] = p["b_" + k][:, 0]
        W[1:1 + D, col] = p["W_" + k][:, H:].T
        W[1 + D:, col] = p["W_" + k][:, :H].T
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    """Draw initial weights W (R, 4H)."""
    W = np.empty((1 + D + H, 4 * H))
    rng.standard_normal(out=W[1:])
    W[1:] /= np.sqrt(D + H)
    W[0].fill(0.0)
    W[0, H:2 * H].fill(forget_bias)
    return W


def lstm_forward(X, W, c0=None, h0=None):
    """Run the LSTM over a batch of sequences.

    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache.
    """
    T, B, D = X.shape
    R = W.shape[0]
    H = W.shape[1] // 4

    # --- reserva -----------------------------------------------------------
    Z = np.empty((T, B, R))            # filas [1, x, h]
    A = np.empty((T, B, 4 * H))        # preactivaciones, luego puertas (en sitio)
    C = np.empty((T + 1, B, H))        # C[0] = c0, C[t+1] = c_t
    TC = np.empty((T, B, H))           # tanh(c_t)
    Hbuf = np.empty((T + 1, B, H))     # igual que C
    tmp = np.empty((B, H))

    Z[:, :, 0] = 1.0
    Z[:, :, 1:1 + D] = X
    C[0] = 0.0 if c0 is None else c0
    Hbuf[0] = 0.0 if h0 is None else h0

    # --- bucle -------------------------------------------------------------
    for t in range(T):
        Z[t, :, 1 + D:] = Hbuf[t]
        a = A[t]
        np.matmul(Z[t], W, out=a)
        _sigmoide_en_sitio(a[:, :3 * H])
        np.tanh(a[:, 3 * H:], out=a[:, 3 * H:])
        i, f, o, g = a[:, :H], a[:, H:2 * H], a[:, 2 * H:3 * H], a[:, 3 * H:]
        np.multiply(f, C[t], out=C[t + 1])
        np.multiply(i, g, out=tmp)
        C[t + 1] += tmp
        np.tanh(C[t + 1], out=TC[t])
        np.multiply(o, TC[t], out=Hbuf[t + 1])

    # vistas, sin copiar: Hout es Hbuf sin el estado inicial
    return Hbuf[1:], C[T], Hbuf[T], (Z, A, C, TC, W)
