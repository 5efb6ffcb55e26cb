"""A class at a glance: counts, spread, what was lost and why.

Plain numbers and names for the class page and the terminal's summary; how
they look is decided there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from grader.model import JOINT, CriterionResult, ExerciseResult, Report, Status
from grader.report.names import line_anchor
from grader.report.slips import Slip, charged, slip_of
from grader.report.wording import STATUSES, has_full_marks

__all__ = [
    "Bin",
    "BugCount",
    "bug_counts",
    "by_id",
    "counts",
    "distribution",
    "exercise_names",
    "marks",
    "median_words",
    "reviews",
]

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
class BugCount:
    """A diagnosed bug, the exercise it is charged in, and who has it."""

    bug: str
    exercise: str
    says: str
    students: tuple[str, ...]

    @property
    def single(self) -> bool:
        """One student has it."""
        return len(self.students) == 1


def by_id(reports: Iterable[Report]) -> list[Report]:
    """Sort reports by submission, upper and lower case side by side."""
    return sorted(reports, key=lambda report: (report.submission.casefold(), report.submission))


def counts(reports: Sequence[Report]) -> dict[str, int]:
    """Count submissions: all, and per status that occurs; full marks and reviews apart."""
    found = Counter(report.status for report in reports)
    graded = found.pop(Status.GRADED, 0)
    review = sum(any(reviews(report)) for report in reports)
    return {
        "submissions": len(reports),
        "graded": graded,
        "with full marks": sum(map(has_full_marks, reports)),
        **{STATUSES[status]: found[status] for status in Status if found[status]},
        **({"to review": review} if review else {}),
    }


def exercise_names(reports: Iterable[Report]) -> tuple[str, ...]:
    """List the exercises that somebody handed in or started, in the order of the course."""
    everywhere = dict.fromkeys(each.name for report in reports for each in report.exercises)
    there = {
        each.name
        for report in reports
        for each in report.exercises
        if each.status is not Status.MISSING
    }
    return tuple(name for name in everywhere if name in there)


def marks(report: Report) -> dict[str, ExerciseResult]:
    """Look up what one submission got for each exercise that is in it."""
    return {each.name: each for each in report.exercises if each.status is not Status.MISSING}


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


def bug_counts(reports: Sequence[Report]) -> tuple[BugCount, ...]:
    """Collect who has which diagnosed bug, the most common first.

    A slip belongs to the exercise that pays for it, whatever follows from it;
    two at once are two.
    """
    have = [(report.submission, *one) for report in reports for one in _slips(report).items()]
    alone = {(bug, where): says for _, (bug, says), where in have if JOINT not in bug}
    places: dict[Slip, Counter[str]] = {}
    students: dict[Slip, list[str]] = {}
    for student, (bug, says), where in have:
        parts = bug.split(JOINT)
        for part in parts:
            told = alone.setdefault((part, where), says) if len(parts) > 1 else says
            places.setdefault((part, told), Counter())[where] += 1
            students.setdefault((part, told), []).append(student)
    found = [
        BugCount(
            bug=bug,
            exercise=places[bug, says].most_common(1)[0][0],
            says=says,
            students=tuple(dict.fromkeys(who)),
        )
        for (bug, says), who in students.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-len(entry.students), entry.bug)))


def reviews(report: Report) -> Iterator[tuple[str, CriterionResult, str]]:
    """Find the lines of a submission to be reviewed: exercise, line, place on the page."""
    for number, exercise in enumerate(report.exercises, 1):
        for at, line in enumerate(exercise.criteria, 1):
            if line.review:
                yield exercise.name, line, line_anchor(number, at)


def _graded(reports: Iterable[Report]) -> list[Report]:
    return [report for report in reports if report.status is Status.GRADED and report.max_points]


def _percent(report: Report) -> int:
    return min(100, max(0, 100 * report.points // report.max_points))


def _slips(report: Report) -> dict[Slip, str]:
    """Find the slips of a submission, and the exercise that pays for each.

    One that is charged nowhere in the report belongs where it shows.
    """
    found = {slip: origin.exercise for slip, origin in charged(report).items()}
    for exercise in report.exercises:
        for line in exercise.criteria:
            if line.diagnosis:
                found.setdefault(slip_of(line.diagnosis), exercise.name)
    return found
