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
    n = rng.integers(T, int(1.1 * T + 1e-9) + 1)
    X = np.zeros((n, B, 2))
    X[:, :, 0] = rng.uniform(-1, 1, (n, B))
    b = np.arange(B)
    s1 = rng.integers(0, 10, B)
    s2 = rng.integers(0, T // 2 - 1, B)
    s2 += s2 == s1
    X[s1, b, 1] = X[s2, b, 1] = 1
    X[0, X[0, :, 1] == 1, 0] = 0
    y = 0.5 + (X[s1, b, 0] + X[s2, b, 0]) / 4
    X[[0, -1], :, 1] = -1
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
    q = np.full((1, B), V)
    X = np.eye(V + 1)[np.vstack([s, q])]
    return X, s[0]


def adding_baseline():
    """Tell how well one constant guess, the mean 0.5, does on the adding problem.

    Closed forms, leaving the step-0 rule aside: X1 and X2 are independent and
    uniform on [-1, 1], the error is (X1 + X2) / 4.

    Returns a dict of floats: "mse", the mean squared error; "mae", the mean
    absolute error; "hit_rate", the share of sequences with |error| < 0.04.
    """
    p = lambda e: 1 - (1 - 2 * e) ** 2
    return {"mse": 1 / 24, "mae": 1 / 6, "hit_rate": p(0.04)}


def paper_criterion(errors):
    """Find when training could have stopped, by the rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign.
    Returns the smallest n, counted from 0, for which the 2000 errors
    errors[n - 1999], ..., errors[n] are all below 0.04 in absolute value; None
    if there is no such n. 0.04 itself is too much, and NaN is never right.

    Worked number: 2000 zeros give 1999; 1999 zeros give None.
    """
    run = 0
    for n, e in enumerate(errors):
        run = run + 1 if abs(e) < 0.04 else 0
        if run == 2000:
            return n
    return None


def predict(params, X):
    """Let trained weights answer, from the last hidden state.

    params: dict with W (R, 4H), (R, 3H) or (R, H), which tells the cell, and
        W_out (1+H, K), whose row 0 is the bias. X (T, B, D).
    Returns [1, h_T] @ W_out: (B,) when K = 1, else the logits (B, K).
    """
    fwd, _ = CELLS[W_blocks(params)]
    out = read_out(params, fwd(X, params["W"])[0][-1])
    return out[:, 0] if out.shape[1] == 1 else out


def train(
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
    draw = {
        "adding": lambda: adding_problem(T, batch_size, rng),
        "recall": lambda: recall_task(T, batch_size, V, rng),
    }[task]
    m = {k: np.zeros_like(w) for k, w in params.items()}
    v = {k: np.zeros_like(w) for k, w in params.items()}
    history = {"loss": [], "gradient_norm": []}
    for step in range(1, updates + 1):
        loss, grads = loss_and_gradients(params, *draw())
        norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
        history["loss"].append(loss)
        history["gradient_norm"].append(norm)
        for k, g in grads.items():
            g = g / max(norm, 1)
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            mh, vh = m[k] / (1 - 0.9**step), v[k] / (1 - 0.999**step)
            params[k] = params[k] - lr * mh / np.sqrt(vh + 1e-8)
    return params, history


#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def W_blocks(params):
    """Count the blocks of H columns in W."""
    return params["W"].shape[1] // (len(params["W_out"]) - 1)


def read_out(params, h):
    """Read out (a helper): [1, h] @ W_out, h (B, H) to (B, K)."""
    return params["W_out"][0] + h @ params["W_out"][1:]


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    """Draw W and W_out before the first update (a helper), with the biases in place.

    W_out (1+H, K): standard normal / sqrt(H), with a bias row of zeros.
    """
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, 0.0)
        W[0, :H], W[0, H : 2 * H] = input_bias, forget_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] = -np.asarray(forget_bias)
    else:
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0
    W_out = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    W_out[0] = 0
    return {"W": W, "W_out": W_out}


def loss_and_gradients(params, X, y):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params.

    One number per sequence: loss = mean (ŷ - y)².
    K logits: loss = mean over the batch of -log softmax(logits)[y].
    """
    W, W_out = params["W"], params["W_out"]
    fwd, bwd = CELLS[W_blocks(params)]
    Hout, *_, cache = fwd(X, W)
    h, B = Hout[-1], len(y)
    out = read_out(params, h)
    if out.shape[1] == 1:
        e = out[:, 0] - y
        loss, d = np.mean(e**2), 2 * e[:, None] / B
    else:
        s = out - out.max(axis=1, keepdims=True)
        logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        loss = -np.mean(logp[np.arange(B), y])
        d = (np.exp(logp) - np.eye(out.shape[1])[y]) / B
    dHout = np.zeros_like(Hout)
    dHout[-1] = d @ W_out[1:].T
    dW = bwd(dHout, cache)[1]
    dW_out = np.vstack([d.sum(axis=0), h.T @ d])
    return loss, {"W": dW, "W_out": dW_out}
