"""Rubric: bug hunt (30 points).

For each program, two points for what it returns and one for the word in ANSWERS.
Whether it was mended or written anew does not matter. Probes have sizes that all
differ and non-zero states; several steps, since a state that is lost between
steps is right for T = 1. What a message says is where numbers are wrong, never
what the bug is. The one that is right as handed out is judged like the others, but
not before it has a word in ANSWERS: an untouched file earns nothing.
"""

import numpy as np

from grader.expect import (
    Lost,
    expect,
    expect_close,
    expect_finite,
    expect_gradients,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.model import BlockMap, Where
from grader.numerics import DELTA, numerical_gradient, relative_error
from grader.pytest_plugin import picture, points
from grader.sandbox.protocol import Seed
from grader.sandbox.student import StudentError

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

ROWS, FOUR, THREE = ("bias", "input", "recurrent"), "ifog", "zrn"
CALLED = {
    "dx": "x", "dX": "X", "dlogits": "the logits", "dh_prev": "h_prev", "dc_prev": "c_prev",
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "i": "the input gate", "f": "the forget gate", "o": "the output gate", "g": "the candidate",
    "z": "the update gate", "r": "the reset gate", "n": "the candidate",
}  # fmt: skip


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5, gates=4):
    """Draw X (T, B, D), W (R, gates·H), G (T, B, H) and two states (B, H)."""
    X, G = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, H))
    W = 0.7 * rng.standard_normal((1 + D + H, gates * H))
    return X, W, G, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def blocks_of(D, H, gates):
    """Divide W into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(gates)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def compare(student, reference, hunt, cases, blocks):
    """Expect a cell to have the loss it should have, then its gradient; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(hunt, calls), reference.each(hunt, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, "loss")
        others = [name for name in want.names if name != "loss"]
        expect_gradients(got, want, *others, blocks={"dW": blocks}, called=CALLED)


def answer(student, reference, hunt):
    """Look up a word of ANSWERS; it has to be one of MENU's."""
    answers = student.ANSWERS().answers
    expect(isinstance(answers, dict), "ANSWERS should be a dict, from hunts to words of MENU")
    word = answers.get(hunt)
    expect(
        word is not None and word != "", f'ANSWERS["{hunt}"] is still empty: take a word of MENU'
    )
    known = isinstance(word, str) and word in reference.MENU().menu
    expect(known, f'ANSWERS["{hunt}"] is no word of MENU: copy one of its keys')
    return word


def named(student, reference, hunt):
    """Expect the word for what was wrong."""
    message = (
        f'ANSWERS["{hunt}"] is not the word for the program you were given; run that one again,'
        " however you have mended it: which of its numbers are wrong, if any, and where?"
    )
    word = answer(student, reference, hunt)
    expect(word == reference.ANSWERS().answers[hunt], message)


# --- the smallest failing examples ---------------------------------------------


def lstm_of(draw, T, B, D, H):
    """Make X, W, G, c0 and h0."""
    return draw(T, B, D), draw(1 + D + H, 4 * H), draw(T, B, H), draw(B, H), draw(B, H)


def step_of(draw, B, D, H):
    """Make x, W, h_prev, c_prev, G_h and G_c."""
    return draw(B, D), draw(1 + D + H, 4 * H), *(draw(B, H) for _ in range(4))


def gru_of(draw, T, B, D, H):
    """Make X, W, G and h0."""
    return draw(T, B, D), draw(1 + D + H, 3 * H), draw(T, B, H), draw(B, H)


def columns_of(draw, T, D, H):
    """Make X, W, G, c0 and h0 of one sequence, states as columns."""
    return draw(T, D), draw(1 + D + H, 4 * H), draw(T, H), draw(H, 1), draw(H, 1)


def fit_of(draw, D, K):
    """Make W, X, Y, lr and updates: as many as it takes for a rate to show in a loss."""
    return draw(D, K), draw(2, D), draw(2, K), 0.25, 4


