"""GRU: forward, backward, and a translation for PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCKS = {"rnn": 1, "gru": 3, "lstm": 4}


class Blocks(NamedTuple):
    """The three blocks of columns of W."""

    z: Array
    r: Array
    n: Array

    @classmethod
    def of(cls, W: Array) -> Blocks:
        if W.shape[1] % 3:
            raise ValueError(f"W should have 3H columns, not {W.shape[1]}")
        return cls(*np.split(W, 3, axis=1))


@dataclass(frozen=True)
class Step:
    row: Array  # [1, x, h]
    reset_row: Array  # [1, x, r * h]
    z: Array
    r: Array
    n: Array
    h_prev: Array


@dataclass(frozen=True)
class Cache:
    W: Array
    steps: list[Step]


@dataclass
class TorchWeights:
    weight_ih: Array
    weight_hh: Array
    bias_ih: Array
    bias_hh: Array

    def as_dict(self) -> dict[str, Array]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def sigmoid(a: Array) -> Array:
    a = np.asarray(a, dtype=np.float64)
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, small) / (1.0 + small)


def init_gru(D: int, H: int, rng: np.random.Generator) -> Array:
    weights = rng.standard_normal((D + H, 3 * H)) / np.sqrt(D + H)
    return np.vstack([np.zeros((1, 3 * H)), weights])


def _row(x: Array, h: Array) -> Array:
    return np.hstack([np.ones((len(x), 1)), x, h])


def gru_forward(X: Array, W: Array, h0: Array | None = None) -> tuple[Array, Array, Cache]:
    blocks = Blocks.of(W)
    h = np.zeros((X.shape[1], W.shape[1] // 3)) if h0 is None else h0
    steps: list[Step] = []
    states: list[Array] = []
    for x in X:
        row = _row(x, h)
        z, r = sigmoid(row @ blocks.z), sigmoid(row @ blocks.r)
        reset_row = _row(x, r * h)
        n = np.tanh(reset_row @ blocks.n)
        steps.append(Step(row=row, reset_row=reset_row, z=z, r=r, n=n, h_prev=h))
        h = (1.0 - z) * h + z * n
        states.append(h)
    return np.stack(states), h, Cache(W=W, steps=steps)


def gru_backward(
    dHout: Array, cache: Cache, dhn: Array | None = None
) -> tuple[Array, Array, Array]:
    blocks = Blocks.of(cache.W)
    hidden = dHout.shape[2]
    inputs = cache.W.shape[0] - 1 - hidden
    dblocks = Blocks(*(np.zeros_like(block) for block in blocks))
    carry = np.zeros_like(dHout[0]) if dhn is None else dhn
    dxs: list[Array] = []

    def parts(drow: Array) -> tuple[Array, Array]:
        """Drop the gradient of the 1; keep those of x and of h."""
        return drow[:, 1 : 1 + inputs], drow[:, 1 + inputs :]

    for dh_out, s in zip(dHout[::-1], cache.steps[::-1], strict=True):
        dh = dh_out + carry
        dz = dh * (s.n - s.h_prev)
        da_n = dh * s.z * (1.0 - s.n**2)
        dx_n, d_reset = parts(da_n @ blocks.n.T)
        da_z = dz * s.z * (1.0 - s.z)
        da_r = d_reset * s.h_prev * s.r * (1.0 - s.r)
        dx_zr, dh_zr = parts(da_z @ blocks.z.T + da_r @ blocks.r.T)

        dblocks.z[...] += s.row.T @ da_z
        dblocks.r[...] += s.row.T @ da_r
        dblocks.n[...] += s.reset_row.T @ da_n
        dxs.append(dx_n + dx_zr)
        carry = dh * (1.0 - s.z) + d_reset + dh_zr

    return np.stack(dxs[::-1]), np.hstack(dblocks), carry


def gru_forward_after(
    X: Array, W: Array, b_hn: Array, h0: Array | None = None
) -> tuple[Array, Array, None]:
    blocks = Blocks.of(W)
    inputs = X.shape[2]
    h = np.zeros((X.shape[1], len(b_hn))) if h0 is None else h0
    states: list[Array] = []
    for x in X:
        row = _row(x, h)
        z, r = sigmoid(row @ blocks.z), sigmoid(row @ blocks.r)
        outside = row[:, : 1 + inputs] @ blocks.n[: 1 + inputs]
        inside = h @ blocks.n[1 + inputs :] + b_hn
        n = np.tanh(outside + r * inside)
        h = (1.0 - z) * h + z * n
        states.append(h)
    return np.stack(states), h, None


def to_torch_gru(W: Array, b_hn: Array) -> dict[str, Array]:
    blocks = Blocks.of(W)
    hidden = len(b_hn)
    inputs = W.shape[0] - 1 - hidden
    # PyTorch's z is our 1 - z, and 1 - sigmoid(a) = sigmoid(-a)
    torch_blocks = blocks._replace(z=-blocks.z)
    weights = np.hstack(torch_blocks)
    return TorchWeights(
        weight_ih=weights[1 : 1 + inputs].T.copy(),
        weight_hh=weights[1 + inputs :].T.copy(),
        bias_ih=weights[0].copy(),
        bias_hh=np.concatenate([np.zeros(2 * hidden), b_hn]),
    ).as_dict()


def count_parameters(D: int, H: int, cell: str) -> int:
    if cell not in BLOCKS:
        raise ValueError(f"unknown cell {cell!r}")
    return BLOCKS[cell] * H * (1 + D + H)
