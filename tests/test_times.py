"""Times of the platform's own export reach the submissions that have none."""

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import Found
from grader.times import read_times, with_times

READ = {
    "our own": ("id,submitted\n7,2026-11-16T23:58:00+01:00\n", "2026-11-16T23:58:00+01:00"),
    "the worksheet of Moodle": (
        "Identifier,Full name,Status,Last modified (submission),Grade\n"
        'Participant 7,Ada,Submitted,"Monday, 16 November 2026, 11:58 PM",\n'
        "Participant 8,Bo,No submission,-,\n",
        "2026-11-16T23:58:00",
    ),
    "the grades of Gradescope": (
        "First Name,Last Name,SID,Total Score,Submission Time\n"
        "Ada,Lovelace,7,3,2026-11-16 23:58:00 +0100\nBo,Berg,8,,\n",
        "2026-11-16T23:58:00+01:00",
    ),
    "by name alone": ("name;time\nAda Lovelace;2026-11-16 23:58\n", "2026-11-16T23:58:00"),
}


@pytest.mark.parametrize(("text", "time"), READ.values(), ids=READ)
def test_exports_are_read(tmp_path: Path, text: str, time: str) -> None:
    """Whoever handed in nothing has no time."""
    path = tmp_path / "times.csv"
    path.write_text(text, "utf-8")
    (one,) = read_times(path)
    assert one.submitted == time
    found = Found(id="7", name="Ada Lovelace", path=tmp_path, pieces=())
    (timed,) = with_times([found], [one])
    assert timed.submitted == time


def test_what_the_archive_says_stands(tmp_path: Path) -> None:
    """A time that is there is not replaced, and a stranger gets none."""
    path = tmp_path / "times.csv"
    path.write_text("id,submitted\n7,2026-11-16T23:58:00\n", "utf-8")
    has = Found(id="7", path=tmp_path, pieces=(), submitted="2026-11-15T10:00:00")
    other = Found(id="8", path=tmp_path, pieces=())
    assert with_times([has, other], read_times(path)) == (has, other)


WRONG = {
    "an order of numbers to guess": (
        "id,submitted\n7,16/11/2026\n",
        "2: '16/11/2026' is no time; write 2026-11-16T23:58:00+01:00",
    ),
    "nobody's": (
        "submitted,id\n2026-11-16,\n", "2: whose time is it? there is no id, name or email",
    ),
    "no times": ("id,name\n7,Ada\n", "1: no column is called submitted; there are: id, name"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_what_is_no_time_is_named(tmp_path: Path, text: str, says: str) -> None:
    """With its line, and what to write."""
    path = tmp_path / "times.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_times(path)
    assert str(caught.value) == f"{path}:{says}"
