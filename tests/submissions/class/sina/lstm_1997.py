# LSTM 1997. Truncated gradient done as in the paper's appendix: forwards, on-line.
import numpy as np

NEXT = {0: "TP", 1: "SX", 2: "TV", 3: "XS", 4: "PV"}
GOTO = {
    (0, "T"): 1, (0, "P"): 2, (1, "S"): 1, (1, "X"): 3, (2, "T"): 2,
    (2, "V"): 4, (3, "X"): 2, (3, "S"): 5, (4, "P"): 3, (4, "V"): 5,
}
LETTERS = list("BTPSXVE")


def sig(a):
    out = np.empty_like(a, dtype=float)
    pos = a >= 0
    out[pos] = 1 / (1 + np.exp(-a[pos]))
    e = np.exp(a[~pos])
    out[~pos] = e / (1 + e)
    return out


def count_weights_1997(
    inputs, outputs, blocks, size, biases="hidden", output_gates=True, recurrent=True, direct=False
):
    n = 0
    gates_per_block = 2 if output_gates else 1
    hidden = blocks * (size + gates_per_block)
    for _ in range(hidden):
        n += inputs
        if recurrent:
            n += hidden
    for _ in range(outputs):
        n += blocks * size
        if direct:
            n += inputs
    if biases in ("hidden", "all"):
        n += hidden
    if biases == "gates":
        n += blocks * gates_per_block
    if biases == "all":
        n += outputs
    return n


def squash_g(a):
    return 4 * sig(np.atleast_1d(np.asarray(a, float))).reshape(np.shape(a)) - 2


def squash_h(s):
    return squash_g(s) / 2


def init_block(D, blocks, size, K, rng, scale=0.1, input_bias=0.0, output_bias=0.0):
    U = blocks * (size + 2)
    W_out = (2 * rng.random((1 + blocks * size, K)) - 1) * scale
    W = (2 * rng.random((1 + D + U, U)) - 1) * scale
    bias = np.zeros(U)
    bias[:blocks] = input_bias
    bias[blocks : 2 * blocks] = output_bias
    W[0] = W[0] + bias
    return W, W_out


