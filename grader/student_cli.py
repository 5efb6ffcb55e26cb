"""The commands a student has: check, hint, reset, progress."""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from grader.checking import NOTEBOOKS, Checker, failed, with_notebooks, with_slips
from grader.command import SETTINGS, Commands, course_option, dump, how, known, run
from grader.course import Course
from grader.errors import UsageError
from grader.files import write_atomically
from grader.hinting import give_hint
from grader.hints import load_hints
from grader.intake import read_submission
from grader.journey import stops_of
from grader.model import Report
from grader.remember import recall
from grader.report.annotations import annotations, commands, go, stop
from grader.report.junit import Suite
from grader.report.junit import junit as written
from grader.report.prose import checks_markdown
from grader.report.student import print_map, print_next
from grader.report.terminal import print_checks
from grader.report.wording import first_thing

__all__ = ["main", "students"]


@click.group(cls=Commands, context_settings=SETTINGS)
def students() -> None:
    """Carousel: build the LSTM, the GRU and long-range memory in pure NumPy."""


@students.command()
@click.argument("exercises", nargs=-1)
@click.option("--watch", is_flag=True, help="Stay, and check again whenever you save.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the report as JSON.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="For GitLab CI.")
@click.option("--github", is_flag=True, help="For GitHub Actions: a summary, remarks at lines.")
@course_option
def check(
    exercises: tuple[str, ...], json_to: str | None, junit: Path | None, root: Path,
    *, watch: bool, github: bool,
) -> None:  # fmt: skip
    """Run the public checks on your own files in exercises/.

    EXERCISES: names, or notebooks to check in place of the .py.
    """
    notebooks = {Path(n).stem: Path(n) for n in exercises if _is_notebook(n)}
    course, exercises = _course(root, exercises)
    console = Console(stderr=json_to == "-")
    memory = recall(root / "exercises")
    if watch and (json_to or junit or github):
        message = "--watch never ends, and a report is written once: give one of them"
        raise UsageError(message)
    if watch and notebooks:
        message = "a notebook is checked by its own cells; watch the .py, or leave out --watch"
        raise UsageError(message)
    if watch:
        from grader.watch import watch as stay  # noqa: PLC0415  one check needs no watcher

        stay(course, exercises, memory, console)
        return
    with _checking(course, exercises, notebooks) as checker:
        checked = checker.check(exercises)
        memory.verdicts |= checked.verdicts
        memory.save(checker.folder)
        report = with_slips(checked, memory)
        worth = checker.worth(exercises or course.names)
    if json_to:
        dump(json_to, [report])
    if junit:
        suites = (Suite(name=r.name, exercise=r, file=_file(r.name)) for r in report.exercises)
        write_atomically(junit, written(suites))
    if github:
        _print_for_github(report, console, worth)
    else:
        print_checks(report, console, worth)
    if failed(report):
        first = first_thing(report)
        name = first.exercise if first else course.names[0]
        print_next(f"Stuck? {how(f'hint {name}')} helps in three steps.", console)
        sys.exit(1)


@students.command()
@click.argument("exercise")
@click.argument("function", required=False)
@course_option
def hint(exercise: str, function: str | None, root: Path) -> None:
    """Give the next hint, of three, on what is to be done first.

    FUNCTION: about this function instead.
    """
    course, (exercise,) = _course(root, (exercise,))
    console = Console()
    hints = load_hints(course.hints(exercise))
    if function and function not in hints:
        message = f"no hints about {function}; there are some about: {', '.join(hints)}"
        raise UsageError(message)
    memory = recall(root / "exercises")
    with _checking(course, (exercise,)) as checker:
        checked = checker.check((exercise,))
    give_hint(exercise, function or "", checked, memory, hints, console)
    memory.save(root / "exercises")


@students.command()
@click.argument("exercise")
@course_option
def reset(exercise: str, root: Path) -> None:
    """Give the exercise back as it was, and keep a backup of yours."""
    course, (exercise,) = _course(root, (exercise,))
    stub = course.stub(exercise)
    if not stub:
        message = f"the stub of {exercise} is not here: unpack the hand-out again"
        raise UsageError(message)
    file = course.stub_path(exercise)
    if file.exists():
        click.echo(f"Your {file.name} is kept as {_backup(file)}")
    write_atomically(file, stub.encode())
    click.echo(f"{file} is the stub again. Good luck!")


@students.command()
@course_option
def progress(root: Path) -> None:
    """Show the course as a map: what is done, where you are, what is ahead."""
    course = Course.load(root)
    submission = read_submission(root / "exercises", course.stubs())
    if (root / NOTEBOOKS).is_dir():
        submission = with_notebooks(submission, root / NOTEBOOKS, course.stubs())
    print_map(stops_of(course, submission, recall(root / "exercises")), Console())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command of a student's."""
    run(students, arguments)


def _course(root: Path, exercises: Sequence[str]) -> tuple[Course, tuple[str, ...]]:
    course = Course.load(root)
    names = tuple(Path(name).stem for name in exercises)
    known(course, names)
    return course, names


def _is_notebook(name: str) -> bool:
    return name.endswith(".ipynb") and Path(name).is_file()


@contextmanager
def _checking(
    course: Course, exercises: Sequence[str], notebooks: Mapping[str, Path] | None = None
) -> Iterator[Checker]:
    checker = Checker(course, exercises, notebooks=notebooks)
    try:
        yield checker
    finally:
        checker.close()


def _print_for_github(report: Report, console: Console, worth: Mapping[str, int]) -> None:
    """Print what a run of GitHub Actions shows; nothing that a student's code prints is obeyed."""
    token = secrets.token_hex(16)
    click.echo(stop(token), nl=False)
    print_checks(report, console, worth)
    click.echo(go(token), nl=False)
    texts = {r.name: (_file(r.name), _text(Path(_file(r.name)))) for r in report.exercises}
    click.echo(commands(annotations(report.exercises, texts)), nl=False)
    if target := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(checks_markdown(report))


def _file(exercise: str) -> str:
    return f"exercises/{exercise}.py"


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _backup(file: Path) -> Path:
    """Copy a file to where no grader looks for submissions; number the copies."""
    folder = file.parent / "backups"
    folder.mkdir(exist_ok=True)
    number = 1 + sum(1 for _ in folder.glob(f"{file.name}.*.bak"))
    target = folder / f"{file.name}.{number}.bak"
    shutil.copyfile(file, target)
    return target
