import numpy as np
from scipy.special import expit  # the fast, safe sigmoid


def sigmoid(a):
    return expit(a)


def lstm_gates(x, h_prev, p):
    hx = np.vstack([h_prev, x])
    gate = {k: p["W_" + k] @ hx + p["b_" + k] for k in "figo"}
    return expit(gate["f"]), expit(gate["i"]), np.tanh(gate["g"]), expit(gate["o"])


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    H = p["b_g"].shape[0]
    stacked = [np.hstack([p["b_" + k], p["W_" + k][:, H:], p["W_" + k][:, :H]]) for k in "ifog"]
    return np.vstack(stacked).T


def init_lstm(D, H, rng, forget_bias=3.0):
    W = rng.normal(scale=1 / np.sqrt(D + H), size=(1 + D + H, 4 * H))
    W[0] = 0
    W[0, H : 2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0
    Hout, cache = [], []
    for x_t in X:
        hx = np.hstack([np.ones((B, 1)), x_t, h])
        a = hx @ W
        i, f, o = expit(a[:, :H]), expit(a[:, H : 2 * H]), expit(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        cache.append((hx, i, f, o, g, c))
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout.append(h)
    return np.array(Hout), c, h, (W, cache)
