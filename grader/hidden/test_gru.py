"""Rubric: GRU (25 points).

Probes have sizes that all differ, non-zero initial states and dense weights. A
gradient is asked of one step first, then of several: a GRU that loses its
state between steps is right for T = 1. Gradients are always those of
`reference.gru_backward`, so that a wrong forward can be differentiated instead.
"""

from pathlib import Path

import numpy as np

from grader.byhand import Line, one, product, short, squashed
from grader.calls import Made, Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradients,
    expect_precise,
    expect_present,
    expect_shape,
)
from grader.families import Digits, Family
from grader.gradients import Gradient
from grader.model import BlockMap, Plot, Where
from grader.numerics import DELTA, numerical_gradient, relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points
from grader.sandbox.protocol import Seed

RETURNS = {
    "sigmoid": "s",
    "init_gru": "W",
    "gru_forward": "Hout hn *cache",
    "gru_backward": "dX dW dh0",
    "gru_forward_after": "Hout hn *cache",
    "to_torch_gru": "weights",
    "count_parameters": "count",
}

GRADIENTS = {
    "gru_backward": Gradient(
        of="gru_forward", given="dHout cache dhn", values=("forward_step", "sequence")
    )
}

ROWS, GATES = ("bias", "input", "recurrent"), "zrn"
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "z": "the update gate", "r": "the reset gate", "n": "the candidate",
}  # fmt: skip


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 3H) and h0 (B, H)."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 3 * H))
    return X, W, rng.standard_normal((B, H))


def upstream(rng, T=4, B=2, D=5, H=3):
    """Draw dHout (T, B, H) and dhn (B, H), after a sequence to go with them."""
    case = sequences(rng, T, B, D, H)
    return case, rng.standard_normal((T, B, H)), rng.standard_normal((B, H))


def cache_of(case):
    """Say how the cache of a run over X, W, h0 is made."""
    return Made(function="gru_forward", args=tuple(case), kwargs={}, position=2)


