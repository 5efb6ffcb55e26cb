"""Rubric: LSTM forward (25 points).

Probes have sizes that all differ, non-zero initial states and dense weights:
with zeros in any of these a missing forget gate or a missing recurrence is
invisible. A property (two chunks equal the whole, rows do not mix) is only
asked of an output that depends on something.
"""

from pathlib import Path

import numpy as np

from grader.byhand import Line, one, product, short, squashed
from grader.calls import Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_precise,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.families import Family
from grader.model import BlockMap, Plot, Where
from grader.numerics import relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points
from grader.sandbox.protocol import Seed

RETURNS = {
    "sigmoid": "s",
    "lstm_gates": "f i g o",
    "lstm_step": "h c",
    "pack_gates": "W",
    "init_lstm": "W",
    "lstm_forward": "Hout cn hn *cache",
}

ROWS, GATES = ("bias", "input", "recurrent"), "ifog"


# --- the smallest failing examples ---------------------------------------------


def weights_of(draw, D, H):
    """Make the per-gate weights p."""
    p = {f"W_{gate}": draw(H, H + D) for gate in "figo"}
    return p | {f"b_{gate}": draw(H, 1) for gate in "figo"}


def gates_by_hand(x, h_prev, p):
    """Work out four gates of one number each; p as in lstm_gates."""
    lines, value = [], {}
    for gate in "figo":
        w_h, w_x = p[f"W_{gate}"][0]
        pairs = [(one(p[f"b_{gate}"]),), (w_h, one(h_prev)), (w_x, one(x))]
        line, value[gate] = squashed(gate, pairs, "tanh" if gate == "g" else "σ")
        lines.append(line)
    return lines, value


def cell_by_hand(gates, c):
    """Work out c and h from the gates and the old c."""
    f, i, g, o = (gates[gate] for gate in "figo")
    new = f * c + i * g
    old, gained = product(f, c), product(i, g)
    yield Line("c cn", "f i g", f"c = f·c_prev + i·g = {old} + {gained} = {short(new)}")
    h = f"h = o·tanh(c) = {product(o, np.tanh(new))} = {short(o * np.tanh(new))}"
    yield Line("h hn Hout", "c o", h)


def step_by_hand(x, h_prev, c_prev, p):
    """Work out lstm_step for D = H = 1."""
    lines, gates = gates_by_hand(x, h_prev, p)
    return [*lines, *cell_by_hand(gates, one(c_prev))]


def forward_by_hand(X, W, c0=None, h0=None):
    """Work out lstm_forward for T = B = D = H = 1."""
    lines, value = [], {}
    for gate, (b, w_x, w_h) in zip(GATES, W.T, strict=True):
        pairs = [(b,), (one(X), w_x), (one(h0), w_h)]
        line, value[gate] = squashed(gate, pairs, "tanh" if gate == "g" else "σ")
        lines.append(line)
    return [*lines, *cell_by_hand(value, one(c0))]


def sigmoid_by_hand(a):
    """Work out 1 / (1 + e^-a)."""
    a = one(a[:1])
    if abs(a) < 100:
        e = short(np.exp(-a))
        yield Line(
            "s", "", f"1 / (1 + e^({short(-a)})) = 1 / (1 + {e}) = {short(1 / (1 + np.exp(-a)))}"
        )


NO_EXAMPLE = {
    "init_weights": "weights are drawn, in any order",
    "precision": "the numbers are right, in too few digits",
}

