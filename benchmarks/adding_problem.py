"""The adding problem of 1997, to the paper's own criterion, in about a second.

    python benchmarks/adding_problem.py [--seeds N] [--budget SEQUENCES]

Hochreiter and Schmidhuber (Neural Computation 9(8), 1997, experiment 4): a
sequence of values in [-1, 1], two of them marked, far apart; at the end the
network is to say 0.5 + (X1 + X2) / 4. Training stops when the 2,000 sequences
seen last were all answered with an error below 0.04 and their mean error is
below 0.01, each judged before it is learned from.

Nothing is trained beforehand: the biases of the input and forget gates start
where a memory of up to T steps needs them (Tallec and Ollivier 2018), and the
learning rate falls with the error. A plain RNN and an LSTM with the customary
forget bias 1 get the whole budget, as controls. Then the learning rate is let
down to zero over 20,000 more sequences, and 2,560 fresh ones are judged.

Prints Markdown. A seed gives the same run every time on the same machine.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import machine  # before NumPy
import numpy as np

from fast_lstm import LSTM, Adam, Array, Model, initial_weights, train_step

T = 100
TOLERANCE, WINDOW, MEAN = 0.04, 2000, 0.01  # the paper's criterion
BATCH = 16
TEST = 2560  # sequences, as in the paper
MORE = 20_000  # sequences while the learning rate is let down


def adding_problem(T: int, B: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a batch of the adding problem, all sequences of one length.

    The length is uniform on T .. floor(1.1 T). Features: the value, uniform on
    [-1, 1], and the marker: 1 at two steps, -1 at the first and the last, else
    0. One of the first 10 steps is marked, then one of the first T / 2 - 1 still
    unmarked. A marked first step keeps its -1, and its value is set to 0.

    Returns X (steps, B, 2) and y (B, 1) = 0.5 + (X1 + X2) / 4, float32.
    """
    steps = int(rng.integers(T, T + T // 10, endpoint=True))
    X = np.zeros((steps, B, 2), np.float32)
    values, markers = X[:, :, 0], X[:, :, 1]
    values[:] = 2.0 * rng.random((steps, B), np.float32) - 1.0
    each = np.arange(B)
    first = rng.integers(10, size=B)
    second = rng.integers(T // 2 - 1, size=B)
    second += second >= first  # step over the one that is taken
    values[0, (first == 0) | (second == 0)] = 0.0
    markers[first, each] = markers[second, each] = 1.0
    markers[[0, -1]] = -1.0
    y = 0.5 + (values[first, each] + values[second, each]) / 4.0
    return X, y[:, None]


class RNN:
    """The control: h_t = tanh(W' [1; x_t; h_{t-1}]), as fast as the LSTM is."""

    def __init__(self, D: int, H: int) -> None:
        self.D, self.H = D, H
        self._inputs = np.zeros((0, 1 + D + H, 0), np.float32)

    def forward(self, W: Array, X: Array) -> Array:
        """Run over X (T, B, D) with W (R, H); return the last state (H, B)."""
        steps, B, D = X.shape
        if len(self._inputs) <= steps or self._inputs.shape[2] != B:
            self._inputs = np.zeros((steps + 1, 1 + D + self.H, B), np.float32)
            self._inputs[:, 0] = 1.0
        self.T, self._W = steps, W
        inputs, weights = self._inputs, W.T.copy()
        inputs[:steps, 1 : 1 + D] = X.transpose(0, 2, 1)
        a = np.empty((self.H, B), np.float32)
        for t in range(steps):
            np.dot(weights, inputs[t], a)
            np.tanh(a, inputs[t + 1, 1 + D :])
        return inputs[steps, 1 + D :]

    def backward(self, dh: Array, dW: Array) -> None:
        """Write dW (R, H) for the gradient dh (H, B) of the last state."""
        h = self._inputs[1 : self.T + 1, 1 + self.D :]
        slopes = 1.0 - h * h
        da = np.empty_like(slopes)
        recurrent = self._W[1 + self.D :].copy()
        for slope, da_t in zip(slopes[::-1], da[::-1], strict=True):
            np.multiply(slope, dh, da_t)
            dh = recurrent @ da_t
        dW[...] = np.matmul(self._inputs[: self.T], da.transpose(0, 2, 1)).sum(axis=0)


def remembering_lstm(rng: np.random.Generator) -> Model:
    """Make an LSTM whose cells start with memories of 1 to T steps."""
    biases = np.log(rng.uniform(1.0, T - 1.0, 8))
    W, W_out = initial_weights(2, 8, 1, rng, forget_bias=biases, input_bias=-biases)
    W_out[0] = 0.5
    return Model(LSTM(2, 8), W, W_out)


def customary_lstm(rng: np.random.Generator) -> Model:
    """Make the same LSTM with forget bias 1 and input bias 0."""
    W, W_out = initial_weights(2, 8, 1, rng, forget_bias=1.0)
    W_out[0] = 0.5
    return Model(LSTM(2, 8), W, W_out)


def plain_rnn(rng: np.random.Generator) -> Model:
    """Make an RNN with an orthogonal recurrent matrix: the best it can start with."""
    H = 16
    W = rng.uniform(-1.0, 1.0, (3 + H, H)) / np.sqrt(H)
    W[0] = 0.0
    W[3:] = np.linalg.qr(rng.standard_normal((H, H)))[0]
    W_out = rng.uniform(-1.0, 1.0, (1 + H, 1)) / np.sqrt(H)
    W_out[0] = 0.5
    return Model(RNN(2, H), W, W_out)


# name, how to make it, learning rate; the controls after ours
CONTESTANTS = [
    ("LSTM, chrono biases, 361 weights", remembering_lstm, 0.015),
    ("control: LSTM, forget bias 1, 361 weights", customary_lstm, 0.015),
    ("control: RNN, orthogonal start, 321 weights", plain_rnn, 0.003),
]


class Criterion:
    """The paper's rule for when a network has learned."""

    def __init__(self) -> None:
        self.sequences = 0
        self._right = 0  # in a row, up to now
        self._recent = np.zeros(WINDOW)

    def judge(self, errors: Array) -> bool:
        """Take the next errors (B,), in order; tell whether the rule is met."""
        errors = np.abs(errors)
        wrong = np.flatnonzero(~(errors < TOLERANCE))  # NaN is wrong
        after_last = len(errors) - 1 - wrong[-1] if len(wrong) else self._right + len(errors)
        self._right = int(after_last)
        self._recent[(self.sequences + np.arange(len(errors))) % WINDOW] = errors
        self.sequences += len(errors)
        return self._right >= WINDOW and float(self._recent.mean()) < MEAN


@dataclass(frozen=True, slots=True)
class Learner:
    """A model in training, and where its batches come from."""

    model: Model
    adam: Adam
    rng: np.random.Generator

    @classmethod
    def of(cls, make: Callable[[np.random.Generator], Model], rate: float, seed: int) -> "Learner":
        """Make a new model of a seed."""
        rng = np.random.default_rng(seed)
        model = make(rng)
        return cls(model, Adam(model.parameters.size, rate), rng)

    def learn(self, budget: int) -> tuple[bool, int]:
        """Train to the criterion or to the end of the budget; count the sequences."""
        criterion, rate = Criterion(), self.adam.lr
        squared = 0.04  # running mean over about WINDOW sequences; at first nearly the variance
        while criterion.sequences < budget:
            # the learning rate falls with the error, once that is below 0.05
            self.adam.lr = rate * min(1.0, np.sqrt(squared) / 0.05)
            X, y = adding_problem(T, BATCH, self.rng)
            errors = train_step(self.model, self.adam, X, y)[:, 0]
            squared += BATCH / WINDOW * (float(errors @ errors) / BATCH - squared)
            if criterion.judge(errors):
                return True, criterion.sequences
        return False, criterion.sequences

    def let_down(self, sequences: int, batch: int = BATCH) -> None:
        """Train on, the learning rate falling from 0.004 to nothing."""
        updates = sequences // batch
        for k in range(updates):
            self.adam.lr = 0.004 * (1.0 - k / updates)
            train_step(self.model, self.adam, *adding_problem(T, batch, self.rng))


def judge(model: Model, sequences: int, seed: list[int]) -> tuple[Array, Array]:
    """Let it answer fresh sequences; return errors and targets, each (sequences,)."""
    rng = np.random.default_rng(seed)
    errors, targets = [], []
    for _ in range(sequences // 256):
        X, y = adding_problem(T, 256, rng)
        errors.append(model.predict(X)[:, 0] - y[:, 0])
        targets.append(y[:, 0])
    return np.concatenate(errors), np.concatenate(targets)


def wrong(errors: Array) -> int:
    """Count the errors that are not below the tolerance."""
    return int(np.sum(~(np.abs(errors) < TOLERANCE)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one network: when training stopped, and after letting down."""

    solved: bool
    sequences: int
    seconds: float  # of CPU time, making the sequences included
    wrong: int
    variance_left: float  # mean squared error / variance of the targets
    seconds_after: float  # these three mean nothing when it was not solved
    wrong_after: int
    largest_after: float


def run(make: Callable[[np.random.Generator], Model], rate: float, seed: int, budget: int) -> Run:
    """Train one network, and let it down if it has learned."""
    started = time.process_time()
    learner = Learner.of(make, rate, seed)
    solved, sequences = learner.learn(budget)
    stopped = time.process_time()
    errors, targets = judge(learner.model, TEST, [seed, 1])
    going_on = time.process_time()
    if solved:
        learner.let_down(MORE)
    seconds_after = time.process_time() - going_on
    after, _ = judge(learner.model, TEST, [seed, 2])
    return Run(
        solved=solved,
        sequences=sequences,
        seconds=stopped - started,
        wrong=wrong(errors),
        variance_left=float(np.mean(errors**2) / np.var(targets)),
        seconds_after=seconds_after,
        wrong_after=wrong(after),
        largest_after=float(np.abs(after).max()),
    )


def spread(values: Iterable[float], digits: int = 0) -> str:
    """Write minimum / median / maximum, or one number if they are all alike."""
    values = list(values)
    figures = (min(values), statistics.median(values), max(values))
    texts = [f"{figure:,.{digits}f}" for figure in figures]
    return " / ".join(texts) if len(set(texts)) > 1 else texts[0]


def row(name: str, runs: list[Run]) -> str:
    """Write one network's line, over its solved runs if there are any."""
    solved = [r for r in runs if r.solved]
    shown = solved or runs
    cells = [
        name,
        f"{len(solved)} of {len(runs)}",
        spread(r.sequences for r in shown),
        spread((r.seconds for r in shown), 2),
        spread(r.wrong for r in shown),
        spread(r.wrong_after for r in solved) if solved else "",
        spread((r.variance_left for r in shown), 3),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--budget", type=int, default=200_000, help="sequences per network")
    options = parser.parse_args()

    print(f"T = {T}, seeds 0 to {options.seeds - 1}; {machine.describe('numpy')}\n")
    print("Three numbers are minimum / median / maximum over the seeds.\n")
    print(
        f"| network | solved | sequences | CPU seconds | wrong of {TEST:,} then "
        f"| wrong after {MORE:,} more | squared error / variance |"
    )
    print("|---|---|---|---|---|---|---|")
    ours, *controls = CONTESTANTS
    runs = [run(*ours[1:], seed, options.budget) for seed in range(options.seeds)]
    print(row(ours[0], runs))
    print("| the paper's LSTM, 93 weights (10 trials) | | 74,000 (mean) | | 1 | | |")
    print("| a reproduction's log, gates trained beforehand (1 run) | | 28,664 | 266 | | | |")
    for name, make, rate in controls:
        failed = [run(make, rate, seed, options.budget) for seed in range(options.seeds)]
        print(row(name, failed), flush=True)

    solved = [r for r in runs if r.solved]
    if solved:
        counts = ", ".join(f"{r.sequences:,}" if r.solved else "not solved" for r in runs)
        print(f"\nSequences, seed by seed: {counts}.")
        left = ", ".join(str(r.wrong_after) for r in solved)
        print(f"\nWrong of {TEST:,} after {MORE:,} more sequences, seed by seed: {left}.")
        largest = spread((r.largest_after for r in solved), 4)
        seconds = statistics.median(r.seconds_after for r in solved)
        print(f"Their largest errors: {largest}. These {MORE:,} took {seconds:.2f} CPU seconds.")


if __name__ == "__main__":
    main()
