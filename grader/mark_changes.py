"""What changed between two lists of marks, and why: two versions of the rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from grader.mark import ExerciseMark, Mark

__all__ = ["MarkChange", "mark_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkChange:
    """One mark that is not what it was. before, after: None where there was or is none.

    causes: what differs, in words.
    """

    student: str
    assignment: str
    before: Decimal | None
    after: Decimal | None
    of: tuple[int, int]
    causes: tuple[str, ...]

    @property
    def gained(self) -> Decimal:
        """Points gained; below zero if lost."""
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


def mark_changes(before: Iterable[Mark], after: Iterable[Mark]) -> list[MarkChange]:
    """List the marks that are not what they were; who lost most comes first."""
    old = {(one.student, one.assignment): one for one in before}
    new = {(one.student, one.assignment): one for one in after}
    changes = []
    for key in sorted(old | new):
        was, now = old.get(key), new.get(key)
        if _worth(was) != _worth(now):
            changes.append(
                MarkChange(
                    student=key[0],
                    assignment=key[1],
                    before=was.points if was else None,
                    after=now.points if now else None,
                    of=(was.max_points if was else 0, now.max_points if now else 0),
                    causes=tuple(_causes(was, now)),
                )
            )
    return sorted(changes, key=lambda change: (change.gained, change.student))


def _worth(mark: Mark | None) -> tuple[Decimal, int] | None:
    return (mark.points, mark.max_points) if mark else None


def _causes(was: Mark | None, now: Mark | None) -> Iterator[str]:
    if was is None or now is None:
        yield "this assignment is new" if was is None else "this assignment is no longer there"
        return
    yield from _new_words(was.why, now.why)
    old: dict[str, ExerciseMark] = {one.name: one for one in was.exercises}
    for one in now.exercises:
        before = old.pop(one.name, None)
        words = _of_exercise(before, one) if before else ["belongs to it now"]
        yield from (f"{one.name}: {word}" for word in words)
    yield from (f"{name}: no longer belongs to it" for name in old)


def _of_exercise(was: ExerciseMark, now: ExerciseMark) -> Iterator[str]:
    worth: Mapping[str, int] = {line.id: line.max_points for line in was.lines}
    changed = [line for line in now.lines if worth.get(line.id, line.max_points) != line.max_points]
    for line in changed:
        yield f"“{line.title}” is worth {line.max_points}, not {worth[line.id]}"
    if was.max_points != now.max_points and not changed:  # its lines were never judged
        yield f"is worth {now.max_points}, not {was.max_points}"
    if was.attempt != now.attempt:
        yield f"attempt {now.attempt} counts, not {was.attempt}"
    elif was.submission != now.submission:
        yield f"what {now.submission} handed in counts, not what {was.submission} did"
    yield from _new_words(was.why, now.why)


def _new_words(before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    was, now = list(before), list(after)
    yield from (words for words in now if words not in was)
    yield from (f"no longer: {words}" for words in was if words not in now)
