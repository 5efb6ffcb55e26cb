"""Rubric: attention (30 points).

All sizes differ, and every sequence of a batch has another length. What padding
may do is asked by itself, with zeros, large numbers and NaN in it, so that a
missing mask costs little elsewhere: the other probes have no padding, but for one
place in which it is the question. Gradients are those of `reference`, so that a
wrong forward can be differentiated instead.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

from grader.byhand import Line, one, product, products, short
from grader.calls import SCRATCH, Made, Returned
from grader.drawing import drawing
from grader.expect import (
    Review,
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
from grader.figures import (
    expect_colorbar,
    expect_figure,
    expect_images,
    expect_labels,
    expect_names,
    expect_saved,
)
from grader.gradients import Gradient
from grader.model import Where
from grader.pytest_plugin import picture, points

RETURNS = {
    "masked_softmax": "weights",
    "masked_softmax_backward": "dscore",
    "dot_attention": "context weights *cache",
    "dot_attention_backward": "dquery dencoder",
    "additive_attention": "context weights *cache",
    "additive_attention_backward": "dquery dencoder grads",
    "reverse_copy": "answers weights",
    "plot_attention": "@figure",
}

GRADIENTS = {
    "dot_attention_backward": Gradient(
        of="dot_attention", given="dcontext cache dweights", values=("dot",)
    ),
    "additive_attention_backward": Gradient(
        of="additive_attention", given="dcontext cache dweights", values=("additive",)
    ),
}

BOTH = ("dot_attention", "additive_attention")
CALLED = {"dquery": "query", "dencoder": "encoder"} | {
    f'grads["{name}"]': name for name in ("W_q", "W_e", "b", "v")
}


# --- probes -------------------------------------------------------------------


def real(T, lengths):
    """List where sequences of these lengths have real steps, (T, B)."""
    return np.arange(T)[:, None] < np.array(lengths)


def small_network(rng, Q=4, H=5, A=6):
    """Draw the weights of an additive score."""
    shapes = {"W_q": (Q, A), "W_e": (H, A), "b": (A,), "v": (A,)}
    return {name: 0.7 * rng.standard_normal(shape) for name, shape in shapes.items()}


def question(rng, function, *, U=3, T=4, B=2, H=5, Q=4, lengths=None):  # noqa: PLR0913
    """Draw query, encoder and mask, and weights if there are any; without padding, by default."""
    mask = real(T, lengths or [T] * B)
    encoder = rng.standard_normal((T, B, H))
    if function == "dot_attention":
        return rng.standard_normal((U, B, H)), encoder, mask
    return rng.standard_normal((U, B, Q)), encoder, mask, small_network(rng, Q, H)


def filled(case, value):
    """Put a value wherever there is padding."""
    query, encoder, mask, *p = case
    return (query, np.where(mask[:, :, None], encoder, value), mask, *p)


def cache_of(function, case):
    """Say how a cache is made."""
    return Made(function=function, args=tuple(case), kwargs={}, position=2)


def upstream(rng, case):
    """Draw dcontext (U, B, H) and dweights (U, B, T)."""
    query, encoder = case[:2]
    U, (T, B, H) = len(query), encoder.shape
    return rng.standard_normal((U, B, H)), rng.standard_normal((U, B, T))


def compare(student, reference, function, cases, *names, **options):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names, **options)


def compare_gradients(student, reference, function, cases, *names):
    """Expect a backward to answer (case, dcontext, dweights or nothing) as the reference does."""
    backward = f"{function}_backward"
    calls = [
        ((dcontext, cache_of(function, case), *dweights), {}) for case, dcontext, *dweights in cases
    ]
    answers = zip(student.each(backward, calls), reference.each(backward, calls), strict=True)
    for got, want in answers:
        expect_gradients(got, want, *names, called=CALLED)


def shaped(seen, case):
    """Take context and weights of the right shapes."""
    query, encoder = case[:2]
    U, (T, B, H) = len(query), encoder.shape
    return (
        expect_shape(seen.context, "context", (U, B, H), "(U, B, H)"),
        expect_shape(seen.weights, "weights", (U, B, T), "(U, B, T)"),
    )


def frozen(run_of):
    """Read one of the frozen PyTorch runs: name -> array."""
    with np.load(Path(__file__).parent / "witness" / "attention.npz") as arrays:
        prefix = f"{run_of}_"
        return {k.removeprefix(prefix): arrays[k] for k in arrays if k.startswith(prefix)}


def chosen(values, **places):
    """Take some of many named values: the name wanted -> the name there."""
    return Returned(names=tuple(places), values=tuple(values[name] for name in places.values()))


# --- the smallest failing examples ---------------------------------------------


def scores_of(draw, B, T, padded):
    """Make scores (B, T + 1) and a mask, whose last step may be padding."""
    mask = np.ones((B, T + 1), bool)
    mask[:, -1] = not padded
    return draw(B, T + 1), mask


def weights_of(draw, B, T):
    """Make dweights and weights (B, T + 1) that sum to one."""
    shares = draw.shares(B, T + 1)
    return draw(B, T + 1), shares / shares.sum(axis=1, keepdims=True)


def dot_of(draw, U, T, B, H, padded):
    """Make query, encoder (T + 1, B, H) and a mask, whose last step may be padding."""
    mask = np.ones((T + 1, B), bool)
    mask[-1] = not padded
    return draw(U, B, H), draw(T + 1, B, H), mask


def additive_of(draw, U, T, B, Q, H, A, padded):  # noqa: PLR0913, PLR0917
    """Make the same, and the weights of the score."""
    _, encoder, mask = dot_of(draw, U, T, B, H, padded)
    p = {"W_q": draw(Q, A), "W_e": draw(H, A), "b": draw(A), "v": draw(A)}
    return draw(U, B, Q), encoder, mask, p


def softmax_by_hand(score, mask):
    """Work out two weights."""
    (scores,), (kept,) = score, mask
    powers = [np.exp(s) if k else 0.0 for s, k in zip(scores, kept, strict=True)]
    said = " + ".join(f"e^{short(s)}" for s, k in zip(scores, kept, strict=True) if k)
    yield Line("total", "", f"total = {said} = {short(sum(powers))}")
    shares = ", ".join(short(power / sum(powers)) for power in powers)
    yield Line("weights", "total", f"weights = {shares}")


def dot_by_hand(query, encoder, mask):
    """Work out one query of one number, and two states."""
    q, states, kept = one(query), encoder[:, 0, 0], mask[:, 0]
    scores = [q * e if k else -np.inf for e, k in zip(states, kept, strict=True)]
    said = [product(q, e) if k else "masked" for e, k in zip(states, kept, strict=True)]
    yield Line("score", "", f"score = q·e / √1: {', '.join(said)}")
    powers = np.exp(scores)
    weights = powers / powers.sum()
    yield Line("weights", "score", f"weights = softmax = {', '.join(map(short, weights))}")
    text, _ = products(list(zip(weights, states, strict=True)))
    yield Line("context", "weights", f"context = Σ w·e = {text}")


PADDED = ({"padded": False}, {"padded": True})
NO_EXAMPLE = {
    **dict.fromkeys(("drawn", "dressed"), "a figure is looked at"),
    "precision": "the numbers are right, in too few digits",
}
EXAMPLES = {
    "masked_softmax": Family(
        names="score mask", make=scores_of, kinds=PADDED, by_hand=softmax_by_hand,
        also=(
            (np.array([[1000.0, 0.0]]), np.array([[True, True]])),
            (np.array([[-1000.0, -999.0]]), np.array([[True, True]])),
            (np.array([[0.0, 1000.0]]), np.array([[True, False]])),
            (np.array([[0.0, np.nan]]), np.array([[True, False]])),
            (np.array([[1.0, 2.0]]), np.array([[False, False]])),
        ),
    ),
    "masked_softmax_backward": Family(
        names="dweights weights", make=weights_of, kept="weights",
        also=((np.array([[1.0, np.nan]]), np.array([[1.0, 0.0]])),),
    ),
    "dot_attention": Family(
        names="query encoder mask", make=dot_of, kinds=PADDED, by_hand=dot_by_hand,
        also=(
            (np.ones((1, 1, 1)), np.array([[[1.0]], [[np.nan]]]), np.array([[True], [False]])),
            (np.ones((1, 1, 1)), np.array([[[1.0]]]), np.array([[False]])),
        ),
    ),
    "additive_attention": Family(
        names="query encoder mask p", make=additive_of, kinds=PADDED,
        also=(
            (
                np.ones((1, 1, 1)), np.array([[[1.0]], [[np.nan]]]), np.array([[True], [False]]),
                {"W_q": np.ones((1, 1)), "W_e": np.ones((1, 1)), "b": np.ones(1), "v": np.ones(1)},
            ),
        ),
    ),
    "dot_attention_backward": Family(
        names="dcontext cache dweights", optional="dweights", kinds=PADDED,
        make=lambda draw, U, T, B, H, padded: (
            draw(U, B, H), cache_of("dot_attention", dot_of(draw, U, T, B, H, padded)),
            draw(U, B, T + 1),
        ),
        also=((
            np.ones((1, 1, 1)),
            cache_of("dot_attention", (
                np.ones((1, 1, 1)), np.array([[[1.0]], [[np.nan]]]), np.array([[True], [False]])
            )),
        ),),
    ),
    "additive_attention_backward": Family(
        names="dcontext cache dweights", optional="dweights", kinds=PADDED,
        make=lambda draw, U, T, B, Q, H, A, padded: (
            draw(U, B, H),
            cache_of("additive_attention", additive_of(draw, U, T, B, Q, H, A, padded)),
            draw(U, B, T + 1),
        ),
    ),
    "reverse_copy": Family(
        names="symbols lengths V sharpness",
        also=tuple(
            (np.array(symbols), np.array(lengths), V, sharpness)
            for symbols, lengths, V, sharpness in (
                ([[0]], [1], 1, 1.0), ([[1]], [1], 2, 1.0), ([[0], [1]], [2], 2, 1.0),
                ([[0], [1], [2]], [3], 3, 2.0), ([[1], [0]], [1], 2, 1.0), ([[1]], [0], 2, 1.0),
                ([[0, 1], [1, 1], [1, 0]], [3, 2], 2, 3.0), ([[1], [0], [0]], [3], 2, 0.5),
            )
        ),
    ),
}  # fmt: skip


# --- softmax ------------------------------------------------------------------------


@points(2)
def test_softmax(student, reference, rng):
    """masked_softmax over the last axis: positive, sums to 1, for scores of any shape"""
    cases = [
        (2.0 * rng.standard_normal(shape), np.ones(shape, bool))
        for shape in ((5,), (3, 4), (2, 3, 6))
    ]
    compare(student, reference, "masked_softmax", cases)


@points(1, needs=test_softmax)
def test_softmax_large(student, reference, rng):
    """Scores of ±1e4 neither overflow nor vanish"""
    small, all_real = rng.standard_normal((3, 4)), np.ones((3, 4), bool)
    cases = [(small + 1e4, all_real), (small - 1e4, all_real), (1e4 * small, all_real)]
    compare(student, reference, "masked_softmax", cases)


@points(2, needs=test_softmax)
def test_softmax_masked(student, reference, rng):
    """Exactly zero at masked places, whatever score stands there, and 1 in all at the others"""
    score = rng.standard_normal((2, 3, 5))
    mask = np.arange(5) < np.array([[5], [3], [1]])
    gaps = np.array([True, False, True, True, False])
    loud, broken = (np.where(mask, score, value) for value in (50.0, np.nan))
    compare(student, reference, "masked_softmax", [(score, mask), (score, gaps), (loud, mask)])
    (seen,) = student.each("masked_softmax", [((broken, mask), {})])
    weights = expect_shape(seen.weights, "weights", score.shape)
    expect_finite(weights, "weights")
    away = np.abs(weights[~np.broadcast_to(mask, weights.shape)]).max()
    message = f"a masked step has the weight {away:.3g}; it should be exactly 0"
    expect(away == 0.0, message, Where(output="weights"))


@points(1, needs=test_softmax)
def test_softmax_empty(student, reference, rng):
    """Where nothing is real all weights are 0, not NaN; the other rows stay what they are"""
    score, mask = rng.standard_normal((3, 4)), np.ones((3, 4), bool)
    mask[1] = False
    compare(student, reference, "masked_softmax", [(score, mask), (score, np.zeros(4, bool))])


@points(2)
def test_softmax_backward(student, reference, rng):
    """Back: ds = w ⊙ (dw - Σ w ⊙ dw), zero where w is 0, NaN in dweights or not"""
    cases = []
    for shape in ((4,), (2, 3, 5)):
        weights = rng.uniform(0.1, 1.0, shape)
        weights /= weights.sum(axis=-1, keepdims=True)
        cases.append((rng.standard_normal(shape), weights))
    padded = np.where(np.arange(5) < 3, cases[1][1], 0.0)
    cases += [(cases[1][0], padded), (np.where(padded > 0.0, cases[1][0], np.nan), padded)]
    compare(student, reference, "masked_softmax_backward", cases)


# --- both kinds of attention ----------------------------------------------------------


@points(3)
def test_dot(student, reference, rng):
    """dot_attention: score q · e / √H, context and weights in the course's shapes"""
    cases = [question(rng, "dot_attention"), question(rng, "dot_attention", U=1, T=6, B=3, H=2)]
    (seen,) = student.each("dot_attention", [(cases[0], {})])
    shaped(seen, cases[0])
    expect_present(seen.cache, "dot_attention returned 2 values: the cache is missing")
    compare(student, reference, "dot_attention", cases)


