"""Submissions that fail in the same way, and submissions that are the same.

Whether the latter means anything is for the instructor to judge: a short exercise
has few right answers. No mark depends on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.model import CriterionResult, ExerciseResult, Known, Outcome, Report
from grader.sketch import likeness

__all__ = ["Failing", "Twins", "failing_alike", "near_identical"]

#: Programs written independently have reached 0.36, copies with six statements changed
#: never less than 0.78 (all exercises, twelve draws).
NEAR = 0.7


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Some whose files are nearly the same.

    what: the files. students: of this class. elsewhere: labels of known work.
    percent: each is at least so much like another of them.
    """

    what: tuple[str, ...]
    students: tuple[str, ...]
    elsewhere: tuple[str, ...]
    percent: int


def near_identical(reports: Sequence[Report], known: Sequence[Known] = ()) -> tuple[Twins, ...]:
    """Group submissions whose files are nearly the same, those most alike first."""
    names = [report.submission for report in reports]
    works = [(report.content.sketches, report.content.weights) for report in reports]
    works += [(one.sketches, one.weights) for one in known]
    found: dict[tuple[int, ...], list[tuple[str, int]]] = {}
    for what, percent, members in _groups(works):
        if members[0] < len(names) and len(members) > 1:
            found.setdefault(members, []).append((what, percent))
    twins = [
        Twins(
            what=tuple(what for what, _ in files),
            students=tuple(names[at] for at in members if at < len(names)),
            elsewhere=tuple(known[at - len(names)].label for at in members if at >= len(names)),
            percent=min(percent for _, percent in files),
        )
        for members, files in found.items()
    ]
    return tuple(sorted(twins, key=lambda each: (-each.percent, -len(each.what), each.students)))


def _groups(
    works: Sequence[tuple[Mapping[str, str], Mapping[str, str]]],
) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Find who is like whom in which file: the file, per cent, places in `works` from the first."""
    for name in dict.fromkeys(name for sketches, _ in works for name in sketches):
        there = [at for at, (sketches, _) in enumerate(works) if name in sketches]
        alike = likeness([works[at][0][name] for at in there])
        np.fill_diagonal(alike, 0)
        for group in _linked(alike >= NEAR):
            least = alike[np.ix_(group, group)].max(axis=1).min()
            yield f"{name}.py", int(100 * least), tuple(there[at] for at in group)
    same: dict[tuple[str, str], list[int]] = {}
    for at, (_, weights) in enumerate(works):
        for name, digest in weights.items():
            same.setdefault((name, digest), []).append(at)
    for (name, _), members in same.items():
        yield f"{name}.npz", 100, tuple(members)


def _linked(near: npt.NDArray[np.bool_]) -> Iterator[list[int]]:
    """Part the places of a symmetric table into groups that are linked; the linked ones only."""
    left = set(np.flatnonzero(near.any(axis=1)).tolist())
    while left:
        group, edge = set[int](), {min(left)}
        while edge:
            group |= edge
            edge = set(np.flatnonzero(near[sorted(edge)].any(axis=0)).tolist()) - group
        left -= group
        yield sorted(group)
