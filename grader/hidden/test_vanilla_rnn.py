"""Rubric: vanilla RNN (28 points).

Gradients are asked over at least three steps, from a non-zero initial state,
with a random weight on every output: over one step, or from zeros, a backward
that never goes back in time looks right. Gradients through hn have a criterion
of their own, so that whoever forgets dhn is charged once. Of the figure the data
are compared; what cannot be told goes to the instructor.
"""

from pathlib import Path

import numpy as np

from grader.byhand import Line, one, product, short, squashed
from grader.calls import SCRATCH, Made, Returned
from grader.expect import (
    Review,
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradients,
    expect_precise,
    expect_present,
    expect_quiet,
    expect_shape,
)
from grader.families import Digits, Family
from grader.figures import (
    expect_figure,
    expect_labels,
    expect_legend,
    expect_lines,
    expect_saved,
)
from grader.gradients import Gradient
from grader.model import BlockMap, Plot, Where
from grader.numerics import DELTA, TOLERANCE, numerical_gradient, relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points

RETURNS = {
    "rnn_forward": "Hout hn *cache",
    "rnn_backward": "dX dW dh0",
    "clip_global": "clipped norm",
    "clip_per_matrix": "clipped",
    "clip_elementwise": "clipped",
    "jacobian_norms": "norms",
    "parameter_sharing": "shared unshared",
    "gradient_scale": "power",
    "plot_gradient_scale": "@figure",
}

GRADIENTS = {
    "rnn_backward": Gradient(
        of="rnn_forward", given="dHout cache dhn", values=("forward_step", "sequence")
    )
}

ROWS = ("bias", "input", "recurrent")
CALLED = {row: f"the {row} row{'s' * (row != 'bias')}" for row in ROWS}


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, H), h0 (B, H)."""
    W = 0.5 * rng.standard_normal((1 + D + H, H))
    return rng.standard_normal((T, B, D)), W, rng.standard_normal((B, H))


def downstream(rng, X, W):
    """Draw dHout (T, B, H) and dhn (B, H) for these sequences."""
    (T, B, _), H = X.shape, W.shape[1]
    return rng.standard_normal((T, B, H)), rng.standard_normal((B, H))


def cache_of(X, W, h0):
    """Stand for the cache that rnn_forward makes of these."""
    return Made(function="rnn_forward", args=(X, W, h0), kwargs={}, position=2)


def blocks_of(D):
    """Divide dW into its bias, input and recurrent rows."""
    rows = zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True)
    return {"dW": {f"{row}/h": index for row, index in rows}}


def dict_of_gradients(rng):
    """Draw gradients by name, of sizes and norms that all differ."""
    shapes = {"W": (5, 3), "b": (4,), "W_out": (3, 2)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def norm_of(grads):
    """Measure all entries of all arrays together."""
    return float(np.sqrt(sum(np.sum(g**2) for g in grads.values())))


def run(student, X, W, *h0):
    """Ask for a whole run, and expect arrays of the right shapes."""
    seen = student.rnn_forward(X, W, *h0)
    (T, B, _), H = X.shape, W.shape[1]
    for name, shape in (("Hout", (T, B, H)), ("hn", (B, H))):
        expect_finite(expect_shape(seen[name], name, shape), name)
    return seen


def back(student, dHout, X, W, h0, *dhn):
    """Ask for the gradients of a whole run, and expect arrays of the right shapes."""
    seen = student.rnn_backward(dHout, cache_of(X, W, h0), *dhn)
    for name, array in (("dX", X), ("dW", W), ("dh0", h0)):
        expect_finite(expect_shape(seen[name], name, array.shape), name)
    return seen


def named(**values):
    """Name wanted values as a function would return them."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def compare(student, reference, function, cases, *names):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names)


def compare_gradients(student, reference, cases, *names):
    """Expect the gradients of these (dHout, X, W, h0, dhn...) to be the reference's."""
    calls = [question(*case) for case in cases]
    backwards = (asked.each("rnn_backward", calls) for asked in (student, reference))
    for got, want, case in zip(*backwards, cases, strict=True):
        dHout, X, *_ = case
        since = begun_later(student, reference, case) if len(dHout) > 1 else None
        blocks = blocks_of(X.shape[2])
        expect_gradients(got, want, *names, blocks=blocks, called=CALLED, since=since)


