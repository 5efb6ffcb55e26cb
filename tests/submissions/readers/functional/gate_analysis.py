"""Gate analysis, in small functions."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    (T, B, _), H = X.shape, W.shape[1] // 4
    c0, h0 = (np.zeros((B, H)) if s is None else s for s in (c0, h0))
    h = lstm_forward(X, W, c0, h0)[0]
    rows = np.concatenate([np.ones((T, B, 1)), X, np.concatenate([h0[None], h[:-1]])], axis=2)
    a_i, a_f, a_o, a_g = np.split(rows @ W, 4, axis=2)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
    c = [c0]
    for f_t, load in zip(f, i * g):
        c = [*c, f_t * c[-1] + load]
    return dict(i=i, f=f, o=o, g=g, c=np.array(c[1:]), h=h)


def gate_statistics(gate, low=0.1, high=0.9):
    over_all = lambda values: np.mean(values, axis=(0, 1))  # noqa: E731
    mean = over_all(gate)
    return dict(
        mean=mean,
        std=np.sqrt(over_all((gate - mean) ** 2)),
        closed=over_all(gate < low),
        open=over_all(gate > high),
    )


saturated_fraction = lambda gate, low=0.05, high=0.95: np.mean((gate < low) | (gate > high))  # noqa: E731


def memory_timescale(f):
    tau = lambda v: np.inf if v == 1 else -1 / np.log(v)  # noqa: E731
    return np.array([tau(v) for v in np.ravel(f)]).reshape(np.shape(f))


direct_memory = lambda f, start, stop: np.prod(f[start:stop], axis=0)  # noqa: E731
event_response = lambda gate, events: gate[events].mean(0) - gate[~events].mean(0)  # noqa: E731

CELLS = dict(
    lstm=(lstm_forward, lstm_backward),
    rnn=(rnn_forward, rnn_backward),
    gru=(gru_forward, gru_backward),
)


def gradient_by_lag(X, W, cell):
    forward, backward = CELLS[cell]

    def dh_at(t):
        states = forward(X[: t + 1], W)[1:-1]
        Hout, *_, cache = forward(X[t:], W, *states)
        ones_last = np.concatenate([np.zeros_like(Hout[1:]), np.ones_like(Hout[:1])])
        return np.linalg.norm(backward(ones_last, cache)[-1])

    T, B, _ = X.shape
    H = W.shape[0] - 1 - X.shape[2]
    return np.array([dh_at(t) for t in range(T - 1)] + [np.sqrt(B * H)])


def finish(fig, path):
    fig.tight_layout()
    if path is not None:
        fig.savefig(path)
    plt.close(fig)
    return fig


def plot_gates(activations, path=None):
    fig, axes = plt.subplots(1, 4, figsize=(14, 4))
    limits = lambda k: {} if k == "c" else dict(vmin=0, vmax=1)  # noqa: E731
    for k, ax in zip("ifoc", axes):
        fig.colorbar(ax.pcolormesh(activations[k][:, 0], **limits(k)), ax=ax)
        ax.set(title=k, xlabel="unit", ylabel="step")
    return finish(fig, path)


def plot_gradient_flow(curves, path=None):
    fig, ax = plt.subplots()
    [ax.semilogy(curve, label=name) for name, curve in curves.items()]
    ax.set(xlabel="step", ylabel="gradient norm")
    ax.legend()
    return finish(fig, path)


def plot_saturation(gate, path=None):
    fig, ax = plt.subplots()
    ax.hist(np.ravel(gate), bins=25)
    ax.set(xlabel="value", ylabel="count", title=f"saturated: {saturated_fraction(gate):.1%}")
    return finish(fig, path)
