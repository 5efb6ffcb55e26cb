# Fill in the holes of activations.py; keep the names.
"""Activations: derivatives, softmax, cross-entropy, and weights to begin with.

Notation (the whole key is in exercises/README.md):

    B batch   V classes, or symbols of a vocabulary   H hidden units
    a     pre-activations or logits, any real numbers; float64
    s, t  what sigmoid and tanh have made of them
    d...  gradient of the scalar loss with respect to that thing

Nothing here knows about time; every later exercise uses some of it. What it
leaves out: sigmoid itself, which you write in lstm_forward. NumPy only.
"""

import numpy as np


def dsigmoid_from_output(s):
    """Give the slope of the sigmoid, from what the sigmoid returned.

    With s = σ(a):  σ'(a) = s ⊙ (1 - s)

    s: array of any shape, values from 0 to 1. It is an output already: no
    sigmoid is applied here.
    Returns an array of the same shape. Worked number: 0.8 gives 0.16.
    """
    # YOUR CODE HERE
    raise NotImplementedError("dsigmoid_from_output")


def dtanh_from_output(t):
    """Give the slope of tanh, from what tanh returned.

    With t = tanh(a):  tanh'(a) = 1 - t²

    t: array of any shape, values from -1 to 1.
    Returns an array of the same shape. Worked number: 0.8 gives 0.36.
    """
    # YOUR CODE HERE
    raise NotImplementedError("dtanh_from_output")


def softmax(a):
    """Turn logits into shares that add up to 1, along the last axis.

    p_k = e^(a_k) / Σ_j e^(a_j)

    a (..., V): one axis or many. Returns p (..., V), the same shape.
    No NumPy warning and no NaN, even for logits of ±10000.
    Worked number: [1, 2, 3] gives [0.090, 0.245, 0.665].
    """
    # YOUR CODE HERE
    raise NotImplementedError("softmax")


def log_softmax(a):
    """Give the logarithm of softmax without ever taking the log of a zero.

    log p_k = a_k - m - log Σ_j e^(a_j - m),   m = max_j a_j

    a (..., V): one axis or many. Returns an array of the same shape.
    No NumPy warning, no NaN and no infinity, even for logits of ±10000.
    Worked number: [1, 2, 3] gives [-2.408, -1.408, -0.408].
    """
    # YOUR CODE HERE
    raise NotImplementedError("log_softmax")


def cross_entropy(logits, targets):
    """Sum up how surprised the softmax of some logits is, and differentiate.

    loss = -Σ_b log p[b, targets[b]]
    dlogits = p - y,   y = the targets, one-hot

    logits (B, V); targets (B,), the index of the right class of each row.
    Returns loss, one number: the sum over the batch, not the mean; and
    dlogits (B, V), the gradient of exactly that number.
    No NumPy warning, no NaN and no infinity, even for logits of ±10000.
    Worked number: logits [[1, 2, 3]] and targets [0] give 2.408 and
    [[-0.910, 0.245, 0.665]].
    """
    # YOUR CODE HERE
    raise NotImplementedError("cross_entropy")


def one_hot(indices, V):
    """Write each index as a row of zeros with a single 1.

    indices: ints from 0 to V - 1, an array of any shape.
    Returns float64, with one axis more: (..., V).
    Worked number: indices [2, 0] with V = 3 give [[0, 0, 1], [1, 0, 0]].
    """
    # YOUR CODE HERE
    raise NotImplementedError("one_hot")


def glorot(fan_in, fan_out, rng):
    """Draw weights whose size suits both directions, after Glorot and Bengio.

    W_ij ~ N(0, σ²),   σ² = 2 / (fan_in + fan_out)

    fan_in: how many inputs each unit sums. fan_out: how many units there are.
    rng: a numpy.random.Generator, the only source of randomness.
    Returns W (fan_in, fan_out), normal.
    """
    # YOUR CODE HERE
    raise NotImplementedError("glorot")


def orthogonal(H, rng):
    """Draw a random orthogonal matrix: it turns and mirrors, and stretches nothing.

    Q @ Q^T = Q^T @ Q = I

    rng: a numpy.random.Generator, the only source of randomness.
    Returns Q (H, H), dense.
    """
    # YOUR CODE HERE
    raise NotImplementedError("orthogonal")