def blocks_of(D, H):
    """Divide W (R, 3H) into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def run(student, X, W, *h0):
    """Ask for a whole run, and expect arrays of the right shapes."""
    seen = student.gru_forward(X, W, *h0)
    (T, B, _), H = X.shape, W.shape[1] // 3
    for name, shape in (("Hout", (T, B, H)), ("hn", (B, H))):
        expect_finite(expect_shape(seen[name], name, shape), name)
    return seen


def part(seen, *indices):
    """Take Hout and hn of a larger run at the given indices."""
    values = [seen[name][index] for name, index in zip(("Hout", "hn"), indices, strict=True)]
    return Returned(names=("Hout", "hn"), values=tuple(values))


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def compare_gradients(student, reference, cases, *names, **options):
    """Expect gru_backward to answer all cases as the reference does; one request."""
    calls = [((dHout, cache_of(case), *dhn), {}) for case, dHout, *dhn in cases]
    answers = zip(
        student.each("gru_backward", calls), reference.each("gru_backward", calls), strict=True
    )
    for (case, *_), (got, want) in zip(cases, answers, strict=True):
        blocks = {"dW": blocks_of(case[0].shape[2], case[2].shape[1])}
        expect_gradients(got, want, *names, blocks=blocks, called=CALLED, **options)


def begun_later(student, reference, case, dHout):
    """Go back over ever more steps: the last one, the last two, and so on."""
    X, W, h0 = case
    steps = range(len(X) - 1, -1, -1)

    def since():
        before = reference.each("gru_forward", [((X[:t], W, h0), {}) for t in steps if t])
        states = [*(expect_shape(seen.hn, "hn", h0.shape) for seen in before), h0]
        calls = [
            ((dHout[t:], cache_of((X[t:], W, h))), {}) for t, h in zip(steps, states, strict=True)
        ]
        answers = (asked.each("gru_backward", calls) for asked in (student, reference))
        return zip(steps, *answers, strict=True)

    return since


def frozen(run_of):
    """Read one of the frozen PyTorch runs: name -> array."""
    with np.load(Path(__file__).parent / "witness" / "gru.npz") as arrays:
        prefix = f"{run_of}_"
        return {k.removeprefix(prefix): arrays[k] for k in arrays if k.startswith(prefix)}


def chosen(values, *names):
    """Take some of many named values, in this order."""
    return Returned(names=names, values=tuple(values[name] for name in names))


# --- the smallest failing examples ---------------------------------------------


def run_of(draw, T, B, D, H):
    """Make X, W and h0."""
    return draw(T, B, D), draw(1 + D + H, 3 * H), draw(B, H)


def run_after(draw, T, B, D, H):
    """Make X, W, b_hn and h0."""
    X, W, h0 = run_of(draw, T, B, D, H)
    return X, W, draw(H), h0


def by_hand(X, W, h0, candidate):
    """Work out one step of one number; candidate: what n is made of, given r."""
    x, h = one(X), one(h0)
    gates = {}
    for gate, (b, w_x, w_h) in zip("zr", W.T[:2], strict=True):
        line, gates[gate] = squashed(gate, [(b,), (x, w_x), (h, w_h)], "σ")
        yield line
    z, r = gates["z"], gates["r"]
    line, n = squashed("n", candidate(x, h, r, *W[:, 2]), "tanh", uses="r")
    yield line
    new = (1 - z) * h + z * n
    kept, gained = product(1 - z, h), product(z, n)
    text = f"h = (1 - z)·h_prev + z·n = {kept} + {gained} = {short(new)}"
    yield Line("h hn Hout", "z n", text)


def before_by_hand(X, W, h0=None):
    """Work out gru_forward for T = B = D = H = 1."""
    return by_hand(X, W, h0, lambda x, h, r, b, w_x, w_h: [(b,), (x, w_x), (r, h, w_h)])


def after_by_hand(X, W, b_hn, h0=None):
    """Work out gru_forward_after for T = B = D = H = 1."""
    return by_hand(
        X, W, h0, lambda x, h, r, b, w_x, w_h: [(b,), (x, w_x), (r, h * w_h + one(b_hn))]
    )


NO_EXAMPLE = {
    "init_weights": "weights are drawn, in any order",
    "torch_biases": "biases may be shared out in any way, so no single number is right",
    "precision": "the numbers are right, in too few digits",
}

EXAMPLES = {
    # the bias row is the only one that is not drawn
    "init_gru": Family(names="D H rng", also=((1, 1, Seed(0)), (2, 1, Seed(0))), rows=1),
    "gru_forward": Family(names="X W h0", optional="h0", make=run_of, by_hand=before_by_hand),
    "gru_forward_after": Family(
        names="X W b_hn h0", optional="h0", make=run_after, by_hand=after_by_hand
    ),
    "gru_backward": Family(
        names="dHout cache dhn",
        optional="dhn",
        make=lambda draw, T, B, D, H: (
            draw(T, B, H), cache_of(run_of(draw, T, B, D, H)), draw(B, H)
        ),
        # a loud loss: no gradient is clipped here
        also=((np.full((2, 1, 1), 1000.0), cache_of(run_of(Digits(), 2, 1, 1, 1))),),
    ),
    "to_torch_gru": Family(
        names="W b_hn",
        make=lambda draw, D, H: (draw(1 + D + H, 3 * H), draw(H)),
        # how the biases of r and z are shared is everybody's own affair
        judged='weights["weight_ih"] weights["weight_hh"]',
    ),
    "count_parameters": Family(
        names="D H cell",
        make=lambda _, D, H, cell: (D, H, cell),
        kinds=tuple({"cell": cell} for cell in ("rnn", "lstm", "gru")),
    ),
}  # fmt: skip


# --- before any step ------------------------------------------------------------


@points(1)
def test_init_weights(student, seed):
    """Weights are standard normal / sqrt(D + H), and the bias row is zero"""
    D, H = 60, 40
    W = expect_shape(student.init_gru(D, H, seed).W, "W", (1 + D + H, 3 * H), "(R, 3H)")
    expect_finite(W, "W")
    for rows, weights in (("input", W[1 : 1 + D]), ("recurrent", W[1 + D :])):
        with np.errstate(over="ignore", invalid="ignore"):  # whatever a student draws
            spread = float(weights.std() * np.sqrt(D + H))
        message = f"the {rows} weights spread {spread:.3g} / sqrt(D + H); it should be 1"
        expect(0.9 < spread < 1.1, message, Where(output="W", block=rows))
        tails = float(np.mean(np.abs(weights) * np.sqrt(D + H) > 2 * spread))
        message = f"{tails:.1%} of the {rows} weights are beyond two sigma; a normal has 4.6 %"
        expect(0.025 < tails < 0.07, message, Where(output="W", block=rows))
    # where a row more or less makes a difference
    few = student.each("init_gru", [((1, 1, Seed(seed.entropy + k)), {}) for k in range(300)])
    small = np.array([expect_shape(seen.W, "W", (3, 3))[1:] for seen in few])
    expect_finite(small, "W")
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(small.std() * np.sqrt(2.0))
    message = f"for D = H = 1 the weights spread {spread:.3g} / sqrt(D + H); it should be 1"
    expect(0.9 < spread < 1.1, message, Where(output="W"))
    again, other = (student.init_gru(D, H, s).W for s in (seed, Seed(seed.entropy + 1)))
    expect(np.array_equal(again, W), "the same rng gives other weights; draw from rng only")
    expect(not np.array_equal(other, W), "another rng gives the same weights; draw from rng")
    gates = np.split(W[1:], 3, axis=1)
    alike = any(np.array_equal(a, b) for k, a in enumerate(gates) for b in gates[:k])
    expect(not alike, "two blocks start with the same weights; draw for each", Where(output="W"))
    message = f"the bias row is not zero; its first entry is {W[0, 0]:.3g}"
    expect(not W[0].any(), message, Where(output="W", block="bias"))


@points(1)
def test_count_parameters(student, reference):
    """The GRU's W has three quarters of the LSTM's entries, biases included"""
    for cell in ("rnn", "lstm", "gru"):
        cases = [(D, H, cell) for D, H in ((5, 7), (64, 128))]
        compare(student, reference, "count_parameters", cases, "count", tolerance=1e-9,
                instead=f"for {cell!r} expected")  # fmt: skip


# --- forward: reset before the product --------------------------------------------


@points(1)
def test_shapes(student, rng):
    """Returns Hout (T, B, H) and hn (B, H), all finite, and a cache"""
    T, B, H = 4, 2, 5
    X, W, _ = sequences(rng, T=T, B=B, H=H)
    got = student.gru_forward(X, W)
    expect_present(got.cache, "gru_forward returned 2 values: the cache is missing")
    for name, shape, letters in (("Hout", (T, B, H), "(T, B, H)"), ("hn", (B, H), "(B, H)")):
        expect_finite(expect_shape(got[name], name, shape, letters), name)
    expect_depends(got, "Hout")


@points(2)
def test_forward_step(student, reference, rng):
    """One step: h_1 = (1 - z) ⊙ h_0 + z ⊙ n, where n sees r ⊙ h_0"""
    X, W, h0 = sequences(rng, T=1, B=3)
    cases = [(X, W, h0), (0 * X, W, h0), (X, W, 0 * h0)]
    compare(student, reference, "gru_forward", cases, "hn")


@points(2)
def test_sequence(student, reference, rng):
    """From zero states: every step of Hout, and the last hn"""
    # without h0, so that what goes wrong with it is charged above only
    cases = [sequences(rng, T=6, B=2)[:2], sequences(rng, T=3, B=4, D=2, H=6)[:2]]
    compare(student, reference, "gru_forward", cases)


@points(1, needs=(test_forward_step, test_sequence))
def test_initial_state(student, rng):
    """h0 starts the recurrence: two chunks equal the whole; left out, it is zeros"""
    X, W, h0 = sequences(rng, T=5)
    whole = run(student, X, W, h0)
    expect_depends(whole, "Hout")
    first = run(student, X[:2], W, h0)
    second = run(student, X[2:], W, first.hn)
    expect_close(second, part(whole, np.s_[2:], ...), instead="in one call")
    zeros = run(student, X, W, 0 * h0)
    expect_close(run(student, X, W), part(zeros, ..., ...), instead="from zeros")


@points(1, needs=(test_forward_step, test_sequence))
def test_gates(student, rng):
    """z = 0 copies h_{t-1}; z = 1 makes a plain RNN, and with r = 0 no past at all"""
    T, B, D, H = 6, 2, 3, 5
    X, W, h0 = sequences(rng, T, B, D, H)
    keep, plain, fresh = W.copy(), W.copy(), W.copy()
    keep[0, :H] = -50.0
    plain[0, : 2 * H] = 50.0
    fresh[0, :H], fresh[0, H : 2 * H] = 50.0, -50.0
    expect_depends(run(student, X, W, h0), "Hout")
    copied = Returned(names=("Hout",), values=(np.broadcast_to(h0, (T, B, H)),))
    expect_close(run(student, X, keep, h0), copied, instead="with z = 0, h0 stays")
    h, hidden = h0, []
    for x in X:
        h = np.tanh(np.hstack([np.ones((B, 1)), x, h]) @ W[:, 2 * H :])
        hidden.append(h)
    rnn = Returned(names=("Hout",), values=(np.array(hidden),))
    expect_close(run(student, X, plain, h0), rnn, instead="with z = 1 and r = 1, a plain RNN gives")
    alone = np.tanh(W[0, 2 * H :] + X @ W[1 : 1 + D, 2 * H :])
    memoryless = Returned(names=("Hout",), values=(alone,))
    expect_close(
        run(student, X, fresh, h0), memoryless, instead="with z = 1 and r = 0, x_t alone gives"
    )


@points(1, needs=(test_forward_step, test_sequence))
def test_rows_and_sizes(student, rng):
    """Rows of the batch do not mix; T = 1, B = 1, D = 1 and H = 1 work too"""
    X, W, _ = sequences(rng, T=4, B=3)
    whole = run(student, X, W)
    expect_depends(whole, "Hout")
    order = [2, 0, 1]
    shuffled = run(student, X[:, order], W)
    expect_close(shuffled, part(whole, np.s_[:, order], order), instead="in another order of rows")
    row = run(student, X[:, 1:2], W)
    expect_close(row, part(whole, np.s_[:, 1:2], np.s_[1:2]), instead="in the batch")
    for sizes in ({"T": 1}, {"D": 1}, {"H": 1}):
        run(student, *sequences(rng, **sizes)[:2])


# --- backward -----------------------------------------------------------------------


@points(2)
def test_backward_weights(student, reference, rng):
    """One step back: dW, in its three rows of blocks and for z, r and n"""
    case, dHout, _ = upstream(rng, T=1, B=3, D=2, H=4)
    compare_gradients(student, reference, [(case, dHout)], "dW")


@points(2)
def test_backward_inputs(student, reference, rng):
    """One step back: dX, and dh0 along all four ways into the past"""
    case, dHout, _ = upstream(rng, T=1, B=3, D=2, H=4)
    compare_gradients(student, reference, [(case, dHout)], "dX", "dh0")


@points(2)
def test_backward_sequence(student, reference, rng):
    """Several steps back: dX, and dW summed over all of them"""
    case, dHout, _ = upstream(rng, T=4)
    since = begun_later(student, reference, case, dHout)
    compare_gradients(student, reference, [(case, dHout)], "dX", "dW", since=since)


@points(1)
def test_upstream(student, reference, rng):
    """dhn joins dHout at the last step; neither is clipped; sizes of 1 work"""
    case, dHout, dhn = upstream(rng, T=3, D=4, H=5)
    cases = [(case, dHout, dhn), (case, 0 * dHout, dhn), (case, 1e3 * dHout, 0 * dhn)]
    cases += [upstream(rng, T=3, B=1, D=2, H=1)]
    compare_gradients(student, reference, cases)


@points(1)
def test_pytorch_before(student):
    """The same values and gradients as PyTorch's autograd, from a frozen run"""
    torch = frozen("before")
    case = tuple(torch[name] for name in ("X", "W", "h0"))
    got = student.gru_forward(*case)
    expect_close(got, chosen(torch, "Hout", "hn"), instead="PyTorch says")
    got = student.gru_backward(torch["dHout"], cache_of(case), torch["dhn"])
    expect_close(got, chosen(torch, "dX", "dW", "dh0"), instead="PyTorch says")


