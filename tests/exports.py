"""The rehearsed term as a results folder, sheets of platforms, and what each format says of it."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from grader.attempts import Attempts
from grader.course import Course
from grader.export.formats import FORMATS
from grader.export.material import Exported, Material, Order
from grader.roster import read_roster
from grader.telling import gathered
from tests.terms import TERM, handed_in

ROSTER = TERM / "roster.csv"
#: Reads the points of every student back from what a format has written.
Reader = Callable[[Material, Path], Mapping[str, Decimal]]


def term(folder: Path) -> Path:
    """Make a results folder of everything that was handed in during the term."""
    attempts = Attempts(folder)
    for one in handed_in():
        attempts.add(one)
    return folder


def material(results: Path, assignment: str = "week2") -> Material:
    """Gather what is exported of the term."""
    return gathered(Course.load(TERM), results, roster=ROSTER, assignment=assignment)


def export(form: str, given: Material, folder: Path, sheet: str | bytes = b"") -> Exported:
    """Export, with a sheet if one is given."""
    data = sheet.encode() if isinstance(sheet, str) else sheet
    path = folder / "sheet.csv" if data else None
    return FORMATS[form](given, Order(to=folder / "out", sheet=path, data=data))


def gradebook(points: str = "30.00") -> str:
    """Write a gradebook as Canvas exports it."""
    heading = "Student,ID,SIS Login ID,Section,week1 (501),week2 (502),Current Score"
    lines = [heading, f"    Points Possible,,,,11.00,{points},(read only)"]
    for row in read_roster(ROSTER):
        last, first = row.name.split()[::-1]
        lines.append(f'"{last}, {first}",{row.id},{row.email},{row.section},,,77.5')
    return "\n".join(lines) + "\n"


def worksheet(most: str = "30,00") -> str:
    """Write a worksheet as Moodle exports it, in German."""
    heading = (
        "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
        "Bewertung kann geändert werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);"
        "Feedback als Kommentar"
    )
    lines = [heading]
    for k, row in enumerate(read_roster(ROSTER)):
        lines.append(
            f"Teilnehmer/in {9000 + k};{row.name};{row.email};Zur Bewertung abgegeben;;{most};Ja;"
            "Montag, 16. November 2026, 11:58;-;"
        )
    return "\r\n".join(lines) + "\r\n"


# --- readers --------------------------------------------------------------------------


def _csv(given: Material, folder: Path) -> dict[str, Decimal]:
    text = export("csv", given, folder).files[""].decode("utf-8-sig")
    return {row["id"]: Decimal(row["total"]) for row in csv.DictReader(io.StringIO(text))}


def _canvas(given: Material, folder: Path) -> dict[str, Decimal]:
    text = export("canvas", given, folder, gradebook()).files[""].decode()
    rows = list(csv.DictReader(io.StringIO(text)))[1:]
    return {row["ID"]: Decimal(row["week2 (502)"] or 0) for row in rows}


def _moodle(given: Material, folder: Path) -> dict[str, Decimal]:
    text = export("moodle", given, folder, worksheet()).files[""].decode()
    rows = csv.DictReader(io.StringIO(text), delimiter=";")
    return {
        row["E-Mail-Adresse"].partition("@")[0]: Decimal(row["Bewertung"].replace(",", ".") or 0)
        for row in rows
    }


def _json(form: str, read: Callable[[dict[str, object]], Decimal]) -> Reader:
    def reader(given: Material, folder: Path) -> dict[str, Decimal]:
        files = export(form, given, folder).files
        return {Path(name).stem: read(json.loads(data)) for name, data in files.items()}

    return reader


def _github(given: Material, folder: Path) -> dict[str, Decimal]:
    lines = export("github", given, folder).files[""].decode().splitlines()
    cells = [line.split("|") for line in lines if line.startswith("| s")]
    return {row[1].split()[0]: Decimal(row[3].strip()) for row in cells[1:]}


def _junit(given: Material, folder: Path) -> dict[str, Decimal]:
    found = {}
    for suite in ET.fromstring(export("junit", given, folder).files[""]):
        of = {one.get("name"): one.get("value") for one in suite.iter("property")}
        found[str(of["student"])] = Decimal(str(of["total"]))
    return found


READERS: dict[str, Reader] = {
    "csv": _csv,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _json("gradescope", lambda data: Decimal(str(data["score"]))),
    "classroom50": _json("classroom50", lambda data: Decimal(str(data["score"])) / 100),
    "github": _github,
    "junit": _junit,
}
