"""Public checks: sequence loss.

Numbers worked by hand in the handout, and properties that padding, chunks and
inputs have. Passing them all is a good sign and not yet full marks: grading
uses other inputs. Run them with `nox -s check -- sequence_loss`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import expect, expect_close, expect_finite, expect_shape
from grader.numerics import DELTA, numerical_gradient
from grader.pytest_plugin import points

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

#: The handout's two sequences, of lengths 3 and 2.
VALUES = np.array([[0.9, 0.3], [0.6, 0.9], [0.6, 0.0], [0.0, 0.0]])
MASK = np.array([[True, True], [True, True], [True, False], [False, False]])
#: The handout's tiny model: D = H = 1, V = 2, two steps of one sequence.
PARAMS = {"W": np.array([[1.0], [0.5], [-2.0]]), "W_out": np.array([[0.0, 0.0], [1.0, -1.0]])}
X_TOY, TARGETS = np.array([[[2.0]], [[-1.0]]]), np.array([[0], [1]])
H_TOY = np.array([[0.5]])
BOTH, FIRST = np.array([[True], [True]]), np.array([[True], [False]])


def by_hand(**values):
    """Name what the handout works out."""
    arrays = [v if isinstance(v, dict) else np.array(v, float) for v in values.values()]
    return Returned(names=tuple(values), values=tuple(arrays))


def chunk(rng, T, B, D, H, V):
    """Draw X, targets, a mask with holes, params and h0."""
    mask = rng.uniform(size=(T, B)) < 0.6
    mask[0, 0], mask[-1, -1] = True, True
    W, W_out = 0.5 * rng.standard_normal((1 + D + H, H)), rng.standard_normal((1 + H, V))
    X, targets = rng.standard_normal((T, B, D)), rng.integers(V, size=(T, B))
    return X, targets, mask, {"W": W, "W_out": W_out}, rng.standard_normal((B, H))


@points(1)
def test_masked_mean(student):
    """masked_mean: the handout's two sequences have the mean 0.66, also with NaN as padding"""
    expect_close(student.masked_mean(VALUES, MASK), by_hand(mean=0.66), instead="by hand")
    poisoned = np.where(MASK, VALUES, np.nan)
    expect_close(student.masked_mean(poisoned, MASK), by_hand(mean=0.66), instead="by hand")
    nothing = student.masked_mean(VALUES, np.zeros_like(MASK))
    expect_close(nothing, by_hand(mean=0.0), instead="where nothing is real it is")


@points(1)
def test_entropy_by_hand(student):
    """masked_cross_entropy: logits [0, ln 3], target 1: loss 0.288, dlogits [0.25, -0.25]"""
    logits = np.array([[[0.0, np.log(3.0)]]]).repeat(2, axis=0)
    want = by_hand(loss=0.2876821, dlogits=[[[0.25, -0.25]], [[0.0, 0.0]]])
    targets = np.array([[1], [1]])
    expect_close(student.masked_cross_entropy(logits, targets, FIRST), want, instead="by hand")
    want = by_hand(loss=0.2876821, dlogits=[[[0.125, -0.125]], [[0.125, -0.125]]])
    got = student.masked_cross_entropy(logits, targets, BOTH)
    expect_close(got, want, instead="for two steps like it")


@points(1, needs=test_entropy_by_hand)
def test_entropy_padding(student):
    """masked_cross_entropy: NaN and a target 999 in the padding change nothing"""
    logits = np.array([[[0.0, np.log(3.0)]], [[np.nan, np.inf]]])
    want = by_hand(loss=0.2876821, dlogits=[[[0.25, -0.25]], [[0.0, 0.0]]])
    for target in (0, -1, 999):
        got = student.masked_cross_entropy(logits, np.array([[1], [target]]), FIRST)
        expect_close(got, want, instead="by hand")


@points(1, needs=test_entropy_by_hand)
def test_entropy_stable(student):
    """masked_cross_entropy: logits 1000 and 0 with target 1: loss 1000, dlogits [1, -1]"""
    logits = np.array([[[1000.0, 0.0]]])
    got = student.masked_cross_entropy(logits, np.array([[1]]), BOTH[:1])
    expect_close(got, by_hand(loss=1000.0, dlogits=[[[1.0, -1.0]]]), instead="by hand")


@points(1, needs=test_entropy_by_hand)
def test_entropy_gradient(student, rng):
    """masked_cross_entropy: central differences of your own loss agree, T, B, V = 3, 2, 4"""
    mask = np.array([[True, True], [False, True], [True, False]])
    case = rng.standard_normal((3, 2, 4)), rng.integers(4, size=(3, 2)), mask
    got = expect_shape(student.masked_cross_entropy(*case).dlogits, "dlogits", (3, 2, 4))
    (want,) = measured(student, "masked_cross_entropy", case, [0])
    says = "central differences of your loss say"
    expect_close(by_hand(dlogits=got), by_hand(dlogits=want), instead=says)


def measured(student, function, case, vary):
    """Differentiate your own loss, which has to depend on something."""
    slopes = numerical_gradient(
        lambda paths: student.sweep(function, case, paths, DELTA, ["loss"]),
        case, vary, [np.ones(1)],
    )  # fmt: skip
    for slope in slopes:
        expect_finite(slope, "loss")
        expect(np.abs(slope).max() > 0, f"the loss of your {function} never changes")
    return slopes


