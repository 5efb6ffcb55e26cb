"""LSTM 1997: the network, the six experiments and the yardsticks of the first paper.

Notation (the whole key is in exercises/README.md), and what 1997 adds to it:

    B batch   T time steps   D input features   K outputs   everything float64
    b blocks of S cells each: C = b S cells, U = b (2 + S) hidden units
    R = 1 + D + U
    W (R, U): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent, the units
              in the order of the columns: b input gates | b output gates | C
              cells, block after block
    W_out (1+C, K): row 0 = bias; only the cells are read out
    s (B, C): the cells' inner states (c in the rest of the course)

A block is S cells that share an input and an output gate. There is no forget
gate. The gates' activations feed back to all units as well as the cells'. A W
tells all its sizes, given W_out: b = (U - C) / 2.

This file needs no other exercise. NumPy only.
"""

import numpy as np

#: The Reber grammar: from each state two symbols, and where they lead; 5 is the end.
GRAMMAR = [
    {"T": 1, "P": 2},
    {"S": 1, "X": 3},
    {"T": 2, "V": 4},
    {"X": 2, "S": 5},
    {"P": 3, "V": 5},
]
#: The seven symbols in the order of the network's inputs and outputs.
SYMBOLS = "BTPSXVE"


# --- the network ----------------------------------------------------------------


def count_weights_1997(
    inputs, outputs, blocks, size, biases="hidden", output_gates=True, recurrent=True, direct=False
):
    """Count the weights of a network of 1997.

    All hidden units (cells and gates) see all inputs and, if `recurrent`, all
    hidden units. The outputs see the cells and, if `direct`, the inputs too.
    output_gates: without them a block has an input gate only.
    biases: which units have one: "none", "gates", "hidden" (gates and cells) or
        "all" (hidden units and outputs).

    Returns an int.
    Worked number: inputs 2, outputs 1, 2 blocks of 2, biases "all" make 93.
    """
    ### BEGIN SOLUTION
    cells = blocks * size
    gates = blocks * (1 + output_gates)
    hidden = gates + cells
    biased = {"none": 0, "gates": gates, "hidden": hidden, "all": hidden + outputs}[biases]
    seen_by_hidden = inputs + recurrent * hidden
    seen_by_output = cells + direct * inputs
    return hidden * seen_by_hidden + outputs * seen_by_output + biased
    ### END SOLUTION


def squash_g(a):
    """Squash what enters a cell into [-2, 2]: g(a) = 4σ(a) - 2.

    No overflow, however large a is. Worked number: g(1) = 0.924.
    """
    ### BEGIN SOLUTION
    # 4σ(a) - 2 = 2 (2σ(a) - 1) = 2 tanh(a / 2)
    return 2.0 * np.tanh(0.5 * a)
    ### END SOLUTION


def squash_h(s):
    """Squash what leaves a cell into [-1, 1]: h(s) = 2σ(s) - 1.

    No overflow, however large s is. Worked number: h(1) = 0.462.
    """
    ### BEGIN SOLUTION
    return np.tanh(0.5 * s)
    ### END SOLUTION


def init_block(D, blocks, size, K, rng, scale=0.1, input_bias=0.0, output_bias=0.0):
    """Draw initial weights, uniform on [-scale, scale], biases included.

    input_bias, output_bias: a number or one per block, (b,), added to the bias
        of the input gates and of the output gates.

    Returns W (R, U) and W_out (1+C, K).
    """
    ### BEGIN SOLUTION
    cells = blocks * size
    units = 2 * blocks + cells
    W = rng.uniform(-scale, scale, (1 + D + units, units))
    W[0, :blocks] += input_bias
    W[0, blocks : 2 * blocks] += output_bias
    W_out = rng.uniform(-scale, scale, (1 + cells, K))
    return W, W_out
    ### END SOLUTION


