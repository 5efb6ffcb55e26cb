"""The experiments of 1997 as values: sequences, success, settings, what the paper says.

The sequences are those of the exercise `lstm_1997`. `Experiment.learn` trains one
network of today to the paper's criterion, `learn_blocks` several of the paper's
own; both yield what has become of them now and then, and end with a result.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import machine  # noqa: F401  before NumPy
import numpy as np
from nets_1997 import Array, Blocks, Network, Settings

import lstm_1997 as paper

#: How many points of a curve are kept.
POINTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch: X (T, B, D), targets, noise-free targets, weights of a loss per step."""

    X: Array
    target: Array
    clean: Array
    weight: Array | float = 1.0


Draw = Callable[[int, np.random.Generator], Batch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a network has learnt.

    tolerance: an answer is right if all its outputs are off by less.
    window, wrong: of the last `window` training sequences at most so many are not.
    mean: and their mean absolute error is below this.
    fresh: instead, every 25 updates, at most `wrong` of 256 fresh sequences.
    """

    tolerance: float
    window: int = 2000
    wrong: int = 0
    mean: float | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One row of the table.

    paper: what the paper reports, in words; log: what the reproduction's log does.
    budget: sequences after which a run is given up. typical: CPU seconds a run
        takes, for the time that is left. test: how many fresh sequences are
        judged in the end.
    """

    id: str
    title: str
    draw: Draw
    sizes: tuple[int, int]
    settings: Settings
    rule: Rule
    paper: str
    log: str = ""
    budget: int = 300_000
    typical: float = 2.0
    test: int = 2560
    quick: bool = True
    note: str = ""
    curve: str = "mean error"
    learn: Callable[["Experiment", int], Iterator["State"]] | None = None

    @property
    def decides(self) -> tuple[object, ...]:
        """All that a run depends on, but for its seed."""
        return self.settings, self.rule, self.budget, self.sizes

    def states(self, seed: int) -> Iterator[list["State"]]:
        """Make a run, step by step: one network."""
        for state in (self.learn or run)(self, seed):
            yield [state]


@dataclass(slots=True, kw_only=True)
class State:
    """How far a run has come; `solved` and what follows are set in the end."""

    sequences: int
    curve: list[tuple[int, float]]
    solved: bool = False
    wrong: int | None = None
    of: int = 0
    more: dict[str, Any] = field(default_factory=dict)


def off(answer: Array, target: Array, *, every: bool) -> Array:
    """Take the largest error of each sequence: at the last step, (B,)."""
    if every:
        answer, target = answer[-1], target[-1]
    return np.asarray(np.abs(answer - target).max(axis=-1))


def run(experiment: Experiment, seed: int) -> Iterator[State]:
    """Train one network of today; yield now and then, and at the end."""
    settings, rule = experiment.settings, experiment.rule
    rng = np.random.default_rng([seed, 1997])
    model = Network(*experiment.sizes, settings, rng)
    state = State(sequences=0, curve=[])
    recent = np.full(rule.window, np.inf)
    squared, at = 1.0, 0.0
    while state.sequences < experiment.budget:
        batch = experiment.draw(settings.batch, rng)
        answer = model.predict(batch.X)
        errors = off(answer, batch.clean, every=settings.every)
        recent[(state.sequences + np.arange(len(errors))) % rule.window] = errors
        state.sequences += len(errors)
        squared += min(1.0, len(errors) / 2000) * (float(np.mean(errors**2)) - squared)
        if state.sequences > at:
            state.curve.append((state.sequences, mean_of(recent)))
            at = state.sequences + max(experiment.budget / 2000, 0.06 * state.sequences)
            yield state
        if not rule.fresh and done(recent, rule):
            state.solved = True
            break
        if settings.slows:
            factor = min(1.0, float(np.sqrt(squared)) / settings.slows)
            model.adam.lr = settings.rate * max(0.05, factor)
        model.learn(batch.target, batch.weight)
        if rule.fresh and model.adam.steps % 25 == 0 and passes(experiment, model, rng):
            state.solved = True
            break
    state.curve.append((state.sequences, mean_of(recent)))
    judged = fresh_errors(experiment, model, [seed, 1998])
    state.wrong, state.of = int(np.sum(~(judged < rule.tolerance))), len(judged)
    yield state


def mean_of(recent: Array) -> float:
    """Average the errors there have been so far."""
    return float(np.mean(recent[np.isfinite(recent)]))


def done(recent: Array, rule: Rule) -> bool:
    """Apply the rule of the last `window` sequences."""
    if np.sum(~(recent < rule.tolerance)) > rule.wrong:
        return False
    return rule.mean is None or float(recent.mean()) < rule.mean


def passes(experiment: Experiment, model: Network, rng: np.random.Generator) -> bool:
    """Apply the rule of 256 fresh sequences."""
    rule = experiment.rule
    batch = experiment.draw(256, rng)
    errors = off(model.predict(batch.X), batch.clean, every=experiment.settings.every)
    enough = rule.mean is None or float(errors.mean()) < rule.mean
    return enough and int(np.sum(~(errors < rule.tolerance))) <= rule.wrong


def fresh_errors(experiment: Experiment, model: Network, seed: list[int]) -> Array:
    """Let it answer fresh sequences: the largest error of each."""
    rng, size = np.random.default_rng(seed), min(256, experiment.test)
    errors = []
    for _ in range(experiment.test // size):
        batch = experiment.draw(size, rng)
        errors.append(off(model.predict(batch.X), batch.clean, every=experiment.settings.every))
    return np.concatenate(errors)


# --- experiment 1: judged on two fixed sets, at every step -----------------------------


def reber_set(count: int, rng: np.random.Generator, without: set[str]) -> list[str]:
    """Draw so many different strings that are not in the other set."""
    found: dict[str, None] = {}
    while len(found) < count:
        string = paper.embedded_reber(rng)
        if string not in without:
            found[string] = None
    return list(found)


def padded(strings: list[str]) -> tuple[Array, Array, Array, Array]:
    """Make X, the next symbols, what is legal (all (T, B, 7)), and which steps count."""
    T, B = max(map(len, strings)) - 1, len(strings)
    X, Y, legal = (np.zeros((T, B, 7)) for _ in range(3))
    weight = np.zeros((T, B, 1))
    for k, string in enumerate(strings):
        codes, steps = [paper.SYMBOLS.index(c) for c in string], len(string) - 1
        X[np.arange(steps), k, codes[:-1]] = 1.0
        Y[np.arange(steps), k, codes[1:]] = 1.0
        legal[:steps, k] = paper.legal_successors(string)
        weight[:steps, k] = 1.0
    return X, Y, legal, weight


def failures(answer: Array, legal: Array, weight: Array) -> int:
    """Count strings on which an illegal symbol is as active as a legal one, at any step."""
    least = np.where(legal > 0, answer, np.inf).min(axis=2)
    most = np.where(legal > 0, -np.inf, answer).max(axis=2)
    right = (least > most) | (weight[:, :, 0] == 0.0)
    return int(np.sum(~right.all(axis=0)))


def run_reber(experiment: Experiment, seed: int) -> Iterator[State]:
    """Train on 256 strings until these and 256 others are all right."""
    settings = experiment.settings
    rng = np.random.default_rng([seed, 1997])
    strings = reber_set(256, rng, set())
    X, Y, legal, weight = padded(strings)
    Xt, _, legal_t, weight_t = padded(reber_set(256, rng, set(strings)))
    model = Network(7, 7, settings, rng)
    state = State(sequences=0, curve=[], of=512)
    while state.sequences < experiment.budget:
        some = rng.integers(256, size=settings.batch)
        model.predict(X[:, some])
        model.learn(Y[:, some], weight[:, some])
        state.sequences += settings.batch
        if model.adam.steps % 20 == 0:
            wrong = failures(model.predict(X), legal, weight)
            state.wrong = wrong + failures(model.predict(Xt), legal_t, weight_t)
            state.curve.append((state.sequences, state.wrong / 512))
            state.solved = state.wrong == 0
            yield state
            if state.solved:
                break
    yield state


# --- experiment 2a: two sequences, every step ------------------------------------------


def run_two(experiment: Experiment, seed: int) -> Iterator[State]:
    """Train on both sequences of 2a; first the local predictions, then the cells.

    Cells that learn from the start are used up by what the inputs alone predict;
    so the outputs learn that first, from the inputs, and the cells join them
    then. The paper, too, added its cell when the error had stopped to fall.
    """
    settings, p = experiment.settings, experiment.sizes[0] - 1
    rng = np.random.default_rng([seed, 1997])
    symbols = np.tile(np.arange(-1, p)[:, None], 2)
    symbols[0] = symbols[p] = [p - 1, p]
    onehot = np.eye(p + 1)[symbols]
    X, Y = onehot[:-1], onehot[1:]
    model = Network(*experiment.sizes, settings, rng)
    H, state = settings.hidden, State(sequences=0, curve=[], of=2)
    cells = model.W_out[1 : 1 + H].copy()
    weight = np.ones((p, 1, 1))
    weight[-1] = 30.0  # one step of a hundred is all that asks for memory
    staged = True
    while state.sequences < experiment.budget:
        answer = model.predict(X)
        errors = np.abs(answer - Y).max(axis=(0, 2))
        state.sequences += 2
        state.solved = bool((errors < experiment.rule.tolerance).all())
        if state.solved or state.sequences % 10 == 0:
            state.curve.append((state.sequences, float(errors.max())))
            yield state
        if state.solved:
            break
        if staged and float(np.abs(answer[1:-1] - Y[1:-1]).max()) < 0.2:
            staged = False
            model.adam = type(model.adam)(model.parameters.size, settings.rate)
            model.W_out[1 : 1 + H] = cells
        model.adam.lr = 0.1 if staged else settings.rate
        if staged:
            model.W_out[1 : 1 + H] = 0.0
        model.learn(Y, 1.0 if staged else weight)
    state.wrong = int(np.sum(~(errors < experiment.rule.tolerance)))
    yield state


# --- the paper's own network -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A row of the paper's own blocks, on the adding problem.

    squashed: the output is σ of what it adds up, as the authors describe it
        (NIPS 1996, section 3), else that itself.
    networks: so many side by side. always: else only with `--long`.
    """

    id: str
    title: str
    T: int
    squashed: bool
    networks: int
    budget: int
    typical: float
    paper: str
    log: str = ""
    always: bool = False

    @property
    def decides(self) -> tuple[object, ...]:
        """All that a run depends on, but for its seed."""
        return self.T, self.squashed, self.networks, self.budget

    def states(self, seed: int) -> Iterator[list[State]]:
        """Make a run, step by step: several networks side by side."""
        return learn_blocks(self, seed)


OWN = [
    Own(
        id="own-100", T=100, squashed=False, networks=10, budget=300_000, typical=130.0,
        title="adding, T = 100, **the paper's own blocks**: 93 weights, truncated gradient, "
        "SGD 0.5; the output a sum",
        paper="74,000", log="stuck at 6 in a row without gates trained beforehand", always=True,
    ),
    Own(
        id="own-100-σ", T=100, squashed=True, networks=5, budget=3_000_000, typical=2500.0,
        title="the same with σ at the output, as the authors describe it", paper="74,000",
    ),
]  # fmt: skip


def learn_blocks(own: Own, seed: int = 0, rate: float = 0.5) -> Iterator[list[State]]:
    """Train networks of 93 weights side by side, as the paper did, to its criterion.

    W within ±0.1, input gates biased by -3 and -6, plain gradient descent after
    every sequence, the truncated gradient. Yields a state per network.
    """
    T, networks = own.T, own.networks
    rng = np.random.default_rng([seed, T])
    made = [
        paper.init_block(2, 2, 2, 1, rng, scale=0.1, input_bias=np.array([-3.0, -6.0]))
        for _ in range(networks)
    ]
    W, W_out = np.array([W for W, _ in made]), np.array([V[:, 0] for _, V in made])
    net = Blocks(W, W_out, 2, squashed=own.squashed)
    states = [State(sequences=0, curve=[]) for _ in made]
    still, recent = np.arange(networks), np.full((networks, 2000), np.inf)
    for n in range(own.budget):
        X, y = paper.marked_pairs("adding", T, len(still), rng)
        errors = np.abs(net.predict(X) - y)
        recent[:, n % 2000] = errors
        for k in still:
            states[k].sequences = n + 1
        if (n + 1) % 1000 == 0:
            for k, some in zip(still, recent, strict=True):
                states[k].curve.append((n + 1, mean_of(some)))
        net.learn(y, rate)
        right = (recent < 0.04).all(axis=1) & (recent.mean(axis=1) < 0.01)
        if right.any():
            finish(net, T, states, still, right)
            net.keep(~right)
            still, recent = still[~right], recent[~right]
        if right.any() or (n + 1) % 1000 == 0:
            yield states
        if not len(still):
            break
    if len(still):
        finish(net, T, states, still, np.ones(len(still), bool), solved=False)
    yield states


def finish(
    net: Blocks, T: int, states: list[State], still: Array, which: Array, *, solved: bool = True
) -> None:
    """Judge networks on 2,560 fresh sequences each."""
    count = 2560
    rng = np.random.default_rng([T, 1998])
    batches = [paper.marked_pairs("adding", T, 256, rng) for _ in range(count // 256)]
    for k in np.flatnonzero(which):
        W, W_out = net.W[k], net.W_out[k][:, None]
        answers = [paper.block_forward(X, W, W_out)[0][-1, :, 0] for X, _ in batches]
        if not net.squashed:  # the exercise's network is
            answers = [np.log(a / (1.0 - a)) for a in answers]
        errors = [a - y for a, (_, y) in zip(answers, batches, strict=True)]
        state = states[still[k]]
        state.solved, state.of = solved, count
        state.wrong = int(np.sum(~(np.abs(np.concatenate(errors)) < 0.04)))


# --- the table's rows -------------------------------------------------------------------


def one_hot(y: Array, K: int) -> Array:
    """Turn classes (B,) into targets (B, K)."""
    return np.asarray(np.eye(K)[y])


def adding(T: int) -> Draw:
    """Draw the adding problem."""

    def draw(B: int, rng: np.random.Generator) -> Batch:
        X, y = paper.marked_pairs("adding", T, B, rng)
        return Batch(X=X, target=y[:, None], clean=y[:, None])

    return draw


def multiplying(B: int, rng: np.random.Generator) -> Batch:
    """Draw the multiplication problem, T = 100."""
    X, y = paper.marked_pairs("multiplication", 100, B, rng)
    return Batch(X=X, target=y[:, None], clean=y[:, None])


def ordering(count: int) -> Draw:
    """Draw the temporal order problem."""

    def draw(B: int, rng: np.random.Generator) -> Batch:
        X, y = paper.temporal_order(count, B, rng)
        target = one_hot(y, 2**count)
        return Batch(X=X, target=target, clean=target)

    return draw


def two(variant: str, T: int, N: int) -> Draw:
    """Draw the two-sequence problem."""

    def draw(B: int, rng: np.random.Generator) -> Batch:
        X, y, clean = paper.two_sequences(variant, T, N, B, rng)
        return Batch(X=X, target=y[:, None], clean=clean[:, None])

    return draw


def lag_final(q: int, p: int) -> Draw:
    """Draw experiment 2c."""

    def draw(B: int, rng: np.random.Generator) -> Batch:
        X, y = paper.long_lag_final(q, p, B, rng)
        target = one_hot(y, 2)
        return Batch(X=X, target=target, clean=target)

    return draw


def lag_next(p: int, *, last: bool, weight: float = 1.0) -> Draw:
    """Draw experiment 2b: the loss at every step, or at the last step only."""

    def draw(B: int, rng: np.random.Generator) -> Batch:
        X, Y = paper.long_lag_next(p, B, rng, random=True)
        if last:
            return Batch(X=X, target=Y[-1], clean=Y[-1])
        each = np.ones((p, 1, 1))
        each[-1] = weight
        return Batch(X=X, target=Y, clean=Y, weight=each)

    return draw


def noisy_rule(*, wrong: int, mean: float, tolerance: float = 0.2) -> Rule:
    """Stop by 256 fresh sequences, as in experiment 3."""
    return Rule(tolerance=tolerance, wrong=wrong, mean=mean, fresh=True)


ADD = Rule(tolerance=0.04, mean=0.01)
ORDER = Rule(tolerance=0.3, mean=0.1)
LAG = Rule(tolerance=0.2, window=10_000)
NEXT = Rule(tolerance=0.25, window=10_000)
THREE = Settings(hidden=8, rate=0.01, output="bernoulli", slows=0.0)

EXPERIMENTS = [
    Experiment(
        id="1", title="embedded Reber grammar", draw=multiplying, sizes=(7, 7), learn=run_reber,
        settings=Settings(hidden=12, batch=8, input_bias=0.0, output="softmax", every=True,
                          slows=0.0, clip=10.0),
        rule=Rule(tolerance=0.0), budget=100_000, typical=3, curve="strings wrong",
        paper="8,440 (best row, 100 %)", log="pass, no number",
    ),
    Experiment(
        id="2a", title="p = 100, no noise, loss at every step", draw=multiplying,
        sizes=(101, 101), learn=run_two,
        settings=Settings(hidden=8, batch=2, rate=0.01, output="softmax", every=True, direct=True,
                          input_bias=-3.0, slows=0.0, clip=10.0),
        rule=Rule(tolerance=0.25), budget=20_000, typical=1, quick=False,
        curve="largest error", paper="5,040 (100 %)", log="failed",
        note="staged: local predictions first, last step weighted 30",
    ),
    Experiment(
        id="2b-every", title="p = 100, random symbols, loss at every step",
        draw=lag_next(100, last=False, weight=100.0), sizes=(101, 101),
        settings=Settings(hidden=8, batch=64, rate=0.02, output="softmax", every=True,
                          direct=True, slows=0.3, clip=1.0),
        rule=NEXT, budget=400_000, typical=25, quick=False, paper="5,680 (100 %)", log="failed",
        note="direct connections, last step weighted 100",
    ),
    Experiment(
        id="2b-last", title="p = 100, random symbols, loss at the last step",
        draw=lag_next(100, last=True), sizes=(101, 101),
        settings=Settings(hidden=8, batch=16, rate=0.02, output="softmax", slows=0.5),
        rule=NEXT, budget=200_000, typical=20, quick=False, paper="", log="failed",
        note="another task than the paper's 2b: only the last step is asked for",
    ),
    *(
        Experiment(
            id=f"2c-{q}", title=f"q = {q}, p = {p}, x or y after q + k distractors",
            draw=lag_final(q, p), sizes=(p + 4, 2),
            settings=Settings(hidden=8, batch=16, output="softmax", input_bias=bias, slows=0.5),
            rule=LAG, budget=100_000, typical=typical, quick=quick, paper=said, log="failed",
            test=test,
        )
        for q, p, bias, typical, quick, said, test in (
            (50, 50, -3.0, 3, True, "30,000", 2560),
            (100, 100, -3.0, 5, True, "31,000", 2560),
            (1000, 100, -6.0, 40, False, "135,000", 512),
        )
    ),
    *(
        Experiment(
            id=f"3{v}-{N}{'-1000' if T > 100 else ''}", title=f"{kind}, T = {T}, N = {N}",
            draw=two(v, T, N), sizes=(1, 1), settings=settings, rule=rule, budget=budget,
            typical=typical, quick=quick, paper=said, log="failed",
        )
        for v, kind, T, N, settings, rule, budget, typical, quick, said in (
            ("a", "two sequences", 100, 3, THREE, noisy_rule(wrong=0, mean=0.01),
             300_000, 1, True, "39,850"),
            ("a", "two sequences", 100, 1, THREE, noisy_rule(wrong=0, mean=0.01),
             300_000, 2, True, "64,330"),
            ("a", "two sequences", 1000, 3,
             Settings(hidden=8, rate=0.01, output="bernoulli", slows=0.0, input_bias=-6.0),
             noisy_rule(wrong=0, mean=0.01), 200_000, 20, False, "452,460"),
            ("b", "noise on the signal", 100, 3, THREE, noisy_rule(wrong=5, mean=0.04),
             300_000, 1, True, "43,250"),
            ("b", "noise on the signal", 100, 1, THREE, noisy_rule(wrong=5, mean=0.04),
             300_000, 3, True, "78,430"),
            ("c", "noise on the targets", 100, 3,
             Settings(hidden=8, batch=64, rate=0.01, output="sigmoid", slows=0.0),
             noisy_rule(wrong=0, mean=0.015, tolerance=0.1), 400_000, 2, True, "269,650"),
            ("c", "noise on the targets", 100, 1,
             Settings(hidden=8, batch=64, rate=0.01, output="sigmoid", slows=0.0),
             noisy_rule(wrong=0, mean=0.015, tolerance=0.1), 400_000, 4, True, "565,640"),
        )
    ),
    *(
        Experiment(
            id=f"4-{T}", title=f"adding, T = {T}", draw=adding(T), sizes=(2, 1),
            settings=settings, rule=ADD, budget=budget, typical=typical, quick=T == 100,
            paper=said, log=log,
        )
        for T, settings, budget, typical, said, log in (
            (100, Settings(batch=16, rate=0.015, forget="chrono", lag=100, slows=0.05),
             200_000, 3, "74,000", "28,664, gates trained beforehand, 266 s"),
            (500, Settings(batch=16, rate=0.01, input_bias=-5.0, slows=0.05),
             200_000, 20, "209,000", ""),
            (1000, Settings(batch=16, rate=0.01, input_bias=-6.0, slows=0.05),
             150_000, 50, "853,000", ""),
        )
    ),
    *(
        Experiment(
            id=f"5-{wrong + 1}", title=f"multiplication, fewer than {wrong + 1} of 2,000 wrong",
            draw=multiplying, sizes=(2, 1), settings=Settings(batch=32, rate=0.02, slows=0.1),
            rule=Rule(tolerance=0.04, wrong=wrong), budget=400_000, typical=typical,
            quick=wrong > 100, paper=said, log="failed",
        )
        for wrong, typical, said in ((139, 3, "482,000"), (12, 8, "1,273,000"))
    ),
    *(
        Experiment(
            id=f"6{v}", title=f"temporal order of {count} symbols", draw=ordering(count),
            sizes=(8, 2**count),
            settings=Settings(batch=32, rate=0.02, output="softmax", slows=0.5), rule=ORDER,
            budget=150_000, typical=2, paper=said, log=log,
        )
        for v, count, said, log in (("a", 2, "31,390", "pass, no number"), ("b", 3, "571,100", ""))
    ),
]  # fmt: skip
