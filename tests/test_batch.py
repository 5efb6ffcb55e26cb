import dataclasses
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import batch
from grader.batch import Job, grade_all, read_results, seed_of, write_atomically
from grader.course import Course
from grader.errors import UsageError
from grader.grade import Grader
from grader.model import Report, Status, dump_report
from grader.sandbox.selfattack import Isolation, Level, layers_of
from grader.seeds import Seeds
from tests.golden import CLASS, ROOT

JOB = Job(
    course=ROOT,
    exercises=("lstm_forward",),
    seeds=Seeds(seed=5),
    isolation=Isolation(level=Level.PROCESS, layers=layers_of(Level.PROCESS), blocked={}),
)
MANY = ("ada", "chiara", "dmitri", "emeka", "fatima", "goran", "hanna", "ivo", "jun", "uma")
PATHS = [CLASS / name for name in ("ada", "kofi", "lena", "viktor")]


def grades(paths: list[Path], results: Path, jobs: int = 1) -> dict[str, Report]:
    return {
        report.submission: dataclasses.replace(report, timing={})
        for report in grade_all(paths, JOB, results, jobs=jobs)
    }


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    """The number of processes changes nothing but the time."""
    assert grades(PATHS, tmp_path / "one") == grades(PATHS, tmp_path / "two", jobs=2)


def test_each_result_is_on_disk_before_the_next_is_asked_for(tmp_path: Path) -> None:
    """Stopping after the first leaves the first, whole."""
    first = next(iter(grade_all(PATHS, JOB, tmp_path)))
    assert [report.submission for report in read_results(tmp_path)] == [first.submission]


def test_a_failure_of_ours_never_takes_another_submission_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One submission needs attention, without a mark; the others are graded."""
    whole = Grader.grade

    def breaks(self: Grader, submission: object) -> Report:
        if getattr(submission, "id", "") == "kofi":
            message = "a bug of ours"
            raise KeyError(message)
        return whole(self, submission)  # type: ignore[arg-type]

    monkeypatch.setattr(Grader, "grade", breaks)
    found = grades(PATHS, tmp_path)
    assert found["kofi"].status is Status.NEEDS_ATTENTION
    assert "KeyError" in found["kofi"].exercises[0].message
    assert found["ada"].points == 25
    assert found["viktor"].points == 20


def test_a_killed_fork_server_costs_nobody_a_mark() -> None:
    """The submission it hits needs attention; the next one is graded by a new server."""
    found: list[Report] = []
    with batch._InProcess(JOB) as here:
        found.append(here.grade(CLASS / "ada"))
        server = here._grader.sandbox
        os.kill(server.process, signal.SIGKILL)  # type: ignore[attr-defined]
        found += [here.grade(CLASS / "ada"), here.grade(CLASS / "viktor")]
    assert [report.status for report in found] == [
        Status.GRADED,
        Status.NEEDS_ATTENTION,
        Status.GRADED,
    ]
    assert found[2].points == 20


def test_a_killed_pool_process_costs_nobody_a_mark(tmp_path: Path) -> None:
    """Whoever is left goes on in a new pool; nothing is graded twice."""
    found: list[str] = []
    for report in grade_all([CLASS / name for name in MANY], JOB, tmp_path, jobs=2):
        found.append(report.submission)
        assert report.status is not Status.NEEDS_ATTENTION
        if len(found) == 2:
            children = multiprocessing.active_children()
            os.kill(int(children[0].pid or 0), signal.SIGKILL)
    assert sorted(found) == sorted(MANY)


def test_a_submission_that_breaks_every_pool_is_ours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that kills its process each time needs attention; the others are graded."""

    def one_round(paths: list[Path], job: Job, _jobs: int) -> Iterator[tuple[Path, Report]]:
        for path in paths:
            if path.name == "lena":
                return  # the pool is broken
            yield path, next(iter(batch._one_by_one([path], job)))

    monkeypatch.setattr(batch, "_round", one_round)
    found = grades(PATHS, tmp_path, jobs=2)
    assert found["lena"].status is Status.NEEDS_ATTENTION
    assert (found["ada"].points, found["viktor"].points) == (25, 20)


def test_a_seed_is_kept_with_its_results(tmp_path: Path) -> None:
    """Drawn once, then read; a given one replaces it."""
    drawn = seed_of(tmp_path, None)
    assert seed_of(tmp_path, None) == drawn
    assert seed_of(tmp_path, 7) == 7
    assert seed_of(tmp_path, None) == 7


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": "x"}', "seven"])
def test_a_damaged_seed_file_is_named(tmp_path: Path, text: str) -> None:
    """Grading goes on with no seed nobody chose."""
    (tmp_path / batch.SEED_FILE).write_text(text)
    with pytest.raises(UsageError, match="not a seed file"):
        seed_of(tmp_path, None)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A failing write leaves the old file and no rubbish."""
    path = tmp_path / "report.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_results_come_back_in_the_order_of_their_ids(tmp_path: Path) -> None:
    """Whatever order they were graded in."""
    found = grades(PATHS[::-1], tmp_path)
    assert [report.submission for report in read_results(tmp_path)] == sorted(found)


def test_equal_submissions_give_equal_bytes(tmp_path: Path) -> None:
    """Same files, same seed: the same report, timings apart."""
    one, two = (grades([CLASS / "wanda"], tmp_path / name)["wanda"] for name in "ab")
    assert dump_report(one) == dump_report(two)


def test_a_course_without_a_sample_class_has_none() -> None:
    """The sample is the course's own business."""
    assert Course.load(ROOT / "benchmarks" / "ten_checks").sample is None
