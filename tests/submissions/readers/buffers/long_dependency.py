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


class Adam:
    """Adam with its moments in preallocated arrays, updating params in place."""

    def __init__(self, params, lr):
        self.lr = lr
        self.k = 0
        self.m = {name: np.zeros_like(w) for name, w in params.items()}
        self.v = {name: np.zeros_like(w) for name, w in params.items()}

    def step(self, params, grads):
        """Move all params once."""
        self.k += 1
        for name, w in params.items():
            m, v, d = self.m[name], self.v[name], grads[name]
            np.multiply(m, 0.9, out=m)
            np.add(m, 0.1 * d, out=m)
            np.multiply(v, 0.999, out=v)
            np.add(v, 0.001 * d * d, out=v)
            m_hat = m / (1.0 - 0.9**self.k)
            v_hat = v / (1.0 - 0.999**self.k)
            np.sqrt(v_hat, out=v_hat)
            np.add(v_hat, 1e-8, out=v_hat)
            np.subtract(w, self.lr * m_hat / v_hat, out=w)


class Clipper:
    """Scale all gradients in place to a common norm of max_norm at most."""

    def __init__(self, max_norm):
        self.max_norm = max_norm
        self.norm = np.zeros(())

    def __call__(self, grads):
        """Return the norm before."""
        self.norm.fill(0.0)
        for d in grads.values():
            np.add(self.norm, np.sum(d * d), out=self.norm)
        np.sqrt(self.norm, out=self.norm)
        if self.norm > self.max_norm:
            for d in grads.values():
                np.multiply(d, self.max_norm / self.norm, out=d)
        return self.norm


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
    length = int(rng.integers(T, T + T // 10))
    X = np.zeros((length, B, 2))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (length, B))
    batch = np.arange(B)
    first = rng.integers(0, 10, B)
    second = rng.integers(0, T // 2 - 1, B)
    np.add(second, second >= first, out=second)
    X[first, batch, 1] = 1.0
    X[second, batch, 1] = 1.0
    zero = (first == 0) | (second == 0)
    X[0, zero, 0] = 0.0
    X[0, :, 1] = -1.0
    X[-1, :, 1] = -1.0
    y = np.add(X[first, batch, 0], X[second, batch, 0])
    np.multiply(y, 0.25, out=y)
    np.add(y, 0.5, out=y)
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
    symbols = rng.integers(0, V, (distance + 1, B))
    X = np.zeros((distance + 2, B, V + 1))
    steps, batch = np.indices(symbols.shape)
    X[steps, batch, symbols] = 1.0
    X[-1, :, V] = 1.0
    return X, symbols[0].copy()


def adding_baseline():
    """Tell how well one constant guess, the mean 0.5, does on the adding problem.

    Closed forms, leaving the step-0 rule aside: X1 and X2 are independent and
    uniform on [-1, 1], the error is (X1 + X2) / 4.

    Returns a dict of floats: "mse", the mean squared error; "mae", the mean
    absolute error; "hit_rate", the share of sequences with |error| < 0.04.
    """
    s = 4 * 0.04
    return {"mse": 1 / 24, "mae": 1 / 6, "hit_rate": s - s * s / 4}


def paper_criterion(errors):
    """Find when training could have stopped, by the rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign.
    Returns the smallest n, counted from 0, for which the 2000 errors
    errors[n - 1999], ..., errors[n] are all below 0.04 in absolute value; None
    if there is no such n. 0.04 itself is too much, and NaN is never right.

    Worked number: 2000 zeros give 1999; 1999 zeros give None.
    """
    good = np.abs(np.asarray(errors, dtype=np.float64)) < 0.04
    run = 0
    for n, right in enumerate(good):
        run = run + 1 if right else 0
        if run == 2000:
            return n
    return None


def predict(params, X):
    """Let trained weights answer, from the last hidden state.

    params: dict with W (R, 4H), (R, 3H) or (R, H), which tells the cell, and
        W_out (1+H, K), whose row 0 is the bias. X (T, B, D).
    Returns [1, h_T] @ W_out: (B,) when K = 1, else the logits (B, K).
    """
    H = params["W_out"].shape[0] - 1
    forward = CELLS[params["W"].shape[1] // H][0]
    answer = read_out(params, forward(X, params["W"])[0][-1])
    return answer[:, 0] if answer.shape[1] == 1 else answer


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
    adam = Adam(params, lr)
    clip = Clipper(1.0)
    history = {"loss": [], "gradient_norm": []}
    for _ in range(updates):
        if task == "adding":
            X, y = adding_problem(T, batch_size, rng)
        else:
            X, y = recall_task(T, batch_size, V, rng)
        loss, grads = loss_and_gradients(params, X, y)
        norm = clip(grads)
        adam.step(params, grads)
        history["loss"].append(loss)
        history["gradient_norm"].append(norm)
    return params, history


#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def read_out(params, h):
    """Read out (a helper): [1, h] @ W_out, h (B, H) to (B, K)."""
    answer = np.matmul(h, params["W_out"][1:])
    np.add(answer, params["W_out"][0], out=answer)
    return answer


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    """Draw W and W_out before the first update (a helper), with the biases in place.

    W_out (1+H, K): standard normal / sqrt(H), with a bias row of zeros.
    """
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, 0.0)
        W[0, :H] = input_bias
        W[0, H : 2 * H] = forget_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] = np.negative(forget_bias)
    else:
        W = np.zeros((1 + D + H, H))
        np.divide(rng.standard_normal((D + H, H)), np.sqrt(D + H), out=W[1:])
    W_out = np.zeros((1 + H, K))
    np.divide(rng.standard_normal((H, K)), np.sqrt(H), out=W_out[1:])
    return {"W": W, "W_out": W_out}


def loss_and_gradients(params, X, y):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params.

    One number per sequence: loss = mean (ŷ - y)².
    K logits: loss = mean over the batch of -log softmax(logits)[y].
    """
    W, W_out = params["W"], params["W_out"]
    H = W_out.shape[0] - 1
    forward, backward = CELLS[W.shape[1] // H]
    result = forward(X, W)
    Hout, cache = result[0], result[-1]
    B = X.shape[1]
    answer = read_out(params, Hout[-1])
    if W_out.shape[1] == 1:
        error = np.subtract(answer, y[:, None])
        loss = float(np.mean(error**2))
        dy = np.multiply(error, 2.0 / B)
    else:
        batch = np.arange(B)
        np.subtract(answer, answer.max(axis=1, keepdims=True), out=answer)
        log_p = answer - np.log(np.sum(np.exp(answer), axis=1, keepdims=True))
        loss = float(-np.mean(log_p[batch, y]))
        dy = np.exp(log_p)
        dy[batch, y] -= 1.0
        np.divide(dy, B, out=dy)
    dHout = np.zeros_like(Hout)
    np.matmul(dy, W_out[1:].T, out=dHout[-1])
    dW_out = np.empty_like(W_out)
    np.sum(dy, axis=0, out=dW_out[0])
    np.matmul(Hout[-1].T, dy, out=dW_out[1:])
    return loss, {"W": backward(dHout, cache)[1], "W_out": dW_out}
