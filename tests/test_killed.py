"""A batch that is killed goes on where it stopped; the long form is benchmarks/killed.py."""

import random
import sys
from pathlib import Path

import pytest

from benchmarks import killed


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("victim", killed.VICTIMS)
def test_nothing_is_lost_whatever_is_killed(victim: str, tmp_path: Path) -> None:
    """No half-written file, no process left, and the results of an undisturbed run."""
    submissions = killed.handed_in(tmp_path / "class", 10)
    assert killed.start(submissions, tmp_path / "quiet").wait() == 0
    results = tmp_path / "disturbed"
    kills = killed.disturbed(submissions, results, [victim], random.Random(7), 4.0, most=3)
    for _ in kills:
        killed.whole(results)
    assert killed.contents(results) == killed.contents(tmp_path / "quiet")
    assert not list(results.glob("**/.unfinished-*"))
