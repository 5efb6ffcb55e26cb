"""How much of a report a student is told; what is not named here is not told."""

from collections.abc import Mapping
from dataclasses import replace

from grader.model import CriterionResult, ExerciseResult, Report
from grader.policy import Feedback

__all__ = ["for_students", "told_of"]


def for_students(report: Report, levels: Mapping[str, Feedback]) -> Report:
    """Leave out of a report what its students are not to see, by exercise."""
    exercises = tuple(
        told_of(one, levels.get(one.name, Feedback.DIAGNOSIS)) for one in report.exercises
    )
    return replace(report, exercises=exercises)


def told_of(one: ExerciseResult, level: Feedback) -> ExerciseResult:
    """Leave out of one exercise what this level does not tell."""
    if level is Feedback.DIAGNOSIS:
        return one
    if level is Feedback.CAUSE:
        return replace(one, criteria=tuple(_cause(line) for line in one.criteria))
    # made anew, so that a field that is added one day stays untold
    return ExerciseResult(
        name=one.name,
        points=one.points,
        max_points=one.max_points,
        status=one.status,
        message=one.message,
        criteria=tuple(_title(line) for line in one.criteria) if level is Feedback.TITLE else (),
    )


def _title(line: CriterionResult) -> CriterionResult:
    return CriterionResult(
        id=line.id,
        title=line.title,
        points=line.points,
        max_points=line.max_points,
        outcome=line.outcome,
    )


def _cause(line: CriterionResult) -> CriterionResult:
    return replace(_title(line), message=line.message, where=line.where)
