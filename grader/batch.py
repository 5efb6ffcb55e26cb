"""Many submissions: over every core, each result on disk as soon as it is there.

The process that runs this owns the results folder; the worker processes of
the pool only grade and answer. A submission that breaks our own code becomes
a report that says so; it never takes another one with it.
"""

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from grader.course import Course
from grader.errors import GraderError, UsageError
from grader.grade import Grader, environment
from grader.intake import read_submission, submission_id
from grader.model import (
    Content,
    ExerciseResult,
    Report,
    Status,
    dump_report,
    load_report,
)
from grader.report.names import page_name
from grader.sandbox.selfattack import Isolation
from grader.sandbox.server import open_sandbox
from grader.seeds import Seeds

__all__ = ["Job", "grade_all", "read_results", "seed_of", "write_atomically"]

SEED_FILE = ".carousel-seed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every process of a batch needs to know."""

    course: Path
    exercises: tuple[str, ...]
    seeds: Seeds
    isolation: Isolation


def grade_all(paths: Sequence[Path], job: Job, results: Path, *, jobs: int = 1) -> Iterator[Report]:
    """Grade submissions, write each result, and yield it; in no fixed order.

    jobs: processes to use; 1 grades in this one.
    """
    results.mkdir(parents=True, exist_ok=True)
    here = jobs <= 1 or len(paths) <= 1
    for report in _one_by_one(paths, job) if here else _pooled(paths, job, jobs):
        write_atomically(results / f"{page_name(report.submission)}.json", dump_report(report))
        yield report


def _one_by_one(paths: Sequence[Path], job: Job) -> Iterator[Report]:
    with _InProcess(job) as here:
        for path in paths:
            yield here.grade(path)


def _pooled(paths: Sequence[Path], job: Job, jobs: int) -> Iterator[Report]:
    """Grade in a pool of processes; when one dies, go on in a new pool.

    A dying process breaks its whole pool, and nobody knows which submission
    it had. What is left is tried again; only when a pool gets nothing done is
    the first one left tried alone, and only if that dies too is it ours.
    """
    left = dict.fromkeys(paths)
    while left:
        before = len(left)
        for path, report in _round(list(left), job, min(jobs, before)):
            del left[path]
            yield report
        if len(left) == before:
            path = next(iter(left))
            alone = dict(_round([path], job, 1))
            del left[path]
            yield alone.get(path) or _our_fault(path, job, BrokenProcessPool())


def _round(paths: Sequence[Path], job: Job, jobs: int) -> Iterator[tuple[Path, Report]]:
    """Grade what one pool grades before it breaks."""
    # spawn: a forked copy of this process would share its fork server's socket
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(job,)
    )
    with pool:
        futures = {pool.submit(_grade_in_pool, path): path for path in paths}
        for future in as_completed(futures):
            with contextlib.suppress(BrokenProcessPool):
                yield futures[future], future.result()


class _InProcess:
    """A grader and its sandbox, open for as long as a batch lasts."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._course = Course.load(job.course)
        self._stubs = self._course.stubs()
        self._grader = self._open()

    def _open(self) -> Grader:
        sandbox = open_sandbox(self._job.isolation.layers)
        return Grader(
            self._course, sandbox, self._job.seeds, isolation=self._job.isolation.level,
            exercises=self._job.exercises,
        )  # fmt: skip

    def grade(self, path: Path) -> Report:
        """Grade one submission; our own failures become a report too."""
        try:
            report = self._grader.grade(read_submission(path, self._stubs))
        # nothing a submission contains may stop the batch
        except Exception as error:  # noqa: BLE001
            report = _our_fault(path, self._job, error)
        if report.status is Status.NEEDS_ATTENTION:
            self._close()
            self._grader = self._open()  # the fork server may be what broke
        return report

    def _close(self) -> None:
        self._grader.close()
        self._grader.sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


_here: _InProcess | None = None


def _start(job: Job) -> None:
    """Open this pool process's own grader."""
    global _here  # noqa: PLW0603  a pool process has no other place
    _here = _InProcess(job)


def _grade_in_pool(path: Path) -> Report:
    assert _here is not None  # noqa: S101  _start ran before
    return _here.grade(path)


def _our_fault(path: Path, job: Job, error: Exception) -> Report:
    said = str(error) if isinstance(error, GraderError) else type(error).__name__
    message = f"our grader failed ({said}); this submission needs attention and is not marked"
    course = Course.load(job.course)
    names = job.exercises or course.names
    results = tuple(
        ExerciseResult(
            name=name,
            points=0,
            max_points=sum(course.exercises[name].points.values()),
            status=Status.NEEDS_ATTENTION,
            message=message,
        )
        for name in names
    )
    return Report(
        submission=submission_id(path),
        points=0,
        max_points=sum(result.max_points for result in results),
        status=Status.NEEDS_ATTENTION,
        seed=job.seeds.seed,
        isolation=job.isolation.level,
        key=job.seeds.key_name,
        content=Content(submission="", grader="", environment=environment()),
        exercises=results,
    )


def seed_of(results: Path, given: int | None) -> int:
    """Use the seed given, else the one kept with the results, else a new one.

    Raises:
        UsageError: the kept seed cannot be read.
    """
    path = results / SEED_FILE
    if given is None and path.exists():
        try:
            return int(json.loads(path.read_text("utf-8"))["seed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{path}: not a seed file; delete it to draw a new seed, or give --seed"
            raise UsageError(message) from error
    seed = secrets.randbelow(2**31) if given is None else given
    results.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"seed": seed}).encode() + b"\n")
    return seed


def read_results(results: Path) -> list[Report]:
    """Read every report of a results folder, in the order of their ids.

    Raises:
        UsageError: no such folder, nothing in it, or a file is not a report.
    """
    if not results.is_dir():
        message = f"{results}: no such folder; grade first, or name the folder that was written"
        raise UsageError(message)
    reports = []
    for path in sorted(results.glob("*.json")):
        if path.name.startswith("."):
            continue
        try:
            report = load_report(path.read_bytes())
        except (OSError, ValueError) as error:
            message = f"{path}: not a report: {error}"
            raise UsageError(message) from error
        reports.append(report)
    if not reports:
        message = f"{results}: no reports in it; grade first"
        raise UsageError(message)
    return sorted(reports, key=lambda report: report.submission)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or none: under another name, then renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