@points(1)
def test_masked_step(student):
    """masked_step: x = 2 and h = 0.5 give 0.762; in padding h stays 0.5, even if x is NaN"""
    x, h_prev = np.array([[2.0], [2.0], [np.nan]]), np.full((3, 1), 0.5)
    got = student.masked_step(x, h_prev, np.array([True, False, False]), PARAMS["W"])
    expect_close(got, by_hand(h=[[0.7615942], [0.5], [0.5]]), instead="by hand")


@points(1)
def test_chunks(student):
    """tbptt_chunks: (23, 6) gives (0, 6), (6, 12), (12, 18), (18, 23)"""
    for T, k, want in (
        (23, 6, [(0, 6), (6, 12), (12, 18), (18, 23)]),
        (4, 2, [(0, 2), (2, 4)]),
        (2, 5, [(0, 2)]),
    ):
        chunks = student.tbptt_chunks(T, k).chunks
        listed = isinstance(chunks, tuple | list | np.ndarray)
        expect(listed, "chunks is not a list of pairs (start, stop)")
        found = [tuple(map(int, pair)) for pair in chunks if np.shape(pair) == (2,)]
        right = found == want and len(chunks) == len(want)
        expect(right, f"T = {T}, k = {k} gives {found}; it should be {want}")


@points(1)
def test_chunk_by_hand(student):
    """chunk_gradients: the toy and a step of padding: loss 0.197, hn 0.762, and both gradients"""
    want = by_hand(
        loss=0.1972230,
        grads={
            "W": np.array([[-0.1503445], [-0.3006890], [-0.0751723]]),
            "W_out": np.array([[-0.1789925, 0.1789925], [-0.1363196, 0.1363196]]),
        },
        hn=[[0.7615942]],
    )
    for behind in (-1.0, np.nan):
        X = np.array([[[2.0]], [[behind]]])
        got = student.chunk_gradients(X, TARGETS, FIRST, PARAMS, H_TOY)
        expect_close(got, want, instead="by hand")


@points(1, needs=test_chunk_by_hand)
def test_chunk_gradient(student, rng):
    """chunk_gradients: central differences of your own loss agree, with holes in the mask"""
    case = chunk(rng, T=4, B=2, D=2, H=3, V=4)
    got, params = student.chunk_gradients(*case), case[3]
    slopes = measured(student, "chunk_gradients", case, [(3, name) for name in params])
    want = by_hand(grads=dict(zip(params, slopes, strict=True)))
    expect_close(got, want, "grads", instead="central differences of your loss say")


@points(1, needs=test_chunk_by_hand)
def test_longer(student, rng):
    """chunk_gradients: two more steps of padding change nothing"""
    X, targets, mask, params, h0 = chunk(rng, T=4, B=3, D=2, H=3, V=4)
    whole = student.chunk_gradients(X, targets, mask, params, h0)
    expect(isinstance(whole.grads, dict), "grads is not a dict with W and W_out")
    more = [np.concatenate([a, a[:2]]) for a in (X, targets)]
    longer = np.concatenate([mask, np.zeros_like(mask[:2])])
    expect_close(student.chunk_gradients(*more, longer, params, h0), whole, instead="without it")


@points(1, needs=test_chunk_by_hand)
def test_train_by_hand(student):
    """train_chunked: the toy, lr 0.5: losses 0.197 and 0.200 for k = 1; 0.196 for k = 2"""
    for k, losses, W, hn in (
        (1, [0.1972230, 0.2000790], [[1.0021675], [0.7233493], [-2.0180139]], -0.7893614),
        (2, [0.1955239], [[1.0318711], [0.6708641], [-1.9934053]], -0.7711620),
    ):
        got = student.train_chunked(X_TOY, TARGETS, BOTH, PARAMS, k, 0.5, H_TOY)
        seen = Returned(names=got.names, values=(got.params, np.array(got.losses), got.hn))
        want = by_hand(params={"W": np.array(W)}, losses=losses, hn=[[hn]])
        expect_close(seen, want, instead=f"for k = {k}, by hand")


@points(1)
def test_teacher(student):
    """teacher_forced_inputs: targets 7, 8, 9 after start 5 give the inputs 5, 7, 8"""
    got = student.teacher_forced_inputs(np.array([[7], [8], [9]]), np.array([5]))
    expect_close(got, by_hand(inputs=[[5], [7], [8]]), instead="by hand")


@points(1)
def test_free(student):
    """free_running_inputs: the handout's model says 0, 1, 0, 1, ... to itself"""
    params = {
        "W": np.array([[0.0], [2.0], [-2.0], [0.0]]),
        "W_out": np.array([[0.0, 0.0], [-3.0, 3.0]]),
    }
    got = student.free_running_inputs(params, np.array([0, 1]), 4)
    expect_close(got, by_hand(inputs=[[0, 1], [1, 0], [0, 1], [1, 0]]), instead="by hand")


@points(1, needs=(test_teacher, test_free))
def test_the_best_teacher(student, rng):
    """If the truth is what the model says anyway, being taught and running free are the same"""
    V, H = 5, 4
    params = {
        "W": rng.standard_normal((1 + V + H, H)), "W_out": rng.standard_normal((1 + H, V))
    }  # fmt: skip
    free = student.free_running_inputs(params, np.array([1, 3]), 7)
    said = expect_shape(free.inputs, "inputs", (7, 2), "(T, B)").astype(int)
    taught = student.teacher_forced_inputs(np.concatenate([said[1:], said[:1]]), np.array([1, 3]))
    expect_close(taught, by_hand(inputs=said), instead="free_running_inputs says")
