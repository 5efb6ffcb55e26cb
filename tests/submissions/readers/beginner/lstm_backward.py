import numpy as np

from lstm_forward import lstm_gates


def lstm_step_backward(dh, dc, x, h_prev, c_prev, p):
    # forward again
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)
    column = np.concatenate([h_prev, x], axis=0)
    H = h_prev.shape[0]

    # both ways into c
    dc_total = dc + dh * o * (1 - tanh_c ** 2)

    # forget gate
    df = dc_total * c_prev
    da_f = df * f * (1 - f)
    # input gate
    di = dc_total * g
    da_i = di * i * (1 - i)
    # candidate
    dg = dc_total * i
    da_g = dg * (1 - g ** 2)
    # output gate
    do = dh * tanh_c
    da_o = do * o * (1 - o)

    grads = {}
    grads["W_f"] = np.dot(da_f, column.T)
    grads["b_f"] = da_f
    grads["W_i"] = np.dot(da_i, column.T)
    grads["b_i"] = da_i
    grads["W_g"] = np.dot(da_g, column.T)
    grads["b_g"] = da_g
    grads["W_o"] = np.dot(da_o, column.T)
    grads["b_o"] = da_o

    dcolumn = np.dot(p["W_f"].T, da_f)
    dcolumn = dcolumn + np.dot(p["W_i"].T, da_i)
    dcolumn = dcolumn + np.dot(p["W_g"].T, da_g)
    dcolumn = dcolumn + np.dot(p["W_o"].T, da_o)

    dh_prev = dcolumn[:H]
    dx = dcolumn[H:]
    dc_prev = dc_total * f
    return dx, dh_prev, dc_prev, grads


def lstm_backward(dHout, cache, dcn=None, dhn=None):
    T = dHout.shape[0]
    B = dHout.shape[1]
    H = dHout.shape[2]
    W = cache["W"]
    D = cache["D"]

    W_i = W[:, 0:H]
    W_f = W[:, H:2 * H]
    W_o = W[:, 2 * H:3 * H]
    W_g = W[:, 3 * H:4 * H]

    dW_i = np.zeros(W_i.shape)
    dW_f = np.zeros(W_f.shape)
    dW_o = np.zeros(W_o.shape)
    dW_g = np.zeros(W_g.shape)

    if dcn is None:
        dc = np.zeros((B, H))
    else:
        dc = dcn.copy()
    if dhn is None:
        dh = np.zeros((B, H))
    else:
        dh = dhn.copy()

    all_dx = []
    for t in range(T - 1, -1, -1):
        row = cache["rows"][t]
        i = cache["i"][t]
        f = cache["f"][t]
        o = cache["o"][t]
        g = cache["g"][t]
        c_prev = cache["c_prev"][t]
        tanh_c = np.tanh(cache["c"][t])

        dh_t = dHout[t] + dh
        dc_t = dc + dh_t * o * (1 - tanh_c ** 2)

        da_i = dc_t * g * i * (1 - i)
        da_f = dc_t * c_prev * f * (1 - f)
        da_o = dh_t * tanh_c * o * (1 - o)
        da_g = dc_t * i * (1 - g ** 2)

        dW_i = dW_i + np.dot(row.T, da_i)
        dW_f = dW_f + np.dot(row.T, da_f)
        dW_o = dW_o + np.dot(row.T, da_o)
        dW_g = dW_g + np.dot(row.T, da_g)

        drow = np.dot(da_i, W_i.T)
        drow = drow + np.dot(da_f, W_f.T)
        drow = drow + np.dot(da_o, W_o.T)
        drow = drow + np.dot(da_g, W_g.T)

        all_dx.append(drow[:, 1:1 + D])
        dh = drow[:, 1 + D:]
        dc = dc_t * f

    # collected from the end to the beginning
    all_dx.reverse()
    dX = np.array(all_dx)
    dW = np.concatenate([dW_i, dW_f, dW_o, dW_g], axis=1)
    return dX, dW, dc, dh
