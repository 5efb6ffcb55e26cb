import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    Z = np.ones((T, B, 1 + D + H))
    Z[:, :, 1 : 1 + D] = X
    h = lstm_forward(X, W, c0, h0)[0]
    Z[0, :, 1 + D :] = 0.0 if h0 is None else h0
    Z[1:, :, 1 + D :] = h[:-1]
    A = (Z.reshape(T * B, -1) @ W).reshape(T, B, 4, H)
    S, g = sigmoid(A[:, :, :3]), np.tanh(A[:, :, 3])
    i, f, o = S[:, :, 0], S[:, :, 1], S[:, :, 2]
    c = i * g
    if c0 is not None:
        c[0] += f[0] * c0
    for t in range(1, T):
        c[t] += f[t] * c[t - 1]
    return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": h}


def gate_statistics(gate, low=0.1, high=0.9):
    flat = gate.reshape(-1, gate.shape[-1])
    return {
        "mean": flat.mean(0),
        "std": flat.std(0),
        "closed": (flat < low).mean(0),
        "open": (flat > high).mean(0),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    return np.count_nonzero((gate < low) | (gate > high)) / gate.size


def memory_timescale(f):
    with np.errstate(divide="ignore"):
        return np.reciprocal(0.0 - np.log(f))  # 0 - 0 is +0, -(0) is not


def direct_memory(f, start, stop):
    # running products once, any stretch is then a quotient
    P = np.cumprod(f, axis=0)
    return P[stop] / P[start]


def event_response(gate, events):
    # masks as weights: no fancy indexing, no copies
    e = events[:, :, None].astype(float)
    n = e.sum(axis=0)
    at = (gate * e).sum(axis=0) / n
    off = (gate * (1 - e)).sum(axis=0) / (len(gate) - n)
    return (at - off).mean(axis=0)


CELLS = {
    "lstm": (lstm_forward, lstm_backward),
    "rnn": (rnn_forward, rnn_backward),
    "gru": (gru_forward, gru_backward),
}


def gradient_by_lag(X, W, cell):
    forward, backward = CELLS[cell]
    T, B, _ = X.shape
    states, caches = (), []
    for t in range(T):
        Hout, *states, cache = forward(X[t : t + 1], W, *states)
        caches.append(cache)
    dh = np.ones_like(Hout[0])
    grads = (*(np.zeros_like(dh) for _ in states[1:]), dh)
    none = np.zeros_like(Hout)
    curve = np.empty(T)
    curve[-1] = np.sqrt(dh.size)
    for t in range(T - 1, 0, -1):
        grads = backward(none, caches[t], *grads)[2:]
        curve[t - 1] = np.linalg.norm(grads[-1])
    return curve


def plot_gates(activations, path=None):
    fig = Figure(figsize=(7, 10), layout="tight")
    for ax, key in zip(fig.subplots(4, 1, sharex=True), "ifoc"):
        kw = {} if key == "c" else {"vmin": 0, "vmax": 1}
        im = ax.imshow(activations[key][:, 0].T, aspect="auto", **kw)
        ax.set_title(key)
        ax.set_xlabel("step")
        ax.set_ylabel("unit")
        fig.colorbar(im, ax=ax)
    if path:
        fig.savefig(path)
    return fig


def plot_gradient_flow(curves, path=None):
    fig = Figure()
    ax = fig.subplots()
    for name, curve in curves.items():
        ax.semilogy(curve, label=name)
    ax.set_xlabel("step")
    ax.set_ylabel("gradient norm")
    ax.legend()
    if path:
        fig.savefig(path)
    return fig


def plot_saturation(gate, path=None):
    fig = Figure()
    ax = fig.subplots()
    counts, edges = np.histogram(gate, bins=50, range=(0, 1))
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge")
    ax.set_xlabel("gate")
    ax.set_ylabel("values")
    ax.text(0.5, 0.9, f"{saturated_fraction(gate):.2%} saturated", transform=ax.transAxes)
    if path:
        fig.savefig(path)
    return fig
