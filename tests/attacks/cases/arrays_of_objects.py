"""Return arrays that hold code, text, dates, records and unusual numbers.

earns: 0
says: an array of
"""

import numpy as np


class Pickled:
    def __reduce__(self):
        return (exec, ("raise SystemExit",))


def sigmoid(a):
    return np.full(a.shape, Pickled(), object)


def lstm_gates(x, h, p):
    return np.zeros(h.shape, complex), np.full(h.shape, "1.0"), np.zeros(h.shape, np.longdouble), h.astype("M8[s]")


def lstm_step(x, h, c, p):
    return np.zeros(h.shape, "V8"), np.zeros(h.shape, [("f", float)])


def pack_gates(p, D):
    return np.zeros((8, 16), np.dtype((np.void, 0)))


def init_lstm(D, H, rng, forget_bias=3.0):
    return np.array(["W" * 100] * 3, "S100")


def lstm_forward(X, W, c0=None, h0=None):
    return np.zeros(3, "m8[ns]"), np.zeros(3, np.clongdouble), np.array(None), None