# --- forward: reset after the product -----------------------------------------------


@points(2)
def test_after(student, reference, rng):
    """Reset after: n = tanh(b_n + x W_xn + r ⊙ (h W_hn + b_hn)), step by step"""
    cases = []
    for sizes in ({"T": 1, "B": 3}, {"T": 4}):
        X, W, h0 = sequences(rng, **sizes)
        b_hn = rng.standard_normal(h0.shape[1])
        cases += [(X, W, b_hn, h0), (X, W, b_hn)]
    compare(student, reference, "gru_forward_after", cases)


@points(1)
def test_before_is_after(student, rng):
    """With r = 1 and b_hn = 0 the two GRUs are the same network"""
    T, B, H = 4, 2, 5
    X, W, _ = sequences(rng, T, B, H=H)
    W[0, H : 2 * H] = 50.0
    before = run(student, X, W)
    expect_depends(before, "Hout")
    after = student.gru_forward_after(X, W, np.zeros(H))
    expect_close(after, part(before, ..., ...), instead="gru_forward says")


@points(1)
def test_pytorch_after(student):
    """The same numbers as torch.nn.GRU, from a frozen run"""
    torch = frozen("after")
    got = student.gru_forward_after(*(torch[name] for name in ("X", "W", "b_hn", "h0")))
    expect_close(got, chosen(torch, "Hout", "hn"), instead="PyTorch says")


