"""Known bugs of `gate_analysis`: where people really go wrong.

Sources of the real ones: course notes and repositories whose "gradient flow"
plots are 0.9**t, whose reading of the forget gate is upside down, and whose
statistics average over the units; the rest are slips of axes, edges and names.
"""

from grader.catalogue import Bug

SPLIT = "i, f, o = np.split(sigmoid(a[..., : 3 * H]), 3, axis=2)"
CELL = "        c = f[t] * c + i[t] * g[t]\n        cells[t] = c\n"
RETURNED = 'return {"i": i, "f": f, "o": o, "g": g, "c": cells, "h": h}'
MEAN, STD = '"mean": gate.mean(axis=over)', '"std": gate.std(axis=over)'
CLOSED, OPEN = '"closed": np.mean(gate < low, axis=over)', '"open": np.mean(gate > high, axis=over)'
SHARE = "return float(np.mean((gate < low) | (gate > high)))"
TAU = "        return 1.0 / np.abs(np.log(f))\n"
QUIET = '    with np.errstate(divide="ignore"):\n'
TAU_BODY = f"""{QUIET}        # ln 1 is +0, so -1 / ln 1 would be -inf; every other ln f is below 0
{TAU}"""
DIRECT = "np.prod(f[start + 1 : stop + 1], axis=0)"
EVENTS = "gate[events].mean(axis=0) - gate[~events].mean(axis=0)"
NORM = "norms[t] = np.linalg.norm(gradients[-1])"
CALL_BACK = "        _, _, *gradients = backward(silent, caches[t], *gradients)\n"
STEP_BACK = f"        {NORM}\n{CALL_BACK}"
ROW = "values = activations[key][:, 0].T"
PANELS = '{"i": "input gate i", "f": "forget gate f", "o": "output gate o", "c": "cell state c"}'
TIME_LABEL = '    panels[-1].set_xlabel("time step t")\n'
BAR = "        figure.colorbar(image, ax=axes)\n"
SAVE = "    if path is not None:\n        figure.savefig(path)\n"
LINE = "axes.plot(lag, curve, label=name)"
HISTOGRAM = "axes.hist(gate.ravel(), bins=40, range=(0.0, 1.0))"
WORDS = 'title=f"{share:.1%} of the values are below {low:g} or above {high:g}"'

