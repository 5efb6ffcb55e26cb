"""The commands for running a term: marks, forget, new."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from grader import pseudonyms
from grader.attempts import Attempts
from grader.command import SETTINGS, course_option, dump
from grader.course import Course
from grader.errors import UsageError
from grader.files import told, write_atomically, writing_alone
from grader.forget import MARKS, forget, still_named
from grader.mark import Attempt, Mark, as_json
from grader.mark_changes import mark_changes
from grader.marks import marks as marks_of_all
from grader.marks import unplaced
from grader.pages import INDEX, render
from grader.policy import Assignment, strangers
from grader.report.html import mark_page
from grader.report.marks import marks_csv, marks_of, print_mark_changes, print_marks
from grader.report.names import page_link, page_name
from grader.roster import Student, read_roster
from grader.scaffold import scaffold

__all__ = ["assigned", "diff_rules", "terms"]

roster_option = click.option(
    "--roster", type=click.Path(path_type=Path), metavar="CSV",
    help="Who is in the class; without it, every submission is a student.",
)  # fmt: skip


@click.group(context_settings=SETTINGS)
def terms() -> None:
    """Run a term."""


@terms.command()
@click.argument("results", type=click.Path(path_type=Path))
@roster_option
@click.option("--assignment", metavar="NAME", help="Only the marks of this assignment.")
@click.option("--section", metavar="NAME", help="Only the students of this section.")
@click.option("--csv", "csv_to", type=click.Path(path_type=Path), help="Write a line per student.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the marks, with every reason.")
@click.option("--pages", is_flag=True, help=f"Write a page per student into RESULTS/{MARKS}.")
@course_option
def marks(
    results: Path, roster: Path | None, assignment: str | None, section: str | None,
    csv_to: Path | None, json_to: str | None, pages: bool, root: Path,
) -> None:  # fmt: skip
    """Work out the marks of a term; nothing is graded again.

    What counts is in course.toml: assignments, being late, overrides. Every
    attempt that was ever graded into RESULTS is there to be taken.
    """
    course, console = Course.load(root), Console(stderr=json_to == "-")
    chosen = (course.assignment(assignment),) if assignment else course.rules.marked
    students = read_roster(roster) if roster else ()
    attempts = _attempts(results)
    found = tuple(
        one
        for one in marks_of_all(attempts, course.rules, students)
        if one.assignment in {a.name for a in chosen} and section in {None, one.section}
    )
    if section and not found:
        there = ", ".join(sorted({row.section for row in students} - {""})) or "none"
        message = f"nobody is in section {section}; there are: {there}"
        raise UsageError(message)
    print_marks(found, console)
    if roster:
        _print_unplaced(attempts, chosen, students, console)
        for words in strangers(course.rules, students):
            console.print(words, markup=False, highlight=False, style="yellow")
    if csv_to:
        with told(csv_to.parent):
            write_atomically(csv_to, marks_csv(found).encode("utf-8-sig"))
    if json_to:
        dump(json_to, as_json(found))
    if pages:
        count = _write_pages(results, found)
        console.print(f"{count} pages in {results / MARKS}", highlight=False)


def _attempts(results: Path) -> tuple[Attempt, ...]:
    return pseudonyms.named(tuple(Attempts(results)), pseudonyms.read_people(results))


def _print_unplaced(
    attempts: Sequence[Attempt],
    chosen: Sequence[Assignment],
    students: Sequence[Student],
    console: Console,
) -> None:
    for one in chosen:
        odd = unplaced(attempts, one, students)
        label = f" for {one.name}" if one.name else ""
        if odd.unknown:
            words = f"Not on the roster{label}: {', '.join(map(repr, odd.unknown))}"
            console.print(words, markup=False, highlight=False, style="yellow")
        if odd.missing:
            names = ", ".join(row.id for row in odd.missing)
            console.print(f"Nothing handed in{label}: {names}", markup=False, highlight=False)


def _write_pages(results: Path, found: Sequence[Mark]) -> int:
    """Write each student's marks, with links to the feedback there is."""
    behind = {who.id: key for key, who in pseudonyms.read_people(results).items()}
    students = marks_of(found)
    with writing_alone(results), told(results):
        (results / MARKS).mkdir(exist_ok=True)
        for student, row in students.items():
            links = {
                one.submission: page_link(behind.get(one.submission, one.submission))
                for mark in row
                for one in mark.exercises
                if one.submission
            }
            page = mark_page(row, links).encode()
            write_atomically(results / MARKS / f"{page_name(student)}.html", page, durably=False)
    return len(students)


@terms.command("forget")
@click.argument("student")
@click.argument("results", type=click.Path(path_type=Path))
def forget_command(student: str, results: Path) -> None:
    """Remove every trace of one student, by id, from a results folder."""
    with writing_alone(results), told(results):
        gone = forget(results, student)
        if any(not path.name.startswith(".") for path in results.glob("*.json")):
            render(results)
        else:
            (results / INDEX).unlink(missing_ok=True)
        left = still_named(results, student)
    click.echo(f"{student}: {len(gone.removed)} files removed")
    for one in gone.shared:
        click.echo(f"{one}: was shared; the id and the names on it are gone")
    for path in left:
        click.echo(f"{path}: {student!r} still stands there; look whether it is this student")


@terms.command("new")
@click.argument("exercise")
@course_option
def new(exercise: str, root: Path) -> None:
    """Lay out a new exercise; the proof says what it lacks until it is complete."""
    for path in scaffold(root, exercise):
        click.echo(f"wrote {path}")
    click.echo(
        f"Next: fill in what is marked TODO, then `course --exercise {exercise}`, again and again."
    )


# --- for the commands beside these ------------------------------------------------------


def assigned(course: Course, assignment: str | None, exercises: Sequence[str]) -> Assignment:
    """Find out what is graded: an assignment, or some exercises.

    Raises:
        UsageError: there is no such assignment, or both were given.
    """
    if not assignment:
        return Assignment(name="", exercises=tuple(exercises))
    if exercises:
        message = "give --assignment or --exercise, not both"
        raise UsageError(message)
    return course.assignment(assignment)


def diff_rules(
    old: Path, new: Path, results: Path, *,
    roster: Path | None, root: Path, json_to: str | None, strict: bool,
) -> None:  # fmt: skip
    """Tell whose marks differ under two versions of course.toml."""
    course = Course.load(root)
    students = read_roster(roster) if roster else ()
    attempts = _attempts(results)
    before, after = (
        marks_of_all(attempts, course.under(path).rules, students) for path in (old, new)
    )
    changes = mark_changes(before, after)
    if json_to:
        dump(json_to, changes)
    if json_to != "-":
        print_mark_changes(changes, Console())
    if strict and any(change.gained < 0 for change in changes):
        raise SystemExit(1)
