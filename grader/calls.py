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
    "Callback",
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

#: Characters of a callback's source.
CALLBACK_CAP = 1 << 14


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
    of which a description travels. "grad &1:x" also looks at what has become of
    argument 1 after the call, and calls that x: None where it was left out.

    after: names of arguments looked at after the call, and their positions.
    """

    names: tuple[str, ...]
    opaque: frozenset[int]
    figures: frozenset[int] = frozenset()
    after: tuple[tuple[str, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Read "Hout cn hn *cache"."""
        every = text.split()
        words = [word for word in every if not word.startswith("&")]
        marked = (word[1:].partition(":") for word in every if word.startswith("&"))
        opaque, figures = (
            frozenset(k for k, word in enumerate(words) if word.startswith(mark)) for mark in "*@"
        )
        names = tuple(word.lstrip("*@") for word in words)
        return cls(names, opaque, figures, tuple((name, int(k)) for k, _, name in marked))

    @property
    def seen(self) -> tuple[str, ...]:
        """Name everything that is seen of a call: what it returned, and arguments after it."""
        return (*self.names, *(name for name, _ in self.after))


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
class Callback:
    """A function of ours that a student's function is given: source text, and a name in it.

    The source runs where the student's code runs, so nothing in it is secret.
    It is run anew for every call that is given it: nothing is left over.

    uses: functions of the exercise, which the source finds as if it had
        defined them.
    """

    source: str
    name: str
    uses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Keep it small: it travels with every call."""
        if len(self.source) > CALLBACK_CAP:
            message = f"the callback {self.name} has more than {CALLBACK_CAP} characters"
            raise ValueError(message)


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
