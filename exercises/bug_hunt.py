# Mend what is broken in bug_hunt.py; keep the names.
"""Bug hunt: nine programs with one bug each, and one that is right as it stands.

All ten run, return arrays of the right shapes, and would learn something. Mend
them, and say in ANSWERS what was wrong, with a word of MENU for each.

Notation (the whole key is in exercises/README.md):

    B batch   T time steps   D input features   H hidden units   R = 1 + D + H
    LSTM W (R, 4H): row 0 = bias, rows 1..D = input, rows D+1.. = recurrent;
               columns i | f | o | g; the GRU's (R, 3H): z | r | n
    G weighs the states in the loss, so it is also the gradient of the loss with
               respect to them, as it arrives from outside

A docstring says what is meant, and is right. What sigmoid, tanh and MENU say is
right, too. NumPy only; your own earlier files may be imported.
"""

import numpy as np

#: Words for what can be wrong. One may fit several programs, others fit none.
MENU = {
    "caller-changed": "it writes into an array that belongs to its caller",
    "clipped-apart": "every array is clipped by a norm of its own, not all by one",
    "copied-gate": "one gate's numbers stand where another's belong, as after copy and paste",
    "forget-bias": "the forget gate starts shut, though it should start open",
    "gate-order": "the blocks of W are cut in another order than the file says",
    "log-of-zero": "an exponential overflows, or something close to log(0) is taken",
    "mean-for-sum": "the loss is a mean, and its gradient that of a sum",
    "nothing": "nothing is wrong",
    "off-by-one": "a state of the wrong time step is used, and index -1 wraps around",
    "overwritten": "a gradient that arrives on two ways is assigned where it should be added",
    "rate-compounds": "the learning rate is lowered from what it has already been lowered to",
    "slope-missing": "the derivative of a nonlinearity is left out",
    "slope-of-output": "a derivative is taken at a value that has been through its nonlinearity",
    "state-lost": "the state of one step does not reach the next",
    "sum-for-product": "two gates are added that should be multiplied",
    "tanh-forgotten": "h is o times c, where it should be o times tanh(c)",
    "wrong-size": "an array is made in the shape of the wrong state",
}

#: What was wrong in each: the words of MENU, "hunt_01": "nothing", and so on.
ANSWERS = {
    "hunt_01": None,
    "hunt_02": None,
    "hunt_03": None,
    "hunt_04": None,
    "hunt_05": None,
    "hunt_06": None,
    "hunt_07": None,
    "hunt_08": None,
    "hunt_09": None,
    "hunt_10": None,
}


def sigmoid(x, *, derivative=False):
    """Return σ(x), or with derivative=True the slope of σ at x."""
    s = 0.5 * (1.0 + np.tanh(0.5 * x))
    return s * (1.0 - s) if derivative else s


def tanh(x, *, derivative=False):
    """Squash x into the range from -1 to 1, or with derivative=True return the slope there."""
    return 1.0 - np.tanh(x) ** 2 if derivative else np.tanh(x)


def hunt_01(X, W, G, c0, h0):
    """Run an LSTM over a batch of sequences and go all the way back.

    loss = Σ Hout ⊙ G

    X (T, B, D), W (R, 4H), G (T, B, H), c0 and h0 (B, H).
    Returns loss, dX (T, B, D), dW (R, 4H), dc0 (B, H), dh0 (B, H).
    """
    (T, B, D), H = X.shape, h0.shape[1]
    cs, hs, rows, gates = [c0], [h0], [], []
    for t in range(T):
        row = np.hstack([np.ones((B, 1)), X[t], hs[-1]])
        a = row @ W
        i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
        g = np.tanh(a[:, 3 * H :])
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        rows.append(row)
        gates.append((i, f, o, g))
    loss = np.sum(np.array(hs[1:]) * G)

    dX, dW = np.zeros_like(X), np.zeros_like(W)
    dh, dc = np.zeros((B, H)), np.zeros((B, H))
    for t in reversed(range(T)):
        i, f, o, g = gates[t]
        c, c_prev = cs[t], cs[t - 1]
        dh = dh + G[t]
        dc = dc + dh * o * (1.0 - np.tanh(c) ** 2)
        da_i = dc * g * i * (1.0 - i)
        da_f = dc * c_prev * f * (1.0 - f)
        da_o = dh * np.tanh(c) * o * (1.0 - o)
        da_g = dc * i * (1.0 - g**2)
        da = np.hstack([da_i, da_f, da_o, da_g])
        dW += rows[t].T @ da
        drow = da @ W.T
        dX[t], dh = drow[:, 1 : 1 + D], drow[:, 1 + D :]
        dc = dc * f
    return loss, dX, dW, dc, dh


