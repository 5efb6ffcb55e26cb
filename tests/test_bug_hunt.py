"""What is handed out to be mended is broken as the known bugs say, and nothing tells the answer."""

from typing import Any

import numpy as np
import pytest

from grader.catalogue import Bug, patched
from grader.course import Course
from grader.pytest_session import RubricSession
from grader.questions import questions_of
from grader.reference import Reference
from grader.seeds import Seeds
from tests.helpers import ROOT

COURSE, NAME = Course.load(ROOT), "bug_hunt"
HUNTS = [f"hunt_{k:02}" for k in range(1, 11)]
AS_GIVEN = {bug.id: bug for bug in COURSE.bugs(NAME) if bug.id.endswith("-as-given")}
DECOY = "hunt_07"


@pytest.fixture(name="asked", scope="module")
def _asked() -> Any:
    """Ask what the hidden grader asks, of the solution, of the stub, and of patched solutions."""
    session = RubricSession([COURSE.hidden(NAME)])
    (rubric,) = session.rubrics().values()
    signatures = rubric.signatures
    solution = Reference(COURSE.functions(NAME), signatures)
    stub: dict[str, Any] = {}
    exec(COURSE.stub(NAME), stub)
    questions = questions_of(NAME, rubric, solution, Seeds(seed=1))
    yield solution, Reference(stub, signatures), questions, signatures
    session.close()


def answers(of: Reference, questions: Any, function: str) -> list[Any]:
    """List what a program answers, as plain arrays."""
    own = [call for call in questions if call.function == function]
    assert own
    return [of.observe(call.function, call.args, call.kwargs) for call in own]


def same(one: Any, other: Any) -> bool:
    """Tell whether two programs answer alike, to the last bit."""
    return all(
        all(map(_equal, a.values, b.values)) and a.warned == b.warned
        for a, b in zip(one, other, strict=True)
    )


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)
    return bool(np.array_equal(a, b, equal_nan=True))


def hunt_of(bug: Bug) -> str:
    """Read which program a row is about."""
    return "_".join(bug.id.split("-")[:2])


def test_nine_are_broken_and_one_is_right(asked: Any) -> None:
    """As handed out; and there is a known bug for each of the nine."""
    solution, stub, questions, _ = asked
    right = [
        hunt
        for hunt in HUNTS
        if same(answers(solution, questions, hunt), answers(stub, questions, hunt))
    ]
    assert right == [DECOY]
    assert sorted(map(hunt_of, AS_GIVEN.values())) == [h for h in HUNTS if h != DECOY]


@pytest.mark.parametrize("bug", AS_GIVEN.values(), ids=AS_GIVEN)
def test_a_known_bug_is_what_is_handed_out(asked: Any, bug: Bug) -> None:
    """A program that nobody touched is recognised as such."""
    _, stub, questions, signatures = asked
    names: dict[str, Any] = {}
    exec(patched(COURSE.source(NAME), bug), names)
    hunt = hunt_of(bug)
    twin = Reference(names, signatures)
    assert same(answers(twin, questions, hunt), answers(stub, questions, hunt))


def test_what_is_said_of_an_untouched_program_is_not_the_answer() -> None:
    """Neither its word nor what MENU says about it."""
    functions = COURSE.functions(NAME)
    menu, right = functions["MENU"], functions["ANSWERS"]
    for bug in AS_GIVEN.values():
        word = right[hunt_of(bug)]
        assert word not in bug.says
        assert word.replace("-", " ") not in bug.says
        assert menu[word] not in bug.says


def test_every_answer_is_on_the_menu_and_the_stub_has_none() -> None:
    """Words can be copied from MENU; the stub has a place for each."""
    functions = COURSE.functions(NAME)
    assert list(functions["ANSWERS"]) == HUNTS
    assert set(functions["ANSWERS"].values()) <= functions["MENU"].keys()
    stub: dict[str, Any] = {}
    exec(COURSE.stub(NAME), stub)
    assert stub["ANSWERS"] == dict.fromkeys(HUNTS)
    assert stub["MENU"] == functions["MENU"]


def test_the_handout_knows_every_word_of_the_menu() -> None:
    """Each with where it was seen, in the order of MENU, which tells nothing."""
    text = (ROOT / "exercises" / "handouts" / f"{NAME}.md").read_text("utf-8")
    table = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    words = [word for word in table if not word.startswith("hunt_")]
    menu = list(COURSE.functions(NAME)["MENU"])
    assert words == menu == sorted(menu)
