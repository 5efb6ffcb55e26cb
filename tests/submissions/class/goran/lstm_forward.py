import numpy as np

# goran, lstm_forward.py
# v2: fixed sigmoid, pack ok


def sigmoid(a):
    a = np.asarray(a, dtype=float)
    return np.exp(np.minimum(a, 0)) / (1 + np.exp(-np.abs(a)))


def lstm_gates(x, h_prev, p):
    # stack the input on top of the hidden state -> (D + H, 1)
    xh = np.concatenate([x, h_prev])
    forget_gate = sigmoid(p["W_f"] @ xh + p["b_f"])
    input_gate = sigmoid(p["W_i"] @ xh + p["b_i"])
    candidate = np.tanh(p["W_g"] @ xh + p["b_g"])
    output_gate = sigmoid(p["W_o"] @ xh + p["b_o"])
    return forget_gate, input_gate, candidate, output_gate


def lstm_step(x, h_prev, c_prev, p):
    forget_gate, input_gate, candidate, output_gate = lstm_gates(x, h_prev, p)
    kept = forget_gate * c_prev
    written = input_gate * candidate
    c = kept + written
    return output_gate * np.tanh(c), c


def pack_gates(p, D):
    H = p["b_f"].size
    W = np.zeros((1 + D + H, 4 * H))
    col = 0
    for gate in ("i", "f", "o", "g"):
        W[0, col:col + H] = p["b_" + gate].flatten()
        W[1:1 + D, col:col + H] = p["W_" + gate][:, -D:].T
        W[1 + D:, col:col + H] = p["W_" + gate][:, :-D].T
        col += H
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    fan_in = D + H
    W = np.zeros((1 + fan_in, 4 * H))
    W[1:] = rng.normal(size=(fan_in, 4 * H)) / np.sqrt(fan_in)
    W[0, H:2 * H] = forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, _ = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0.copy()
    h = np.zeros((B, H)) if h0 is None else h0.copy()
    Hout = np.zeros((T, B, H))
    saved = []
    for t in range(T):
        inputs = np.column_stack([np.ones(B), X[t], h])
        a = inputs @ W
        input_gate = sigmoid(a[:, 0:H])
        forget_gate = sigmoid(a[:, H:2 * H])
        output_gate = sigmoid(a[:, 2 * H:3 * H])
        candidate = np.tanh(a[:, 3 * H:4 * H])
        saved.append((inputs, c, input_gate, forget_gate, output_gate, candidate))
        c = forget_gate * c + input_gate * candidate
        h = output_gate * np.tanh(c)
        Hout[t, :, :] = h
    return Hout, c, h, saved
