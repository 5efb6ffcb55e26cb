"""Public checks: ablation.

Numbers worked by hand in the handout, central differences of your own forward,
and properties of what is left when something is removed. Passing them all is a
good sign and not yet full marks: grading uses other inputs, and trains. Run them
with `nox -s check -- ablation`.
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
from grader.figures import expect_figure, expect_labels, expect_names
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

RETURNS = {
    "ablated_forward": "Hout cn hn *cache",
    "ablated_backward": "dX dW dc0 dh0",
    "train": "params losses",
    "final_error": "error",
    "run_ablation": "table",
    "rank": "ranking",
    "verdicts": "verdicts",
    "plot_ablation": "@figure",
}

#: The handout's toy network, D = H = 1: rows bias, x, h; columns i | f | o | g.
W_TOY = np.array([[-1.0, 1.0, 0.5, 0.0], [1.0, -0.5, 1.0, 1.0], [1.0, 0.5, -1.0, 0.5]])
X_TOY, C_TOY, H_TOY = np.array([[[2.0]]]), np.array([[1.5]]), np.array([[-1.0]])

#: c and h of one step of the toy network, by hand.
TOY = {
    "nothing": (1.018885, 0.746859),
    "forget": (1.952574, 0.932364),
    "input": (1.471459, 0.873479),
    "output": (1.018885, 0.769412),
    "candidate": (1.316311, 0.840483),
    "coupled": (1.129729, 0.787156),
    "frozen forget": (1.549162, 0.886866),
    "frozen input": (0.809743, 0.649825),
    "frozen output": (1.018885, 0.478928),
}


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def sequences(rng, T=3, B=2, D=2, H=3):
    """Draw X (T, B, D), W (R, 4H), c0 and h0 (B, H)."""
    X, W = rng.standard_normal((T, B, D)), 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


@points(1)
def test_forward_by_hand(student):
    """ablated_forward: one step of the toy network, for each of the nine variants"""
    for remove, (c, h) in TOY.items():
        got = student.ablated_forward(X_TOY, W_TOY, remove, C_TOY, H_TOY)
        expect_present(got.cache, "ablated_forward returned 3 values: the cache is missing")
        want = by_hand(Hout=[[[h]]], cn=[[c]], hn=[[h]])
        expect_close(got, want, instead=f'by hand, with remove = "{remove}",')


@points(1)
def test_shapes(student, rng):
    """ablated_forward(X, W, "nothing") without states: shapes for T, B, D, H = 3, 2, 2, 3"""
    X, W, *_ = sequences(rng)
    got = student.ablated_forward(X, W, "nothing")
    expect_shape(got.Hout, "Hout", (3, 2, 3), "(T, B, H)")
    expect_shape(got.cn, "cn", (2, 3), "(B, H)")
    expect_shape(got.hn, "hn", (2, 3), "(B, H)")


@points(1, needs=test_shapes)
def test_unread(student, rng):
    """ablated_forward: without forget gate, its block of W may hold anything"""
    X, W, c0, h0 = sequences(rng)
    first = student.ablated_forward(X, W, "forget", c0, h0)
    expect_depends(first, "Hout")
    W[:, 3:6] = 7.0
    same = student.ablated_forward(X, W, "forget", c0, h0)
    expect_close(same, Returned(names=("Hout",), values=(first.Hout,)), instead="before, it was")


@points(1, needs=test_shapes)
def test_gradient(student, rng):
    """ablated_backward: the central differences of your own forward, for three variants"""
    for remove in ("nothing", "candidate", "coupled"):
        case = sequences(rng)
        X, W, c0, h0 = case
        dHout, dcn, dhn = (rng.standard_normal(s) for s in ((3, 2, 3), (2, 3), (2, 3)))
        cache = student.ablated_forward(X, W, remove, c0, h0).cache
        got = student.ablated_backward(dHout, cache, dcn, dhn)
        expect_gradient(
            student,
            "ablated_forward",
            (X, W, remove, c0, h0),
            {0: ("dX", got.dX), 1: ("dW", got.dW), 3: ("dc0", got.dc0), 4: ("dh0", got.dh0)},
            {"Hout": dHout, "cn": dcn, "hn": dhn},
        )


@points(1, needs=test_shapes)
def test_exact_zeros(student, rng):
    """ablated_backward: without input gate, the input gate's block of dW is exactly zero"""
    X, W, c0, h0 = sequences(rng)
    cache = student.ablated_forward(X, W, "input", c0, h0).cache
    dW = student.ablated_backward(rng.standard_normal((3, 2, 3)), cache).dW
    dW = expect_shape(dW, "dW", W.shape, "(R, 4H)")
    expect(not dW[:, :3].any(), "dW of the input gate's block is not exactly zero")
    expect(dW[:, 3:].any(), "dW is zero everywhere")


