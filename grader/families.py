"""Public questions to a function: a family of inputs that starts as small as can be.

A rubric declares one per function, and the engine looks among its members for
the smallest one that a submission gets wrong (`smallest`):

    EXAMPLES = {"rnn_forward": Family(
        names="X W h0", optional="h0",
        make=lambda draw, T, B, D, H: (draw(T, B, D), draw(1 + D + H, H), draw(B, H)),
        by_hand=rnn_by_hand)}

Nothing here is secret, and nothing is random.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from grader.byhand import Line
from grader.calls import Array, Callback, Made

__all__ = [
    "Arguments",
    "Digits",
    "Family",
    "Path",
    "Probe",
    "arrays",
    "like",
    "placed",
    "probes",
    "trimmed",
]

Arguments = tuple[Any, ...]
#: Where a value stands among arguments: positions, keys, positions behind a cache.
Path = tuple[int | str, ...]

NUMBERS = (1.0, 2.0, -1.0, 0.5, -2.0, 1.5, -0.5)
#: Where numbers begin when sizes of ones, and those with one two, are asked again.
OTHERS = {0: range(1, len(NUMBERS)), 1: (2, 5)}
SHARES = (0.5, 0.2, 0.9, 0.02, 0.6, 0.97, 0.3)


class Digits:
    """Fills arrays with one-digit numbers and halves, each where the last one ended."""

    def __init__(self, start: int = 0) -> None:
        self._count = start

    def __call__(self, *shape: int) -> Array:
        """Fill an array with numbers of both signs."""
        return self._fill(NUMBERS, shape)

    def shares(self, *shape: int) -> Array:
        """Fill an array with numbers between 0 and 1, as gates have."""
        return self._fill(SHARES, shape)

    def _fill(self, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Array:
        size = int(np.prod(shape))
        array = np.take(numbers, np.arange(self._count, self._count + size), mode="wrap")
        self._count += size
        return array.reshape(shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The public questions to one function.

    names: its arguments, in order.
    make: the arguments for given sizes; called with a `Digits` and, by name,
        sizes (one capital letter each) and the entries of `kinds`.
    optional: arguments that may be left out.
    kinds: what else `make` is called with: one dict for each kind of question.
    also: further questions, which no sizes describe.
    by_hand: of the arguments: the calculation line by line, for the smallest sizes.
    judged: outputs that have one right answer; none named: all that are numbers.
    kept: arguments whose numbers are not replaced by zeros and ones.
    rows: how many rows of them have one, from the top; 0: all.
    """

    names: str
    make: Callable[..., Arguments] | None = None
    optional: str = ""
    kinds: tuple[Mapping[str, Any], ...] = ({},)
    also: tuple[Arguments, ...] = ()
    by_hand: Callable[..., Iterable[Line]] | None = None
    judged: str = ""
    kept: str = ""
    rows: int = 0

    def may_omit(self, position: int) -> bool:
        """Tell whether an argument may be left out."""
        return self.names.split()[position] in self.optional.split()

    def keeps(self, path: Path) -> bool:
        """Tell whether the numbers of an array stay what they are."""
        return self.names.split()[int(path[0])] in self.kept.split()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """A member of a family; sizes: by letter, where letters describe it."""

    args: Arguments
    sizes: Mapping[str, int]

    @property
    def smallest(self) -> bool:
        """Tell whether it fits into a pocket calculator."""
        return bool(self.sizes) and set(self.sizes.values()) == {1}

    @property
    def words(self) -> str:
        """Name its sizes: "T = 2, B = D = H = 1"."""
        by_size: dict[int, list[str]] = {}
        for letter, size in self.sizes.items():
            by_size.setdefault(size, []).append(letter)
        said = sorted(by_size.items(), reverse=True)
        return ", ".join(f"{' = '.join(letters)} = {size}" for size, letters in said)


def probes(family: Family) -> tuple[Probe, ...]:
    """List the members of a family, the smallest first."""
    members = [Probe(args=args, sizes={}) for args in family.also]
    if family.make is None:
        return tuple(members)
    known = {key for kind in family.kinds for key in kind}
    letters = [key for key in inspect.signature(family.make).parameters if key not in known][1:]
    made = []
    for sizes in _sizes(letters):
        for kind in family.kinds:
            args = family.make(Digits(), **sizes, **kind)
            made.append(Probe(args=args, sizes=sizes))
            # with other numbers a mistake may be easier to see, and small sizes are worth it
            for start in OTHERS.get(sum(sizes.values()) - len(sizes), ()):
                other = family.make(Digits(start), **sizes, **kind)
                made.append(Probe(args=other, sizes=sizes))
            if len(set(sizes.values())) == 1:  # all ones, all twos: with what may be left out, too
                made += [Probe(args=less, sizes=sizes) for less in _without(family, args)]
    return (*made, *members)


def _sizes(letters: list[str]) -> Iterator[dict[str, int]]:
    """Count up from ones: one size of two, two of them, and so on; then a three."""
    small = sorted(product((1, 2), repeat=len(letters)), key=lambda s: (sum(s), [-n for n in s]))
    for sizes in small:
        yield dict(zip(letters, sizes, strict=True))
    for large in letters:
        yield {letter: 3 if letter == large else 1 for letter in letters}


def _without(family: Family, args: Arguments) -> Iterator[Arguments]:
    """Leave out what may be left out: everything, then all but one."""
    omitted = [k for k in range(len(args)) if family.may_omit(k)]
    if omitted:
        yield args[: omitted[0]]
    for kept in omitted if len(omitted) > 1 else ():
        rest = tuple(None if k in omitted and k != kept else v for k, v in enumerate(args))
        yield trimmed(rest)


def trimmed(args: Arguments) -> Arguments:
    """Drop None from the end, as a caller would."""
    while args and args[-1] is None:
        args = args[:-1]
    return args


def arrays(args: Arguments) -> Iterator[tuple[Path, Array]]:
    """List the arrays of floats among arguments, those behind a cache too."""
    for k, value in enumerate(args):
        if isinstance(value, Made):
            yield from (((k, *path), array) for path, array in arrays(value.args))
        elif isinstance(value, Mapping):
            yield from (((k, key), item) for key, item in value.items())
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield (k,), value


def placed(args: Arguments, path: Path, value: object) -> Arguments:
    """Put another value at a place among arguments."""
    k, *rest = path
    at = int(k)
    old = args[at]
    new = value
    if rest and isinstance(old, Made):
        new = replace(old, args=trimmed(placed(old.args, tuple(rest), value)))
    elif rest:
        new = {**old, rest[0]: value}
    return (*args[:at], new, *args[at + 1 :])


def like(args: Arguments) -> Arguments | None:
    """Make public arguments of the same shapes; zeros stay zeros, as they say what is meant.

    None if anything but floats in arrays, words and None is among them: every
    number of a hidden question is a secret, and so is a seed.
    """
    if not all(map(_replaceable, args)):
        return None
    for k, (path, array) in enumerate(list(arrays(args))):
        if array.any():
            args = placed(args, path, np.random.default_rng(k).standard_normal(array.shape))
    return args


def _replaceable(value: object) -> bool:
    """Tell whether nothing of a hidden argument is left when its arrays are replaced."""
    if isinstance(value, Made):
        return not value.kwargs and all(map(_replaceable, value.args))
    if isinstance(value, Mapping):
        return all(isinstance(v, np.ndarray) and _replaceable(v) for v in value.values())
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    return value is None or isinstance(value, str | Callback)
