"""How fast the gradient fades with the lag, measured at initialisation.

    python benchmarks/gradient_flow.py [--seeds N]

Draws weights and inputs, back-propagates with the solutions of the course
(`gradient_by_lag`), and fits a line to log10 of the norm over lags 10 to 60.
Prints the table the handout of `gate_analysis` quotes, and the one its
criterion `slopes` rests on: its thresholds are -0.08 for the RNN and -0.04 for
the LSTM.

TABLES
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from grader.course import Course

ROOT = Path(__file__).resolve().parents[1]
LAGS = (10, 60)
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int, int], Array]


def uniform(rng: np.random.Generator, D: int, H: int, blocks: int) -> Array:
    """Draw every weight and bias within ±1 / sqrt(H), as PyTorch does."""
    return rng.uniform(-1.0, 1.0, (1 + D + H, blocks * H)) / np.sqrt(H)


def normal(rng: np.random.Generator, D: int, H: int, blocks: int) -> Array:
    """Draw weights as init_lstm does: normal / sqrt(D + H), bias row zero."""
    W = rng.standard_normal((1 + D + H, blocks * H)) / np.sqrt(D + H)
    W[0] = 0.0
    return W


def orthogonal(rng: np.random.Generator, D: int, H: int, blocks: int) -> Array:
    """Draw an orthogonal recurrent matrix under normal input weights."""
    W = normal(rng, D, H, blocks)
    W[1 + D :] = np.linalg.qr(rng.standard_normal((H, H)))[0]
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
    course: dict[str, Callable[..., Array]], label: str, seed: int, T: int, D: int, H: int
) -> tuple[Array, float]:
    """Measure one curve (T,), and the slope of the product of forget gates."""
    cell, draw, bias = REGIMES[label]
    rng = np.random.default_rng(seed)
    W = draw(rng, D, H, BLOCKS[cell])
    gate = np.s_[H : 2 * H] if cell == "lstm" else np.s_[:H]
    W[0, gate] += bias
    X = rng.standard_normal((T, 1, D))
    direct = np.nan
    if cell == "lstm":
        f = course["gate_activations"](X, W)["f"]  # type: ignore[call-overload]
        products = [np.linalg.norm(course["direct_memory"](f, t, T - 1)) for t in range(T)]
        direct = slope(np.array(products))
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
        runs = [measure(course, label, seed, T=100, D=8, H=32) for seed in range(seeds)]
        slopes = [slope(curve) for curve, _ in runs]
        ratios = [np.log10(curve[[89, 49, 0]] / curve[-1]) for curve, _ in runs]
        far = ", ".join(f"{value:.1f}" for value in np.mean(ratios, axis=0))
        direct = f"{np.mean([d for _, d in runs]):+.3f}" if label.startswith("LSTM") else ""
        print(f"| {label} | {in_words(slopes)} | {far} | {direct} |")

    print(f"\nAs graded: T = 61, H = 32, D = 5, B = 1; {50 * seeds} seeds\n")
    print("| cell, weights | slope: mean (sd) [min, max] |")
    print("|---|---|")
    for label in GRADED:
        curves = [measure(course, label, seed, T=61, D=5, H=32)[0] for seed in range(50 * seeds)]
        print(f"| {label} | {in_words([slope(curve) for curve in curves])} |")


def in_words(slopes: list[float]) -> str:
    """Summarise slopes in one cell of a table."""
    mean, spread = np.mean(slopes), np.std(slopes)
    return f"{mean:+.3f} ({spread:.3f}) [{min(slopes):+.3f}, {max(slopes):+.3f}]"


if __name__ == "__main__":
    main()
