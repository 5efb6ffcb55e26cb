"""Naming a known slip on a student's own machine, where there is no solution.

A hand-out holds, for each known bug, its sentence and the numbers a program
with it answers to the public checks, where those are not the right ones. No
code and no right answer is among them. Whose numbers are a student's may have
that bug.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from grader.calls import Array, Call, Observation, Returned, leaves
from grader.diagnosis import same
from grader.model import Certainty, Diagnosis
from grader.reference import fingerprint

__all__ = ["Answer", "Lookalike", "dump", "load", "looks_like", "numbers", "question_of"]

#: So many numbers of an array are enough to know it again.
SAMPLE = 256
CHANCE = 1e-6

_Index = list[tuple[str, str, list[tuple[str, dict[str, int]]]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """The numbers a bug returns to one question, by name: stats["mean"]."""

    question: str
    numbers: Mapping[str, Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookalike:
    """One known bug as it looks from outside."""

    bug: str
    says: str
    answers: tuple[Answer, ...]


def question_of(call: Call) -> str:
    """Name a question: a digest of the function and its arguments."""
    return f"{call.function}-{fingerprint(call.args, call.kwargs).hex()[:16]}"


def numbers(seen: Observation) -> dict[str, Array]:
    """List the numbers that were returned, flat; of large arrays, some."""
    if not isinstance(seen, Returned):
        return {}
    outputs = zip(seen.names, seen.values, strict=True)
    found = (leaf for output in outputs for leaf in leaves(*output))
    return {name: _sample(np.asarray(value)) for name, value in found if _is_number(value)}


def dump(lookalikes: Sequence[Lookalike]) -> bytes:
    """Write them as the bytes of a .npz: all numbers in a row, and a table of contents."""
    rows: list[Array] = [np.zeros(0)]
    index = []
    for each in lookalikes:
        answers = []
        for answer in each.answers:
            answers.append([answer.question, {k: v.size for k, v in answer.numbers.items()}])
            rows += answer.numbers.values()
        index.append([each.bug, each.says, answers])
    file = io.BytesIO()
    contents = np.frombuffer(msgspec.json.encode(index), np.uint8)
    np.savez_compressed(file, allow_pickle=False, contents=contents, numbers=np.concatenate(rows))
    return file.getvalue()


def load(path: Path) -> tuple[Lookalike, ...]:
    """Read them; none, if the file is not there or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            index = msgspec.json.decode(file["contents"].tobytes(), type=_Index)
            left = iter(file["numbers"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.DecodeError):
        return ()
    return tuple(
        Lookalike(
            bug=bug,
            says=says,
            answers=tuple(
                Answer(
                    question=question,
                    numbers={k: np.fromiter(islice(left, size), float) for k, size in of.items()},
                )
                for question, of in answers
            ),
        )
        for bug, says, answers in index
    )


def looks_like(
    lookalikes: Sequence[Lookalike], calls: Sequence[Call], others: Sequence[Call]
) -> Diagnosis | None:
    """Name the one bug whose numbers these are, or nothing.

    calls: of the criterion that was lost. others: of all criteria, to choose
        between bugs that look alike here.
    """
    here, everywhere = ({question_of(c): numbers(c.seen) for c in some} for some in (calls, others))
    fits = [each for each in lookalikes if _fits(each, here)]
    if len(fits) > 1:
        scores = [_score(each, everywhere) for each in fits]
        fits = [each for each, score in zip(fits, scores, strict=True) if score == max(scores)]
    if len({each.says for each in fits}) != 1:
        return None
    return Diagnosis(bug=fits[0].bug, says=fits[0].says, certainty=Certainty.LIKELY)


def _fits(each: Lookalike, heard: Mapping[str, Mapping[str, Array]]) -> bool:
    """Tell whether all a bug changes is there, and something cannot be chance."""
    verdicts = list(_verdicts(each, heard))
    return all(agree for agree, _ in verdicts) and any(telling for _, telling in verdicts)


def _score(each: Lookalike, heard: Mapping[str, Mapping[str, Array]]) -> int:
    return sum(1 if agree else -1 for agree, _ in _verdicts(each, heard))


def _verdicts(
    each: Lookalike, heard: Mapping[str, Mapping[str, Array]]
) -> Iterator[tuple[bool, bool]]:
    """Say of each question that was answered: the same numbers, and do they tell anything."""
    for answer in each.answers:
        if seen := heard.get(answer.question):
            agree = seen.keys() == answer.numbers.keys() and all(
                same(seen[name], value) for name, value in answer.numbers.items()
            )
            yield agree, any(map(_telling, answer.numbers.values()))


def _telling(values: Array) -> bool:
    """Tell numbers that cannot agree by chance from zeros, ones and halves."""
    doubled = 2.0 * values[np.isfinite(values)]
    return bool((np.abs(doubled - np.round(doubled)) > CHANCE).any())


def _sample(value: Any) -> Array:  # noqa: ANN401
    flat: Array = value.reshape(-1)[:: max(1, -(-value.size // SAMPLE))].astype(float)
    return flat


def _is_number(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, bool | int | float | np.number)
