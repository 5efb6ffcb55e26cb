"""Public checks: vanilla RNN.

Numbers worked by hand in the handout, and properties every RNN has. Passing
them all is a good sign and not yet full marks: grading uses other inputs.
Run them with `nox -s check -- vanilla_rnn`.
"""

import numpy as np

from grader.beside import tool
from grader.calls import Callback, Made, Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradient,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.figures import expect_figure, expect_labels, expect_legend, expect_lines
from grader.pytest_plugin import points

RETURNS = {
    "rnn_forward": "Hout hn *cache",
    "rnn_backward": "dX dW dh0",
    "clip_global": "clipped norm",
    "clip_per_matrix": "clipped",
    "clip_elementwise": "clipped",
    "jacobian_norms": "norms",
    "parameter_sharing": "shared unshared",
    "gradient_scale": "power",
    "check_gradients": "errors wrong",
    "plot_gradient_scale": "@figure",
}

#: Asks for your own checker, too, where it is written.
BESIDE = ("gradient_check",)
LOSS = Callback(
    source="import numpy as np\n\ndef loss(p):\n"
    '    Hout, *_ = rnn_forward(p["X"], p["W"], p["h0"])\n'
    "    return np.sum(Hout * np.cos(np.arange(Hout.size)).reshape(Hout.shape))\n",
    name="loss",
    uses=("rnn_forward",),
)

#: The handout's toy network: D = H = B = 1, T = 2.
X_TOY, W_TOY = np.array([[[2.0]], [[-1.0]]]), np.array([[1.0], [0.5], [-2.0]])
H_TOY = np.array([[0.5]])
LAST = np.array([[[0.0]], [[1.0]]])

#: The handout's gradients: one norm of 10, one of 24, together 26.
GRADS = {"W": np.array([[6.0, 8.0]]), "b": np.array([24.0])}


def by_hand(**values):
    """Name what the handout works out."""
    arrays = [v if isinstance(v, dict) else np.array(v, float) for v in values.values()]
    return Returned(names=tuple(values), values=tuple(arrays))


def cache_of(X, W, h0):
    """Stand for the cache that your rnn_forward makes of these."""
    return Made(function="rnn_forward", args=(X, W, h0), kwargs={}, position=2)


def sequences(rng, T, B, D, H):
    """Draw X (T, B, D), W (R, H), h0 (B, H)."""
    W = 0.5 * rng.standard_normal((1 + D + H, H))
    return rng.standard_normal((T, B, D)), W, rng.standard_normal((B, H))


@points(1)
def test_forward_by_hand(student):
    """rnn_forward: the toy network gives Hout = 0.762, -0.771; without h0, 0.964, -0.891"""
    got = student.rnn_forward(X_TOY, W_TOY, H_TOY)
    expect_present(got.cache, "rnn_forward returned 2 values: the cache is missing")
    want = by_hand(Hout=[[[0.761594]], [[-0.771162]]], hn=[[-0.771162]])
    expect_close(got, want, instead="by hand")
    want = by_hand(Hout=[[[0.964028]], [[-0.891267]]], hn=[[-0.891267]])
    expect_close(student.rnn_forward(X_TOY, W_TOY), want, instead="by hand")


@points(1)
def test_shapes(student, rng):
    """rnn_forward(X, W) without h0: shapes for T, B, D, H = 4, 2, 3, 5"""
    got = student.rnn_forward(rng.standard_normal((4, 2, 3)), rng.standard_normal((9, 5)))
    expect_shape(got.Hout, "Hout", (4, 2, 5), "(T, B, H)")
    expect_shape(got.hn, "hn", (2, 5), "(B, H)")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_chunks(student, rng):
    """rnn_forward: two calls that hand on h give what one call gives"""
    X, W, h0 = sequences(rng, T=5, B=2, D=3, H=4)
    whole = student.rnn_forward(X, W, h0)
    expect_depends(whole, "Hout")
    first = student.rnn_forward(X[:2], W, h0)
    second = student.rnn_forward(X[2:], W, first.hn)
    want = by_hand(Hout=whole.Hout[2:], hn=whole.hn)
    expect_close(second, want, instead="in one call")


