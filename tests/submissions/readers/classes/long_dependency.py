"""Long dependency: tasks, read-out, Adam as a class."""

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
    length = int(rng.integers(T, int(1.1 * T) + 1))
    values = rng.uniform(-1.0, 1.0, size=(length, B))
    markers = np.zeros((length, B))
    y = np.empty(B)
    for b in range(B):
        first = int(rng.integers(10))
        candidates = [t for t in range(T // 2) if t != first][: T // 2 - 1]
        second = int(rng.choice(candidates))
        markers[[first, second], b] = 1.0
        y[b] = 0.5 + (values[first, b] + values[second, b]) / 4.0
    isZeroChosen = markers[0] == 1.0
    values[0, isZeroChosen] = 0.0
    markers[0] = -1.0
    markers[-1] = -1.0
    return np.stack([values, markers], axis=2), y


def recall_task(distance, B, V, rng):
    symbols = rng.integers(V, size=(distance + 1, B))
    query = np.full((1, B), V)
    X = np.eye(V + 1)[np.concatenate([symbols, query])]
    return X, symbols[0]


def adding_baseline():
    limit = 0.16  # |X1 + X2| < 4 * 0.04
    return {"mse": 1.0 / 24.0, "mae": 1.0 / 6.0, "hit_rate": limit - limit**2 / 4.0}


def paper_criterion(errors):
    isRight = np.abs(errors) < 0.04
    runLength = 0
    for n, right in enumerate(isRight):
        runLength = runLength + 1 if right else 0
        if runLength == 2000:
            return n
    return None


def cellOf(params):
    H = len(params["W_out"]) - 1
    return CELLS[params["W"].shape[1] // H]


def withOnes(h):
    return np.concatenate([np.ones((len(h), 1)), h], axis=1)


def read_out(params, h):
    return np.einsum("bh,hk->bk", withOnes(h), params["W_out"])


def predict(params, X):
    forward, _ = cellOf(params)
    logits = read_out(params, forward(X, params["W"])[0][-1])
    return logits[:, 0] if logits.shape[1] == 1 else logits


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, forget_bias)
        W[0, :H] = input_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] = -np.asarray(forget_bias, dtype=float)
    elif cell == "rnn":
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0.0
    wOut = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    wOut[0] = 0.0
    return {"W": W, "W_out": wOut}


def loss_and_gradients(params, X, y):
    forward, backward = cellOf(params)
    out = forward(X, params["W"])
    Hout, cache = out[0], out[-1]
    logits = read_out(params, Hout[-1])
    B, K = logits.shape
    if K == 1:
        diff = logits - y[:, None]
        loss = float(np.mean(diff**2))
        dLogits = 2.0 * diff / B
    else:
        shifted = logits - logits.max(axis=1, keepdims=True)
        probs = np.exp(shifted)
        probs /= probs.sum(axis=1, keepdims=True)
        oneHot = np.eye(K)[y]
        logProbs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = float(-np.einsum("bk,bk->", oneHot, logProbs) / B)
        dLogits = (probs - oneHot) / B
    dHout = np.zeros(Hout.shape)
    dHout[-1] = np.einsum("bk,hk->bh", dLogits, params["W_out"][1:])
    dWOut = np.einsum("bh,bk->hk", withOnes(Hout[-1]), dLogits)
    return loss, {"W": backward(dHout, cache)[1], "W_out": dWOut}


class Adam:
    def __init__(self, params, lr):
        self.lr, self.k = lr, 0
        self.m = {name: np.zeros(w.shape) for name, w in params.items()}
        self.v = {name: np.zeros(w.shape) for name, w in params.items()}

    def update(self, params, grads):
        self.k += 1
        for name, d in grads.items():
            self.m[name] = 0.9 * self.m[name] + 0.1 * d
            self.v[name] = 0.999 * self.v[name] + 0.001 * d**2
            mHat = self.m[name] / (1.0 - 0.9**self.k)
            vHat = self.v[name] / (1.0 - 0.999**self.k)
            params[name] = params[name] - self.lr * mHat / (np.sqrt(vHat) + 1e-8)


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    adam = Adam(params, lr)
    history = {"loss": [], "gradient_norm": []}
    for _ in range(updates):
        if task == "adding":
            X, y = adding_problem(T, batch_size, rng)
        else:
            X, y = recall_task(T, batch_size, V, rng)
        loss, grads = loss_and_gradients(params, X, y)
        norms = {name: np.linalg.norm(d) for name, d in grads.items()}
        history["loss"].append(loss)
        history["gradient_norm"].append(float(np.sqrt(sum(n**2 for n in norms.values()))))
        clipped = {name: d / norms[name] if norms[name] > 1 else d for name, d in grads.items()}
        adam.update(params, clipped)
    return params, history
