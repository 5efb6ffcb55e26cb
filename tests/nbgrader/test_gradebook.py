"""The gradebook: what nbgrader itself reads there after our export."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from grader.notebooks import ANSWER
from tests.helpers import ROOT
from tests.nbgrader import classroom
from tests.nbgrader.classroom import SLIP, WEEK_1, WEEK_2, Classroom, copied


def gradebook(room: Classroom, db: str = "") -> Any:
    """Open the gradebook with nbgrader's own API."""
    from nbgrader.api import Gradebook  # noqa: PLC0415  not before it is known to be there

    return Gradebook(db or f"sqlite:///{room.nbgrader / 'gradebook.db'}", "carousel")


def scores(room: Classroom, student: str, db: str = "") -> dict[str, float | None]:
    """Read what each cell of week 1 was given by machine."""
    with gradebook(room, db) as book:
        notebook = book.find_submission_notebook("lstm_forward", WEEK_1, student)
        return {grade.name: grade.auto_score for grade in notebook.grades}


def table(room: Classroom, *words: str) -> dict[tuple[str, str], dict[str, str]]:
    """Run `nbgrader export` and read its CSV: (assignment, student) -> row."""
    room.nb("export", "--to", "grades.csv", *words)
    with (room.nbgrader / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}


def judged(room: Classroom, student: str) -> dict[str, int]:
    """Read what our grader gave: criterion -> points."""
    report = json.loads((room.results / f"{student}.json").read_text("utf-8"))
    return {
        line["id"]: line["points"]
        for one in report["exercises"]
        if one["name"] == "lstm_forward"
        for line in one["criteria"]
    }


def test_nothing_secret_is_in_what_nbgrader_gives_out(generated: Classroom) -> None:
    """No solution, hidden test or model answer is in a released notebook; holes are."""
    for path in (generated.nbgrader / "release").glob("**/*.ipynb"):
        text = path.read_text("utf-8")
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "in_kernel", "1 point)."):
            assert word not in text, (path, word)
    text = (generated.nbgrader / "release" / WEEK_1 / "lstm_forward.ipynb").read_text("utf-8")
    assert text.count("raise NotImplementedError()") == text.count("YOUR CODE HERE") == 6
    week_2 = (generated.nbgrader / "release" / WEEK_2 / "gate_analysis.ipynb").read_text("utf-8")
    assert week_2.count(ANSWER) == 3


def test_a_notebook_nobody_touched_is_not_started(generated: Classroom, tmp_path: Path) -> None:
    """What nbgrader cut is a stub for our grader, and one hole of it is a hole."""
    room = copied(generated, tmp_path)
    given = room.nbgrader / "release" / WEEK_1 / "lstm_forward.ipynb"
    assert room.run("grade", given, "--results", tmp_path / "out", "--no-pages") == 0
    report = json.loads((tmp_path / "out" / "lstm_forward.json").read_text("utf-8"))
    assert {one["status"] for one in report["exercises"]} <= {"not_started", "missing"}


def test_marks_are_nbgraders_scores(exported: Classroom) -> None:
    """Full marks, a day late, decided line by line and as a whole: as `marks` says."""
    target = exported.results / "marks.json.out"
    assert exported.run("marks", exported.results, "--json", target) == 0
    marks = json.loads(target.read_text("utf-8"))
    found = table(exported)
    assert len(marks) == 6
    for mark in marks:
        row = found[mark["assignment"], mark["student"]]
        assert float(row["score"]) == pytest.approx(mark["points"], abs=1e-9), row
    bela = found[WEEK_1, "bela"]
    # one slip and an override cost two points; a day costs 10 % of the other 23
    assert (bela["raw_score"], bela["late_submission_penalty"]) == ("23.0", "2.3")
    assert found[WEEK_1, "chiara"]["raw_score"] == "20.0"
    assert bela["duedate"] == "2026-11-16 22:59:00"
    assert bela["timestamp"] == "2026-11-17 20:00:00"


def test_every_criterion_is_a_cell(exported: Classroom) -> None:
    """Cell by cell what our grader gave; a decision about the whole has a cell of its own."""
    ada, chiara = scores(exported, "ada"), scores(exported, "chiara")
    assert {name: ada[name] for name in judged(exported, "ada")} == judged(exported, "ada")
    assert chiara["decided"] == 20 - sum(judged(exported, "chiara").values())
    assert ada["decided"] == ada["public-checks"] == 0


def test_answers_in_words_wait_for_a_person(exported: Classroom) -> None:
    """What nobody has read is marked so; what our grader judged is not."""
    with gradebook(exported) as book:
        notebook = book.find_submission_notebook("gate_analysis", WEEK_2, "ada")
        waiting = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
        assert waiting == {grade.name for grade in notebook.grades if "answer-" in grade.name}
        assert len(waiting) == 3


def test_the_reason_stands_under_the_function(exported: Classroom) -> None:
    """Comments say what was lost, and name the slip; who is right has none."""
    with gradebook(exported) as book:
        comments = {
            comment.name: comment.comment
            for comment in book.find_submission_notebook("lstm_forward", WEEK_1, "bela").comments
        }
        assert "tanh" in comments["code-lstm_step"]
        assert "10 %" in comments["code-sigmoid"]
        right = book.find_submission_notebook("lstm_forward", WEEK_1, "ada").comments
        assert not [comment for comment in right if comment.comment]


