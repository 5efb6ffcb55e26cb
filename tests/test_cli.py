import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.batch import read_results
from grader.cli import main
from grader.course import Course
from grader.files import writing_alone
from grader.sandbox.server import SpawnServer
from tests.helpers import CLASS, NAME, ROOT, SOLUTION, copied_course

ONE = ("--exercise", NAME)


def run(*arguments: object) -> int:
    """Run a command in this process; return its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture(name="grade")
def _grade(tmp_path: Path) -> Any:
    """Grade the exercise that these tests are about."""

    def grade(*arguments: object) -> int:
        return run("grade", *arguments, *ONE, "--course", ROOT, "--results", tmp_path / "results")

    return grade


@pytest.fixture(name="released")
def _released(tmp_path: Path) -> Path:
    """Lay out what a student has: no solution, no hidden grader, no bugs."""
    root = tmp_path / "hand out ä"
    shutil.copytree(ROOT / "exercises", root / "exercises")
    (root / "exercises" / ".stubs").mkdir()
    for name in Course.load(ROOT).names:
        shutil.copy(root / "exercises" / f"{name}.py", root / "exercises" / ".stubs")
    shutil.copy(ROOT / "course.toml", root)
    return root


def test_one_submission_prints_its_report(grade: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The first thing to fix is on the screen, and the page's name under it."""
    assert grade(CLASS / "viktor", "--jobs", 1) == 0
    said = capsys.readouterr().out
    assert "20 of 25" in said
    assert "the forget gate is not applied" in said
    assert "index.html" in said


def test_strict_fails_when_points_were_lost(grade: Any) -> None:
    """With --strict a lost point is exit code 1, full marks are 0."""
    assert grade(CLASS / "viktor", "--strict", "--jobs", 1) == 1
    assert grade(CLASS / "ada", "--strict", "--jobs", 1) == 0


def test_results_are_written_as_json_and_pages(grade: Any, tmp_path: Path) -> None:
    """Each submission leaves a report, a page, and its place in the index."""
    assert grade(CLASS / "ada", CLASS / "kofi", "--seed", 3, "--json", tmp_path / "all.json") == 0
    names = {path.name for path in (tmp_path / "results").iterdir()}
    assert {"ada.json", "ada.html", "kofi.json", "kofi.html", "index.html"} <= names
    one = json.loads((tmp_path / "results" / "ada.json").read_text("utf-8"))
    assert (one["schema"], one["points"], one["seed"]) == ("grader/report/v1", 25, 3)
    both = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert [report["submission"] for report in both] == ["ada", "kofi"]


def test_a_seed_is_drawn_once_per_results_folder(grade: Any, tmp_path: Path) -> None:
    """Without --seed, grading again into the same folder asks the same questions."""
    report = tmp_path / "results" / "ada.json"
    seeds = []
    for _ in range(2):
        assert grade(CLASS / "ada", "--jobs", 1) == 0
        seeds.append(json.loads(report.read_text("utf-8"))["seed"])
    assert seeds[0] == seeds[1]


def test_a_file_and_a_folder_are_one_submission_each(tmp_path: Path) -> None:
    """A single .py is graded under its own name, whatever that is: one exercise, one file."""
    course, results = tmp_path / "course", tmp_path / "results"
    course.mkdir()
    copied_course(course)
    file = tmp_path / "my_answer.py"
    file.write_text(SOLUTION, "utf-8")
    where = ("--course", course, "--results", results)
    assert run("grade", file, "--jobs", 1, "--strict", *where) == 0
    assert (results / "my_answer.json").exists()


def test_a_file_of_any_name_is_the_exercise_it_solves(grade: Any, tmp_path: Path) -> None:
    """Alone, a .py is the exercise whose functions it defines."""
    file = tmp_path / "my_answer.py"
    file.write_text(SOLUTION, "utf-8")
    assert grade(file, "--jobs", 1, "--strict") == 0


USAGE = {
    "nothing there": (["/nonexistent/folder"], "there is nothing there"),
    "not a submission": ([str(ROOT / "LICENSE")], "not a submission"),
    "no such exercise": ([str(CLASS / "ada"), "--exercise", "lstm_sideways"], "no exercise"),
    "no course here": ([str(CLASS / "ada"), "--course", "/"], "no course here"),
    "more isolation than there is": (
        [str(CLASS / "ada"), "--require-isolation", "namespaced"],
        "namespaced is required",
    ),
    "two submissions of one name": (
        [str(CLASS / "ada" / "lstm_forward.py"), str(CLASS / "bela" / "lstm_forward.py")],
        "rename one",
    ),
    "an unknown option": (["--sideways"], "No such option"),
    "a seed below zero": (["--seed", "-1"], "--seed"),
    "a folder to write into": (
        [str(CLASS / "kofi"), "--exercise", NAME, "--json", "/"],
        "/: Is a directory",
    ),
}


