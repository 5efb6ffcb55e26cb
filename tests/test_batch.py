import dataclasses
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from grader import batch
from grader.batch import Job, end_grading, grade_all, read_report, read_results, seed_of
from grader.course import Course
from grader.errors import UsageError
from grader.executors import Opened, here, pool
from grader.grade import Grader
from grader.intake import read_submission
from grader.model import Report, Status, Submission, dump_report
from grader.sandbox.selfattack import Isolation, Level, layers_of
from grader.seeds import Seeds
from tests.golden import CLASS, ROOT
from tests.helpers import NAME, copied_course

JOB = Job(
    course=ROOT,
    exercises=(NAME,),
    seeds=Seeds(seed=5),
    isolation=Isolation(level=Level.PROCESS, layers=layers_of(Level.PROCESS), blocked={}),
)
MANY = ("ada", "chiara", "dmitri", "emeka", "fatima", "goran", "hanna", "ivo", "jun", "uma")
PATHS = [CLASS / name for name in ("ada", "kofi", "lena", "viktor")]
Open = Callable[[], AbstractContextManager[Opened]]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the grader this process keeps for a job."""
    yield
    end_grading()


def grades(
    paths: Sequence[Path], results: Path, opened: Open = here, job: Job = JOB
) -> dict[str, Report]:
    return {
        graded.report.submission: dataclasses.replace(graded.report, timing={})
        for graded in grade_all(paths, job, results, opened=opened)
    }


def graded_anew(
    paths: Sequence[Path], results: Path, job: Job = JOB, *, force: bool = False
) -> set[str]:
    """Grade, and name those of whom anything had to be graded."""
    everything = list(grade_all(paths, job, results, force=force))
    assert len(everything) == len(paths)
    return {graded.report.submission for graded in everything if not graded.known}


@pytest.fixture(name="judged")
def _judged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """List what is really judged: submission and exercises."""
    judged: list[tuple[str, tuple[str, ...]]] = []
    whole = Grader.judge

    def listed(self: Grader, submission: Submission, names: Sequence[str] = ()) -> object:
        judged.append((submission.id, tuple(names)))
        return whole(self, submission, names)

    monkeypatch.setattr(Grader, "judge", listed)
    return judged


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    """The number of processes changes nothing but the time."""
    two = grades(PATHS, tmp_path / "two", partial(pool, 2))
    assert grades(PATHS, tmp_path / "one") == two


def test_each_result_is_on_disk_before_the_next_is_asked_for(tmp_path: Path) -> None:
    """Stopping after the first leaves the first, whole; going on grades the others."""
    batch_of_four = grade_all(PATHS, JOB, tmp_path)
    first = next(batch_of_four).report
    batch_of_four.close()  # type: ignore[attr-defined]
    assert [report.submission for report in read_results(tmp_path)] == [first.submission]
    assert graded_anew(PATHS, tmp_path) == {"kofi", "lena", "viktor"}


def test_a_second_run_grades_nothing(
    tmp_path: Path, judged: list[tuple[str, tuple[str, ...]]]
) -> None:
    """The same files, graders and seed: what is there stands, byte for byte."""
    grades(PATHS, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    judged.clear()
    assert graded_anew(PATHS, tmp_path) == set()
    assert judged == []
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == before


def test_a_report_that_is_lost_or_damaged_is_made_again(
    tmp_path: Path, judged: list[tuple[str, tuple[str, ...]]]
) -> None:
    """The journal has everything a report is made of."""
    grades(PATHS[:2], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    (tmp_path / "ada.json").unlink()
    (tmp_path / "kofi.json").write_bytes(before["kofi.json"][:100])
    judged.clear()
    assert graded_anew(PATHS[:2], tmp_path) == set()
    assert judged == []
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == before


DAMAGES = {
    "half a file": lambda data: data[: len(data) // 2],
    "nothing": lambda _: b"",
    "another schema": lambda data: data.replace(b"journal/v1", b"journal/v0"),
    "another submission's": lambda data: data.replace(b'"submission":"ada"', b'"submission":"bo"'),
    "no JSON": lambda _: b"\x00\xff",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_no_journal(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """What cannot be read is graded anew."""
    path = tmp_path / ".journal" / "ada.json"
    grades(PATHS[:1], tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert graded_anew(PATHS[:1], tmp_path) == {"ada"}
    old, new = (json.loads(data)["entries"][NAME] for data in (whole, path.read_bytes()))
    assert old | {"seconds": 0} == new | {"seconds": 0}


def test_only_a_changed_submission_is_graded_again(tmp_path: Path) -> None:
    """One file differs; the rest of the class stands."""
    handed_in = tmp_path / "class"
    for path in PATHS:
        shutil.copytree(path, handed_in / path.name)
    paths = [handed_in / path.name for path in PATHS]
    assert len(graded_anew(paths, tmp_path / "results")) == len(PATHS)
    file = handed_in / "viktor" / f"{NAME}.py"
    file.write_text(file.read_text("utf-8") + "\n# another day\n", "utf-8")
    assert graded_anew(paths, tmp_path / "results") == {"viktor"}


def test_force_grades_everything_again(tmp_path: Path) -> None:
    """For whoever does not believe the journal."""
    grades(PATHS, tmp_path)
    assert len(graded_anew(PATHS, tmp_path, force=True)) == len(PATHS)


OTHERWISE = {
    "another seed": dataclasses.replace(JOB, seeds=Seeds(seed=6)),
    "another key": dataclasses.replace(JOB, seeds=Seeds(seed=5, key=b"ours")),
    "another level": dataclasses.replace(
        JOB, isolation=dataclasses.replace(JOB.isolation, level=Level.CONFINED)
    ),
}


@pytest.mark.parametrize("job", OTHERWISE.values(), ids=OTHERWISE)
def test_what_a_result_depends_on_is_part_of_its_key(tmp_path: Path, job: Job) -> None:
    """Graded under other conditions, it is another result."""
    grades(PATHS[:1], tmp_path)
    assert graded_anew(PATHS[:1], tmp_path, job) == {"ada"}


def test_an_edited_hidden_grader_regrades_only_its_exercise(
    tmp_path: Path, judged: list[tuple[str, tuple[str, ...]]]
) -> None:
    """The others stand; so does whoever's backward was judged without looking at the forward."""
    names = ("lstm_forward", "lstm_backward", "gru")
    root = tmp_path / "course"
    root.mkdir()
    course = copied_course(root, exercises=names)
    job = dataclasses.replace(JOB, course=root, exercises=names)
    folder = tmp_path / "class" / "eva"
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.py").write_text(course.source(name), "utf-8")
    grades([folder], tmp_path / "results", job=job)
    judged.clear()
    path = course.hidden("lstm_forward")
    path.write_text(path.read_text("utf-8") + "\n# a word more\n", "utf-8")
    assert graded_anew([folder], tmp_path / "results", job) == {"eva"}
    assert judged == [("eva", ("lstm_forward",))]


