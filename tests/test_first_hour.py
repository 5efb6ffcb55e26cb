"""A student's first hour, from the zip to a right save."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Course
from tests.first_hour import STEPS, unpacked, walk
from tests.helpers import ROOT

COMMAND = [sys.executable, "-m", "grader"]


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(Course.load(ROOT), tmp_path_factory.mktemp("student"))


def test_the_first_hour_goes_as_it_should(folder: Path) -> None:
    """Stub, half a line, a slip, two hints, the right save, the map, and back."""
    assert len(list(walk(folder, COMMAND))) == len(STEPS)


def test_a_step_that_goes_wrong_is_noticed(folder: Path) -> None:
    """The walk can fail, and says what happened instead."""
    strange = replace(STEPS[0], says="Bravo!")
    with pytest.raises(AssertionError, match=r"checks the stub: exit 0\n"):
        list(walk(folder, COMMAND, [strange]))
