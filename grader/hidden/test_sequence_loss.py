"""Rubric: sequence loss (29 points).

Values and padding are charged apart: first with ordinary numbers in the padding,
then with NaN, infinity and targets that do not exist. Masks have holes, so that
whoever takes padding for an ending is found. Training is judged by the losses of
every chunk and the weights at the end; whoever's chunk_gradients has a slip, paid
for there, may train with what it says.
"""

from contextlib import contextmanager

import numpy as np

from grader.byhand import Line, one, short, squashed
from grader.calls import Returned
from grader.expect import (
    Lost,
    array_of,
    expect,
    expect_close,
    expect_finite,
    expect_gradients,
    expect_precise,
    expect_shape,
)
from grader.families import Family
from grader.model import BlockMap, Plot, Where
from grader.numerics import DELTA, numerical_gradient, relative_error
from grader.plotting import series
from grader.pytest_plugin import picture, points
from grader.sandbox.student import StudentError

RETURNS = {
    "masked_mean": "mean",
    "masked_cross_entropy": "loss dlogits",
    "masked_step": "h",
    "tbptt_chunks": "chunks",
    "chunk_gradients": "loss grads hn",
    "train_chunked": "params losses hn",
    "teacher_forced_inputs": "inputs",
    "free_running_inputs": "inputs",
}

#: What may stand where nothing is real.
POISON = (np.nan, np.inf, -np.inf)
NO_TARGETS = (-1, 999, -100)
#: Coarse, so that code in single precision is judged by what it computes.
COARSE, ROUGHLY = 3e-3, 1e-3
#: A gradient that is smaller says nothing.
FELT = 1e-6

CALLED = {
    'grads["W"]': "W", 'grads["W_out"]': "W_out", "dlogits": "the logits",
    "bias": "the bias row", "input": "the input rows", "recurrent": "the recurrent rows",
    "state": "the state rows",
}  # fmt: skip


# --- probes -------------------------------------------------------------------


def mask_of(rng, T, B):
    """Draw a mask with padding behind, in front and in between; every row has a real step.

    The first step of row 0 and the last one of row 1 are real, others as it falls.
    """
    mask = rng.uniform(size=(T, B)) < 0.6
    mask[0, 0] = True
    mask[-1, 1:] = True
    mask[-1, 0] = mask[0, 1:] = False
    return mask


def lengths_of(rng, T, B):
    """Draw a mask of sequences that end: one is as long as all T steps, one is shorter."""
    lengths = rng.integers(1, T, B)
    lengths[-1] = T
    return np.arange(T)[:, None] < lengths


def poisoned(rng, array, mask):
    """Put NaN and infinities into the padding of an array (T, B) or (T, B, .)."""
    bad = rng.choice(POISON, size=array.shape)
    return np.where(mask.reshape(mask.shape + (1,) * (array.ndim - 2)), array, bad)


def misled(rng, targets, mask):
    """Put targets that do not exist into the padding."""
    return np.where(mask, targets, rng.choice(NO_TARGETS, size=targets.shape))


def scores(rng, T=5, B=3, V=4):
    """Draw logits (T, B, V), targets (T, B), mask (T, B)."""
    return 1.5 * rng.standard_normal((T, B, V)), rng.integers(V, size=(T, B)), mask_of(rng, T, B)


def model(rng, D, H, V):
    """Draw the weights of the tiny model."""
    W = 0.6 * rng.standard_normal((1 + D + H, H))
    return {"W": W, "W_out": rng.standard_normal((1 + H, V))}


def chunk(rng, T=5, B=3, D=2, H=4, V=6):
    """Draw X, targets, mask, params and h0 for one chunk."""
    X, targets = rng.standard_normal((T, B, D)), rng.integers(V, size=(T, B))
    return X, targets, mask_of(rng, T, B), model(rng, D, H, V), rng.standard_normal((B, H))


def stretch(rng, T, k, lr, **sizes):
    """Draw what train_chunked is called with."""
    *case, h0 = chunk(rng, T=T, **sizes)
    return (*case, k, lr, h0)


