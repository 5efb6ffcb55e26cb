"""Long dependency, in small functions."""

import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

#: The symbols of the recall task as `train` sets it.
V = 8

#: Blocks of H columns in W -> forward and backward of that cell.
CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def adding_problem(T, B, rng):
    length = rng.integers(T, 11 * T // 10 + 1)

    def one_sequence():
        values = rng.uniform(-1, 1, length)
        first = rng.integers(10)
        second = rng.choice([t for t in range(T) if t != first][: T // 2 - 1])
        values[0] = 0.0 if 0 in (first, second) else values[0]
        markers = np.array([float(t in (first, second)) for t in range(length)])
        markers[[0, -1]] = -1.0
        return np.stack([values, markers], axis=1), 0.5 + (values[first] + values[second]) / 4

    Xs, ys = zip(*[one_sequence() for _ in range(B)])
    return np.stack(Xs, axis=1), np.array(ys)


def recall_task(distance, B, V, rng):
    symbols = rng.integers(0, V, (distance + 1, B))
    X = np.eye(V + 1)[np.concatenate([symbols, np.full((1, B), V)])]
    return X, symbols[0]


def adding_baseline():
    s = 4 * 0.04
    return dict(mse=2 / 3 / 16, mae=2 / 3 / 4, hit_rate=1 - (1 - s / 2) ** 2)


def paper_criterion(errors):
    right = np.abs(np.asarray(errors, dtype=float)) < 0.04
    wrong_at = [-1, *np.flatnonzero(~right), len(right)]
    streaks = [start + 1 for start, stop in zip(wrong_at, wrong_at[1:]) if stop - start > 2000]
    return int(streaks[0]) if streaks else None


cell_of = lambda params: CELLS[params["W"].shape[1] // (len(params["W_out"]) - 1)]  # noqa: E731
with_one = lambda h: np.concatenate([np.ones((len(h), 1)), h], axis=1)  # noqa: E731
read_out = lambda params, h: with_one(h) @ params["W_out"]  # noqa: E731


def predict(params, X):
    forward, _ = cell_of(params)
    out = read_out(params, forward(X, params["W"])[0][-1])
    return out[:, 0] if out.shape[1] == 1 else out


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = dict(adding=(2, 1), recall=(V + 1, V))[task]
    draw = lambda rows, columns, n: rng.standard_normal((rows, columns)) / np.sqrt(n)  # noqa: E731
    full = lambda bias: np.zeros(H) + bias  # noqa: E731
    weights = dict(
        lstm=lambda: init_lstm(D, H, rng, 0.0)[1:],
        gru=lambda: init_gru(D, H, rng)[1:],
        rnn=lambda: draw(D + H, H, D + H),
    )[cell]()
    bias = dict(
        lstm=[full(input_bias), full(forget_bias), full(0.0), full(0.0)],
        gru=[-full(forget_bias), full(0.0), full(0.0)],
        rnn=[full(0.0)],
    )[cell]
    return dict(
        W=np.concatenate([np.concatenate(bias)[None], weights]),
        W_out=np.concatenate([np.zeros((1, K)), draw(H, K, H)]),
    )


def squared(out, y):
    error = out[:, 0] - y
    return np.mean(error**2), 2 * error[:, None] / len(y)


def cross_entropy(logits, y):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.mean(log_p[np.arange(len(y)), y])
    return loss, np.exp(log_p) - np.eye(logits.shape[1])[y]


def loss_and_gradients(params, X, y):
    forward, backward = cell_of(params)
    Hout, *_, cache = forward(X, params["W"])
    out = read_out(params, Hout[-1])
    loss, d = (squared if out.shape[1] == 1 else cross_entropy)(out, y)
    dHout = np.concatenate([np.zeros_like(Hout[1:]), [d @ params["W_out"][1:].T]])
    return loss, dict(W=backward(dHout, cache)[1], W_out=with_one(Hout[-1]).T @ d)


def adam(w, d, m, v, k, lr):
    m, v = 0.9 * m + 0.1 * d, 0.999 * v + 0.001 * d**2
    m_hat, v_hat = m / (1 - 0.9**k), v / (1 - 0.999**k)
    return w - lr * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    batch = dict(
        adding=lambda: adding_problem(T, batch_size, rng),
        recall=lambda: recall_task(T, batch_size, V, rng),
    )[task]
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    kept = {name: (w, np.zeros_like(w), np.zeros_like(w)) for name, w in params.items()}
    losses, norms = [], []
    for k in range(1, updates + 1):
        params = {name: w for name, (w, _, _) in kept.items()}
        loss, grads = loss_and_gradients(params, *batch())
        norm = np.sqrt(sum(np.sum(d**2) for d in grads.values()))
        losses, norms = [*losses, float(loss)], [*norms, float(norm)]
        kept = {
            name: adam(w, grads[name] / max(norm, 1), m, v, k, lr)
            for name, (w, m, v) in kept.items()
        }
    return {name: w for name, (w, _, _) in kept.items()}, dict(loss=losses, gradient_norm=norms)
