"""Variants: peepholes, coupled gates, layers, both directions, other libraries.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h, c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g

Layers and both directions are made of your own lstm_forward, imported below.
What this file leaves out: training any of them. NumPy only.
"""

import numpy as np

from lstm_forward import lstm_forward, sigmoid

#: Which gate stands where, in four libraries. Keras and ONNX call the candidate c.
ORDERS = {"course": "ifog", "pytorch": "ifgo", "keras": "ifgo", "onnx": "iofg"}


def peephole_forward(X, W, P, c0=None, h0=None):
    """Run an LSTM whose gates may look at the cell.

    P (3, H) holds one weight per unit, rows i, f, o:

    i_t = σ(a_i + P_i ⊙ c_{t-1})    f_t = σ(a_f + P_f ⊙ c_{t-1})    g_t = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    o_t = σ(a_o + P_o ⊙ c_t)        h_t = o_t ⊙ tanh(c_t)

    with a = [1, x_t, h_{t-1}] @ W (Gers and Schmidhuber, 2000): the output
    gate sees the cell as it has just become.

    X (T, B, D), W (R, 4H), c0 and h0 (B, H); None means zeros.
    Returns Hout (T, B, H), cn (B, H), hn (B, H).
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.empty((T, B, H))
    for t in range(T):
        a_i, a_f, a_o, a_g = np.split(np.hstack([np.ones((B, 1)), X[t], h]) @ W, 4, axis=1)
        i = sigmoid(a_i + P[0] * c)
        f = sigmoid(a_f + P[1] * c)
        # c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        c = f * c + i * np.tanh(a_g)
        # subtle: by now c is c_t, and that is what o looks at
        o = sigmoid(a_o + P[2] * c)
        h = o * np.tanh(c)
        Hout[t] = h
    return Hout, c, h
    ### END SOLUTION


def coupled_forward(X, W, c0=None, h0=None):
    """Run an LSTM with one gate for forgetting and loading: i_t = 1 - f_t.

    W (R, 3H), columns f | o | g: three quarters of the LSTM's weights.

    a = [1, x_t, h_{t-1}] @ W;  f, o = σ(a_f), σ(a_o);  g = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + (1 - f_t) ⊙ g_t;  h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), c0 and h0 (B, H); None means zeros.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), and cache: whatever your
    coupled_backward will need.
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    H = W.shape[1] // 3
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout = np.empty((T, B, H))
    steps = []
    for t in range(T):
        row = np.hstack([np.ones((B, 1)), X[t], h])  # (B, R)
        a_f, a_o, a_g = np.split(row @ W, 3, axis=1)
        f, o, g = sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
        c_prev = c
        # c_t = f_t ⊙ c_{t-1} + (1 - f_t) ⊙ g_t
        c = f * c_prev + (1.0 - f) * g
        h = o * np.tanh(c)
        Hout[t] = h
        steps.append((row, c_prev, f, o, g, c))
    return Hout, c, h, (W, steps)
    ### END SOLUTION


def coupled_backward(dHout, cache, dcn=None, dhn=None):
    """Carry a gradient back through coupled_forward.

    dHout (T, B, H), dcn and dhn (B, H); None means zeros. cache is what your
    own coupled_forward returned. The one gate answers for both its jobs:

    df_t = dc_t ⊙ (c_{t-1} - g_t)

    Leave the arguments as they are.
    Returns dX (T, B, D), dW (R, 3H), dc0 (B, H), dh0 (B, H), in this order.
    """
    ### BEGIN SOLUTION
    W, steps = cache
    T, B, H = dHout.shape
    D = W.shape[0] - 1 - H
    dX, dW = np.empty((T, B, D)), np.zeros_like(W)
    dc = np.zeros((B, H)) if dcn is None else dcn
    dh = np.zeros((B, H)) if dhn is None else dhn
    for t in reversed(range(T)):
        row, c_prev, f, o, g, c = steps[t]
        dh = dHout[t] + dh
        tanh_c = np.tanh(c)
        do = dh * tanh_c
        # the cell hears from step t + 1, and from h_t
        dc = dc + dh * o * (1.0 - tanh_c**2)
        # c_t = f_t ⊙ c_{t-1} + (1 - f_t) ⊙ g_t: f pulls both ways
        df = dc * (c_prev - g)
        dg = dc * (1.0 - f)
        da = np.hstack([df * f * (1.0 - f), do * o * (1.0 - o), dg * (1.0 - g**2)])  # (B, 3H)
        dW += row.T @ da
        drow = da @ W.T  # (B, R)
        dX[t] = drow[:, 1 : 1 + D]
        dh = drow[:, 1 + D :]
        dc = dc * f
    return dX, dW, dc, dh
    ### END SOLUTION


