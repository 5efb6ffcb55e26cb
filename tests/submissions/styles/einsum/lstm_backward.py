"""LSTM backward with einsum. For the letters see lstm_forward.py."""

from typing import Any, Optional

import numpy as np

from lstm_forward import Floats, Params, lstm_gates


def lstm_step_backward(
    dh: Floats, dc: Floats, x: Floats, h_prev: Floats, c_prev: Floats, p: Params
) -> tuple[Floats, Floats, Floats, Params]:
    H = h_prev.shape[0]
    f, i, g, o = lstm_gates(x, h_prev, p)
    tanh_c = np.tanh(f * c_prev + i * g)
    dct = dc + dh * o * (1 - tanh_c**2)

    # first index: f, i, g, o, like the order lstm_gates returns them in
    upstream = np.stack([dct, dct, dct, dh])
    partner = np.stack([c_prev, g, i, tanh_c])
    slope = np.stack([f * (1 - f), i * (1 - i), 1 - g**2, o * (1 - o)])
    da = np.einsum("khn,khn,khn->khn", upstream, partner, slope)

    W = np.stack([p[f"W_{k}"] for k in "figo"])
    hx = np.concatenate([h_prev, x])
    dW = np.einsum("khn,rn->khr", da, hx)
    dhx = np.einsum("khr,khn->rn", W, da)

    grads = {f"W_{k}": dW[n] for n, k in enumerate("figo")}
    grads |= {f"b_{k}": da[n] for n, k in enumerate("figo")}
    return dhx[H:], dhx[:H], dct * f, grads


def lstm_backward(
    dHout: Floats,
    cache: Any,
    dcn: Optional[Floats] = None,
    dhn: Optional[Floats] = None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Returns dX (T, B, D), dW (R, 4H), dc0, dh0 (B, H)."""
    Z, K, C, Wk = cache
    T, B, R = Z.shape
    H = Wk.shape[2]
    D = R - 1 - H
    assert dHout.shape == (T, B, H), f"dHout is {dHout.shape}, not {(T, B, H)}"

    dc = np.zeros((B, H)) if dcn is None else dcn
    dh = np.zeros((B, H)) if dhn is None else dhn
    dX = np.zeros((T, B, D))
    dW = np.zeros((R, 4, H))
    for t in reversed(range(T)):
        i, f, o, g = K[t]
        tanh_c = np.tanh(C[t + 1])
        dht = dHout[t] + dh
        dct = dc + np.einsum("bh,bh,bh->bh", dht, o, 1 - tanh_c * tanh_c)
        da = np.einsum(
            "kbh,kbh,kbh->kbh",
            np.stack([dct, dct, dht, dct]),
            np.stack([g, C[t], tanh_c, i]),
            np.stack([i * (1 - i), f * (1 - f), o * (1 - o), 1 - g * g]),
        )
        dW += np.einsum("br,kbh->rkh", Z[t], da)
        dX[t] = np.einsum("kbh,dkh->bd", da, Wk[1 : 1 + D])
        dh = np.einsum("kbh,jkh->bj", da, Wk[1 + D :])
        dc = np.einsum("bh,bh->bh", dct, f)
    return dX, dW.reshape(R, 4 * H), dc, dh
