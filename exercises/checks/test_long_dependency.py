"""Public checks: long dependency.

Numbers worked by hand in the handout, the rules of both tasks, and a few
updates of `train`. Passing them all is a good sign and not yet full marks:
grading uses other inputs, and trains for longer.
Run them with `nox -s check -- long_dependency`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import array_of, expect, expect_close, expect_finite, expect_shape
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

RETURNS = {
    "adding_problem": "X y",
    "recall_task": "X y",
    "adding_baseline": "baseline",
    "paper_criterion": "n",
    "predict": "output",
    "train": "params history",
    "submitted": "arrays",
}

#: The handout's toy cell of lstm_forward, packed, and its two inputs.
W_TOY = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 0.5, 1.0, -1.0], [2.0, -1.0, -1.0, -2.0]])
X_TOY = np.array([[[2.0]], [[1.0]]])


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def batch(student, T, B, seed):
    """Ask for a batch of the adding problem; expect its shapes."""
    got = student.adding_problem(T, B, seed)
    X = array_of(got.X, "X")
    expect(X.ndim == 3 and X.shape[1:] == (B, 2), f"X has shape {X.shape}; it is (T', {B}, 2)")
    return X, expect_shape(got.y, "y", (B,), "(B,)")


@points(1)
def test_adding_problem(student, seed):
    """adding_problem: T' is 25, 26 or 27 for T = 25; values in [-1, 1]; markers -1, 0 and 1"""
    X, _ = batch(student, 25, 30, seed)
    expect(25 <= len(X) <= 27, f"T' = {len(X)} for T = 25; it should be 25, 26 or 27")
    values, markers = X[:, :, 0], X[:, :, 1]
    expect(np.abs(values).max() <= 1.0, "a value lies outside [-1, 1]")
    expect(values.min() < -0.5, "no value is below -0.5; they are uniform on [-1, 1]")
    expect((markers[[0, -1]] == -1.0).all(), "the first and the last marker should be -1")
    expect(np.isin(markers[1:-1], (0.0, 1.0)).all(), "markers between the ends are 0 or 1")


@points(1, needs=test_adding_problem)
def test_adding_target(student, seed):
    """adding_problem: y = 0.5 + (X1 + X2) / 4; step 0 has the value 0 if it is chosen"""
    X, y = batch(student, 25, 200, seed)
    marked = X[1:-1, :, 1] == 1.0
    single = marked.sum(axis=0) == 1
    expect(single.any(), "step 0 is never chosen in 200 sequences")
    expect((X[0, single, 0] == 0.0).all(), "step 0 is chosen and keeps its value")
    want = 0.5 + (X[1:-1, :, 0] * marked).sum(axis=0) / 4.0
    got = Returned(names=("y",), values=(y,))
    expect_close(got, Returned(names=("y",), values=(want,)), instead="the marked values say")


@points(1, needs=test_adding_problem)
def test_positions(student, seed):
    """adding_problem: T = 40 marks a step among 0..9, and nothing from step 20 on"""
    X, _ = batch(student, 40, 300, seed)
    marked = X[1:-1, :, 1] == 1.0
    expect(not marked[19:].any(), "a step beyond the first T // 2 - 1 free ones is marked")
    early = marked[:9].any(axis=0) | (marked.sum(axis=0) == 1)  # or step 0
    expect(early.all(), "a sequence has no chosen step among 0..9")


@points(1)
def test_recall_task(student, seed):
    """recall_task: one-hot, the query last, y the symbol of step 0"""
    got = student.recall_task(3, 6, 4, seed)
    X = expect_shape(got.X, "X", (5, 6, 5), "(distance + 2, B, V + 1)")
    y = expect_shape(got.y, "y", (6,), "(B,)")
    expect((X.sum(axis=2) == 1.0).all() and np.isin(X, (0, 1)).all(), "a row of X is not one-hot")
    expect(X[-1, :, 4].all() and not X[:-1, :, 4].any(), "the query belongs at the last step")
    expect(np.array_equal(X[0].argmax(axis=1), y), "y should be the symbol of step 0")


@points(1)
def test_baseline(student):
    """adding_baseline: 0.0417, 0.167 and 0.154, exactly"""
    got = student.adding_baseline().baseline
    expect(isinstance(got, dict), "adding_baseline should return a dict")
    for name, about in (("mse", 0.0417), ("mae", 0.1667), ("hit_rate", 0.1536)):
        value = float(expect_shape(got.get(name), f'baseline["{name}"]', ()))
        expect(abs(value - about) < 1e-4, f'baseline["{name}"] = {value:.4g}, not {about}')


