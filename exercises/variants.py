# Fill in the holes of variants.py; keep the names.
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
    # YOUR CODE HERE
    raise NotImplementedError("peephole_forward")


def coupled_forward(X, W, c0=None, h0=None):
    """Run an LSTM with one gate for forgetting and loading: i_t = 1 - f_t.

    W (R, 3H), columns f | o | g: three quarters of the LSTM's weights.

    a = [1, x_t, h_{t-1}] @ W;  f, o = σ(a_f), σ(a_o);  g = tanh(a_g)
    c_t = f_t ⊙ c_{t-1} + (1 - f_t) ⊙ g_t;  h_t = o_t ⊙ tanh(c_t)

    X (T, B, D), c0 and h0 (B, H); None means zeros.
    Returns Hout (T, B, H), cn (B, H), hn (B, H), and cache: whatever your
    coupled_backward will need.
    """
    # YOUR CODE HERE
    raise NotImplementedError("coupled_forward")


def coupled_backward(dHout, cache, dcn=None, dhn=None):
    """Carry a gradient back through coupled_forward.

    dHout (T, B, H), dcn and dhn (B, H); None means zeros. cache is what your
    own coupled_forward returned. The one gate answers for both its jobs:

    df_t = dc_t ⊙ (c_{t-1} - g_t)

    Leave the arguments as they are.
    Returns dX (T, B, D), dW (R, 3H), dc0 (B, H), dh0 (B, H), in this order.
    """
    # YOUR CODE HERE
    raise NotImplementedError("coupled_backward")


def stack_layers(X, weights):
    """Run LSTMs on top of one another: the hidden states of one are the input of the next.

    X (T, B, D); weights: a list of W, one per layer, lowest first. The sizes H
    may differ; a W of shape (1 + D + H, 4H) tells its own. All states start at zero.
    Returns Hout (T, B, H) of the highest layer, and hns: a list of the last
    hidden state (B, H) of every layer, lowest first.
    """
    # YOUR CODE HERE
    raise NotImplementedError("stack_layers")


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
    # YOUR CODE HERE
    raise NotImplementedError("bidirectional")


def reorder_gates(W, source, target):
    """Rearrange the four blocks of columns of W (..., 4H) from one library to another.

    source, target: "course" (i, f, o, g), "pytorch" or "keras" (i, f, g, o),
    or "onnx" (i, o, f, g); see ORDERS.
    """
    # YOUR CODE HERE
    raise NotImplementedError("reorder_gates")


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
    # YOUR CODE HERE
    raise NotImplementedError("to_library")
