"""How far the threshold of the graded training run is from either side.

    python benchmarks/training_thresholds.py [--seeds N]

Trains the solutions of this course on the adding problem as the rubric of
`long_dependency` does: T = 30, batches of 64, 400 updates, learning rate 0.01,
a hidden size between 13 and 19 for every seed. Each run is scored by its mean
squared error on 1,024 fresh sequences. The first row is the run that is graded;
the others are what a student may try at home, and an RNN, which has no way of
keeping anything that long. Prints the table of docs/training.md.
"""

# ruff: noqa: E402
import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np

from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]
THRESHOLD = 0.006
HIDDEN = range(13, 20)
#: Label of a row -> cell, forget bias, input bias.
ROWS = {
    "LSTM, forget bias 3, input bias -2 (graded)": ("lstm", 3.0, -2.0),
    "LSTM, forget bias 3": ("lstm", 3.0, 0.0),
    "LSTM, forget bias 1": ("lstm", 1.0, 0.0),
    "GRU, update bias -3": ("gru", 3.0, 0.0),
    "RNN": ("rnn", 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What the runs of one row have left: errors (N,), smallest first; CPU seconds a run."""

    name: str
    errors: np.ndarray[Any, np.dtype[np.float64]]
    seconds: float

    def __str__(self) -> str:
        """Write the row of the table."""
        least, median, high, most = np.quantile(self.errors, [0.0, 0.5, 0.99, 1.0])
        learnt = median < THRESHOLD
        margin = THRESHOLD / most if learnt else least / THRESHOLD
        wrong = int(np.sum(self.errors >= THRESHOLD))
        cells = (
            self.name, len(self.errors), f"{least:.5f}", f"{median:.5f}", f"{high:.5f}",
            f"{most:.5f}", wrong, f"{margin:.1f}", f"{self.seconds:.2f}",
        )  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |"


def measure(functions: dict[str, Callable[..., Any]], name: str, seeds: int) -> Row:
    """Train one row's cell once per seed."""
    cell, forget, gate = ROWS[name]
    errors = []
    started = time.process_time()
    for seed in range(seeds):
        rng = np.random.default_rng([1997, seed])
        H = HIDDEN[seed % len(HIDDEN)]
        params, _ = functions["train"](
            "adding", cell, rng, hidden_size=H, forget_bias=forget, input_bias=gate
        )
        X, y = functions["adding_problem"](30, 1024, rng)
        errors.append(np.mean((functions["predict"](params, X) - y) ** 2))
    return Row(name, np.sort(errors), (time.process_time() - started) / seeds)


def main() -> None:
    """Measure all rows and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=42, help="runs per row (default: 42)")
    seeds = parser.parse_args().seeds
    functions = Course.load(ROOT).functions("long_dependency")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, one thread\n")
    print("| run | runs | min | median | 99 % | max | at 0.006 or above | margin | s a run |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name in ROWS:
        print(measure(functions, name, seeds), flush=True)


if __name__ == "__main__":
    main()
