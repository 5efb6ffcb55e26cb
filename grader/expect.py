"""What a rubric says: expectations that tell where and how far.

Each compares in the order exists, shape, finite, values, and reports the first
difference only. A message shows one entry to three digits and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from grader.calls import ABSENT, Array, Returned
from grader.model import Where
from grader.numerics import (
    DELTA,
    GRADIENT_TOLERANCE,
    PRECISE,
    TOLERANCE,
    Path,
    block_errors,
    first_difference,
    numerical_gradient,
    relative_error,
)
from grader.resemblance import SINGLE, resemblance
from grader.sandbox.protocol import Refused

__all__ = [
    "ALIVE",
    "Lost",
    "Review",
    "Untried",
    "array_of",
    "expect",
    "expect_close",
    "expect_depends",
    "expect_finite",
    "expect_gradient",
    "expect_gradients",
    "expect_precise",
    "expect_present",
    "expect_quiet",
    "expect_shape",
]

ALIVE = 1e-6
#: A shape beyond these says nothing useful, and could say hidden things.
SHOWN_AXES, SHOWN_LENGTH = 4, 999


class Swept(Protocol):
    """What can be evaluated at many perturbed inputs in one request."""

    def sweep(
        self,
        function: str,
        args: Sequence[Any],
        vary: Sequence[Path],
        delta: float,
        outputs: Sequence[str],
        **kwargs: object,
    ) -> Sequence[Sequence[Array]]:
        """Evaluate at every args[k] ± delta in one entry, for k in vary."""


class Lost(Exception):  # noqa: N818  the student's loss, not our error
    """A criterion is lost; the message is the student's first clue.

    blocks: how the wrong output is divided, for the diagnosis.
    """

    def __init__(
        self, message: str, where: Where | None = None, blocks: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.where = where
        self.blocks = blocks or {}


class Review(Exception):  # noqa: N818  a question to the instructor, not our error
    """A criterion that no rule of ours can judge; the message says what to look at.

    It keeps its points until the instructor has looked.
    """


class Untried(Exception):  # noqa: N818  nobody's error
    """A public check that has nothing to try yet, and counts for nothing; says what is missing."""


def expect(condition: object, message: str, where: Where | None = None) -> None:
    """Lose the criterion with `message` unless the condition holds."""
    if not condition:
        raise Lost(message, where)


def array_of(value: object, name: str) -> Array:
    """Take a returned value as an array of numbers, or lose the criterion."""
    if isinstance(value, Refused):
        message = f"{name} is {value.reason}; return a plain array of floats"
        raise Lost(message, Where(output=name))
    if type(value) in {float, int, bool} or isinstance(value, np.integer | np.floating):
        return np.asarray(value, float)
    if type(value) is not np.ndarray:
        kinds = {type(None): "None", str: "a text", tuple: "a tuple or list", dict: "a dict"}
        kind = "missing" if value is ABSENT else kinds.get(type(value), "another kind of object")
        message = f"{name} is {kind}; it should be an array"
        message += " (is there a return?)" if value is None else ""
        raise Lost(message, Where(output=name))
    return value.astype(float) if value.dtype.kind == "b" else value


def expect_present(value: object, message: str) -> None:
    """Expect an opaque value, whatever it is, to have been returned."""
    expect(value is not ABSENT, message)


def expect_shape(value: object, name: str, shape: tuple[int, ...], letters: str = "") -> Array:
    """Expect an array of this shape.

    letters: the shape in the course's letters, "(T, B, H)", for the message.
    """
    array = array_of(value, name)
    if array.shape != shape:
        should = f"{letters} = {shape}" if letters else f"{shape}"
        plausible = array.ndim <= SHOWN_AXES and max(array.shape, default=0) <= SHOWN_LENGTH
        shown = f"shape {array.shape}" if plausible else "quite another shape"
        message = f"{name} has {shown}; it should be {should}"
        raise Lost(message, Where(output=name))
    return array


def expect_finite(array: Array, name: str) -> None:
    """Expect no NaN and no infinity."""
    bad = ~np.isfinite(array)
    if bad.any():
        index = tuple(int(k) for k in np.unravel_index(int(bad.argmax()), bad.shape))
        kind = "NaN" if np.isnan(array[index]) else "infinite"
        message = f"{_entry(name, index)} is {kind}"
        raise Lost(message, _where(name, index))


def expect_close(
    got: Returned,
    want: Returned,
    *names: str,
    tolerance: float = TOLERANCE,
    blocks: Mapping[str, Any] | None = None,
    instead: str = "expected",
) -> None:
    """Expect the named outputs (default: all arrays) to equal the wanted ones.

    blocks: name -> index; the message then says which blocks are wrong.
    instead: how the message introduces the wanted number.
    """
    pairs = _compared(got, want, names)
    wanted = {name: value for name, (_, value) in pairs.items()}
    for name, (array, right) in pairs.items():
        said = partial(_in_place_of, array, name, wanted, tolerance)
        _expect_values(array, right, name, tolerance, blocks or {}, instead, said)


def _compared(
    got: Returned, want: Returned, names: Sequence[str]
) -> dict[str, tuple[Array, Array]]:
    """Pair what came with what was wanted, all of the right shape and finite.

    The entries of a dict are outputs of their own: stats["mean"].
    """
    pairs: dict[str, tuple[object, Array]] = {}
    for name in names or want.names:
        value = want[name]
        if isinstance(value, Mapping):
            if not isinstance(got[name], dict):
                message = f"{name} should be a dict with {_listed(sorted(map(str, value)), 0)}"
                raise Lost(message, Where(output=name))
            for key, entry in value.items():
                if _is_array(entry):
                    pairs[f'{name}["{key}"]'] = got[name].get(key, ABSENT), np.asarray(entry)
        elif names or _is_array(value):
            pairs[name] = got[name], np.asarray(value)
    arrays = {
        name: (expect_shape(came, name, right.shape), right)
        for name, (came, right) in pairs.items()
    }
    for name, (array, _) in arrays.items():
        expect_finite(array, name)
    return arrays


def _in_place_of(array: Array, name: str, wanted: Mapping[str, Array], tolerance: float) -> str:
    """Name another output whose wanted values these are; "" for none."""
    for other, value in wanted.items():
        if other != name and value.shape == array.shape and _unlike_any(value):
            same = relative_error(array, value) <= tolerance
            if same and relative_error(array, wanted[name]) > tolerance:
                return f"it is exactly the {other} expected: are the results in order?"
    return ""


def _unlike_any(value: Array) -> bool:
    """Tell whether nobody returns this by chance: several numbers, or no half or whole one."""
    return value.size > 1 or bool(np.abs(2 * value - np.round(2 * value)).max(initial=0.0) > ALIVE)


def expect_gradients(
    got: Returned,
    want: Returned,
    *names: str,
    blocks: Mapping[str, Mapping[str, Any]] | None = None,
    called: Mapping[str, str] | None = None,
    since: Callable[[], Iterable[tuple[int, Returned, Returned]]] | None = None,
    tolerance: float = TOLERANCE,
) -> None:
    """Expect gradients to equal the wanted ones; say all that is wrong, and where.

    blocks: output -> block -> index; these are judged block by block. A block
        is named row/column, as in "recurrent/f".
    called: what a row, a column or a block is called in words.
    since: the same for sequences that begin later and later, last step first:
        t, what came, what was wanted. Asked only on failure, to say at which
        step it goes wrong and what goes wrong there.
    """
    divided = blocks or {}
    pairs = _compared(got, want, names)
    wrong = _wrong_blocks(pairs, divided, tolerance)
    if not wrong:
        return
    time, first = None, wrong
    for t, some, others in since() if since else ():
        if found := _wrong_blocks(_compared(some, others, names), divided, tolerance):
            time, first = t, found
            break
    # what went wrong first is shown, where it is still wrong in the end
    name = next((one for one in first if one in wrong), next(iter(wrong)))
    bad = [block for block in first.get(name, ()) if block in wrong[name]] or wrong[name]
    array, right = pairs[name]
    places = {block: divided.get(name, {}).get(block, ...) for block in bad}
    index, block = _first_wrong(array, right, places, tolerance)
    words = [
        phrase
        for output, some in first.items()
        for phrase in _in_words(output, some, divided.get(output, {}), called or {})
    ]
    plural = len(words) > 1
    message = f"the gradient{'s' * plural} of {_joined(words)} {'are' if plural else 'is'} wrong"
    message += f" from t = {time} backwards" if time is not None else ""
    judged = sum(len(divided.get(output, {"": ...})) for output in pairs)
    if sum(len(some) for some in first.values()) < judged:
        message += f"; everything else is right{' there' * (time is not None)}"
    message += f"; {_entry(name, index)} = {_number(array[index])}"
    message += f", expected {_number(right[index])}"
    message += _still_right(array, right, list(places.values()), tolerance)
    where = _where(name, index, block or None)
    if time is not None:
        where = Where(output=name, block=block or None, time=time, index=index)
    raise Lost(message, where, divided.get(name, {}))


def _wrong_blocks(
    pairs: Mapping[str, tuple[Array, Array]],
    divided: Mapping[str, Mapping[str, Any]],
    tolerance: float,
) -> dict[str, list[str]]:
    """List the blocks of each output that are wrong; "" is an output that has none."""
    wrong = {}
    for name, (array, right) in pairs.items():
        errors = block_errors(array, right, divided.get(name, {"": ...}))
        if bad := [block for block, error in errors.items() if not error <= tolerance]:
            wrong[name] = bad
    return wrong


def _in_words(
    output: str, wrong: Sequence[str], blocks: Mapping[str, Any], called: Mapping[str, str]
) -> list[str]:
    """Say which blocks of an output are wrong, whole rows and columns as such."""
    of = called.get(output, output.removeprefix("d"))
    if not blocks or len(wrong) == len(blocks):
        return [of]
    words, left = [], list(wrong)
    for part in (0, 1):  # a whole row first, then a whole column
        for line in dict.fromkeys(block.split("/")[part] for block in wrong if "/" in block):
            whole = [block for block in blocks if "/" in block and block.split("/")[part] == line]
            if all(block in left for block in whole):
                whole_column = "everything of " if part else ""
                words.append(
                    f"{whole_column}{called.get(line, line)} {'in' if part else 'of'} {of}"
                )
                left = [block for block in left if block not in whole]
    for block in left:
        row, _, column = block.partition("/")
        both = f"{called.get(row, row)} of {called.get(column, column)}"
        words.append(called.get(block) or (both if column else block))
    return words


def _joined(words: Sequence[str]) -> str:
    shown = [*words[:3], f"{len(words) - 3} more"] if len(words) > 4 else list(words)  # noqa: PLR2004
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _expect_values(  # noqa: PLR0913, PLR0917  two arrays, and all that is said of them
    got: Array,
    want: Array,
    name: str,
    tolerance: float,
    blocks: Mapping[str, Any],
    instead: str,
    said: Callable[[], str] = str,
) -> None:
    """Compare one output; said: what else there is to say, asked on failure only."""
    errors = block_errors(got, want, blocks) or {"": relative_error(got, want)}
    wrong = [block for block, error in errors.items() if not error <= tolerance]
    if not wrong:
        return
    places = {name: blocks.get(name, ...) for name in wrong}
    index, block = _first_wrong(got, want, places, tolerance)
    count = int(np.sum(~np.isclose(got, want, rtol=tolerance, atol=tolerance)))
    shown, right = _number(got[index]), _number(want[index])
    message = f"{_entry(name, index)} = {shown}, {instead} {right}"
    if shown == right:
        message += f", off by {abs(float(got[index] - want[index])):.0e}"
    if want.size > 1:
        message += f" ({max(count, 1)} of {want.size} entries differ)"
    if blocks:
        message += f"; wrong: {_listed(wrong, len(blocks))}"
    parts = list(places.values()) if len(places) < len(blocks) else []
    words = said()
    message += f"; {words}" if words else _still_right(got, want, parts, tolerance)
    raise Lost(message, _where(name, index, block or None), blocks)


def _still_right(got: Array, want: Array, parts: Sequence[Any], tolerance: float) -> str:
    """Say what is still right about one part, or about all of an array.

    parts: indices of what is wrong; none: everything may be.
    """
    if len(parts) == 1:
        got, want = got[parts[0]], want[parts[0]]
    words = resemblance(got, want, tolerance)
    return f"; {words}" if words else ""


def _first_wrong(
    got: Array, want: Array, wrong: Mapping[str, Any], tolerance: float
) -> tuple[tuple[int, ...], str]:
    """Find the first different entry of the wrong blocks, and its block."""
    numbers = np.arange(want.size).reshape(want.shape)
    found = []
    for block, index in wrong.items():
        place = first_difference(got[index], want[index], tolerance)
        if place is None:  # every entry is nearly right, their sum is not
            off = np.abs(got[index] - want[index])
            place = tuple(int(k) for k in np.unravel_index(int(off.argmax()), off.shape))
        found.append((int(numbers[index][place]), block))
    flat, block = min(found)
    return tuple(int(k) for k in np.unravel_index(flat, want.shape)), block


def expect_depends(got: Returned, *names: str) -> None:
    """Expect outputs that are not the same number everywhere.

    A property such as "one call equals two" holds for zeros too; this is what
    keeps zeros from earning anything with it.
    """
    for name in names:
        array = array_of(got[name], name)
        expect_finite(array, name)
        with np.errstate(over="ignore"):
            flat = array.size > 1 and float(np.ptp(array)) < ALIVE
        expect(not flat, f"{name} is the same number everywhere", Where(output=name))


def expect_gradient(
    student: Swept,
    function: str,
    args: Sequence[Array],
    gradients: Mapping[int, tuple[str, object]],
    weights: Mapping[str, Array],
    *,
    blocks: Mapping[int, Mapping[str, Any]] | None = None,
    **kwargs: object,
) -> None:
    """Expect gradients that agree with central differences of the student's forward.

    The loss is the sum over k of sum(output_k * weights_k).

    gradients: position of an argument -> (name, the student's gradient of it).
    weights: output -> its weight in the loss.
    blocks: position of an argument -> its blocks, each judged by itself.

    A gradient that is zero throughout proves nothing, whichever side it is on:
    a forward that ignores an argument loses the criterion.
    """
    arrays = {k: expect_shape(got, name, np.shape(args[k])) for k, (name, got) in gradients.items()}
    for k, (name, _) in gradients.items():
        expect_finite(arrays[k], name)
    vary: list[Path]
    vary, outputs = sorted(gradients), list(weights)

    def sweep(positions: Sequence[Path]) -> Sequence[Sequence[Array]]:
        stacks = student.sweep(function, args, positions, DELTA, outputs, **kwargs)
        for stack in stacks:
            for output, values in zip(outputs, stack, strict=True):
                expect_shape(values[0], output, np.shape(weights[output]))
        return stacks

    slopes = numerical_gradient(sweep, args, vary, [weights[output] for output in outputs])
    for k, slope in zip(sorted(gradients), slopes, strict=True):
        name = gradients[k][0]
        message = f"your {function} does not depend on argument {k + 1}, so {name} proves nothing"
        expect(float(np.abs(slope).max(initial=0.0)) > ALIVE, message, Where(output=name))
        _expect_values(arrays[k], slope, name, GRADIENT_TOLERANCE, (blocks or {}).get(k, {}),
                       "central differences say")  # fmt: skip


def expect_precise(got: Returned, want: Returned, *names: str) -> None:
    """Expect float64 results that are right to about nine digits."""
    for name in names:
        expect_shape(got[name], name, np.shape(want[name]))
        # asked of what was returned, before bools become floats
        kind = np.asarray(got[name]).dtype
        message = f"{name} is {kind}; compute in float64 from beginning to end"
        expect(kind == np.float64, message, Where(output=name))
    for name in names:
        error = relative_error(got[name], want[name])
        single = SINGLE[0] <= error <= SINGLE[1]
        like = ", which is what float32 gives" if single else ""
        message = f"{name} is right to {error:.0e} only{like}; float64 should reach 1e-12"
        message = (
            message if error < TOLERANCE else f"{name} is wrong, so its precision says nothing"
        )
        expect(error < PRECISE, message, Where(output=name))


def expect_quiet(got: Returned, name: str) -> None:
    """Expect a call without a NumPy floating-point warning."""
    kinds = ", ".join(sorted(got.warned & {"overflow", "divide by zero", "invalid value"}))
    message = f"{name} makes NumPy warn: {kinds} (np.where computes both of its branches)"
    expect(not kinds, message, Where(output=name))


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray | float | np.generic)


def _number(value: Any) -> str:  # noqa: ANN401
    return f"{float(value):.3g}"


def _entry(name: str, index: Sequence[int]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _where(name: str, index: tuple[int, ...], block: str | None = None) -> Where:
    # the course is time-major: a three-dimensional output is (T, B, .)
    time = index[0] if len(index) == 3 else None  # noqa: PLR2004
    return Where(output=name, block=block, time=time, index=index)


def _listed(wrong: Sequence[str], of: int) -> str:
    if of and len(wrong) == of:
        return "every block"
    return ", ".join(wrong[:4]) + (" and more" if len(wrong) > 4 else "")  # noqa: PLR2004