def test_a_backward_judged_by_its_forward_is_regraded_with_that(
    tmp_path: Path, judged: list[tuple[str, tuple[str, ...]]]
) -> None:
    """Its result depends on what the forward earned, so on the forward's grader."""
    names = ("lstm_forward", "lstm_backward")
    root = tmp_path / "course"
    root.mkdir()
    course = copied_course(root, exercises=names)
    job = dataclasses.replace(JOB, course=root, exercises=names)
    grades([CLASS / "emeka"], tmp_path / "results", job=job)
    judged.clear()
    path = course.hidden("lstm_forward")
    path.write_text(path.read_text("utf-8") + "\n# a word more\n", "utf-8")
    grades([CLASS / "emeka"], tmp_path / "results", job=job)
    assert judged == [("emeka", names)]


def test_exercises_graded_one_by_one_are_all_remembered(
    tmp_path: Path, judged: list[tuple[str, tuple[str, ...]]]
) -> None:
    """The journal keeps what the last command did not ask for."""
    for exercises in (("vanilla_rnn",), (NAME,)):
        job = dataclasses.replace(JOB, exercises=exercises)
        grades(PATHS[1:2], tmp_path, job=job)
    judged.clear()
    job = dataclasses.replace(JOB, exercises=("vanilla_rnn", NAME))
    assert graded_anew(PATHS[1:2], tmp_path, job) == set()


