"""LSTM の順伝播。入力側の積 X @ W_x は全時刻まとめて先に計算する。"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def σ(a):
    # -|a| だけを exp に入れるのでオーバーフローしない
    e = np.exp(-np.abs(a))
    r = 1.0 / (1.0 + e)
    return np.where(np.signbit(a), e * r, r)


def sigmoid(a):
    return σ(np.asarray(a, dtype=np.float64))


def lstm_gates(x, h_prev, p):
    n = h_prev.shape[0]
    W = np.concatenate([p[k] for k in ("W_f", "W_i", "W_o", "W_g")])
    b = np.concatenate([p[k] for k in ("b_f", "b_i", "b_o", "b_g")])
    a = W[:, :n] @ h_prev + W[:, n:] @ x + b
    f, i, o = σ(a[: 3 * n]).reshape(3, n, 1)
    g = np.tanh(a[3 * n :])
    return f, i, g, o  # 返す順番は f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def pack_gates(p, D):
    Wk = np.stack([p["W_" + k] for k in "ifog"])  # (4, H, H + D)
    bk = np.stack([p["b_" + k] for k in "ifog"])  # (4, H, 1)
    H = Wk.shape[1]
    順番 = np.r_[H : H + D, 0:H]  # [h; x] を [x, h] に並べ替える
    全部 = np.dstack([bk, Wk[:, :, 順番]])  # (4, H, R)
    return 全部.reshape(4 * H, 1 + D + H).T


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.zeros((1 + D + H, 4 * H))
    W[1:] = rng.normal(scale=(D + H) ** -0.5, size=(D + H, 4 * H))
    W[0].reshape(4, H)[1] = forget_bias  # reshape はビューなので W に書き込まれる
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    b, W_x, W_h = W[0], W[1 : 1 + D], W[1 + D :]

    A = np.matmul(X, W_x, dtype=np.float64)  # (T, B, 4H) 全時刻を一度に
    A += b
    ゲート = A.reshape(T, B, 4, H)  # 同じメモリ

    S = np.zeros((2, T + 1, B, H))  # S[0] = c, S[1] = h、時刻 0 が初期状態
    for s, 初期 in zip(S, (c0, h0)):
        if 初期 is not None:
            s[0] = 初期
    C, Hs = S

    for t in range(T):
        A[t] += Hs[t] @ W_h
        k = ゲート[t]
        k[:, :3] = σ(k[:, :3])
        k[:, 3] = np.tanh(k[:, 3])
        C[t + 1] = k[:, 1] * C[t] + k[:, 0] * k[:, 3]
        Hs[t + 1] = k[:, 2] * np.tanh(C[t + 1])

    # 一時刻ずれた二つのビュー (コピーなし)
    C_prev = as_strided(C, shape=(T, B, H), strides=C.strides, writeable=False)
    H_prev = as_strided(Hs, shape=(T, B, H), strides=Hs.strides, writeable=False)
    cache = X, W, ゲート, C_prev, C[1:], H_prev
    return Hs[1:], C[-1], Hs[-1], cache
