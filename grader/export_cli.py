"""The command that hands marks to other programs: export."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from grader.command import SETTINGS, course_option
from grader.course import Course
from grader.export.formats import FORMATS
from grader.export.material import Exported, Order
from grader.files import told, write_atomically
from grader.telling import gathered

__all__ = ["exports"]


@click.group(context_settings=SETTINGS)
def exports() -> None:
    """Hand marks to other programs."""


@exports.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), required=True, metavar="FILE")
@click.option(
    "--sheet", type=click.Path(path_type=Path), metavar="FILE",
    help="The platform's own file: the gradebook, the worksheet, or the submissions.",
)  # fmt: skip
@click.option("--db", default="", metavar="URL", help="The gradebook's database.")
@click.option(
    "--roster", type=click.Path(path_type=Path), metavar="CSV",
    help="Who is in the class; without it, every submission is a student.",
)  # fmt: skip
@click.option("--assignment", metavar="NAME", help="Only the marks of this assignment.")
@click.option("--column", default="", metavar="TITLE", help="The column of the sheet to fill.")
@click.option("--visibility", default="", help="From when on Gradescope shows it.")
@click.option(
    "--source", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="The student's repository, to point at its files.",
)  # fmt: skip
@course_option
def export(
    form: str, results: Path, to: Path, sheet: Path | None, db: str, roster: Path | None,
    assignment: str | None, column: str, visibility: str, source: Path | None, root: Path,
) -> None:  # fmt: skip
    """Write the marks of RESULTS in the format of another program.

    Marks are worked out as `marks` does: late policy, overrides and teams are
    in them. --sheet is filled: nothing of it changes but the cells for marks.
    """
    data = b""
    if sheet:
        with told(sheet, "--sheet"):
            data = sheet.read_bytes()
    course = Course.load(root)
    order = Order(
        to=to, folder=to.is_dir(), sheet=sheet, data=data, db=db, column=column,
        visibility=visibility, environment=dict(os.environ),
        sources=_sources(source, course.names) if source else {},
    )  # fmt: skip
    material = gathered(course, results, roster=roster, assignment=assignment)
    exported = FORMATS[form](material, order)
    _write(exported, to)
    for note in exported.notes:
        click.echo(note, err=True)
    if material.unknown:
        nobody = ", ".join(map(repr, material.unknown))
        click.echo(f"not on the roster, and so in no row: {nobody}", err=True)
    if exported.said:
        click.echo(exported.said, nl=False)


def _sources(folder: Path, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Find the files of exercises in a student's repository, the outermost first."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.rglob("*.py"), key=lambda path: (len(path.parts), path)):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.stem in names and not hidden and not path.is_symlink():
            text = path.read_bytes().decode(errors="replace")
            found.setdefault(path.stem, (inside.as_posix(), text))
    return found


def _write(exported: Exported, to: Path) -> None:
    with told(to, "--to"):
        for name, data in exported.files.items():
            path = to / name if name else to
            path.parent.mkdir(parents=True, exist_ok=True)
            if exported.append and path.exists():
                with path.open("ab") as file:
                    file.write(data)
            else:
                write_atomically(path, data)
