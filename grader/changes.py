"""What changed between two reports of one submission, line by line, and why.

Pure: sees the model and nothing else. A change of marks is put down to what the
reports say differs: the files handed in, the graders, the hidden numbers, the
environment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.model import CriterionResult, ExerciseResult, Outcome, Report, Status

__all__ = ["Change", "LineChange", "compare", "compare_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """One line of a rubric that is worth other points than before, or was judged otherwise.

    before, after: points; None where the line was or is not judged at all.
    message: what is said of it now.
    """

    exercise: str
    criterion: str
    title: str
    before: int | None
    after: int | None
    message: str = ""

    @property
    def gained(self) -> int:
        """Points gained; below zero if lost."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One submission whose marks, status or lines are not what they were.

    before, after: points; None for a submission that was or is not there.
    causes: what differs, in words; most telling first.
    """

    submission: str
    before: int | None
    after: int | None
    lines: tuple[LineChange, ...]
    causes: tuple[str, ...]

    @property
    def gained(self) -> int:
        """Points gained; below zero if lost."""
        return (self.after or 0) - (self.before or 0)


def compare_all(old: Iterable[Report], new: Iterable[Report]) -> list[Change]:
    """Compare two gradings of a class; who lost most comes first."""
    before = {report.submission: report for report in old}
    after = {report.submission: report for report in new}
    both = [compare(before.get(name), after.get(name)) for name in sorted(before | after)]
    changes = [change for change in both if change is not None]
    return sorted(changes, key=lambda change: (change.gained, change.submission))


def compare(old: Report | None, new: Report | None) -> Change | None:
    """Compare two reports of one submission; None if nobody has gained or lost anything."""
    if old is None or new is None:
        there = old or new
        if there is None:
            return None
        cause = "not graded before" if old is None else "no longer there"
        return Change(
            submission=there.submission,
            before=old.points if old else None,
            after=new.points if new else None,
            lines=(),
            causes=(cause,),
        )
    lines = tuple(_lines(old, new))
    if not lines and (old.points, old.status) == (new.points, new.status):
        return None
    return Change(
        submission=new.submission,
        before=old.points,
        after=new.points,
        lines=lines,
        causes=tuple(_causes(old, new)),
    )


def _lines(old: Report, new: Report) -> Iterator[LineChange]:
    before = {exercise.name: exercise for exercise in old.exercises}
    after = {exercise.name: exercise for exercise in new.exercises}
    for name in before | after:
        was, now = _judged(before.get(name)), _judged(after.get(name))
        for criterion in was | now:
            one, other = was.get(criterion), now.get(criterion)
            known = other or one
            if known is None or _worth(one) == _worth(other):
                continue
            yield LineChange(
                exercise=name,
                criterion=criterion,
                title=known.title,
                before=one.points if one else None,
                after=other.points if other else None,
                message=_why(other, after.get(name)),
            )


def _judged(exercise: ExerciseResult | None) -> dict[str, CriterionResult]:
    return {line.id: line for line in exercise.criteria} if exercise else {}


def _worth(line: CriterionResult | None) -> tuple[int, int] | None:
    return (line.points, line.max_points) if line else None


def _weights(old: Report, new: Report) -> bool:
    """Tell whether any line that is in both is worth other points now."""
    before, after = (
        {(one.name, line.id): line.max_points for one in report.exercises for line in one.criteria}
        for report in (old, new)
    )
    return any(before[key] != after[key] for key in before.keys() & after.keys())


def _why(line: CriterionResult | None, exercise: ExerciseResult | None) -> str:
    """Say what is the matter with a line now; nothing, if it is in order."""
    if line is None:
        return exercise.message if exercise else "this exercise is not graded any more"
    if line.outcome is Outcome.PASSED:
        return ""
    return line.diagnosis.says if line.diagnosis else line.message.partition("\n")[0]


def _causes(old: Report, new: Report) -> Iterator[str]:
    if Status.NEEDS_ATTENTION in {old.status, new.status}:
        yield "our grader failed in one of them"
    if old.content.submission != new.content.submission:
        yield "other files were handed in"
    if old.content.grader != new.content.grader:
        yield "the graders have changed"
    if _weights(old, new):
        yield "the points of criteria have changed"
    if (old.seed, old.key) != (new.seed, new.key):
        yield "other hidden numbers were drawn"
    if old.content.environment != new.content.environment:
        yield "Python, NumPy or the grading engine is another one"
    if old.isolation != new.isolation:
        yield "it ran under another isolation level"