def ids(*numbers):
    """Make whole numbers, as targets are."""
    return np.array(numbers)


NO_EXAMPLE = {f"name_{k:02}": "asks for a word, and no numbers are wrong" for k in range(1, 11)}

EXAMPLES = {
    "hunt_01": Family(names="X W G c0 h0", make=lstm_of),
    "hunt_02": Family(names="x W h_prev c_prev G_h G_c", make=step_of),
    "hunt_03": Family(names="X W G h0", make=gru_of),
    "hunt_04": Family(names="X W G c0 h0", make=lstm_of),
    "hunt_05": Family(
        names="logits targets", make=lambda draw, N, V: (draw(N, V), np.arange(N) % V)
    ),
    "hunt_06": Family(
        names="logits targets",
        also=(
            (np.array([[1000.0, 0.0]]), ids(1)),
            (np.array([[-1000.0, 0.0]]), ids(0)),
            (np.array([[-1000.0, -1000.0]]), ids(0)),
            (np.array([[40.0, 0.0]]), ids(1)),
            (np.array([[1.0, 0.0]]), ids(1)),
            (np.array([[1.0, 0.0], [2.0, 0.5]]), ids(1, 0)),
        ),
    ),
    "hunt_07": Family(names="X W G c0 h0", make=columns_of),
    "hunt_08": Family(
        names="D H rng forget_bias", also=((1, 1, Seed(0)), (2, 1, Seed(0), 1.5)), rows=1
    ),
    "hunt_09": Family(
        names="grads max_norm",
        also=(
            ({"W": np.array([3.0]), "b": np.array([4.0])}, 1.0),
            ({"W": np.array([0.5]), "b": np.array([0.0])}, 1.0),
            ({"W": np.array([[3.0, 0.0], [0.0, 4.0]]), "b": np.array([1.0, 2.0])}, 4.0),
        ),
    ),
    "hunt_10": Family(names="W X Y lr updates", make=fit_of),
}


# --- 1: an LSTM over a batch ------------------------------------------------------


@points(2)
def test_hunt_01(student, reference, rng):
    """hunt_01: the loss, and the gradients of X, W and both initial states"""
    cases = [sequences(rng, T=4), sequences(rng, T=1)]
    compare(student, reference, "hunt_01", cases, blocks_of(3, 5, FOUR))


@points(1)
def test_name_01(student, reference):
    """hunt_01: ANSWERS says what was wrong"""
    named(student, reference, "hunt_01")


# --- 2: one step of an LSTM ---------------------------------------------------------


@points(2)
def test_hunt_02(student, reference, rng):
    """hunt_02: the loss, and the gradients of x, W and both states before the step"""
    (x,), W, (G_h,), G_c, c_prev = sequences(rng, T=1, B=3, D=2, H=4)
    h_prev = rng.standard_normal(c_prev.shape)
    cases = [(x, W, h_prev, c_prev, G_h, G_c), (x, W, h_prev, c_prev, G_h, 0 * G_c)]
    compare(student, reference, "hunt_02", cases, blocks_of(2, 4, FOUR))


@points(1)
def test_name_02(student, reference):
    """hunt_02: ANSWERS says what was wrong"""
    named(student, reference, "hunt_02")


# --- 3: a GRU -------------------------------------------------------------------------


@points(2)
def test_hunt_03(student, reference, rng):
    """hunt_03: the loss over several steps, and the gradients of X, W and h0"""
    cases = [sequences(rng, T=T, D=2, H=4, gates=3)[:4] for T in (1, 4)]
    compare(student, reference, "hunt_03", cases, blocks_of(2, 4, THREE))


@points(1)
def test_name_03(student, reference):
    """hunt_03: ANSWERS says what was wrong"""
    named(student, reference, "hunt_03")


# --- 4: an LSTM, gate by gate -----------------------------------------------------------


@points(2)
def test_hunt_04(student, reference, rng):
    """hunt_04: the loss, and the gradient of W over one step and over several"""
    cases = [sequences(rng, T=T, B=3, D=2, H=4) for T in (1, 4)]
    compare(student, reference, "hunt_04", cases, blocks_of(2, 4, FOUR))


