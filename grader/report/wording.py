"""What a report says in words, the same on a terminal and on a page."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import (
    Certainty,
    CriterionResult,
    Diagnosis,
    ExerciseResult,
    Outcome,
    Report,
    Status,
    Where,
)

__all__ = [
    "CARRIED_FORWARD",
    "OUTCOMES",
    "STATUSES",
    "FirstThing",
    "first_thing",
    "first_with_bug",
    "has_full_marks",
    "how_sure",
    "lead_in",
    "place",
    "reason",
    "status_sentence",
]

OUTCOMES = {
    Outcome.PASSED: "Passed",
    Outcome.FAILED: "Not yet",
    Outcome.SKIPPED: "Not tried",
    Outcome.NOT_STARTED: "Not written",
    Outcome.ERROR: "Our error",
}
STATUSES = {
    Status.GRADED: "graded",
    Status.NOT_STARTED: "not started",
    Status.MISSING: "missing",
    Status.UNREADABLE: "unreadable",
    Status.NEEDS_ATTENTION: "needs attention",
}
CARRIED_FORWARD = (
    "Your numbers are exactly what one earlier slip explains, so this is not charged again."
)

_SENTENCES = {
    Status.GRADED: "",
    Status.NOT_STARTED: "You have not started this one yet.",
    Status.MISSING: "This was not in what you handed in.",
    Status.UNREADABLE: "Your file cannot be loaded, so nothing in it could be tried.",
    Status.NEEDS_ATTENTION: (
        "Our grader failed here. Your marks are not final; your instructor has been told."
    ),
}
_COMFORTS = {
    Status.NOT_STARTED: "Nothing is wrong: the file is still the one you were given.",
    Status.MISSING: "If you did write it, check its name and hand in again.",
}
_REASONS = {
    Outcome.SKIPPED: "This builds on an earlier line that is not right yet, so it was not tried.",
    Outcome.NOT_STARTED: "Still the empty function you were given.",
    Outcome.ERROR: "Our grader failed on this line. It is not your fault, and not final.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstThing:
    """What a student should do first, and where to read about it."""

    heading: str
    title: str
    exercise: str = ""
    criterion: str = ""
    handout: str = ""
    message: str = ""
    where: str = ""
    diagnosis: Diagnosis | None = None


def has_full_marks(report: Report) -> bool:
    """Tell whether nothing at all was lost."""
    return report.status is Status.GRADED and 0 < report.max_points <= report.points


def first_thing(report: Report) -> FirstThing | None:
    """Choose what to do first; None when nothing is left for the student."""
    if has_full_marks(report):
        return None
    return next(_things(report), None)


def _things(report: Report) -> Iterator[FirstThing]:
    """List what is to be done: repair, then write, then hand in."""
    for exercise in report.exercises:
        if exercise.status is Status.UNREADABLE:
            yield _whole("Fix this first", f"Your {exercise.name} cannot be loaded", exercise)
        yield from _lines("Fix this first", exercise, Outcome.FAILED)
    for exercise in report.exercises:
        if exercise.status is Status.NOT_STARTED:
            yield _whole("Start here", f"You have not started {exercise.name} yet", exercise)
        else:
            yield from _lines("Write this next", exercise, Outcome.NOT_STARTED)
    for exercise in report.exercises:
        if exercise.status is Status.MISSING:
            yield _whole("Hand this in", f"{exercise.name} was not in your submission", exercise)
    if report.status in {Status.UNREADABLE, Status.NOT_STARTED, Status.MISSING}:
        title = f"This submission is {STATUSES[report.status]}"
        yield FirstThing(heading="Start here", title=title, message="\n".join(report.notes))


def _whole(heading: str, title: str, exercise: ExerciseResult) -> FirstThing:
    return FirstThing(
        heading=heading,
        title=title,
        exercise=exercise.name,
        handout=_handout(exercise) if exercise.status is Status.NOT_STARTED else "",
        message=exercise.message or _COMFORTS.get(exercise.status, ""),
    )


def _lines(heading: str, exercise: ExerciseResult, outcome: Outcome) -> Iterator[FirstThing]:
    for line in exercise.criteria:
        if line.outcome is outcome:
            yield FirstThing(
                heading=heading,
                title=line.title or line.id,
                exercise=exercise.name,
                criterion=line.id,
                handout=_handout(exercise),
                message=reason(line),
                where=place(line.where),
                diagnosis=line.diagnosis,
            )


def _handout(exercise: ExerciseResult) -> str:
    return f"exercises/handouts/{exercise.name}.md"


def lead_in(diagnosis: Diagnosis) -> str:
    """Introduce a diagnosis in words that are as sure as it is."""
    if diagnosis.certainty is Certainty.EXACT:
        return "This is exactly what you get with one known slip:"
    return "This looks like a known slip:"


def how_sure(diagnosis: Diagnosis) -> str:
    """Say what a diagnosis rests on."""
    if diagnosis.certainty is Certainty.EXACT:
        return "Every number you returned agrees with it."
    return "Some of your numbers agree with it, not all: take it as a hint."


def place(where: Where | None) -> str:
    """Say where the first difference is; the message holds the index."""
    if where is None:
        return ""
    parts = [f"output {where.output}"] if where.output else []
    parts += [f"block {where.block}"] if where.block else []
    parts += [f"time step {where.time}"] if where.time is not None else []
    return ", ".join(parts)


def reason(line: CriterionResult) -> str:
    """Give a line's own message, else what its outcome means."""
    return line.message or _REASONS.get(line.outcome, "")


def first_with_bug(exercise: ExerciseResult) -> dict[str, CriterionResult]:
    """Find the line where each slip shows first: it is explained only there."""
    found: dict[str, CriterionResult] = {}
    for line in exercise.criteria:
        if line.diagnosis is not None:
            found.setdefault(line.diagnosis.bug, line)
    return found


def status_sentence(status: Status) -> str:
    """Say what a status means for the student; nothing when graded."""
    return _SENTENCES[status]
