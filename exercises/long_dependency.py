# Fill in the holes of long_dependency.py; keep the names.
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
        then one of the first T // 2 - 1 steps, the one just chosen left out.
    If step 0 is chosen, its marker stays -1 and its value becomes 0.

    y = 0.5 + (X1 + X2) / 4, X1 and X2 being the values at the chosen steps.
    Worked number: values 0.8 and -0.4 at the chosen steps give y = 0.6; a
    value -0.4 and the chosen step 0 give y = 0.4.

    Returns X (T', B, 2) and y (B,).
    """
    # YOUR CODE HERE
    raise NotImplementedError("adding_problem")


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
    # YOUR CODE HERE
    raise NotImplementedError("recall_task")


def adding_baseline():
    """Tell how well one constant guess, the mean 0.5, does on the adding problem.

    Closed forms, leaving the step-0 rule aside: X1 and X2 are independent and
    uniform on [-1, 1], the error is (X1 + X2) / 4.

    Returns a dict of floats: "mse", the mean squared error; "mae", the mean
    absolute error; "hit_rate", the share of sequences with |error| < 0.04.
    """
    # YOUR CODE HERE
    raise NotImplementedError("adding_baseline")


def paper_criterion(errors):
    """Find when training could have stopped, by the rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign.
    Returns the smallest n, counted from 0, for which the 2000 errors
    errors[n - 1999], ..., errors[n] are all below 0.04 in absolute value; None
    if there is no such n. 0.04 itself is too much, and NaN is never right.

    Worked number: 2000 zeros give 1999; 1999 zeros give None.
    """
    # YOUR CODE HERE
    raise NotImplementedError("paper_criterion")


def predict(params, X):
    """Let trained weights answer, from the last hidden state.

    params: dict with W (R, 4H), (R, 3H) or (R, H), which tells the cell, and
        W_out (1+H, K), whose row 0 is the bias. X (T, B, D).
    Returns [1, h_T] @ W_out: (B,) when K = 1, else the logits (B, K).
    """
    # YOUR CODE HERE
    raise NotImplementedError("predict")


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    """Train a cell on a task, with a fresh batch for every update.

    task "adding": batches of adding_problem(T, ...), loss = mean (ŷ - y)².
    task "recall": batches of recall_task(T, ...) with V = 8 symbols, loss =
        mean cross-entropy of the 8 logits.
    cell "lstm", "gru" or "rnn": your own forward and backward.
    forget_bias, input_bias: a number or one per unit, (H,): the bias of the
        forget and of the input gate before the first update, in place of any
        that init_lstm gave them. A GRU has one bias to set: its z overwrites,
        so -forget_bias goes to z. An RNN has none. All other biases start at
        zero, that of W_out too.
    Update: the gradient of the batch, scaled down to norm 1 where the norm of
        dW and dW_out together is larger, then one step of Adam (0.9, 0.999,
        1e-8, bias-corrected) with learning rate lr.

    Returns params, a dict of arrays W (course layout) and W_out (1+H, K), K =
    1 or 8; and history, a dict of two lists or arrays, a number per update in
    each: "loss" of the batch before the update, and "gradient_norm" before it
    is scaled down.
    """
    # YOUR CODE HERE
    raise NotImplementedError("train")


#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def read_out(params, h):
    """Read out (a helper): [1, h] @ W_out, h (B, H) to (B, K)."""
    # YOUR CODE HERE
    raise NotImplementedError("read_out")


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    """Draw W and W_out before the first update (a helper), with the biases in place.

    W_out (1+H, K): standard normal / sqrt(H), with a bias row of zeros.
    """
    # YOUR CODE HERE
    raise NotImplementedError("initial_params")


def loss_and_gradients(params, X, y):
    """Compute the loss of one batch (a helper), and its gradients, a dict like params.

    One number per sequence: loss = mean (ŷ - y)².
    K logits: loss = mean over the batch of -log softmax(logits)[y].
    """
    # YOUR CODE HERE
    raise NotImplementedError("loss_and_gradients")