@points(1)
def test_train(student):
    """train: two updates move W and W_out, and leave two losses"""
    small = {"T": 4, "hidden_size": 2, "batch_size": 3}
    still, moved = (
        student.train("stream", "nothing", Seed(3), updates=2, lr=lr, **small) for lr in (0.0, 0.1)
    )
    expect_shape(moved.losses, "losses", (2,), "(updates,)")
    for name, shape in (("W", (5, 8)), ("W_out", (3, 1))):
        before, after = (
            expect_shape(run.params.get(name), f'params["{name}"]', shape) for run in (still, moved)
        )
        expect(not np.array_equal(before, after), f"{name} is never updated")
    expect(still.losses[0] == moved.losses[0], "the first loss depends on lr: take it beforehand")


@points(1, needs=test_train)
def test_run_ablation(student):
    """run_ablation: a table task -> variant -> one error per seed; twice the same"""
    small = {"T": 4, "hidden_size": 2, "batch_size": 3, "updates": 2, "lr": 0.1}
    case = (("storage", "stream"), ("nothing", "forget"), (1, 2))
    first, again = (student.run_ablation(*case, **small).table for _ in range(2))
    expect(isinstance(first, dict), "table should be a dict")
    for task in case[0]:
        expect(isinstance(first.get(task), dict), f'table["{task}"] should be a dict')
        for name in case[1]:
            errors = expect_shape(first[task].get(name), f'table["{task}"]["{name}"]', (2,))
            expect(errors[0] != errors[1], "two seeds give the same error")
            same = np.array_equal(errors, again[task][name])
            expect(same, "the same seeds give other errors: make every rng from its seed")


@points(1)
def test_rank(student):
    """rank: a = 3, 1, 9 and b = 2, 2, NaN give ["b", "a"]"""
    table = {"task": {"a": np.array([3.0, 1.0, 9.0]), "b": np.array([2.0, 2.0, np.nan])}}
    ranking = student.rank(table).ranking
    expect(isinstance(ranking, dict), "ranking should be a dict task -> list of variants")
    order = list(ranking.get("task", ()))
    expect(order == ["b", "a"], f"ranking is {order}, by hand it is ['b', 'a']")


@points(1)
def test_verdicts(student):
    """verdicts: runs that overlap those of "nothing" are level"""
    runs = {"nothing": [1.0, 2.0, 3.0], "a": [3.5, 4.0, 9.0], "b": [2.5, 9.0, 9.0], "c": [0.1, 0.5]}
    table = {"task": {name: np.array(errors) for name, errors in runs.items()}}
    said = student.verdicts(table).verdicts
    expect(isinstance(said, dict), "verdicts should be a dict task -> dict variant -> verdict")
    want = {"a": "worse", "b": "level", "c": "better"}
    got = said.get("task")
    expect(got == want, f"verdicts are {got}, by hand they are {want}")


@points(1)
def test_figure(student):
    """plot_ablation: returns a Figure with labelled axes that names tasks and variants"""
    runs = {"nothing": np.array([0.001, 0.002, 0.004]), "forget": np.array([0.02, 0.03, 0.05])}
    figure = expect_figure(student.plot_ablation({"storage": runs}).figure, "plot_ablation")
    expect_labels(figure)
    expect_names(figure, ["storage", "nothing", "forget"])
