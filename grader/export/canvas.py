"""Canvas: the instructor's own gradebook export, with the marks filled in.

Students are found by ID, SIS User ID, SIS Login ID, then by name. Nothing but the
cells of assignment columns changes, so that ids, sections and other columns
come back as Canvas wrote them; "Points Possible" and columns that are read only
are left alone.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from grader.errors import UsageError
from grader.export.material import Exported, Material, Order, Told
from grader.export.owners import Owner, owners
from grader.export.sheet import Cell, Sheet, read_sheet
from grader.export.wording import counts, unfilled

__all__ = ["canvas"]

_ID_COLUMNS = ("ID", "SIS User ID", "SIS Login ID")
_TITLE = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)\s*", re.DOTALL)
_POSSIBLE = "points possible"
_READ_ONLY = "read only"
_TEST_STUDENT = "student, test"


def canvas(material: Material, order: Order) -> Exported:
    """Fill the gradebook of --sheet.

    Raises:
        UsageError: there is no sheet, it is no gradebook, or no column is the
            assignment's.
    """
    if order.sheet is None:
        message = "canvas: give the gradebook you have exported with --sheet FILE"
        raise UsageError(message)
    sheet = read_sheet(order.sheet, order.data)
    book = _Gradebook(sheet)
    changes: dict[tuple[int, int], str] = {}
    notes: list[str] = []
    for at, told in book.columns(material, order.column).items():
        filled, said = book.fill(at, told)
        changes |= filled
        notes += said
    return Exported(files={"": sheet.filled(changes)}, notes=tuple(notes))


class _Gradebook:
    """A sheet read as a gradebook."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        heading = sheet.heading
        if "ID" not in heading:
            message = (
                f"{sheet.path}: no column ID; export the gradebook in Canvas "
                "(Grades, Export, Entire gradebook) and give that file"
            )
            raise UsageError(message)
        self.named = {name: at for at, name in reversed(list(enumerate(heading)))}
        self.possible: Mapping[int, str] = {}
        self.students: list[Owner] = []
        for k, row in enumerate(sheet.rows[1:], 1):
            if _POSSIBLE in row[0].value.casefold():
                self.possible = {at: cell.words for at, cell in enumerate(row)}
            elif owner := self._owner(k, row):
                self.students.append(owner)

    def _owner(self, k: int, row: tuple[Cell, ...]) -> Owner | None:
        def cell(name: str) -> str:
            at = self.named.get(name, len(row))
            return row[at].words if at < len(row) else ""

        ids = tuple(cell(name) for name in _ID_COLUMNS)
        name = cell("Student") or f"{cell('LastName')}, {cell('FirstName')}".strip(", ")
        if not any(ids) or name.casefold() == _TEST_STUDENT:
            return None  # "Muted", "Manual Posting", the test student
        login = ids[-1]
        return Owner(row=k, ids=ids, name=name, email=login if "@" in login else "")

    def _titles(self) -> Iterator[tuple[int, str, str]]:
        """List the columns that may be filled: place, title, all of it."""
        for at, text in enumerate(self.sheet.heading):
            found = _TITLE.fullmatch(text)
            if found and _READ_ONLY not in self.possible.get(at, "").casefold():
                yield at, found["title"].strip(), text

    def columns(self, material: Material, column: str) -> dict[int, list[Told]]:
        """Choose the column of every assignment.

        Raises:
            UsageError: there is none; lists those there are.
        """
        of: dict[str, list[Told]] = {}
        for one in material.told:
            of.setdefault(one.mark.assignment, []).append(one)
        titles = list(self._titles())
        found: dict[int, list[Told]] = {}
        for name, told in of.items():
            wanted = {column} if column else {name, told[0].mark.title} - {""}
            places = [at for at, title, text in titles if {title, text} & wanted]
            if len(places) == 1 and places[0] not in found:
                found[places[0]] = told
        if len(found) < len(of) and (column or not found):
            there = "; ".join(text for *_, text in titles) or "none that can be filled"
            message = (
                f"{self.sheet.path}: which column is it? Give --column TITLE, for one --assignment "
                f"at a time. There are: {there}"
            )
            raise UsageError(message)
        return found

    def fill(self, at: int, told: list[Told]) -> tuple[dict[tuple[int, int], str], list[str]]:
        """Work out the cells of one column, and what is to be said about it."""
        whose = owners(self.students, told)
        sheet, title = self.sheet, self.sheet.heading[at]
        comma = sheet.comma([*self.possible.values(), *sheet.column(at)])
        changes, short, open_, nothing = {}, [], [], []
        for row, one in whose.marks.items():
            mark = one.mark
            if at >= len(sheet.rows[row]):
                short.append(mark.student)
            elif not mark.final:
                open_.append(mark.student)
            elif not counts(one):
                nothing.append(mark.student)
            else:
                words = "EX" if mark.excused else sheet.number(mark.points, comma=comma)
                changes[row, at] = words
        notes = [f"{title}: {len(changes)} cells filled"]
        groups = (
            ("left as it is, the row ends before this column", short),
            ("left as it is, not final", open_),
            ("left as it is, nothing handed in", nothing),
            ("in no row of the sheet", whose.unknown),
        )
        notes += [unfilled(f"{title}: {what}", ones) for what, ones in groups if ones]
        return changes, notes + list(self._scale(at, told))

    def _scale(self, at: int, told: list[Told]) -> Iterator[str]:
        try:
            possible = Decimal(self.possible.get(at, "").replace(",", "."))
        except InvalidOperation:
            return
        most = max((one.mark.max_points for one in told), default=0)
        if possible != most:
            yield f"{self.sheet.heading[at]}: {possible} points possible there, {most} here"
