"""Public checks: LSTM forward.

Numbers worked by hand in the handout, and properties every LSTM has. Passing
them all is a good sign and not yet full marks: grading uses other inputs.
Run them with `nox -s check -- lstm_forward`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.pytest_plugin import points

RETURNS = {
    "sigmoid": "s",
    "lstm_gates": "f i g o",
    "lstm_step": "h c",
    "pack_gates": "W",
    "init_lstm": "W",
    "lstm_forward": "Hout cn hn *cache",
}

#: The handout's toy cell, D = H = 1: each matrix reads [h; x].
TOY = {
    "W_f": np.array([[-1.0, 0.5]]), "b_f": np.array([[1.0]]),
    "W_i": np.array([[2.0, 1.0]]), "b_i": np.array([[-1.0]]),
    "W_g": np.array([[-2.0, -1.0]]), "b_g": np.array([[1.0]]),
    "W_o": np.array([[-1.0, 1.0]]), "b_o": np.array([[-1.0]]),
}  # fmt: skip
X_TOY, H_TOY, C_TOY = np.array([[2.0]]), np.array([[-1.0]]), np.array([[0.5]])
W_TOY = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 0.5, 1.0, -1.0], [2.0, -1.0, -1.0, -2.0]])

#: A wider cell, D = 3, H = 2: what a transposed or misshapen product cannot hide from.
PATTERN = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.4, 0.3, 0.2, 0.1]])
WIDE = {f"W_{gate}": scale * PATTERN for gate, scale in zip("figo", (1, -1, 2, 0.5), strict=True)}
WIDE |= {
    f"b_{gate}": np.array([[b], [-b]]) for gate, b in zip("figo", (0.1, 0.2, 0.3, 0.4), strict=True)
}
X_WIDE = np.array([[1.0], [2.0], [-1.0]])
H_WIDE, C_WIDE = np.array([[0.5], [-0.5]]), np.array([[1.0], [-1.0]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


@points(1)
def test_sigmoid(student):
    """sigmoid of -1, 0, 2, 3 is 0.269, 0.5, 0.881, 0.953"""
    got = student.sigmoid(np.array([[-1.0, 0.0], [2.0, 3.0]]))
    expect_close(got, by_hand(s=[[0.26894, 0.5], [0.8808, 0.95257]]), instead="by hand")


@points(1, needs=test_sigmoid)
def test_sigmoid_stable(student):
    """sigmoid: no NaN and no NumPy warning at a = ±10000"""
    got = student.sigmoid(np.array([-1e4, 0.0, 1e4]))
    expect_close(got, by_hand(s=[0.0, 0.5, 1.0]), instead="by hand")
    expect_quiet(got, "sigmoid(a)")


@points(1)
def test_gates(student):
    """lstm_gates: the toy cell gives f, i, g, o = 0.953, 0.269, 0.762, 0.881; then D = 3, H = 2"""
    want = by_hand(f=[[0.95257]], i=[[0.26894]], g=[[0.76159]], o=[[0.8808]])
    expect_close(student.lstm_gates(X_TOY, H_TOY, TOY), want, instead="by hand")
    want = by_hand(f=[[0.65701], [0.634136]], i=[[0.413382], [0.299433]],
                   g=[[0.885352], [0.761594]], o=[[0.662622], [0.481259]])  # fmt: skip
    expect_close(student.lstm_gates(X_WIDE, H_WIDE, WIDE), want, instead="by hand")


@points(1)
def test_step(student):
    """lstm_step: the toy cell gives h, c = 0.522, 0.681; then D = 3, H = 2"""
    got = student.lstm_step(X_TOY, H_TOY, C_TOY, TOY)
    expect_close(got, by_hand(c=[[0.68111]], h=[[0.52164]]), instead="by hand")
    want = by_hand(c=[[1.022999], [-0.406089]], h=[[0.510938], [-0.185355]])
    expect_close(student.lstm_step(X_WIDE, H_WIDE, C_WIDE, WIDE), want, instead="by hand")


@points(1)
def test_pack_gates(student):
    """pack_gates: the toy cell by hand; for D = 3, H = 2, [1, x, h] @ W are the pre-activations"""
    expect_close(student.pack_gates(TOY, 1), by_hand(W=W_TOY), instead="by hand")
    W = expect_shape(student.pack_gates(WIDE, 3).W, "W", (6, 8), "(R, 4H)")
    a = np.vstack([[[1.0]], X_WIDE, H_WIDE]).T @ W
    hx = np.vstack([H_WIDE, X_WIDE])
    want = [WIDE[f"W_{gate}"] @ hx + WIDE[f"b_{gate}"] for gate in "ifog"]
    names = ("a_i", "a_f", "a_o", "a_g")
    got = Returned(names=names, values=tuple(np.split(a[0], 4)))
    by_gate = Returned(names=names, values=tuple(part[:, 0] for part in want))
    expect_close(got, by_gate, instead="gate by gate")


@points(1)
def test_init(student, seed):
    """init_lstm: W has shape (R, 4H), a forget bias of 3 and no other bias"""
    W = expect_shape(student.init_lstm(4, 2, seed).W, "W", (7, 8), "(R, 4H)")
    expect_close(by_hand(bias=W[0]), by_hand(bias=[0, 0, 3, 3, 0, 0, 0, 0]))
    expect(W[1:].std() > 0, "the weights below the bias row are all the same")


@points(1)
def test_forward_by_hand(student):
    """lstm_forward: the toy cell over x = 2, 1 from c0 = 0.5, h0 = -1 gives Hout = 0.522, -0.030"""
    X = np.array([[[2.0]], [[1.0]]])
    got = student.lstm_forward(X, W_TOY, C_TOY, H_TOY)
    expect_present(got.cache, "lstm_forward returned 3 values: the cache is missing")
    want = by_hand(Hout=[[[0.52164]], [[-0.030169]]], cn=[[-0.081175]], hn=[[-0.030169]])
    expect_close(got, want, tolerance=1e-3, instead="by hand")


@points(1)
def test_shapes(student, rng):
    """lstm_forward(X, W) without c0 and h0: shapes for T, B, D, H = 4, 2, 3, 5"""
    got = student.lstm_forward(rng.standard_normal((4, 2, 3)), rng.standard_normal((9, 20)))
    expect_shape(got.Hout, "Hout", (4, 2, 5), "(T, B, H)")
    expect_shape(got.cn, "cn", (2, 5), "(B, H)")
    expect_shape(got.hn, "hn", (2, 5), "(B, H)")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_steps_equal_the_batch(student, rng):
    """lstm_step and lstm_forward agree, with the weights pack_gates packs, D = 3, H = 2"""
    D, H = 3, 2
    p = {f"W_{gate}": rng.standard_normal((H, H + D)) for gate in "figo"}
    p |= {f"b_{gate}": rng.standard_normal((H, 1)) for gate in "figo"}
    X, c0, h0 = (rng.standard_normal(shape) for shape in ((1, 2, D), (2, H), (2, H)))
    together = student.lstm_forward(X, student.pack_gates(p, D).W, c0, h0)
    expect_depends(together, "cn")
    for row in range(2):
        h, c = student.lstm_step(X[0, row][:, None], h0[row][:, None], c0[row][:, None], p)
        want = Returned(names=("cn", "hn"), values=(c.T[0], h.T[0]))
        got = Returned(names=("cn", "hn"), values=(together.cn[row], together.hn[row]))
        expect_close(got, want, instead="from lstm_step")


@points(1, needs=(test_forward_by_hand, test_shapes))
def test_chunks(student, rng):
    """lstm_forward: two calls that hand on c and h give what one call gives"""
    X, W = rng.standard_normal((5, 2, 3)), rng.standard_normal((8, 16))
    whole = student.lstm_forward(X, W)
    expect_depends(whole, "Hout")
    first = student.lstm_forward(X[:2], W)
    second = student.lstm_forward(X[2:], W, first.cn, first.hn)
    want = Returned(names=("Hout", "cn", "hn"), values=(whole.Hout[2:], whole.cn, whole.hn))
    expect_close(second, want, instead="in one call")