def block_forward(X, W, W_out, s0=None):
    """Run a network of 1997 over a batch of sequences.

    [a_in | a_out | a_c] = [1, x_t, u_{t-1}] @ W          u_0 = 0
    y_in, y_out = σ(a_in), σ(a_out)                       one per block
    s_t = s_{t-1} + y_in g(a_c)                           y_in of the cell's block
    y_c = y_out h(s_t)
    u_t = [y_in | y_out | y_c]                            what the units say at t
    Y_t = σ([1, y_c] @ W_out)

    X (T, B, D), W (R, U), W_out (1+C, K), s0 (B, C); None means zeros.
    Leave the arguments as they are; others still need them.
    Returns Y (T, B, K), S (T, B, C), every s_t, in this order, and cache:
    whatever your two backward functions will need.
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    C, U = len(W_out) - 1, W.shape[1]
    b = (U - C) // 2
    ones, u = np.ones((B, 1)), np.zeros((B, U))
    s = np.zeros((B, C)) if s0 is None else s0
    rows, units = np.empty((T, B, len(W))), np.empty((T, B, U))
    S, G = np.empty((T, B, C)), np.empty((T, B, C))
    for t in range(T):
        rows[t] = np.hstack([ones, X[t], u])
        a = rows[t] @ W
        gates = sigmoid(a[:, : 2 * b])
        G[t] = squash_g(a[:, 2 * b :])
        # s_t = s_{t-1} + y_in g(a_c): nothing is multiplied with s_{t-1}
        s = s + per_cell(gates[:, :b], C) * G[t]
        y_c = per_cell(gates[:, b:], C) * squash_h(s)
        S[t] = s
        # subtle: the gates feed back as well as the cells
        u = np.hstack([gates, y_c])
        units[t] = u
    Y = sigmoid(W_out[0] + units[:, :, 2 * b :] @ W_out[1:])
    cache = (W, W_out, rows, units, G, S, Y)
    return Y, S, cache
    ### END SOLUTION


def block_backward(dY, cache, dS=None):
    """Carry a gradient back through block_forward: the whole of it.

    The loss is any number made of Y and S: dY (T, B, K) is its gradient with
    respect to every Y_t, dS (T, B, C) the one with respect to every s_t; None
    means zeros. cache is what your own block_forward returned.

    Leave the arguments as they are.
    Returns dX (T, B, D), dW (R, U), dW_out (1+C, K), ds0 (B, C), in this order.
    """
    ### BEGIN SOLUTION
    W, W_out, rows, units, G, S, _ = cache
    T, B, C = S.shape
    U = W.shape[1]
    b, D = (U - C) // 2, len(W) - 1 - U
    da_k, dW_out = through_output(dY, cache)
    dX, dW = np.empty((T, B, D)), np.zeros_like(W)
    du, ds = np.zeros((B, U)), np.zeros((B, C))
    for t in reversed(range(T)):
        gates = units[t, :, : 2 * b]
        y_in, y_out = per_cell(gates[:, :b], C), per_cell(gates[:, b:], C)
        h = squash_h(S[t])
        # a cell's output is read by the outputs, and by every unit at t + 1
        dy_c = da_k[t] @ W_out[1:].T + du[:, 2 * b :]
        # h' = (1 - h²) / 2;   what came from s_{t+1} comes undiminished
        ds = ds + dy_c * y_out * (1.0 - h**2) / 2.0
        if dS is not None:
            ds = ds + dS[t]
        dgates = np.hstack([per_block(ds * G[t], b), per_block(dy_c * h, b)]) + du[:, : 2 * b]
        # g' = (4 - g²) / 4
        da_c = ds * y_in * (1.0 - G[t] ** 2 / 4.0)
        da = np.hstack([dgates * gates * (1.0 - gates), da_c])  # (B, U)
        dW += rows[t].T @ da
        drow = da @ W.T  # (B, R)
        dX[t] = drow[:, 1 : 1 + D]
        du = drow[:, 1 + D :]
    return dX, dW, dW_out, ds
    ### END SOLUTION


def block_backward_truncated(dY, cache, dS=None):
    """Carry a gradient back the way of 1997: cut off at every net input.

    What arrives at a_in, a_out or a_c changes the weights that lead there, and
    goes no further: not to u_{t-1}. Only inside a cell, from s_t to s_{t-1},
    it travels on, and there it is multiplied with 1:

    ds_t = ds_{t+1} + dS_t + (what reaches s_t from Y_t)

    Returns dW (R, U), dW_out (1+C, K), ds0 (B, C), in this order.
    """
    ### BEGIN SOLUTION
    _, W_out, rows, units, G, S, _ = cache
    C, U = S.shape[2], units.shape[2]
    b = (U - C) // 2
    da_k, dW_out = through_output(dY, cache)
    gates, h = units[:, :, : 2 * b], squash_h(S)
    y_in, y_out = per_cell(gates[:, :, :b], C), per_cell(gates[:, :, b:], C)
    dy_c = da_k @ W_out[1:].T
    arriving = dy_c * y_out * (1.0 - h**2) / 2.0
    if dS is not None:
        arriving = arriving + dS
    # no loop is left: ds_t is the sum of what arrives from t on
    ds = np.cumsum(arriving[::-1], axis=0)[::-1]
    dgates = np.concatenate([per_block(ds * G, b), per_block(dy_c * h, b)], axis=2)
    da_c = ds * y_in * (1.0 - G**2 / 4.0)
    da = np.concatenate([dgates * gates * (1.0 - gates), da_c], axis=2)
    dW = np.einsum("tbr,tbu->ru", rows, da)
    return dW, dW_out, ds[0]
    ### END SOLUTION


def block_forward_forget(X, W, W_out, s0=None):
    """Run the same network with forget gates, as of 1999.

    A third gate per block: U = b (3 + S), and the units come in the order b
    input gates | b output gates | b forget gates | C cells.

    s_t = y_forget s_{t-1} + y_in g(a_c)                  all else as above

    Returns Y (T, B, K) and S (T, B, C).
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    C, U = len(W_out) - 1, W.shape[1]
    b = (U - C) // 3
    u = np.zeros((B, U))
    s = np.zeros((B, C)) if s0 is None else s0
    Y, S = np.empty((T, B, W_out.shape[1])), np.empty((T, B, C))
    for t in range(T):
        a = np.hstack([np.ones((B, 1)), X[t], u]) @ W
        gates = sigmoid(a[:, : 3 * b])
        y_in, y_out, y_forget = (per_cell(y, C) for y in np.split(gates, 3, axis=1))
        s = y_forget * s + y_in * squash_g(a[:, 3 * b :])
        y_c = y_out * squash_h(s)
        u = np.hstack([gates, y_c])
        Y[t], S[t] = sigmoid(W_out[0] + y_c @ W_out[1:]), s
    return Y, S
    ### END SOLUTION


