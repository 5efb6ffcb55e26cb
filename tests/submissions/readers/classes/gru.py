"""GRU with a class that knows its blocks."""

import numpy as np


def sigmoid(a):
    a = np.asarray(a, dtype=float)
    result = np.empty(a.shape)
    isPositive = a >= 0
    result[isPositive] = 1.0 / (1.0 + np.exp(-a[isPositive]))
    expA = np.exp(a[~isPositive])
    result[~isPositive] = expA / (1.0 + expA)
    return result


def init_gru(D, H, rng):
    W = rng.standard_normal((1 + D + H, 3 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    return W


class GruWeights:
    """The three blocks of W by name."""

    def __init__(self, W):
        self.H = W.shape[1] // 3
        self.D = W.shape[0] - 1 - self.H
        self.block = {
            name: W[:, k * self.H : (k + 1) * self.H] for k, name in enumerate(("z", "r", "n"))
        }

    def row(self, x, h):
        return np.concatenate([np.ones((len(x), 1)), x, h], axis=1)

    def pre(self, name, row):
        return np.einsum("br,rh->bh", row, self.block[name])

    def back(self, name, dPre):
        """Gradient of the row: its x part and its h part."""
        dRow = np.einsum("bh,rh->br", dPre, self.block[name])
        return dRow[:, 1 : 1 + self.D], dRow[:, 1 + self.D :]


def gru_forward(X, W, h0=None):
    weights = GruWeights(W)
    hNow = np.zeros((X.shape[1], weights.H)) if h0 is None else h0
    records = []
    for x in X:
        rec = {"hPrev": hNow, "row": weights.row(x, hNow)}
        rec["z"] = sigmoid(weights.pre("z", rec["row"]))
        rec["r"] = sigmoid(weights.pre("r", rec["row"]))
        rec["rowN"] = weights.row(x, rec["r"] * hNow)
        rec["n"] = np.tanh(weights.pre("n", rec["rowN"]))
        hNow = (1.0 - rec["z"]) * hNow + rec["z"] * rec["n"]
        rec["h"] = hNow
        records.append(rec)
    Hout = np.stack([rec["h"] for rec in records])
    return Hout, hNow, {"weights": weights, "records": records}


def gru_backward(dHout, cache, dhn=None):
    weights, records = cache["weights"], cache["records"]
    dBlock = {name: np.zeros(block.shape) for name, block in weights.block.items()}
    dhNow = np.zeros(dHout.shape[1:]) if dhn is None else dhn
    dxList = []
    for t in reversed(range(len(records))):
        rec = records[t]
        dh = dHout[t] + dhNow
        dPre = {
            "z": dh * (rec["n"] - rec["hPrev"]) * rec["z"] * (1.0 - rec["z"]),
            "n": dh * rec["z"] * (1.0 - rec["n"] ** 2),
        }
        dxN, dReset = weights.back("n", dPre["n"])
        dPre["r"] = dReset * rec["hPrev"] * rec["r"] * (1.0 - rec["r"])
        dxZ, dhZ = weights.back("z", dPre["z"])
        dxR, dhR = weights.back("r", dPre["r"])

        dBlock["z"] += np.einsum("br,bh->rh", rec["row"], dPre["z"])
        dBlock["r"] += np.einsum("br,bh->rh", rec["row"], dPre["r"])
        dBlock["n"] += np.einsum("br,bh->rh", rec["rowN"], dPre["n"])

        dxList.append(dxZ + dxR + dxN)
        dhNow = dh * (1.0 - rec["z"]) + dReset + dhZ + dhR
    dW = np.concatenate([dBlock[name] for name in ("z", "r", "n")], axis=1)
    return np.stack(dxList[::-1]), dW, dhNow


def gru_forward_after(X, W, b_hn, h0=None):
    weights = GruWeights(W)
    D = weights.D
    wN = weights.block["n"]
    hNow = np.zeros((X.shape[1], weights.H)) if h0 is None else h0
    states = []
    for x in X:
        row = weights.row(x, hNow)
        z = sigmoid(weights.pre("z", row))
        r = sigmoid(weights.pre("r", row))
        fromX = wN[0] + np.einsum("bd,dh->bh", x, wN[1 : 1 + D])
        fromH = np.einsum("bk,kh->bh", hNow, wN[1 + D :]) + b_hn
        n = np.tanh(fromX + r * fromH)
        hNow = (1.0 - z) * hNow + z * n
        states.append(hNow)
    return np.stack(states), hNow, None


def to_torch_gru(W, b_hn):
    weights = GruWeights(W)
    H, D = weights.H, weights.D
    # our z overwrites, theirs keeps: sigma(-a) = 1 - sigma(a)
    torchBlock = {"r": weights.block["r"], "z": -weights.block["z"], "n": weights.block["n"]}
    stacked = np.concatenate([torchBlock[name].T for name in ("r", "z", "n")], axis=0)
    # both biases are added, so each gets one half
    halfBias = stacked[:, 0] / 2.0
    biasHh = halfBias.copy()
    biasHh[2 * H :] += b_hn
    return {
        "weight_ih": stacked[:, 1 : 1 + D].copy(),
        "weight_hh": stacked[:, 1 + D :].copy(),
        "bias_ih": halfBias,
        "bias_hh": biasHh,
    }


def count_parameters(D, H, cell):
    numBlocks = {"rnn": 1, "gru": 3, "lstm": 4}
    return (1 + D + H) * numBlocks[cell] * H
