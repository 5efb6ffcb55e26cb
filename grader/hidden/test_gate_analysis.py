"""Rubric: gate analysis (25 points).

Statistics are asked of planted activations: which unit is closed, which one
reacts. Gradients are measured, with all sizes different and dense weights, one
criterion per cell. Whoever's earlier backward has a slip, paid for there, may
hand in the curve that it gives. Of the figures the data are compared: in any
orientation, with any bins; what cannot be told goes to the instructor.
"""

from contextlib import contextmanager

import numpy as np

from grader.byhand import Line, short
from grader.calls import SCRATCH, Made, Returned
from grader.drawing import drawing
from grader.expect import (
    Lost,
    Review,
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.figures import (
    expect_colorbar,
    expect_figure,
    expect_histogram,
    expect_images,
    expect_labels,
    expect_legend,
    expect_lines,
    expect_saved,
    expect_share,
)
from grader.model import Plot, Where
from grader.plotting import series
from grader.pytest_plugin import picture, points
from grader.sandbox.student import StudentError

RETURNS = {
    "gate_activations": "activations",
    "gate_statistics": "statistics",
    "saturated_fraction": "share",
    "memory_timescale": "tau",
    "direct_memory": "memory",
    "event_response": "response",
    "gradient_by_lag": "curve",
    "plot_gates": "@figure",
    "plot_gradient_flow": "@figure",
    "plot_saturation": "@figure",
    # earlier exercises
    "lstm_forward": "Hout cn hn *cache",
    "lstm_backward": "dX dW dc0 dh0",
    "rnn_forward": "Hout hn *cache",
    "rnn_backward": "dX dW dh0",
    "gru_forward": "Hout hn *cache",
    "gru_backward": "dX dW dh0",
}

BLOCKS = {"lstm": 4, "rnn": 1, "gru": 3}


def marked(T, B):
    """Mark every other step, beginning with the first."""
    return np.broadcast_to(np.arange(T)[:, None] % 2 == 0, (T, B)).copy()


def timescale_by_hand(f):
    """Work out τ = -1 / ln f."""
    f = f[0]
    if f < 1:
        tau = short(-1 / np.log(f))
        yield Line("tau", "", f"-1 / ln {short(f)} = -1 / ({short(np.log(f))}) = {tau}")


NO_EXAMPLE = {
    **dict.fromkeys(
        ("gates_drawn", "gates_dressed", "flow_drawn", "flow_scale", "saturation_drawn",
         "saturation_words", "saved"),
        "a figure is looked at",
    ),
    "slopes": "many random networks are measured",
}  # fmt: skip

EXAMPLES = {
    "gate_activations": Family(
        names="X W c0 h0",
        optional="c0 h0",
        make=lambda draw, T, B, D, H: (
            draw(T, B, D), draw(1 + D + H, 4 * H), draw(B, H), draw(B, H)
        ),
    ),
    "gate_statistics": Family(
        names="gate low high",
        make=lambda draw, T, B, H: (draw.shares(T, B, H),),
        also=((np.array([[[0.05]], [[0.1]], [[0.95]], [[0.9]]]),), (np.array([[[0.5]]]), 0.6, 0.7)),
    ),
    "saturated_fraction": Family(
        names="gate low high",
        make=lambda draw, T, B, H: (draw.shares(T, B, H),),
        also=(
            (np.array([0.01]),), (np.array([0.99]),), (np.array([0.05]),), (np.array([0.95]),),
            (np.array([0.5]), 0.6, 0.7), (np.array([0.5]), 0.3, 0.4),
        ),
    ),
    "memory_timescale": Family(
        names="f", make=lambda draw, H: (draw.shares(H),), also=((np.array([1.0]),),),
        kept="f",
        by_hand=timescale_by_hand,
    ),
    "direct_memory": Family(
        names="f start stop",
        make=lambda draw, T, B, H, start, stop: (draw.shares(T + 2, B, H), start, stop),
        kinds=tuple({"start": a, "stop": b} for a, b in ((0, 1), (1, 2), (0, 2), (1, 1))),
        also=((np.array([[[0.0]], [[0.5]]]), 0, 1),),
    ),
    "event_response": Family(
        names="gate events",
        make=lambda draw, T, B, H: (draw.shares(T + 1, B, H), marked(T + 1, B)),
    ),
    "gradient_by_lag": Family(
        names="X W cell",
        make=lambda draw, T, B, D, H, cell: (
            draw(T, B, D), draw(1 + D + H, BLOCKS[cell] * H), cell
        ),
        kinds=tuple({"cell": cell} for cell in BLOCKS),
    ),
}  # fmt: skip

#: Measured by benchmarks/gradient_flow.py: worst of 5,000 draws -0.119 and -0.017.
FALLS, STAYS = -0.08, -0.04


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 4H), c0 and h0 (B, H)."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def network(rng, cell, T=6, B=2, D=3, H=4):
    """Draw X (T, B, D) and W for a cell."""
    return rng.standard_normal((T, B, D)), 0.7 * rng.standard_normal((1 + D + H, BLOCKS[cell] * H))