# --- for PyTorch -----------------------------------------------------------------------


def four_arrays(seen):
    """Expect a dict, and return it."""
    expect(isinstance(seen.weights, dict), "to_torch_gru should return a dict of four arrays",
           Where(output="weights"))  # fmt: skip
    return seen.weights


def matrices(weights):
    """Take the two matrices of what to_torch_gru returned."""
    names = ("weight_ih", "weight_hh")
    return Returned(names=("weights",), values=({k: weights[k] for k in names if k in weights},))


def biases(weights, H):
    """Take what the biases amount to in PyTorch's equations, however they are shared."""
    ih, hh = (expect_shape(weights.get(k), k, (3 * H,), "(3H,)") for k in ("bias_ih", "bias_hh"))
    r, z, n = np.s_[:H], np.s_[H : 2 * H], np.s_[2 * H :]
    names = ("(b_ir + b_hr)", "(b_iz + b_hz)", "b_in", "b_hn")
    with np.errstate(all="ignore"):  # whatever a student returns
        values = (ih[r] + hh[r], ih[z] + hh[z], ih[n], hh[n])
    return Returned(names=names, values=values)


@points(1)
def test_torch_weights(student, reference, rng):
    """For PyTorch: weight_ih and weight_hh, rows r, z, n; its z is our 1 - z"""
    torch, H = frozen("after"), 5
    _, W, _ = sequences(rng, H=H)
    rows = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate("rzn")}
    case = W, rng.standard_normal(H)
    want = matrices(reference.to_torch_gru(*case).weights)
    expect_close(matrices(four_arrays(student.to_torch_gru(*case))), want, blocks=rows)
    got = four_arrays(student.to_torch_gru(torch["W"], torch["b_hn"]))
    expect_close(matrices(got), matrices(torch), blocks=rows, instead="PyTorch has")


