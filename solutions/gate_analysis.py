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
    ### BEGIN SOLUTION
    T, B, D = X.shape
    H = W.shape[0] - 1 - D
    h_first = np.zeros((B, H)) if h0 is None else h0
    c = np.zeros((B, H)) if c0 is None else c0
    h = lstm_forward(X, W, c0, h0)[0]
    h_prev = np.concatenate([h_first[None], h[:-1]])  # (T, B, H)
    # a_t = [1, x_t, h_{t-1}] @ W, for all t together
    a = np.concatenate([np.ones((T, B, 1)), X, h_prev], axis=2) @ W  # (T, B, 4H)
    i, f, o = np.split(sigmoid(a[..., : 3 * H]), 3, axis=2)
    g = np.tanh(a[..., 3 * H :])
    cells = np.empty((T, B, H))
    for t in range(T):
        # c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        c = f[t] * c + i[t] * g[t]
        cells[t] = c
    return {"i": i, "f": f, "o": o, "g": g, "c": cells, "h": h}
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    over = (0, 1)  # time and batch: a unit is described by all it ever did
    return {
        "mean": gate.mean(axis=over),
        "std": gate.std(axis=over),
        "closed": np.mean(gate < low, axis=over),
        "open": np.mean(gate > high, axis=over),
    }
    ### END SOLUTION


def saturated_fraction(gate, low=0.05, high=0.95):
    """Return the share of all values that are below low or above high.

    gate: array of any shape. A saturated gate hardly learns: σ' = σ (1 - σ) is
    below 0.0475 there. A value equal to low or high does not count.
    """
    ### BEGIN SOLUTION
    return float(np.mean((gate < low) | (gate > high)))
    ### END SOLUTION


def memory_timescale(f):
    """Return how many steps of a constant f leave 1/e of a cell.

    f^τ = 1/e, so τ = -1 / ln f

    f: array of any shape, values in (0, 1]. Returns the same shape.
    f = 1 forgets nothing: τ = inf, and NumPy must not warn.
    Worked numbers: f = 0.5, 0.9, 0.9526 give τ = 1.44, 9.49, 20.6.
    """
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        # ln 1 is +0, so -1 / ln 1 would be -inf; every other ln f is below 0
        return 1.0 / np.abs(np.log(f))
    ### END SOLUTION


def direct_memory(f, start, stop):
    """Return how much of the cell of step start is still there at step stop.

    The direct path of ∂c_stop / ∂c_start: f_{start+1} ⊙ ... ⊙ f_stop. The
    path through h and the gates is left out.

    f (T, B, H), start <= stop. Returns (B, H); start = stop gives ones.
    """
    ### BEGIN SOLUTION
    # c_start has already been through f_start, so the first factor is the next one
    return np.prod(f[start + 1 : stop + 1], axis=0)
    ### END SOLUTION


def event_response(gate, events):
    """Return, per unit, its mean value at events minus its mean elsewhere.

    Both means are over all such pairs of step and sequence in one.

    gate (T, B, H), events (T, B) of bool, with both kinds in it: True where
    something happened (a marker, a full stop, the first symbol of a word).
    Returns (H,). The unit with the largest magnitude reacts most; a negative
    value closes at the event.
    """
    ### BEGIN SOLUTION
    # a mask (T, B) picks rows (n, H): every step and sequence it names
    return gate[events].mean(axis=0) - gate[~events].mean(axis=0)
    ### END SOLUTION


