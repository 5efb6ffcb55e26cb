"""A fast LSTM for training: float32, many sequences at once, NumPy only.

Not an exercise. The equations are those of lstm_forward; the weights are the
course's W (R, 4H), with a linear layer W_out (1 + H, K) on the last hidden
state, so what is trained here can be handed in. What makes it fast:

    feature-major  inside, an array is (features, batch): one gate of all
                   sequences is one contiguous block of memory
    one product    a_t = W' [1; x_t; h_{t-1}], bias and input folded in
    one tanh       σ(a) = tanh(a / 2) / 2 + 1 / 2, so with the columns of i, f
                   and o halved beforehand one tanh serves all four gates
    neighbours     the gates lie as o | i | f | g with c_{t-1} next to g: one
                   multiplication makes both i ⊙ g and f ⊙ c
    factors first  every derivative that does not wait for the time loop is
                   computed for all T at once, before it
    no garbage     all results go into arrays made once (out=), through views
                   made once

At these sizes a NumPy call costs more than its arithmetic, so what counts is
how many there are: 8 a step forward, 4 a step backward. docs/fast-lstm.md has
the times.

Left out on purpose: initial states other than zero, losses at other steps than
the last, sequences of different lengths in one batch.
"""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# blocks of W's columns, i | f | o | g, in the order used inside: o | i | f | g
INSIDE = [2, 0, 1, 3]


class Cell(Protocol):
    """What a Model needs of a recurrent layer; LSTM is one."""

    def forward(self, W: Array, X: Array) -> Array:
        """Run over X (T, B, D) and return the last hidden state (H, B)."""
        ...

    def backward(self, dh: Array, dW: Array) -> None:
        """Write into dW what the gradient dh (H, B) of that state makes of W."""
        ...


