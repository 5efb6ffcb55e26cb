"""Running a term from the command line: attempts, marks, pseudonyms, forgetting, a new exercise."""

import csv
import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.attempts import Attempts
from grader.batch import read_report, read_results
from grader.course import Course
from grader.sandbox.server import ForkServer
from tests.helpers import ROOT, changed
from tests.terms import TERM, handed_in, rows
from tests.test_cli import run

OWN = ROOT / "tests" / "own_course"
RIGHT = (OWN / "solutions" / "leaky_unit.py").read_text("utf-8")
SWAPPED = RIGHT.replace("(1.0 - alpha) * h + alpha * x", "alpha * h + (1.0 - alpha) * x")
HALVED = RIGHT.replace("np.log(0.5)", "np.log2(0.5)")
LSTM = (ROOT / "solutions" / "lstm_forward.py").read_text("utf-8")

RULES = """
[[assignments]]
name = "leak"
exercises = ["leaky_unit"]
due = 2026-11-16T23:59:00+01:00
take = "best"
late = { percent_per_day = 50 }

[[assignments]]
name = "lstm"
exercises = ["lstm_forward"]
"""
CLASS = "id,name,email,section\nada,Ada Lovelace,ada@uni.edu,A\nbo,Bo Berg,bo@uni.edu,B\n"


class Term:
    """A course of its own with two assignments, a class, and a results folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.results = folder, folder / "course", folder / "results"
        shutil.copytree(OWN, self.root)
        changed(self.root / "course.toml", 'base = "../.."', f'base = "{ROOT.as_posix()}"')
        self.rule(RULES)
        self.roster = folder / "class.csv"
        self.roster.write_text(CLASS, "utf-8")
        self._batches = 0

    def rule(self, text: str) -> None:
        """Add to course.toml."""
        with (self.root / "course.toml").open("a", encoding="utf-8") as file:
            file.write(text)

    def batch(self, *options: object, of: str = "leaky_unit", **sources: str) -> int:
        """Grade what some students hand in for an assignment."""
        self._batches += 1
        here = self.folder / f"batch {self._batches}"
        for student, source in sources.items():
            (here / student).mkdir(parents=True)
            (here / student / f"{of}.py").write_text(source, "utf-8")
        assignment = {"leaky_unit": "leak", "lstm_forward": "lstm"}[of]
        return run(
            "grade", here, "--assignment", assignment, "--course", self.root, "--results",
            self.results, "--jobs", 1, "--seed", 3, *options,
        )  # fmt: skip

    def marks(self, *options: object) -> list[dict[str, str]]:
        """Work out the marks; return the lines of the CSV."""
        path = self.folder / "marks.csv"
        options = (*options, "--csv", path, "--course", self.root)
        assert run("marks", self.results, *options) == 0
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(name="term")
def _term(tmp_path: Path) -> Term:
    return Term(tmp_path)


# --- attempts and marks -----------------------------------------------------------------


def test_batches_of_an_assignment_accumulate(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every attempt stays; the best counts here; who handed in nothing has nothing."""
    term.batch(ada=HALVED)
    term.batch(ada=SWAPPED.replace("np.log(0.5)", "np.log2(0.5)"))
    numbers = [(one.number, one.exercises[0].points) for one in Attempts(term.results).of("ada")]
    assert numbers == [(1, 8), (2, 6)]
    assert read_report(term.results, "ada").points == 6
    ada, bo = term.marks("--roster", term.roster, "--assignment", "leak")
    assert (ada["leak"], ada["total"], ada["max"]) == ("8.00", "8.00", "10")
    assert (bo["id"], bo["section"], bo["leak"]) == ("bo", "B", "0.00")
    assert "Nothing handed in for leak: bo" in capsys.readouterr().out


def test_the_same_files_again_are_the_same_attempt(term: Term) -> None:
    """Grading again, forced or not, is no resubmission; a time is added to it."""
    times = term.folder / "times.csv"
    times.write_text("id,submitted\nada,2026-11-17T12:00:00+01:00\n", "utf-8")
    term.batch(ada=HALVED)
    term.batch("--force", ada=HALVED)
    term.batch("--times", times, ada=HALVED)
    term.batch(ada=HALVED)
    (one,) = Attempts(term.results).of("ada")
    assert (one.number, one.submitted) == (1, "2026-11-17T12:00:00+01:00")
    (ada,) = term.marks("--assignment", "leak")
    assert ada["leak"] == "4.00"  # half a day late, half of the points


