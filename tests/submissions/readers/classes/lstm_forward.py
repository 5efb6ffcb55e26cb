"""LSTM forward: a small class per cell, einsum for the products."""

import numpy as np


def sigmoid(a):
    a = np.asarray(a, dtype=float)
    result = np.empty(a.shape)
    isPositive = a >= 0
    result[isPositive] = 1.0 / (1.0 + np.exp(-a[isPositive]))
    expA = np.exp(a[~isPositive])
    result[~isPositive] = expA / (1.0 + expA)
    return result


class Gates:
    """Reads a per-gate dict p."""

    squashers = {"f": sigmoid, "i": sigmoid, "g": np.tanh, "o": sigmoid}

    def __init__(self, p):
        self.p = p

    def __call__(self, x, hPrev):
        column = np.concatenate([hPrev, x], axis=0)
        values = {}
        for name, squash in self.squashers.items():
            preAct = np.einsum("hk,kn->hn", self.p["W_" + name], column) + self.p["b_" + name]
            values[name] = squash(preAct)
        return values


def lstm_gates(x, h_prev, p):
    values = Gates(p)(x, h_prev)
    return values["f"], values["i"], values["g"], values["o"]


def lstm_step(x, h_prev, c_prev, p):
    values = Gates(p)(x, h_prev)
    cNew = values["f"] * c_prev + values["i"] * values["g"]
    hNew = values["o"] * np.tanh(cNew)
    return hNew, cNew


def pack_gates(p, D):
    H = p["b_f"].shape[0]
    blocks = {}
    for name in ("i", "f", "g", "o"):
        weights = p["W_" + name]
        fromH, fromX = weights[:, :H], weights[:, H:]
        blocks[name] = np.concatenate([p["b_" + name].T, fromX.T, fromH.T], axis=0)
    return np.concatenate(list(blocks.values()), axis=1)


def init_lstm(D, H, rng, forget_bias=3.0):
    R = 1 + D + H
    W = rng.standard_normal((R, 4 * H)) / np.sqrt(R)
    W[0] = 0.0
    W[0, H : 2 * H] = forget_bias
    return W


class PackedLSTM:
    """All four gates in one W."""

    order = ("i", "f", "o", "g")

    def __init__(self, W):
        self.W = W
        self.H = W.shape[1] // 4

    def step(self, x, cPrev, hPrev):
        row = np.concatenate([np.ones((len(x), 1)), x, hPrev], axis=1)
        preAct = np.einsum("br,rk->bk", row, self.W)
        record = {"row": row}
        for k, name in enumerate(self.order):
            part = preAct[:, k * self.H : (k + 1) * self.H]
            record[name] = np.tanh(part) if name == "g" else sigmoid(part)
        record["c"] = record["f"] * cPrev + record["i"] * record["g"]
        record["h"] = record["o"] * np.tanh(record["c"])
        return record


def lstm_forward(X, W, c0=None, h0=None):
    cell = PackedLSTM(W)
    T, B, D = X.shape
    cNow = np.zeros((B, cell.H)) if c0 is None else np.array(c0, dtype=float)
    hNow = np.zeros((B, cell.H)) if h0 is None else np.array(h0, dtype=float)
    cache = {"W": W, "D": D, "cells": [cNow], "records": []}
    for x in X:
        record = cell.step(x, cNow, hNow)
        cNow, hNow = record["c"], record["h"]
        cache["records"].append(record)
        cache["cells"].append(cNow)
    Hout = np.stack([record["h"] for record in cache["records"]])
    return Hout, cNow, hNow, cache
