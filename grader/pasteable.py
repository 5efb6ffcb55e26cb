"""A call as a few lines of Python that can be pasted beside a student's files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.calls import Array, Callback, Made, Signature
from grader.families import Arguments, Family
from grader.sandbox.protocol import Seed

__all__ = ["call_lines", "literal", "number"]

#: Lines to paste; inputs share those that are left, two at least.
LINES, OF_INPUTS = 6, 2
LONGEST, MANY, FEW_RUNS = 100, 64, 4


def call_lines(
    function: str,
    args: Arguments,
    output: str,
    *,
    families: Mapping[str, Family],
    signatures: Mapping[str, Signature],
    modules: Mapping[str, str],
) -> tuple[str, ...]:
    """Write a call, without what is to be printed.

    output: the result that is looked at; "" when the call raises. It may be an
        argument, which is looked at after the call.
    modules: where functions are imported from; what is not listed is there already.
    """
    names = families[function].names.split()
    given = dict(zip(names, args, strict=False))
    needed = [function]
    inputs: list[tuple[str, str]] = []
    spelled: list[str] = []
    sources: dict[str, None] = {}
    for name, value in given.items():
        if isinstance(value, Made):
            needed.insert(0, value.function)
            own = dict(zip(families[value.function].names.split(), value.args, strict=False))
            inputs += _inputs(own)
            spelled.append(f"{value.function}({', '.join(map(_word, own, own.values()))})[-1]")
        elif isinstance(value, Callback):
            needed += value.uses
            sources[value.source] = None
            spelled.append(value.name)
        else:
            inputs += _inputs({name: value})
            spelled.append(_word(name, value))
    by_file: dict[str, list[str]] = {}
    for one in needed:
        if one in modules:
            by_file.setdefault(modules[one], []).append(one)
    written = [line for source in sources for line in source.splitlines() if line.strip()]
    imports = ["import numpy as np"]
    imports += [f"from {file} import {', '.join(sorted(some))}" for file, some in by_file.items()]
    call = f"{function}({', '.join(spelled)})"
    returned = signatures[function].names
    if output in returned:
        # what comes after it is of no interest, and may be missing
        upto = [*returned[: returned.index(output) + 1]]
        rest = ["*_"] if len(upto) < len(returned) else []
        call = f"{', '.join([*upto, *rest])} = {call}"
    lines = max(LINES - len(imports) - 2, OF_INPUTS)
    written = [line for line in written if line not in imports]
    return (*imports, *written, *_joined(inputs, lines), call)


def _word(name: str, value: object) -> str:
    """Name an argument in a call, or write it where it is short."""
    if isinstance(value, Seed):
        return f"np.random.default_rng({value.entropy})"
    return name if isinstance(value, np.ndarray | Mapping) else repr(value)


def _inputs(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, literal(value))
        for name, value in given.items()
        if isinstance(value, np.ndarray | Mapping)
    ]


def _joined(inputs: Sequence[tuple[str, str]], lines: int) -> Iterator[str]:
    """Spread the inputs over a number of lines."""
    rows: list[list[tuple[str, str]]] = [[one] for one in inputs]
    while len(rows) > lines:
        # the two neighbours that are shortest together
        k = min(range(len(rows) - 1), key=lambda k: _width(rows[k]) + _width(rows[k + 1]))
        rows[k : k + 2] = [rows[k] + rows[k + 1]]
    for row in rows:
        yield f"{', '.join(name for name, _ in row)} = {', '.join(text for _, text in row)}"


def _width(row: Sequence[tuple[str, str]]) -> int:
    return sum(len(name) + len(text) for name, text in row)


def literal(value: Any) -> str:  # noqa: ANN401
    """Write a value as Python, an array as short as it can be."""
    if isinstance(value, Mapping):
        return _dict(value)
    if isinstance(value, np.ndarray):
        return _array(value)
    return repr(value)


def _dict(entries: Mapping[str, Any]) -> str:
    """Write a dict; keys whose values are alike share one."""
    alike: dict[str, list[str]] = {}
    for key, item in entries.items():
        alike.setdefault(literal(item), []).append(key)
    parts = [
        f'"{keys[0]}": {text}'
        if len(keys) == 1
        else f'**dict.fromkeys("{" ".join(keys)}".split(), {text})'
        for text, keys in alike.items()
    ]
    line = f"{{{', '.join(parts)}}}"
    return line if len(line) <= LONGEST else f"{{{(',' + chr(10) + '     ').join(parts)}}}"


def _array(array: Array) -> str:
    if array.dtype.kind != "f":
        return f"np.array({array.tolist()})"
    if array.size > 1 and not array.any():
        return f"np.zeros({_shape(array.shape)})"
    if array.size > MANY:
        if array.ndim == 1 and (runs := _runs(array)):
            return runs
        for seed in range(9):
            if np.array_equal(array, np.random.default_rng(seed).standard_normal(array.shape)):
                shape = _shape(array.shape)
                return f"np.random.default_rng({seed}).standard_normal({shape})"
    text = _nested(array)
    # one float is enough for all to be floats
    if not set(".ne") & set(text):
        head = len(text) - len(text.lstrip("["))
        end = next(k for k in range(head, len(text) + 1) if text[k : k + 1] in {",", "]", ""})
        text = f"{text[:end]}.0{text[end:]}"
    return f"np.array({text})"


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape[0]) if len(shape) == 1 else str(shape)


def _runs(array: Array) -> str:
    """Write what repeats itself as such; nothing, if there is too much else."""
    starts = np.flatnonzero(np.r_[True, array[1:] != array[:-1]])
    if len(starts) > FEW_RUNS:
        return ""
    lengths = np.diff(np.r_[starts, array.size])
    values = ", ".join(_digits(float(array[k])) for k in starts)
    return f"np.repeat([{values}], {lengths.tolist()})"


def _nested(array: Array) -> str:
    if array.ndim == 0:
        return _digits(float(array))
    return f"[{', '.join(map(_nested, array))}]"


def _digits(value: float) -> str:
    if np.isnan(value) or np.isinf(value):
        return f"{'-' if value < 0 else ''}np.{'nan' if np.isnan(value) else 'inf'}"
    return str(int(value)) if value == int(value) and abs(value) < 1e6 else repr(value)  # noqa: PLR2004


def number(value: float) -> str:
    """Write a number to three digits, as in a calculation by hand."""
    return f"{value:.3g}"
