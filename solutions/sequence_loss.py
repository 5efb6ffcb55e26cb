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
    ### BEGIN SOLUTION
    # subtle: values * mask would keep NaN, since NaN * 0 is NaN
    total = np.sum(np.where(mask, values, 0.0))
    # a batch of padding only has no loss, and 0 / 0 is not what to say of it
    return float(total / max(np.sum(mask), 1))
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    real = mask[:, :, None]
    # what stands in the padding is gone before anything is computed of it
    logits = np.where(real, logits, 0.0)
    targets = np.where(mask, targets, 0)
    # softmax does not notice a shift, exp does: the largest becomes 0
    shifted = logits - logits.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=2, keepdims=True))
    onehot = np.eye(logits.shape[2])[targets]  # (T, B, V)
    loss = masked_mean(-np.sum(onehot * log_p, axis=2), mask)
    count = max(np.sum(mask), 1)
    # (p_t - onehot(target_t)) / N
    dlogits = real * (np.exp(log_p) - onehot) / count
    return loss, dlogits
    ### END SOLUTION


def masked_step(x, h_prev, mask, W):
    """Take one step where there is one, and wait where there is none.

    h_t = tanh([1, x_t, h_{t-1}] @ W)    in rows that are real
    h_t = h_{t-1}                        in rows that are padding

    x (B, D), h_prev (B, H), mask (B,) of bool, W (R, H).
    Returns h (B, H).
    Worked number: W = [[1], [0.5], [-2]], x = 2 and h_prev = 0.5 give tanh(1) =
    0.762 where mask is True and 0.5 where it is False, whatever x is there.
    """
    ### BEGIN SOLUTION
    row = np.hstack([np.ones((len(x), 1)), x, h_prev])  # (B, R)
    return np.where(mask[:, None], np.tanh(row @ W), h_prev)
    ### END SOLUTION


def tbptt_chunks(T, k):
    """Cut T steps into chunks of k; what is left over is the last one.

    T >= 1, k >= 1. Returns chunks, a list of pairs (start, stop), in order:
    step start is in, step stop is not.
    Worked number: T = 23, k = 6 give (0, 6), (6, 12), (12, 18), (18, 23).
    """
    ### BEGIN SOLUTION
    return [(start, min(start + k, T)) for start in range(0, T, k)]
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    W, W_out = params["W"], params["W_out"]
    T, B, D = X.shape
    # da is zero in the padding, but 0 * NaN is NaN: no NaN may be among the rows
    X = np.where(mask[:, :, None], X, 0.0)
    h = np.zeros((B, W.shape[1])) if h0 is None else h0
    rows, states = [], []
    for t in range(T):
        rows.append(np.hstack([np.ones((B, 1)), X[t], h]))  # (B, R)
        h = masked_step(X[t], h, mask[t], W)
        states.append(h)
    read = np.concatenate([np.ones((T, B, 1)), states], axis=2)  # (T, B, 1+H)
    loss, dlogits = masked_cross_entropy(read @ W_out, targets, mask)
    dW_out = np.einsum("tbh,tbv->hv", read, dlogits)
    dHout = dlogits @ W_out[1:].T  # (T, B, H)
    dW = np.zeros_like(W)
    carried = np.zeros_like(h)
    for t in reversed(range(T)):
        real = mask[t][:, None]
        dh = dHout[t] + carried
        # da_t = dh_t ⊙ (1 - h_t²), where there was a step
        da = np.where(real, dh * (1.0 - states[t] ** 2), 0.0)
        dW += rows[t].T @ da
        carried = np.where(real, da @ W[1 + D :].T, dh)
    return loss, {"W": dW, "W_out": dW_out}, h
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    params = dict(params)
    h, losses = h0, []
    for start, stop in tbptt_chunks(len(X), k):
        here = slice(start, stop)
        loss, grads, h = chunk_gradients(X[here], targets[here], mask[here], params, h)
        losses.append(loss)
        for name, gradient in grads.items():
            # a new array: the caller's weights stay what they are
            params[name] = params[name] - lr * gradient
    return params, losses, h
    ### END SOLUTION


def teacher_forced_inputs(targets, start):
    """Say what the model reads while it is taught: the truth, one step late.

    inputs_0 = start        inputs_t = targets_{t-1}

    targets (T, B) of int, what should come out at each step; start (B,) of int.
    Returns inputs (T, B) of int.
    Worked number: targets 7, 8, 9 after start 5 give the inputs 5, 7, 8.
    """
    ### BEGIN SOLUTION
    return np.concatenate([start[None], targets[:-1]])
    ### END SOLUTION


def free_running_inputs(params, start, T, h0=None):
    """Say what the model reads when nobody teaches it: its own last answer.

    inputs_0 = start        inputs_t = argmax of logits_{t-1}
    h_t = tanh([1, onehot(inputs_t), h_{t-1}] @ W)    logits_t = [1, h_t] @ W_out

    params as above with D = V; start (B,) of int; T a number; h0 (B, H), None
    means zeros. Of two equal logits the first one counts.
    Returns inputs (T, B) of int.
    """
    ### BEGIN SOLUTION
    W, W_out = params["W"], params["W_out"]
    B, V = len(start), W_out.shape[1]
    h = np.zeros((B, W.shape[1])) if h0 is None else h0
    inputs = np.empty((T, B), int)
    symbol = start
    for t in range(T):
        inputs[t] = symbol
        h = masked_step(np.eye(V)[symbol], h, np.ones(B, bool), W)
        # what comes out here goes in there
        symbol = np.argmax(np.hstack([np.ones((B, 1)), h]) @ W_out, axis=1)
    return inputs
    ### END SOLUTION
