"""A CSV of somebody else's, of which single cells are filled and nothing else changes.

Every cell remembers where it stands in the text. What is not filled is written
back byte for byte: quotes, line ends, a byte order mark, blanks, all of it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from grader.errors import UsageError

__all__ = ["Cell", "Sheet", "read_sheet"]

_BOM = "\ufeff"
_DELIMITERS = ",;\t"
_COMMA = re.compile(r"-?\d+,\d+")
_POINT = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it says, and from where to where it stands."""

    value: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """What it says, without blanks around it."""
        return self.value.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with its own text."""

    path: Path
    text: str
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def heading(self) -> tuple[str, ...]:
        """The words of the first row."""
        return tuple(cell.words.removeprefix(_BOM) for cell in self.rows[0])

    def column(self, at: int, *, rows: Sequence[tuple[Cell, ...]] | None = None) -> list[str]:
        """Read a column below the heading; "" where a row is too short."""
        below = self.rows[1:] if rows is None else rows
        return [row[at].words if at < len(row) else "" for row in below]

    def comma(self, cells: Iterable[str]) -> bool:
        """Tell whether numbers are written with a comma, as some of these cells show.

        Where none shows it, a sheet with semicolons is one with commas in numbers.
        """
        values = list(cells)
        commas = sum(bool(_COMMA.fullmatch(one)) for one in values)
        points = sum(bool(_POINT.fullmatch(one)) for one in values)
        return commas > points if commas or points else self.delimiter == ";"

    def number(self, value: Decimal, *, comma: bool) -> str:
        """Write a number with two decimals, as the sheet does."""
        text = f"{value:.2f}"
        return text.replace(".", ",") if comma else text

    def filled(self, changes: Mapping[tuple[int, int], str]) -> bytes:
        """Write the sheet with other words in some cells: (row, column) -> words."""
        places = [(self.rows[row][at], words) for (row, at), words in changes.items()]
        return self._written(places).encode()

    def _written(self, places: Sequence[tuple[Cell, str]]) -> str:
        parts, last = [], 0
        for cell, words in sorted(places, key=lambda place: place[0].start):
            quoted = self.text[cell.start : cell.end].lstrip().startswith('"')
            special = any(char in words for char in f'{self.delimiter}"\r\n')
            inside = words.replace('"', '""')
            parts += [self.text[last : cell.start], f'"{inside}"' if quoted or special else words]
            last = cell.end
        return "".join([*parts, self.text[last:]])


def read_sheet(path: Path, data: bytes) -> Sheet:
    """Read a sheet.

    Raises:
        UsageError: not a CSV in UTF-8, or nothing in it.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"{path}: not in UTF-8; download it again, or save it as “CSV UTF-8”"
        raise UsageError(message) from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = tuple(_rows(text, delimiter, path))
    if len(rows) < 2:  # noqa: PLR2004  a heading and somebody
        message = f"{path}: nobody in it; download the sheet of your class"
        raise UsageError(message)
    return Sheet(path=path, text=text, delimiter=delimiter, rows=rows)


def _rows(text: str, delimiter: str, path: Path) -> Iterable[tuple[Cell, ...]]:
    """Find the cells of every row that has any words."""
    row: list[Cell] = []
    at = 1 if text.startswith(_BOM) else 0
    while at <= len(text):
        cell, at = _cell(text, at, delimiter, path)
        row.append(cell)
        if at < len(text) and text[at] == delimiter:
            at += 1
            continue
        if any(one.value for one in row):
            yield tuple(row)
        row = []
        at += 2 if text.startswith("\r\n", at) else 1


def _cell(text: str, at: int, delimiter: str, path: Path) -> tuple[Cell, int]:
    start = at
    quote = at
    while quote < len(text) and text[quote] == " ":
        quote += 1
    if quote < len(text) and text[quote] == '"':
        parts, at = [], quote + 1
        while True:
            end = text.find('"', at)
            if end < 0:
                line = text.count("\n", 0, quote) + 1
                message = f"{path}:{line}: a quotation mark is never closed; download it again"
                raise UsageError(message)
            parts.append(text[at:end])
            at = end + 1
            if not text.startswith('"', at):
                break
            parts.append('"')
            at += 1
        while at < len(text) and text[at] not in f"{delimiter}\r\n":
            at += 1
        return Cell("".join(parts), start, at), at
    while at < len(text) and text[at] not in f"{delimiter}\r\n":
        at += 1
    return Cell(text[start:at], start, at), at
