"""The command line: the same for people, scripts and nox.

Exit codes: 0 done; 1 something to fix in a submission (with --strict, or a
failed check); 2 a usage error, or an error of our own ("needs attention").
"""

import os
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from grader import batch
from grader.bundles.formats import BUNDLES
from grader.bundles.wanted import Wanted
from grader.changes import compare_all
from grader.command import SETTINGS, Commands, course_option, dump, known, run
from grader.course import Course
from grader.earlier import known_work
from grader.errors import UsageError
from grader.executors import Opened, cluster, here, pool
from grader.export_cli import exports
from grader.files import told, writing_alone
from grader.gathered import gather
from grader.handouts import keep_help
from grader.intake import Found, find_submissions
from grader.levels import keep_levels, levels_of
from grader.model import Proof
from grader.pages import render
from grader.progress import Summary, grading
from grader.proof import SEEDS, prove
from grader.pseudonyms import keep
from grader.release import FORMATS, release
from grader.report.html import matrix_page
from grader.report.markdown import attack_table, bug_tables
from grader.report.terminal import print_changes, print_report, print_summary
from grader.sandbox.selfattack import ATTACKS, Isolation, Level, attack, layers_of, open_isolated
from grader.sandbox.server import ForkServer
from grader.seeds import Seeds, private_key
from grader.student_cli import students
from grader.sync import between, stale, wanted
from grader.term_cli import assigned, diff_rules, terms

__all__ = ["cli", "main"]

#: From here on pages are made by all processes.
MANY_PAGES = 40
LEVELS = [level.value for level in Level]
archive_option = click.option(
    "--archive", "archives", type=click.Path(path_type=Path), multiple=True, metavar="PATH",
    help="Results or submissions of another term: near-identical work is listed.",
)  # fmt: skip


@click.group(cls=Commands, context_settings=SETTINGS)
def cli() -> None:
    """Carousel: grades recurrent networks written from scratch in NumPy."""


