"""What waits for the instructor, the most urgent first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model import Report, Status
from grader.report.items import criterion_rates
from grader.report.overview import reviews

__all__ = ["Trouble", "Waiting", "troubles"]

_URGENT = (
    (Status.NEEDS_ATTENTION, "Our grader failed", "Grade these again; their marks are not final."),
    (Status.UNREADABLE, "Could not be read", "Their students have to hand in again."),
)
_IDLE = (
    (Status.MISSING, "Nothing found", "No file of the course is in these."),
    (Status.NOT_STARTED, "Not started", "Handed in as given out: a word may help."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A submission in a group, what was said, and where on its page to look."""

    submission: str
    message: str
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A group that waits for the instructor: who, and what was said."""

    heading: str
    advice: str
    students: tuple[Waiting, ...] = ()


def troubles(reports: Sequence[Report]) -> tuple[Trouble, ...]:
    """Group what waits for the instructor, the most urgent first."""
    hopeless = [
        Trouble(
            heading=f"Nobody passed {exercise} / {rate.id}",
            advice=f"{rate.tried} tried: look at its handout, then at its grader.",
        )
        for exercise, rates in criterion_rates(reports).items()
        for rate in rates
        if rate.hopeless
    ]
    backwards = [
        Trouble(
            heading=f"The stronger lose {exercise} / {rate.id}",
            advice=f"{rate.passed} of {rate.tried} pass, rather those with fewer points elsewhere: "
            "is its grader too strict?",
        )
        for exercise, rates in criterion_rates(reports).items()
        for rate in rates
        if rate.backwards
    ]
    urgent, idle = _by_status(reports, _URGENT), _by_status(reports, _IDLE)
    return (*urgent, *_to_review(reports), *idle, *hopeless, *backwards)


def _by_status(
    reports: Sequence[Report], groups: Sequence[tuple[Status, str, str]]
) -> Iterator[Trouble]:
    for status, heading, advice in groups:
        if students := _who(reports, status):
            yield Trouble(heading=heading, advice=advice, students=students)


def _to_review(reports: Sequence[Report]) -> Iterator[Trouble]:
    """Group what no rule could judge by criterion: one kind of figure after the other."""
    found: dict[tuple[str, str], list[Waiting]] = {}
    for report in reports:
        for exercise, line, anchor in reviews(report):
            entry = Waiting(submission=report.submission, message=line.message, anchor=anchor)
            found.setdefault((exercise, line.title or line.id), []).append(entry)
    for (exercise, title), entries in found.items():
        yield Trouble(
            heading=f"To review in {exercise}: {title}",
            advice="No rule could judge these. The points stand until you have looked.",
            students=tuple(entries),
        )


def _who(reports: Sequence[Report], status: Status) -> tuple[Waiting, ...]:
    """Find the submissions a status concerns, each with its first message."""
    partly = status in {Status.NEEDS_ATTENTION, Status.UNREADABLE}
    found = []
    for report in reports:
        same = [exercise for exercise in report.exercises if exercise.status is status]
        if report.status is status or (partly and same):
            messages = [exercise.message for exercise in same] + list(report.notes)
            message = next(filter(None, messages), "")
            found.append(Waiting(submission=report.submission, message=message))
    return tuple(found)
