"""Rubric: LSTM backward (30 points).

Gradients are compared block by block of W: bias, input and recurrent rows by
gate. The loss weights every hidden state, and where dcn and dhn are asked for,
the last states too. The cache is the student's own, made anew for every call.
"""

from pathlib import Path

import numpy as np

from grader.byhand import Line, one, product, products, short, squashed
from grader.calls import Made, Returned
from grader.expect import (
    expect,
    expect_close,
    expect_depends,
    expect_finite,
    expect_gradients,
    expect_precise,
    expect_shape,
)
from grader.families import Digits, Family
from grader.gradients import Gradient
from grader.model import BlockMap, Plot, Where
from grader.numerics import DELTA, numerical_gradient, relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points

RETURNS = {
    "lstm_step": "h c",
    "lstm_forward": "Hout cn hn *cache",
    "lstm_step_backward": "dx dh_prev dc_prev grads",
    "lstm_backward": "dX dW dc0 dh0",
}

GRADIENTS = {
    "lstm_step_backward": Gradient(
        of="lstm_step",
        given="dh dc x h_prev c_prev p",
        values=("lstm_forward.gates", "lstm_forward.cell_state", "lstm_forward.hidden_state"),
    ),
    "lstm_backward": Gradient(
        of="lstm_forward",
        given="dHout cache dcn dhn",
        values=(
            # not the hidden state of one step: right at T = 1 alone is not half right
            "lstm_forward.forward_cell",
            "lstm_forward.sequence",
            "lstm_forward.initial_state",
            "lstm_forward.conveyor_belt",
        ),
    ),
}


OUTPUTS = ("dX", "dW", "dc0", "dh0")
ROWS, GATES = ("bias", "input", "recurrent"), "ifog"
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "i": "the input gate", "f": "the forget gate", "o": "the output gate", "g": "the candidate",
}  # fmt: skip
CALLED |= {f'grads["{kind}_{gate}"]': f"{kind}_{gate}" for kind in "Wb" for gate in GATES}


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 4H), c0 and h0 (B, H): what a forward is called with."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def example(rng, D=3, H=4):
    """Draw what a step is called with: x, h_prev, c_prev and the per-gate weights p."""
    p = {f"W_{gate}": 0.7 * rng.standard_normal((H, H + D)) for gate in "figo"}
    p |= {f"b_{gate}": rng.standard_normal((H, 1)) for gate in "figo"}
    x, h_prev, c_prev = (rng.standard_normal((n, 1)) for n in (D, H, H))
    return x, h_prev, c_prev, p


def upstream(rng, X, W):
    """Draw dHout (T, B, H), dcn and dhn (B, H)."""
    (T, B, _), H = X.shape, W.shape[1] // 4
    return tuple(rng.standard_normal(shape) for shape in ((T, B, H), (B, H), (B, H)))


def cache(forward):
    """Stand for the cache of one's own lstm_forward, called with (X, W, c0, h0)."""
    return Made(function="lstm_forward", args=forward, kwargs={}, position=3)


def blocks_of(D, H):
    """Divide W (R, 4H) into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def blocks_for(forward):
    """Divide dW of one case."""
    X, W, *_ = forward
    return {"dW": blocks_of(X.shape[2], W.shape[1] // 4)}


def run(student, forward, dHout, *states):
    """Ask for one backward, and expect gradients of the right shapes."""
    got = student.lstm_backward(dHout, cache(forward), *states)
    for name, value in zip(OUTPUTS, forward, strict=True):
        expect_finite(expect_shape(got[name], name, value.shape), name)
    return got


def begun_later(student, reference, forward, given):
    """Ask for the same sequence begun later and later, in the state it would be in."""
    X, W, c0, h0 = forward
    dHout, *states = given

    def since():
        starts = range(len(X) - 1, -1, -1)
        cases = []
        for t in starts:
            before = reference.lstm_forward(X[:t], W, c0, h0) if t else None
            c, h = (before.cn, before.hn) if before else (c0, h0)
            cases.append(((dHout[t:], cache((X[t:], W, c, h)), *states), {}))
        answers = (who.each("lstm_backward", cases) for who in (student, reference))
        return zip(starts, *answers, strict=True)

    return since


def compare(student, reference, forward, given, *names):
    """Expect the reference's gradients for one case, and say since when they are not."""
    question = ((given[0], cache(forward), *given[1:]), {})
    (got,), (want,) = (who.each("lstm_backward", [question]) for who in (student, reference))
    expect_gradients(
        got, want, *names, blocks=blocks_for(forward), called=CALLED,
        since=begun_later(student, reference, forward, given) if len(forward[0]) > 1 else None,
    )  # fmt: skip


