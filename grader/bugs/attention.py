"""Known bugs of `attention`: where people really go wrong.

The usual ones: softmax over the wrong axis, a mask that multiplies instead of
replacing (0 · NaN is NaN), a mask applied after the softmax, a row without any
real step that becomes NaN, the factor √H forgotten or taken of the wrong size,
and a state's second way into the result forgotten on the way back.
"""

from grader.catalogue import Bug

# masked_softmax
REPLACED = "score = np.where(mask, score, -np.inf)"
POWER = "power = np.exp(score - np.where(np.isfinite(top), top, 0.0))"
TOTAL = "total = power.sum(axis=-1, keepdims=True)"
DIVIDED = "return power / np.where(total > 0.0, total, 1.0)"
# masked_softmax_backward
CLEANED = "dweights = np.where(weights > 0.0, dweights, 0.0)"
SLOPE = "return weights * (dweights - np.sum(weights * dweights, axis=-1, keepdims=True))"
# dot_attention
DOT_SCORE = 'score = np.einsum("ubh,tbh->ubt", query, encoder) / np.sqrt(H)'
DOT_WEIGHTS = DOT_SCORE + "\n    weights = masked_softmax(score, mask.T)"
DOT_CLEAN = (
    "    # subtle: 0 · NaN is NaN, so padding has to be replaced, not weighted with 0\n"
    "    encoder = np.where(mask[:, :, None], encoder, 0.0)\n"
)
DOT_CACHE = "cache = (query, encoder, weights)"
# dot_attention_backward
DSCORE = "dscore = masked_softmax_backward(dw, weights) / np.sqrt(H)"
DOT_QUERY = 'dquery = np.einsum("ubt,tbh->ubh", dscore, encoder)'
DOT_SECOND = 'dencoder = dencoder + np.einsum("ubt,ubh->tbh", dscore, query)'
DOT_BACK = "query, encoder, weights = cache\n    H = query.shape[2]\n"
DOT_MORE = (
    "    if dweights is not None:\n        dw = dw + dweights\n    # score_uj = q_u · e_j / √H\n"
)
# additive_attention
ADD_CLEAN = (
    "    encoder = np.where(mask[:, :, None], encoder, 0.0)\n    # every query meets every state"
)
ADD_A = 'a = (query @ p["W_q"])[:, None] + (encoder @ p["W_e"])[None] + p["b"]'
ADD_HIDDEN = "hidden = np.tanh(a)"
ADD_SCORE = 'score = (hidden @ p["v"]).swapaxes(1, 2)'
ADD_CACHE = "cache = (query, encoder, p, hidden, weights)"
# additive_attention_backward
ADD_DSCORE = "dscore = masked_softmax_backward(dw, weights).swapaxes(1, 2)"
ADD_DA = 'da = dscore[..., None] * p["v"] * (1.0 - hidden**2)'
ADD_MORE = "    if dweights is not None:\n        dw = dw + dweights\n    dscore = masked"
GRAD_Q = '"W_q": np.einsum("ubq,uba->qa", query, of_query),'
GRAD_E = '"W_e": np.einsum("tbh,tba->ha", encoder, of_state),'
GRAD_B = '"b": da.sum(axis=(0, 1, 2)),'
GRAD_V = '"v": np.einsum("utb,utba->a", dscore, hidden),'
ADD_BACK = 'return of_query @ p["W_q"].T, dencoder + of_state @ p["W_e"].T, grads'
# reverse_copy
ASKED = "query[j, b, lengths[b] - 1 - j] = np.sqrt(T + V)"
KEPT = "return np.where(mask, context[:, :, T:].argmax(axis=2), -1), weights"
SHARP = "encoder[j, b, j] = sharpness"
# plot_attention
IMAGE = 'image = axes.imshow(weights, vmin=0.0, vmax=1.0, cmap="viridis", interpolation="nearest")'

