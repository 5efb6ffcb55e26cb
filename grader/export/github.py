"""GitHub: a step summary in Markdown, and remarks at the lines of the student's files.

Markdown goes to --to, and what is there stays (a summary is appended to);
the remarks are workflow commands, printed. What does not go to the summary of the
step that runs may become a comment on a pull request, and is short enough for one.
"""

from collections.abc import Iterator, Sequence

from grader.export.material import Exported, Material, Order, Told, named
from grader.export.wording import NOT_FINAL, fraction
from grader.mark import ExerciseMark
from grader.model import ExerciseResult, Outcome
from grader.report.annotations import annotations, commands
from grader.report.escaped import cell, inline, markup
from grader.report.lines import VERDICTS, kind
from grader.report.prose import details
from grader.report.wording import status_sentence

__all__ = ["COMMENT", "SUMMARY", "github"]

#: GitHub throws a summary away above 1024 KiB, and refuses a comment of more than 65,536
#: characters; both in bytes.
SUMMARY, COMMENT = 1_000_000, 65_000
_REST = "\n\nThe rest is too long for GitHub; it is in the results.\n"
_FOLDED = "<details><summary>{}</summary>\n\n{}\n\n</details>"


def github(material: Material, order: Order) -> Exported:
    """Write a summary, and remarks where one student is graded; into a folder, a file each."""
    room = SUMMARY if str(order.to) == order.environment.get("GITHUB_STEP_SUMMARY") else COMMENT
    if order.folder:
        files = {
            named(order, one, ".md", alone=False): _alone(one, room).encode()
            for one in material.told
        }
        return Exported(files=files)
    one = material.told[0] if len(material.told) == 1 else None
    text = _alone(one, room) if one else _table(material.told, room)
    said = commands(annotations(one.exercises, order.sources)) if one else ""
    return Exported(files={"": text.encode()}, append=True, said=said)


def _alone(told: Told, room: int) -> str:
    """Write one student's summary, with as much detail as there is room for."""
    parts: list[str] = []
    for brief, lost_only in ((False, False), (True, False), (True, True)):
        parts = list(_student(told, brief=brief, lost_only=lost_only))
        if _size(parts, "\n\n") <= room:
            break
    return _fitted(parts, "\n\n", room)


def _table(told: Sequence[Told], room: int) -> str:
    """Write a class: a row per student and assignment."""
    lines = ["## Marks", "", "| student | assignment | points | of |", "|---|---|--:|--:|"]
    for one in told:
        mark = one.mark
        points = "EX" if mark.excused else f"{mark.points:f}"
        points += "" if mark.final else " (not final)"
        who = " ".join(filter(None, (mark.student, mark.name)))
        lines.append(f"| {cell(who)} | {cell(mark.assignment)} | {points} | {mark.max_points} |")
    return _fitted(lines, "\n", room)


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


def _size(parts: Sequence[str], between: str) -> int:
    return len(between.join(parts).encode()) + 1


def _fitted(parts: Sequence[str], between: str, room: int) -> str:
    """Keep whole parts from the beginning, as many as GitHub takes."""
    if _size(parts, between) <= room:
        return between.join(parts) + "\n"
    left, kept = room - len(_REST), 0
    for part in parts:
        left -= _size([part], "") + len(between)
        if left < 0:
            break
        kept += 1
    return between.join(parts[:kept]) + _REST
