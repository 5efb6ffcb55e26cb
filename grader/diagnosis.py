"""Naming a mistake by arithmetic: whose arrays equal the student's.

Each question a criterion asked is put to the reference and to every patched
twin of it. A twin whose answers are the student's, where they differ from the
reference's, names the bug. No source is read and nothing is guessed: where
several twins fit equally well and no further question tells them apart
(`questions`), or none fits, the grader is silent.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.calls import ABSENT, Array, Call, Observation, Raised, leaves
from grader.catalogue import Bug
from grader.model import Certainty, Where
from grader.numerics import relative_error
from grader.reference import Reference

__all__ = ["Twin", "agree", "diagnose", "same"]

EXACT = 1e-6
TINY = 1e-12
#: Arrays in single precision agree to fewer digits.
SINGLE = 1e-4

Twin = tuple[Bug, Reference]


def diagnose(
    calls: Sequence[Call],
    reference: Reference,
    twins: Sequence[Twin],
    *,
    where: Where | None = None,
    blocks: Mapping[str, Any] | None = None,
) -> tuple[Certainty, list[Twin]]:
    """Find the bugs that explain what a lost criterion saw.

    where, blocks: how the output that was wrong is divided, for a match of
        some blocks when the whole does not match.
    Returns how well the best of them fit, and all that fit that well.
    """
    divided = (where.output, blocks) if where and where.output and blocks else None
    fits: dict[Certainty, list[Twin]] = {Certainty.EXACT: [], Certainty.LIKELY: []}
    judged = [_beside(call, reference, divided) for call in calls]
    for twin in twins:
        certainty = _fit(judged, twin[1], divided)
        if certainty is not None:
            fits[certainty].append(twin)
    best = Certainty.EXACT if fits[Certainty.EXACT] else Certainty.LIKELY
    return best, fits[best]


Features = dict[tuple[str, str], object]


class _Beside(NamedTuple):
    """A call: what is right, what the student answered, and where both are the same."""

    call: Call
    right: Features
    seen: Features
    alike: Mapping[tuple[str, str], bool]


def _beside(
    call: Call, reference: Reference, divided: tuple[str, Mapping[str, Any]] | None
) -> _Beside:
    right = dict(_features(reference.observe(call.function, call.args, call.kwargs), divided))
    seen = dict(_features(call.seen, divided))
    alike = {key: same(seen.get(key), right.get(key)) for key in right.keys() | seen.keys()}
    return _Beside(call, right, seen, alike)


def _fit(
    judged: Sequence[_Beside],
    twin: Reference,
    divided: tuple[str, Mapping[str, Any]] | None,
) -> Certainty | None:
    """Compare feature by feature: where twin and reference differ, the student decides.

    All that the bug changes has to be there. Exact: nothing else is wrong.
    Where a bug only empties some blocks of an output, other blocks are right.
    """
    arrays = others = emptied = intact = unexplained = numbers = 0
    for call, right, seen, alike in judged:
        bugged = dict(_features(twin.observe(call.function, call.args, call.kwargs), divided))
        raised = ("value", "raised") in bugged
        for key in bugged.keys() | right.keys() | seen.keys():
            differs = not same(bugged.get(key), right.get(key))
            # most twins answer most questions as the reference does: that is compared once for all
            fits = same(seen.get(key), bugged.get(key)) if differs else alike.get(key, True)
            # what a bug leaves out of a dict or a figure tells as much as what it puts in
            if differs and fits and (key in bugged or not raised):
                arrays += _telling(bugged.get(key))
                others += key[0] != "value"
                emptied += _in_blocks(key, divided)
            elif fits and _in_blocks(key, divided):
                intact += _telling(bugged.get(key))
            elif not fits and differs and key[0] == "value":
                return None  # what this bug does is not there
            elif not fits and (differs or key[0] == "value"):
                unexplained += 1
            elif not fits:
                numbers += key[0] == "number"
    if not unexplained and (arrays or others or (emptied and intact)):
        # a single number that something else made wrong leaves room for doubt
        return Certainty.LIKELY if numbers else Certainty.EXACT
    return Certainty.LIKELY if arrays else None


def _in_blocks(key: tuple[str, str], divided: tuple[str, Mapping[str, Any]] | None) -> bool:
    """Tell whether a feature is a block of an output, not a whole one."""
    return divided is not None and key[0] == "value" and key[1].startswith(f"{divided[0]}/")


def _telling(value: object) -> bool:
    """Tell an array that cannot agree by chance from zeros, ones and words."""
    if not isinstance(value, np.ndarray):
        return False
    finite = value[np.isfinite(value)].astype(float)
    return finite.size > 1 and float(np.ptp(finite)) > 0.0


def agree(one: Observation, other: Observation, *, precision: bool = True) -> bool:
    """Tell whether two observations cannot be told apart.

    precision: single and double precision are told apart.
    """
    a, b = dict(_features(one)), dict(_features(other))
    ignored = set() if precision else {key for key in a if key[0] == "dtype"}
    return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a if key not in ignored)


def _features(
    seen: Observation, divided: tuple[str, Mapping[str, Any]] | None = None
) -> Iterator[tuple[tuple[str, str], object]]:
    """List what can be told apart about an observation, by (kind, name)."""
    if isinstance(seen, Raised):
        yield ("value", "raised"), f"{seen.trouble}/{seen.name}"
        return
    yield ("warned", ""), tuple(sorted(seen.warned))
    outputs = zip(seen.names, seen.values, strict=True)
    for name, value in (leaf for output in outputs for leaf in leaves(*output)):
        if name.endswith('["pixels"]'):
            continue  # what looks alike has the same contents, and a reference is not drawn
        if (number := _number(value)) is not None:
            yield ("number", name), number
            continue
        if type(value) is not np.ndarray:
            yield ("kind", name), value if isinstance(value, bool | str) else _kind(value)
            continue
        yield ("kind", name), value.shape
        yield ("dtype", name), value.dtype.str
        if divided and divided[0] == name and _divisible(value, divided[1]):
            for block, index in divided[1].items():
                yield ("value", f"{name}/{block}"), value[index]
        else:
            yield ("value", name), value


def same(one: object, other: object) -> bool:
    """Compare two features; arrays by relative error, the rest by equality."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype.kind not in "biuf":
            return False
        # most twins answer as the reference does, to the last bit
        if one.dtype == other.dtype and np.array_equal(one, other):
            return True
        single = np.float32 in (one.dtype.type, other.dtype.type)
        return _close(one.astype(float), other.astype(float), SINGLE if single else EXACT)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    if isinstance(one, float) and isinstance(other, float):
        same = math.isclose(one, other, rel_tol=EXACT, abs_tol=TINY)
        return same or (math.isnan(one) and math.isnan(other))
    return one == other


def _close(one: Array, other: Array, tolerance: float) -> bool:
    finite = np.isfinite(one)
    if not np.array_equal(finite, np.isfinite(other)):
        return False
    if not finite.all():
        if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
            return False
        one, other = np.where(finite, one, 0.0), np.where(finite, other, 0.0)
    return relative_error(one, other) <= tolerance


def _number(value: object) -> float | None:
    """Take one number, however it is spelled: a scalar of NumPy's, an array without axes."""
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if type(value) is np.ndarray and value.ndim == 0 and value.dtype.kind in "iuf":
        return float(value)
    return None


def _kind(value: object) -> str:
    # a handle of the student's and a cache of the reference's are both opaque
    return "absent" if value is ABSENT else "opaque"


def _divisible(value: Array, blocks: Mapping[str, Any]) -> bool:
    try:
        return all(value[index].size for index in blocks.values())
    except IndexError:
        return False
