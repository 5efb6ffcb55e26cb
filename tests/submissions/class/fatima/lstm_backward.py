import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    # YOUR CODE HERE
    raise NotImplementedError("lstm_step_backward")


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    # YOUR CODE HERE
    X, W, c0, h0 = cache["X"], cache["W"], cache["c0"], cache["h0"]
    T, B, D = X.shape
    H = h0.shape[1]
    dX = np.zeros((T, B, D))
    dW = np.zeros(W.shape)
    dh = np.zeros((B, H))
    dc = np.zeros((B, H))
    if dhn is not None:
        dh = dh + dhn
    if dcn is not None:
        dc = dc + dcn
    # h is not in the cache, but h = o * c
    hs = [h0] + [gates[2] * c for gates, c in zip(cache["gates"], cache["c"])]
    for t in reversed(range(T)):
        i, f, o, g = cache["gates"][t]
        c = cache["c"][t]
        c_prev = cache["c"][t - 1] if t > 0 else c0
        dh = dh + dHout[t]
        do = dh * c
        dc = dc + dh * o
        di = dc * g
        df = dc * c_prev
        dg = dc * i
        da = np.concatenate(
            (di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)), axis=1
        )
        row = np.concatenate((np.ones((B, 1)), X[t], hs[t]), axis=1)
        dW += row.T @ da
        back = da @ W.T
        dX[t] = back[:, 1:1 + D]
        dh = back[:, 1 + D:]
        dc = dc * f
    return dX, dW, dc, dh
