from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Course
from grader.earlier import known_work
from grader.errors import UsageError
from grader.model import dump_report
from tests.helpers import CLASS, NAME, ROOT
from tests.report_samples import FULL

COURSE = Course.load(ROOT)


def test_solutions_are_known_work() -> None:
    """Their files, and the weights that come with them."""
    (solutions,) = known_work(COURSE, ())
    assert solutions.label == "solutions/"
    assert set(solutions.sketches) == set(COURSE.names)
    # where code is mended, too little is written anew to be compared
    written = [name for name in COURSE.names if not COURSE.exercises[name].bugs_are_secret]
    assert all(solutions.sketches[name] for name in written)
    assert "long_dependency" in solutions.weights


def test_submissions_of_another_term_are_read() -> None:
    """Whatever `grade` reads."""
    _, *archived = known_work(COURSE, [CLASS])
    ada = next(one for one in archived if one.label == "class/ada")
    assert ada.sketches[NAME]
    assert "long_dependency" in ada.weights


def test_results_of_another_term_need_no_sources(tmp_path: Path) -> None:
    """Reports hold the sketches."""
    content = replace(FULL.content, sketches={"gru": "sketch"}, weights={"gru": "digest"})
    (tmp_path / "grace.json").write_bytes(dump_report(replace(FULL, content=content)))
    (tmp_path / "grace.html").touch()
    _, grace = known_work(COURSE, [tmp_path])
    assert grace.label == f"{tmp_path.name}/grace"
    assert (grace.sketches, grace.weights) == ({"gru": "sketch"}, {"gru": "digest"})


def test_an_archive_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Where, what, and what next."""
    with pytest.raises(UsageError, match="no such folder; name"):
        known_work(COURSE, [tmp_path / "2019"])