def question(dHout, X, W, h0, *dhn):
    """Put one case as a call of rnn_backward."""
    return (dHout, cache_of(X, W, h0), *dhn), {}


def begun_later(student, reference, case):
    """Ask for the same sequence begun later and later, in the state it would be in."""
    dHout, X, W, h0, *dhn = case

    def since():
        states = np.concatenate([h0[None], reference.rnn_forward(X, W, h0).Hout])
        starts = range(len(X) - 1, -1, -1)
        calls = [question(dHout[t:], X[t:], W, states[t], *dhn) for t in starts]
        answers = (asked.each("rnn_backward", calls) for asked in (student, reference))
        return zip(starts, *answers, strict=True)

    return since


# --- the smallest failing examples ---------------------------------------------


def run_of(draw, T, B, D, H):
    """Make X, W and h0."""
    return draw(T, B, D), draw(1 + D + H, H), draw(B, H)


def forward_by_hand(X, W, h0=None):
    """Work out rnn_forward for T = B = D = H = 1."""
    b, w_x, w_h = W[:, 0]
    line, _ = squashed("h", [(b,), (one(X), w_x), (one(h0), w_h)], "tanh")
    return [Line("h hn Hout", "", line.text.replace("a_h", "a"))]


def backward_by_hand(dHout, cache, dhn=None):
    """Work out rnn_backward for T = B = D = H = 1."""
    X, W, *rest = cache.args
    h0, (_, w_x, w_h) = one(rest[0]) if rest else 0.0, W[:, 0]
    h = np.tanh(W[0, 0] + one(X) * w_x + h0 * w_h)
    dh = one(dHout) + one(dhn)
    da = dh * (1 - h**2)
    yield from forward_by_hand(X, W, h0)
    yield Line("da", "h", f"da = dh·(1 - h²) = {short(dh)}·(1 - {short(h**2)}) = {short(da)}")
    row = ", ".join(short(v * da) for v in (1, one(X), h0))
    yield Line("dW", "da", f"dW = [1, x, h0]·da = {row}")
    yield Line("dX", "da", f"dX = da·w_x = {product(da, w_x)} = {short(w_x * da)}")
    yield Line("dh0", "da", f"dh0 = da·w_h = {product(da, w_h)} = {short(w_h * da)}")


def gradients_by_name(draw, D, H):
    """Make gradients of two arrays."""
    return {"W": 3 * draw(D, H), "b": 4 * draw(H)}


NO_EXAMPLE = {
    "precision": "the numbers are right, in too few digits",
    **dict.fromkeys(("scale_drawn", "scale_dressed", "scale_saved"), "a figure is looked at"),
}

EXAMPLES = {
    "rnn_forward": Family(
        names="X W h0", optional="h0", make=run_of, by_hand=forward_by_hand
    ),
    "rnn_backward": Family(
        names="dHout cache dhn",
        optional="dhn",
        make=lambda draw, T, B, D, H: (
            draw(T, B, H), cache_of(*run_of(draw, T, B, D, H)), draw(B, H)
        ),
        # a loud loss: no gradient is clipped here
        also=((np.full((2, 1, 1), 1000.0), cache_of(*run_of(Digits(), 2, 1, 1, 1))),),
        by_hand=backward_by_hand,
    ),
    **{
        function: Family(
            names=f"grads {limit}",
            make=lambda draw, D, H: (gradients_by_name(draw, D, H), 2.0),
            also=(
                ({"W": np.array([[3.0]]), "b": np.array([4.0])}, 9.0),
                ({"W": np.array([[0.0]]), "b": np.array([0.0])}, 1.0),
            ),
        )
        for function, limit in (
            ("clip_global", "max_norm"), ("clip_per_matrix", "max_norm"),
            ("clip_elementwise", "limit"),
        )
    },
    "jacobian_norms": Family(names="X W h0", optional="h0", make=run_of),
    "parameter_sharing": Family(names="T D H", also=((1, 1, 1), (2, 1, 1), (2, 3, 1), (2, 3, 4))),
    "gradient_scale": Family(
        names="scale steps",
        also=((10.0, 1), (10.0, 2), (0.5, 2), (10.0, np.array([1.0, 2.0])), (10.0, 1000)),
    ),
}  # fmt: skip