def blocks_of(params, D):
    """Divide the two gradients of the tiny model into their rows."""
    rows = {"bias/h": np.s_[:1], "input/h": np.s_[1 : 1 + D], "recurrent/h": np.s_[1 + D :]}
    read = {"bias/v": np.s_[:1], "state/v": np.s_[1:]}
    return {'grads["W"]': rows, 'grads["W_out"]': read} if params else {}


def named(**values):
    """Name wanted values as a function would return them."""
    return Returned(names=tuple(values), values=tuple(values.values()))


def compare(student, reference, function, cases, *names):
    """Expect one function to answer all cases as the reference does; one request."""
    calls = [(case, {}) for case in cases]
    answers = zip(student.each(function, calls), reference.each(function, calls), strict=True)
    for got, want in answers:
        expect_close(got, want, *names)


def compare_chunks(student, reference, cases):
    """Expect the gradients of chunks to be the reference's, block by block."""
    calls = [(case, {}) for case in cases]
    answers = (asked.each("chunk_gradients", calls) for asked in (student, reference))
    for got, want, (X, _, _, params, *_) in zip(*answers, cases, strict=True):
        blocks = blocks_of(params, X.shape[2])
        expect_gradients(got, want, "grads", blocks=blocks, called=CALLED)


# --- the smallest failing examples ---------------------------------------------


#: What is in the step behind the real ones: there is none, an ordinary one, no number.
PADDING = ({"behind": "nothing"}, {"behind": "numbers"}, {"behind": "nan"})


def padded(array, behind):
    """Make the last step of an array one of padding, as the kind says."""
    if behind == "nan":
        array[-1] = np.nan
    return array


def real(T, B, behind):
    """Make the mask that goes with it."""
    mask = np.ones((T, B), bool)
    if behind != "nothing":
        mask[-1] = False
    return mask


def targets_of(T, B, V):
    """Count through the vocabulary."""
    return np.arange(1, 1 + T * B).reshape(T, B) % V


def values_of(draw, T, B, behind):
    """Make the arguments of masked_mean."""
    T += behind != "nothing"
    return padded(draw(T, B), behind), real(T, B, behind)


def scores_of(draw, T, B, V, behind):
    """Make the arguments of masked_cross_entropy."""
    T, V = T + (behind != "nothing"), V + 1
    return padded(draw(T, B, V), behind), targets_of(T, B, V), real(T, B, behind)


def tiny(draw, D, H, V):
    """Make the weights of a tiny model."""
    return {"W": draw(1 + D + H, H), "W_out": draw(1 + H, V)}


def chunk_of(draw, T, B, D, H, V, behind):  # noqa: PLR0913, PLR0917  one size each
    """Make the arguments of chunk_gradients."""
    T, V = T + (behind != "nothing"), V + 1
    X = padded(draw(T, B, D), behind)
    return X, targets_of(T, B, V), real(T, B, behind), tiny(draw, D, H, V), draw(B, H)


def stretch_of(draw, T, B, D, H, V):
    """Make the arguments of train_chunked: chunks of one step."""
    X, targets, mask, params, h0 = chunk_of(draw, T + 1, B, D, H, V, "nothing")
    return X, targets, mask, params, 1, 0.5, h0


def entropy_by_hand(logits, targets, mask):
    """Work out the loss and its gradient for one real step of two symbols."""
    if mask.sum() != 1:
        return
    a, target = logits[0, 0], int(targets[0, 0])
    p = np.exp(a - a.max()) / np.sum(np.exp(a - a.max()))
    shares = ", ".join(map(short, p))
    yield Line("p", "", f"one real step: p = softmax({short(a[0])}, {short(a[1])}) = {shares}")
    loss = f"loss = -ln p[{target}] = -ln {short(p[target])} = {short(-np.log(p[target]))}"
    yield Line("loss", "p", loss)
    slopes = ", ".join(short(p[v] - (v == target)) for v in range(2))
    yield Line("dlogits", "p", f"dlogits = p - onehot({target}) = {slopes}; 0 in the padding")


def step_by_hand(x, h_prev, mask, W):
    """Work out one step for B = D = H = 1."""
    if not mask[0]:
        yield Line("h", "", f"no step here: h = h_prev = {short(one(h_prev))}")
        return
    b, w_x, w_h = W[:, 0]
    line, _ = squashed("h", [(b,), (one(x), w_x), (one(h_prev), w_h)], "tanh")
    yield Line("h", "", line.text.replace("a_h", "a"))


