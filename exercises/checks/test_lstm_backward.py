"""Public checks: LSTM backward.

Numbers worked by hand in the handout, and your gradients beside central
differences of your own forward. Passing them all is a good sign and not yet
full marks: grading uses other inputs. Run them with `nox -s check -- lstm_backward`.
"""

import numpy as np

from grader.beside import tool
from grader.calls import Callback, Made, Returned
from grader.expect import expect, expect_close, expect_depends, expect_gradient, expect_shape
from grader.pytest_plugin import points

RETURNS = {
    "lstm_step": "h c",
    "lstm_forward": "Hout cn hn *cache",
    "lstm_step_backward": "dx dh_prev dc_prev grads",
    "lstm_backward": "dX dW dc0 dh0",
    "check_gradients": "errors wrong",
}

#: Asks for your own checker, too, where it is written.
BESIDE = ("gradient_check",)
LOSS = Callback(
    source="import numpy as np\n\ndef loss(p):\n"
    '    Hout, *_ = lstm_forward(p["X"], p["W"], p["c0"], p["h0"])\n'
    "    return np.sum(Hout * np.cos(np.arange(Hout.size)).reshape(Hout.shape))\n",
    name="loss",
    uses=("lstm_forward",),
)

#: The toy cell of the lstm_forward handout, D = H = 1: each matrix reads [h; x].
TOY = {
    "W_f": np.array([[-1.0, 0.5]]), "b_f": np.array([[1.0]]),
    "W_i": np.array([[2.0, 1.0]]), "b_i": np.array([[-1.0]]),
    "W_g": np.array([[-2.0, -1.0]]), "b_g": np.array([[1.0]]),
    "W_o": np.array([[-1.0, 1.0]]), "b_o": np.array([[-1.0]]),
}  # fmt: skip
X_TOY, H_TOY, C_TOY = np.array([[2.0]]), np.array([[-1.0]]), np.array([[0.5]])
W_TOY = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 0.5, 1.0, -1.0], [2.0, -1.0, -1.0, -2.0]])
ONE, NONE = np.array([[1.0]]), np.array([[0.0]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def sequences(rng, T, B=2, D=3, H=2):
    """Draw X, W, c0 and h0."""
    shapes = ((T, B, D), (1 + D + H, 4 * H), (B, H), (B, H))
    return tuple(rng.standard_normal(shape) for shape in shapes)


def cache(forward):
    """Stand for the cache of your lstm_forward, called with (X, W, c0, h0)."""
    return Made(function="lstm_forward", args=forward, kwargs={}, position=3)


def blocks_of(D, H):
    """Divide W (R, 4H) into bias, input and recurrent rows by gate."""
    rows = {"bias": np.s_[:1], "input": np.s_[1 : 1 + D], "recurrent": np.s_[1 + D :]}
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate("ifog")}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


@points(1)
def test_step_from_h(student):
    """lstm_step_backward: on the toy cell, dh = 1 and dc = 0 give what the handout works out"""
    got = student.lstm_step_backward(ONE, NONE, X_TOY, H_TOY, C_TOY, TOY)
    grads = {
        "W_f": [[-0.012917, 0.025835]], "b_f": [[0.012917]],
        "W_i": [[-0.085629, 0.171258]], "b_i": [[0.085629]],
        "W_g": [[-0.06459, 0.129181]], "b_g": [[0.06459]],
        "W_o": [[-0.062182, 0.124363]], "b_o": [[0.062182]],
    }  # fmt: skip
    want = Returned(
        names=("dx", "dh_prev", "dc_prev", "grads"),
        values=(
            np.array([[0.089679]]),
            np.array([[-0.033022]]),
            np.array([[0.544737]]),
            {name: np.array(value) for name, value in grads.items()},
        ),
    )
    expect_close(got, want, instead="by hand")


@points(1)
def test_step_from_c(student):
    """lstm_step_backward: on the toy cell, dh = 0 and dc = 1 give dc_prev = 0.953"""
    got = student.lstm_step_backward(NONE, ONE, X_TOY, H_TOY, C_TOY, TOY)
    want = by_hand(dx=[[0.048084]], dh_prev=[[0.050992]], dc_prev=[[0.952574]])
    expect_close(got, want, instead="by hand")


@points(1)
def test_by_hand(student):
    """lstm_backward: the toy cell over two steps, with a loss on the last one"""
    X = np.array([[[2.0]], [[1.0]]])
    got = student.lstm_backward(np.array([[[0.0]], [[1.0]]]), cache((X, W_TOY, C_TOY, H_TOY)))
    want = by_hand(
        dX=[[[-0.019102]], [[-0.156953]]],
        dW=[
            [-0.045862, 0.051506, -0.041143, 0.114804],
            [-0.03618, 0.052966, -0.063355, 0.122107],
            [-0.038656, 0.024645, 0.012336, 0.048774],
        ],
        dc0=[[0.061592]],
        dh0=[[0.025508]],
    )
    expect_close(got, want, tolerance=1e-3, instead="by hand")


@points(1)
def test_shapes(student, rng):
    """lstm_backward: shapes for T, B, D, H = 4, 2, 3, 5, without dcn and dhn"""
    forward = sequences(rng, T=4, H=5)
    got = student.lstm_backward(rng.standard_normal((4, 2, 5)), cache(forward))
    letters = ("(T, B, D)", "(R, 4H)", "(B, H)", "(B, H)")
    for name, like, letter in zip(("dX", "dW", "dc0", "dh0"), forward, letters, strict=True):
        expect_shape(got[name], name, like.shape, letter)


@points(1, needs=test_shapes)
def test_central_differences(student, rng):
    """lstm_backward: all gradients agree with central differences of your forward"""
    forward = sequences(rng, T=3)
    dHout, dcn, dhn = (rng.standard_normal(shape) for shape in ((3, 2, 2), (2, 2), (2, 2)))
    got = student.lstm_backward(dHout, cache(forward), dcn, dhn)
    names = ("dX", "dW", "dc0", "dh0")
    expect_gradient(
        student, "lstm_forward", forward,
        {k: (name, got[name]) for k, name in enumerate(names)},
        {"Hout": dHout, "cn": dcn, "hn": dhn}, blocks={1: blocks_of(3, 2)},
    )  # fmt: skip


@points(1, needs=test_central_differences)
def test_own_checker(student, rng):
    """lstm_backward: your own check_gradients, where it is written, finds nothing wrong"""
    case = sequences(rng, T=3, H=4)
    dHout = np.cos(np.arange(3 * 2 * 4)).reshape(3, 2, 4)
    got = student.lstm_backward(dHout, cache(case))
    params = dict(zip(("X", "W", "c0", "h0"), case, strict=True))
    grads = {k: expect_shape(got[f"d{k}"], f"d{k}", v.shape) for k, v in params.items()}
    said = tool(student.check_gradients, LOSS, grads, params)
    wrong = said.wrong if isinstance(said.wrong, tuple | list) else ("something",)
    names = ", ".join(f"d{name}" for name in wrong if isinstance(name, str))
    message = f"your check_gradients calls {names} wrong, ours does not: "
    expect(not wrong, f"{message}does gradient_check pass its own checks?")


@points(1, needs=(test_by_hand, test_shapes))
def test_step_is_batch(student, rng):
    """lstm_step_backward and lstm_backward agree for T = B = 1, D = 3, H = 2"""
    D, H = 3, 2
    p = {f"W_{gate}": rng.standard_normal((H, H + D)) for gate in "figo"}
    p |= {f"b_{gate}": rng.standard_normal((H, 1)) for gate in "figo"}
    dh, dc, h_prev, c_prev = rng.standard_normal((4, H, 1))
    x = rng.standard_normal((D, 1))
    step = student.lstm_step_backward(dh, dc, x, h_prev, c_prev, p)
    expect_depends(step, "dx")
    W = np.hstack([
        np.vstack([p[f"b_{k}"].T, p[f"W_{k}"][:, H:].T, p[f"W_{k}"][:, :H].T]) for k in "ifog"
    ])  # fmt: skip
    batch = student.lstm_backward(dh.T[None], cache((x.T[None], W, c_prev.T, h_prev.T)), dc.T)
    values = (step.dx.T[None], step.dc_prev.T, step.dh_prev.T)
    want = Returned(names=("dX", "dc0", "dh0"), values=values)
    expect_close(batch, want, instead="from lstm_step_backward")
    dW = expect_shape(batch.dW, "dW", W.shape, "(R, 4H)")
    blocks = dict(zip("ifog", np.split(dW, 4, axis=1), strict=True))
    grads = {f"b_{k}": d[:1].T for k, d in blocks.items()}
    grads |= {f"W_{k}": np.hstack([d[1 + D :].T, d[1 : 1 + D].T]) for k, d in blocks.items()}
    expect_close(step, Returned(names=("grads",), values=(grads,)), instead="from lstm_backward")
