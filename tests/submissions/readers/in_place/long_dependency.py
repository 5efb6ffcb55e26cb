"""Long dependency, whole batches at once."""

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
    length = rng.integers(T, int(np.floor(1.1 * T)), endpoint=True)
    X = np.zeros((length, B, 2))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (length, B))
    rows = np.arange(B)

    first = rng.integers(0, 10, B)
    # the second among steps 0..T//2-2 without the first, if that is one of them:
    # draw from one fewer, and move up by one from the first on
    last = T // 2 - 2
    inside = first <= last
    second = rng.integers(0, np.where(inside, last, last + 1))
    second += inside & (second >= first)

    X[first, rows, 1] = 1.0
    X[second, rows, 1] = 1.0
    X[0, :, 1] = -1.0
    X[-1, :, 1] = -1.0
    X[0, (first == 0) | (second == 0), 0] = 0.0
    y = X[first, rows, 0] + X[second, rows, 0]
    y /= 4.0
    y += 0.5
    return X, y


def recall_task(distance, B, V, rng):
    symbols = np.full((distance + 2, B), V)
    symbols[:-1] = rng.integers(0, V, (distance + 1, B))
    X = np.zeros((distance + 2, B, V + 1))
    np.put_along_axis(X, symbols[:, :, None], 1.0, axis=2)
    return X, symbols[0].copy()


def adding_baseline():
    # P(|X1 + X2| < s) = s - s²/4, here with s = 4 · 0.04
    s = 0.16
    return {"mse": 1.0 / 24.0, "mae": 1.0 / 6.0, "hit_rate": s - s * s / 4.0}


def paper_criterion(errors):
    right = np.abs(np.asarray(errors, dtype=np.float64)) < 0.04
    total = np.zeros(len(right) + 1, dtype=int)
    np.cumsum(right, out=total[1:])
    full = np.flatnonzero(total[2000:] - total[:-2000] == 2000) if len(right) >= 2000 else []
    return int(full[0]) + 1999 if len(full) else None


def _cell(params):
    return CELLS[params["W"].shape[1] // (params["W_out"].shape[0] - 1)]


def read_out(params, h):
    out = h @ params["W_out"][1:]
    out += params["W_out"][0]
    return out


def predict(params, X):
    forward, _ = _cell(params)
    out = read_out(params, forward(X, params["W"])[-2])
    return out[:, 0] if out.shape[1] == 1 else out


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = {"adding": (2, 1), "recall": (V + 1, V)}[task]
    if cell == "lstm":
        W = init_lstm(D, H, rng, forget_bias)
        W[0, :H] += input_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] -= forget_bias
    else:
        W = np.zeros((1 + D + H, H))
        rng.standard_normal(out=W[1:])
        W[1:] /= np.sqrt(D + H)
    W_out = np.zeros((1 + H, K))
    rng.standard_normal(out=W_out[1:])
    W_out[1:] /= np.sqrt(H)
    return {"W": W, "W_out": W_out}


def loss_and_gradients(params, X, y):
    forward, backward = _cell(params)
    Hout, *_, hn, cache = forward(X, params["W"])
    d = read_out(params, hn)
    B, K = d.shape
    if K == 1:
        d -= y[:, None]
        loss = float(np.mean(d * d))
        d *= 2.0 / B
    else:
        d -= d.max(axis=1, keepdims=True)
        log_z = np.log(np.exp(d).sum(axis=1, keepdims=True))
        d -= log_z
        loss = float(-d[np.arange(B), y].mean())
        np.exp(d, out=d)
        d[np.arange(B), y] -= 1.0
        d /= B
    dW_out = np.empty_like(params["W_out"])
    np.sum(d, axis=0, out=dW_out[0])
    np.matmul(hn.T, d, out=dW_out[1:])
    dHout = np.zeros_like(Hout)
    np.matmul(d, params["W_out"][1:].T, out=dHout[-1])
    return loss, {"W": backward(dHout, cache)[1], "W_out": dW_out}


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    m = {name: np.zeros_like(w) for name, w in params.items()}
    v = {name: np.zeros_like(w) for name, w in params.items()}
    losses, norms = np.empty(updates), np.empty(updates)
    for k in range(updates):
        if task == "adding":
            X, y = adding_problem(T, batch_size, rng)
        else:
            X, y = recall_task(T, batch_size, V, rng)
        losses[k], grads = loss_and_gradients(params, X, y)
        norms[k] = np.sqrt(sum(np.vdot(d, d) for d in grads.values()))
        for name, d in grads.items():
            d /= max(1.0, norms[k])
            m[name] *= 0.9
            m[name] += 0.1 * d
            v[name] *= 0.999
            v[name] += 0.001 * d * d
            step = np.sqrt(v[name] / (1.0 - 0.999 ** (k + 1)))
            step += 1e-8
            np.divide(m[name], step, out=step)
            step *= lr / (1.0 - 0.9 ** (k + 1))
            params[name] -= step
    return params, {"loss": losses, "gradient_norm": norms}