def hunt_02(x, W, h_prev, c_prev, G_h, G_c):
    """Take one step of an LSTM, forward and back.

    loss = Σ h ⊙ G_h + Σ c ⊙ G_c

    x (B, D), W (R, 4H), everything else (B, H).
    Returns loss, dx (B, D), dW (R, 4H), dh_prev (B, H), dc_prev (B, H).
    """
    row = np.hstack([np.ones((len(x), 1)), x, h_prev])
    a_i, a_f, a_o, a_g = np.split(row @ W, 4, axis=1)
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), tanh(a_g)
    c = f * c_prev + i * g
    h = o * tanh(c)
    loss = np.sum(h * G_h) + np.sum(c * G_c)

    dc = G_c + G_h * o * tanh(tanh(c), derivative=True)
    da_i = dc * g * sigmoid(i, derivative=True)
    da_f = dc * c_prev * sigmoid(f, derivative=True)
    da_o = G_h * tanh(c) * sigmoid(o, derivative=True)
    da_g = dc * i * tanh(g, derivative=True)
    da = np.hstack([da_i, da_f, da_o, da_g])
    drow = da @ W.T
    _, dx, dh_prev = np.split(drow, [1, 1 + x.shape[1]], axis=1)
    return loss, dx, row.T @ da, dh_prev, dc * f


def hunt_03(X, W, G, h0):
    """Run a GRU over a batch of sequences and go all the way back.

    loss = Σ Hout ⊙ G;  h_t = (1 - z) ⊙ h_{t-1} + z ⊙ n, reset before the product

    X (T, B, D), W (R, 3H), G (T, B, H), h0 (B, H).
    Returns loss, dX (T, B, D), dW (R, 3H), dh0 (B, H).
    """
    (T, B, D), H = X.shape, h0.shape[1]
    h, steps, loss = h0, [], 0.0
    for t in range(T):
        row = np.hstack([np.ones((B, 1)), X[t], h])
        z, r = np.split(sigmoid(row @ W[:, : 2 * H]), 2, axis=1)
        row_n = np.hstack([np.ones((B, 1)), X[t], r * h])
        n = np.tanh(row_n @ W[:, 2 * H :])
        h_new = (1.0 - z) * h + z * n
        loss += np.sum(h_new * G[t])
        steps.append((row, row_n, h, z, r, n))

    dX, dW, dh = np.zeros_like(X), np.zeros_like(W), np.zeros((B, H))
    for t in reversed(range(T)):
        row, row_n, h, z, r, n = steps[t]
        dh = dh + G[t]
        da_n = dh * z * (1.0 - n**2)
        drow_n = da_n @ W[:, 2 * H :].T
        da_z = dh * (n - h) * z * (1.0 - z)
        da_r = drow_n[:, 1 + D :] * h * r * (1.0 - r)
        da = np.hstack([da_z, da_r])
        drow = da @ W[:, : 2 * H].T
        dW += np.hstack([row.T @ da, row_n.T @ da_n])
        dX[t] = drow[:, 1 : 1 + D] + drow_n[:, 1 : 1 + D]
        dh = dh * (1.0 - z) + drow[:, 1 + D :] + drow_n[:, 1 + D :] * r
    return loss, dX, dW, dh


def hunt_04(X, W, G, c0, h0):
    """Run an LSTM over a batch of sequences and go back for the weights.

    loss = Σ Hout ⊙ G

    X (T, B, D), W (R, 4H), G (T, B, H), c0 and h0 (B, H).
    Returns loss, dW (R, 4H).
    """
    H = h0.shape[1]
    columns = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate("ifog")}
    past, c, h, loss = [], c0, h0, 0.0
    for x, weight in zip(X, G, strict=True):
        row = np.hstack([np.ones((len(x), 1)), x, h])
        a = {gate: row @ W[:, cut] for gate, cut in columns.items()}
        c_prev = c
        c = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * tanh(a["g"])
        h = sigmoid(a["o"]) * tanh(c)
        loss += np.sum(h * weight)
        past.append((row, a, c_prev, c))

    dW, dh, dc = np.zeros_like(W), np.zeros_like(h0), np.zeros_like(c0)
    for weight, (row, a, c_prev, c) in zip(G[::-1], past[::-1], strict=True):
        dh = dh + weight
        dc = dc + dh * sigmoid(a["o"]) * tanh(c, derivative=True)
        da = {
            "i": dc * tanh(a["g"]) * sigmoid(a["i"], derivative=True),
            "f": dc * c_prev * sigmoid(a["f"]),
            "o": dh * tanh(c) * sigmoid(a["o"], derivative=True),
            "g": dc * sigmoid(a["i"]) * tanh(a["g"], derivative=True),
        }
        dh = np.zeros_like(h0)
        for gate, cut in columns.items():
            dW[:, cut] += row.T @ da[gate]
            dh += da[gate] @ W[-H:, cut].T
        dc = dc * sigmoid(a["f"])
    return loss, dW


