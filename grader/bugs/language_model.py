"""Known bugs of `language_model`: where people really go wrong.

Sources of the real ones: a much copied lecture notebook and its review (the mean
over symbols for the sum, one σ too many is not ours; an eps added to a softmax,
losses averaged over sequences of different lengths, teacher forcing taken for the
target alone), CS231n's and Karpathy's char-RNNs (states carried or not, the loss
of a chunk taken for the loss of a text), and what everybody does once: a target
that is the input, a temperature that cancels, a sample that begins with its start.
"""

from grader.catalogue import Bug

CUT = "return tokens[:first], tokens[first:second], tokens[second:]"
ORDER = "key=lambda token: (-counts[token], token)"
STREAM = "inputs = ids[: B * L].reshape(B, L).T"
NEXT = "targets = ids[1 : B * L + 1].reshape(B, L).T"
LENGTH = "L = (len(ids) - 1) // B"
CHUNKS = "return [(inputs[t : t + T], targets[t : t + T]) for t in range(0, L, T)]"
DRAWN = "A = rng.standard_normal((max(rows, columns), min(rows, columns)))"
QR = "Q = np.linalg.qr(A)[0]"
RECURRENT = "W[1 + V :, k : k + H] = orthogonal(H, H, rng)"
FORGET = "W[0, H : 2 * H] = forget_bias"
READ_OUT = "W_out = np.vstack([np.zeros(V), orthogonal(H, V, rng)])"
CELL = 'Hout, cn, hn, lstm_cache = lstm_forward(X, params["W"], c0, h0)'
LOGITS = 'logits = params["W_out"][0] + Hout @ params["W_out"][1:]'
TOLD = "tell(epoch * len(chunks) + k, epochs * len(chunks), loss)"
SHIFTED = "shifted = logits - logits.max(axis=2, keepdims=True)"
LOG_P = "log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))"
LOSS = "loss = -np.mean(log_p[places])"
BACK = "return loss, cn, hn, cache"
SHARE = "    dlogits /= dlogits.shape[0] * dlogits.shape[1]\n"
SUBTRACTED = "    dlogits[places] -= 1.0\n"
D_OUT = 'np.vstack([dlogits.sum(axis=(0, 1)), np.einsum("tbh,tbv->hv", Hout, dlogits)])'
D_HOUT = 'dHout = dlogits @ params["W_out"][1:].T'
FACTOR = "factor = largest / max(norm, largest)"
CLIPPED = "return {name: factor * d for name, d in grads.items()}, norm"
DOWN = "return {name: w - lr * grads[name] for name, w in params.items()}"
HATS = "m_hat, v_hat = m[name] / (1.0 - 0.9**k), v[name] / (1.0 - 0.999**k)"
ADAM = "new[name] = w - lr * m_hat / (np.sqrt(v_hat) + 1e-8)"
PERPLEXITY = "return np.exp(-np.mean(log_p))"
CARRIED = "loss, c, h, _ = forward_loss(params, inputs, targets, c, h)"
TOTAL = "total += loss * targets.size"
AVERAGE = "return total / (len(ids) - 1)"
LEARNT = "loss, c, h, cache = forward_loss(params, inputs, targets, c, h)"
STARTS = "        c, h = None, None\n        for k, (inputs"
CLIP = "grads, _ = clip_gradients(backward(cache))"
STEP = "params, state = adam_step(params, grads, state, lr)"
NOTED = 'history["train"][epoch] += loss * targets.size / tokens'
LOOKED = 'history["valid"][epoch] = evaluate(params, valid_ids)'
KEPT = 'if history["valid"][epoch] == min(history["valid"][: epoch + 1]):'
GREEDY = """    if temperature == 0.0:
        return np.eye(len(logits))[np.argmax(logits)]
"""
SOFT = "p = np.exp((logits - np.max(logits)) / temperature)"
NORMAL = "return p / p.sum()"
WRITES = '_, c, h, _ = lstm_forward(X, params["W"], c, h)'
DRAW = "ids[k] = rng.choice(V, p=probabilities(logits, temperature))"
FED = "        read = ids[k : k + 1]\n"
WRITTEN = "ids, read = np.zeros(count, dtype=int), start"