class LSTM:
    """The LSTM's way forward and back through time, and the memory for both.

    Holds no weights: forward is given them, and backward belongs to the last
    forward. Sizes D and H are fixed; T and B may change from call to call.
    """

    def __init__(self, D: int, H: int, dtype: npt.DTypeLike = np.float32) -> None:
        self.D, self.H, self.dtype = D, H, np.dtype(dtype)
        self.T = 0
        self._weights = np.empty((4 * H, 1 + D + H), dtype)
        self._recurrent = np.empty((H, 4 * H), dtype)
        self._room = (0, 0)

    def _make_room(self, T: int, B: int) -> None:
        """Allocate everything for T steps, and the views each step works on."""
        D, H, R = self.D, self.H, 1 + self.D + self.H
        # what the weights meet: [1; x_t; h_{t-1}]
        self._inputs = np.zeros((T + 1, R, B), self.dtype)
        self._inputs[:, 0] = 1.0
        # o, i, f, g of step t, then the c_{t-1} that f meets
        self._gates = np.zeros((T + 1, 5, H, B), self.dtype)
        self._tanh_c = np.empty((T, H, B), self.dtype)
        # what dh and dc of step t are multiplied by, and what comes out:
        # from dh its part of dc, and da_o; from dc da_i, da_f, da_g and dc_{t-1}
        self._factors = np.empty((T, 6, H, B), self.dtype)
        self._grads = np.zeros((T + 1, 6, H, B), self.dtype)
        self._products = np.empty((T, R, 4 * H), self.dtype)
        self._room = (T, B)

        inputs, gates, factors, grads = self._inputs, self._gates, self._factors, self._grads
        a = gates.reshape(T + 1, 5 * H, B)[:, : 4 * H]
        self._da = grads.reshape(T + 1, 6 * H, B)[:, H : 5 * H]
        # an array gives its views along t; gates[1:, 4] is c_t, inputs[1:, 1 + D :] is h_t
        self._forward_views = list(
            zip(
                *(inputs, a, a[:, : 3 * H], gates[:, 1:3], gates[:, 3:5]),
                *(gates[1:, 4], self._tanh_c, gates[:, 0], inputs[1:, 1 + D :]),
                strict=False,
            )
        )
        self._backward_views = list(
            zip(
                *(factors[:, :2], grads[:, :2], grads[:, 0], grads[1:, 5]),
                *(factors[:, 2:], grads[:, 2:], self._da),
                strict=False,
            )
        )

    def forward(self, W: Array, X: Array) -> Array:
        """Run the LSTM from zero states over a batch of sequences.

        W (R, 4H), columns i | f | o | g; X (T, B, D). Returns the last hidden
        state, feature-major (H, B): a view, good until the next forward.
        """
        T, B, D = X.shape
        H = self.H
        if self._room[0] < T or self._room[1] != B:
            self._make_room(T, B)
        self.T = T
        self._inputs[:T, 1 : 1 + D] = X.transpose(0, 2, 1)
        blocks = W.reshape(-1, 4, H)[:, INSIDE]  # (R, 4, H)
        self._recurrent[:] = blocks[1 + D :].reshape(H, 4 * H)
        self._weights[:] = blocks.reshape(-1, 4 * H).T
        self._weights[: 3 * H] *= 0.5  # a / 2 for o, i, f

        both = np.empty((2, H, B), self.dtype)
        ig, fc = both
        half = np.array(0.5, self.dtype)
        # short names, and where the result goes last: less to do per call than with np. and out=
        product, tanh, multiply, add = self._weights.dot, np.tanh, np.multiply, np.add
        for inputs, a, oif, i_f, g_c, c, tanh_c, o, h in self._forward_views[:T]:
            # a_t = W' [1; x_t; h_{t-1}], and tanh of all of it
            product(inputs, a)
            tanh(a, a)
            # σ(a) = tanh(a / 2) / 2 + 1 / 2
            multiply(oif, half, oif)
            add(oif, half, oif)
            # c_t = i_t ⊙ g_t + f_t ⊙ c_{t-1}
            multiply(i_f, g_c, both)
            add(ig, fc, c)
            # h_t = o_t ⊙ tanh(c_t)
            tanh(c, tanh_c)
            multiply(o, tanh_c, h)
        return self._inputs[T, 1 + D :]

    def backward(self, dh: Array, dW: Array) -> None:
        """Carry the gradient of the last hidden state back through all T steps.

        dh (H, B) of a scalar loss; its gradient dW (R, 4H) is written.
        """
        T, H = self.T, self.H
        self._differentiate()
        self._grads[T, 5] = 0.0  # no step T brings a dc
        dh = np.array(dh, self.dtype, order="C")  # a copy: the loop writes into it
        dc = np.empty_like(dh)
        product, multiply, add = self._recurrent.dot, np.multiply, np.add
        for by_h, of_h, dc_h, dc_later, by_c, of_c, da in reversed(self._backward_views[:T]):
            # dc_t = dh_t ⊙ o_t ⊙ tanh'(c_t) + dc_{t+1} ⊙ f_{t+1};   da_o
            multiply(by_h, dh, of_h)
            add(dc_h, dc_later, dc)
            # da_i, da_f, da_g;   dc_t ⊙ f_t
            multiply(by_c, dc, of_c)
            # dh_{t-1} = W_h da_t
            product(da, dh)
        # dW = Σ_t [1; x_t; h_{t-1}] da_t'
        np.matmul(self._inputs[:T], self._da[:T].transpose(0, 2, 1), out=self._products[:T])
        blocks = self._products[:T].sum(axis=0).reshape(-1, 4, H)
        dW.reshape(-1, 4, H)[:, INSIDE] = blocks

    def _differentiate(self) -> None:
        """Fill the factors of all steps: what dh and dc are multiplied by."""
        T = self.T
        o, i, f, g = (self._gates[:T, k] for k in range(4))
        oif, g_c = self._gates[:T, :3], self._gates[:T, 3:5]
        tanh_c = self._tanh_c[:T]
        factors = self._factors[:T]
        to_c, to_o, to_g, keep = (factors[:, k] for k in (0, 1, 4, 5))
        # dc = dh ⊙ o ⊙ (1 - tanh²(c))
        np.multiply(tanh_c, tanh_c, out=to_c)
        np.subtract(1.0, to_c, out=to_c)
        np.multiply(to_c, o, out=to_c)
        # σ' = σ (1 - σ):  da_o = dh ⊙ tanh(c) ⊙ σ'(o)
        # da_i = dc ⊙ g ⊙ σ'(i);  da_f = dc ⊙ c_{t-1} ⊙ σ'(f)
        np.subtract(1.0, oif, out=factors[:, 1:4])
        np.multiply(factors[:, 1:4], oif, out=factors[:, 1:4])
        np.multiply(to_o, tanh_c, out=to_o)
        np.multiply(factors[:, 2:4], g_c, out=factors[:, 2:4])
        # da_g = dc ⊙ i ⊙ (1 - g²)
        np.multiply(g, g, out=to_g)
        np.subtract(1.0, to_g, out=to_g)
        np.multiply(to_g, i, out=to_g)
        # dc_{t-1} = dc ⊙ f
        keep[...] = f

    @property
    def Hout(self) -> Array:  # noqa: N802
        """Hidden states of the last forward, in the course's layout (T, B, H)."""
        return self._inputs[1 : self.T + 1, 1 + self.D :].transpose(0, 2, 1)

    @property
    def cn(self) -> Array:
        """Cell state after the last step of the last forward (B, H)."""
        return self._gates[self.T, 4].T


