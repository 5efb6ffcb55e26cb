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
    ### BEGIN SOLUTION
    return 0.5 * (1.0 + np.tanh(0.5 * a))
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    W = W * columns_read(W.shape, remove)
    Hout = np.empty((T, B, H))
    steps = []
    for t in range(T):
        c_prev = c
        row = np.hstack([np.ones((B, 1)), X[t], h])  # (B, R)
        a = row @ W  # (B, 4H)
        i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
        g = a[:, 3 * H :] if remove == "candidate" else np.tanh(a[:, 3 * H :])
        if remove == "forget":
            f = np.ones((B, H))
        elif remove == "input":
            i = np.ones((B, H))
        elif remove == "output":
            o = np.ones((B, H))
        elif remove == "coupled":
            i = 1.0 - f
        # c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        Hout[t] = h
        steps.append((row, c_prev, i, f, o, g, tanh_c))
    cache = (W, remove, steps)
    return Hout, c, h, cache
    ### END SOLUTION


def ablated_backward(dHout, cache, dcn=None, dhn=None):
    """Carry a gradient back through ablated_forward.

    dHout (T, B, H), dcn and dhn (B, H): gradients of the loss with respect to
    Hout, cn and hn; None means zeros. cache is what your own ablated_forward
    returned, so it knows what was removed.

    What was never read has a gradient of exactly zero: all rows of a removed
    gate's block, all but the bias row of a frozen one's.
    Returns dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H), in this order.
    """
    ### BEGIN SOLUTION
    W, remove, steps = cache
    T, B, H = dHout.shape
    D = W.shape[0] - 1 - H
    read = columns_read(W.shape, remove)
    dX, dW = np.empty((T, B, D)), np.zeros(W.shape)
    dc = np.zeros((B, H)) if dcn is None else dcn
    dh = np.zeros((B, H)) if dhn is None else dhn
    for t in reversed(range(T)):
        row, c_prev, i, f, o, g, tanh_c = steps[t]
        dh = dHout[t] + dh
        # h_t = o_t ⊙ tanh(c_t); c_t is read by step t+1 as well
        do = dh * tanh_c
        dc = dc + dh * o * (1.0 - tanh_c**2)
        di, df, dg = dc * g, dc * c_prev, dc * i
        if remove == "coupled":
            # i = 1 - f: what i would have got goes to f, with a minus
            df = df - di
        da_g = dg if remove == "candidate" else dg * (1.0 - g**2)
        da = np.hstack([di * i * (1.0 - i), df * f * (1.0 - f), do * o * (1.0 - o), da_g])
        dW += row.T @ da
        # W has zeros where nothing is read, so nothing comes back from there
        drow = da @ W.T  # (B, R)
        dX[t], dh = drow[:, 1 : 1 + D], drow[:, 1 + D :]
        dc = dc * f
    return dX, dW * read, dc, dh
    ### END SOLUTION


def columns_read(shape, remove):
    """Tell which entries of W (R, 4H) are read (a helper): an array of ones and zeros.

    A suggestion; nobody calls it but you, so change or drop it as you like.
    """
    ### BEGIN SOLUTION
    H = shape[1] // 4
    read = np.ones(shape)
    gates = ["input", "forget", "output"]
    unread = "input" if remove == "coupled" else remove
    rows = np.s_[1:] if unread.startswith("frozen") else np.s_[:]
    gate = unread.removeprefix("frozen ")
    if gate in gates:
        k = gates.index(gate)
        read[rows, k * H : (k + 1) * H] = 0.0
    return read
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    params = initial_params(hidden_size, rng)
    m = {name: np.zeros_like(w) for name, w in params.items()}
    v = {name: np.zeros_like(w) for name, w in params.items()}
    losses = np.empty(updates)
    for k in range(updates):
        X, Y, asked = TASKS[task](T, batch_size, rng)
        losses[k], gradients = loss_and_gradients(params, remove, X, Y, asked)
        norm = np.sqrt(sum(np.sum(d**2) for d in gradients.values()))
        for name, d in gradients.items():
            d = d / max(1.0, norm)
            m[name] = 0.9 * m[name] + 0.1 * d
            v[name] = 0.999 * v[name] + 0.001 * d**2
            # both moments start at zero: divide by what they have seen so far
            m_hat, v_hat = m[name] / (1.0 - 0.9 ** (k + 1)), v[name] / (1.0 - 0.999 ** (k + 1))
            params[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)
    return params, losses
    ### END SOLUTION


