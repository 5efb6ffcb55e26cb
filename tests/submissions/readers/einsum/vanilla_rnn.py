# Fill in the holes of vanilla_rnn.py; keep the names. (`nox -s sync` cuts this file.)
"""Vanilla RNN: forward, backward through time, clipping, and how gradients fade.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h (B, H), everything float64
    W (R, H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent
    d... gradient of the scalar loss with respect to that thing

Worked numbers below belong to a toy network with D = H = B = 1 and T = 2:
W = [[1], [0.5], [-2]], x = 2 then -1, h0 = 0.5. NumPy only; the last function
draws, with matplotlib. Figure() is one way to begin a figure, matplotlib.pyplot
another.
"""

import numpy as np
from matplotlib.figure import Figure


def rnn_forward(X, W, h0=None):
    """Run the network over a batch of sequences.

    a_t = [1, x_t, h_{t-1}] @ W
    h_t = tanh(a_t)

    X (T, B, D), W (R, H), h0 (B, H); None means zeros. T, B, D and H may be 1.
    Returns Hout (T, B, H), hn (B, H) = the last state, and cache: whatever
    your rnn_backward will need, in any form you like.
    Worked number: the toy network gives Hout = 0.762, -0.771 and hn = -0.771.
    """
    T, B, D = X.shape
    H = W.shape[1]
    A_x = np.einsum("tbd,dh->tbh", X, W[1 : 1 + D], optimize=True) + W[0]  # (t, b, h), all steps at once
    S = np.zeros((T + 1, B, H))  # S[t] is the state BEFORE step t
    if h0 is not None:
        S[0] = h0
    for t in range(T):
        S[t + 1] = np.tanh(A_x[t] + np.einsum("bj,jh->bh", S[t], W[1 + D :]))
    return S[1:].copy(), S[T].copy(), {"X": X, "W": W, "S": S}


def rnn_backward(dHout, cache, dhn=None):
    """Send the gradient back through time, from the last step to the first.

    dh_t = dHout[t] + what step t+1 sends back    (for the last step: dhn)
    da_t = dh_t ⊙ (1 - h_t²)
    dW gathers [1, x_t, h_{t-1}]^T @ da_t over all t;  da_t @ W^T goes to the
    three parts of [1, x_t, h_{t-1}]

    dHout (T, B, H): gradient of the loss through every Hout[t].
    cache: the third result of your own rnn_forward.
    dhn (B, H): gradient through hn, on top of dHout; None means zeros.
    Returns dX (T, B, D), dW (R, H), dh0 (B, H), in this order: sums over the
    batch and over time, never means. Do not write into dHout.
    Worked number: dHout = 0 then 1 gives dX = -0.170, 0.203 and dh0 = 0.681.
    """
    X, W, S = cache["X"], cache["W"], cache["S"]
    T, B, D = X.shape
    dA = np.zeros((T, B, W.shape[1]))
    dh = np.zeros((B, W.shape[1]))
    if dhn is not None:
        dh = dh + dhn
    for t in range(T - 1, -1, -1):
        dA[t] = (dHout[t] + dh) * (1.0 - S[t + 1] ** 2)
        dh = np.einsum("bh,jh->bj", dA[t], W[1 + D :])
    dW = np.zeros(W.shape)
    dW[0] = np.einsum("tbh->h", dA)
    dW[1 : 1 + D] = np.einsum("tbd,tbh->dh", X, dA)
    dW[1 + D :] = np.einsum("tbj,tbh->jh", S[:T], dA)
    return np.einsum("tbh,dh->tbd", dA, W[1 : 1 + D]), dW, dh


def clip_global(grads, max_norm):
    """Shrink all gradients by one factor, so that their common norm fits.

    norm = √(sum of the squares of all entries of all arrays)
    factor = max_norm / norm where norm is larger than max_norm, else 1

    grads: dict name -> array; max_norm > 0.
    Returns clipped, a dict with the same names, and norm, the norm before.
    Worked number: {"W": [6, 8], "b": [24]} with max_norm 5 gives norm 26 and
    [1.154, 1.538], [4.615]. All-zero gradients stay zero.
    """
    # YOUR CODE HERE
    raise NotImplementedError("clip_global")


def clip_per_matrix(grads, max_norm):
    """Shrink each array by a factor of its own, so that its own norm fits.

    The norm of an array is the square root of the sum of its squared entries.

    grads: dict name -> array; max_norm > 0.
    Returns clipped, a dict with the same names.
    Worked number: {"W": [6, 8], "b": [24]} with max_norm 5 gives [3, 4], [5].
    """
    # YOUR CODE HERE
    raise NotImplementedError("clip_per_matrix")


def clip_elementwise(grads, limit):
    """Cut every entry to the range from -limit to limit.

    grads: dict name -> array; limit > 0.
    Returns clipped, a dict with the same names.
    Worked number: {"W": [6, 8], "b": [24]} with limit 5 gives [5, 5], [5].
    """
    # YOUR CODE HERE
    raise NotImplementedError("clip_elementwise")


def jacobian_norms(X, W, h0=None):
    """Measure how much of a change k steps ago is left in the last state.

    J_t = ∂h_t/∂h_{t-1} = diag(1 - h_t²) @ W_hh^T    (H, H), W_hh = W[1 + D :]
    ∂h_T/∂h_{T-k} = J_T @ J_{T-1} @ ... @ J_{T-k+1}

    Arguments as in rnn_forward; only batch row 0 is looked at.
    Returns norms (T + 1,): entry k is the spectral norm (largest singular
    value) of ∂h_T/∂h_{T-k}. Entry 0 is 1, entry T belongs to h0.
    Worked number: the toy network gives 1, 0.811, 0.681.
    """
    # YOUR CODE HERE
    raise NotImplementedError("jacobian_norms")


def parameter_sharing(T, D, H):
    """Count the weights of a network that shares them over time, or does not.

    Returns shared, unshared, two ints: the size of one W with its bias row,
    used at every step, and of T such matrices, one for each step.
    Worked number: T = 5, D = 3, H = 4 gives 32 and 160.
    """
    # YOUR CODE HERE
    raise NotImplementedError("parameter_sharing")


def gradient_scale(scale, steps):
    """Say what a factor per step becomes over many, as a power of ten.

    power = log10(scale^steps), without ever computing scale^steps: 1.2^10000
    is larger than any float, and 0.8^10000 smaller.

    scale: a float > 0. steps: an int, or an array of them of any shape.
    Returns power, a float or an array of the shape of steps, without a NumPy
    warning.
    Worked number: gradient_scale(0.8, 50) = -4.85, that is 0.8^50 = 10^-4.85.
    """
    # YOUR CODE HERE
    raise NotImplementedError("gradient_scale")


def plot_gradient_scale(scales, steps, path=None):
    """Draw scale^steps against the steps, one curve for every scale.

    scales: a list of floats > 0. steps: an array of whole numbers (n,), rising.
    The vertical scale is logarithmic: scale^steps on a logarithmic axis, or
    what gradient_scale returns on an ordinary one. A legend names the scales,
    the axes are labelled. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    # YOUR CODE HERE
    raise NotImplementedError("plot_gradient_scale")
