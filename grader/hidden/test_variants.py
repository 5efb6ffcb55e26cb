"""Rubric: variants (30 points).

Peepholes and coupled gates are compared with the reference, the gradient of
the coupled cell block by block. Layers and both directions are held against
what the student's own lstm_forward says step by step, so that a slip there is
not charged again here. Other libraries: frozen runs of PyTorch, Keras and ONNX
Runtime, whose weights these are.
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
from grader.families import Family
from grader.gradients import Gradient
from grader.model import BlockMap, Plot, Where
from grader.numerics import DELTA, numerical_gradient, relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points

RETURNS = {
    "lstm_forward": "Hout cn hn *cache",
    "peephole_forward": "Hout cn hn",
    "coupled_forward": "Hout cn hn *cache",
    "coupled_backward": "dX dW dc0 dh0",
    "stack_layers": "Hout hns",
    "bidirectional": "both",
    "reorder_gates": "W",
    "to_library": "weights",
}

GRADIENTS = {
    "coupled_backward": Gradient(
        of="coupled_forward", given="dHout cache dcn dhn", values=("coupled", "coupled_gate")
    )
}

ROWS, GATES = ("bias", "input", "recurrent"), "fog"
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "f": "the forget gate", "o": "the output gate", "g": "the candidate",
}  # fmt: skip
LIBRARIES = ("pytorch", "keras", "onnx")
ORDERS = {"course": "ifog", "pytorch": "ifgo", "keras": "ifgo", "onnx": "iofg"}


# --- probes -------------------------------------------------------------------


def peepholes(rng, T=4, B=2, D=3, H=5):
    """Draw X, W (R, 4H), P (3, H), c0 and h0."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, *(rng.standard_normal(shape) for shape in ((3, H), (B, H), (B, H)))