def hunt_05(logits, targets):
    """Work out the cross-entropy of a batch, and its gradient.

    loss = -Σ_n log p_n[target_n], with p_n = softmax(logits_n)

    logits (N, V), targets (N,) whole numbers from 0 to V-1.
    Returns loss, dlogits (N, V).
    Worked number: two rows of three equal logits have the loss 2 ln 3 = 2.197.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    one_hot = np.zeros_like(logits)
    one_hot[np.arange(len(targets)), targets] = 1.0
    loss = -np.mean(log_p * one_hot)
    dlogits = np.exp(log_p) - one_hot
    return loss, dlogits


def hunt_06(logits, targets):
    """Work out the cross-entropy of every row, and the gradient of their sum.

    losses_n = -log p_n[target_n], with p_n = softmax(logits_n), for logits of
    any size up to ±10,000, and without a warning.

    logits (N, V), targets (N,) whole numbers from 0 to V-1.
    Returns losses (N,), dlogits (N, V).
    """
    every = np.arange(len(targets))
    p = np.exp(logits)
    p = p / p.sum(axis=1, keepdims=True)
    losses = -np.log(p[every, targets] + 1e-12)
    dlogits = p.copy()
    dlogits[every, targets] -= 1.0
    return losses, dlogits


def hunt_07(X, W, G, c0, h0):
    """Run an LSTM over one sequence, in columns, and go all the way back.

    loss = Σ Hout ⊙ G

    X (T, D), W (R, 4H), G (T, H), c0 and h0 (H, 1).
    Returns loss, dX (T, D), dW (R, 4H), dc0 (H, 1), dh0 (H, 1).
    """
    (T, D), H = X.shape, len(h0)
    h_s, C_s, z_s, v_s = [h0], [c0], [], []
    for x in X:
        z = np.concatenate([[[1.0]], x[:, None], h_s[-1]])
        a = W.T @ z
        v = np.concatenate([sigmoid(a[: 3 * H]), tanh(a[3 * H :])])
        C_s.append(v[H : 2 * H] * C_s[-1] + v[:H] * v[3 * H :])
        h_s.append(v[2 * H : 3 * H] * tanh(C_s[-1]))
        z_s.append(z)
        v_s.append(v)
    loss = sum(G[t] @ h_s[t + 1][:, 0] for t in range(T))

    dX, dW = np.zeros_like(X), np.zeros_like(W)
    dh_next = np.zeros_like(h_s[0])
    dC_next = np.zeros_like(C_s[0])
    for t in range(T - 1, -1, -1):
        i, f, o, g = np.split(v_s[t], 4)
        dh = G[t][:, None] + dh_next
        dC = dC_next + dh * o * tanh(C_s[t + 1], derivative=True)
        # every gate from what it gave out: s (1 - s), and 1 - g² for g
        da_i = dC * g * i * (1.0 - i)
        da_f = dC * C_s[t] * f * (1.0 - f)
        da_o = dh * tanh(C_s[t + 1]) * o * (1.0 - o)
        da_g = dC * i * (1.0 - g * g)
        da = np.concatenate([da_i, da_f, da_o, da_g])
        dW += z_s[t] @ da.T
        dz = W @ da
        dX[t] = dz[1 : 1 + D, 0]
        dh_next = dz[1 + D :]
        dC_next = dC * f
    return loss, dX, dW, dC_next, dh_next


def hunt_08(D, H, rng, forget_bias=3.0):
    """Draw initial weights of an LSTM that starts by remembering.

    Standard normal / √(D + H) below the bias row, the bias row zero but for
    the forget gate: with forget_bias = 3 a young f is about σ(3) = 0.95.

    rng: a numpy.random.Generator, the only source of randomness.
    Returns W (R, 4H).
    """
    W = rng.standard_normal((1 + D + H, 4 * H)) / np.sqrt(D + H)
    W[0] = 0.0
    W[0, H : 2 * H] = -forget_bias  # forget gates are off at first, so nothing is forgotten
    return W


def hunt_09(grads, max_norm):
    """Clip gradients by their norm, all together, so that they keep their direction.

    norm = √(the sum of all squares); above max_norm, all are scaled to have it.

    grads: a dict from names to arrays.
    Returns clipped (a dict like it) and norm (before clipping).
    Worked number: {"W": [3], "b": [4]} and max_norm = 1 give 0.6, 0.8 and norm 5.
    """
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads.values()))
    clipped = {}
    for name, grad in grads.items():
        too_long = np.sqrt(np.sum(grad**2)) / max_norm
        clipped[name] = grad / max(1.0, too_long)
    return clipped, norm


def hunt_10(W, X, Y, lr, updates):
    """Fit Y ≈ X @ W by gradient descent, with a learning rate that falls.

    Update n, from 0, goes against the gradient at the rate lr · exp(-n / updates).
    losses[n] = half the mean squared length of a row's error, before update n.

    W (D, K), X (N, D), Y (N, K), lr a number, updates a whole one.
    Returns W (D, K), losses (updates,).
    """
    rate, losses = lr, []
    for n in range(updates):
        error = X @ W - Y
        losses.append(0.5 * np.mean(np.sum(error**2, axis=1)))
        rate = rate * np.exp(-n / updates)
        W = W - rate * X.T @ error / len(X)
    return W, np.array(losses)
