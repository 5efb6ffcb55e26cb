"""Public checks: GRU.

Numbers worked by hand in the handout, central differences of your own forward,
and properties every GRU has. Passing them all is a good sign and not yet full
marks: grading uses other inputs. Run them with `nox -s check -- gru`.
"""

import numpy as np

from grader.beside import tool
from grader.calls import Callback, Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_gradient,
    expect_present,
    expect_shape,
)
from grader.pytest_plugin import points

RETURNS = {
    "sigmoid": "s",
    "init_gru": "W",
    "gru_forward": "Hout hn *cache",
    "gru_backward": "dX dW dh0",
    "gru_forward_after": "Hout hn *cache",
    "to_torch_gru": "weights",
    "count_parameters": "count",
    "check_gradients": "errors wrong",
}

#: Asks for your own checker, too, where it is written.
BESIDE = ("gradient_check",)
LOSS = Callback(
    source="import numpy as np\n\ndef loss(p):\n"
    '    Hout, *_ = gru_forward(p["X"], p["W"], p["h0"])\n'
    "    return np.sum(Hout * np.cos(np.arange(Hout.size)).reshape(Hout.shape))\n",
    name="loss",
    uses=("gru_forward",),
)

#: The handout's toy network, D = H = 1: rows bias, x, h; columns z | r | n.
W_TOY = np.array([[1.0, -1.0, 1.0], [-0.5, 1.0, -1.0], [1.0, -1.0, -2.0]])
X_TOY, H_TOY = np.array([[[2.0]], [[1.0]]]), np.array([[-1.0]])