@points(1)
def test_name_04(student, reference):
    """hunt_04: ANSWERS says what was wrong"""
    named(student, reference, "hunt_04")


# --- 5 and 6: cross-entropy ---------------------------------------------------------------


def rows_of(rng, N, V):
    """Draw logits (N, V) and targets (N,)."""
    return 2.0 * rng.standard_normal((N, V)), rng.integers(V, size=N)


@points(2)
def test_hunt_05(student, reference, rng):
    """hunt_05: the loss the docstring asks for, and the gradient of that loss"""
    for case in (rows_of(rng, 3, 5), rows_of(rng, 1, 4)):
        got, want = (asked.hunt_05(*case) for asked in (student, reference))
        expect_close(got, want, "loss", "dlogits")


@points(1)
def test_name_05(student, reference):
    """hunt_05: ANSWERS says what was wrong"""
    named(student, reference, "hunt_05")


@points(2)
def test_hunt_06(student, reference, rng):
    """hunt_06: losses and gradient for logits near zero and far from it, without a warning"""
    near = rows_of(rng, 4, 3)
    far = [(scale * near[0], near[1]) for scale in (20.0, 500.0, 4000.0, -4000.0)]
    low = near[0] - 9000.0, near[1]
    for case in (near, *far, low):
        got, want = (asked.hunt_06(*case) for asked in (student, reference))
        for name, shape in (("losses", (4,)), ("dlogits", (4, 3))):
            expect_finite(expect_shape(got[name], name, shape), name)
        expect_close(got, want, "losses", "dlogits")
        expect_quiet(got, "hunt_06")


@points(1)
def test_name_06(student, reference):
    """hunt_06: ANSWERS says what was wrong"""
    named(student, reference, "hunt_06")


# --- 7: an LSTM over one sequence, in columns ---------------------------------------------


@points(2)
def test_hunt_07(student, reference, rng):
    """hunt_07: the loss, and the gradients of X, W and both initial states"""
    D, H = 3, 4
    X, W, G, c0, h0 = sequences(rng, T=5, B=1, D=D, H=H)
    case = X[:, 0], W, G[:, 0], c0.T, h0.T
    compare(student, reference, "hunt_07", [case], blocks_of(D, H, FOUR))
    answer(student, reference, "hunt_07")


@points(1)
def test_name_07(student, reference):
    """hunt_07: ANSWERS says what was wrong"""
    named(student, reference, "hunt_07")


# --- 8, 9 and 10: around the cell -----------------------------------------------------------


@points(2)
def test_hunt_08(student, reference, seed):
    """hunt_08: weights of the spread asked for, and a young f that remembers"""
    D, H = 12, 9
    W = expect_shape(student.hunt_08(D, H, seed).W, "W", (1 + D + H, 4 * H), "(R, 4H)")
    expect_finite(W, "W")
    with np.errstate(over="ignore", invalid="ignore"):  # whatever a student draws
        spread = float(W[1:].std() * np.sqrt(D + H))
    message = f"the weights spread {spread:.3g} / sqrt(D + H); it should be 1"
    expect(0.9 < spread < 1.1, message, Where(output="W"))
    for given in ((), (1.5,)):
        got, want = (asked.hunt_08(D, H, seed, *given).W for asked in (student, reference))
        row = expect_shape(got, "W", want.shape)[0]
        for k, gate in enumerate(FOUR):
            bias, right = row[k * H], want[0, k * H]
            message = f"the bias of {gate} is {bias:.3g}, expected {right:g}"
            same = np.allclose(row[k * H : (k + 1) * H], right)
            expect(same, message, Where(output="W", block=f"bias/{gate}"))


@points(1)
def test_name_08(student, reference):
    """hunt_08: ANSWERS says what was wrong"""
    named(student, reference, "hunt_08")


