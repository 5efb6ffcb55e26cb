import numpy as np


def sigmoid(a):
    a = np.array(a, dtype=float)
    a = np.clip(a, -500, 500)
    result = 1 / (1 + np.exp(-a))
    return result


def init_gru(D, H, rng):
    W = np.zeros((1 + D + H, 3 * H))
    for row in range(1, 1 + D + H):
        W[row] = rng.standard_normal(3 * H) / np.sqrt(D + H)
    return W


def gru_forward(X, W, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    W_z = W[:, 0:H]
    W_r = W[:, H:2 * H]
    W_n = W[:, 2 * H:3 * H]

    if h0 is None:
        h = np.zeros((B, H))
    else:
        h = h0.copy()

    all_z = []
    all_r = []
    all_n = []
    all_h = []
    all_h_prev = []
    all_rows = []
    all_reset_rows = []
    for t in range(T):
        ones = np.ones((B, 1))
        row = np.concatenate([ones, X[t], h], axis=1)
        z = sigmoid(np.dot(row, W_z))
        r = sigmoid(np.dot(row, W_r))
        reset_row = np.concatenate([ones, X[t], r * h], axis=1)
        n = np.tanh(np.dot(reset_row, W_n))
        h_prev = h
        h = (1 - z) * h_prev + z * n

        all_z.append(z)
        all_r.append(r)
        all_n.append(n)
        all_h.append(h)
        all_h_prev.append(h_prev)
        all_rows.append(row)
        all_reset_rows.append(reset_row)

    cache = [W, all_z, all_r, all_n, all_h_prev, all_rows, all_reset_rows]
    return np.array(all_h), h, cache


def gru_backward(dHout, cache, dhn=None):
    W, all_z, all_r, all_n, all_h_prev, all_rows, all_reset_rows = cache
    T, B, H = dHout.shape
    D = W.shape[0] - 1 - H
    W_z = W[:, 0:H]
    W_r = W[:, H:2 * H]
    W_n = W[:, 2 * H:3 * H]
    dW_z = np.zeros(W_z.shape)
    dW_r = np.zeros(W_r.shape)
    dW_n = np.zeros(W_n.shape)

    if dhn is None:
        dh_next = np.zeros((B, H))
    else:
        dh_next = dhn.copy()

    all_dx = []
    for t in range(T - 1, -1, -1):
        z = all_z[t]
        r = all_r[t]
        n = all_n[t]
        h_prev = all_h_prev[t]
        dh = dHout[t] + dh_next

        # h = (1 - z) * h_prev + z * n
        dz = dh * n - dh * h_prev
        dn = dh * z
        dh_prev = dh * (1 - z)

        # candidate
        da_n = dn * (1 - n ** 2)
        dW_n = dW_n + np.dot(all_reset_rows[t].T, da_n)
        dreset_row = np.dot(da_n, W_n.T)
        dx = dreset_row[:, 1:1 + D]
        drh = dreset_row[:, 1 + D:]
        dr = drh * h_prev
        dh_prev = dh_prev + drh * r

        # reset gate
        da_r = dr * r * (1 - r)
        dW_r = dW_r + np.dot(all_rows[t].T, da_r)
        drow = np.dot(da_r, W_r.T)
        dx = dx + drow[:, 1:1 + D]
        dh_prev = dh_prev + drow[:, 1 + D:]

        # update gate
        da_z = dz * z * (1 - z)
        dW_z = dW_z + np.dot(all_rows[t].T, da_z)
        drow = np.dot(da_z, W_z.T)
        dx = dx + drow[:, 1:1 + D]
        dh_prev = dh_prev + drow[:, 1 + D:]

        all_dx.append(dx)
        dh_next = dh_prev

    all_dx.reverse()
    dW = np.concatenate([dW_z, dW_r, dW_n], axis=1)
    return np.array(all_dx), dW, dh_next


def gru_forward_after(X, W, b_hn, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 3
    W_z = W[:, 0:H]
    W_r = W[:, H:2 * H]
    b_n = W[0, 2 * H:3 * H]
    W_xn = W[1:1 + D, 2 * H:3 * H]
    W_hn = W[1 + D:, 2 * H:3 * H]
    if h0 is None:
        h = np.zeros((B, H))
    else:
        h = h0.copy()
    all_h = []
    for t in range(T):
        row = np.concatenate([np.ones((B, 1)), X[t], h], axis=1)
        z = sigmoid(np.dot(row, W_z))
        r = sigmoid(np.dot(row, W_r))
        inside = np.dot(h, W_hn) + b_hn
        n = np.tanh(b_n + np.dot(X[t], W_xn) + r * inside)
        h = (1 - z) * h + z * n
        all_h.append(h)
    return np.array(all_h), h, None


def to_torch_gru(W, b_hn):
    H = W.shape[1] // 3
    D = W.shape[0] - 1 - H
    # our columns
    W_z = W[:, 0:H]
    W_r = W[:, H:2 * H]
    W_n = W[:, 2 * H:3 * H]
    # 1 - sigmoid(a) = sigmoid(-a), so z changes its sign
    W_z = -W_z

    weight_ih = np.concatenate([W_r[1:1 + D].T, W_z[1:1 + D].T, W_n[1:1 + D].T], axis=0)
    weight_hh = np.concatenate([W_r[1 + D:].T, W_z[1 + D:].T, W_n[1 + D:].T], axis=0)
    bias_ih = np.concatenate([W_r[0], W_z[0], W_n[0]])
    bias_hh = np.concatenate([np.zeros(H), np.zeros(H), b_hn])
    return {
        "weight_ih": weight_ih,
        "weight_hh": weight_hh,
        "bias_ih": bias_ih,
        "bias_hh": bias_hh,
    }


def count_parameters(D, H, cell):
    one_block = H + D * H + H * H
    if cell == "rnn":
        return one_block
    if cell == "gru":
        return 3 * one_block
    if cell == "lstm":
        return 4 * one_block
