"""LSTM の逆伝播。微分の係数は全部ループの前に計算しておく。"""

import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    tc = np.tanh(f * c_prev + i * g)
    # 係数
    kc = o * (1 - tc**2)
    kf = c_prev * f * (1 - f)
    ki = g * i * (1 - i)
    kg = i * (1 - g**2)
    ko = tc * o * (1 - o)

    dct = dc + dh * kc
    da = np.hstack([dct * kf, dct * ki, dct * kg, dh * ko])  # (H, 4)
    grads, dx, dh_prev = {}, np.zeros(x.shape), np.zeros(h_prev.shape)
    n = h_prev.shape[0]
    for j, k in enumerate("figo"):
        d = da[:, j : j + 1]
        grads["W_" + k] = np.hstack([d @ h_prev.T, d @ x.T])
        grads["b_" + k] = d
        dh_prev += p["W_" + k][:, :n].T @ d
        dx += p["W_" + k][:, n:].T @ d
    return dx, dh_prev, f * dct, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    X, W, K, C_prev, C, H_prev = cache
    T, B, D = X.shape
    H = C.shape[2]
    i, f, o, g = np.moveaxis(K, 2, 0)  # 各 (T, B, H) のビュー

    # ループ前: da = F ⊙ [dc, dc, dh, dc]、dc += dh ⊙ kc
    tc = np.tanh(C)
    kc = o * (1 - tc**2)
    F = np.empty((T, B, 4, H))
    F[:, :, 0] = g * i * (1 - i)
    F[:, :, 1] = C_prev * f * (1 - f)
    F[:, :, 2] = tc * o * (1 - o)
    F[:, :, 3] = i * (1 - g**2)

    W_hT = W[1 + D :].T
    dc = np.zeros((B, H)) if dcn is None else dcn.copy()
    dh = np.zeros((B, H)) if dhn is None else dhn.copy()
    for t in range(T - 1, -1, -1):
        dh = dh + dHout[t]
        dc = dc + dh * kc[t]
        F[t, :, [0, 1, 3]] *= dc  # F がそのまま da になる
        F[t, :, 2] *= dh
        dh = F[t].reshape(B, 4 * H) @ W_hT
        dc = dc * f[t]

    dA = F.reshape(T * B, 4 * H)
    dX = (dA @ W[1 : 1 + D].T).reshape(T, B, D)
    dW = np.vstack([
        dA.sum(axis=0),
        X.reshape(T * B, D).T @ dA,
        H_prev.reshape(T * B, H).T @ dA,
    ])
    return dX, dW, dc, dh
