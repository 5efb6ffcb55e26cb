"""Every attempt of every submission, kept beside the results: RESULTS/.attempts/<submission>.json.

A report is replaced when a submission is graded again; what was handed in
before stays here, slim, so that marks can be taken from whichever attempt counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.files import sweep, write_atomically
from grader.mark import Attempt
from grader.report.names import page_name

__all__ = ["FOLDER", "Attempts", "joined"]

FOLDER = ".attempts"
SCHEMA = "grader/attempts/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    submission: str
    attempts: tuple[Attempt, ...]
    schema: str = SCHEMA


class Attempts:
    """The attempts of one results folder."""

    def __init__(self, results: Path) -> None:
        self._results = results
        self._folder = results / FOLDER

    def add(self, attempt: Attempt) -> None:
        """Keep an attempt beside those there are; on disk when this returns.

        Raises:
            UsageError: those there are cannot be read; nothing is overwritten.
        """
        before = self.of(attempt.submission)
        after = joined(before, _slim(attempt))
        if after != before:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.write(attempt.submission, after)

    def of(self, submission: str) -> tuple[Attempt, ...]:
        """Read the attempts of one submission.

        Raises:
            UsageError: they cannot be read.
        """
        path = self.path(submission)
        return _read(path).attempts if path.exists() else ()

    def write(self, submission: str, attempts: Sequence[Attempt]) -> None:
        """Write the attempts of one submission, whole or not at all."""
        file = _File(submission=submission, attempts=tuple(attempts))
        write_atomically(self.path(submission), msgspec.json.encode(file))

    def __iter__(self) -> Iterator[Attempt]:
        """Read all attempts.

        Raises:
            UsageError: there are none, or some cannot be read.
        """
        paths = sorted(self._folder.glob("*.json"))
        if not paths:
            message = f"{self._results}: no attempts in it; grade first, or name another folder"
            raise UsageError(message)
        for path in paths:
            yield from _read(path).attempts

    def read(self, path: Path) -> tuple[Attempt, ...]:
        """Read the attempts in one of the files.

        Raises:
            UsageError: they cannot be read.
        """
        return _read(path).attempts

    def sweep(self) -> None:
        """Remove what a killed process did not finish writing."""
        if self._folder.is_dir():
            sweep(self._folder)

    def path(self, submission: str) -> Path:
        """Where the attempts of a submission are kept."""
        return self._folder / f"{page_name(submission)}.json"


def joined(before: Sequence[Attempt], one: Attempt) -> tuple[Attempt, ...]:
    """Put an attempt beside earlier ones.

    The same files handed in for the same assignment at the same time are the
    same attempt, judged again; so they are if only one of them has a time.
    """
    for k, other in enumerate(before):
        same = (other.assignment, other.content) == (one.assignment, one.content)
        if same and (other.submitted == one.submitted or not (other.submitted and one.submitted)):
            time = one.submitted or other.submitted
            again = replace(one, number=other.number, submitted=time)
            return (*before[:k], again, *before[k + 1 :])
    number = max((other.number for other in before), default=0) + 1
    return (*before, replace(one, number=number))


def _slim(one: Attempt) -> Attempt:
    exercises = tuple(replace(each, pictures=(), drawings=(), plots=()) for each in one.exercises)
    return replace(one, exercises=exercises)


def _read(path: Path) -> _File:
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except (OSError, ValueError) as error:
        message = f"{path}: the attempts kept here cannot be read: {error}; put back a copy of it"
        raise UsageError(message) from error
    if file.schema != SCHEMA:
        message = f"{path}: attempts of schema {file.schema}; this grader reads {SCHEMA}"
        raise UsageError(message)
    return file