# --- forward ------------------------------------------------------------------------


@points(1)
def test_shapes(student, rng):
    """Returns Hout (T, B, H) and hn (B, H), all finite, and a cache"""
    T, B, H = 4, 2, 5
    X, W, _ = sequences(rng, T=T, B=B, H=H)
    got = student.rnn_forward(X, W)
    expect_present(got.cache, "rnn_forward returned 2 values: the cache is missing")
    for name, shape, letters in (("Hout", (T, B, H), "(T, B, H)"), ("hn", (B, H), "(B, H)")):
        expect_finite(expect_shape(got[name], name, shape, letters), name)
    expect_depends(got, "Hout")


@points(2)
def test_forward_step(student, reference, rng):
    """One step of a batch: h_1 = tanh([1, x_1, h_0] @ W)"""
    X, W, h0 = sequences(rng, T=1, B=3)
    cases = [(X, W, h0), (0 * X, W, h0), (X, W, 0 * h0)]
    compare(student, reference, "rnn_forward", cases, "hn")


@points(2)
def test_sequence(student, reference, rng):
    """From a zero state: every step of Hout, and hn is the last of them"""
    # without h0, so that what goes wrong with it is charged above only
    cases = [sequences(rng, T=6, B=2)[:2], sequences(rng, T=3, B=4, D=2, H=6)[:2]]
    compare(student, reference, "rnn_forward", cases, "Hout", "hn")


@points(1, needs=(test_forward_step, test_sequence))
def test_initial_state(student, rng):
    """h0 starts the recurrence: two chunks equal the whole; left out, it is zero"""
    X, W, h0 = sequences(rng, T=5)
    whole = run(student, X, W, h0)
    expect_depends(whole, "Hout")
    first = run(student, X[:2], W, h0)
    second = run(student, X[2:], W, first.hn)
    expect_close(second, named(Hout=whole.Hout[2:], hn=whole.hn), instead="in one call")
    zeros = run(student, X, W, 0 * h0)
    expect_close(run(student, X, W), named(Hout=zeros.Hout, hn=zeros.hn), instead="from zeros")


# --- backward -----------------------------------------------------------------------


@points(2)
def test_backward_step(student, reference, rng):
    """One step back: da = dh ⊙ (1 - h²), and from it dX and all of dW"""
    cases = []
    for B, D, H in ((3, 4, 5), (2, 3, 4)):
        case = sequences(rng, T=1, B=B, D=D, H=H)
        cases.append((downstream(rng, *case[:2])[0], *case))
    # dh0 has a criterion of its own, and is looked at nowhere else but there
    compare_gradients(student, reference, cases, "dX", "dW")


@points(1)
def test_backward_inputs(student, reference, rng):
    """Through time: dX[t] hears of the loss at step t and at every later step"""
    case = sequences(rng, T=4)
    compare_gradients(student, reference, [(downstream(rng, *case[:2])[0], *case)], "dX")


@points(2)
def test_backward_weights(student, reference, rng):
    """Through time: dW adds up every step and every row of the batch"""
    case = sequences(rng, T=4, B=3)
    compare_gradients(student, reference, [(downstream(rng, *case[:2])[0], *case)], "dW")


@points(1)
def test_backward_start(student, reference, rng):
    """Through time: dh0 is what the first step sends back to h0"""
    runs = sequences(rng, T=1, B=3), sequences(rng, T=4)
    cases = [(downstream(rng, *case[:2])[0], *case) for case in runs]
    compare_gradients(student, reference, cases, "dh0")


