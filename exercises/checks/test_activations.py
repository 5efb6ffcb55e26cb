"""Public checks: activations.

Numbers worked by hand in the handout, and properties that every softmax and
every orthogonal matrix has. Passing them all is a good sign and not yet full
marks: grading uses other inputs. Run them with `nox -s check -- activations`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradient,
    expect_quiet,
    expect_shape,
)
from grader.pytest_plugin import points

RETURNS = {
    "dsigmoid_from_output": "ds",
    "dtanh_from_output": "dt",
    "softmax": "p",
    "log_softmax": "log_p",
    "cross_entropy": "loss dlogits",
    "one_hot": "y",
    "glorot": "W",
    "orthogonal": "Q",
}

LOUD = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]])


def by_hand(**values):
    """Name what the handout works out."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


@points(1)
def test_dsigmoid(student):
    """dsigmoid_from_output: 0.8 gives 0.16, and it is never above 1/4"""
    got = student.dsigmoid_from_output(np.array([0.8, 0.5, 0.0]))
    expect_close(got, by_hand(ds=[0.16, 0.25, 0.0]), instead="by hand")


@points(1)
def test_dtanh(student):
    """dtanh_from_output: 0.8 gives 0.36, and 0 gives 1"""
    got = student.dtanh_from_output(np.array([[0.8, 0.0], [-1.0, -0.5]]))
    expect_close(got, by_hand(dt=[[0.36, 1.0], [0.0, 0.75]]), instead="by hand")


@points(1)
def test_softmax(student):
    """softmax: [1, 2, 3] gives [0.090, 0.245, 0.665], in a batch and alone"""
    row = [0.0900306, 0.244728, 0.665241]
    got = student.softmax(np.array([[1.0, 2.0, 3.0], [7.0, 7.0, 7.0]]))
    expect_close(got, by_hand(p=[row, [1 / 3, 1 / 3, 1 / 3]]), instead="by hand")
    got = student.softmax(np.array([1.0, 2.0, 3.0]))
    expect_close(got, by_hand(p=row), instead="without a batch, by hand")


@points(1)
def test_softmax_loud(student):
    """softmax: logits of ±10000 make neither nan nor a warning"""
    got = student.softmax(LOUD)
    expect_close(got, by_hand(p=[[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]]), instead="by hand")
    expect_quiet(got, "softmax(a)")


@points(1)
def test_log_softmax(student):
    """log_softmax: [1, 2, 3] gives [-2.408, -1.408, -0.408]"""
    got = student.log_softmax(np.array([[1.0, 2.0, 3.0]]))
    expect_close(got, by_hand(log_p=[[-2.407606, -1.407606, -0.407606]]), instead="by hand")


@points(1)
def test_log_softmax_loud(student):
    """log_softmax: logits of ±10000 give 0, -10000 and -20000, no infinity and no warning"""
    got = student.log_softmax(LOUD)
    third = -np.log(3.0)
    want = by_hand(log_p=[[0.0, -1e4, -2e4], [third, third, third]])
    expect_close(got, want, instead="by hand")
    expect_quiet(got, "log_softmax(a)")


@points(1, needs=(test_softmax, test_log_softmax))
def test_shift(student, rng):
    """softmax and log_softmax: adding 100 to every logit changes nothing"""
    a = rng.standard_normal((2, 3, 4))
    for function in ("softmax", "log_softmax"):
        before, after = student.each(function, [((a,), {}), ((a + 100.0,), {})])
        name = before.names[0]
        expect_shape(before[name], name, a.shape)
        expect_depends(before, name)
        same = Returned(names=(name,), values=(before[name],))
        expect_close(after, same, name, instead="before the 100 were added it was")


@points(1)
def test_cross_entropy(student):
    """cross_entropy: [1, 2, 3] with target 0 gives 2.408 and [-0.910, 0.245, 0.665]"""
    got = student.cross_entropy(np.array([[1.0, 2.0, 3.0]]), np.array([0]))
    want = by_hand(loss=2.407606, dlogits=[[-0.909969, 0.244728, 0.665241]])
    expect_close(got, want, instead="by hand")


@points(1, needs=test_cross_entropy)
def test_cross_entropy_is_a_sum(student):
    """cross_entropy: the same row three times costs three times as much, row by row the same"""
    logits = np.array([[1.0, 2.0, 3.0]])
    one = student.cross_entropy(logits, np.array([2]))
    three = student.cross_entropy(np.repeat(logits, 3, axis=0), np.array([2, 2, 2]))
    expect_shape(one.dlogits, "dlogits", (1, 3))
    expect_finite(expect_shape(one.loss, "loss", ()), "loss")
    want = by_hand(loss=3.0 * one.loss, dlogits=np.repeat(one.dlogits, 3, axis=0))
    expect_close(three, want, instead="three times one row is")


@points(1, needs=test_cross_entropy)
def test_gradient(student, rng):
    """cross_entropy: central differences of your own loss agree with your dlogits"""
    logits, targets = rng.standard_normal((4, 3)), np.array([2, 0, 1, 1])
    got = student.cross_entropy(logits, targets)
    gradients, weights = {0: ("dlogits", got.dlogits)}, {"loss": np.array(1.0)}
    expect_gradient(student, "cross_entropy", (logits, targets), gradients, weights)


@points(1)
def test_one_hot(student):
    """one_hot: [2, 0] with V = 3 gives [[0, 0, 1], [1, 0, 0]]; (T, B) gives (T, B, V)"""
    got = student.one_hot(np.array([2, 0]), 3)
    expect_close(got, by_hand(y=[[0, 0, 1], [1, 0, 0]]), instead="by hand")
    got = student.one_hot(np.array([[1], [0]]), 2)
    expect_close(got, by_hand(y=[[[0, 1]], [[1, 0]]]), instead="by hand")


@points(1)
def test_glorot(student, seed):
    """glorot: shape (fan_in, fan_out), spread around zero, and smaller for larger layers"""
    small = expect_shape(student.glorot(10, 20, seed).W, "W", (10, 20), "(fan_in, fan_out)")
    large = expect_shape(student.glorot(90, 180, seed).W, "W", (90, 180), "(fan_in, fan_out)")
    for W in (small, large):
        expect_finite(W, "W")
    ratio = float(small.std() / max(large.std(), 1e-300))
    message = "nine times as many inputs and outputs should make weights three times smaller; "
    expect(2.5 < ratio < 3.6, f"{message}yours are {ratio:.2g} times smaller")


@points(1)
def test_orthogonal(student, seed, rng):
    """orthogonal: Q keeps the length of every vector, and Q Qᵀ = I"""
    Q = expect_shape(student.orthogonal(5, seed).Q, "Q", (5, 5), "(H, H)")
    expect_finite(Q, "Q")
    v = rng.standard_normal(5)
    want = by_hand(length=np.linalg.norm(v))
    expect_close(by_hand(length=np.linalg.norm(Q @ v)), want, instead="without Q it is")
    expect_close(by_hand(QQt=Q @ Q.T), by_hand(QQt=np.eye(5)))
