"""Cutting a student's stub out of a solution.

A solution marks what the student is to write with nbgrader's words,
`### BEGIN SOLUTION` and `### END SOLUTION`. The stub is the same file with
every marked block replaced by a hole. One pass over lines; no parsing.
"""

from grader.errors import AuthoringError

__all__ = ["HOLE", "is_stub", "make_stub"]

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
HOLE = ("# YOUR CODE HERE", 'raise NotImplementedError("{name}")')
HEADER = "# Fill in the holes of {file}; keep the names. (`nox -s sync` cuts this file.)\n"


def make_stub(source: str, file: str) -> str:
    """Replace every marked block by a hole, at the indentation of its marker.

    Raises:
        AuthoringError: markers are nested or unpaired; names file and line.
    """
    lines: list[str] = [HEADER.format(file=file)]
    opened = 0
    name = file
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        text = line.strip()
        if text == BEGIN:
            if opened:
                message = (
                    f"solutions/{file}:{number}: BEGIN SOLUTION inside the block of line {opened}"
                )
                raise AuthoringError(message)
            opened = number
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}{part.format(name=name)}\n" for part in HOLE]
        elif text == END:
            if not opened:
                message = (
                    f"solutions/{file}:{number}: END SOLUTION without a BEGIN SOLUTION above it"
                )
                raise AuthoringError(message)
            opened = 0
        elif not opened:
            lines.append(line)
            if text.startswith("def "):
                name = text.removeprefix("def ").partition("(")[0]
    if opened:
        message = f"solutions/{file}:{opened}: BEGIN SOLUTION is never closed; add END SOLUTION"
        raise AuthoringError(message)
    return "".join(lines)


def is_stub(source: str, stub: str) -> bool:
    """Tell whether a student's file is still its stub.

    Line ends, trailing blanks, empty lines and comments of a whole line do
    not count: a file that only gained a name at its top is not started.
    """
    return _essence(source) == _essence(stub)


def _essence(source: str) -> list[str]:
    lines = (line.rstrip() for line in source.lstrip("\ufeff").splitlines())
    return [line for line in lines if line and not line.lstrip().startswith("#")]
