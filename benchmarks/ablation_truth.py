"""What removing a part of an LSTM does to two tasks, over many seeds.

    python benchmarks/ablation_truth.py [--seeds N]

Trains every variant of the solution of `ablation` on both of its tasks, with the
settings the exercise comes with, once per seed, and scores every run by its mean
squared error on 500 fresh sequences. The last rows are about what is graded: from
three seeds, how often a geometric mean, or a ratio of two, crosses its limit,
over all triples of the seeds. Prints the tables of docs/ablation.md.
"""

# ruff: noqa: E402
import argparse
import os
import platform
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np

from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]
Array = np.ndarray[Any, np.dtype[np.float64]]
#: The limits of the criterion `learns`, which asks for three seeds.
LEARNT, RATIO = 0.02, 1.5


def guesses(functions: Mapping[str, Any]) -> dict[str, float]:
    """Take the error of always answering the mean, by task."""
    rng = np.random.default_rng(0)
    spread = {}
    for task, draw in functions["TASKS"].items():
        _, Y, asked = draw(12, 20000, rng)
        spread[task] = float(Y[asked].var())
    return spread


def rows(task: str, errors: Mapping[str, Array], guess: float) -> None:
    """Print the table of one task."""
    whole = errors["nothing"]
    print(f"\n### {task} (always answering the mean: {guess:.3f})\n")
    print("| removed | min | median | max | ratio to whole | worse than its own whole |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, found in errors.items():
        least, middle, most = np.quantile(found, [0.0, 0.5, 1.0])
        ratio = np.exp(np.mean(np.log(found / whole)))
        worse = int(np.sum(found > whole))
        cells = (name, f"{least:.5f}", f"{middle:.5f}", f"{most:.5f}", f"{ratio:.2f}")
        print(f"| {' | '.join(cells)} | {worse} of {len(found)} |")


def triples(table: Mapping[str, Mapping[str, Array]]) -> None:
    """Print how far every triple of seeds is from the limits that are graded."""
    logs = {
        (task, name): np.log(table[task][name]) for task in table for name in ("nothing", "forget")
    }
    count = len(next(iter(logs.values())))
    chosen = np.array(list(combinations(range(count), 3)))
    means = {key: np.exp(values[chosen].mean(axis=1)) for key, values in logs.items()}
    print("\n### graded, over all triples of seeds\n")
    print("| of three seeds | min | median | max | limit | wrong side |")
    print("|---|--:|--:|--:|--:|--:|")
    lines = {f"{task}, {name} removed: error": (found, LEARNT, -1) for (task, name), found
             in means.items() if (task, name) != ("stream", "forget")}  # fmt: skip
    ratio = {task: means[task, "forget"] / means[task, "nothing"] for task in table}
    lines["stream: error without forget gate / with"] = (ratio["stream"], RATIO, 1)
    lines["storage: the same, not graded"] = (ratio["storage"], np.nan, 0)
    for label, (found, limit, sign) in lines.items():
        least, middle, most = np.quantile(found, [0.0, 0.5, 1.0])
        wrong = int(np.sum(sign * found < sign * limit)) if sign else "-"
        cells = (label, f"{least:.4f}", f"{middle:.4f}", f"{most:.4f}", limit, wrong)
        print(f"| {' | '.join(map(str, cells))} |")


def main() -> None:
    """Train, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=24)
    seeds = parser.parse_args().seeds
    functions = Course.load(ROOT).functions("ablation")
    started = time.process_time()
    tasks, variants = functions["TASKS"], functions["VARIANTS"]
    table = functions["run_ablation"](tasks, variants, range(1000, 1000 + seeds))
    spent = time.process_time() - started
    expected = guesses(functions)
    for task, errors in table.items():
        rows(task, errors, expected[task])
    triples(table)
    runs = seeds * len(tasks) * len(variants)
    print(f"\n{runs} runs, {spent / runs:.2f} s of CPU each. Python {platform.python_version()}, "
          f"NumPy {np.__version__}.")  # fmt: skip


if __name__ == "__main__":
    main()
