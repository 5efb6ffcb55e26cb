"""Forgetting a student: every trace of one person in a results folder.

What others have handed in together with that person stays theirs; the id and
the names on it go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.attempts import FOLDER as ATTEMPTS
from grader.attempts import Attempts
from grader.batch import read_report
from grader.errors import UsageError
from grader.files import write_atomically
from grader.journal import FOLDER as JOURNAL
from grader.mark import Attempt
from grader.model import dump_report
from grader.pseudonyms import Person, read_people, rewrite
from grader.report.names import page_name

__all__ = ["MARKS", "Forgotten", "forget", "still_named"]

MARKS = "marks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Files that were removed; submissions that were shared and have lost their names."""

    removed: tuple[Path, ...]
    shared: tuple[str, ...]


def forget(results: Path, student: str) -> Forgotten:
    """Remove every trace of a student, by id.

    Pages about the whole class are to be made again by the caller.

    Raises:
        UsageError: there is no trace of such a student.
    """
    people = read_people(results)
    theirs = {student} | {key for key, who in people.items() if who.id == student}
    removed = tuple(_files(results, theirs))
    shared = tuple(_unshare(results, student, theirs))
    in_pseudonyms = any(student in {who.id, *who.also} for who in people.values())
    if not removed and not shared and not in_pseudonyms:
        message = f"{results}: no trace of {student!r}; students are named by the id of the roster"
        raise UsageError(message)
    for path in removed:
        path.unlink()
    if in_pseudonyms:
        rewrite(
            results, {key: _without(w, student) for key, w in people.items() if key not in theirs}
        )
    return Forgotten(removed=removed, shared=shared)


def _without(who: Person, student: str) -> Person:
    if student not in who.also:
        return who
    return replace(who, name="", also=tuple(one for one in who.also if one != student))


def still_named(results: Path, student: str) -> tuple[Path, ...]:
    """Find the files that still hold an id, for their owner to look at."""
    needle = student.encode()
    return tuple(
        path
        for path in sorted(results.rglob("*"))
        if path.is_file() and (needle in path.read_bytes() or student in path.name)
    )


def _files(results: Path, ids: set[str]) -> Iterator[Path]:
    for one in sorted(ids):
        name = page_name(one)
        places = (
            results / f"{name}.json", results / f"{name}.html", results / JOURNAL / f"{name}.json",
            results / ATTEMPTS / f"{name}.json", results / MARKS / f"{name}.html",
        )  # fmt: skip
        yield from (path for path in places if path.exists())


def _unshare(results: Path, student: str, theirs: set[str]) -> Iterator[str]:
    """Take a student off what others have handed in together with them."""
    attempts = Attempts(results)
    for path in sorted((results / ATTEMPTS).glob("*.json")):
        kept = attempts.read(path)
        if not kept or kept[0].submission in theirs or not any(student in a.also for a in kept):
            continue
        attempts.write(kept[0].submission, tuple(_alone(one, student) for one in kept))
        yield kept[0].submission
        _unname(results, kept)


def _alone(one: Attempt, student: str) -> Attempt:
    """Take off an id, and the names, of which nobody knows whose is whose."""
    if student not in one.also:
        return one
    return replace(one, name="", also=tuple(other for other in one.also if other != student))


def _unname(results: Path, kept: Sequence[Attempt]) -> None:
    path = results / f"{page_name(kept[0].submission)}.json"
    if path.exists():
        report = read_report(results, kept[0].submission)
        write_atomically(path, dump_report(replace(report, name="")))
