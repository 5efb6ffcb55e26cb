"""The classes benchmarks grade are what they say; nothing here is timed."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.batch import Job, grade_all
from grader.course import Course
from grader.executors import here
from grader.intake import find_submissions, read_submission
from grader.model import Cost, Status
from grader.reference import load_functions
from grader.sandbox.selfattack import Isolation, Level
from grader.seeds import Seeds
from tests.helpers import ROOT

BENCHMARKS = ROOT / "benchmarks"
TEN_CHECKS = BENCHMARKS / "ten_checks"


@pytest.fixture(name="bench", scope="module")
def _bench() -> Iterator[SimpleNamespace]:
    """Import what benchmarks make classes with, as they do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        names = ("synthetic", "rewritten", "notebooks")
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})


@pytest.fixture(name="checks", scope="module")
def _checks() -> ModuleType:
    """Load the peers' checks beside their reference."""
    source = (TEN_CHECKS / "solutions" / "lstm_cell.py").read_text("utf-8")
    text = (BENCHMARKS / "peers" / "ten_checks.py").read_text("utf-8")
    names = load_functions({"reference": source, "ten_checks": text})
    module = ModuleType("ten_checks")
    module.__dict__.update(names)
    return module


def costs(course: Course) -> dict[str, Cost]:
    """Say of every bug that it costs three points and is named."""
    return {
        bug.id: Cost(
            bug=bug.id, caught_by=bug.caught_by, says=bug.says, lost=3, outcomes={},
            carried=(), diagnosed=bug.id,
        )
        for bug in course.bugs("lstm_forward")
    }  # fmt: skip


def test_a_synthetic_class_is_a_tenth_broken(bench: SimpleNamespace, tmp_path: Path) -> None:
    """Every way to be broken is there, and intake finds each student once."""
    course = Course.load(ROOT)
    expected = bench.synthetic.write_class(tmp_path / "class", 300, costs(course))
    kinds = [what.kind for what in expected.values() if what.kind in bench.synthetic.BROKEN]
    assert sorted(kinds) == sorted(bench.synthetic.BROKEN)
    found = find_submissions(tmp_path / "class", course.stubs())
    assert sorted(one.id for one in found) == sorted(expected)
    texts = [
        submission.files["lstm_forward"].text
        for one in found
        if "lstm_forward" in (submission := read_submission(one, course.stubs())).files
        and submission.files["lstm_forward"].text != course.stub("lstm_forward")
    ]
    assert len(set(texts)) == len(texts)


def test_every_ten_of_the_broken_have_one_that_hangs(bench: SimpleNamespace) -> None:
    """So that classes of any hundreds cost in proportion."""
    slow = [kind in bench.synthetic.HANGING for kind in bench.synthetic.BROKEN]
    assert [sum(slow[start : start + 10]) for start in range(0, len(slow), 10)] == [1, 1, 1]


def test_what_is_right_in_other_words_is_other_words(bench: SimpleNamespace) -> None:
    """No change of a right solution misses its place."""
    for source, ways in (
        (Course.load(ROOT).source("lstm_forward"), bench.synthetic.RIGHT),
        (Course.load(TEN_CHECKS).source("lstm_cell"), bench.rewritten.WAYS),
    ):
        for changes in ways.values():
            assert [old for old, _ in changes if source.count(old) != 1] == []


WRONG_RESULTS: dict[str, tuple[dict[str, Any], str]] = {
    "other marks": ({"points": 24}, "graded with 24, not graded with 25"),
    "another status": ({"status": "unreadable"}, "unreadable with 25, not graded with 25"),
    "a diagnosis of a right one": (
        {"criteria": [{"diagnosis": {"bug": "x"}}]}, "named ['x'] in a right one",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "says"), WRONG_RESULTS.values(), ids=WRONG_RESULTS)
def test_a_wrong_result_is_told(bench: SimpleNamespace, change: dict[str, Any], says: str) -> None:
    """A benchmark that could not fail would show nothing."""
    right = bench.synthetic.Expected(kind="right", status=Status.GRADED, points=25)
    result = {"status": "graded", "points": 25, "criteria": []}
    assert bench.synthetic.differs({"exercises": [result]}, right) == ""
    assert bench.synthetic.differs({"exercises": [result | change]}, right) == says
    assert bench.synthetic.differs(None, right) == "no result"


def test_a_bug_has_to_be_named(bench: SimpleNamespace) -> None:
    """Marks alone are not the right result of a known bug."""
    what = bench.synthetic.Expected(kind="b", status=Status.GRADED, points=22, bug="sigmoid-sign")
    line = {"diagnosis": {"bug": "sigmoid-sign"}}
    for lines, says in (([line], ""), ([], "named [], not sigmoid-sign")):
        result = {"status": "graded", "points": 22, "criteria": lines}
        assert bench.synthetic.differs({"exercises": [result]}, what) == says


def test_ten_variants_get_full_marks_from_us_and_from_the_checks_of_the_peers(
    bench: SimpleNamespace, checks: ModuleType, tmp_path: Path
) -> None:
    """What is timed is the same work, and right."""
    folder = bench.rewritten.write_right(tmp_path / "class", 10)
    paths = sorted(folder.glob("*.py"))
    assert len({path.read_text("utf-8") for path in paths}) == 10
    isolation = Isolation(level=Level.PROCESS, layers=("limits",), blocked={})
    job = Job(course=TEN_CHECKS, exercises=("lstm_cell",), seeds=Seeds(seed=1), isolation=isolation)
    graded = list(grade_all(paths, job, tmp_path / "results", opened=here))
    assert [one.report.points for one in graded] == [10] * 10
    for path in paths:
        names = load_functions({"lstm_cell": path.read_text("utf-8")})
        for name in checks.CHECKS:
            checks.check(name, names["step_forward"], names["step_backward"])


def test_the_checks_of_the_peers_are_ours_in_number_name_and_work(checks: ModuleType) -> None:
    """Ten checks, and 1,810 calls of the student's forward."""
    assert list(checks.CHECKS) == list(Course.load(TEN_CHECKS).exercises["lstm_cell"].points)
    calls = 0
    right = load_functions({"lstm_cell": Course.load(TEN_CHECKS).source("lstm_cell")})

    def forward(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return right["step_forward"](*args)

    for name in checks.CHECKS:
        checks.check(name, forward, right["step_backward"])
    assert calls == 1810


def test_the_checks_of_the_peers_can_fail(checks: ModuleType) -> None:
    """A slip in the backward loses the backwards and gradients, and no forward."""
    source = Course.load(TEN_CHECKS).source("lstm_cell")
    slip = source.replace("dc * g * i * (1 - i)", "dc * g * i * (1 + i)")
    assert slip != source
    names = load_functions({"lstm_cell": slip})
    lost = []
    for name in checks.CHECKS:
        with np.errstate(all="ignore"):
            try:
                checks.check(name, names["step_forward"], names["step_backward"])
            except AssertionError:
                lost.append(name)
    assert lost == [name for name in checks.CHECKS if not name.startswith("forward")]


def test_a_students_notebook_keeps_the_graded_cells(bench: SimpleNamespace) -> None:
    """The grader finds the student's source in the cell for it, and its own tests."""
    release = bench.notebooks.nbgrader_source("pass", ["one", "two"])
    theirs = bench.notebooks.filled(release, "x = 1")
    assert theirs.cells[0].source == "x = 1"
    assert [cell.metadata.nbgrader.points for cell in theirs.cells[1:]] == [1, 1]
    assert release.cells[0].source == "pass"
