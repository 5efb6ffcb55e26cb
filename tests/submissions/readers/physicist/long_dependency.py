import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

V = 8


def adding_problem(T, B, rng):
    N = rng.integers(T, 11 * T // 10, endpoint=True)
    v = rng.uniform(-1, 1, (N, B))
    m = np.zeros((N, B))
    b = np.arange(B)
    j = rng.integers(0, 10, B)
    k = rng.integers(0, T // 2 - 1, B)
    k = k + (k >= j)  # k-th of the steps that are left
    m[j, b] = m[k, b] = 1
    m[0] = m[-1] = -1
    v[0, (j == 0) | (k == 0)] = 0
    return np.stack((v, m), axis=-1), 0.5 + (v[j, b] + v[k, b]) / 4


def recall_task(distance, B, V, rng):
    s = rng.integers(0, V, (distance + 1, B))
    q = np.full((1, B), V)
    return np.eye(V + 1)[np.concatenate((s, q))], s[0]


def adding_baseline():
    # s = X1 + X2 has density (2 - |s|)/4 on [-2, 2]
    w = 4 * 0.04
    return {"mse": (2 / 3) / 16, "mae": (2 / 3) / 4, "hit_rate": w - w * w / 4}


def paper_criterion(errors):
    e = np.abs(np.asarray(errors, float)) < 0.04  # False for NaN
    s = np.concatenate(([0], np.cumsum(e)))
    n = np.flatnonzero(s[2000:] - s[:-2000] == 2000) if len(e) >= 2000 else ()
    return int(n[0]) + 1999 if len(n) else None


CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def _cell(q):
    return CELLS[q["W"].shape[1] // (len(q["W_out"]) - 1)]


def read_out(params, h):
    w = params["W_out"]
    return w[0] + h @ w[1:]


def predict(params, X):
    y = read_out(params, _cell(params)[0](X, params["W"])[0][-1])
    return y[:, 0] if y.shape[1] == 1 else y


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, 0.0)
        W[0, :H] += input_bias
        W[0, H : 2 * H] += forget_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] -= forget_bias
    else:
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0
    w = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    w[0] = 0
    return {"W": W, "W_out": w}


def loss_and_gradients(params, X, y):
    F, G = _cell(params)
    o = F(X, params["W"])
    h, s = o[0][-1], o[-1]
    B = len(h)
    p = read_out(params, h)
    if p.shape[1] == 1:
        e = p - y[:, None]
        L, e = np.mean(e**2), 2 * e / B
    else:
        e = p - p.max(1, keepdims=True)
        e = e - np.log(np.exp(e).sum(1, keepdims=True))
        n = np.arange(B)
        L, e = -np.mean(e[n, y]), np.exp(e)
        e[n, y] -= 1
        e /= B
    d = np.zeros_like(o[0])
    d[-1] = e @ params["W_out"][1:].T
    w = np.concatenate((e.sum(0, keepdims=True), h.T @ e))
    return float(L), {"W": G(d, s)[1], "W_out": w}


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    q = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    m, v = ({k: np.zeros_like(w) for k, w in q.items()} for _ in range(2))
    H = {"loss": [], "gradient_norm": []}
    for n in range(1, updates + 1):
        X, y = adding_problem(T, batch_size, rng) if task == "adding" else recall_task(T, batch_size, V, rng)
        L, d = loss_and_gradients(q, X, y)
        N = np.sqrt(sum((g**2).sum() for g in d.values()))
        H["loss"].append(L)
        H["gradient_norm"].append(float(N))
        for k in q:
            g = d[k] / max(1.0, N)
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g * g
            q[k] = q[k] - lr * (m[k] / (1 - 0.9**n)) / (np.sqrt(v[k] / (1 - 0.999**n)) + 1e-8)
    return q, H
