"""Rubric: LSTM 1997 (38 points).

The network is compared with ours on dense weights, several blocks of several
cells, and non-zero initial states; the whole gradient may be judged by
differences of the student's own forward, the truncated one is no gradient of
anything and is compared only. Sequences may be drawn in any order, so they are
judged by rules and frequencies. Logs and lists of errors are made here, each with
one thing the matter.
"""

import numpy as np

from grader.calls import Made, Returned
from grader.expect import (
    array_of,
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradients,
    expect_precise,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.gradients import Gradient
from grader.model import Where
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

RETURNS = {
    "count_weights_1997": "count",
    "squash_g": "g",
    "squash_h": "h",
    "init_block": "W W_out",
    "block_forward": "Y S *cache",
    "block_backward": "dX dW dW_out ds0",
    "block_backward_truncated": "dW dW_out ds0",
    "block_forward_forget": "Y S",
    "embedded_reber": "string",
    "legal_successors": "legal",
    "most_active": "right",
    "long_lag_next": "X Y",
    "long_lag_final": "X y",
    "two_sequences": "X y clean",
    "marked_pairs": "X y",
    "temporal_order": "X y",
    "stopping": "n",
    "constant_predictor": "numbers",
    "diagnose": "findings",
    "read_attempts": "attempts",
    "pretrain_gates": "W &0:given",
}

GRADIENTS = {
    "block_backward": Gradient(
        of="block_forward", given="dY cache dS", values=("forward_step", "sequence")
    )
}

#: What the paper prints: inputs, outputs, blocks, size, biases; the number.
PUBLISHED = {
    (7, 7, 4, 1, "gates"): 264, (7, 7, 3, 2, "gates"): 276,
    (54, 2, 2, 1, "none"): 364, (104, 2, 2, 1, "none"): 664, (1004, 2, 2, 1, "none"): 6064,
    (1, 1, 3, 1, "hidden"): 102, (2, 1, 2, 2, "all"): 93,
    (8, 4, 2, 2, "all"): 156, (8, 8, 3, 2, "all"): 308,
}  # fmt: skip
#: And experiment 2a: no output gate, nothing fed back, inputs seen by the outputs.
SPARSE = {"output_gates": False, "recurrent": False, "direct": True}

#: The Reber grammar, and the seven symbols.
GRAMMAR = [
    {"T": 1, "P": 2}, {"S": 1, "X": 3}, {"T": 2, "V": 4}, {"X": 2, "S": 5}, {"P": 3, "V": 5},
]  # fmt: skip
SYMBOLS = "BTPSXVE"
STRINGS = ("BTBTXSETE", "BPBPVVEPE", "BTBTSSXXTVPSETE", "BPBTXXTTVVEPE", "BTBPTVPXTTVPSETE")

ROWS = ("bias", "input", "recurrent")
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "in": "the input gates", "out": "the output gates", "cells": "the cells",
    "dW_out": "W_out", "ds0": "s0",
}  # fmt: skip
FINDINGS = ("constant", "learning", "closed", "no_recurrent_gradient", "drift")
#: Five standard errors; of what is rare, and whose frequency is skewed, more.
MANY, MORE = 5.0, 6.5


# --- probes -------------------------------------------------------------------


def network(rng, T=4, B=2, D=3, b=2, size=3, K=2):  # noqa: PLR0913, PLR0917
    """Draw X (T, B, D), W (R, U), W_out (1+C, K) and s0 (B, C)."""
    cells = b * size
    units = 2 * b + cells
    return (
        rng.standard_normal((T, B, D)),
        0.6 * rng.standard_normal((1 + D + units, units)),
        rng.standard_normal((1 + cells, K)),
        rng.standard_normal((B, cells)),
    )


def upstream(rng, case):
    """Draw dY (T, B, K) and dS (T, B, C) for a network."""
    X, _, W_out, s0 = case
    shape = X.shape[:2]
    return rng.standard_normal((*shape, W_out.shape[1])), rng.standard_normal((*shape, s0.shape[1]))


def cache_of(case):
    """Say how the cache of a run is made."""
    return Made(function="block_forward", args=tuple(case), kwargs={}, position=2)