#: A wider one, D = 3, H = 2: with a single unit the place of the reset does not show.
W_WIDE = np.array([
    [0.1, -0.1, 0.2, -0.2, 0.3, -0.3],
    [0.5, 0.4, 0.3, 0.2, 0.1, 0.0],
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
    [-0.5, 0.5, -0.4, 0.4, -0.3, 0.3],
    [0.6, -0.2, 0.4, 0.1, -0.5, 0.8],
    [-0.3, 0.7, 0.9, -0.6, 1.0, -0.4],
])  # fmt: skip
X_WIDE, H_WIDE = np.array([[[1.0, 2.0, -1.0]]]), np.array([[0.5, -0.5]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 3H) and h0 (B, H)."""
    X, h0 = rng.standard_normal((T, B, D)), rng.standard_normal((B, H))
    return X, 0.7 * rng.standard_normal((1 + D + H, 3 * H)), h0


@points(1)
def test_init(student, seed):
    """init_gru: W has shape (R, 3H), a bias row of zeros and weights that differ"""
    W = expect_shape(student.init_gru(4, 2, seed).W, "W", (7, 6), "(R, 3H)")
    expect_close(by_hand(bias=W[0]), by_hand(bias=np.zeros(6)))
    expect(W[1:].std() > 0, "the weights below the bias row are all the same")


@points(1)
def test_count_parameters(student):
    """count_parameters: D = 64, H = 128 gives 24704, 98816 and 74112"""
    for cell, count in (("rnn", 24704), ("lstm", 98816), ("gru", 74112)):
        want = by_hand(count=count)
        got = student.count_parameters(64, 128, cell)
        expect_close(got, want, instead=f"for {cell!r} expected")


@points(1)
def test_forward_by_hand(student):
    """gru_forward: the toy network over x = 2, 1 from h0 = -1 gives Hout = -0.558, 0.009"""
    got = student.gru_forward(X_TOY, W_TOY, H_TOY)
    expect_present(got.cache, "gru_forward returned 2 values: the cache is missing")
    want = by_hand(Hout=[[[-0.558394]], [[0.009191]]], hn=[[0.009191]])
    expect_close(got, want, instead="by hand")
    want = by_hand(Hout=[[[-0.380797]], [[0.045504]]], hn=[[0.045504]])
    expect_close(student.gru_forward(X_TOY, W_TOY), want, instead="by hand, from zeros,")


@points(1, needs=test_forward_by_hand)
def test_reset_before_product(student):
    """gru_forward: with D = 3, H = 2 one step gives 0.715, -0.042; r meets h before W_n does"""
    got = student.gru_forward(X_WIDE, W_WIDE, H_WIDE)
    expect_close(got, by_hand(hn=[[0.715008, -0.04181]]), instead="by hand")


@points(1)
def test_shapes(student, rng):
    """gru_forward(X, W) without h0: shapes for T, B, D, H = 4, 2, 3, 5"""
    X, W, _ = sequences(rng)
    got = student.gru_forward(X, W)
    expect_shape(got.Hout, "Hout", (4, 2, 5), "(T, B, H)")
    expect_shape(got.hn, "hn", (2, 5), "(B, H)")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_keep_and_replace(student, rng):
    """gru_forward: z = 0 keeps h0 for good; z = 1 and r = 1 make a plain RNN"""
    X, W, h0 = sequences(rng)
    expect_depends(student.gru_forward(X, W, h0), "Hout")
    W[0, :10] = -50.0
    kept = student.gru_forward(X, W, h0)
    expect_close(kept, by_hand(Hout=np.broadcast_to(h0, (4, 2, 5))), instead="with z = 0, h0 is")
    W[0, :10] = 50.0
    h = h0
    for x in X:
        h = np.tanh(np.hstack([np.ones((2, 1)), x, h]) @ W[:, 10:])
    expect_close(student.gru_forward(X, W, h0), by_hand(hn=h), instead="a plain RNN gives")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_chunks(student, rng):
    """gru_forward: two calls that hand on h give what one call gives"""
    X, W, h0 = sequences(rng, T=5)
    whole = student.gru_forward(X, W, h0)
    expect_depends(whole, "Hout")
    first = student.gru_forward(X[:2], W, h0)
    second = student.gru_forward(X[2:], W, first.hn)
    want = Returned(names=("Hout", "hn"), values=(whole.Hout[2:], whole.hn))
    expect_close(second, want, instead="in one call")


@points(1, needs=test_forward_by_hand)
def test_backward_by_hand(student):
    """gru_backward: one toy step with dHout = 1 gives dh0 = 0.742 and dx = -0.286"""
    cache = student.gru_forward(X_TOY[:1], W_TOY, H_TOY).cache
    dW = [[0.32284, 0.033197, 0.158088], [0.645679, 0.066393, 0.316177],
          [-0.32284, -0.033197, -0.139244]]  # fmt: skip
    want = by_hand(dX=[[[-0.286312]]], dW=dW, dh0=[[0.742214]])
    expect_close(student.gru_backward(np.ones((1, 1, 1)), cache), want, instead="by hand")


@points(1, needs=test_shapes)
def test_gradient(student, rng):
    """gru_backward: the central differences of your own gru_forward, over three steps"""
    X, W, h0 = sequences(rng, T=3, B=2, D=2, H=3)
    dHout, dhn = rng.standard_normal((3, 2, 3)), rng.standard_normal((2, 3))
    got = student.gru_backward(dHout, student.gru_forward(X, W, h0).cache, dhn)
    expect_gradient(
        student,
        "gru_forward",
        (X, W, h0),
        {0: ("dX", got.dX), 1: ("dW", got.dW), 2: ("dh0", got.dh0)},
        {"Hout": dHout, "hn": dhn},
        blocks={1: {gate: np.s_[:, 3 * k : 3 * k + 3] for k, gate in enumerate("zrn")}},
    )


@points(1, needs=test_gradient)
def test_own_checker(student, rng):
    """gru_backward: your own check_gradients, where it is written, finds nothing wrong"""
    case = sequences(rng, T=3, B=2, D=2, H=3)
    dHout = np.cos(np.arange(3 * 2 * 3)).reshape(3, 2, 3)
    got = student.gru_backward(dHout, student.gru_forward(*case).cache)
    params = dict(zip(("X", "W", "h0"), case, strict=True))
    grads = {k: expect_shape(got[f"d{k}"], f"d{k}", v.shape) for k, v in params.items()}
    said = tool(student.check_gradients, LOSS, grads, params)
    wrong = said.wrong if isinstance(said.wrong, tuple | list) else ("something",)
    names = ", ".join(f"d{name}" for name in wrong if isinstance(name, str))
    message = f"your check_gradients calls {names} wrong, ours does not: "
    expect(not wrong, f"{message}does gradient_check pass its own checks?")


@points(1)
def test_after_by_hand(student):
    """gru_forward_after: the toy network with b_hn = 0.5 gives -0.507, 0.113; then D = 3, H = 2"""
    got = student.gru_forward_after(X_TOY, W_TOY, np.array([0.5]), H_TOY)
    want = by_hand(Hout=[[[-0.506691]], [[0.113192]]], hn=[[0.113192]])
    expect_close(got, want, instead="by hand")
    got = student.gru_forward_after(X_WIDE, W_WIDE, np.array([0.25, -0.75]), H_WIDE)
    expect_close(got, by_hand(hn=[[0.756455, -0.190158]]), instead="by hand")


@points(1, needs=(test_forward_by_hand, test_after_by_hand))
def test_before_is_after(student, rng):
    """gru_forward and gru_forward_after agree when r = 1 and b_hn = 0"""
    X, W, h0 = sequences(rng)
    W[0, 5:10] = 50.0
    before = student.gru_forward(X, W, h0)
    expect_depends(before, "Hout")
    want = Returned(names=("Hout", "hn"), values=(before.Hout, before.hn))
    after = student.gru_forward_after(X, W, np.zeros(5), h0)
    expect_close(after, want, instead="gru_forward says")


@points(1)
def test_to_torch_by_hand(student):
    """to_torch_gru: the toy network: rows r, z, n, z negated, biases add up; then D = 3, H = 2"""
    weights = student.to_torch_gru(W_TOY, np.array([0.5])).weights
    expect(isinstance(weights, dict), "to_torch_gru should return a dict of four arrays")
    want = {"weight_ih": [[1.0], [0.5], [-1.0]], "weight_hh": [[-1.0], [-1.0], [-2.0]]}
    expect_close(by_hand(**{key: weights[key] for key in want if key in weights}), by_hand(**want))
    ih, hh = (expect_shape(weights.get(key), key, (3,), "(3H,)") for key in ("bias_ih", "bias_hh"))
    got = by_hand(b_r=ih[0] + hh[0], b_z=ih[1] + hh[1], b_n=ih[2], b_hn=hh[2])
    expect_close(got, by_hand(b_r=-1.0, b_z=-1.0, b_n=1.0, b_hn=0.5))
    wide = student.to_torch_gru(W_WIDE, np.array([0.25, -0.75])).weights
    expect(isinstance(wide, dict), "to_torch_gru should return a dict of four arrays")
    want = {
        "weight_ih": [[0.3, 0.2, -0.4], [0.2, 0.3, 0.4], [-0.5, 0.0, 0.5],
                      [-0.4, -0.1, -0.5], [0.1, 0.4, -0.3], [0.0, 0.5, 0.3]],
        "weight_hh": [[0.4, 0.9], [0.1, -0.6], [-0.6, 0.3], [0.2, -0.7], [-0.5, 1.0], [0.8, -0.4]],
    }  # fmt: skip
    expect_close(by_hand(**{key: wide[key] for key in want if key in wide}), by_hand(**want))
