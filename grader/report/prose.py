"""One line of a rubric in Markdown: what is wrong, why, and the smallest example."""

from collections.abc import Iterator, Sequence
from itertools import islice

from grader.model import BlockMap, CriterionResult, Example, Outcome, Report, Status
from grader.report.escaped import block, cell, inline
from grader.report.examples import above, below, resolved
from grader.report.heat import heat_table
from grader.report.lines import Kind, kind, reason
from grader.report.text import plain
from grader.report.wording import how_sure, lead_in

__all__ = ["checks_markdown", "details", "example_markdown", "heat_markdown", "line_of"]


def details(line: CriterionResult, lines: Sequence[CriterionResult], *, brief: bool = False) -> str:
    """Write what there is to say about a line.

    lines: the whole rubric, where an example may stand. brief: without examples.
    """
    return "\n\n".join(_paragraphs(line, lines, brief=brief))


def _paragraphs(
    line: CriterionResult, lines: Sequence[CriterionResult], *, brief: bool
) -> Iterator[str]:
    what = kind(line)
    for part in plain(reason(line)).splitlines():
        if part.strip():
            yield inline(part)
    if what is Kind.CARRIED:
        yield "Carried forward: it follows from a slip charged elsewhere, and costs nothing."
    if what is Kind.REVIEW:
        yield "The points stand until your instructor has looked."
    if line.diagnosis:
        yield f"**{inline(lead_in(line.diagnosis))}** {inline(line.diagnosis.says)}"
        if what is not Kind.CARRIED:
            yield inline(how_sure(line.diagnosis))
    example = resolved(line.example, lines)
    if example and not brief:
        if line.example and line.example.same_as:
            title = next((one.title for one in lines if one.id == line.example.same_as), "")
            yield f"The example at “{inline(title)}” shows this, too."
        else:
            yield example_markdown(example)


def example_markdown(example: Example) -> str:
    """Write an example: lines to paste, and the calculation by hand."""
    parts = [inline(above(example))]
    if example.code:
        parts.append(block("\n".join(example.code), "python"))
    if example.by_hand:
        parts += [inline(below(example)), "\n".join(f"- {inline(row)}" for row in example.by_hand)]
    return "\n\n".join(parts)


def heat_markdown(picture: BlockMap) -> str:
    """Write a heat map as a table of its numbers."""
    table = heat_table(picture)
    head = [picture.row_label, *picture.columns]
    rows = [[name, *(one.text for one in cells)] for name, cells in table.rows]
    lines = [f"| {' | '.join(map(cell, row))} |" for row in (head, *rows)]
    rule = f"|---|{'--:|' * len(picture.columns)}"
    words = f"**{inline(picture.title)}** {inline(picture.caption)} {inline(table.gist)}"
    return "\n".join([words, "", lines[0], rule, *lines[1:]])


def checks_markdown(report: Report) -> str:
    """Write a student's own check: a row per exercise that was begun, and what fails first."""
    rows, parts = ["| exercise | passed | of |", "|---|--:|--:|"], []
    for each in report.exercises:
        if each.status in {Status.NOT_STARTED, Status.MISSING}:
            continue
        passed = sum(line.outcome is Outcome.PASSED for line in each.criteria)
        rows.append(f"| {cell(each.name)} | {passed} | {each.asked} |")
        if each.status is Status.UNREADABLE:
            parts.append(f"**{inline(each.name)}**: {inline(each.message)}")
        failed = (line for line in each.criteria if line.outcome is Outcome.FAILED)
        for line in islice(failed, 1):
            title = inline(line.title or line.id)
            parts.append(f"**{inline(each.name)}**: {title}\n\n{details(line, each.criteria)}")
    begun = "\n".join(rows) if len(rows) > 2 else "Nothing is begun yet."  # noqa: PLR2004
    after = "These checks are public, and not the grade."
    return "\n\n".join(["## Public checks", begun, *parts, after]) + "\n"


def line_of(text: str) -> int:
    """Find the line of the student's file that a message quotes; 0 if it quotes none."""
    _, found, rest = text.rpartition("(line ")
    number = rest.partition(":")[0].partition(")")[0]
    return int(number) if found and number.isdecimal() and len(number) < 7 else 0  # noqa: PLR2004
