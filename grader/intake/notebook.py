"""Notebooks: the code cells of one, in order, as a Python source."""

import io
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.errors import SubmissionError
from grader.model import CELL_MARK, SourceFile

__all__ = ["notebook_source"]

#: Lines of a notebook that are read twice at most, a second's worth.
EFFORT = 200_000
_FUNCTION = re.compile(r"\s*def (\w+)\(")


def notebook_source(data: bytes, shown: str) -> SourceFile:
    """Turn a notebook into one Python source.

    Lines that only a notebook understands (%magic, !command, ?help) become
    comments, cells of another language (%%bash) are left out; a note says so.
    nbgrader's test cells are not the student's, and left out without a word.

    Raises:
        SubmissionError: not a notebook.
    """
    import nbformat  # noqa: PLC0415  slow to load, and many a class has no notebook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(  # type: ignore[no-untyped-call]
                data.decode("utf-8-sig"), as_version=4
            )
        cells = [
            "" if _is_test(cell.metadata) else str(cell.source)
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]
        "".join(cells).encode()  # half a surrogate pair is no text
    # nbformat raises whatever its JSON and schema libraries raise
    except Exception as error:
        message = f"{shown}: not a notebook that can be read; save it again in Jupyter"
        raise SubmissionError(message) from error
    lines: list[str] = []
    dropped = 0
    effort = EFFORT
    for number, cell in enumerate(cells, 1):
        python, left_out, spent = _without_magics(cell, effort)
        effort -= spent
        if effort < 0:
            message = f"{shown}: too many notebook-only lines (%, !, ?) inside brackets or texts; "
            message += "hand in the .py instead"
            raise SubmissionError(message)
        lines += [f"{CELL_MARK}{number}", *_named_holes(python)]
        dropped += left_out
    notes = (f"{dropped} notebook-only lines were left out",) if dropped else ()
    return SourceFile(path=shown, text="\n".join(lines) + "\n", notes=notes)


def _is_test(metadata: Mapping[str, object]) -> bool:
    """Tell whether a cell is one of nbgrader's autograder tests."""
    of = metadata.get("nbgrader")
    if not isinstance(of, Mapping):
        return False
    # all three: what only claims to be graded may still be the student's
    return of.get("grade") is True and of.get("locked") is True and of.get("solution") is False


def _named_holes(lines: Iterable[str]) -> Iterator[str]:
    """Give the holes that nbgrader cuts the name that ours have, by which they are known."""
    name = ""
    for line in lines:
        if found := _FUNCTION.match(line):
            name = found[1]
        if name and line.strip() == "raise NotImplementedError()":
            line = line.replace("()", f'("{name}")')  # noqa: PLW2901
        yield line


def _without_magics(cell: str, effort: int) -> tuple[list[str], int, int]:
    """Turn notebook-only lines of a cell into comments; count them, and the effort.

    effort: lines that may be looked at again; the rest is left undone beyond.
    """
    body = cell.splitlines()
    first = next((line for line in body if line.strip()), "")
    foreign = first.startswith("%%") and not first.startswith(("%%time", "%%capture"))
    kept: list[str] = []
    pending: list[str] = []  # since something was last known to be whole
    dropped = spent = 0
    for line in body:
        magic = foreign
        if not foreign and _looks_magic(line.strip()) and spent <= effort:
            spent += len(pending)
            magic = not _unfinished(pending)
            if magic and not line[0].isspace():
                pending = []
        kept.append(f"# {line}" if magic else line)
        if not magic:
            pending.append(line)
        dropped += magic
    return kept, dropped, spent


def _looks_magic(line: str) -> bool:
    return line.startswith(("%", "!", "?")) or (line.endswith("?") and not line.startswith("#"))


def _unfinished(lines: Sequence[str]) -> bool:
    """Tell whether a bracket or a text that spans lines is still open."""
    source = io.StringIO("".join(f"{line}\n" for line in lines))
    try:
        for _ in tokenize.generate_tokens(source.readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False
    return False
