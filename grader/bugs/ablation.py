"""Known bugs of `ablation`: where people really go wrong.

Sources of the real ones: a much copied ablation study that never trains (its
findings are strings), one that keeps one set of weights for all variants, gates
removed by 0 instead of 1, and conclusions drawn from the best of a few runs; for
the backward the usual places (a derivative that outlives its gate, the second
path of a coupled gate forgotten).
"""

from grader.catalogue import Bug

# ablated_forward
CANDIDATE = 'g = a[:, 3 * H :] if remove == "candidate" else np.tanh(a[:, 3 * H :])'
FORGET = "f = np.ones((B, H))"
OUTPUT = "o = np.ones((B, H))"
COUPLED = "i = 1.0 - f\n"
HIDDEN = "h = o * tanh_c\n"
SPLIT = "i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)"
START_C = "c = np.zeros((B, H)) if c0 is None else c0"
# columns_read
FROZEN_ROWS = 'rows = np.s_[1:] if unread.startswith("frozen") else np.s_[:]'
UNREAD = 'unread = "input" if remove == "coupled" else remove'
# ablated_backward
ARRIVES = "dh = dHout[t] + dh\n"
DC = "dc = dc + dh * o * (1.0 - tanh_c**2)"
MINUS = "df = df - di\n"
DA_G = 'da_g = dg if remove == "candidate" else dg * (1.0 - g**2)'
DA = "da = np.hstack([di * i * (1.0 - i), df * f * (1.0 - f), do * o * (1.0 - o), da_g])"
CARRY = "        dc = dc * f\n"
RETURNED = "return dX, dW * read, dc, dh"
START_DC = "dc = np.zeros((B, H)) if dcn is None else dcn"
START_DH = "dh = np.zeros((B, H)) if dhn is None else dhn"
# train
CUT = "d = d / max(1.0, norm)"
STEP = "params[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)"
LOSS = "losses[k], gradients = loss_and_gradients(params, remove, X, Y, asked)"
COUNT = "    count = asked.sum()\n"
# final_error, run_ablation
FRESH = "    X, Y, asked = TASKS[task](T, 500, rng)\n"
RNG = "                rng = np.random.default_rng(seed)\n"
MEASURED = "errors.append(final_error(params, task, variant, rng, **length))"
# reading the table
MEDIANS = (
    "medians = {name: np.median(np.where(np.isnan(e), np.inf, e)) for name, e in errors.items()}"
)
SORTED = "ranking[task] = sorted(errors, key=medians.get)"
WORSE = "if e.min() > whole.max():"
BETTER = "elif e.max() < whole.min():"
# plot_ablation
DOTS = '            axes.plot(np.full(len(runs), place), runs, "o", color="C0", alpha=0.5)\n'
MIDDLE = 'np.median(runs), "_"'
NAMES = '        axes.set_xticks(range(len(errors)), list(errors), rotation=60, ha="right")\n'