@points(1)
def test_backward_by_hand(student):
    """rnn_backward: the toy network with a loss of h_2 gives dX = -0.170, 0.203, dh0 = 0.681"""
    want = by_hand(dX=[[[-0.170219]], [[0.202655]]],
                   dW=[[0.0648703], [-1.086187], [0.138462]], dh0=[[0.680878]])  # fmt: skip
    cache = cache_of(X_TOY, W_TOY, H_TOY)
    expect_close(student.rnn_backward(LAST, cache), want, instead="by hand")
    got = student.rnn_backward(0 * LAST, cache, np.array([[1.0]]))
    expect_close(got, want, instead="with the loss on hn instead, by hand")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_gradient(student, rng):
    """rnn_backward: central differences of your own rnn_forward agree, T, B, D, H = 4, 2, 3, 5"""
    case = sequences(rng, T=4, B=2, D=3, H=5)
    weights = {"Hout": rng.standard_normal((4, 2, 5)), "hn": rng.standard_normal((2, 5))}
    got = student.rnn_backward(weights["Hout"], cache_of(*case), weights["hn"])
    gradients = {0: ("dX", got.dX), 1: ("dW", got.dW), 2: ("dh0", got.dh0)}
    rows = {"bias": np.s_[:1], "input": np.s_[1:4], "recurrent": np.s_[4:]}
    expect_gradient(student, "rnn_forward", case, gradients, weights, blocks={1: rows})


@points(1, needs=test_gradient)
def test_own_checker(student, rng):
    """rnn_backward: your own check_gradients, where it is written, finds nothing wrong"""
    case = sequences(rng, T=3, B=2, D=2, H=3)
    dHout = np.cos(np.arange(3 * 2 * 3)).reshape(3, 2, 3)
    got = student.rnn_backward(dHout, cache_of(*case))
    params = dict(zip(("X", "W", "h0"), case, strict=True))
    grads = {k: expect_shape(got[f"d{k}"], f"d{k}", v.shape) for k, v in params.items()}
    said = tool(student.check_gradients, LOSS, grads, params)
    wrong = said.wrong if isinstance(said.wrong, tuple | list) else ("something",)
    names = ", ".join(f"d{name}" for name in wrong if isinstance(name, str))
    message = f"your check_gradients calls {names} wrong, ours does not: "
    expect(not wrong, f"{message}does gradient_check pass its own checks?")


@points(1)
def test_clip_global(student):
    """clip_global: [6, 8] and [24], norm 26, shrink to [1.154, 1.538] and [4.615] for norm 5"""
    want = by_hand(clipped={"W": np.array([[1.153846, 1.538462]]), "b": np.array([4.615385])},
                   norm=26.0)  # fmt: skip
    expect_close(student.clip_global(GRADS, 5.0), want, "clipped", "norm", instead="by hand")
    kept = by_hand(clipped=GRADS, norm=26.0)
    expect_close(student.clip_global(GRADS, 30.0), kept, "clipped", "norm", instead="by hand")
    zeros = {name: 0.0 * g for name, g in GRADS.items()}
    expect_close(student.clip_global(zeros, 5.0), by_hand(clipped=zeros), "clipped")


@points(1)
def test_clip_per_matrix(student):
    """clip_per_matrix: for norm 5, [6, 8] and [24] shrink to [3, 4] and [5]; for 11, only [24]"""
    want = by_hand(clipped={"W": np.array([[3.0, 4.0]]), "b": np.array([5.0])})
    expect_close(student.clip_per_matrix(GRADS, 5.0), want, "clipped", instead="by hand")
    want = by_hand(clipped={"W": GRADS["W"], "b": np.array([11.0])})
    expect_close(student.clip_per_matrix(GRADS, 11.0), want, "clipped", instead="by hand")


@points(1)
def test_clip_elementwise(student):
    """clip_elementwise: [6, 8] and [-24] are cut to [5, 5] and [-5]"""
    want = by_hand(clipped={"W": np.array([[5.0, 5.0]]), "b": np.array([-5.0])})
    got = student.clip_elementwise(GRADS | {"b": -GRADS["b"]}, 5.0)
    expect_close(got, want, "clipped", instead="by hand")


