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


def norm_bh(d):
    """Frobenius norm over (b, h)."""
    return np.sqrt(np.einsum("bh,bh->", d, d))


def share(condition, axis=None):
    """How often a condition holds, as a share."""
    return np.mean(condition, axis=axis)


def save_if(figure, path):
    """Save the figure when there is somewhere to save it, and hand it back."""
    if path is not None:
        figure.savefig(path)
    return figure


def one_step_forward(x, W, cell, h, c):
    """One step x (1, b, d) of any cell: the new h, the new c (None without a cell), the cache."""
    if cell == "lstm":
        _, c, h, cache = lstm_forward(x, W, c, h)
    elif cell == "gru":
        _, h, cache = gru_forward(x, W, h)
    else:
        _, h, cache = rnn_forward(x, W, h)
    return h, c, cache


def one_step_backward(dh, dc, cache, cell):
    """One step back: gradients (b, h) of the states before the step."""
    dHout = dh[np.newaxis]  # (1, b, h)
    if cell == "lstm":
        _, _, dc, dh = lstm_backward(dHout, cache, dc)
    elif cell == "gru":
        _, _, dh = gru_backward(dHout, cache)
    else:
        _, _, dh = rnn_backward(dHout, cache)
    return dh, dc


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
    Hout = lstm_forward(X, W, c0, h0)[0]
    h_prev = np.zeros((T, B, H))
    if h0 is not None:
        h_prev[0] = h0
    h_prev[1:] = Hout[:-1]
    A = W[0] + np.einsum("tbd,dk->tbk", X, W[1 : 1 + D])
    A = A + np.einsum("tbh,hk->tbk", h_prev, W[1 + D :])
    A = A.reshape(T, B, 4, H)  # axes: time, batch, gate i f o g, unit
    i, f, o = sigmoid(A[:, :, 0]), sigmoid(A[:, :, 1]), sigmoid(A[:, :, 2])
    g = np.tanh(A[:, :, 3])
    C = np.zeros((T, B, H))
    c = np.zeros((B, H)) if c0 is None else np.array(c0, dtype=np.float64)
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
    over = (0, 1)  # time and batch, never units
    return {
        "mean": np.mean(gate, axis=over),
        "std": np.std(gate, axis=over),
        "closed": share(gate < low, over),
        "open": share(gate > high, over),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    """Return the share of all values that are below low or above high.

    gate: array of any shape. A saturated gate hardly learns: σ' = σ (1 - σ) is
    below 0.0475 there. A value equal to low or high does not count.
    """
    gate = np.asarray(gate)
    return float(share((gate < low) | (gate > high)))


def memory_timescale(f):
    """Return how many steps of a constant f leave 1/e of a cell.

    f^τ = 1/e, so τ = -1 / ln f

    f: array of any shape, values in (0, 1]. Returns the same shape.
    f = 1 forgets nothing: τ = inf, and NumPy must not warn.
    Worked numbers: f = 0.5, 0.9, 0.9526 give τ = 1.44, 9.49, 20.6.
    """
    f = np.asarray(f, dtype=np.float64)
    tau = np.full(f.shape, np.inf)
    np.divide(-1.0, np.log(f), out=tau, where=f < 1.0)
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
    yes = np.asarray(events, dtype=np.float64)  # (t, b)
    no = 1.0 - yes
    mean_at = np.einsum("tbh,tb->h", gate, yes) / np.sum(yes)
    mean_else = np.einsum("tbh,tb->h", gate, no) / np.sum(no)
    return mean_at - mean_else


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
    H = W.shape[0] - 1 - D
    h, c = np.zeros((B, H)), np.zeros((B, H))
    caches = []
    for t in range(T):
        h, c, cache = one_step_forward(X[t : t + 1], W, cell, h, c)
        caches.append(cache)
    curve = np.zeros(T)
    dh, dc = np.ones((B, H)), np.zeros((B, H))
    curve[T - 1] = norm_bh(dh)
    for t in range(T - 1, 0, -1):
        dh, dc = one_step_backward(dh, dc, caches[t], cell)
        curve[t - 1] = norm_bh(dh)
    return curve


def plot_gates(activations, path=None):
    """Draw i, f, o and the cell state of batch row 0 as heat maps over time.

    activations: what gate_activations returns.
    Every map shows all T steps and all H units as they are, has its axes
    labelled and a colour bar. Saved to path, when one is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots(2, 2)
    for k, name in enumerate(("i", "f", "o", "c")):
        ax = axes[k // 2, k % 2]
        picture = np.einsum("th->ht", activations[name][:, 0])  # units up, time to the right
        if name == "c":
            image = ax.imshow(picture, aspect="auto", interpolation="nearest", cmap="coolwarm")
        else:
            image = ax.imshow(picture, aspect="auto", interpolation="nearest", vmin=0.0, vmax=1.0)
        ax.set_title(name)
        ax.set_xlabel("time step")
        ax.set_ylabel("unit")
        figure.colorbar(image, ax=ax)
    return save_if(figure, path)


def plot_gradient_flow(curves, path=None):
    """Draw curves of gradient_by_lag on a logarithmic scale.

    curves: dict, name -> array (T,) of positive numbers.
    One line per curve, a legend with the names, labelled axes. Saved to path,
    when one is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    for name in curves:
        ax.plot(np.arange(len(curves[name])), curves[name], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("time step t")
    ax.set_ylabel("norm of dL/dh_t")
    ax.legend()
    return save_if(figure, path)


def plot_saturation(gate, path=None):
    """Draw a histogram of all values of a gate, its saturated share in words.

    gate (T, B, H). The share is that of saturated_fraction, as a number in the
    title, in a text or in the legend. Axes labelled; saved to path, when one
    is given.
    Returns the matplotlib Figure.
    """
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    ax.hist(np.ravel(gate), bins=40)
    ax.set_title(f"saturated (below 0.05 or above 0.95): {saturated_fraction(gate):.3f}")
    ax.set_xlabel("value of the gate")
    ax.set_ylabel("count")
    return save_if(figure, path)
