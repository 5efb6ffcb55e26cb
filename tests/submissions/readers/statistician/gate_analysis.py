# Fill in the holes of gate_analysis.py; keep the names. (`nox -s sync` cuts this file.)
"""Gate analysis: measure what the gates of an LSTM do, then draw it.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), every gate (T, B, H), states h and c (B, H), everything float64
    W (R, 4H) for the LSTM, (R, 3H) for the GRU, (R, H) for the RNN

A gate is open at 1 and closed at 0. For the forget gate open means keep:
f = 1 keeps all of the cell, f = 0 clears it.

gradient_by_lag stands on your earlier exercises, imported below by their flat
names. The last three functions draw, with matplotlib: each returns a Figure,
and saves it when it is given a path. Figure() is one way to begin one,
matplotlib.pyplot another. The rest is NumPy only.
"""

import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    """Collect what every gate and state of an LSTM did at every step.

    X (T, B, D), W (R, 4H), c0 and h0 (B, H) as in lstm_forward; None means
    zeros.
    Returns a dict with keys "i", "f", "o", "g", "c" and "h", each (T, B, H):
    the gates after σ, the candidate after tanh, the cell and hidden state
    after the step.
    """
    # States: the cell shows c only at the end of a run, so make every step a run of its own.
    B = X.shape[1]
    D = X.shape[2]
    H = W.shape[1] // 4
    h_first = np.zeros((B, H)) if h0 is None else h0
    c_first = np.zeros((B, H)) if c0 is None else c0
    hs, cs = [h_first], [c_first]
    for x in X:
        _, c, h, _ = lstm_forward(x[np.newaxis], W, cs[-1], hs[-1])
        cs.append(c)
        hs.append(h)
    c_all = np.stack(cs[1:], axis=0)
    h_all = np.stack(hs[1:], axis=0)
    h_before = np.stack(hs[:-1], axis=0)

    # Gates: three contributions, added; no row [1, x, h] is ever built.
    bias, W_x, W_h = np.split(W, [1, 1 + D], axis=0)
    from_x = np.einsum("tbd,dk->tbk", X, W_x)
    from_h = np.einsum("tbh,hk->tbk", h_before, W_h)
    a_i, a_f, a_o, a_g = np.split(bias + from_x + from_h, 4, axis=2)
    return {
        "i": sigmoid(a_i),
        "f": sigmoid(a_f),
        "o": sigmoid(a_o),
        "g": np.tanh(a_g),
        "c": c_all,
        "h": h_all,
    }