@points(3)
def test_additive(student, reference, rng):
    """additive_attention: score tanh(q W_q + e W_e + b) · v, context and weights"""
    function = "additive_attention"
    cases = [question(rng, function), question(rng, function, U=1, T=6, B=3, H=2, Q=7)]
    (seen,) = student.each(function, [(cases[0], {})])
    shaped(seen, cases[0])
    expect_present(seen.cache, "additive_attention returned 2 values: the cache is missing")
    compare(student, reference, function, cases)


def expect_padding(student, reference, rng, function):
    """Expect padding to count for nothing: by value, with loud numbers, with NaN, and all of it."""
    case = question(rng, function, U=3, T=5, B=4, lengths=[5, 3, 1, 0])
    calls = [(filled(case, value), {}) for value in (0.0, 1e3, np.nan)]
    (want,) = reference.each(function, [(case, {})])
    for got in student.each(function, calls):
        expect_close(got, want, instead="without what stands in the padding")
        away = np.abs(got.weights[:, ~case[2].T]).max()
        message = f"a padded step has the weight {away:.3g}; it should be exactly 0"
        expect(away == 0.0, message, Where(output="weights"))


@points(1, needs=test_dot)
def test_dot_padding(student, reference, rng):
    """dot_attention: NaN in the padding never leaks; a sequence that is all padding gets zeros"""
    expect_padding(student, reference, rng, "dot_attention")


