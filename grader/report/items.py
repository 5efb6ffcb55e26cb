"""Item analysis: how hard each line of a rubric is, and whether it tells students apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation

from grader.model import CriterionResult, Outcome, Report

__all__ = ["CriterionRate", "criterion_rates"]

#: Fewer than these say nothing about a line; fewer losses nothing about who loses it.
_ENOUGH_TO_TELL = 3
_ENOUGH_TO_COMPARE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRate:
    """How a class did on one line of a rubric.

    discrimination: the correlation, over those who tried, of passing it with the
        share of all other points; None where too few tried or lost it.
    """

    id: str
    title: str
    passed: int
    tried: int
    untried: int
    discrimination: float | None = None

    @property
    def percent(self) -> int:
        """The share that passed among those who tried, in per cent."""
        return 100 * self.passed // self.tried if self.tried else 0

    @property
    def hopeless(self) -> bool:
        """Nobody passes, and several have tried."""
        return self.tried >= _ENOUGH_TO_TELL and not self.passed

    @property
    def backwards(self) -> bool:
        """It is the stronger students who lose it."""
        return self.discrimination is not None and self.discrimination < 0

    @property
    def words(self) -> str:
        """Say what is remarkable about it."""
        if self.hopeless:
            return "nobody passes"
        if self.tried >= _ENOUGH_TO_COMPARE and self.passed == self.tried:
            return "everybody passes"
        return "the stronger lose it" if self.backwards else ""


def criterion_rates(reports: Sequence[Report]) -> dict[str, tuple[CriterionRate, ...]]:
    """Analyse every exercise's lines, in the order of the rubric."""
    lines: dict[str, dict[str, list[tuple[CriterionResult, float]]]] = {}
    for report in reports:
        for exercise in report.exercises:
            same = lines.setdefault(exercise.name, {})
            for line in exercise.criteria:
                same.setdefault(line.id, []).append((line, _rest(report, line)))
    return {
        exercise: tuple(_rate(same) for same in by_criterion.values())
        for exercise, by_criterion in lines.items()
        if by_criterion
    }


def _rest(report: Report, line: CriterionResult) -> float:
    """Take the share of a submission's points that this line has no part in."""
    possible = report.max_points - line.max_points
    return (report.points - line.points) / possible if possible else 0.0


def _rate(lines: Sequence[tuple[CriterionResult, float]]) -> CriterionRate:
    found = Counter(line.outcome for line, _ in lines)
    tried = found[Outcome.PASSED] + found[Outcome.FAILED]
    first, _ = lines[0]
    return CriterionRate(
        id=first.id,
        title=first.title or first.id,
        passed=found[Outcome.PASSED],
        tried=tried,
        untried=len(lines) - tried,
        discrimination=_discrimination(lines),
    )


def _discrimination(lines: Sequence[tuple[CriterionResult, float]]) -> float | None:
    judged = {Outcome.PASSED: 1.0, Outcome.FAILED: 0.0}
    pairs = [(judged[line.outcome], rest) for line, rest in lines if line.outcome in judged]
    passed = [one for one, _ in pairs]
    fewest = min(sum(passed), len(passed) - sum(passed))
    if len(pairs) < _ENOUGH_TO_COMPARE or fewest < _ENOUGH_TO_TELL:
        return None
    try:
        return round(correlation(passed, [rest for _, rest in pairs]), 2)
    except StatisticsError:  # all the others' points are the same
        return None
