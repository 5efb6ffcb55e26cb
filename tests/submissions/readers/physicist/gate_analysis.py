import numpy as np
from matplotlib.figure import Figure

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    k = np.zeros((B, H)) if h0 is None else h0
    h = lstm_forward(X, W, c, k)[0]
    k = np.concatenate((k[None], h[:-1]))
    a = W[0] + X @ W[1 : 1 + D] + k @ W[1 + D :]
    i, f, o = np.moveaxis(sigmoid(a[..., : 3 * H]).reshape(T, B, 3, H), 2, 0)
    g = np.tanh(a[..., 3 * H :])
    C = np.empty((T, B, H))
    for t in range(T):
        C[t] = c = f[t] * c + i[t] * g[t]
    return {"i": i, "f": f, "o": o, "g": g, "c": C, "h": h}


def gate_statistics(gate, low=0.1, high=0.9):
    a = (0, 1)
    return {
        "mean": gate.mean(a),
        "std": gate.std(a),
        "closed": (gate < low).mean(a),
        "open": (gate > high).mean(a),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    return float(((gate < low) | (gate > high)).mean())


def memory_timescale(f):
    with np.errstate(divide="ignore"):
        return 1.0 / np.abs(np.log(f))  # ln f <= 0 anyway; |.| keeps 1/0 at +inf


def direct_memory(f, start, stop):
    return f[start + 1 : stop + 1].prod(0)


def event_response(gate, events):
    return gate[events].mean(0) - gate[~events].mean(0)


def gradient_by_lag(X, W, cell):
    F, G = {"lstm": (lstm_forward, lstm_backward), "rnn": (rnn_forward, rnn_backward), "gru": (gru_forward, gru_backward)}[cell]
    s, C = (), []
    for x in X:  # s: (c, h) or (h,)
        _, *s, k = F(x[None], W, *s)
        C.append(k)
    b = np.ones_like(s[-1])
    d = [np.zeros_like(b)] * (len(s) - 1) + [b]
    n = [np.linalg.norm(b)]
    o = np.zeros((1, *b.shape))
    for k in C[:0:-1]:
        d = G(o, k, *d)[2:]
        n.append(np.linalg.norm(d[-1]))
    return np.array(n[::-1])


def _save(F, path):
    if path is not None:
        F.savefig(path)
    return F


def plot_gates(activations, path=None):
    F = Figure(figsize=(8, 9), layout="constrained")
    for k, A in zip("ifoc", F.subplots(4, 1)):
        v = activations[k][:, 0].T
        m = np.abs(v).max() or 1.0
        lim = {"vmin": -m, "vmax": m, "cmap": "RdBu"} if k == "c" else {"vmin": 0, "vmax": 1}
        P = A.imshow(v, aspect="auto", interpolation="nearest", **lim)
        A.set(xlabel="t", ylabel="unit", title=k)
        F.colorbar(P, ax=A)
    return _save(F, path)


def plot_gradient_flow(curves, path=None):
    F = Figure(layout="constrained")
    A = F.subplots()
    for k, v in curves.items():
        A.semilogy(np.arange(len(v)), v, label=k)
    A.set(xlabel="t", ylabel=r"$\|\partial L/\partial h_t\|$")
    A.legend()
    return _save(F, path)


def plot_saturation(gate, path=None):
    F = Figure(layout="constrained")
    A = F.subplots()
    A.hist(gate.ravel(), bins=40)
    A.set(xlabel="gate", ylabel="count", title=f"{100 * saturated_fraction(gate):.1f} % saturated")
    return _save(F, path)
