"""Rubric: ten checks of one LSTM step, that every grader is compared on."""

from grader.calls import Made
from grader.expect import expect_close, expect_gradient
from grader.pytest_plugin import points

RETURNS = {
    "step_forward": "h c *cache",
    "step_backward": "dx dh_prev dc_prev dWx dWh db",
}
ARGUMENTS = ("x", "h_prev", "c_prev", "Wx", "Wh", "b")


def problem(rng, N=3, D=10, H=10):
    """Draw x, h_prev, c_prev, Wx, Wh, b."""
    sizes = ((N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,))
    return [rng.standard_normal(size) for size in sizes]


def cache(case):
    """Ask for the cache of a step without asking for anything else."""
    return Made(function="step_forward", args=tuple(case), kwargs={}, position=2)


def compare_forward(student, reference, case):
    """Compare one step with the reference."""
    expect_close(student.step_forward(*case), reference.step_forward(*case), "h", "c")


def compare_backward(student, reference, rng, case):
    """Compare the gradients of one step with the reference's."""
    dh, dc = (rng.standard_normal(case[1].shape) for _ in range(2))
    question = (dh, dc, cache(case))
    expect_close(student.step_backward(*question), reference.step_backward(*question))


def compare_gradient(student, rng, k):
    """Compare one gradient with central differences of the student's own forward."""
    case = problem(rng)
    weights = {name: rng.standard_normal(case[1].shape) for name in ("h", "c")}
    got = student.step_backward(weights["h"], weights["c"], cache(case))
    name = "d" + ARGUMENTS[k]
    expect_gradient(student, "step_forward", case, {k: (name, got[name])}, weights)


@points(1)
def test_forward(student, reference, rng):
    """Forward equals the reference"""
    compare_forward(student, reference, problem(rng))


@points(1)
def test_forward_one_row(student, reference, rng):
    """Forward of one row equals the reference"""
    compare_forward(student, reference, problem(rng, N=1))


@points(1)
def test_forward_other_sizes(student, reference, rng):
    """Forward of other sizes equals the reference"""
    compare_forward(student, reference, problem(rng, N=7, D=5, H=6))


@points(1)
def test_backward(student, reference, rng):
    """Backward equals the reference"""
    compare_backward(student, reference, rng, problem(rng))


@points(1)
def test_backward_other_sizes(student, reference, rng):
    """Backward of other sizes equals the reference"""
    compare_backward(student, reference, rng, problem(rng, N=7, D=5, H=6))


@points(1, needs=test_forward)
def test_gradient_x(student, rng):
    """The gradient of x is right"""
    compare_gradient(student, rng, 0)


@points(1, needs=test_forward)
def test_gradient_h(student, rng):
    """The gradient of h_prev is right"""
    compare_gradient(student, rng, 1)


@points(1, needs=test_forward)
def test_gradient_Wx(student, rng):
    """The gradient of Wx is right"""
    compare_gradient(student, rng, 3)


@points(1, needs=test_forward)
def test_gradient_Wh(student, rng):
    """The gradient of Wh is right"""
    compare_gradient(student, rng, 4)


@points(1, needs=test_forward)
def test_gradient_b(student, rng):
    """The gradient of b is right"""
    compare_gradient(student, rng, 5)
