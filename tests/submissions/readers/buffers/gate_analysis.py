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
    T, B, D = X.shape
    H = W.shape[1] // 4
    h = lstm_forward(X, W, c0, h0)[0]
    rows = np.empty((T, B, 1 + D + H))
    rows[:, :, 0] = 1.0
    rows[:, :, 1 : 1 + D] = X
    rows[0, :, 1 + D :] = 0.0 if h0 is None else h0
    rows[1:, :, 1 + D :] = h[:-1]
    a = np.matmul(rows, W)
    i, f, o = (sigmoid(a[:, :, k * H : (k + 1) * H]) for k in range(3))
    g = np.tanh(a[:, :, 3 * H :])
    c = np.multiply(i, g)
    before = np.zeros((B, H)) if c0 is None else c0
    for t in range(T):
        np.add(c[t], f[t] * before, out=c[t])
        before = c[t]
    return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": h}


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
    return {
        "mean": gate.mean(axis=(0, 1)),
        "std": gate.std(axis=0).mean(axis=0),
        "closed": np.mean(gate < low, axis=(0, 1)),
        "open": np.mean(gate > high, axis=(0, 1)),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    """Return the share of all values that are below low or above high.

    gate: array of any shape. A saturated gate hardly learns: σ' = σ (1 - σ) is
    below 0.0475 there. A value equal to low or high does not count.
    """
    gate = np.asarray(gate)
    return float(np.mean((gate < low) | (gate > high)))


def memory_timescale(f):
    """Return how many steps of a constant f leave 1/e of a cell.

    f^τ = 1/e, so τ = -1 / ln f

    f: array of any shape, values in (0, 1]. Returns the same shape.
    f = 1 forgets nothing: τ = inf, and NumPy must not warn.
    Worked numbers: f = 0.5, 0.9, 0.9526 give τ = 1.44, 9.49, 20.6.
    """
    f = np.asarray(f, dtype=np.float64)
    log_f = np.log(f)
    tau = np.full(f.shape, np.inf)
    np.divide(-1.0, log_f, out=tau, where=log_f != 0.0)
    return tau


def direct_memory(f, start, stop):
    """Return how much of the cell of step start is still there at step stop.

    The direct path of ∂c_stop / ∂c_start: f_{start+1} ⊙ ... ⊙ f_stop. The
    path through h and the gates is left out.

    f (T, B, H), start <= stop. Returns (B, H); start = stop gives ones.
    """
    memory = np.ones(f.shape[1:])
    for t in range(start + 1, stop + 1):
        np.multiply(memory, f[t], out=memory)
    return memory


def event_response(gate, events):
    """Return, per unit, its mean value at events minus its mean elsewhere.

    gate (T, B, H), events (T, B) of bool, with both kinds in it: True where
    something happened (a marker, a full stop, the first symbol of a word).
    Returns (H,). The unit with the largest magnitude reacts most; a negative
    value closes at the event.
    """
    events = np.asarray(events, dtype=bool)
    return gate[events].mean(axis=0) - gate[~events].mean(axis=0)


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
    T, B, _ = X.shape
    H = W.shape[1] // {"lstm": 4, "gru": 3, "rnn": 1}[cell]
    states = []
    caches = []
    for t in range(T):
        if cell == "lstm":
            _, c, h, cache = lstm_forward(X[t : t + 1], W, *states)
            states = [c, h]
        else:
            _, h, cache = (gru_forward if cell == "gru" else rnn_forward)(X[t : t + 1], W, *states)
            states = [h]
        caches.append(cache)
    curve = np.empty(T)
    dh = np.ones((B, H))
    dc = np.zeros((B, H))
    nothing = np.zeros((1, B, H))
    for t in reversed(range(T)):
        curve[t] = np.linalg.norm(dh)
        if cell == "lstm":
            _, _, dc, dh = lstm_backward(nothing, caches[t], dc, dh)
        elif cell == "gru":
            dh = gru_backward(nothing, caches[t], dh)[2]
        else:
            dh = rnn_backward(nothing, caches[t], dh)[2]
    return curve


def plot_gates(activations, path=None):
    """Draw i, f, o and the cell state of batch row 0 as heat maps over time.

    activations: what gate_activations returns.
    Every map shows all T steps and all H units as they are, has its axes
    labelled and a colour bar. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(figsize=(9, 6), layout="constrained")
    for axes, name in zip(figure.subplots(2, 2).flat, "ifoc"):
        limits = {} if name == "c" else {"vmin": 0.0, "vmax": 1.0}
        image = axes.imshow(
            activations[name][0].T, aspect="auto", interpolation="nearest", **limits
        )
        axes.set_title(name)
        axes.set_xlabel("time step")
        axes.set_ylabel("unit")
        figure.colorbar(image, ax=axes)
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
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot(np.arange(len(curve)), curve, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("time step t")
    axes.set_ylabel("norm of dL/dh_t")
    axes.legend()
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
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.hist(np.ravel(gate), bins=50, range=(0.0, 1.0))
    axes.set_title(f"saturated: {100 * saturated_fraction(gate):.1f} %")
    axes.set_xlabel("value of the gate")
    axes.set_ylabel("how often")
    if path is not None:
        figure.savefig(path)
    return figure