@points(1, needs=test_additive)
def test_additive_padding(student, reference, rng):
    """additive_attention: NaN in the padding never leaks; all padding gets zeros"""
    expect_padding(student, reference, rng, "additive_attention")


@points(1, needs=(test_dot, test_additive))
def test_order(student, rng):
    """Steps in another order: the same context, and the weights go with them; so do sequences"""
    for function in BOTH:
        case = question(rng, function, T=5, B=3, lengths=[5, 4, 2])
        query, encoder, mask, *p = case
        steps, rows = np.array([3, 0, 4, 2, 1]), [2, 0, 1]
        moved = (query, encoder[steps], mask[steps], *p)
        turned = (query[:, rows], encoder[:, rows], mask[:, rows], *p)
        first, second, third = student.each(function, [(c, {}) for c in (case, moved, turned)])
        context, weights = shaped(first, case)
        expect_depends(first, "context", "weights")
        names = ("context", "weights")
        want = Returned(names=names, values=(context, weights[:, :, steps]))
        expect_close(second, want, instead="in the old order of steps it was")
        want = Returned(names=names, values=(context[:, rows], weights[:, rows]))
        expect_close(third, want, instead="in the old order of sequences it was")


# --- backward -------------------------------------------------------------------------


@points(3)
def test_dot_backward(student, reference, rng):
    """dot_attention back: dquery, and dencoder along both ways, score and context"""
    cases = []
    for sizes in ({}, {"U": 1, "T": 3, "B": 3, "H": 2}):
        case = question(rng, "dot_attention", **sizes)
        dcontext, dweights = upstream(rng, case)
        cases += [(case, dcontext), (case, 0 * dcontext, dweights), (case, dcontext, dweights)]
    compare_gradients(student, reference, "dot_attention", cases)


