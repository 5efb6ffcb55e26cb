"""Gate analysis."""

import math

import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else np.array(c0, dtype=float)
    h = np.zeros((B, H)) if h0 is None else np.array(h0, dtype=float)
    Hout = lstm_forward(X, W, c0, h0)[0]
    found = {name: np.zeros((T, B, H)) for name in "ifogch"}
    for t in range(T):
        for b in range(B):
            a = np.concatenate(([1.0], X[t, b], h[b])) @ W
            found["i"][t, b] = sigmoid(a[:H])
            found["f"][t, b] = sigmoid(a[H : 2 * H])
            found["o"][t, b] = sigmoid(a[2 * H : 3 * H])
            found["g"][t, b] = np.tanh(a[3 * H :])
        c = found["f"][t] * c + found["i"][t] * found["g"][t]
        h = Hout[t]
        found["c"][t] = c
        found["h"][t] = h
    return found


def gate_statistics(gate, low=0.1, high=0.9):
    H = gate.shape[2]
    result = {name: np.zeros(H) for name in ("mean", "std", "closed", "open")}
    for j in range(H):
        values = gate[:, :, j].ravel()
        result["mean"][j] = values.mean()
        result["std"][j] = values.std()
        result["closed"][j] = sum(1 for v in values if v < low) / len(values)
        result["open"][j] = sum(1 for v in values if v > high) / len(values)
    return result


def saturated_fraction(gate, low=0.05, high=0.95):
    values = np.ravel(gate)
    count = 0
    for v in values:
        if v < low or v > high:
            count += 1
    return count / len(values)


def timescale_of(f):
    if f >= 1.0:
        return math.inf
    return -1.0 / math.log(f)


def memory_timescale(f):
    f = np.asarray(f, dtype=float)
    tau = np.array([timescale_of(value) for value in f.ravel()])
    return tau.reshape(f.shape)


def direct_memory(f, start, stop):
    kept = np.ones(f.shape[1:])
    for t in range(start + 1, stop + 1):
        kept = kept * f[t]
    return kept


def event_response(gate, events):
    T, B, H = gate.shape
    inside, outside = [], []
    for t in range(T):
        for b in range(B):
            if events[t, b]:
                inside.append(gate[t, b])
            else:
                outside.append(gate[t, b])
    return np.mean(inside, axis=0) - np.mean(outside, axis=0)


def run(cell, X, W, states):
    """Forward from states; gives the new states and the cache."""
    if cell == "lstm":
        _, c, h, cache = lstm_forward(X, W, *states)
        return (c, h), cache
    forward = rnn_forward if cell == "rnn" else gru_forward
    _, h, cache = forward(X, W, *states)
    return (h,), cache


def dh0_of(cell, dHout, cache):
    if cell == "lstm":
        return lstm_backward(dHout, cache)[3]
    if cell == "rnn":
        return rnn_backward(dHout, cache)[2]
    return gru_backward(dHout, cache)[2]


def gradient_by_lag(X, W, cell):
    T, B, _ = X.shape
    norms = np.zeros(T)
    states = ()
    for t in range(T):
        # the states after step t: one step more than last time
        states, _ = run(cell, X[t : t + 1], W, states)
        H = states[-1].shape[1]
        if t == T - 1:
            norms[t] = np.sqrt(B * H)
        else:
            _, cache = run(cell, X[t + 1 :], W, states)
            dHout = np.zeros((T - t - 1, B, H))
            dHout[-1] = 1.0
            norms[t] = np.linalg.norm(dh0_of(cell, dHout, cache))
    return norms


def save(figure, path):
    if path is not None:
        figure.savefig(path)
    return figure


def plot_gates(activations, path=None):
    figure = Figure(figsize=(10, 8), layout="constrained")
    names = {"i": "input gate", "f": "forget gate", "o": "output gate", "c": "cell"}
    for place, (key, name) in enumerate(names.items()):
        axes = figure.add_subplot(2, 2, place + 1)
        values = activations[key][:, 0, :].T
        if key == "c":
            image = axes.imshow(values, aspect="auto", interpolation="nearest")
        else:
            image = axes.imshow(values, aspect="auto", interpolation="nearest", vmin=0, vmax=1)
        axes.set_title(name)
        axes.set_xlabel("step")
        axes.set_ylabel("unit")
        figure.colorbar(image, ax=axes)
    return save(figure, path)


def plot_gradient_flow(curves, path=None):
    figure = Figure()
    axes = figure.add_subplot()
    for name, curve in curves.items():
        axes.plot(range(len(curve)), curve, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("step t")
    axes.set_ylabel("norm of dL/dh_t")
    axes.legend()
    return save(figure, path)


def plot_saturation(gate, path=None):
    figure = Figure()
    axes = figure.add_subplot()
    axes.hist(np.ravel(gate), bins=40)
    share = saturated_fraction(gate)
    axes.set_title(f"saturated: {share:.4f} of all values")
    axes.set_xlabel("value of the gate")
    axes.set_ylabel("count")
    return save(figure, path)
