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

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

#: The symbols of the recall task as `train` sets it.
V = 8


@dataclass
class Adam:
    """Running moments of the flat gradient, W and W_out in one vector."""

    m: np.ndarray
    v: np.ndarray
    k: int = 0

    def step(self, gradient, lr):
        # lr m̂ / (√v̂ + ε), multiplied above and below by √(1 - 0.999^k): the corrections
        # become one factor before the step and one before ε.
        self.k += 1
        self.m = self.m + 0.1 * (gradient - self.m)
        self.v = self.v + 0.001 * (gradient**2 - self.v)
        unbias_m = -np.expm1(self.k * np.log(0.9))
        root_v = np.sqrt(-np.expm1(self.k * np.log(0.999)))
        return lr * (root_v / unbias_m) * self.m / (np.sqrt(self.v) + 1e-8 * root_v)


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
    longest = 11 * T // 10
    length = int(rng.integers(T, longest, endpoint=True))
    who = np.arange(B)
    # First: the largest of ten random keys. Second: the largest among the first T // 2 - 1
    # steps, after the key of a step already chosen is put below all others.
    first = np.argmax(rng.random((10, B)), axis=0)
    candidates = np.arange(T // 2 - 1)[:, np.newaxis]
    keys = rng.random((T // 2 - 1, B))
    second = np.argmax(np.where(candidates == first, -1.0, keys), axis=0)

    steps = np.arange(length)[:, np.newaxis]
    chosen = np.logical_or(steps == first, steps == second)
    at_zero = np.logical_and(chosen, steps == 0)
    at_ends = np.logical_or(steps == 0, steps == length - 1)

    drawn = rng.uniform(-1.0, 1.0, size=(length, B))
    values = np.where(at_zero, 0.0, drawn)
    markers = np.where(at_ends, -1.0, np.where(chosen, 1.0, 0.0))
    X = np.stack([values, markers], axis=2)
    y = 0.5 + (values[first, who] + values[second, who]) / 4.0
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
    symbols = rng.integers(0, V, size=(distance + 1, B))
    query = np.full((1, B), V)
    shown = np.concatenate([symbols, query], axis=0)
    X = (shown[:, :, np.newaxis] == np.arange(V + 1)).astype(np.float64)
    return X, symbols[0].copy()


def adding_baseline():
    """Tell how well one constant guess, the mean 0.5, does on the adding problem.

    Closed forms, leaving the step-0 rule aside: X1 and X2 are independent and
    uniform on [-1, 1], the error is (X1 + X2) / 4.

    Returns a dict of floats: "mse", the mean squared error; "mae", the mean
    absolute error; "hit_rate", the share of sequences with |error| < 0.04.
    """
    # |S| = |X1 + X2| has density (2 - s)/2 on [0, 2]: a triangle of base 2 and height 1.
    # Survival function P(|S| > s) = (1 - s/2)^2, and E|S|^k = ∫ k s^(k-1) (1 - s/2)^2 ds, so
    # E|S| = ∫ (1 - s/2)^2 ds = 2/3 and E S^2 = ∫ 2 s (1 - s/2)^2 ds = 2/3. The error is S/4.
    mean_size = Fraction(2, 3)
    mean_square = Fraction(2, 3)
    threshold = 4 * Fraction(4, 100)  # |error| < 0.04 is |S| < 0.16
    survival = (1 - threshold / 2) ** 2
    return {
        "mse": float(mean_square / 16),
        "mae": float(mean_size / 4),
        "hit_rate": float(1 - survival),
    }


def paper_criterion(errors):
    """Find when training could have stopped, by the rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign.
    Returns the smallest n, counted from 0, for which the 2000 errors
    errors[n - 1999], ..., errors[n] are all below 0.04 in absolute value; None
    if there is no such n. 0.04 itself is too much, and NaN is never right.

    Worked number: 2000 zeros give 1999; 1999 zeros give None.
    """
    # Between two wrong answers (and beyond both ends) lies a run of right ones: measure gaps.
    errors = np.asarray(errors, dtype=np.float64)
    right = np.abs(errors) < 0.04
    wrong_at = np.concatenate([[-1], np.flatnonzero(~right), [errors.size]])
    run_lengths = np.diff(wrong_at) - 1
    long_runs = np.flatnonzero(run_lengths >= 2000)
    if long_runs.size == 0:
        return None
    before = wrong_at[long_runs[0]]
    return int(before + 2000)


def predict(params, X):
    """Let trained weights answer, from the last hidden state.

    params: dict with W (R, 4H), (R, 3H) or (R, H), which tells the cell, and
        W_out (1+H, K), whose row 0 is the bias. X (T, B, D).
    Returns [1, h_T] @ W_out: (B,) when K = 1, else the logits (B, K).
    """
    answer = read_out(params, last_state(params, X)[0])
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
    H = hidden_size
    draw = {
        "adding": lambda: adding_problem(T, batch_size, rng),
        "recall": lambda: recall_task(T, batch_size, V, rng),
    }[task]
    params = initial_params(task, cell, rng, H, forget_bias, input_bias)
    shapes = [params["W"].shape, params["W_out"].shape]
    theta = np.concatenate([params["W"].ravel(), params["W_out"].ravel()])
    adam = Adam(np.zeros(theta.shape), np.zeros(theta.shape))
    losses, norms = [], []
    for _ in range(updates):
        X, y = draw()
        loss, grads = loss_and_gradients(params, X, y)
        gradient = np.concatenate([grads["W"].ravel(), grads["W_out"].ravel()])
        norm = np.sqrt(gradient @ gradient)
        losses.append(float(loss))
        norms.append(float(norm))
        clipped = gradient / np.maximum(norm, 1.0)
        theta = theta - adam.step(clipped, lr)
        flat_W, flat_out = np.split(theta, [shapes[0][0] * shapes[0][1]])
        params = {"W": flat_W.reshape(shapes[0]), "W_out": flat_out.reshape(shapes[1])}
    return params, {"loss": losses, "gradient_norm": norms}


#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def read_out(params, h):
    """Read out (a helper): [1, h] @ W_out, h (B, H) to (B, K)."""
    bias, weights = np.split(params["W_out"], [1], axis=0)
    return bias + h @ weights


def last_state(params, X):
    """Run the cell W belongs to (a helper): h_T (B, H), its cache, and its backward."""
    H = params["W_out"].shape[0] - 1
    forward, backward = CELLS[params["W"].shape[1] // H]
    results = forward(X, params["W"])
    return results[-2], results[-1], backward


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    """Draw W and W_out before the first update (a helper), with the biases in place.

    W_out (1+H, K): standard normal / sqrt(H), with a bias row of zeros.
    """
    K = {"adding": 1, "recall": V}[task]
    D = {"adding": 2, "recall": V + 1}[task]
    b_f = np.broadcast_to(np.asarray(forget_bias, dtype=np.float64), (H,))
    b_i = np.broadcast_to(np.asarray(input_bias, dtype=np.float64), (H,))
    zero = np.zeros(H)
    if cell == "lstm":
        weights = init_lstm(D, H, rng)[1:]
        bias = np.concatenate([b_i, b_f, zero, zero])
    elif cell == "gru":
        weights = init_gru(D, H, rng)[1:]
        bias = np.concatenate([-b_f, zero, zero])
    else:
        weights = rng.normal(scale=1.0 / np.sqrt(D + H), size=(D + H, H))
        bias = zero
    W = np.concatenate([bias[np.newaxis, :], weights], axis=0)
    out = rng.normal(scale=1.0 / np.sqrt(H), size=(H, K))
    W_out = np.concatenate([np.zeros((1, K)), out], axis=0)
    return {"W": W, "W_out": W_out}


def loss_and_gradients(params, X, y):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params.

    One number per sequence: loss = mean (ŷ - y)².
    K logits: loss = mean over the batch of -log softmax(logits)[y].
    """
    T, B, _ = X.shape
    h, cache, backward = last_state(params, X)
    answer = read_out(params, h)
    K = answer.shape[1]
    if K == 1:
        residual = answer - y[:, np.newaxis]
        loss = np.mean(residual**2)
        danswer = 2.0 * residual / B
    else:
        log_sum = np.logaddexp.reduce(answer, axis=1, keepdims=True)
        log_p = answer - log_sum
        hit = y[:, np.newaxis] == np.arange(K)
        loss = -np.sum(np.where(hit, log_p, 0.0)) / B
        danswer = (np.exp(log_p) - hit) / B
    one_h = np.concatenate([np.ones((B, 1)), h], axis=1)
    dW_out = one_h.T @ danswer
    # hn is Hout[-1]: the loss reaches the cell as dhn, and not at all through Hout.
    dh_last = danswer @ params["W_out"][1:].T
    nothing = np.zeros((T,) + h.shape)
    gradients = backward(nothing, cache, dhn=dh_last)
    dW = gradients[1]
    return loss, {"W": dW, "W_out": dW_out}
