"""Which forward a backward belongs to, and a backward made of it by differences.

A student whose forward is wrong may still have a right backward. `Differentiated`
stands where the reference does in a rubric: its forward is the student's (or the
reference with the student's slip), its backward the numerical gradient of that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from grader.calls import Array, Made, Returned, Signature
from grader.expect import ALIVE, Lost
from grader.model import Where
from grader.numerics import DELTA, Path, numerical_gradient
from grader.reference import fingerprint

__all__ = ["Differentiated", "Gradient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """What a backward function computes, as a rubric declares it.

        GRADIENTS = {"lstm_backward": Gradient(
            of="lstm_forward", given="dHout cache dcn dhn", values=("lstm_forward.sequence",))}

    of: the forward function; the backward returns the gradients of its
        arguments, in order: of arrays of floats and of dicts, that is, and not of words,
        whole numbers or masks.
    given: the backward's arguments: d<output> is the weight of an output in
        the loss, `cache` holds the forward's arguments; any other word is one
        of them, in order.
    values: the criteria ("criterion", or "exercise.criterion") that say
        whether the forward is right.
    """

    of: str
    given: str
    values: tuple[str, ...]


class Forward(Protocol):
    """Whose forward is differentiated: a student or a trusted reference."""

    def each(
        self, function: str, calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]
    ) -> list[Returned]:
        """Call one function several times."""

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


class Differentiated:
    """Answers as somebody's forward does; backwards are its numerical gradients."""

    def __init__(
        self,
        forward: Forward,
        gradients: Mapping[str, Gradient],
        signatures: Mapping[str, Signature],
    ) -> None:
        self._forward = forward
        self._gradients = gradients
        self._signatures = signatures
        self._remembered: dict[tuple[str, bytes], Returned] = {}

    def __getattr__(self, name: str) -> Callable[..., Returned]:
        """Look up a function of the exercise."""
        if name not in self._signatures:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.each(name, [(args, kwargs)])[0]

    def each(
        self, function: str, calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]
    ) -> list[Returned]:
        """Answer several questions."""
        if function not in self._gradients:
            return self._forward.each(function, calls)
        return [self._remember(function, args, kwargs) for args, kwargs in calls]

    def _remember(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Returned:
        key = (function, fingerprint(args, kwargs))
        if key not in self._remembered:
            self._remembered[key] = self._differentiate(function, args, kwargs)
        return self._remembered[key]

    def _differentiate(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Returned:
        gradient = self._gradients[function]
        words = gradient.given.split()
        given = dict(zip(words, args, strict=False)) | dict(kwargs)
        outputs = self._signatures[gradient.of].names
        weights = {k: given[f"d{k}"] for k in outputs if given.get(f"d{k}") is not None}
        inputs = [given[w] for w in words if w != "cache" and w.removeprefix("d") not in outputs]
        cache = given.get("cache")
        if isinstance(cache, Made):
            inputs = list(cache.args)
        names = self._signatures[function].names
        smooth = [k for k, value in enumerate(inputs) if value is None or _has_gradient(value)]
        if len(smooth) != len(names) or any(value is None for value in inputs):
            message = f"a rubric asks {function} without every argument of {gradient.of}"
            raise TypeError(message)
        paths = [_paths(k, inputs[k]) for k in smooth]

        def sweep(vary: Sequence[Path]) -> Sequence[Sequence[Array]]:
            return self._forward.sweep(gradient.of, inputs, vary, DELTA, list(weights))

        vary = [path for some in paths for path in some]
        weighted = list(weights.values())
        slopes = iter(numerical_gradient(sweep, inputs, vary, weighted))
        values: list[Any] = []
        for name, k, some in zip(names, smooth, paths, strict=True):
            value = inputs[k]
            slope = [next(slopes) for _ in some]
            loudest = max(float(np.abs(array).max(initial=0.0)) for array in slope)
            if loudest < ALIVE and any(np.any(weight) for weight in weighted):
                message = f"your {gradient.of} does not depend on {name.removeprefix('d')}"
                message += f", so {name} proves nothing"
                raise Lost(message, Where(output=name))
            entries = isinstance(value, Mapping)
            values.append(dict(zip(value, slope, strict=True)) if entries else slope[0])
        return Returned(names=names, values=tuple(values))


def _has_gradient(value: object) -> bool:
    """Tell words, whole numbers and masks, which cannot change a little, from the rest."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    return not isinstance(value, str | bool | int)


def _paths(k: int, value: object) -> list[Path]:
    return [(k, key) for key in value] if isinstance(value, Mapping) else [k]
