"""What exporters are given: marks beside what was judged, and who is behind a pseudonym."""

from dataclasses import replace
from pathlib import Path

from grader.attempts import Attempts
from grader.course import Course
from grader.files import write_atomically
from grader.mark import Attempt
from grader.model import Content, ExerciseResult, Plot, Report, Status, dump_report
from grader.pseudonyms import Person, keep
from grader.report.names import page_name
from grader.telling import gathered
from tests.terms import TERM, judged

PLOT = Plot(title="t", caption="c", x_label="x", y_label="y", series=())


def results(folder: Path, submission: str, *reported: ExerciseResult) -> Path:
    """Make a results folder of one attempt, and the report that is there now."""
    (folder / "results").mkdir()
    attempt = Attempt(submission=submission, exercises=(judged("rnn", "a", "ab"),))
    Attempts(folder / "results").add(replace(attempt, assignment="week1"))
    report = Report(
        submission=submission, points=0, max_points=11, status=Status.GRADED, seed=1,
        isolation="process", key="demo",
        content=Content(submission="s", grader="g", environment="e"), exercises=reported,
    )  # fmt: skip
    path = folder / "results" / f"{page_name(submission)}.json"
    write_atomically(path, dump_report(report))
    return folder / "results"


def test_pictures_are_those_of_the_attempt_that_counts(tmp_path: Path) -> None:
    """Attempts keep none; a report has them, if it is about the same attempt."""
    right = replace(judged("rnn", "a", "ab"), plots=(PLOT,))
    other = replace(judged("rnn", "b", "ab"), plots=(PLOT,))
    for name, reported, plots in (("same", right, 1), ("other", other, 0)):
        (tmp_path / name).mkdir()
        folder = results(tmp_path / name, "s01", reported)
        (one,) = gathered(Course.load(TERM), folder, assignment="week1").told
        (seen,) = one.exercises
        assert len(seen.plots) == plots
        assert one.mark.points == 5


def test_the_page_is_about_the_attempt_that_counts(tmp_path: Path) -> None:
    """Where an earlier one does, the report of the last is not what was marked."""
    folder = results(tmp_path, "s01", judged("rnn", "", "ab"))
    given = gathered(Course.load(TERM), folder, assignment="week1")
    (mark,) = given.marks
    page = given.page(mark).decode()
    assert '<span class="got">5</span> <span class="outof">of 11 points' in page


def test_a_pseudonym_is_its_student_again(tmp_path: Path) -> None:
    """With name and address, for the gradebook; and the pages are found."""
    folder = results(tmp_path, "anon-1", judged("rnn", "a", "ab"))
    keep(folder, {"anon-1": Person(id="s01", name="Ada", email="ada@example.org")})
    given = gathered(Course.load(TERM), folder, assignment="week1")
    (mark,) = given.marks
    assert (mark.student, mark.name) == ("s01", "Ada")
    assert b"rnn" in given.page(mark)
    assert b"5.00 of 11" in given.mark_page(mark)
