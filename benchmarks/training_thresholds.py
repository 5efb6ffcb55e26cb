"""Where the threshold of the graded training run comes from.

    python benchmarks/training_thresholds.py [--seeds 40]

Trains the course's own solutions as the rubric of `long_dependency` does (adding
problem, T = 30, batch 64, 400 updates, learning rate 0.01, one hidden size of
13..19 per seed) and scores each run on 1,024 fresh sequences. Beside the run
that is graded: other starts a student may choose, and an RNN as control. The
table goes to standard output, one row per contestant.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import machine  # before NumPy
import numpy as np

from long_dependency import adding_problem, predict, train

THRESHOLD = 0.006
RUN = {"T": 30, "batch_size": 64, "updates": 400, "lr": 0.01}


@dataclass(frozen=True)
class Contestant:
    """One way to begin: a cell, its biases, and what is done to the first weights."""

    name: str
    cell: str
    forget_bias: float = 3.0
    input_bias: float = 0.0


CONTESTANTS = (
    Contestant("LSTM, forget bias 3, input bias -2 (graded)", "lstm", 3.0, -2.0),
    Contestant("LSTM, forget bias 3", "lstm", 3.0),
    Contestant("LSTM, forget bias 1", "lstm", 1.0),
    Contestant("GRU, update bias -3", "gru", 3.0),
    Contestant("RNN (control)", "rnn"),
)


def error(contestant: Contestant, seed: int) -> float:
    """Train once, return the mean squared error on fresh sequences."""
    rng = np.random.default_rng([seed, 30])
    params, _ = train(
        "adding", contestant.cell, rng, hidden_size=int(rng.integers(13, 20)),
        forget_bias=contestant.forget_bias, input_bias=contestant.input_bias, **RUN,
    )  # fmt: skip
    X, y = adding_problem(RUN["T"], 1024, rng)
    return float(np.mean((predict(params, X) - y) ** 2))


def rows(seeds: int, measure: Callable[[Contestant, int], float]) -> Iterator[str]:
    """Measure every contestant on the same seeds; yield Markdown rows."""
    yield "| contestant | runs | min | median | p99 | max | max / threshold | above | s a run |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for contestant in CONTESTANTS:
        started = time.process_time()
        errors = np.array([measure(contestant, seed) for seed in range(seeds)])
        seconds = (time.process_time() - started) / seeds
        low, middle, high = np.quantile(errors, [0.0, 0.5, 0.99])
        yield (
            f"| {contestant.name} | {seeds} | {low:.5f} | {middle:.5f} | {high:.5f} "
            f"| {errors.max():.5f} | {errors.max() / THRESHOLD:.2f} "
            f"| {int(np.sum(errors >= THRESHOLD))} | {seconds:.2f} |"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    options = parser.parse_args()
    print(f"{machine.describe('numpy')}\n")
    for row in rows(options.seeds, error):
        print(row, flush=True)
    print(f"\nThreshold {THRESHOLD}; always answering 0.5 has {1 / 24:.4f}.")


if __name__ == "__main__":
    main()
