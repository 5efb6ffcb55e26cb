"""A student's page in parts: what is shown of each exercise, and in which words.

A slip is explained where it is charged; every other line that it touches, of
this exercise or a later one, points there. What follows from it is labelled on
each line and explained on the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.model import CriterionResult, Diagnosis, Example, ExerciseResult, Help, Report, Status
from grader.report.heat import HeatTable, heat_table
from grader.report.lines import Kind, grouped, kind, nothing_tried, reason, tally
from grader.report.names import help_anchor, line_anchor
from grader.report.pictures import Figure, figure
from grader.report.plots import Chart, chart
from grader.report.slips import Origin, Slip, charged, slip_of

__all__ = ["Offer", "Offered", "Paragraph", "Section", "Shown", "sections"]

_ABSENT = {Status.MISSING, Status.NOT_STARTED}
_SIMPLE = {Kind.PASSED, Kind.CARRIED}
_TO_DO = {Kind.FAILED, Kind.PARTLY, Kind.NOT_STARTED}

#: By exercise and function.
Offered = Mapping[str, Mapping[str, Help]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line of a rubric, and what is said below it.

    cause: a diagnosis to explain here. origin: where it is explained instead.
    example: to be shown here. shared: the line where the same one is shown.
    """

    line: CriterionResult
    kind: Kind
    anchor: str
    message: str = ""
    cause: Diagnosis | None = None
    origin: Origin | None = None
    example: Example | None = None
    shared: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Help with a function: `help`, where it is offered first; else only where that is."""

    function: str
    anchor: str
    help: Help | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Lines that share a reason; without one, a line that speaks for itself.

    offer: help with what is to be done here.
    """

    lines: tuple[Shown, ...]
    reason: str
    offer: Offer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An exercise that was judged; `number` counts all exercises of the report.

    unfolded: there is something to do, or to look at.
    """

    number: int
    exercise: ExerciseResult
    paragraphs: tuple[Paragraph, ...]
    tally: str
    nothing_tried: bool
    unfolded: bool
    tables: tuple[HeatTable, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]

    @property
    def name(self) -> str:
        """The exercise's name."""
        return self.exercise.name


def sections(report: Report, offered: Offered) -> tuple[Section, ...]:
    """Prepare every exercise there is something to say about."""
    paid = charged(report)
    return tuple(
        _section(number, exercise, paid, offered)
        for number, exercise in enumerate(report.exercises, 1)
        if exercise.status not in _ABSENT
    )


def offered_for(offered: Offered, exercise: str, function: str) -> Help | None:
    """Look up help with a function; of an earlier exercise, if it comes from there."""
    for name in (exercise, *offered):
        if found := offered.get(name, {}).get(function):
            return found
    return None


def _section(
    number: int, exercise: ExerciseResult, paid: Mapping[Slip, Origin], offered: Offered
) -> Section:
    untried = nothing_tried(exercise)
    kinds = {kind(line) for line in exercise.criteria}
    explained: set[tuple[str, str]] = set()
    helped: set[str] = set()
    paragraphs = []
    for group in grouped(exercise.criteria):
        shown = []
        for at, line in zip(group.numbers, group.lines, strict=True):
            anchor = line_anchor(number, at)
            one = _shown(line, anchor, paid, explained)
            shown.append(_with_example(one, number, exercise))
        offer = next(_offers(shown, number, exercise.name, offered, helped), None)
        why = group.bare if untried else group.words
        paragraphs.append(Paragraph(lines=tuple(shown), reason=why, offer=offer))
    return Section(
        number=number,
        exercise=exercise,
        paragraphs=tuple(paragraphs),
        tally=_summary(exercise),
        nothing_tried=untried,
        unfolded=not untried and not kinds <= _SIMPLE,
        tables=tuple(map(heat_table, exercise.pictures)),
        figures=tuple(map(figure, exercise.drawings)),
        charts=tuple(map(chart, exercise.plots)),
    )


def _offers(
    shown: Sequence[Shown], number: int, exercise: str, offered: Offered, helped: set[str]
) -> Iterator[Offer]:
    """Offer help with what a line stopped at, in full where it is first needed.

    helped: functions that help has been offered with; added to.
    """
    for one in shown:
        function = one.line.function
        found = offered_for(offered, exercise, function)
        if one.kind in _TO_DO and found and not one.origin:
            new = function not in helped
            helped.add(function)
            anchor = help_anchor(number, function)
            yield Offer(function=function, anchor=anchor, help=found if new else None)


def _summary(exercise: ExerciseResult) -> str:
    """Say in a line what a folded exercise holds."""
    figures = len(exercise.drawings) + len(exercise.plots)
    more = f"; {figures} figure{'' if figures == 1 else 's'}" if figures else ""
    return tally(exercise.criteria) + more


def _shown(
    line: CriterionResult,
    anchor: str,
    paid: Mapping[Slip, Origin],
    explained: set[tuple[str, str]],
) -> Shown:
    """Decide what is said below a line.

    explained: what was said of this exercise's carried lines; added to.
    """
    what, message, cause = kind(line), reason(line), line.diagnosis
    if what is Kind.CARRIED:
        same = (line.message, cause.bug if cause else "")
        if same in explained:
            return Shown(line=line, kind=what, anchor=anchor)
        explained.add(same)
        message = _carried(line)
    origin = paid.get(slip_of(cause)) if cause else None
    if origin and origin.anchor == anchor:
        origin = None
    return Shown(
        line=line,
        kind=what,
        anchor=anchor,
        message=message,
        cause=cause if origin is None else None,
        origin=origin,
    )


def _with_example(shown: Shown, number: int, exercise: ExerciseResult) -> Shown:
    """Add the example of a line, or where it is shown, unless its slip points there already."""
    example = shown.line.example
    if example is None or not example.same_as:
        return replace(shown, example=example)
    for at, line in enumerate(exercise.criteria, 1):
        if line.id == example.same_as:
            there = Origin(
                title=line.title or line.id, exercise=exercise.name, anchor=line_anchor(number, at)
            )
            return shown if there == shown.origin else replace(shown, shared=there)
    return shown


def _carried(line: CriterionResult) -> str:
    """Say why points are given for numbers that differ from the reference's."""
    why = line.message or "your numbers are exactly what one slip explains"
    return f"{why[0].upper()}{why[1:]}, so it is not charged again."