def coupled(rng, T=4, B=2, D=3, H=5):
    """Draw X, W (R, 3H), c0 and h0."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 3 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def upstream(rng, T=4, B=2, D=3, H=5):
    """Draw a sequence, and dHout, dcn, dhn to go with it."""
    shapes = (T, B, H), (B, H), (B, H)
    return coupled(rng, T, B, D, H), *(rng.standard_normal(shape) for shape in shapes)


def lstm_weights(rng, D, H):
    """Draw W (R, 4H)."""
    return 0.7 * rng.standard_normal((1 + D + H, 4 * H))


def cache_of(case):
    """Say how the cache of a coupled run is made."""
    return Made(function="coupled_forward", args=tuple(case), kwargs={}, position=3)


def blocks_of(D, H):
    """Divide W (R, 3H) into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def compare_gradients(student, reference, cases, *names):
    """Expect coupled_backward to answer all cases as the reference does; one request."""
    calls = [((dHout, cache_of(case), *states), {}) for case, dHout, *states in cases]
    answers = zip(
        student.each("coupled_backward", calls),
        reference.each("coupled_backward", calls),
        strict=True,
    )
    for ((X, W, *_), *_), (got, want) in zip(cases, answers, strict=True):
        blocks = {"dW": blocks_of(X.shape[2], W.shape[1] // 3)}
        expect_gradients(got, want, *names, blocks=blocks, called=CALLED)


def named(**values):
    """Name what is wanted."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def own_layers(student, X, weights):
    """Ask the student's own lstm_forward, layer by layer."""
    last = []
    for W in weights:
        seen = student.lstm_forward(X, W)
        X = expect_shape(seen.Hout, "Hout of your lstm_forward", (*X.shape[:2], W.shape[1] // 4))
        last.append(X[-1])
    return X, last


def own_directions(student, X, lengths, Wf, Wb):
    """Ask the student's own lstm_forward for each sequence alone, both ways."""
    H = Wf.shape[1] // 4
    both = np.zeros((*X.shape[:2], 2 * H))
    for b, n in enumerate(lengths):
        real = X[:n, b : b + 1]
        calls = [((real, Wf), {}), ((real[::-1].copy(), Wb), {})]
        name = "Hout of your lstm_forward"
        forwards, backwards = (
            expect_shape(seen.Hout, name, (n, 1, H)) for seen in student.each("lstm_forward", calls)
        )
        both[:n, b, :H], both[:n, b, H:] = forwards[:, 0], backwards[::-1, 0]
    return both


def halves(H):
    """Divide what both directions return."""
    return {"forwards": np.s_[:, :, :H], "backwards": np.s_[:, :, H:]}


def frozen(library):
    """Read the frozen run of a library: name -> array."""
    with np.load(Path(__file__).parent / "witness" / "variants.npz") as arrays:
        prefix = f"{library}_"
        return {k.removeprefix(prefix): arrays[k] for k in arrays if k.startswith(prefix)}


# --- the smallest failing examples ---------------------------------------------


def peephole_run(draw, T, B, D, H):
    """Make X, W, P, c0 and h0."""
    shapes = (T, B, D), (1 + D + H, 4 * H), (3, H), (B, H), (B, H)
    return tuple(draw(*shape) for shape in shapes)


def coupled_run(draw, T, B, D, H):
    """Make X, W, c0 and h0."""
    shapes = (T, B, D), (1 + D + H, 3 * H), (B, H), (B, H)
    return tuple(draw(*shape) for shape in shapes)


def cell(f, c, i, g):
    """Write down one step of a cell."""
    new = f * c + i * g
    kept, gained = product(f, c), product(i, g)
    return Line("c cn", "f i g", f"c = f·c_prev + i·g = {kept} + {gained} = {short(new)}"), new


def shown(o, c):
    """Write down what a cell shows."""
    h = o * np.tanh(c)
    text = f"h = o·tanh(c) = {short(o)}·{short(np.tanh(c))} = {short(h)}"
    return Line("h hn Hout", "o c", text)


def peephole_by_hand(X, W, P, c0=None, h0=None):
    """Work out peephole_forward for T = B = D = H = 1."""
    x, c, h = one(X), one(c0), one(h0)
    rows = dict(zip("ifog", W.T, strict=True))
    gates = {}
    for gate, p in zip("if", P[:2, 0], strict=True):
        b, w_x, w_h = rows[gate]
        line, gates[gate] = squashed(gate, [(b,), (x, w_x), (h, w_h), (p, c)], "σ")
        yield line
    b, w_x, w_h = rows["g"]
    line, g = squashed("g", [(b,), (x, w_x), (h, w_h)], "tanh")
    yield line
    line, new = cell(gates["f"], c, gates["i"], g)
    yield line
    b, w_x, w_h = rows["o"]
    line, o = squashed("o", [(b,), (x, w_x), (h, w_h), (P[2, 0], new)], "σ", uses="c")
    yield line
    yield shown(o, new)


def coupled_by_hand(X, W, c0=None, h0=None):
    """Work out coupled_forward for T = B = D = H = 1."""
    x, c, h = one(X), one(c0), one(h0)
    gates = {}
    for gate, (b, w_x, w_h) in zip("fog", W.T, strict=True):
        line, gates[gate] = squashed(
            gate, [(b,), (x, w_x), (h, w_h)], "tanh" if gate == "g" else "σ"
        )
        yield line
    i = 1 - gates["f"]
    yield Line("i", "f", f"i = 1 - f = {short(i)}")
    line, new = cell(gates["f"], c, i, gates["g"])
    yield line
    yield shown(gates["o"], new)


def layers_of(draw, T, B, D, H, K):
    """Make X, and K layers of H units."""
    sizes = [D] + [H] * (K - 1)
    return draw(T, B, D), [draw(1 + size + H, 4 * H) for size in sizes]


def directions_of(draw, T, B, D, H):
    """Make X, lengths of which the last is one step shorter, Wf and Wb."""
    lengths = np.full(B, T)
    lengths[-1] = max(T - 1, 1)
    return draw(T, B, D), lengths, draw(1 + D + H, 4 * H), draw(1 + D + H, 4 * H)


NO_EXAMPLE = {
    **dict.fromkeys(
        ("pytorch", "onnx"), "biases may be shared out in any way, so no single number is right"
    ),
    "precision": "the numbers are right, in too few digits",
}

EXAMPLES = {
    "peephole_forward": Family(
        names="X W P c0 h0", optional="c0 h0", make=peephole_run, by_hand=peephole_by_hand
    ),
    "coupled_forward": Family(
        names="X W c0 h0", optional="c0 h0", make=coupled_run, by_hand=coupled_by_hand
    ),
    "coupled_backward": Family(
        names="dHout cache dcn dhn",
        optional="dcn dhn",
        make=lambda draw, T, B, D, H: (
            draw(T, B, H), cache_of(coupled_run(draw, T, B, D, H)), draw(B, H), draw(B, H)
        ),
    ),
    "stack_layers": Family(names="X weights", make=layers_of),
    "bidirectional": Family(names="X lengths Wf Wb", make=directions_of, kept="lengths"),
    "reorder_gates": Family(
        names="W source target",
        make=lambda draw, R, H, source, target: (draw(R, 4 * H), source, target),
        kinds=tuple(
            {"source": source, "target": target}
            for source in ORDERS for target in ORDERS if ORDERS[source] != ORDERS[target]
        ),
    ),
    "to_library": Family(
        names="W library",
        make=lambda draw, D, H, library: (draw(1 + D + H, 4 * H), library),
        kinds=tuple({"library": library} for library in LIBRARIES),
        # how two biases are shared is everybody's own affair
        judged='weights["weight_ih"] weights["weight_hh"] weights["kernel"] weights["W"] '
        'weights["recurrent_kernel"] weights["R"] weights["bias"]',
    ),
}  # fmt: skip


# --- peepholes ------------------------------------------------------------------


@points(1)
def test_shapes(student, rng):
    """Both cells return Hout (T, B, H), cn and hn (B, H), finite; the coupled one a cache"""
    T, B, H = 4, 2, 5
    X, W, P, *_ = peepholes(rng, T=T, B=B, H=H)
    runs = student.peephole_forward(X, W, P), student.coupled_forward(*coupled(rng)[:2])
    expect_present(runs[1].cache, "coupled_forward returned 3 values: the cache is missing")
    sizes = {"Hout": (T, B, H), "cn": (B, H), "hn": (B, H)}
    for got in runs:
        for name, shape in sizes.items():
            letters = "(T, B, H)" if name == "Hout" else "(B, H)"
            expect_finite(expect_shape(got[name], name, shape, letters), name)
        expect_depends(got, "Hout")


@points(2)
def test_peephole_cell(student, reference, rng):
    """Peepholes, one step: i and f look at c_{t-1}, each with its own row of P"""
    cases = [peepholes(rng, T=1, B=3), peepholes(rng, T=1, B=2, D=2, H=4)]
    compare(student, reference, "peephole_forward", cases, "cn")


@points(2)
def test_peephole_output(student, reference, rng):
    """Peepholes, one step: o looks at c_t, the cell as it has just become"""
    X, W, P, c0, h0 = peepholes(rng, T=1, B=3)
    P[:2] = 0.0  # the cell is the plain LSTM's, and no slip in i or f is seen here
    cases = [(X, W, P, c0, h0), (X, W, -P, c0, h0)]
    compare(student, reference, "peephole_forward", cases, "hn")


@points(1)
def test_peephole_sequence(student, reference, rng):
    """Peepholes from zero states: every step of Hout, and the last cn and hn"""
    cases = [peepholes(rng, T=6)[:3], peepholes(rng, T=3, B=4, D=2, H=6)[:3]]
    compare(student, reference, "peephole_forward", cases)


@points(1)
def test_no_peepholes(student, reference, rng):
    """With P = 0 it is the LSTM; c0 and h0 start it; T = B = D = H = 1 works"""
    X, W, P, c0, h0 = peepholes(rng, T=5)
    got = student.peephole_forward(X, W, 0 * P, c0, h0)
    plain = reference.lstm_forward(X, W, c0, h0)
    expect_close(got, plain, "Hout", "cn", "hn", instead="an LSTM says")
    cases = [peepholes(rng, T=1, B=1, D=1, H=1), (X, W, P, c0), (X, W, P, None, h0)]
    compare(student, reference, "peephole_forward", cases)


# --- coupled gates ---------------------------------------------------------------


@points(2)
def test_coupled(student, reference, rng):
    """Coupled: c_t = f ⊙ c_{t-1} + (1 - f) ⊙ g, step by step, with and without c0 and h0"""
    case = coupled(rng, T=1, B=3)
    X, W, c0, h0 = longer = coupled(rng, T=3, B=4, D=2, H=6)
    cases = [case, coupled(rng, T=5)[:2], longer, (X, W, c0), (X, W, None, h0)]
    compare(student, reference, "coupled_forward", cases, "Hout", "cn", "hn")


@points(1)
def test_coupled_gate(student, rng):
    """Coupled: f = 1 copies the cell, f = 0 replaces it by g"""
    X, W, c0, h0 = coupled(rng, T=3, B=2, H=4)
    keep, replace = W.copy(), W.copy()
    keep[0, :4], replace[0, :4] = 60.0, -60.0
    copied, fresh = (student.coupled_forward(X, w, c0, h0) for w in (keep, replace))
    expect_depends(student.coupled_forward(X, W, c0, h0), "Hout")
    expect_close(copied, named(cn=c0), "cn", instead="with f = 1, c0 stays:")
    before = expect_shape(fresh.Hout, "Hout", (3, 2, 4))[-2]
    g = np.tanh(np.hstack([np.ones((2, 1)), X[-1], before]) @ W[:, 8:])
    expect_close(fresh, named(cn=g), "cn", instead="with f = 0, c is g:")


@points(2)
def test_coupled_weights(student, reference, rng):
    """Coupled, backwards: dW, in its three rows of blocks and for f, o and g"""
    case, dHout, *_ = upstream(rng, T=1, B=3, D=2, H=4)
    longer, more, *_ = upstream(rng, T=4)
    compare_gradients(student, reference, [(case, dHout), (longer, more)], "dW")


@points(2)
def test_coupled_inputs(student, reference, rng):
    """Coupled, backwards: dX, and dc0 and dh0, through every step"""
    case, dHout, *_ = upstream(rng, T=1, B=3, D=2, H=4)
    longer, more, *_ = upstream(rng, T=4)
    compare_gradients(student, reference, [(case, dHout), (longer, more)], "dX", "dc0", "dh0")


@points(1)
def test_coupled_last(student, reference, rng):
    """Coupled, backwards: dcn and dhn join in at the last step; sizes of 1 work"""
    case, dHout, dcn, dhn = upstream(rng, T=3, D=4, H=5)
    cases = [(case, 0 * dHout, dcn), (case, 0 * dHout, None, dhn)]
    cases += [upstream(rng, T=3, B=1, D=2, H=1), upstream(rng, T=1, B=1, D=1, H=1)]
    compare_gradients(student, reference, cases)


# --- layers and directions ------------------------------------------------------------


@points(2)
def test_layers(student, rng):
    """Layers: the Hout of one is the X of the next; Hout is the highest one's"""
    X = rng.standard_normal((4, 2, 3))
    alike = [lstm_weights(rng, 3, 3) for _ in range(2)]  # no shape complains here
    weights = [lstm_weights(rng, *sizes) for sizes in ((3, 5), (5, 4), (4, 6))]
    for some in (alike, weights, weights[:1]):
        Hout, _ = own_layers(student, X, some)
        got = student.stack_layers(X, some)
        expect_close(got, named(Hout=Hout), instead="your lstm_forward, layer by layer, says")
        expect_depends(got, "Hout")


@points(1)
def test_layer_states(student, rng):
    """Layers: hns has the last hidden state of every layer, lowest first"""
    X = rng.standard_normal((3, 2, 3))
    weights = [lstm_weights(rng, 3, 3) for _ in range(3)]
    _, last = own_layers(student, X, weights)
    hns = student.stack_layers(X, weights).hns
    expect(isinstance(hns, list | tuple), "hns should be a list", Where(output="hns"))
    message = f"hns has {len(hns)} entries; there are {len(weights)} layers"
    expect(len(hns) == len(weights), message, Where(output="hns"))
    for k, (got, want) in enumerate(zip(hns, last, strict=True)):
        name = f"hns[{k}]"
        instead = "your lstm_forward says"
        seen = Returned(names=(name,), values=(got,))
        expect_close(seen, Returned(names=(name,), values=(want,)), instead=instead)
        expect_depends(seen, name)


@points(2)
def test_both_directions(student, rng):
    """Both directions, no padding: forwards in the first H columns, backwards in the rest"""
    T, B, D, H = 4, 2, 3, 5
    X, Wf, Wb = rng.standard_normal((T, B, D)), lstm_weights(rng, D, H), lstm_weights(rng, D, H)
    lengths = np.full(B, T)
    got = student.bidirectional(X, lengths, Wf, Wb)
    want = named(both=own_directions(student, X, lengths, Wf, Wb))
    expect_close(got, want, blocks=halves(H), instead="your lstm_forward says")
    expect_depends(got, "both")


@points(2)
def test_lengths(student, rng):
    """Both directions, with padding: each sequence is turned round within its own length"""
    T, B, D, H = 6, 4, 3, 2
    X, Wf, Wb = rng.standard_normal((T, B, D)), lstm_weights(rng, D, H), lstm_weights(rng, D, H)
    lengths = np.array([2, *rng.permutation([3, 5, 6])])  # the shortest first: it shows most
    X[np.arange(T)[:, None] >= lengths] = 0.0
    got = student.bidirectional(X, lengths, Wf, Wb)
    both = expect_shape(got.both, "both", (T, B, 2 * H), "(T, B, 2H)")
    want = own_directions(student, X, lengths, Wf, Wb)
    real = np.arange(T)[:, None] < lengths  # at the padding: the next line
    seen = named(both=np.where(real[:, :, None], both, 0.0))
    expect_close(seen, named(both=want), blocks=halves(H), instead="your lstm_forward says")
    expect_depends(seen, "both")


@points(1)
def test_padding(student, rng):
    """Whatever the padding holds, NaN too, is never read; both halves are zero there"""
    T, B, D, H = 5, 3, 2, 4
    X, Wf, Wb = rng.standard_normal((T, B, D)), lstm_weights(rng, D, H), lstm_weights(rng, D, H)
    lengths = rng.permutation([2, 4, 5])
    padding = np.arange(T)[:, None] >= lengths
    quiet = student.bidirectional(np.where(padding[:, :, None], 0.0, X), lengths, Wf, Wb)
    want = expect_shape(quiet.both, "both", (T, B, 2 * H), "(T, B, 2H)")
    expect_depends(quiet, "both")
    zero = not np.any(want[padding])
    expect(zero, "both is not zero at the padding", Where(output="both"))
    for strange in (7.0, np.nan):
        filled = np.where(padding[:, :, None], strange, X)
        got = student.bidirectional(filled, lengths, Wf, Wb)
        expect_close(got, quiet, instead="with zeros in the padding")


# --- other libraries ---------------------------------------------------------------------


@points(2)
def test_reorder(student, reference, rng):
    """Gates from any library's order into any other's, whole blocks of H columns"""
    W = rng.standard_normal((3, 20))
    for source in ORDERS:
        cases = [(W, source, target) for target in ORDERS]
        compare(student, reference, "reorder_gates", cases, tolerance=1e-9)


@points(1)
def test_round_trip(student, rng):
    """There and back again changes nothing, for a bias (4H,) too"""
    W = rng.standard_normal((2, 4, 12))
    for array in (W, W[0, 0]):
        for library in LIBRARIES:
            there = expect_shape(
                student.reorder_gates(array, "course", library).W, "W", array.shape
            )
            changed = not np.array_equal(there, array)
            expect(changed, f"nothing moves on the way to {library}", Where(output="W"))
            back = student.reorder_gates(there, library, "course")
            expect_close(back, named(W=array), instead="there and back again")


def expect_library(student, library, whole, *biases):
    """Expect to_library to give what a library was run with, biases added up."""
    run = frozen(library)
    got = student.to_library(run["course"], library).weights
    keys = [*whole, *biases]
    message = f"to_library(W, {library!r}) should return a dict with {', '.join(keys)}"
    expect(isinstance(got, dict) and set(keys) <= got.keys(), message, Where(output="weights"))
    for key in whole:
        name = f'weights["{key}"]'
        instead = f"{library} was run with"
        seen = Returned(names=(name,), values=(got[key],))
        expect_close(seen, Returned(names=(name,), values=(run[key],)), instead=instead)
    return run, got


@points(1)
def test_pytorch(student):
    """For PyTorch: weight_ih, weight_hh, and biases that add up to the bias row"""
    run, got = expect_library(student, "pytorch", ("weight_ih", "weight_hh"), "bias_ih", "bias_hh")
    biases = []
    for key in ("bias_ih", "bias_hh"):
        biases.append(expect_shape(got[key], f'weights["{key}"]', run[key].shape, "(4H,)"))
        expect_finite(biases[-1], f'weights["{key}"]')
    added = {"(bias_ih + bias_hh)": sum(biases)}
    want = {"(bias_ih + bias_hh)": run["bias_ih"] + run["bias_hh"]}
    expect_close(named(**added), named(**want), instead="PyTorch had")


@points(1)
def test_keras(student):
    """For Keras: kernel, recurrent_kernel and bias, not turned round"""
    expect_library(student, "keras", ("kernel", "recurrent_kernel", "bias"))


@points(1)
def test_onnx(student):
    """For ONNX: W, R and B with their leading 1, the candidate last"""
    run, got = expect_library(student, "onnx", ("W", "R"), "B")
    both = expect_shape(got["B"], 'weights["B"]', run["B"].shape, "(1, 8H)")
    expect_finite(both, 'weights["B"]')
    added = {"(B[:, :4H] + B[:, 4H:])": np.add(*np.split(both, 2, axis=1))}
    want = {"(B[:, :4H] + B[:, 4H:])": np.add(*np.split(run["B"], 2, axis=1))}
    expect_close(named(**added), named(**want), instead="ONNX had")


@points(1)
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case = peepholes(rng, T=8)
    names = ("Hout", "cn", "hn")
    expect_precise(student.peephole_forward(*case), reference.peephole_forward(*case), *names)
    case, dHout, dcn, dhn = upstream(rng, T=8)
    expect_precise(student.coupled_forward(*case), reference.coupled_forward(*case), *names)
    back = (dHout, cache_of(case), dcn, dhn)
    expect_precise(
        student.coupled_backward(*back), reference.coupled_backward(*back), "dX", "dW", "dc0", "dh0"
    )


# --- pictures: public numbers only ----------------------------------------------------------


PUBLIC, D, H = 2000, 4, 3


def measured(student):
    """Take dW of a public sequence, and its central differences."""
    case, dHout, dcn, dhn = upstream(np.random.default_rng(PUBLIC), T=3, B=2, D=D, H=H)
    back = student.coupled_backward(dHout, cache_of(case), dcn, dhn)
    (want,) = numerical_gradient(
        lambda vary: student.sweep("coupled_forward", case, vary, DELTA, ["Hout", "cn", "hn"]),
        case, [1], [dHout, dcn, dhn],
    )  # fmt: skip
    return expect_shape(back.dW, "dW", case[1].shape), want


@picture
def picture_gradient(student):
    """Compare dW with central differences of the student's own forward, block by block."""
    got, want = measured(student)
    with np.errstate(all="ignore"):
        errors = [relative_error(got[index], want[index]) for index in blocks_of(D, H).values()]
    rounded = [round(float(e), 3) if np.isfinite(e) else None for e in errors]
    return BlockMap(
        title="Where the gradient of the coupled cell is right",
        caption="dW over three steps, beside central differences of your own coupled_forward. "
        "0: the block has the right gradient. 1: it has nothing to do with it.",
        row_label="rows of W",
        column_label="gate",
        rows=ROWS,
        columns=tuple(GATES),
        values=tuple(tuple(rounded[3 * k : 3 * k + 3]) for k in range(3)),
    )


@picture
def picture_slopes(student):
    """Put every entry of dW beside its slope, on public numbers."""
    got, want = measured(student)
    return Plot(
        title="Your gradient beside the slope of your own loss",
        caption="Every entry of dW, against central differences of your own coupled_forward. "
        "On the diagonal both agree.",
        x_label="slope measured by differences",
        y_label="what your coupled_backward says",
        series=tuple(
            series(gate, want[:, k * H : (k + 1) * H], got[:, k * H : (k + 1) * H])
            for k, gate in enumerate(GATES)
        ),
        points=True,
    )
