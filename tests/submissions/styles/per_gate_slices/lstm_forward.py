# -*- coding: utf-8 -*-
"""LSTM, passe avant. Une porte à la fois, jamais de gros produit à 4H colonnes."""

import numpy as np


def sigmoid(a):
    """Sigmoïde sans dépassement : on ne prend l'exponentielle que de -|a|."""
    a = np.asarray(a, dtype=float)
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1.0 + e)


def lstm_gates(x, h_prev, p):
    """Renvoie f, i, g, o (dans cet ordre !), chacun (H, 1)."""
    H = len(h_prev)

    def pre_activation(W, b):
        # les H premières colonnes lisent h, les autres lisent x
        return W[:, :H] @ h_prev + W[:, H:] @ x + b

    f = sigmoid(pre_activation(p["W_f"], p["b_f"]))
    i = sigmoid(pre_activation(p["W_i"], p["b_i"]))
    g = np.tanh(pre_activation(p["W_g"], p["b_g"]))
    o = sigmoid(pre_activation(p["W_o"], p["b_o"]))
    return f, i, g, o


def lstm_step(x, h_prev, c_prev, p):
    """Un pas pour un exemple ; h d'abord, c ensuite."""
    f, i, g, o = lstm_gates(x, h_prev, p)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def pack_gates(p, D):
    """Range les quatre matrices dans W (R, 4H), colonnes i | f | o | g."""
    colonnes = []
    for porte in ["i", "f", "o", "g"]:
        Wk = p["W_" + porte]
        H = Wk.shape[0]
        colonnes.append(np.vstack((p["b_" + porte].T, Wk[:, H:H + D].T, Wk[:, :H].T)))
    return np.hstack(colonnes)


def init_lstm(D, H, rng, forget_bias=3.0):
    """Poids initiaux, tirés porte par porte."""
    echelle = 1.0 / np.sqrt(D + H)
    porte = {}
    for k in ("f", "g", "i", "o"):          # l'ordre du tirage est libre
        biais = np.full((1, H), forget_bias if k == "f" else 0.0)
        entree = rng.normal(0.0, echelle, size=(D, H))
        recurrent = rng.normal(0.0, echelle, size=(H, H))
        porte[k] = np.concatenate((biais, entree, recurrent), axis=0)
    return np.concatenate((porte["i"], porte["f"], porte["o"], porte["g"]), axis=1)


def decoupe(W, D):
    """Découpe W en trois dictionnaires de vues : biais, poids d'entrée, poids récurrents."""
    H = W.shape[1] // 4
    b, U, V = {}, {}, {}
    for n, k in enumerate("ifog"):
        bloc = W[:, n * H:(n + 1) * H]
        b[k] = bloc[0]
        U[k] = bloc[1:D + 1]
        V[k] = bloc[D + 1:]
    return b, U, V


def lstm_forward(X, W, c0=None, h0=None):
    """X (T, B, D), W (R, 4H) -> Hout (T, B, H), cn, hn (B, H), cache."""
    T, B, D = X.shape
    H = W.shape[1] // 4
    b, U, V = decoupe(W, D)

    h = np.zeros((B, H))
    c = np.zeros((B, H))
    if h0 is not None:
        h = h + h0            # somme = nouvelle matrice, l'argument reste intact
    if c0 is not None:
        c = c + c0

    Hout = np.zeros((T, B, H))
    i_s, f_s, o_s, g_s = [], [], [], []
    h_avant, c_avant, c_apres = [], [], []
    for t in range(T):
        x = X[t]
        h_avant.append(h)
        c_avant.append(c)
        i = sigmoid(x @ U["i"] + h @ V["i"] + b["i"])
        f = sigmoid(x @ U["f"] + h @ V["f"] + b["f"])
        o = sigmoid(x @ U["o"] + h @ V["o"] + b["o"])
        g = np.tanh(x @ U["g"] + h @ V["g"] + b["g"])
        c = f * c + i * g
        h = o * np.tanh(c)
        Hout[t] = h
        i_s.append(i)
        f_s.append(f)
        o_s.append(o)
        g_s.append(g)
        c_apres.append(c)
    cache = (X, W, i_s, f_s, o_s, g_s, h_avant, c_avant, c_apres)
    return Hout, c, h, cache


if __name__ == "__main__":
    # la cellule jouet du polycopié
    p = {"W_f": np.array([[-1, 0.5]]), "b_f": np.array([[1.0]]),
         "W_i": np.array([[2.0, 1]]), "b_i": np.array([[-1.0]]),
         "W_g": np.array([[-2.0, -1]]), "b_g": np.array([[1.0]]),
         "W_o": np.array([[-1.0, 1]]), "b_o": np.array([[-1.0]])}
    print("portes", lstm_gates(np.array([[2.0]]), np.array([[-1.0]]), p))
    W = pack_gates(p, 1)
    print(W)
    X = np.array([2.0, 1.0]).reshape(2, 1, 1)
    print(lstm_forward(X, W, np.array([[0.5]]), np.array([[-1.0]]))[:3])
    print(lstm_forward(X, W)[:3])
