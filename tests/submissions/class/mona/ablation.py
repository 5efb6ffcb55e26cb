# Fill in the holes of ablation.py; keep the names. (`nox -s sync` cuts this file.)
"""Ablation: take an LSTM apart, train what is left, and let a table decide.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    X (T, B, D), Hout (T, B, H), states h and c (B, H), everything float64
    W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g
    W_out (1+H, 1): the read-out [1, h] @ W_out of every hidden state

Both tasks and the initial weights are given, so that the same seed means the
same run for everybody; the rest is yours, and imports no earlier file. NumPy,
and matplotlib for the figure.
"""

import numpy as np
from matplotlib import pyplot as plt

#: What can be done to an LSTM, and what then stands in the place of the gate.
VARIANTS = (
    "nothing",  #        the whole LSTM
    "forget",  #         f = 1
    "input",  #          i = 1
    "output",  #         o = 1
    "candidate",  #      g = a_g, without tanh
    "coupled",  #        i = 1 - f
    "frozen forget",  #  f = σ(b_f), from its bias alone
    "frozen input",  #   i = σ(b_i)
    "frozen output",  #  o = σ(b_o)
)


def sigmoid(a):
    out = np.empty_like(a)
    pos = a >= 0
    out[pos] = 1 / (1 + np.exp(-a[pos]))
    e = np.exp(a[~pos])
    out[~pos] = e / (1 + e)
    return out


# --- given: two tasks, and the weights before the first update -----------------


