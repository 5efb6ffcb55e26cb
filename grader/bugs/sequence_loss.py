"""Known bugs of `sequence_loss`: where people really go wrong.

Sources of the real ones: losses times a mask, which keeps NaN (0 · NaN is NaN);
the review that calls ground-truth *targets* teacher forcing; "mean instead of
sum is the same up to a constant", which leaves loss and gradient apart by a
factor; `log(softmax + 1e-12)` as protection; CS231n, which divides by the number
of sequences; and states that are reset, or gradients that are not cut, between
the chunks of truncated back-propagation.
"""

from grader.catalogue import Bug

TOTAL = "total = np.sum(np.where(mask, values, 0.0))"
MEAN = "return float(total / max(np.sum(mask), 1))"
CLEAN = "logits = np.where(real, logits, 0.0)"
SHIFT = "shifted = logits - logits.max(axis=2, keepdims=True)"
LOG_P = "log_p = shifted - np.log(np.sum(np.exp(shifted), axis=2, keepdims=True))"
LOSS = "loss = masked_mean(-np.sum(onehot * log_p, axis=2), mask)"
DLOGITS = "dlogits = real * (np.exp(log_p) - onehot) / count"
STEP = "return np.where(mask[:, None], np.tanh(row @ W), h_prev)"
ROW = "    row = np.hstack([np.ones((len(x), 1)), x, h_prev])  # (B, R)\n"
CHUNKS = "return [(start, min(start + k, T)) for start in range(0, T, k)]"
CLEAN_X = "    X = np.where(mask[:, :, None], X, 0.0)\n"
BEGIN = "h = np.zeros((B, W.shape[1])) if h0 is None else h0\n    rows, states = [], []"
READ = "loss, dlogits = masked_cross_entropy(read @ W_out, targets, mask)"
DHOUT = "dHout = dlogits @ W_out[1:].T  # (T, B, H)"
DH = "dh = dHout[t] + carried"
DA = "da = np.where(real, dh * (1.0 - states[t] ** 2), 0.0)"
DW = "dW += rows[t].T @ da"
CARRY = "carried = np.where(real, da @ W[1 + D :].T, dh)"
RETURNED = 'return loss, {"W": dW, "W_out": dW_out}, h'
PIECE = "loss, grads, h = chunk_gradients(X[here], targets[here], mask[here], params, h)"
UPDATE = "params[name] = params[name] - lr * gradient"
TRAINED = "return params, losses, h"
TEACHER = "return np.concatenate([start[None], targets[:-1]])"
TALK = "        h = masked_step(np.eye(V)[symbol], h, np.ones(B, bool), W)\n"
ANSWER = "symbol = np.argmax(np.hstack([np.ones((B, 1)), h]) @ W_out, axis=1)"
FREE_START = "h = np.zeros((B, W.shape[1])) if h0 is None else h0\n    inputs ="