def gate_statistics(gate, low=0.1, high=0.9):
    """Summarise a gate unit by unit, over all steps and sequences.

    gate (T, B, H). Returns a dict of arrays (H,):

    "mean", "std"  mean and standard deviation (NumPy's: divide by T·B)
    "closed"       share of the values below low
    "open"         share of the values above high

    A value equal to low or high counts for neither.
    Worked number: a unit at 0.05, 0.5, 0.95, 0.95 has mean 0.6125, std 0.3731,
    closed 0.25, open 0.5.
    """
    T, B, H = gate.shape
    n = T * B
    table = np.reshape(gate, (n, H))  # observations by variables
    ones = np.ones(n)
    mean = ones @ table / n
    centred = table - mean
    variance = np.einsum("nh,nh->h", centred, centred) / n
    # The empirical distribution function, unit by unit: ranks of low and high among the sorted.
    ranked = np.sort(table, axis=0)
    n_below = [np.searchsorted(column, low, side="left") for column in ranked.T]
    n_not_above = [np.searchsorted(column, high, side="right") for column in ranked.T]
    return {
        "mean": mean,
        "std": np.sqrt(variance),
        "closed": np.array(n_below) / n,
        "open": 1.0 - np.array(n_not_above) / n,
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    """Return the share of all values that are below low or above high.

    gate: array of any shape. A saturated gate hardly learns: σ' = σ (1 - σ) is
    below 0.0475 there. A value equal to low or high does not count.
    """
    gate = np.asarray(gate)
    in_the_middle = np.logical_and(low <= gate, gate <= high)
    n_middle = np.count_nonzero(in_the_middle)
    return (gate.size - n_middle) / gate.size


def memory_timescale(f):
    """Return how many steps of a constant f leave 1/e of a cell.

    f^τ = 1/e, so τ = -1 / ln f

    f: array of any shape, values in (0, 1]. Returns the same shape.
    f = 1 forgets nothing: τ = inf, and NumPy must not warn.
    Worked numbers: f = 0.5, 0.9, 0.9526 give τ = 1.44, 9.49, 20.6.
    """
    # Half-lives first: f^half = 1/2; then τ = half / ln 2 = half · log2(e).
    f = np.asarray(f, dtype=np.float64)
    bits_lost_per_step = -np.log2(f)
    forgets = f < 1.0
    never = np.full(f.shape, np.inf)
    half_life = np.divide(1.0, bits_lost_per_step, out=never, where=forgets)
    return half_life * np.log2(np.e)


def direct_memory(f, start, stop):
    """Return how much of the cell of step start is still there at step stop.

    The direct path of ∂c_stop / ∂c_start: f_{start+1} ⊙ ... ⊙ f_stop. The
    path through h and the gates is left out.

    f (T, B, H), start <= stop. Returns (B, H); start = stop gives ones.
    """
    # A product is a sum of logs; a gate at 0 has log -inf, masked by hand so nothing warns.
    between = f[start + 1 : stop + 1]
    nothing_left = np.full(between.shape, -np.inf)
    log_f = np.log(between, out=nothing_left, where=between > 0.0)
    log_kept = np.sum(log_f, axis=0)
    return np.exp(log_kept)


def event_response(gate, events):
    """Return, per unit, its mean value at events minus its mean elsewhere.

    gate (T, B, H), events (T, B) of bool, with both kinds in it: True where
    something happened (a marker, a full stop, the first symbol of a word).
    Returns (H,). The unit with the largest magnitude reacts most; a negative
    value closes at the event.
    """
    # A contrast: weights 1/n at the events and -1/m elsewhere, summing to zero.
    events = np.asarray(events, dtype=bool)
    n = np.count_nonzero(events)
    m = events.size - n
    contrast = np.where(events, 1.0 / n, -1.0 / m)
    return np.tensordot(contrast, gate, axes=([0, 1], [0, 1]))


def gradient_by_lag(X, W, cell):
    """Measure how strongly the last hidden state depends on each earlier one.

    L = sum of h_{T-1} over batch and units, from zero states.
    Entry t = Frobenius norm over (B, H) of ∂L/∂h_t, with c_t held fixed: the
    dh that back-propagation through time hands from step t+1 to step t.

    X (T, B, D); cell is "lstm", "rnn" or "gru", W packed for that cell.
    Returns (T,). Entry T-1 is sqrt(B·H), since ∂L/∂h_{T-1} is all ones.

    Measured by your own lstm_backward, rnn_backward and gru_backward, never
    from a formula. What they need of a forward is the cache and nothing else.
    """
    # On paper: in the LSTM and the RNN, h_t meets step t+1 only in h_t @ W_h (c_t held fixed).
    # Give every step a second input e_t, zeros, that goes through the same W_h: then
    # (h_{t-1} + e_t) @ W_h, and dL/de_{t+1} = dL/dh_t. One forward, one backward, and the
    # curve is read off dX. In the GRU h_{t-1} is also carried straight on and meets r, so e_t
    # cannot stand in for it; there, one step at a time, dh0 handed on as dhn.
    T, B, D = X.shape
    if cell == "gru":
        H = W.shape[1] // 3
        caches, h = [], None
        for x in X:
            _, h, cache = gru_forward(x[np.newaxis], W, h)
            caches.append(cache)
        dh = np.ones((B, H))
        nothing = np.zeros((1, B, H))
        dhs = [dh]
        for cache in reversed(caches[1:]):
            _, _, dh = gru_backward(nothing, cache, dh)
            dhs.append(dh)
        dH = np.stack(dhs[::-1], axis=0)
    else:
        H = W.shape[1] // {"lstm": 4, "rnn": 1}[cell]
        top, W_h = np.split(W, [1 + D], axis=0)
        W_twice = np.concatenate([top, W_h, W_h], axis=0)
        X_and_e = np.concatenate([X, np.zeros((T, B, H))], axis=2)
        last = np.ones((1, B, H))
        dHout = np.concatenate([np.zeros((T - 1, B, H)), last], axis=0)
        if cell == "lstm":
            cache = lstm_forward(X_and_e, W_twice)[3]
            dX_and_e = lstm_backward(dHout, cache)[0]
        else:
            cache = rnn_forward(X_and_e, W_twice)[2]
            dX_and_e = rnn_backward(dHout, cache)[0]
        _, de = np.split(dX_and_e, [D], axis=2)
        dH = np.concatenate([de[1:], last], axis=0)
    largest = np.max(np.abs(dH), axis=(1, 2), keepdims=True)
    scale = np.where(largest > 0.0, largest, 1.0)  # squares of 1e-200 would vanish
    squares = np.sum((dH / scale) ** 2, axis=(1, 2))
    return scale[:, 0, 0] * np.sqrt(squares)


def plot_gates(activations, path=None):
    """Draw i, f, o and the cell state of batch row 0 as heat maps over time.

    activations: what gate_activations returns.
    Every map shows all T steps and all H units as they are, has its axes
    labelled and a colour bar. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(figsize=(12, 6), layout="constrained")
    axes = figure.subplots(1, 4)
    titles = {"i": "input gate i", "f": "forget gate f", "o": "output gate o", "c": "cell c"}
    for ax, (key, title) in zip(axes, titles.items()):
        values = activations[key][:, 0, :]  # (T, H): time downwards, like a table
        if key == "c":
            reach = np.max(np.abs(values))
            limits = dict(vmin=-reach, vmax=reach, cmap="RdBu_r")
        else:
            limits = dict(vmin=0.0, vmax=1.0, cmap="viridis")
        mesh = ax.pcolormesh(values, **limits)
        ax.invert_yaxis()
        ax.set_title(title)
        ax.set_xlabel("unit")
        ax.set_ylabel("step")
        figure.colorbar(mesh, ax=ax)
    if path is not None:
        figure.savefig(path)
    return figure


def plot_gradient_flow(curves, path=None):
    """Draw curves of gradient_by_lag on a logarithmic scale.

    curves: dict, name -> array (T,) of positive numbers.
    One line per curve, a legend with the names, labelled axes. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    for name, curve in curves.items():
        curve = np.asarray(curve, dtype=np.float64)
        lag = len(curve) - 1 - np.arange(len(curve))
        nowhere = np.full(curve.shape, np.nan)
        powers = np.log10(curve, out=nowhere, where=curve > 0.0)
        ax.plot(lag, powers, label=name)
    ax.set_xlabel("lag: steps back from the last one")
    ax.set_ylabel("log10 of the norm of dL/dh")
    ax.legend()
    if path is not None:
        figure.savefig(path)
    return figure


def plot_saturation(gate, path=None):
    """Draw a histogram of all values of a gate, its saturated share in words.

    gate (T, B, H). The share is that of saturated_fraction, as a number in the
    title, in a text or in the legend. Axes labelled; saved to path, when one
    is given.
    Returns the matplotlib Figure.
    """
    values = np.ravel(gate)
    lower = min(0.0, np.min(values))
    upper = max(1.0, np.max(values))
    counts, edges = np.histogram(values, bins=40, range=(lower, upper))
    share = saturated_fraction(gate)
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    ax.stairs(counts, edges, fill=True)
    ax.set_title(f"{100 * share:.1f} % saturated (below 0.05 or above 0.95)")
    ax.set_xlabel("value of the gate")
    ax.set_ylabel("how many of the T·B·H values")
    if path is not None:
        figure.savefig(path)
    return figure
