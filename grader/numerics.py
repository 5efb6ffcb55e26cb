"""How far two arrays are apart, and gradients by central differences.

Nothing here knows what the arrays mean.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.calls import Array

__all__ = [
    "DELTA",
    "GRADIENT_TOLERANCE",
    "PRECISE",
    "TOLERANCE",
    "Path",
    "block_errors",
    "first_difference",
    "numerical_gradient",
    "relative_error",
    "varied",
]

#: Values: loose enough for code that computes in float32.
TOLERANCE = 1e-4
#: Values of code that computes in float64 throughout.
PRECISE = 1e-9
#: Gradients; central differences with DELTA are good to about 1e-9.
GRADIENT_TOLERANCE = 1e-6
DELTA = 1e-5

TINY = 1e-300


def relative_error(got: Array, want: Array) -> float:
    """Measure ||got - want|| / (||got|| + ||want||): 0 = equal, at most 1.

    Two arrays of zeros, or two empty ones, are equal. Same shape expected.
    """
    with np.errstate(over="ignore"):
        difference = float(np.linalg.norm(got - want))
        if difference == 0.0:
            return 0.0
        total = float(np.linalg.norm(got)) + float(np.linalg.norm(want)) + TINY
    if total == np.inf:  # the squares are too large: measure in units of the largest entry
        unit = max(float(np.abs(got).max()), float(np.abs(want).max()))
        return relative_error(got / unit, want / unit) if unit < np.inf else 1.0
    return difference / total


def block_errors(got: Array, want: Array, blocks: Mapping[str, Any]) -> dict[str, float]:
    """Measure the relative error of every named block of an array.

    blocks: name -> index into the array, e.g. {"bias/i": np.s_[0, :H]}.
    """
    return {name: relative_error(got[index], want[index]) for name, index in blocks.items()}


def first_difference(got: Array, want: Array, tolerance: float) -> tuple[int, ...] | None:
    """Find the first entry, in reading order, that is further off than the rest may be.

    An entry counts as different when it is off by more than `tolerance` of
    the typical size of `want`. None when no entry is.
    """
    with np.errstate(over="ignore"):
        scale = float(np.sqrt(np.mean(np.square(want)))) if want.size else 0.0
        off = np.abs(got - want) > tolerance * np.maximum(np.abs(want), scale)
    if not off.any():
        return None
    return tuple(int(k) for k in np.unravel_index(int(off.argmax()), off.shape))


#: A position among the arguments, or a position and the key of a dict there.
Path = int | tuple[int, str]


def varied(args: Sequence[Any], path: Path) -> Array:
    """Look up the array a path leads to."""
    found: Array = args[path] if isinstance(path, int) else args[path[0]][path[1]]
    return found


def numerical_gradient(
    sweep: Callable[[Sequence[Path]], Sequence[Sequence[Array]]],
    args: Sequence[Any],
    vary: Sequence[Path],
    weights: Sequence[Array],
    delta: float = DELTA,
) -> list[Array]:
    """Differentiate loss = Σ_k sum(output_k * weights_k) with respect to args[vary].

    sweep: evaluates at every args[k] ± delta in one entry, for all k in vary
        at once; for each k, a stack (2n, ...) per output, + before -.
    Returns one array per entry of vary, of the shape of that argument.
    """
    gradients = []
    for path, stacks in zip(vary, sweep(vary), strict=True):
        argument = varied(args, path)
        slope: Array = np.zeros(argument.size)
        for stack, weight in zip(stacks, weights, strict=True):
            with np.errstate(all="ignore"):  # a student's forward may return anything
                change = (stack[0::2] - stack[1::2]).reshape(argument.size, -1)
                slope += change @ weight.reshape(-1)
        gradients.append((slope / (2 * delta)).reshape(argument.shape))
    return gradients