def mean_by_hand(values, mask):
    """Work out the mean of one real value."""
    if mask.sum() == 1:
        value = short(float(values[mask][0]))
        yield Line("mean", "", f"one real entry, {value}: mean = {value} / 1 = {value}")


NO_EXAMPLE = {"precision": "the numbers are right, in too few digits"}

NONE, FIRST = np.zeros((2, 1), bool), np.array([[True], [False]])

EXAMPLES = {
    "masked_mean": Family(
        names="values mask", make=values_of, kinds=PADDING, by_hand=mean_by_hand, kept="values",
        also=((np.array([[1.0], [2.0]]), NONE),),
    ),
    "masked_cross_entropy": Family(
        names="logits targets mask", make=scores_of, kinds=PADDING, by_hand=entropy_by_hand,
        also=(
            (np.array([[[1.0, 2.0]], [[np.nan, 0.0]]]), np.array([[1], [-1]]), FIRST),
            (np.array([[[1.0, 2.0]], [[1.0, 2.0]]]), np.array([[1], [999]]), FIRST),
            (np.array([[[1000.0, 0.0]]]), np.array([[1]]), FIRST[:1]),
            (np.array([[[-1000.0, -1001.0]]]), np.array([[0]]), FIRST[:1]),
            (np.ones((2, 1, 2)), np.array([[0], [1]]), NONE),
        ),
    ),
    "masked_step": Family(
        names="x h_prev mask W",
        make=lambda draw, B, D, H, waits: (
            np.full((B, D), np.nan) if waits == "nan" else draw(B, D), draw(B, H),
            np.full(B, waits == ""), draw(1 + D + H, H),
        ),
        kinds=({"waits": ""}, {"waits": "numbers"}, {"waits": "nan"}),
        by_hand=step_by_hand,
    ),
    "tbptt_chunks": Family(
        names="T k", also=((1, 1), (2, 1), (2, 2), (3, 2), (1, 2), (4, 2), (5, 2), (23, 6))
    ),
    "chunk_gradients": Family(
        names="X targets mask params h0", optional="h0", make=chunk_of, kinds=PADDING,
    ),
    "train_chunked": Family(
        names="X targets mask params k lr h0", optional="h0", make=stretch_of,
    ),
    "teacher_forced_inputs": Family(
        names="targets start",
        make=lambda draw, T, B: (  # noqa: ARG005  these are whole numbers
            np.arange(7, 7 + T * B).reshape(T, B), np.arange(5, 5 + B)
        ),
    ),
    "free_running_inputs": Family(
        names="params start T h0", optional="h0",
        make=lambda draw, T, B, H, V: (
            tiny(draw, V + 1, H, V + 1), np.arange(1, 1 + B) % (V + 1), T + 2, draw(B, H)
        ),
    ),
}  # fmt: skip


# --- the mean -----------------------------------------------------------------------


@points(1)
def test_mean_values(student, reference, rng):
    """masked_mean: the sum of what is real over how many those are"""
    cases = []
    for T, B in ((5, 3), (2, 4), (6, 2)):
        cases.append((rng.standard_normal((T, B)), mask_of(rng, T, B)))
    cases.append((rng.standard_normal((4, 2)), np.ones((4, 2), bool)))
    compare(student, reference, "masked_mean", cases)


@points(1)
def test_mean_padding(student, reference, rng):
    """masked_mean: NaN and infinity in the padding are chosen away, never multiplied by 0"""
    cases = []
    for T, B in ((5, 3), (4, 2)):
        values, mask = rng.standard_normal((T, B)), mask_of(rng, T, B)
        cases += [(poisoned(rng, values, mask), mask), (np.where(mask, values, np.nan), mask)]
    compare(student, reference, "masked_mean", cases)


# --- the loss -------------------------------------------------------------------------


@points(2)
def test_entropy_loss(student, reference, rng):
    """The loss is the mean of -ln p[target] over the real steps of the whole batch"""
    cases = [scores(rng), scores(rng, T=2, B=4, V=7)]
    compare(student, reference, "masked_cross_entropy", cases, "loss")


