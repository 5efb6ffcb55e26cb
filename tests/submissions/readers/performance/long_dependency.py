import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

V = 8


def adding_problem(T, B, rng):
    n = int(rng.integers(T, int(1.1 * T) + 1))
    X = np.zeros((n, B, 2))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (n, B))
    rows = np.arange(B)
    one = rng.integers(10, size=B)
    two = rng.integers(T // 2 - 1, size=B)
    two += two >= one
    X[one, rows, 1] = X[two, rows, 1] = 1.0
    X[0, (one == 0) | (two == 0), 0] = 0.0
    X[0, :, 1] = X[-1, :, 1] = -1.0
    return X, 0.5 + 0.25 * (X[one, rows, 0] + X[two, rows, 0])


def recall_task(distance, B, V, rng):
    s = rng.integers(V, size=(distance + 2, B))
    y = s[0].copy()
    s[-1] = V
    return (s[:, :, None] == np.arange(V + 1)).astype(float), y


def adding_baseline():
    return {"mse": 1 / 24, "mae": 1 / 6, "hit_rate": 0.1536}


def paper_criterion(errors):
    good = np.abs(np.asarray(errors, float)) < 0.04
    if len(good) < 2000:
        return None
    # first look at every window of 2000 without copying one
    full = sliding_window_view(good, 2000).all(axis=1)
    n = int(full.argmax())
    return n + 1999 if full[n] else None


CELLS = {
    4: (lstm_forward, lstm_backward),
    3: (gru_forward, gru_backward),
    1: (rnn_forward, rnn_backward),
}


def _pick(W, W_out):
    return CELLS[W.shape[1] // (W_out.shape[0] - 1)]


def predict(params, X):
    W, W_out = params["W"], params["W_out"]
    h = _pick(W, W_out)[0](X, W)[0][-1]
    out = h @ W_out[1:] + W_out[0]
    return out[:, 0] if out.shape[1] == 1 else out


def initial_params(task, cell, rng, H, forget_bias, input_bias):
    D, K = (2, 1) if task == "adding" else (V + 1, V)
    if cell == "lstm":
        W = init_lstm(D, H, rng, forget_bias)
        W[0, :H] -= input_bias  # a closed input gate to begin with
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, :H] -= forget_bias
    else:
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0.0
    W_out = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    W_out[0] = 0.0
    return W, W_out


def loss_and_gradients(W, W_out, X, y):
    forward, backward = _pick(W, W_out)
    Hout, *_, cache = forward(X, W)
    h = Hout[-1]
    B, K = len(h), W_out.shape[1]
    out = h @ W_out[1:] + W_out[0]
    if K == 1:
        d = out - y[:, None]
        loss = np.vdot(d, d) / B
        d *= 2.0 / B
    else:
        rows = np.arange(B)
        out -= out.max(axis=1, keepdims=True)
        d = np.exp(out)
        s = d.sum(axis=1, keepdims=True)
        loss = (np.log(s[:, 0]) - out[rows, y]).mean()
        d /= s
        d[rows, y] -= 1.0
        d /= B
    dHout = np.zeros_like(Hout)
    np.matmul(d, W_out[1:].T, out=dHout[-1])
    dW_out = np.empty_like(W_out)
    dW_out[0] = d.sum(axis=0)
    np.matmul(h.T, d, out=dW_out[1:])
    return float(loss), backward(dHout, cache)[1], dW_out


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    W, W_out = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)
    # one flat vector for weights, gradient, m and v: one Adam for both matrices
    w = np.concatenate((W.ravel(), W_out.ravel()))
    n = W.size
    W, W_out = w[:n].reshape(W.shape), w[n:].reshape(W_out.shape)  # views
    g, m, v = np.empty_like(w), np.zeros_like(w), np.zeros_like(w)
    history = {"loss": [], "gradient_norm": []}
    for k in range(1, updates + 1):
        if task == "adding":
            X, y = adding_problem(T, batch_size, rng)
        else:
            X, y = recall_task(T, batch_size, V, rng)
        loss, dW, dW_out = loss_and_gradients(W, W_out, X, y)
        g[:n], g[n:] = dW.ravel(), dW_out.ravel()
        norm = np.sqrt(g @ g)
        history["loss"].append(loss)
        history["gradient_norm"].append(float(norm))
        if norm > 1.0:
            g /= norm
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        m_hat = m / (1.0 - 0.9**k)
        v_hat = v / (1.0 - 0.999**k)
        w -= lr * m_hat / np.sqrt(v_hat + 1e-8)
    return {"W": W.copy(), "W_out": W_out.copy()}, history
