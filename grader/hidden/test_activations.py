"""Rubric: activations (25 points).

Functions of an output are asked with outputs: shares for the sigmoid, numbers
from -1 to 1 for tanh. Softmax meets rows, whole sequences and a single row;
logits of ±10000 have criteria of their own. The gradient of the loss is
compared with the reference, and with central differences of the student's
own loss, so that a mean with the gradient of the sum cannot pass.
"""

import numpy as np

from grader.byhand import Line, short
from grader.calls import Returned
from grader.expect import (
    ALIVE,
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_precise,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.model import Where
from grader.numerics import PRECISE
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

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

#: A step that code in single precision can be differentiated with.
COARSE = 1e-2
#: Two rows that would overflow, or ask for the log of a zero.
LOUD = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, -9999.0], [710.0, 720.0, -750.0]])


# --- probes -------------------------------------------------------------------


def logits_of(rng, *shape):
    """Draw logits, loud enough for shares that differ."""
    return 2.0 * rng.standard_normal(shape)


def batch(rng, B=4, V=5):
    """Draw logits (B, V) and targets (B,), of which two agree."""
    targets = rng.integers(0, V, B)
    targets[-1] = targets[0]
    return logits_of(rng, B, V), targets


def named(**values):
    """Name wanted values as a function would return them."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


# --- the smallest failing examples ---------------------------------------------


def slope_by_hand(formula):
    """Work out a slope of one number."""

    def lines(out):
        value = float(out.reshape(-1)[0])
        name, text, slope = formula(value)
        yield Line(name, "", f"{text} = {short(slope)}")

    return lines


def softmax_by_hand(a):
    """Work out softmax of one row."""
    row = a.reshape(-1)
    if row.size == a.shape[-1] and np.abs(row).max() < 100:
        e = np.exp(row - row.max())
        shifted = ", ".join(map(short, row - row.max()))
        powers, total = ", ".join(map(short, e)), short(e.sum())
        yield Line("p", "", f"e^[{shifted}] = [{powers}],  sum {total}")


def surprise(draw, B, V):
    """Make logits and targets."""
    return draw(B, V + 1), np.arange(B) % (V + 1)


NO_EXAMPLE = {
    "glorot": "weights are drawn, in any order",
    "orthogonal": "any orthogonal matrix is right",
    "random": "weights are drawn, in any order",
    "precision": "the numbers are right, in too few digits",
}

EXAMPLES = {
    "dsigmoid_from_output": Family(
        names="s",
        make=lambda draw, B, H: (draw.shares(B, H),),
        by_hand=slope_by_hand(
            lambda s: ("ds", f"s·(1 - s) = {short(s)}·{short(1 - s)}", s * (1 - s))
        ),
        kept="s",
    ),
    "dtanh_from_output": Family(
        names="t",
        make=lambda draw, B, H: (draw.shares(B, H),),
        by_hand=slope_by_hand(lambda t: ("dt", f"1 - t² = 1 - {short(t**2)}", 1 - t**2)),
        also=((np.array([-0.5]),),),
        kept="t",
    ),
    "softmax": Family(
        names="a",
        make=lambda draw, B, V: (draw(B, V + 1),),
        by_hand=softmax_by_hand,
        also=(
            (np.array([[1000.0, 0.0]]),), (np.array([[-1000.0, -1001.0]]),),
            (np.array([1.0, 2.0]),), (np.array([[[1.0, 2.0]], [[3.0, 5.0]]]),),
        ),
    ),
    "log_softmax": Family(
        names="a",
        make=lambda draw, B, V: (draw(B, V + 1),),
        also=(
            (np.array([[1000.0, 0.0]]),), (np.array([[-1000.0, -1001.0]]),),
            (np.array([1.0, 2.0]),), (np.array([[[1.0, 2.0]], [[3.0, 5.0]]]),),
        ),
    ),
    "cross_entropy": Family(
        names="logits targets",
        make=surprise,
        also=(
            (np.array([[1000.0, 0.0]]), np.array([1])),
            (np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 0])),
        ),
    ),
    "one_hot": Family(
        names="indices V",
        also=(
            (np.array([0]), 2), (np.array([1]), 2), (np.array([2, 0]), 3),
            (np.array([[1, 0]]), 2), (np.array(1), 2),
        ),
    ),
}  # fmt: skip


# --- slopes ---------------------------------------------------------------------


@points(2)
def test_dsigmoid(student, reference, rng):
    """The slope of σ from its output: s ⊙ (1 - s), with no σ in it"""
    cases = [(rng.uniform(0.0, 1.0, shape),) for shape in ((7,), (2, 3, 4))]
    compare(student, reference, "dsigmoid_from_output", cases)


@points(1)
def test_dtanh(student, reference, rng):
    """The slope of tanh from its output: 1 - t², with no tanh in it"""
    cases = [(rng.uniform(-1.0, 1.0, shape),) for shape in ((7,), (2, 3, 4))]
    compare(student, reference, "dtanh_from_output", cases)


# --- softmax --------------------------------------------------------------------


@points(2)
def test_softmax(student, reference, rng):
    """softmax of a batch: p_k = e^(a_k) / Σ_j e^(a_j), row by row"""
    cases = [(logits_of(rng, 4, 5),), (logits_of(rng, 1, 3),)]
    compare(student, reference, "softmax", cases)


@points(1)
def test_softmax_axes(student, reference, rng):
    """softmax along the last axis of (V,) and of (T, B, V)"""
    cases = [(logits_of(rng, 5),), (logits_of(rng, 2, 3, 4),)]
    compare(student, reference, "softmax", cases)


@points(1, needs=test_softmax)
def test_softmax_stable(student, reference):
    """softmax of ±10000: no overflow, no NaN, and still the right shares"""
    got = student.softmax(LOUD)
    expect_close(got, reference.softmax(LOUD))
    expect_quiet(got, "softmax(a)")


@points(2)
def test_log_softmax(student, reference, rng):
    """log_softmax: the logarithm of softmax, for (V,), (B, V) and (T, B, V)"""
    cases = [(logits_of(rng, *shape),) for shape in ((4, 5), (5,), (2, 3, 4))]
    compare(student, reference, "log_softmax", cases)


@points(1, needs=test_log_softmax)
def test_log_softmax_stable(student, reference):
    """log_softmax of ±10000: finite and exact, no log of zero"""
    got = student.log_softmax(LOUD)
    expect_close(got, reference.log_softmax(LOUD), tolerance=PRECISE)
    expect_quiet(got, "log_softmax(a)")


@points(1, needs=(test_softmax, test_log_softmax))
def test_shift(student, rng):
    """The same number added to all logits of a row changes neither of the two"""
    a = logits_of(rng, 3, 4)
    moved = a + np.array([[30.0], [-700.0], [900.0]])
    for function in ("softmax", "log_softmax"):
        before, after = student.each(function, [((a,), {}), ((moved,), {})])
        name = before.names[0]
        expect_shape(before[name], name, a.shape)
        expect_depends(before, name)
        want = named(**{name: before[name]})
        expect_close(after, want, name, instead=f"{function} of the logits before the shift is")


# --- the loss -------------------------------------------------------------------


@points(2)
def test_loss(student, reference, rng):
    """cross_entropy: loss = -Σ log p[b, targets[b]], a sum over the batch"""
    compare(student, reference, "cross_entropy", [batch(rng), batch(rng, 2, 7)], "loss")


@points(2)
def test_dlogits(student, reference, rng):
    """cross_entropy: dlogits = p - y, for each row of the batch"""
    compare(student, reference, "cross_entropy", [batch(rng), batch(rng, 2, 7)], "dlogits")


@points(1)
def test_agree(student, rng):
    """loss and dlogits belong together: central differences of your own loss say dlogits"""
    logits, targets = batch(rng, 3, 4)
    got = student.cross_entropy(logits, targets)
    shifts = [sign * COARSE * unit.reshape(3, 4) for unit in np.eye(12) for sign in (1.0, -1.0)]
    calls = [((logits + shift, targets), {}) for shift in shifts]
    losses = [expect_shape(seen.loss, "loss", ()) for seen in student.each("cross_entropy", calls)]
    expect_finite(np.array(losses), "loss")
    above, below = np.reshape(losses, (12, 2)).T
    slope = ((above - below) / (2 * COARSE)).reshape(3, 4)
    expect(np.abs(slope).max() > ALIVE, "your loss does not depend on the logits")
    says = "central differences of your loss say"
    expect_close(got, named(dlogits=slope), "dlogits", tolerance=1e-3, instead=says)


@points(1, needs=(test_loss, test_dlogits))
def test_loss_stable(student, reference):
    """cross_entropy of ±10000: the surprise is large, and finite"""
    for targets in ([0, 2, 1], [2, 0, 2]):
        case = LOUD, np.array(targets)
        got = student.cross_entropy(*case)
        expect_close(got, reference.cross_entropy(*case), tolerance=PRECISE)
        expect_quiet(got, "cross_entropy(logits, targets)")


@points(1)
def test_one_hot(student, reference, rng):
    """one_hot: a single 1 in each row, where the index says"""
    cases = [(rng.permutation(7)[:5], 7), (np.array([0, 3, 3]), 4)]
    compare(student, reference, "one_hot", cases)


@points(1)
def test_one_hot_axes(student, reference, rng):
    """one_hot of (T, B) is (T, B, V), and one index gives one row"""
    cases = [(rng.integers(0, 5, (3, 2)), 5), (np.array(2), 4)]
    compare(student, reference, "one_hot", cases)


# --- weights --------------------------------------------------------------------


@points(2)
def test_glorot(student, seed):
    """glorot: normal, with variance 2 / (fan_in + fan_out)"""
    # sizes that tell fan_in, fan_out and their sum apart
    for fan_in, fan_out in ((30, 120), (90, 40)):
        W = expect_shape(
            student.glorot(fan_in, fan_out, seed).W, "W", (fan_in, fan_out), "(fan_in, fan_out)"
        )
        expect_finite(W, "W")
        with np.errstate(over="ignore", invalid="ignore"):  # whatever a student draws
            scaled = W * np.sqrt((fan_in + fan_out) / 2.0)
            spread = float(np.sqrt(np.mean(scaled**2)))
        message = f"W spreads {spread:.3g} times as far as √(2 / (fan_in + fan_out))"
        expect(0.92 < spread < 1.08, message, Where(output="W"))
        middle = float(scaled.mean())
        expect(abs(middle) < 0.1, "the weights are not spread around zero", Where(output="W"))
        tails = float(np.mean(np.abs(scaled) > 2.0))
        message = f"{tails:.1%} of the weights are beyond two sigma; a normal has 4.6 %"
        expect(0.025 < tails < 0.07, message, Where(output="W"))


@points(2)
def test_orthogonal(student, seed):
    """orthogonal: Q Qᵀ = Qᵀ Q = I"""
    for H in (7, 4, 1):
        Q = expect_shape(student.orthogonal(H, seed).Q, "Q", (H, H), "(H, H)")
        expect_finite(Q, "Q")
        with np.errstate(over="ignore", invalid="ignore"):
            for product, text in ((Q @ Q.T, "Q Qᵀ"), (Q.T @ Q, "Qᵀ Q")):
                off = float(np.abs(product - np.eye(H)).max())
                message = f"{text} differs from I by {off:.2g} in an entry, for H = {H}"
                expect(off < 1e-6, message, Where(output="Q"))
        if H > 1:
            bare = float(np.mean(np.abs(Q) < 1e-9))
            expect(bare == 0.0, "Q has zeros in it; draw a dense one, not a permutation or I")


@points(1)
def test_random(student, seed):
    """Both are drawn from rng and nothing else: the same rng, the same numbers"""
    other = Seed(seed.entropy + 1)
    for function, name, args in (("glorot", "W", (4, 3)), ("orthogonal", "Q", (4,))):
        calls = [((*args, which), {}) for which in (seed, seed, other)]
        one, again, else_ = (seen[name] for seen in student.each(function, calls))
        shape = (4, 3) if name == "W" else (4, 4)
        for value in (one, again, else_):
            expect_shape(value, name, shape)
        same, fresh = np.array_equal(one, again), not np.array_equal(one, else_)
        expect(same, f"{function}: the same rng gives another {name}; draw from rng only")
        expect(fresh, f"{function}: another rng gives the same {name}; draw from rng")


@points(1)
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    a, s = logits_of(rng, 3, 4), rng.uniform(0.1, 0.9, (3, 4))
    for function, x in (
        ("dsigmoid_from_output", s), ("dtanh_from_output", s), ("softmax", a), ("log_softmax", a),
    ):  # fmt: skip
        got, want = getattr(student, function)(x), getattr(reference, function)(x)
        expect_precise(got, want, *want.names)
    logits, targets = batch(rng)
    want = reference.cross_entropy(logits, targets)
    expect_precise(student.cross_entropy(logits, targets), want, "dlogits")
    expect_precise(student.one_hot(targets, 5), reference.one_hot(targets, 5), "y")
