"""The lines of a rubric as a student meets them: what is said, and said once.

A report gives a reason to every line that was not tried. Eleven lines that
wait for the same file, or for one another, have one reason to read.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.model import CriterionResult, ExerciseResult, Outcome, Status

__all__ = ["VERDICTS", "Group", "Kind", "grouped", "kind", "nothing_tried", "reason", "tally"]


class Kind(StrEnum):
    """What a line is to its reader: its outcome, and what else it says."""

    PASSED = "passed"
    CARRIED = "carried"
    REVIEW = "review"
    PARTLY = "partly"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_STARTED = "not_started"
    ERROR = "error"


VERDICTS = {
    Kind.PASSED: "Passed",
    Kind.CARRIED: "Carried forward",
    Kind.REVIEW: "To be reviewed",
    Kind.PARTLY: "Partly",
    Kind.FAILED: "Not yet",
    Kind.SKIPPED: "Not tried",
    Kind.NOT_STARTED: "Not written",
    Kind.ERROR: "Our error",
}
_REASONS = {
    Outcome.SKIPPED: "This builds on an earlier line that is not right yet, so it was not tried.",
    Outcome.NOT_STARTED: "Still the empty function you were given.",
    Outcome.ERROR: "Our grader failed on this line. It is not your fault, and not final.",
}
_UNTRIED = {Outcome.SKIPPED, Outcome.NOT_STARTED}
_QUOTED = re.compile("“([^”]*)”")
# what several functions need may be one thing
_NEEDS = re.compile(r"not tried: (`\w+`) needs (your earlier work: .*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that were not tried for one reason; or a line that speaks for itself.

    numbers: where the lines stand in the rubric, from 1.
    """

    numbers: tuple[int, ...]
    lines: tuple[CriterionResult, ...]
    reason: str = ""

    @property
    def words(self) -> str:
        """The reason as said once for all lines: "2 lines not tried: ..."."""
        if not self.reason or len(self.lines) == 1:
            return self.reason
        between = " " if self.reason.startswith("not ") else ": "
        return f"{_lines(self.lines)}{between}{self.reason}"

    @property
    def bare(self) -> str:
        """The reason where it is clear that nothing was tried."""
        return self.reason.removeprefix("not tried: ")


def kind(line: CriterionResult) -> Kind:
    """Tell what a line is to its reader."""
    if line.outcome is Outcome.PASSED:
        if line.review:
            return Kind.REVIEW
        return Kind.CARRIED if line.carried_forward else Kind.PASSED
    if line.outcome is Outcome.FAILED and line.points > 0:
        return Kind.PARTLY
    return Kind(line.outcome)


def reason(line: CriterionResult) -> str:
    """Give a line's own message, else what its outcome means."""
    return line.message or _REASONS.get(line.outcome, "")


def grouped(lines: Sequence[CriterionResult]) -> tuple[Group, ...]:
    """Gather the lines that were not tried by reason, each group at its first line.

    A line that only waits for lines which were not tried either has their
    reason. What was tried stays alone, in the order of the rubric.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, 1):
        key: tuple[str, ...] = (str(number),)
        if line.outcome in _UNTRIED:
            waits_for = [keys.get(title, ()) for title in _QUOTED.findall(line.message)]
            key = waits_for[0] if waits_for and all(waits_for) else _key(line)
            keys[line.title] = key
        groups.setdefault(key, []).append(number)
    return tuple(
        _group(numbers, [lines[number - 1] for number in numbers]) for numbers in groups.values()
    )


def nothing_tried(exercise: ExerciseResult) -> bool:
    """Tell whether there was something to judge, and not one line of it could be tried."""
    outcomes = {line.outcome for line in exercise.criteria}
    return exercise.status is Status.GRADED and bool(outcomes) and outcomes <= _UNTRIED


def tally(lines: Sequence[CriterionResult]) -> str:
    """Count the lines by verdict: "15 lines: 5 passed, 8 not yet, 2 not tried"."""
    found = Counter(map(kind, lines))
    if set(found) == {Kind.PASSED}:
        return f"All {_lines(lines)} passed"
    parts = ", ".join(f"{found[one]} {VERDICTS[one].lower()}" for one in Kind if found[one])
    return f"{_lines(lines)}: {parts}"


def _key(line: CriterionResult) -> tuple[str, ...]:
    needs = _NEEDS.fullmatch(line.message)
    return (line.outcome, needs[2] if needs else reason(line))


def _group(numbers: Sequence[int], lines: Sequence[CriterionResult]) -> Group:
    why = reason(lines[0]) if lines[0].outcome in _UNTRIED else ""
    needs = [found for line in lines if (found := _NEEDS.fullmatch(line.message))]
    functions = dict.fromkeys(found[1] for found in needs)
    if len(functions) > 1:
        why = f"not tried: {' and '.join(functions)} need {needs[0][2]}"
    return Group(numbers=tuple(numbers), lines=tuple(lines), reason=why)


def _lines(lines: Sequence[object]) -> str:
    count = len(lines)
    return f"{count} line{'' if count == 1 else 's'}"
