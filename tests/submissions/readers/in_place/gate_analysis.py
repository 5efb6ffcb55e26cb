"""Gate analysis, whole arrays at once."""

import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    Hout = lstm_forward(X, W, c0, h0)[0]
    rows = np.ones((T, B, 1 + D + H))
    rows[:, :, 1 : 1 + D] = X
    rows[0, :, 1 + D :] = 0.0 if h0 is None else h0
    rows[1:, :, 1 + D :] = Hout[:-1]
    a = rows @ W
    a[..., : 3 * H] = sigmoid(a[..., : 3 * H])
    np.tanh(a[..., 3 * H :], out=a[..., 3 * H :])
    i, f, o, g = (a[..., k * H : (k + 1) * H] for k in range(4))
    c = i * g
    c[0] += f[0] * (0.0 if c0 is None else c0)
    for t in range(1, T):
        c[t] += f[t] * c[t - 1]
    return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": Hout}


def gate_statistics(gate, low=0.1, high=0.9):
    over = (0, 1)
    return {
        "mean": gate.mean(axis=over),
        "std": gate.std(axis=over),
        "closed": np.less(gate, low).mean(axis=over),
        "open": np.greater(gate, high).mean(axis=over),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    gate = np.asarray(gate)
    outside = np.less(gate, low)
    np.logical_or(outside, np.greater(gate, high), out=outside)
    return float(outside.mean())


def memory_timescale(f):
    f = np.asarray(f, dtype=np.float64)
    tau = np.full(f.shape, np.inf)
    forgets = f < 1.0
    np.log(f, out=tau, where=forgets)
    np.divide(-1.0, tau, out=tau, where=forgets)
    return tau


def direct_memory(f, start, stop):
    return np.prod(f[start + 1 : stop + 1], axis=0)


def event_response(gate, events):
    events = np.asarray(events, dtype=bool)
    return gate[events].mean(axis=0) - gate[~events].mean(axis=0)


def gradient_by_lag(X, W, cell):
    forward, backward = {
        "lstm": (lstm_forward, lstm_backward),
        "gru": (gru_forward, gru_backward),
        "rnn": (rnn_forward, rnn_backward),
    }[cell]
    T, B, _ = X.shape
    caches = [None] * T
    states = ()
    for t in range(T):
        _, *states, caches[t] = forward(X[t : t + 1], W, *states)
    H = states[-1].shape[1]
    nothing = np.zeros((1, B, H))
    curve = np.empty(T)
    # gradients of the states after step t, in the order of the states: (c, h) or (h,)
    d = [np.zeros((B, H)) for _ in states]
    d[-1][:] = 1.0
    for t in range(T - 1, -1, -1):
        curve[t] = np.linalg.norm(d[-1])
        _, _, *d = backward(nothing, caches[t], *d)
    return curve


def plot_gates(activations, path=None):
    figure = Figure(figsize=(9, 7), layout="constrained")
    panels = figure.subplots(4, 1, sharex=True)
    for ax, key in zip(panels, "ifoc"):
        limits = {} if key == "c" else {"vmin": 0.0, "vmax": 1.0}
        mesh = ax.pcolormesh(activations[key][:, 0].T, **limits)
        figure.colorbar(mesh, ax=ax, label=key)
        ax.set_ylabel(f"{key}: unit")
        ax.set_xlabel("time step")
    if path is not None:
        figure.savefig(path)
    return figure


def plot_gradient_flow(curves, path=None):
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    for name, curve in curves.items():
        ax.semilogy(np.arange(len(curve)), curve, label=name)
    ax.set(xlabel="time step t", ylabel=r"$\|\partial L / \partial h_t\|$")
    ax.legend()
    if path is not None:
        figure.savefig(path)
    return figure


def plot_saturation(gate, path=None):
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    ax.hist(np.asarray(gate).ravel(), bins=50, range=(0.0, 1.0))
    ax.set(xlabel="gate value", ylabel="how often")
    ax.set_title(f"{100.0 * saturated_fraction(gate):.1f} % saturated")
    if path is not None:
        figure.savefig(path)
    return figure
