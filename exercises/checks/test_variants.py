"""Public checks: variants.

Numbers worked by hand in the handout, central differences of your own coupled
cell, and properties no variant may lose. Passing them all is a good sign and not
yet full marks: grading uses other inputs. Run them with `nox -s check -- variants`.
"""

import numpy as np

from grader.calls import Returned
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
    "lstm_forward": "Hout cn hn *cache",
    "peephole_forward": "Hout cn hn",
    "coupled_forward": "Hout cn hn *cache",
    "coupled_backward": "dX dW dc0 dh0",
    "stack_layers": "Hout hns",
    "bidirectional": "both",
    "reorder_gates": "W",
    "to_library": "weights",
}

#: The handout's toy cell, D = H = 1: rows bias, x, h; columns i | f | o | g.
W_TOY = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 0.5, 1.0, -1.0], [2.0, -1.0, -1.0, -2.0]])
P_TOY = np.array([[2.0], [-2.0], [1.0]])
X_TOY, C_TOY, H_TOY = np.array([[[2.0]], [[1.0]]]), np.array([[0.5]]), np.array([[-1.0]])
#: No i for the coupled cell.
W_COUPLED = W_TOY[:, 1:]
#: Two real steps and one of padding.
X_PADDED = np.array([[[2.0]], [[-1.0]], [[0.0]]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def sequences(rng, blocks=4, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, blocks H), c0 and h0 (B, H)."""
    X, W = rng.standard_normal((T, B, D)), rng.standard_normal((1 + D + H, blocks * H))
    return X, 0.7 * W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


@points(1)
def test_peephole_by_hand(student):
    """peephole_forward: the toy over x = 2, 1 gives Hout = 0.638, -0.117; from zeros others"""
    got = student.peephole_forward(X_TOY[:1], W_TOY, P_TOY, C_TOY, H_TOY)
    expect_close(got, by_hand(cn=[[0.821196]], hn=[[0.637752]]), instead="by hand, one step,")
    got = student.peephole_forward(X_TOY, W_TOY, P_TOY, C_TOY, H_TOY)
    want = by_hand(Hout=[[[0.637752]], [[-0.117235]]], cn=[[-0.553334]], hn=[[-0.117235]])
    expect_close(got, want, instead="by hand")
    got = student.peephole_forward(X_TOY, W_TOY, P_TOY)
    expect_close(got, by_hand(Hout=[[[-0.307911]], [[-0.194796]]]), instead="by hand, from zeros,")


@points(1, needs=test_peephole_by_hand)
def test_peephole_is_lstm(student, rng):
    """peephole_forward: with P = 0 it is your own lstm_forward"""
    X, W, c0, h0 = sequences(rng)
    expect_depends(student.peephole_forward(X, W, np.ones((3, 5)), c0, h0), "Hout")
    plain = student.lstm_forward(X, W, c0, h0)
    want = Returned(names=("Hout", "cn", "hn"), values=(plain.Hout, plain.cn, plain.hn))
    got = student.peephole_forward(X, W, np.zeros((3, 5)), c0, h0)
    expect_close(got, want, instead="your lstm_forward says")


@points(1)
def test_coupled_by_hand(student):
    """coupled_forward: the toy without i gives Hout = 0.416, 0.083; from zeros -0.066, -0.027"""
    got = student.coupled_forward(X_TOY, W_COUPLED, C_TOY, H_TOY)
    expect_present(got.cache, "coupled_forward returned 3 values: the cache is missing")
    want = by_hand(Hout=[[[0.415576]], [[0.082606]]], cn=[[0.210845]], hn=[[0.082606]])
    expect_close(got, want, instead="by hand")
    got = student.coupled_forward(X_TOY, W_COUPLED)
    expect_close(got, by_hand(Hout=[[[-0.066187]], [[-0.027023]]]), instead="by hand, from zeros,")


@points(1, needs=test_coupled_by_hand)
def test_coupled_keeps(student, rng):
    """coupled_forward: shapes for T, B, D, H = 4, 2, 3, 5; with f = 1 the cell stays c0"""
    X, W, c0, h0 = sequences(rng, blocks=3)
    got = student.coupled_forward(X, W, c0, h0)
    expect_shape(got.Hout, "Hout", (4, 2, 5), "(T, B, H)")
    expect_depends(got, "Hout")
    W[0, :5] = 60.0
    expect_close(student.coupled_forward(X, W, c0, h0), by_hand(cn=c0), instead="with f = 1, c0 is")


@points(1, needs=test_coupled_by_hand)
def test_backward_by_hand(student):
    """coupled_backward: one toy step, dHout = 1, gives dX = 0.032, dc0 = 0.652, dh0 = -0.069"""
    cache = student.coupled_forward(X_TOY[:1], W_COUPLED, C_TOY, H_TOY).cache
    dW = [[-0.008092, 0.049538, 0.013638], [-0.016184, 0.099076, 0.027276],
          [0.008092, -0.049538, -0.013638]]  # fmt: skip
    want = by_hand(dX=[[[0.031854]]], dW=dW, dc0=[[0.652247]], dh0=[[-0.068722]])
    expect_close(student.coupled_backward(np.ones((1, 1, 1)), cache), want, instead="by hand")


@points(1, needs=test_coupled_keeps)
def test_gradient(student, rng):
    """coupled_backward: the central differences of your own coupled_forward, over three steps"""
    case = sequences(rng, blocks=3, T=3, B=2, D=2, H=3)
    dHout, dcn, dhn = (rng.standard_normal(shape) for shape in ((3, 2, 3), (2, 3), (2, 3)))
    got = student.coupled_backward(dHout, student.coupled_forward(*case).cache, dcn, dhn)
    expect_gradient(
        student,
        "coupled_forward",
        case,
        {0: ("dX", got.dX), 1: ("dW", got.dW), 2: ("dc0", got.dc0), 3: ("dh0", got.dh0)},
        {"Hout": dHout, "cn": dcn, "hn": dhn},
        blocks={1: {gate: np.s_[:, 3 * k : 3 * k + 3] for k, gate in enumerate("fog")}},
    )


@points(1)
def test_layers_by_hand(student):
    """stack_layers: two toy cells over x = 2, 1 give Hout = 0.036, 0.073, hns = -0.161, 0.073"""
    got = student.stack_layers(X_TOY, [W_TOY, W_TOY])
    expect_close(got, by_hand(Hout=[[[0.035717]], [[0.073197]]]), instead="by hand")
    expect(isinstance(got.hns, list | tuple), "hns should be a list")
    expect(len(got.hns) == 2, f"hns has {len(got.hns)} entries; there are 2 layers")
    seen = Returned(names=("hns[0]", "hns[1]"), values=tuple(got.hns))
    want = Returned(names=seen.names, values=(np.array([[-0.16096]]), np.array([[0.073197]])))
    expect_close(seen, want, instead="by hand")


@points(1, needs=test_layers_by_hand)
def test_layer_sizes(student, rng):
    """stack_layers: layers of 5, 4 and 6 units; each W tells its own size"""
    weights = [sequences(rng, D=D, H=H)[1] for D, H in ((3, 5), (5, 4), (4, 6))]
    got = student.stack_layers(rng.standard_normal((4, 2, 3)), weights)
    expect_shape(got.Hout, "Hout", (4, 2, 6), "(T, B, H) of the highest")
    for k, H in enumerate((5, 4, 6)):
        expect_shape(got.hns[k], f"hns[{k}]", (2, H), "(B, H)")


@points(1)
def test_directions_by_hand(student):
    """bidirectional: the toy over x = 2, -1 and one padded step, see the handout"""
    got = student.bidirectional(X_PADDED[:2], np.array([2]), W_TOY, W_TOY)
    real = [[[-0.369606, -0.318016]], [[-0.052481, 0.013638]]]
    expect_close(got, by_hand(both=real), instead="by hand, without padding,")
    got = student.bidirectional(X_PADDED, np.array([2]), W_TOY, W_TOY)
    expect_close(got, by_hand(both=[*real, [[0.0, 0.0]]]), instead="by hand")


@points(1, needs=test_directions_by_hand)
def test_alone_or_together(student, rng):
    """bidirectional: a sequence in a batch is what it is alone, whatever is in the padding"""
    X, Wf, *_ = sequences(rng, T=5, B=3)
    Wb, lengths = sequences(rng)[1], np.array([5, 2, 4])
    X[2:, 1], X[4:, 2] = 9.0, np.nan
    got = student.bidirectional(X, lengths, Wf, Wb)
    both = expect_shape(got.both, "both", (5, 3, 10), "(T, B, 2H)")
    for b, n in enumerate(lengths):
        alone = student.bidirectional(X[:n, b : b + 1].copy(), np.array([n]), Wf, Wb)
        expect_depends(alone, "both")
        seen = Returned(names=("both",), values=(both[:n, b : b + 1],))
        expect_close(seen, alone, instead=f"sequence {b} alone gives")


@points(1)
def test_reorder_by_hand(student):
    """reorder_gates: 0 to 7, H = 2, is 0 1 4 5 2 3 6 7 for ONNX, 0 1 2 3 6 7 4 5 for PyTorch"""
    numbers = np.arange(8.0)
    for target, want in (
        ("onnx", [0, 1, 4, 5, 2, 3, 6, 7]), ("pytorch", [0, 1, 2, 3, 6, 7, 4, 5])
    ):  # fmt: skip
        got = student.reorder_gates(numbers, "course", target)
        expect_close(got, by_hand(W=want), instead=f"for {target}, by hand,")
        back = student.reorder_gates(np.array(want, float), target, "course")
        expect_close(back, by_hand(W=numbers), instead=f"back from {target}")


def toy_for(student, library, **want):
    """Ask for the toy's weights, and compare those that have one right answer."""
    got = student.to_library(W_TOY, library).weights
    keys = isinstance(got, dict) and want.keys() <= got.keys()
    expect(keys, f"for {library}, to_library should return a dict with {', '.join(want)}")
    seen = Returned(names=tuple(want), values=tuple(got[key] for key in want))
    expect_close(seen, by_hand(**want), instead="by hand")
    return got


@points(1)
def test_pytorch_by_hand(student):
    """to_library: the toy for PyTorch has rows i, f, g, o, and two biases that add up to one"""
    ih, hh = [[1.0], [0.5], [-1.0], [1.0]], [[2.0], [-1.0], [-2.0], [-1.0]]
    got = toy_for(student, "pytorch", weight_ih=ih, weight_hh=hh)
    halves = [expect_shape(got.get(key), key, (4,), "(4H,)") for key in ("bias_ih", "bias_hh")]
    want = by_hand(bias=[-1.0, 1.0, 1.0, -1.0])
    expect_close(by_hand(bias=sum(halves)), want, instead="PyTorch should add up to")


@points(1)
def test_keras_by_hand(student):
    """to_library: the toy for Keras has columns i, f, c, o, and one bias"""
    toy_for(
        student,
        "keras",
        kernel=[[1.0, 0.5, -1.0, 1.0]],
        recurrent_kernel=[[2.0, -1.0, -2.0, -1.0]],
        bias=[-1.0, 1.0, 1.0, -1.0],
    )


@points(1)
def test_onnx_by_hand(student):
    """to_library: the toy for ONNX has rows i, o, f, c, a leading 1, and biases that add up"""
    rows, recurrent = [[[1.0], [1.0], [0.5], [-1.0]]], [[[2.0], [-1.0], [-1.0], [-2.0]]]
    got = toy_for(student, "onnx", W=rows, R=recurrent)
    both = expect_shape(got.get("B"), "B", (1, 8), "(1, 8H)")[0]
    want = by_hand(bias=[-1.0, -1.0, 1.0, 1.0])
    expect_close(by_hand(bias=both[:4] + both[4:]), want, instead="ONNX should add up to")
