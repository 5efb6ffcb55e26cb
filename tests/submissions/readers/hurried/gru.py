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


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    return 0.5 * (1 + np.tanh(0.5 * a))


def init_gru(D, H, rng):
    """Draw initial weights W (R, 3H).

    Input and recurrent rows: standard normal / sqrt(D + H), drawn in any
    order you like. Bias row: zero.

    rng: a numpy.random.Generator, the only source of randomness.
    """
    W = np.tile(rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H), 3)
    W[0] = 0
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
    h = np.zeros((B, H)) if h0 is None else h0
    one = np.ones((B, 1))
    Hout, steps = np.zeros((T, B, H)), []
    for t in range(T):
        row = np.hstack([one, X[t], h])
        zr = sigmoid(row @ W[:, : 2 * H])
        z, r = zr[:, :H], zr[:, H:]
        rown = np.hstack([one, X[t], r * h])
        n = np.tanh(rown @ W[:, 2 * H :])
        steps.append((row, rown, z, r, n, h))
        h = (1 - z) * h + z * n
        Hout[t] = h
    return Hout, h, (steps, W, D)


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
    steps, W, D = cache
    T, B, H = dHout.shape
    Wz, Wr, Wn = W[:, :H], W[:, H : 2 * H], W[:, 2 * H :]
    dh = np.zeros((B, H)) if dhn is None else dhn
    dW, dX = np.zeros_like(W), np.zeros((T, B, D))
    for t in reversed(range(T)):
        row, rown, z, r, n, h = steps[t]
        dh = dHout[t] + dh
        daz = dh * (n - h) * z * (1 - z)
        dan = dh * z * (1 - n**2)
        drown = dan @ Wn.T
        drh = drown[:, 1 + D :]
        dar = drh * h * r * (1 - r)
        drow = daz @ Wz.T + dar @ Wr.T
        dW += np.hstack([row.T @ daz, row.T @ dar, rown.T @ dan])
        dX[t] = drow[:, 1 : 1 + D] + drown[:, 1 : 1 + D]
        dh = dh * (1 - z) + drh * r + drow[:, 1 + D :]
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
    h = np.zeros((B, H)) if h0 is None else h0
    one = np.ones((B, 1))
    Wn = W[:, 2 * H :]
    Hout = np.zeros((T, B, H))
    for t in range(T):
        zr = sigmoid(np.hstack([one, X[t], h]) @ W[:, : 2 * H])
        z, r = zr[:, :H], zr[:, H:]
        n = np.tanh(Wn[0] + X[t] @ Wn[1 : 1 + D] + r * (h @ Wn[1 + D :] + b_hn))
        h = (1 - z) * h + z * n
        Hout[t] = h
    return Hout, h, None


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
    H = len(b_hn)
    D = len(W) - 1 - H
    z, r, n = np.split(W, 3, axis=1)
    V = np.hstack([r, -z, n])
    o = np.zeros(2 * H)
    return {
        "weight_ih": V[1 : 1 + D].reshape(3 * H, D),
        "weight_hh": V[1 + D :].reshape(3 * H, H),
        "bias_ih": V[0],
        "bias_hh": np.concatenate([o, b_hn]),
    }


def count_parameters(D, H, cell):
    """Count the entries of W, biases included, for a cell of the course.

    cell: "rnn", "lstm" or "gru". Returns an int.
    Worked number: count_parameters(3, 5, "gru") = 135.
    """
    return (1 + D + H) * H * {"rnn": 1, "gru": 3, "lstm": 4}[cell]
