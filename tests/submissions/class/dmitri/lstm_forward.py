import numpy as np

# No temporaries: all buffers allocated once, ufuncs write with out=.


def sigmoid(a):
    s = np.array(a, dtype=np.float64)  # own copy
    np.negative(s, out=s)
    np.clip(s, None, 700.0, out=s)  # e^700 still fits into a double
    np.exp(s, out=s)
    np.add(s, 1.0, out=s)
    np.reciprocal(s, out=s)
    return s


def _sigmoid_inplace(s):
    np.multiply(s, 0.5, out=s)
    np.tanh(s, out=s)
    np.add(s, 1.0, out=s)
    np.multiply(s, 0.5, out=s)


def lstm_gates(x, h_prev, p):
    H, D = h_prev.shape[0], x.shape[0]
    hx = np.empty((H + D, 1))
    hx[:H], hx[H:] = h_prev, x
    out = []
    for k in "figo":
        a = np.empty((H, 1))
        np.matmul(p["W_" + k], hx, out=a)
        a += p["b_" + k]
        if k == "g":
            np.tanh(a, out=a)
        else:
            _sigmoid_inplace(a)
        out.append(a)
    return tuple(out)


def lstm_step(x, h_prev, c_prev, p):
    f, i, g, o = lstm_gates(x, h_prev, p)
    f *= c_prev
    i *= g
    f += i  # f is c now
    o *= np.tanh(f)  # o is h now
    return o, f


def pack_gates(p, D):
    H = p["b_o"].shape[0]
    W = np.empty((1 + D + H, 4 * H))
    for n, k in enumerate("ifog"):
        block = W[:, n * H : (n + 1) * H]  # view
        block[0] = p["b_" + k][:, 0]
        block[1 : D + 1] = p["W_" + k].T[H:]
        block[D + 1 :] = p["W_" + k].T[:H]
    return W


def init_lstm(D, H, rng, forget_bias=3.0):
    W = np.empty((1 + D + H, 4 * H))
    rng.standard_normal(out=W)
    W /= np.sqrt(D + H)
    W[0, :].fill(0.0)
    W[0, H : H + H] += forget_bias
    return W


def lstm_forward(X, W, c0=None, h0=None):
    T, B, D = X.shape
    H = W.shape[1] // 4
    c = np.zeros((B, H)) if c0 is None else c0
    h = np.zeros((B, H)) if h0 is None else h0

    rows = np.empty((T, B, W.shape[0]))
    rows[:, :, 0] = 1.0
    rows[:, :, 1 : D + 1] = X
    A = np.empty((T, B, 4 * H))
    C_before = np.empty((T, B, H))
    TC = np.empty((T, B, H))
    Hout = np.empty((T, B, H))
    ig = np.empty((B, H))

    for t in range(T):
        rows[t, :, D + 1 :] = h
        a = A[t]
        np.matmul(rows[t], W, out=a)
        _sigmoid_inplace(a[:, : 3 * H])
        np.tanh(a[:, 3 * H :], out=a[:, 3 * H :])
        C_before[t] = c
        np.multiply(a[:, :H], a[:, 3 * H :], out=ig)
        np.multiply(c, a[:, H : 2 * H], out=c)
        np.add(c, ig, out=c)
        np.tanh(c, out=TC[t])
        np.multiply(a[:, 2 * H : 3 * H], TC[t], out=h)
        Hout[t] = h

    return Hout, c, h, {"rows": rows, "A": A, "C_before": C_before, "TC": TC, "W": W}
