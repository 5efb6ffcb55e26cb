"""GitHub: a step summary in Markdown, and remarks at the lines of the student's files.

Markdown goes to --to, and what is there stays (a summary is appended to);
the remarks are workflow commands, printed. The same Markdown serves as a comment
on a pull request.
"""

from collections.abc import Iterator, Sequence

from grader.export.material import Exported, Material, Order, Told
from grader.export.wording import NOT_FINAL, fraction
from grader.mark import ExerciseMark
from grader.model import ExerciseResult, Outcome
from grader.report.annotations import annotations, commands
from grader.report.escaped import cell, inline, markup
from grader.report.lines import VERDICTS, kind
from grader.report.prose import details
from grader.report.wording import status_sentence

__all__ = ["LARGEST", "github"]

#: GitHub throws a summary away above 1024 KiB; a comment may have 65536 characters.
LARGEST = 1_000_000
_FOLDED = "<details><summary>{}</summary>\n\n{}\n\n</details>"


def github(material: Material, order: Order) -> Exported:
    """Write a summary, and remarks where one student is graded."""
    one = material.told[0] if len(material.told) == 1 else None
    text = _alone(one) if one else _table(material.told)
    said = commands(annotations(one.exercises, order.sources)) if one else ""
    return Exported(files={"": text.encode()}, append=True, said=said)


def _alone(told: Told) -> str:
    """Write one student's summary, with as much detail as there is room for."""
    for brief, lost_only in ((False, False), (True, False), (True, True)):
        text = "\n\n".join(_student(told, brief=brief, lost_only=lost_only)) + "\n"
        if len(text.encode()) <= LARGEST:
            return text
    return _cut("\n\n".join(_head(told)) + "\n")


def _table(told: Sequence[Told]) -> str:
    """Write a class: a row per student and assignment."""
    lines = ["## Marks", "", "| student | assignment | points | of |", "|---|---|--:|--:|"]
    for one in told:
        mark = one.mark
        points = "EX" if mark.excused else f"{mark.points:f}"
        points += "" if mark.final else " (not final)"
        who = " ".join(filter(None, (mark.student, mark.name)))
        lines.append(f"| {cell(who)} | {cell(mark.assignment)} | {points} | {mark.max_points} |")
    return _cut("\n".join(lines) + "\n")


def _head(told: Told) -> Iterator[str]:
    mark = told.mark
    name = f" for {inline(mark.title or mark.assignment)}" if mark.assignment else ""
    yield f"## {fraction(mark.points, mark.max_points)} points{name}"
    if not mark.final:
        yield f"**{NOT_FINAL}**"
    rows = ["| exercise | points | of | |", "|---|--:|--:|---|"]
    for one in mark.exercises:
        if one.max_points or one.points:
            why = cell("; ".join(one.why))
            rows.append(f"| {cell(one.name)} | {one.points:f} | {one.max_points} | {why} |")
    yield "\n".join(rows)
    if mark.why:
        yield "\n".join(f"- {inline(why)}" for why in mark.why)


def _student(told: Told, *, brief: bool, lost_only: bool) -> Iterator[str]:
    yield from _head(told)
    for mark, seen in told.pairs:
        if seen.criteria or seen.message:
            yield from _exercise(told, mark, seen, brief=brief, lost_only=lost_only)


def _exercise(
    told: Told, mark: ExerciseMark, seen: ExerciseResult, *, brief: bool, lost_only: bool
) -> Iterator[str]:
    yield f"### {inline(seen.name)}: {fraction(mark.points, mark.max_points)}"
    for words in (status_sentence(seen.status), seen.message):
        if words:
            yield inline(words)
    rows = []
    for line in told.lines(mark, seen):
        if lost_only and line.mark.points >= line.mark.max_points:
            continue
        verdict = VERDICTS[kind(line.seen)]
        title = cell(line.seen.title or line.seen.id)
        rows.append(f"| {verdict} | {line.mark.points}/{line.mark.max_points} | {title} |")
    if rows:
        yield "\n".join(["| | points | line |", "|---|--:|---|", *rows])
    for one in seen.criteria:
        if one.outcome is Outcome.FAILED:
            words = details(one, seen.criteria, brief=brief)
            if words:
                yield _FOLDED.format(markup(one.title or one.id), words)


def _cut(text: str) -> str:
    """Keep whole lines, as many as GitHub takes."""
    data = text.encode()
    if len(data) <= LARGEST:
        return text
    kept = data[:LARGEST].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n\nThe rest is too long for GitHub; it is in the results.\n"