for _group in (students, terms, exports):
    for _command in _group.commands.values():
        cli.add_command(_command)


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--exercise", "exercises", multiple=True, help="Grade only this exercise.")
@click.option("--results", type=click.Path(path_type=Path), default="results", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Default: drawn once per results folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: one per core).")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a dask cluster: tcp://HOST:PORT.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Who is in the class: id, name, email, … Who handed in nothing is missing.",
)
@click.option(
    "--times",
    metavar="CSV",
    type=click.Path(path_type=Path),
    help="When each was handed in, where the archive does not tell.",
)
@click.option("--assignment", metavar="NAME", help="Grade the exercises of this assignment.")
@click.option("--pseudonyms", is_flag=True, help="Mark anonymously; needs a private key.")
@click.option("--force", is_flag=True, help="Grade again what has not changed, too.")
@click.option("--pages/--no-pages", default=True, help="Write feedback pages (default: yes).")
@click.option("--require-isolation", type=click.Choice(LEVELS), help="Refuse to grade with less.")
@click.option("--single", is_flag=True, help="PATH is one submission, whatever lies in it.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a submission lost points.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write all reports as one JSON list.")
@archive_option
@course_option
def grade(
    paths: tuple[Path, ...],
    exercises: tuple[str, ...],
    results: Path,
    seed: int | None,
    jobs: int | None,
    scheduler: str | None,
    roster: Path | None,
    times: Path | None,
    assignment: str | None,
    pseudonyms: bool,
    force: bool,
    pages: bool,
    require_isolation: str | None,
    single: bool,
    strict: bool,
    json_to: str | None,
    archives: tuple[Path, ...],
    root: Path,
) -> None:
    """Grade submissions; without PATH, the sample class.

    PATH is one submission (folder, .py, .ipynb, .zip), a folder or a zip of
    submissions, or what Canvas, Moodle, Gradescope or nbgrader pack.
    Results and feedback pages are written to --results. What is there already
    and would come out the same is not graded again, so that the same command
    goes on after an interruption.
    """
    course = Course.load(root)
    known(course, exercises)
    key = private_key()
    chosen = assigned(course, assignment, exercises)
    given = _found(course, paths, single=single)
    who = gather(given, roster=roster, times=times, key=key if pseudonyms else None)
    found = who.submissions
    console = Console(stderr=json_to == "-")
    isolation = _isolation(course, require_isolation)
    with writing_alone(results, make=True):
        seeds = Seeds(seed=batch.seed_of(results, seed), key=key)
        with told(results):
            if who.people:
                keep(results, who.people)
            keep_levels(results, levels_of(course.rules, assignment or ""))
            keep_help(results, course)
        job = batch.Job(
            course=root.resolve(), exercises=chosen.exercises, seeds=seeds, isolation=isolation,
            elsewhere=batch.graders(course) if scheduler else {},
            assignment=chosen.name, prerequisite=chosen.prerequisite,
        )  # fmt: skip
        # a process of its own takes a second to be ready
        workers = min(jobs or _cores(), len(found) // 2)
        opened = partial(cluster, scheduler) if scheduler else _local(workers)
        summary = Summary()
        with grading(console, len(found), results) as tell:
            for graded in batch.grade_all(found, job, results, opened=opened, force=force):
                summary.add(graded)
                tell(graded)
        batch.forget_missing(results, who.otherwise)
        if pages:
            works = known_work(course, archives)
            render(results, opened=_local(workers if len(found) >= MANY_PAGES else 1), known=works)
    if json_to:
        names = sorted(report.submission for report in summary.reports)
        dump(json_to, [batch.read_report(results, name) for name in names])
    _print_batch(summary, console)
    if who.unknown:
        nobody = ", ".join(map(repr, who.unknown))
        console.print(f"Not on the roster: {nobody}", markup=False, highlight=False)
    if pages:
        console.print(f"Feedback: {results / 'index.html'}", highlight=False, soft_wrap=True)
    sys.exit(summary.exit_code(strict=strict))


@cli.command()
@click.argument("results", type=click.Path(path_type=Path))
@archive_option
@course_option
def feedback(results: Path, archives: tuple[Path, ...], root: Path) -> None:
    """Render the pages of a results folder again."""
    course = Course.load(root)
    works = known_work(course, archives)
    with writing_alone(results):
        with told(results):
            keep_help(results, course)
        many = len(list(results.glob("*.json"))) >= MANY_PAGES
        reports = render(results, known=works, opened=_local(_cores() if many else 1))
    click.echo(f"{len(reports)} pages and {results / 'index.html'}")


@cli.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit with 1 when anybody has lost points.")
@click.option("--json", "json_to", metavar="FILE|-", help="Write the changes as JSON.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default="results",
    show_default=True,
    help="Whose marks are compared under two versions of course.toml.",
)
@click.option("--roster", type=click.Path(path_type=Path), metavar="CSV", help="The same.")
@course_option
def diff(
    old: Path, new: Path, json_to: str | None, strict: bool, results: Path,
    roster: Path | None, root: Path,
) -> None:  # fmt: skip
    """Tell who gained and who lost between two results folders, and why.

    OLD and NEW may also be two versions of course.toml: then it is told whose
    marks differ under them.
    """
    if old.suffix == new.suffix == ".toml":
        diff_rules(old, new, results, roster=roster, root=root, json_to=json_to, strict=strict)
        return
    both = [[batch.slim(report) for report in batch.read_results(folder)] for folder in (old, new)]
    changes = compare_all(*both)
    if json_to:
        dump(json_to, changes)
    if json_to != "-":
        print_changes(changes, Console())
    if strict and any(change.gained < 0 for change in changes):
        sys.exit(1)


@cli.command("release")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice([*FORMATS, *BUNDLES]), default="folder",
    show_default=True, help="What students get: folder, zip. The others are PRIVATE.",
)  # fmt: skip
@click.option("--assignment", default="", metavar="NAME", help="Private: only its exercises.")
@click.option("--visibility", default="", metavar="WORD", help="Gradescope: when results show.")
@click.option("--roster", type=click.Path(path_type=Path), help="Private: pack this CSV, too.")
@click.option("--hidden", is_flag=True, help="Classroom 50: pack the hidden graders, too.")
@course_option
def release_command(
    folder: Path, form: str, assignment: str, visibility: str, roster: Path | None,
    root: Path, *, hidden: bool,
) -> None:  # fmt: skip
    """Write what students get, or what a platform needs to grade.

    Students get stubs, handouts, public checks and the engine. The other
    formats are for your side of a platform, and PRIVATE.
    """
    course = Course.load(root)
    if form not in BUNDLES:
        click.echo(f"Hand-out: {release(course, folder, form)}")
        return
    wanted_here = Wanted(assignment=assignment, visibility=visibility, roster=roster, hidden=hidden)
    with told(folder, "--to"):
        folder.mkdir(parents=True, exist_ok=True)
        made = BUNDLES[form](course, folder, wanted_here)
    click.echo(f"For your side of the platform: {made}")


@cli.command("course")
@click.option("--exercise", "exercises", multiple=True, help="Prove only this exercise.")
@click.option("--full", is_flag=True, help="Ten seeds even where the reference has to be trained.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the bug matrix as a page.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the bugs as tables.")
@course_option
def course_command(
    exercises: tuple[str, ...], html: Path | None, markdown: Path | None, root: Path, full: bool
) -> None:
    """Prove the course: stubs, references, and every known bug."""
    course = Course.load(root)
    known(course, exercises)
    console = Console()
    problems = [f"{path}: out of step; run `nox -s sync`" for path in stale(course)]
    sandbox, isolation = open_isolated()
    proofs = []
    try:
        for name in exercises or course.names:
            console.print(f"{name} (isolation {isolation.level})", style="bold", highlight=False)
            proof = prove(
                course, sandbox, name, seeds=SEEDS if full else (),
                tell=lambda line: console.print("  " + line),
            )  # fmt: skip
            proofs.append(proof)
            _print_proof(proof, console)
            problems += [f"{name}: {problem}" for problem in proof.problems]
    finally:
        sandbox.close()
    if html:
        html.write_text(matrix_page(proofs), "utf-8")
        console.print(f"Matrix: {html}", highlight=False)
    if markdown:
        markdown.write_text(bug_tables(proofs), "utf-8", newline="\n")
        console.print(f"Tables: {markdown}", highlight=False)
    for problem in problems:
        console.print(f"problem: {problem}", markup=False, highlight=False, style="red")
    console.print("The course holds." if not problems else f"{len(problems)} problems.")
    if problems:
        sys.exit(2)