# --- the six experiments ----------------------------------------------------------


def embedded_reber(rng):
    """Draw a string of the embedded Reber grammar (experiment 1).

    "B", then "T" or "P", then a string of the Reber grammar, then the same "T"
    or "P" again, then "E". A string of the Reber grammar: "B", the symbols of a
    walk through GRAMMAR from state 0 to state 5, "E". Every choice is fair.

    Returns a text, e.g. "BTBTXSETE", the shortest there is, or "BPBPVVEPE".
    """
    ### BEGIN SOLUTION
    wrapper = "TP"[rng.integers(2)]
    walk, state = "", 0
    while state != 5:
        symbol = list(GRAMMAR[state])[rng.integers(2)]
        walk, state = walk + symbol, GRAMMAR[state][symbol]
    return f"B{wrapper}B{walk}E{wrapper}E"
    ### END SOLUTION


def legal_successors(string):
    """Tell which symbols may follow each symbol of an embedded Reber string.

    string: of N symbols, as embedded_reber returns it.
    Returns a bool array (N-1, 7), columns in the order of SYMBOLS: row t says
    what may stand at t + 1, given string[: t + 1].
    Worked number: the rows of "BTBTXSETE" allow TP, B, TP, SX, XS, E, T, E.
    """
    ### BEGIN SOLUTION
    allowed, state = ["TP", "B", "TP"], 0
    for symbol in string[3:-3]:
        state = GRAMMAR[state][symbol]
        allowed.append("".join(GRAMMAR[state]) if state != 5 else "E")
    # only here the second symbol matters, many steps later
    allowed += [string[1], "E"]
    return np.array([[symbol in some for symbol in SYMBOLS] for some in allowed])
    ### END SOLUTION


def most_active(Y, legal):
    """Tell whether, at each step, every legal output is more active than every other one.

    Y (N-1, 7): what the network says, legal: (N-1, 7) bool. This is what the
    paper counts as a success on a string: not one step may be wrong.
    Returns a bool.
    """
    ### BEGIN SOLUTION
    least_legal = np.where(legal, Y, np.inf).min(axis=1)
    most_illegal = np.where(legal, -np.inf, Y).max(axis=1)
    return bool(np.all(least_legal > most_illegal))
    ### END SOLUTION


