"""Submissions that fail in the same way: the same lines, and for the same reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import CriterionResult, ExerciseResult, Outcome, Report

__all__ = ["Failing", "failing_alike"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Several who lose the same lines of an exercise to the same slips, or to none we know.

    same_words: their messages do not differ either, so their numbers hardly do.
    """

    exercise: str
    lines: tuple[str, ...]
    bugs: tuple[str, ...]
    students: tuple[str, ...]
    same_words: bool


def failing_alike(reports: Sequence[Report]) -> tuple[Failing, ...]:
    """Group those who fail in the same way: whom no known slip explains first, then by size."""
    found: dict[tuple[object, ...], list[tuple[str, tuple[CriterionResult, ...]]]] = {}
    for report in reports:
        for exercise in report.exercises:
            if lost := _lost(exercise):
                key = (exercise.name, *((line.id, _bug(line)) for line in lost))
                found.setdefault(key, []).append((report.submission, lost))
    groups = [_failing(str(key[0]), same) for key, same in found.items() if len(same) > 1]
    return tuple(sorted(groups, key=lambda group: (bool(group.bugs), -len(group.students))))


def _failing(exercise: str, same: Sequence[tuple[str, tuple[CriterionResult, ...]]]) -> Failing:
    (_, lines), *_ = same
    return Failing(
        exercise=exercise,
        lines=tuple(line.title or line.id for line in lines),
        bugs=tuple(dict.fromkeys(filter(None, map(_bug, lines)))),
        students=tuple(student for student, _ in same),
        same_words=len({tuple(line.message for line in lost) for _, lost in same}) == 1,
    )


def _lost(exercise: ExerciseResult) -> tuple[CriterionResult, ...]:
    return tuple(line for line in exercise.criteria if line.outcome is Outcome.FAILED)


def _bug(line: CriterionResult) -> str:
    return line.diagnosis.bug if line.diagnosis else ""
