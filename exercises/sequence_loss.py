# Fill in the holes of sequence_loss.py; keep the names.
"""Sequence loss: padding that never counts, chunks, and whose words come next.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    V symbols in the vocabulary
    X (T, B, D), targets (T, B) of int, mask (T, B) of bool, states h (B, H)
    params: a dict, the tiny model of this exercise
        W (R, H)        rows 1, x, h:   h_t = tanh([1, x_t, h_{t-1}] @ W)
        W_out (1+H, V)  rows 1, h:      logits_t = [1, h_t] @ W_out

A mask is True where a step is real. Everywhere else is padding, and in padding
anything may stand: NaN and infinity in arrays of floats, -1 or 999 in targets.
NaN * 0 is NaN, so choose before you multiply. NumPy only, no file of yours is
imported; where a loop is like one of vanilla_rnn, look it up there.
"""

import numpy as np


def masked_mean(values, mask):
    """Average what is real.

    mean = (sum of the values where mask is True) / (how many those are)

    values (T, B) of float, mask (T, B) of bool.
    Returns mean, a float; 0.0 where nothing is real.
    Worked number: values [[1, 4], [3, NaN]] with mask [[True, True], [True,
    False]] have the mean 8 / 3 = 2.667.
    """
    # YOUR CODE HERE
    raise NotImplementedError("masked_mean")


def masked_cross_entropy(logits, targets, mask):
    """Measure how surprised the model is by what is real, and the gradient of that.

    p_t = softmax(logits_t)        N = number of real steps, over T and B together
    loss = 1/N Σ -ln p_t[target_t]              over the real steps
    dlogits_t = (p_t - onehot(target_t)) / N    where real, exactly 0 elsewhere

    logits (T, B, V), targets (T, B) of int, mask (T, B) of bool. Logits of
    ±1000 must do no harm.
    Returns loss, a float, and dlogits (T, B, V); zeros where nothing is real.
    Worked number: logits [0, ln 3] with target 1 are p = [0.25, 0.75], so the
    loss is 0.288 and dlogits [0.25, -0.25]; with a second, real step just like
    it the loss stays, and each of the two has half of that gradient.
    """
    # YOUR CODE HERE
    raise NotImplementedError("masked_cross_entropy")


def masked_step(x, h_prev, mask, W):
    """Take one step where there is one, and wait where there is none.

    h_t = tanh([1, x_t, h_{t-1}] @ W)    in rows that are real
    h_t = h_{t-1}                        in rows that are padding

    x (B, D), h_prev (B, H), mask (B,) of bool, W (R, H).
    Returns h (B, H).
    Worked number: W = [[1], [0.5], [-2]], x = 2 and h_prev = 0.5 give tanh(1) =
    0.762 where mask is True and 0.5 where it is False, whatever x is there.
    """
    # YOUR CODE HERE
    raise NotImplementedError("masked_step")


def tbptt_chunks(T, k):
    """Cut T steps into chunks of k; what is left over is the last one.

    T >= 1, k >= 1. Returns chunks, a list of pairs (start, stop), in order:
    step start is in, step stop is not.
    Worked number: T = 23, k = 6 give (0, 6), (6, 12), (12, 18), (18, 23).
    """
    # YOUR CODE HERE
    raise NotImplementedError("tbptt_chunks")


def chunk_gradients(X, targets, mask, params, h0=None):
    """Run the tiny model over one chunk, and send the loss back to its first step.

    Forward: masked_step over t, [1, h_t] @ W_out, masked_cross_entropy.
    Backward, from the last step to the first:

    dh_t = dlogits_t @ W_h^T + (what step t+1 sends back)    W_h = W_out[1:]
    real:     da_t = dh_t ⊙ (1 - h_t²), to step t-1 goes da_t @ W_hh^T
    padding:  nothing for W, and to step t-1 goes dh_t as it is

    X (T, B, D), targets (T, B), mask (T, B), params as above, h0 (B, H); None
    means zeros. h0 is a number from outside: no gradient is asked of it.
    Returns loss (a float), grads (a dict, W and W_out), hn (B, H) = the last h.
    Worked number: W as above, W_out = [[0, 0], [1, -1]], h0 = 0.5, x = 2 then
    padding, targets 0 then anything: loss 0.197, W gets -0.150, -0.301, -0.0752,
    W_out [-0.179, 0.179] and [-0.136, 0.136]; hn = 0.762.
    """
    # YOUR CODE HERE
    raise NotImplementedError("chunk_gradients")


def train_chunked(X, targets, mask, params, k, lr, h0=None):
    """Train on a long stretch chunk by chunk, one update of plain descent each.

    For every chunk of k steps, in order: loss and gradients of this chunk with
    the weights as they are now; then each array becomes array - lr * gradient.
    The last h of a chunk is the h0 of the next one: its value is handed on, no
    gradient ever comes back through it.

    Arguments as in chunk_gradients; k and lr are numbers.
    Returns params (a new dict), losses (a list, one number per chunk, each from
    before its own update), hn (B, H) = the last h. A chunk of padding only has loss 0
    and changes nothing.
    """
    # YOUR CODE HERE
    raise NotImplementedError("train_chunked")


def teacher_forced_inputs(targets, start):
    """Say what the model reads while it is taught: the truth, one step late.

    inputs_0 = start        inputs_t = targets_{t-1}

    targets (T, B) of int, what should come out at each step; start (B,) of int.
    Returns inputs (T, B) of int.
    Worked number: targets 7, 8, 9 after start 5 give the inputs 5, 7, 8.
    """
    # YOUR CODE HERE
    raise NotImplementedError("teacher_forced_inputs")


def free_running_inputs(params, start, T, h0=None):
    """Say what the model reads when nobody teaches it: its own last answer.

    inputs_0 = start        inputs_t = argmax of logits_{t-1}
    h_t = tanh([1, onehot(inputs_t), h_{t-1}] @ W)    logits_t = [1, h_t] @ W_out

    params as above with D = V; start (B,) of int; T a number; h0 (B, H), None
    means zeros. Of two equal logits the first one counts.
    Returns inputs (T, B) of int.
    """
    # YOUR CODE HERE
    raise NotImplementedError("free_running_inputs")