def long_lag_next(p, B, rng, random=False):
    """Draw sequences of experiments 2a and 2b: after p steps, the first symbol again.

    p + 1 symbols: x or y, then p - 1 symbols in between, then x or y once more,
    the same. 2a: in between stand a_1, ..., a_{p-1}, in this order; 2b (random):
    p - 1 symbols drawn from these, with repetition. One-hot, columns a_1, ...,
    a_{p-1}, x, y.

    Returns X (p, B, p+1), all symbols but the last, and Y (p, B, p+1), all but
    the first: at every step the next symbol is asked for.
    """
    ### BEGIN SOLUTION
    symbols = np.empty((p + 1, B), int)
    if random:
        symbols[1:p] = rng.integers(p - 1, size=(p - 1, B))
    else:
        symbols[1:p] = np.arange(p - 1)[:, None]
    symbols[[0, p]] = p - 1 + rng.integers(2, size=B)
    onehot = np.eye(p + 1)[symbols]
    return onehot[:-1], onehot[1:]
    ### END SOLUTION


def long_lag_final(q, p, B, rng):
    """Draw sequences of experiment 2c: x or y, asked for after q distractors or more.

    b, then x or y, then q + k distractors out of a_1, ..., a_p, then e. One k
    per batch: after q distractors, each further one comes with probability 9/10,
    so k has the probability 0.9^k / 10. One-hot, columns a_1, ..., a_p, b, e, x, y.

    Returns X (q + k + 3, B, p+4) and y (B,), whole numbers: 0 for x, 1 for y.
    """
    ### BEGIN SOLUTION
    k = rng.geometric(0.1) - 1
    y = rng.integers(2, size=B)
    symbols = rng.integers(p, size=(q + k + 3, B))
    symbols[0], symbols[1], symbols[-1] = p, p + 2 + y, p + 1
    return np.eye(p + 4)[symbols], y
    ### END SOLUTION