def blocks_of(case):
    """Divide W (R, U) into rows by input gates, output gates and cells."""
    X, W, W_out, _ = case
    D, C, units = X.shape[2], len(W_out) - 1, W.shape[1]
    b = (units - C) // 2
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {"in": np.s_[:b], "out": np.s_[b : 2 * b], "cells": np.s_[2 * b :]}
    return {f"{row}/{col}": (r, c) for row, r in rows.items() for col, c in columns.items()}


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [case if isinstance(case, tuple) and len(case) == 2 and isinstance(case[1], dict)
             else (case, {}) for case in cases]  # fmt: skip
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def compare_gradients(student, reference, function, cases):
    """Expect a backward to answer (case, dY, dS) as the reference does; one request."""
    calls = [((dY, cache_of(case), *dS), {}) for case, dY, *dS in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for (case, *_), (got, want) in zip(cases, answers, strict=True):
        expect_gradients(got, want, blocks={"dW": blocks_of(case)}, called=CALLED)


def run(student, case):
    """Ask for a whole run, and expect arrays of the right shapes."""
    X, _, W_out, *_ = case
    seen = student.block_forward(*case)
    for name, last in (("Y", W_out.shape[1]), ("S", len(W_out) - 1)):
        expect_finite(expect_shape(seen[name], name, (*X.shape[:2], last)), name)
    return seen


def part(seen, index):
    """Take Y and S of a larger run at the given index."""
    return Returned(names=("Y", "S"), values=(seen.Y[index], seen.S[index]))


def following(seed, count):
    """Derive as many seeds as are asked for from one."""
    return [Seed(seed.entropy + k) for k in range(count)]


def near(value, want, spread, message):
    """Expect a frequency or an average to be as far off as chance explains, or less."""
    expect(abs(value - want) < spread, f"{message} {value:.3g}; it should be near {want:.3g}")


def mean(values):
    """Average numbers, of which there may be none."""
    return float(np.mean(values)) if np.size(values) else 0.0


def rare(want, count, errors=MANY):
    """Give the chance error of a share."""
    return errors * np.sqrt(want * (1.0 - want) / count)


def drawn(student, function, args, seed, K=None):
    """Ask for a batch twice with one rng, once with another; return X and y."""
    again, other = following(seed, 2)
    first, same, changed = student.each(function, [((*args, s), {}) for s in (seed, again, other)])
    X = array_of(first.X, "X")
    expect_finite(X, "X")
    expect(X.ndim == 3, f"X has {X.ndim} axes; it should be (T, B, D)", Where(output="X"))
    expect(np.array_equal(X, array_of(same.X, "X")),
           "the same rng gives other sequences; draw from rng only")  # fmt: skip
    expect(not np.array_equal(X, array_of(changed.X, "X")),
           "another rng gives the same sequences; draw from rng")  # fmt: skip
    if K is not None:
        y = expect_shape(first.y, "y", (X.shape[1],), "(B,)")
        expect(y.dtype.kind in "iu", f"y is {y.dtype}; it should hold whole numbers")
    return X, first


def symbols_of(X, features, steps=None):
    """Expect one-hot rows, and return which symbol stands where, (T, B)."""
    T, B, _ = X.shape
    expect_shape(X, "X", (steps or T, B, features))
    symbols = X.argmax(axis=2)
    got, want = (Returned(names=("X",), values=(v,)) for v in (X, np.eye(features)[symbols]))
    expect_close(got, want, instead="a one-hot row has")
    return symbols


def length_of(student, function, args, seeds):
    """List the lengths of many batches."""
    seen = student.each(function, [((*args, seed), {}) for seed in seeds])
    return [len(expect_array(answer.X)) for answer in seen]


def expect_array(X):
    """Expect X with three axes."""
    X = array_of(X, "X")
    expect(X.ndim == 3, f"X has {X.ndim} axes; it should be (T, B, D)", Where(output="X"))
    return X


def expect_lengths(student, function, args, seed, low, high):
    """Expect lengths uniform on low..high, one per batch."""
    count = 20 * (high - low + 1)
    found = length_of(student, function, args, following(seed, count))
    for length in sorted(set(found)):
        message = f"T' = {length} came up; it should be {low}..{high}"
        expect(low <= length <= high, message)
    for length in range(low, high + 1):
        message = f"T' = {length} never came up in {count} batches"
        expect(length in found, message)


def truth(value, name):
    """Expect True or False."""
    kind = array_of(value, name)
    expect(kind.shape == (), f"{name} should be True or False", Where(output=name))
    expect(float(kind) in (0.0, 1.0), f"{name} should be True or False", Where(output=name))
    return bool(kind)


# --- the smallest failing examples ---------------------------------------------


def run_of(draw, T, B, D, N, S):
    """Make X, W, W_out and s0 of N blocks of S cells, with one output."""
    cells = N * S
    units = 2 * N + cells
    return draw(T, B, D), draw(1 + D + units, units), draw(1 + cells, 1), draw(B, cells)


def back_of(draw, T, B, D, N, S):
    """Make dY, the cache and dS."""
    return draw(T, B, 1), cache_of(run_of(draw, T, B, D, N, S)), draw(T, B, N * S)


def forgetting(draw, T, B, D, N, S):
    """Make X, W, W_out and s0 for the network with forget gates."""
    cells = N * S
    units = 3 * N + cells
    return draw(T, B, D), draw(1 + D + units, units), draw(1 + cells, 1), draw(B, cells)


def log_of(**changed):
    """Make a log of four sequences, three steps, in which nothing is the matter."""
    log = {
        "predictions": np.array([0.2, 0.4, 0.6, 0.8]),
        "targets": np.array([0.25, 0.4, 0.65, 0.8]),
        "markers": np.array([[-1.0] * 4, [1.0] * 4, [0.0] * 4]),
        "input_gates": np.array([0.1, 0.9, 0.1])[:, None, None] * np.ones((3, 4, 2)),
        "S": np.ones((3, 4, 2)),
        "recurrent_gradient": np.full((2, 2), 0.5),
    }
    return log | changed


LOGS = (
    log_of(), log_of(predictions=np.full(4, 0.5)), log_of(predictions=np.array([0.9] * 4)),
    log_of(predictions=np.array([0.8, 0.6, 0.4, 0.2])),
    log_of(predictions=np.array([0.45, 0.55, 0.45, 0.55])),
    log_of(input_gates=np.full((3, 4, 2), 0.05)),
    log_of(input_gates=np.array([0.9, 0.05, 0.9])[:, None, None] * np.ones((3, 4, 2))),
    log_of(recurrent_gradient=np.zeros((2, 2))), log_of(recurrent_gradient=np.full((2, 2), 1e-9)),
    log_of(S=np.full((3, 4, 2), 5.0)), log_of(S=np.full((3, 4, 2), -5.0)),
    log_of(S=np.array([0.0, 0.0, 5.0])[:, None, None] * np.ones((3, 4, 2))),
    log_of(S=np.array([5.0, 5.0, 0.0])[:, None, None] * np.ones((3, 4, 2))),
    log_of(S=np.full((3, 4, 2), 3.0)),
)  # fmt: skip

NO_EXAMPLE = {
    **dict.fromkeys(
        ("init_block", "reber", "lag_next", "lag_final", "two_inputs", "two_targets", "pairs",
         "pairs_target", "order"),
        "numbers are drawn, in any order",
    ),
    "attempts": "it is a question about a log, and the answer would be given away",
    "pretrain": "many weights are right",
    "carousel": "exactly 1 is asked for, and no example is exact to the last bit",
    "precision": "the numbers are right, in too few digits",
}  # fmt: skip

EXAMPLES = {
    "count_weights_1997": Family(
        names="inputs outputs blocks size biases output_gates recurrent direct",
        also=(
            (1, 1, 1, 1, "none"), (2, 1, 1, 1, "none"), (1, 2, 1, 1, "none"),
            (1, 1, 2, 1, "none"), (1, 1, 1, 2, "none"), (1, 1, 1, 2, "gates"),
            (1, 1, 1, 2, "hidden"), (1, 2, 1, 2, "all"), (2, 1, 2, 2, "all"),
            (1, 1, 1, 1, "none", False), (1, 1, 1, 1, "gates", False),
            (1, 1, 1, 1, "none", True, False), (2, 3, 1, 1, "none", True, True, True),
            (101, 101, 1, 1, "none", False, False, True), (1, 1, 1, 1),
        ),
    ),
    "squash_g": Family(names="a", make=lambda draw, T: (draw(T),), also=((np.array([-5000.0]),),)),
    "squash_h": Family(names="s", make=lambda draw, T: (draw(T),), also=((np.array([-5000.0]),),)),
    "block_forward": Family(names="X W W_out s0", optional="s0", make=run_of),
    "block_backward": Family(names="dY cache dS", optional="dS", make=back_of),
    "block_backward_truncated": Family(names="dY cache dS", optional="dS", make=back_of),
    "block_forward_forget": Family(names="X W W_out s0", optional="s0", make=forgetting),
    "legal_successors": Family(names="string", also=tuple((s,) for s in STRINGS)),
    "most_active": Family(
        names="Y legal",
        also=tuple(
            (np.array(Y), np.array(legal, bool))
            for Y, legal in (
                ([[0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]], [[1, 0, 0, 0, 0, 0, 0]]),
                ([[0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1]], [[1, 0, 0, 0, 0, 0, 0]]),
                ([[0.3, 0.9, 0.4, 0.1, 0.1, 0.1, 0.1]], [[1, 1, 0, 0, 0, 0, 0]]),
                ([[0.5, 0.9, 0.4, 0.1, 0.1, 0.1, 0.1]], [[1, 1, 0, 0, 0, 0, 0]]),
                ([[0.5] * 7], [[1, 0, 0, 0, 0, 0, 0]]),
                ([[0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1]],
                 [[1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]]),
                ([[0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
                 [[1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]]),
            )
        ),
    ),
    "stopping": Family(
        names="errors tolerance window wrong mean",
        also=(
            (np.zeros(3), 0.5, 3, 0), (np.zeros(2), 0.5, 3, 0), (np.zeros(4), 0.5, 3, 0),
            (np.array([1.0, 0.0, 0.0, 0.0]), 0.5, 3, 0), (np.array([-1.0, 0.0, 0.0]), 0.5, 2, 0),
            (np.array([0.5, 0.0, 0.0]), 0.5, 2, 0), (np.array([np.nan, 0.0, 0.0]), 0.5, 2, 0),
            (np.array([1.0, 0.0, 1.0, 0.0]), 0.5, 2, 1), (np.array([1.0, 1.0, 0.0]), 0.5, 2, 1),
            (np.array([0.4, 0.4, 0.0]), 0.5, 2, 0, 0.3), (np.array([0.4, -0.4]), 0.5, 2, 0, 0.3),
            (np.array([0.4, 0.0, 0.0]), 0.5, 2, 0, 0.2), (np.array([0.25, 0.25]), 0.5, 2, 0, 0.25),
            (np.array([1.0, 0.0]), 0.5, 2, 1, 0.5),
            (np.array([0.4, 0.4, 0.1, 0.1]), 0.5, 2, 0, 0.3),
            (np.zeros(2000),), (np.full(2000, 0.05),),
        ),
    ),
    "constant_predictor": Family(
        names="low high", also=((-1.0, 1.0), (0.0, 1.0), (0.0, 4.0), (1.0, 2.0))
    ),
    "diagnose": Family(names="log", kept="log", also=tuple((log,) for log in LOGS)),
}  # fmt: skip


# --- the network ------------------------------------------------------------------


@points(2)
def test_count_weights(student, reference):
    """The ten weight counts of the paper, from one formula; and others"""
    for case, count in PUBLISHED.items():
        want = Returned(names=("count",), values=(np.array(float(count)),))
        got = student.count_weights_1997(*case)
        expect_close(got, want, "count", tolerance=1e-9, instead=f"for {case} the paper has")
    cases = [((101, 101, 1, 1, "none"), SPARSE), ((5, 3, 4, 2), {}),
             ((5, 3, 4, 2, "gates"), SPARSE), ((5, 3, 4, 2, "all"), {"direct": True}),
             ((5, 3, 4, 2, "all"), {"recurrent": False})]  # fmt: skip
    for args, options in cases:
        got, want = (who.count_weights_1997(*args, **options) for who in (student, reference))
        words = ", ".join(f"{key}={value}" for key, value in options.items())
        expect_close(got, want, "count", tolerance=1e-9, instead=f"for {args} {words} expected")


@points(1)
def test_squashing(student, reference, rng):
    """g squashes into [-2, 2], h into [-1, 1]; arrays of any shape, and numbers"""
    a = 3.0 * rng.standard_normal((3, 4))
    for function in ("squash_g", "squash_h"):
        compare(student, reference, function, [(a,), (a[0],), (0.7,)])


@points(1)
def test_squashing_quiet(student, reference):
    """g and h overflow nowhere, not even at ±10,000"""
    a = np.array([-1e4, -800.0, 800.0, 1e4])
    for function in ("squash_g", "squash_h"):
        got = getattr(student, function)(a)
        expect_close(got, getattr(reference, function)(a))
        expect_quiet(got, f"{function}(a)")


@points(1)
def test_init_block(student, seed):
    """Weights are uniform on ±scale, biases too; the gates' biases are added, block by block"""
    D, b, size, K, scale = 40, 3, 4, 5, 0.3
    bias_in, bias_out = np.array([-3.0, -6.0, -9.0]), np.array([1.0, 2.0, 4.0])
    U, C = b * (2 + size), b * size
    again, other = following(seed, 2)
    args = (D, b, size, K)
    seen, same, changed, biased = student.each(
        "init_block",
        [((*args, s, scale), {}) for s in (seed, again, other)]
        + [((*args, seed, scale, bias_in, bias_out), {})],
    )
    W = expect_shape(seen.W, "W", (1 + D + U, U), "(R, U)")
    W_out = expect_shape(seen.W_out, "W_out", (1 + C, K), "(1+C, K)")
    for name, array in (("W", W), ("W_out", W_out)):
        expect_finite(array, name)
        largest = float(np.abs(array).max())
        message = f"an entry of {name} is {largest:.3g} in size; for scale = 0.3 none is above 0.3"
        expect(largest <= scale, message, Where(output=name))
    near(W.std(), scale / np.sqrt(3.0), 0.012, "for scale = 0.3 the entries of W spread by")
    near(np.mean(np.abs(W) < 0.15), 0.5, 0.08, "the share of W's entries below scale / 2 is")
    near(W_out.std(), scale / np.sqrt(3.0), 0.06, "for scale = 0.3 the entries of W_out spread by")
    expect((W[0] != 0.0).all(), "a part of the bias row of W is not drawn", Where(output="W"))
    expect(np.array_equal(W, same.W), "the same rng gives other weights; draw from rng only")
    expect(not np.array_equal(W, changed.W), "another rng gives the same weights; draw from rng")
    got = expect_shape(biased.W, "W", W.shape)[0] - W[0]
    want = np.concatenate([bias_in, bias_out, np.zeros(C)])
    names = ("added to the bias row",)
    values = ((v,) for v in (got, want))
    got, want = (Returned(names=names, values=v) for v in values)
    expect_close(got, want)


@points(1)
def test_shapes(student, rng):
    """Returns Y (T, B, K) and S (T, B, C), all finite, and a cache"""
    X, W, W_out, _ = network(rng, T=4, B=2, b=3, size=2, K=5)
    got = student.block_forward(X, W, W_out)
    expect_present(got.cache, "block_forward returned 2 values: the cache is missing")
    for name, shape, letters in (("Y", (4, 2, 5), "(T, B, K)"), ("S", (4, 2, 6), "(T, B, C)")):
        expect_finite(expect_shape(got[name], name, shape, letters), name)
    expect_depends(got, "Y", "S")


@points(2)
def test_forward_step(student, reference, rng):
    """One step: s_1 = s_0 + y_in g(a_c), gates shared by the cells of a block, and Y"""
    X, W, W_out, s0 = network(rng, T=1, B=3)
    cases = [(X, W, W_out, s0), (0 * X, W, W_out, s0), network(rng, T=1, b=3, size=2)]
    compare(student, reference, "block_forward", cases, "S", "Y")


@points(2)
def test_sequence(student, reference, rng):
    """From zero states: every S and Y; all units feed back, the gates too"""
    cases = [network(rng, T=6)[:3], network(rng, T=4, B=3, D=2, b=3, size=1, K=1)[:3]]
    compare(student, reference, "block_forward", cases, "S", "Y")


@points(1, needs=(test_forward_step, test_sequence))
def test_start_and_sizes(student, rng):
    """s0 starts the states, None means zeros; rows do not mix; every size may be 1"""
    X, W, W_out, s0 = network(rng, T=5, B=3)
    whole = run(student, (X, W, W_out, s0))
    expect_depends(whole, "S", "Y")
    zeros = run(student, (X, W, W_out, 0 * s0))
    expect_close(run(student, (X, W, W_out)), part(zeros, ...), instead="from zeros")
    moved = float(np.abs(zeros.S[0] - whole.S[0] + s0).max())
    expect(moved < 1e-9, "s_1 does not move by s0 when s0 is given", Where(output="S"))
    order = [2, 0, 1]
    shuffled = run(student, (X[:, order], W, W_out, s0[order]))
    expect_close(shuffled, part(whole, np.s_[:, order]), instead="in another order of rows")
    for sizes in ({"T": 1}, {"B": 1}, {"D": 1}, {"b": 1}, {"size": 1}, {"K": 1}):
        run(student, network(rng, **sizes))


# --- both gradients -------------------------------------------------------------------


@points(2)
def test_backward_step(student, reference, rng):
    """The whole gradient, one step: dX, dW, dW_out, ds0"""
    case = network(rng, T=1, B=3, D=2)
    dY, dS = upstream(rng, case)
    compare_gradients(student, reference, "block_backward", [(case, dY, dS), (case, dY, 0 * dS)])


@points(2)
def test_backward_sequence(student, reference, rng):
    """The whole gradient, several steps: through cells, outputs and all gates"""
    cases = []
    for sizes in ({"T": 4}, {"T": 3, "b": 3, "size": 1, "D": 2, "K": 1}):
        case = network(rng, **sizes)
        dY, dS = upstream(rng, case)
        cases += [(case, dY, dS), (case, dY)]
    compare_gradients(student, reference, "block_backward", cases)


@points(2)
def test_truncated(student, reference, rng):
    """The truncated gradient: nothing leaves a net input, everything stays in the cell"""
    cases = []
    for sizes in ({"T": 5, "B": 3}, {"T": 3, "b": 3, "size": 1, "D": 2, "K": 1}, {"T": 1}):
        case = network(rng, **sizes)
        dY, dS = upstream(rng, case)
        cases += [(case, dY, dS), (case, dY)]
    compare_gradients(student, reference, "block_backward_truncated", cases)


@points(1)
def test_carousel(student, rng):
    """Truncated, d s_T / d s_0 is exactly 1, after 200 steps; the whole gradient's is not"""
    case = network(rng, T=200, B=2, D=2, b=2, size=2)
    _, _, W_out, s0 = case
    dY, dS = np.zeros((200, 2, W_out.shape[1])), np.zeros((200, *s0.shape))
    dS[-1] = rng.standard_normal(s0.shape)
    got = student.block_backward_truncated(dY, cache_of(case), dS)
    ds0 = expect_shape(got.ds0, "ds0", s0.shape, "(B, C)")
    message = "truncated, ds0 is not dS of the last step, to the last bit: ds_T / ds_0 is 1"
    expect(np.array_equal(ds0, dS[-1]), message, Where(output="ds0"))
    short = network(rng, T=5)
    dS = np.zeros((5, *short[3].shape))
    dS[-1] = 1.0
    whole = student.block_backward(np.zeros((5, 2, 2)), cache_of(short), dS)
    ds0 = expect_shape(whole.ds0, "ds0", short[3].shape)
    expect_finite(ds0, "ds0")
    message = "the whole gradient of s_T by s_0 is 1, too: nothing goes through u"
    expect(np.abs(ds0 - 1.0).max() > 1e-3, message, Where(output="ds0"))


@points(1)
def test_without_recurrence(student, rng):
    """Where no unit feeds back, truncated and whole gradient are the same"""
    X, W, W_out, s0 = network(rng, T=6, D=3)
    W[1 + X.shape[2] :] = 0.0
    case = (X, W, W_out, s0)
    dY, dS = upstream(rng, case)
    whole = student.block_backward(dY, cache_of(case), dS)
    cut = student.block_backward_truncated(dY, cache_of(case), dS)
    expect_depends(whole, "dW", "ds0")
    names = ("dW", "dW_out", "ds0")
    expect_close(cut, Returned(names=names, values=tuple(whole[name] for name in names)),
                 instead="block_backward says")  # fmt: skip


@points(1)
def test_forget(student, reference, rng):
    """The same with forget gates: s_t = y_forget s_{t-1} + y_in g(a_c)"""
    cases = []
    for T, b, size in ((1, 2, 2), (5, 3, 2)):
        D, B, cells = 2, 3, b * size
        units = 3 * b + cells
        X, W = rng.standard_normal((T, B, D)), 0.6 * rng.standard_normal((1 + D + units, units))
        W_out = rng.standard_normal((1 + cells, 2))
        cases += [(X, W, W_out, rng.standard_normal((B, cells))), (X, W, W_out)]
    compare(student, reference, "block_forward_forget", cases)


# --- the six experiments -----------------------------------------------------------------


def grammatical(string):
    """Tell whether a text is an embedded Reber string."""
    if len(string) < 9 or string[0] != "B" or string[-1] != "E" or string[1] not in "TP":
        return False
    if string[2] != "B" or string[-3] != "E":
        return False
    state = 0
    for symbol in string[3:-3]:
        if state == 5 or symbol not in GRAMMAR[state]:
            return False
        state = GRAMMAR[state][symbol]
    return state == 5 and string[-2] in "TP"


@points(1)
def test_reber(student, seed):
    """embedded_reber: legal strings, the second symbol again at the end, every choice fair"""
    count = 150
    calls = [((s,), {}) for s in following(seed, count)]
    strings = [seen.string for seen in student.each("embedded_reber", calls)]
    for string in strings:
        expect(isinstance(string, str), "string should be a text", Where(output="string"))
        expect(grammatical(string), "a string that is not of the grammar came up")
        expect(string[1] == string[-2], "a string has another symbol before the last E than second")
    expect(strings[0] == student.embedded_reber(seed).string, "the same rng gives another string")
    near(np.mean([s[1] == "T" for s in strings]), 0.5, rare(0.5, count), "the share of T second is")
    near(np.mean([s[3] == "T" for s in strings]), 0.5, rare(0.5, count),
         "the share of walks that begin with T is")  # fmt: skip
    loops = [s[4] == "S" for s in strings if s[3] == "T"]
    near(mean(loops), 0.5, rare(0.5, max(1, len(loops))), "after BTBT or BPBT the share of S is")
    shortest = np.mean([len(s) == 9 for s in strings])
    # TXS and PVV, each with a probability of 1/8
    near(shortest, 0.25, rare(0.25, count), "the share of strings with 9 symbols is")


@points(1)
def test_legal(student, reference):
    """legal_successors: after each symbol, what may come next; rows in the order of SYMBOLS"""
    for string in STRINGS:
        got, want = (who.legal_successors(string) for who in (student, reference))
        shape = (len(string) - 1, 7)
        legal = expect_shape(got.legal, "legal", shape, "(N-1, 7)").astype(float)
        want = Returned(names=("legal",), values=(want.legal.astype(float),))
        expect_close(Returned(names=("legal",), values=(legal,)), want)


@points(1)
def test_most_active(student, reference, rng):
    """most_active: at all steps every legal output is above every other one"""
    cases = []
    for string in STRINGS:
        legal = reference.legal_successors(string).legal
        right = np.where(legal, 0.5, 0.1) + 0.3 * rng.random(legal.shape)
        swapped = right.copy()
        row = rng.integers(len(legal))
        swapped[row] = np.where(legal[row], 0.1, 0.9)
        second = right.copy()  # the most active one is legal, the other legal one is not above all
        two = int(np.flatnonzero(legal.sum(axis=1) == 2)[-1])
        a, b = np.flatnonzero(legal[two])
        second[two, [a, b]] = 0.95, 0.05
        tie = np.where(legal, 0.4, 0.4)
        fading = right * np.geomspace(1.0, 0.05, len(legal))[:, None]  # step by step, still right
        cases += [(some, legal) for some in (right, swapped, second, tie, fading)]
    answers = (who.each("most_active", [(c, {}) for c in cases]) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        said, right = truth(got.right, "right"), bool(want.right)
        expect(said == right, f"right is {said}, expected {right}", Where(output="right"))


@points(1)
def test_lag_next(student, seed):
    """2a and 2b: x or y, p - 1 symbols in order or drawn, the same again; Y is the next one"""
    p, B = 12, 250
    for random in (False, True):
        X, seen = drawn(student, "long_lag_next", (p, B), seed) if not random else (None, None)
        if random:
            seen = student.long_lag_next(p, B, seed, random=True)
            X = expect_array(seen.X)
        Y = expect_shape(seen.Y, "Y", (p, B, p + 1), "(p, B, p+1)")
        symbols = symbols_of(X, p + 1, steps=p)
        message = "Y is not X one step later"
        expect(np.array_equal(Y[:-1], X[1:]), message, Where(output="Y"))
        first, last = symbols[0], Y[-1].argmax(axis=1)
        expect((first >= p - 1).all(), "a sequence does not begin with x or y (columns p-1 and p)")
        expect(np.array_equal(first, last), "the last symbol is not the first one again")
        near(np.mean(first == p), 0.5, rare(0.5, B), "the share of sequences with y is")
        between = symbols[1:]
        expect((between < p - 1).all(), "between the first and the last symbol stands an x or y")
        if not random:
            want = np.arange(p - 1)[:, None] * np.ones(B)
            expect(np.array_equal(between, want), "2a: in between stand a_1, ..., a_{p-1} in order")
            continue
        for symbol in range(p - 1):
            share = np.mean(between == symbol)
            what = f"2b: the share of a_{symbol + 1} is"
            near(share, 1 / (p - 1), rare(1 / (p - 1), between.size), what)
        places = np.arange(p - 1)[:, None]
        near(np.mean(between == places), 1 / (p - 1), rare(1 / (p - 1), between.size),
             "2b: the share of a_1, ..., a_{p-1} at their places of 2a is")  # fmt: skip
        again = np.diff(np.sort(between, axis=0), axis=0) == 0
        message = "2b: no symbol comes twice in a sequence; each is drawn from all of them"
        expect(again.any(axis=0).mean() > 0.9, message, Where(output="X"))


@points(1)
def test_lag_final(student, seed):
    """2c: b, x or y, q + k distractors, e; k is geometric; y tells which"""
    q, p, B = 8, 6, 300
    X, seen = drawn(student, "long_lag_final", (q, p, B), seed, K=2)
    symbols = symbols_of(X, p + 4)
    T = len(symbols)
    expect(q + 3 <= T, f"X has {T} steps; there should be q + k + 3, here {q + 3} at least")
    expect((symbols[0] == p).all(), "step 0 is not b (column p)", Where(output="X"))
    expect((symbols[-1] == p + 1).all(), "the last step is not e (column p + 1)", Where(output="X"))
    asked = symbols[1] - (p + 2)
    expect(np.isin(asked, (0, 1)).all(), "step 1 is not x or y (columns p + 2 and p + 3)")
    expect(np.array_equal(asked, seen.y), "y is not 0 for x and 1 for y", Where(output="y"))
    near(np.mean(asked), 0.5, rare(0.5, B), "the share of sequences with y is")
    between = symbols[2:-1]
    expect((between < p).all(), "a distractor is none of a_1, ..., a_p", Where(output="X"))
    for symbol in range(p):
        share = mean(between == symbol)
        near(share, 1 / p, rare(1 / p, max(1, between.size)), f"the share of a_{symbol + 1} is")
    count = 150
    lengths = np.array(length_of(student, "long_lag_final", (q, 2, 1), following(seed, count)))
    k = lengths - (q + 3)
    expect(k.min() >= 0, "a batch has fewer than q + 3 steps")
    expect(k.min() == 0, "k = 0 never came up in 150 batches; it has a probability of 0.1")
    expect(k.max() >= 20, "k was below 20 in 150 batches; each further one has probability 0.9")
    near(np.mean(k < 7), 1 - 0.9**7, rare(0.5, count), "the share of batches with k < 7 is")


@points(1)
def test_two_inputs(student, seed):
    """Experiment 3: lengths T..1.1 T, first N values +1 or -1, then noise of variance 0.2"""
    T, N, B = 30, 4, 300
    for variant in "abc":
        X, seen = drawn(student, "two_sequences", (variant, T, N, B), seed)
        expect_shape(X, "X", (len(X), B, 1), "(T', B, 1)")
        clean = expect_shape(seen.clean, "clean", (B,), "(B,)")
        low, high = (0.2, 0.8) if variant == "c" else (0.0, 1.0)
        expect(np.isin(np.round(clean, 9), (low, high)).all(), f"clean is not {low} or {high}")
        first = (clean == low) if variant == "c" else (clean == high)
        told = X[:N, :, 0] * np.where(first, 1.0, -1.0)
        if variant == "b":
            near(
                told.mean(),
                1.0,
                MANY * np.sqrt(0.2 / told.size),
                "b: the first N values of class 1 (and the negative ones of class 2) average",
            )
            near(told.var(), 0.2, MANY * 0.2 * np.sqrt(2 / told.size), "b: their variance is")
        else:
            message = f"{variant}: the first N values are not all +1 in class 1 and -1 in class 2"
            expect(np.array_equal(told, np.ones_like(told)), message, Where(output="X"))
        noise = X[N:, :, 0]
        expect(noise.size, "X has no values after the first N", Where(output="X"))
        error = MANY * 0.2 * np.sqrt(2 / noise.size)
        near(noise.var(), 0.2, error, "the variance of the later values is")
        near(noise.mean(), 0.0, MANY * np.sqrt(0.2 / noise.size), "the later values average")
        tails = float(np.mean(np.abs(noise) > 2 * np.sqrt(0.2)))
        near(tails, 0.0455, rare(0.0455, noise.size), "the share beyond two sigma is")
        near(first.mean(), 0.5, rare(0.5, B), "the share of class 1 is")
    expect_lengths(student, "two_sequences", ("a", T, 2, 1), seed, 30, 33)


@points(1)
def test_two_targets(student, seed):
    """Targets 1 and 0; in 3c 0.2 and 0.8, with noise of variance 0.1 that clean has not"""
    T, N, B = 20, 2, 1500
    for variant in "abc":
        seen = student.two_sequences(variant, T, N, B, seed)
        X = expect_array(seen.X)
        y, clean = (expect_shape(seen[name], name, (B,), "(B,)") for name in ("y", "clean"))
        expect_finite(y, "y")
        first = X[:N, :, 0].sum(axis=0) > 0.0
        low, high = (0.8, 0.2) if variant == "c" else (0.0, 1.0)
        want = np.where(first, high, low)
        got, right = clean, want
        if variant == "b":  # two noisy values may point the wrong way, rarely
            agree = np.mean(np.abs(clean - want) < 0.5)
            expect(agree > 0.97, "b: clean does not say which class the first N values tell")
            got, right = np.round(clean, 9), np.round(clean, 9)
            expect(np.isin(got, (0.0, 1.0)).all(), "b: clean is not 0 or 1", Where(output="clean"))
        values = [Returned(names=("clean",), values=(np.asarray(v),)) for v in (got, right)]
        expect_close(*values, instead=f"{variant}: the first N values say")
        noise = y - clean
        if variant != "c":
            expect(np.abs(noise).max() < 1e-9, f"{variant}: y is not clean", Where(output="y"))
            continue
        near(noise.var(), 0.1, MANY * 0.1 * np.sqrt(2 / B), "c: the variance of y - clean is")
        near(noise.mean(), 0.0, MANY * np.sqrt(0.1 / B), "c: y - clean averages")
        inside = np.abs(np.corrcoef(noise, clean)[0, 1])
        near(inside, 0.0, MANY / np.sqrt(B), "c: the noise on y goes with the class by")


def pairs(student, task, T, B, seed):
    """Ask for marked pairs; return values, markers, where 1 stands, y."""
    X, seen = drawn(student, "marked_pairs", (task, T, B), seed)
    expect_shape(X, "X", (len(X), B, 2), "(T', B, 2)")
    expect(len(X) >= T // 2 + 1, f"X has {len(X)} steps for T = {T}", Where(output="X"))
    y = expect_shape(seen.y, "y", (B,), "(B,)")
    expect_finite(y, "y")
    return X[:, :, 0], X[:, :, 1], X[:, :, 1] == 1.0, y


@points(1)
def test_pairs(student, seed):
    """Experiments 4 and 5: values, markers, X1 in the first 10, X2 in the first half, lengths"""
    T, B = 40, 1000
    for task, low in (("adding", -1.0), ("multiplication", 0.0)):
        values, markers, marked, _ = pairs(student, task, T, B, seed)
        expect((markers[[0, -1]] == -1.0).all(), "a marker of the first or last step is not -1")
        inner = np.unique(markers[1:-1])
        expect(np.isin(inner, (0.0, 1.0)).all(), "a marker in between is neither 0 nor 1")
        counts = marked.sum(axis=0)
        expect(np.isin(counts, (1, 2)).all(), "a sequence has not one or two markers 1")
        near(np.mean(counts == 1), 0.1 + 0.9 / 19, rare(0.15, B),
             "the share of sequences in which step 0 is chosen is")  # fmt: skip
        expect(not marked[20:].any(), "a marker lies beyond the first T // 2 - 1 free steps")
        early = marked[1:10].any(axis=0) | (counts == 1)
        expect(early.all(), "a sequence has no marked step among 0..9")
        for step in range(1, 20):
            want = 0.1 + 0.9 / 19 if step < 10 else 1 / 19
            what = f"the share with step {step} marked is"
            near(marked[step].mean(), want, rare(want, B, MORE), what)
        message = f"step 19 is never marked in {B} sequences; it is one of the first 19 others"
        expect(marked[19].any(), message, Where(output="X"))
        some = values[1:]
        inside = (some >= low).all() and (some <= 1.0).all()
        expect(inside, f"{task}: a value lies outside [{low:g}, 1]", Where(output="X"))
        middle = (1.0 + low) / 2.0
        near(some.mean(), middle, MANY / np.sqrt(some.size), f"{task}: the values average")
        spread = (1.0 - low) / np.sqrt(12.0)
        near(some.std(), spread, 0.03, f"{task}: the values spread by")
    expect_lengths(student, "marked_pairs", ("adding", 30, 1), seed, 30, 33)


@points(1)
def test_pairs_target(student, seed):
    """y = 0.5 + (X1 + X2) / 4 or X1 X2; a chosen step 0 has the value 0, or 1, and adds nothing"""
    for task, nothing in (("adding", 0.0), ("multiplication", 1.0)):
        values, _, marked, y = pairs(student, task, 30, 400, seed)
        single = marked.sum(axis=0) == 1
        message = f"{task}: step 0 is chosen, yet its value is not {nothing:g}"
        expect((values[0, single] == nothing).all(), message, Where(output="X"))
        expect((values[0, ~single] != nothing).all(),
               f"{task}: step 0 is not chosen, yet its value is {nothing:g}")  # fmt: skip
        if task == "adding":
            want = 0.5 + (values * marked).sum(axis=0) / 4.0
        else:
            want = np.where(marked, values, 1.0).prod(axis=0)
        got, right = (Returned(names=("y",), values=(v,)) for v in (y, want))
        expect_close(got, right, instead=f"{task}: the marked values of X say")


@points(1)
def test_order(student, seed):
    """Experiment 6: E first, B last, X or Y at their steps, the class in binary; 100..110 steps"""
    B = 400
    for count, starts in ((2, (10, 50)), (3, (10, 33, 66))):
        X, seen = drawn(student, "temporal_order", (count, B), seed, K=2**count)
        symbols = symbols_of(X, 8)
        T = len(symbols)
        expect(100 <= T <= 110, f"T' = {T} came up; it should be 100..110")
        expect((symbols[0] == 6).all(), "step 0 is not E (column 6)", Where(output="X"))
        expect((symbols[-1] == 7).all(), "the last step is not B (column 7)", Where(output="X"))
        told = np.isin(symbols, (4, 5))
        want = np.zeros(B, int)
        for start in starts:
            here = told[start : start + 11]
            expect(
                (here.sum(axis=0) == 1).all(), f"no single X or Y at steps {start}..{start + 10}"
            )
            digit = (symbols[start : start + 11] == 5).any(axis=0)
            near(digit.mean(), 0.5, rare(0.5, B), "the share of Y is")
            want = 2 * want + digit
            for step, share in enumerate(here.mean(axis=1), start):
                what = f"the share with X or Y at step {step} is"
                near(share, 1 / 11, rare(1 / 11, B, MORE), what)
                expect(share > 0, f"X or Y never stands at step {step} in {B} sequences")
        expect((told.sum(axis=0) == count).all(), f"a sequence has not {count} X and Y")
        got, right = (Returned(names=("y",), values=(v.astype(float),)) for v in (seen.y, want))
        expect_close(got, right, instead="X and Y as binary digits give")
        others = symbols[1:-1][~told[1:-1]]
        expect((others < 4).all(), "E or B stands in between", Where(output="X"))
        for symbol, letter in enumerate("abcd"):
            near(mean(others == symbol), 0.25, 0.025, f"the share of {letter} is")
    expect_lengths(student, "temporal_order", (2, 1), seed, 100, 110)


# --- stopping, and reading a log -----------------------------------------------------------


def expect_stops(student, reference, cases):
    """Expect the right n, or None, for each list of errors."""
    answers = (who.each("stopping", [(c, {}) for c in cases]) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        n = got.n
        if n is not None:
            n = float(expect_shape(n, "n", ()))
        said = ["None" if k is None else f"{k:g}" for k in (n, want.n)]
        message = "n is {}, expected {}".format(*said)
        expect(n == want.n, message, Where(output="n"))


@points(1)
def test_stopping(student, reference, rng):
    """The smallest n whose last `window` errors are right, all or all but `wrong`; NaN is not"""
    fine = rng.uniform(-0.039, 0.039, 4600)
    some = fine.copy()
    some[rng.integers(100, 1900)] = -0.3
    broken, exact, many = fine.copy(), fine.copy(), fine.copy()
    broken[rng.integers(100, 1900)] = np.nan
    exact[rng.integers(100, 1900)] = 0.04
    many[: 15 * 100 : 100] = 0.5
    cases = [(e,) for e in (fine, fine[:1999], fine[:2000], some, broken, exact, many)]
    cases += [(many, 0.04, 2000, wrong) for wrong in (0, 12, 14, 15)]
    cases += [(many, 0.6, 50), (fine, 0.02, 30, 12), (rng.uniform(-1, 1, 400), 0.5, 40, 15)]
    expect_stops(student, reference, cases)


@points(1)
def test_stopping_mean(student, reference, rng):
    """With a mean, the same window's absolute errors have to average below it as well"""
    size = np.linspace(0.039, 0.001, 5000)
    errors = size * rng.choice([-1.0, 1.0], 5000)
    cases = [(errors, 0.04, 2000, 0, mean) for mean in (0.01, 0.02, 0.03)]
    cases += [(errors, 0.04, 500, 0, 0.0005), (np.full(60, 0.03), 0.04, 50, 0, 0.01)]
    bumpy = np.abs(errors) * 0.5
    bumpy[2600] = 9.0
    cases += [(bumpy, 0.04, 500, 1, 0.01), (np.full(60, 0.25), 0.5, 50, 0, 0.25)]
    expect_stops(student, reference, cases)


@points(1)
def test_constant_predictor(student, reference):
    """A constant guess at the adding problem: its five numbers, for values on any interval"""
    compare(student, reference, "constant_predictor", [(-1.0, 1.0), (0.0, 1.0), (-0.5, 2.5)])


def log(rng, T=12, N=60, b=2, size=2):
    """Make a log in which nothing is the matter."""
    cells, units = b * size, b * (2 + size)
    targets = rng.uniform(0.0, 1.0, N)
    markers = np.zeros((T, N))
    markers[0] = markers[-1] = -1.0
    markers[rng.integers(1, 5, N), np.arange(N)] = 1.0
    gates = np.where(markers[:, :, None] == 1.0, 0.8, 0.03) * rng.uniform(0.9, 1.1, (T, N, b))
    return {
        "predictions": targets + 0.05 * rng.standard_normal(N),
        "targets": targets,
        "markers": markers,
        "input_gates": gates,
        "S": rng.uniform(-2.0, 2.0, (T, N, cells)),
        "recurrent_gradient": 1e-3 * rng.standard_normal((units, units)),
    }


def expect_findings(student, reference, logs, *names):
    """Expect the named findings of every log."""
    calls = [((some,), {}) for some in logs]
    answers = (who.each("diagnose", calls) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        found = got.findings
        message = f"diagnose should return a dict with {', '.join(FINDINGS)}"
        expect(isinstance(found, dict), message, Where(output="findings"))
        for name in names:
            expect(name in found, f'findings has no "{name}"', Where(output="findings"))
            said, right = truth(found[name], f'findings["{name}"]'), bool(want.findings[name])
            message = f'findings["{name}"] is {said}, expected {right}'
            expect(said == right, message, Where(output=f'findings["{name}"]'))


@points(1)
def test_diagnose_errors(student, reference, rng):
    """diagnose: a constant answer, whatever it is, and whether more than the mean is learnt"""
    some = log(rng)
    y = some["targets"]
    noise = rng.standard_normal(y.size)
    predictions = [
        some["predictions"], np.full(y.size, y.mean()), np.full(y.size, 0.91),
        0.91 + 0.005 * noise, y.mean() + 0.2 * (y - y.mean()), y.mean() + 0.45 * (y - y.mean()),
        1.0 - y, y + 0.9, 0.15 * y + 0.4,
    ]  # fmt: skip
    logs = [some | {"predictions": p} for p in predictions]
    logs.append(logs[3] | {"S": np.zeros_like(some["S"])})  # what the cells hold is no matter
    expect_findings(student, reference, logs, "constant", "learning")


@points(1)
def test_diagnose_network(student, reference, rng):
    """diagnose: closed input gates, a recurrent gradient of exactly zero, drift"""
    some = log(rng)
    shut = some | {"input_gates": 0.08 * some["input_gates"]}
    elsewhere = np.where(some["markers"][:, :, None] == 1.0, 0.05, 0.9)
    open_elsewhere = some | {"input_gates": elsewhere * np.ones_like(some["input_gates"])}
    one_open = some | {"input_gates": some["input_gates"] * np.array([0.02, 1.0])}
    half = some | {"input_gates": 0.2 * some["input_gates"]}
    expect_findings(student, reference, [some, shut, open_elsewhere, one_open, half], "closed")
    U = len(some["recurrent_gradient"])
    last = np.zeros((U, U))
    last[-1, 0] = 1e-12
    none = some | {"recurrent_gradient": np.zeros((U, U))}
    balanced = some | {"recurrent_gradient": np.diag([1.0, -1.0] * (U // 2))}
    logs = [some, none, some | {"recurrent_gradient": last}, balanced]
    expect_findings(student, reference, logs, "no_recurrent_gradient")
    late, back = some["S"].copy(), some["S"].copy()
    late[-1] = np.where(rng.random(late[-1].shape) < 0.7, 6.0, 0.0)
    back[:-1] = 8.0
    few = some["S"].copy()
    few[-1] = np.where(rng.random(few[-1].shape) < 0.3, 6.0, 0.0)
    half = np.zeros_like(late)
    half[:, ::2] = 6.0
    flat = [np.full_like(late, s) for s in (3.4, 3.9)]
    states = [some["S"], late, -late, back, few, half, *flat]
    expect_findings(student, reference, [some | {"S": S} for S in states], "drift")


@points(1)
def test_attempts(student, reference):
    """read_attempts: what each of the six attempts of the log shows"""
    got, want = (who.read_attempts().attempts for who in (student, reference))
    given = isinstance(got, list | tuple) and len(got) == len(want)
    expect(given, "read_attempts should return a list of six words", Where(output="attempts"))
    wrong = sum(str(said) != word for said, word in zip(got, want, strict=True))
    message = f"of the six attempts {wrong} are read wrongly"
    expect(wrong == 0, message, Where(output="attempts"))


@points(1)
def test_pretrain(student, rng):
    """pretrain_gates: input gates 0.05 at marker 0, 0.95 at 1; everything else as it was"""
    b, size, D = 3, 2, 2
    _, W, _, _ = network(rng, D=D, b=b, size=size)
    W[0, :b] = -3.0 * np.arange(1, b + 1)
    answer = student.pretrain_gates(W, b)
    got = expect_shape(answer.W, "W", W.shape, "(R, U)")
    expect_finite(got, "W")
    message = "the W that was given has changed; return a new one"
    expect(np.array_equal(array_of(answer.given, "W"), W), message, Where(output="W"))
    for value in (-1.0, 0.0, 1.0):
        for marker, low, high in ((0.0, 0.03, 0.07), (1.0, 0.93, 0.97), (-1.0, 0.0, 0.07)):
            gates = 0.5 + 0.5 * np.tanh((np.array([1.0, value, marker]) @ got[:3, :b]) / 2.0)
            k = int(np.argmax(~((gates >= low) & (gates <= high))))
            message = (
                f"with the value {value:g} and the marker {marker:g} input gate {k} is "
                f"{gates[k]:.3g}; it should be in [{low:g}, {high:g}]"
            )
            expect(low <= gates[k] <= high, message, Where(output="W"))
    same = got.copy()
    same[:3, :b] = W[:3, :b]
    expect(np.array_equal(same, W), "weights other than those of the input gates have changed")


@points(1, needs=(test_forward_step, test_sequence))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case = network(rng, T=5, B=3)[:3]
    expect_precise(student.block_forward(*case), reference.block_forward(*case), "Y", "S")
