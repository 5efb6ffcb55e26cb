import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from gru import gru_backward, gru_forward
from lstm_backward import lstm_backward
from lstm_forward import lstm_forward, sigmoid
from vanilla_rnn import rnn_backward, rnn_forward


def gate_activations(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    if c0 is None:
        c0 = np.zeros((B, H))
    if h0 is None:
        h0 = np.zeros((B, H))
    c = c0
    h = h0
    all_i = []
    all_f = []
    all_o = []
    all_g = []
    all_c = []
    all_h = []
    for t in range(T):
        row = np.concatenate([np.ones((B, 1)), X[t], h], axis=1)
        a = np.dot(row, W)
        i = sigmoid(a[:, 0:H])
        f = sigmoid(a[:, H:2 * H])
        o = sigmoid(a[:, 2 * H:3 * H])
        g = np.tanh(a[:, 3 * H:4 * H])
        c = f * c + i * g
        h = o * np.tanh(c)
        all_i.append(i)
        all_f.append(f)
        all_o.append(o)
        all_g.append(g)
        all_c.append(c)
        all_h.append(h)
    result = {}
    result["i"] = np.array(all_i)
    result["f"] = np.array(all_f)
    result["o"] = np.array(all_o)
    result["g"] = np.array(all_g)
    result["c"] = np.array(all_c)
    result["h"] = np.array(all_h)
    return result


def gate_statistics(gate, low=0.1, high=0.9):
    T, B, H = gate.shape
    means = []
    stds = []
    closed = []
    opened = []
    for k in range(H):
        values = gate[:, :, k]
        means.append(np.mean(values))
        stds.append(np.std(values))
        closed.append(np.sum(values < low) / (T * B))
        opened.append(np.sum(values > high) / (T * B))
    return {
        "mean": np.array(means),
        "std": np.array(stds),
        "closed": np.array(closed),
        "open": np.array(opened),
    }


def saturated_fraction(gate, low=0.05, high=0.95):
    below = np.sum(gate < low)
    above = np.sum(gate > high)
    return (below + above) / gate.size


def memory_timescale(f):
    f = np.array(f, dtype=float)
    tau = np.zeros(f.shape)
    tau[f == 1] = np.inf
    tau[f < 1] = -1 / np.log(f[f < 1])
    return tau


def direct_memory(f, start, stop):
    T, B, H = f.shape
    result = np.ones((B, H))
    for t in range(start + 1, stop + 1):
        result = result * f[t]
    return result


def event_response(gate, events):
    T, B, H = gate.shape
    at_events = []
    elsewhere = []
    for t in range(T):
        for b in range(B):
            if events[t, b]:
                at_events.append(gate[t, b])
            else:
                elsewhere.append(gate[t, b])
    at_events = np.array(at_events)
    elsewhere = np.array(elsewhere)
    return np.mean(at_events, axis=0) - np.mean(elsewhere, axis=0)


def gradient_by_lag(X, W, cell):
    # the recipe of the handout: make step t the beginning
    T, B, D = X.shape
    curve = []
    for t in range(T):
        if cell == "lstm":
            Hout, c, h, cache = lstm_forward(X[:t + 1], W)
        elif cell == "rnn":
            Hout, h, cache = rnn_forward(X[:t + 1], W)
        else:
            Hout, h, cache = gru_forward(X[:t + 1], W)
        H = h.shape[1]

        if t == T - 1:
            # there is no rest
            dh = np.ones((B, H))
        else:
            rest = X[t + 1:]
            dHout = np.zeros((len(rest), B, H))
            dHout[-1] = 1
            if cell == "lstm":
                Hout, cn, hn, cache = lstm_forward(rest, W, c, h)
                dX, dW, dc, dh = lstm_backward(dHout, cache)
            elif cell == "rnn":
                Hout, hn, cache = rnn_forward(rest, W, h)
                dX, dW, dh = rnn_backward(dHout, cache)
            else:
                Hout, hn, cache = gru_forward(rest, W, h)
                dX, dW, dh = gru_backward(dHout, cache)
        curve.append(np.sqrt(np.sum(dh ** 2)))
    return np.array(curve)


def plot_gates(activations, path=None):
    fig = plt.figure(figsize=(10, 8))

    plt.subplot(2, 2, 1)
    plt.imshow(activations["i"][:, 0, :].T, aspect="auto", vmin=0, vmax=1)
    plt.title("input gate i")
    plt.xlabel("time step")
    plt.ylabel("unit")
    plt.colorbar()

    plt.subplot(2, 2, 2)
    plt.imshow(activations["f"][:, 0, :].T, aspect="auto", vmin=0, vmax=1)
    plt.title("forget gate f")
    plt.xlabel("time step")
    plt.ylabel("unit")
    plt.colorbar()

    plt.subplot(2, 2, 3)
    plt.imshow(activations["o"][:, 0, :].T, aspect="auto", vmin=0, vmax=1)
    plt.title("output gate o")
    plt.xlabel("time step")
    plt.ylabel("unit")
    plt.colorbar()

    plt.subplot(2, 2, 4)
    plt.imshow(activations["c"][:, 0, :].T, aspect="auto")
    plt.title("cell c")
    plt.xlabel("time step")
    plt.ylabel("unit")
    plt.colorbar()

    plt.tight_layout()
    if path is not None:
        plt.savefig(path)
    return fig


def plot_gradient_flow(curves, path=None):
    fig = plt.figure()
    for name in curves:
        # log10 of the values on an ordinary axis
        plt.plot(np.log10(curves[name]), label=name)
    plt.xlabel("time step t")
    plt.ylabel("log10 of the norm of dL/dh_t")
    plt.legend()
    if path is not None:
        plt.savefig(path)
    return fig


def plot_saturation(gate, path=None):
    fig = plt.figure()
    share = saturated_fraction(gate)
    plt.hist(gate.reshape(-1), bins=50, range=(0, 1))
    plt.title("saturated: " + str(round(share * 100, 2)) + " %")
    plt.xlabel("value of the gate")
    plt.ylabel("how often")
    if path is not None:
        plt.savefig(path)
    return fig
