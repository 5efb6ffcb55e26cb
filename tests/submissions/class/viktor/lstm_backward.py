import numpy as np


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    T, B, H = dHout.shape
    dh = np.zeros((B, H)) if dhn is None else dhn
    dc = np.zeros((B, H)) if dcn is None else dcn
    dX, dW = [], 0.0
    for t in reversed(range(T)):
        row, gates, c_prev = cache[t]
        tanh_c = np.tanh(c_prev + gates.i * gates.g)
        dh = dh + dHout[t]
        dc = dc + dh * gates.o * (1 - tanh_c**2)
        da = np.hstack([
            dc * gates.g * gates.i * (1 - gates.i),
            np.zeros((B, H)),
            dh * tanh_c * gates.o * (1 - gates.o),
            dc * gates.i * (1 - gates.g**2),
        ])
        dW = dW + row.T @ da
        drow = da @ W.T
        dX.insert(0, drow[:, 1:-H])
        dh = drow[:, -H:]
    return np.array(dX), dW, dc, dh