BUGS = [
    # --- softmax
    Bug(
        id="softmax-over-another-axis",
        old=TOTAL,
        new="total = power.sum(axis=0, keepdims=True)",
        caught_by="softmax",
        says="Your weights sum to 1 along the first axis; the last one runs over the steps.",
    ),
    Bug(
        id="softmax-not-divided",
        old=DIVIDED,
        new="return power",
        caught_by="softmax",
        says="Your weights are e^(s - max), not divided by their sum.",
    ),
    Bug(
        id="softmax-of-minus-scores",
        old=REPLACED,
        new="score = np.where(mask, -score, -np.inf)",
        caught_by="softmax",
        says="Your largest score gets the smallest weight: there is a minus too many.",
    ),
    Bug(
        id="softmax-overflows",
        old=POWER,
        new="power = np.exp(score)",
        caught_by="softmax_large",
        says="Your e^s overflows at large scores; subtract the largest score first.",
    ),
    Bug(
        id="mask-after-the-softmax",
        old=REPLACED,
        new="mask, score = np.broadcast_to(mask, score.shape), score + 0.0",
        also=((DIVIDED, "return np.where(mask, power / np.where(total > 0.0, total, 1.0), 0.0)"),),
        caught_by="softmax_masked",
        says="You mask after the softmax, so the weights left over sum to less than 1.",
    ),
    Bug(
        id="mask-multiplies-the-score",
        old=REPLACED,
        new="score = score * mask",
        caught_by="softmax_masked",
        says="You multiply scores by the mask: a score of 0 is a score like any other. "
        "Masked ones should be -inf.",
    ),
    Bug(
        id="mask-turned-round",
        old=REPLACED,
        new="score = np.where(np.all(mask, axis=-1, keepdims=True) | ~mask, score, -np.inf)",
        caught_by="softmax_masked",
        says="You keep the padding and mask the real steps; the mask is True where steps are real.",
    ),
    Bug(
        id="mask-lets-nan-through",
        old=REPLACED,
        new="score = score + np.where(mask, 0.0, -np.inf)",
        caught_by="softmax_masked",
        says="You add -inf to masked scores; NaN + -inf is still NaN. Replace them with np.where.",
    ),
    Bug(
        id="mask-subtracts-a-billion",
        old=REPLACED,
        new="score = score - 1e9 * (1 - mask)",
        also=((POWER, "power = np.exp(score - top)"), (DIVIDED, "return power / total")),
        caught_by="softmax_masked",
        says="You subtract 1e9 from masked scores: NaN stays NaN, and where nothing is real every "
        "step gets a share. Replace them with np.where; rows without a real step need care.",
    ),
    Bug(
        id="nothing-real-gives-nan",
        old=POWER,
        new='with np.errstate(invalid="ignore"):\n        power = np.exp(score - top)',
        caught_by="softmax_empty",
        says="Where nothing is real your weights are NaN, from -inf - (-inf); they should be 0.",
    ),
    Bug(
        id="nothing-real-gives-equal-shares",
        old=REPLACED,
        new="score = np.where(mask, score, -1e9)",
        caught_by="softmax_empty",
        says="Your masked scores are a large negative number instead of -inf: where nothing is real "
        "they are alike, and all steps get equal shares. Weights are 0 there.",
    ),
    Bug(
        id="softmax-slope-elementwise",
        old=SLOPE,
        new="return dweights * weights * (1.0 - weights)",
        caught_by="softmax_backward",
        says="Your slope is w (1 - w), a sigmoid's; every weight depends on every score: "
        "ds = w ⊙ (dw - Σ w ⊙ dw).",
    ),
    Bug(
        id="softmax-slope-without-the-sum",
        old=SLOPE,
        new="return weights * dweights",
        caught_by="softmax_backward",
        says="Your ds leaves out the sum: ds = w ⊙ (dw - Σ w ⊙ dw).",
    ),
    # --- dot attention
    Bug(
        id="score-not-scaled",
        old=DOT_SCORE,
        new='score = np.einsum("ubh,tbh->ubt", query, encoder)',
        also=((DSCORE, "dscore = masked_softmax_backward(dw, weights)"),),
        caught_by="dot",
        says="Your score is q · e without the factor 1 / √H; that is Luong's, here it is scaled.",
        convention=True,
    ),
    Bug(
        id="score-scaled-by-the-steps",
        old=DOT_SCORE,
        new=DOT_SCORE.replace("np.sqrt(H)", "np.sqrt(len(encoder))"),
        caught_by="dot",
        says="Your score is divided by √T; it is √H, the length of the vectors that are multiplied.",
    ),
    Bug(
        id="weights-transposed",
        old=DOT_CACHE,
        new=DOT_CACHE + "\n    weights = weights.transpose(0, 2, 1)",
        caught_by="dot",
        says="Your weights are (U, T, B); the steps come last: (U, B, T).",
    ),
    Bug(
        id="nan-in-the-context",
        old=DOT_CLEAN,
        new="",
        caught_by="dot_padding",
        says="NaN in the padding reaches your context: its weight is 0, but 0 · NaN is NaN. "
        "Replace the padding before anything is multiplied.",
    ),
    Bug(
        id="dot-mask-ignored",
        old=DOT_WEIGHTS,
        new=DOT_SCORE + "\n    weights = masked_softmax(score, np.ones_like(mask.T))",
        caught_by="dot_padding",
        says="Your dot_attention does not hand the mask on, so padding gets weights.",
    ),
    Bug(
        id="attends-to-earlier-steps-more",
        old=DOT_WEIGHTS,
        new=DOT_SCORE + "\n    score = score - 1e-3 * np.arange(len(encoder))"
        "\n    weights = masked_softmax(score, mask.T)",
        caught_by="order",
        says="Your score depends on where a step stands; attention knows content only.",
    ),
    # --- dot attention, backward
    Bug(
        id="state-read-by-the-context-only",
        old=DOT_SECOND,
        new="dencoder = dencoder + 0.0",
        caught_by="dot_backward",
        says="Your dencoder has only what comes through the context; the score has read the "
        "state as well.",
    ),
    Bug(
        id="state-read-by-the-score-only",
        old=DOT_SECOND,
        new='dencoder = np.einsum("ubt,ubh->tbh", dscore, query)',
        caught_by="dot_backward",
        says="Your dencoder has only what comes through the score; the context has read the "
        "state as well, with its weight.",
    ),
    Bug(
        id="scale-forgotten-on-the-way-back",
        old=DSCORE,
        new="dscore = masked_softmax_backward(dw, weights)",
        caught_by="dot_backward",
        says="Your way back leaves out the 1 / √H of the score.",
    ),
    Bug(
        id="softmax-skipped-on-the-way-back",
        old=DSCORE,
        new="dscore = dw / np.sqrt(H)",
        caught_by="dot_backward",
        says="Your way back skips the softmax: dscore is masked_softmax_backward of dweights.",
    ),
    Bug(
        id="dweights-ignored",
        old=DOT_MORE,
        new="    # score_uj = q_u · e_j / √H\n",
        caught_by="dot_backward",
        says="Your dot_attention_backward ignores dweights; it joins what comes from the context.",
    ),
    Bug(
        id="gradient-of-the-first-query-only",
        old=DOT_SECOND,
        new='dencoder = dencoder + np.einsum("bt,bh->tbh", dscore[0], query[0])',
        caught_by="dot_backward",
        says="Your dencoder gets the first query's share through the score; all queries have "
        "looked at every state.",
    ),
    # --- additive attention
    Bug(
        id="additive-without-tanh",
        old=ADD_HIDDEN,
        new="hidden = 1.0 * a",
        caught_by="additive",
        says="Your additive score has no tanh, so it is linear in q and e.",
    ),
    Bug(
        id="additive-v-inside",
        old=ADD_HIDDEN,
        new='hidden = np.tanh(a * p["v"])',
        also=((ADD_SCORE, "score = hidden.sum(axis=3).swapaxes(1, 2)"),),
        caught_by="additive",
        says="Your v is inside the tanh; it weighs what comes out of it.",
    ),
    Bug(
        id="additive-mask-ignored",
        old=ADD_SCORE,
        new='mask = mask | True\n    score = (hidden @ p["v"]).swapaxes(1, 2)',
        caught_by="additive_padding",
        says="Your additive_attention does not hand the mask on, so padding gets weights.",
    ),
    Bug(
        id="nan-in-the-additive-context",
        old=ADD_CLEAN,
        new="    # every query meets every state",
        caught_by="additive_padding",
        says="NaN in the padding reaches your additive context; replace the padding first.",
    ),
    # --- additive attention, backward
    Bug(
        id="additive-tanh-slope-missing",
        old=ADD_DA,
        new='da = dscore[..., None] * p["v"] * np.ones_like(hidden)',
        caught_by="additive_states",
        says="Your da leaves out tanh' = 1 - tanh².",
    ),
    Bug(
        id="additive-state-by-the-context-only",
        old=ADD_BACK,
        new='return of_query @ p["W_q"].T, dencoder, grads',
        caught_by="additive_states",
        says="Your additive dencoder has only what comes through the context; the score has read "
        "the state as well.",
    ),
    Bug(
        id="additive-dweights-ignored",
        old=ADD_MORE,
        new="    dscore = masked",
        caught_by="additive_states",
        says="Your additive_attention_backward ignores dweights.",
    ),
    Bug(
        id="additive-bias-of-one-sequence",
        old=GRAD_B,
        new='"b": da[:, :, 0].sum(axis=(0, 1)),',
        caught_by="additive_weights",
        says="Your gradient of b is that of the first sequence; it is the sum of da over queries, "
        "steps and sequences.",
    ),
    Bug(
        id="additive-v-gets-da",
        old=GRAD_V,
        new='"v": np.einsum("utb,utba->a", dscore, 1.0 - hidden**2),',
        caught_by="additive_weights",
        says="Your gradient of v has tanh' in it; the score is hidden · v, so it is dscore times "
        "hidden.",
    ),
    Bug(
        id="nan-on-the-way-back",
        old=DOT_CLEAN,
        new="    given = encoder\n" + DOT_CLEAN,
        also=((DOT_CACHE, "cache = (query, given, weights)"),),
        caught_by="backward_padding",
        says="Your cache keeps the encoder states as they came, with NaN in the padding, and your "
        "way back multiplies them with 0; keep those in which the padding was replaced.",
    ),
    # --- the toy task
    Bug(
        id="copied-forwards",
        old=ASKED,
        new="query[j, b, j] = np.sqrt(T + V)",
        caught_by="copy",
        says="Your reverse_copy asks for step u; backwards, it is step length - 1 - u.",
    ),
    Bug(
        id="copied-from-the-end-of-the-padding",
        old=ASKED,
        new="query[j, b, T - 1 - j] = np.sqrt(T + V)",
        caught_by="copy",
        says="Your reverse_copy asks for step T - 1 - u, which may be padding; every sequence has "
        "its own length.",
    ),
    Bug(
        id="sharpness-in-the-query-too",
        old=ASKED,
        new=ASKED.replace("= np", "= sharpness * np"),
        caught_by="copy",
        says="Your sharpness is in the encoder and in the query, so the score is its square.",
    ),
    Bug(
        id="query-not-scaled",
        old=ASKED,
        new=ASKED.replace("np.sqrt(T + V)", "1.0"),
        caught_by="copy",
        says="Your query lacks the factor √(T + V), which the score takes away again.",
    ),
    # --- the figure
    Bug(
        id="rows-scaled",
        old=IMAGE,
        new=IMAGE.replace("imshow(weights,", "imshow(weights / weights.max(axis=1)[:, None],"),
        caught_by="drawn",
        says="Every row of your map is scaled to a peak of 1; show the weights as they are.",
    ),
    Bug(
        id="map-not-saved",
        old="        figure.savefig(path)\n",
        new="        pass\n",
        caught_by="drawn",
        says="Your plot_attention saves nothing when it is given a path.",
    ),
    Bug(
        id="words-missing",
        old="    axes.set_xticks(range(len(source)), source)\n",
        new="",
        caught_by="dressed",
        says="Your map does not say which column is which step.",
    ),
    # --- precision
    Bug(
        id="attention-in-float32",
        old=DOT_WEIGHTS,
        new=DOT_SCORE + "\n    weights = masked_softmax(score.astype(np.float32), mask.T)",
        caught_by="precision",
        says="Your weights are computed in float32; gradient checks need float64.",
    ),
]
