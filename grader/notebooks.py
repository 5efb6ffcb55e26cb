"""Notebooks made of what there is anyway: a handout, a stub or a solution, questions.

Pure: equal texts, equal bytes. The cells of a program, put together again, are
the program, in its order; a handout is parted so that each function's cell
follows what is said about it.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.errors import AuthoringError
from grader.stub import BEGIN, END, HEADER

__all__ = [
    "HELPER",
    "Cell",
    "Question",
    "as_notebook",
    "check_cell",
    "laid_out",
    "questions_of",
    "student_notebook",
    "written_cells",
]

#: The file beside every notebook that runs checks and finds earlier exercises.
HELPER = "carousel.py"
#: What nbgrader puts where an answer was cut out.
ANSWER = "YOUR ANSWER HERE"
#: Imports and constants, what is no function.
SETTING = "setting"
_HEADING = re.compile(r"#{1,6} ")
_FENCE = re.compile(r"\s*(```|~~~)")
_CALLED = re.compile(r"`(\w+)\(")
_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)
_QUESTION = re.compile(r"## (?P<title>.+) \((?P<points>\d+) points?\)")
_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell. nbgrader: its metadata there, if any."""

    text: str
    code: bool = False
    id: str = ""
    nbgrader: Mapping[str, object] = field(default_factory=dict)

    @property
    def has_hole(self) -> bool:
        """Whether the instructor's version has something that is cut out."""
        return BEGIN in self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that a person reads the answers to. answer: what a full one has."""

    id: str
    title: str
    points: int
    text: str
    answer: str


def student_notebook(name: str, handout: str, stub: str, written: str = "") -> bytes:
    """Make the notebook of an exercise for its student.

    written: what is asked in words, with the answers, which are left out.
    """
    # what the file says of itself is about the file
    source = stub.removeprefix(HEADER.format(file=f"{name}.py"))
    return as_notebook([*laid_out(name, handout, source), *written_cells(name, written)])


def as_notebook(cells: Sequence[Cell]) -> bytes:
    """Write cells as Jupyter itself would save them."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": [_cell(cell, number) for number, cell in enumerate(cells, 1)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def _cell(cell: Cell, number: int) -> dict[str, object]:
    metadata = {"nbgrader": dict(cell.nbgrader)} if cell.nbgrader else {}
    made: dict[str, object] = {
        "cell_type": "code" if cell.code else "markdown",
        "id": _NO_ID.sub("-", f"{number:03}-{cell.id}".rstrip("-"))[:_LONGEST_ID],
        "metadata": metadata,
        "source": cell.text.splitlines(keepends=True),
    }
    return made | ({"execution_count": None, "outputs": []} if cell.code else {})


def laid_out(name: str, handout: str, source: str) -> list[Cell]:
    """Part a handout and a program into cells, and check after each function that is to write.

    source: a stub or a solution. Its cells keep their order.
    """
    program = list(_program(source))
    of = {f: k for k, one in enumerate(program) for f in _FUNCTION.findall(one.text)}
    sections = list(_sections(handout))
    places = [max((of[f] for f in _about(each) if f in of), default=-1) for each in sections]
    done = next((k for k, one in enumerate(program) if one.id != SETTING), len(program))
    head, *_ = sections
    cells = [Cell(text=head, id="text"), check_cell(name, "setup"), *program[:done]]
    # what no section names comes after the last function that one names
    last = max((k for k, place in enumerate(places) if place >= 0), default=len(sections) - 1)
    for k, section in enumerate(sections):
        if k:
            cells.append(Cell(text=section, id="text"))
        until = len(program) if k == last else places[k] + 1
        if until > done:
            cells += [*program[done:until], check_cell(name)]
            done = until
    return cells


def check_cell(name: str, what: str = "check") -> Cell:
    """Make the cell that runs the public checks; no program of its own, for the grader."""
    words = {
        "setup": "# Run me first: earlier exercises can be imported then.",
        "check": "# Save (Ctrl+S), then run me: the public checks on what is saved here.",
    }[what]
    return Cell(text=f"{words}\n%run {HELPER} {what} {name}", code=True, id=f"{what}-{name}")


def _about(section: str) -> list[str]:
    """List the functions a section is about: those of its heading, else those it calls."""
    heading, _, body = section.partition("\n")
    if not heading.startswith("###"):
        return []
    return _CALLED.findall(heading) or _CALLED.findall(body)


def _sections(text: str) -> Iterator[str]:
    """Part a Markdown text at its headings; a # within code is none."""
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        if _HEADING.match(line) and not fenced and lines:
            yield "\n".join(lines).strip()
            lines = []
        lines.append(line)
    yield "\n".join(lines).strip()


def _program(source: str) -> Iterator[Cell]:
    """Part a program at its functions; what stands before one belongs to it."""
    lines = source.splitlines(keepends=True)
    ends: list[tuple[int, str]] = []
    for node in ast.parse(source).body:
        kind = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""
        if ends and not kind and not ends[-1][1]:
            ends.pop()
        ends.append((_with_marker(lines, node.end_lineno or 0), kind))
    start = 0
    for end, kind in ends:
        text = "".join(lines[start:end]).strip("\n")
        yield Cell(text=text, code=True, id=f"code-{kind}" if kind else SETTING)
        start = end
    if rest := "".join(lines[start:]).strip():
        yield Cell(text=rest, code=True, id=SETTING)


def _with_marker(lines: Sequence[str], end: int) -> int:
    """Keep the marker that closes a block together with it."""
    for k in range(end, len(lines)):
        text = lines[k].strip()
        if text == END:
            return k + 1
        if text and not lines[k][0].isspace():
            break
    return end


# --- what is asked in words -----------------------------------------------------------


def questions_of(text: str, where: str) -> tuple[str, tuple[Question, ...]]:
    """Read questions: what stands above them, and each with what a full answer has.

    Raises:
        AuthoringError: a heading without points, or a question without an answer.
    """
    above, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    found = []
    for part in parts:
        heading, _, body = part.partition("\n")
        match = _QUESTION.fullmatch(heading.strip())
        asked, begin, rest = body.partition(BEGIN)
        answer, end, _ = rest.partition(END)
        if not match or not begin or not end:
            message = (
                f"{where}: {heading.strip()!r}: write `## Title (4 points)`, the question, and "
                f"what a full answer has between {BEGIN} and {END}"
            )
            raise AuthoringError(message)
        found.append(
            Question(
                id=f"answer-{_NO_ID.sub('-', match['title'].lower()).strip('-')}",
                title=match["title"], points=int(match["points"]), text=asked.strip(),
                answer=answer.strip(),
            )
        )  # fmt: skip
    return above.strip(), tuple(found)


def written_cells(name: str, text: str, *, private: bool = False) -> Iterator[Cell]:
    """Make the cells of questions; the answers are in them for the instructor alone.

    private: an answer cell is nbgrader's manually graded one, with what a full answer has.
    """
    if not text:
        return
    above, questions = questions_of(text, f"solutions/written/{name}.md")
    yield Cell(text=above, id="written")
    for one in questions:
        worth = "1 point" if one.points == 1 else f"{one.points} points"
        yield Cell(text=f"### {one.title} ({worth})\n\n{one.text}", id="question")
        if not private:
            yield Cell(text=ANSWER, id=one.id)
            continue
        metadata = {
            "schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False,
            "grade_id": one.id, "points": one.points,
        }  # fmt: skip
        text = f"{BEGIN}\n{one.answer}\n{END}"
        yield Cell(text=text, id=one.id, nbgrader=metadata)