@points(2)
def test_entropy_gradient(student, reference, rng):
    """dlogits = (softmax - onehot) / N at real steps, and exactly 0 in the padding"""
    for case in (scores(rng), scores(rng, T=2, B=4, V=7)):
        got, want = (who.masked_cross_entropy(*case) for who in (student, reference))
        expect_gradients(got, want, "dlogits", called=CALLED)
        silent = np.abs(got.dlogits[~case[2]]).max(initial=0.0) == 0.0
        expect(silent, "dlogits is not exactly 0 in the padding", Where(output="dlogits"))


@points(1, needs=(test_entropy_loss, test_entropy_gradient))
def test_entropy_measured(student, rng):
    """Loss and dlogits belong together: central differences of your own loss agree"""
    case = scores(rng, T=3, B=2, V=3)
    got = expect_shape(student.masked_cross_entropy(*case).dlogits, "dlogits", case[0].shape)
    expect_finite(got, "dlogits")
    slope = measured(student, "masked_cross_entropy", case, [0])[0]
    says = "central differences of your loss say"
    expect_close(named(dlogits=got), named(dlogits=slope), tolerance=ROUGHLY, instead=says)


def measured(student, function, case, vary, delta=COARSE):
    """Differentiate a student's own loss; it has to depend on something."""
    slopes = numerical_gradient(
        lambda paths: student.sweep(function, case, paths, delta, ["loss"]),
        case, vary, [np.ones(1)], delta,
    )  # fmt: skip
    for slope in slopes:
        expect_finite(slope, "loss")
        message = f"the loss of your {function} does not depend on what it should"
        expect(np.abs(slope).max() > FELT, message, Where(output="loss"))
    return slopes


@points(1)
def test_entropy_padding(student, reference, rng):
    """NaN, infinity, and targets such as -1 or 999 in the padding do no harm"""
    cases = []
    for sizes in ({}, {"T": 4, "B": 2, "V": 5}):
        logits, targets, mask = scores(rng, **sizes)
        cases.append((poisoned(rng, logits, mask), targets, mask))
        cases.append((logits, misled(rng, targets, mask), mask))
    compare(student, reference, "masked_cross_entropy", cases, "loss", "dlogits")


@points(1)
def test_entropy_stable(student, reference, rng):
    """Logits of ±1000: the largest is subtracted first, nothing overflows, no log of 0"""
    logits, targets, mask = scores(rng, T=4, B=2, V=5)
    # one symbol is a thousand times e away, and it is sometimes the target
    far = logits.copy()
    far[:, :, 0] -= 1000.0
    targets[0, 0], mask[0, 0] = 0, True
    cases = [(some, targets, mask) for some in (logits + 1000.0, logits - 1000.0, far)]
    compare(student, reference, "masked_cross_entropy", cases, "loss", "dlogits")


@points(1, needs=(test_mean_values, test_entropy_loss))
def test_nothing_real(student, reference, rng):
    """A batch of padding only has mean 0, loss 0 and gradient 0, not 0 / 0"""
    logits, targets, mask = scores(rng)
    none = np.zeros_like(mask)
    compare(student, reference, "masked_mean", [(logits[:, :, 0], none)])
    compare(student, reference, "masked_cross_entropy", [(logits, targets, none)])


# --- the step -------------------------------------------------------------------------


def steps(rng, B=4, D=3, H=5):
    """Draw x, h_prev, a mask with both kinds in it, and W."""
    mask = rng.permutation(np.arange(B) % 2 == 0)
    W = 0.5 * rng.standard_normal((1 + D + H, H))
    return rng.standard_normal((B, D)), rng.standard_normal((B, H)), mask, W


@points(1)
def test_step(student, reference, rng):
    """masked_step: real rows go through tanh([1, x, h] @ W), the others keep their h"""
    cases = [steps(rng), steps(rng, B=2, D=4, H=3), steps(rng, B=5, D=2, H=4)]
    compare(student, reference, "masked_step", cases)


@points(1)
def test_step_padding(student, reference, rng):
    """masked_step: NaN or infinity in an x that is padding never reaches h"""
    cases = []
    for sizes in ({}, {"B": 3, "D": 2, "H": 4}):
        x, h_prev, mask, W = steps(rng, **sizes)
        cases += [(np.where(mask[:, None], x, bad), h_prev, mask, W) for bad in POISON]
    compare(student, reference, "masked_step", cases)


