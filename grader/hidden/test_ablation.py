"""Rubric: ablation (31 points).

Every variant is asked for by itself, with all sizes different, dense weights and
initial states that are not zero, so that a slip in one costs one line. The tasks
and the initial weights are given in the file, hence a seed fixes a run, and a few
updates are compared number by number: with the reference's, or with what the
student's own forward and backward make of them. Which variant is worse is never
asked of a constant: `rank` and `verdicts` read planted tables, and `learns` a table
that was trained a moment ago. Its limits were measured: docs/ablation.md.
"""

import numpy as np

from grader.byhand import Line, one, product, products, short, squashed
from grader.calls import SCRATCH, Made, Returned, Trouble
from grader.drawing import drawing
from grader.expect import (
    Lost,
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
from grader.families import Digits, Family
from grader.figures import (
    expect_apart,
    expect_figure,
    expect_labels,
    expect_names,
    expect_saved,
    expect_values,
)
from grader.gradients import Gradient
from grader.model import Where
from grader.pytest_plugin import picture, points
from grader.sandbox.protocol import Seed
from grader.sandbox.student import StudentError

RETURNS = {
    "ablated_forward": "Hout cn hn *cache",
    "ablated_backward": "dX dW dc0 dh0",
    "train": "params losses",
    "final_error": "error",
    "run_ablation": "table",
    "rank": "ranking",
    "verdicts": "verdicts",
    "plot_ablation": "@figure",
}

GRADIENTS = {
    "ablated_backward": Gradient(
        of="ablated_forward",
        given="dHout cache dcn dhn",
        values=("whole", "forget", "input", "output", "candidate", "coupled", "frozen"),
    )
}

GATES = "ifog"
ONE_GATE = ("forget", "input", "output")
FROZEN = ("frozen forget", "frozen input", "frozen output")
VARIANTS = ("nothing", *ONE_GATE, "candidate", "coupled", *FROZEN)
#: Variant -> gates of which no row is read; for a frozen one: no row but the bias.
UNREAD = {"forget": "f", "input": "i", "output": "o", "coupled": "i"}
UNREAD |= {f"frozen {gate}": letter for gate, letter in UNREAD.items() if gate in ONE_GATE}
ROWS = ("bias", "input", "recurrent")
CALLED = {
    "bias": "the bias", "input": "the input weights", "recurrent": "the recurrent weights",
    "i": "the input gate", "f": "the forget gate", "o": "the output gate", "g": "the candidate",
}  # fmt: skip
#: How much of its moments Adam keeps.
BETAS = 0.9, 0.999

#: Measured by benchmarks/ablation_truth.py over all triples of 24 seeds.
LEARNT, RATIO = 0.02, 1.5

NO_EXAMPLE = {
    **dict.fromkeys(("losses", "updates", "final", "table"), "a run is judged, from a seed"),
    "learns": "networks are trained",
    **dict.fromkeys(("drawn", "spread", "dressed"), "a figure is looked at"),
    **dict.fromkeys(("rank", "verdicts"), "an order in words is judged, not numbers"),
    "precision": "the numbers are right, in too few digits",
}


# --- probes -------------------------------------------------------------------


def sequences(rng, T=4, B=2, D=3, H=5):
    """Draw X (T, B, D), W (R, 4H), c0 and h0 (B, H)."""
    X = rng.standard_normal((T, B, D))
    W = 0.7 * rng.standard_normal((1 + D + H, 4 * H))
    return X, W, rng.standard_normal((B, H)), rng.standard_normal((B, H))


def upstream(rng, T, B, H):
    """Draw dHout (T, B, H), dcn and dhn (B, H)."""
    return tuple(rng.standard_normal(shape) for shape in ((T, B, H), (B, H), (B, H)))


def without(remove, X, W, *states):
    """Put the word between the weights and the states."""
    return (X, W, remove, *states)


def cache_of(case):
    """Say how the cache of a run is made."""
    return Made(function="ablated_forward", args=tuple(case), kwargs={}, position=3)


def blocks_of(D, H):
    """Divide W (R, 4H) into bias, input and recurrent rows by gate."""
    rows = dict(zip(ROWS, (np.s_[:1], np.s_[1 : 1 + D], np.s_[1 + D :]), strict=True))
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def expect_forward(student, reference, rng, *variants):
    """Expect a step and a sequence of every variant to be what the reference's are."""
    calls = []
    for remove in variants:
        calls += [(without(remove, *sequences(rng, T=1, B=3)), {})]
        calls += [(without(remove, *sequences(rng, T=5))[:3], {})]
    answers = (who.each("ablated_forward", calls) for who in (student, reference))
    for (case, _), got, want in zip(calls, *answers, strict=True):
        said = f'without "{case[2]}" expected' if case[2] in ONE_GATE else f'"{case[2]}": expected'
        expect_close(got, want, instead=said)
        expect_present(got.cache, "ablated_forward returned 3 values: the cache is missing")


def expect_backward(student, reference, rng, *variants):
    """Expect the gradients of every variant, of one step and of several."""
    calls = []
    for remove in variants:
        for T, B, D, H in ((1, 3, 2, 4), (4, 2, 3, 5)):
            case = without(remove, *sequences(rng, T, B, D, H))
            dHout, _, _ = upstream(rng, T, B, H)
            calls.append(((dHout, cache_of(case)), {}))
    answers = (who.each("ablated_backward", calls) for who in (student, reference))
    for ((_, cache), _), got, want in zip(calls, *answers, strict=True):
        D, H = cache.args[0].shape[2], cache.args[1].shape[1] // 4
        expect_gradients(got, want, blocks={"dW": blocks_of(D, H)}, called=CALLED)


# --- the smallest failing examples ---------------------------------------------


def forward_of(draw, T, B, D, H, remove):
    """Make X, W, the word, c0 and h0."""
    return draw(T, B, D), draw(1 + D + H, 4 * H), remove, draw(B, H), draw(B, H)


def by_hand(X, W, remove, c0=None, h0=None):
    """Work out one step of one number."""
    x, h, c_prev = one(X), one(h0), one(c0)
    gates, frozen = {}, remove.removeprefix("frozen ")
    for letter, name, (b, w_x, w_h) in zip("ifo", ("input", "forget", "output"), W.T, strict=False):
        if remove == name:
            gates[letter] = 1.0
            yield Line(letter, "", f"{letter} = 1")
        elif not (letter == "i" and remove == "coupled"):
            terms = [(b,)] if frozen == name else [(b,), (x, w_x), (h, w_h)]
            line, gates[letter] = squashed(letter, terms, "σ")
            yield line
    if remove == "coupled":
        gates["i"] = 1.0 - gates["f"]
        yield Line("i", "f", f"i = 1 - f = {short(gates['i'])}")
    b, w_x, w_h = W.T[3]
    if remove == "candidate":
        text, g = products([(b,), (x, w_x), (h, w_h)])
        yield Line("g", "", f"g = a_g = {text}")
    else:
        line, g = squashed("g", [(b,), (x, w_x), (h, w_h)], "tanh")
        yield line
    c = gates["f"] * c_prev + gates["i"] * g
    kept, gained = product(gates["f"], c_prev), product(gates["i"], g)
    yield Line("c cn", "f i g", f"c = f·c_prev + i·g = {kept} + {gained} = {short(c)}")
    hidden = product(gates["o"], np.tanh(c))
    text = f"h = o·tanh(c) = {hidden} = {short(gates['o'] * np.tanh(c))}"
    yield Line("h hn Hout", "o c", text)


KINDS = tuple({"remove": remove} for remove in VARIANTS)
EXAMPLES = {
    "ablated_forward": Family(
        names="X W remove c0 h0", optional="c0 h0", make=forward_of, kinds=KINDS, by_hand=by_hand
    ),
    "ablated_backward": Family(
        names="dHout cache dcn dhn",
        optional="dcn dhn",
        make=lambda draw, T, B, D, H, remove: (
            draw(T, B, H), cache_of(forward_of(draw, T, B, D, H, remove)), draw(B, H), draw(B, H)
        ),
        kinds=KINDS,
        # a loud loss: no gradient is clipped here
        also=(
            (
                np.full((2, 1, 1), 1000.0),
                cache_of(forward_of(Digits(), 2, 1, 1, 1, "nothing")),
            ),
        ),
    ),
}  # fmt: skip


# --- forward ----------------------------------------------------------------------


@points(1)
def test_whole(student, reference, rng):
    """remove = "nothing" is the whole LSTM: Hout, cn and hn, from c0 and h0 or from zeros"""
    expect_forward(student, reference, rng, "nothing")
    X, W, c0, h0 = sequences(rng, T=2)
    calls = [(without("nothing", X, W, *states), {}) for states in ((c0,), (None, h0))]
    answers = (who.each("ablated_forward", calls) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        expect_close(got, want, instead="from one state and zeros expected")


@points(1)
def test_forget(student, reference, rng):
    """Without forget gate: f = 1, the cell keeps everything"""
    expect_forward(student, reference, rng, "forget")


@points(1)
def test_input(student, reference, rng):
    """Without input gate: i = 1, every candidate is added whole"""
    expect_forward(student, reference, rng, "input")


@points(1)
def test_output(student, reference, rng):
    """Without output gate: o = 1, so h = tanh(c)"""
    expect_forward(student, reference, rng, "output")


@points(1)
def test_candidate(student, reference, rng):
    """Without squashing of the candidate: g = a_g; tanh(c) stays"""
    expect_forward(student, reference, rng, "candidate")


@points(1)
def test_coupled(student, reference, rng):
    """Coupled: i = 1 - f, and the input gate's block is not read"""
    expect_forward(student, reference, rng, "coupled")


@points(1)
def test_frozen(student, reference, rng):
    """Frozen: a gate is σ of its bias alone, the same at every step"""
    expect_forward(student, reference, rng, *FROZEN)


@points(1, needs=(test_forget, test_input, test_output, test_coupled, test_frozen))
def test_unread(student, rng):
    """A block that is not read may hold anything; every other block matters"""
    D, H = 3, 5
    X, W, c0, h0 = sequences(rng, T=3, D=D, H=H)
    columns = {gate: np.s_[:, k * H : (k + 1) * H] for k, gate in enumerate(GATES)}
    for remove in ("forget", "coupled", "frozen output"):
        rows = np.s_[1:] if remove in FROZEN else np.s_[:]
        other = W.copy()
        other[rows, columns[UNREAD[remove]][1]] = 7.0
        moved = {gate: W.copy() for gate in GATES if gate != UNREAD[remove] or remove in FROZEN}
        for gate, some in moved.items():
            some[columns[gate] if gate != UNREAD[remove] else (0, columns[gate][1])] += 0.5
        calls = [(without(remove, X, some, c0, h0), {}) for some in (W, other, *moved.values())]
        first, same, *others = (
            expect_shape(seen.Hout, "Hout", (3, 2, H))
            for seen in student.each("ablated_forward", calls)
        )
        expect_depends(Returned(names=("Hout",), values=(first,)), "Hout")
        message = f'with remove = "{remove}" Hout changes with weights that should not be read'
        expect(np.array_equal(first, same), message, Where(output="Hout"))
        for gate, changed in zip(moved, others, strict=True):
            message = f'with remove = "{remove}" nothing depends on the weights of {CALLED[gate]}'
            expect(not np.array_equal(first, changed), message, Where(output="Hout"))


# --- backward -----------------------------------------------------------------------


@points(2)
def test_backward_whole(student, reference, rng):
    """The whole LSTM back: dX, dW block by block, dc0 and dh0"""
    expect_backward(student, reference, rng, "nothing")


@points(2)
def test_backward_gates(student, reference, rng):
    """Back without forget, without input, without output gate"""
    expect_backward(student, reference, rng, *ONE_GATE)


@points(1)
def test_backward_candidate(student, reference, rng):
    """Back without squashing of the candidate: da_g = dg"""
    expect_backward(student, reference, rng, "candidate")


@points(1)
def test_backward_coupled(student, reference, rng):
    """Back with i = 1 - f: f gets what i would have got, too"""
    expect_backward(student, reference, rng, "coupled")


@points(1)
def test_backward_frozen(student, reference, rng):
    """Back with a frozen gate: its bias learns, and nothing goes through it to x and h"""
    expect_backward(student, reference, rng, *FROZEN)


@points(1)
def test_exactly_zero(student, rng):
    """What is not read has a gradient of exactly zero; what is read has not"""
    T, B, D, H = 3, 2, 2, 3
    blocks = blocks_of(D, H)
    cases = [without(remove, *sequences(rng, T, B, D, H)) for remove in UNREAD]
    calls = [((upstream(rng, T, B, H)[0], cache_of(case)), {}) for case in cases]
    for case, got in zip(cases, student.each("ablated_backward", calls), strict=True):
        dW = expect_shape(got.dW, "dW", case[1].shape, "(R, 4H)")
        expect_finite(dW, "dW")
        remove = case[2]
        for block, index in blocks.items():
            row, gate = block.split("/")
            where = Where(output="dW", block=block)
            of = f'dW of {CALLED[row]} of {CALLED[gate]} with remove = "{remove}"'
            if gate == UNREAD[remove] and not (remove in FROZEN and row == "bias"):
                largest = float(np.abs(dW[index]).max())
                expect(largest == 0.0, f"{of} is up to {largest:.3g}; it should be 0", where)
            else:
                expect(dW[index].any(), f"{of} is zero, though those weights are read", where)


@points(1)
def test_upstream(student, reference, rng):
    """dcn and dhn join at the last step; nothing is clipped; sizes of 1 work"""
    calls = []
    for T, B, D, H in ((3, 2, 4, 5), (1, 1, 1, 1)):
        case = without("nothing", *sequences(rng, T, B, D, H))
        dHout, dcn, dhn = upstream(rng, T, B, H)
        calls += [((dHout, cache_of(case), dcn, dhn), {}), ((0 * dHout, cache_of(case), dcn), {})]
        calls += [((1e3 * dHout, cache_of(case), None, dhn), {})]
    answers = (who.each("ablated_backward", calls) for who in (student, reference))
    for got, want in zip(*answers, strict=True):
        expect_gradients(got, want, called=CALLED)


# --- training -----------------------------------------------------------------------

#: Small enough to be followed number by number, on the trusted side too.
QUICK = {"T": 5, "hidden_size": 3, "batch_size": 4, "updates": 4, "lr": 0.05}


def run_of(got, H, updates):
    """Take params and losses of a run, of the right shapes."""
    expect(isinstance(got.params, dict), "params should be a dict with W and W_out")
    params = {}
    for name, shape in (("W", (3 + H, 4 * H)), ("W_out", (1 + H, 1))):
        params[name] = expect_shape(got.params.get(name), f'params["{name}"]', shape)
        expect_finite(params[name], f'params["{name}"]')
    losses = got.losses
    if isinstance(losses, tuple | list):
        losses = np.array([float(expect_shape(x, "an entry of losses", ())) for x in losses])
    losses = expect_shape(losses, "losses", (updates,), "(updates,)")
    expect_finite(losses, "losses")
    return Returned(names=("params", "losses"), values=(params, losses))


def storage(T, B, rng):
    """Draw what storage_task does, number by number."""
    X, Y, asked = np.zeros((T, B, 2)), np.zeros((T, B)), np.zeros((T, B), bool)
    X[:, :, 0] = rng.uniform(-1.0, 1.0, (T, B))
    for low, high in ((0, T // 2), (T // 2, T)):
        at = rng.integers(low, high, B), np.arange(B)
        X[*at, 1] = 1.0
        Y[-1] += 0.5 * X[*at, 0]
    asked[-1] = True
    return X, Y, asked


def stream(T, B, rng):
    """Draw what stream_task does, number by number."""
    X, total = np.stack([rng.uniform(-1.0, 1.0, (T, B)), rng.uniform(size=(T, B)) < 0.2], 2), 0.0
    X[0, :, 1] = 1.0
    Y = []
    for value, reset in X.swapaxes(1, 2):
        total = value + np.where(reset == 1.0, 0.0, total)
        Y.append(0.5 * total)
    return X, np.array(Y), np.ones((T, B), bool)


DRAWN = {"storage": storage, "stream": stream}


def first_params(H, rng):
    """Draw what initial_params does, number by number."""
    W = rng.standard_normal((3 + H, 4 * H)) / np.sqrt(2 + H)
    W[0] = np.repeat([-1.0, 3.0, 0.0, 0.0], H)
    W_out = rng.standard_normal((1 + H, 1)) / np.sqrt(H)
    W_out[0] = 0.0
    return {"W": W, "W_out": W_out}


def own_run(student, task, remove, seed, settings, *, measured=False):
    """Train with the student's own forward and backward, here; what it leads to.

    measured: draw the batch of final_error as well, and take its error.
    """
    rng = np.random.default_rng(seed)
    H, T, B = settings["hidden_size"], settings["T"], settings["batch_size"]
    params = first_params(H, rng)
    moments, losses = dict.fromkeys(params, (0.0, 0.0)), []
    for k in range(1, settings["updates"] + 1):
        loss, gradients = own_loss(student, params, remove, DRAWN[task](T, B, rng))
        losses.append(loss)
        norm = np.sqrt(sum(np.sum(d**2) for d in gradients.values()))
        for name, gradient in gradients.items():
            d = gradient / max(1.0, norm)
            m, v = (
                b * old + (1.0 - b) * new
                for b, old, new in zip(BETAS, moments[name], (d, d**2), strict=True)
            )
            moments[name] = m, v
            m_hat, v_hat = (x / (1.0 - b**k) for x, b in zip((m, v), BETAS, strict=True))
            params[name] = params[name] - settings["lr"] * m_hat / (np.sqrt(v_hat) + 1e-8)
    if measured:
        return own_error(student, params, remove, DRAWN[task](T, 500, rng))
    return Returned(names=("params", "losses"), values=(params, np.array(losses)))


def own_errors(student, params, remove, batch):
    """Take the errors of one batch where asked, with the student's own forward; and Hout."""
    X, Y, asked = batch
    W, W_out = params["W"], params["W_out"]
    shape = (*X.shape[:2], len(W_out) - 1)
    Hout = expect_shape(student.ablated_forward(X, W, remove).Hout, "Hout", shape)
    expect_depends(Returned(names=("Hout",), values=(Hout,)), "Hout")
    return np.where(asked, (W_out[0] + Hout @ W_out[1:])[..., 0] - Y, 0.0), Hout


def own_error(student, params, remove, batch):
    """Take the mean squared error of one batch with the student's own forward."""
    return np.sum(own_errors(student, params, remove, batch)[0] ** 2) / batch[2].sum()


def own_loss(student, params, remove, batch):
    """Take the loss of one batch and its gradients by the student's own functions."""
    errors, Hout = own_errors(student, params, remove, batch)
    W, W_out, count = params["W"], params["W_out"], batch[2].sum()
    dy = 2.0 * errors / count
    cache = cache_of((batch[0], W, remove))
    got = student.ablated_backward(dy[..., None] * W_out[1:, 0], cache)
    dW = expect_shape(got.dW, "dW", W.shape)
    dW_out = np.vstack([dy.sum(), np.einsum("tbh,tb->h", Hout, dy)[:, None]])
    return np.sum(errors**2) / count, {"W": dW, "W_out": dW_out}


def expect_or_own(check, want, own):
    """Expect what is wanted, or what the student's own functions lead to.

    A slip in ablated_forward or ablated_backward is paid for there.
    """
    try:
        check(want)
    except Lost as lost:
        try:
            check(own())
        except (Lost, StudentError):
            raise lost from None


def expect_runs(student, reference, seed, names, *cases):
    """Expect runs of train: from one seed, task, variant and settings."""
    for task, remove, settings in cases:
        got = run_of(
            student.train(task, remove, Seed(seed), **settings),
            settings["hidden_size"], settings["updates"],
        )  # fmt: skip
        expect_or_own(
            lambda want, got=got: expect_close(got, want, *names),
            reference.train(task, remove, Seed(seed), **settings),
            lambda task=task, remove=remove, settings=settings: own_run(
                student, task, remove, seed, settings
            ),
        )


@points(1)
def test_losses(student, reference, rng):
    """train, with lr = 0: params as they were drawn, and the loss of every batch where asked"""
    still = QUICK | {"lr": 0.0, "updates": 3}
    cases = [(task, "nothing", still | {"T": T}) for task, T in (("storage", 4), ("stream", 6))]
    expect_runs(student, reference, int(rng.integers(2**31)), ("losses", "params"), *cases)


@points(2, needs=test_losses)
def test_updates(student, reference, rng):
    """train: after some updates of Adam, the gradient cut to norm 1, W and W_out are ours"""
    loud = QUICK | {"lr": 0.4, "updates": 6}
    cases = [
        ("storage", "nothing", QUICK),
        ("stream", "nothing", loud),
        ("stream", "forget", QUICK),
    ]
    expect_runs(student, reference, int(rng.integers(2**31)), ("params",), *cases)


@points(1)
def test_final(student, reference, rng):
    """final_error: mean squared error of 500 fresh sequences, where asked"""
    for task, remove, T in (("storage", "nothing", 6), ("stream", "nothing", 4)):
        seed, H = int(rng.integers(2**31)), 4
        params = {
            "W": 0.7 * rng.standard_normal((3 + H, 4 * H)), "W_out": rng.standard_normal((1 + H, 1))
        }  # fmt: skip
        case = (params, task, remove)
        got = student.final_error(*case, Seed(seed), T=T)

        def own(case=case, seed=seed, T=T):
            params, task, remove = case
            batch = DRAWN[task](T, 500, np.random.default_rng(seed))
            value = own_error(student, params, remove, batch)
            return Returned(names=("error",), values=(value,))

        expect_or_own(
            lambda want, got=got: expect_close(got, want),
            reference.final_error(*case, Seed(seed), T=T),
            own,
        )


def table_of(got, tasks, variants, seeds):
    """Take a table apart: task -> variant -> errors, in this order."""
    table = got.table
    where = Where(output="table")
    expect(isinstance(table, dict), "table should be a dict task -> dict variant -> errors", where)
    message = (
        f"the tasks of the table are {', '.join(map(str, table))}; asked were {', '.join(tasks)}"
    )
    expect(list(table) == list(tasks), message, where)
    found = {}
    for task in tasks:
        rows = table[task]
        expect(isinstance(rows, dict), f'table["{task}"] should be a dict variant -> errors', where)
        message = f'table["{task}"] should have the variants asked for, in their order'
        expect(list(rows) == list(variants), message, where)
        for name in variants:
            value = rows[name]
            if isinstance(value, tuple | list):
                value = np.array([float(expect_shape(x, "an error", ())) for x in value])
            place = f'table["{task}"]["{name}"]'
            found[task, name] = expect_shape(value, place, (seeds,), "(number of seeds,)")
            expect_finite(found[task, name], place)
    return found


@points(2)
def test_table(student, reference, rng):
    """run_ablation: every variant on every task, each run from its own seed, settings handed on"""
    tasks = ("stream", "storage")
    seeds = [int(seed) for seed in rng.integers(2**31, size=2)]
    # another length and size than those that come by default
    settings = QUICK | {"updates": 1, "hidden_size": 2}
    variants = ("coupled", "nothing")
    case = (tasks, variants, seeds)
    got, want = (
        table_of(who.run_ablation(*case, **settings), tasks, variants, len(seeds))
        for who in (student, reference)
    )
    for (task, name), errors in got.items():

        def own(task=task, name=name):
            return np.array([
                own_run(student, task, name, seed, settings, measured=True)
                for seed in seeds
            ])  # fmt: skip

        def check(right, task=task, name=name, errors=errors):
            pair = (Returned(names=(f'table["{task}"]["{name}"]',), values=(v,))
                    for v in (errors, right))  # fmt: skip
            expect_close(*pair)

        expect_or_own(check, want[task, name], own)


#: What is trained for a table of its own; the rest of the table is for the student.
ASKED = (("storage", "forget"), ("stream", "nothing"), ("stream", "forget"))


@points(2, needs=test_table, diagnosed=False)
def test_learns(student, rng):
    """Trained from three seeds: storage needs no forget gate, the stream does"""
    seeds = [int(seed) for seed in rng.integers(2**31, size=3)]
    mean = {}
    for task, name in ASKED:
        try:
            got = student.run_ablation((task,), (name,), seeds)
        except StudentError as error:
            if error.trouble is not Trouble.LATE:
                raise
            message = (
                "three runs took too long to be judged: slow, not wrong. With whole batches in "
                "NumPy they take about a second; is there a loop over the sequences of a batch?"
            )
            raise Lost(message) from None
        errors = table_of(got, (task,), (name,), 3)[task, name]
        expect(errors.min() > 0.0, "an error is zero or less")
        mean[task, name] = float(np.exp(np.mean(np.log(errors))))
    for task, name in ASKED[:2]:
        removed = "" if name == "nothing" else " without forget gate"
        message = f"{task}{removed}: the errors of three runs average {mean[task, name]:.2g}"
        expect(mean[task, name] < LEARNT, f"{message}; they should be below {LEARNT}")
    ratio = mean["stream", "forget"] / mean["stream", "nothing"]
    message = f"stream: without forget gate the error is {ratio:.2g} times that of the whole LSTM"
    expect(ratio > RATIO, f"{message}; it should be more than {RATIO} times")


# --- reading the table ----------------------------------------------------------------


def planted(rng):
    """Draw a table whose order nobody can know: every variant somewhere else in each task."""
    names = ["nothing", *(str(name) for name in rng.permutation(VARIANTS[1:])[:5])]
    tables = {}
    for task in ("one", "other"):
        levels = 10.0 ** rng.permutation(np.linspace(-3.5, -0.5, len(names)))
        runs = levels[:, None] * 10.0 ** rng.uniform(-0.15, 0.15, (len(names), 5))
        # one wild run: means are in another order than medians, and so are best and worst runs
        runs[np.argsort(levels)[0], 2] *= 3000.0
        runs[np.argsort(levels)[-1], 3] *= 1e-4
        tables[task] = dict(zip(names, runs, strict=True))
    return tables


def diverged():
    """List a table with runs that ended in NaN, and with equals."""
    nan = np.nan
    return {
        "task": {
            "output": np.array([0.1, nan, nan]),
            "nothing": np.array([0.2, 0.3, nan]),
            "forget": np.array([0.9, 0.3, 0.1]),
            "input": np.array([0.25, 0.26, 0.24]),
            "coupled": np.array([nan, nan, nan]),
        }
    }


def close_calls():
    """List a table in which the verdicts are a matter of one run."""
    return {
        "task": {
            "forget": np.array([0.31, 0.5, 0.4]),
            "nothing": np.array([0.2, 0.3, 0.1]),
            "input": np.array([0.29, 0.5, 0.9]),
            "output": np.array([0.05, 0.09, 0.01]),
            "candidate": np.array([0.11, 0.01, 0.02]),
            "coupled": np.array([np.nan, 0.35, 0.4]),
            "frozen forget": np.array([0.09, np.nan, 0.01]),
            "frozen input": np.array([0.3, 0.4, 0.5]),
            "frozen output": np.array([0.1, 0.02, 0.03]),
        }
    }


def said(value, name):
    """Write down what was returned in words, task by task."""
    expect(isinstance(value, dict), f"{name} should be a dict with an entry per task")
    return {task: list(rows) if isinstance(rows, tuple | list) else rows
            for task, rows in value.items()}  # fmt: skip


@points(1)
def test_rank(student, reference, rng):
    """rank: by the median, per task, smallest first; NaN is worst, equals stay in order"""
    for table in (planted(rng), diverged()):
        got, want = (said(who.rank(table).ranking, "ranking") for who in (student, reference))
        for task, order in want.items():
            came = got.get(task)
            expect(isinstance(came, list), f'ranking["{task}"] should be a list of variants')
            expect(sorted(map(str, came)) == sorted(order),
                   f'ranking["{task}"] should name every variant once')  # fmt: skip
            for place, (name, right) in enumerate(zip(came, order, strict=True)):
                message = f'ranking["{task}"][{place}] is "{name}", expected "{right}"'
                if any(np.isnan(runs).any() for runs in table[task].values()):
                    message += "; there are runs that ended in NaN"
                expect(name == right, message)


@points(1)
def test_verdicts(student, reference, rng):
    """verdicts: worse or better only where no run overlaps those of the whole, else level"""
    for table in (planted(rng), diverged(), close_calls()):
        got, want = (said(who.verdicts(table).verdicts, "verdicts") for who in (student, reference))
        for task, words in want.items():
            came = got.get(task)
            expect(isinstance(came, dict), f'verdicts["{task}"] should be a dict')
            expect("nothing" not in came, f'verdicts["{task}"] compares "nothing" with itself')
            for name, right in words.items():
                message = f'verdicts["{task}"]["{name}"] is "{came.get(name)}", expected "{right}"'
                runs = ", ".join(f"{error:.2g}" for error in table[task][name])
                whole = ", ".join(f"{error:.2g}" for error in table[task]["nothing"])
                if task == "task":  # these numbers are no secret
                    message += f": runs {runs} beside {whole}"
                expect(came.get(name) == right, message)


# --- the figure ------------------------------------------------------------------------


def shown(rng):
    """Draw a table to be drawn; of four runs none is the median."""
    names = ("nothing", "forget", "coupled")
    return {
        task: {name: 10.0 ** rng.uniform(-3.5, -0.5, 4) for name in names}
        for task in ("storage", "stream")
    }


def each_of(table, **read):
    """Read one or more numbers off every row: name -> number."""
    return {
        f"the {word} of {name} in {task}": float(take(runs))
        for task, rows in table.items()
        for name, runs in rows.items()
        for word, take in read.items()
    }


def look(student, table, check):
    """Check the figure by its data; only where they cannot be told, look at its pixels."""
    try:
        check(expect_figure(student.plot_ablation(table).figure, "plot_ablation"))
    except Review:
        check(expect_figure(student.drawn("plot_ablation", table), "plot_ablation"))


@points(1)
def test_drawn(student, same_rng):
    """plot_ablation: the median of every variant and task is shown, and a path is saved to"""
    table = shown(same_rng)
    instead = {
        "the means": each_of(table, mean=np.mean),
        "the best runs": each_of(table, smallest=np.min),
        "the last run of each": each_of(table, last=lambda runs: runs[-1]),
    }
    wanted = each_of(table, median=np.median)

    def check(figure):
        expect_values(figure, wanted, instead)
        for task in table:
            expect_apart(figure, each_of({task: table[task]}, median=np.median))

    look(student, table, check)
    figure = student.plot_ablation(table, path=SCRATCH).figure
    expect_saved(expect_figure(figure, "plot_ablation"), "plot_ablation")


@points(1, needs=test_drawn)
def test_spread(student, same_rng):
    """plot_ablation: how far the runs spread, from the smallest error to the largest"""
    table = shown(same_rng)
    wanted = each_of(table, smallest=np.min, largest=np.max)
    instead = {"the medians alone": each_of(table, median=np.median)}

    def check(figure):
        expect_values(figure, wanted, instead)
        for task in table:
            expect_apart(figure, each_of({task: table[task]}, smallest=np.min))

    look(student, table, check)


@points(1, needs=test_drawn)
def test_dressed(student, same_rng):
    """plot_ablation: a logarithmic scale of errors, variants and tasks named, axes labelled"""
    table = shown(same_rng)
    medians = list(each_of(table, median=np.median).values())

    def check(figure):
        scales = {axes[key] for axes in figure["axes"] for key in ("xscale", "yscale")}
        if not scales & {"log", "symlog"}:
            plain = linear(figure, medians)
            expect(not plain, "errors are drawn on a linear scale; small ones cannot be told apart",
                   Where(output="figure"))  # fmt: skip
        expect_names(figure, [*table, *table["storage"]])
        expect_labels(figure)

    look(student, table, check)


def linear(figure, numbers):
    """Tell whether the numbers themselves stand in the figure, not their logarithms."""
    drawn = np.concatenate([
        np.ravel(part)
        for axes in figure["axes"]
        for part in (*axes["lines"], axes["points"], np.asarray(axes["bars"]).reshape(-1, 4)[:, 2:])
    ])  # fmt: skip
    return all(np.isclose(drawn, number, rtol=1e-6).any() for number in numbers)


# --- precision ---------------------------------------------------------------------------


@points(1, needs=(test_whole,))
def test_precision(student, reference, rng):
    """Computes in float64 from beginning to end"""
    case = without("nothing", *sequences(rng, T=5, B=3))
    answers = (who.ablated_forward(*case) for who in (student, reference))
    expect_precise(*answers, "Hout", "cn", "hn")


# --- what the student sees ------------------------------------------------------------


def public():
    """Make a table anybody may see."""
    rng = np.random.default_rng(2015)
    return {
        task: {
            name: 10.0 ** (rng.uniform(-3.0, -1.0) + rng.uniform(-0.2, 0.2, 3)) for name in VARIANTS
        }
        for task in ("storage", "stream")
    }


@picture
def picture_table(student):
    """Show what plot_ablation draws of public numbers."""
    caption = "Made-up errors, the same for everybody; this is what your function drew."
    return drawing("Your plot_ablation", caption, student.drawn("plot_ablation", public()))
