# Fill in the holes of gru.py; keep the names. (`nox -s sync` cuts this file.)
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


def start_or_zeros(state, B, H):
    """A copy of state (b, h), or zeros."""
    if state is None:
        return np.zeros((B, H))
    return np.array(state, dtype=np.float64)


def matmul_rows(v, M):
    """Rows v (b, r) through M (r, k)."""
    return v @ M


def matmul_back(dv, M):
    """Gradient rows dv (b, k) back through M (r, k)."""
    return dv @ M.T


def project_inputs(X, W):
    """Bias and input part of all pre-activations, all steps at once: (t, b, 3h)."""
    D = X.shape[2]
    return np.einsum("tbd,dk->tbk", X, W[1 : 1 + D], optimize=True) + W[0]


def recurrent_blocks(W, D):
    """The recurrent rows, cut into z, r, n, each (h, h)."""
    H = W.shape[1] // 3
    W_h = W[1 + D :]
    return W_h[:, :H], W_h[:, H : 2 * H], W_h[:, 2 * H :]


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    # tanh never overflows: σ(a) = (1 + tanh(a/2)) / 2
    a = np.asarray(a, dtype=np.float64)
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def init_gru(D, H, rng):
    """Draw initial weights W (R, 3H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.zeros((1 + D + H, 3 * H))
    W[1:] = rng.standard_normal((D + H, 3 * H)) / np.sqrt(D + H)
    return W


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
    A_x = project_inputs(X, W)
    W_hz, W_hr, W_hn = recurrent_blocks(W, D)
    S = np.zeros((T + 1, B, H))  # S[t] is the state BEFORE step t
    S[0] = start_or_zeros(h0, B, H)
    Z = np.zeros((T, B, H))
    R = np.zeros((T, B, H))
    N = np.zeros((T, B, H))
    for t in range(T):
        Z[t] = sigmoid(A_x[t, :, :H] + matmul_rows(S[t], W_hz))
        R[t] = sigmoid(A_x[t, :, H : 2 * H] + matmul_rows(S[t], W_hr))
        N[t] = np.tanh(A_x[t, :, 2 * H :] + matmul_rows(R[t] * S[t], W_hn))
        S[t + 1] = (1.0 - Z[t]) * S[t] + Z[t] * N[t]
    cache = {"X": X, "W": W, "S": S, "Z": Z, "R": R, "N": N}
    return S[1:].copy(), S[T].copy(), cache


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
    X, W, S = cache["X"], cache["W"], cache["S"]
    Z, R, N = cache["Z"], cache["R"], cache["N"]
    T, B, D = X.shape
    H = W.shape[1] // 3
    W_hz, W_hr, W_hn = recurrent_blocks(W, D)
    dA = np.zeros((T, B, 3 * H))  # columns z | r | n
    dh = start_or_zeros(dhn, B, H)
    for t in range(T - 1, -1, -1):
        z, r, n, h = Z[t], R[t], N[t], S[t]
        dh_t = dHout[t] + dh
        da_n = dh_t * z * (1.0 - n * n)
        drh = matmul_back(da_n, W_hn)  # at the product r ⊙ h
        da_z = dh_t * (n - h) * z * (1.0 - z)
        da_r = drh * h * r * (1.0 - r)
        # the four ways: straight on, through n, through r, through z
        dh = dh_t * (1.0 - z) + drh * r + matmul_back(da_r, W_hr) + matmul_back(da_z, W_hz)
        dA[t, :, :H], dA[t, :, H : 2 * H], dA[t, :, 2 * H :] = da_z, da_r, da_n
    dX = np.einsum("tbk,dk->tbd", dA, W[1 : 1 + D], optimize=True)
    dW = np.zeros(W.shape)
    dW[0] = np.einsum("tbk->k", dA)
    dW[1 : 1 + D] = np.einsum("tbd,tbk->dk", X, dA, optimize=True)
    dW[1 + D :, : 2 * H] = np.einsum("tbh,tbk->hk", S[:T], dA[:, :, : 2 * H], optimize=True)
    dW[1 + D :, 2 * H :] = np.einsum("tbh,tbk->hk", R * S[:T], dA[:, :, 2 * H :], optimize=True)
    return dX, dW, dh


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
    H = W.shape[1] // 3
    A_x = project_inputs(X, W)
    Hout = np.zeros((T, B, H))
    h = start_or_zeros(h0, B, H)
    for t in range(T):
        A_h = matmul_rows(h, W[1 + D :])  # all three blocks in one product
        z = sigmoid(A_x[t, :, :H] + A_h[:, :H])
        r = sigmoid(A_x[t, :, H : 2 * H] + A_h[:, H : 2 * H])
        n = np.tanh(A_x[t, :, 2 * H :] + r * (A_h[:, 2 * H :] + b_hn))
        h = (1.0 - z) * h + z * n
        Hout[t] = h
    return Hout, h.copy(), None


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
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    blocks = W.reshape(1 + D + H, 3, H)  # axes: row, gate z r n, unit
    # σ(-a) = 1 - σ(a): z changes its sign; and the order becomes r, z, n
    signed = np.einsum("rgh,g->rgh", blocks, np.array([-1.0, 1.0, 1.0]))[:, [1, 0, 2]]
    rows = signed.reshape(1 + D + H, 3 * H)
    bias_hh = np.zeros(3 * H)
    bias_hh[2 * H :] = b_hn
    return {
        "weight_ih": np.einsum("dk->kd", rows[1 : 1 + D]).copy(),
        "weight_hh": np.einsum("hk->kh", rows[1 + D :]).copy(),
        "bias_ih": rows[0].copy(),
        "bias_hh": bias_hh,
    }


def count_parameters(D, H, cell):
    """Count the entries of W, biases included, for a cell of the course.

    cell: "rnn", "lstm" or "gru". Returns an int.
    Worked number: count_parameters(3, 5, "gru") = 135.
    """
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}
    return (1 + D + H) * blocks[cell] * H