@points(1)
def test_criterion(student):
    """paper_criterion: 2000 zeros give 1999, 1999 give None, NaN and 2000 zeros give 2000"""
    zeros = np.zeros(2000)
    cases = (zeros, zeros[1:], np.concatenate([[np.nan], zeros]))
    for errors, want in zip(cases, (1999, None, 2000), strict=True):
        n = student.paper_criterion(errors).n
        n = n if n is None else float(expect_shape(n, "n", ()))
        expect(n == want, f"n is {n}, expected {want}")


@points(1)
def test_predict(student):
    """predict: the toy cell over x = 2, 1 answers 0.178; with two columns, two logits"""
    got = student.predict({"W": W_TOY, "W_out": np.array([[0.5], [2.0]])}, X_TOY)
    expect_close(got, by_hand(output=[0.17808]), instead="by hand")
    got = student.predict({"W": W_TOY, "W_out": np.array([[0.5, 0.0], [2.0, -1.0]])}, X_TOY)
    expect_close(got, by_hand(output=[[0.17808, 0.16096]]), instead="by hand")


def start(student, cell, seed, **settings):
    """Train once with lr = 0: what comes back is what it began with."""
    options = {"T": 12, "hidden_size": 4, "batch_size": 3, "updates": 2, "lr": 0.0} | settings
    got = student.train("adding", cell, seed, **options)
    expect(isinstance(got.params, dict), "params should be a dict with W and W_out")
    columns = {"lstm": 16, "gru": 12, "rnn": 4}[cell]
    expect_shape(got.params.get("W_out"), 'params["W_out"]', (5, 1), "(1+H, 1)")
    return expect_shape(got.params.get("W"), 'params["W"]', (7, columns)), got.history


@points(1)
def test_train_lstm(student, seed):
    """train: an LSTM starts with its forget and input bias; history has an entry per update"""
    W, history = start(student, "lstm", seed, forget_bias=2.0, input_bias=np.arange(4.0))
    row = by_hand(bias=[0, 1, 2, 3, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    expect_close(Returned(names=("bias",), values=(W[0],)), row)
    expect(isinstance(history, dict), "history should be a dict of loss and gradient_norm")
    for name in ("loss", "gradient_norm"):
        expect(len(history.get(name, ())) == 2, f'history["{name}"] needs one number per update')


@points(1)
def test_train_gru(student, seed):
    """train: a GRU starts with -forget_bias in z"""
    W, _ = start(student, "gru", seed, forget_bias=2.0)
    row = by_hand(bias=[-2, -2, -2, -2, 0, 0, 0, 0, 0, 0, 0, 0])
    expect_close(Returned(names=("bias",), values=(W[0],)), row)


@points(1)
def test_train_rnn(student, seed):
    """train: an RNN starts without biases"""
    W, _ = start(student, "rnn", seed)
    expect_close(Returned(names=("bias",), values=(W[0],)), by_hand(bias=[0, 0, 0, 0]))


@points(1, needs=test_train_lstm, diagnosed=False)
def test_train_learns(student, seed):
    """train: one update of Adam moves a weight by lr; 120 updates of recall bring the loss down"""
    small = {"T": 12, "hidden_size": 4, "batch_size": 8, "updates": 1}
    still, moved = (
        student.train("adding", "lstm", seed, lr=lr, **small).params["W_out"] for lr in (0.0, 0.01)
    )
    step = float(np.median(np.abs(moved - still))) / 0.01
    expect(0.95 < step < 1.05, f"the first update moves W_out by {step:.3g} lr; it should be 1 lr")
    options = {"T": 2, "hidden_size": 12, "batch_size": 32, "updates": 120, "lr": 0.03}
    loss = student.train("recall", "lstm", seed, **options).history["loss"]
    begin, end = (float(np.mean(part)) for part in (loss[:5], loss[-5:]))
    expect(end < 0.7 * begin, f"the loss of the recall task goes from {begin:.3g} to {end:.3g}")


@points(1, needs=test_predict)
def test_weights(student):
    """long_dependency.npz: 99.8 % of 512 sequences at T = 100 within 0.04"""
    arrays = student.submitted().arrays
    expect(isinstance(arrays, dict), "long_dependency.npz should hold W and W_out")
    H = array_of(arrays.get("W_out"), "W_out").size - 1
    expect(1 <= H <= 64, f"H = {H}; it should be 64 at most")
    expect_finite(expect_shape(arrays.get("W"), "W", (3 + H, 4 * H), "(R, 4H)"), "W")
    expect_shape(arrays["W_out"], "W_out", (1 + H, 1), "(1+H, 1)")
    params = {name: arrays[name].astype(float) for name in ("W", "W_out")}
    right = []
    for k in range(4):
        X, y = batch(student, 100, 128, Seed(k))
        output = expect_shape(student.predict(params, X).output, "output", (128,), "(B,)")
        right.append(np.abs(output - y) < 0.04)
    share = 100 * np.mean(right)
    expect(share >= 99.8, f"{share:.1f} % are within 0.04; always answering 0.5 gets 15 %")
