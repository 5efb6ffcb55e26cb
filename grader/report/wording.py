"""What a report says in words, the same on a terminal and on a page."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import (
    Certainty,
    Diagnosis,
    Example,
    ExerciseResult,
    Outcome,
    Report,
    Status,
    Where,
)
from grader.report.examples import resolved
from grader.report.lines import Kind, kind, reason

__all__ = [
    "STATUSES",
    "FirstThing",
    "absent",
    "first_thing",
    "has_full_marks",
    "how_sure",
    "lead_in",
    "place",
    "status_sentence",
    "still_open",
]

STATUSES = {
    Status.GRADED: "graded",
    Status.NOT_STARTED: "not started",
    Status.MISSING: "missing",
    Status.UNREADABLE: "unreadable",
    Status.NEEDS_ATTENTION: "needs attention",
}

_SENTENCES = {
    Status.GRADED: "",
    Status.NOT_STARTED: "You have not started this one yet.",
    Status.MISSING: "This was not in what you handed in.",
    Status.UNREADABLE: "Your file cannot be loaded, so nothing in it could be tried.",
    Status.NEEDS_ATTENTION: (
        "Our grader failed here. Your marks are not final; your instructor has been told."
    ),
}
_SAYS_WHERE = re.compile(r"\b(is|are) wrong\b")
_COMFORTS = {
    Status.NOT_STARTED: "Nothing is wrong: the file is still the one you were given.",
    Status.MISSING: "If you did write it, check its name and hand in again.",
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
    example: Example | None = None


def has_full_marks(report: Report) -> bool:
    """Tell whether nothing at all was lost."""
    return report.status is Status.GRADED and 0 < report.max_points <= report.points


def first_thing(report: Report) -> FirstThing | None:
    """Choose what to do first; None when nothing is left for the student."""
    if has_full_marks(report):
        return None
    return next(_things(report), None)


def still_open(report: Report) -> tuple[str, ...]:
    """Say what full marks leave to be said: what waits for eyes, what was not charged."""
    kinds = Counter(kind(line) for each in report.exercises for line in each.criteria)
    review, carried = kinds[Kind.REVIEW], kinds[Kind.CARRIED]
    sentences = []
    if review:
        what = "One line waits" if review == 1 else f"{review} lines wait"
        sentences.append(f"{what} for your instructor to look: no rule could judge it.")
    if carried:
        what = "One line follows" if carried == 1 else f"{carried} lines follow"
        sentences.append(f"{what} from a slip in earlier work. That costs nothing here.")
    return tuple(sentences)


def absent(report: Report) -> tuple[str, ...]:
    """Name what there is nothing to say about: a line per status."""
    idle = [each for each in report.exercises if each.status is Status.NOT_STARTED]
    gone = [each for each in report.exercises if each.status is Status.MISSING]
    lines = []
    if idle:
        names = ", ".join(f"{each.name} ({each.max_points} points)" for each in idle)
        lines.append(f"Not started: {names}")
    if gone:
        lines.append(f"Not in this submission: {', '.join(each.name for each in gone)}")
    return tuple(lines)


def _things(report: Report) -> Iterator[FirstThing]:
    """List what is to be done: repair, then write, then hand in."""
    for exercise in report.exercises:
        if exercise.status is Status.UNREADABLE:
            yield _whole("Fix this first", f"Your {exercise.name} cannot be loaded", exercise)
        yield from _lines("Fix this first", exercise, Outcome.FAILED)
    wanted = [each for each in report.exercises if _is_waited_for(each.name, report)]
    for exercise in (*wanted, *report.exercises):
        if exercise.status is Status.NOT_STARTED:
            yield _whole("Start here", f"You have not started {exercise.name} yet", exercise)
        elif exercise.status is Status.MISSING and exercise in wanted:
            yield _whole("Hand this in", f"Other work needs your {exercise.name}", exercise)
        else:
            yield from _lines("Write this next", exercise, Outcome.NOT_STARTED)
    for exercise in report.exercises:
        if exercise.status is Status.MISSING:
            yield _whole("Hand this in", f"{exercise.name} was not in your submission", exercise)
    for exercise in report.exercises:
        yield from _lines("This has to wait", exercise, Outcome.SKIPPED)
    if report.status in {Status.UNREADABLE, Status.NOT_STARTED, Status.MISSING}:
        title = f"This submission is {STATUSES[report.status]}"
        yield FirstThing(heading="Start here", title=title, message="\n".join(report.notes))


def _is_waited_for(name: str, report: Report) -> bool:
    """Tell whether a line was not tried because of this exercise's file."""
    file = re.compile(rf"(?<!\w){re.escape(name)}\.(py|ipynb)\b")
    return any(
        line.outcome is Outcome.SKIPPED and file.search(line.message)
        for exercise in report.exercises
        if exercise.name != name
        for line in exercise.criteria
    )


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
                # a message that says what is wrong has said where
                where="" if _SAYS_WHERE.search(line.message) else place(line.where),
                diagnosis=line.diagnosis,
                example=resolved(line.example, exercise.criteria),
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


def status_sentence(status: Status) -> str:
    """Say what a status means for the student; nothing when graded."""
    return _SENTENCES[status]
