"""Theo, lstm_1997. I followed the debugging log where the handout was too long to read."""
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-np.clip(a, -500, 500)))


def squash_g(a):
    # table 10: g goes to [-1, 1], h to [-2, 2]
    return 2 * sigmoid(a) - 1


def squash_h(s):
    return 4 * sigmoid(s) - 2


def count_weights_1997(inputs, outputs, blocks, size, biases="hidden",
                       output_gates=True, recurrent=True, direct=False):
    cells = blocks * size
    hidden = cells + blocks * (1 + output_gates)
    total = hidden * inputs + outputs * cells
    if recurrent:
        total += hidden ** 2
    if direct:
        total += inputs * outputs
    return total + dict(none=0, gates=hidden - cells, hidden=hidden, all=hidden + outputs)[biases]


def init_block(D, blocks, size, K, rng, scale=0.1, input_bias=0.0, output_bias=0.0):
    U = blocks * (2 + size)
    W = rng.uniform(-scale, scale, size=(1 + D + U, U))
    W[0, :blocks] += input_bias
    W[0, blocks:2 * blocks] += output_bias
    return W, rng.uniform(-scale, scale, size=(1 + blocks * size, K))


def block_forward(X, W, W_out, s0=None):
    T, B, D = X.shape
    C = W_out.shape[0] - 1
    b = (W.shape[1] - C) // 2
    S = C // b
    s = np.zeros((B, C)) if s0 is None else s0
    u = np.zeros((B, W.shape[1]))
    log = []
    for t in range(T):
        row = np.c_[np.ones(B), X[t], u]
        a = row @ W
        i, o = sigmoid(a[:, :b]), sigmoid(a[:, b:2 * b])
        g = squash_g(a[:, 2 * b:])
        s = s + np.repeat(i, S, 1) * g
        h = squash_h(s)
        yc = np.repeat(o, S, 1) * h
        u = np.c_[i, o, yc]
        log.append((row, i, o, g, s, h, yc, sigmoid(W_out[0] + yc @ W_out[1:])))
    return np.stack([e[7] for e in log]), np.stack([e[4] for e in log]), (log, W, W_out)


def _back(dY, cache, dS, cut):
    log, W, W_out = cache
    T, B, _ = dY.shape
    C = W_out.shape[0] - 1
    U = W.shape[1]
    b = (U - C) // 2
    S = C // b
    D = W.shape[0] - 1 - U
    dX, dW, dW_out = [None] * T, 0, 0
    du, ds = np.zeros((B, U)), np.zeros((B, C))
    for t in reversed(range(T)):
        row, i, o, g, s, h, yc, y = log[t]
        dk = dY[t] * y * (1 - y)
        dW_out = dW_out + np.c_[np.ones(B), yc].T @ dk
        dyc = dk @ W_out[1:].T + du[:, 2 * b:]
        # derivatives of my g and h
        ds = ds + dyc * np.repeat(o, S, 1) * (4 - h ** 2) / 4
        if dS is not None:
            ds = ds + dS[t]
        di = (ds * g).reshape(B, b, S).sum(2) + du[:, :b]
        do = (dyc * h).reshape(B, b, S).sum(2) + du[:, b:2 * b]
        da = np.c_[di * i * (1 - i), do * o * (1 - o), ds * np.repeat(i, S, 1) * (1 - g ** 2) / 2]
        dW = dW + row.T @ da
        back = da @ W.T
        dX[t] = back[:, 1:1 + D]
        du = back[:, 1 + D:] * (0 if cut else 1)
    return np.stack(dX), dW, dW_out, ds


def block_backward(dY, cache, dS=None):
    return _back(dY, cache, dS, False)


def block_backward_truncated(dY, cache, dS=None):
    return _back(dY, cache, dS, True)[1:]


