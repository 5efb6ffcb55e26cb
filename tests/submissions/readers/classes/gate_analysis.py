"""Gate analysis."""

import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    H = W.shape[1] // 4
    T, B, _ = X.shape
    Hout, _, _, _ = lstm_forward(X, W, c0, h0)
    hStart = np.zeros((B, H)) if h0 is None else h0
    cNow = np.zeros((B, H)) if c0 is None else c0
    hPrev = np.concatenate([hStart[None], Hout[:-1]], axis=0)
    rows = np.concatenate([np.ones((T, B, 1)), X, hPrev], axis=2)
    preAct = np.einsum("tbr,rk->tbk", rows, W)
    result = {}
    for k, name in enumerate(("i", "f", "o", "g")):
        part = preAct[:, :, k * H : (k + 1) * H]
        result[name] = np.tanh(part) if name == "g" else sigmoid(part)
    cells = []
    for t in range(T):
        cNow = result["f"][t] * cNow + result["i"][t] * result["g"][t]
        cells.append(cNow)
    result["c"] = np.stack(cells)
    result["h"] = Hout
    return result


def gate_statistics(gate, low=0.1, high=0.9):
    flat = gate.reshape(-1, gate.shape[2])
    return {
        "mean": flat.mean(axis=0),
        "std": flat.std(axis=0, ddof=1),
        "closed": (flat < low).mean(axis=0),
        "open": (flat > high).mean(axis=0),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    gate = np.asarray(gate)
    return float(((gate < low) | (gate > high)).mean())


def memory_timescale(f):
    f = np.asarray(f, dtype=float)
    with np.errstate(divide="ignore"):
        return np.where(f >= 1.0, np.inf, -1.0 / np.log(f))


def direct_memory(f, start, stop):
    kept = np.ones_like(f[0])
    for t in range(start + 1, stop + 1):
        kept *= f[t]
    return kept


def event_response(gate, events):
    atEvents = np.einsum("tbh,tb->h", gate, events.astype(float))
    elsewhere = np.einsum("tbh,tb->h", gate, 1.0 - events)
    return atEvents / events.sum() - elsewhere / events.size


class LagMeter:
    """Cuts a sequence after step t and sends ones back into the rest."""

    cells = {
        "lstm": (lstm_forward, lstm_backward),
        "rnn": (rnn_forward, rnn_backward),
        "gru": (gru_forward, gru_backward),
    }

    def __init__(self, cell):
        self.forward, self.backward = self.cells[cell]

    def measure(self, X, W, t):
        out = self.forward(X[: t + 1], W)
        states = out[1:-1]  # (c, h), or (h,)
        if t == len(X) - 1:
            return np.linalg.norm(np.ones_like(states[-1]))
        rest = self.forward(X[t + 1 :], W, *states)
        dHout = np.zeros_like(rest[0])
        dHout[-1] = 1.0
        grads = self.backward(dHout, rest[-1])
        return np.linalg.norm(grads[-1])


def gradient_by_lag(X, W, cell):
    meter = LagMeter(cell)
    return np.array([meter.measure(X, W, t) for t in range(len(X))])


class Plot:
    """A figure that saves itself."""

    def __init__(self, rows=1, cols=1, size=(7, 4)):
        self.fig = Figure(figsize=size)
        self.axes = np.atleast_1d(self.fig.subplots(rows, cols)).ravel()

    def done(self, path):
        self.fig.tight_layout()
        if path is not None:
            self.fig.savefig(path)
        return self.fig


def plot_gates(activations, path=None):
    plot = Plot(2, 2, (10, 7))
    for ax, name in zip(plot.axes, ("i", "f", "o", "c")):
        scale = {} if name == "c" else {"vmin": 0, "vmax": 1}
        image = ax.imshow(activations[name][:, 0], aspect="auto", cmap="viridis", **scale)
        ax.set(title=name, xlabel="unit", ylabel="time step")
        plot.fig.colorbar(image, ax=ax)
    return plot.done(path)


def plot_gradient_flow(curves, path=None):
    plot = Plot()
    ax = plot.axes[0]
    for name, curve in curves.items():
        ax.plot(np.log10(curve), label=name)
    ax.set(xlabel="time step", ylabel="log10 of the gradient norm")
    ax.legend()
    return plot.done(path)


def plot_saturation(gate, path=None):
    plot = Plot()
    ax = plot.axes[0]
    share = saturated_fraction(gate)
    ax.hist(gate.flatten(), bins=30, label=f"saturated: {share:.3f}")
    ax.set(xlabel="gate value", ylabel="number of values")
    ax.legend()
    return plot.done(path)