@cli.command()
@click.option("--json", "json_to", metavar="FILE|-", help="Write what was found as JSON.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Renew the table in this page.")
def isolation(json_to: str | None, markdown: Path | None) -> None:
    """Attack ourselves; print the level reached and what each layer blocks."""
    sandbox, reached = open_isolated()
    sandbox.close()
    columns: dict[str, dict[str, bool]] = {}
    if os.name == "posix" and reached.layers:
        for layers in _ladders(reached):
            server = ForkServer(layers)
            columns["+".join(layers)] = attack(server)
            server.close()
    if json_to:
        dump(json_to, {"level": reached.level, "layers": reached.layers,
                        "reason": reached.reason, "blocked": columns})  # fmt: skip
        if json_to == "-":
            return
    if markdown:
        measured = (
            f"Written by `nox -s isolation -- --markdown {markdown}` on {date.today():%d %B %Y}: "  # noqa: DTZ011
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}, as "
            f"{'root' if os.geteuid() == 0 else 'an ordinary user'}."
        )
        table = attack_table({item.function: item.does for item in ATTACKS}, columns, measured)
        markdown.write_text(between(markdown, "isolation", table), "utf-8", newline="\n")
    click.echo(f"Level reached: {reached.level} (layers: {', '.join(reached.layers) or 'none'})")
    click.echo(f"Not higher because: {reached.reason}\n")
    for name, blocked in columns.items():
        click.echo(f"with {name}")
        for item in ATTACKS:
            word = "blocked" if blocked[item.function] else "OPEN   "
            click.echo(f"  {word}  {item.does}")


@cli.command()
@course_option
def sync(root: Path) -> None:
    """Write the generated files: stubs and tables."""
    course = Course.load(root)
    for path, text in wanted(course).items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            click.echo(f"wrote {path}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; our own errors become one line and exit code 2.

    arguments: instead of those of the process.
    """
    run(cli, arguments, batch.end_grading)


def _found(course: Course, paths: Sequence[Path], *, single: bool) -> list[Found]:
    if not paths and course.sample is None:
        message = "give a PATH: this course has no sample class"
        raise UsageError(message)
    stubs = course.stubs()
    given = paths or [course.sample or Path()]
    found = [one for path in given for one in find_submissions(path, stubs, single=single)]
    names: dict[str, Path] = {}
    for one in found:
        if names.setdefault(one.id, one.path) != one.path:
            message = (
                f"{names[one.id]} and {one.path} would both be submission {one.id}; rename one"
            )
            raise UsageError(message)
    return found


def _isolation(course: Course, require: str | None) -> Isolation:
    """Find out what is possible here; each grading process opens its own."""
    secret = course.hidden(course.names[0])
    sandbox, found = open_isolated(Level(require) if require else None, secret)
    sandbox.close()
    return found


def _ladders(reached: Isolation) -> list[tuple[str, ...]]:
    layers = layers_of(Level.CONFINED) if sys.platform == "linux" else reached.layers
    if reached.level is not Level.CONFINED:
        return [reached.layers]
    return [layers[:1], layers[:2], (layers[0], layers[2]), layers]


def _print_proof(proof: Proof, console: Console) -> None:
    if not proof.costs:
        return
    worst = max(proof.costs, key=lambda cost: cost.lost)
    named = sum(cost.diagnosed == cost.bug for cost in proof.costs)
    lines = (
        f"{len(proof.costs)} bugs on {len(proof.criteria)} criteria; {named} named rightly",
        f"the dearest slip costs {worst.lost} of {proof.max_points} points: {worst.bug}",
    )
    for line in lines:
        console.print(f"  {line}", highlight=False)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _local(workers: int) -> Callable[[], AbstractContextManager[Opened]]:
    return partial(pool, workers) if workers > 1 else here


def _print_batch(summary: Summary, console: Console) -> None:
    reports = sorted(summary.reports, key=lambda report: report.submission)
    if len(reports) == 1 and summary.last:
        print_report(summary.last, console)
    else:
        print_summary(reports, console)
    if summary.known:
        words = f"{summary.known} of them had not changed and were not graded again."
        console.print(words, highlight=False)
    if summary.changes:
        console.print("\nChanged since the last grading into this folder", style="bold")
        print_changes(summary.changes, console)
