"""Public checks: language model.

Numbers worked by hand in the handout, central differences of your own
forward_loss, and properties every language model has. Passing them all is a good
sign and not yet full marks: grading uses other inputs, and trains for longer.
Run them with `nox -s check -- language_model`.
"""

import numpy as np

from grader.calls import Callback, Made, Returned
from grader.expect import expect, expect_close, expect_finite, expect_present, expect_shape
from grader.numerics import DELTA, numerical_gradient
from grader.pytest_plugin import points
from grader.sandbox.protocol import Seed

RETURNS = {
    "split_data": "train valid test",
    "build_vocab": "vocab",
    "encode": "ids",
    "batches": "pairs",
    "orthogonal": "Q",
    "init_params": "params",
    "forward_loss": "loss cn hn *cache",
    "backward": "grads",
    "clip_gradients": "clipped norm",
    "sgd_step": "params",
    "adam_step": "params *state",
    "perplexity": "perplexity",
    "evaluate": "loss",
    "train": "best history &7:tell",
    "probabilities": "p",
    "sample": "ids",
}

#: The handout's silent model, V = 3, H = 1: W is zero, so are its states, and only
#: the bias of the read-out speaks, p = 1/7, 2/7, 4/7.
SILENT = {"W": np.zeros((5, 4)), "W_out": np.array([np.log([1.0, 2.0, 4.0]), [0.0, 0.0, 0.0]])}
INPUTS, TARGETS = np.array([[1], [0]]), np.array([[0], [2]])
HELLO = ["<unk>", "l", "e", "h", "o"]

#: In the place of the progress bar: a list that notes what it is told, and is true when empty.
TELL = Callback(
    source="class Told(list):\n"
    "    def __bool__(self):\n"
    "        return True\n"
    "    def __call__(self, done, of, loss):\n"
    "        self.append([done, of, loss])\n"
    "tell = Told()\n",
    name="tell",
)