# --- the smallest failing examples ---------------------------------------------


def weights_of(draw, D, H):
    """Make the per-gate weights p."""
    p = {f"W_{gate}": draw(H, H + D) for gate in "figo"}
    return p | {f"b_{gate}": draw(H, 1) for gate in "figo"}


def run_of(draw, T, B, D, H):
    """Make X, W, c0 and h0."""
    return draw(T, B, D), draw(1 + D + H, 4 * H), draw(B, H), draw(B, H)


def back_by_hand(gates, c_prev, dh, dc):
    """Work out one step of one number back to the pre-activations; gates: sums of products."""
    value = {}
    for gate, pairs in gates.items():
        line, value[gate] = squashed(gate, pairs, "tanh" if gate == "g" else "σ")
        yield line
    f, i, g, o = (value[gate] for gate in "figo")
    c = f * c_prev + i * g
    old, gained = product(f, c_prev), product(i, g)
    yield Line("c", "f i g", f"c = f·c_prev + i·g = {old} + {gained} = {short(c)}")
    slope = 1 - np.tanh(c) ** 2
    through, dc_t = product(dh, o, slope), dc + dh * o * slope
    yield Line(
        "dc", "c o", f"dc_t = dc + dh·o·(1 - tanh²(c)) = {short(dc)} + {through} = {short(dc_t)}"
    )
    for gate, uses, words, factors in (
        ("i", "dc g i", "dc_t·g·i·(1 - i)", (dc_t, g, i, 1 - i)),
        ("f", "dc f", "dc_t·c_prev·f·(1 - f)", (dc_t, c_prev, f, 1 - f)),
        ("o", "c o", "dh·tanh(c)·o·(1 - o)", (dh, np.tanh(c), o, 1 - o)),
        ("g", "dc i g", "dc_t·i·(1 - g²)", (dc_t, i, 1 - g**2)),
    ):
        value[f"da_{gate}"] = np.prod(factors)
        line = f"da_{gate} = {words} = {product(*factors)} = {short(np.prod(factors))}"
        yield Line(f"da_{gate}", uses, line)
    kept = f"dc_prev = dc_t·f = {product(dc_t, f)} = {short(dc_t * f)}"
    yield Line("dc_prev dc0", "dc f", kept)
    return {gate: value[f"da_{gate}"] for gate in GATES}


ALL_DA = " ".join(f"da_{gate}" for gate in GATES)


def back_along(gives, name, da, weights):
    """Work out what four pre-activations send back along one weight each."""
    text, _ = products((da[gate], weights[gate]) for gate in GATES)
    return Line(gives, ALL_DA, f"{name} = Σ da_k·w_k = {text}")


def step_by_hand(dh, dc, x, h_prev, c_prev, p):
    """Work out lstm_step_backward for D = H = 1."""
    x, h, w = one(x), one(h_prev), {gate: p[f"W_{gate}"][0] for gate in GATES}
    gates = {k: [(one(p[f"b_{k}"]),), (w[k][0], h), (w[k][1], x)] for k in GATES}
    da = yield from back_by_hand(gates, one(c_prev), one(dh), one(dc))
    yield back_along("dh_prev", "dh_prev", da, {gate: w[gate][0] for gate in GATES})
    yield back_along("dx", "dx", da, {gate: w[gate][1] for gate in GATES})
    for k in GATES:
        yield Line(f'grads["b_{k}"]', f"da_{k}", f"b_{k} gets da_{k} = {short(da[k])}")
        both = f"[{short(da[k] * h)}, {short(da[k] * x)}]"
        yield Line(f'grads["W_{k}"]', f"da_{k}", f"W_{k} gets da_{k}·[h_prev, x] = {both}")


def batch_by_hand(dHout, cache, dcn=None, dhn=None):
    """Work out lstm_backward for T = B = D = H = 1."""
    X, W, c0, h0 = (*cache.args, None, None)[:4]
    x, h, columns = one(X), one(h0), dict(zip(GATES, W.T, strict=True))
    gates = {k: [(b,), (x, w_x), (h, w_h)] for k, (b, w_x, w_h) in columns.items()}
    da = yield from back_by_hand(gates, one(c0), one(dHout) + one(dhn), one(dcn))
    yield back_along("dX", "dX", da, {k: column[1] for k, column in columns.items()})
    yield back_along("dh0", "dh0", da, {k: column[2] for k, column in columns.items()})
    rows = ", ".join(f"[{', '.join(short(v * da[k]) for k in GATES)}]" for v in (1.0, x, h))
    yield Line("dW", ALL_DA, f"dW = [1, x, h_prev] times da_i, da_f, da_o, da_g: {rows}")