@points(1, needs=test_step)
def test_last_state(student, rng):
    """masked_step, again and again: a short sequence ends in the state of its own last step"""
    T, B, D, H = 6, 3, 2, 4
    mask = lengths_of(rng, T, B)
    X, W = rng.standard_normal((T, B, D)), 0.6 * rng.standard_normal((1 + D + H, H))
    h = together = rng.standard_normal((B, H))
    for x, here in zip(X, mask, strict=True):
        together = expect_shape(student.masked_step(x, together, here, W).h, "h", (B, H))
    rows = []
    for b in range(B):
        alone = h[b : b + 1]
        for t in range(int(mask[:, b].sum())):
            seen = student.masked_step(X[t, b : b + 1], alone, np.ones(1, bool), W)
            alone = expect_shape(seen.h, "h", (1, H))
        rows.append(alone[0])
    expect(relative_error(np.array(rows), h) > FELT, "h never changes", Where(output="h"))
    expect_close(named(h=together), named(h=np.array(rows)), instead="without padding")


# --- chunks ---------------------------------------------------------------------------


def pairs(seen):
    """Read a list of pairs, a tuple of them, or an array."""
    where = Where(output="chunks")
    value = seen.chunks
    if isinstance(value, np.ndarray):
        value = value.tolist()
    message = "chunks is not a list of pairs (start, stop)"
    expect(isinstance(value, tuple | list), message, where)
    for pair in value:
        expect(isinstance(pair, tuple | list) and len(pair) == 2, message, where)
        whole = all(array_of(number, "chunks").ndim == 0 for number in pair)
        expect(whole, message, where)
    return [(int(start), int(stop)) for start, stop in value]


def expect_chunks(student, reference, cases):
    """Expect the right chunks for all (T, k)."""
    answers = (who.each("tbptt_chunks", [(case, {}) for case in cases])
               for who in (student, reference))  # fmt: skip
    for got, want, (T, k) in zip(*answers, cases, strict=True):
        found, right = pairs(got), pairs(want)
        first = next((n for n, pair in enumerate(right) if found[n : n + 1] != [pair]), len(right))
        shown = f"{found[first]}" if first < len(found) else "missing"
        should = f"{right[first]}" if first < len(right) else "none: T steps are over"
        message = f"T = {T}, k = {k}: chunk {first} is {shown}; it should be {should}"
        expect(found == right, message, Where(output="chunks", index=(first,)))


@points(1)
def test_chunks(student, reference, rng):
    """tbptt_chunks: k steps each, one behind the other, and what is left over"""
    cases = [
        (k * int(rng.integers(2, 5)) + int(rng.integers(1, k)), k)
        for k in (int(n) for n in rng.permutation(np.arange(3, 9))[:3])
    ]
    expect_chunks(student, reference, cases)


@points(1, needs=test_chunks)
def test_chunks_edges(student, reference, rng):
    """tbptt_chunks: no empty chunk when k divides T, one chunk when k >= T, T chunks when k = 1"""
    k = int(rng.integers(3, 8))
    expect_chunks(student, reference, [(3 * k, k), (k, k), (k - 1, k), (k, 1), (1, 1), (1, 5)])


# --- one chunk ------------------------------------------------------------------------


@points(1)
def test_chunk_loss(student, reference, rng):
    """chunk_gradients: the loss of the tiny model, and hn, from h0 or from zeros"""
    cases = [chunk(rng), chunk(rng, T=3, B=4, D=5, H=2, V=3)[:-1]]
    compare(student, reference, "chunk_gradients", cases, "loss", "hn")


@points(2)
def test_chunk_gradients(student, reference, rng):
    """chunk_gradients: dW and dW_out, through real steps and past the others"""
    compare_chunks(student, reference, [chunk(rng), chunk(rng, T=6, B=2, D=3, H=5, V=4)])


