"""Cutting a student's stub out of a solution.

A solution marks what the student is to write with nbgrader's words,
`### BEGIN SOLUTION` and `### END SOLUTION`. The stub is the same file with
every marked block replaced by a hole. One pass over lines; no parsing.

Where students are to mend code instead of writing it, a block says itself what
stands in its place, as comments below a third marker:

    ### BEGIN SOLUTION
    return a - b
    ### STUB
    # return a + b
    ### END SOLUTION
"""

import re
from dataclasses import dataclass

from grader.errors import AuthoringError

__all__ = ["HOLE", "is_stub", "make_stub", "written_anew"]

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
INSTEAD = "### STUB"
HOLE = ("# YOUR CODE HERE", 'raise NotImplementedError("{name}")')
HEADER = "# Fill in the holes of {file}; keep the names.\n"
MENDED = "# Mend what is broken in {file}; keep the names.\n"
#: A docstring, which stays where code is written anew.
_TEXT = re.compile(r'"""[^"]*"""')


@dataclass(slots=True)
class _Block:
    """A marked block that is being read; shown: what it shows instead, line by line."""

    line: int
    indent: str
    shown: list[str] | None = None

    def take(self, line: str, place: str) -> None:
        """Read one more line of the block; only what is below STUB matters."""
        text = line.strip()
        if self.shown is None:
            return
        if text[:2] not in {"#", "# "}:
            message = f"{place}: below STUB stand comments, which become the stub's lines"
            raise AuthoringError(message)
        self.shown.append(f"{self.indent}{text[2:]}\n" if text[2:] else "\n")

    def instead(self, name: str) -> list[str]:
        """List what the stub has in its place."""
        if self.shown is None:
            return [f"{self.indent}{part.format(name=name)}\n" for part in HOLE]
        return self.shown


def make_stub(source: str, file: str) -> str:
    """Replace every marked block by a hole, or by the text it shows instead.

    Both stand at the indentation of BEGIN SOLUTION.

    Raises:
        AuthoringError: markers are nested or unpaired, or what is shown
            instead is no comment; names file and line.
    """
    lines: list[str] = []
    block: _Block | None = None
    name = file
    holes = mended = False
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        text, place = line.strip(), f"solutions/{file}:{number}"
        _expect_in_order(text, block, place)
        if text == BEGIN:
            block = _Block(number, line[: len(line) - len(line.lstrip())])
        elif block and text == INSTEAD:
            block.shown = []
        elif block and text == END:
            lines += block.instead(name)
            holes, mended = holes or block.shown is None, mended or block.shown is not None
            block = None
        elif block:
            block.take(line, place)
        else:
            lines.append(line)
            if text.startswith("def "):
                name = text.removeprefix("def ").partition("(")[0]
    if block:
        message = f"solutions/{file}:{block.line}: BEGIN SOLUTION is never closed; add END SOLUTION"
        raise AuthoringError(message)
    header = MENDED if mended and not holes else HEADER
    return "".join([header.format(file=file), *lines])


def _expect_in_order(text: str, block: _Block | None, place: str) -> None:
    """Refuse a marker that does not belong where it is."""
    message = ""
    if text == BEGIN and block:
        message = f"BEGIN SOLUTION inside the block of line {block.line}"
    elif text == INSTEAD and (block is None or block.shown is not None):
        message = "STUB without a BEGIN SOLUTION of its own above it"
    elif text == END and block is None:
        message = "END SOLUTION without a BEGIN SOLUTION above it"
    if message:
        message = f"{place}: {message}"
        raise AuthoringError(message)


def is_stub(source: str, stub: str) -> bool:
    """Tell whether a student's file is still its stub.

    Line ends, trailing blanks, empty lines and comments of a whole line do
    not count: a file that only gained a name at its top is not started.
    """
    return _essence(source) == _essence(stub)


def written_anew(source: str, stub: str) -> list[str]:
    """List the functions that a stub gave to be mended and of which little is left.

    Where a stub has holes there is nothing to mend, and nothing is listed.
    """
    if HOLE[0] in stub:
        return []
    given, own = _functions(stub), _functions(source)
    return [
        name
        for name, lines in given.items()
        if name in own and 2 * sum(line in own[name] for line in lines) < len(lines)
    ]


def _functions(source: str) -> dict[str, list[str]]:
    """Divide a file into its functions: name -> lines of code, without docstring."""
    functions: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _essence(_TEXT.sub("", source)):
        if line.startswith("def "):
            lines = functions[line.removeprefix("def ").partition("(")[0]] = []
        elif not line[0].isspace():
            lines = []
        lines.append(line.strip())
    return functions


def _essence(source: str) -> list[str]:
    lines = (line.rstrip() for line in source.lstrip("\ufeff").splitlines())
    return [line for line in lines if line and not line.lstrip().startswith("#")]