class Model:
    """A recurrent layer and a linear layer on its last hidden state.

    All weights are one vector, `parameters`, and all gradients another,
    `gradients`, so that clipping and Adam are a few calls; W, W_out, dW and
    dW_out are views of them in the course's layout.
    """

    def __init__(
        self, cell: Cell, W: Array, W_out: Array, dtype: npt.DTypeLike = np.float32
    ) -> None:
        self.cell = cell
        self.parameters = np.concatenate([W.ravel(), W_out.ravel()]).astype(dtype)
        self.gradients = np.zeros_like(self.parameters)
        self.W, self.dW = (v[: W.size].reshape(W.shape) for v in self._vectors())
        self.W_out, self.dW_out = (v[W.size :].reshape(W_out.shape) for v in self._vectors())

    def _vectors(self) -> tuple[Array, Array]:
        return self.parameters, self.gradients

    def predict(self, X: Array) -> Array:
        """Read y (B, K) = [1, h_T] @ W_out off the last step of X (T, B, D)."""
        self._h = self.cell.forward(self.W, X)  # (H, B)
        return self._h.T @ self.W_out[1:] + self.W_out[0]

    def backward(self, dy: Array) -> None:
        """Fill the gradients from dy (B, K), after predict."""
        self.dW_out[0] = dy.sum(axis=0)
        self.dW_out[1:] = self._h @ dy
        self.cell.backward(self.W_out[1:] @ dy.T, self.dW)


class Adam:
    """Adam (Kingma & Ba 2015) on one vector of parameters. lr may be changed."""

    def __init__(self, size: int, lr: float, dtype: npt.DTypeLike = np.float32) -> None:
        self.lr, self.beta1, self.beta2, self.epsilon = lr, 0.9, 0.999, 1e-8
        self.steps = 0
        self._m, self._v, self._scratch = (np.zeros(size, dtype) for _ in range(3))

    def step(self, parameters: Array, gradients: Array) -> None:
        """Change the parameters (N,) in place; the gradients (N,) stay."""
        m, v, scratch = self._m, self._v, self._scratch
        self.steps += 1
        # m = β1 m + (1 - β1) g;   v = β2 v + (1 - β2) g²
        np.subtract(gradients, m, out=scratch)
        scratch *= 1.0 - self.beta1
        m += scratch
        np.multiply(gradients, gradients, out=scratch)
        scratch -= v
        scratch *= 1.0 - self.beta2
        v += scratch
        # θ = θ - lr m̂ / (√v̂ + ε), hats for the correction of the zero start
        np.sqrt(v, out=scratch)
        scratch *= 1.0 / np.sqrt(1.0 - self.beta2**self.steps)
        scratch += self.epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= self.lr / (1.0 - self.beta1**self.steps)
        parameters -= scratch


def clip_global(gradients: Array, limit: float) -> float:
    """Scale the gradients (N,) in place to at most this norm; return the old norm."""
    norm = float(np.sqrt(gradients @ gradients))
    if norm > limit:
        gradients *= limit / norm
    return norm


def train_step(model: Model, adam: Adam, X: Array, y: Array, clip: float = 1.0) -> Array:
    """Make one full step: forward, back through time, clip, Adam.

    X (T, B, D), y (B, K); the loss is the mean over the batch of the squared
    errors, summed over K. Returns the errors (B, K) before the update.
    """
    errors = model.predict(X) - y
    model.backward(errors * (2.0 / len(errors)))
    clip_global(model.gradients, clip)
    adam.step(model.parameters, model.gradients)
    return errors


def initial_weights(
    D: int,
    H: int,
    K: int,
    rng: np.random.Generator,
    forget_bias: float | Array = 1.0,
    input_bias: float | Array = 0.0,
) -> tuple[Array, Array]:
    """Draw W (R, 4H) and W_out (1 + H, K), uniform within ±1 / sqrt(H).

    Biases are zero, but for the given ones, each a number or (H,). A cell with
    forget bias b remembers about 1 + e^b steps: log-uniform biases spread the
    memories of a layer over all lengths up to T (chrono, Tallec & Ollivier 2018).
    """
    W = rng.uniform(-1.0, 1.0, (1 + D + H, 4 * H)) / np.sqrt(H)
    W[0] = 0.0
    W[0, :H] += input_bias
    W[0, H : 2 * H] += forget_bias
    W_out = rng.uniform(-1.0, 1.0, (1 + H, K)) / np.sqrt(H)
    W_out[0] = 0.0
    return W, W_out