def which_block(C, b):
    return [c // (C // b) for c in range(C)]


def block_forward(X, W, W_out, s0=None):
    T, B = X.shape[:2]
    C = W_out.shape[0] - 1
    b = (W.shape[1] - C) // 2
    of = which_block(C, b)
    s = np.zeros((B, C)) if s0 is None else np.array(s0)
    u = np.zeros((B, W.shape[1]))
    tape, Y, S = [], [], []
    for x in X:
        a = W[0] + x @ W[1 : 1 + x.shape[1]] + u @ W[1 + x.shape[1] :]
        y_in, y_out = sig(a[:, :b]), sig(a[:, b : 2 * b])
        g = squash_g(a[:, 2 * b :])
        s = s + y_in[:, of] * g
        h = squash_h(s)
        row = np.concatenate([np.ones((B, 1)), x, u], axis=1)
        u = np.concatenate([y_in, y_out, y_out[:, of] * h], axis=1)
        y = sig(u[:, 2 * b :] @ W_out[1:] + W_out[0])
        tape.append(dict(row=row, y_in=y_in, y_out=y_out, g=g, h=h, yc=u[:, 2 * b :], y=y))
        Y.append(y)
        S.append(s)
    return np.array(Y), np.array(S), dict(tape=tape, W=W, W_out=W_out, D=X.shape[2], b=b)


def block_backward(dY, cache, dS=None):
    W, W_out, D, b = (cache[k] for k in ("W", "W_out", "D", "b"))
    T, B, _ = dY.shape
    C = W_out.shape[0] - 1
    of = which_block(C, b)
    gather = np.eye(b)[of]  # (C, b): who belongs to which block
    dX, dW, dW_out = np.zeros((T, B, D)), np.zeros(W.shape), np.zeros(W_out.shape)
    later = np.zeros((B, W.shape[1]))
    ds = np.zeros((B, C))
    for t in range(T - 1, -1, -1):
        now = cache["tape"][t]
        da_k = dY[t] * now["y"] * (1 - now["y"])
        dW_out[0] += da_k.sum(0)
        dW_out[1:] += now["yc"].T @ da_k
        dyc = da_k @ W_out[1:].T + later[:, 2 * b :]
        d_out = (dyc * now["h"]) @ gather + later[:, b : 2 * b]
        ds = ds + dyc * now["y_out"][:, of] * 0.5 * (1 - now["h"] ** 2)
        if dS is not None:
            ds = ds + dS[t]
        d_in = (ds * now["g"]) @ gather + later[:, :b]
        da = np.concatenate(
            [
                d_in * now["y_in"] * (1 - now["y_in"]),
                d_out * now["y_out"] * (1 - now["y_out"]),
                ds * now["y_in"][:, of] * 0.25 * (2 - now["g"]) * (2 + now["g"]),
            ],
            axis=1,
        )
        dW += now["row"].T @ da
        dX[t] = da @ W[1 : 1 + D].T
        later = da @ W[1 + D :].T
    return dX, dW, dW_out, ds


def block_backward_truncated(dY, cache, dS=None):
    W, W_out, b = cache["W"], cache["W_out"], cache["b"]
    T, B, _ = dY.shape
    C, R = W_out.shape[0] - 1, W.shape[0]
    of = which_block(C, b)
    # what s_t owes to every weight of its cell, and of its block's input gate
    by_cell, by_gate = np.zeros((B, R, C)), np.zeros((B, R, C))
    dW, dW_out, ds0 = np.zeros(W.shape), np.zeros(W_out.shape), np.zeros((B, C))
    for t in range(T):
        now = cache["tape"][t]
        row = now["row"][:, :, None]
        slope = now["y_in"] * (1 - now["y_in"])
        by_cell += row * (now["y_in"][:, of] * (1 - now["g"] ** 2 / 4))[:, None, :]
        by_gate += row * (slope[:, of] * now["g"])[:, None, :]
        da_k = dY[t] * now["y"] * (1 - now["y"])
        dW_out[0] += da_k.sum(0)
        dW_out[1:] += now["yc"].T @ da_k
        dyc = da_k @ W_out[1:].T
        e = dyc * now["y_out"][:, of] * (1 - now["h"] ** 2) / 2
        if dS is not None:
            e = e + dS[t]
        ds0 += e
        dW[:, 2 * b :] += np.einsum("brc,bc->rc", by_cell, e)
        for c in range(C):
            dW[:, of[c]] += e[:, c] @ by_gate[:, :, c]
            o = now["y_out"][:, of[c]]
            dW[:, b + of[c]] += (dyc[:, c] * now["h"][:, c] * o * (1 - o)) @ now["row"]
    return dW, dW_out, ds0


def block_forward_forget(X, W, W_out, s0=None):
    T, B, D = X.shape
    C = W_out.shape[0] - 1
    b = (W.shape[1] - C) // 3
    of = which_block(C, b)
    s = np.zeros((B, C)) if s0 is None else s0
    u = np.zeros((B, W.shape[1]))
    Y, S = [], []
    for x in X:
        a = np.concatenate([np.ones((B, 1)), x, u], 1) @ W
        gate = sig(a[:, : 3 * b])
        s = s * gate[:, 2 * b :][:, of] + gate[:, :b][:, of] * squash_g(a[:, 3 * b :])
        yc = gate[:, b : 2 * b][:, of] * squash_h(s)
        u = np.concatenate([gate, yc], 1)
        S.append(s)
        Y.append(sig(yc @ W_out[1:] + W_out[0]))
    return np.array(Y), np.array(S)


def embedded_reber(rng):
    w = str(rng.choice(["T", "P"]))
    out, state = ["B", w, "B"], 0
    while state < 5:
        c = NEXT[state][int(rng.random() < 0.5)]
        out.append(c)
        state = GOTO[state, c]
    return "".join(out + ["E", w, "E"])


def legal_successors(string):
    rows = np.zeros((len(string) - 1, 7), bool)

    def allow(t, letters):
        for c in letters:
            rows[t, LETTERS.index(c)] = True

    allow(0, "TP")
    allow(1, "B")
    state = 0
    for t in range(2, len(string) - 3):
        if t > 2:
            state = GOTO[state, string[t]]
        allow(t, NEXT.get(state, "E"))
    allow(len(string) - 3, string[1])
    allow(len(string) - 2, "E")
    return rows


def most_active(Y, legal):
    for y, ok in zip(Y, legal):
        if min(y[ok]) <= max(y[~ok]):
            return False
    return True


def long_lag_next(p, B, rng, random=False):
    seq = np.zeros((p + 1, B, p + 1))
    for k in range(B):
        first = p - 1 if rng.random() < 0.5 else p
        middle = rng.integers(0, p - 1, p - 1) if random else range(p - 1)
        for t, c in enumerate([first, *middle, first]):
            seq[t, k, c] = 1
    return seq[:p], seq[1:]


def long_lag_final(q, p, B, rng):
    k = 0
    while rng.random() < 0.9:
        k += 1
    T = q + k + 3
    X = np.zeros((T, B, p + 4))
    y = np.zeros(B, dtype=int)
    for n in range(B):
        y[n] = rng.integers(2)
        X[0, n, p] = 1
        X[1, n, p + 2 + y[n]] = 1
        X[np.arange(2, T - 1), n, rng.integers(0, p, q + k)] = 1
        X[T - 1, n, p + 1] = 1
    return X, y


def two_sequences(variant, T, N, B, rng):
    L = int(rng.integers(T, T + T // 10 + 1))
    X = np.sqrt(0.2) * rng.standard_normal((L, B, 1))
    one = rng.random(B) < 0.5
    sign = np.where(one, 1.0, -1.0)
    if variant == "b":
        X[:N, :, 0] += sign
    else:
        X[:N, :, 0] = sign
    clean = np.where(one, 0.2, 0.8) if variant == "c" else one * 1.0
    y = clean + np.sqrt(0.1) * rng.standard_normal(B) if variant == "c" else clean
    return X, y, clean


def marked_pairs(task, T, B, rng):
    L = int(rng.integers(T, T + T // 10 + 1))
    X = np.zeros((L, B, 2))
    y = np.zeros(B)
    add = task == "adding"
    for k in range(B):
        v = rng.random(L) * (2 if add else 1) - (1 if add else 0)
        i = int(rng.integers(10))
        j = int(rng.choice([n for n in range(T // 2) if n != i][: T // 2 - 1]))
        if 0 in (i, j):
            v[0] = 0.0 if add else 1.0
        X[:, k, 0] = v
        X[[i, j], k, 1] = 1
        X[0, k, 1] = X[L - 1, k, 1] = -1
        y[k] = 0.5 + (v[i] + v[j]) / 4 if add else v[i] * v[j]
    return X, y


def temporal_order(count, B, rng):
    L = int(rng.integers(100, 111))
    X = np.zeros((L, B, 8))
    y = np.zeros(B, dtype=int)
    spans = [(10, 20), (50, 60)] if count == 2 else [(10, 20), (33, 43), (66, 76)]
    for k in range(B):
        c = rng.integers(0, 4, L)
        c[0], c[-1] = 6, 7
        bits = ""
        for lo, hi in spans:
            d = int(rng.integers(2))
            c[rng.integers(lo, hi + 1)] = 4 + d
            bits += str(d)
        X[np.arange(L), k, c] = 1
        y[k] = int(bits, 2)
    return X, y


def stopping(errors, tolerance=0.04, window=2000, wrong=0, mean=None):
    e = np.abs(np.asarray(errors, float))
    bad = np.where(e < tolerance, 0, 1)
    for end in range(window, len(e) + 1):
        if bad[end - window : end].sum() <= wrong:
            if mean is None or e[end - window : end].mean() < mean:
                return end - 1


def constant_predictor(low, high):
    w = high - low
    return dict(
        mean=(1 + (low + high) / 2) / 2, mse=w * w / 96, half_mse=w * w / 192, mae=w / 12, max=w / 4
    )


def diagnose(log):
    p, y = log["predictions"], log["targets"]
    T, N, b = log["input_gates"].shape
    seen = [log["input_gates"][t, n] for t in range(T) for n in range(N) if log["markers"][t, n] == 1]
    h = squash_h(log["S"][-1])
    return {
        "constant": p.std() < y.std() / 10,
        "learning": ((p - y) ** 2).mean() < y.var() / 2,
        "closed": np.mean(seen) < 0.1,
        "no_recurrent_gradient": (log["recurrent_gradient"] == 0).all(),
        "drift": ((1 - h**2) / 2 < 0.05).mean() > 0.5,
    }


def read_attempts():
    flat, some = "mean", "learning"
    return [flat, flat, "contradiction", some, "nearly", flat]


def pretrain_gates(W, blocks):
    W = np.array(W)
    W[0:3, :blocks] = np.array([[-2.9], [0.0], [5.9]])
    return W
