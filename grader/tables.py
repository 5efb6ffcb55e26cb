"""Tables of other people: a CSV with a heading, whatever program has written it."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

__all__ = ["Row", "read_table"]

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line below the heading: its number, and its cells by what they are."""

    line: int
    cells: Mapping[str, str]


def read_table(
    path: Path,
    what: str,
    headings: Mapping[str, Sequence[str]],
    take: Callable[[Sequence[Row], list[str]], None],
) -> None:
    """Read a table and hand its rows on, together with a list for problems.

    what: the table, for messages. headings: what a column may be called, lower
        case with underscores, the best name first; there has to be the first of
        these columns. Other columns are left alone.

    Raises:
        UsageError: it cannot be read; lists every problem with its line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path}: the {what} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: not in UTF-8; save it as “CSV UTF-8”"
        raise UsageError(message) from error
    problems: list[str] = []
    rows = list(_rows(text, headings, problems))
    take(rows, problems)
    problems.sort(key=lambda problem: int(problem.partition(":")[0]))
    if problems:
        raise UsageError("\n".join(f"{path}:{problem}" for problem in problems))


def _rows(text: str, headings: Mapping[str, Sequence[str]], problems: list[str]) -> Iterator[Row]:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=heading.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    columns: list[str] | None = None
    found = False
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if columns is None:
                columns = _columns(cells, headings, rows.line_num, problems)
                if next(iter(headings)) not in columns:
                    return
                continue
            if len(cells) > len(columns):
                problems.append(f"{rows.line_num}: {len(cells)} cells under {len(columns)} columns")
            of = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
            if any(of.values()):
                found = True
                yield Row(line=rows.line_num, cells=of)
    except csv.Error as error:
        problems.append(f"{rows.line_num}: not a CSV that can be read: {error}")
    if columns is None:
        problems.append(f"1: empty; the first line names the columns: {', '.join(headings)}")
    elif not problems and not found:
        problems.append(f"{rows.line_num}: nobody in it; one line each below the heading")


def _columns(
    cells: Sequence[str], headings: Mapping[str, Sequence[str]], line: int, problems: list[str]
) -> list[str]:
    """Tell what each column is; "" for one that is left alone."""
    called = ["_".join(cell.casefold().split()) for cell in cells]
    columns = [""] * len(cells)
    for name, aliases in headings.items():
        best = next((alias for alias in aliases if alias in called), None)
        if best is None:
            continue
        if called.count(best) > 1:
            problems.append(f"{line}: two columns are called {best}; keep one of them")
        columns[called.index(best)] = name
    first = next(iter(headings))
    if first not in columns:
        problems.append(f"{line}: no column is called {first}; there are: {', '.join(cells)}")
    return columns
