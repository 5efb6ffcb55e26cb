import numpy as np


def sigmoid(a):
    # e^-a overflows when a is very negative, so I cut a off first.
    # At -500 the result is already 1e-217, which is as good as 0.
    a = np.array(a, dtype=float)
    a = np.clip(a, -500, 500)
    result = 1 / (1 + np.exp(-a))
    return result


def lstm_gates(x, h_prev, p):
    # h on top of x
    column = np.concatenate([h_prev, x], axis=0)

    # forget gate
    a_f = np.dot(p["W_f"], column) + p["b_f"]
    f = sigmoid(a_f)

    # input gate
    a_i = np.dot(p["W_i"], column) + p["b_i"]
    i = sigmoid(a_i)

    # candidate
    a_g = np.dot(p["W_g"], column) + p["b_g"]
    g = np.tanh(a_g)

    # output gate
    a_o = np.dot(p["W_o"], column) + p["b_o"]
    o = sigmoid(a_o)

    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c_new = f * c_prev + i * g
    h_new = o * np.tanh(c_new)
    return h_new, c_new


def pack_gates(p, D):
    H = p["W_f"].shape[0]
    W = np.zeros((1 + D + H, 4 * H))

    # the first H columns of each W_k are for h, the last D for x
    # input gate
    W[0, 0:H] = p["b_i"][:, 0]
    W[1:1 + D, 0:H] = p["W_i"][:, H:].T
    W[1 + D:, 0:H] = p["W_i"][:, :H].T

    # forget gate
    W[0, H:2 * H] = p["b_f"][:, 0]
    W[1:1 + D, H:2 * H] = p["W_f"][:, H:].T
    W[1 + D:, H:2 * H] = p["W_f"][:, :H].T

    # output gate
    W[0, 2 * H:3 * H] = p["b_o"][:, 0]
    W[1:1 + D, 2 * H:3 * H] = p["W_o"][:, H:].T
    W[1 + D:, 2 * H:3 * H] = p["W_o"][:, :H].T

    # candidate
    W[0, 3 * H:4 * H] = p["b_g"][:, 0]
    W[1:1 + D, 3 * H:4 * H] = p["W_g"][:, H:].T
    W[1 + D:, 3 * H:4 * H] = p["W_g"][:, :H].T

    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    R = 1 + D + H
    W = np.zeros((R, 4 * H))
    for row in range(1, R):
        W[row] = rng.standard_normal(4 * H) / np.sqrt(D + H)
    for k in range(H):
        W[0, H + k] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T = X.shape[0]
    B = X.shape[1]
    D = X.shape[2]
    H = W.shape[1] // 4

    if c0 is None:
        c = np.zeros((B, H))
    else:
        c = c0.copy()
    if h0 is None:
        h = np.zeros((B, H))
    else:
        h = h0.copy()

    # cut W into one matrix per gate
    W_i = W[:, 0:H]
    W_f = W[:, H:2 * H]
    W_o = W[:, 2 * H:3 * H]
    W_g = W[:, 3 * H:4 * H]

    all_rows = []
    all_i = []
    all_f = []
    all_o = []
    all_g = []
    all_c_prev = []
    all_c = []
    all_h = []

    for t in range(T):
        row = np.concatenate([np.ones((B, 1)), X[t], h], axis=1)

        i = sigmoid(np.dot(row, W_i))
        f = sigmoid(np.dot(row, W_f))
        o = sigmoid(np.dot(row, W_o))
        g = np.tanh(np.dot(row, W_g))

        all_c_prev.append(c)
        c = f * c + i * g
        h = o * np.tanh(c)

        all_rows.append(row)
        all_i.append(i)
        all_f.append(f)
        all_o.append(o)
        all_g.append(g)
        all_c.append(c)
        all_h.append(h)

    Hout = np.array(all_h)
    cache = {
        "W": W,
        "D": D,
        "rows": all_rows,
        "i": all_i,
        "f": all_f,
        "o": all_o,
        "g": all_g,
        "c_prev": all_c_prev,
        "c": all_c,
    }
    return Hout, c, h, cache
