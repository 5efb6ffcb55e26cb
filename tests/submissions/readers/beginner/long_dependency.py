import numpy as np

from gru import gru_backward, gru_forward, init_gru
from lstm_backward import lstm_backward
from lstm_forward import init_lstm, lstm_forward
from vanilla_rnn import rnn_backward, rnn_forward

V = 8


def adding_problem(T, B, rng):
    longest = int(np.floor(1.1 * T))
    length = rng.integers(T, longest + 1)
    X = np.zeros((length, B, 2))
    y = np.zeros(B)
    for b in range(B):
        values = rng.uniform(-1, 1, length)
        markers = np.zeros(length)

        # first one of the steps 0..9
        first = rng.integers(0, 10)
        # then one of the first T // 2 - 1 steps, but not the same one
        second = rng.integers(0, T // 2 - 1)
        while second == first:
            second = rng.integers(0, T // 2 - 1)

        markers[first] = 1
        markers[second] = 1
        markers[0] = -1
        markers[-1] = -1
        if first == 0 or second == 0:
            values[0] = 0

        X[:, b, 0] = values
        X[:, b, 1] = markers
        y[b] = 0.5 + (values[first] + values[second]) / 4
    return X, y


def recall_task(distance, B, V, rng):
    X = np.zeros((distance + 2, B, V + 1))
    y = np.zeros(B, dtype=int)
    for b in range(B):
        for t in range(distance + 1):
            symbol = rng.integers(0, V)
            X[t, b, symbol] = 1
            if t == 0:
                y[b] = symbol
        X[distance + 1, b, V] = 1
    return X, y


def adding_baseline():
    # variance of a uniform number on [-1, 1] is 1/3, of the sum 2/3
    mse = (2 / 3) / 16
    # mean of |X1 + X2| is 2/3 (integrate |s| (2 - |s|) / 4 from -2 to 2)
    mae = (2 / 3) / 4
    # |X1 + X2| < 0.16: integrate (2 - s) / 4 from 0 to 0.16, twice
    s = 0.16
    hit_rate = 2 * (2 * s - s ** 2 / 2) / 4
    return {"mse": mse, "mae": mae, "hit_rate": hit_rate}


def paper_criterion(errors):
    in_a_row = 0
    for n in range(len(errors)):
        if abs(errors[n]) < 0.04:
            in_a_row = in_a_row + 1
        else:
            in_a_row = 0
        if in_a_row == 2000:
            return n
    return None


def run_forward(W, H, X):
    columns = W.shape[1]
    if columns == 4 * H:
        Hout, cn, hn, cache = lstm_forward(X, W)
    elif columns == 3 * H:
        Hout, hn, cache = gru_forward(X, W)
    else:
        Hout, hn, cache = rnn_forward(X, W)
    return Hout, hn, cache


def predict(params, X):
    W = params["W"]
    W_out = params["W_out"]
    H = W_out.shape[0] - 1
    K = W_out.shape[1]
    Hout, hn, cache = run_forward(W, H, X)
    answer = W_out[0] + np.dot(hn, W_out[1:])
    if K == 1:
        return answer[:, 0]
    return answer


def train(
    task, cell, rng, T=30, hidden_size=16, batch_size=64, updates=400, lr=0.01,
    forget_bias=3.0, input_bias=0.0,
):  # fmt: skip
    H = hidden_size
    B = batch_size
    if task == "adding":
        D = 2
        K = 1
    else:
        D = V + 1
        K = V

    # weights to begin with
    if cell == "lstm":
        W = init_lstm(D, H, rng)
        W[0, 0:H] = input_bias
        W[0, H:2 * H] = forget_bias
    elif cell == "gru":
        W = init_gru(D, H, rng)
        W[0, 0:H] = -np.array(forget_bias)
    else:
        W = rng.standard_normal((1 + D + H, H)) / np.sqrt(D + H)
        W[0] = 0
    W_out = rng.standard_normal((1 + H, K)) / np.sqrt(H)
    W_out[0] = 0

    # for Adam
    m_W = np.zeros(W.shape)
    v_W = np.zeros(W.shape)
    m_out = np.zeros(W_out.shape)
    v_out = np.zeros(W_out.shape)

    losses = []
    norms = []
    for k in range(1, updates + 1):
        # a new batch
        if task == "adding":
            X, y = adding_problem(T, B, rng)
        else:
            X, y = recall_task(T, B, V, rng)

        # forward
        Hout, hn, cache = run_forward(W, H, X)
        answer = W_out[0] + np.dot(hn, W_out[1:])

        # loss
        if task == "adding":
            difference = answer[:, 0] - y
            loss = np.mean(difference ** 2)
            danswer = np.zeros((B, 1))
            danswer[:, 0] = 2 * difference / B
        else:
            loss = 0
            danswer = np.zeros((B, K))
            for b in range(B):
                e = np.exp(answer[b] - np.max(answer[b]))
                probabilities = e / np.sum(e)
                loss = loss - np.log(probabilities[y[b]]) / B
                danswer[b] = probabilities / B
                danswer[b, y[b]] = danswer[b, y[b]] - 1 / B

        # backward
        dHout = np.zeros(Hout.shape)
        dHout[-1] = np.dot(danswer, W_out[1:].T)
        if cell == "lstm":
            dX, dW, dc0, dh0 = lstm_backward(dHout, cache)
        elif cell == "gru":
            dX, dW, dh0 = gru_backward(dHout, cache)
        else:
            dX, dW, dh0 = rnn_backward(dHout, cache)
        dW_out = np.zeros(W_out.shape)
        dW_out[0] = np.sum(danswer, axis=0)
        dW_out[1:] = np.dot(hn.T, danswer)

        # clip
        norm = np.sqrt(np.sum(dW ** 2) + np.sum(dW_out ** 2))
        losses.append(loss)
        norms.append(norm)
        if norm > 1:
            dW = dW / norm
            dW_out = dW_out / norm

        # Adam for W
        m_W = 0.9 * m_W + 0.1 * dW
        v_W = 0.999 * v_W + 0.001 * dW ** 2
        m_hat = m_W / (1 - 0.9 ** k)
        v_hat = v_W / (1 - 0.999 ** k)
        W = W - lr * m_hat / (np.sqrt(v_hat) + 1e-8)

        # Adam for W_out
        m_out = 0.9 * m_out + 0.1 * dW_out
        v_out = 0.999 * v_out + 0.001 * dW_out ** 2
        m_hat = m_out / (1 - 0.9 ** k)
        v_hat = v_out / (1 - 0.999 ** k)
        W_out = W_out - lr * m_hat / (np.sqrt(v_hat) + 1e-8)

    params = {"W": W, "W_out": W_out}
    history = {"loss": losses, "gradient_norm": norms}
    return params, history