@points(2)
def test_additive_states(student, reference, rng):
    """additive_attention back: dquery and dencoder"""
    case = question(rng, "additive_attention")
    dcontext, dweights = upstream(rng, case)
    cases = [(case, dcontext), (case, dcontext, dweights)]
    compare_gradients(student, reference, "additive_attention", cases, "dquery", "dencoder")


@points(2)
def test_additive_weights(student, reference, rng):
    """additive_attention back: W_q, W_e, b and v, summed over queries, steps and sequences"""
    case = question(rng, "additive_attention", U=2, T=5, B=3)
    dcontext, dweights = upstream(rng, case)
    cases = [(case, dcontext), (case, dcontext, dweights)]
    compare_gradients(student, reference, "additive_attention", cases, "grads")


@points(1, needs=(test_dot_backward, test_additive_states))
def test_backward_padding(student, reference, rng):
    """Back: NaN in the padding leaks into no gradient, and padding's own is exactly zero"""
    for function in BOTH:
        case = question(rng, function, T=5, B=4, lengths=[5, 3, 1, 0])
        dcontext, _ = upstream(rng, case)
        backward = f"{function}_backward"
        (want,) = reference.each(backward, [((dcontext, cache_of(function, case)), {})])
        call = (dcontext, cache_of(function, filled(case, np.nan)))
        (got,) = student.each(backward, [(call, {})])
        expect_gradients(got, want, called=CALLED)
        away = np.abs(got.dencoder[~case[2]]).max()
        message = f"padding has a gradient of {away:.3g}; it should be exactly 0"
        expect(away == 0.0, message, Where(output="dencoder"))