def gradient_by_lag(X, W, cell):
    """Measure how strongly the last hidden state depends on each earlier one.

    L = sum of h_{T-1} over batch and units, from zero states.
    Entry t = Frobenius norm over (B, H) of ∂L/∂h_t, with c_t held fixed: the
    dh that back-propagation through time hands from step t+1 to step t.

    X (T, B, D); cell is "lstm", "rnn" or "gru", W packed for that cell.
    Returns (T,). Entry T-1 is sqrt(B·H), since ∂L/∂h_{T-1} is all ones.

    Measured by your own lstm_backward, rnn_backward and gru_backward, never
    from a formula.
    """
    ### BEGIN SOLUTION
    forward, backward = {
        "lstm": (lstm_forward, lstm_backward),
        "rnn": (rnn_forward, rnn_backward),
        "gru": (gru_forward, gru_backward),
    }[cell]
    T, B, D = X.shape
    H = W.shape[0] - 1 - D
    count = 2 if cell == "lstm" else 1  # states c, h or only h; h is always the last
    # forwards in calls of one step, so that every step leaves a cache of its own
    states = [np.zeros((B, H)) for _ in range(count)]
    caches = []
    for t in range(T):
        _, *states, cache = forward(X[t : t + 1], W, *states)
        caches.append(cache)
    # backwards: what one call returns for its initial states, the step before
    # receives for its last ones; no step but the last adds to the loss
    silent = np.zeros((1, B, H))
    gradients = [np.zeros((B, H)) for _ in range(count)]
    gradients[-1] = np.ones((B, H))
    norms = np.empty(T)
    for t in reversed(range(T)):
        norms[t] = np.linalg.norm(gradients[-1])
        _, _, *gradients = backward(silent, caches[t], *gradients)
    return norms
    ### END SOLUTION


def plot_gates(activations, path=None):
    """Draw i, f, o and the cell state of batch row 0 as heat maps over time.

    activations: what gate_activations returns.
    Every map shows all T steps and all H units as they are, has its axes
    labelled and a colour bar. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    ### BEGIN SOLUTION
    figure = Figure(figsize=(7, 8))
    panels = figure.subplots(4, 1, sharex=True)
    names = {"i": "input gate i", "f": "forget gate f", "o": "output gate o", "c": "cell state c"}
    for axes, (key, name) in zip(panels, names.items(), strict=True):
        values = activations[key][:, 0].T  # (H, T): time runs to the right
        # gates on one scale, so that maps can be compared; the cell around zero
        if key == "c":
            reach = np.abs(values).max()
            scale = {"vmin": -reach, "vmax": reach, "cmap": "RdBu_r"}
        else:
            scale = {"vmin": 0.0, "vmax": 1.0, "cmap": "viridis"}
        image = axes.imshow(values, aspect="auto", interpolation="nearest", **scale)
        axes.set(title=name, ylabel="hidden unit")
        figure.colorbar(image, ax=axes)
    panels[-1].set_xlabel("time step t")
    if path is not None:
        figure.savefig(path)
    return figure
    ### END SOLUTION


def plot_gradient_flow(curves, path=None):
    """Draw curves of gradient_by_lag on a logarithmic scale (or their log10).

    curves: dict, name -> array (T,) of positive numbers.
    One line per curve, a legend with the names, labelled axes. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    ### BEGIN SOLUTION
    figure = Figure(figsize=(7, 4.5))
    axes = figure.subplots()
    for name, curve in curves.items():
        lag = np.arange(len(curve))[::-1]  # entry T-1 lies no step back
        axes.plot(lag, curve, label=name)
    axes.set(
        yscale="log",
        xlabel="lag: steps back from the last",
        ylabel="norm of dL/dh",
        title="How far back the gradient reaches",
    )
    axes.legend()
    if path is not None:
        figure.savefig(path)
    return figure
    ### END SOLUTION


def plot_saturation(gate, path=None):
    """Draw a histogram of all values of a gate, its saturated share in words.

    gate (T, B, H). The share is that of saturated_fraction, as a number in the
    title, in a text or in the legend. Axes labelled; saved to path, when one
    is given.
    Returns the matplotlib Figure.
    """
    ### BEGIN SOLUTION
    low, high = 0.05, 0.95
    share = saturated_fraction(gate, low, high)
    figure = Figure(figsize=(7, 4.5))
    axes = figure.subplots()
    axes.hist(gate.ravel(), bins=40, range=(0.0, 1.0))
    for limit in (low, high):
        axes.axvline(limit, color="black", linestyle="dotted")
    axes.set(
        title=f"{share:.1%} of the values are below {low:g} or above {high:g}",
        xlabel="gate value",
        ylabel="count",
    )
    if path is not None:
        figure.savefig(path)
    return figure
    ### END SOLUTION