EXAMPLES = {
    "sigmoid": Family(
        names="a",
        make=lambda draw, H: (draw(H),),
        also=((np.array([-1000.0]),), (np.array([1000.0]),)),
        by_hand=sigmoid_by_hand,
    ),
    "lstm_gates": Family(
        names="x h_prev p",
        make=lambda draw, D, H: (draw(D, 1), draw(H, 1), weights_of(draw, D, H)),
        by_hand=lambda *args: gates_by_hand(*args)[0],
    ),
    "lstm_step": Family(
        names="x h_prev c_prev p",
        make=lambda draw, D, H: (draw(D, 1), draw(H, 1), draw(H, 1), weights_of(draw, D, H)),
        by_hand=step_by_hand,
    ),
    # the bias row is the only one that is not drawn
    "init_lstm": Family(
        names="D H rng forget_bias", also=((1, 1, Seed(0)), (1, 1, Seed(0), 2.0)), rows=1
    ),
    "pack_gates": Family(names="p D", make=lambda draw, D, H: (weights_of(draw, D, H), D)),
    "lstm_forward": Family(
        names="X W c0 h0",
        optional="c0 h0",
        make=lambda draw, T, B, D, H: (
            draw(T, B, D), draw(1 + D + H, 4 * H), draw(B, H), draw(B, H)
        ),
        by_hand=forward_by_hand,
    ),
}  # fmt: skip


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 4H), c0 and h0 (B, H)."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def example(rng, D=3, H=4):
    """Draw x (D, 1), h_prev and c_prev (H, 1), and the per-gate weights p."""
    p = {f"W_{gate}": 0.7 * rng.standard_normal((H, H + D)) for gate in "figo"}
    p |= {f"b_{gate}": rng.standard_normal((H, 1)) for gate in "figo"}
    x, h_prev, c_prev = (rng.standard_normal((n, 1)) for n in (D, H, H))
    return x, h_prev, c_prev, p


def blocks_of(D, H):
    """Divide W (R, 4H) into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def run(student, X, W, *states):
    """Ask for a whole run, and expect arrays of the right shapes."""
    seen = student.lstm_forward(X, W, *states)
    (T, B, _), H = X.shape, W.shape[1] // 4
    for name, shape in (("Hout", (T, B, H)), ("cn", (B, H)), ("hn", (B, H))):
        expect_finite(expect_shape(seen[name], name, shape), name)
    return seen


def part(seen, *indices):
    """Take Hout, cn and hn of a larger run at the given indices."""
    values = [seen[name][index] for name, index in zip(("Hout", "cn", "hn"), indices, strict=True)]
    return Returned(names=("Hout", "cn", "hn"), values=tuple(values))


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def expect_output_gate(got, want, cell, hidden):
    """Expect h = o ⊙ tanh(c) with the student's own c, whatever c is."""
    c = expect_shape(got[cell], cell, want[cell].shape)
    expect_finite(c, cell)
    smallest = float(np.abs(c).min())
    expect(smallest > 1e-6, f"an entry of {cell} is zero, so it says nothing about {hidden}")
    o = want[hidden] / np.tanh(want[cell])
    expect_close(got, Returned(names=(hidden,), values=(o * np.tanh(c),)))
    # divided, so that no entry can hide behind a larger one
    with np.errstate(all="ignore"):
        gate = Returned(names=("o",), values=(got[hidden] / np.tanh(c),))
    expect_close(gate, Returned(names=("o",), values=(o,)))


# --- one example, one gate at a time --------------------------------------------


@points(1)
def test_sigmoid(student, reference, rng):
    """σ(a) = 1 / (1 + e^-a), for an array of any shape"""
    cases = [(2.0 * rng.standard_normal(shape),) for shape in ((7,), (4, 3), (2, 3, 4))]
    compare(student, reference, "sigmoid", cases)


@points(1, needs=test_sigmoid)
def test_sigmoid_stable(student, reference):
    """No overflow and no NaN, even at a = ±10000"""
    a = np.array([-1e4, -710.0, -30.0, 0.0, 30.0, 710.0, 1e4])
    got = student.sigmoid(a)
    expect_close(got, reference.sigmoid(a))
    expect_quiet(got, "sigmoid(a)")


