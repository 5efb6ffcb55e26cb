"""Public checks: attention.

Numbers worked by hand in the handout, central differences of your own functions,
and what padding must not do. Passing them all is a good sign and not yet full
marks: grading uses other inputs. Run them with `nox -s check -- attention`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import (
    expect,
    expect_close,
    expect_finite,
    expect_gradient,
    expect_present,
    expect_shape,
)
from grader.figures import expect_colorbar, expect_figure, expect_images, expect_labels
from grader.pytest_plugin import points

RETURNS = {
    "masked_softmax": "weights",
    "masked_softmax_backward": "dscore",
    "dot_attention": "context weights *cache",
    "dot_attention_backward": "dquery dencoder",
    "additive_attention": "context weights *cache",
    "additive_attention_backward": "dquery dencoder grads",
    "reverse_copy": "answers weights",
    "plot_attention": "@figure",
}

#: The handout's toy: one query, two states of one number.
QUERY, ENCODER = np.array([[[1.0]]]), np.array([[[2.0]], [[-1.0]]])
REAL = np.array([[True], [True]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def question(rng, U=3, T=4, B=2, H=3):
    """Draw query (U, B, H), encoder (T, B, H) and a mask in which one sequence is shorter."""
    mask = np.arange(T)[:, None] < np.array([T, T - 2])
    return rng.standard_normal((U, B, H)), rng.standard_normal((T, B, H)), mask


def network(rng, Q=3, H=3, A=2):
    """Draw the weights of an additive score."""
    shapes = {"W_q": (Q, A), "W_e": (H, A), "b": (A,), "v": (A,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


@points(1)
def test_softmax_by_hand(student):
    """masked_softmax: scores 0, ln 3, 7 with the last one masked give 0.25, 0.75, 0"""
    mask = np.array([True, True, False])
    got = student.masked_softmax(np.array([0.0, np.log(3.0), 7.0]), mask)
    expect_close(got, by_hand(weights=[0.25, 0.75, 0.0]), instead="by hand")


@points(1)
def test_softmax_rows(student, rng):
    """masked_softmax: rows sum to 1, also at scores of 1e4; a row of padding is all zeros"""
    mask = np.array([[True, True, False], [True, True, True], [False, False, False]])
    for score in (rng.standard_normal((3, 3)), 1e4 + rng.standard_normal((3, 3))):
        weights = expect_shape(student.masked_softmax(score, mask).weights, "weights", (3, 3))
        expect_finite(weights, "weights")
        sums = by_hand(sums=weights.sum(axis=1))
        expect_close(sums, by_hand(sums=[1.0, 1.0, 0.0]), instead="expected")


@points(1)
def test_softmax_backward_by_hand(student):
    """masked_softmax_backward: w = 0.25, 0.75 and dw = 4, 0 give 0.75, -0.75"""
    got = student.masked_softmax_backward(np.array([4.0, 0.0]), np.array([0.25, 0.75]))
    expect_close(got, by_hand(dscore=[0.75, -0.75]), instead="by hand")


@points(1)
def test_dot_by_hand(student):
    """dot_attention: the toy has weights 0.953, 0.047 and the context 1.858"""
    got = student.dot_attention(QUERY, ENCODER, REAL)
    expect_present(got.cache, "dot_attention returned 2 values: the cache is missing")
    want = by_hand(context=[[[1.857722]]], weights=[[[0.952574, 0.047426]]])
    expect_close(got, want, instead="by hand")


@points(1)
def test_shapes(student, rng):
    """dot_attention and additive_attention: context (U, B, H), weights (U, B, T)"""
    case = question(rng, U=3, T=4, B=2, H=5)
    for got in (
        student.dot_attention(*case), student.additive_attention(*case, network(rng, Q=5, H=5))
    ):  # fmt: skip
        expect_shape(got.context, "context", (3, 2, 5), "(U, B, H)")
        expect_shape(got.weights, "weights", (3, 2, 4), "(U, B, T)")


@points(1, needs=test_shapes)
def test_padding(student, rng):
    """Both: NaN in the padding changes nothing"""
    query, encoder, mask = question(rng)
    broken = np.where(mask[:, :, None], encoder, np.nan)
    for function, more in (("dot_attention", ()), ("additive_attention", (network(rng),))):
        attend = getattr(student, function)
        first = attend(query, encoder, mask, *more)
        want = Returned(names=("context", "weights"), values=(first.context, first.weights))
        expect_close(attend(query, broken, mask, *more), want, instead="without NaN")


@points(1, needs=test_shapes)
def test_dot_gradient(student, rng):
    """dot_attention_backward: the central differences of your own dot_attention"""
    query, encoder, mask = question(rng)
    dcontext, dweights = rng.standard_normal((3, 2, 3)), rng.standard_normal((3, 2, 4))
    cache = student.dot_attention(query, encoder, mask).cache
    got = student.dot_attention_backward(dcontext, cache, dweights)
    expect_gradient(
        student,
        "dot_attention",
        (query, encoder, mask),
        {0: ("dquery", got.dquery), 1: ("dencoder", got.dencoder)},
        {"context": dcontext, "weights": dweights},
    )


@points(1, needs=test_shapes)
def test_additive_gradient(student, rng):
    """additive_attention_backward: the central differences of your own additive_attention"""
    query, encoder, mask = question(rng)
    p = network(rng)
    dcontext, dweights = rng.standard_normal((3, 2, 3)), rng.standard_normal((3, 2, 4))
    cache = student.additive_attention(query, encoder, mask, p).cache
    got = student.additive_attention_backward(dcontext, cache, dweights)
    expect_gradient(
        student,
        "additive_attention",
        (query, encoder, mask, p),
        {0: ("dquery", got.dquery), 1: ("dencoder", got.dencoder)},
        {"context": dcontext, "weights": dweights},
    )
    expect(isinstance(got.grads, dict), "grads should be a dict with W_q, W_e, b and v")
    for name, value in p.items():
        expect_shape(got.grads.get(name), f'grads["{name}"]', value.shape)


@points(1)
def test_copy_by_hand(student):
    """reverse_copy: 2, 0, 1 backwards, with peaks of 0.787 at sharpness 2"""
    got = student.reverse_copy(np.array([[2], [0], [1]]), np.array([3]), 3, 2.0)
    peak, rest = 0.786986, 0.106507
    rows = [[rest, rest, peak], [rest, peak, rest], [peak, rest, rest]]
    want = by_hand(answers=[[1], [0], [2]], weights=np.array(rows)[:, None])
    expect_close(got, want, instead="by hand")


@points(1)
def test_figure(student):
    """plot_attention: returns a Figure with a heat map of the weights, labels and a colour bar"""
    weights = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    drawn = student.plot_attention(weights, ["a", "b", "c"], ["x", "y"]).figure
    figure = expect_figure(drawn, "plot_attention")
    expect_images(figure, {"weights": weights})
    expect_labels(figure)
    expect_colorbar(figure)