@points(1)
def test_jacobian_norms(student):
    """jacobian_norms: the toy network gives 1, 0.811, 0.681"""
    got = student.jacobian_norms(X_TOY, W_TOY, H_TOY)
    expect_close(got, by_hand(norms=[1.0, 0.810618, 0.680878]), instead="by hand")


@points(1, needs=(test_forward_by_hand, test_jacobian_norms))
def test_jacobian_measured(student, rng):
    """jacobian_norms: central differences of your own rnn_forward agree, T, D, H = 2, 2, 3"""
    T, H, delta = 2, 3, 1e-5
    X, W, h0 = sequences(rng, T=T, B=1, D=2, H=H)
    norms = expect_shape(student.jacobian_norms(X, W, h0).norms, "norms", (T + 1,), "(T + 1,)")
    shifts = [sign * delta * unit for unit in np.eye(H) for sign in (1.0, -1.0)]
    ends = student.each("rnn_forward", [((X, W, h0 + shift), {}) for shift in shifts])
    hn = np.array([expect_shape(end.hn, "hn", (1, H))[0] for end in ends])
    J = (hn[0::2] - hn[1::2]).T / (2 * delta)
    want = by_hand(norms=np.linalg.norm(J, 2))
    expect_close(by_hand(norms=norms[T]), want, "norms", instead="for lag 2 your rnn_forward says")


@points(1)
def test_gradient_scale(student):
    """gradient_scale: 0.8 over 50 steps is 10^-4.85, 1.2 over 10000 steps 10^791.8"""
    got = student.gradient_scale(0.8, np.array([1, 50]))
    expect_close(got, by_hand(power=[-0.0969100, -4.845501]), instead="by hand")
    got = student.gradient_scale(1.2, np.array([[50], [10000]]))
    expect_close(got, by_hand(power=[[3.959062], [791.8125]]), instead="by hand")
    expect_quiet(got, "gradient_scale(scale, steps)")
    expect_close(student.gradient_scale(0.8, 50), by_hand(power=-4.845501), "power")


@points(1, needs=(test_jacobian_norms, test_gradient_scale))
def test_scaled_rotation(student, rng):
    """With x = 0, h = 0 and W_hh = 0.8 times a rotation, lag k leaves exactly 0.8^k"""
    T, D, H = 6, 2, 3
    rotation, _ = np.linalg.qr(rng.standard_normal((H, H)))
    W = np.vstack([np.zeros((1 + D, H)), 0.8 * rotation])
    norms = expect_shape(student.jacobian_norms(np.zeros((T, 1, D)), W).norms, "norms", (T + 1,))
    expect_finite(norms, "norms")
    expect(norms.min() > 0, "an entry of norms is not positive")
    power = student.gradient_scale(0.8, np.arange(T + 1))
    expect_close(by_hand(power=np.log10(norms)), power, instead="gradient_scale says")


@points(1)
def test_parameter_sharing(student):
    """parameter_sharing: T = 5, D = 3, H = 4 gives 32 and 160"""
    got = student.parameter_sharing(5, 3, 4)
    expect_close(got, by_hand(shared=32, unshared=160), "shared", "unshared", instead="by hand")


@points(1)
def test_plot_gradient_scale(student):
    """plot_gradient_scale: 0.5, 0.8 and 1.2 over 40 steps, as powers of ten, labelled and named"""
    steps = np.arange(1, 41)
    drawn = student.plot_gradient_scale([0.5, 0.8, 1.2], steps)
    figure = expect_figure(drawn.figure, "plot_gradient_scale")
    curves = {f"{scale:g}": scale**steps for scale in (0.5, 0.8, 1.2)}
    for line in expect_lines(figure, curves).values():
        kind = line.axes["yscale"]
        once = (kind == "linear") == line.logarithm
        expect(once, f"powers of ten are not evenly spaced: the vertical axis is {kind}")
    expect_labels(figure)
    expect_legend(figure, list(curves))
