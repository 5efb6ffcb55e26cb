"""GRU, in small functions."""

import numpy as np

sigmoid = lambda a: np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))  # noqa: E731
row_of = lambda x, h: np.concatenate([np.ones((len(x), 1)), x, h], axis=1)  # noqa: E731
mix = lambda z, h, n: (1 - z) * h + z * n  # noqa: E731
first = lambda X, W, h0: np.zeros((X.shape[1], W.shape[1] // 3)) if h0 is None else h0  # noqa: E731


def init_gru(D, H, rng):
    weights = [rng.standard_normal((D + H, H)) / np.sqrt(D + H) for _ in "zrn"]
    return np.concatenate([np.zeros((1, 3 * H)), np.concatenate(weights, axis=1)])


def step(x, h, W_z, W_r, W_n):
    z, r = (sigmoid(row_of(x, h) @ W_k) for W_k in (W_z, W_r))
    n = np.tanh(row_of(x, r * h) @ W_n)
    return x, h, z, r, n, mix(z, h, n)


def gru_forward(X, W, h0=None):
    blocks = np.split(W, 3, axis=1)
    h, steps = first(X, W, h0), []
    for x in X:
        steps.append(step(x, h, *blocks))
        h = steps[-1][-1]
    return np.array([s[-1] for s in steps]), h, (steps, blocks)


def step_backward(dh, kept, blocks):
    x, h, z, r, n, _ = kept
    W_z, W_r, W_n = blocks
    parts = lambda da, W_k: np.split(da @ W_k.T, [1, 1 + x.shape[1]], axis=1)[1:]  # noqa: E731

    da_n = dh * z * (1 - n**2)
    dx_n, drh = parts(da_n, W_n)
    da_z = dh * (n - h) * z * (1 - z)
    da_r = drh * h * r * (1 - r)
    (dx_z, dh_z), (dx_r, dh_r) = parts(da_z, W_z), parts(da_r, W_r)

    row, row_n = row_of(x, h), row_of(x, r * h)
    dW = np.concatenate([row.T @ da_z, row.T @ da_r, row_n.T @ da_n], axis=1)
    return dx_z + dx_r + dx_n, dW, dh * (1 - z) + drh * r + dh_r + dh_z


def gru_backward(dHout, cache, dhn=None):
    steps, blocks = cache
    dhn = np.zeros_like(dHout[0]) if dhn is None else dhn
    # hn is also the last row of Hout
    arriving = [*dHout[:-1], dHout[-1] + dhn]
    dh, dxs, dWs = dhn, [], []
    for kept, d in zip(steps[::-1], arriving[::-1]):
        dx, dW, dh = step_backward(d + dh, kept, blocks)
        dxs, dWs = [dx, *dxs], [dW, *dWs]
    return np.array(dxs), sum(dWs), dh


def gru_forward_after(X, W, b_hn, h0=None):
    W_z, W_r, W_n = np.split(W, 3, axis=1)
    b_n, W_xn, W_hn = np.split(W_n, [1, 1 + X.shape[2]])

    def after(x, h):
        z, r = (sigmoid(row_of(x, h) @ W_k) for W_k in (W_z, W_r))
        return mix(z, h, np.tanh(b_n + x @ W_xn + r * (h @ W_hn) + b_hn))

    states = [first(X, W, h0)]
    for x in X:
        states = [*states, after(x, states[-1])]
    return np.array(states[1:]), states[-1], None


def to_torch_gru(W, b_hn):
    H = len(b_hn)
    z, r, n = np.split(W, 3, axis=1)
    b, W_x, W_h = np.split(np.concatenate([r, -z, n], axis=1), [1, W.shape[0] - H])
    return {
        "weight_ih": W_x.T,
        "weight_hh": W_h.T,
        "bias_ih": b[0],
        "bias_hh": np.concatenate([np.zeros(2 * H), b_hn]),
    }


count_parameters = lambda D, H, cell: (1 + D + H) * H * dict(rnn=1, gru=3, lstm=4)[cell]  # noqa: E731