BUGS = [
    # --- gate_activations
    Bug(
        id="activations-input-and-forget-swapped",
        old=SPLIT,
        new="f, i, o = np.split(sigmoid(a[..., : 3 * H]), 3, axis=2)",
        caught_by="gates",
        says="Your input and forget gates bear each other's name: the first H columns of W are i.",
    ),
    Bug(
        id="activations-gates-in-pytorch-order",
        old=SPLIT,
        new="i, f, _, o = np.split(sigmoid(a), 4, axis=2)",
        also=(("np.tanh(a[..., 3 * H :])", "np.tanh(a[..., 2 * H : 3 * H])"),),
        caught_by="gates",
        says="You read the columns of W as i, f, g, o, PyTorch's order; the course's is i | f | o | g.",
        convention=True,
    ),
    Bug(
        id="activations-before-the-sigmoid",
        old='"i": i, "f": f, "o": o,',
        new='"i": a[..., :H], "f": a[..., H : 2 * H], "o": a[..., 2 * H : 3 * H],',
        caught_by="gates",
        says="Your i, f and o are pre-activations; a gate is what comes out of the sigmoid.",
    ),
    Bug(
        id="activations-candidate-through-sigmoid",
        old="g = np.tanh(a[..., 3 * H :])",
        new="g = sigmoid(a[..., 3 * H :])",
        caught_by="gates",
        says="Your candidate g goes through sigmoid with the gates; it must go through tanh.",
    ),
    Bug(
        id="activations-gates-see-the-new-state",
        old="h_prev = np.concatenate([h_first[None], h[:-1]])",
        new="h_prev = h + 0 * h_first",
        caught_by="gates",
        says="Your gates of step t read h_t; they are made from h_{t-1}.",
    ),
    Bug(
        id="activations-gates-without-h0",
        old="h_first = np.zeros((B, H)) if h0 is None else h0",
        new="h_first = np.zeros((B, H))",
        caught_by="gates",
        says="Your gates of step 0 read a zero state even when h0 is given.",
    ),
    Bug(
        id="activations-under-long-names",
        old=RETURNED,
        new='return {"input": i, "forget": f, "output": o, "candidate": g, "cell": cells, "hidden": h}',
        caught_by="gates",
        says='Your entries have long names; the keys are the letters "i", "f", "o", "g", "c", "h".',
        convention=True,
    ),
    Bug(
        id="activations-without-cell",
        old='"c": cells, ',
        new="",
        caught_by="states",
        says='Your dict has no entry "c": the cell state belongs to the six.',
    ),
    Bug(
        id="activations-hidden-for-cell",
        old='"c": cells',
        new='"c": h',
        caught_by="states",
        says='Your entry "c" holds the hidden states h_t; it should hold the cell states.',
    ),
    Bug(
        id="activations-cell-after-tanh",
        old='"c": cells',
        new='"c": np.tanh(cells)',
        caught_by="states",
        says='Your entry "c" is tanh(c_t), what the output gate sees; it should be c_t itself.',
    ),
    Bug(
        id="activations-cell-before-the-step",
        old=CELL,
        new="        cells[t] = c\n        c = f[t] * c + i[t] * g[t]\n",
        caught_by="states",
        says="Your cell states are one step late: entry t is c_{t-1}, before the step.",
    ),
    Bug(
        id="activations-cell-not-carried",
        old=CELL,
        new="        cells[t] = f[t] * c + i[t] * g[t]\n",
        caught_by="states",
        says="Your cell starts from c0 at every step; step t needs c_{t-1}.",
    ),
    Bug(
        id="activations-c0-ignored",
        old="c = np.zeros((B, H)) if c0 is None else c0",
        new="c = np.zeros((B, H))",
        caught_by="states",
        says="Your cell states start from zeros even when c0 is given.",
    ),
    # --- gate_statistics
    Bug(
        id="statistics-over-time-only",
        old="over = (0, 1)",
        new="over = 0",
        caught_by="mean_std",
        says="Your statistics keep the batch axis: they go over time only, not over T and B.",
    ),
    Bug(
        id="statistics-over-units",
        old="over = (0, 1)",
        new="over = (0, 2)",
        caught_by="mean_std",
        says="Your statistics average over the units, which hides who does what; "
        "they go over T and B.",
    ),
    Bug(
        id="statistics-std-of-each-sequence",
        old=STD,
        new='"std": gate.std(axis=0).mean(axis=0)',
        caught_by="mean_std",
        says="Your std is taken over time only and then averaged over the batch; "
        "take it once, over T and B together.",
    ),
    Bug(
        id="statistics-divide-by-one-less",
        old=STD,
        new='"std": gate.std(axis=over, ddof=1)',
        caught_by="mean_std",
        says="Your std divides by T·B - 1 (ddof=1); here it is NumPy's default, which divides by T·B.",
        convention=True,
    ),
    Bug(
        id="statistics-variance",
        old=STD,
        new='"std": gate.var(axis=over)',
        caught_by="mean_std",
        says='Your "std" is the variance; its square root is missing.',
    ),
    Bug(
        id="statistics-median",
        old=MEAN,
        new='"mean": np.median(gate, axis=over)',
        caught_by="mean_std",
        says='Your "mean" is the median.',
    ),
    Bug(
        id="statistics-inverted",
        old=CLOSED,
        new='"closed": np.mean(gate > high, axis=over)',
        also=((OPEN, '"open": np.mean(gate < low, axis=over)'),),
        caught_by="open_closed",
        says='Your "open" and "closed" are swapped: a gate is open near 1, and an open forget '
        "gate keeps.",
    ),
    Bug(
        id="statistics-closed-is-not-open",
        old=CLOSED,
        new='"closed": np.mean(gate <= high, axis=over)',
        caught_by="open_closed",
        says='Your "closed" counts everything that is not open; it should count values below low.',
    ),
    Bug(
        id="statistics-limits-included",
        old=CLOSED,
        new='"closed": np.mean(gate <= low, axis=over)',
        also=((OPEN, '"open": np.mean(gate >= high, axis=over)'),),
        caught_by="open_closed",
        says="Your shares count values that equal low or high; they belong to neither side.",
    ),
    Bug(
        id="statistics-counts",
        old=CLOSED,
        new='"closed": np.sum(gate < low, axis=over)',
        also=((OPEN, '"open": np.sum(gate > high, axis=over)'),),
        caught_by="open_closed",
        says='Your "closed" and "open" are counts; they should be shares of T·B.',
    ),
    Bug(
        id="statistics-limits-ignored",
        old=CLOSED,
        new='"closed": np.mean(gate < 0.1, axis=over)',
        also=((OPEN, '"open": np.mean(gate > 0.9, axis=over)'),),
        caught_by="open_closed",
        says="Your shares use 0.1 and 0.9 whatever is asked for; use the arguments low and high.",
    ),
    # --- saturated_fraction
    Bug(
        id="saturated-limits-included",
        old=SHARE,
        new="return float(np.mean((gate <= low) | (gate >= high)))",
        caught_by="saturated",
        says="Your saturated share counts values that equal low or high; it should not.",
    ),
    Bug(
        id="saturated-is-the-rest",
        old=SHARE,
        new="return float(np.mean((gate >= low) & (gate <= high)))",
        caught_by="saturated",
        says="Your saturated share is that of the values between low and high, the healthy ones.",
    ),
    Bug(
        id="saturated-open-side-only",
        old=SHARE,
        new="return float(np.mean(gate > high))",
        caught_by="saturated",
        says="Your saturated share counts the open side only; a closed gate is saturated too.",
    ),
    Bug(
        id="saturated-in-per-cent",
        old=SHARE,
        new="return float(100.0 * np.mean((gate < low) | (gate > high)))",
        caught_by="saturated",
        says="Your saturated share is in per cent; it should be a fraction between 0 and 1.",
    ),
    # --- memory_timescale
    Bug(
        id="timescale-first-order",
        old=TAU_BODY,
        new=f"{QUIET}        return 1.0 / (1.0 - f)\n",
        caught_by="timescale",
        says="Your time scale is 1 / (1 - f), which is near -1 / ln f only for f close to 1.",
    ),
    Bug(
        id="timescale-log-ten",
        old="np.log(f)",
        new="np.log10(f)",
        caught_by="timescale",
        says="Your time scale uses log10, so it is the time to a tenth; 1/e takes the natural log.",
    ),
    Bug(
        id="timescale-half-life",
        old=TAU,
        new="        return np.log(2.0) / np.abs(np.log(f))\n",
        caught_by="timescale",
        says="Your time scale is the half-life, ln 2 / -ln f; asked is the time to 1/e.",
    ),
    Bug(
        id="timescale-sign",
        old=TAU,
        new="        return 1.0 / np.log(f)\n",
        caught_by="timescale",
        says="Your time scale is negative: ln f is below 0, so τ = -1 / ln f has a minus.",
    ),
    Bug(
        id="timescale-inverted",
        old="np.log(f)",
        new="np.log(1.0 - f)",
        caught_by="timescale",
        says="Your time scale reads the gate upside down, with 1 - f for f: f = 1 keeps everything.",
    ),
    Bug(
        id="timescale-of-one-divides-by-zero",
        old=TAU_BODY,
        new="    return -1.0 / np.log(f)\n",
        caught_by="timescale_of_one",
        says="Your time scale divides by ln 1 = +0 when f = 1: NumPy warns, and -1 / +0 is -inf.",
    ),
    Bug(
        id="timescale-of-one-warns",
        old=TAU_BODY,
        new="    return 1.0 / np.abs(np.log(f))\n",
        caught_by="timescale_of_one",
        says="Your time scale of f = 1 is right, but NumPy warns of the division by zero; "
        "np.errstate silences one that is meant.",
    ),
    Bug(
        id="timescale-of-one-negative",
        old=TAU,
        new="        return -1.0 / np.log(f)\n",
        caught_by="timescale_of_one",
        says="Your time scale of f = 1 is -inf: ln 1 is +0, and -1 / +0 is minus infinity.",
    ),
    Bug(
        id="timescale-clipped",
        old="np.log(f)",
        new="np.log(np.minimum(f, 1.0 - 1e-12))",
        caught_by="timescale_of_one",
        says="Your time scale clips f below 1, so f = 1 gives a large number instead of inf.",
    ),
    # --- direct_memory
    Bug(
        id="direct-includes-start",
        old=DIRECT,
        new="np.prod(f[start : stop + 1], axis=0)",
        caught_by="direct",
        says="Your product includes f[start]; c_start has been through that gate already.",
    ),
    Bug(
        id="direct-excludes-stop",
        old=DIRECT,
        new="np.prod(f[start + 1 : stop], axis=0)",
        caught_by="direct",
        says="Your product leaves out f[stop]; the last step forgets too.",
    ),
    Bug(
        id="direct-off-by-one",
        old=DIRECT,
        new="np.prod(f[start:stop], axis=0)",
        caught_by="direct",
        says="Your product runs from f[start] to f[stop-1], one step early at both ends.",
    ),
    Bug(
        id="direct-to-the-end",
        old=DIRECT,
        new="np.prod(f[start + 1 :], axis=0)",
        caught_by="direct",
        says="Your product runs on to the last step; it ends at f[stop].",
    ),
    Bug(
        id="direct-sum",
        old=DIRECT,
        new="np.sum(f[start + 1 : stop + 1], axis=0)",
        caught_by="direct",
        says="Your direct memory adds the gates; along the belt they multiply.",
    ),
    Bug(
        id="direct-quotient",
        old=DIRECT,
        new="np.cumprod(f, axis=0)[stop] / np.cumprod(f, axis=0)[start]",
        caught_by="direct",
        says="Your direct memory divides two running products: a gate shut before gives 0 / 0.",
    ),
    # --- event_response
    Bug(
        id="events-minus-everything",
        old=EVENTS,
        new="gate[events].mean(axis=0) - gate.mean(axis=(0, 1))",
        caught_by="events",
        says="Your response subtracts the mean over all steps; subtract the mean elsewhere.",
    ),
    Bug(
        id="events-sign",
        old=EVENTS,
        new="gate[~events].mean(axis=0) - gate[events].mean(axis=0)",
        caught_by="events",
        says="Your response has the wrong sign: it is the mean at events minus the mean elsewhere.",
    ),
    Bug(
        id="events-mean-only",
        old=EVENTS,
        new="gate[events].mean(axis=0)",
        caught_by="events",
        says="Your response is the mean at events; subtract the mean elsewhere to see who reacts.",
    ),
    Bug(
        id="events-sums",
        old=EVENTS,
        new="gate[events].sum(axis=0) - gate[~events].sum(axis=0)",
        caught_by="events",
        says="Your response compares sums, so it depends on how many events there are; take means.",
    ),
    Bug(
        id="events-per-sequence",
        old=EVENTS,
        new="gate[:, 0][events[:, 0]].mean(axis=0) - gate[:, 0][~events[:, 0]].mean(axis=0)",
        caught_by="events",
        says="Your response looks at batch row 0 only; all sequences count.",
    ),
    Bug(
        id="events-mean-of-means",
        old=EVENTS,
        new="np.mean([g[e].mean(axis=0) - g[~e].mean(axis=0) for g, e in "
        "zip(gate.swapaxes(0, 1), events.T) if e.any() and not e.all()], axis=0)",
        caught_by="events",
        says="Your response is worked out sequence by sequence and then averaged; take both means "
        "over all pairs (t, b) at once, or sequences with few events count for more.",
    ),
    # --- gradient_by_lag
    Bug(
        id="gradient-from-a-formula",
        old=STEP_BACK,
        new="        norms[t] = np.sqrt(B * H) * 0.9 ** (T - 1 - t)\n",
        caught_by="gradient_lstm",
        says="Your curve is 0.9 to the power of the lag; measure it by back-propagation.",
    ),
    Bug(
        id="gradient-from-the-forget-gates",
        old="    norms = np.empty(T)\n",
        new="    norms = np.empty(T)\n"
        '    if cell == "lstm":\n'
        '        f = gate_activations(X, W)["f"]\n'
        "        return np.array([np.linalg.norm(direct_memory(f, t, T - 1)) for t in range(T)])\n",
        caught_by="gradient_lstm",
        says="Your LSTM curve is the product of the forget gates, the direct path of the cell; "
        "asked is ∂L/∂h_t, measured by lstm_backward.",
    ),
    Bug(
        id="gradient-with-the-cell",
        old=NORM,
        new="norms[t] = np.linalg.norm(sum(gradients))",
        caught_by="gradient_lstm",
        says="Your LSTM curve adds dc to dh; hold c_t fixed, dh alone is asked.",
    ),
    Bug(
        id="gradient-of-the-cell",
        old=NORM,
        new="norms[t] = np.linalg.norm(gradients[0])",
        caught_by="gradient_lstm",
        says="Your LSTM curve is the norm of dc, the gradient of the cell; asked is dh.",
    ),
    Bug(
        id="gradient-cell-cut",
        old=CALL_BACK,
        new="        gradients[0] = gradients[0] if len(gradients) == 1 else np.zeros((B, H))\n"
        + CALL_BACK,
        caught_by="gradient_lstm",
        says="Your LSTM curve hands on dh but not dc: what reaches h_t by way of later cells is cut.",
    ),
    Bug(
        id="gradient-squared",
        old=NORM,
        new="norms[t] = np.sum(gradients[-1] ** 2)",
        caught_by="gradient_lstm",
        says="Your curve is the square of the norm; its root is missing.",
    ),
    Bug(
        id="gradient-of-absolute-values",
        old=NORM,
        new="norms[t] = np.sum(np.abs(gradients[-1]))",
        caught_by="gradient_lstm",
        says="Your curve adds up absolute values; asked is the Frobenius norm, root of the squares.",
    ),
    Bug(
        id="gradient-per-element",
        old=NORM,
        new="norms[t] = np.linalg.norm(gradients[-1]) / np.sqrt(B * H)",
        caught_by="gradient_lstm",
        says="Your curve is the norm per element, so it ends at 1; asked is the norm, sqrt(B·H) "
        "at the end.",
    ),
    Bug(
        id="gradient-of-one-sequence",
        old=NORM,
        new="norms[t] = np.linalg.norm(gradients[-1][0])",
        caught_by="gradient_lstm",
        says="Your norm covers the first sequence only; it goes over (B, H).",
    ),
    Bug(
        id="gradient-backwards",
        old="    return norms\n",
        new="    return norms[::-1]\n",
        caught_by="gradient_lstm",
        says="Your curve is sorted by lag; entry t belongs to h_t, so the last entry is sqrt(B·H).",
    ),
    Bug(
        id="gradient-of-all-states",
        old="silent = np.zeros((1, B, H))",
        new="silent = np.ones((1, B, H))",
        also=(
            ("gradients[-1] = np.ones((B, H))", "gradients[-1] = np.zeros((B, H))"),
            (NORM, "norms[t] = np.linalg.norm(gradients[-1] + silent[0])"),
        ),
        caught_by="gradient_lstm",
        says="Your loss is the sum of h over all steps; only the h of the last step counts.",
    ),
    Bug(
        id="gradient-one-step-early",
        old=STEP_BACK,
        new=f"{CALL_BACK}        {NORM}\n",
        caught_by="gradient_lstm",
        says="Your curve is one step early: entry t is the gradient of h_{t-1}.",
    ),
    Bug(
        id="gradient-of-the-mean",
        old="gradients[-1] = np.ones((B, H))",
        new="gradients[-1] = np.full((B, H), 1.0 / (B * H))",
        caught_by="gradient_lstm",
        says="Your loss is the mean of the last h; it is the sum, so ∂L/∂h_{T-1} is all ones.",
    ),
    Bug(
        id="gradient-cut-after-twenty-steps",
        old="for t in reversed(range(T)):",
        new="norms[:] = 1e-30\n    for t in reversed(range(max(T - 20, 0), T)):",
        caught_by="gradient_lstm",
        says="Your curve stops after 20 steps back; go back to step 0.",
    ),
    Bug(
        id="gradient-rnn-without-tanh",
        old='"rnn": (rnn_forward, rnn_backward)',
        new='"rnn": (rnn_forward, lambda _, __, dh: (None, None, dh @ W[1 + D :].T))',
        caught_by="gradient_rnn",
        says="Your RNN curve multiplies by the recurrent matrix and leaves out tanh'; "
        "let rnn_backward do it.",
    ),
    Bug(
        id="gradient-gru-from-a-formula",
        old="    norms = np.empty(T)\n",
        new="    norms = np.empty(T)\n"
        '    if cell == "gru":\n'
        "        return np.sqrt(B * H) * 0.5 ** np.arange(T)[::-1]\n",
        caught_by="gradient_gru",
        says="Your GRU curve halves with every step back; measure it with gru_backward.",
    ),
    # --- plot_gates
    Bug(
        id="plot-gates-hidden-for-cell",
        old=PANELS,
        new='{"i": "input gate i", "f": "forget gate f", "o": "output gate o", "h": "cell state c"}',
        caught_by="gates_drawn",
        says="Your plot_gates draws the hidden state h in the place of the cell state c.",
    ),
    Bug(
        id="plot-gates-without-cell",
        old=PANELS,
        new='{"i": "input gate i", "f": "forget gate f", "o": "output gate o"}',
        also=(("figure.subplots(4, 1,", "figure.subplots(3, 1,"),),
        caught_by="gates_drawn",
        says="Your plot_gates draws i, f and o; the cell state is missing.",
    ),
    Bug(
        id="plot-gates-second-sequence",
        old=ROW,
        new="values = activations[key][:, 1].T",
        caught_by="gates_drawn",
        says="Your plot_gates draws batch row 1; the first one is row 0.",
    ),
    Bug(
        id="plot-gates-mean-over-batch",
        old=ROW,
        new="values = activations[key].mean(axis=1).T",
        caught_by="gates_drawn",
        says="Your plot_gates averages over the batch; draw row 0 as it is.",
    ),
    Bug(
        id="plot-gates-first-step",
        old=ROW,
        new="values = activations[key][0].T",
        caught_by="gates_drawn",
        says="Your plot_gates draws step 0 of every sequence; row 0 of the batch is [:, 0].",
    ),
    Bug(
        id="plot-gates-inverted",
        old=ROW,
        new='values = activations[key][:, 0].T if key == "c" else 1.0 - activations[key][:, 0].T',
        caught_by="gates_drawn",
        says="Your plot_gates draws 1 minus each gate: upside down, open looks closed.",
    ),
    Bug(
        id="plot-gates-without-labels",
        old=', ylabel="hidden unit"',
        new="",
        also=((TIME_LABEL, ""),),
        caught_by="gates_dressed",
        says="Your plot_gates labels no axis: say which one is time and which one the units.",
    ),
    Bug(
        id="plot-gates-without-colour-bar",
        old=BAR,
        new="",
        caught_by="gates_dressed",
        says="Your plot_gates has no colour bar, so nobody can tell open from closed.",
    ),
    # --- plot_gradient_flow
    Bug(
        id="plot-flow-first-curve-only",
        old=LINE,
        new=LINE + "\n        break",
        caught_by="flow_drawn",
        says="Your plot_gradient_flow draws one curve; draw all that are given.",
    ),
    Bug(
        id="plot-flow-of-differences",
        old=LINE,
        new="axes.plot(lag, np.abs(np.gradient(curve)), label=name)",
        caught_by="flow_drawn",
        says="Your plot_gradient_flow draws how the curves change; draw the curves themselves.",
    ),
    Bug(
        id="plot-flow-linear",
        old='        yscale="log",\n',
        new="",
        caught_by="flow_scale",
        says="Your plot_gradient_flow has a linear axis: what falls by decades lies flat on zero.",
    ),
    Bug(
        id="plot-flow-logarithm-twice",
        old=LINE,
        new="axes.plot(lag, np.log10(curve), label=name)",
        caught_by="flow_scale",
        says="Your plot_gradient_flow draws logarithms on a logarithmic axis; once is enough.",
    ),
    Bug(
        id="plot-flow-without-legend",
        old="    axes.legend()\n",
        new="",
        caught_by="flow_scale",
        says="Your plot_gradient_flow has no legend: which curve is which?",
    ),
    # --- plot_saturation
    Bug(
        id="plot-saturation-one-sequence",
        old=HISTOGRAM,
        new="axes.hist(gate[:, 0].ravel(), bins=40, range=(0.0, 1.0))",
        caught_by="saturation_drawn",
        says="Your histogram counts batch row 0 only; all values of the gate belong in it.",
    ),
    Bug(
        id="plot-saturation-means-of-units",
        old=HISTOGRAM,
        new="axes.hist(gate.mean(axis=(0, 1)), bins=40, range=(0.0, 1.0))",
        caught_by="saturation_drawn",
        says="Your histogram counts one mean per unit; count every value.",
    ),
    Bug(
        id="plot-saturation-healthy-values",
        old=HISTOGRAM,
        new="axes.hist(gate.ravel(), bins=40, range=(low, high))",
        caught_by="saturation_drawn",
        says="Your histogram ends at low and high, so the saturated values fall out of it.",
    ),
    Bug(
        id="plot-saturation-without-words",
        old=WORDS,
        new='title="gate values"',
        caught_by="saturation_words",
        says="Your plot_saturation does not say how large the saturated share is.",
    ),
    Bug(
        id="plot-saturation-the-rest-in-words",
        old=WORDS,
        new=WORDS.replace("{share:.1%}", "{1.0 - share:.1%}"),
        caught_by="saturation_words",
        says="Your plot_saturation gives the share of the values that are not saturated.",
    ),
    # --- saving
    Bug(
        id="plot-gates-path-ignored",
        old=TIME_LABEL + SAVE,
        new=TIME_LABEL,
        caught_by="saved",
        says="Your plot_gates does not save the figure when it is given a path.",
    ),
    Bug(
        id="plot-saturation-path-ignored",
        old=f'        ylabel="count",\n    )\n{SAVE}',
        new='        ylabel="count",\n    )\n',
        caught_by="saved",
        says="Your plot_saturation does not save the figure when it is given a path.",
    ),
    Bug(
        id="plot-flow-not-returned",
        old=f"    axes.legend()\n{SAVE}    return figure\n",
        new=f"    axes.legend()\n{SAVE}",
        caught_by="flow_drawn",
        says="Your plot_gradient_flow returns nothing; return the Figure.",
    ),
]