def loss_and_gradients(params, remove, X, Y, asked):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params."""
    ### BEGIN SOLUTION
    W, W_out = params["W"], params["W_out"]
    Hout, _, _, cache = ablated_forward(X, W, remove)
    errors = np.where(asked, W_out[0] + (Hout @ W_out[1:])[..., 0] - Y, 0.0)
    count = asked.sum()
    # dŷ = 2 (ŷ - y) / count
    dy = 2.0 * errors / count  # (T, B)
    dW = ablated_backward(dy[..., None] * W_out[1:, 0], cache)[1]
    dW_out = np.vstack([dy.sum(), np.tensordot(Hout, dy, ((0, 1), (0, 1)))[:, None]])
    return np.sum(errors**2) / count, {"W": dW, "W_out": dW_out}
    ### END SOLUTION


def final_error(params, task, remove, rng, T=12):
    """Measure what training has come to: the mean squared error on fresh sequences.

    Draw one batch TASKS[task](T, 500, rng); the mean is over the steps and
    sequences where asked is True. Returns a number.
    """
    ### BEGIN SOLUTION
    X, Y, asked = TASKS[task](T, 500, rng)
    loss, _ = loss_and_gradients(params, remove, X, Y, asked)
    return float(loss)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    length = {"T": settings["T"]} if "T" in settings else {}
    table = {}
    for task in tasks:
        table[task] = {}
        for variant in variants:
            errors = []
            for seed in seeds:
                rng = np.random.default_rng(seed)
                params, _ = train(task, variant, rng, **settings)
                errors.append(final_error(params, task, variant, rng, **length))
            table[task][variant] = np.array(errors)
    return table
    ### END SOLUTION


def rank(table):
    """Put the variants of every task in order, by the median of their errors.

    table: what run_ablation returns. A run that ended in NaN counts as worse
    than any number. Of equals, the one that comes first in the table stays first.
    Returns a dict task -> list of variants, the smallest median first.

    Worked number: errors a = 3, 1, 9 and b = 2, 2, NaN give ["b", "a"].
    """
    ### BEGIN SOLUTION
    ranking = {}
    for task, errors in table.items():
        medians = {name: np.median(np.where(np.isnan(e), np.inf, e)) for name, e in errors.items()}
        ranking[task] = sorted(errors, key=medians.get)
    return ranking
    ### END SOLUTION


def verdicts(table):
    """Say of every variant whether it differs from the whole LSTM, "nothing".

    "worse"   even its best run has a larger error than the worst run of "nothing"
    "better"  even its worst run has a smaller error than the best run of "nothing"
    "level"   neither: the runs overlap, and these seeds cannot tell

    A run that ended in NaN counts as worse than any number.
    Returns a dict task -> dict variant -> verdict, without "nothing" itself.
    """
    ### BEGIN SOLUTION
    said = {}
    for task, errors in table.items():
        runs = {name: np.where(np.isnan(e), np.inf, e) for name, e in errors.items()}
        whole = runs.pop("nothing")
        said[task] = {}
        for name, e in runs.items():
            said[task][name] = "level"
            if e.min() > whole.max():
                said[task][name] = "worse"
            elif e.max() < whole.min():
                said[task][name] = "better"
    return said
    ### END SOLUTION


def plot_ablation(table, path=None):
    """Draw the final errors: per task and variant the median, and how far runs spread.

    table: what run_ablation returns, without NaN. For every task and variant the
    figure shows the median of the errors, as a bar, a point or a line, and the
    spread: the smallest and the largest error, or all runs. Errors on a
    logarithmic scale; variants and tasks named, axes labelled. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    ### BEGIN SOLUTION
    figure = Figure(figsize=(4.5 * len(table), 4.5), layout="constrained")
    panels = figure.subplots(1, len(table), squeeze=False)[0]
    for axes, (task, errors) in zip(panels, table.items(), strict=True):
        for place, runs in enumerate(errors.values()):
            axes.plot(np.full(len(runs), place), runs, "o", color="C0", alpha=0.5)
            axes.plot(place, np.median(runs), "_", color="black", markersize=18)
        axes.set(title=task, yscale="log", xlabel="removed", ylabel="final mean squared error")
        axes.set_xticks(range(len(errors)), list(errors), rotation=60, ha="right")
    if path is not None:
        figure.savefig(path)
    return figure
    ### END SOLUTION


if __name__ == "__main__":
    # the whole experiment, some twenty seconds: python ablation.py
    results = run_ablation(TASKS, VARIANTS, range(3))
    places, words = rank(results), verdicts(results)
    for name, order in places.items():
        for variant in order:
            middle = np.median(results[name][variant])
            print(f"{name:8} {variant:14} {middle:.5f}  {words[name].get(variant, '')}")
    plot_ablation(results, "ablation.png")