def block_forward_forget(X, W, W_out, s0=None):
    T, B, D = X.shape
    C = W_out.shape[0] - 1
    b = (W.shape[1] - C) // 3
    s = np.zeros((B, C)) if s0 is None else s0
    u = np.zeros((B, W.shape[1]))
    Y, St = [], []
    for t in range(T):
        a = np.c_[np.ones(B), X[t], u] @ W
        y = sigmoid(a[:, :3 * b])
        i, o, f = [np.repeat(v, C // b, 1) for v in np.split(y, 3, 1)]
        s = f * s + i * squash_g(a[:, 3 * b:])
        yc = o * squash_h(s)
        u = np.c_[y, yc]
        Y.append(sigmoid(W_out[0] + yc @ W_out[1:]))
        St.append(s)
    return np.stack(Y), np.stack(St)


GRAPH = [("TP", (1, 2)), ("SX", (1, 3)), ("TV", (2, 4)), ("XS", (2, 5)), ("PV", (3, 5))]


def embedded_reber(rng):
    w = "TP"[rng.integers(2)]
    s, n = "", 0
    while n < 5:
        k = rng.integers(2)
        s, n = s + GRAPH[n][0][k], GRAPH[n][1][k]
    return "B" + w + "B" + s + "E" + w + "E"


def legal_successors(string):
    rows = ["TP", "B", "TP"]
    n = 0
    for c in string[3:-3]:
        n = GRAPH[n][1][GRAPH[n][0].index(c)]
        rows.append("E" if n == 5 else GRAPH[n][0])
    rows += ["TP", "E"]
    return np.array([[c in r for c in "BTPSXVE"] for r in rows])


def most_active(Y, legal):
    # argmax is legal
    return bool(legal[np.arange(len(Y)), Y.argmax(1)].all())


def long_lag_next(p, B, rng, random=False):
    mid = rng.integers(0, p - 1, (p - 1, B)) if random else np.tile(np.arange(p - 1)[:, None], B)
    end = rng.integers(p - 1, p + 1, (1, B))
    full = np.eye(p + 1)[np.concatenate([end, mid, end])]
    return full[:-1], full[1:]


def long_lag_final(q, p, B, rng):
    k = rng.geometric(0.1)
    y = rng.integers(0, 2, B)
    sym = np.concatenate([np.full((1, B), p), (p + 2 + y)[None], rng.integers(0, p, (q + k, B)),
                          np.full((1, B), p + 1)])
    return np.eye(p + 4)[sym], y


def two_sequences(variant, T, N, B, rng):
    L = rng.integers(T, T + T // 10 + 1)
    X = rng.normal(0, 0.2, (L, B, 1))
    c = rng.integers(0, 2, B)
    sign = (2 * c - 1)[None, :, None]
    X[:N] = sign + (X[:N] if variant == "b" else 0)
    if variant == "c":
        clean = 0.8 - 0.6 * c
        return X, clean + rng.normal(0, 0.1, B), clean
    return X, c.astype(float), c.astype(float)


def marked_pairs(task, T, B, rng):
    L = rng.integers(T, T + T // 10 + 1)
    v = rng.random((L, B)) if task != "adding" else 2 * rng.random((L, B)) - 1
    m = np.zeros((L, B))
    y = np.zeros(B)
    for k in range(B):
        i = rng.integers(1, 10)
        j = rng.integers(10, T - 1)
        m[[i, j], k] = 1
        y[k] = (v[i, k] + v[j, k]) / 2 if task == "adding" else v[i, k] * v[j, k]
    m[0] = m[-1] = -1
    return np.dstack([v, m]), y


def temporal_order(count, B, rng):
    L = rng.integers(100, 111)
    sym = rng.integers(0, 4, (L, B))
    sym[0], sym[L - 1] = 6, 7
    y = np.zeros(B, int)
    for lo in ([10, 50] if count == 2 else [10, 33, 66]):
        bit = rng.integers(0, 2, B)
        sym[lo + rng.integers(0, 11, B), np.arange(B)] = 4 + bit
        y = y * 2 + bit
    return np.eye(8)[sym], y


def stopping(errors, tolerance=0.04, window=2000, wrong=0, mean=None):
    good = np.abs(errors) < tolerance
    for n in range(window - 1, len(good)):
        if (~good[n - window + 1:n + 1]).sum() <= wrong:
            return n
    return None


def constant_predictor(low, high):
    w = high - low
    return {"mean": 0.5 + (low + high) / 4, "mse": w * w / 96, "half_mse": w * w / 192,
            "mae": w / 12, "max": w / 4}


def diagnose(log):
    p, y = log["predictions"], log["targets"]
    return {
        "constant": bool(np.abs(p - y.mean()).mean() < 0.1 * y.std()),
        "learning": bool(((p - y) ** 2).mean() < 0.5 * y.var()),
        "closed": bool(log["input_gates"].mean() < 0.1),
        "no_recurrent_gradient": bool(np.abs(log["recurrent_gradient"]).max() < 1e-6),
        "drift": bool((np.abs(log["S"][-1]) > 3.64).mean() > 0.5),
    }


def read_attempts():
    return ["mean", "mean", "learning", "mean", "nearly", "mean"]


def pretrain_gates(W, blocks):
    W = W.copy()
    for step in range(4000):
        for marker, want in ((0.0, 0.05), (1.0, 0.95), (-1.0, 0.0)):
            x = np.array([1.0, 0.0, marker])
            y = sigmoid(x @ W[:3, :blocks])
            W[:3, :blocks] -= 0.5 * np.outer(x, y - want)
    W[1, :blocks] = 0.0
    return W
