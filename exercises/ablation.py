# Fill in the holes of ablation.py; keep the names.
"""Ablation: take an LSTM apart, train what is left, and let a table decide.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g
    W_out (1+H, 1): the read-out [1, h] @ W_out of every hidden state

Both tasks and the initial weights are given, so that the same seed means the
same run for everybody; the rest is yours, and imports no earlier file. NumPy,
and matplotlib for the figure.
"""

import numpy as np
from matplotlib.figure import Figure

#: What can be done to an LSTM, and what then stands in the place of the gate.
VARIANTS = (
    "nothing",  #        the whole LSTM
    "forget",  #         f = 1
    "input",  #          i = 1
    "output",  #         o = 1
    "candidate",  #      g = a_g, without tanh
    "coupled",  #        i = 1 - f
    "frozen forget",  #  f = σ(b_f), from its bias alone
    "frozen input",  #   i = σ(b_i)
    "frozen output",  #  o = σ(b_o)
)


def sigmoid(a):
    """Squash a into the range from 0 to 1: σ(a) = 1 / (1 + e^-a).

    The one you wrote for lstm_forward, copied. It has no points of its own.
    """
    # YOUR CODE HERE
    raise NotImplementedError("sigmoid")


# --- given: two tasks, and the weights before the first update -----------------


