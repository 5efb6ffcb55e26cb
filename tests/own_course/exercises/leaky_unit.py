# Fill in the holes of leaky_unit.py; keep the names.
"""A leaky unit: the simplest memory there is.

x (B, D) input, h (B, D) state, alpha a number between 0 and 1. NumPy only.
"""

import numpy as np


def leak_step(x, h, alpha):
    """Let a share of the old state go, and take in as much of the input.

    h_t = (1 - alpha) h_{t-1} + alpha x_t

    x, h (B, D). Returns h (B, D). leak_step(2, 1, 0.25) = 1.25
    """
    # YOUR CODE HERE
    raise NotImplementedError("leak_step")


def leak_sequence(X, h0, alpha):
    """Take the step for every row of X, one after the other.

    X (T, B, D), h0 (B, D). Returns Hout (T, B, D).
    """
    # YOUR CODE HERE
    raise NotImplementedError("leak_sequence")


def half_life(alpha):
    """Count the steps after which half of an input is left.

    (1 - alpha)^n = 1 / 2

    Returns n, which need not be whole. half_life(0.5) = 1
    """
    # YOUR CODE HERE
    raise NotImplementedError("half_life")


def leak_gradient(dHout, alpha):
    """Send the gradient of every state back to the inputs.

    dHout (T, B, D). Returns dX (T, B, D).
    """
    # YOUR CODE HERE
    raise NotImplementedError("leak_gradient")
