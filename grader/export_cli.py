"""The command that hands marks to other programs: export."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from grader import pseudonyms
from grader.attempts import Attempts
from grader.batch import read_report
from grader.command import SETTINGS, course_option
from grader.course import Course
from grader.errors import UsageError
from grader.export.formats import FORMATS
from grader.export.material import Exported, Material, Order, Told
from grader.files import told, write_atomically
from grader.levels import read_levels
from grader.mark import Attempt, ExerciseMark, Mark
from grader.marks import marks as marks_of_all
from grader.model import ExerciseResult, Report, Status
from grader.nbgrader_course import holes
from grader.policy import Feedback
from grader.report.for_students import for_students, told_of
from grader.report.html import mark_page, student_page
from grader.roster import read_roster

__all__ = ["exports", "gathered"]


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
@course_option
def export(
    form: str, results: Path, to: Path, sheet: Path | None, db: str, roster: Path | None,
    assignment: str | None, column: str, visibility: str, root: Path,
) -> None:  # fmt: skip
    """Write the marks of RESULTS in the format of another program.

    Marks are worked out as `marks` does: late policy, overrides and teams are
    in them. --sheet is filled: nothing of it changes but the cells for marks.
    """
    data = b""
    if sheet:
        with told(sheet, "--sheet"):
            data = sheet.read_bytes()
    order = Order(to=to, sheet=sheet, data=data, db=db, column=column, visibility=visibility)
    material = gathered(Course.load(root), results, roster=roster, assignment=assignment)
    exported = FORMATS[form](material, order)
    _write(exported, to)
    for note in exported.notes:
        click.echo(note, err=True)
    if exported.said:
        click.echo(exported.said, nl=False)


def gathered(
    course: Course, results: Path, *, roster: Path | None = None, assignment: str | None = None
) -> Material:
    """Put together what exporters are given: the marks, and what may be told."""
    students = read_roster(roster) if roster else ()
    people = pseudonyms.read_people(results)
    attempts = pseudonyms.named(tuple(Attempts(results)), people)
    chosen = (course.assignment(assignment),) if assignment else course.rules.marked
    names = {one.name for one in chosen}
    levels = read_levels(results)
    behind = {who.id: key for key, who in people.items()}
    reports = _Reports(results, behind)
    rows = tuple(
        Told(mark=mark, exercises=tuple(_seen(course, mark, attempts, levels, reports)))
        for mark in marks_of_all(attempts, course.rules, students)
        if mark.assignment in names
    )
    return Material(
        told=rows,
        rules=course.rules,
        page=lambda mark: _page(mark, levels, reports),
        holes=lambda name: holes(course, name),
    )


class _Reports:
    """Reads the reports behind marks."""

    def __init__(self, results: Path, behind: Mapping[str, str]) -> None:
        self._results, self._behind = results, behind

    def of(self, submission: str) -> Report | None:
        """Read the report of a submission, if it is there."""
        try:
            return read_report(self._results, self._behind.get(submission, submission))
        except UsageError:
            return None


def _seen(
    course: Course, mark: Mark, attempts: Sequence[Attempt], levels: Mapping[str, Feedback],
    reports: _Reports,
) -> Iterator[ExerciseResult]:  # fmt: skip
    """Find what was judged of each exercise of a mark, as its student may see it."""
    for one in mark.exercises:
        result = _judged(one, attempts)
        if result is None:
            yield ExerciseResult(
                name=one.name, points=0, max_points=one.max_points, status=Status.MISSING
            )
            continue
        result = course.scored(_with_plots(result, one.submission, reports))
        yield told_of(result, levels.get(one.name, Feedback.DIAGNOSIS))


def _judged(one: ExerciseMark, attempts: Iterable[Attempt]) -> ExerciseResult | None:
    for attempt in attempts:
        if (attempt.submission, attempt.number) == (one.submission, one.attempt):
            return next((each for each in attempt.exercises if each.name == one.name), None)
    return None


def _with_plots(result: ExerciseResult, submission: str, reports: _Reports) -> ExerciseResult:
    """Put back the pictures, which attempts do not keep, where the report is of this attempt."""
    report = reports.of(submission)
    for each in report.exercises if report else ():
        if replace(each, pictures=(), drawings=(), plots=()) == result:
            return each
    return result


def _page(mark: Mark, levels: Mapping[str, Feedback], reports: _Reports) -> bytes:
    """Render what a student is sent: the feedback where one submission is behind it."""
    behind = {one.submission for one in mark.exercises if one.submission}
    report = reports.of(behind.pop()) if len(behind) == 1 else None
    page = student_page(for_students(report, levels)) if report else mark_page((mark,), {})
    return page.encode()


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