@points(1)
def test_torch_biases(student, reference, rng):
    """For PyTorch: biases that add up for r and z; b_n and b_hn kept apart"""
    H = 5
    _, W, _ = sequences(rng, H=H)
    case = W, rng.standard_normal(H)
    got, want = (asked.to_torch_gru(*case) for asked in (student, reference))
    expect_close(biases(four_arrays(got), H), biases(want.weights, H))


@points(1, needs=(test_forward_step, test_sequence))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case = sequences(rng, T=5, B=3)[:2]
    expect_precise(student.gru_forward(*case), reference.gru_forward(*case), "Hout", "hn")


# --- what the student sees ------------------------------------------------------------


PUBLIC = 2014


@picture
def picture_blocks(student, reference):
    """Measure how one step responds when one block of W changes, on public numbers.

    The blocks of r and n are judged by n, those of z by z = (h_1 - h_0) / (n - h_0),
    so that a mistake shows in its own columns. n is read off with z at 0 and at
    1: one gives n and the other h_0, whichever way round a student has z.
    """
    D, H = 3, 4
    X, W, h0 = sequences(np.random.default_rng(PUBLIC), T=1, B=3, D=D, H=H)
    blocks = blocks_of(D, H)

    def candidate(asked, weights):
        ends = []
        for bias in (-50.0, 50.0):
            extreme = weights.copy()
            extreme[0, :H] = bias
            ends.append(((X, extreme, h0), {}))
        keeps, takes = (
            expect_shape(seen.hn, "hn", h0.shape) for seen in asked.each("gru_forward", ends)
        )
        return keeps + takes - h0

    def update(asked, weights, n):
        return (expect_shape(asked.gru_forward(X, weights, h0).hn, "hn", h0.shape) - h0) / (n - h0)

    def responses(asked):
        n = candidate(asked, W)
        z = update(asked, W, n)
        for name, index in blocks.items():
            moved = W.copy()
            moved[index] += 0.5
            yield update(asked, moved, n) - z if name[-1] == "z" else candidate(asked, moved) - n

    with np.errstate(all="ignore"):
        pairs = zip(responses(student), responses(reference), strict=True)
        errors = [relative_error(got, want) for got, want in pairs]
    return block_map(
        "How one step responds to each block of W",
        "Each block of W is moved a little, on numbers that are no secret. "
        "0: that part of your step answers as it should. 1: it answers altogether differently.",
        errors,
    )


