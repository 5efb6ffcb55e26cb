# attention, Olga. Batch first inside, so that @ does the work.
import matplotlib.pyplot as plt
import numpy as np


def masked_softmax(score, mask):
    mask = np.broadcast_to(mask, score.shape)
    out = np.zeros(score.shape)
    flat, keep, rows = score.reshape(-1, score.shape[-1]), mask.reshape(-1, score.shape[-1]), []
    for s, k in zip(flat, keep):
        w = np.zeros(len(s))
        if k.any():
            e = np.exp(s[k] - s[k].max())
            w[k] = e / e.sum()
        rows.append(w)
    out[...] = np.array(rows).reshape(score.shape)
    return out


def masked_softmax_backward(dweights, weights):
    d = np.nan_to_num(dweights) * (weights > 0)
    return weights * d - weights * (weights * d).sum(-1)[..., None]


def _attend(score, E, mask):
    w = masked_softmax(score, mask.T[:, None, :])  # (B, U, T)
    return (w @ E).transpose(1, 0, 2), w.transpose(1, 0, 2), w


def _batch_first(a):
    return np.ascontiguousarray(a.transpose(1, 0, 2))


def _clean(encoder, mask):
    e = encoder.copy()
    e[~mask] = 0
    return _batch_first(e)


def dot_attention(query, encoder, mask):
    q, e = _batch_first(query), _clean(encoder, mask)
    scale = q.shape[-1] ** -0.5
    context, weights, w = _attend(scale * q @ e.transpose(0, 2, 1), e, mask)
    return context, weights, (q, e, w, scale)


def dot_attention_backward(dcontext, cache, dweights=None):
    q, e, w, scale = cache
    dc = _batch_first(dcontext)
    dw = dc @ e.transpose(0, 2, 1)
    if dweights is not None:
        dw += _batch_first(dweights)
    ds = masked_softmax_backward(dw, w) * scale
    de = w.transpose(0, 2, 1) @ dc + ds.transpose(0, 2, 1) @ q
    return _batch_first(ds @ e), _batch_first(de)


def additive_attention(query, encoder, mask, p):
    q, e = _batch_first(query), _clean(encoder, mask)
    th = np.tanh((q @ p["W_q"])[:, :, None, :] + (e @ p["W_e"])[:, None, :, :] + p["b"])
    context, weights, w = _attend(th @ p["v"], e, mask)
    return context, weights, {"q": q, "e": e, "p": p, "th": th, "w": w}


def additive_attention_backward(dcontext, cache, dweights=None):
    q, e, p, th, w = (cache[k] for k in ("q", "e", "p", "th", "w"))
    dc = _batch_first(dcontext)
    dw = dc @ e.transpose(0, 2, 1)
    if dweights is not None:
        dw = dw + _batch_first(dweights)
    ds = masked_softmax_backward(dw, w)
    da = ds[..., None] * p["v"] * (1 - th**2)  # (B, U, T, A)
    per_q, per_e = da.sum(2), da.sum(1)
    A = len(p["v"])
    grads = dict(
        W_q=q.reshape(-1, q.shape[-1]).T @ per_q.reshape(-1, A),
        W_e=e.reshape(-1, e.shape[-1]).T @ per_e.reshape(-1, A),
        b=per_q.sum((0, 1)),
        v=(ds[..., None] * th).sum((0, 1, 2)),
    )
    de = w.transpose(0, 2, 1) @ dc + per_e @ p["W_e"].T
    return _batch_first(per_q @ p["W_q"].T), _batch_first(de), grads


def reverse_copy(symbols, lengths, V, sharpness):
    T, B = symbols.shape
    E, Q, mask = np.zeros((T, B, T + V)), np.zeros((T, B, T + V)), np.zeros((T, B), bool)
    for b in range(B):
        n = lengths[b]
        for t in range(n):
            mask[t, b] = True
            E[t, b, t] = sharpness
            E[t, b, T + symbols[t, b]] = 1
            Q[t, b, n - 1 - t] = (T + V) ** 0.5
    context, weights, _ = dot_attention(Q, E, mask)
    answers = np.full((T, B), -1)
    answers[mask] = context[..., T:].argmax(-1)[mask]
    return answers, weights


def plot_attention(weights, source, target, path=None):
    fig, ax = plt.subplots()
    mesh = ax.pcolormesh(weights[::-1], cmap="Greys")
    fig.colorbar(mesh)
    ax.set_xticks(np.arange(len(source)) + 0.5)
    ax.set_xticklabels(source, rotation=45)
    ax.set_yticks(np.arange(len(target)) + 0.5, target[::-1])
    ax.set_xlabel("source")
    ax.set_ylabel("target")
    if path:
        fig.savefig(path)
    return fig