def stack_layers(X, weights):
    """Run LSTMs on top of one another: the hidden states of one are the input of the next.

    X (T, B, D); weights: a list of W, one per layer, lowest first. The sizes H
    may differ; a W of shape (1 + D + H, 4H) tells its own. All states start at zero.
    Returns Hout (T, B, H) of the highest layer, and hns: a list of the last
    hidden state (B, H) of every layer, lowest first.
    """
    ### BEGIN SOLUTION
    hns = []
    for W in weights:
        X, _, hn, _ = lstm_forward(X, W)
        hns.append(hn)
    return X, hns
    ### END SOLUTION


def bidirectional(X, lengths, Wf, Wb):
    """Read every sequence forwards and backwards, each from its own end.

    X (T, B, D); lengths (B,): sequence b has lengths[b] real steps, 1 to T, and
    padding after them, which may hold anything. Wf and Wb (R, 4H): the weights
    for reading forwards and backwards. All states start at zero.

    Entry t of a sequence is [forwards, backwards]: what the one LSTM knows
    after steps 0 to t, beside what the other knows after its last real step down to t.
    At the padding both are zero.

    Returns (T, B, 2H).
    """
    ### BEGIN SOLUTION
    T, B, _ = X.shape
    H = Wf.shape[1] // 4
    both = np.zeros((T, B, 2 * H))
    for b, n in enumerate(lengths):
        real = X[:n, b : b + 1]
        forwards, *_ = lstm_forward(real, Wf)
        # subtle: the n real steps are turned round, not all T
        backwards, *_ = lstm_forward(real[::-1], Wb)
        both[:n, b, :H] = forwards[:, 0]
        both[:n, b, H:] = backwards[::-1, 0]
    return both
    ### END SOLUTION


def reorder_gates(W, source, target):
    """Rearrange the four blocks of columns of W (..., 4H) from one library to another.

    source, target: "course" (i, f, o, g), "pytorch" or "keras" (i, f, g, o),
    or "onnx" (i, o, f, g); see ORDERS.
    """
    ### BEGIN SOLUTION
    blocks = dict(zip(ORDERS[source], np.split(W, 4, axis=-1), strict=True))
    return np.concatenate([blocks[gate] for gate in ORDERS[target]], axis=-1)
    ### END SOLUTION


def to_library(W, library):
    """Write the course's W (R, 4H) as another library keeps its weights.

    "pytorch": weight_ih (4H, D), weight_hh (4H, H), bias_ih and bias_hh (4H,),
        which are added
    "keras": kernel (D, 4H), recurrent_kernel (H, 4H), bias (4H,)
    "onnx": W (1, 4H, D), R (1, 4H, H), B (1, 8H): input biases, then recurrent
        ones, which are added; here W and R are ONNX's letters

    The blocks stand in the library's own order. Where a library has two
    biases, they may share yours in any way.
    Returns a dict with these keys.
    """
    ### BEGIN SOLUTION
    H = W.shape[1] // 4
    V = reorder_gates(W, "course", library)
    bias, from_x, from_h = V[0], V[1:-H], V[-H:]
    nothing = np.zeros(4 * H)
    if library == "pytorch":
        return {
            "weight_ih": from_x.T,
            "weight_hh": from_h.T,
            "bias_ih": bias,
            "bias_hh": nothing,
        }
    if library == "keras":
        return {"kernel": from_x, "recurrent_kernel": from_h, "bias": bias}
    return {
        "W": from_x.T[None],
        "R": from_h.T[None],
        "B": np.concatenate([bias, nothing])[None],
    }
    ### END SOLUTION