def planted(rng, T=9, B=3, H=5):
    """Draw a gate (T, B, H) with a unit that is always closed and one always open.

    Which ones is drawn too; a few values sit exactly on the usual thresholds.
    """
    gate = rng.uniform(0.0, 1.0, (T, B, H))
    closed, is_open = rng.permutation(H)[:2]
    gate[..., closed] *= 0.05
    gate[..., is_open] = 0.95 + 0.05 * gate[..., is_open]
    for t, edge in enumerate((0.05, 0.1, 0.9, 0.95)):
        gate[t, :, :] = np.where(rng.uniform(size=(B, H)) < 0.4, edge, gate[t, :, :])
    return gate


def drawn(rng, T=7, B=3, H=4):
    """Draw what gate_activations could have returned."""
    gates = {key: rng.uniform(0.02, 0.98, (T, B, H)) for key in "ifo"}
    return gates | {key: 1.5 * rng.standard_normal((T, B, H)) for key in "gch"}


def skewed(rng, T=6, B=3, H=5):
    """Draw gate values of which between a fifth and a third are saturated."""
    gate = rng.uniform(0.06, 0.94, (T, B, H))
    count = int(rng.integers(gate.size // 5, gate.size // 3))
    where = rng.permutation(gate.size)[:count]
    # three in four of them closed, so that one side alone is another share
    gate.flat[where] = np.where(np.arange(count) % 4, 0.04, 0.96) + rng.uniform(
        -0.009, 0.009, count
    )
    return gate


def compare(student, reference, function, cases, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    answers = zip(student.each(function, cases), reference.each(function, cases), strict=True)
    for got, want in answers:
        expect_close(got, want, **options)


def entries(seen, *keys):
    """Take some entries of the one dict a function returns."""
    return Returned(names=seen.names, values=({key: seen[0][key] for key in keys},))


@contextmanager
def or_own(second_chance):
    """Let numbers that the student's own earlier work explains count as right.

    A slip in an earlier exercise is paid for there.
    """
    try:
        yield
    except Lost as lost:
        try:
            second_chance()
        except (Lost, StudentError):
            raise lost from None


def own_curve(student, X, W, cell):
    """Measure a curve with the student's own forward and backward, suffix by suffix."""
    T, B, D = X.shape
    H = W.shape[0] - 1 - D
    runs = student.each(f"{cell}_forward", [((X[: t + 1], W), {}) for t in range(T - 1)])
    cases = []
    for t, run in enumerate(runs):
        states = tuple(expect_shape(state, "state", (B, H)) for state in run.values[1:-1])
        args = (X[t + 1 :], W, *states)
        cache = Made(function=f"{cell}_forward", args=args, kwargs={}, position=1 + len(states))
        loss = np.zeros((T - 1 - t, B, H))
        loss[-1] = 1.0
        cases.append(((loss, cache), {}))
    answers = student.each(f"{cell}_backward", cases)
    norms = [np.linalg.norm(expect_shape(seen.dh0, "dh0", (B, H))) for seen in answers]
    curve = np.array([*norms, np.sqrt(B * H)])
    expect((curve > 0).all(), "your own backward gives no curve")
    return Returned(names=("curve",), values=(curve,))


def expect_curve(student, reference, X, W, cell):
    """Expect the right curve, or the one that the student's own backward gives."""
    got = student.gradient_by_lag(X, W, cell)
    with or_own(lambda: expect_close(got, own_curve(student, X, W, cell))):
        expect_close(got, reference.gradient_by_lag(X, W, cell))


# --- what the gates did ---------------------------------------------------------


@points(2)
def test_gates(student, reference, rng):
    """One step: i, f, o after σ and g after tanh, each (T, B, H), under its own name"""
    X, W, c0, h0 = sequences(rng, T=1, B=3)
    want = reference.gate_activations(X, W, c0, h0)
    expect_close(student.gate_activations(X, W, c0, h0), entries(want, *"ifog"))


@points(1)
def test_states(student, reference, rng):
    """All six at every step, from c0 and h0, or from zeros when they are left out"""
    X, W, c0, h0 = sequences(rng, T=5)
    cases = [((X, W, c0, h0), {}), ((X, W), {})]
    asked = (who.each("gate_activations", cases) for who in (student, reference))
    for (case, _), got, want in zip(cases, *asked, strict=True):
        with or_own(lambda got=got, case=case: expect_close(got, own_states(student, case))):
            expect_close(got, want)


def own_states(student, case):
    """Find c and h with the student's own lstm_forward, step by step."""
    X, *rest = case
    runs = student.each("lstm_forward", [((X[: t + 1], *rest), {}) for t in range(len(X))])
    expect_depends(runs[-1], "Hout")
    cells = [expect_shape(run.cn, "cn", runs[-1].Hout.shape[1:]) for run in runs]
    states = {"h": runs[-1].Hout, "c": np.array(cells)}
    return Returned(names=("activations",), values=(states,))


@points(2)
def test_mean_std(student, reference, rng):
    """Per unit, over all steps and sequences: "mean" and "std", each (H,)"""
    gate = planted(rng)
    want = entries(reference.gate_statistics(gate), "mean", "std")
    expect_close(student.gate_statistics(gate), want)


@points(1)
def test_open_closed(student, reference, rng):
    """The planted units are found: "closed" and "open", shares below low and above high, (H,)"""
    gate = planted(rng)
    cases = [((gate,), {}), ((gate,), {"low": 0.3, "high": 0.6})]
    asked = (who.each("gate_statistics", cases) for who in (student, reference))
    for got, want in zip(*asked, strict=True):
        expect_close(got, entries(want, "closed", "open"))


@points(1)
def test_saturated(student, reference, rng):
    """The share of all values below low or above high; a value on the limit does not count"""
    gate = planted(rng)
    cases = [((gate,), {}), ((gate[0],), {"low": 0.2, "high": 0.7}), ((skewed(rng),), {})]
    compare(student, reference, "saturated_fraction", cases)


@points(1)
def test_timescale(student, reference, rng):
    """τ = -1 / ln f, for an array of any shape"""
    cases = [((rng.uniform(0.05, 0.999, shape),), {}) for shape in ((6,), (3, 2), (4, 2, 3))]
    compare(student, reference, "memory_timescale", cases)


@points(1, needs=test_timescale)
def test_timescale_of_one(student, rng):
    """f = 1 forgets nothing: τ = inf, without a warning from NumPy"""
    f = rng.uniform(0.2, 0.9, 5)
    f[3] = 1.0
    got = student.memory_timescale(f)
    tau = expect_shape(got.tau, "tau", (5,))
    expect(not np.isnan(tau).any(), "tau holds NaN", Where(output="tau"))
    where = Where(output="tau", index=(3,))
    expect(tau[3] == np.inf, f"f = 1 gives tau = {tau[3]:.3g}, expected inf", where)
    expect_finite(np.delete(tau, 3), "tau")
    expect_quiet(got, "memory_timescale(f)")


@points(1)
def test_direct(student, reference, rng):
    """f_{start+1} ⊙ ... ⊙ f_stop, each (B, H); nothing between start = stop, so ones"""
    f = rng.uniform(0.3, 0.95, (7, 2, 3))
    cases = [((f, 1, 5), {}), ((f, 0, 6), {}), ((f, 2, 3), {}), ((f, 4, 4), {})]
    # a gate that has shut altogether, before the stretch and within it
    shut = f.copy()
    shut[1, 0, 1] = shut[4, 1, 2] = 0.0
    cases += [((shut, 2, 5), {}), ((shut, 1, 3), {})]
    compare(student, reference, "direct_memory", cases)


@points(1)
def test_events(student, reference, rng):
    """The planted unit is found: mean at the events minus mean elsewhere, (H,)"""
    T, B, H = 9, 3, 5
    gate = rng.uniform(0.3, 0.5, (T, B, H))
    events = rng.uniform(size=(T, B)) < 0.3
    events[1, 0], events[2, 0], events[2, 2] = True, False, True
    unit = int(rng.integers(H))
    gate[events, unit] += 0.4
    gate[events, (unit + 1) % H] -= 0.25
    got, want = (who.event_response(gate, events) for who in (student, reference))
    expect_close(got, want)


# --- gradients, measured ----------------------------------------------------------


@points(3)
def test_gradient_lstm(student, reference, rng):
    """LSTM: entry t is the norm of ∂L/∂h_t with c_t held fixed, entry T-1 is sqrt(B·H)"""
    expect_curve(student, reference, *network(rng, "lstm"), "lstm")
    # a cell that remembers, so that every step back is seen
    X, W = network(rng, "lstm", T=24, B=1, D=2, H=2)
    W[0, 2:4] += 4.0
    expect_curve(student, reference, X, W, "lstm")


@points(1)
def test_gradient_rnn(student, reference, rng):
    """RNN: the same, back-propagated by your rnn_backward"""
    expect_curve(student, reference, *network(rng, "rnn", T=5, B=3, H=2), "rnn")


@points(1)
def test_gradient_gru(student, reference, rng):
    """GRU: the same, back-propagated by your gru_backward"""
    expect_curve(student, reference, *network(rng, "gru", T=5, B=3, D=2), "gru")


@points(1, needs=(test_gradient_lstm, test_gradient_rnn), diagnosed=False)
def test_slopes(student, rng):
    """Over lags 10 to 60 a young RNN's gradient falls; an LSTM's with forget bias 3 does not"""
    T, D, H = 61, 5, 32
    lags, slope = np.arange(10, 61), {}
    for cell in ("rnn", "lstm"):
        W = rng.uniform(-1.0, 1.0, (1 + D + H, BLOCKS[cell] * H)) / np.sqrt(H)
        if cell == "lstm":
            W[0, H : 2 * H] += 3.0
        got = student.gradient_by_lag(rng.standard_normal((T, 1, D)), W, cell)
        curve = expect_shape(got.curve, "curve", (T,), "(T,)")
        expect_finite(curve, "curve")
        positive = bool((curve > 0).all())
        expect(positive, f"the {cell} curve is zero at some lag", Where(output="curve"))
        slope[cell] = np.polyfit(lags, np.log10(curve[::-1][lags]), 1)[0]
    where = Where(output="curve")
    says = "per step back, log10 of the {} curve changes by {:+.3f}; measured, it {}"
    fell = says.format("RNN's", slope["rnn"], f"falls by more than {-FALLS}")
    expect(slope["rnn"] < FALLS, fell, where)
    stayed = says.format("LSTM's", slope["lstm"], f"stays above {STAYS}")
    expect(slope["lstm"] > STAYS, stayed, where)


# --- figures ------------------------------------------------------------------------


def look(student, function, data, check):
    """Check a figure by its data; only where they cannot be told, look at its pixels."""
    try:
        check(expect_figure(getattr(student, function)(data).figure, function))
    except Review:
        check(expect_figure(student.drawn(function, data), function))


@points(2)
def test_gates_drawn(student, same_rng):
    """plot_gates: heat maps show i, f, o and c of batch row 0, every step and unit"""
    activations = drawn(same_rng)
    instead = {"the hidden state h": activations["h"][:, 0]}
    for key in "ifoc":
        instead[f"another row of the batch ({key})"] = activations[key][:, 1]
        instead[f"the mean over the batch ({key})"] = activations[key].mean(axis=1)
        instead[f"step 0 of all sequences ({key})"] = activations[key][0]
    wanted = {key: activations[key][:, 0] for key in "ifoc"}
    look(student, "plot_gates", activations, lambda figure: expect_images(figure, wanted, instead))


@points(1, needs=test_gates_drawn)
def test_gates_dressed(student, same_rng):
    """plot_gates: the axes are labelled, and a colour bar gives the scale"""
    figure = expect_figure(student.plot_gates(drawn(same_rng)).figure, "plot_gates")
    expect_labels(figure)
    expect_colorbar(figure)


def curves(rng):
    """Draw two curves that fall by decades."""
    falls = np.sort(rng.uniform(-5.0, 0.0, 9))
    stays = rng.uniform(-1.0, 0.5, 9)
    return {"tanh network": 10.0**falls, "gated network": 10.0**stays}


@points(1)
def test_flow_drawn(student, same_rng):
    """plot_gradient_flow: every curve is a line in the figure, and the axes are labelled"""
    given = curves(same_rng)

    def check(figure):
        expect_lines(figure, given)
        expect_labels(figure)

    look(student, "plot_gradient_flow", given, check)


@points(1, needs=test_flow_drawn)
def test_flow_scale(student, same_rng):
    """plot_gradient_flow: the scale is logarithmic, and a legend names the curves"""
    given = curves(same_rng)
    where = Where(output="figure")

    def check(figure):
        for line in expect_lines(figure, given).values():
            scale = line.axes["yscale"]
            if line.logarithm:
                message = "logarithms are drawn on a logarithmic axis: once is enough"
                expect(scale == "linear", message, where)
            else:
                message = f"the vertical axis is {scale}, not logarithmic"
                expect(scale in {"log", "symlog"}, message, where)
        expect_legend(figure, list(given))

    look(student, "plot_gradient_flow", given, check)


@points(1)
def test_saturation_drawn(student, same_rng):
    """plot_saturation: a histogram of all values of the gate"""
    gate = skewed(same_rng)
    look(student, "plot_saturation", gate, lambda figure: expect_histogram(figure, gate))


@points(1)
def test_saturation_words(student, reference, same_rng):
    """plot_saturation: its share of saturated values stands in words, and the axes are labelled"""
    gate = skewed(same_rng)
    figure = expect_figure(student.plot_saturation(gate).figure, "plot_saturation")
    expect_share(figure, reference.saturated_fraction(gate).share, gate.size)
    expect_labels(figure)


@points(1)
def test_saved(student, rng):
    """All three save a picture when they are given a path"""
    gate = skewed(rng, T=4, B=2, H=3)
    for function, data in (
        ("plot_gates", drawn(rng, T=3, B=2, H=2)),
        ("plot_gradient_flow", curves(rng)),
        ("plot_saturation", gate),
    ):
        figure = getattr(student, function)(data, path=SCRATCH).figure
        expect_saved(expect_figure(figure, function), function)


# --- what the student sees ------------------------------------------------------------


def public():
    """Make gates anybody may see: some units wide open, some shut, one that reacts."""
    T, B, H = 24, 2, 6
    t, unit = np.arange(T)[:, None, None], np.arange(H)
    wave = np.sin(0.5 * t + unit + 0.4 * np.arange(B)[:, None])
    gates = {
        key: 1.0 / (1.0 + np.exp(-4.0 * wave - shift))
        for key, shift in zip("ifo", (0, 3, -1), strict=True)
    }
    cells = np.cumsum(0.3 * wave, axis=0)
    return gates | {"g": wave, "c": cells, "h": gates["o"] * np.tanh(cells)}


@picture
def picture_gates(student):
    """Show what plot_gates draws of public numbers."""
    caption = "Made-up gates, the same for everybody; this is what your function drew."
    return drawing("Your plot_gates", caption, student.drawn("plot_gates", public()))


@picture
def picture_saturation(student):
    """Show what plot_saturation draws of public numbers."""
    caption = "The forget gate of the picture before."
    return drawing("Your plot_saturation", caption, student.drawn("plot_saturation", public()["f"]))


@picture
def picture_lags(student):
    """Draw how far the gradient of either cell reaches back, on public weights."""
    rng = np.random.default_rng(1997)
    T, D, H = 41, 3, 8
    X = rng.standard_normal((T, 1, D))
    shown = []
    for cell, name in (("lstm", "LSTM"), ("rnn", "RNN")):
        W = rng.uniform(-1.0, 1.0, (1 + D + H, BLOCKS[cell] * H)) / np.sqrt(H)
        if cell == "lstm":
            W[0, H : 2 * H] += 3.0
        curve = expect_shape(student.gradient_by_lag(X, W, cell).curve, "curve", (T,), "(T,)")
        shown.append(series(name, None, curve[::-1]))
    return Plot(
        title="How far a gradient reaches back",
        caption="Measured with your own backward functions, before any training. "
        "What has fallen to 1e-6 teaches nothing.",
        x_label="steps back from the last",
        y_label="size of the gradient of h, logarithmic",
        series=tuple(shown),
        logarithmic=True,
    )