@points(2)
def test_hunt_09(student, reference, rng):
    """hunt_09: long gradients keep their direction, short ones are left alone"""
    grads = {"W": rng.standard_normal((4, 3)), "b": 0.1 * rng.standard_normal(3)}
    grads["W_out"] = 5.0 * rng.standard_normal((3, 2))
    for case in ((grads, 1.0), (grads, 2.5), (grads, 1e3)):
        got, want = (asked.hunt_09(*case) for asked in (student, reference))
        expect_close(got, want, "clipped", "norm")


@points(1)
def test_name_09(student, reference):
    """hunt_09: ANSWERS says what was wrong"""
    named(student, reference, "hunt_09")


@points(2)
def test_hunt_10(student, reference, rng):
    """hunt_10: the loss before every update, and the weights after the last"""
    N, D, K = 6, 3, 2
    case = (rng.standard_normal((D, K)), rng.standard_normal((N, D)), rng.standard_normal((N, K)))
    for lr, updates in ((0.2, 7), (0.4, 1)):
        got, want = (asked.hunt_10(*case, lr, updates) for asked in (student, reference))
        expect_close(got, want, "losses", "W")


@points(1)
def test_name_10(student, reference):
    """hunt_10: ANSWERS says what was wrong"""
    named(student, reference, "hunt_10")


# --- what the student sees ------------------------------------------------------------


PUBLIC = 1989
CHECKED = {
    "hunt_01": (lambda X, W, G, c, h: (X, W, G, c, h), "X W . c h", "dX dW dc0 dh0"),
    "hunt_02": (lambda X, W, G, c, h: (X[0], W, h, c, G[0], G[1]), "X W h c . .",
                "dx dW dh_prev dc_prev"),
    "hunt_03": (lambda X, W, G, _, h: (X, W[:, :3], G, h), "X W . h", "dX dW dh0"),
    "hunt_04": (lambda X, W, G, c, h: (X, W, G, c, h), ". W . . .", "dW"),
    "hunt_05": (lambda _, W, *__: (W, ids(1, 3, 0)), "X .", "dlogits"),
    "hunt_07": (lambda X, W, G, c, h: (X[:, 0], W, G[:, 0], c.T, h.T), "X W . c h",
                "dX dW dc0 dh0"),
}  # fmt: skip


@picture
def picture_gradients(student):
    """Check the gradient of every program against its own loss, on public numbers."""
    numbers = sequences(np.random.default_rng(PUBLIC), T=2, B=1, D=1, H=1)
    rows = tuple(CHECKED)
    return BlockMap(
        title="Gradient checks, program by program",
        caption="Each gradient beside central differences of the loss of the same program, on "
        "numbers that are no secret. 0: it is the gradient of that loss. 1: it has nothing to do "
        "with it. A program may pass and still have another loss than its docstring.",
        row_label="program",
        column_label="gradient with respect to",
        rows=rows,
        columns=("x, X or logits", "W", "c", "h"),
        values=tuple(checked(student, hunt, numbers) for hunt in rows),
    )


def checked(student, hunt, numbers):
    """Measure the errors of one program's gradients: of X, W, c and h, None where it has none."""
    make, letters, names = CHECKED[hunt]
    case = make(*numbers)
    at = {letter: k for k, letter in enumerate(letters.split()) if letter != "."}

    def sweep(vary):
        return student.sweep(hunt, case, vary, DELTA, ["loss"])

    try:
        seen = getattr(student, hunt)(*case)
        slopes = numerical_gradient(sweep, case, list(at.values()), [np.array(1.0)])
        got = [expect_shape(seen[name], name, slope.shape)
               for name, slope in zip(names.split(), slopes, strict=True)]  # fmt: skip
    except (Lost, StudentError):
        return (None,) * 4
    with np.errstate(all="ignore"):  # whatever a student returns
        errors = dict(zip(at, map(relative_error, got, slopes), strict=True))
    return tuple(
        round(float(errors[key]), 3) if key in errors and np.isfinite(errors[key]) else None
        for key in "XWch"
    )
