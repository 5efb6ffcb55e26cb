"""A judged exercise under other points: nothing is graded again.

What was judged is whether a line of the rubric is met, not, or met under another
convention; how much that is worth is a matter of arithmetic.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.model import Certainty, CriterionResult, ExerciseResult, Outcome

__all__ = ["convention_share", "rescored"]

#: A criterion met under another convention keeps two thirds of its points.
CONVENTION_COST = 3


def convention_share(points: int) -> int:
    """Work out what a criterion is worth that is met under another convention."""
    return max(0, points - max(1, points // CONVENTION_COST))


def rescored(
    result: ExerciseResult, points: Mapping[str, int], conventions: Collection[str] = ()
) -> ExerciseResult:
    """Give an exercise the points it has under another weighting.

    points: by criterion; one that is not listed keeps its weight.
    conventions: ids of the known bugs that are conventions. The first line that
        such a one is named for keeps a share, as when it was graded.
    """
    charged: set[str] = set()
    lines = tuple(
        _line(line, points.get(line.id), conventions, charged) for line in result.criteria
    )
    return replace(
        result,
        criteria=lines,
        points=sum(line.points for line in lines),
        max_points=sum(line.max_points for line in lines) if lines else sum(points.values()),
    )


def _line(
    line: CriterionResult, worth: int | None, conventions: Collection[str], charged: set[str]
) -> CriterionResult:
    worth = line.max_points if worth is None else worth
    earned = worth if line.outcome is Outcome.PASSED else 0
    if line.outcome is Outcome.FAILED and line.diagnosis:
        bug = line.diagnosis.bug
        exact = line.diagnosis.certainty is Certainty.EXACT
        if exact and bug in conventions and bug not in charged:
            charged.add(bug)
            earned = convention_share(worth)
    return replace(line, points=earned, max_points=worth)