@points(1, needs=(test_dot_backward, test_additive_states))
def test_pytorch(student):
    """The same values and gradients as PyTorch, from a frozen run"""
    for kind in ("dot", "additive"):
        torch = frozen(kind)
        case = tuple(torch[name] for name in ("query", "encoder", "mask"))
        if kind == "additive":
            case += ({name: torch[name] for name in ("W_q", "W_e", "b", "v")},)
        function = f"{kind}_attention"
        got = getattr(student, function)(*case)
        expect_close(
            got, chosen(torch, context="context", weights="weights"), instead="PyTorch says"
        )
        call = torch["dcontext"], cache_of(function, case), torch["dweights"]
        got = getattr(student, f"{function}_backward")(*call)
        want = chosen(torch, dquery="dquery", dencoder="dencoder")
        if kind == "additive":
            grads = {name: torch[f"d{name}"] for name in ("W_q", "W_e", "b", "v")}
            want = Returned(names=(*want.names, "grads"), values=(*want.values, grads))
        expect_close(got, want, instead="PyTorch says")


# --- a toy task, and its picture ----------------------------------------------------------


@points(1, needs=test_dot)
def test_copy(student, reference, rng):
    """reverse_copy: the symbols backwards, -1 after the end, and weights with a peak of e^s"""
    cases = []
    for T, B, V, sharpness in ((6, 4, 5, 4.0), (3, 2, 2, 0.7), (1, 1, 3, 2.0)):
        lengths = rng.integers(1, T + 1, B)
        lengths[0] = T
        cases.append((rng.integers(V, size=(T, B)), lengths, V, sharpness))
    # an empty one, and symbols that repeat
    cases.append((np.array([[1, 1], [1, 0], [0, 0]]), np.array([3, 0]), 2, 0.5))
    compare(student, reference, "reverse_copy", cases)


