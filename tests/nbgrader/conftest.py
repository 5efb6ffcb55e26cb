"""One class for all tests here: making it takes nbgrader some seconds."""

import pytest

pytest.importorskip("nbgrader", reason="nox -s nbgrader installs it")

from tests.nbgrader.classroom import ANSWER, SLIP, WEEK_1, WEEK_2, Classroom, copied, opened


@pytest.fixture(name="generated", scope="session")
def _generated(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Make a class in which something was handed in, and nothing graded."""
    room = opened(tmp_path_factory.mktemp("term"))
    room.hand_in("ada", WEEK_1, "lstm_forward", when="2026-11-16 20:00:00 UTC")
    room.hand_in("bela", WEEK_1, "lstm_forward", when="2026-11-17 20:00:00 UTC", slip=SLIP)
    room.hand_in("chiara", WEEK_1, "lstm_forward", when="2026-11-15 20:00:00 UTC", slip=SLIP)
    room.hand_in("ada", WEEK_2, "gate_analysis", answer=ANSWER)
    return room


@pytest.fixture(name="exported", scope="session")
def _exported(generated: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Grade it with our grader, and write the marks into nbgrader's gradebook."""
    room = copied(generated, tmp_path_factory.mktemp("exported"))
    room.grade(WEEK_1)
    room.grade(WEEK_2)
    room.export()
    return room