@points(1)
def test_backward_last(student, reference, rng):
    """A loss on hn: dhn joins dHout at the last step; left out, it is zero"""
    X, W, h0 = sequences(rng, T=3, B=2)
    dHout, dhn = downstream(rng, X, W)
    cases = [(d, X, W, h0, dhn) for d in (0 * dHout, dHout)]
    compare_gradients(student, reference, cases, "dX", "dW")
    got, filled = back(student, dHout, X, W, h0), back(student, dHout, X, W, h0, 0 * dhn)
    expect_depends(filled, "dX", "dW")
    expect_close(got, named(dX=filled.dX, dW=filled.dW), instead="with dhn = 0")


@points(1)
def test_linear(student, rng):
    """Twice the loss, twice the gradient; and no loss, no gradient"""
    X, W, h0 = sequences(rng, T=3, B=2)
    (one, dhn), (other, _) = downstream(rng, X, W), downstream(rng, X, W)
    seen, added = back(student, one, X, W, h0), back(student, other, X, W, h0)
    expect_depends(seen, "dX", "dW")
    want = named(dX=seen.dX + added.dX, dW=seen.dW + added.dW)
    both = back(student, one + other, X, W, h0)
    expect_close(both, want, instead="the gradients of two losses add up to")
    want = named(dX=1000.0 * seen.dX, dW=1000.0 * seen.dW)
    far = back(student, 1000.0 * one, X, W, h0)
    expect_close(far, want, instead="1000 times that of a thousandth is")
    silent = back(student, 0.0 * one, X, W, h0, 0.0 * dhn)
    want = named(dX=0.0 * X, dW=0.0 * W, dh0=0.0 * h0)
    expect_close(silent, want, instead="with dHout = 0 and dhn = 0 it is")


# --- both directions ------------------------------------------------------------------


@points(1, needs=(test_forward_step, test_sequence))
def test_edge_sizes(student, rng):
    """Rows of a batch do not mix, and T, B, D and H may be 1; both ways"""
    X, W, h0 = sequences(rng, T=4, B=3)
    dHout, _ = downstream(rng, X, W)
    whole, gradient = run(student, X, W, h0), back(student, dHout, X, W, h0)
    expect_depends(whole, "Hout")
    expect_depends(gradient, "dX")
    row = X[:, 1:2], W, h0[1:2]
    want = named(Hout=whole.Hout[:, 1:2], hn=whole.hn[1:2])
    expect_close(run(student, *row), want, instead="in the batch")
    want = named(dX=gradient.dX[:, 1:2])
    expect_close(back(student, dHout[:, 1:2], *row), want, instead="in the batch")
    expect_close(run(student, X[:1], W, h0), named(Hout=whole.Hout[:1]), instead="in the sequence")
    for T, B, D, H in ((3, 2, 4, 1), (3, 2, 1, 4), (1, 1, 1, 1)):
        X, W, h0 = sequences(rng, T=T, B=B, D=D, H=H)
        run(student, X, W, h0)
        back(student, downstream(rng, X, W)[0], X, W, h0)


@points(1, needs=(test_sequence, test_backward_weights))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    X, W, h0 = sequences(rng, T=5, B=3)
    asked = downstream(rng, X, W)[0], cache_of(X, W, h0)
    expect_precise(student.rnn_forward(X, W), reference.rnn_forward(X, W), "Hout", "hn")
    got, want = student.rnn_backward(*asked), reference.rnn_backward(*asked)
    expect_precise(got, want, "dX", "dW")


@points(1)
def test_pytorch(student):
    """The same numbers and gradients as torch.nn.RNN, from a frozen run"""
    with np.load(Path(__file__).parent / "witness" / "vanilla_rnn.npz") as frozen:
        X, W, h0, dHout, dhn = (frozen[name] for name in ("X", "W", "h0", "dHout", "dhn"))
        forward = named(Hout=frozen["Hout"], hn=frozen["hn"])
        backward = named(dX=frozen["dX"], dW=frozen["dW"], dh0=frozen["dh0"])
    expect_close(student.rnn_forward(X, W, h0), forward, instead="PyTorch says")
    got = student.rnn_backward(dHout, cache_of(X, W, h0), dhn)
    expect_close(got, backward, instead="PyTorch says")


# --- clipping -------------------------------------------------------------------------


