"""Whose earlier file an exercise is judged with: the own one, the given one, the better one."""

from collections.abc import Callable, Iterator

import pytest

from grader.course import Course
from grader.grade import Grader, Judged
from grader.model import Status
from grader.policy import Prerequisite
from grader.sandbox.server import open_sandbox
from grader.seeds import Seeds
from tests.helpers import ROOT, SOLUTION, edited, together

NAME = "lstm_backward"
BACKWARD = (ROOT / "solutions" / f"{NAME}.py").read_text("utf-8")
NO_FORGET = edited(
    ("        c = f * c_prev + i * g\n        tanh_c", "        c = c_prev + i * g\n        tanh_c")
)
Judge = Callable[..., Judged]


@pytest.fixture(name="judge", scope="module")
def _judge() -> Iterator[Judge]:
    sandbox = open_sandbox(("limits",))
    course = Course.load(ROOT)
    graders = {
        one: Grader(
            course, sandbox, Seeds(seed=1), isolation="process", exercises=[NAME], prerequisite=one
        )
        for one in Prerequisite
    }

    def judge(prerequisite: Prerequisite, **files: str) -> Judged:
        (judged,) = graders[prerequisite].judge(together(files), [NAME])
        return judged

    yield judge
    for grader in graders.values():
        grader.close()
    sandbox.close()


def test_given_needs_no_earlier_file_and_own_does(judge: Judge) -> None:
    """Who never handed in the forward is judged with the course's, if that is given."""
    given = judge(Prerequisite.GIVEN, lstm_backward=BACKWARD).result
    assert (given.status, given.points) == (Status.GRADED, given.max_points)
    own = judge(Prerequisite.OWN, lstm_backward=BACKWARD).result
    assert own.points < own.max_points


def test_given_and_best_stand_in_for_a_wrong_forward(judge: Judge) -> None:
    """Nothing has to be carried forward: the backward meets a right forward."""
    files = {"lstm_forward": NO_FORGET, "lstm_backward": BACKWARD}
    for prerequisite in (Prerequisite.GIVEN, Prerequisite.BEST):
        result = judge(prerequisite, **files).result
        assert result.points == result.max_points
        assert not any(line.carried_forward for line in result.criteria)
    own = judge(Prerequisite.OWN, **files).result
    assert any(line.carried_forward for line in own.criteria)


def test_best_keeps_a_right_forward_and_says_what_it_depends_on(judge: Judge) -> None:
    """The own file stays; the graders of the forward have a say."""
    judged = judge(Prerequisite.BEST, lstm_forward=SOLUTION, lstm_backward=BACKWARD)
    assert judged.result.points == judged.result.max_points
    assert judged.consulted == {"lstm_forward"}
    assert judge(Prerequisite.GIVEN, lstm_backward=BACKWARD).consulted == frozenset()
