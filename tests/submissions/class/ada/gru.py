# Generated from solutions/gru.py by `nox -s sync`: fill it in, keep the names.
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


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    out = np.empty_like(a)
    up = a > 0
    out[up] = 1 / (1 + np.exp(-a[up]))
    e = np.exp(a[~up])
    out[~up] = e / (1 + e)
    return out


def init_gru(D, H, rng):
    """Draw initial weights W (R, 3H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    blocks = [rng.standard_normal((D + H, H)) for _ in range(3)]
    scaled = np.hstack(blocks) * (D + H) ** -0.5
    return np.vstack([np.zeros(3 * H), scaled])


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
    T, B, D = X.shape
    H = W.shape[1] // 3
    b, Wx, Wh = W[0], W[1:1 + D], W[1 + D:]
    # all input products at once, outside the loop
    A = np.einsum("tbd,dk->tbk", X, Wx) + b
    Uz, Ur, Un = Wh[:, :H], Wh[:, H:2 * H], Wh[:, 2 * H:]
    state = np.zeros((T + 1, B, H))
    if h0 is not None:
        state[0] = h0
    Z, Rst, N = (np.empty((T, B, H)) for _ in range(3))
    for t in range(T):
        h = state[t]
        Z[t] = sigmoid(A[t, :, :H] + h @ Uz)
        Rst[t] = sigmoid(A[t, :, H:2 * H] + h @ Ur)
        N[t] = np.tanh(A[t, :, 2 * H:] + (Rst[t] * h) @ Un)
        state[t + 1] = h + Z[t] * (N[t] - h)
    return state[1:].copy(), state[-1].copy(), {"X": X, "W": W, "h": state, "z": Z, "r": Rst, "n": N}


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
    # takes its cache apart; a forward makes a new one
    X, W, h, Z, Rst, N = (cache.pop(k) for k in ("X", "W", "h", "z", "r", "n"))
    T, B, D = X.shape
    H = h.shape[2]
    Uz, Ur, Un = (W[1 + D:, k * H:(k + 1) * H] for k in range(3))
    dA = np.zeros((T, B, 3 * H))
    carry = np.zeros((B, H))
    if dhn is not None:
        carry = carry + dhn
    for t in range(T - 1, -1, -1):
        g = carry + dHout[t]
        dan = g * Z[t] * (1 - N[t] * N[t])
        dprod = dan @ Un.T
        dar = dprod * h[t] * Rst[t] * (1 - Rst[t])
        daz = g * (N[t] - h[t]) * Z[t] * (1 - Z[t])
        dA[t] = np.concatenate([daz, dar, dan], axis=1)
        carry = g - g * Z[t] + dprod * Rst[t] + daz @ Uz.T + dar @ Ur.T
    dX = dA @ W[1:1 + D].T
    dW = np.empty_like(W)
    dW[0] = dA.sum(axis=(0, 1))
    dW[1:1 + D] = np.einsum("tbd,tbk->dk", X, dA)
    hp = h[:-1]
    dW[1 + D:, :2 * H] = np.einsum("tbh,tbk->hk", hp, dA[:, :, :2 * H])
    dW[1 + D:, 2 * H:] = np.einsum("tbh,tbk->hk", Rst * hp, dA[:, :, 2 * H:])
    return dX, dW, carry


def gru_forward_after(X, W, b_hn, h0=None):
    """Run the other GRU: reset after the product, as PyTorch and cuDNN do.

    z_t and r_t as in gru_forward, and so is h_t; only the candidate differs:

    n_t = tanh(b_n + x_t @ W_xn + r_t ⊙ (h_{t-1} @ W_hn + b_hn))

    b_n, W_xn, W_hn are the bias, input and recurrent rows of n's columns. The
    recurrent product gets a bias of its own, b_hn (H,), inside the reset.

    X (T, B, D), W (R, 3H), h0 (B, H); None means zeros.
    Returns Hout (T, B, H), hn (B, H), cache; the cache may be None.
    """
    T, B, D = X.shape
    H = b_hn.size
    h = np.zeros((B, H)) if h0 is None else h0.copy()
    Hout = []
    for x in X:
        gx = x @ W[1:1 + D] + W[0]
        gh = h @ W[1 + D:] + np.concatenate([np.zeros(2 * H), b_hn])
        z = sigmoid(gx[:, :H] + gh[:, :H])
        r = sigmoid(gx[:, H:2 * H] + gh[:, H:2 * H])
        n = np.tanh(gx[:, 2 * H:] + r * gh[:, 2 * H:])
        h = (1 - z) * h + z * n
        Hout.append(h)
    return np.stack(Hout), h


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
    H = b_hn.size
    D = len(W) - H - 1
    order = np.r_[H:2 * H, 0:H, 2 * H:3 * H]
    sign = np.r_[np.ones(H), -np.ones(H), np.ones(H)]
    P = W[:, order] * sign
    # half of every gate's bias on each side
    ih, hh = P[0].copy(), np.zeros(3 * H)
    hh[:2 * H] = ih[:2 * H] / 2
    ih[:2 * H] /= 2
    hh[2 * H:] = b_hn
    return dict(weight_ih=P[1:D + 1].T.copy(), weight_hh=P[D + 1:].T.copy(), bias_ih=ih, bias_hh=hh)


def count_parameters(D, H, cell):
    """Count the entries of W, biases included, for a cell of the course.

    cell: "rnn", "lstm" or "gru". Returns an int.
    Worked number: count_parameters(3, 5, "gru") = 135.
    """
    blocks = 1
    if cell == "gru":
        blocks = 3
    elif cell == "lstm":
        blocks = 4
    return H * blocks * (D + H + 1)
