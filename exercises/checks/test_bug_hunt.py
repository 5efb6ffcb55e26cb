"""Public checks: bug hunt.

Gradients beside central differences of the program's own loss, and numbers worked
by hand. They tell which programs are ill, and where; what ails them is for you to
say. Run them with `nox -s check -- bug_hunt`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import (
    expect,
    expect_close,
    expect_gradient,
    expect_quiet,
    expect_shape,
)
from grader.pytest_plugin import points

RETURNS = {
    "ANSWERS": "answers",
    "MENU": "menu",
    "hunt_01": "loss dX dW dc0 dh0",
    "hunt_02": "loss dx dW dh_prev dc_prev",
    "hunt_03": "loss dX dW dh0",
    "hunt_04": "loss dW",
    "hunt_05": "loss dlogits",
    "hunt_06": "losses dlogits",
    "hunt_07": "loss dX dW dc0 dh0",
    "hunt_08": "W",
    "hunt_09": "clipped norm",
    "hunt_10": "W losses",
}

#: The handout's toy GRU, D = H = 1: rows bias, x, h; columns z | r | n.
W_TOY = np.array([[1.0, -1.0, 1.0], [-0.5, 1.0, -1.0], [1.0, -1.0, -2.0]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def sequences(rng, T=3, B=2, D=2, H=3):
    """Draw X (T, B, D), W (R, 4H), G (T, B, H), c0 and h0 (B, H)."""
    X, G = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, H))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, G, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def check_gradient(student, hunt, case, names, **options):
    """Expect gradients that agree with central differences of the program's own loss."""
    seen = getattr(student, hunt)(*case)
    gradients = {k: (name, seen[name]) for k, name in names.items()}
    expect_gradient(student, hunt, case, gradients, {"loss": np.array(1.0)}, **options)


def gates(H, letters):
    """Divide the columns of W by gate."""
    return {1: {gate: np.s_[:, k * H : (k + 1) * H] for k, gate in enumerate(letters)}}


@points(1)
def test_hunt_01(student, rng):
    """hunt_01: the gradients of X, W, c0 and h0 are those of its loss"""
    names = {0: "dX", 1: "dW", 3: "dc0", 4: "dh0"}
    check_gradient(student, "hunt_01", sequences(rng), names, blocks=gates(3, "ifog"))


@points(1)
def test_hunt_02(student, rng):
    """hunt_02: the gradients of x, W, h_prev and c_prev are those of its loss"""
    X, W, G, c, h = sequences(rng)
    names = {0: "dx", 1: "dW", 2: "dh_prev", 3: "dc_prev"}
    check_gradient(student, "hunt_02", (X[0], W, h, c, G[0], G[1]), names, blocks=gates(3, "ifog"))


@points(1)
def test_hunt_03(student, rng):
    """hunt_03: the toy GRU has loss -0.549 over two steps, and gradients are those of the loss"""
    X, ones = np.array([[[2.0]], [[1.0]]]), np.ones((2, 1, 1))
    got = student.hunt_03(X, W_TOY, ones, np.array([[-1.0]]))
    expect_close(got, by_hand(loss=-0.549203), instead="by hand")
    X, W, G, _, h0 = sequences(rng)
    names = {0: "dX", 1: "dW", 3: "dh0"}
    check_gradient(student, "hunt_03", (X, W[:, :9], G, h0), names, blocks=gates(3, "zrn"))


@points(1)
def test_hunt_04(student, rng):
    """hunt_04: the gradient of W is that of its loss, over one step and over three"""
    for T in (1, 3):
        case = sequences(rng, T=T)
        check_gradient(student, "hunt_04", case, {1: "dW"}, blocks=gates(3, "ifog"))


@points(1)
def test_hunt_05(student, rng):
    """hunt_05: two rows of three equal logits have loss 2 ln 3; the gradient is that of the loss"""
    got = student.hunt_05(np.zeros((2, 3)), np.array([0, 2]))
    expect_close(got, by_hand(loss=2.197225), instead="by hand")
    case = rng.standard_normal((3, 4)), np.array([1, 0, 3])
    check_gradient(student, "hunt_05", case, {0: "dlogits"})


@points(1)
def test_hunt_06(student):
    """hunt_06: logits 0, 0 and 1000, 0 have losses 0.693 and 1000, and nothing warns"""
    got = student.hunt_06(np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([1, 1]))
    want = by_hand(losses=[0.693147, 1000.0], dlogits=[[0.5, -0.5], [1.0, -1.0]])
    expect_close(got, want, instead="by hand")
    expect_quiet(got, "hunt_06")


@points(1)
def test_hunt_07(student, rng):
    """hunt_07: the gradients of X, W, c0 and h0 are those of its loss"""
    X, W, G, c0, h0 = sequences(rng, B=1)
    names = {0: "dX", 1: "dW", 3: "dc0", 4: "dh0"}
    case = X[:, 0], W, G[:, 0], c0.T, h0.T
    check_gradient(student, "hunt_07", case, names, blocks=gates(3, "ifog"))


@points(1)
def test_hunt_08(student, seed):
    """hunt_08: W has shape (R, 4H), and σ of the forget gate's bias is 0.953"""
    W = expect_shape(student.hunt_08(4, 2, seed).W, "W", (7, 8), "(R, 4H)")
    f = 1.0 / (1.0 + np.exp(-W[0, 2:4]))
    expect_close(by_hand(f=f), by_hand(f=[0.952574, 0.952574]), instead="by hand")


@points(1)
def test_hunt_09(student):
    """hunt_09: 3 and 4 have norm 5 and are clipped to 0.6 and 0.8; shorter ones stay"""
    grads = {"W": np.array([3.0]), "b": np.array([4.0])}
    got = student.hunt_09(grads, 1.0)
    expect(isinstance(got.clipped, dict), "clipped should be a dict like grads")
    want = Returned(
        names=("clipped", "norm"), values=({"W": np.array([0.6]), "b": np.array([0.8])}, 5.0)
    )
    expect_close(got, want, instead="by hand")
    want = Returned(names=("clipped",), values=(grads,))
    expect_close(student.hunt_09(grads, 5.5), want, instead="by hand")


@points(1)
def test_hunt_10(student):
    """hunt_10: x = y = 1 from w = 0, lr = 0.5: losses 0.5, 0.125, 0.0466, 0.0226"""
    one = np.ones((1, 1))
    got = student.hunt_10(0 * one, one, one, 0.5, 4)
    want = by_hand(W=[[0.837526]], losses=[0.5, 0.125, 0.046604, 0.022623])
    expect_close(got, want, "losses", "W", tolerance=1e-4, instead="by hand")


@points(1)
def test_answers(student):
    """ANSWERS: a word of MENU for each of the ten (whether it is the right one is not told here)"""
    answers, menu = student.ANSWERS().answers, student.MENU().menu
    expect(isinstance(answers, dict), "ANSWERS should be a dict")
    for hunt in (f"hunt_{k:02}" for k in range(1, 11)):
        word = answers.get(hunt)
        expect(word is not None, f'ANSWERS["{hunt}"] is still empty')
        expect(isinstance(word, str) and word in menu, f'ANSWERS["{hunt}"] is no key of MENU')
