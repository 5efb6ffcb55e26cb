# Leon
# Fill in the holes of long_dependency.py; keep the names. (`nox -s sync` cuts this file.)
"""Long dependency: a network that remembers something for a hundred steps.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    V vocabulary size        K outputs: 1 number, or V logits
    X (T, B, D), Hout (T, B, H), everything float64
    W (R, 4H), (R, 3H) or (R, H): the packed weights of an LSTM, GRU or RNN
    W_out (1+H, K): the read-out [1, h] @ W_out of the last hidden state h

Two tasks no network solves without remembering, a training loop for all three
of your cells, and the yardsticks of 1997. The last three functions are only
suggestions how to cut `train` into pieces: nobody calls them but you, so change
or drop them as you like. NumPy and your own earlier files, nothing else.
"""

import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

#: The symbols of the recall task as `train` sets it.
V = 8
#: What counts as right in 1997, and how often in a row it has to be.
CLOSE, IN_A_ROW = 0.04, 2000


def adding_problem(T, B, rng):
    """Draw a batch of the adding problem as Hochreiter and Schmidhuber (1997) define it.

    One length T' for the whole batch, uniform on T, ..., floor(1.1 T); T >= 11.
    X[:, :, 0]: values, uniform on [-1, 1].
    X[:, :, 1]: markers. -1 at the first and at the last step, 1 at two steps
        of each sequence, 0 elsewhere. First one of the steps 0..9 is chosen,
        then one of the first T // 2 - 1 steps that is not chosen yet.
    If step 0 is chosen, its marker stays -1 and its value becomes 0.

    y = 0.5 + (X1 + X2) / 4, X1 and X2 being the values at the chosen steps.
    Worked number: values 0.8 and -0.4 at the chosen steps give y = 0.6; a
    value -0.4 and the chosen step 0 give y = 0.4.

    Returns X (T', B, 2) and y (B,).
    """
    T2 = int(rng.integers(T, int(np.floor(1.1 * T)) + 1))
    X = np.zeros((T2, B, 2))
    X[:, :, 0] = 2 * rng.random((T2, B)) - 1
    y = np.full(B, 0.5)
    for b in range(B):
        t1 = rng.integers(0, 10)
        # draw again until it is another step
        t2 = t1
        while t2 == t1:
            t2 = rng.integers(0, T // 2 - 1)
        for t in (t1, t2):
            X[t, b, 1] = 1
            if t == 0:
                X[0, b, 0] = 0
            y[b] += X[t, b, 0] / 4
    X[0, :, 1] = X[-1, :, 1] = -1
    return X, y


def recall_task(distance, B, V, rng):
    """Draw a batch of: remember the first symbol, name it when asked.

    Step 0 shows one of V symbols, the `distance` steps after it show
    distractors, the last step shows the query. Symbols 0..V-1 are one-hot in
    the columns 0..V-1 of X, the query in column V. Every symbol, the first and
    the distractors, is drawn uniformly and by itself: a distractor may happen
    to equal the first symbol.

    Worked number: distance 2, V = 3 and the symbols 1, 0, 1 give the rows
    0100, 1000, 0100, 0001 of X, and y = 1.

    Returns X (distance + 2, B, V + 1) and y (B,), whole numbers.
    """
    s = rng.integers(0, V, (distance + 1, B))
    X = np.zeros((distance + 2, B, V + 1))
    for t in range(distance + 1):
        X[t, np.arange(B), s[t]] = 1
    X[distance + 1, :, V] = 1
    return X, s[0]


def adding_baseline():
    """Tell how well one constant guess, the mean 0.5, does on the adding problem.

    Closed forms, leaving the step-0 rule aside: X1 and X2 are independent and
    uniform on [-1, 1], the error is (X1 + X2) / 4.

    Returns a dict of floats: "mse", the mean squared error; "mae", the mean
    absolute error; "hit_rate", the share of sequences with |error| < 0.04.
    """
    # var of U[-1,1] is 1/3; two of them, divided by 16
    return dict(mse=2 / 3 / 16, mae=2 / 3 / 4, hit_rate=1 - 0.92**2)


def paper_criterion(errors):
    """Find when training could have stopped, by the rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign.
    Returns the smallest n, counted from 0, for which the 2000 errors
    errors[n - 1999], ..., errors[n] are all below 0.04 in absolute value; None
    if there is no such n. 0.04 itself is too much, and NaN is never right.

    Worked number: 2000 zeros give 1999; 1999 zeros give None.
    """
    good = np.abs(np.asarray(errors)) < 0.04
    c = np.concatenate([[0], np.cumsum(good)])
    full = np.flatnonzero(c[2000:] - c[:-2000] == 2000) if len(good) >= 2000 else []
    return int(full[0]) + 1999 if len(full) else None


def predict(params, X):
    """Let trained weights answer, from the last hidden state.

    params: dict with W (R, 4H), (R, 3H) or (R, H), which tells the cell, and
        W_out (1+H, K), whose row 0 is the bias. X (T, B, D).
    Returns [1, h_T] @ W_out: (B,) when K = 1, else the logits (B, K).
    """
    H = len(params["W_out"]) - 1
    cell = {4: lstm_forward, 3: gru_forward, 1: rnn_forward}[params["W"].shape[1] // H]
    # second result = last state
    last = cell(X, params["W"])[1]
    out = np.c_[np.ones(len(last)), last] @ params["W_out"]
    if out.shape[1] == 1:
        return out.ravel()
    return out


def train(  # noqa: PLR0913, PLR0917  a run has that many settings
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    """Train a cell on a task, with a fresh batch for every update.

    task "adding": batches of adding_problem(T, ...), loss = mean (ŷ - y)².
    task "recall": batches of recall_task(T, ...) with V = 8 symbols, loss =
        mean cross-entropy of the 8 logits.
    cell "lstm", "gru" or "rnn": your own forward and backward.
    forget_bias, input_bias: a number or one per unit, (H,), added to the bias
        of the forget and of the input gate before the first update. A GRU has
        one bias to set: its z overwrites, so -forget_bias goes to z. An RNN
        has none. All other biases of W start at zero.
    Update: the gradient of the batch, scaled down to norm 1 where the norm of
        dW and dW_out together is larger, then one step of Adam (0.9, 0.999,
        1e-8, bias-corrected) with learning rate lr.

    Returns params, a dict of arrays W (course layout) and W_out (1+H, K), K =
    1 or 8; and history, a dict with one entry per update: "loss" of the batch
    before the update, and "gradient_norm" before it is scaled down.
    """
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    m = {k: 0.0 for k in params}
    v = {k: 0.0 for k in params}
    losses, norms = [], []
    for n in range(1, updates + 1):
        X, y = adding_problem(T, batch_size, rng) if task == "adding" else recall_task(T, batch_size, 8, rng)
        loss, grads = loss_and_gradients(params, X, y)
        norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
        losses.append(loss)
        norms.append(norm)
        for k, g in grads.items():
            g = g * min(1, 1 / norm)
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g * g
            params[k] = params[k] - lr * (m[k] / (1 - 0.9**n)) / (np.sqrt(v[k] / (1 - 0.999**n)) + 1e-8)
    return params, {"loss": losses, "gradient_norm": norms}


#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def read_out(params, h):
    """Read [1, h] @ W_out (B, K) off hidden states h (B, H)."""
    return np.c_[np.ones(len(h)), h] @ params["W_out"]


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    """Draw W and W_out as they are before the first update, biases in their columns.

    W_out (1+H, K): standard normal / sqrt(H), with a bias row of zeros.
    """
    D, K = (2, 1) if task == "adding" else (9, 8)
    if cell == "lstm":
        W = init_lstm(D, H, rng, 0.0)
        W[0, H:2 * H] = forget_bias
        W[0, :H] = input_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] = -np.asarray(forget_bias)
    else:
        W = rng.normal(size=(1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0
    W_out = rng.normal(size=(1 + H, K)) / np.sqrt(H)
    W_out[0] = 0
    return {"W": W, "W_out": W_out}


def loss_and_gradients(params, X, y):
    """Work out the loss of one batch, and its gradients as a dict like params.

    One number per sequence: loss = mean (ŷ - y)².
    K logits: loss = mean over the batch of -log softmax(logits)[y].
    """
    H = len(params["W_out"]) - 1
    forward, backward = CELLS[params["W"].shape[1] // H]
    result = forward(X, params["W"])
    Hout, cache = result[0], result[-1]
    out = read_out(params, Hout[-1])
    B = len(y)
    if out.shape[1] == 1:
        e = out[:, 0] - y
        loss, d = (e**2).mean(), (2 / B * e)[:, None]
    else:
        p = np.exp(out - out.max(1)[:, None])
        p /= p.sum(1)[:, None]
        loss = -np.log(p[np.arange(B), y]).mean()
        d = (p - np.eye(8)[y]) / B
    dHout = np.zeros(Hout.shape)
    dHout[-1] = d @ params["W_out"][1:].T
    return loss, {"W": backward(dHout, cache)[1], "W_out": np.c_[np.ones(B), Hout[-1]].T @ d}