@points(3)
def test_gates(student, reference, rng):
    """f, i, o = σ(W [h; x] + b) and g = tanh(W_g [h; x] + b_g), returned as f, i, g, o"""
    x, h_prev, _, p = example(rng)
    cases = [(x, h_prev, p), (0 * x, h_prev, p), (x, 0 * h_prev, p)]
    x, h_prev, _, p = example(rng, D=2, H=3)
    cases.append((x, h_prev, p))
    compare(student, reference, "lstm_gates", cases)


@points(1)
def test_cell_state(student, reference, rng):
    """One example: c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t"""
    case = example(rng)
    expect_close(student.lstm_step(*case), reference.lstm_step(*case), "c")


@points(1)
def test_hidden_state(student, reference, rng):
    """One example: h_t = o_t ⊙ tanh(c_t), with your own c_t"""
    case = example(rng)
    got, want = student.lstm_step(*case), reference.lstm_step(*case)
    expect_output_gate(got, want, "c", "h")


# --- the packed layout ------------------------------------------------------------


@points(3)
def test_pack_gates(student, reference, rng):
    """W stacks bias, input and recurrent rows, in columns i | f | o | g"""
    for D, H in ((3, 4), (2, 1)):
        *_, p = example(rng, D, H)
        expect_close(student.pack_gates(p, D), reference.pack_gates(p, D), blocks=blocks_of(D, H))


@points(1)
def test_init_weights(student, seed):
    """Weights are standard normal / sqrt(D + H), and no gate but f has a bias"""
    D, H = 30, 20
    W = expect_shape(student.init_lstm(D, H, seed).W, "W", (1 + D + H, 4 * H), "(R, 4H)")
    expect_finite(W, "W")
    for rows, weights in (("input", W[1 : 1 + D]), ("recurrent", W[1 + D :])):
        with np.errstate(over="ignore", invalid="ignore"):  # whatever a student draws
            spread = float(weights.std() * np.sqrt(D + H))
        message = f"the {rows} weights spread {spread:.3g} / sqrt(D + H); it should be 1"
        expect(0.9 < spread < 1.1, message, Where(output="W", block=rows))
        tails = float(np.mean(np.abs(weights) * np.sqrt(D + H) > 2 * spread))
        message = f"{tails:.1%} of the {rows} weights are beyond two sigma; a normal has 4.6 %"
        expect(0.03 < tails < 0.065, message, Where(output="W", block=rows))
    # where a row more or less makes a difference
    few = student.each("init_lstm", [((1, 1, Seed(seed.entropy + k)), {}) for k in range(300)])
    small = np.array([expect_shape(seen.W, "W", (3, 4))[1:] for seen in few])
    expect_finite(small, "W")
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(small.std() * np.sqrt(2.0))
    message = f"for D = H = 1 the weights spread {spread:.3g} / sqrt(D + H); it should be 1"
    expect(0.9 < spread < 1.1, message, Where(output="W"))
    again, other = (student.init_lstm(D, H, s).W for s in (seed, Seed(seed.entropy + 1)))
    expect(np.array_equal(again, W), "the same rng gives other weights; draw from rng only")
    expect(not np.array_equal(other, W), "another rng gives the same weights; draw from rng")
    gates = np.split(W[1:], 4, axis=1)
    alike = any(np.array_equal(a, b) for k, a in enumerate(gates) for b in gates[:k])
    expect(not alike, "two gates start with the same weights; draw for each", Where(output="W"))
    others = np.delete(W[0], np.s_[H : 2 * H])
    expect(not others.any(), "the bias row is not zero in the columns of i, o and g",
           Where(output="W", block="bias"))  # fmt: skip


@points(1)
def test_forget_bias(student, seed):
    """forget_bias is added in f's columns: +3 opens the gate, a young LSTM remembers"""
    D, H = 3, 5
    for kwargs, want in (({}, 3.0), ({"forget_bias": 1.5}, 1.5)):
        W = expect_shape(student.init_lstm(D, H, seed, **kwargs).W, "W", (1 + D + H, 4 * H))
        got = W[0, H : 2 * H]
        message = f"the bias of f is {got[0]:.3g}, expected {want:g}"
        expect(np.allclose(got, want), message, Where(output="W", block="bias/f"))