def storage_task(T, B, rng):
    """Draw sequences in which two numbers have to be kept and added (given).

    X (T, B, 2): values, uniform on [-1, 1], and markers: 1 at one step of the
    first half and at one step of the second half, 0 elsewhere.
    Y (T, B): half the sum of the two marked values, at the last step.
    asked (T, B): True where an answer counts, here at the last step only.
    """
    X, Y = np.zeros((T, B, 2)), np.zeros((T, B))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (T, B))
    rows = np.arange(B)
    for low, high in ((0, T // 2), (T // 2, T)):
        step = rng.integers(low, high, B)
        X[step, rows, 1] = 1.0
        Y[-1] += 0.5 * X[step, rows, 0]
    asked = np.zeros((T, B), bool)
    asked[-1] = True
    return X, Y, asked


def stream_task(T, B, rng):
    """Draw streams in which a sum starts again whenever a reset arrives (given).

    X (T, B, 2): values, uniform on [-1, 1], and resets: 1 at step 0 and, with
    probability 0.2, at any later step, 0 elsewhere.
    Y (T, B): half the sum of all values since the latest reset, its own step
    included, at every step.
    asked (T, B): True where an answer counts, here everywhere.
    """
    X, Y = np.zeros((T, B, 2)), np.zeros((T, B))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (T, B))
    X[:, :, 1] = rng.uniform(size=(T, B)) < 0.2
    X[0, :, 1] = 1.0
    total = np.zeros(B)
    for t in range(T):
        total = X[t, :, 0] + np.where(X[t, :, 1] == 1.0, 0.0, total)
        Y[t] = 0.5 * total
    return X, Y, np.ones((T, B), bool)


TASKS = {"storage": storage_task, "stream": stream_task}


def initial_params(H, rng):
    """Draw W (R, 4H) and W_out (1+H, 1) before the first update (given).

    D = 2. Standard normal, scaled by the root of the inputs; biases are zero, but
    for +3 on the forget gate and -1 on the input gate.
    """
    W = rng.standard_normal((3 + H, 4 * H)) / np.sqrt(2 + H)
    W[0] = 0.0
    W[0, :H], W[0, H : 2 * H] = -1.0, 3.0
    W_out = rng.standard_normal((1 + H, 1)) / np.sqrt(H)
    W_out[0] = 0.0
    return {"W": W, "W_out": W_out}


# --- yours ----------------------------------------------------------------------


def ablated_forward(X, W, remove, c0=None, h0=None):
    """Run an LSTM from which something has been removed.

    a_t = [1, x_t, h_{t-1}] @ W, in the four blocks a_i | a_f | a_o | a_g
    i, f, o = σ(a_i), σ(a_f), σ(a_o)    g = tanh(a_g)    unless removed
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    remove: one of VARIANTS; above stands what each puts in place of a gate.
        W keeps its shape: a block that is not read is still there.
    X (T, B, 2), or any D; W (R, 4H); c0, h0 (B, H), None means zeros.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), in this order, and cache: what your
    ablated_backward will need.
    """
    # YOUR CODE HERE
    raise NotImplementedError("ablated_forward")


def ablated_backward(dHout, cache, dcn=None, dhn=None):
    """Carry a gradient back through ablated_forward.

    dHout (T, B, H), dcn and dhn (B, H): gradients of the loss with respect to
    Hout, cn and hn; None means zeros. cache is what your own ablated_forward
    returned, so it knows what was removed.

    What was never read has a gradient of exactly zero: all rows of a removed
    gate's block, all but the bias row of a frozen one's.
    Returns dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H), in this order.
    """
    # YOUR CODE HERE
    raise NotImplementedError("ablated_backward")


def columns_read(shape, remove):
    """Tell which entries of W (R, 4H) are read (a helper): an array of ones and zeros.

    A suggestion; nobody calls it but you, so change or drop it as you like.
    """
    # YOUR CODE HERE
    raise NotImplementedError("columns_read")


def train(task, remove, rng, T=12, hidden_size=8, batch_size=16, updates=150, lr=0.03):
    """Train what is left of an LSTM on one of the TASKS.

    Draw in this order: initial_params(hidden_size, rng), then for every update
    one batch TASKS[task](T, batch_size, rng).
    Answers: ŷ_t = [1, h_t] @ W_out at every step.
    Loss: mean of (ŷ - y)² over the steps and sequences where asked is True.
    Update: the gradient, scaled down to norm 1 where the norm of dW and dW_out
        together is larger, then one step of Adam (0.9, 0.999, 1e-8,
        bias-corrected) with learning rate lr.

    Returns params, a dict with W and W_out after the last update, and losses
    (updates,), that of each batch before its update.
    """
    # YOUR CODE HERE
    raise NotImplementedError("train")


def loss_and_gradients(params, remove, X, Y, asked):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params."""
    # YOUR CODE HERE
    raise NotImplementedError("loss_and_gradients")


def final_error(params, task, remove, rng, T=12):
    """Measure what training has come to: the mean squared error on fresh sequences.

    Draw one batch TASKS[task](T, 500, rng); the mean is over the steps and
    sequences where asked is True. Returns a number.
    """
    # YOUR CODE HERE
    raise NotImplementedError("final_error")


def run_ablation(tasks, variants, seeds, **settings):
    """Train every variant on every task, once from every seed.

    tasks: names in TASKS. variants: names in VARIANTS. seeds: integers; every
        run makes its own rng = np.random.default_rng(seed), trains with it, and
        measures its final_error with what is left of it.
    settings: any of T, hidden_size, batch_size, updates and lr, handed on to
        train; T to final_error too.

    Returns the table, a dict task -> dict variant -> errors (number of seeds,),
    in the order of the arguments.
    """
    # YOUR CODE HERE
    raise NotImplementedError("run_ablation")


def rank(table):
    """Put the variants of every task in order, by the median of their errors.

    table: what run_ablation returns. A run that ended in NaN counts as worse
    than any number. Of equals, the one that comes first in the table stays first.
    Returns a dict task -> list of variants, the smallest median first.

    Worked number: errors a = 3, 1, 9 and b = 2, 2, NaN give ["b", "a"].
    """
    # YOUR CODE HERE
    raise NotImplementedError("rank")


def verdicts(table):
    """Say of every variant whether it differs from the whole LSTM, "nothing".

    "worse"   even its best run has a larger error than the worst run of "nothing"
    "better"  even its worst run has a smaller error than the best run of "nothing"
    "level"   neither: the runs overlap, and these seeds cannot tell

    A run that ended in NaN counts as worse than any number.
    Returns a dict task -> dict variant -> verdict, without "nothing" itself.
    """
    # YOUR CODE HERE
    raise NotImplementedError("verdicts")


def plot_ablation(table, path=None):
    """Draw the final errors: per task and variant the median, and how far runs spread.

    table: what run_ablation returns, without NaN. For every task and variant the
    figure shows the median of the errors, as a bar, a point or a line, and the
    spread: the smallest and the largest error, or all runs. Errors on a
    logarithmic scale; variants and tasks named, axes labelled. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    # YOUR CODE HERE
    raise NotImplementedError("plot_ablation")


if __name__ == "__main__":
    # the whole experiment, some twenty seconds: python ablation.py
    results = run_ablation(TASKS, VARIANTS, range(3))
    places, words = rank(results), verdicts(results)
    for name, order in places.items():
        for variant in order:
            middle = np.median(results[name][variant])
            print(f"{name:8} {variant:14} {middle:.5f}  {words[name].get(variant, '')}")
    plot_ablation(results, "ablation.png")
