"""A falling loss proves nothing: mistakes in a backward pass that train all the same.

    python benchmarks/falling_loss.py            # prints the table
    python benchmarks/falling_loss.py --write    # and writes docs and figure

An LSTM language model of our own learns aⁿbⁿ, once with the right gradient and
once with each published mistake. Beside the loss it ends with: how far its gradient
is from central differences, and the cosine between the two, both before the
first update. Everything is drawn from fixed seeds; under two minutes of CPU.
"""

import argparse
import itertools
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from grader.sync import between

Array = npt.NDArray[np.float64]
#: Cell states and hidden states, one more than steps; and what each step keeps.
Cache = tuple[list[Array], list[Array], list[tuple[Array, ...]]]

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "falling-loss.md"
FIGURE = ROOT / "exercises" / "handouts" / "falling_loss.svg"

SYMBOLS, H, LONGEST = 3, 6, 10
SEEDS = range(6)
UPDATES, RATE, MAX_NORM = 1500, 0.2, 1.0
DELTA = 1e-5

#: What goes wrong, by the name of a row; the functions below ask for these words.
VARIANTS = {
    "right": (),
    "σ' of activated gates": ("activated",),
    "tanh' of tanh(c)": ("tanh of tanh",),
    "forget gate without σ'": ("no slope",),
    "states off by one, index -1": ("off by one",),
    "dc assigned, not added": ("overwritten",),
    "nothing carried back in time": ("not carried",),
    "all six together": (
        "activated", "tanh of tanh", "no slope", "off by one", "overwritten", "not carried",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one variant measures: errors and cosines by seed, loss before and after, by seed."""

    name: str
    errors: tuple[float, ...]
    cosines: tuple[float, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]


# --- the model: an LSTM with a softmax on top ------------------------------------


def sigmoid(a: Array) -> Array:
    """σ(a)."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def parameters(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw W (R, 4H), columns i | f | o | g, and W_out (1+H, symbols)."""
    W = rng.standard_normal((1 + SYMBOLS + H, 4 * H)) / np.sqrt(SYMBOLS + H)
    W[0] = 0.0
    return W, rng.standard_normal((1 + H, SYMBOLS)) / np.sqrt(H)


def word(n: int) -> npt.NDArray[np.int64]:
    """Spell aⁿbⁿ and its end as numbers."""
    return np.array([0] * n + [1] * n + [2])


def forward(W: Array, W_out: Array, x: npt.NDArray[np.int64]) -> tuple[float, Cache]:
    """Run over one word; loss: the sum of -log p of each next symbol."""
    cs, hs, steps, loss = [np.zeros(H)], [np.zeros(H)], [], 0.0
    for now, following in itertools.pairwise(x):
        row = np.concatenate([[1.0], np.eye(SYMBOLS)[now], hs[-1]])
        a = row @ W
        i, f, o = sigmoid(a[: 3 * H]).reshape(3, H)
        g = np.tanh(a[3 * H :])
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        logits = W_out[0] + hs[-1] @ W_out[1:]
        p = np.exp(logits - logits.max())
        p /= p.sum()
        loss -= np.log(p[following])
        p[following] -= 1.0
        steps.append((row, i, f, o, g, p))
    return loss, (cs, hs, steps)


def backward(W: Array, W_out: Array, cache: Cache, wrong: Collection[str]) -> tuple[Array, Array]:
    """Go back; wrong: the mistakes to make on the way."""
    cs, hs, steps = cache
    dW, dW_out = np.zeros_like(W), np.zeros_like(W_out)
    dh_next, dc_next = np.zeros(H), np.zeros(H)
    early = "off by one" in wrong
    gate = (lambda s: sigmoid(s) * (1 - sigmoid(s))) if "activated" in wrong else _from_output
    for t in reversed(range(len(steps))):
        row, i, f, o, g, dlogits = steps[t]
        # cs[0] and hs[0] are from before the first step
        h, c, c_prev = (hs[t], cs[t], cs[t - 1]) if early else (hs[t + 1], cs[t + 1], cs[t])
        dW_out += np.outer(np.concatenate([[1.0], h]), dlogits)
        dh = W_out[1:] @ dlogits + dh_next
        inner = np.tanh(c) if "tanh of tanh" in wrong else c
        dc = dh * o * (1.0 - np.tanh(inner) ** 2)
        dc = dc if "overwritten" in wrong else dc_next + dc
        da = np.concatenate([
            dc * g * gate(i),
            dc * c_prev * (sigmoid(f) if "no slope" in wrong else gate(f)),
            dh * np.tanh(c) * gate(o),
            dc * i * (1.0 - (np.tanh(g) if "activated" in wrong else g) ** 2),
        ])  # fmt: skip
        dW += np.outer(row, da)
        if "not carried" not in wrong:
            dh_next, dc_next = (W @ da)[1 + SYMBOLS :], dc * f
    return dW, dW_out


def _from_output(s: Array) -> Array:
    return s * (1.0 - s)


# --- measuring ----------------------------------------------------------------------


def flat(arrays: Sequence[Array]) -> Array:
    """Put arrays behind one another."""
    return np.concatenate([array.ravel() for array in arrays])


def numerical(W: Array, W_out: Array, x: npt.NDArray[np.int64]) -> Array:
    """Differentiate the loss by central differences."""
    slopes = []
    for array in (W, W_out):
        for index in np.ndindex(array.shape):
            kept, losses = array[index], []
            for moved in (kept + DELTA, kept - DELTA):
                array[index] = moved
                losses.append(forward(W, W_out, x)[0])
            array[index] = kept
            slopes.append((losses[0] - losses[1]) / (2 * DELTA))
    return np.array(slopes)


def per_symbol(W: Array, W_out: Array) -> float:
    """Average the loss over all words, per symbol that is predicted."""
    words = [word(n) for n in range(1, LONGEST + 1)]
    return sum(forward(W, W_out, x)[0] for x in words) / sum(len(x) - 1 for x in words)


def trained(seed: int, wrong: Collection[str]) -> tuple[float, float]:
    """Train by gradient descent with clipping; loss per symbol before and after."""
    rng = np.random.default_rng(seed)
    W, W_out = parameters(rng)
    before = per_symbol(W, W_out)
    for n in rng.integers(1, LONGEST + 1, UPDATES):
        _, cache = forward(W, W_out, word(n))
        gradients = backward(W, W_out, cache, wrong)
        scale = RATE * min(1.0, MAX_NORM / np.linalg.norm(flat(gradients)))
        W -= scale * gradients[0]
        W_out -= scale * gradients[1]
    return before, per_symbol(W, W_out)


def compared(seed: int, wrong: Collection[str], truth: Array) -> tuple[float, float]:
    """Compare a gradient with central differences: relative error and cosine."""
    W, W_out = parameters(np.random.default_rng(seed))
    got = flat(backward(W, W_out, forward(W, W_out, word(5))[1], wrong))
    sizes = np.linalg.norm(got), np.linalg.norm(truth)
    return np.linalg.norm(got - truth) / sum(sizes), got @ truth / (sizes[0] * sizes[1])


def measured() -> Iterator[Row]:
    """Measure every variant on every seed."""
    truths = [numerical(*parameters(np.random.default_rng(seed)), word(5)) for seed in SEEDS]
    for name, wrong in VARIANTS.items():
        pairs = [compared(seed, wrong, truths[seed]) for seed in SEEDS]
        runs = [trained(seed, wrong) for seed in SEEDS]
        errors, cosines = zip(*pairs, strict=True)
        before, after = zip(*runs, strict=True)
        yield Row(name=name, errors=errors, cosines=cosines, before=before, after=after)


# --- telling ---------------------------------------------------------------------------


def floor() -> float:
    """Loss per symbol of whoever knows that every n is as likely: only when b begins is a guess."""
    return LONGEST * np.log(LONGEST) / sum(2 * n for n in range(1, LONGEST + 1))


def table(rows: Sequence[Row]) -> str:
    """Write the table of docs/falling-loss.md."""
    lines = [
        f"| Backward pass | Gradient error | Cosine | Loss per symbol, {len(SEEDS)} seeds | Mean |"
    ]
    lines += ["|---|--:|--:|---|--:|"]
    for row in rows:
        after = " ".join(f"{value:.3f}".lstrip("0") for value in row.after)
        lines.append(
            f"| {row.name} | {np.mean(row.errors):.1e} | {np.mean(row.cosines):.4f} "
            f"| {after} | {np.mean(row.after):.3f} |"
        )
    return "\n".join(lines)


TOP, STEP, LEFT, WIDE, SECOND = 74, 30, 236, 210, 486
#: Losses beyond are drawn as arrows.
HIGHEST = 1.4
GREY, DARK, RED, GREEN = "#666", "#222", "#b3261e", "#1a7f4b"


def figure(rows: Sequence[Row]) -> str:
    """Draw both columns as an SVG: errors on a logarithmic axis, losses beside them."""
    bottom = TOP + STEP * len(rows)
    start = float(np.mean(rows[0].before))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {bottom + 58}" width="720" '
        f'height="{bottom + 58}" font-family="Helvetica, Arial, sans-serif">\n'
        "<title>A falling loss proves nothing</title>\n"
        '<rect width="100%" height="100%" fill="#fff"/>'
    )
    parts = [
        head,
        _text(LEFT, 22, "Gradient error", size=15),
        _text(LEFT, 40, "against central differences", colour=GREY, size=12),
        _text(SECOND, 22, "Loss per symbol", size=15),
        _text(SECOND, 40, "after training, one dot per seed", colour=GREY, size=12),
    ]  # fmt: skip
    ticks = [(_error_at(10.0**k), f"1e{k}" if k else "1") for k in (-10, -8, -6, -4, -2, 0)]
    ticks += [(_loss_at(value), f"{value:g}") for value in (0.0, 0.5, 1.0)]
    for x, words in ticks:
        parts += [_upright(x, bottom, "#e4e4e4"), _below(x, bottom + 10, words)]
    for x, words, colour in (
        (_error_at(1e-6), "a check with threshold 1e-6", RED),
        (_loss_at(floor()), "best possible", GREY),
        (_loss_at(start), "untrained", GREY),
    ):
        parts += [_upright(x, bottom, colour, "4 3"), _below(x, bottom + 32, words, colour)]
    for k, row in enumerate(rows):
        y, colour = TOP + STEP * k, RED if k else GREEN
        parts.append(_text(LEFT - 16, y + 5, row.name, anchor="end"))
        places = [*map(_error_at, row.errors), *map(_loss_at, row.after)]
        parts += [_mark(x, y, colour) for x in places]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _error_at(value: float) -> float:
    return float(LEFT + WIDE * (np.log10(value) + 11) / 11)


def _loss_at(value: float) -> float:
    return SECOND + WIDE * value / HIGHEST


def _mark(x: float, y: float, colour: str) -> str:
    """Draw a dot, or an arrow at the edge for what is beyond it."""
    paint = f'fill="{colour}" fill-opacity="0.55"'
    if x > SECOND + WIDE:
        return f'<path d="M{SECOND + WIDE + 2} {y - 5}l9 5l-9 5z" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" {paint}/>'


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, colour: str = DARK
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{words}</text>'
    )


def _below(x: float, y: float, words: str, colour: str = GREY) -> str:
    return _text(x, y, words, anchor="middle", size=11, colour=colour)


def _upright(x: float, bottom: float, colour: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 14}" y2="{bottom - 8}" '
        f'stroke="{colour}"{dashed}/>'
    )


def main() -> None:
    """Measure, print, and with --write keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs and figure")
    arguments = parser.parse_args()
    started = time.process_time()
    rows = list(measured())
    print(table(rows))
    print(f"untrained {np.mean(rows[0].before):.3f}, best possible {floor():.3f}")
    print(f"{time.process_time() - started:.0f} s of CPU")
    if arguments.write:
        TABLE.write_text(between(TABLE, "falling-loss", table(rows)), "utf-8")
        FIGURE.write_text(figure(rows), "utf-8")


if __name__ == "__main__":
    main()
