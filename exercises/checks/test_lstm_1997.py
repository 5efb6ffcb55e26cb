"""Public checks: LSTM 1997.

Numbers worked by hand in the handout, central differences of your own forward, and
rules that sequences of the six experiments obey. Passing them all is a good sign and
not yet full marks: grading uses other inputs. Run them with
`nox -s check -- lstm_1997`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import (
    array_of,
    expect,
    expect_close,
    expect_depends,
    expect_gradient,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.pytest_plugin import points

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
    "pretrain_gates": "W",
}

#: The handout's toy network: one block of one cell, rows bias, x, in, out, cell.
W_TOY = np.array(
    [[-1.0, 0.0, 0.0], [1.0, 0.0, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [2.0, 0.0, -1.0]]
)
OUT_TOY, X_TOY, S_TOY = np.array([[0.0], [2.0]]), np.array([[[1.0]], [[2.0]]]), np.array([[0.5]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def network(rng, T=4, D=3, b=2, size=3, K=2):
    """Draw X (T, B, D), W (R, U), W_out (1+C, K) and s0 (B, C)."""
    B, cells = 2, b * size
    units = 2 * b + cells
    X, W = rng.standard_normal((T, B, D)), 0.6 * rng.standard_normal((1 + D + units, units))
    return X, W, rng.standard_normal((1 + cells, K)), rng.standard_normal((B, cells))


@points(1)
def test_count(student):
    """count_weights_1997: 93 for the adding problem, 264 for the Reber grammar, 10504 for 2a"""
    for args, options, count in (
        ((2, 1, 2, 2, "all"), {}, 93),
        ((7, 7, 4, 1, "gates"), {}, 264),
        (
            (101, 101, 1, 1, "none"),
            {"output_gates": False, "recurrent": False, "direct": True},
            10504,
        ),
    ):
        got = student.count_weights_1997(*args, **options)
        expect_close(got, by_hand(count=count), instead=f"for {args} expected")


@points(1)
def test_squashing(student):
    """squash_g(1) = 0.924 and squash_h(1) = 0.462; at ±5000 they reach ±2 and ±1 quietly"""
    expect_close(student.squash_g(1.0), by_hand(g=0.924234), instead="by hand")
    expect_close(student.squash_h(1.0), by_hand(h=0.462117), instead="by hand")
    ends = np.array([-5000.0, 5000.0])
    for name, function, largest in (("g", "squash_g", 2.0), ("h", "squash_h", 1.0)):
        got = getattr(student, function)(ends)
        expect_close(got, by_hand(**{name: [-largest, largest]}))
        expect_quiet(got, f"{function}(±5000)")


@points(1)
def test_init(student, seed):
    """init_block: W (R, U), W_out (1+C, K); 93 numbers for the adding problem"""
    seen = student.init_block(2, 2, 2, 1, seed, 0.1)
    W = expect_shape(seen.W, "W", (11, 8), "(R, U)")
    W_out = expect_shape(seen.W_out, "W_out", (5, 1), "(1+C, K)")
    expect(max(np.abs(W).max(), np.abs(W_out).max()) <= 0.1, "a weight is beyond ±scale")
    expect(W.std() > 0.0, "all weights are the same")


@points(1)
def test_forward_by_hand(student):
    """block_forward: the toy network gives S = 0.745, 1.666 and Y = 0.588, 0.700"""
    got = student.block_forward(X_TOY, W_TOY, OUT_TOY, S_TOY)
    expect_present(got.cache, "block_forward returned 2 values: the cache is missing")
    want = by_hand(S=[[[0.744919]], [[1.665689]]], Y=[[[0.588106]], [[0.700365]]])
    expect_close(got, want, "S", "Y", instead="by hand")


@points(1)
def test_shared_gates(student):
    """block_forward: two blocks of two, the first one closed, the second one open"""
    W = np.zeros((10, 8))
    W[0, :2], W[0, 4:] = (-50.0, 50.0), (1.0, 2.0, 3.0, 4.0)
    got = student.block_forward(np.zeros((1, 1, 1)), W, np.zeros((5, 1)))
    expect_close(got, by_hand(S=[[[0.0, 0.0, 1.810297, 1.928055]]]), instead="by hand")


@points(1)
def test_backward_by_hand(student):
    """Both gradients of the toy network: ds0 is 0.173 in whole and 0.176 truncated"""
    dY = np.ones((2, 1, 1))
    whole = student.block_backward(dY, student.block_forward(X_TOY, W_TOY, OUT_TOY, S_TOY).cache)
    expect_close(whole, by_hand(dX=[[[0.078771]], [[0.031645]]], ds0=[[0.173317]]))
    cache = student.block_forward(X_TOY, W_TOY, OUT_TOY, S_TOY).cache
    cut = student.block_backward_truncated(dY, cache)
    dW = [[0.034687, 0.110403, 0.119475], [0.047866, 0.177671, 0.156405],
          [0.00659, 0.033634, 0.018465], [0.00659, 0.033634, 0.018465],
          [0.002347, 0.011978, 0.006576]]  # fmt: skip
    expect_close(cut, by_hand(dW=dW, dW_out=[[0.452091], [0.132222]], ds0=[[0.175625]]))


@points(1)
def test_gradient(student, rng):
    """block_backward: the central differences of your own block_forward, over three steps"""
    case = network(rng, T=3, D=2)
    dY, dS = rng.standard_normal((3, 2, 2)), rng.standard_normal((3, 2, 6))
    got = student.block_backward(dY, student.block_forward(*case).cache, dS)
    names = ("dX", "dW", "dW_out", "ds0")
    expect_gradient(
        student,
        "block_forward",
        case,
        {k: (name, got[name]) for k, name in enumerate(names)},
        {"Y": dY, "S": dS},
        blocks={1: {"in": np.s_[:, :2], "out": np.s_[:, 2:4], "cells": np.s_[:, 4:]}},
    )


@points(1)
def test_carousel(student, rng):
    """Truncated, d s_T / d s_0 is 1 exactly; and without feedback both gradients are equal"""
    X, W, W_out, s0 = network(rng, T=50)
    dS = np.zeros((50, 2, 6))
    dS[-1] = 1.0
    cache = student.block_forward(X, W, W_out, s0).cache
    ds0 = student.block_backward_truncated(np.zeros((50, 2, 2)), cache, dS).ds0
    expect(np.array_equal(array_of(ds0, "ds0"), np.ones((2, 6))), "d s_T / d s_0 is not exactly 1")
    W[4:] = 0.0
    dY = rng.standard_normal((50, 2, 2))
    whole = student.block_backward(dY, student.block_forward(X, W, W_out, s0).cache)
    cut = student.block_backward_truncated(dY, student.block_forward(X, W, W_out, s0).cache)
    expect_depends(whole, "dW")
    want = Returned(names=("dW", "ds0"), values=(whole.dW, whole.ds0))
    expect_close(cut, want, instead="block_backward says")


@points(1)
def test_forget(student):
    """block_forward_forget: the toy network with forget bias 1 gives S = 0.610, 1.371"""
    W = np.insert(np.insert(W_TOY, 2, [1.0, 0.0, 0.0, 0.0, 0.0], axis=1), 4, 0.0, axis=0)
    got = student.block_forward_forget(X_TOY, W, OUT_TOY, S_TOY)
    want = by_hand(S=[[[0.610448]], [[1.371051]]], Y=[[[0.573485]], [[0.677182]]])
    expect_close(got, want, instead="by hand")


@points(1)
def test_reber(student, seed):
    """Reber: a string ends as it began; BTBTXSETE allows TP, B, TP, SX, XS, E, T, E"""
    string = student.embedded_reber(seed).string
    expect(isinstance(string, str) and len(string) >= 9, "string should be a text of 9 or more")
    ends = string[:1] + string[2:3] + string[-3:-2] + string[-1:]
    expect(ends == "BBEE" and string[1] == string[-2], "it should be B w B ... E w E")
    allowed = ("TP", "B", "TP", "SX", "XS", "E", "T", "E")
    legal = student.legal_successors("BTBTXSETE").legal
    legal = expect_shape(legal, "legal", (8, 7), "(N-1, 7)").astype(float)
    want = np.array([[symbol in some for symbol in "BTPSXVE"] for some in allowed], float)
    expect_close(by_hand(legal=legal), by_hand(legal=want), instead="by hand")
    for least, right in ((0.5, True), (0.2, False)):
        Y = np.where(want > 0, least, 0.3)
        message = f"with {least} at the legal outputs and 0.3 elsewhere `right` should be {right}"
        expect(bool(student.most_active(Y, want > 0).right) is right, message)


@points(1)
def test_long_lag(student, seed):
    """Experiment 2: the first symbol again, in 2c a class; one-hot"""
    for random in (False, True):
        got = student.long_lag_next(6, 20, seed, random=random)
        X, Y = (expect_shape(got[k], k, (6, 20, 7), "(p, B, p+1)") for k in "XY")
        expect(np.array_equal(X[1:], Y[:-1]), "Y should be X one step later")
        expect(np.array_equal(X[0], Y[-1]), "the last symbol should be the first one again")
    got = student.long_lag_final(5, 4, 20, seed)
    X = array_of(got.X, "X")
    fine = X.ndim == 3 and X.shape[1:] == (20, 8) and len(X) >= 8
    expect(fine, "X should be (q + k + 3, B, p+4)")
    asked = np.array_equal(X[1].argmax(axis=1) - 6, array_of(got.y, "y"))
    expect(asked, "y should be 0 where step 1 is x (column p + 2) and 1 where it is y")


@points(1)
def test_sequences(student, seed):
    """Experiments 3 to 6: shapes, markers and targets as the handout has them"""
    got = student.two_sequences("a", 20, 3, 30, seed)
    X, clean = array_of(got.X, "X"), expect_shape(got.clean, "clean", (30,), "(B,)")
    told = np.broadcast_to(2.0 * clean - 1.0, (3, 30))
    expect_close(by_hand(X=X[:3, :, 0]), by_hand(X=told), instead="class 1 is +1, class 2 is -1:")
    for task in ("adding", "multiplication"):
        got = student.marked_pairs(task, 30, 40, seed)
        X, y = array_of(got.X, "X"), expect_shape(got.y, "y", (40,), "(B,)")
        expect((X[[0, -1], :, 1] == -1.0).all(), "the first and the last marker should be -1")
        marked = X[:, :, 1] == 1.0
        some = marked.sum(axis=0) == 2
        values = [X[:, k, 0][marked[:, k]] for k in np.flatnonzero(some)]
        want = [0.5 + v.sum() / 4.0 if task == "adding" else v.prod() for v in values]
        expect_close(by_hand(y=y[some]), by_hand(y=want), instead="the marked values say")
    got = student.temporal_order(3, 40, seed)
    X, y = array_of(got.X, "X"), expect_shape(got.y, "y", (40,), "(B,)")
    symbols = X.argmax(axis=2)
    expect((symbols[0] == 6).all() and (symbols[-1] == 7).all(), "E should be first, B last")
    found = symbols.T[np.isin(symbols.T, (4, 5))]
    expect(found.size == 120, "each sequence should have three X or Y")
    digits = found.reshape(40, 3) - 4
    expect_close(by_hand(y=y), by_hand(y=digits @ [4, 2, 1]), instead="X and Y in binary give")


@points(1)
def test_stopping(student):
    """stopping: 2000 zeros give 1999, 2000 times 0.03 with mean=0.01 never stop"""
    for args, want in (
        ((np.zeros(2000),), 1999),
        ((np.zeros(1999),), None),
        ((np.full(2000, 0.03), 0.04, 2000, 0, 0.01), None),
        ((np.array([1.0, 0.0, -1.0, 0.0, 0.0]), 0.5, 2, 0), 4),
        ((np.array([1.0, 0.0, -1.0, 0.0, 0.0]), 0.5, 2, 1), 1),
    ):
        n = student.stopping(*args).n
        expect(n == want, f"n is {n}, expected {want}")


@points(1)
def test_constant_predictor(student):
    """constant_predictor(0, 1): mean 0.75, mse 1/96, mae 1/12, largest error 1/4"""
    numbers = {"mean": 0.75, "mse": 1 / 96, "half_mse": 1 / 192, "mae": 1 / 12, "max": 0.25}
    got = student.constant_predictor(0.0, 1.0)
    expect_close(got, Returned(names=("numbers",), values=(numbers,)), instead="by hand")


@points(1)
def test_diagnose(student):
    """diagnose: a network that says 0.91 whatever it hears, with closed gates"""
    log = {
        "predictions": np.full(5, 0.91),
        "targets": np.array([0.1, 0.3, 0.5, 0.7, 0.9]),
        "markers": np.array([[-1.0] * 5, [1.0] * 5, [0.0] * 5]),
        "input_gates": np.full((3, 5, 2), 0.03),
        "S": np.full((3, 5, 4), 0.2),
        "recurrent_gradient": np.full((8, 8), 1e-6),
    }
    want = {"constant": True, "learning": False, "closed": True, "no_recurrent_gradient": False,
            "drift": False}  # fmt: skip
    findings = student.diagnose(log).findings
    expect(isinstance(findings, dict), "diagnose should return a dict")
    for name, right in want.items():
        said = findings.get(name)
        expect(said is not None and bool(said) is right, f'"{name}" is {said}, expected {right}')


@points(1)
def test_words(student):
    """read_attempts: six words out of mean, learning, nearly, contradiction"""
    words = student.read_attempts().attempts
    menu = ("mean", "learning", "nearly", "contradiction")
    fine = isinstance(words, list | tuple) and len(words) == 6 and all(w in menu for w in words)
    expect(fine, "it should be a list of six of these words")


@points(1)
def test_pretrain(student):
    """pretrain_gates: 0.05 at marker 0, 0.95 at marker 1, and the rest of W stays"""
    W = np.linspace(-1.0, 1.0, 88).reshape(11, 8)
    got = expect_shape(student.pretrain_gates(W, 2).W, "W", (11, 8))
    expect(np.array_equal(got[:, 2:], W[:, 2:]), "weights of other units have changed")
    for marker, want in ((0.0, 0.05), (1.0, 0.95)):
        gates = 1.0 / (1.0 + np.exp(-(got[0, :2] + 0.5 * got[1, :2] + marker * got[2, :2])))
        fine = np.abs(gates - want).max() < 0.02
        expect(fine, f"with the marker {marker:g} the gates are {gates[0]:.3g}, not {want}")