@points(1)
def test_clip_global(student, reference, rng):
    """clip_global: one factor for all keeps the direction; norm is that before"""
    grads = dict_of_gradients(rng)
    cases = [(grads, share * norm_of(grads)) for share in (0.3, 0.01)]
    compare(student, reference, "clip_global", cases, "clipped", "norm")


@points(1)
def test_clip_per_matrix(student, reference, rng):
    """clip_per_matrix: one factor for each array keeps the direction of each"""
    grads = dict_of_gradients(rng)
    smallest = min(float(np.linalg.norm(g)) for g in grads.values())
    cases = [(grads, share * smallest) for share in (0.8, 0.1)]
    compare(student, reference, "clip_per_matrix", cases, "clipped")


@points(1)
def test_clip_elementwise(student, reference, rng):
    """clip_elementwise: every entry is cut to ±limit, which turns the gradient"""
    cases = [(dict_of_gradients(rng), 0.5), (dict_of_gradients(rng), 1.2)]
    compare(student, reference, "clip_elementwise", cases, "clipped")


@points(1, needs=(test_clip_global, test_clip_per_matrix))
def test_clip_within(student, rng):
    """Within its norm a gradient stays as it is, and zeros stay zeros, not NaN"""
    grads = dict_of_gradients(rng)
    zeros = {name: 0.0 * g for name, g in grads.items()}
    for function in ("clip_global", "clip_per_matrix"):
        calls = [((g, norm), {}) for g, norm in ((grads, 0.1), (grads, 1e3), (zeros, 1.5))]
        cut, whole, still = student.each(function, calls)
        same = named(clipped={name: array(cut, name, grads) for name in grads})
        message = f"{function} does not clip at all: a norm above max_norm comes back whole"
        expect(norm_of(same.clipped) < 0.9 * norm_of(grads), message, Where(output="clipped"))
        expect_close(whole, named(clipped=grads), "clipped", instead="within max_norm it stays")
        expect_close(still, named(clipped=zeros), "clipped", instead="no gradient stays")


def array(seen, name, grads):
    """Read one entry of a returned dict, or lose the criterion."""
    expect(isinstance(seen.clipped, dict), "clipped is not a dict with the names it was given")
    entry = expect_shape(seen.clipped.get(name), f'clipped["{name}"]', grads[name].shape)
    expect_finite(entry, f'clipped["{name}"]')
    return entry


# --- memory -----------------------------------------------------------------------------


@points(1)
def test_jacobian_norms(student, reference, rng):
    """jacobian_norms: entry k is the spectral norm of ∂h_T/∂h_{T-k}"""
    cases = [sequences(rng, T=5, B=2), sequences(rng, T=3, B=1, D=2, H=4)[:2]]
    compare(student, reference, "jacobian_norms", cases)


@points(1, needs=(test_forward_step, test_sequence))
def test_jacobian_measured(student, rng):
    """The products agree with central differences of your own rnn_forward"""
    T, H = 3, 4
    X, W, h0 = sequences(rng, T=T, B=2, H=H)
    norms = expect_shape(student.jacobian_norms(X, W, h0).norms, "norms", (T + 1,), "(T + 1,)")
    whole = run(student, X, W, h0)
    expect_depends(whole, "Hout")
    # coarse, so that code in single precision is judged by what it computes
    delta = 3e-3
    states = np.concatenate([h0[None], whole.Hout])[:, :1]  # (T + 1, 1, H)
    shifts = [sign * delta * unit for unit in np.eye(H) for sign in (1.0, -1.0)]
    calls = [((X[t:, :1], W, states[t] + shift), {}) for t in range(T) for shift in shifts]
    ends = [array_hn(seen, H) for seen in student.each("rnn_forward", calls)]
    changes = np.reshape(ends, (T, H, 2, H)) / (2 * delta)
    slopes = (changes[:, :, 0] - changes[:, :, 1])[::-1]  # (T, H, H), lag 1 first
    expect(np.abs(slopes).max() > 1e-6, "your rnn_forward does not depend on its h0")
    # which norm is charged above; here the matrices are what counts
    lags = [np.append(ord_of(np.eye(H)), [ord_of(J) for J in slopes]) for ord_of in NORMS]
    want = min(lags, key=lambda lag: relative_error(norms, lag))
    says = "central differences of your rnn_forward say"
    expect_close(named(norms=norms), named(norms=want), tolerance=1e-3, instead=says)


