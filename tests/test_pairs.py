from collections.abc import Iterator

import pytest

from grader.calls import Raised, Trouble
from grader.catalogue import Bug, patched
from grader.course import Course
from grader.grade import Grader
from grader.model import Certainty, Outcome
from grader.pairs import Paired, joined
from tests.helpers import NAME, ROOT, SOLUTION, criteria, handed_in, open_grader

COURSE = Course.load(ROOT)
BUGS = {bug.id: bug for bug in COURSE.bugs(NAME)}


@pytest.fixture(name="grader", scope="module")
def _grader() -> Iterator[Grader]:
    with open_grader() as grader:
        yield grader


def both(one: str, other: str) -> str:
    return patched(patched(SOLUTION, BUGS[one]), BUGS[other])


TOGETHER = {
    "two in one line": ("forward-hidden-not-carried", "forward-cell-not-carried", "sequence"),
    "a gate and a state": ("forward-without-input-gate", "forward-h0-ignored", "forward_cell"),
    "an order and a term": ("gates-returned-with-i-first", "gates-without-bias", "gates"),
}


@pytest.mark.parametrize(("one", "other", "criterion"), TOGETHER.values(), ids=TOGETHER)
def test_two_bugs_that_no_single_one_explains_are_both_named(
    one: str, other: str, criterion: str, grader: Grader
) -> None:
    """Exactly, in one sentence each; what they explain later is carried forward."""
    found = criteria(grader.grade(handed_in(both(one, other))))
    diagnosis = found[criterion].diagnosis
    assert diagnosis is not None
    assert set(diagnosis.bug.split("+")) == {one, other}
    assert diagnosis.certainty is Certainty.EXACT
    assert diagnosis.says.startswith("Two things at once. ")
    assert BUGS[one].says in diagnosis.says
    assert BUGS[other].says in diagnosis.says
    later = [line for line in found.values() if line.carried_forward]
    assert all(line.outcome is Outcome.PASSED for line in later)


def test_a_bug_that_joins_a_known_one_is_named_alone(grader: Grader) -> None:
    """What was said before is not said again."""
    source = both("sigmoid-sign", "step-hidden-of-the-old-cell")
    found = criteria(grader.grade(handed_in(source)))
    line = next(one for one in found.values() if one.diagnosis and "+" in one.diagnosis.bug)
    assert line.diagnosis is not None
    assert line.diagnosis.says.startswith("Beside what is named above: ")
    assert BUGS["step-hidden-of-the-old-cell"].says in line.diagnosis.says
    assert BUGS["sigmoid-sign"].says not in line.diagnosis.says


def test_numbers_of_nobody_are_not_explained_by_any_pair(grader: Grader) -> None:
    """Silence is better than a wrong name."""
    strange = SOLUTION.replace("c = f * c_prev + i * g", "c = f * c_prev + 0.77 * i * g * g")
    assert strange != SOLUTION
    found = criteria(grader.grade(handed_in(strange)))
    assert [line.diagnosis for line in found.values() if line.outcome is Outcome.FAILED]
    assert not [line for line in found.values() if line.diagnosis]


def test_a_pair_is_patched_like_one_bug() -> None:
    """All their places, in order; caught where it is found."""
    one = Bug(id="a", old="1", new="2", also=(("3", "4"),), caught_by="x", says="A.")
    other = Bug(id="b", old="5", new="6", caught_by="y", says="B.")
    pair = joined(one, other, "z")
    assert (pair.id, pair.caught_by, patched("1 3 5", pair)) == ("a+b", "z", "2 4 6")


def test_patches_that_make_no_program_together_are_no_pair() -> None:
    """Neither a syntax error nor a failing import of ours reaches anybody."""

    def breaks() -> dict[str, object]:
        raise KeyError

    twin = Paired(breaks, {})
    assert twin.observe("f", (), {}) == Raised(trouble=Trouble.RAISED, name="KeyError")
