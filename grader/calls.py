"""What was asked of a function, and what came back.

The same values describe a student's function (through the sandbox), the
reference and every catalogued bug (both in this process), so that one can be
compared with another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "ABSENT",
    "SCRATCH",
    "Array",
    "Call",
    "Made",
    "Observation",
    "Raised",
    "Returned",
    "Signature",
    "Trouble",
    "form",
    "leaves",
    "named",
]

Array = npt.NDArray[np.float64]


class _Absent:
    """A value that should have been returned and was not."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class _Scratch:
    """Stands for the path of a file that may be written."""

    def __repr__(self) -> str:
        return "SCRATCH"


SCRATCH = _Scratch()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function returns: names in order, and which are opaque.

    Written as in a rubric: "Hout cn hn *cache"; the star marks what only its
    author understands and only travels as a handle, an @ a matplotlib figure,
    of which a description travels.
    """

    names: tuple[str, ...]
    opaque: frozenset[int]
    figures: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Read "Hout cn hn *cache"."""
        words = text.split()
        opaque, figures = (
            frozenset(k for k, word in enumerate(words) if word.startswith(mark)) for mark in "*@"
        )
        return cls(tuple(word.lstrip("*@") for word in words), opaque, figures)


class Trouble(StrEnum):
    """Why a call returned nothing that can be judged."""

    MISSING = "missing"
    NOT_WRITTEN = "not_written"
    NEEDED = "needed"
    RAISED = "raised"
    LATE = "late"
    DIED = "died"
    REFUSED = "refused"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A call that returned nothing to judge; `name` is a built-in exception."""

    trouble: Trouble
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The named values a call returned; a value is read by name or position.

    `warned`: kinds of NumPy floating-point warnings ("overflow", ...).
    """

    names: tuple[str, ...]
    values: tuple[Any, ...]
    warned: frozenset[str] = frozenset()

    def __getitem__(self, key: str | int) -> Any:  # noqa: ANN401
        """Read a value by its name or position."""
        return self.values[self.names.index(key) if isinstance(key, str) else key]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Read a value by its name, as an attribute."""
        if name in self.names:
            return self[name]
        raise AttributeError(name)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the values, for unpacking."""
        return iter(self.values)


Observation = Returned | Raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question and its answer."""

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    seen: Observation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A value only its author understands, by how it is made: call and position.

    It stands where a student's cache would be. Whoever is given one makes it
    anew first: caches may be consumed, and a cache of the student's means
    nothing to the reference.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    position: int


def leaves(name: str, value: object) -> Iterator[tuple[str, object]]:
    """List what a container holds, by names such as stats["mean"] and axes[0]["title"]."""
    items: Iterable[tuple[object, object]]
    if isinstance(value, Mapping):
        items = sorted(value.items())
    elif isinstance(value, tuple | list):
        items = enumerate(value)
    else:
        yield name, value
        return
    for key, item in items:
        quoted = f'"{key}"' if isinstance(key, str) else key
        yield from leaves(f"{name}[{quoted}]", item)


def named(
    function: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    values: tuple[Any, ...],
    signature: Signature,
) -> tuple[Any, ...]:
    """Put a `Made` in the place of every opaque value that was returned."""
    return tuple(
        Made(function=function, args=args, kwargs=kwargs, position=k)
        if k in signature.opaque and value is not ABSENT
        else value
        for k, value in enumerate(values)
    )


def form(value: object, signature: Signature) -> tuple[Any, ...] | None:
    """Arrange what a function returned as its signature says, or None.

    A missing opaque value at the end (a forgotten cache) is arranged as
    `ABSENT`, so that the other values can still be judged.
    """
    count = len(signature.names)
    if count == 1:
        return (value,)
    if not isinstance(value, tuple | list):
        return None
    if len(value) == count - 1 and count - 1 in signature.opaque:
        return (*value, ABSENT)
    return tuple(value) if len(value) == count else None
