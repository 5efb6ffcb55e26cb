"""LSTM backward, with dicts of gradients."""

import numpy as np

from lstm_forward import lstm_gates


def dSigmoid(s):
    return s * (1.0 - s)


def dTanh(t):
    return 1.0 - t * t


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    gate = dict(zip("figo", lstm_gates(x, h_prev, p)))
    tanhC = np.tanh(gate["f"] * c_prev + gate["i"] * gate["g"])
    dcTotal = dc + dh * gate["o"] * dTanh(tanhC)
    dAct = {
        "f": dcTotal * c_prev * dSigmoid(gate["f"]),
        "i": dcTotal * gate["g"] * dSigmoid(gate["i"]),
        "g": dcTotal * gate["i"] * dTanh(gate["g"]),
        "o": dh * tanhC * dSigmoid(gate["o"]),
    }
    column = np.concatenate([h_prev, x], axis=0)
    grads = {}
    dColumn = np.zeros_like(column)
    for name, d in dAct.items():
        grads["W_" + name] = np.einsum("hn,kn->hk", d, column)
        grads["b_" + name] = d
        dColumn += np.einsum("hk,hn->kn", p["W_" + name], d)
    H = len(h_prev)
    dh_prev, dx = dColumn[:H], dColumn[H:]
    dc_prev = dc * gate["f"]
    return dx, dh_prev, dc_prev, grads


class BackwardPass:
    """Walks back over the records of PackedLSTM."""

    def __init__(self, cache):
        self.W = cache["W"]
        self.D = cache["D"]
        self.records = cache["records"]
        self.cells = cache["cells"]
        self.dW = np.zeros(self.W.shape)

    def step(self, t, dhTotal, dcCarried):
        rec = self.records[t]
        tanhC = np.tanh(self.cells[t])
        dcTotal = dcCarried + dhTotal * rec["o"] * dTanh(tanhC)
        dAct = {
            "i": dcTotal * rec["g"] * dSigmoid(rec["i"]),
            "f": dcTotal * self.cells[t] * dSigmoid(rec["f"]),
            "o": dhTotal * tanhC * dSigmoid(rec["o"]),
            "g": dcTotal * rec["i"] * dTanh(rec["g"]),
        }
        dPre = np.concatenate([dAct[name] for name in "ifog"], axis=1)
        self.dW += np.einsum("br,bk->rk", rec["row"], dPre)
        dRow = np.einsum("bk,rk->br", dPre, self.W)
        return dRow[:, 1 : 1 + self.D], dRow[:, 1 + self.D :], dcTotal * rec["f"]


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    walk = BackwardPass(cache)
    zeros = np.zeros(dHout.shape[1:])
    dcNow = zeros if dcn is None else dcn
    dhNow = zeros if dhn is None else dhn
    dxByStep = {}
    for t in reversed(range(len(dHout))):
        dxByStep[t], dhNow, dcNow = walk.step(t, dHout[t] + dhNow, dcNow)
    dX = np.stack([dxByStep[t] for t in sorted(dxByStep)])
    return dX, walk.dW, dcNow, dhNow
