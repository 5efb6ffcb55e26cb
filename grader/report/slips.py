"""Known slips in a report: which line pays for each, and where it is explained."""

from dataclasses import dataclass

from grader.model import Diagnosis, Outcome, Report
from grader.report.names import line_anchor

__all__ = ["Origin", "Slip", "charged", "slip_of"]

#: A bug's name and its sentence: two exercises may give different slips the same name.
Slip = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The line where a slip is charged, and so explained."""

    title: str
    exercise: str
    anchor: str


def slip_of(diagnosis: Diagnosis) -> Slip:
    """Name the slip of a diagnosis, however sure it is."""
    return diagnosis.bug, diagnosis.says


def charged(report: Report) -> dict[Slip, Origin]:
    """Find the line that pays for each slip: the first lost to it, whatever the exercise."""
    found: dict[Slip, Origin] = {}
    for number, exercise in enumerate(report.exercises, 1):
        for at, line in enumerate(exercise.criteria, 1):
            if line.diagnosis and line.outcome is Outcome.FAILED:
                origin = Origin(
                    title=line.title or line.id,
                    exercise=exercise.name,
                    anchor=line_anchor(number, at),
                )
                found.setdefault(slip_of(line.diagnosis), origin)
    return found
