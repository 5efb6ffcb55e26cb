"""Many submissions: over every core or a cluster, each result on disk as soon as it is there.

The process that runs this owns the results folder; whoever grades only grades
and answers. What was graded before, and would come out the same, is taken from
the journal. A submission that breaks our own code becomes a report that says
so; it never takes another one with it.
"""

import contextlib
import faulthandler
import json
import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sys import intern

from grader.attempts import Attempts
from grader.course import Course
from grader.errors import GraderError, UsageError
from grader.executors import Opened, here, worked
from grader.files import told, write_atomically
from grader.grade import Grader, Judged, report_of
from grader.intake import Found, read_submission, submission_id
from grader.journal import Entry, Journal, Keys
from grader.mark import Attempt
from grader.model import (
    ExerciseResult,
    Report,
    Status,
    Submission,
    dump_report,
    load_report,
)
from grader.policy import Prerequisite
from grader.report.names import page_name
from grader.sandbox.selfattack import Isolation, open_isolated
from grader.sandbox.server import open_sandbox
from grader.seeds import Seeds

__all__ = [
    "Graded",
    "Job",
    "end_grading",
    "forget_missing",
    "grade_all",
    "graders",
    "read_report",
    "read_results",
    "seed_of",
    "slim",
]

SEED_FILE = ".carousel-seed.json"
#: Beyond what student code may take, our own part of one submission may take
#: this many seconds: every known bug may have to be asked, and figures drawn.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every process of a batch needs to know.

    elsewhere: digests of the graders, where this is done on other machines:
        each finds out whether its course is the same, and its isolation as good.
    assignment: for which this is graded; reports keep the other exercises they have.
    prerequisite: whose earlier files an exercise imports.
    """

    course: Path
    exercises: tuple[str, ...]
    seeds: Seeds
    isolation: Isolation
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    assignment: str = ""
    prerequisite: Prerequisite = Prerequisite.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One submission that has its report.

    known: nothing had to be graded. before: the report it had, if another one.
    """

    report: Report
    known: bool
    before: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What of one submission has to be graded."""

    submission: Submission
    names: tuple[str, ...]


def grade_all(
    paths: Sequence[Found | Path],
    job: Job,
    results: Path,
    *,
    opened: Callable[[], AbstractContextManager[Opened]] = here,
    force: bool = False,
) -> Iterator[Graded]:
    """Grade submissions, write each result, and yield it; in no fixed order.

    opened: opens the executor that does the work.
    force: grade also what has been graded before.

    Raises:
        UsageError: the results cannot be written; says what to do.
    """
    with told(results):
        ledger = _Ledger(job, results, force=force)
    yield from ledger.known(paths)
    for task, judged in worked(ledger.tasks(), _Work(job), opened):
        with told(results):
            graded = ledger.settled(task, judged)
        yield graded


class _Ledger:
    """What is known of a batch, and what is still to be graded."""

    def __init__(self, job: Job, results: Path, *, force: bool) -> None:
        self._course = Course.load(job.course)
        self._stubs = self._course.stubs()
        self._names = job.exercises or self._course.names
        self._job = job
        self._force = force
        self._results = results
        self._journal = Journal(results)
        self._attempts = Attempts(results)
        self._attempts.sweep()
        self._keys = Keys(
            self._course, job.seeds, job.isolation.level, prerequisite=job.prerequisite
        )
        self._handed: dict[str, Found] = {}
        self._waiting: list[Found | Path] = []

    def known(self, paths: Sequence[Found | Path]) -> Iterator[Graded]:
        """Yield what need not be graded; remember the rest."""
        for path in paths:
            if not self._force and self._journal.knows(submission_id(path)):
                task = self._task(path)
                if not task.names:
                    with told(self._results):
                        graded = self._reported(task.submission, (), known=True)
                    yield graded
                    continue
            self._waiting.append(path)

    def tasks(self) -> Iterator[_Task]:
        """Read what has to be graded, one by one."""
        for path in self._waiting:
            yield self._task(path)

    def settled(self, task: _Task, judged: Sequence[Judged] | Exception) -> Graded:
        """Put down what was judged, or that it could not be."""
        if isinstance(judged, Exception):
            judged = [self._our_fault(name, judged) for name in task.names]
        entries = self._keys.entries(task.submission, judged)
        if entries:
            self._journal.add(task.submission.id, entries)
        return self._reported(task.submission, judged, known=False)

    def _task(self, path: Found | Path) -> _Task:
        submission = self._read(path)
        if isinstance(path, Found):
            self._handed[submission.id] = path
        entries = {} if self._force else self._journal.read(submission.id)
        names = tuple(n for n in self._names if not self._holds(entries.get(n), n, submission))
        return _Task(submission=submission, names=names)

    def _holds(self, entry: Entry | None, name: str, submission: Submission) -> bool:
        return self._keys.holds(entry, name, submission)

    def _read(self, path: Found | Path) -> Submission:
        try:
            return read_submission(path, self._stubs)
        # nothing a submission contains may stop the batch
        except Exception as error:  # noqa: BLE001
            said = str(error) if isinstance(error, GraderError) else type(error).__name__
            message = f"our grader could not read this submission ({said}); it needs attention"
            unreadable = dict.fromkeys(self._names, message)
            return Submission(id=submission_id(path), files={}, unreadable=unreadable)

    def _reported(self, submission: Submission, judged: Sequence[Judged], *, known: bool) -> Graded:
        """Write the report of a submission, unless it is there already."""
        now = {one.result.name: one for one in judged}
        kept = self._journal.read(submission.id) if now.keys() < set(self._names) else {}
        judged = [now.get(name) or kept[name].judged for name in self._names]
        path = self._results / f"{page_name(submission.id)}.json"
        before, job = _content(path), self._job
        if job.assignment:
            judged = self._beside(submission.id, judged, _report(before))
        whole = [replace(one, result=self._course.scored(one.result)) for one in judged]
        report = report_of(
            submission, whole, job.seeds, job.isolation.level, self._keys.graders
        )  # fmt: skip
        self._keep_attempt(submission, report)
        data = dump_report(report)
        if before == data:
            return Graded(report=report, known=known)
        # not durably: it can be made again from the journal, and is if it is not the same
        write_atomically(path, data, durably=False)
        return Graded(report=report, known=known, before=_report(before))

    def _beside(
        self, submission: str, judged: Sequence[Judged], before: Report | None
    ) -> list[Judged]:
        """Put what was judged for an assignment among the exercises there were before.

        The journal knows them; what needed attention is in the report alone.
        """
        reported = {
            result.name: Judged(result=result, consulted=frozenset(), seconds=0.0)
            for result in (before.exercises if before else ())
        }
        known = {name: one.judged for name, one in self._journal.read(submission).items()}
        every = reported | known | {one.result.name: one for one in judged}
        return [every[name] for name in self._course.names if name in every]

    def _keep_attempt(self, submission: Submission, report: Report) -> None:
        """Keep what was handed in now, before the report of what was before is replaced."""
        names = set(self._names)
        exercises = [one for one in report.exercises if one.name in names]
        if all(one.status is Status.MISSING for one in exercises):
            return
        handed = self._handed.get(submission.id)
        unread = "".join(f" {name}" for name in sorted(submission.unreadable))
        self._attempts.add(
            Attempt(
                submission=submission.id,
                assignment=self._job.assignment,
                name=submission.name,
                email=handed.email if handed else "",
                also=handed.also if handed else (),
                submitted=submission.submitted,
                late=submission.late,
                content=report.content.submission + unread,
                exercises=tuple(exercises),
            )
        )

    def _our_fault(self, name: str, error: Exception) -> Judged:
        said = str(error) if isinstance(error, GraderError) else type(error).__name__
        message = f"our grader failed ({said}); this submission needs attention and is not marked"
        result = ExerciseResult(
            name=name,
            points=0,
            max_points=sum(self._course.exercises[name].points.values()),
            status=Status.NEEDS_ATTENTION,
            message=message,
        )
        return Judged(result=result, consulted=frozenset(), seconds=0.0)


@dataclass(frozen=True, slots=True)
class _Work:
    """Grades some submissions, in whatever process it is called."""

    job: Job

    def __call__(self, tasks: Sequence[_Task]) -> list[list[Judged]]:
        # pytest and the answers we remember are not made for two threads
        with _LOCK:
            grading = _grading(self.job)
            return [grading.judged(task) for task in tasks]


class _Grading:
    """A grader and its sandbox, open for as long as its process works for one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._course = Course.load(job.course)
        here = graders(self._course)
        if differing := [name for name, digest in job.elsewhere.items() if here[name] != digest]:
            message = (
                f"{job.course}: the course on this machine grades {', '.join(differing)} "
                "differently from the one that was started; use the same checkout everywhere"
            )
            raise UsageError(message)
        self._grader = self._open()

    def _open(self) -> Grader:
        found = self.job.isolation
        if self.job.elsewhere:
            sandbox, _ = open_isolated(found.level)
        else:
            sandbox = open_sandbox(found.layers)
        return Grader(
            self._course, sandbox, self.job.seeds, isolation=found.level,
            exercises=self.job.exercises, prerequisite=self.job.prerequisite,
        )  # fmt: skip

    def judged(self, task: _Task) -> list[Judged]:
        """Grade what is asked of one submission; what failed on our side, twice."""
        judged = self._judged(task, task.names)
        broken = [o.result.name for o in judged if o.result.status is Status.NEEDS_ATTENTION]
        if broken:  # the fork server may be what broke
            self.close()
            self._grader = self._open()
            again = {one.result.name: one for one in self._judged(task, broken)}
            judged = [again.get(one.result.name, one) for one in judged]
        return judged

    def _judged(self, task: _Task, names: Sequence[str]) -> list[Judged]:
        with _watched(self._grader.limits.submission + PATIENCE):
            return self._grader.judge(task.submission, names)

    def close(self) -> None:
        """End the sandbox."""
        self._grader.close()
        self._grader.sandbox.close()


