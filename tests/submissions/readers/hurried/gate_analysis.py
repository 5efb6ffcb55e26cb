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
    zero = lambda s: np.zeros((B, H)) if s is None else s
    c, h = zero(c0), zero(h0)
    Hout = lstm_forward(X, W, c, h)[0]
    prev = np.concatenate([h[None], Hout[:-1]])
    a = np.concatenate([np.ones((T, B, 1)), X, prev], axis=2) @ W
    i, f, o, g = np.split(a, 4, axis=2)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    C = np.zeros((T, B, H))
    for t in range(T):
        c = f[t] * c + i[t] * g[t]
        C[t] = c
    return {"i": i, "f": f, "o": o, "g": g, "c": C, "h": Hout}


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
    m = lambda a: a.mean(axis=(0, 1))
    return {
        "mean": m(gate),
        "std": gate.std(axis=(0, 1)),
        "closed": m(gate <= low),
        "open": m(gate >= high),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    """Return the share of all values that are below low or above high.

    gate: array of any shape. A saturated gate hardly learns: σ' = σ (1 - σ) is
    below 0.0475 there. A value equal to low or high does not count.
    """
    return np.mean((gate < low) | (gate > high))


def memory_timescale(f):
    """Return how many steps of a constant f leave 1/e of a cell.

    f^τ = 1/e, so τ = -1 / ln f

    f: array of any shape, values in (0, 1]. Returns the same shape.
    f = 1 forgets nothing: τ = inf, and NumPy must not warn.
    Worked numbers: f = 0.5, 0.9, 0.9526 give τ = 1.44, 9.49, 20.6.
    """
    f = np.asarray(f, float)
    tau = np.full(f.shape, np.inf)
    ok = f < 1
    tau[ok] = -1 / np.log(f[ok])
    return tau


def direct_memory(f, start, stop):
    """Return how much of the cell of step start is still there at step stop.

    The direct path of ∂c_stop / ∂c_start: f_{start+1} ⊙ ... ⊙ f_stop. The
    path through h and the gates is left out.

    f (T, B, H), start <= stop. Returns (B, H); start = stop gives ones.
    """
    return np.prod(f[start + 1 : stop + 1], axis=0)


def event_response(gate, events):
    """Return, per unit, its mean value at events minus its mean elsewhere.

    gate (T, B, H), events (T, B) of bool, with both kinds in it: True where
    something happened (a marker, a full stop, the first symbol of a word).
    Returns (H,). The unit with the largest magnitude reacts most; a negative
    value closes at the event.
    """
    def m(e):
        return np.nanmean(np.where(e[:, :, None], gate, np.nan), axis=0).mean(axis=0)

    return m(events) - m(~events)


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
    T, B, D = X.shape
    H = len(W) - 1 - D
    is_lstm = cell == "lstm"
    fwd = {"lstm": lstm_forward, "rnn": rnn_forward, "gru": gru_forward}[cell]
    bwd = {"lstm": lstm_backward, "rnn": rnn_backward, "gru": gru_backward}[cell]
    s = (np.zeros((B, H)),) * (2 if is_lstm else 1)
    caches = []
    for t in range(T):
        _, *s, cache = fwd(X[t : t + 1], W, *s)
        caches.append(cache)
    none = np.zeros((1, B, H))
    d = [np.zeros((B, H))] * (len(s) - 1) + [np.ones((B, H))]
    curve = np.zeros(T)
    for t in reversed(range(T)):
        curve[t] = np.linalg.norm(d[-1])
        _, _, *d = bwd(none, caches[t], *d)
    return curve


def plot_gates(activations, path=None):
    """Draw i, f, o and the cell state of batch row 0 as heat maps over time.

    activations: what gate_activations returns.
    Every map shows all T steps and all H units as they are, has its axes
    labelled and a colour bar. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    fig = Figure(figsize=(10, 7), layout="constrained")
    for ax, k in zip(fig.subplots(2, 2).flat, "ifoc"):
        v = {} if k == "c" else {"vmin": 0, "vmax": 1}
        im = ax.imshow(activations[k][:, 0].T, aspect="auto", interpolation="none", **v)
        ax.set(title=k, xlabel="step t", ylabel="unit")
        fig.colorbar(im, ax=ax)
    if path:
        fig.savefig(path)
    return fig


def plot_gradient_flow(curves, path=None):
    """Draw curves of gradient_by_lag on a logarithmic scale.

    curves: dict, name -> array (T,) of positive numbers.
    One line per curve, a legend with the names, labelled axes. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    fig = Figure()
    ax = fig.subplots()
    for name, c in curves.items():
        ax.semilogy(c, label=name)
    ax.set(xlabel="step t", ylabel="norm of dL/dh_t")
    ax.legend()
    if path:
        fig.savefig(path)
    return fig


def plot_saturation(gate, path=None):
    """Draw a histogram of all values of a gate, its saturated share in words.

    gate (T, B, H). The share is that of saturated_fraction, as a number in the
    title, in a text or in the legend. Axes labelled; saved to path, when one
    is given.
    Returns the matplotlib Figure.
    """
    fig = Figure()
    ax = fig.subplots()
    ax.hist(np.ravel(gate), bins=40, range=(0, 1))
    ax.set(xlabel="gate", ylabel="count", title=f"saturated: {saturated_fraction(gate):.4f}")
    if path:
        fig.savefig(path)
    return fig
