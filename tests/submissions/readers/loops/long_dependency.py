"""Long dependency."""

import math

import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

#: The symbols of the recall task as `train` sets it.
V = 8


def adding_problem(T, B, rng):
    longest = 11 * T // 10
    length = int(rng.integers(T, longest + 1))
    X = np.zeros((length, B, 2))
    y = np.zeros(B)
    for b in range(B):
        X[:, b, 0] = rng.uniform(-1.0, 1.0, length)
        first = int(rng.integers(0, 10))
        # the first T // 2 - 1 steps that are still free
        free = [t for t in range(T) if t != first][: T // 2 - 1]
        second = free[int(rng.integers(0, len(free)))]
        X[first, b, 1] = 1.0
        X[second, b, 1] = 1.0
        X[0, b, 1] = -1.0
        X[length - 1, b, 1] = -1.0
        if first == 0 or second == 0:
            X[0, b, 0] = 0.0
        y[b] = 0.5 + (X[first, b, 0] + X[second, b, 0]) / 4.0
    return X, y


def recall_task(distance, B, V, rng):
    X = np.zeros((distance + 2, B, V + 1))
    y = np.zeros(B, dtype=int)
    for b in range(B):
        for t in range(distance + 1):
            symbol = int(rng.integers(0, V))
            X[t, b, symbol] = 1.0
            if t == 0:
                y[b] = symbol
        X[distance + 1, b, V] = 1.0
    return X, y


def adding_baseline():
    # s = X1 + X2 has density (2 - |s|) / 4 on [-2, 2]; the error is s / 4
    limit = 4 * 0.04
    return {
        "mse": (1.0 / 3.0 + 1.0 / 3.0) / 16.0,
        "mae": (2.0 / 3.0) / 4.0,
        "hit_rate": (2.0 * limit - limit**2 / 2.0) / 2.0,
    }


def paper_criterion(errors):
    streak = 0
    for n, error in enumerate(errors):
        if abs(error) < 0.04:
            streak += 1
        else:
            streak = 0
        if streak == 2000:
            return n
    return None


def blocks_of(params):
    H = params["W_out"].shape[0] - 1
    return params["W"].shape[1] // H


def forward_of(params, X):
    blocks = blocks_of(params)
    if blocks == 4:
        Hout, _, hn, cache = lstm_forward(X, params["W"])
    elif blocks == 3:
        Hout, hn, cache = gru_forward(X, params["W"])
    else:
        Hout, hn, cache = rnn_forward(X, params["W"])
    return Hout, hn, cache


def backward_of(params, dHout, cache):
    blocks = blocks_of(params)
    if blocks == 4:
        return lstm_backward(dHout, cache)[1]
    if blocks == 3:
        return gru_backward(dHout, cache)[1]
    return rnn_backward(dHout, cache)[1]


def with_one(h):
    return np.hstack([np.ones((len(h), 1)), h])


def read_out(params, h):
    return with_one(h) @ params["W_out"]


def predict(params, X):
    _, hn, _ = forward_of(params, X)
    answer = read_out(params, hn)
    if answer.shape[1] == 1:
        return answer[:, 0]
    return answer


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, 0.0)
        W[0, H : 2 * H] = forget_bias
        W[0, 0:H] = input_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, 0:H] = -np.asarray(forget_bias)
    else:
        W = rng.standard_normal((1 + D + H, H)) / math.sqrt(D + H)
        W[0] = 0.0
    W_out = rng.standard_normal((1 + H, K)) / math.sqrt(H)
    W_out[0] = 0.0
    return {"W": W, "W_out": W_out}


def squared_loss(answer, y):
    B = len(y)
    difference = answer[:, 0] - y
    return np.mean(difference**2), (2.0 * difference / B).reshape(B, 1)


def cross_entropy_loss(logits, y):
    B = len(y)
    loss = 0.0
    d = np.zeros(logits.shape)
    for b in range(B):
        e = np.exp(logits[b] - logits[b].max())
        p = e / e.sum()
        loss -= (logits[b, y[b]] - logits[b].max() - math.log(e.sum())) / B
        d[b] = p / B
        d[b, y[b]] -= 1.0 / B
    return loss, d


def loss_and_gradients(params, X, y):
    Hout, hn, cache = forward_of(params, X)
    answer = read_out(params, hn)
    if answer.shape[1] == 1:
        loss, d = squared_loss(answer, y)
    else:
        loss, d = cross_entropy_loss(answer, y)
    dHout = np.zeros(Hout.shape)
    dHout[-1] = d @ params["W_out"][1:].T
    return loss, {"W": backward_of(params, dHout, cache), "W_out": with_one(hn).T @ d}


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    m = {name: np.zeros(w.shape) for name, w in params.items()}
    v = {name: np.zeros(w.shape) for name, w in params.items()}
    history = {"loss": [], "gradient_norm": []}
    for k in range(1, updates + 1):
        if task == "adding":
            X, y = adding_problem(T, batch_size, rng)
        else:
            X, y = recall_task(T, batch_size, V, rng)
        loss, grads = loss_and_gradients(params, X, y)
        norm = math.sqrt(sum(np.sum(d**2) for d in grads.values()))
        history["loss"].append(float(loss))
        history["gradient_norm"].append(norm)
        for name in params:
            d = grads[name]
            if norm > 1.0:
                d = d / norm
            m[name] = 0.9 * m[name] + 0.1 * d
            v[name] = 0.999 * v[name] + 0.001 * d**2
            m_hat = m[name] / (1 - 0.9**k)
            v_hat = v[name] / (1 - 0.999**k)
            params[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)
    return params, history