def test_another_assignment_leaves_the_exercises_of_the_first(term: Term) -> None:
    """A report holds all there is of a student; each assignment regrades only its own."""
    term.batch(ada=HALVED)
    term.batch(of="lstm_forward", ada=LSTM)
    report = read_report(term.results, "ada")
    assert {one.name: one.points for one in report.exercises} == {
        "leaky_unit": 8,
        "lstm_forward": 25,
    }
    # a report is not flushed to disk, the journal is
    (term.results / "ada.json").unlink()
    term.batch(of="lstm_forward", ada=LSTM)
    assert read_report(term.results, "ada").exercises == report.exercises
    (ada,) = term.marks()
    assert (ada["leak"], ada["lstm"], ada["total"], ada["max"]) == ("8.00", "25.00", "33.00", "35")


def test_attempts_that_cannot_be_read_are_never_overwritten(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged history stops the grading and names the file."""
    term.batch(ada=HALVED)
    path = Attempts(term.results).path("ada")
    path.write_text("{", "utf-8")
    assert term.batch(ada=RIGHT) == 2
    assert path.read_text("utf-8") == "{"
    assert str(path) in capsys.readouterr().err


def test_the_rehearsed_term_from_end_to_end(tmp_path: Path) -> None:
    """The same table by hand, through files and the command line."""
    attempts = Attempts(tmp_path / "results")
    for one in handed_in():
        attempts.add(one)
    arguments = ("--roster", TERM / "roster.csv", "--course", TERM, "--csv", tmp_path / "m.csv")
    assert run("marks", tmp_path / "results", *arguments, "--pages") == 0
    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        got = {row["id"]: row for row in csv.DictReader(file)}
    for row in rows("marks_by_hand.csv"):
        assert {key: got[row["id"]][key] for key in ("week1", "week2", "total")} == {
            key: row[key] for key in ("week1", "week2", "total")
        }
    # the total is the sum of what the student's page shows
    for student, row in got.items():
        page = (tmp_path / "results" / "marks" / f"{student}.html").read_text("utf-8")
        shown = re.findall(
            r'</th><td class="number">\d+</td><td class="number">([\d.]+)</td>', page
        )
        assert f"{sum(map(float, shown)):.2f}" == row["total"]
        assert f'<span class="got">{row["total"]}</span>' in page


def test_a_page_says_why(tmp_path: Path) -> None:
    """What was changed, by whom and for what reason, stands beside the points."""
    for one in handed_in():
        Attempts(tmp_path).add(one)
    assert run("marks", tmp_path, "--course", TERM, "--pages", "--json", tmp_path / "all") == 0
    page = html.unescape((tmp_path / "marks" / "s28.html").read_text("utf-8"))
    assert "the other reading of the equation (Ruth, 2026-11-20, request 3)" in page
    (mark,) = [
        one
        for one in json.loads((tmp_path / "all").read_text("utf-8"))
        if (one["student"], one["assignment"]) == ("s28", "week2")
    ]
    assert mark["points"] == 26
    assert mark["exercises"][0]["lines"][0]["judged"] == 0


def test_marks_of_one_section(term: Term, capsys: pytest.CaptureFixture[str]) -> None:
    """A colleague gets the own section; one that is not there is named."""
    term.batch(ada=RIGHT, bo=HALVED)
    assert [row["id"] for row in term.marks("--roster", term.roster, "--section", "B")] == ["bo"]
    options = ("--roster", term.roster, "--section", "C", "--course", term.root)
    assert run("marks", term.results, *options) == 2
    assert "nobody is in section C; there are: A, B" in capsys.readouterr().err


def override(**about: object) -> str:
    given = {"author": "Ruth", **about}
    lines = [f"{k} = {v}" if isinstance(v, int) else f'{k} = "{v}"' for k, v in given.items()]
    return "\n[[overrides]]\ndate = 2026-11-20\n" + "\n".join(lines) + "\n"


def test_an_override_without_a_reason_is_refused(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is computed from it; the place and the remedy are named."""
    term.batch(ada=RIGHT)
    term.rule(override(do="drop", exercise="leaky_unit", criterion="half_life", reason=" "))
    assert run("marks", term.results, "--course", term.root) == 2
    assert "override 1: its reason is empty" in capsys.readouterr().err


def test_other_rules_change_marks_and_no_result(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """Diff of two versions of course.toml tells who gained and why."""
    term.batch(ada=HALVED, bo=RIGHT)
    before = {path.name: path.read_bytes() for path in term.results.glob("*.json")}
    old = term.folder / "old.toml"
    shutil.copy(term.root / "course.toml", old)
    changed(old, 'base = "', 'base = "')
    changed(term.root / "course.toml", "gradient = 2", "gradient = 3")
    term.rule(override(do="drop", exercise="leaky_unit", criterion="half_life", reason="unclear"))
    capsys.readouterr()
    new = term.root / "course.toml"
    options = ("--results", term.results, "--course", term.root, "--json", term.folder / "d.json")
    assert run("diff", old, new, *options) == 0
    said = capsys.readouterr().out
    assert "ada  leak  +3.00  (8.00 of 10 → 11.00 of 11)" in said
    assert "bo  leak  +1.00  (10.00 of 10 → 11.00 of 11)" in said
    assert "everybody has its points: unclear (Ruth, 2026-11-20)" in said
    assert "is worth 3, not 2" in said
    assert len(json.loads((term.folder / "d.json").read_text("utf-8"))) == 2
    assert {path.name: path.read_bytes() for path in term.results.glob("*.json")} == before
    assert run("diff", new, new, *options) == 0
    assert "No mark has changed." in capsys.readouterr().out


def test_whom_an_override_is_about_has_to_be_on_the_roster(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in an id is told with the marks."""
    term.batch(ada=RIGHT)
    term.rule(override(do="points", exercise="leaky_unit", student="adda", points=1, reason="r"))
    term.marks("--roster", term.roster)
    assert "override 1: no student adda on the roster: r" in capsys.readouterr().out


# --- what students are told, and whose earlier files count -------------------------------


LEVELS: dict[str, Callable[[str], bool]] = {
    "points": lambda page: "half is left" not in page,
    "title": lambda page: "half is left" in page and "expected" not in page,
    "cause": lambda page: "expected" in page and "to base 2" not in page,
    "diagnosis": lambda page: "to base 2" in page,
}


@pytest.mark.parametrize("level", LEVELS)
def test_a_page_tells_as_much_as_its_assignment_says(term: Term, level: str) -> None:
    """An exam tells points; the results keep everything, and rendering again tells no more."""
    changed(term.root / "course.toml", 'take = "best"', f'take = "best"\nfeedback = "{level}"')
    term.batch(ada=HALVED)
    page = term.results / "ada.html"
    assert LEVELS[level](page.read_text("utf-8"))
    page.unlink()
    assert run("feedback", term.results) == 0
    assert LEVELS[level](page.read_text("utf-8"))
    assert "to base 2" in (term.results / "ada.json").read_text("utf-8")


# --- anonymous marking, forgetting ------------------------------------------------------


def test_pseudonyms_hide_everybody_and_marks_name_them_again(
    term: Term, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names are in one file; the same key gives the same pseudonym in the next batch."""
    monkeypatch.setenv("CAROUSEL_KEY", "a secret of this course")
    options = ("--pseudonyms", "--roster", term.roster)
    assert term.batch(*options, ada=HALVED) == 0
    assert term.batch(*options, ada=RIGHT) == 0
    known = term.results / ".pseudonyms.json"
    assert known.stat().st_mode & 0o077 == 0
    for path in term.results.rglob("*"):
        if path.is_file() and path != known:
            assert b"Lovelace" not in path.read_bytes(), path
            assert "ada" not in path.name
    assert len(list(read_results(term.results))) == 2
    capsys.readouterr()
    rows_ = {row["id"]: row["leak"] for row in term.marks("--roster", term.roster)}
    assert rows_ == {"ada": "10.00", "bo": "0.00"}


def test_a_pseudonym_stands_for_who_is_not_on_the_roster_either(
    term: Term, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever looks over the marker's shoulder reads no name."""
    monkeypatch.setenv("CAROUSEL_KEY", "a secret of this course")
    assert term.batch("--pseudonyms", "--roster", term.roster, ada=RIGHT, zelda=RIGHT) == 0
    said = capsys.readouterr().out
    assert "Not on the roster: 'anon-" in said
    assert "zelda" not in said


def test_pseudonyms_need_a_private_key(
    term: Term, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the public key anybody could work out who is who."""
    monkeypatch.delenv("CAROUSEL_KEY", raising=False)
    monkeypatch.delenv("CAROUSEL_KEY_FILE", raising=False)
    assert term.batch("--pseudonyms", ada=RIGHT) == 2
    assert "needs a private key" in capsys.readouterr().err


def test_a_forgotten_student_leaves_no_trace(
    term: Term, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reports, pages, history, journal, the class page: gone; the others stay as they are."""
    term.batch("--roster", term.roster, adelheid=HALVED, ada=RIGHT)
    term.marks("--pages", "--roster", term.roster)
    other = (term.results / "ada.json").read_bytes()
    assert run("forget", "adelheid", term.results) == 0
    assert "files removed" in capsys.readouterr().out
    for path in term.results.rglob("*"):
        assert "adelheid" not in path.name
        assert not path.is_file() or b"adelheid" not in path.read_bytes()
    assert (term.results / "ada.json").read_bytes() == other
    assert run("forget", "adelheid", term.results) == 2
    assert "no trace of 'adelheid'" in capsys.readouterr().err


def test_the_last_student_can_be_forgotten(term: Term) -> None:
    """A results folder of nobody has no class page."""
    term.batch(ada=RIGHT)
    assert run("forget", "ada", term.results) == 0
    assert list(term.results.glob("*.html")) == []


def test_a_pseudonym_is_forgotten_with_its_student(
    term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The student is named by the own id; the pseudonym goes, too."""
    monkeypatch.setenv("CAROUSEL_KEY", "a secret of this course")
    term.batch("--pseudonyms", adelheid=RIGHT, bo=RIGHT)
    assert run("forget", "adelheid", term.results) == 0
    assert len(list(term.results.glob("anon-*.json"))) == 1
    assert "adelheid" not in (term.results / ".pseudonyms.json").read_text("utf-8")


def test_what_was_shared_stays_with_the_others(term: Term) -> None:
    """Of a submission of two, the id of one and the names go."""
    term.batch(ada=RIGHT)
    attempts = Attempts(term.results)
    (one,) = attempts.of("ada")
    shared = {"name": "Ada, Bertram", "also": ("bertram",)}
    attempts.write("ada", [type(one)(**{f: getattr(one, f) for f in one.__slots__} | shared)])
    assert run("forget", "bertram", term.results) == 0
    (one,) = attempts.of("ada")
    assert (one.name, one.also) == ("", ())
    assert (term.results / "ada.json").exists()


# --- a new exercise ---------------------------------------------------------------------


def test_a_scaffold_fails_the_proof_until_it_is_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file says what it lacks, and the proof repeats it with file and line."""
    monkeypatch.chdir(ROOT)
    root = tmp_path / "ours"
    assert run("new", "echo_cell", "--course", root) == 0
    assert run("sync", "--course", root) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "500")
    assert run("course", "--exercise", "echo_cell", "--course", root) == 2
    said = capsys.readouterr().out
    for wanted in (
        "solutions/echo_cell.py:17: return np.tanh(x)  # TODO the real thing",
        "bugs/echo_cell.py:5: TODO at least 12",
        "handouts/echo_cell.md:5: | Difficulty | TODO of 5 |",
        "course.toml: echo_cell: TODO what the student writes",
        "1 known bugs; there should be at least 12",
        "no known bug loses shape: can it fail?",
    ):
        assert wanted in said
    shutil.copy(root / "solutions" / "echo_cell.py", root / "exercises")
    assert run("check", "echo_cell", "--course", root) == 0
    # ours are there beside it, and stay where they are
    course = Course.load(root)
    assert course.names[-1] == "echo_cell"
    assert course.solution("gru").exists()
    assert not (root / "solutions" / "gru.py").exists()


REFUSED = {
    "a name of Python": ("lambda", "cannot be an exercise"),
    "capitals": ("Gru", "cannot be an exercise"),
    "a way out": ("../gru", "cannot be an exercise"),
    "one that is there": ("gru", "there is an exercise gru already"),
}


@pytest.mark.parametrize(("name", "says"), REFUSED.values(), ids=REFUSED)
def test_a_new_exercise_harms_nothing(
    tmp_path: Path, name: str, says: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What is there is never overwritten, and a name is an importable one."""
    monkeypatch.chdir(ROOT)
    assert run("new", "first", "--course", tmp_path) == 0
    before = sorted(tmp_path.rglob("*"))
    assert run("new", name, "--course", tmp_path) == 2
    assert says in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_the_small_exercise_made_from_the_scaffold_holds() -> None:
    """The steps of CONTRIBUTING, once through: a course on top of ours proves itself."""
    from grader.proof import prove  # noqa: PLC0415
    from grader.sync import stale  # noqa: PLC0415

    course = Course.load(OWN)
    assert stale(course) == []
    server = ForkServer()
    try:
        assert prove(course, server, "leaky_unit").problems == ()
    finally:
        server.close()
