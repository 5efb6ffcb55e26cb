"""LSTM forward: one example at a time, and whole batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Params = Mapping[str, Array]

COLUMN_ORDER = ("i", "f", "o", "g")


class Gates(NamedTuple):
    """The gates of one example, in the order lstm_gates returns them."""

    f: Array
    i: Array
    g: Array
    o: Array


class State(NamedTuple):
    """What is handed from one time step to the next."""

    c: Array
    h: Array

    @classmethod
    def initial(cls, batch: int, hidden: int, c0: Array | None, h0: Array | None) -> State:
        """Use the given states, or start from zeros."""
        if c0 is None or h0 is None:
            zeros = np.zeros((batch, hidden))
            return cls(zeros, zeros)
        if c0.shape != (batch, hidden) or h0.shape != (batch, hidden):
            raise ValueError(f"c0 {c0.shape} and h0 {h0.shape} should be ({batch}, {hidden})")
        return cls(c0, h0)


@dataclass(frozen=True)
class Step:
    """Everything the backward pass wants to know about one step."""

    row: Array  # [1, x_t, h_{t-1}]
    i: Array
    f: Array
    o: Array
    g: Array
    c_prev: Array
    c: Array
    tanh_c: Array
    h: Array


@dataclass(frozen=True)
class Cache:
    """The weights, and one Step per time step."""

    W: Array
    steps: tuple[Step, ...]


def sigmoid(a: Array) -> Array:
    """Evaluate each half of the axis with the exponential that cannot overflow."""
    a = np.asarray(a, dtype=np.float64)
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, small) / (1.0 + small)


def lstm_gates(x: Array, h_prev: Array, p: Params) -> Gates:
    column = np.vstack([h_prev, x])

    def pre(gate: str) -> Array:
        return p[f"W_{gate}"] @ column + p[f"b_{gate}"]

    return Gates(f=sigmoid(pre("f")), i=sigmoid(pre("i")), g=np.tanh(pre("g")), o=sigmoid(pre("o")))


def lstm_step(x: Array, h_prev: Array, c_prev: Array, p: Params) -> tuple[Array, Array]:
    gates = lstm_gates(x, h_prev, p)
    state = State(c=c_prev, h=h_prev)
    state = State(
        c=gates.f * state.c + gates.i * gates.g,
        h=gates.o * np.tanh(state.c),
    )
    return state.h, state.c


def pack_gates(p: Params, D: int) -> Array:
    def block(gate: str) -> Array:
        weights, bias = p[f"W_{gate}"], p[f"b_{gate}"]
        hidden = weights.shape[1] - D
        recurrent, inputs = weights[:, :hidden], weights[:, hidden:]
        return np.vstack([bias.T, inputs.T, recurrent.T])

    return np.hstack([block(gate) for gate in COLUMN_ORDER])


def init_lstm(D: int, H: int, rng: np.random.Generator, forget_bias: float = 3.0) -> Array:
    if D < 1 or H < 1:
        raise ValueError("D and H should be positive")
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    f = COLUMN_ORDER.index("f")
    W[0, f * H : (f + 1) * H] = forget_bias
    return W


def _run(X: Array, W: Array, state: State) -> Iterator[Step]:
    """Yield one Step after the other."""
    for x in X:
        row = np.hstack([np.ones((len(x), 1)), x, state.h])
        a_i, a_f, a_o, a_g = np.split(row @ W, 4, axis=1)
        i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
        c = f * state.c + i * g
        tanh_c = np.tanh(c)
        step = Step(row=row, i=i, f=f, o=o, g=g, c_prev=state.c, c=c, tanh_c=tanh_c, h=o * tanh_c)
        yield step
        state = State(c=step.c, h=step.h)


def lstm_forward(
    X: Array, W: Array, c0: Array | None = None, h0: Array | None = None
) -> tuple[Array, Array, Array, Cache]:
    _, B, D = X.shape
    H, rest = divmod(W.shape[1], 4)
    if rest or W.shape[0] != 1 + D + H:
        raise ValueError(f"W {W.shape} does not fit X {X.shape}")
    steps = tuple(_run(X, W, State.initial(B, H, c0, h0)))
    Hout = np.stack([step.h for step in steps])
    return Hout, steps[-1].c, steps[-1].h, Cache(W=W, steps=steps)
