"""Two networks for the experiments of 1997: today's, and the paper's own.

`Network` is solutions/fast_lstm.py with what the experiments need besides: a
loss at every step, outputs that see the inputs, four kinds of output.
`Blocks` is the network of 1997: blocks with shared gates, trained by the
truncated gradient and plain gradient descent after every sequence. Since that
leaves one sequence at a time, several networks run side by side; each has its own
weights and its own sequences.
"""

from dataclasses import dataclass
from typing import Any

import machine  # noqa: F401  before NumPy
import numpy as np
import numpy.typing as npt

from fast_lstm import LSTM, Adam, clip_global, initial_weights

Array = npt.NDArray[Any]

#: A forget bias so high that f is exactly 1 in float32, and its gradient exactly 0:
#: the cell of 1997, which has no forget gate.
NEVER_FORGETS = 30.0


class EveryStep(LSTM):
    """The fast LSTM with a loss at every step."""

    @property
    def states(self) -> Array:
        """Hidden states of the last forward, (T, H, B), a view."""
        return self._inputs[1 : self.T + 1, 1 + self.D :]

    def backward_every(self, dHout: Array, dW: Array) -> None:
        """Carry back the gradients dHout (T, H, B) of all hidden states; write dW (R, 4H)."""
        T, H = self.T, self.H
        self._differentiate()
        self._grads[T, 5] = 0.0
        dh = np.zeros(dHout.shape[1:], self.dtype)
        dc = np.empty_like(dh)
        product, multiply, add = self._recurrent.dot, np.multiply, np.add
        views = zip(reversed(dHout), reversed(self._backward_views[:T]), strict=True)
        for upstream, (by_h, of_h, dc_h, dc_later, by_c, of_c, da) in views:
            add(dh, upstream, dh)
            multiply(by_h, dh, of_h)
            add(dc_h, dc_later, dc)
            multiply(by_c, dc, of_c)
            product(da, dh)
        products = np.matmul(self._inputs[:T], self._da[:T].transpose(0, 2, 1))
        # blocks of columns inside are o | i | f | g, in W i | f | o | g
        dW.reshape(-1, 4, H)[:, [2, 0, 1, 3]] = products.sum(axis=0).reshape(-1, 4, H)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How today's network is made and trained.

    forget: None for no forget gate; "chrono": b_f = log U(1, T-1) and b_i = -b_f
        of the lag T; else the forget bias.
    output: "linear", "sigmoid" (both: squared error), "bernoulli" or "softmax"
        (cross-entropy).
    slows: the root mean squared error below which the learning rate falls with
        it; 0 for a constant one.
    """

    hidden: int = 8
    batch: int = 32
    rate: float = 0.02
    forget: float | str | None = None
    input_bias: float = -3.0
    lag: int = 100
    output: str = "linear"
    every: bool = False
    direct: bool = False
    slows: float = 0.1
    clip: float = 1.0


class Network:
    """An LSTM and what is read off it: at the last step, or at every step.

    All parameters are one vector, all gradients another.
    """

    def __init__(self, D: int, K: int, settings: Settings, rng: np.random.Generator) -> None:
        H = settings.hidden
        self.settings, self.D = settings, D
        forget: float | Array = NEVER_FORGETS
        inlet: float | Array = settings.input_bias
        if settings.forget == "chrono":
            forget = np.log(rng.uniform(1.0, settings.lag - 1.0, H))
            inlet = -forget
        elif isinstance(settings.forget, float):
            forget = settings.forget
        W, W_out = initial_weights(D, H, K, rng, forget_bias=forget, input_bias=inlet)
        if settings.direct:
            W_out = np.vstack([W_out, rng.uniform(-0.2, 0.2, (D, K))])
        if settings.output == "linear":
            W_out[0] = 0.5
        self.cell = EveryStep(D, H)
        self.parameters = np.concatenate([W.ravel(), W_out.ravel()]).astype(np.float32)
        self.gradients = np.zeros_like(self.parameters)
        self.W, self.dW = (v[: W.size].reshape(W.shape) for v in self._vectors())
        self.W_out, self.dW_out = (v[W.size :].reshape(W_out.shape) for v in self._vectors())
        self.adam = Adam(self.parameters.size, settings.rate)

    def _vectors(self) -> tuple[Array, Array]:
        return self.parameters, self.gradients

    def predict(self, X: Array) -> Array:
        """Answer X (T, B, D): (B, K), or (T, B, K) at every step."""
        H, kind = self.settings.hidden, self.settings.output
        h = self.cell.forward(self.W, X)
        self._read = self.cell.states.transpose(0, 2, 1) if self.settings.every else h.T
        self._X = X
        a = self._read @ self.W_out[1 : 1 + H] + self.W_out[0]
        if self.settings.direct:
            a += X.astype(np.float32) @ self.W_out[1 + H :]
        if kind in {"sigmoid", "bernoulli"}:
            a = 0.5 * np.tanh(0.5 * a) + 0.5
        elif kind == "softmax":
            a = np.exp(a - a.max(axis=-1, keepdims=True))
            a /= a.sum(axis=-1, keepdims=True)
        self._y = a
        return a

    def learn(self, target: Array, weight: Array | float = 1.0) -> None:
        """Make one update towards the target, of the form of what predict answered."""
        settings, y, H = self.settings, self._y, self.settings.hidden
        da = (y - target) * weight
        if settings.output in {"linear", "sigmoid"}:
            da = 2.0 * da
        if settings.output == "sigmoid":
            da = da * y * (1.0 - y)
        da = (da / y.shape[-2]).astype(np.float32)
        flat, read = da.reshape(-1, y.shape[-1]), self._read.reshape(-1, H)
        self.dW_out[0] = flat.sum(axis=0)
        self.dW_out[1 : 1 + H] = read.T @ flat
        if settings.direct:
            self.dW_out[1 + H :] = self._X.reshape(-1, self.D).T @ flat
        back = self.W_out[1 : 1 + H]
        if settings.every:
            dHout = np.ascontiguousarray(np.matmul(back, da.transpose(0, 2, 1)))
            self.cell.backward_every(dHout, self.dW)
        else:
            self.cell.backward(back @ da.T, self.dW)
        clip_global(self.gradients, settings.clip)
        self.adam.step(self.parameters, self.gradients)


class Blocks:
    """Several networks of 1997 side by side, each with weights of its own.

    n networks; weights (n, U, R) and read-outs (n, 1, 1+C), as columns are what
    comes out here: the units in the order input gates | output gates | cells. One
    output at the last step, squashed by σ or as it is.
    """

    def __init__(self, W: Array, W_out: Array, size: int, *, squashed: bool) -> None:
        """Take W (n, R, U) and W_out (n, 1+C), as the exercise has them."""
        self.W, self.W_out, self.size = W.copy(), W_out.copy(), size
        self.squashed = squashed
        self.C = W_out.shape[1] - 1
        self.b = self.C // size
        self.D = W.shape[1] - 1 - W.shape[2]

    def keep(self, which: Array) -> None:
        """Go on with some of the networks."""
        self.W, self.W_out = self.W[which], self.W_out[which]

    def predict(self, X: Array) -> Array:
        """Answer one sequence per network, X (T, n, D): (n,)."""
        T, n, D = X.shape
        b, U = self.b, self.W.shape[2]
        # one tanh serves everything: σ(a) = tanh(a/2)/2 + 1/2, g(a) = 2 tanh(a/2)
        half = 0.5 * self.W
        recurrent = np.ascontiguousarray(half[:, 1 + D :].transpose(0, 2, 1))
        rows = np.concatenate([np.ones((T, n, 1)), X], axis=2)
        given = np.matmul(rows.transpose(1, 0, 2), half[:, : 1 + D]).transpose(1, 0, 2)
        a = np.ascontiguousarray(given)[..., None]  # (T, n, U, 1)
        u = np.zeros((T + 1, n, U, 1))
        th, S = np.empty((T, n, U, 1)), np.empty((T + 1, n, b, self.size))
        S[0] = 0.0
        fed, entering, h = np.empty((n, U, 1)), np.empty_like(S[0]), np.empty_like(S[0])
        gates, told = u[1:, :, : 2 * b], u[1:, :, 2 * b :].reshape(T, n, b, self.size)
        views = zip(
            *(a, u[:-1], th, th[:, :, : 2 * b], gates, gates[:, :, :b], gates[:, :, b:]),
            *(th[:, :, 2 * b :].reshape(T, n, b, self.size), S[:-1], S[1:], told),
            strict=True,
        )
        matmul, add, tanh, multiply = np.matmul, np.add, np.tanh, np.multiply
        for a_t, u_old, th_t, th_g, y, y_in, y_out, half_g, s_old, s, y_c in views:
            matmul(recurrent, u_old, fed)
            add(a_t, fed, fed)
            tanh(fed, th_t)
            multiply(th_g, 0.5, y)
            add(y, 0.5, y)
            # S holds s / 2, which h and g both want: s/2 += y_in tanh(a_c / 2)
            multiply(y_in, half_g, entering)
            add(s_old, entering, s)
            tanh(s, h)
            multiply(y_out, h, y_c)
        self._seen = rows, u[..., 0], th[..., 0], h
        cells = u[T, :, 2 * b :, 0]
        a_k = self.W_out[:, 0] + (cells * self.W_out[:, 1:]).sum(axis=1)
        self._cells = cells
        self._y = 0.5 * np.tanh(0.5 * a_k) + 0.5 if self.squashed else a_k
        return self._y

    def learn(self, target: Array, rate: float) -> None:
        """Make one step of gradient descent on (y - target)² / 2, target (n,)."""
        rows, u, th, h = self._seen
        T, n = len(rows), len(target)
        b, C, U, size = self.b, self.C, self.W.shape[2], self.size
        slope = self._y * (1.0 - self._y) if self.squashed else 1.0
        da_k = (self._y - target) * slope  # (n,)
        dy_c = (da_k[:, None] * self.W_out[:, 1:]).reshape(n, b, size)
        gates = u[1:, :, : 2 * b]
        slopes = gates * (1.0 - gates)
        y_out = gates[-1, :, b:, None]
        # truncated: ds_t is the same at every step, for ds_t / ds_{t-1} = 1
        ds = dy_c * y_out * (1.0 - h**2) / 2.0  # (n, b, size)
        g = 2.0 * th[:, :, 2 * b :]
        da = np.zeros((T, n, U))
        da[:, :, :b] = (ds.reshape(n, C) * g).reshape(T, n, b, size).sum(axis=3) * slopes[:, :, :b]
        da[-1, :, b : 2 * b] = (dy_c * h).sum(axis=2) * slopes[-1, :, b:]
        y_in = np.repeat(gates[:, :, :b], size, axis=2)
        da[:, :, 2 * b :] = ds.reshape(n, C) * y_in * (1.0 - g**2 / 4.0)
        seen = np.concatenate([rows, u[:-1]], axis=2).transpose(1, 2, 0)  # (n, R, T)
        self.W -= rate * np.matmul(seen, da.transpose(1, 0, 2))
        self.W_out[:, 0] -= rate * da_k
        self.W_out[:, 1:] -= rate * da_k[:, None] * self._cells
