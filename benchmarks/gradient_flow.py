"""How fast the gradient fades with the lag, measured at initialisation.

    python benchmarks/gradient_flow.py [--seeds N]

Draws weights and inputs, back-propagates with the solutions of the course
(`gradient_by_lag`), and fits a line to log10 of the norm over lags 10 to 60.
Prints the table the handout of `gate_analysis` quotes, and the one its
criterion `slopes` rests on: its thresholds are -0.08 for the RNN and -0.04 for
the LSTM.

Measured with NumPy 2.4 (`--seeds 20`):

T = 100, H = 32, D = 8, B = 1; 20 seeds

| cell, weights | slope: mean (sd) [min, max] | log10 at lag 10, 50, 99 | product of f |
|---|---|---|---|
| RNN, uniform | -0.262 (0.031) [-0.306, -0.201] | -2.8, -13.4, -26.2 | |
| RNN, normal | -0.146 (0.022) [-0.191, -0.101] | -1.6, -7.5, -14.6 | |
| RNN, orthogonal | -0.109 (0.009) [-0.129, -0.095] | -1.1, -5.5, -10.7 | |
| LSTM, uniform, b_f + 0 | -0.202 (0.012) [-0.230, -0.181] | -3.0, -11.1, -20.9 | -0.273 |
| LSTM, uniform, b_f + 1 | -0.073 (0.007) [-0.086, -0.062] | -1.8, -4.7, -8.2 | -0.123 |
| LSTM, uniform, b_f + 3 | -0.004 (0.006) [-0.012, +0.010] | -1.3, -1.5, -1.1 | -0.019 |
| LSTM, uniform, b_f + 5 | +0.003 (0.006) [-0.007, +0.012] | -1.5, -1.5, -0.6 | -0.003 |
| LSTM, normal, b_f + 3 | -0.001 (0.008) [-0.014, +0.014] | -1.2, -1.3, -0.5 | -0.018 |
| GRU, uniform, b_z - 0 | -0.204 (0.010) [-0.221, -0.185] | -2.3, -10.4, -20.4 | |
| GRU, uniform, b_z - 3 | -0.019 (0.001) [-0.020, -0.017] | -0.2, -1.0, -1.8 | |

As graded: T = 61, H = 32, D = 5, B = 1; 1000 seeds

| cell, weights | slope: mean (sd) [min, max] |
|---|---|
| RNN, uniform | -0.251 (0.030) [-0.342, -0.119] |
| LSTM, uniform, b_f + 3 | +0.006 (0.007) [-0.017, +0.024] |
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]
LAGS = (10, 60)
HIDDEN = 32
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int, int], Array]


def uniform(rng: np.random.Generator, inputs: int, hidden: int, blocks: int) -> Array:
    """Draw every weight and bias within ±1 / sqrt(H), as PyTorch does."""
    W: Array = rng.uniform(-1.0, 1.0, (1 + inputs + hidden, blocks * hidden)) / np.sqrt(hidden)
    return W


def normal(rng: np.random.Generator, inputs: int, hidden: int, blocks: int) -> Array:
    """Draw weights as init_lstm does: normal / sqrt(D + H), bias row zero."""
    W: Array = rng.standard_normal((1 + inputs + hidden, blocks * hidden))
    W /= np.sqrt(inputs + hidden)
    W[0] = 0.0
    return W


def orthogonal(rng: np.random.Generator, inputs: int, hidden: int, blocks: int) -> Array:
    """Draw an orthogonal recurrent matrix under normal input weights."""
    W = normal(rng, inputs, hidden, blocks)
    W[1 + inputs :] = np.linalg.qr(rng.standard_normal((hidden, hidden)))[0]
    return W


#: label: the cell, how its weights are drawn, what is added to one gate's bias.
#: That gate is f in an LSTM; z, which overwrites, in a GRU.
REGIMES: dict[str, tuple[str, Draw, float]] = {
    "RNN, uniform": ("rnn", uniform, 0.0),
    "RNN, normal": ("rnn", normal, 0.0),
    "RNN, orthogonal": ("rnn", orthogonal, 0.0),
    "LSTM, uniform, b_f + 0": ("lstm", uniform, 0.0),
    "LSTM, uniform, b_f + 1": ("lstm", uniform, 1.0),
    "LSTM, uniform, b_f + 3": ("lstm", uniform, 3.0),
    "LSTM, uniform, b_f + 5": ("lstm", uniform, 5.0),
    "LSTM, normal, b_f + 3": ("lstm", normal, 3.0),
    "GRU, uniform, b_z - 0": ("gru", uniform, 0.0),
    "GRU, uniform, b_z - 3": ("gru", uniform, -3.0),
}
GRADED = ("RNN, uniform", "LSTM, uniform, b_f + 3")


def slope(curve: Array, first: int = LAGS[0], last: int = LAGS[1]) -> float:
    """Fit log10 of a curve over the lags first .. last; per step back."""
    lags = np.arange(first, last + 1)
    return float(np.polyfit(lags, np.log10(curve[::-1][first : last + 1]), 1)[0])


def measure(
    course: dict[str, Callable[..., Any]], label: str, seed: int, steps: int, inputs: int
) -> tuple[Array, float]:
    """Measure one curve (T,), and the slope of the product of forget gates."""
    cell, draw, bias = REGIMES[label]
    rng = np.random.default_rng(seed)
    W = draw(rng, inputs, HIDDEN, BLOCKS[cell])
    W[0, np.s_[HIDDEN : 2 * HIDDEN] if cell == "lstm" else np.s_[:HIDDEN]] += bias
    X = rng.standard_normal((steps, 1, inputs))
    direct = np.nan
    if cell == "lstm":
        f = course["gate_activations"](X, W)["f"]
        kept = [np.linalg.norm(course["direct_memory"](f, t, steps - 1)) for t in range(steps)]
        direct = slope(np.array(kept))
    return course["gradient_by_lag"](X, W, cell), direct


def main() -> None:
    """Print Markdown tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    course = Course.load(ROOT).functions("gate_analysis")

    print(f"T = 100, H = 32, D = 8, B = 1; {seeds} seeds\n")
    print(
        "| cell, weights | slope: mean (sd) [min, max] | log10 at lag 10, 50, 99 | product of f |"
    )
    print("|---|---|---|---|")
    for label in REGIMES:
        runs = [measure(course, label, seed, steps=100, inputs=8) for seed in range(seeds)]
        slopes = [slope(curve) for curve, _ in runs]
        ratios = [np.log10(curve[[89, 49, 0]] / curve[-1]) for curve, _ in runs]
        far = ", ".join(f"{value:.1f}" for value in np.mean(ratios, axis=0))
        direct = f"{np.mean([d for _, d in runs]):+.3f}" if label.startswith("LSTM") else ""
        print(f"| {label} | {in_words(slopes)} | {far} | {direct} |".replace("|  |", "| |"))

    print(f"\nAs graded: T = 61, H = 32, D = 5, B = 1; {50 * seeds} seeds\n")
    print("| cell, weights | slope: mean (sd) [min, max] |")
    print("|---|---|")
    for label in GRADED:
        curves = [measure(course, label, seed, steps=61, inputs=5)[0] for seed in range(50 * seeds)]
        print(f"| {label} | {in_words([slope(curve) for curve in curves])} |")


def in_words(slopes: list[float]) -> str:
    """Summarise slopes in one cell of a table."""
    mean, spread = np.mean(slopes), np.std(slopes)
    return f"{mean:+.3f} ({spread:.3f}) [{min(slopes):+.3f}, {max(slopes):+.3f}]"


if __name__ == "__main__":
    main()
