"""How far the thresholds of the two graded runs of `language_model` are from either side.

    python benchmarks/language_model_thresholds.py [--seeds N] [--only WORD]

Trains the solution as the rubric does, on "hello" and on aⁿbⁿ, with a hidden size
between 13 and 19 for every seed, and scores what it returns on a fresh text: nats
per token, for aⁿbⁿ beyond the best there is, and whether it goes on as it should.
The first row of each is the run that is graded; the others are what a student may
do otherwise, and controls that cannot count. Prints the tables of
docs/language-model.md.
"""

# ruff: noqa: E402
import argparse
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np

from grader.calls import Signature
from grader.course import Course
from grader.hidden import test_language_model as rubric
from grader.reference import Reference

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = range(13, 20)
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of doing it: what is changed in the solution, or in the settings."""

    name: str
    forget_bias: float = 3.0
    settings: Mapping[str, Any] | None = None
    patch: tuple[tuple[str, str], ...] = ()


DRAWN = "rng.standard_normal((max(rows, columns), min(rows, columns)))"
NORMAL = (
    (f"A = {DRAWN}\n    Q = np.linalg.qr(A)[0]", f"Q = {DRAWN} / np.sqrt(max(rows, columns))"),
)
BLIND = (("c, h = None, None\n        for k", "for k"),
         ("forward_loss(params, inputs, targets, c, h)\n            grads",
          "forward_loss(params, inputs, targets)\n            grads"))  # fmt: skip
SGD = (
    ("params, state = adam_step(params, grads, state, lr)",
     "params = sgd_step(params, grads, lr)"),
)  # fmt: skip
ANBN_ROWS = (
    Row(name="forget bias 3, orthogonal (graded)"),
    Row(name="forget bias 1", forget_bias=1.0),
    Row(name="normal weights for orthogonal ones", patch=NORMAL),
    Row(name="learning rate 0.01", settings={"lr": 0.01}),
    Row(name="plain gradient descent, learning rate 1", settings={"lr": 1.0}, patch=SGD),
    Row(name="control: one step at a time, no state", settings={"T": 1}, patch=BLIND),
)
HELLO_ROWS = (
    Row(name="forget bias 3, orthogonal (graded)"),
    Row(name="normal weights for orthogonal ones", patch=NORMAL),
    Row(name="control: one step at a time, no state", settings={"T": 1}, patch=BLIND),
)


def patched(row: Row) -> Functions:
    """Load the solution with what a row changes."""
    course = Course.load(ROOT)
    source = course.source("language_model")
    for old, new in row.patch:
        assert source.count(old) == 1, f"{row.name}: its patch fits {source.count(old)} times"  # noqa: S101
        source = source.replace(old, new)
    course._sources["language_model"] = source  # noqa: SLF001  a course of our own
    return course.functions("language_model")


def scored(
    kind: str, row: Row, functions: Functions, exact: Reference, seed: int
) -> tuple[float, bool]:
    """Train once; the loss of a fresh text, and whether it goes on as it should."""
    rng = np.random.default_rng([1997, seed])
    H = HIDDEN[seed % len(HIDDEN)]
    if kind == "hello":
        ids = np.array(["?ehlo".index(one) for one in "hello" * 40])
        texts, settings, V = (ids, ids[:51]), rubric.HELLO, 5
    else:
        texts = rubric.language(rng, rubric.WORDS), rubric.language(rng, 60)
        settings, V = rubric.ANBN, 4
    params = functions["init_params"](V, H, rng, row.forget_bias)
    best, _ = functions["train"](params, *texts, **settings | (row.settings or {}))
    if kind == "hello":
        loss = float(exact.evaluate(best, texts[1]).loss)
        return loss, rubric.written(exact, best, "helloh", 9, "?ehlo") == "ellohello"
    loss = rubric.needless(exact, best, rubric.language(rng, 200))
    return loss, rubric.written(exact, best, "$aaabbb$aabb$aaaaab", 5, "?ab$") == "bbbb$"


def measure(kind: str, row: Row, exact: Reference, seeds: int) -> str:
    """Train one row once per seed, and write the row of the table."""
    functions = patched(row)
    enough = rubric.HELLO_ENOUGH if kind == "hello" else rubric.ANBN_ENOUGH
    started = time.process_time()
    runs = [scored(kind, row, functions, exact, seed) for seed in range(seeds)]
    seconds = (time.process_time() - started) / seeds
    losses = np.array([loss for loss, _ in runs])
    least, median, most = np.quantile(losses, [0.0, 0.5, 1.0])
    margin = enough / most if median < enough else least / enough
    cells = (
        row.name, seeds, f"{least:.4f}", f"{median:.4f}", f"{most:.4f}",
        int(np.sum(losses >= enough)), f"{margin:.1f}", sum(right for _, right in runs),
        f"{seconds:.2f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Measure all rows and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=35, help="runs per row (default: 35)")
    parser.add_argument("--only", default="", help="only rows with this word in their name")
    options = parser.parse_args()
    signatures = {name: Signature.parse(text) for name, text in rubric.RETURNS.items()}
    exact = Reference(Course.load(ROOT).functions("language_model"), signatures)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, one thread")
    for kind, rows in (("anbn", ANBN_ROWS), ("hello", HELLO_ROWS)):
        enough = rubric.HELLO_ENOUGH if kind == "hello" else rubric.ANBN_ENOUGH
        print(f"\n| {kind} | runs | min | median | max | at {enough} or above | margin "
              "| goes on rightly | s a run |")  # fmt: skip
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
        for row in rows:
            if options.only in row.name:
                print(measure(kind, row, exact, options.seeds), flush=True)


if __name__ == "__main__":
    main()