def shown(rng):
    """Draw weights (U, T), and words for both sides."""
    weights = rng.uniform(0.05, 1.0, (4, 6))
    weights /= weights.sum(axis=1, keepdims=True)
    return (
        weights,
        ["la", "souris", "mange", "du", "fromage", "."],
        ["the", "mouse", "eats", "cheese"],
    )


def look(student, data, check):
    """Check the figure by its data; only where they cannot be told, look at its pixels."""
    try:
        check(expect_figure(student.plot_attention(*data).figure, "plot_attention"))
    except Review:
        check(expect_figure(student.drawn("plot_attention", *data), "plot_attention"))


@points(1)
def test_drawn(student, same_rng):
    """plot_attention: a heat map of all weights as they are, and a path is saved to"""
    weights, source, target = shown(same_rng)
    instead = {
        "the logarithms of the weights": np.log(weights),
        "the weights of every column scaled to 1": weights / weights.sum(axis=0),
        "the weights of every row scaled to a peak of 1": weights / weights.max(axis=1)[:, None],
    }
    data = (weights, source, target)
    look(student, data, lambda figure: expect_images(figure, {"weights": weights}, instead))
    figure = student.plot_attention(*data, path=SCRATCH).figure
    expect_saved(expect_figure(figure, "plot_attention"), "plot_attention")


@points(1, needs=test_drawn)
def test_dressed(student, same_rng):
    """plot_attention: the words of both sides at its ticks, axes labelled, a colour bar"""
    weights, source, target = shown(same_rng)
    figure = expect_figure(student.plot_attention(weights, source, target).figure, "plot_attention")
    expect_names(figure, [*source, *target])
    expect_in_order(figure, source, target)
    expect_labels(figure)
    expect_colorbar(figure)


def expect_in_order(figure, source, target):
    """Expect the words to stand in order, or turned round where the map is turned."""
    ticks = [text for axes in figure["axes"] for text in axes["ticks"]]
    for words in (source, target):
        places = [ticks.index(word) if word in ticks else -1 for word in words]
        forwards = all(a < b for a, b in pairwise(places))
        backwards = all(a > b for a, b in pairwise(places))
        message = (
            f'the words "{words[0]}", "{words[1]}", ... do not stand at the ticks in their order'
        )
        expect(forwards or backwards or -1 in places, message, Where(output="figure"))


# --- precision ---------------------------------------------------------------------------


@points(1, needs=(test_dot, test_additive))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    for function in BOTH:
        case = question(rng, function, T=6)
        answers = (getattr(who, function)(*case) for who in (student, reference))
        expect_precise(*answers, "context", "weights")


# --- what the student sees ------------------------------------------------------------


@picture
def picture_copy(student):
    """Show what plot_attention draws of the student's own reverse_copy."""
    symbols = np.array([[2], [0], [3], [1], [4]])
    weights = student.reverse_copy(symbols, np.array([5]), 5, 2.0).weights
    weights = expect_shape(weights, "weights", (5, 1, 5))[:, 0]
    words = [f"step {k}: {'abcde'[s]}" for k, s in enumerate(symbols[:, 0])]
    said = [f"{'abcde'[s]}" for s in symbols[::-1, 0]]
    caption = "Your reverse_copy reads c, a, d, b, e backwards; your plot_attention drew this."
    data = (weights, words, said)
    return drawing("Your plot_attention", caption, student.drawn("plot_attention", *data))