_LOCK = threading.Lock()
_open: _Grading | None = None


def _grading(job: Job) -> _Grading:
    """Keep this process's grader open between tasks."""
    global _open  # noqa: PLW0603  a worker process has no other place
    if _open is not None and _open.job != job:
        _open.close()
        _open = None
    if _open is None:
        _open = _Grading(job)
    return _open


def end_grading() -> None:
    """Close this process's grader, if it has one."""
    global _open  # noqa: PLW0603
    with _LOCK:
        if _open is not None:
            _open.close()
        _open = None


@contextlib.contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """End a worker process if what is in it never ends, even in C; its batch goes on without it."""
    if multiprocessing.parent_process() is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def graders(course: Course) -> dict[str, str]:
    """Digest everything that decides how each exercise is graded."""
    return {name: course.grader_digest(name) for name in course.names}


def seed_of(results: Path, given: int | None) -> int:
    """Use the seed given, else the one kept with the results, else a new one.

    Raises:
        UsageError: the kept seed cannot be read, or a new one not written.
    """
    path = results / SEED_FILE
    if given is None and path.exists():
        try:
            return int(json.loads(path.read_text("utf-8"))["seed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{path}: not a seed file; delete it to draw a new seed, or give --seed"
            raise UsageError(message) from error
    seed = secrets.randbelow(2**31) if given is None else given
    with told(results):
        results.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps({"seed": seed}).encode() + b"\n")
    return seed


def read_results(results: Path) -> Iterator[Report]:
    """Read every report of a results folder, one by one.

    Raises:
        UsageError: no such folder, nothing in it, or a file is not a report.
    """
    if not results.is_dir():
        message = f"{results}: no such folder; grade first, or name the folder that was written"
        raise UsageError(message)
    found = False
    for path in sorted(results.glob("*.json")):
        if path.name.startswith("."):
            continue
        found = True
        yield _loaded(path)
    if not found:
        message = f"{results}: no reports in it; grade first"
        raise UsageError(message)


def forget_missing(results: Path, ids: Iterable[str]) -> None:
    """Remove reports that say “missing” of students who have handed in under another id."""
    for name in ids:
        path = results / f"{page_name(name)}.json"
        report = _report(_content(path))
        if report is not None and report.status is Status.MISSING:
            path.with_suffix(".html").unlink(missing_ok=True)
            path.unlink()


def read_report(results: Path, submission: str) -> Report:
    """Read the report of one submission.

    Raises:
        UsageError: there is none, or it is damaged.
    """
    return _loaded(results / f"{page_name(submission)}.json")


def slim(report: Report) -> Report:
    """Keep of a report what tables are made of: a class of a thousand has to fit."""
    return replace(
        report,
        exercises=tuple(
            replace(
                exercise,
                pictures=(),
                drawings=(),
                plots=(),
                criteria=tuple(
                    replace(line, id=intern(line.id), title=intern(line.title), where=None)
                    for line in exercise.criteria
                ),
            )
            for exercise in report.exercises
        ),
    )


def _loaded(path: Path) -> Report:
    try:
        return load_report(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path}: not a report: {error}"
        raise UsageError(message) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _report(data: bytes | None) -> Report | None:
    """Read a report that may be there, and may be damaged."""
    try:
        return load_report(data) if data is not None else None
    except ValueError:
        return None
