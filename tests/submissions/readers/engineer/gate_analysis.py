"""Gate analysis: numbers, gradients measured, and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward

Array = NDArray[np.float64]


class Cell(NamedTuple):
    forward: Callable
    backward: Callable


CELLS = {
    "lstm": Cell(lstm_forward, lstm_backward),
    "rnn": Cell(rnn_forward, rnn_backward),
    "gru": Cell(gru_forward, gru_backward),
}


def gate_activations(
    X: Array, W: Array, c0: Array | None = None, h0: Array | None = None
) -> dict[str, Array]:
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c0 = np.zeros((B, H)) if c0 is None else c0
    h0 = np.zeros((B, H)) if h0 is None else h0
    h = lstm_forward(X, W, c0, h0)[0]
    before = np.concatenate([h0[None], h[:-1]])
    rows = np.concatenate([np.ones((T, B, 1)), X, before], axis=2)
    a_i, a_f, a_o, a_g = np.split(rows @ W, 4, axis=2)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)

    def cells() -> Iterator[Array]:
        c = c0
        for t in range(T):
            c = f[t] * c + i[t] * g[t]
            yield c

    return {"i": i, "f": f, "o": o, "g": g, "c": np.stack(list(cells())), "h": h}


def gate_statistics(gate: Array, low: float = 0.1, high: float = 0.9) -> dict[str, Array]:
    if gate.ndim != 3:
        raise ValueError("gate should be (T, B, H)")
    over = (0, 1)
    return {
        "mean": np.mean(gate, axis=over),
        "std": np.std(gate, axis=over),
        "closed": np.mean(gate < low, axis=over),
        "open": np.mean(gate > high, axis=over),
    }


def saturated_fraction(gate: Array, low: float = 0.05, high: float = 0.95) -> float:
    saturated = np.logical_or(gate <= low, gate >= high)
    return float(np.count_nonzero(saturated) / gate.size)


def memory_timescale(f: Array) -> Array:
    f = np.asarray(f, dtype=np.float64)
    tau = np.full(f.shape, np.inf)
    forgets = f < 1.0
    tau[forgets] = -1.0 / np.log(f[forgets])
    return tau


def direct_memory(f: Array, start: int, stop: int) -> Array:
    if not 0 <= start <= stop < len(f):
        raise ValueError(f"expected 0 <= start <= stop < {len(f)}")
    return np.prod(f[start + 1 : stop + 1], axis=0)


def event_response(gate: Array, events: NDArray[np.bool_]) -> Array:
    if events.shape != gate.shape[:2]:
        raise ValueError("events should be (T, B)")
    events = events.astype(bool)
    return gate[events].mean(axis=0) - gate[~events].mean(axis=0)


def gradient_by_lag(X: Array, W: Array, cell: str) -> Array:
    if cell not in CELLS:
        raise ValueError(f"unknown cell {cell!r}")
    forward, backward = CELLS[cell]

    # forward, one step at a time; states are (c, h) or (h,)
    caches, states = [], ()
    for x in X:
        _, *states, cache = forward(x[None], W, *states)
        caches.append(cache)

    def back() -> Iterator[Array]:
        dh = np.ones_like(states[-1])
        carried = [np.zeros_like(dh) for _ in states[:-1]] + [dh]
        nothing = np.zeros((1, *dh.shape))
        yield dh
        for cache in reversed(caches[1:]):
            _, _, *carried = backward(nothing, cache, *carried)
            yield carried[-1]

    # one norm per sequence, then over the batch
    norms = [np.mean(np.linalg.norm(dh, axis=1)) for dh in back()]
    return np.array(norms[::-1])


def _finish(figure: Figure, path: str | PathLike | None) -> Figure:
    if path is not None:
        figure.savefig(path)
    return figure


def plot_gates(activations: Mapping[str, Array], path: str | PathLike | None = None) -> Figure:
    figure = Figure(figsize=(10, 7), layout="constrained")
    titles = {"i": "input gate", "f": "forget gate", "o": "output gate", "c": "cell state"}
    for axes, (key, title) in zip(figure.subplots(2, 2).flat, titles.items(), strict=True):
        limits = {} if key == "c" else {"vmin": 0.0, "vmax": 1.0}
        image = axes.pcolormesh(activations[key][:, 0].T, **limits)
        axes.set(title=title, xlabel="step", ylabel="unit")
        figure.colorbar(image, ax=axes)
    return _finish(figure, path)


def plot_gradient_flow(
    curves: Mapping[str, Array], path: str | PathLike | None = None
) -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot(curve, label=name)
    axes.set_yscale("log")
    axes.set(xlabel="step t", ylabel="gradient norm")
    axes.legend()
    return _finish(figure, path)


def plot_saturation(gate: Array, path: str | PathLike | None = None) -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.hist(gate.ravel(), bins=np.linspace(0.0, 1.0, 31))
    axes.set(
        xlabel="value", ylabel="count", title=f"saturated: {saturated_fraction(gate):.1%}"
    )
    return _finish(figure, path)