def storage_task(T, B, rng):
    """Draw sequences in which two numbers have to be kept and added (given).

    X (T, B, 2): values, uniform on [-1, 1], and markers: 1 at one step of the
    first half and at one step of the second half, 0 elsewhere.
    Y (T, B): half the sum of the two marked values, at the last step.
    asked (T, B): True where an answer counts, here at the last step only.
    """
    X, Y = np.zeros((T, B, 2)), np.zeros((T, B))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (T, B))
    rows = np.arange(B)
    for low, high in ((0, T // 2), (T // 2, T)):
        step = rng.integers(low, high, B)
        X[step, rows, 1] = 1.0
        Y[-1] += 0.5 * X[step, rows, 0]
    asked = np.zeros((T, B), bool)
    asked[-1] = True
    return X, Y, asked


def stream_task(T, B, rng):
    """Draw streams in which a sum starts again whenever a reset arrives (given).

    X (T, B, 2): values, uniform on [-1, 1], and resets: 1 at step 0 and, with
    probability 0.2, at any later step, 0 elsewhere.
    Y (T, B): half the sum of all values since the latest reset, its own step
    included, at every step.
    asked (T, B): True where an answer counts, here everywhere.
    """
    X, Y = np.zeros((T, B, 2)), np.zeros((T, B))
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (T, B))
    X[:, :, 1] = rng.uniform(size=(T, B)) < 0.2
    X[0, :, 1] = 1.0
    total = np.zeros(B)
    for t in range(T):
        total = X[t, :, 0] + np.where(X[t, :, 1] == 1.0, 0.0, total)
        Y[t] = 0.5 * total
    return X, Y, np.ones((T, B), bool)


TASKS = {"storage": storage_task, "stream": stream_task}


def initial_params(H, rng):
    """Draw W (R, 4H) and W_out (1+H, 1) before the first update (given).

    D = 2. Standard normal, scaled by the root of the inputs; biases are zero, but
    for +3 on the forget gate and -1 on the input gate.
    """
    W = rng.standard_normal((3 + H, 4 * H)) / np.sqrt(2 + H)
    W[0] = 0.0
    W[0, :H], W[0, H : 2 * H] = -1.0, 3.0
    W_out = rng.standard_normal((1 + H, 1)) / np.sqrt(H)
    W_out[0] = 0.0
    return {"W": W, "W_out": W_out}


# --- yours

GATES = {"input": 0, "forget": 1, "output": 2}


def ablated_forward(X, W, remove, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else np.array(c0)
    h = np.zeros((B, H)) if h0 is None else np.array(h0)
    # everything the input contributes, before the loop
    from_x = W[0] + np.tensordot(X, W[1:D + 1], 1)
    from_h = W[D + 1:].copy()
    if remove.startswith("frozen"):
        k = GATES[remove.split()[1]]
        from_x[..., k * H:(k + 1) * H] = W[0, k * H:(k + 1) * H]
        from_h[:, k * H:(k + 1) * H] = 0
    cs, hs, gates = [c], [h], []
    for t in range(T):
        a = from_x[t] + h @ from_h
        i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), sigmoid(a[:, 2 * H:3 * H])
        if remove == "input":
            i = i * 0 + 1
        if remove == "forget":
            f = f * 0 + 1
        if remove == "output":
            o = o * 0 + 1
        if remove == "coupled":
            i = 1 - f
        g = a[:, 3 * H:]
        if remove != "candidate":
            g = np.tanh(g)
        c = f * c + i * g
        h = o * np.tanh(c)
        gates.append((i, f, o, g))
        cs.append(c)
        hs.append(h)
    return np.array(hs[1:]), c, h, dict(X=X, W=W, remove=remove, cs=cs, hs=hs, gates=gates)


def ablated_backward(dHout, cache, dcn=None, dhn=None):
    X, W, remove = cache["X"], cache["W"], cache["remove"]
    T, B, D = X.shape
    H = W.shape[1] // 4
    das = np.zeros((T, B, 4, H))
    V = W.copy().reshape(-1, 4, H)
    alive = np.ones((1 + D + H, 4, 1))
    word = "input" if remove == "coupled" else remove
    if word in GATES:
        alive[:, GATES[word]] = 0
    elif word.startswith("frozen"):
        alive[1:, GATES[word.split()[1]]] = 0
    V *= alive
    dX = np.zeros_like(X)
    dc = np.zeros((B, H)) if dcn is None else dcn.copy()
    dh = np.zeros((B, H)) if dhn is None else dhn.copy()
    for t in range(T - 1, -1, -1):
        i, f, o, g = cache["gates"][t]
        th = np.tanh(cache["cs"][t + 1])
        dh = dh + dHout[t]
        dc = dc + dh * o * (1 - th * th)
        df = dc * cache["cs"][t]
        if remove == "coupled":
            df -= dc * g
        das[t, :, 0] = dc * g * i * (1 - i)
        das[t, :, 1] = df * f * (1 - f)
        das[t, :, 2] = dh * th * o * (1 - o)
        das[t, :, 3] = dc * i * (1 if remove == "candidate" else 1 - g * g)
        back = np.tensordot(das[t], V, ((1, 2), (1, 2)))
        dX[t] = back[:, 1:D + 1]
        dh = back[:, D + 1:]
        dc = dc * f
    before = np.array(cache["hs"][:-1])
    rows = np.concatenate([np.ones((T, B, 1)), X, before], axis=2)
    dW = np.tensordot(rows, das, ((0, 1), (0, 1))) * alive
    return dX, dW.reshape(W.shape), dc, dh


def answers(params, Hout):
    return Hout @ params["W_out"][1:, 0] + params["W_out"][0, 0]


def train(task, remove, rng, T=12, hidden_size=8, batch_size=16, updates=150, lr=0.03):
    params = initial_params(hidden_size, rng)
    m1 = {k: np.zeros_like(p) for k, p in params.items()}
    m2 = {k: np.zeros_like(p) for k, p in params.items()}
    losses = []
    for step in range(1, updates + 1):
        X, Y, asked = TASKS[task](T, batch_size, rng)
        Hout, _, _, cache = ablated_forward(X, params["W"], remove)
        off = answers(params, Hout) - Y
        losses.append(np.mean(off[asked] ** 2))
        dy = np.zeros_like(off)
        dy[asked] = 2 * off[asked] / asked.sum()
        grads = {}
        grads["W"] = ablated_backward(dy[:, :, None] * params["W_out"][1:, 0], cache)[1]
        flat = Hout.reshape(-1, hidden_size)
        grads["W_out"] = np.concatenate([[dy.sum()], dy.ravel() @ flat])[:, None]
        norm = np.linalg.norm(np.concatenate([d.ravel() for d in grads.values()]))
        if norm > 1:
            grads = {k: d / norm for k, d in grads.items()}
        for k, d in grads.items():
            m1[k] += 0.1 * (d - m1[k])
            m2[k] += 0.001 * (d * d - m2[k])
            params[k] -= lr * (m1[k] / (1 - 0.9**step)) / (np.sqrt(m2[k] / (1 - 0.999**step)) + 1e-8)
    return params, losses


def final_error(params, task, remove, rng, T=12):
    X, Y, asked = TASKS[task](T, 500, rng)
    Hout = ablated_forward(X, params["W"], remove)[0]
    return ((answers(params, Hout) - Y)[asked] ** 2).mean()


def run_ablation(tasks, variants, seeds, **settings):
    def one(task, variant, seed):
        rng = np.random.default_rng(seed)
        params = train(task, variant, rng, **settings)[0]
        return final_error(params, task, variant, rng, settings.get("T", 12))

    return {t: {v: np.array([one(t, v, s) for s in seeds]) for v in variants} for t in tasks}


def rank(table):
    out = {}
    for task in table:
        scored = []
        for k, (name, errors) in enumerate(table[task].items()):
            ordered = sorted(np.inf if e != e else e for e in errors)
            n = len(ordered)
            scored.append(((ordered[(n - 1) // 2] + ordered[n // 2]) / 2, k, name))
        out[task] = [name for _, _, name in sorted(scored)]
    return out


def verdicts(table):
    out = {}
    for task, rows in table.items():
        clean = {name: np.nan_to_num(e, nan=np.inf) for name, e in rows.items()}
        base = clean["nothing"]
        out[task] = {
            name: "worse" if min(e) > max(base) else "better" if max(e) < min(base) else "level"
            for name, e in clean.items()
            if name != "nothing"
        }
    return out


def plot_ablation(table, path=None):
    fig, axes = plt.subplots(len(table), 1, figsize=(7, 3 * len(table)), squeeze=False)
    for ax, (task, rows) in zip(axes[:, 0], table.items()):
        names = list(rows)
        mid = np.array([np.median(rows[n]) for n in names])
        low = np.array([np.min(rows[n]) for n in names])
        high = np.array([np.max(rows[n]) for n in names])
        ax.barh(names, mid, xerr=[mid - low, high - mid], capsize=3)
        ax.set_xscale("log")
        ax.set_title(task)
        ax.set_xlabel("error (median, smallest to largest)")
        ax.set_ylabel("without")
    fig.tight_layout()
    if path is not None:
        fig.savefig(path)
    return fig
