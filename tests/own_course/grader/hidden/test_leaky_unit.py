"""Rubric: leaky unit."""

import numpy as np

from grader.expect import expect_close, expect_shape
from grader.families import Family
from grader.pytest_plugin import points

RETURNS = {
    "leak_step": "h",
    "leak_sequence": "Hout",
    "half_life": "n",
    "leak_gradient": "dX",
}

# how public questions are made, for the smallest one a submission gets wrong
EXAMPLES = {
    "leak_step": Family(names="x h alpha", make=lambda draw, B, D: (draw(B, D), draw(B, D), 0.25)),
    "leak_sequence": Family(
        names="X h0 alpha", make=lambda draw, T, B, D: (draw(T, B, D), draw(B, D), 0.25)
    ),
    "half_life": Family(names="alpha", also=((0.25,),)),
    "leak_gradient": Family(names="dHout alpha", make=lambda draw, T, B, D: (draw(T, B, D), 0.25)),
}


def draw(rng, *shape):
    """Draw an array and a share."""
    return rng.standard_normal(shape), rng.uniform(0.2, 0.4)


@points(2)
def test_step(student, reference, rng):
    """h_t = (1 - alpha) h_{t-1} + alpha x_t"""
    (x, h), alpha = draw(rng, 2, 4, 3)
    expect_close(student.leak_step(x, h, alpha), reference.leak_step(x, h, alpha))


@points(1)
def test_shapes(student, rng):
    """Hout has shape (T, B, D)"""
    X, alpha = draw(rng, 5, 4, 3)
    expect_shape(student.leak_sequence(X, X[0], alpha).Hout, "Hout", X.shape, "(T, B, D)")


@points(2)
def test_sequence(student, reference, rng):
    """Every state follows from the one before, starting from zero"""
    X, alpha = draw(rng, 5, 4, 3)
    h0 = np.zeros((4, 3))
    expect_close(student.leak_sequence(X, h0, alpha), reference.leak_sequence(X, h0, alpha))


@points(1)
def test_initial_state(student, reference, rng):
    """The sequence starts from h0"""
    X, alpha = draw(rng, 5, 4, 3)
    h0, _ = draw(rng, 4, 3)
    expect_close(student.leak_sequence(X, h0, alpha), reference.leak_sequence(X, h0, alpha))


@points(2)
def test_half_life(student, reference, rng):
    """After half_life(alpha) steps half is left"""
    _, alpha = draw(rng, 1)
    expect_close(student.half_life(alpha), reference.half_life(alpha))


@points(2)
def test_gradient(student, reference, rng):
    """dX is the gradient of the states with respect to the inputs"""
    dHout, alpha = draw(rng, 5, 4, 3)
    expect_close(student.leak_gradient(dHout, alpha), reference.leak_gradient(dHout, alpha))