def two_sequences(variant, T, N, B, rng):
    """Draw sequences of experiment 3: two classes, told apart by the first N values.

    One length T' per batch, uniform on T, ..., floor(1.1 T). The first N values
    are +1 (class 1) or -1 (class 2), all later ones Gaussian noise of mean 0
    and variance 0.2. Variants "a", "b", "c":
    "b": the same noise is added to the first N values, too.
    "c": the inputs are those of "a"; the targets are 0.2 for class 1 and 0.8 for
        class 2, plus Gaussian noise of mean 0 and variance 0.1.
    In "a" and "b" the targets are 1 for class 1 and 0 for class 2.

    Returns X (T', B, 1), y (B,) and clean (B,): y without noise.
    """
    ### BEGIN SOLUTION
    length = rng.integers(T, 11 * T // 10, endpoint=True)
    first = rng.integers(2, size=B)  # 1 for class 1
    X = rng.normal(0.0, np.sqrt(0.2), (length, B, 1))
    told = 2.0 * first[:, None] - 1.0
    X[:N] = told + X[:N] if variant == "b" else told
    if variant == "c":
        clean = np.where(first == 1, 0.2, 0.8)
        return X, clean + rng.normal(0.0, np.sqrt(0.1), B), clean
    clean = first.astype(float)
    return X, clean.copy(), clean
    ### END SOLUTION


def marked_pairs(task, T, B, rng):
    """Draw sequences of experiments 4 and 5: add, or multiply, the two marked values.

    One length T' per batch, uniform on T, ..., floor(1.1 T); T >= 22.
    X[:, :, 0]: values, uniform on [-1, 1] ("adding") or [0, 1] ("multiplication").
    X[:, :, 1]: markers. -1 at the first and the last step, 1 at two steps, else
        0. First one of the steps 0..9 is marked, then one of the first
        T // 2 - 1 others: with T = 40, one of the 19 others of 0..19.
    If step 0 is marked, its marker stays -1, and its value becomes what does
    nothing: 0 when adding, 1 when multiplying.

    y = 0.5 + (X1 + X2) / 4, or X1 X2.
    Returns X (T', B, 2) and y (B,).
    """
    ### BEGIN SOLUTION
    adding = task == "adding"
    length = rng.integers(T, 11 * T // 10, endpoint=True)
    values = rng.uniform(-1.0 if adding else 0.0, 1.0, (length, B))
    first = rng.integers(10, size=B)
    second = rng.integers(T // 2 - 1, size=B)
    # subtle: T // 2 - 1 steps are free besides the first one, so step over it
    second += second >= first
    values[0, (first == 0) | (second == 0)] = 0.0 if adding else 1.0
    each = np.arange(B)
    markers = np.zeros((length, B))
    markers[first, each] = markers[second, each] = 1.0
    markers[[0, -1]] = -1.0
    X1, X2 = values[first, each], values[second, each]
    y = 0.5 + (X1 + X2) / 4.0 if adding else X1 * X2
    return np.stack([values, markers], axis=2), y
    ### END SOLUTION


def temporal_order(count, B, rng):
    """Draw sequences of experiment 6: the order in which X and Y came is asked for.

    One length T' per batch, uniform on 100, ..., 110. E at step 0, B at the last
    step, in between a, b, c or d, each equally likely; but at `count` steps X or Y.
    count 2 (6a): one of the steps 10..20 and one of 50..60.
    count 3 (6b): one each of the steps 10..20, 33..43 and 66..76.
    One-hot, columns a, b, c, d, X, Y, E, B.

    Returns X (T', B, 8) and y (B,), the class: the X and Y read as binary digits
    0 and 1, the first one counting most. X, Y is class 1; Y, X, Y is class 5.
    """
    ### BEGIN SOLUTION
    length = rng.integers(100, 110, endpoint=True)
    symbols = rng.integers(4, size=(length, B))
    symbols[0], symbols[-1] = 6, 7
    y = np.zeros(B, int)
    for start in {2: (10, 50), 3: (10, 33, 66)}[count]:
        digit = rng.integers(2, size=B)
        symbols[rng.integers(start, start + 10, size=B, endpoint=True), np.arange(B)] = 4 + digit
        y = 2 * y + digit
    return np.eye(8)[symbols], y
    ### END SOLUTION


def stopping(errors, tolerance=0.04, window=2000, wrong=0, mean=None):
    """Find when training could have stopped, by a rule of 1997.

    errors (N,): one error per training sequence, in order, of either sign,
        taken before the network learns from it. An error is right if it is
        below tolerance in absolute value; NaN never is.
    Returns the smallest n, counted from 0, for which the last `window` errors,
    errors[n - window + 1], ..., errors[n], have at most `wrong` that are not
    right and, if a mean is given, average less than it in absolute value; None
    if there is no such n.

    Worked number: the adding problem stops by stopping(errors, mean=0.01); one
    with 2000 errors of 0.03 is all right and does not stop.
    """
    ### BEGIN SOLUTION
    size = np.abs(errors)
    missed = np.concatenate([[0], np.cumsum(~(size < tolerance))])
    for n in range(window - 1, len(size)):
        if missed[n + 1] - missed[n + 1 - window] > wrong:
            continue
        if mean is None or np.mean(size[n + 1 - window : n + 1]) < mean:
            return n
    return None
    ### END SOLUTION


# --- reading a log ------------------------------------------------------------------


def constant_predictor(low, high):
    """Tell what the adding problem looks like to a network that has learnt nothing.

    The values are uniform on [low, high], the target is 0.5 + (X1 + X2) / 4, the
    answer is always the mean of the targets. Closed forms, leaving the rule of
    step 0 aside.

    Returns a dict of floats: "mean", that answer; "mse"; "half_mse"; "mae", the
    mean absolute error; "max", the largest error there can be.
    Worked number: on [0, 1] the answer is 0.75, and mae = 1/12 = 0.0833.
    """
    ### BEGIN SOLUTION
    width = high - low
    # Var(X1 + X2) / 16 = 2 (width² / 12) / 16
    mse = width**2 / 96.0
    return {
        "mean": 0.5 + (low + high) / 4.0,
        "mse": mse,
        "half_mse": mse / 2.0,
        # the sum has a triangle for its density: E|sum - mean| = width / 3
        "mae": width / 12.0,
        "max": width / 4.0,
    }
    ### END SOLUTION


def diagnose(log):
    """Read a training log: say what is wrong, and whether anything has been learnt.

    log: a dict of arrays.
        predictions (N,), targets (N,)      of fresh sequences
        markers (T, N)                      1 where a value is marked
        input_gates (T, N, b)               activations y_in
        S (T, N, C)                         the cells' inner states
        recurrent_gradient (U, U)           gradient of the recurrent rows of W

    Returns a dict of bools:
    "constant"      the predictions' standard deviation is below a tenth of the targets'
    "learning"      the mean squared error is below half of the targets' variance
    "closed"        at the marked steps the input gates, averaged over all blocks,
                    are below 0.1
    "no_recurrent_gradient"     every entry is exactly 0.0; a small one is not
    "drift"         for more than half of the last states s_T, h'(s_T) is below a
                    tenth of h'(0), the largest there is
    """
    ### BEGIN SOLUTION
    predictions, targets = log["predictions"], log["targets"]
    error = np.mean((predictions - targets) ** 2)
    marked = log["input_gates"][log["markers"] == 1.0]
    # h' = (1 - h²) / 2, h'(0) = 1/2
    slope = 1.0 - squash_h(log["S"][-1]) ** 2
    return {
        "constant": bool(np.std(predictions) < 0.1 * np.std(targets)),
        "learning": bool(error < 0.5 * np.var(targets)),
        "closed": bool(np.mean(marked) < 0.1),
        "no_recurrent_gradient": not np.any(log["recurrent_gradient"]),
        "drift": bool(np.mean(slope < 0.1) > 0.5),
    }
    ### END SOLUTION


def read_attempts():
    """Say what each of the six attempts of the log in the handout shows.

    Returns a list of six words, attempt 1 first, each one of
    "mean"          it answers the mean of the targets, and nothing else
    "learning"      it has learnt more than the mean, and is far from the criterion
    "nearly"        it has learnt the task, and is at the edge of the criterion
    "contradiction" what is reported cannot have happened in the way it is said
    """
    ### BEGIN SOLUTION
    return ["mean", "mean", "contradiction", "learning", "nearly", "mean"]
    ### END SOLUTION


def pretrain_gates(W, blocks):
    """Make the input gates of an adding network answer to the marker beforehand.

    W (R, U) with D = 2, input 0 the value, input 1 the marker. With u = 0, the
    input gates shall be 0.05 where the marker is 0, 0.95 where it is 1 and at most
    0.05 where it is -1, whatever the value is: each within 0.02, by training
    or otherwise. Everything but rows 0..2 of the input gates' columns stays.

    Returns a new W; the one that was given stays as it is.
    """
    ### BEGIN SOLUTION
    # σ(β) = 0.05 and σ(β + w) = 0.95: two equations, two unknowns, no training
    beta = np.log(0.05 / 0.95)
    W = W.copy()
    W[0, :blocks] = beta
    W[1, :blocks] = 0.0
    W[2, :blocks] = -2.0 * beta
    return W
    ### END SOLUTION


# --- helpers: nobody calls them but you; change or drop them as you like ---------------


def sigmoid(a):
    """Squash into [0, 1] (a helper): σ(a) = 1 / (1 + e^-a). Copy yours."""
    ### BEGIN SOLUTION
    return 0.5 * (1.0 + np.tanh(0.5 * a))
    ### END SOLUTION


def per_cell(gates, C):
    """Give every cell its block's gate (a helper): (..., b) to (..., C)."""
    ### BEGIN SOLUTION
    return np.repeat(gates, C // gates.shape[-1], axis=-1)
    ### END SOLUTION


def per_block(values, b):
    """Add up the cells of every block (a helper): (..., C) to (..., b)."""
    ### BEGIN SOLUTION
    return values.reshape(*values.shape[:-1], b, -1).sum(axis=-1)
    ### END SOLUTION


def through_output(dY, cache):
    """Go back through Y = σ([1, y_c] @ W_out) at all steps (a helper).

    Returns the gradient of what σ is given, (T, B, K), and dW_out (1+C, K).
    """
    ### BEGIN SOLUTION
    _, W_out, _, units, _, _, Y = cache
    da_k = dY * Y * (1.0 - Y)
    y_c = units[:, :, units.shape[2] - len(W_out) + 1 :]
    dW_out = np.vstack([da_k.sum(axis=(0, 1)), np.einsum("tbc,tbk->ck", y_c, da_k)])
    return da_k, dW_out
    ### END SOLUTION
