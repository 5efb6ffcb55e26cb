"""Known bugs of `gradient_check`: where people really go wrong.

Sources of the real ones: nicklashansen/rnn_lstm_from_scratch #1 (0/0 becomes
nan in the checker itself); thresholds of 1e-2 and 1, which let nearly
everything pass; torch-rnn #116 (a check that fails by chance); checkers that
compare with what NumPy has broadcast.
"""

from grader.catalogue import Bug

ZEROS = "g = np.zeros(x.shape)"
ENTRIES = "for k in np.ndindex(x.shape):"
UP = "        x[k] = kept + delta\n"
DOWN = "        x[k] = kept - delta\n"
BELOW = "        below = f(x)\n"
BACK = "        x[k] = kept\n"
SLOPE = "g[k] = (above - below) / (2.0 * delta)"
RETURN_G = "    return g\n"
SHAPES = "    if np.shape(a) != np.shape(n):\n        return 1.0\n"
DIFFERENCE = "difference = np.sqrt(np.sum((a - n) ** 2))"
ZERO = "    if difference == 0.0:\n        return 0.0\n"
ERROR = "return float(difference / (np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(n**2))))"
ABSENT = "        if name not in grads:\n            errors[name] = 1.0\n            continue\n"
MEASURED = "n = numerical_gradient(lambda _: f(params), x)"
COMPARED = "errors[name] = relative_error(grads[name], n)"
WRONG = "wrong = [name for name, error in errors.items() if not error <= THRESHOLD]"
BOTH = "return errors, wrong"