@picture
def picture_gradient(student):
    """Compare dW with central differences of the student's own forward, on public numbers."""
    case, dHout, dhn = upstream(np.random.default_rng(PUBLIC), T=3, B=2, D=4, H=3)

    def sweep(vary):
        return student.sweep("gru_forward", case, vary, DELTA, ["Hout", "hn"])

    got = expect_shape(student.gru_backward(dHout, cache_of(case), dhn).dW, "dW", case[1].shape)
    with np.errstate(all="ignore"):
        (want,) = numerical_gradient(sweep, case, [1], [dHout, dhn])
        errors = [relative_error(got[index], want[index]) for index in blocks_of(4, 3).values()]
    return block_map(
        "Where the gradient of W is right",
        "dW over three steps, beside central differences of your own gru_forward. "
        "0: the block has the right gradient. 1: it has nothing to do with it.",
        errors,
    )


@picture
def picture_slopes(student):
    """Put every entry of dW beside its slope, on public numbers."""
    D, H = 4, 3
    case, dHout, dhn = upstream(np.random.default_rng(PUBLIC), T=3, B=2, D=D, H=H)
    got = expect_shape(student.gru_backward(dHout, cache_of(case), dhn).dW, "dW", case[1].shape)
    (want,) = numerical_gradient(
        lambda vary: student.sweep("gru_forward", case, vary, DELTA, ["Hout", "hn"]),
        case, [1], [dHout, dhn],
    )  # fmt: skip
    return Plot(
        title="Your gradient beside the slope of your own loss",
        caption="Every entry of dW, against central differences of your own gru_forward. "
        "On the diagonal both agree.",
        x_label="slope measured by differences",
        y_label="what your gru_backward says",
        series=tuple(
            series(gate, want[:, k * H : (k + 1) * H], got[:, k * H : (k + 1) * H])
            for k, gate in enumerate(GATES)
        ),
        points=True,
    )


def block_map(title, caption, errors):
    """Draw nine errors as the blocks of W."""
    rounded = [round(float(e), 3) if np.isfinite(e) else None for e in errors]
    return BlockMap(
        title=title,
        caption=caption,
        row_label="rows of W",
        column_label="gate",
        rows=ROWS,
        columns=tuple(GATES),
        values=tuple(tuple(rounded[k : k + 3]) for k in (0, 3, 6)),
    )