def test_feedback_is_where_nbgrader_looks_for_it(exported: Classroom, tmp_path: Path) -> None:
    """In `feedback/`, by student, assignment and notebook; `nbgrader list` hands it out."""
    from nbgrader.utils import notebook_hash  # noqa: PLC0415  may not be there

    page = exported.nbgrader / "feedback" / "bela" / WEEK_1 / "lstm_forward.html"
    assert "tanh" in page.read_text("utf-8")
    room = copied(exported, tmp_path)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with (room.nbgrader / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(exchange)!r}\n")
    room.nb("release_feedback", WEEK_1)
    # under this name `nbgrader list` and `fetch_feedback` look for it
    name = notebook_hash(secret="secret of bela", notebook_id="lstm_forward")
    handed_out = exchange / "carousel" / "feedback"
    assert (handed_out / f"{name}.html").read_bytes() == page.read_bytes()
    assert len(list(handed_out.glob("*.html"))) == 3


def test_exporting_again_changes_nothing(exported: Classroom, tmp_path: Path) -> None:
    """The same rows, the same scores."""
    room = copied(exported, tmp_path)
    before = (table(room), scores(room, "bela"))
    room.export()
    assert (table(room), scores(room, "bela")) == before


def test_a_regrade_updates_and_leaves_what_people_wrote(
    exported: Classroom, tmp_path: Path
) -> None:
    """Bela hands in again: machine scores change; manual scores, extra credit, comments stay."""
    room = copied(exported, tmp_path)
    with gradebook(room) as book:
        grade = book.find_grade("gates", "lstm_forward", WEEK_1, "bela")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
        book.find_comment(
            "code-lstm_step", "lstm_forward", WEEK_1, "bela"
        ).manual_comment = "come and see me"
        answer = book.find_grade("answer-two-curves", "gate_analysis", WEEK_2, "ada")
        answer.manual_score, answer.needs_manual_grade = 3, False
        book.db.commit()
    room.hand_in("bela", WEEK_1, "lstm_forward", when="2026-11-17 21:00:00 UTC")
    room.grade(WEEK_1)
    room.export()
    assert scores(room, "bela")["hidden_state"] == 1
    with gradebook(room) as book:
        grade = book.find_grade("gates", "lstm_forward", WEEK_1, "bela")
        assert (grade.manual_score, grade.extra_credit, grade.score) == (1.5, 0.5, 2.0)
        assert not grade.needs_manual_grade
        comment = book.find_comment("code-lstm_step", "lstm_forward", WEEK_1, "bela")
        assert (comment.manual_comment, comment.auto_comment) == ("come and see me", None)
        answer = book.find_grade("answer-two-curves", "gate_analysis", WEEK_2, "ada")
        assert (answer.score, answer.needs_manual_grade) == (3, False)
    assert float(table(room)[WEEK_2, "ada"]["raw_score"]) == 19 + 3


def test_a_cell_that_is_younger_than_a_submission(exported: Classroom, tmp_path: Path) -> None:
    """Where nbgrader makes no grade, we do."""
    room = copied(exported, tmp_path)
    with gradebook(room) as book:
        for grade in list(book.find_grade_cell("gates", "lstm_forward", WEEK_1).grades):
            book.db.delete(grade)
        book.db.commit()
    assert "gates" not in scores(room, "ada")
    room.export()
    assert scores(room, "ada")["gates"] == judged(room, "ada")["gates"]


def test_nbgraders_own_autograde_gives_the_same(generated: Classroom, tmp_path: Path) -> None:
    """Its Autograde button runs our grader in test cells, which end in the points."""
    room = copied(generated, tmp_path)
    said = room.nb("autograde", WEEK_1, "--student", "bela", CAROUSEL_SEED="7")
    assert "partial credit" not in said
    ours = copied(generated, tmp_path / "ours")
    ours.grade(WEEK_1)
    found = scores(room, "bela")
    lines = judged(ours, "bela")
    assert {name: found[name] for name in lines} == lines
    assert lines["hidden_state"] == 0
    graded = (room.nbgrader / "autograded" / "bela" / WEEK_1 / "lstm_forward.ipynb").read_text()
    assert "tanh" in graded.partition("lstm_forward, hidden_state")[2]


def test_nbgrader_validates_our_source(generated: Classroom) -> None:
    """The instructor's notebook, with its hidden tests, passes all of them."""
    path = Path("source") / WEEK_1 / "lstm_forward.ipynb"
    assert "Success! Your notebook passes all the tests." in generated.nb("validate", str(path))


def test_without_a_gradebook_one_is_made(exported: Classroom, tmp_path: Path) -> None:
    """Export alone is enough for scores; it is told what is missing then."""
    room = copied(exported, tmp_path)
    (room.nbgrader / "gradebook.db").unlink()
    room.export()
    found = table(room)
    assert found[WEEK_1, "bela"]["score"] == "20.7"
    with gradebook(room) as book:
        cells = book.find_notebook("lstm_forward", WEEK_1).solution_cells
        assert {cell.name for cell in cells} >= {"code-lstm_forward", "code-sigmoid"}


def test_a_gradebook_that_cannot_be_written_is_told(
    exported: Classroom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line with what to do; no password in it; without alembic, nothing is begun."""
    words = ("export", "nbgrader", exported.results, "--to", exported.nbgrader, "--db")
    assert exported.run(*words, "postgresql+psycopg://me:secret@127.0.0.1:1/none") == 2
    said = capsys.readouterr().err
    assert "the gradebook cannot be written" in said
    assert "secret" not in said
    monkeypatch.setattr("shutil.which", lambda _: None)
    target = exported.nbgrader / "other.db"
    assert exported.run(*words, f"sqlite:///{target}") == 2
    assert "alembic" in capsys.readouterr().err
    assert not target.exists()


def test_the_slip_is_still_in_the_solution() -> None:
    """What bela changes is there to be changed."""
    assert SLIP[0] in (ROOT / "solutions" / "lstm_forward.py").read_text("utf-8")
    assert classroom.WEEK_1 != classroom.WEEK_2