@points(1, needs=(test_chunk_loss, test_chunk_gradients))
def test_chunk_measured(student, rng):
    """The gradients agree with central differences of your own loss, h0 held fixed"""
    case = chunk(rng, T=4, B=2, D=2, H=3, V=3)
    got, params = student.chunk_gradients(*case), case[3]
    slopes = measured(student, "chunk_gradients", case, [(3, name) for name in params])
    want = named(grads=dict(zip(params, slopes, strict=True)))
    says = "central differences of your loss say"
    expect_close(got, want, "grads", tolerance=ROUGHLY, instead=says)


@points(1)
def test_chunk_padding(student, reference, rng):
    """chunk_gradients: NaN in the padding of X, or a target 999 there, reaches no weight"""
    cases = []
    for sizes in ({}, {"T": 4, "B": 2, "D": 3}):
        X, targets, mask, *rest = chunk(rng, **sizes)
        cases += [(poisoned(rng, X, mask), misled(rng, targets, mask), mask, *rest)]
    compare(student, reference, "chunk_gradients", cases)


@points(1, needs=(test_entropy_loss, test_chunk_loss))
def test_longer(student, rng):
    """Padding is no padding: three more steps of it change neither loss nor gradient nor hn"""
    case = (X, targets, mask, params, h0) = chunk(rng)
    more = [np.concatenate([a, a[:3]]) for a in (X, targets)]
    longer = np.concatenate([mask, np.zeros_like(mask[:3])])
    short_, long_ = (
        student.chunk_gradients(*case),
        student.chunk_gradients(*more, longer, params, h0),
    )
    for name in params:
        shape = params[name].shape
        entry = expect_shape(entry_of(short_, "grads", name), f'grads["{name}"]', shape)
        message = f'grads["{name}"] is zero throughout'
        expect(np.abs(entry).max() > FELT, message, Where(output=f'grads["{name}"]'))
    expect_close(long_, short_, instead="without more padding")
    logits = rng.standard_normal((5, 3, 4))
    short_ = student.masked_cross_entropy(logits, targets % 4, mask)
    long_ = student.masked_cross_entropy(np.concatenate([logits, logits[:3]]), more[1] % 4, longer)
    expect_shape(short_.dlogits, "dlogits", (5, 3, 4))
    want = named(loss=short_.loss, dlogits=np.concatenate([short_.dlogits, 0 * logits[:3]]))
    expect_close(long_, want, "loss", "dlogits", instead="without more padding")


def entry_of(seen, name, key):
    """Read an entry of a returned dict, or lose the criterion."""
    expect(isinstance(seen[name], dict), f"{name} should be a dict", Where(output=name))
    return seen[name].get(key)


# --- training ---------------------------------------------------------------------------


def trained(asked, case):
    """Ask for one training, its losses as an array."""
    seen = asked.train_chunked(*case)
    losses = seen.losses
    if isinstance(losses, tuple | list):
        losses = np.array([one_loss(value) for value in losses])
    return named(params=seen.params, losses=losses, hn=seen.hn)


def one_loss(value):
    """Take an entry of losses as a number, or lose the criterion."""
    return float(expect_shape(value, "an entry of losses", ()))


def own_training(student, case):
    """Train with the student's own chunk_gradients, chunk after chunk."""
    X, targets, mask, params, k, lr, *rest = case
    h, losses = rest[0] if rest else None, []
    for start in range(0, len(X), k):
        here = slice(start, start + k)
        seen = student.chunk_gradients(X[here], targets[here], mask[here], params, h)
        h = expect_shape(seen.hn, "hn", (X.shape[1], params["W"].shape[1]))
        losses.append(one_loss(seen.loss))
        gradients = {}
        for name, w in params.items():
            gradients[name] = expect_shape(entry_of(seen, "grads", name), name, w.shape)
            expect_finite(gradients[name], name)
        felt = np.abs(gradients["W"]).max() > FELT or not mask[here].any()
        expect(felt, "your own gradient is zero")
        params = {name: w - lr * gradients[name] for name, w in params.items()}
    return named(params=params, losses=np.array(losses), hn=h)


@contextmanager
def or_own(second_chance):
    """Let numbers that the student's own earlier function explains count as right."""
    try:
        yield
    except Lost as lost:
        try:
            second_chance()
        except (Lost, StudentError):
            raise lost from None


def expect_trained(student, reference, case, *names):
    """Expect the reference's training, or what the student's own gradients come to."""
    got = trained(student, case)
    with or_own(lambda: expect_close(got, own_training(student, case), *names)):
        expect_close(got, trained(reference, case), *names)


