"""A calculation as somebody with a pocket calculator would write it down."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Line", "needed", "one", "product", "products", "short", "squashed"]

#: What is smaller is only rounding.
NOTHING = 5e-16


class Line(NamedTuple):
    """A line of a calculation: the names it gives, those it uses, its text."""

    gives: str
    uses: str
    text: str


def needed(lines: Iterable[Line], output: str) -> tuple[str, ...]:
    """Keep the lines that lead to an output."""
    wanted, kept = {output}, []
    for line in reversed(list(lines)):
        if wanted & set(line.gives.split()):
            wanted |= set(line.uses.split())
            kept.append(line.text)
    return tuple(reversed(kept))


def short(value: float) -> str:
    """Write a number to three digits."""
    return f"{value:.3g}" if abs(value) > NOTHING else "0"


def one(array: Any) -> float:  # noqa: ANN401
    """Take the only number of an array; an array that was left out is zero."""
    return 0.0 if array is None else float(np.reshape(array, ())[()])


def product(*factors: float) -> str:
    """Write a product; a negative factor behind another one gets brackets."""
    first, *rest = map(short, factors)
    return "·".join([first, *(f"({text})" if text.startswith("-") else text for text in rest)])


def products(pairs: Iterable[tuple[float, ...]]) -> tuple[str, float]:
    """Write a sum of products without those that are zero, and work it out."""
    terms = [term for term in pairs if math.prod(term)]
    text = " + ".join(_term(k, term) for k, term in enumerate(terms)) or "0"
    value = math.fsum(math.prod(term) for term in terms)
    return text if text == short(value) else f"{text} = {short(value)}", value


def _term(position: int, factors: tuple[float, ...]) -> str:
    text = product(*factors)
    return f"({text})" if position and text.startswith("-") else text


def squashed(
    name: str, pairs: Iterable[tuple[float, ...]], by: str, uses: str = ""
) -> tuple[Line, float]:
    """Write a = sum of products, and what "σ" or "tanh" makes of it.

    Returns the line, which gives `name`, and the number.
    """
    text, a = products(pairs)
    value = math.tanh(a) if by == "tanh" else 0.5 * (1.0 + math.tanh(0.5 * a))
    line = f"a_{name} = {text},  {name} = {by}({short(a)}) = {short(value)}"
    return Line(name, uses, line), value
