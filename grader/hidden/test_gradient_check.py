"""Rubric: gradient check (25 points).

A checker is graded by what it catches. The functions it is given are small
and public (`Callback`), the numbers they are asked at are hidden. Gradients
are planted right and wrong: the wrong ones have to be found, by name, and the
right ones let through. Where a formula is enough (a parabola, cubes), the
expected number is that formula, whatever delta is.
"""

import numpy as np

from grader.byhand import Line, short
from grader.calls import Callback, Returned
from grader.expect import (
    expect,
    expect_close,
    expect_finite,
    expect_precise,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.model import BlockMap, Where
from grader.numerics import PRECISE
from grader.pytest_plugin import picture, points

RETURNS = {
    "numerical_gradient": "g &1:x",
    "relative_error": "error",
    "check_gradients": "errors wrong &2:params",
}

THRESHOLD = 1e-6


# --- functions that are handed over ----------------------------------------------


def function(body, name="f"):
    """Make a function of x, or of a dict p, of a few lines."""
    return Callback(source=f"import numpy as np\n\n{body}\n", name=name)


CUBES = function("def f(x):\n    return np.sum(x**3)")
PARABOLA = function("def f(x):\n    return np.sum(x**2)")
LINE = function("def f(x):\n    return 2.0 * np.sum(x)")
PRODUCTS = function("def f(x):\n    return (np.sum(x) ** 2 - np.sum(x**2)) / 2")
WAVES = function("def f(x):\n    return np.sum(np.sin(x)) + np.tanh(np.sum(x))")
RIPPLES = function("def f(x):\n    return np.sum(np.sin(1000 * x)) / 1000")
HIGH = function("def f(x):\n    return 1e6 + np.sum(x)")
PLAIN = function('def f(p):\n    return np.sum(p["w"]) + 2.0 * np.sum(p["b"])')
HALF_SQUARES = function('def f(p):\n    return np.sum(p["w"] ** 2) / 2')
TWO = function('def f(p):\n    return np.sum(p["w"] ** 2) / 2 + np.sum(p["b"])')
TINY_SQUARES = function('def f(p):\n    return 1e-10 * np.sum(p["w"] ** 2) / 2')

X = np.array([[1.0, -0.5], [0.5, 2.0], [-1.0, 0.5]])
Y = np.array([[0.5, -1.0], [1.0, 0.0], [-0.5, 1.5]])


def network(factor=1.0):
    """Make the loss of a small network: half the squared error, times a factor."""
    return function(
        f"X = np.array({X.tolist()})\nY = np.array({Y.tolist()})\n\n"
        "def loss(p):\n"
        '    h = np.tanh(X @ p["W"] + p["b"])\n'
        f'    return {factor} * np.sum((h @ p["V"] - Y) ** 2) / 2',
        "loss",
    )


def draw_params(rng):
    """Draw W (2, 4), b (4,) and V (4, 2)."""
    shapes = {"W": (2, 4), "b": (4,), "V": (4, 2)}
    return {name: 0.7 * rng.standard_normal(shape) for name, shape in shapes.items()}


def backward(p, factor=1.0, slope=lambda h: 1.0 - h**2):
    """Differentiate the loss by hand; with another slope than tanh's, wrongly."""
    h = np.tanh(X @ p["W"] + p["b"])
    error = factor * (h @ p["V"] - Y)
    da = error @ p["V"].T * slope(h)
    return {"W": X.T @ da, "b": da.sum(axis=0), "V": h.T @ error}


def replaced(grads, **others):
    """Put other gradients into a dict of them."""
    return {**grads, **others}


def gross(p):
    """List planted mistakes anybody should find: words, the question."""
    return [(words, (network(), grads, p)) for words, grads in mistaken(p)]


def mistaken(p):
    """List gradients with a mistake anybody should find: words, the gradients."""
    grads = backward(p)
    W, b, V = grads["W"], grads["b"], grads["V"]
    activated = backward(p, slope=lambda h: 1.0 - np.tanh(h) ** 2)
    return [
        ("the sign of dV is wrong", replaced(grads, V=-V)),
        ("db is twice too large", replaced(grads, b=2 * b)),
        ("dW is a mean over the batch, not a sum", replaced(grads, W=W / len(X))),
        ("dV is zero throughout", replaced(grads, V=0 * V)),
        ("the slope of tanh is left out", backward(p, slope=np.ones_like)),
        ("tanh is applied once more before its slope is taken", activated),
        ("two rows of dV are exchanged", replaced(grads, V=V[[1, 0, 2, 3]])),
        ("db is clipped to a hundredth", replaced(grads, b=np.clip(b, -0.01, 0.01))),
        ("dW, db and dV are those of another loss, three times as large", backward(p, 3.0)),
    ]


def fine(p):
    """List planted mistakes that only a strict checker finds: words, the question."""
    grads, tiny = backward(p), backward(p, 1e-10)
    entry = grads["W"].copy()
    entry[1, 2] *= 1.01
    return [
        ("a single entry of dW is off by a hundredth",
         (network(), replaced(grads, W=entry), p)),
        ("dV is off by a part in fifty thousand",
         (network(), replaced(grads, V=grads["V"] * (1 + 2e-5)), p)),
        ("the loss is tiny (1e-10 times as large), and db three times too large",
         (network(1e-10), replaced(tiny, b=3 * tiny["b"]), p)),
    ]  # fmt: skip


def odd(p):
    """List planted gradients that are no gradients: words, the question."""
    grads = backward(p)
    holed = grads["V"].copy()
    holed[2, 1] = np.nan
    return [
        ("an entry of dV is nan", (network(), replaced(grads, V=holed), p)),
        ("db is a column, (4, 1) for (4,)",
         (network(), replaced(grads, b=grads["b"][:, None]), p)),
        ("db is a row, (1, 4) for (4,)",
         (network(), replaced(grads, b=grads["b"][None]), p)),
        ("there is no dW at all", (network(), {k: grads[k] for k in ("b", "V")}, p)),
        ("there is no dW at all, and dV has the wrong sign",
         (network(), {"b": grads["b"], "V": -grads["V"]}, p)),
    ]  # fmt: skip


def right(p):
    """List right gradients: words, the question."""
    grads = backward(p)
    unused = np.zeros((2, 3))
    return [
        ("right gradients", (network(), grads, p)),
        ("right gradients of a loss 1e-10 times as large",
         (network(1e-10), backward(p, 1e-10), p)),
        ("right gradients of a loss a million times as large", (network(1e6), backward(p, 1e6), p)),
        ("right gradients, rounded in the ninth digit",
         (network(), {k: g * (1 + 1e-9) for k, g in grads.items()}, p)),
        ("a parameter the loss does not depend on, with a gradient of zeros",
         (network(), {**grads, "unused": 0 * unused}, {**p, "unused": unused + 1.0})),
    ]  # fmt: skip


# --- probes ------------------------------------------------------------------------


def named(**values):
    """Name wanted values as a function would return them."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def compare(student, reference, asked, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(asked, calls), reference.each(asked, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def caught(student, reference, planted):
    """Expect each planted mistake to be found, and nothing else with it."""
    calls = [(question, {}) for _, question in planted]
    answers = (asked.each("check_gradients", calls) for asked in (student, reference))
    for (words, (_, _, params)), got, want in zip(planted, *answers, strict=True):
        wrong, names = listed(got), list(want.wrong)
        missed = [name for name in params if name in names and name not in wrong]
        accused = [name for name in params if name in wrong and name not in names]
        message = f"planted: {words}. Your checker lets {', '.join(missed)} pass"
        expect(not missed, message, Where(output="wrong"))
        message = f"planted: {words}. {', '.join(accused)} is accused, too, and is right"
        expect(not accused, message, Where(output="wrong"))
        message = f"planted: {words}. wrong should be {names}, in the order of params"
        expect(list(wrong) == names, message, Where(output="wrong"))


def listed(got):
    """Take `wrong` as a list of names, or lose the criterion."""
    wrong = got.wrong
    names = isinstance(wrong, tuple | list) and all(isinstance(name, str) for name in wrong)
    expect(names, "wrong should be a list of names (texts)", Where(output="wrong"))
    return wrong


def untouched(got, name, before):
    """Expect an array to hold what it should, bit for bit."""
    after = expect_shape(got, name, before.shape)
    same = after.tobytes() == before.tobytes()
    if not same:
        off = float(np.abs(after - before).max(initial=0.0))
        rounded = f"rounded, off by {off:.0e}" if 0 < off < 1e-12 else f"off by {off:.2g}"
        message = f"{name} is not what it was: an entry is {rounded}"
        message += "; keep its old value and put that back" if off else ""
        expect(same, message, Where(output=name))


# --- the smallest failing examples -----------------------------------------------------


def cube_by_hand(_, x, delta=1e-5):
    """Work out the two-sided difference of x³ at one number."""
    value = float(x.reshape(-1)[0])
    if x.size == 1 and delta == 0.5:
        above, below = value + delta, value - delta
        text = f"({short(above)}³ - ({short(below)})³) / (2·0.5)"
        slope = (above**3 - below**3) / (2 * delta)
        yield Line("g", "", f"g = {text} = {short(slope)}")


def error_by_hand(a, n):
    """Work out the relative error of two numbers."""
    a, n = float(a.reshape(-1)[0]), float(n.reshape(-1)[0])
    if a or n:
        text = f"|{short(a)} - ({short(n)})| / (|{short(a)}| + |{short(n)}|)"
        yield Line("error", "", f"{text} = {short(abs(a - n) / (abs(a) + abs(n)))}")


TWO_ONES = {"w": np.array([1.0]), "b": np.array([1.0])}
W_ONE = {"w": np.array([1.0, 2.0])}
NO_EXAMPLE = {
    "params_back": "what is left over may be rounding, too small to be seen",
    "precision": "the numbers are right, in too few digits",
}

EXAMPLES = {
    "numerical_gradient": Family(
        names="f x delta",
        optional="delta",
        make=lambda draw, D: (CUBES, draw(D), 0.5),
        also=(
            (PARABOLA, np.array([1.0]), 0.5), (CUBES, np.array([1.0]), 2.0),
            (PRODUCTS, np.array([1.0, 2.0]), 1.0),
            (CUBES, np.array([[1.0, 2.0]]), 0.5), (CUBES, np.array(2.0), 0.5),
            (CUBES, np.array([[1.0], [2.0]]), 0.5), (CUBES, np.array([1.0])),
            (RIPPLES, np.array([0.0])), (HIGH, np.array([1.0])),
            # 0.1 + 1e16 has no room for the 0.1
            (LINE, np.array([0.1]), 1e16),
        ),
        by_hand=cube_by_hand,
        kept="x",
    ),
    "relative_error": Family(
        names="a n",
        make=lambda draw, D, H: (draw(D, H), draw(D, H)),
        also=(
            (np.array([0.0]), np.array([0.0])), (np.array([1e-9]), np.array([3e-9])),
            (np.array([1e9]), np.array([3e9])), (np.array([1.0]), np.array([[1.0]])),
            (np.array([1.0, 2.0]), np.array([[1.0], [2.0]])),
            (np.array([3.0, 4.0]), np.array([3.0, 0.0])), (np.zeros(0), np.zeros(0)),
        ),
        by_hand=error_by_hand,
    ),
    "check_gradients": Family(
        names="f grads params",
        also=(
            (HALF_SQUARES, {"w": np.array([1.0])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([2.0])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([-1.0])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([0.0])}, {"w": np.array([0.0])}),
            (HALF_SQUARES, {"w": np.array([1.00002])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([1.0, 2.02])}, W_ONE),
            (TINY_SQUARES, {"w": np.array([3e-10])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([np.nan])}, {"w": np.array([1.0])}),
            (HALF_SQUARES, {"w": np.array([[1.0], [2.0]])}, W_ONE),
            (HALF_SQUARES, {"w": np.array([[1.0, 2.0]])}, W_ONE),
            (HALF_SQUARES, {}, {"w": np.array([1.0])}),
            (TWO, {"w": np.array([2.0]), "b": np.array([1.0])}, TWO_ONES),
            (TWO, {"w": np.array([1.0]), "b": np.array([1.5])}, TWO_ONES),
            (TWO, {"b": np.array([0.5]), "w": np.array([2.0])}, TWO_ONES),
            (TWO, {"b": np.array([1.0])}, TWO_ONES),
        ),
        kept="grads params",
    ),
}  # fmt: skip


# --- measuring a slope -------------------------------------------------------------------


@points(2)
def test_slopes(student, reference, rng):
    """numerical_gradient: one slope per entry of x, from f(x ± delta)"""
    cases = [(WAVES, rng.standard_normal(5), 1e-5), (CUBES, rng.standard_normal(3), 1e-5)]
    compare(student, reference, "numerical_gradient", cases, "g")


@points(1)
def test_central(student, reference, rng):
    """Both sides count: of a parabola the difference is exact, however large delta"""
    cases = [(PARABOLA, rng.standard_normal(4), delta) for delta in (0.5, 3.0)]
    compare(student, reference, "numerical_gradient", cases, "g", tolerance=PRECISE)


@points(1)
def test_delta(student, reference, rng):
    """delta is the one that is asked for; left out, it is 1e-5, neither larger nor smaller"""
    x = rng.standard_normal(3)
    cases = [(CUBES, x, 0.5), (CUBES, x, 0.1), (RIPPLES, x), (HIGH, x)]
    compare(student, reference, "numerical_gradient", cases, "g")


@points(1)
def test_one_entry(student, reference, rng):
    """One entry moves at a time: the others are back in their place by then"""
    cases = [(PRODUCTS, rng.standard_normal(4), 1.0)]
    compare(student, reference, "numerical_gradient", cases, "g")


@points(2)
def test_put_back(student, reference, rng):
    """x is left as it was, bit for bit"""
    small, zeros = rng.standard_normal(6), np.array([0.0, -0.0, 0.1])
    cases = [(WAVES, small), (LINE, zeros, 1e15), (LINE, small, 1e15)]
    calls = [(case, {}) for case in cases]
    answers = (asked.each("numerical_gradient", calls) for asked in (student, reference))
    for got, want in zip(*answers, strict=True):
        expect_finite(expect_shape(got.g, "g", want.g.shape), "g")
        expect(np.any(got.g), "g is zero throughout, so nothing was moved")
        untouched(got.x, "x", want.x)


@points(1)
def test_shapes(student, reference, rng):
    """g has the shape of x, whether that has no axis or three"""
    cases = [(CUBES, rng.standard_normal(shape), 0.5) for shape in ((), (2, 3), (2, 1, 3))]
    compare(student, reference, "numerical_gradient", cases, "g")


# --- comparing two gradients ----------------------------------------------------------------


@points(2)
def test_error(student, reference, rng):
    """relative_error = ‖a - n‖ / (‖a‖ + ‖n‖), a single number for the whole array"""
    cases = [tuple(rng.standard_normal((2, *shape))) for shape in ((6,), (3, 4), (2, 2, 2))]
    cases += [(a, -a) for a, _ in cases[:1]] + [(a, 0 * a) for a, _ in cases[:1]]
    compare(student, reference, "relative_error", cases)


@points(1)
def test_zero(student, reference):
    """relative_error: 0/0 is 0, and no NumPy warning is made of it"""
    for case in ((np.zeros(3), np.zeros(3)), (np.zeros((2, 2)), -np.zeros((2, 2)))):
        got = student.relative_error(*case)
        expect_close(got, reference.relative_error(*case))
        expect_quiet(got, "relative_error(0, 0)")


@points(1)
def test_scale(student, reference, rng):
    """relative_error is the same for gradients of a billionth and of a billion"""
    a, n = rng.standard_normal((2, 5))
    compare(student, reference, "relative_error", [(s * a, s * n) for s in (1e-12, 1e-9, 1e9)])


@points(1)
def test_misshapen(student, reference, rng):
    """relative_error of another shape is 1, even where NumPy would stretch it to fit"""
    a = rng.standard_normal(4)
    cases = [(a[:, None], a), (a[None], a), (a, a[:1]), (a.reshape(2, 2), a)]
    compare(student, reference, "relative_error", cases)


# --- the checker -----------------------------------------------------------------------------


@points(2)
def test_errors(student, reference, rng):
    """check_gradients: the relative error of every parameter, by name"""
    p = draw_params(rng)
    spoilt, other = (
        {k: g + 0.3 * rng.standard_normal(g.shape) for k, g in backward(p).items()}
        for _ in range(2)
    )
    # a dict has no order that means anything
    turned = {"V": other["V"], "W": other["W"], "b": other["b"]}
    cases = [(network(), spoilt, p), (network(), turned, p)]
    compare(student, reference, "check_gradients", cases, "errors")


@points(2)
def test_passes(student, reference, rng):
    """Five right gradients pass: tiny, huge, rounded, and 0/0 where nothing depends on it"""
    p = draw_params(rng)
    caught(student, reference, right(p))
    # a checker that has no eyes lets everything pass
    blind = [("all signs are wrong", (network(), {k: -g for k, g in backward(p).items()}, p))]
    caught(student, reference, blind)


@points(3)
def test_flags(student, reference, rng):
    """Nine planted mistakes are found, each where it is and nowhere else"""
    caught(student, reference, gross(draw_params(rng)))


@points(1)
def test_fine(student, reference, rng):
    """One bad entry, an error of 1e-5, a tiny loss: found as well"""
    caught(student, reference, fine(draw_params(rng)))


@points(2)
def test_odd(student, reference, rng):
    """nan, another shape, no gradient at all: wrong, and no exception"""
    p = draw_params(rng)
    caught(student, reference, odd(p))
    grads = backward(p)
    lacking = network(), {"b": 2 * grads["b"], "V": -grads["V"]}, p
    compare(student, reference, "check_gradients", [lacking], "errors")


@points(1)
def test_params_back(student, reference, rng):
    """check_gradients leaves every parameter as it was, bit for bit"""
    # beside 1e-5 there is hardly any room for 1e-17
    p = {"w": 1e-17 * rng.standard_normal(4), "b": rng.standard_normal((2, 1))}
    case = PLAIN, {name: np.full(value.shape, 3.0) for name, value in p.items()}, p
    got, want = (asked.check_gradients(*case) for asked in (student, reference))
    expect(len(listed(got)) > 0, "nothing is ever wrong for your checker")
    expect(isinstance(got.params, dict) and set(got.params) == set(p),
           "params has other names afterwards", Where(output="params"))  # fmt: skip
    for name, value in want.params.items():
        untouched(got.params[name], f'params["{name}"]', value)


@points(1)
def test_precision(student, reference, rng):
    """Measures and compares in float64"""
    case = PARABOLA, rng.standard_normal((3, 2)), 0.5
    expect_precise(student.numerical_gradient(*case), reference.numerical_gradient(*case), "g")
    a, n = rng.standard_normal((2, 5))
    got, want = (asked.relative_error(a, n) for asked in (student, reference))
    expect_close(got, want, tolerance=PRECISE)


# --- what the student sees ---------------------------------------------------------------


@picture
def picture_planted(student, reference):
    """Show what the student's checker says to each planted mistake, on public numbers."""
    p = draw_params(np.random.default_rng(1990))
    planted = gross(p) + fine(p)
    calls = [(question, {}) for _, question in planted]
    answers = (asked.each("check_gradients", calls) for asked in (student, reference))
    return BlockMap(
        title="What your checker says of planted mistakes",
        caption="Each row is a set of gradients with a mistake planted, on numbers that are no "
        "secret. 0: your verdict on this gradient is right. 1: a wrong one passes, or a right "
        "one is accused.",
        row_label="planted",
        column_label="gradient of",
        rows=tuple(words for words, _ in planted),
        columns=tuple(p),
        values=tuple(
            tuple(float((name in listed(got)) != (name in want.wrong)) for name in p)
            for got, want in zip(*answers, strict=True)
        ),
    )
