"""What is wrong with an answer, and how that is shown in one line of Python."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard, TypeVar

import numpy as np

from grader.calls import ABSENT, Array, Observation, Raised, Returned, Trouble
from grader.expect import Lost, array_of
from grader.families import Family
from grader.numerics import first_difference, relative_error

__all__ = ["STRIKING", "Fault", "faults", "told"]

#: A difference that is easy to see.
STRIKING = 0.05
#: Smaller than any number of a probe: rounding, where the right answer is zero.
ROUNDING = 1e-9
WHOLE = 1e6
#: How much of a text is shown.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer is wrong.

    kind: "raised", "form", "array", "shape", "text", "value" or "warned".
    output: as it is written in Python, grads["W_f"], len(pairs); place: an entry of it, [0, 1].
    """

    kind: str
    output: str = ""
    place: str = ""
    got: Any = None
    want: Any = None
    error: float = 1.0

    @property
    def striking(self) -> bool:
        """Tell whether nobody could take it for rounding."""
        return self.error > STRIKING

    @property
    def base(self) -> str:
        """The returned value it is in, without a key."""
        return self.output.removeprefix("len(").rstrip(")").partition("[")[0]

    def resembles(self, other: "Fault") -> int:
        """Tell how alike two faults are: 3 = the same, 0 = of different causes, maybe."""
        if self.output == other.output:
            return 3 if self.kind == other.kind else 2
        if self.base == other.base:
            return 2
        return int(bool({self.kind, other.kind} & {"raised", "form"}))


def faults(
    seen: Observation, want: Returned, enough: float, family: Family | None = None
) -> tuple[Fault, ...]:
    """List what is wrong with an answer, of what has one right answer.

    enough: the relative error that counts.
    """
    if family and family.rows:
        seen, want = _top(seen, family.rows), _top(want, family.rows)
    judged = family.judged.split() if family else ()
    found = _faults(seen, want, enough)
    return tuple(f for f in found if not judged or not f.output or f.output in judged)


_Seen = TypeVar("_Seen", Observation, Returned)


def _top(seen: _Seen, rows: int) -> _Seen:
    """Look at the first rows only."""
    if isinstance(seen, Raised):
        return seen
    values = (v[:rows] if isinstance(v, np.ndarray) and v.ndim else v for v in seen.values)
    return replace(seen, values=tuple(values))


def _faults(seen: Observation, want: Returned, enough: float) -> Iterator[Fault]:
    """List everything that is wrong with an answer."""
    if isinstance(seen, Raised):
        kind = "form" if seen.trouble is Trouble.FORM else "raised"
        yield Fault(kind, got=seen.name, want=", ".join(want.names))
        return
    for name, value in zip(want.names, want.values, strict=True):
        for output, got, right in _paired(name, seen[name], value):
            texts = isinstance(right, str | list | tuple)
            fault = _unlike(output, got, right) if texts else _fault(output, got, right, enough)
            if fault:
                yield fault
    if any(value is ABSENT for value in seen.values):
        yield Fault("form", want=", ".join(want.names))
    if kinds := seen.warned - want.warned:
        yield Fault("warned", got=", ".join(sorted(kinds)))


def _paired(name: str, got: object, want: object) -> Iterator[tuple[str, object, Any]]:
    """Pair what came with what was wanted, entry by entry of a dict or a list."""
    if isinstance(want, Mapping):
        for key, item in want.items():
            entry = got.get(key) if isinstance(got, dict) else None
            yield from _paired(f'{name}["{key}"]', entry, item)
    elif isinstance(want, list | tuple) and _is_list(got):
        yield f"len({name})", len(got), len(want)
        for k, (one, other) in enumerate(zip(got, want, strict=False)):
            if isinstance(other, str):
                yield f"{name}[{k}]", one, other
            else:
                yield from _paired(f"{name}[{k}]", one, other)
    elif want is None or isinstance(want, int | float | list | tuple | np.generic | np.ndarray):
        yield name, got, want


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether it can stand for a list: an array with axes may."""
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _fault(output: str, got: object, want: Any, enough: float) -> Fault | None:  # noqa: ANN401
    if got is None and np.ndim(want) == 0:
        return None if want is None else Fault("value", output, got=None, want=float(want))
    try:
        came = array_of(got, output).astype(float)
    except Lost as lost:
        return Fault("array", output, got=str(lost).removeprefix(f"{output} "))
    if want is None:
        return Fault("value", output, got=float(came.flat[0]) if came.size == 1 else np.nan)
    right = np.asarray(want, float)
    if came.shape != right.shape:
        return Fault("shape", output, got=came.shape, want=right.shape)
    found = _wrong_entry(came, right, enough)
    if found is None:
        return None
    index, error = found
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return Fault("value", output, place, float(came[index]), float(right[index]), error)


def _unlike(output: str, got: object, want: str | list[Any] | tuple[Any, ...]) -> Fault | None:
    """Compare a text; a list comes here only where there is none."""
    if isinstance(got, str) and isinstance(want, str):
        short = got[:SHOWN] + "…" * (len(got) > SHOWN)
        return None if got == want else Fault("text", output, got=repr(short), want=repr(want))
    kind = "text" if isinstance(want, str) else "list"
    return Fault("array", output, got=f"should be a {kind}")


def _wrong_entry(came: Array, right: Array, enough: float) -> tuple[tuple[int, ...], float] | None:
    """Find the first entry that is wrong, and how wrong the whole is; None if it is right."""
    odd = ~(np.isfinite(came) & np.isfinite(right))
    same = (came == right) | (np.isnan(came) & np.isnan(right))
    if (strange := odd & ~same).any():
        return _index(int(strange.argmax()), came.shape), 1.0
    some, others = np.where(odd, 0.0, came), np.where(odd, 0.0, right)
    error, off = relative_error(some, others), np.abs(some - others)
    if error <= enough or float(off.max(initial=0.0)) < ROUNDING:
        return None
    index = first_difference(some, others, enough)
    if index is None or off[index] < ROUNDING:
        index = _index(int(off.argmax()), off.shape)
    return index, error


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(flat, shape))


def told(fault: Fault, instead: str) -> tuple[str, str, str]:
    """Say what is to be seen: the last line of the code, or a comment; what came, what should."""
    match fault.kind:
        case "raised":
            return f"# raises {fault.got}", fault.got, ""
        case "form":
            names = f"it should return {fault.want}"
            return f"# {names}", "something else", fault.want
        case "warned":
            return f"# NumPy warns: {fault.got}", fault.got, "no warning"
        case "array":
            return f"print(type({fault.output}))  # it {fault.got}", fault.got, "an array"
        case "shape":
            got, want = str(fault.got), str(fault.want)
            return (
                f"print(np.shape({fault.output}))  # you get {got}, it should be {want}",
                got,
                want,
            )
    texts = fault.kind == "text"
    got, want = (fault.got, fault.want) if texts else _apart(fault.got, fault.want)
    says = f"you get {got}, {instead or 'by hand it is'} {want}"
    return f"print({fault.output}{fault.place})  # {says}", got, want


def _apart(got: float | None, want: float | None) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    for digits in range(3, 17):
        texts = tuple(_digits(value, digits) for value in (got, want))
        if texts[0] != texts[1]:
            break
    return texts[0], texts[1]


def _digits(value: float | None, digits: int) -> str:
    """Write a number; whole numbers, such as counts, in full."""
    if value is None:
        return "None"
    whole = abs(value) < WHOLE and value == int(value)
    return str(int(value)) if whole else f"{value:.{digits}g}"
