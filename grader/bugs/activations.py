"""Known bugs of `activations`: where people really go wrong.

Sources of the real ones: the notebook behind RNN-LSTM-in-numpy and its issue
#1 (the derivative of an activation asked of the activated value; a mean of
the loss beside the gradient of the sum; the log of a softmax); tutorials that
take He's initialisation, or randn · 0.01, for Xavier's.
"""

from grader.catalogue import Bug

DSIGMOID = "return s * (1.0 - s)"
DTANH = "return 1.0 - t**2"
POWERS = "e = np.exp(a - a.max(axis=-1, keepdims=True))"
SHARES = "return e / e.sum(axis=-1, keepdims=True)"
SHIFTED = "shifted = a - a.max(axis=-1, keepdims=True)"
LOG = "return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))"
LOG_P = "log_p = log_softmax(logits)"
LOSS = "loss = -log_p[rows, targets].sum()"
TARGETS = "dlogits[rows, targets] -= 1.0"
BOTH = "return float(loss), dlogits"
ONE_HOT = "return np.eye(V)[indices]"
GLOROT = "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / (fan_in + fan_out))"
QR = "Q, R = np.linalg.qr(rng.standard_normal((H, H)))"
TURNED = "return Q * np.sign(np.diag(R))"

BUGS = [
    # --- slopes
    Bug(
        id="sigmoid-once-more",
        old=DSIGMOID,
        new="s = 1.0 / (1.0 + np.exp(-s))\n    return s * (1.0 - s)",
        caught_by="dsigmoid",
        says="You apply the sigmoid to s, which is a sigmoid's output already: "
        "its slope is s ⊙ (1 - s), with s as it comes.",
    ),
    Bug(
        id="dsigmoid-half-of-it",
        old=DSIGMOID,
        new="return 1.0 - s",
        caught_by="dsigmoid",
        says="Your dsigmoid_from_output is 1 - s; the slope is s times that.",
    ),
    Bug(
        id="dsigmoid-is-dtanh",
        old=DSIGMOID,
        new="return 1.0 - s**2",
        caught_by="dsigmoid",
        says="Your dsigmoid_from_output is the slope of tanh; the sigmoid's is s ⊙ (1 - s).",
    ),
    Bug(
        id="tanh-once-more",
        old=DTANH,
        new="return 1.0 - np.tanh(t) ** 2",
        caught_by="dtanh",
        says="You apply tanh to t, which is a tanh's output already: its slope is 1 - t².",
    ),
    Bug(
        id="dtanh-not-squared",
        old=DTANH,
        new="return 1.0 - t",
        caught_by="dtanh",
        says="Your dtanh_from_output is 1 - t; the t has to be squared.",
    ),
    Bug(
        id="dtanh-is-dsigmoid",
        old=DTANH,
        new="return t * (1.0 - t)",
        caught_by="dtanh",
        says="Your dtanh_from_output is the slope of the sigmoid; tanh's is 1 - t².",
    ),
    # --- softmax
    Bug(
        id="softmax-over-the-batch",
        old=SHARES,
        new="return e / e.sum(axis=0, keepdims=True)",
        caught_by="softmax",
        says="Your softmax adds up over the first axis, the batch; "
        "it is each row, along the last axis, that adds up to 1.",
    ),
    Bug(
        id="softmax-of-everything",
        old=SHARES,
        new="return e / e.sum()",
        caught_by="softmax",
        says="Your softmax adds up all entries of a batch; each row adds up to 1 by itself.",
    ),
    Bug(
        id="softmax-not-divided",
        old=SHARES,
        new="return e",
        caught_by="softmax",
        says="Your softmax is not divided by its sum: the shares do not add up to 1.",
    ),
    Bug(
        id="softmax-axis-one",
        old=POWERS,
        new="axis = min(1, a.ndim - 1)\n    e = np.exp(a - a.max(axis, keepdims=True))",
        also=((SHARES, "return e / e.sum(axis, keepdims=True)"),),
        caught_by="softmax_axes",
        says="Your softmax works along axis 1, which is the last one of a matrix only; axis=-1 is "
        "the last one of everything.",
    ),
    Bug(
        id="softmax-not-shifted",
        old=POWERS,
        new="e = np.exp(a)",
        caught_by="softmax_stable",
        says="Your e^a overflows, from a = 710 on; subtract the largest logit of each row first.",
    ),
    Bug(
        id="softmax-shifted-by-the-largest-of-all",
        old=POWERS,
        new="e = np.exp(a - a.max())",
        caught_by="softmax_stable",
        says="You subtract one number, the largest of all; a row that lies far below it is then "
        "0 / 0. Subtract the largest of each row.",
    ),
    Bug(
        id="softmax-clipped",
        old=POWERS,
        new="e = np.exp(np.clip(a, -500.0, 500.0))",
        caught_by="softmax_stable",
        says="You clip the logits, so that loud ones become equal; "
        "subtract the largest of each row instead, which changes nothing.",
    ),
    # --- log_softmax
    Bug(
        id="log-softmax-without-the-log",
        old=LOG,
        new="return shifted - np.exp(shifted).sum(axis=-1, keepdims=True)",
        caught_by="log_softmax",
        says="Your log_softmax subtracts the sum; it is the logarithm of the sum.",
    ),
    Bug(
        id="log-softmax-largest-forgotten",
        old=LOG,
        new=LOG.replace("return shifted", "return a"),
        caught_by="log_softmax",
        says="Your log_softmax shifts inside the sum only; what is subtracted there has to be "
        "subtracted from a as well.",
    ),
    Bug(
        id="log-softmax-over-the-batch",
        old=LOG,
        new="return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))",
        caught_by="log_softmax",
        says="Your log_softmax adds up over the first axis, the batch; rows are the last axis.",
    ),
    Bug(
        id="log-of-softmax",
        old=LOG,
        new="return np.log(softmax(a))",
        caught_by="log_softmax_stable",
        says="You take the log of softmax(a), which is a zero for quiet logits; "
        "subtract logarithms instead: a - m - log Σ e^(a - m).",
    ),
    Bug(
        id="log-of-softmax-and-a-bit",
        old=LOG,
        new="return np.log(softmax(a) + 1e-12)",
        caught_by="log_softmax_stable",
        says="You add something small to softmax(a) before the log: no surprise can then be "
        "larger than 27.6, and all beyond is wrong. Subtract logarithms instead.",
    ),
    Bug(
        id="log-softmax-not-shifted",
        old=SHIFTED,
        new="shifted = a",
        caught_by="log_softmax_stable",
        says="Your log_softmax computes e^a, which overflows from a = 710 on; "
        "subtract the largest of each row first.",
    ),
    Bug(
        id="log-softmax-axis-one",
        old=SHIFTED,
        new="axis = min(1, a.ndim - 1)\n    shifted = a - a.max(axis, keepdims=True)",
        also=((LOG, "return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))"),),
        caught_by="log_softmax",
        says="Your log_softmax works along axis 1, which is the last one of a matrix only.",
    ),
    # --- cross_entropy
    Bug(
        id="loss-averaged-gradient-not",
        old=LOSS,
        new="loss = -log_p[rows, targets].mean()",
        caught_by="loss",
        says="Your loss is the mean over the batch, while p - y is the gradient of the sum: "
        "a gradient check would fail by a factor of exactly B.",
    ),
    Bug(
        id="loss-averaged-over-everything",
        old=LOSS,
        new="loss = -log_p[rows, targets].sum() / logits.size",
        caught_by="loss",
        says="Your loss is a mean over all entries of the one-hot product, zeros included: "
        "too small by a factor of B·V, and p - y is not its gradient.",
    ),
    Bug(
        id="both-averaged",
        old=BOTH,
        new="return float(loss) / len(targets), dlogits / len(targets)",
        caught_by="loss",
        says="Your loss and dlogits are both means over the batch. They belong together; "
        "in this course both are sums.",
        convention=True,
    ),
    Bug(
        id="loss-negative",
        old=LOSS,
        new="loss = log_p[rows, targets].sum()",
        caught_by="loss",
        says="Your loss is negative: the surprise is -log p.",
    ),
    Bug(
        id="loss-with-the-others",
        old=LOSS,
        new="loss = -log_p[rows, targets].sum()\n"
        "    others = np.delete(np.exp(log_p).ravel(), rows * logits.shape[1] + targets)\n"
        "    loss = loss - np.log1p(-others).sum()",
        caught_by="loss",
        says="Your loss adds log(1 - p) of the other classes, as for many yes-or-no questions; "
        "among V classes only the right one counts.",
    ),
    Bug(
        id="loss-of-every-pair",
        old=LOSS,
        new="loss = -log_p[:, targets].sum()",
        caught_by="loss",
        says="log_p[:, targets] takes the targets of all rows from every row; "
        "row b has only its own: log_p[np.arange(B), targets].",
    ),
    Bug(
        id="loss-in-bits",
        old=LOSS,
        new="loss = -log_p[rows, targets].sum() / np.log(2.0)",
        caught_by="loss",
        says="Your loss is in bits, with the logarithm to base 2; "
        "p - y belongs to the natural one.",
    ),
    Bug(
        id="gradient-negative",
        old=TARGETS,
        new="dlogits[rows, targets] -= 1.0\n    dlogits = -dlogits",
        caught_by="dlogits",
        says="Your dlogits is y - p, the way downhill; the gradient points uphill: p - y.",
    ),
    Bug(
        id="gradient-averaged-loss-not",
        old=BOTH,
        new="return float(loss), dlogits / len(targets)",
        caught_by="dlogits",
        says="Your dlogits is divided by the batch size, while your loss is a sum.",
    ),
    Bug(
        id="gradient-without-targets",
        old=TARGETS,
        new="pass",
        caught_by="dlogits",
        says="Your dlogits is p alone; at the target of each row it is p - 1.",
    ),
    Bug(
        id="gradient-of-every-pair",
        old=TARGETS,
        new="dlogits[:, targets] -= 1.0",
        caught_by="dlogits",
        says="dlogits[:, targets] changes every row at the targets of all; "
        "row b has only its own: dlogits[np.arange(B), targets].",
    ),
    Bug(
        id="gradient-through-softmax-again",
        old=BOTH,
        new="p = np.exp(log_p)\n    return float(loss), dlogits * p * (1.0 - p)",
        caught_by="dlogits",
        says="You multiply p - y by a slope p ⊙ (1 - p); "
        "p - y has been through the softmax already.",
    ),
    Bug(
        id="loss-log-of-softmax",
        old=LOG_P,
        new="log_p = np.log(softmax(logits))",
        caught_by="loss_stable",
        says="Your loss takes the log of a softmax that may be zero; use your log_softmax.",
    ),
    Bug(
        id="loss-log-of-softmax-and-a-bit",
        old=LOG_P,
        new="log_p = np.log(softmax(logits) + 1e-12)",
        caught_by="loss_stable",
        says="Your loss adds something small before the log, so that no mistake can cost more "
        "than 27.6; use your log_softmax, which needs no such help.",
    ),
    # --- one_hot
    Bug(
        id="one-hot-from-one",
        old=ONE_HOT,
        new="return np.eye(V)[indices - 1]",
        caught_by="one_hot",
        says="Your one_hot counts from 1; indices count from 0.",
    ),
    Bug(
        id="one-hot-as-columns",
        old=ONE_HOT,
        new="return np.eye(V)[indices].T",
        caught_by="one_hot",
        says="Your one_hot writes columns, (V, B); each index is a row: (B, V).",
    ),
    Bug(
        id="one-hot-all-in-every-row",
        old=ONE_HOT,
        new="y = np.zeros((*np.shape(indices), V))\n    y[..., indices] = 1.0\n    return y",
        caught_by="one_hot",
        says="y[..., indices] = 1 sets the ones of all indices in every row; "
        "row b has only its own.",
    ),
    Bug(
        id="one-hot-flat",
        old=ONE_HOT,
        new="return np.eye(V)[np.ravel(indices)]",
        caught_by="one_hot_axes",
        says="Your one_hot flattens the indices; (T, B) should give (T, B, V).",
    ),
    Bug(
        id="one-hot-ints",
        old=ONE_HOT,
        new="return np.eye(V, dtype=int)[indices]",
        caught_by="precision",
        says="Your one_hot returns ints; it stands among numbers that are multiplied: float64.",
    ),
    # --- weights
    Bug(
        id="he-for-glorot",
        old=GLOROT,
        new=GLOROT.replace("(fan_in + fan_out))", "fan_in)"),
        caught_by="glorot",
        says="Your glorot has variance 2 / fan_in: that is He's initialisation, made for ReLU. "
        "Glorot's is 2 / (fan_in + fan_out).",
    ),
    Bug(
        id="glorot-without-the-two",
        old=GLOROT,
        new=GLOROT.replace("2.0 / ", "1.0 / "),
        caught_by="glorot",
        says="Your glorot has variance 1 / (fan_in + fan_out); "
        "the mean of the two is what is meant, so it is 2 / (fan_in + fan_out).",
    ),
    Bug(
        id="glorot-of-fan-in",
        old=GLOROT,
        new=GLOROT.replace("2.0 / (fan_in + fan_out))", "1.0 / fan_in)"),
        caught_by="glorot",
        says="Your glorot has variance 1 / fan_in, which is LeCun's and suits the forward alone; "
        "Glorot's is 2 / (fan_in + fan_out).",
    ),
    Bug(
        id="glorot-not-rooted",
        old=GLOROT,
        new=GLOROT.replace("np.sqrt(2.0 / (fan_in + fan_out))", "(2.0 / (fan_in + fan_out))"),
        caught_by="glorot",
        says="You scale by the variance; what standard normals are scaled by is its square root.",
    ),
    Bug(
        id="glorot-a-hundredth",
        old=GLOROT,
        new="return 0.01 * rng.standard_normal((fan_in, fan_out))",
        caught_by="glorot",
        says="Your glorot is randn · 0.01, whatever the sizes; "
        "its point is that the scale follows from fan_in and fan_out.",
    ),
    Bug(
        id="glorot-uniform",
        old=GLOROT,
        new="limit = np.sqrt(6.0 / (fan_in + fan_out))\n"
        "    return rng.uniform(-limit, limit, (fan_in, fan_out))",
        caught_by="glorot",
        says="Your glorot is uniform with the right variance, as the paper of 2010 has it; "
        "here a normal is asked for.",
        convention=True,
    ),
    Bug(
        id="glorot-transposed",
        old=GLOROT,
        new=GLOROT.replace("((fan_in, fan_out))", "((fan_out, fan_in))"),
        caught_by="glorot",
        says="Your glorot has shape (fan_out, fan_in); in this course inputs are the rows.",
    ),
    Bug(
        id="orthogonal-only-unit-columns",
        old=QR,
        new="Q = rng.standard_normal((H, H))\n    Q, R = Q / np.linalg.norm(Q, axis=0), np.eye(H)",
        caught_by="orthogonal",
        says="Your columns have length 1 but are not at right angles; QR makes them so.",
    ),
    Bug(
        id="orthogonal-triangle",
        old=TURNED,
        new="return R",
        caught_by="orthogonal",
        says="You return R, the triangle; the orthogonal factor is Q, the first of the two.",
    ),
    Bug(
        id="orthogonal-scaled",
        old=TURNED,
        new="return Q * np.sign(np.diag(R)) / np.sqrt(H)",
        caught_by="orthogonal",
        says="Your Q is scaled by 1 / √H: then it shrinks what it turns. Q Qᵀ is to be I itself.",
    ),
    Bug(
        id="orthogonal-identity",
        old=TURNED,
        new="return np.eye(H)",
        caught_by="orthogonal",
        says="Your Q is the unit matrix: orthogonal, but not drawn.",
    ),
    Bug(
        id="seed-of-its-own",
        old=QR,
        new="rng = np.random.default_rng(0)\n    " + QR,
        caught_by="random",
        says="You make a generator of your own with a fixed seed: everybody gets the same Q. "
        "Draw from the rng that is passed in.",
    ),
    # --- precision
    Bug(
        id="softmax-in-float32",
        old=POWERS,
        new=POWERS.replace("keepdims=True))", "keepdims=True), dtype=np.float32)").replace(
            "np.exp(a -", "np.exp(a.astype(np.float32) -"
        ),
        caught_by="precision",
        says="Your softmax computes in float32; gradient checks need float64.",
    ),
]