BUGS = [
    # --- numerical_gradient
    Bug(
        id="differences-not-halved",
        old=SLOPE,
        new="g[k] = (above - below) / delta",
        caught_by="slopes",
        says="You divide by delta; from x - delta to x + delta it is 2 delta.",
    ),
    Bug(
        id="differences-the-wrong-way-round",
        old=SLOPE,
        new="g[k] = (below - above) / (2.0 * delta)",
        caught_by="slopes",
        says="Your numerical gradient has the wrong sign: it is f(x + delta) minus f(x - delta).",
    ),
    Bug(
        id="differences-one-sided",
        old=DOWN,
        new="        x[k] = kept\n",
        also=((SLOPE, "g[k] = (above - below) / delta"),),
        caught_by="central",
        says="You measure from x to x + delta, one side only: its error is of the order of "
        "delta, that of both sides together of delta².",
    ),
    Bug(
        id="differences-one-sided-from-below",
        old=UP,
        new="        x[k] = kept + 0.0\n",
        also=((SLOPE, "g[k] = (above - below) / delta"),),
        caught_by="central",
        says="You measure from x - delta to x, one side only: take both.",
    ),
    Bug(
        id="delta-halved",
        old=UP,
        new="        x[k] = kept + delta / 2\n",
        also=(
            (DOWN, "        x[k] = kept - delta / 2\n"),
            (SLOPE, "g[k] = (above - below) / delta"),
        ),
        caught_by="delta",
        says="You move by delta / 2 either way; it is delta either way, and 2 delta in all.",
        convention=True,
    ),
    Bug(
        id="delta-ignored",
        old="    " + ZEROS,
        new="    delta = 1e-5\n    " + ZEROS,
        caught_by="delta",
        says="You use a delta of your own instead of the one that is asked for.",
    ),
    Bug(
        id="delta-too-small",
        old="def numerical_gradient(f, x, delta=1e-5):",
        new="def numerical_gradient(f, x, delta=1e-9):",
        caught_by="delta",
        says="Your usual delta is so small that rounding is all you measure; 1e-5 is right.",
    ),
    Bug(
        id="delta-too-large",
        old="def numerical_gradient(f, x, delta=1e-5):",
        new="def numerical_gradient(f, x, delta=1e-3):",
        caught_by="delta",
        says="Your usual delta is so large that curvature gets in; 1e-5 is right.",
    ),
    Bug(
        id="put-back-at-the-end-only",
        old=BACK,
        new="",
        also=(
            (ZEROS, "g, before = np.zeros(x.shape), x.copy()"),
            (RETURN_G, "    x[...] = before\n    return g\n"),
        ),
        caught_by="one_entry",
        says="You put x back after the last entry only; while an entry moves, all others have to "
        "be in their place.",
    ),
    Bug(
        id="never-put-back",
        old=BACK,
        new="",
        caught_by="one_entry",
        says="You never put an entry back, so that x ends elsewhere than it began.",
    ),
    Bug(
        id="put-back-by-adding",
        old=BACK,
        new="        x[k] += delta\n",
        caught_by="put_back",
        says="You put x back by adding delta again; (x - delta) + delta is not always x. "
        "Keep the old value and assign it.",
    ),
    Bug(
        id="moved-by-adding",
        old=UP,
        new="        x[k] += delta\n",
        also=((DOWN, "        x[k] -= 2.0 * delta\n"), (BACK, "        x[k] += delta\n")),
        caught_by="put_back",
        says="You move by += delta, -= 2 delta, += delta; each step rounds, and x is not what "
        "it was. Keep the old value and assign it.",
    ),
    Bug(
        id="gradient-flat",
        old=RETURN_G,
        new="    return g.reshape(-1)\n",
        caught_by="shapes",
        says="Your g is flat; it should have the shape of x.",
    ),
    Bug(
        id="rows-moved-as-a-whole",
        old=ENTRIES,
        new="for k in range(len(x)) if x.ndim else [()]:",
        also=(
            (BACK, "        x[k] = kept\n        kept = None\n"),
            ("kept = x[k]", "kept = x[k].copy()"),
        ),
        caught_by="shapes",
        says="You move a whole row of x at once; every single entry has a slope of its own.",
    ),
    # --- relative_error
    Bug(
        id="error-absolute",
        old=ERROR,
        new="return float(difference)",
        caught_by="error",
        says="Your error is ‖a - n‖ itself; divide it by ‖a‖ + ‖n‖, or its size says nothing.",
    ),
    Bug(
        id="error-of-one-norm",
        old=ERROR,
        new="return float(difference / np.sqrt(np.sum(n**2)))",
        caught_by="error",
        says="You divide by ‖n‖ alone; with ‖a‖ + ‖n‖ no error is above 1, whichever is zero.",
    ),
    Bug(
        id="error-of-the-larger",
        old=ERROR,
        new="return float(difference / max(np.sqrt(np.sum(a**2)), np.sqrt(np.sum(n**2))))",
        caught_by="error",
        says="You divide by the larger of the two norms; here it is their sum.",
        convention=True,
    ),
    Bug(
        id="error-of-the-worst-entry",
        old=ERROR,
        new="size = np.maximum(np.abs(a) + np.abs(n), 1e-300)\n"
        "    return float(np.max(np.abs(a - n) / size))",
        caught_by="error",
        says="Your error is that of the worst entry, where tiny entries decide; "
        "here it is one for the whole array: ‖a - n‖ / (‖a‖ + ‖n‖).",
        convention=True,
    ),
    Bug(
        id="error-not-rooted",
        old=ERROR,
        new="return float(difference**2 / (np.sum(a**2) + np.sum(n**2)))",
        caught_by="error",
        says="Your norms are not rooted: an error of 1e-3 would look like 1e-6.",
    ),
    Bug(
        id="error-of-sums",
        old=DIFFERENCE,
        new="difference = np.abs(np.sum(a - n))",
        caught_by="error",
        says="You add up the differences before you take their size, so that they cancel.",
    ),
    Bug(
        id="zero-by-zero",
        old=ZERO,
        new="",
        caught_by="zero",
        says="Two gradients of zeros give you 0/0, nan and a warning; they agree, error 0.",
    ),
    Bug(
        id="zero-by-zero-is-one",
        old=ZERO,
        new="    if difference == 0.0:\n        return 1.0 if not np.any(a) else 0.0\n",
        caught_by="zero",
        says="Your error of two gradients of zeros is 1; they agree, so it is 0.",
    ),
    Bug(
        id="error-with-a-floor",
        old=ERROR,
        new="return float(difference / (np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(n**2)) + 1e-8))",
        caught_by="scale",
        says="You add 1e-8 below the line: for gradients of that size, wrong ones look right. "
        "0/0 needs a question of its own, not a floor.",
    ),
    Bug(
        id="error-of-what-is-larger-than-a-floor",
        old=ZERO,
        new="    if difference < 1e-8:\n        return 0.0\n",
        caught_by="scale",
        says="You call a difference below 1e-8 none at all; for a small gradient it is all.",
    ),
    Bug(
        id="shapes-stretched",
        old=SHAPES,
        new="",
        caught_by="misshapen",
        says="You let NumPy stretch one gradient to the shape of the other; "
        "a gradient of another shape is wrong: error 1.",
    ),
    Bug(
        id="shapes-flattened",
        old=SHAPES,
        new="    a, n = np.ravel(a), np.ravel(n)\n    if len(a) != len(n):\n        return 1.0\n",
        caught_by="misshapen",
        says="You flatten both gradients first, so that (4, 1) passes for (4,); "
        "whoever adds it to a parameter gets (4, 4).",
    ),
    # --- check_gradients
    Bug(
        id="only-the-first-parameter",
        old=COMPARED,
        new=COMPARED + "\n        break",
        caught_by="errors",
        says="Your check_gradients looks at the first parameter only.",
    ),
    Bug(
        id="errors-by-order",
        old=COMPARED,
        new="errors[name] = relative_error(list(grads.values())[list(params).index(name)], n)",
        also=((ABSENT, ABSENT.replace("name not in grads", "len(errors) >= len(grads)")),),
        caught_by="errors",
        says="You pair gradients and parameters by their order; a dict pairs by name.",
    ),
    Bug(
        id="errors-worst-for-all",
        old=BOTH,
        new="return dict.fromkeys(errors, max(errors.values())), wrong",
        caught_by="errors",
        says="You give every parameter the worst error of all; each has its own.",
    ),
    Bug(
        id="threshold-one-hundredth",
        old=WRONG,
        new=WRONG.replace("THRESHOLD", "1e-2"),
        caught_by="fine",
        says="You let errors up to 1e-2 pass; a right gradient in float64 is below THRESHOLD.",
    ),
    Bug(
        id="threshold-one",
        old=WRONG,
        new=WRONG.replace("THRESHOLD", "0.99"),
        caught_by="flags",
        says="You let errors up to 1 pass; by far most wrong gradients are below that.",
    ),
    Bug(
        id="threshold-too-strict",
        old=WRONG,
        new=WRONG.replace("THRESHOLD", "1e-11"),
        caught_by="passes",
        says="You demand more than central differences can give: right gradients differ by 1e-9.",
    ),
    Bug(
        id="all-or-nothing",
        old=BOTH,
        new="return errors, list(params) if wrong else []",
        caught_by="flags",
        says="You accuse all parameters as soon as one is wrong; "
        "a checker is worth most where it says which.",
    ),
    Bug(
        id="the-others-are-wrong",
        old=WRONG,
        new=WRONG.replace("not error <=", "error <="),
        caught_by="passes",
        says="Your `wrong` lists the gradients that are right.",
    ),
    Bug(
        id="nan-passes",
        old=WRONG,
        new=WRONG.replace("not error <= THRESHOLD", "error > THRESHOLD"),
        caught_by="odd",
        says="nan > THRESHOLD is False, so a gradient of nan passes; "
        "ask for what is right instead: not error <= THRESHOLD.",
    ),
    Bug(
        id="missing-is-ignored",
        old=ABSENT,
        new="        if name not in grads:\n            continue\n",
        caught_by="odd",
        says="A parameter without a gradient is not looked at; it is wrong, with error 1.",
    ),
    Bug(
        id="params-moved-by-adding",
        old=MEASURED,
        new="n = np.zeros(x.shape)\n"
        "        for k in np.ndindex(x.shape):\n"
        "            x[k] += 1e-5\n"
        "            n[k] = f(params)\n"
        "            x[k] -= 2e-5\n"
        "            n[k] = (n[k] - f(params)) / 2e-5\n"
        "            x[k] += 1e-5",
        caught_by="params_back",
        says="Your check_gradients moves params by += and -=, which rounds; your "
        "numerical_gradient puts them back, so let it do the moving.",
    ),
    # --- precision
    Bug(
        id="gradient-in-float32",
        old=ZEROS,
        new="g = np.zeros(x.shape, np.float32)",
        caught_by="precision",
        says="Your g is float32; what is to be compared to nine digits has to be float64.",
    ),
]