BUGS = [
    # --- forward
    Bug(
        id="h-without-tanh",
        old=HIDDEN,
        new="h = o * c\n",
        caught_by="whole",
        says="Your h is o ⊙ c; the cell is squashed first: h = o ⊙ tanh(c), in every variant.",
    ),
    Bug(
        id="columns-in-pytorch-order",
        old=SPLIT,
        new="a = a.reshape(B, 4, H)[:, [0, 1, 3, 2]].reshape(B, 4 * H)\n        " + SPLIT,
        caught_by="whole",
        says="You read the columns of W as i, f, g, o, PyTorch's order; the course's is "
        "i | f | o | g.",
    ),
    Bug(
        id="c0-ignored",
        old=START_C,
        new="c = np.zeros((B, H))",
        caught_by="whole",
        says="Your ablated_forward starts from c = 0 even when c0 is given.",
    ),
    Bug(
        id="forget-gate-at-zero",
        old=FORGET,
        new="f = np.zeros((B, H))",
        caught_by="forget",
        says="Without forget gate your f is 0, which forgets everything; a gate that is gone is "
        "open: f = 1.",
    ),
    Bug(
        id="forget-gate-half-open",
        old=FORGET,
        new="f = np.full((B, H), 0.5)",
        caught_by="forget",
        says="Without forget gate your f is σ(0) = 0.5: the weights were set to zero. A gate that "
        "is gone is open: f = 1.",
    ),
    Bug(
        id="input-and-forget-exchanged",
        old='if remove == "forget":',
        new='if remove == "input":',
        also=(('elif remove == "input":', 'elif remove == "forget":'),),
        caught_by="input",
        says='Your "forget" opens the input gate and your "input" the forget gate.',
    ),
    Bug(
        id="output-gate-at-zero",
        old=OUTPUT,
        new="o = np.zeros((B, H))",
        caught_by="output",
        says="Without output gate your o is 0, which shows nothing; a gate that is gone is open: "
        "o = 1.",
    ),
    Bug(
        id="output-activation-removed",
        old=HIDDEN,
        new='h = c if remove == "output" else o * tanh_c\n',
        caught_by="output",
        says='With remove = "output" your h is c: you removed the output activation as well. '
        "The gate goes, tanh stays: h = tanh(c).",
    ),
    Bug(
        id="candidate-still-squashed",
        old=CANDIDATE,
        new="g = np.tanh(a[:, 3 * H :])",
        caught_by="candidate",
        says='With remove = "candidate" your g still goes through tanh; g = a_g.',
    ),
    Bug(
        id="candidate-cell-not-squashed",
        old="tanh_c = np.tanh(c)",
        new='tanh_c = c if remove == "candidate" else np.tanh(c)',
        caught_by="candidate",
        says='With remove = "candidate" you leave out the tanh of the cell, too; '
        "only g loses its tanh.",
    ),
    Bug(
        id="coupled-the-other-way",
        old=COUPLED,
        new="f = 1.0 - i\n",
        also=((UNREAD, 'unread = "forget" if remove == "coupled" else remove'),),
        caught_by="coupled",
        says="Your coupled f is 1 - i; here the forget gate decides, and i = 1 - f.",
        convention=True,
    ),
    Bug(
        id="coupled-without-the-minus",
        old=COUPLED,
        new="i = f\n",
        caught_by="coupled",
        says="Your coupled gates are equal, i = f; what is not kept is replaced: i = 1 - f.",
    ),
    Bug(
        id="frozen-without-bias",
        old=FROZEN_ROWS,
        new="rows = np.s_[:]",
        caught_by="frozen",
        says="Your frozen gate is σ(0) = 0.5; it keeps its bias: σ(b).",
    ),
    # --- backward
    Bug(
        id="sigmoid-differentiated-twice",
        old=DA,
        new=DA.replace("di * i * (1.0 - i)", "di * sigmoid(i) * (1.0 - sigmoid(i))"),
        caught_by="backward_whole",
        says="Your da_i takes σ' of i; i is σ(a) already, so the derivative is i (1 - i).",
    ),
    Bug(
        id="cell-gradient-overwritten",
        old=DC,
        new="dc = dh * o * (1.0 - tanh_c**2)",
        caught_by="backward_whole",
        says="Your dc is overwritten at every step; what step t+1 sends back has to be added.",
    ),
    Bug(
        id="dc-through-half-a-gate",
        old=CARRY,
        new='        dc = dc * (sigmoid(f) if remove == "forget" else f)\n',
        caught_by="backward_gates",
        says="Without forget gate your dc still fades on its way back; with f = 1 it is carried "
        "along whole.",
    ),
    Bug(
        id="candidate-derivative-left",
        old=DA_G,
        new="da_g = dg * (1.0 - g**2)",
        caught_by="backward_candidate",
        says="Without squashing your da_g still has tanh' = 1 - g²; g = a_g, so da_g = dg.",
    ),
    Bug(
        id="coupled-one-path-only",
        old=MINUS,
        new="pass\n",
        caught_by="backward_coupled",
        says="Coupled, f stands twice in c_t: in f ⊙ c_{t-1} and in (1 - f) ⊙ g. "
        "Your df has the first place only.",
    ),
    Bug(
        id="frozen-bias-does-not-learn",
        old=RETURNED,
        new='return dX, dW * (columns_read(W.shape, remove.removeprefix("frozen "))), dc, dh',
        caught_by="backward_frozen",
        says="The bias of your frozen gate gets no gradient; the gate is σ(b), so b learns.",
    ),
    Bug(
        id="frozen-through-the-past",
        old=RETURNED,
        new='return dX, (dW if remove.startswith("frozen") else dW * read), dc, dh',
        caught_by="backward_frozen",
        says="Your frozen gate gives its input and recurrent weights a gradient, though it does "
        "not read them.",
    ),
    Bug(
        id="dcn-ignored",
        old=START_DC,
        new="dc = np.zeros((B, H))",
        caught_by="upstream",
        says="Your ablated_backward ignores dcn.",
    ),
    Bug(
        id="dhn-ignored",
        old=START_DH,
        new="dh = np.zeros((B, H))",
        caught_by="upstream",
        says="Your ablated_backward ignores dhn; it arrives at the last step, added to dHout[T-1].",
    ),
    Bug(
        id="clipped-inside",
        old=ARRIVES,
        new="dh = np.clip(dHout[t] + dh, -20.0, 20.0)\n",
        caught_by="upstream",
        says="You clip inside ablated_backward; it returns the true gradient, and train clips.",
    ),
    # --- train
    Bug(
        id="loss-of-all-steps",
        old="errors = np.where(asked, ",
        new="errors = np.where(asked | True, ",
        also=((COUNT, "    count = asked.size\n"),),
        caught_by="losses",
        says="Your loss counts every step; only those count where asked is True.",
    ),
    Bug(
        id="loss-divided-by-all-steps",
        old=COUNT,
        new="    count = asked.size\n",
        caught_by="losses",
        says="Your loss is divided by T·B; it is a mean over the asked steps only.",
    ),
    Bug(
        id="trains-the-whole-lstm",
        old=LOSS,
        new='losses[k], gradients = loss_and_gradients(params, "nothing", X, Y, asked)',
        caught_by="updates",
        says="Your train trains the whole LSTM whatever is removed; hand remove on.",
    ),
    Bug(
        id="never-trains",
        old=STEP,
        new="params[name] = params[name] - 0.0 * lr * m_hat",
        caught_by="updates",
        says="Your params are never updated: what is compared then is how networks begin.",
    ),
    Bug(
        id="plain-descent",
        old=STEP,
        new="params[name] = params[name] - lr * d",
        caught_by="updates",
        says="Your update is plain gradient descent; Adam divides m̂ by √v̂ + 1e-8.",
    ),
    Bug(
        id="not-clipped",
        old=CUT,
        new="d = 1.0 * d",
        caught_by="updates",
        says="Your gradient is not scaled down to norm 1 where its norm is larger.",
    ),
    # --- final_error and run_ablation
    Bug(
        id="final-error-rooted",
        old="    return float(loss)\n",
        new="    return float(np.sqrt(loss))\n",
        caught_by="final",
        says="Your final_error is the root of the mean squared error; leave it squared.",
    ),
    Bug(
        id="final-error-of-another-length",
        old=FRESH,
        new="    X, Y, asked = TASKS[task](12, 500, rng)\n",
        caught_by="final",
        says="Your final_error always draws T = 12; use the T it is given.",
    ),
    Bug(
        id="one-rng-for-all-runs",
        old="    table = {}\n    for task in tasks:\n",
        new="    rng = np.random.default_rng(seeds[0])\n    table = {}\n    for task in tasks:\n",
        also=((RNG, ""),),
        caught_by="table",
        says="All your runs draw from one rng, one after the other; each begins with its own "
        "default_rng(seed), so that variants start alike.",
    ),
    Bug(
        id="measured-as-the-whole-lstm",
        old=MEASURED,
        new='errors.append(final_error(params, task, "nothing", rng, **length))',
        caught_by="table",
        says="Your runs are measured with nothing removed; the error is that of the network "
        "that was trained.",
    ),
    # --- reading the table
    Bug(
        id="ranked-by-the-mean",
        old=MEDIANS,
        new=MEDIANS.replace("np.median", "np.mean"),
        caught_by="rank",
        says="You rank by the mean, which one wild run decides; the order is that of the medians.",
    ),
    Bug(
        id="ranked-by-the-best-run",
        old=MEDIANS,
        new=MEDIANS.replace("np.median", "np.min"),
        caught_by="rank",
        says="You rank by the best run, so who tries most often wins; the order is that of the "
        "medians.",
    ),
    Bug(
        id="nan-left-out",
        old=MEDIANS,
        new="medians = {name: np.median(e[~np.isnan(e)]) if (e == e).any() else np.inf"
        " for name, e in errors.items()}",
        caught_by="rank",
        says="You leave out runs that ended in NaN, so a variant gains by failing; "
        "NaN counts as worse than any number.",
    ),
    Bug(
        id="conclusion-hard-coded",
        old=SORTED,
        new='known = ("nothing", "coupled", "frozen output", "output", "candidate")\n'
        "        ranking[task] = sorted(errors, key=lambda name: name not in known)",
        caught_by="rank",
        says="Your ranking does not come from the table, but from what one expects.",
    ),
    Bug(
        id="verdict-by-medians",
        old=WORSE,
        new="if np.median(e) > np.median(whole):",
        also=((BETTER, "elif np.median(e) < np.median(whole):"),),
        caught_by="verdicts",
        says="Your verdict compares medians alone; where runs overlap these seeds cannot tell, "
        'and it is "level".',
    ),
    Bug(
        id="verdict-at-a-tie",
        old=WORSE,
        new="if e.min() >= whole.max():",
        also=((BETTER, "elif e.max() <= whole.min():"),),
        caught_by="verdicts",
        says='Your verdict calls runs apart that touch; equal errors overlap, so that is "level".',
    ),
    # --- the figure
    Bug(
        id="means-drawn",
        old=MIDDLE,
        new='np.mean(runs), "_"',
        caught_by="drawn",
        says="Your figure shows the mean of the runs; the median is asked for.",
    ),
    Bug(
        id="drawn-at-one-place",
        old="axes.plot(place, np.median(runs)",
        new="axes.plot(np.median(runs)",
        caught_by="drawn",
        says="Your medians all stand at the same place, so that nobody can tell whose they are; every "
        "variant needs its own.",
    ),
    Bug(
        id="not-saved",
        old="        figure.savefig(path)\n",
        new="        pass\n",
        caught_by="drawn",
        says="Your plot_ablation saves nothing when it is given a path.",
    ),
    Bug(
        id="no-spread",
        old=DOTS,
        new="",
        caught_by="spread",
        says="Your figure shows medians alone; how far the runs spread is what makes them mean "
        "something.",
    ),
    Bug(
        id="variants-without-names",
        old=NAMES,
        new="",
        caught_by="dressed",
        says="Your figure does not say which variant is which.",
    ),
    # --- precision
    Bug(
        id="forward-in-float32",
        old="    Hout = np.empty((T, B, H))\n",
        new="    X, W, h, c = (v.astype(np.float32) for v in (X, W, h, c))\n"
        "    Hout = np.empty((T, B, H), np.float32)\n",
        caught_by="precision",
        says="Your ablated_forward computes in float32; gradient checks need float64.",
    ),
]
