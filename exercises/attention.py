# Fill in the holes of attention.py; keep the names.
"""Attention: look back at every encoder state instead of squeezing all into one.

Notation (the whole key is in exercises/README.md):

    B batch   T encoder steps   U decoder steps   H hidden units   A units of a score
    encoder (T, B, H)  the states that can be looked at
    query (U, B, H)    the states that look; Q units in additive_attention
    mask (T, B)        bool: True at real steps, False at padding
    score, weights (U, B, T): the last axis runs over what is looked at
    context (U, B, H)  what was seen: weighted means of encoder states

Padding counts for nothing: whatever stands there, NaN included, reaches neither
a result nor a gradient. A sequence that is padding throughout has weights and a
context of zeros. Everything float64; NumPy only, and matplotlib for the figure.
"""

import numpy as np
from matplotlib.figure import Figure


def masked_softmax(score, mask):
    """Turn scores into weights: softmax over the last axis, among real steps only.

    w_j = e^(s_j) / Σ_k e^(s_k), sums over the k with mask True; w_j = 0 elsewhere.

    score (..., T); mask, bool, of the same shape or one that broadcasts to it.
    No overflow at scores of ±1e4. What stands at masked places, NaN or
    infinity, has no effect. Where nothing is real all weights are 0.
    Returns weights like score.

    Worked number: scores 0, ln 3, 7 with the last one masked give 0.25, 0.75, 0.
    """
    # YOUR CODE HERE
    raise NotImplementedError("masked_softmax")


def masked_softmax_backward(dweights, weights):
    """Carry a gradient back through masked_softmax.

    ds_j = w_j (dw_j - Σ_k w_k dw_k)

    dweights, weights (..., T): the gradient, and what masked_softmax returned.
    At masked places w is 0, so dscore is 0 there, whatever dweights is.
    Returns dscore like weights.
    """
    # YOUR CODE HERE
    raise NotImplementedError("masked_softmax_backward")


def dot_attention(query, encoder, mask):
    """Attend by scaled dot products.

    score_uj = q_u · e_j / √H
    context_u = Σ_j w_uj e_j

    query (U, B, H), encoder (T, B, H), mask (T, B).
    Returns context (U, B, H), weights (U, B, T), in this order, and cache:
    whatever your dot_attention_backward will need.
    """
    # YOUR CODE HERE
    raise NotImplementedError("dot_attention")


def dot_attention_backward(dcontext, cache, dweights=None):
    """Carry a gradient back through dot_attention.

    dcontext (U, B, H): gradient of the loss with respect to context; dweights
    (U, B, T): the one with respect to weights, None means zeros. cache is what your
    own dot_attention returned.

    An encoder state is read twice: by its score, and by the context.
    Returns dquery (U, B, H), dencoder (T, B, H), zero at padding, in this order.
    """
    # YOUR CODE HERE
    raise NotImplementedError("dot_attention_backward")


def additive_attention(query, encoder, mask, p):
    """Attend by a small network, as Bahdanau, Cho and Bengio (2014) did.

    score_uj = tanh(q_u @ W_q + e_j @ W_e + b) · v
    context_u = Σ_j w_uj e_j

    query (U, B, Q), encoder (T, B, H), mask (T, B); p: a dict with W_q (Q, A),
    W_e (H, A), b (A,), v (A,).
    Returns context (U, B, H), weights (U, B, T), in this order, and cache.
    """
    # YOUR CODE HERE
    raise NotImplementedError("additive_attention")


def additive_attention_backward(dcontext, cache, dweights=None):
    """Carry a gradient back through additive_attention.

    dcontext (U, B, H), dweights (U, B, T) or None, cache: as above.
    Returns dquery (U, B, Q), dencoder (T, B, H), zero at padding, and grads, a
    dict with p's keys, in this order.
    """
    # YOUR CODE HERE
    raise NotImplementedError("additive_attention_backward")


def reverse_copy(symbols, lengths, V, sharpness):
    """Read sequences backwards, by attention alone: nothing here is trained.

    Encoder state of step j: [sharpness · one-hot_T(j), one-hot_V(symbol)], T + V
    numbers, at real steps. Query of step u asks for step length - 1 - u:
    [√(T + V) · one-hot_T(length - 1 - u), zeros], and zeros once u >= length. So the
    score of the step asked for is `sharpness`, that of all others 0.

    symbols (T, B), whole numbers 0..V-1; lengths (B,), each from 0 to T: steps from
    lengths[b] on are padding, whatever stands there.
    Returns answers (T, B), whole numbers, and weights (T, B, T) of your
    dot_attention. An answer is the most likely symbol of the context's last V
    numbers, the smallest one of equals; -1 from step lengths[b] on.
    """
    # YOUR CODE HERE
    raise NotImplementedError("reverse_copy")


def plot_attention(weights, source, target, path=None):
    """Draw the weights of one sequence as a heat map.

    weights (U, T); source: T words, what is looked at; target: U words, what was
    said meanwhile. The map shows all weights as they are, the words stand at its
    ticks, axes are labelled, a colour bar gives the scale. Saved to path, when one is
    given.
    Returns the matplotlib Figure.
    """
    # YOUR CODE HERE
    raise NotImplementedError("plot_attention")