NO_EXAMPLE = {"precision": "the numbers are right, in too few digits"}

EXAMPLES = {
    "lstm_step_backward": Family(
        names="dh dc x h_prev c_prev p",
        make=lambda draw, D, H: (
            *(draw(n, 1) for n in (H, H, D, H, H)), weights_of(draw, D, H)
        ),
        by_hand=step_by_hand,
    ),
    "lstm_forward": Family(names="X W c0 h0", optional="c0 h0"),
    "lstm_backward": Family(
        names="dHout cache dcn dhn",
        optional="dcn dhn",
        make=lambda draw, T, B, D, H: (
            draw(T, B, H), cache(run_of(draw, T, B, D, H)), draw(B, H), draw(B, H)
        ),
        by_hand=batch_by_hand,
        # a loud loss: no gradient is clipped here
        also=((np.full((2, 1, 1), 1000.0), cache(run_of(Digits(), 2, 1, 1, 1))),),
    ),
}  # fmt: skip


# --- one step ---------------------------------------------------------------------


def step_cases(rng):
    """Draw a few steps with what arrives at h and c: both, only one, other sizes."""
    case = example(rng)
    dh, dc = rng.standard_normal((2, 4, 1))
    other = example(rng, D=2, H=3)
    return [
        (dh, dc, *case),
        (dh, 0 * dc, *case),
        (0 * dh, dc, *case),
        (*rng.standard_normal((2, 3, 1)), *other),
    ]