def test_a_failure_of_ours_never_takes_another_submission_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One submission needs attention, without a mark; the others are graded; it is tried again."""
    whole = Grader.judge

    def breaks(self: Grader, submission: object, names: Sequence[str] = ()) -> object:
        if getattr(submission, "id", "") == "kofi":
            message = "a bug of ours"
            raise KeyError(message)
        return whole(self, submission, names)  # type: ignore[arg-type]

    monkeypatch.setattr(Grader, "judge", breaks)
    found = grades(PATHS, tmp_path)
    assert found["kofi"].status is Status.NEEDS_ATTENTION
    assert "KeyError" in found["kofi"].exercises[0].message
    assert found["ada"].points == 25
    assert found["viktor"].points == 20
    monkeypatch.setattr(Grader, "judge", whole)
    assert graded_anew(PATHS, tmp_path) == {"kofi"}
    assert read_report(tmp_path, "kofi").status is Status.NOT_STARTED


def test_a_killed_fork_server_costs_nobody_a_mark(tmp_path: Path) -> None:
    """Whoever it hits is graded again by a new one, in the same run."""
    found: list[Report] = []
    for graded in grade_all([CLASS / name for name in MANY[:4]], JOB, tmp_path):
        found.append(graded.report)
        assert batch._open is not None
        server = batch._open._grader.sandbox
        os.kill(server.process, signal.SIGKILL)  # type: ignore[attr-defined]
    assert [report.status for report in found] == [Status.GRADED] * 4


def test_a_submission_nobody_can_read_needs_attention_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours in reading is a report, too."""
    whole = read_submission

    def breaks(path: Path, stubs: dict[str, str]) -> object:
        if path.name == "kofi":
            raise RecursionError
        return whole(path, stubs)

    monkeypatch.setattr(batch, "read_submission", breaks)
    found = grades(PATHS, tmp_path)
    assert "RecursionError" in found["kofi"].exercises[0].message
    assert found["ada"].points == 25


def test_a_course_that_differs_elsewhere_is_refused(tmp_path: Path) -> None:
    """A cluster grades with the course that was started, or not at all."""
    digests = {NAME: "of another time"}
    job = dataclasses.replace(JOB, elsewhere=digests)
    with pytest.raises(UsageError, match="use the same checkout everywhere"):
        grades(PATHS[:1], tmp_path, job=job)


def test_elsewhere_isolation_is_found_out_again(tmp_path: Path) -> None:
    """Another machine attacks itself; one that isolates less is refused."""
    digests = batch.graders(Course.load(ROOT))
    isolation = dataclasses.replace(JOB.isolation, level=Level.NAMESPACED)
    job = dataclasses.replace(JOB, elsewhere=digests, isolation=isolation)
    with pytest.raises(UsageError, match="namespaced is required"):
        grades(PATHS[:1], tmp_path, job=job)


def test_what_never_ends_on_our_side_ends_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watchdog, which needs no Python to run, ends a worker process; never this one."""
    monkeypatch.setattr(batch, "PATIENCE", -300.0 + 1e-3)
    found = grades(PATHS[:1], tmp_path)
    assert found["ada"].points == 25


def test_a_full_disk_is_told_and_corrupts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to do; what was written is whole; the next run goes on."""
    grades(PATHS[:2], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    real = os.fsync

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="make room and run the same command again"):
        grades(PATHS, tmp_path)
    monkeypatch.setattr(os, "fsync", real)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == before
    assert not list(tmp_path.glob("**/.unfinished-*"))
    assert graded_anew(PATHS, tmp_path) == {"lena", "viktor"}


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
