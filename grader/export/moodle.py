"""Moodle: the offline grading worksheet filled in, or feedback files for a downloaded archive.

The worksheet is written in the language and with the decimals of the site, so
its columns are found by what is in them: the first holds participants, the
maximum is the same in every row, and the grade stands before it.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from grader.errors import UsageError
from grader.export.material import Exported, Material, Order, Told
from grader.export.owners import Owner, owners
from grader.export.sheet import Sheet, read_sheet
from grader.export.wording import NOT_FINAL, counts, fraction, unfilled
from grader.report.escaped import markup, no_formula

__all__ = ["moodle"]

_PARTICIPANT = re.compile(r"\D{0,40}\d{1,18}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_GRADES = frozenset({"grade", "bewertung", "note", "calificación", "valutazione", "cijfer", "nota"})
_NO = frozenset({"no", "nein", "non", "nee", "não", "nie", "нет"})
_COMMENTS = re.compile(r"(?i)comment|kommentar|comentario|commento|comentário|opmerking")
#: <name>_<participant>_assignsubmission_file[_][<file> or folder]
_ENTRY = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?P<last>_?)"
)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def moodle(material: Material, order: Order) -> Exported:
    """Fill the worksheet of --sheet; or, where that is a zip of submissions, write feedback.

    Raises:
        UsageError: there is no sheet, or it is neither of the two.
    """
    if order.sheet is None:
        message = (
            "moodle: give the grading worksheet you have downloaded with --sheet FILE, or the zip "
            "of all submissions to write feedback files for it"
        )
        raise UsageError(message)
    told = material.alone()
    if order.data.startswith(b"PK"):
        return _feedback(material, told, order)
    return _Worksheet(read_sheet(order.sheet, order.data), order.column).filled(told)


class _Worksheet:
    """A sheet read as a worksheet."""

    def __init__(self, sheet: Sheet, column: str) -> None:
        self.sheet = sheet
        heading = sheet.heading
        participants = sheet.column(0)
        if not all(_PARTICIPANT.fullmatch(one) for one in participants):
            message = (
                f"{sheet.path}: the first column holds no participants; download the grading "
                "worksheet (it has to be switched on under Feedback types) and give that file"
            )
            raise UsageError(message)
        self.grade = self._grade(column)
        self.most = sheet.column(self.grade + 1)
        self.locked = [
            one.casefold() in _NO for one in sheet.column(self.grade + 2)
        ]  # whether it can be changed
        self.comments = next(
            (at for at in range(len(heading) - 1, self.grade, -1) if _COMMENTS.search(heading[at])),
            None,
        )
        self.students = [
            Owner(row=k, ids=(row[0].words,), name=row[1].words, email=self._email(k))
            for k, row in enumerate(sheet.rows[1:], 1)
        ]

    def _email(self, k: int) -> str:
        return next((cell.words for cell in self.sheet.rows[k][2:] if "@" in cell.words), "")

    def _grade(self, column: str) -> int:
        """Find the column of grades."""
        heading = self.sheet.heading
        places = [at for at in range(2, len(heading) - 2) if self._is_grade(at)]
        if column:
            places = [at for at, title in enumerate(heading[:-2]) if title == column]
        elif len(places) > 1:
            named = [at for at in places if heading[at].casefold() in _GRADES]
            places = named or places
        if len(places) != 1:
            message = (
                f"{self.sheet.path}: which column is for grades? Give --column TITLE. "
                f"There are: {'; '.join(heading)}"
            )
            raise UsageError(message)
        return places[0]

    def _is_grade(self, at: int) -> bool:
        """Tell whether numbers stand here, or nothing, and beside them one maximum for all."""
        grades, most = self.sheet.column(at), set(self.sheet.column(at + 1))
        can_be = all(one in {"", "-"} or _NUMBER.fullmatch(one) for one in grades)
        return can_be and len(most) == 1 and bool(_NUMBER.fullmatch(next(iter(most))))

    def filled(self, told: Sequence[Told]) -> Exported:
        """Fill grades and comments."""
        sheet, whose = self.sheet, owners(self.students, told)
        comma = sheet.comma([*self.most, *sheet.column(self.grade)])
        changes: dict[tuple[int, int], str] = {}
        left: dict[str, list[str]] = {}
        for row, one in whose.marks.items():
            why = self._why_not(row, one)
            if why:
                left.setdefault(why, []).append(one.mark.student)
                continue
            changes[row, self.grade] = sheet.number(one.mark.points, comma=comma)
            if self.comments is not None and self.comments < len(sheet.rows[row]):
                changes[row, self.comments] = no_formula(_comment(one))
        grades = sum(at == self.grade for _, at in changes)
        notes = [f"{grades} grades filled"]
        notes += [unfilled(f"left as it is, {why}", ones) for why, ones in left.items()]
        if whose.unknown:
            notes.append(unfilled("in no row of the sheet", whose.unknown))
        notes.append(
            "Moodle skips a grade that somebody has changed there since the download, unless "
            "“Allow updating records that have been modified more recently” is ticked."
        )
        return Exported(files={"": sheet.filled(changes)}, notes=tuple(notes))

    def _why_not(self, row: int, one: Told) -> str:
        """Say why a row is not filled; nothing if it is.

        Raises:
            UsageError: it would be above the maximum, which Moodle skips silently.
        """
        if one.mark.excused:
            return "excused"
        if not one.mark.final:
            return "not final"
        if not counts(one):
            return "nothing handed in"
        if self.grade + 2 >= len(self.sheet.rows[row]) or self.locked[row - 1]:
            return "the grade is locked"
        try:
            most = Decimal(self.most[row - 1].replace(",", "."))
        except InvalidOperation:
            return "no maximum"
        if one.mark.points > most:
            message = (
                f"{self.sheet.path}: {one.mark.student} has {one.mark.points} points, the maximum "
                f"in Moodle is {most}; set it to {one.mark.max_points} there and download again"
            )
            raise UsageError(message)
        return ""


def _comment(told: Told) -> str:
    """Write what is said beside a grade; Moodle takes it for HTML."""
    mark = told.mark
    lines = [
        f"{one.name}: {fraction(one.points, one.max_points)}"
        for one in mark.exercises
        if one.max_points or one.points
    ]
    lines += [why for one in mark.exercises for why in one.why] + list(mark.why)
    if not mark.final:
        lines.append(NOT_FINAL)
    return "<br>".join(markup(line) for line in lines)


# --- feedback files -------------------------------------------------------------------


def _feedback(material: Material, told: Sequence[Told], order: Order) -> Exported:
    """Mirror a downloaded archive: a feedback.html wherever a student's files are."""
    places = list(_places(order))
    if not places:
        message = f"{order.sheet}: no archive of submissions as Moodle packs them"
        raise UsageError(message)
    students = [Owner(row=k, ids=(user,), name=name) for k, (_, user, name) in enumerate(places)]
    whose = owners(students, told)
    packed, mended = io.BytesIO(), False
    with zipfile.ZipFile(packed, "w") as archive:
        for k, one in sorted(whose.marks.items()):
            begins, changed = places[k][0]
            mended |= changed
            pages = {"feedback": material.page, "mark": material.mark_page}
            for name, page in pages.items():
                entry = zipfile.ZipInfo(f"{begins}{name}.html", _EPOCH)
                entry.create_system, entry.external_attr = 3, _READABLE
                archive.writestr(entry, page(one.mark), zipfile.ZIP_DEFLATED, 9)
    notes = [f"feedback and mark of {len(whose.marks)} students"]
    if mended:
        notes.append("“_” in names was replaced by blanks: Moodle would not find those students")
    if whose.unknown:
        notes.append(unfilled("not in the archive", whose.unknown))
    return Exported(files={"": packed.getvalue()}, notes=tuple(notes))


def _places(order: Order) -> Iterator[tuple[tuple[str, bool], str, str]]:
    """List the students of an archive: how paths of theirs begin, whether mended, id, name."""
    try:
        with zipfile.ZipFile(io.BytesIO(order.data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        message = f"{order.sheet}: not a zip that can be opened; download it again"
        raise UsageError(message) from error
    seen = set()
    for name in names:
        for part in name.split("/"):
            found = _ENTRY.match(part)
            if not found or found["user"] in seen:
                continue
            seen.add(found["user"])
            whole = found.end() == len(part) and "/" in name
            student = found["name"].replace("_", " ").lstrip(".~ ") or "student"
            folder = f"{student}_{found['user']}_assignsubmission_file"
            path = f"{folder}{found['last'] or ''}/" if whole else f"{folder}_"
            mended = student != found["name"]
            yield (path, mended), found["user"], found["name"]
            break