#: Spectral and Frobenius.
NORMS = (lambda J: np.linalg.norm(J, 2), np.linalg.norm)


def array_hn(seen, H):
    """Read the last state of a batch of one."""
    hn = expect_shape(seen.hn, "hn", (1, H))
    expect_finite(hn, "hn")
    return hn


@points(1)
def test_parameter_sharing(student, reference, rng):
    """parameter_sharing: (1 + D + H) H weights, or as many for every step"""
    cases = [tuple(int(n) for n in rng.permutation(np.arange(2, 12))[:3]) for _ in range(3)]
    compare(student, reference, "parameter_sharing", cases, "shared", "unshared")


@points(1)
def test_gradient_scale(student, reference, rng):
    """gradient_scale: log10 of scale^steps for ints and arrays, without overflow"""
    steps = rng.integers(2, 60, 5)
    cases = [(0.8, steps), (1.2, steps.reshape(5, 1))]
    cases += [(scale, np.array([10, 1000, 100000])) for scale in (0.7, 1.3)]
    cases += [(float(rng.uniform(0.3, 0.9)), 17)]
    for case in cases:  # one by one, so that a warning belongs to its call
        got = student.gradient_scale(*case)
        expect_close(got, reference.gradient_scale(*case), "power")
        expect_quiet(got, "gradient_scale(scale, steps)")


# --- the figure -------------------------------------------------------------------------


def scales_and_steps(rng):
    """Draw three factors of two digits, on both sides of 1, and steps that differ in length."""
    scales = [float(k) / 100 for k in (*rng.choice(np.arange(61, 99, 2), 2, replace=False),
                                       rng.choice(np.arange(103, 140, 2)))]  # fmt: skip
    return scales, np.arange(int(rng.integers(2, 9)), 60)


def look(student, scales, steps, check):
    """Check the figure by its data; only where they cannot be told, look at its pixels."""
    function = "plot_gradient_scale"
    try:
        check(expect_figure(student.plot_gradient_scale(scales, steps).figure, function))
    except Review:
        check(expect_figure(student.drawn(function, scales, steps), function))


def curves_of(scales, steps):
    """Say which curve belongs to which scale, by its name in a legend."""
    return {f"{scale:g}": scale ** steps.astype(float) for scale in scales}


@points(1)
def test_scale_drawn(student, same_rng):
    """plot_gradient_scale: a line for every scale, over all steps, and the axes are labelled"""
    scales, steps = scales_and_steps(same_rng)

    def check(figure):
        expect_lines(figure, curves_of(scales, steps))
        expect_against(figure, steps)
        expect_labels(figure)

    look(student, scales, steps, check)


def expect_against(figure, steps):
    """Expect a curve whose points lie at these steps."""
    lines = (line for axes in figure["axes"] for line in axes["lines"])
    along = [line[:, 0] for line in lines if len(line) == len(steps)]
    told = any(relative_error(x, steps) <= TOLERANCE for x in along)
    expect(told, "the curves are not drawn against the steps", Where(output="figure"))


@points(1, needs=test_scale_drawn)
def test_scale_dressed(student, same_rng):
    """plot_gradient_scale: powers of ten are evenly spaced, and a legend names the scales"""
    scales, steps = scales_and_steps(same_rng)
    where = Where(output="figure")

    def check(figure):
        for line in expect_lines(figure, curves_of(scales, steps)).values():
            kind = line.axes["yscale"]
            if line.logarithm:
                message = "logarithms are drawn on a logarithmic axis: once is enough"
                expect(kind == "linear", message, where)
            else:
                message = f"the vertical axis is {kind}, not logarithmic"
                expect(kind in {"log", "symlog"}, message, where)
        expect_legend(figure, list(curves_of(scales, steps)))

    look(student, scales, steps, check)