@points(1)
def test_train_update(student, reference, rng):
    """One chunk: each array becomes array - lr · gradient; its loss is from before that"""
    expect_trained(student, reference, stretch(rng, T=4, k=4, lr=0.3), "params", "losses")
    without_h0 = stretch(rng, T=3, k=5, lr=0.7, D=4, H=3, V=4)[:-1]
    expect_trained(student, reference, without_h0, "params", "losses")


@points(1)
def test_train_carried(student, reference, rng):
    """The value of h is handed on: h0 to the first chunk, hn from the last one"""
    # with lr = 0 the weights stay, so that only the states are asked for
    case = stretch(rng, T=7, k=3, lr=0.0)
    expect_trained(student, reference, case, "losses", "hn")


@points(1, needs=(test_train_update, test_train_carried))
def test_train_chunks(student, reference, rng):
    """Every chunk is an update of its own, and its gradient ends where the chunk begins"""
    expect_trained(student, reference, stretch(rng, T=8, k=3, lr=0.4), "params", "losses")
    X, targets, mask, *rest = stretch(rng, T=6, k=2, lr=0.4)
    mask[2:4] = False
    expect_trained(student, reference, (X, targets, mask, *rest))


# --- who says what comes next -------------------------------------------------------------


@points(1)
def test_teacher(student, reference, rng):
    """teacher_forced_inputs: start first, then the target of the step before"""
    cases = [(rng.integers(50, size=(T, B)), rng.integers(50, size=B)) for T, B in ((5, 3), (1, 4))]
    compare(student, reference, "teacher_forced_inputs", cases)
    expect_whole(student.teacher_forced_inputs(*cases[0]))


def expect_whole(seen):
    """Expect inputs that can be used as indices."""
    kind = np.asarray(seen.inputs).dtype
    message = f"inputs is {kind}; it should hold whole numbers, which can be used as indices"
    expect(kind.kind in "iu", message, Where(output="inputs"))


def talk(rng, T, B, H, V):
    """Draw a tiny model whose answers vary, first symbols, T and h0."""
    W = rng.standard_normal((1 + V + H, H))
    params = {"W": W, "W_out": rng.standard_normal((1 + H, V))}
    return params, rng.integers(V, size=B), T, rng.standard_normal((B, H))


@points(1)
def test_free(student, reference, rng):
    """free_running_inputs: the argmax of one step is, one-hot, the input of the next"""
    cases = [talk(rng, T=T, B=B, H=H, V=V)[:3] for T, B, H, V in ((9, 4, 6, 7), (12, 5, 8, 5))]
    compare(student, reference, "free_running_inputs", cases)
    expect_whole(student.free_running_inputs(*cases[0]))


@points(1)
def test_free_start(student, reference, rng):
    """free_running_inputs: it starts from h0 where one is given, and carries h along"""
    cases = [talk(rng, T=T, B=B, H=H, V=V) for T, B, H, V in ((6, 8, 5, 9), (5, 9, 7, 6))]
    compare(student, reference, "free_running_inputs", cases)


# --- sizes and digits ---------------------------------------------------------------------


@points(1, needs=(test_entropy_loss, test_step, test_chunk_loss))
def test_edge_sizes(student, reference, rng):
    """T, B, D and H may be 1, and V may be 2"""
    ones, whole = {"T": 1, "B": 1, "D": 1, "H": 1, "V": 2}, np.ones((1, 1), bool)
    X, targets, _, params, h0 = chunk(rng, **ones)
    compare(student, reference, "masked_mean", [(X[:, :, 0], whole)])
    compare(student, reference, "masked_step", [(X[0], h0, whole[0], params["W"])])
    compare(student, reference, "chunk_gradients", [(X, targets, whole, params, h0)])
    logits = np.array([[[0.3, -0.4]]])
    compare(student, reference, "masked_cross_entropy", [(logits, targets, whole)])
    for sizes in ({"B": 1}, {"H": 1}, {"D": 1}, {"T": 1}):
        X, targets, mask, params, h0 = chunk(rng, **{"T": 3, "B": 2, "D": 4, "H": 5} | sizes)
        case = (X, targets, np.ones_like(mask), params, h0)
        compare(student, reference, "chunk_gradients", [case])