BUGS = [
    # --- the mean
    Bug(
        id="mean-over-all-entries",
        old=MEAN,
        new="return float(total / mask.size)",
        caught_by="mean_values",
        says="Your mean divides by T·B, padding included; divide by the number of real entries.",
    ),
    Bug(
        id="mean-of-the-padding-too",
        old=TOTAL,
        new="total = np.sum(values)",
        caught_by="mean_values",
        says="Your mean adds up the padding, too, and divides by the number of real entries.",
    ),
    Bug(
        id="mean-per-sequence",
        old=MEAN,
        new="return float(total / mask.shape[1])",
        caught_by="mean_values",
        says="Your mean divides by the number of sequences B; divide by the number of real entries.",
    ),
    Bug(
        id="mean-of-means",
        old=MEAN,
        new="each = np.sum(np.where(mask, values, 0.0), axis=0) / np.maximum(mask.sum(axis=0), 1)\n"
        "    return float(np.mean(each))",
        caught_by="mean_values",
        says="You average each sequence, then those averages: a short sequence counts as much as a "
        "long one; every real entry should.",
    ),
    Bug(
        id="mean-times-the-mask",
        old=TOTAL,
        new="total = np.sum(values * mask)",
        caught_by="mean_padding",
        says="You multiply the values by the mask: NaN · 0 is NaN, so choose with np.where instead.",
    ),
    Bug(
        id="mean-zero-by-zero",
        old=MEAN,
        new='with np.errstate(invalid="ignore"):\n        return float(total / np.sum(mask))',
        caught_by="nothing_real",
        says="Your mean divides 0 by 0 where nothing is real; there it is 0.",
    ),
    # --- the loss
    Bug(
        id="entropy-loss-of-the-sum",
        old=LOSS,
        new="loss = float(np.sum(mask)) * masked_mean(-np.sum(onehot * log_p, axis=2), mask)",
        caught_by="entropy_loss",
        says="Your loss is the sum over the real steps, your dlogits the gradient of the mean; "
        "divide both by N.",
    ),
    Bug(
        id="entropy-gradient-of-the-sum",
        old=DLOGITS,
        new="dlogits = real * (np.exp(log_p) - onehot)",
        caught_by="entropy_gradient",
        says="Your loss is a mean, your dlogits the gradient of the sum: N times too large.",
    ),
    Bug(
        id="entropy-sum-over-time-mean-over-the-batch",
        old=LOSS,
        new="loss = masked_mean(-np.sum(onehot * log_p, axis=2), mask) * float(np.sum(mask))\n"
        "    loss = loss / mask.shape[1]",
        also=((DLOGITS, "dlogits = real * (np.exp(log_p) - onehot) / mask.shape[1]"),),
        caught_by="entropy_loss",
        says="You divide by the number of sequences B, as CS231n does; here loss and gradient are "
        "divided by the number of real steps.",
        convention=True,
    ),
    Bug(
        id="entropy-gradient-over-all-steps",
        old=DLOGITS,
        new="dlogits = real * (np.exp(log_p) - onehot) / mask.size",
        caught_by="entropy_gradient",
        says="Your dlogits is divided by T·B; your loss by the number of real steps.",
    ),
    Bug(
        id="entropy-gradient-in-the-padding",
        old=DLOGITS,
        new="dlogits = (np.exp(log_p) - onehot) / count",
        caught_by="entropy_gradient",
        says="Your dlogits is not zero in the padding: what does not count has no gradient.",
    ),
    Bug(
        id="entropy-gradient-with-the-wrong-sign",
        old=DLOGITS,
        new="dlogits = real * (onehot - np.exp(log_p)) / count",
        caught_by="entropy_gradient",
        says="Your dlogits is onehot - p; it is p - onehot.",
    ),
    Bug(
        id="entropy-gradient-of-the-target-only",
        old=DLOGITS,
        new="dlogits = real * onehot * (np.exp(log_p) - 1.0) / count",
        caught_by="entropy_gradient",
        says="Your dlogits is zero but at the target; every logit is in the softmax.",
    ),
    Bug(
        id="entropy-softmax-over-the-batch",
        old=LOG_P,
        new="log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
        caught_by="entropy_loss",
        says="Your softmax adds up over the batch; it adds up over the V symbols.",
    ),
    Bug(
        id="entropy-logits-times-the-mask",
        old=CLEAN,
        new="logits = logits * real",
        caught_by="entropy_padding",
        says="You multiply the logits by the mask: NaN · 0 is NaN, so choose with np.where instead.",
    ),
    Bug(
        id="entropy-without-the-shift",
        old=SHIFT,
        new="shifted = logits",
        caught_by="entropy_stable",
        says="Your exp overflows for a logit of 1000: subtract the largest logit first.",
    ),
    Bug(
        id="entropy-shift-of-the-whole-batch",
        old=SHIFT,
        new="shifted = np.maximum(logits - logits.max(), -700.0)",
        caught_by="entropy_stable",
        says="You limit the logits, which changes the loss where a target is very unlikely; only "
        "subtract the largest logit of each step.",
    ),
    Bug(
        id="entropy-with-an-epsilon",
        old=LOSS,
        new="loss = masked_mean(-np.log(np.sum(onehot * np.exp(log_p), axis=2) + 1e-12), mask)",
        caught_by="entropy_stable",
        says="Your loss is -ln(p + 1e-12), which never exceeds 27.6; take the logarithm of the "
        "softmax without computing the softmax.",
    ),
    # --- the step
    Bug(
        id="step-zero-in-the-padding",
        old=STEP,
        new="return np.where(mask[:, None], np.tanh(row @ W), 0.0)",
        caught_by="step",
        says="Your h is 0 in rows that are padding; there it stays what it was.",
    ),
    Bug(
        id="step-without-the-mask",
        old=STEP,
        new="return np.tanh(row @ W)",
        caught_by="step",
        says="Your step is taken in rows that are padding, too; there h stays what it was.",
    ),
    Bug(
        id="step-from-a-zero-input",
        old=ROW,
        new="    x = np.where(mask[:, None], x, 0.0)\n" + ROW,
        also=((STEP, "return np.tanh(row @ W)"),),
        caught_by="step",
        says="You put x = 0 into rows that are padding and take the step; a step with x = 0 is "
        "still one, and h changes.",
    ),
    Bug(
        id="step-mask-upside-down",
        old=STEP,
        new="return np.where(mask[:, None], h_prev, np.tanh(row @ W))",
        caught_by="step",
        says="You step where mask is False; a mask is True where a step is real.",
    ),
    Bug(
        id="step-mask-of-row-0",
        old=STEP,
        new="return np.where(mask[0], np.tanh(row @ W), h_prev)",
        caught_by="step",
        says="All rows of your batch follow the mask of row 0; each has its own.",
    ),
    Bug(
        id="step-weighs-by-the-mask",
        old=STEP,
        new="return mask[:, None] * np.tanh(row @ W) + (1.0 - mask[:, None]) * h_prev",
        caught_by="step_padding",
        says="You multiply the new h by the mask: NaN · 0 is NaN, so choose with np.where instead.",
    ),
    # --- chunks
    Bug(
        id="chunks-without-the-rest",
        old=CHUNKS,
        new="return [(start, start + k) for start in range(0, T - k + 1, k)]",
        caught_by="chunks",
        says="Your chunks leave out the last steps when k does not divide T.",
    ),
    Bug(
        id="chunks-beyond-the-end",
        old=CHUNKS,
        new="return [(start, start + k) for start in range(0, T, k)]",
        caught_by="chunks",
        says="Your last chunk goes on beyond step T.",
    ),
    Bug(
        id="chunks-that-overlap",
        old=CHUNKS,
        new="return [(start, min(start + k + 1, T)) for start in range(0, T, k)]",
        caught_by="chunks",
        says="Your chunks share a step: stop is not part of a chunk, so it is the next start.",
    ),
    Bug(
        id="chunks-with-lengths",
        old=CHUNKS,
        new="return [(start, min(k, T - start)) for start in range(0, T, k)]",
        caught_by="chunks",
        says="Your pairs are (start, length); they are (start, stop).",
    ),
    Bug(
        id="chunks-stop-is-inside",
        old=CHUNKS,
        new="return [(start, min(start + k, T) - 1) for start in range(0, T, k)]",
        caught_by="chunks",
        says="Your stop is the last step of the chunk; it is the one behind it, as in a slice.",
    ),
    Bug(
        id="chunks-of-equal-length",
        old=CHUNKS,
        new="n = -(-T // k)\n    return [(T * j // n, T * (j + 1) // n) for j in range(n)]",
        caught_by="chunks",
        says="Your chunks are all about as long; they have k steps each, and the last the rest.",
    ),
    Bug(
        id="chunks-an-empty-one",
        old=CHUNKS,
        new="return [(start, min(start + k, T)) for start in range(0, T + 1, k)]",
        caught_by="chunks_edges",
        says="Your last chunk is empty when k divides T.",
    ),
    # --- one chunk
    Bug(
        id="chunk-h0-ignored",
        old=BEGIN,
        new="h = np.zeros((B, W.shape[1]))\n    rows, states = [], []",
        caught_by="chunk_loss",
        says="Your chunk starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="chunk-hn-of-the-first-step",
        old=RETURNED,
        new='return loss, {"W": dW, "W_out": dW_out}, states[0]',
        caught_by="chunk_loss",
        says="Your hn is the state after the first step; it is that after the last.",
    ),
    Bug(
        id="chunk-reads-the-old-state",
        old="        h = masked_step(X[t], h, mask[t], W)\n        states.append(h)\n",
        new="        states.append(h)\n        h = masked_step(X[t], h, mask[t], W)\n",
        caught_by="chunk_loss",
        says="Your logits of step t are read from h_{t-1}; take the step first.",
    ),
    Bug(
        id="chunk-not-through-time",
        old=DH,
        new="dh = dHout[t]",
        caught_by="chunk_gradients",
        says="What step t+1 sends back is not added to dh: no gradient goes back in time.",
    ),
    Bug(
        id="chunk-ends-at-padding",
        old=CARRY,
        new="carried = np.where(real, da @ W[1 + D :].T, 0.0)",
        caught_by="chunk_gradients",
        says="Your gradient ends where it meets padding; there h was handed on as it is, and so "
        "is its gradient.",
    ),
    Bug(
        id="chunk-padding-sent-through-the-step",
        old=CARRY,
        new="carried = (dh * (1.0 - states[t] ** 2)) @ W[1 + D :].T",
        caught_by="chunk_gradients",
        says="In padding you send dh through tanh and W_hh; no step was taken there, so it "
        "passes as it is.",
    ),
    Bug(
        id="chunk-padding-teaches",
        old=DA,
        new="da = dh * (1.0 - states[t] ** 2)",
        caught_by="chunk_gradients",
        says="Your padding adds to dW; where no step was taken, da is 0.",
    ),
    Bug(
        id="chunk-without-derivative",
        old=DA,
        new="da = np.where(real, dh, 0.0)",
        caught_by="chunk_gradients",
        says="Your da is dh itself: the derivative of tanh, 1 - h², is missing.",
    ),
    Bug(
        id="chunk-weights-overwritten",
        old=DW,
        new="dW = rows[t].T @ da",
        caught_by="chunk_gradients",
        says="Your dW keeps one step only: each step overwrites it, where it should add.",
    ),
    Bug(
        id="chunk-back-through-the-bias",
        old=DHOUT,
        new="dHout = dlogits @ W_out[:-1].T  # (T, B, H)",
        caught_by="chunk_gradients",
        says="You send dlogits back through the first H rows of W_out; row 0 is the bias, the "
        "states are the rows behind it.",
    ),
    Bug(
        id="chunk-nan-among-the-rows",
        old=CLEAN_X,
        new="",
        caught_by="chunk_padding",
        says="Your dW multiplies the x of the padding by da = 0, and NaN · 0 is NaN: clean X first.",
    ),
    Bug(
        id="chunk-in-float32",
        old='W, W_out = params["W"], params["W_out"]\n    T, B, D = X.shape\n',
        new='W, W_out = (params[name].astype(np.float32) for name in ("W", "W_out"))\n'
        "    T, B, D = X.shape\n",
        caught_by="precision",
        says="Your chunk_gradients takes the weights as float32; gradient checks need float64.",
    ),
    Bug(
        id="entropy-squeezed",
        old="    return loss, dlogits\n",
        new="    return loss, dlogits.squeeze()\n",
        also=((READ, READ + "\n    dlogits = dlogits.reshape(T, B, -1)"),),
        caught_by="edge_sizes",
        says="Your dlogits loses its axes of length 1; it stays (T, B, V) for every T and B.",
    ),
    # --- training
    Bug(
        id="train-begins-with-zeros",
        old=PIECE,
        new="loss, grads, h = chunk_gradients(X[here], targets[here], mask[here], params)",
        caught_by="train_update",
        says="Every chunk of yours begins with h = 0; it begins with the last h of the one before, "
        "the first one with h0.",
    ),
    Bug(
        id="train-forgets-between-chunks",
        old=PIECE,
        new=PIECE.replace("params, h)", "params, h0)"),
        caught_by="train_carried",
        says="Every chunk of yours begins with h0; it begins with the last h of the one before.",
    ),
    Bug(
        id="train-back-through-all-chunks",
        old="def chunk_gradients(X, targets, mask, params, h0=None):",
        new="def chunk_gradients(X, targets, mask, params, h0=None, counted=None):",
        also=(
            (READ, READ.replace(", mask)", ", mask if counted is None else counted)")),
            (
                PIECE,
                (
                    "counted = mask[:stop] & (np.arange(stop) >= start)[:, None]\n"
                    "        past = (X[:stop], targets[:stop], mask[:stop])\n"
                    "        loss, grads, h = chunk_gradients(*past, params, h0, counted)"
                ),
            ),
        ),
        caught_by="train_chunks",
        says="You go back through all the chunks before; the h a chunk begins with is a number, "
        "and its gradient ends there.",
    ),
    Bug(
        id="train-one-update-at-the-end",
        old=UPDATE,
        new="changed = params[name] - lr * gradient\n"
        "            later[name] = later.get(name, params[name]) + changed - params[name]",
        also=(
            ("    h, losses = h0, []\n", "    h, losses, later = h0, [], {}\n"),
            (TRAINED, "return {**params, **later}, losses, h"),
        ),
        caught_by="train_chunks",
        says="You collect the gradients of all chunks and update once; every chunk updates the "
        "weights before the next one begins.",
    ),
    Bug(
        id="train-climbs",
        old=UPDATE,
        new="params[name] = params[name] + lr * gradient",
        caught_by="train_update",
        says="You add lr · gradient, and the loss climbs; subtract it.",
    ),
    Bug(
        id="train-read-out-never-learns",
        old=UPDATE,
        new='params[name] = params[name] - lr * gradient * (name == "W")',
        caught_by="train_update",
        says="You update W only; W_out is trained, too.",
    ),
    Bug(
        id="train-by-the-mean-of-a-step",
        old=UPDATE,
        new="params[name] = params[name] - lr * gradient / (stop - start)",
        caught_by="train_update",
        says="You divide the gradient by the length of the chunk; the loss is a mean already.",
    ),
    Bug(
        id="train-loss-after-the-update",
        old="        losses.append(loss)\n",
        new="        start_of_chunk = begin\n",
        also=(
            (PIECE, "begin = h\n        " + PIECE),
            (
                UPDATE,
                UPDATE + "\n        again = chunk_gradients(\n"
                "            X[here], targets[here], mask[here], params, start_of_chunk\n"
                "        )\n        losses.append(again[0])",
            ),
        ),
        caught_by="train_update",
        says="Your losses are those after the update; note each one before it.",
    ),
    Bug(
        id="train-one-loss-for-all",
        old=TRAINED,
        new="return params, [float(np.mean(losses))], h",
        caught_by="train_carried",
        says="Your losses hold one mean; they have one entry per chunk.",
    ),
    # --- who says what comes next
    Bug(
        id="teacher-hands-out-the-answer",
        old=TEACHER,
        new="return targets.copy()",
        caught_by="teacher",
        says="Your input at step t is the target of step t, the very answer that is asked for; it "
        "is the target of the step before.",
    ),
    Bug(
        id="teacher-one-step-early",
        old=TEACHER,
        new="return np.concatenate([targets[1:], start[None]])",
        caught_by="teacher",
        says="Your inputs run ahead: at step t comes the target of step t-1, and start first.",
    ),
    Bug(
        id="teacher-wraps-around",
        old=TEACHER,
        new="return np.roll(targets, 1, axis=0)",
        caught_by="teacher",
        says="Your first input is the last target of all (np.roll goes round); it is start.",
    ),
    Bug(
        id="free-repeats-the-start",
        old=ANSWER,
        new="symbol = start",
        caught_by="free",
        says="Your inputs are start at every step; from the second on they are the model's answers.",
    ),
    Bug(
        id="free-feeds-probabilities",
        old=TALK,
        new="        x = np.eye(V)[symbol] if t == 0 else p\n"
        "        h = masked_step(x, h, np.ones(B, bool), W)\n"
        "        a = np.hstack([np.ones((B, 1)), h]) @ W_out\n"
        "        p = np.exp(a - a.max(axis=1, keepdims=True))\n"
        "        p = p / p.sum(axis=1, keepdims=True)\n",
        caught_by="free",
        says="You feed the softmax back in; the next input is one symbol, one-hot.",
    ),
    Bug(
        id="free-forgets-its-state",
        old=TALK,
        new=TALK.replace(", h, np", ", np.zeros((B, W.shape[1])), np"),
        caught_by="free",
        says="Your model starts from h = 0 at every step; its state is carried along.",
    ),
    Bug(
        id="free-least-likely",
        old=ANSWER,
        new=ANSWER.replace("argmax", "argmin"),
        caught_by="free",
        says="You feed back the least likely symbol; take the largest logit.",
    ),
    Bug(
        id="free-row-0-speaks-for-all",
        old=ANSWER,
        new=ANSWER + "[:1].repeat(B)",
        caught_by="free",
        says="All rows of your batch read the answer of row 0; each reads its own.",
    ),
    Bug(
        id="free-without-the-bias",
        old=ANSWER,
        new="symbol = np.argmax(h @ W_out[1:], axis=1)",
        caught_by="free",
        says="Your answers leave out the bias, row 0 of W_out.",
    ),
    Bug(
        id="free-begins-with-an-answer",
        old="        inputs[t] = symbol\n",
        new="",
        also=((ANSWER, ANSWER + "\n        inputs[t] = symbol"),),
        caught_by="free",
        says="Your inputs begin with the model's first answer; they begin with start.",
    ),
    Bug(
        id="free-h0-ignored",
        old=FREE_START,
        new="h = np.zeros((B, W.shape[1]))\n    inputs =",
        caught_by="free_start",
        says="Your free_running_inputs starts from h = 0 even when h0 is given.",
    ),
]
