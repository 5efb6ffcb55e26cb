"""A class at a glance: counts, spread, what was lost and why.

Plain numbers and names for the class page and the terminal's summary; how
they look is decided there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from grader.model import CriterionResult, Diagnosis, Outcome, Report, Status
from grader.report.wording import STATUSES, has_full_marks

__all__ = [
    "Bin",
    "BugCount",
    "CriterionRate",
    "Trouble",
    "bug_counts",
    "by_id",
    "counts",
    "criterion_rates",
    "distribution",
    "median_words",
    "troubles",
]

_TROUBLES = (
    (Status.NEEDS_ATTENTION, "Our grader failed", "Grade these again; their marks are not final."),
    (Status.UNREADABLE, "Could not be read", "Their students have to hand in again."),
    (Status.MISSING, "Nothing found", "No file of the course is in these."),
    (Status.NOT_STARTED, "Not started", "Handed in as given out: a word may help."),
)
_ENOUGH_TO_TELL = 3
_FULL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A bar of the distribution: its least per cent of the points, how many."""

    percent: int
    count: int
    share: float

    @property
    def words(self) -> str:
        """Name the bar's range."""
        if self.percent == _FULL:
            return "all of the points"
        return f"{self.percent} to {self.percent + 9} per cent"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRate:
    """How a class did on one line of a rubric."""

    id: str
    title: str
    passed: int
    tried: int
    untried: int

    @property
    def percent(self) -> int:
        """The share that passed among those who tried, in per cent."""
        return 100 * self.passed // self.tried if self.tried else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BugCount:
    """A diagnosed bug and who has it."""

    bug: str
    says: str
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A group that waits for the instructor: who, and what was said."""

    heading: str
    advice: str
    students: tuple[tuple[str, str], ...] = ()


def by_id(reports: Iterable[Report]) -> list[Report]:
    """Sort reports by submission, upper and lower case side by side."""
    return sorted(reports, key=lambda report: (report.submission.casefold(), report.submission))


def counts(reports: Sequence[Report]) -> dict[str, int]:
    """Count submissions: all, and per status that occurs; full marks apart."""
    found = Counter(report.status for report in reports)
    graded = found.pop(Status.GRADED, 0)
    return {
        "submissions": len(reports),
        "graded": graded,
        "with full marks": sum(map(has_full_marks, reports)),
        **{STATUSES[status]: found[status] for status in Status if found[status]},
    }


def median_words(reports: Sequence[Report]) -> str:
    """Say the median of the graded: in points if all are out of the same."""
    graded = _graded(reports)
    if not graded:
        return "none yet"
    totals = {report.max_points for report in graded}
    if len(totals) == 1:
        return f"{median(report.points for report in graded):g} of {totals.pop()}"
    return f"{median(_percent(report) for report in graded):g} %"


def distribution(reports: Sequence[Report]) -> tuple[Bin, ...]:
    """Count the graded per tenth of the points; full marks stand alone."""
    found = Counter(_percent(report) // 10 * 10 for report in _graded(reports))
    highest = max(found.values(), default=1)
    return tuple(
        Bin(percent=percent, count=found[percent], share=100 * found[percent] / highest)
        for percent in range(0, 101, 10)
    )


def criterion_rates(reports: Sequence[Report]) -> dict[str, tuple[CriterionRate, ...]]:
    """Count passes per exercise and criterion, in the order of the rubric."""
    lines: dict[str, dict[str, list[CriterionResult]]] = {}
    for report in reports:
        for exercise in report.exercises:
            for line in exercise.criteria:
                same = lines.setdefault(exercise.name, {})
                same.setdefault(line.id, []).append(line)
    return {
        exercise: tuple(_rate(same) for same in by_criterion.values())
        for exercise, by_criterion in lines.items()
    }


def bug_counts(reports: Sequence[Report]) -> tuple[BugCount, ...]:
    """Collect who has which diagnosed bug, the most common first."""
    says: dict[str, str] = {}
    students: dict[str, list[str]] = {}
    for report in reports:
        for diagnosis in _diagnoses(report):
            says.setdefault(diagnosis.bug, diagnosis.says)
            have = students.setdefault(diagnosis.bug, [])
            if report.submission not in have:
                have.append(report.submission)
    found = [
        BugCount(bug=bug, says=says[bug], students=tuple(have)) for bug, have in students.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-len(entry.students), entry.bug)))


def troubles(reports: Sequence[Report]) -> tuple[Trouble, ...]:
    """Group what waits for the instructor, the most urgent first."""
    waiting = [
        Trouble(heading=heading, advice=advice, students=_who(reports, status))
        for status, heading, advice in _TROUBLES
    ]
    hopeless = [
        Trouble(
            heading=f"Nobody passed {exercise} / {rate.id}",
            advice=f"{rate.tried} tried: look at its handout, then at its grader.",
        )
        for exercise, rates in criterion_rates(reports).items()
        for rate in rates
        if rate.tried >= _ENOUGH_TO_TELL and not rate.passed
    ]
    return (*(group for group in waiting if group.students), *hopeless)


def _who(reports: Sequence[Report], status: Status) -> tuple[tuple[str, str], ...]:
    """Find the submissions a status concerns, each with its first message."""
    partly = status in {Status.NEEDS_ATTENTION, Status.UNREADABLE}
    found = []
    for report in reports:
        same = [exercise for exercise in report.exercises if exercise.status is status]
        if report.status is status or (partly and same):
            messages = [exercise.message for exercise in same] + list(report.notes)
            found.append((report.submission, next(filter(None, messages), "")))
    return tuple(found)


def _rate(lines: Sequence[CriterionResult]) -> CriterionRate:
    found = Counter(line.outcome for line in lines)
    tried = found[Outcome.PASSED] + found[Outcome.FAILED]
    return CriterionRate(
        id=lines[0].id,
        title=lines[0].title or lines[0].id,
        passed=found[Outcome.PASSED],
        tried=tried,
        untried=len(lines) - tried,
    )


def _graded(reports: Iterable[Report]) -> list[Report]:
    return [report for report in reports if report.status is Status.GRADED and report.max_points]


def _percent(report: Report) -> int:
    return min(100, max(0, 100 * report.points // report.max_points))


def _diagnoses(report: Report) -> Iterator[Diagnosis]:
    for exercise in report.exercises:
        for line in exercise.criteria:
            if line.diagnosis is not None:
                yield line.diagnosis
