"""Making arguments simpler: left out, emptied, zeros, ones, as long as something stays wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np

from grader.calls import Made
from grader.families import Arguments, Family, Path, arrays, placed, trimmed

__all__ = ["shrunk"]

T = TypeVar("T")

ROUNDS = 3
#: Larger arrays are emptied as a whole, or not at all.
ENTRIES = 64
STEPS = 100

#: Makes arguments simpler.
_Step = Callable[[Arguments], Arguments]


def shrunk(
    function: str,
    args: Arguments,
    fault: T,
    faults: Callable[[Sequence[Arguments]], Sequence[T | None]],
    families: Mapping[str, Family],
) -> tuple[Arguments, T]:
    """Leave out what may be left out; then zeros, then ones, wherever it stays wrong.

    fault: what is wrong with these arguments. faults: what is wrong with
        others, None where it is something else or nothing; asked in few,
        large helpings.
    """
    zeros, ones = (partial(_entries, number=number) for number in (0.0, 1.0))
    for reductions in (_emptied, zeros, ones, _emptied):
        for _ in range(ROUNDS):
            steps = list(reductions(function, args, families))[:STEPS]
            alone = faults([step(args) for step in steps])
            useful = [step for step, still in zip(steps, alone, strict=True) if still]
            if not useful:
                break
            together = list(accumulate(useful, _apply, initial=args))[1:]
            # mostly all of them at once will do
            for tried in (together[-1:], together):
                wrong = zip(tried, faults(tried), strict=True)
                if found := [(some, still) for some, still in wrong if still]:
                    args, fault = found[-1]
                    break
    return args, fault


def _apply(args: Arguments, step: _Step) -> Arguments:
    return step(args)


def _emptied(function: str, args: Arguments, families: Mapping[str, Family]) -> Iterator[_Step]:
    """Leave out arguments, and set whole arrays to zero."""
    for path in _omissible(function, args, families):
        yield partial(_omitted, path=path)
    for path, array in arrays(args):
        if array.any() and not families[function].keeps(path):
            yield partial(_put, path=path, index=..., number=0.0)


def _entries(
    function: str, args: Arguments, families: Mapping[str, Family], *, number: float
) -> Iterator[_Step]:
    """Set one entry of an array to a number."""
    for path, array in arrays(args):
        if array.size <= ENTRIES and not families[function].keeps(path):
            for index in np.ndindex(array.shape):
                if array[index] not in {0.0, number}:
                    yield partial(_put, path=path, index=index, number=number)


def _omissible(function: str, args: Arguments, families: Mapping[str, Family]) -> Iterator[Path]:
    for k, value in enumerate(args):
        if value is not None and families[function].may_omit(k):
            yield (k,)
        elif isinstance(value, Made):
            yield from ((k, *path) for path in _omissible(value.function, value.args, families))


def _omitted(args: Arguments, path: Path) -> Arguments:
    return trimmed(placed(args, path, None))


def _put(args: Arguments, path: Path, index: Any, number: float) -> Arguments:  # noqa: ANN401
    """Put a number into an array, unless it has been left out by now."""
    array = dict(arrays(args)).get(path)
    if array is None:
        return args
    array = array.copy()
    array[index] = number
    return placed(args, path, array)
