"""Public checks: long dependency.

Rules of the two tasks, numbers worked by hand in the handout, and a few updates
of training. Passing them all is a good sign and not yet full marks: grading uses
other inputs, trains for longer, and looks at your long_dependency.npz. Run them
with `nox -s check -- long_dependency`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import array_of, expect, expect_close, expect_depends, expect_shape
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

RETURNS = {
    "adding_problem": "X y",
    "recall_task": "X y",
    "adding_baseline": "baseline",
    "paper_criterion": "n",
    "predict": "output",
    "train": "params history",
    "lstm_forward": "Hout cn hn *cache",
}


@points(1)
def test_adding_problem(student, seed):
    """adding_problem: markers -1 at both ends, one or two 1s between, y from the marked values"""
    got = student.adding_problem(20, 30, seed)
    X = array_of(got.X, "X")
    expect_shape(got.y, "y", (30,), "(B,)")
    good = X.ndim == 3 and X.shape[1:] == (30, 2) and 20 <= len(X) <= 22
    expect(good, f"X has shape {X.shape}; it should be (T', B, 2) with T' from 20 to 22")
    values, markers = X[:, :, 0], X[:, :, 1]
    ends = markers[[0, -1]]
    expect(np.all(ends == -1.0), "the markers of the first and the last step should be -1")
    inside = markers[1:-1]
    expect(np.isin(inside, (0.0, 1.0)).all(), "between the ends every marker is 0 or 1")
    counts = inside.sum(axis=0)
    expect(
        np.isin(counts, (1.0, 2.0)).all(), "every sequence has two chosen steps, one may be step 0"
    )
    marked = np.where(inside == 1.0, values[1:-1], 0.0).sum(axis=0)
    # a chosen step 0 has the value 0, so it adds nothing
    want = Returned(names=("y",), values=(0.5 + marked / 4.0,))
    expect_close(got, want, instead="from X")


@points(1)
def test_positions(student, seed):
    """adding_problem: T = 40 marks a step among 0..9, and nothing from step 20 on"""
    got = student.adding_problem(40, 300, seed)
    X = array_of(got.X, "X")
    expect(X.ndim == 3 and X.shape[2] == 2, f"X has shape {X.shape}; it should be (T', B, 2)")
    marked = X[1:-1, :, 1] == 1.0
    expect(not marked[19:].any(), "a step beyond the first T // 2 - 1 free ones is marked")
    early = marked[:9].sum(axis=0) + (marked.sum(axis=0) == 1)  # or step 0
    expect((early >= 1).all(), "a sequence has no chosen step among 0..9")


@points(1)
def test_recall_task(student, seed):
    """recall_task: one-hot symbols, a query at the last step, y names the first symbol"""
    got = student.recall_task(5, 20, 4, seed)
    X = expect_shape(got.X, "X", (7, 20, 5), "(distance + 2, B, V + 1)")
    expect(np.isin(X, (0.0, 1.0)).all() and (X.sum(axis=2) == 1.0).all(), "X should be one-hot")
    expect((X[-1, :, 4] == 1.0).all() and not X[:-1, :, 4].any(), "the query is the last step only")
    want = Returned(names=("y",), values=(X[0].argmax(axis=1).astype(float),))
    expect_close(got, want, instead="the first symbol is")


@points(1)
def test_baseline(student, seed):
    """adding_baseline: close to what guessing 0.5 earns on 8,000 of your sequences"""
    baseline = student.adding_baseline().baseline
    keys = ("mse", "mae", "hit_rate")
    expect(isinstance(baseline, dict) and all(k in baseline for k in keys),
           "adding_baseline should return a dict with mse, mae and hit_rate")  # fmt: skip
    y = expect_shape(student.adding_problem(100, 8000, seed).y, "y", (8000,), "(B,)")
    expect_depends(Returned(names=("y",), values=(y,)), "y")
    error = np.abs(y - 0.5)
    for key, measured in zip(
        keys, (np.mean(error**2), error.mean(), np.mean(error < 0.04)), strict=True
    ):
        value = float(array_of(baseline[key], key))
        expect(
            0.8 < value / measured < 1.25, f"{key} = {value:.3g}; your sequences say {measured:.3g}"
        )


@points(1)
def test_paper_criterion(student):
    """paper_criterion: 2000 zeros give 1999, 1999 zeros give None, a NaN starts the count again"""
    for errors, want in (
        (np.zeros(2000), 1999),
        (np.zeros(1999), None),
        (np.concatenate([np.zeros(5), [np.nan], np.zeros(2100)]), 2005),
        (np.concatenate([np.full(3, 0.04), np.full(2000, -0.039)]), 2002),
    ):
        got = student.paper_criterion(errors).n
        number = None if got is None else int(array_of(got, "n"))
        expect(number == want, f"you stop at {number}, by hand it is {want}")


@points(1)
def test_predict(student, rng):
    """predict: [1, h] @ W_out of the last step of your own LSTM, (B,) for one output"""
    W, W_out, X = (rng.standard_normal(shape) for shape in ((7, 16), (5, 1), (6, 3, 2)))
    h = expect_shape(student.lstm_forward(X, W).Hout, "Hout", (6, 3, 4))[-1]
    want = Returned(names=("output",), values=(W_out[0, 0] + h @ W_out[1:, 0],))
    expect_depends(want, "output")
    expect_close(
        student.predict({"W": W, "W_out": W_out}, X), want, instead="from your lstm_forward"
    )


@points(1)
def test_train(student, seed):
    """train: ten updates return weights and a history of the right shapes; lr = 0 moves nothing"""
    few = {"T": 11, "hidden_size": 4, "batch_size": 8}
    got = student.train("adding", "lstm", seed, updates=10, **few)
    expect(isinstance(got.params, dict), "params should be a dict with W and W_out")
    expect(isinstance(got.history, dict), "history should be a dict with loss and gradient_norm")
    expect_shape(got.params.get("W"), 'params["W"]', (7, 16), "(R, 4H)")
    expect_shape(got.params.get("W_out"), 'params["W_out"]', (5, 1), "(1 + H, K)")
    for name in ("loss", "gradient_norm"):
        entries = np.asarray(got.history.get(name, ()), float)
        expect(entries.shape == (10,), f'history["{name}"] should have one number per update')
        expect(
            np.isfinite(entries).all() and (entries > 0).all(),
            f'history["{name}"] should be positive',
        )
    still = student.train("adding", "lstm", seed, updates=1, lr=0.0, **few)
    W = expect_shape(still.params.get("W"), 'params["W"]', (7, 16))
    bias = Returned(names=("bias",), values=(W[0],))
    want = np.repeat([0.0, 3.0, 0.0, 0.0], 4)
    expect_close(bias, Returned(names=("bias",), values=(want,)), instead="before any update")


@points(1, needs=test_train)
def test_learns(student, seed):
    """train: 150 updates at T = 11 bring the loss well below the baseline of 1/24"""
    settings = {"T": 11, "hidden_size": 8, "batch_size": 32, "updates": 150, "lr": 0.02}
    best = min(
        float(np.mean(np.asarray(got.history["loss"], float)[-20:]))
        for got in student.each(
            "train", [(("adding", "lstm", Seed(seed.entropy + k)), settings) for k in range(2)]
        )
    )
    expect(best < 0.025, f"the loss is still {best:.3g}; always answering 0.5 has 0.042")