@pytest.mark.parametrize(("arguments", "says"), USAGE.values(), ids=USAGE)
def test_wrong_use_is_told_in_one_line(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, what is wrong, and never a traceback."""
    monkeypatch.chdir(ROOT)
    assert run("grade", "--results", tmp_path / "r", *arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_an_empty_folder_is_told_apart_from_a_class(
    grade: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with nothing in it is a usage error, not a class of nobody."""
    (tmp_path / "empty").mkdir()
    assert grade(tmp_path / "empty") == 2
    assert "no submissions in it" in capsys.readouterr().err


def test_feedback_renders_the_pages_again(grade: Any, tmp_path: Path) -> None:
    """Pages are made from the results alone."""
    assert grade(CLASS / "ada", "--jobs", 1) == 0
    page = tmp_path / "results" / "ada.html"
    before = page.read_bytes()
    page.unlink()
    assert run("feedback", tmp_path / "results") == 0
    assert page.read_bytes() == before


BROKEN = {
    "no folder": (None, "no such folder"),
    "no reports": ({}, "no reports in it"),
    "not JSON": ({"ada.json": "{"}, "not a report"),
    "another schema": ({"ada.json": '{"schema": "other"}'}, "not a report"),
}


@pytest.mark.parametrize(("files", "says"), BROKEN.values(), ids=BROKEN)
def test_feedback_names_results_it_cannot_read(
    files: dict[str, str] | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged results folder is exit code 2 and the file's name."""
    results = tmp_path / "results"
    if files is not None:
        results.mkdir()
        for name, text in files.items():
            (results / name).write_text(text, "utf-8")
    assert run("feedback", results) == 2
    said = capsys.readouterr().err
    assert says in said
    assert all(name in said for name in files or {})


@pytest.fixture(name="platform", params=["here", "darwin", "no fork"])
def _platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Force the paths of other systems: macOS, and Windows without pollable pipes."""
    if request.param == "darwin":
        monkeypatch.setattr("grader.sandbox.selfattack.sys.platform", "darwin")
    if request.param == "no fork":
        monkeypatch.setattr("grader.sandbox.selfattack.FORKS", False)
        monkeypatch.setattr(SpawnServer.__init__, "__kwdefaults__", {"poll": False})
    return str(request.param)


@pytest.mark.usefixtures("platform")
def test_check_follows_a_student_from_stub_to_done(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not started is not wrong; the first mistake comes first; done is said."""
    file = released / "exercises" / "lstm_forward.py"
    assert run("check", "--course", released) == 0
    assert "not started" in capsys.readouterr().out
    wrong = SOLUTION.replace("h = o * np.tanh(c)\n", "h = o * c\n")
    file.write_text(wrong, "utf-8")
    assert run("check", "lstm_forward", "--course", released) == 1
    said = capsys.readouterr().out
    assert "h[0, 0] = 0.6, by hand 0.522" in said
    file.write_text(SOLUTION.replace("\n", "\r\n"), "utf-8-sig", newline="")
    assert run("check", "lstm_forward", "--course", released) == 0
    assert "10 of 10" in capsys.readouterr().out


def test_check_repeats_what_the_code_says(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Public inputs are no secret: exceptions and prints are shown."""
    file = released / "exercises" / "lstm_forward.py"
    noisy = SOLUTION.replace(
        "    hx = np.vstack([h_prev, x])",
        "    print('x is', x.shape)\n    hx = np.vstack([h_prev, x, x])",
    )
    file.write_text(noisy, "utf-8")
    assert run("check", NAME, "--course", released) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "matmul: Input operand 1 has a mismatch" in said
    assert "x is (1, 1)" in said


def test_isolation_prints_the_level_and_what_is_blocked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A line per attack and per set of layers, as text and as JSON."""
    assert run("isolation") == 0
    said = capsys.readouterr().out
    assert said.startswith("Level reached: ")
    assert "send over UDP" in said
    assert run("isolation", "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["level"] in ("process", "confined")
    assert all(found["blocked"].values())


def test_isolation_renews_the_table_of_a_page(tmp_path: Path) -> None:
    """What was measured stands between the markers, and the rest of the page stays."""
    page = tmp_path / "security.md"
    page.write_text("before\n<!-- begin isolation -->\nold\n<!-- end isolation -->\nafter\n")
    assert run("isolation", "--markdown", page) == 0
    said = page.read_text("utf-8")
    assert said.startswith("before\n")
    assert said.endswith("\nafter\n")
    assert "old" not in said
    assert "| send over UDP | " in said


def test_course_writes_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The proof is run for real and its matrix is a page."""
    page = tmp_path / "matrix.html"
    assert run("course", "--course", ROOT, *ONE, "--html", page) == 0
    assert "The course holds." in capsys.readouterr().out
    assert "forward-without-forget-gate" in page.read_text("utf-8")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m grader --help` is a table of contents."""
    assert run("--help") == 0
    said = capsys.readouterr().out
    for command in ("grade", "feedback", "check", "course", "isolation", "sync"):
        assert f"  {command}" in said


def test_grading_again_says_what_was_known(grade: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command goes on where the last one stopped."""
    assert grade(CLASS / "ada", "--seed", 3) == 0
    assert grade(CLASS / "ada", CLASS / "kofi") == 0
    said = capsys.readouterr().out
    assert "1 of them had not changed and were not graded again" in said


def test_a_changed_mark_is_told_at_once_and_by_diff(
    grade: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who, on which line, why; --strict of diff fails when anybody has lost points."""
    handed_in, results = tmp_path / "viktor", tmp_path / "results"
    shutil.copytree(CLASS / "viktor", handed_in)
    assert grade(handed_in, "--seed", 3) == 0
    shutil.copytree(results, tmp_path / "before")
    (handed_in / f"{NAME}.py").write_text(SOLUTION, "utf-8")
    capsys.readouterr()
    assert grade(handed_in) == 0
    said = capsys.readouterr().out
    assert "Changed since the last grading" in said
    assert "viktor  +5  (20 before, 25 now)" in said
    assert run("diff", tmp_path / "before", results, "--strict") == 0
    assert "other files were handed in" in capsys.readouterr().out
    assert run("diff", results, tmp_path / "before", "--strict", "--json", tmp_path / "d.json") == 1
    assert "viktor  -5" in capsys.readouterr().out
    (change,) = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert (change["submission"], change["before"], change["after"]) == ("viktor", 25, 20)


def test_two_gradings_do_not_share_a_results_folder(
    grade: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second says so and leaves."""
    with writing_alone(tmp_path / "results", make=True):
        assert grade(CLASS / "ada") == 2
    assert "another grading is writing here" in capsys.readouterr().err


def test_pages_can_be_left_for_later(grade: Any, tmp_path: Path) -> None:
    """--no-pages writes marks only; `feedback` makes the pages."""
    assert grade(CLASS / "ada", "--no-pages") == 0
    assert not list((tmp_path / "results").glob("*.html"))
    assert run("feedback", tmp_path / "results") == 0
    assert (tmp_path / "results" / "ada.html").exists()


def test_a_scheduler_that_is_not_there_is_told(
    grade: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without dask.distributed, what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert grade(CLASS / "ada", "--scheduler", "tcp://127.0.0.1:1") == 2
    assert "pip install" in capsys.readouterr().err


ROSTER = "id,name,email\nada,Ada Lovelace,\n7,Kofi Annan,kofi@example.org\nzelda,Zelda F.,\n"


def test_whoever_handed_in_nothing_is_missing(
    grade: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A roster names them, and finds who handed in under another name, or is nobody's."""
    roster = tmp_path / "class.csv"
    roster.write_text(ROSTER, "utf-8")
    assert grade(CLASS / "ada", CLASS / "viktor", "--roster", roster) == 0
    assert "Not on the roster: 'viktor'" in capsys.readouterr().out
    results = tmp_path / "results"
    found = {report.submission: report for report in read_results(results)}
    assert {name: report.status for name, report in found.items()} == {
        "ada": "graded",
        "viktor": "graded",
        "7": "missing",
        "zelda": "missing",
    }
    assert found["ada"].name == "Ada Lovelace"
    late = tmp_path / "kofi@example.org"
    shutil.copytree(CLASS / "kofi", late)
    assert grade(CLASS / "ada", late, "--roster", roster) == 0
    names = {report.submission for report in read_results(results)}
    assert names == {"ada", "viktor", "kofi@example.org", "zelda"}


def test_a_roster_that_cannot_be_read_is_told_line_by_line(
    grade: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is graded."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\nada,Ada\nada,Bo\n", "utf-8")
    assert grade(CLASS / "ada", "--roster", roster) == 2
    assert "class.csv:3: id ada is also that of line 2" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()
