"""Marks for people: a table on the terminal, a CSV, a page per student."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.mark import Mark
from grader.mark_changes import MarkChange
from grader.report.escaped import no_formula
from grader.report.text import encodable, one_line, plain

__all__ = ["marks_csv", "marks_of", "print_mark_changes", "print_marks"]

_WHOM = ("name", "email", "section", "team")


def marks_of(marks: Iterable[Mark]) -> dict[str, tuple[Mark, ...]]:
    """Put the marks of each student together, in their own order."""
    found: dict[str, tuple[Mark, ...]] = {}
    for one in marks:
        found[one.student] = (*found.get(one.student, ()), one)
    return found


def marks_csv(marks: Iterable[Mark]) -> str:
    """Write a line per student: who, each assignment, total, and what there was to get.

    An excused assignment is “EX”.
    """
    students = marks_of(marks)
    names = list(dict.fromkeys(one.assignment for row in students.values() for one in row))
    titles = [name or "points" for name in names]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["id", *_WHOM, *titles, "total", "max"])
    for student, row in students.items():
        whom = [getattr(row[0], key) for key in _WHOM]
        given = {one.assignment: "EX" if one.excused else str(one.points) for one in row}
        total = sum((one.points for one in row), Decimal(0))
        most = sum(one.max_points for one in row)
        cells = [*map(no_formula, (student, *whom)), *(given.get(name, "") for name in names)]
        table.writerow([*cells, str(total), str(most)])
    return text.getvalue()


def print_marks(marks: Sequence[Mark], console: Console) -> None:
    """Print a line per student, section by section, and what is not final."""
    students = marks_of(marks)
    names = list(dict.fromkeys(one.assignment for one in marks))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("student", "name", "section"):
        table.add_column(heading)
    for name in (*(name or "points" for name in names), "total", "of"):
        table.add_column(Text(name), justify="right")
    for student in sorted(students, key=lambda key: (students[key][0].section, key)):
        row = students[student]
        by_name = {one.assignment: one for one in row}
        cells = [_cell(by_name.get(name)) for name in names]
        total = sum((one.points for one in row), Decimal(0))
        first = row[0]
        table.add_row(
            *(
                Text(encodable(one_line(text), console.encoding))
                for text in (student, first.name, first.section)
            ),
            *cells, Text(f"{total:f}"), Text(str(sum(one.max_points for one in row))),
        )  # fmt: skip
    console.print(table)
    for one in marks:
        if not one.final:
            words = f"not final: {one.student} {one.assignment}: a part of it needs attention"
            _say(words, console, "yellow")


def _cell(mark: Mark | None) -> Text:
    if mark is None:
        return Text("")
    words = "EX" if mark.excused else f"{mark.points:f}"
    return Text(words if mark.final else f"{words}?", style="" if mark.final else "yellow")


def print_mark_changes(changes: Sequence[MarkChange], console: Console) -> None:
    """Print who gained and who lost, and why."""
    for change in changes:
        sides = zip((change.before, change.after), change.of, strict=True)
        points = " → ".join("nothing" if p is None else f"{p:f} of {most}" for p, most in sides)
        head = f"{change.student}  {change.assignment}  {change.gained:+f}  ({points})"
        _say(head, console, "bold")
        for cause in change.causes:
            _say(f"    {one_line(cause)}", console)
    if not changes:
        console.print("No mark has changed.")


def _say(words: str, console: Console, style: str = "") -> None:
    line = encodable(plain(words), console.encoding)
    console.print(Text(line, style=style), soft_wrap=True)