BUGS = [
    # --- from a text to batches
    Bug(
        id="split-test-before-validation",
        old=CUT,
        new="return tokens[:first], tokens[second:], tokens[first:second]",
        caught_by="split",
        says="Your validation part is the end of the text; the end is the test part.",
    ),
    Bug(
        id="split-parts-overlap",
        old=CUT,
        new=CUT.replace("tokens[:first]", "tokens[:second]"),
        caught_by="split",
        says="Your training part holds the validation part, too: its loss will flatter you.",
    ),
    Bug(
        id="split-rounded",
        old="held = int(valid * N), int(test * N)",
        new="held = round(valid * N), round(test * N)",
        caught_by="split",
        says="Your sizes are rounded to the nearest; they are rounded down.",
    ),
    Bug(
        id="vocab-unknown-last",
        old="return [UNKNOWN, *sorted(known, ",
        new="return [*sorted(known, ",
        also=((f"{ORDER})]", f"{ORDER}), UNKNOWN]"),),
        caught_by="vocabulary",
        says='Your vocabulary has "<unk>" at its end; it has the number 0.',
    ),
    Bug(
        id="vocab-in-alphabetical-order",
        old=ORDER,
        new="key=str",
        caught_by="vocabulary",
        says="Your vocabulary is in alphabetical order; the most frequent token comes first.",
    ),
    Bug(
        id="vocab-ties-as-they-came",
        old=ORDER,
        new="key=lambda token: -counts[token]",
        caught_by="vocabulary",
        says="Your equally frequent tokens stay as they came; `sorted` orders them, so that the same text always gives the same numbers.",
    ),
    Bug(
        id="vocab-more-than-min-count",
        old="count >= min_count",
        new="count > min_count",
        caught_by="vocabulary",
        says="Your tokens that occur exactly min_count times are left out; they are in.",
    ),
    Bug(
        id="encode-unknown-is-minus-one",
        old="number.get(token, 0)",
        new="number.get(token, -1)",
        caught_by="encode",
        says="Your unknown tokens become -1, which as an index means the last symbol; they are 0.",
    ),
    Bug(
        id="encode-unknown-left-out",
        old="[number.get(token, 0) for token in tokens]",
        new="[number[token] for token in tokens if token in number]",
        caught_by="encode",
        says="Your ids leave unknown tokens out; each becomes a 0 in its place.",
    ),
    Bug(
        id="batches-target-is-input",
        old=NEXT,
        new="targets = inputs",
        caught_by="batches",
        says="Your targets are the inputs themselves; a target is the token one place further on.",
    ),
    Bug(
        id="batches-interleaved",
        old=STREAM,
        new="inputs = ids[: B * L].reshape(L, B)",
        also=((NEXT, "targets = ids[1 : B * L + 1].reshape(L, B)"),),
        caught_by="batches",
        says="Your neighbours in the text are in different streams: a stream is a run of L tokens, so reshape to (B, L) and transpose.",
    ),
    Bug(
        id="batches-without-the-short-chunk",
        old=CHUNKS,
        new=CHUNKS.replace("range(0, L, T)", "range(0, L - T + 1, T)"),
        caught_by="batches",
        says="Your last chunk is left out where it is shorter than T; it belongs to the text, too.",
    ),
    Bug(
        id="batches-wrap-around",
        old=LENGTH,
        new="L = len(ids) // B",
        also=((NEXT, "targets = np.roll(ids, -1)[: B * L].reshape(B, L).T"),),
        caught_by="batches",
        says="Your last target wraps around to the first token where B divides N; L is (N - 1) // B.",
    ),
    # --- the model
    Bug(
        id="orthogonal-only-normal",
        old=QR,
        new="Q = A / np.sqrt(len(A))",
        caught_by="orthogonal",
        says="Your Q is a scaled normal matrix; np.linalg.qr makes an orthogonal one of it.",
    ),
    Bug(
        id="orthogonal-of-the-wide-one",
        old=DRAWN,
        new="A = rng.standard_normal((rows, columns))",
        also=(("return Q if rows >= columns else Q.T", "return Q"),),
        caught_by="orthogonal",
        says="Your Q of a wide shape is square: qr keeps the shorter side, so transpose a high one.",
    ),
    Bug(
        id="orthogonal-without-rng",
        old=DRAWN,
        new="A = np.random.default_rng(0).standard_normal((max(rows, columns), min(rows, columns)))",
        caught_by="orthogonal",
        says="Your Q comes from a generator of your own; draw from the rng you are handed.",
    ),
    Bug(
        id="init-one-block-for-all-gates",
        old=RECURRENT,
        new="W[1 + V :, k : k + H] = orthogonal(H, H, rng) if k == 0 else W[1 + V :, :H]",
        caught_by="init_params",
        says="Your four gates start with the same recurrent block; draw one for each.",
    ),
    Bug(
        id="init-forget-bias-in-o",
        old=FORGET,
        new="W[0, 2 * H : 3 * H] = forget_bias",
        caught_by="init_params",
        says="Your forget bias is in the columns of o; f has H to 2H.",
    ),
    Bug(
        id="init-forget-bias-fixed",
        old=FORGET,
        new="W[0, H : 2 * H] = 1.0",
        caught_by="init_params",
        says="Your forget bias is 1 whatever is asked for; use the argument.",
    ),
    Bug(
        id="init-read-out-small",
        old=READ_OUT,
        new="W_out = np.vstack([np.zeros(V), 0.01 * rng.standard_normal((H, V))])",
        caught_by="init_params",
        says="Your W_out starts with small normal weights; below its bias row it is orthogonal.",
    ),
    Bug(
        id="loss-summed",
        old=LOSS,
        new="loss = -np.sum(log_p[places])",
        also=(
            (SHARE, ""),
            (TOTAL, "total += loss"),
            (NOTED, NOTED.replace(" * targets.size", "")),
        ),
        caught_by="loss",
        says="Your loss is summed over the tokens; it is their mean.",
    ),
    Bug(
        id="loss-per-stream",
        old=LOSS,
        new="loss = -np.sum(log_p[places]) / B",
        also=((SHARE, "    dlogits /= dlogits.shape[1]\n"),),
        caught_by="loss",
        says="Your loss is divided by B only; it is per token, so divide by T B.",
    ),
    Bug(
        id="loss-averaged-over-symbols",
        old=LOSS,
        new="loss = -np.sum(log_p[places]) / log_p.size",
        caught_by="loss",
        says="Your loss is divided by V, too: the mean of (T, B, V) numbers of which one in V is not 0. Its gradient would be V times smaller.",
    ),
    Bug(
        id="loss-in-bits",
        old=LOSS,
        new="loss = -np.mean(log_p[places]) / np.log(2.0)",
        caught_by="loss",
        says="Your loss is in bits; take the natural logarithm.",
    ),
    Bug(
        id="loss-overflows",
        old=SHIFTED,
        new="shifted = logits",
        caught_by="loss_stable",
        says="Your softmax overflows: subtract the largest logit first, it changes nothing else.",
    ),
    Bug(
        id="loss-shifted-by-the-largest-of-all",
        old=SHIFTED,
        new="shifted = logits - logits.max()",
        caught_by="loss_stable",
        says="You subtract one number, the largest logit of all; a row that lies far below it is then log 0. Subtract the largest of each row.",
    ),
    Bug(
        id="loss-with-an-epsilon",
        old=LOG_P,
        new="p = np.exp(shifted) / np.exp(shifted).sum(axis=2, keepdims=True)\n    log_p = np.log(p + 1e-12)",
        caught_by="loss_stable",
        says="Your loss adds 1e-12 to the softmax: no surprise is ever larger than 27.6. Take a - log Σ e^a instead.",
    ),
    Bug(
        id="states-ignored",
        old=CELL,
        new=CELL.replace(", c0, h0", ""),
        caught_by="states",
        says="Your forward_loss begins with zeros whatever c0 and h0 are: hand them to lstm_forward.",
    ),
    Bug(
        id="states-swapped-on-the-way-in",
        old=CELL,
        new=CELL.replace("c0, h0", "h0, c0"),
        caught_by="states",
        says="Your c0 and h0 are swapped: lstm_forward takes c0 first.",
    ),
    Bug(
        id="states-swapped-on-the-way-out",
        old=BACK,
        new="return loss, hn, cn, cache",
        caught_by="states",
        says="Your cn and hn are swapped: cn comes first.",
    ),
    Bug(
        id="float32",
        old=CELL,
        new=CELL + "\n    Hout = Hout.astype(np.float32)",
        also=(
            (
                LOGITS,
                'logits = (params["W_out"][0] + Hout @ params["W_out"][1:]).astype(np.float32)',
            ),
        ),
        caught_by="precision",
        says="Your logits are float32; compute in float64 from beginning to end.",
    ),
    Bug(
        id="gradient-without-the-target",
        old=SUBTRACTED,
        new="",
        caught_by="gradient_read_out",
        says="Your dlogits is the softmax alone; subtract 1 at the target.",
    ),
    Bug(
        id="gradient-of-the-sum",
        old=SHARE,
        new="",
        caught_by="gradient_read_out",
        says="Your gradient is that of the sum over the tokens; the loss is their mean, so divide by T B.",
    ),
    Bug(
        id="gradient-divided-by-the-batch",
        old=SHARE,
        new="    dlogits /= dlogits.shape[1]\n",
        caught_by="gradient_read_out",
        says="Your gradient is divided by B only; the loss is a mean over T B tokens.",
    ),
    Bug(
        id="gradient-of-the-read-out-bias-zero",
        old=D_OUT,
        new=D_OUT.replace("dlogits.sum(axis=(0, 1))", "np.zeros(dlogits.shape[2])"),
        caught_by="gradient_read_out",
        says="Your gradient of W_out has zeros in row 0; that of the bias is the sum of dlogits.",
    ),
    Bug(
        id="gradient-through-the-bias-row",
        old=D_HOUT,
        new=D_HOUT.replace("[1:]", "[:-1]"),
        caught_by="gradient_cell",
        says="Your dHout takes the rows 0 to H-1 of W_out; h meets the rows from 1 on.",
    ),
    Bug(
        id="gradient-of-the-last-step",
        old=D_HOUT,
        new=D_HOUT + "\n    dHout[:-1] = 0.0",
        caught_by="gradient_cell",
        says="Your dHout is filled at the last step only; every step has a loss.",
    ),
    # --- learning
    Bug(
        id="clip-one-by-one",
        old=CLIPPED,
        new="return {name: d * largest / max(np.sqrt(np.sum(d**2)), largest) for name, d in grads.items()}, norm",
        caught_by="clip",
        says="Your arrays are cut each by its own norm; it is the norm of all together.",
    ),
    Bug(
        id="clip-always",
        old=FACTOR,
        new="factor = largest / max(norm, 1e-12)",
        caught_by="clip",
        says="Your gradient is always scaled to norm `largest`; one that is smaller stays as it is.",
    ),
    Bug(
        id="clip-entry-by-entry",
        old=CLIPPED,
        new="return {name: np.clip(d, -largest, largest) for name, d in grads.items()}, norm",
        caught_by="clip",
        says="Your entries are clipped one by one, which turns the gradient; scale all by one factor.",
    ),
    Bug(
        id="clip-norm-afterwards",
        old=CLIPPED,
        new=CLIPPED.replace("}, norm", "}, factor * norm"),
        caught_by="clip",
        says="Your norm is the one after clipping; return the one before.",
    ),
    Bug(
        id="sgd-uphill",
        old=DOWN,
        new=DOWN.replace("w - lr", "w + lr"),
        caught_by="sgd",
        says="Your step adds the gradient: the loss climbs. Subtract it.",
    ),
    Bug(
        id="adam-without-correction",
        old=HATS,
        new="m_hat, v_hat = m[name], v[name]",
        caught_by="adam",
        says="Your Adam lacks the correction: m / (1 - 0.9^k) and v / (1 - 0.999^k), with k from 1.",
    ),
    Bug(
        id="adam-count-stands-still",
        old="k = k + 1",
        new="k = 1",
        caught_by="adam",
        says="Your Adam corrects every step as if it were the first: the count belongs to the state.",
    ),
    Bug(
        id="adam-epsilon-inside-the-root",
        old=ADAM,
        new=ADAM.replace("(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat + 1e-8)"),
        caught_by="adam",
        says="Your Adam adds 1e-8 under the root, which makes it 1e-4 outside: √v̂ + 1e-8.",
    ),
    Bug(
        id="adam-default-lr",
        old="state=None, lr=0.01):",
        new="state=None, lr=0.001):",
        caught_by="adam",
        says="Your adam_step has another default for lr; it is 0.01 in this exercise.",
    ),
    Bug(
        id="perplexity-base-two",
        old=PERPLEXITY,
        new="return 2.0 ** -np.mean(log_p)",
        caught_by="perplexity",
        says="Your perplexity takes 2 to the power of nats; with natural logarithms it is e.",
    ),
    Bug(
        id="perplexity-of-the-mean-probability",
        old=PERPLEXITY,
        new="return 1.0 / np.mean(np.exp(log_p))",
        caught_by="perplexity",
        says="Your perplexity averages probabilities; it averages their logarithms.",
    ),
    Bug(
        id="perplexity-upside-down",
        old=PERPLEXITY,
        new="return np.exp(np.mean(log_p))",
        caught_by="perplexity",
        says="Your perplexity is below 1: a sign is missing.",
    ),
    Bug(
        id="evaluate-averages-chunks",
        old=TOTAL,
        new="total += loss",
        also=((AVERAGE, "return total / len(batches(ids, 1, T))"),),
        caught_by="evaluate",
        says="Your loss is the mean over chunks, of which the last may be shorter; it is the mean over tokens.",
    ),
    Bug(
        id="evaluate-without-states",
        old=CARRIED,
        new="loss, *_ = forward_loss(params, inputs, targets)",
        caught_by="evaluate",
        says="Your evaluate forgets the states at every chunk, so that its loss depends on T; carry them on.",
    ),
    Bug(
        id="evaluate-divided-by-n",
        old=AVERAGE,
        new="return total / len(ids)",
        caught_by="evaluate",
        says="Your total is divided by N; a text of N tokens has N - 1 predictions.",
    ),
    Bug(
        id="train-averages-chunks",
        old=NOTED,
        new='history["train"][epoch] += loss / len(chunks)',
        caught_by="train_losses",
        says="Your training loss is the mean over chunks, of which the last may be shorter; weight each by its tokens.",
    ),
    Bug(
        id="train-tells-nobody",
        old=TOLD,
        new="pass",
        caught_by="train_losses",
        says="Your train never calls tell; after every update it is told how many are done, how many there will be, and the loss.",
    ),
    Bug(
        id="train-tells-chunks-of-the-epoch",
        old=TOLD,
        new="tell(k, len(chunks), loss)",
        caught_by="train_losses",
        says="Your train tells how far the epoch is; tell counts the updates of all epochs.",
    ),
    Bug(
        id="train-without-states",
        old=LEARNT,
        new=LEARNT.replace(", c, h)", ")"),
        caught_by="train_losses",
        says="Your chunks all start from zero states; carry c and h on, they follow each other in the text.",
    ),
    Bug(
        id="train-states-over-epochs",
        old=STARTS,
        new="        if epoch == 0:\n            c, h = None, None\n        for k, (inputs",
        caught_by="train_losses",
        says="Your states go on from the end of the text to its beginning; each epoch starts with zeros.",
    ),
    Bug(
        id="train-adam-starts-anew",
        old=STARTS,
        new="        state = None\n" + STARTS,
        caught_by="train_losses",
        says="Your Adam starts anew in every epoch; its state goes on to the end.",
    ),
    Bug(
        id="train-not-clipped",
        old=CLIP,
        new="grads = backward(cache)",
        caught_by="train_losses",
        says="Your gradients are not clipped: clip_gradients comes before the step.",
    ),
    Bug(
        id="train-fixed-lr",
        old=STEP,
        new=STEP.replace(", lr)", ")"),
        caught_by="train_losses",
        says="Your learning rate is 0.01 whatever is asked for; hand lr to adam_step.",
    ),
    Bug(
        id="train-by-plain-descent",
        old=STEP,
        new="params = sgd_step(params, grads, lr)",
        caught_by="train_losses",
        says="Your steps are those of sgd_step; train uses Adam.",
    ),
    Bug(
        id="train-never-learns",
        old=STEP,
        new="adam_step(params, grads, state, lr)",
        caught_by="train_losses",
        says="Your params are never updated: adam_step returns new ones.",
    ),
    Bug(
        id="validation-of-the-training-text",
        old=LOOKED,
        new=LOOKED.replace("valid_ids", "train_ids"),
        caught_by="train_validation",
        says="Your validation loss is that of the training text.",
    ),
    Bug(
        id="validation-before-the-epoch",
        old=STARTS,
        new="        before = evaluate(params, valid_ids)\n" + STARTS,
        also=((LOOKED, 'history["valid"][epoch] = before'),),
        caught_by="train_validation",
        says="Your validation loss is taken before the epoch; it is taken after it.",
    ),
    Bug(
        id="best-is-the-last",
        old=KEPT,
        new="if True:",
        caught_by="train_best",
        says="Your train returns the last params; return those of the lowest validation loss.",
    ),
    Bug(
        id="best-by-training-loss",
        old=KEPT,
        new=KEPT.replace("valid", "train"),
        caught_by="train_best",
        says="Your best params are those of the lowest training loss; it is the validation loss that tells.",
    ),
    # --- writing
    Bug(
        id="temperature-multiplied",
        old=SOFT,
        new=SOFT.replace("/ temperature", "* temperature"),
        caught_by="temperature",
        says="Your logits are multiplied by the temperature; they are divided by it.",
    ),
    Bug(
        id="temperature-cancels",
        old=SOFT,
        new="p = np.exp(logits - np.max(logits)) / temperature",
        caught_by="temperature",
        says="Your temperature divides the probabilities and cancels; divide the logits.",
    ),
    Bug(
        id="temperature-zero-divides",
        old=GREEDY,
        new="",
        caught_by="temperature_limits",
        says="Your temperature 0 divides by zero; all goes to the largest logit.",
    ),
    Bug(
        id="temperature-zero-shares",
        old=GREEDY,
        new=GREEDY.replace(
            "np.eye(len(logits))[np.argmax(logits)]",
            "(logits == np.max(logits)) / np.sum(logits == np.max(logits))",
        ),
        caught_by="temperature_limits",
        says="Your temperature 0 shares among equal logits; all goes to the first of them.",
    ),
    Bug(
        id="temperature-overflows",
        old=SOFT,
        new=SOFT.replace("(logits - np.max(logits))", "logits"),
        caught_by="temperature_limits",
        says="Your softmax overflows: subtract the largest logit before you divide.",
    ),
    Bug(
        id="sample-begins-with-its-start",
        old="        read = ids[k : k + 1]\n    return ids",
        new="        read = ids[k : k + 1]\n    return np.concatenate([start, ids])",
        caught_by="sample",
        says="Your sample begins with start; return the new tokens only.",
    ),
    Bug(
        id="sample-forgets-its-state",
        old=WRITES,
        new=WRITES.replace(", c, h)", ")"),
        caught_by="sample",
        says="Your sample reads every token from zero states; carry c and h on.",
    ),
    Bug(
        id="sample-reads-the-last-of-start",
        old=WRITTEN,
        new="ids, read = np.zeros(count, dtype=int), start[-1:]",
        caught_by="sample",
        says="Your sample reads only the last token of start; read all of it.",
    ),
    Bug(
        id="sample-reads-start-again",
        old=FED,
        new="",
        caught_by="sample",
        says="Your sample reads start again before every token; read what was written.",
    ),
    Bug(
        id="sample-temperature-ignored",
        old=DRAW,
        new=DRAW.replace(", temperature", ""),
        caught_by="sample",
        says="Your sample ignores the temperature; hand it to probabilities.",
    ),
    Bug(
        id="sample-always-the-likeliest",
        old=DRAW,
        new="ids[k] = np.argmax(logits)",
        caught_by="sample_frequencies",
        says="Your sample always takes the likeliest token; draw with the probabilities.",
    ),
    Bug(
        id="sample-without-rng",
        old=WRITTEN,
        new="rng = np.random.default_rng(0)\n    " + WRITTEN,
        caught_by="sample_frequencies",
        says="Your samples are all the same: the rng you are handed is not used.",
    ),
]
