"""What a wrong array still has in common with the right one, in a few words.

"your numbers are 2.00 times what they should be", "right at the last step
only": no catalogue is needed for these, two arrays are enough. Only what holds
for every entry is said; a single number, or one that is wrong in no simple
way, resembles nothing.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.calls import Array
from grader.numerics import relative_error

__all__ = ["FEW", "resemblance"]

#: So few numbers are a multiple of others by chance.
FEW = 3
SINGLE = (1e-9, 1e-6)
#: Nobody is off by more than this factor, or its inverse: memory that was never written is.
FURTHEST = 1e9
_SEQUENCES = 3
HALF = 0.5


def resemblance(got: Array, want: Array, tolerance: float) -> str:
    """Say what is still right about an array that is wrong as a whole; "" for nothing.

    got, want: of the same shape, finite. A (T, B, .) array is judged step by
    step and sequence by sequence, too.
    """
    if want.size < FEW:
        return ""
    with np.errstate(all="ignore"):  # a student may return numbers near any limit
        return next(_resemblances(got.astype(float), want.astype(float), tolerance), "")


def _resemblances(got: Array, want: Array, tolerance: float) -> Iterator[str]:
    def same(one: Array, other: Array) -> bool:
        return relative_error(one, other) <= tolerance

    if same(got, want) or not want.any():
        return
    if got.any() and (factor := _factor(got, want)) and same(got, factor * want):
        yield (
            "the sign is turned, all else is right"
            if _is(factor, -1)
            else (
                f"all of it is right up to one factor: {_spelled(factor)} times what it should be"
            )
        )
    if want.ndim == _SEQUENCES:
        near = np.abs(got - want) <= tolerance * np.maximum(np.abs(want), np.abs(want).mean())
        for axis, told in ((0, _by_step), (1, _by_sequence)):
            right = near.all(axis=(1 - axis, 2))
            # where a few entries are wrong, the others say nothing
            if right.any() and not right.all() and near[_along(axis, ~right)].mean() < HALF:
                yield from told(right.tolist())
        if same(got[::-1], want):
            yield "the steps are right, in reverse order"
    square = want.ndim == 2 and want.shape[0] == want.shape[1]  # noqa: PLR2004
    if square and not same(want.T, want) and same(got.T, want):
        yield "it is the transpose of what it should be"


def _along(axis: int, which: Array) -> tuple[Any, ...]:
    return (slice(None),) * axis + (which,)


def _by_step(right: list[bool]) -> Iterator[str]:
    if sum(right) == 1 and right[-1]:
        yield "only the last step is right"
    elif sum(right) == 1 and right[0]:
        yield "only the first step is right"
    elif any(right) and not all(right):
        first = right.index(False)
        if all(right[:first]) and not any(right[first:]):
            yield f"right until t = {first - 1}, wrong from t = {first} on"
        last = len(right) - 1 - right[::-1].index(False)
        if all(right[last + 1 :]) and not any(right[: last + 1]):
            yield f"right from t = {last + 1} on, wrong until t = {last}"


def _by_sequence(right: list[bool]) -> Iterator[str]:
    if len(right) > 1 and right[0] and not any(right[1:]):
        yield "only the first sequence of the batch is right"
    elif len(right) > 1 and right[-1] and not any(right[:-1]):
        yield "only the last sequence of the batch is right"


def _factor(got: Array, want: Array) -> float:
    """Find k with got = k * want, by least squares; 0 for one that is out of all proportion."""
    factor = float(np.vdot(want, got) / np.vdot(want, want))
    return factor if 1.0 / FURTHEST < abs(factor) < FURTHEST else 0.0


def _is(factor: float, whole: int) -> bool:
    return abs(factor - whole) < 1e-3  # noqa: PLR2004


def _spelled(factor: float) -> str:
    """Write 4 as 4 and 0.25 as 1/4: a whole number is a count somebody forgot."""
    for number, text in ((factor, "{}"), (1 / factor, "1/{}")):
        if abs(number) >= 1 and _is(number, round(number)):
            return text.format(round(number)).replace("1/-", "-1/")
    return f"{factor:.3g}"