# --- a batch of sequences -----------------------------------------------------------


@points(1)
def test_shapes(student, rng):
    """Returns Hout (T, B, H), cn and hn (B, H), all finite, and a cache"""
    T, B, H = 4, 2, 5
    X, W, _, _ = sequences(rng, T=T, B=B, H=H)
    got = student.lstm_forward(X, W)
    expect_present(got.cache, "lstm_forward returned 3 values: the cache is missing")
    for name, shape, letters in (
        ("Hout", (T, B, H), "(T, B, H)"),
        ("cn", (B, H), "(B, H)"),
        ("hn", (B, H), "(B, H)"),
    ):
        expect_finite(expect_shape(got[name], name, shape, letters), name)
    expect_depends(got, "Hout")


@points(3)
def test_forward_cell(student, reference, rng):
    """One step of a batch: c_1 = f_1 ⊙ c_0 + i_1 ⊙ g_1"""
    X, W, c0, h0 = sequences(rng, T=1, B=3)
    cases = [(X, W, c0, h0), (0 * X, W, c0, h0), (X, W, c0, 0 * h0)]
    compare(student, reference, "lstm_forward", cases, "cn")


@points(1)
def test_forward_hidden(student, reference, rng):
    """One step of a batch: h_1 = o_1 ⊙ tanh(c_1), with your own c_1"""
    case = sequences(rng, T=1, B=3)
    got, want = student.lstm_forward(*case), reference.lstm_forward(*case)
    expect_output_gate(got, want, "cn", "hn")
    expect_close(got, Returned(names=("Hout",), values=(got.hn[None],)), instead="but hn is")


@points(2)
def test_sequence(student, reference, rng):
    """From zero states: every step of Hout, and the last cn and hn"""
    # without c0 and h0, so that what goes wrong with them is charged above only
    cases = [sequences(rng, T=6, B=2)[:2], sequences(rng, T=3, B=4, D=2, H=6)[:2]]
    compare(student, reference, "lstm_forward", cases)


@points(1, needs=(test_forward_cell, test_forward_hidden))
def test_initial_state(student, rng):
    """c0 and h0 start the recurrence: two chunks equal the whole; left out, they are zeros"""
    X, W, c0, h0 = sequences(rng, T=5)
    whole = run(student, X, W, c0, h0)
    expect_depends(whole, "Hout", "cn")
    first = run(student, X[:2], W, c0, h0)
    second = run(student, X[2:], W, first.cn, first.hn)
    expect_close(second, part(whole, np.s_[2:], ..., ...), instead="in one call")
    zeros = run(student, X, W, 0 * c0, 0 * h0)
    expect_close(run(student, X, W), part(zeros, ..., ..., ...), instead="from zeros")
    for given, both in (((c0,), (c0, 0 * h0)), ((None, h0), (0 * c0, h0))):
        alone, filled = run(student, X, W, *given), run(student, X, W, *both)
        expect_close(alone, part(filled, ..., ..., ...), instead="with the other state zero")


