"""The course proves itself, and the proof itself can fail."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import Course
from grader.model import Proof
from grader.proof import prove
from grader.report.markdown import bug_tables
from grader.sandbox.server import ForkServer
from grader.sync import stale, wanted
from tests.helpers import NAME, ROOT, changed, copied_course

COURSE = Course.load(ROOT)


@pytest.fixture(name="sandbox", scope="module")
def _sandbox() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.close()


@pytest.mark.parametrize("name", COURSE.names)
def test_an_exercise_holds(sandbox: ForkServer, name: str) -> None:
    """Stub, reference on three seeds, every bug, every criterion, the points."""
    trains = COURSE.exercises[name].training
    # three seeds here; the command `course` takes ten
    proof = prove(COURSE, sandbox, name, seeds=(1, 2, 3), trained=not trains)
    assert proof.problems == ()
    assert len(proof.costs) >= 12
    documented = (ROOT / "docs" / "known-bugs.md").read_text("utf-8")
    # what bugs cost in training is found out by the command `course`, in minutes
    assert trains or bug_tables([proof]).partition("## ")[2] in documented
    assert all(f"`{cost.bug}`" in documented for cost in proof.costs)


def test_generated_files_are_in_step() -> None:
    """Stubs and tables equal their source; otherwise run `nox -s sync`."""
    assert [str(path.relative_to(ROOT)) for path in stale(COURSE)] == []


@pytest.mark.parametrize("name", COURSE.names)
def test_decorators_and_course_toml_agree(name: str) -> None:
    """The number in @points is the one in course.toml, so that neither misleads."""
    text = COURSE.hidden(name).read_text("utf-8")
    for criterion, points in COURSE.exercises[name].points.items():
        head = text.partition(f"def test_{criterion}(")[0]
        number = re.match(r"\d+", head.rpartition("@points(")[2])
        assert number is not None, criterion
        assert int(number[0]) == points, criterion


# --- a course with a fault in it -------------------------------------------------------


#: A quarter of the known bugs is enough to find a fault; those that show it stay.
FEWER = """
SHOW = {"sigmoid", "sigmoid_stable", "forget_bias"}
BUGS = [bug for k, bug in enumerate(BUGS) if k % 4 == 0 or bug.caught_by in SHOW]
"""


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """Copy a course of this one exercise, with its tables in step."""
    course = copied_course(tmp_path)
    with course.bug_path(NAME).open("a", encoding="utf-8") as file:
        file.write(FEWER)
    for path, text in wanted(course).items():
        path.write_text(text, "utf-8")
    return tmp_path


FAULTS = {
    "a wrong solution": (
        "solutions/lstm_forward.py", "    steps = []\n", "    steps = []\n    h = h + 1e-3\n",
        "the reference loses pytorch",
    ),
    "a grader that forgets the forget gate": (
        "grader/hidden/test_lstm_forward.py",
        "got = W[0, H : 2 * H]\n", "got = np.full(H, want)\n",
        "bug forget-bias-negative does not lose forget_bias",
    ),
    "a criterion that cannot fail": (
        "grader/hidden/test_lstm_forward.py",
        '    expect_quiet(got, "sigmoid(a)")\n', "",
        "no known bug loses sigmoid_stable",
    ),
    "a bug that is caught elsewhere": (
        "grader/bugs/lstm_forward.py",
        'new="np.tanh(-0.5 * a)",\n        caught_by="sigmoid"',
        'new="np.tanh(-0.5 * a)",\n        caught_by="pack_gates"',
        "bug sigmoid-sign does not lose pack_gates",
    ),
    "a slip that costs too much": (
        "course.toml", "forward_cell = 3", "forward_cell = 9", "above a quarter",
    ),
    "points for a criterion that does not exist": (
        "course.toml", "pytorch = 1", "pytorch = 1\ntensorflow = 1",
        "course.toml gives points to lstm_forward.tensorflow",
    ),
    "a criterion without points": (
        "course.toml", "pytorch = 1\n", "", "course.toml gives no points to lstm_forward.pytorch",
    ),
    "too much for precision": (
        "course.toml", "precision = 1", "precision = 5", "above a tenth",
    ),
}  # fmt: skip


def test_without_a_fault_none_is_found(copy: Path, sandbox: ForkServer) -> None:
    """What is said of the faults below is not said of the course they are put into."""
    proof = prove(Course.load(copy), sandbox, NAME, seeds=[1])
    said = [says for *_, says in FAULTS.values()]
    assert [one for one in said if any(one in problem for problem in proof.problems)] == []


@pytest.mark.parametrize(("file", "old", "new", "says"), FAULTS.values(), ids=FAULTS)
def test_the_proof_finds_a_fault(
    copy: Path, sandbox: ForkServer, file: str, old: str, new: str, says: str
) -> None:
    """Each way a course can be wrong is named."""
    changed(copy / file, old, new)
    proof: Proof = prove(Course.load(copy), sandbox, NAME, seeds=[1])
    assert any(says in problem for problem in proof.problems), proof.problems


def test_two_bugs_that_look_alike_are_found(copy: Path, sandbox: ForkServer) -> None:
    """The same patch under two names cannot be told apart."""
    changed(
        copy / "grader/bugs/lstm_forward.py",
        "BUGS = [\n",
        'BUGS = [\n    Bug(id="twin", old="np.tanh(0.5 * a)", new="np.tanh(-0.5 * a)",\n'
        '        caught_by="sigmoid", says="The same."),\n',
    )
    proof = prove(Course.load(copy), sandbox, NAME, seeds=[1])
    assert "twin and sigmoid-sign cannot be told apart" in proof.problems


STALE = {
    "a stub that was edited": ("exercises/lstm_forward.py", "YOUR CODE HERE", "MY CODE HERE"),
    "a table that was edited": ("exercises/handouts/lstm_forward.md", "| **25** |", "| **26** |"),
    "a solution that moved on": ("solutions/lstm_forward.py", "NumPy only.", "Pure NumPy."),
}


@pytest.mark.parametrize(("file", "old", "new"), STALE.values(), ids=STALE)
def test_a_generated_file_out_of_step_is_found(copy: Path, file: str, old: str, new: str) -> None:
    """Editing either side of a generated pair is noticed."""
    assert stale(Course.load(copy)) == []
    path = copy / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert stale(Course.load(copy)) != []