@points(1)
def test_scale_saved(student):
    """plot_gradient_scale: it saves a picture when it is given a path"""
    figure = student.plot_gradient_scale([0.9, 1.1], np.arange(4), path=SCRATCH).figure
    expect_saved(expect_figure(figure, "plot_gradient_scale"), "plot_gradient_scale")


# --- what the student sees ------------------------------------------------------------


PUBLIC = 1990


def public_run(T):
    """Draw a public run: X, W, h0, and dHout and dhn."""
    rng = np.random.default_rng(PUBLIC)
    case = sequences(rng, T=T, B=2, D=3, H=4)
    return case, *downstream(rng, *case[:2])


@picture
def picture_time(student, reference):
    """Put the loss on one step at a time, and look at the gradient of every input."""
    T = 5
    case, dHout, _ = public_run(T)
    alone = [dHout * (np.arange(T) == s)[:, None, None] for s in range(T)]
    calls = [((d, cache_of(*case)), {}) for d in alone]
    backwards = (asked.each("rnn_backward", calls) for asked in (student, reference))
    errors = [
        [relative_error(*step) for step in zip(shaped(got.dX, case[0]), want.dX, strict=True)]
        for got, want in zip(*backwards, strict=True)
    ]
    return BlockMap(
        title="Which input hears of which loss",
        caption="The loss looks at one step of Hout only (row); how wrong is the gradient of each "
        "input (column)? On numbers that are no secret. 0: right. 1: nothing to do with it. "
        "On the diagonal the gradient goes back no step in time, left of it one or more; "
        "right of it there is none, since no input changes the past.",
        row_label="loss at step",
        column_label="dX at step",
        rows=tuple(str(t) for t in range(T)),
        columns=tuple(str(t) for t in range(T)),
        values=table(errors),
    )


@picture
def picture_weights(student, reference):
    """Judge each block of dW for three losses, on public numbers."""
    (X, W, h0), dHout, dhn = public_run(4)
    calls = [
        ((dHout[:1], cache_of(X[:1], W, h0)), {}),
        ((dHout, cache_of(X, W, h0)), {}),
        ((0 * dHout, cache_of(X, W, h0), dhn), {}),
    ]
    blocks = blocks_of(X.shape[2])["dW"].values()
    backwards = (asked.each("rnn_backward", calls) for asked in (student, reference))
    errors = [
        [relative_error(shaped(got.dW, W)[block], want.dW[block]) for block in blocks]
        for got, want in zip(*backwards, strict=True)
    ]
    return BlockMap(
        title="Which part of dW is right",
        caption="Three losses on public numbers: one step, a loss on all of four steps, and one "
        "on the last state hn only. 0: this block of dW is right. 1: it has nothing to do with it.",
        row_label="rows of dW",
        column_label="loss on",
        rows=ROWS,
        columns=("one step", "four steps", "hn"),
        values=table(np.transpose(errors)),
    )


@picture
def picture_slopes(student):
    """Put dW beside central differences of the student's own forward, on public numbers."""
    T, D, H = 3, 2, 3
    rng = np.random.default_rng(PUBLIC)
    case = sequences(rng, T=T, B=2, D=D, H=H)
    dHout, _ = downstream(rng, *case[:2])
    got = shaped(student.rnn_backward(dHout, cache_of(*case)).dW, case[1])
    (want,) = numerical_gradient(
        lambda vary: student.sweep("rnn_forward", case, vary, DELTA, ["Hout"]),
        case, [1], [dHout],
    )  # fmt: skip
    return Plot(
        title="Your gradient beside the slope of your own loss",
        caption="Every entry of dW, against central differences of your own rnn_forward. "
        "On the diagonal both agree.",
        x_label="slope measured by differences",
        y_label="what your rnn_backward says",
        series=tuple(
            series(name.partition("/")[0], want[index], got[index])
            for name, index in blocks_of(D)["dW"].items()
        ),
        points=True,
    )


def shaped(value, like):
    """Take a gradient as an array of the shape of its argument."""
    return expect_shape(value, "gradient", like.shape)


def table(errors):
    """Round errors for a BlockMap; what is no number could not be measured."""
    return tuple(
        tuple(round(float(e), 3) if np.isfinite(e) else None for e in row) for row in errors
    )