@points(1, needs=(test_forward_cell, test_forward_hidden))
def test_conveyor_belt(student, rng):
    """With i = 0, f = 1 carries the cell and f = 1/2 halves it; f = 0 forgets; o = 0 silences h"""
    T, H = 6, 5
    X, W, c0, h0 = sequences(rng, T=T, H=H)
    carry, drop, mute = 0.1 * W, 0.1 * W, 0.1 * W
    carry[0, :H], carry[0, H : 2 * H] = -50.0, 50.0
    drop[0, H : 2 * H] = -50.0
    mute[0, 2 * H : 3 * H] = -50.0
    cn = Returned(names=("cn",), values=(c0,))
    belt = student.lstm_forward(X, carry, c0, h0)
    expect_close(belt, cn, instead="with f = 1 and i = 0, c0 arrives as")
    expect_depends(belt, "Hout")
    # f = 1/2: what was loaded halves with every step
    carry[:, H : 2 * H] = 0.0
    half = Returned(names=("cn",), values=(c0 / 2**T,))
    expect_close(student.lstm_forward(X, carry, c0, h0), half, instead="with f = 1/2, c0 fades to")
    one, other = (student.lstm_forward(X[-1:], drop, c, h0) for c in (c0, c0 + 1.0))
    forgotten = Returned(names=("cn",), values=(expect_shape(other.cn, "cn", c0.shape),))
    expect_close(one, forgotten, instead="with f = 0 and another c0")
    silent = expect_shape(student.lstm_forward(X, mute, c0, h0).hn, "hn", h0.shape)
    expect_finite(silent, "hn")
    expect(np.abs(silent).max() < 1e-9, "hn is not silent with the output gate closed",
           Where(output="hn", block="bias/o"))  # fmt: skip


@points(1, needs=(test_forward_cell, test_forward_hidden, test_sequence))
def test_batch_rows(student, rng):
    """Every row of the batch is a sequence of its own: rows do not mix"""
    X, W, _, _ = sequences(rng, T=4, B=3)
    order = [2, 0, 1]
    together = run(student, X, W)
    expect_depends(together, "Hout")
    shuffled = run(student, X[:, order], W)
    want = part(together, np.s_[:, order], order, order)
    expect_close(shuffled, want, instead="in another order of rows")
    X[:, 0] += 1.0
    changed = run(student, X, W)
    others = part(changed, np.s_[:, 1:], np.s_[1:], np.s_[1:])
    expect_close(others, part(together, np.s_[:, 1:], np.s_[1:], np.s_[1:]),
                 instead="before row 0 changed")  # fmt: skip


@points(1, needs=(test_forward_cell, test_forward_hidden, test_sequence))
def test_edge_sizes(student, rng):
    """A batch of one, a sequence of one step and a single hidden unit work too"""
    X, W, _, _ = sequences(rng, T=4, B=3)
    whole = run(student, X, W)
    expect_depends(whole, "Hout")
    row = run(student, X[:, 1:2], W)
    expect_close(row, part(whole, np.s_[:, 1:2], np.s_[1:2], np.s_[1:2]), instead="in the batch")
    step = run(student, X[:1], W)
    first = Returned(names=("Hout",), values=(whole.Hout[:1],))
    expect_close(step, first, instead="in the sequence")
    run(student, *sequences(rng, T=3, B=2, D=4, H=1)[:2])


@points(1, needs=(test_forward_cell, test_forward_hidden, test_sequence))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case = sequences(rng, T=5, B=3)[:2]
    expect_precise(student.lstm_forward(*case), reference.lstm_forward(*case), "Hout", "cn", "hn")


@points(1)
def test_pytorch(student):
    """The same numbers as torch.nn.LSTM, from a frozen run"""
    names = ("Hout", "cn", "hn")
    with np.load(Path(__file__).parent / "witness" / "lstm_forward.npz") as frozen:
        X, W, c0, h0 = (frozen[name] for name in ("X", "W", "c0", "h0"))
        want = Returned(names=names, values=tuple(frozen[name] for name in names))
    expect_close(student.lstm_forward(X, W, c0, h0), want, instead="PyTorch says")


# --- what the student sees ------------------------------------------------------------


PUBLIC = 1997