@points(1, needs=(test_entropy_loss, test_chunk_gradients))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case, values = scores(rng), chunk(rng)
    got, want = (who.masked_cross_entropy(*case) for who in (student, reference))
    expect_precise(got, want, "loss", "dlogits")
    got, want = (who.chunk_gradients(*values) for who in (student, reference))
    expect_precise(got, want, "hn")
    got, want = (named(**seen.grads) for seen in (with_dict(got), want))
    expect_precise(got, want, "W", "W_out")


def with_dict(seen):
    """Expect grads with both names in it."""
    for name in ("W", "W_out"):
        array_of(entry_of(seen, "grads", name), f'grads["{name}"]')
    return seen


# --- what the student sees ------------------------------------------------------------


PUBLIC = 1990
STANDS = {"0": 0.0, "1000": 1000.0, "NaN": np.nan, "inf": np.inf}


@picture
def picture_padding(student, reference):
    """Put this and that into the padding, and see what notices; public numbers."""
    rng = np.random.default_rng(PUBLIC)
    X, targets, mask, params, h0 = chunk(rng, T=5, B=3, D=2, H=4, V=3)
    logits = rng.standard_normal((5, 3, 3))

    def filled(array, bad):
        return np.where(mask.reshape(mask.shape + (1,) * (array.ndim - 2)), array, bad)

    asked = {
        "masked_mean": lambda bad: ("masked_mean", (filled(logits[:, :, 0], bad), mask)),
        "masked_cross_entropy": lambda bad: (
            "masked_cross_entropy", (filled(logits, bad), targets, mask)
        ),
        "masked_step": lambda bad: (
            "masked_step", (filled(X, bad)[1], h0, mask[1], params["W"])
        ),
        "chunk_gradients": lambda bad: (
            "chunk_gradients", (filled(X, bad), targets, mask, params, h0)
        ),
    }  # fmt: skip
    errors = []
    for question in asked.values():
        row = []
        for bad in STANDS.values():
            function, args = question(bad)
            row.append(worst(student, reference, function, args))
        errors.append(tuple(row))
    return BlockMap(
        title="What stands in the padding, and who notices",
        caption="One public batch with holes in it; the padding is filled with one number. "
        "0: every result is right. 1: it has nothing to do with the right one, or is no number.",
        row_label="function",
        column_label="padding holds",
        rows=tuple(asked),
        columns=tuple(STANDS),
        values=tuple(errors),
    )


def worst(student, reference, function, args):
    """Measure the worst result of one call; None where it raises."""
    try:
        got = getattr(student, function)(*args)
    except StudentError:
        return None
    want = getattr(reference, function)(*args)
    found = []
    for name, right in zip(want.names, want.values, strict=True):
        entries = right if isinstance(right, dict) else {"": right}
        for key, value in entries.items():
            came = entry_of(got, name, key) if key else got[name]
            array = expect_shape(came, name, np.shape(value)).astype(float)
            finite = np.isfinite(array).all()
            found.append(relative_error(array, np.asarray(value)) if finite else 1.0)
    return round(max(found), 3)


@picture
def picture_slopes(student):
    """Put the gradients of a chunk beside central differences of its loss, on public numbers."""
    case = chunk(np.random.default_rng(PUBLIC), T=4, B=3, D=2, H=3, V=3)
    got, params = student.chunk_gradients(*case), case[3]
    vary = [(3, name) for name in params]
    slopes = numerical_gradient(
        lambda paths: student.sweep("chunk_gradients", case, paths, DELTA, ["loss"]),
        case, vary, [np.ones(1)],
    )  # fmt: skip
    return Plot(
        title="Your gradient beside the slope of your own loss",
        caption="Every entry of W and W_out, against central differences of the loss of your own "
        "chunk_gradients, with a mask that has holes. On the diagonal both agree.",
        x_label="slope measured by differences",
        y_label="what your chunk_gradients says",
        series=tuple(
            series(name, slope, expect_shape(entry_of(got, "grads", name), name, slope.shape))
            for name, slope in zip(params, slopes, strict=True)
        ),
        points=True,
    )
