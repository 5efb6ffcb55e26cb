"""A leaky unit: the simplest memory there is.

x (B, D) input, h (B, D) state, alpha a number between 0 and 1. NumPy only.
"""

import numpy as np


def leak_step(x, h, alpha):
    """Let a share of the old state go, and take in as much of the input.

    h_t = (1 - alpha) h_{t-1} + alpha x_t

    x, h (B, D). Returns h (B, D). leak_step(2, 1, 0.25) = 1.25
    """
    ### BEGIN SOLUTION
    return (1.0 - alpha) * h + alpha * x
    ### END SOLUTION


def leak_sequence(X, h0, alpha):
    """Take the step for every row of X, one after the other.

    X (T, B, D), h0 (B, D). Returns Hout (T, B, D).
    """
    ### BEGIN SOLUTION
    h = h0
    states = []
    for t in range(len(X)):
        h = h - alpha * (h - X[t])
        states.append(h)
    return np.stack(states)
    ### END SOLUTION


def half_life(alpha):
    """Count the steps after which half of an input is left.

    (1 - alpha)^n = 1 / 2

    Returns n, which need not be whole. half_life(0.5) = 1
    """
    ### BEGIN SOLUTION
    return np.log(0.5) / np.log(1.0 - alpha)
    ### END SOLUTION


def leak_gradient(dHout, alpha):
    """Send the gradient of every state back to the inputs.

    dHout (T, B, D). Returns dX (T, B, D).
    """
    ### BEGIN SOLUTION
    dX = np.zeros_like(dHout)
    back = np.zeros_like(dHout[0])
    for t in reversed(range(len(dHout))):
        back = dHout[t] + (1.0 - alpha) * back
        dX[t] = alpha * back
    return dX
    ### END SOLUTION