@picture
def picture_blocks(student, reference):
    """Measure how one step responds when one block of W changes, on public numbers.

    The blocks of i, f and g are judged by c_1, those of o by o_1 = h_1 / tanh(c_1),
    so that a mistake shows in its own gate and nowhere else.
    """
    D, H = 3, 4
    X, W, c0, h0 = sequences(np.random.default_rng(PUBLIC), T=1, B=3, D=D, H=H)
    blocks = blocks_of(D, H)

    moved = [W.copy() for _ in blocks]
    for weights, index in zip(moved, blocks.values(), strict=True):
        weights[index] += 0.5

    def responses(asked):
        base, *others = asked.each("lstm_forward", [((X, w, c0, h0), {}) for w in (W, *moved)])
        for name, seen in zip(blocks, others, strict=True):
            after, before = (observe(one, name[-1]) for one in (seen, base))
            yield after - before

    def observe(seen, gate):
        cn, hn = expect_shape(seen.cn, "cn", c0.shape), expect_shape(seen.hn, "hn", c0.shape)
        return hn / np.tanh(cn) if gate == "o" else cn

    with np.errstate(all="ignore"):
        pairs = zip(responses(student), responses(reference), strict=True)
        errors = [relative_error(got, want) for got, want in pairs]
    return BlockMap(
        title="How one step responds to each block of W",
        caption="Each block of W is moved a little, on numbers that are no secret. "
        "0: your gate answers as it should. 1: it answers altogether differently.",
        row_label="rows of W",
        column_label="gate",
        rows=ROWS,
        columns=tuple(GATES),
        values=table(np.reshape(errors, (3, 4))),
    )


@picture
def picture_carousel(student, reference):
    """Let a cell of one unit write, keep and erase; its weights are set by hand."""
    by_hand = {"i": (6.0, 0.0, -3.0), "f": (0.0, -8.0, 4.0), "g": (2.0, 0.0, 0.0), "o": (0, 0, 0)}
    p = {f"W_{gate}": np.array([[0.0, *row[:2]]]) for gate, row in by_hand.items()}
    p |= {f"b_{gate}": np.array([[row[2]]]) for gate, row in by_hand.items()}
    pulses = np.zeros((20, 2, 1))
    pulses[3, 0] = pulses[13, 1] = 1.0

    def run(asked):
        h = c = np.zeros((1, 1))
        for x in pulses:
            gates, state = asked.lstm_gates(x, h, p), asked.lstm_step(x, h, c, p)
            h, c = expect_shape(state.h, "h", (1, 1)), expect_shape(state.c, "c", (1, 1))
            yield *(expect_shape(v, "f", (1, 1)).item() for v in (gates.f, gates.i)), c.item()

    f, i, c = np.transpose(list(run(student)))
    shown = [series("f", None, f), series("i", None, i), series("c", None, c)]
    right = [row[-1] for row in run(reference)]
    if not np.allclose(c, right):
        shown.append(series("right c", None, right, dashed=True))
    return Plot(
        title="Your cell remembers",
        caption="One unit, weights set by hand. At t = 3 an input opens i and a value is written; "
        "c carries it while f is open; at t = 13 another input shuts f.",
        x_label="time step",
        y_label="gates f and i, and the cell state c",
        series=tuple(shown),
    )


@picture
def picture_time(student, reference):
    """Compare Hout step by step and unit by unit, on public numbers."""
    T, H = 6, 4
    case = sequences(np.random.default_rng(PUBLIC), T=T, B=2, H=H)
    want = reference.lstm_forward(*case).Hout[:, 0]
    got = expect_shape(student.lstm_forward(*case).Hout, "Hout", (T, 2, H))[:, 0]
    off, typical = np.abs(got - want), np.sqrt(np.mean(want**2))
    return BlockMap(
        title="Hout, step by step",
        caption="One public sequence of the batch. 0: the hidden state is right. "
        "1: it has nothing to do with the right one.",
        row_label="hidden unit",
        column_label="time step",
        rows=tuple(str(unit) for unit in range(H)),
        columns=tuple(str(t) for t in range(T)),
        values=table((off / (off + typical)).T),
    )


def table(errors):
    """Round errors for a BlockMap; what is no number could not be measured."""
    return tuple(
        tuple(round(float(e), 3) if np.isfinite(e) else None for e in row) for row in errors
    )