def compare_steps(student, reference, rng, *names):
    """Expect the reference's gradients of a few steps; one request."""
    calls = [(case, {}) for case in step_cases(rng)]
    answers = (who.each("lstm_step_backward", calls) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        expect_gradients(got, want, *names, called=CALLED)


@points(4)
def test_step_weights(student, reference, rng):
    """One step: the gradient of every W_k and b_k, in a dict with the keys of p"""
    compare_steps(student, reference, rng, "grads")


@points(3)
def test_step_states(student, reference, rng):
    """One step: dx, dh_prev and dc_prev, with both ways into c_t"""
    compare_steps(student, reference, rng, "dx", "dh_prev", "dc_prev")


# --- a batch of sequences ------------------------------------------------------------


@points(4)
def test_one_step(student, reference, rng):
    """A batch of one step: dX, dc0, dh0, and dW block by block"""
    forward = sequences(rng, T=1, B=3)
    compare(student, reference, forward, upstream(rng, *forward[:2])[:1])


@points(4)
def test_weights(student, reference, rng):
    """A sequence: dW block by block, summed over all steps and rows"""
    for sizes in ({"T": 4, "B": 2}, {"T": 3, "B": 4, "D": 2, "H": 3}):
        forward = sequences(rng, **sizes)
        compare(student, reference, forward, upstream(rng, *forward[:2])[:1], "dW")


@points(3)
def test_inputs(student, reference, rng):
    """A sequence: dX at every step"""
    forward = sequences(rng, T=5, B=2)
    compare(student, reference, forward, upstream(rng, *forward[:2])[:1], "dX")


@points(2)
def test_initial_states(student, reference, rng):
    """A sequence: dc0 and dh0"""
    forward = sequences(rng, T=3, B=2)
    compare(student, reference, forward, upstream(rng, *forward[:2])[:1], "dc0", "dh0")


@points(2)
def test_last_states(student, reference, rng):
    """dcn and dhn start the way back; left out, they are zeros"""
    forward = sequences(rng, T=3, B=2)
    dHout, dcn, dhn = upstream(rng, *forward[:2])
    for given in ((dHout, dcn, dhn), (dHout, dcn), (dHout, None, dhn), (0 * dHout, dcn, dhn)):
        compare(student, reference, forward, given)


@points(1, needs=(test_weights, test_inputs, test_initial_states))
def test_chain(student, rng):
    """Two chunks, handing dc0 and dh0 back as dcn and dhn, equal the whole"""
    X, W, c0, h0 = sequences(rng, T=5)
    dHout, dcn, dhn = upstream(rng, X, W)
    whole = run(student, (X, W, c0, h0), dHout, dcn, dhn)
    expect_depends(whole, *OUTPUTS)
    middle = student.lstm_forward(X[:2], W, c0, h0)
    c, h = (expect_shape(middle[name], name, c0.shape) for name in ("cn", "hn"))
    later = run(student, (X[2:], W, c, h), dHout[2:], dcn, dhn)
    earlier = run(student, (X[:2], W, c0, h0), dHout[:2], later.dc0, later.dh0)
    together = (np.concatenate([earlier.dX, later.dX]), earlier.dW + later.dW)
    chained = Returned(names=OUTPUTS, values=(*together, earlier.dc0, earlier.dh0))
    expect_close(chained, whole, instead="in one call")


@points(1, needs=(test_weights, test_inputs, test_initial_states))
def test_linear(student, rng):
    """Upstream gradients add up: the gradients of a sum are the sum, those of zeros are zero"""
    forward = sequences(rng, T=4)
    one, other = (upstream(rng, *forward[:2])[0] for _ in range(2))
    once, twice, big = (run(student, forward, dHout) for dHout in (one, other, 40 * one + other))
    expect_depends(once, "dX", "dW")
    values = tuple(40 * once[name] + twice[name] for name in OUTPUTS)
    want = Returned(names=OUTPUTS, values=values)
    expect_close(big, want, instead="by adding up")
    nothing = run(student, forward, 0 * one)
    for name in OUTPUTS:
        message = f"{name} is not zero though no gradient comes in"
        expect(not nothing[name].any(), message, Where(output=name))


@points(1, needs=test_last_states)
def test_conveyor_belt(student, rng):
    """With f = 1 and i = 0 the belt hands dcn back to dc0 unchanged; with f = 0 nothing"""
    T, B, H = 6, 2, 5
    X, W, c0, h0 = sequences(rng, T=T, B=B, H=H)
    dHout, dcn, _ = upstream(rng, X, W)
    carry, drop = 0.1 * W, 0.1 * W
    carry[0, :H], carry[0, H : 2 * H] = -50.0, 50.0
    drop[0, H : 2 * H] = -50.0
    belt = run(student, (X, carry, c0, h0), 0 * dHout, dcn)
    want = Returned(names=("dc0",), values=(dcn,))
    expect_close(belt, want, instead="with f = 1 and i = 0, dcn arrives as")
    gone = run(student, (X, drop, c0, h0), dHout, dcn)
    expect_depends(gone, "dX")
    message = "dc0 is not zero though f = 0 forgets everything"
    expect(np.abs(gone.dc0).max() < 1e-9, message, Where(output="dc0"))


@points(1, needs=(test_weights, test_inputs, test_initial_states))
def test_batch_rows(student, rng):
    """Rows do not mix: dW of a batch is the sum over its rows, dX has each row's own"""
    X, W, c0, h0 = sequences(rng, T=3, B=3)
    dHout, *_ = upstream(rng, X, W)
    whole = run(student, (X, W, c0, h0), dHout)
    expect_depends(whole, "dX", "dW")
    rows = [
        run(student, (X[:, b], W, c0[b], h0[b]), dHout[:, b])
        for b in (slice(0, 1), slice(1, 2), slice(2, 3))
    ]
    values = (
        np.concatenate([row.dX for row in rows], axis=1),
        sum(row.dW for row in rows),
        np.concatenate([row.dc0 for row in rows]),
        np.concatenate([row.dh0 for row in rows]),
    )
    expect_close(Returned(names=OUTPUTS, values=values), whole, instead="in one batch")


@points(1, needs=(test_one_step, test_weights))
def test_edge_sizes(student, reference, rng):
    """A batch of one, one step, a single input feature and a single hidden unit work too"""
    for sizes in ({"B": 1}, {"T": 1, "B": 1}, {"D": 1}, {"H": 1}):
        forward = sequences(rng, **sizes)
        given = upstream(rng, *forward[:2])[:1]
        run(student, forward, *given)
        compare(student, reference, forward, given)


@points(1, needs=((test_one_step, test_step_states)))
def test_step_is_batch(student, rng):
    """One example through lstm_step_backward equals T = B = 1 through lstm_backward"""
    D, H = 3, 4
    x, h_prev, c_prev, p = example(rng, D, H)
    dh, dc = rng.standard_normal((2, H, 1))
    step = student.lstm_step_backward(dh, dc, x, h_prev, c_prev, p)
    for name, want in (("dx", x), ("dh_prev", h_prev), ("dc_prev", c_prev)):
        expect_finite(expect_shape(step[name], name, want.shape), name)
    expect_depends(step, "dx")
    # the packed layout, laid out by us: columns i | f | o | g, rows 1, x, h
    W = np.hstack([
        np.vstack([p[f"b_{k}"].T, p[f"W_{k}"][:, H:].T, p[f"W_{k}"][:, :H].T]) for k in GATES
    ])  # fmt: skip
    batch = run(student, (x.T[None], W, c_prev.T, h_prev.T), dh.T[None], dc.T)
    values = (step.dx.T[None], step.dc_prev.T, step.dh_prev.T)
    want = Returned(names=("dX", "dc0", "dh0"), values=values)
    expect_close(batch, want, instead="from lstm_step_backward")


@points(1, needs=(test_weights, test_inputs))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    forward = sequences(rng, T=4, B=3)
    question = (upstream(rng, *forward[:2])[0], cache(forward))
    expect_precise(student.lstm_backward(*question), reference.lstm_backward(*question), *OUTPUTS)


@points(1)
def test_pytorch(student):
    """The same gradients as torch.nn.LSTM, from a frozen run"""
    with np.load(Path(__file__).parent / "witness" / "lstm_backward.npz") as frozen:
        forward, given, wanted = (
            tuple(frozen[name] for name in names)
            for names in (("X", "W", "c0", "h0"), ("dHout", "dcn", "dhn"), OUTPUTS)
        )
    got = run(student, forward, *given)
    expect_gradients(
        got, Returned(names=OUTPUTS, values=wanted), blocks=blocks_for(forward), called=CALLED
    )


# --- what the student sees ------------------------------------------------------------


PUBLIC = 1997


@picture
def picture_blocks(student, reference):
    """Measure the error of every block of dW, on public numbers."""
    rng = np.random.default_rng(PUBLIC)
    forward = sequences(rng, T=5, B=3, D=3, H=4)
    question = (upstream(rng, *forward[:2])[0], cache(forward))
    want = reference.lstm_backward(*question).dW
    got = expect_shape(student.lstm_backward(*question).dW, "dW", want.shape)
    with np.errstate(all="ignore"):
        errors = [relative_error(got[index], want[index]) for index in blocks_of(3, 4).values()]
    return BlockMap(
        title="dW, block by block",
        caption="One public batch. 0: the gradient of this block of W is right. "
        "1: it has nothing to do with the right one.",
        row_label="rows of W",
        column_label="gate",
        rows=ROWS,
        columns=tuple(GATES),
        values=table(np.reshape(errors, (3, 4))),
    )


@picture
def picture_slopes(student):
    """Put dW beside central differences of the student's own forward, on public numbers."""
    rng = np.random.default_rng(PUBLIC)
    H = 2
    forward = sequences(rng, T=3, B=2, D=2, H=H)
    dHout, *_ = upstream(rng, *forward[:2])
    got = student.lstm_backward(dHout, cache(forward)).dW
    got = expect_shape(got, "dW", forward[1].shape)
    (want,) = numerical_gradient(
        lambda vary: student.sweep("lstm_forward", forward, vary, DELTA, ["Hout"]),
        forward, [1], [dHout],
    )  # fmt: skip
    return Plot(
        title="Your gradient beside the slope of your own loss",
        caption="Every entry of dW, against central differences of your own lstm_forward. "
        "On the diagonal both agree.",
        x_label="slope measured by differences",
        y_label="what your lstm_backward says",
        series=tuple(
            series(gate, want[:, k * H : (k + 1) * H], got[:, k * H : (k + 1) * H])
            for k, gate in enumerate(GATES)
        ),
        points=True,
    )


@picture
def picture_time(student, reference):
    """Compare dX step by step, on public numbers."""
    rng = np.random.default_rng(PUBLIC)
    T, D = 6, 3
    forward = sequences(rng, T=T, B=2, D=D, H=4)
    question = (upstream(rng, *forward[:2])[0], cache(forward))
    want = reference.lstm_backward(*question).dX[:, 0]
    got = expect_shape(student.lstm_backward(*question).dX, "dX", (T, 2, D))[:, 0]
    off, typical = np.abs(got - want), np.sqrt(np.mean(want**2))
    return BlockMap(
        title="dX, step by step",
        caption="One public sequence of the batch; an error made at step t travels to the left. "
        "0: right. 1: nothing to do with the right one.",
        row_label="input feature",
        column_label="time step",
        rows=tuple(str(feature) for feature in range(D)),
        columns=tuple(str(t) for t in range(T)),
        values=table((off / (off + typical)).T),
    )


def table(errors):
    """Round errors for a BlockMap; what is no number could not be measured."""
    return tuple(
        tuple(round(float(e), 3) if np.isfinite(e) else None for e in row) for row in errors
    )
