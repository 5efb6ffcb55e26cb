"""LSTM backward: back-propagation through time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_forward import lstm_gates

Array = NDArray[np.float64]


class Carry(NamedTuple):
    """What step t+1 sends back to step t."""

    dc: Array
    dh: Array


class StepGradient(NamedTuple):
    dx: Array
    dW: Array
    carry: Carry


def _zeros_unless(given: Array | None, like: Array) -> Array:
    return np.zeros_like(like) if given is None else given


def lstm_step_backward(
    dh: Array, dc: Array, x: Array, h_prev: Array, c_prev: Array, p: Mapping[str, Array]
) -> tuple[Array, Array, Array, dict[str, Array]]:
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)

    dc_total = dc + dh * o * (1.0 - tanh_c**2)
    da = {
        "f": dc_total * c_prev * f * (1.0 - f),
        "i": dc_total * g * i * (1.0 - i),
        "g": dc_total * i * (1.0 - g**2),
        "o": dh * tanh_c * o * (1.0 - o),
    }
    column = np.vstack([h_prev, x])
    grads: dict[str, Array] = {}
    dcolumn = np.zeros_like(column)
    for gate, da_gate in da.items():
        grads[f"W_{gate}"] = da_gate @ column.T
        grads[f"b_{gate}"] = da_gate
        dcolumn += p[f"W_{gate}"].T @ da_gate
    dh_prev, dx = np.split(dcolumn, [len(h_prev)])
    return dx, dh_prev, dc * f, grads


def _walk_back(dHout: Array, cache, carry: Carry) -> Iterator[StepGradient]:
    """Yield the gradients of one step after the other, the last step first."""
    hidden = dHout.shape[2]
    inputs = cache.W.shape[0] - 1 - hidden
    for dh_out, s in zip(dHout[::-1], reversed(cache.steps), strict=True):
        dh = dh_out + carry.dh
        dc = carry.dc + dh * s.o * (1.0 - s.c**2)
        da = np.hstack([
            dc * s.g * s.i * (1.0 - s.i),
            dc * s.c_prev * s.f * (1.0 - s.f),
            dh * s.tanh_c * s.o * (1.0 - s.o),
            dc * s.i * (1.0 - s.g**2),
        ])
        _, dx, dh_prev = np.split(da @ cache.W.T, [1, 1 + inputs], axis=1)
        carry = Carry(dc=dc * s.f, dh=dh_prev)
        yield StepGradient(dx=dx, dW=s.row.T @ da, carry=carry)


def lstm_backward(
    dHout: Array, cache, dcn: Array | None = None, dhn: Array | None = None
) -> tuple[Array, Array, Array, Array]:
    if dHout.ndim != 3:
        raise ValueError(f"dHout should be (T, B, H), not {dHout.shape}")
    start = Carry(dc=_zeros_unless(dcn, dHout[0]), dh=_zeros_unless(dhn, dHout[0]))
    steps = list(_walk_back(dHout, cache, start))
    dX = np.stack([step.dx for step in reversed(steps)])
    dW = np.sum([step.dW for step in steps], axis=0)
    first = steps[-1].carry
    return dX, dW, first.dc, first.dh
