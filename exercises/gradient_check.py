# Fill in the holes of gradient_check.py; keep the names.
"""Gradient checking: the only test that a backward pass cannot talk its way out of.

Notation:

    f       a function of arrays that returns one number, the loss
    x       the array f depends on; params: dict name -> array, several of them
    a, n    an analytic gradient (yours), a numerical one (measured)
    delta   how far an entry is moved, either way

You write the measuring tool here, and use it from then on. This file needs no other
exercise. What it leaves out: gradients of functions with kinks. NumPy only.
"""

import numpy as np

#: What a right gradient stays below in float64; a wrong one is far above it.
THRESHOLD = 1e-6


def numerical_gradient(f, x, delta=1e-5):
    """Measure the gradient of f at x, one entry at a time.

    g_k = (f(x + delta e_k) - f(x - delta e_k)) / (2 delta)

    e_k is 1 in entry k and 0 elsewhere.

    f: a function of one array; f(x) is a number. It only reads its argument.
    x: float64 array of any shape. Afterwards it holds what it held before,
    bit for bit.
    Returns g, an array of the shape of x.
    Worked number: f(x) = Σ x³ at x = [1, 2] with delta = 0.5 gives
    [3.25, 12.25]; with the usual delta, [3, 12].
    """
    # YOUR CODE HERE
    raise NotImplementedError("numerical_gradient")


def relative_error(a, n):
    """Say how far two gradients are apart, whatever their size.

    error = ‖a - n‖ / (‖a‖ + ‖n‖),   ‖.‖ = √(sum of all squares)

    a, n: arrays. Where both are zero throughout, or empty, the error is 0, without a
    NumPy warning. Where their shapes differ, it is 1: NumPy would stretch one
    to fit the other.
    Returns error, a float from 0 (equal) to 1; nan where a nan is among the
    entries.
    Worked number: [3, 4] and [3, 0] give 0.5.
    """
    # YOUR CODE HERE
    raise NotImplementedError("relative_error")


def check_gradients(f, grads, params):
    """Compare all gradients of a loss with measured ones, array by array.

    f: a function of a dict of arrays; f(params) is a number.
    grads: dict name -> the analytic gradient of f with respect to params[name].
    params: dict name -> array. Afterwards they hold what they held before, bit
    for bit.

    Returns errors, a dict with the names of params: the relative error of each
    gradient, measured with delta = 1e-5; 1 where grads lacks it. And wrong, the
    list of those names, in the order of params, whose gradient must not be
    trusted: an error above THRESHOLD, or one that is not a number.
    """
    # YOUR CODE HERE
    raise NotImplementedError("check_gradients")