def by_hand(**values):
    """Name what the handout works out, as arrays."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def model(rng, V=3, H=4):
    """Draw a model with nothing at zero."""
    return {"W": rng.standard_normal((1 + V + H, 4 * H)), "W_out": rng.standard_normal((1 + H, V))}


@points(1)
def test_split(student):
    """split_data: 25 tokens are cut into 21, 2 and 2, in order"""
    tokens = list("abcdefghijklmnopqrstuvwxy")
    got = student.split_data(tokens)
    for name, want in (("train", tokens[:21]), ("valid", tokens[21:23]), ("test", tokens[23:])):
        message = f"{name} should be the tokens {want[0]} to {want[-1]}, a list"
        expect(list(got[name] or ()) == want, message)


@points(1)
def test_vocabulary(student):
    """build_vocab and encode: hello has the symbols <unk>, l, e, h, o; hole? is 3 4 1 2 0"""
    vocab = student.build_vocab(list("hello")).vocab
    expect(isinstance(vocab, list | tuple), "build_vocab should return a list")
    expect(list(vocab) == HELLO, f"the vocabulary of hello should be {HELLO}")
    expect_close(student.encode(list("hole?"), HELLO), by_hand(ids=[3, 4, 1, 2, 0]))


@points(1)
def test_batches(student):
    """batches: 0 .. 8 in two streams of four steps, in chunks of three; targets one ahead"""
    pairs = student.batches(np.arange(9), 2, 3).pairs
    expect(isinstance(pairs, list | tuple) and len(pairs) == 2, "there should be two chunks")
    inputs = ([[0, 4], [1, 5], [2, 6]], [[3, 7]])
    for k, (pair, want) in enumerate(zip(pairs, inputs, strict=True)):
        expect(len(pair) == 2, f"chunk {k} should be a pair: inputs, targets")
        got = Returned(names=("inputs", "targets"), values=tuple(pair))
        expect_close(got, by_hand(inputs=want, targets=np.array(want) + 1))


@points(1)
def test_orthogonal(student, seed):
    """orthogonal and init_params: QᵀQ = I, and so in every block of W; biases in their place"""
    for shape in ((5, 3), (3, 5)):
        Q = expect_shape(student.orthogonal(*shape, seed).Q, "Q", shape)
        short = Q.T @ Q if shape[0] > shape[1] else Q @ Q.T
        expect(np.allclose(short, np.eye(3)), f"Q of shape {shape} is not orthogonal")
    params = student.init_params(3, 2, seed, 1.5).params
    expect(isinstance(params, dict), "init_params should return a dict of W and W_out")
    W = expect_shape(params.get("W"), "W", (6, 8), "(1+V+H, 4H)")
    expect_shape(params.get("W_out"), "W_out", (3, 3), "(1+H, V)")
    want = by_hand(bias=[0, 0, 1.5, 1.5, 0, 0, 0, 0])
    expect_close(Returned(names=("bias",), values=(W[0],)), want)
    for gate, block in zip("ifog", np.split(W[4:], 4, axis=1), strict=True):
        expect(np.allclose(block.T @ block, np.eye(2)), f"the recurrent block of {gate} is not")


@points(1)
def test_loss_by_hand(student):
    """forward_loss: the silent model has 1.253 nats per token; logits of ±1000 do no harm"""
    got = student.forward_loss(SILENT, INPUTS, TARGETS)
    expect_present(got.cache, "forward_loss returned 3 values: the cache is missing")
    expect_close(got, by_hand(loss=1.252763, cn=[[0.0]], hn=[[0.0]]), instead="by hand")
    loud = SILENT | {"W_out": np.array([[1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0]])}
    got = student.forward_loss(loud, INPUTS, TARGETS)
    expect_close(got, by_hand(loss=500.0), "loss", instead="by hand")


@points(1)
def test_backward_by_hand(student):
    """backward: the silent model has the gradient -0.357, 0.286, 0.071 in row 0 of W_out"""
    cache = Made(function="forward_loss", args=(SILENT, INPUTS, TARGETS), kwargs={}, position=3)
    grads = student.backward(cache).grads
    expect(isinstance(grads, dict), "backward should return a dict of W and W_out")
    dW_out = expect_shape(grads.get("W_out"), 'grads["W_out"]', (2, 3), "(1+H, V)")
    got = Returned(names=("bias",), values=(dW_out[0],))
    expect_close(got, by_hand(bias=[-0.357143, 0.285714, 0.071429]), instead="by hand")


@points(1, needs=test_loss_by_hand)
def test_gradient(student, rng):
    """backward: the central differences of your own forward_loss, for W and W_out"""
    params, ids = model(rng), rng.integers(3, size=(2, 4, 2))
    case = (params, *ids, *rng.standard_normal((2, 2, 4)))
    cache = Made(function="forward_loss", args=case, kwargs={}, position=3)
    grads = student.backward(cache).grads
    expect(isinstance(grads, dict), "backward should return a dict of W and W_out")

    def sweep(vary):
        return student.sweep("forward_loss", list(case), vary, DELTA, ["loss"])

    slopes = numerical_gradient(sweep, list(case), [(0, "W"), (0, "W_out")], [np.array(1.0)])
    for name, slope in zip(("W", "W_out"), slopes, strict=True):
        expect(np.abs(slope).max() > 1e-6, f"your forward_loss does not depend on {name}")
        got = expect_shape(grads.get(name), f'grads["{name}"]', slope.shape)
        values = Returned(names=(f"d{name}",), values=(got,))
        want = Returned(names=(f"d{name}",), values=(slope,))
        expect_close(values, want, tolerance=1e-5, instead="central differences say")


@points(1)
def test_steps(student):
    """clip_gradients, sgd_step, adam_step: norm 13 shrinks to 1; w = 1, dw = 2 gives 0, then 0.5"""
    got = student.clip_gradients({"W": np.array([3.0, 4.0]), "W_out": np.array([12.0])})
    expect_close(got, by_hand(norm=13.0), "norm", instead="by hand")
    expect(isinstance(got.clipped, dict), "clip_gradients should return a dict and the norm")
    values = Returned(names=("W",), values=(got.clipped.get("W"),))
    expect_close(values, by_hand(W=[3 / 13, 4 / 13]), instead="by hand")
    params, grads = {"W": np.array([1.0])}, {"W": np.array([2.0])}
    for seen, want in (
        (student.sgd_step(params, grads, 0.5), 0.0),
        (student.adam_step(params, grads, None, 0.5), 0.5),
    ):
        expect(isinstance(seen.params, dict), "a step should return a dict of new params")
        values = Returned(names=("W",), values=(seen.params.get("W"),))
        expect_close(values, by_hand(W=[want]), instead="by hand")


@points(1)
def test_perplexity(student):
    """perplexity: 1/2, 1/4, 1/8 have 4; seven symbols, all alike, have 7"""
    for p, want in (([0.5, 0.25, 0.125], 4.0), ([1 / 7] * 5, 7.0)):
        expect_close(student.perplexity(np.log(p)), by_hand(perplexity=want), instead="by hand")


@points(1, needs=test_loss_by_hand)
def test_evaluate(student, rng):
    """evaluate: log 3 where three symbols are alike; the same whatever T is"""
    params, ids = model(rng), rng.integers(3, size=20)
    blank = {name: 0.0 * w for name, w in params.items()}
    expect_close(student.evaluate(blank, ids), by_hand(loss=np.log(3.0)), instead="log 3 is")
    whole = student.evaluate(params, ids)
    expect_close(student.evaluate(params, ids, 7), whole, instead="in one chunk it is")


@points(1, needs=(test_evaluate, test_steps))
def test_train(student, rng):
    """train: a number per epoch and text, of "abcabc..."; the best is returned, and tell is told"""
    ids = np.tile([0, 1, 2], 20)
    got = student.train(model(rng), ids, ids[:16], 8, 2, 10, 0.1, TELL)
    expect(isinstance(got.history, dict), "history should be a dict with train and valid")
    for name in ("train", "valid"):
        value = got.history.get(name)
        value = np.array(value) if isinstance(value, list | tuple) else value
        losses = expect_shape(value, f'history["{name}"]', (8,), "(epochs,)")
        expect_finite(losses, f'history["{name}"]')
        message = (
            f'history["{name}"] goes from {losses[0]:.3g} to {losses.min():.3g}; it should fall'
        )
        expect(losses.min() < 0.5 * losses[0], message)
    lowest = by_hand(loss=min(got.history["valid"]))
    expect_close(student.evaluate(got.best, ids[:16]), lowest, instead="the lowest of history is")
    counts = [list(row[:2]) for row in got.tell]
    message = "tell should be called after each of the 24 updates: 1, 24, loss; 2, 24, loss; ..."
    expect(counts == [[k, 24] for k in range(1, 25)], message)


@points(1)
def test_temperature(student):
    """probabilities: logits log 1, log 2, log 4 at temperatures 1, 1/2, 0 and infinity"""
    wanted = {
        1.0: np.array([1, 2, 4]) / 7, 0.5: np.array([1, 4, 16]) / 21,
        0.0: [0, 0, 1], np.inf: [1 / 3, 1 / 3, 1 / 3],
    }  # fmt: skip
    for temperature, p in wanted.items():
        got = student.probabilities(np.log([1.0, 2.0, 4.0]), temperature)
        expect_close(got, by_hand(p=p), instead=f"at temperature {temperature:g} it is")


@points(1, needs=test_temperature)
def test_sample(student, seed):
    """sample: at temperature 0 the silent model writes 2 2 2; else all three of its symbols"""
    got = student.sample(SILENT, seed, np.array([0, 1]), 3, 0.0)
    expect_close(got, by_hand(ids=[2, 2, 2]), instead="by hand")
    ids = expect_shape(student.sample(SILENT, Seed(1), np.array([0]), 60).ids, "ids", (60,))
    expect(set(np.unique(ids)) == {0, 1, 2}, "60 draws should show all three symbols")
