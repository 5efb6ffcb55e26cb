"""What a student types: check, hint, reset, progress; here and on other systems."""

import ast
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.checking import Checker
from grader.course import Course
from grader.hints import load_hints
from grader.intake import read_submission
from grader.lookalikes import dump, load, looks_like
from grader.release import lookalikes
from grader.remember import FILE, Memory, Verdict, recall
from grader.sandbox.server import SpawnServer
from grader.stub import is_stub
from grader.student_cli import main
from tests.helpers import NAME, ROOT, SOLUTION, edited

CELL = "    h = o * np.tanh(c)\n"
SLIP = edited((CELL, "    h = o * c\n"))


def run(*arguments: object) -> int:
    """Run a student's command in this process; return its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture(name="arrays", scope="session")
def _arrays() -> bytes:
    """Ask the known bugs of one exercise, once."""
    return lookalikes(Course.load(ROOT), [NAME])[NAME]


@pytest.fixture(name="mine")
def _mine(tmp_path: Path, arrays: bytes) -> Path:
    """Lay out a hand-out in a path with a blank and an umlaut."""
    root = tmp_path / "meine Übung"
    shutil.copytree(ROOT / "exercises", root / "exercises")
    (root / "exercises" / ".stubs").mkdir()
    for name in Course.load(ROOT).names:
        shutil.copy(ROOT / "exercises" / f"{name}.py", root / "exercises" / ".stubs")
    shutil.copy(ROOT / "course.toml", root)
    (root / "exercises" / ".lookalikes").mkdir()
    (root / "exercises" / ".lookalikes" / f"{NAME}.npz").write_bytes(arrays)
    return root


@pytest.fixture(name="platform", params=["here", "darwin", "no fork"])
def _platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Force the paths of other systems: macOS, and Windows without pollable pipes."""
    if request.param == "darwin":
        monkeypatch.setattr("grader.sandbox.selfattack.sys.platform", "darwin")
    if request.param == "no fork":
        monkeypatch.setattr("grader.sandbox.selfattack.FORKS", False)
        monkeypatch.setattr(SpawnServer.__init__, "__kwdefaults__", {"poll": False})
    return str(request.param)


def write(root: Path, source: str, **how: Any) -> Path:
    """Save the exercise as an editor would."""
    file = root / "exercises" / f"{NAME}.py"
    file.write_text(source, "utf-8", **how)
    return file


@pytest.mark.usefixtures("platform")
def test_from_stub_to_done_on_any_system(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not started, a slip, a hint, done: with a byte order mark and CRLF, too."""
    assert run("check", NAME, "--course", mine) == 0
    assert "You have not started lstm_forward yet" in capsys.readouterr().out
    file = mine / "exercises" / f"{NAME}.py"
    file.write_bytes(b"\xef\xbb\xbf" + SLIP.replace("\n", "\r\n").encode())
    assert run("check", NAME, "--course", mine) == 1
    said = capsys.readouterr().out
    assert "h[0, 0] = 0.6, by hand 0.522" in said
    assert "hint lstm_forward" in said
    assert run("hint", NAME, "--course", mine) == 0
    assert "The idea" in capsys.readouterr().out
    write(mine, SOLUTION)
    assert run("check", NAME, "--course", mine) == 0
    assert "10 of 10 public checks pass" in capsys.readouterr().out


def test_a_verdict_fits_on_one_screen(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every function wrong: still the first failure first, and 24 lines."""
    write(mine, edited(("0.5 * (1.0 + np.tanh(0.5 * a))", "a.astype(np.float)")))
    assert run("check", NAME, "--course", mine) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert lines[2].startswith("Fix this first: sigmoid of")
    assert "np.float does not exist (any more): write float." in " ".join(" ".join(lines).split())


def test_everything_at_once_is_one_screen_too(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a name all exercises are checked, those not begun in one quiet line."""
    write(mine, SLIP)
    assert run("check", "--course", mine) == 1
    said = capsys.readouterr().out
    assert len(said.splitlines()) <= 24
    assert "Not started: activations, gradient_check, vanilla_rnn" in " ".join(said.split())


def test_a_slip_is_named_with_the_second_hint_and_not_before(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thinking comes first; from then on `check` says it, too."""
    write(mine, SLIP)
    looks = "known slip"
    assert run("check", NAME, "--course", mine) == 1
    assert looks not in capsys.readouterr().out
    assert run("hint", NAME, "--course", mine) == 0
    first = capsys.readouterr().out
    assert looks not in first
    assert "lstm_step: hint 1 of 3" in first
    assert run("hint", NAME, "--course", mine) == 0
    second = capsys.readouterr().out
    assert "hint 2 of 3" in second
    assert "Your numbers look like a known slip" in second
    assert run("check", NAME, "--course", mine) == 1
    assert looks in capsys.readouterr().out
    for _ in range(2):
        assert run("hint", NAME, "--course", mine) == 0
        third = capsys.readouterr().out
        assert "hint 3 of 3" in third
        assert "That was the last one" in third


def test_hints_about_one_function(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name; a stub gets those of its first function; an unknown name is told."""
    assert run("hint", NAME, "pack_gates", "--course", mine) == 0
    assert "pack_gates: hint 1 of 3" in capsys.readouterr().out
    assert run("hint", NAME, "--course", mine) == 0
    assert "sigmoid: hint 1 of 3" in capsys.readouterr().out
    assert run("hint", NAME, "pack", "--course", mine) == 2
    assert "there are some about: sigmoid, lstm_gates" in capsys.readouterr().err
    write(mine, SOLUTION)
    assert run("hint", NAME, "--course", mine) == 0
    assert "nothing to hint at" in capsys.readouterr().out


def test_a_hint_is_about_the_helper_that_is_missing(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where lstm_step waits for lstm_gates, the hint is about lstm_gates."""
    start, end = SOLUTION.index("    hx = np.vstack"), SOLUTION.index("    return f, i, g, o\n")
    hole = SOLUTION[:start] + '    raise NotImplementedError("lstm_gates")\n' + SOLUTION[end:]
    write(mine, hole)
    assert run("hint", NAME, "--course", mine) == 0
    assert "lstm_gates: hint 1 of 3" in capsys.readouterr().out


def test_a_command_that_is_not_there_is_answered_with_those_that_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name the course was started by."""
    monkeypatch.setenv("CAROUSEL_COMMAND", "python3 start.py")
    assert run("list") == 2
    said = capsys.readouterr().err
    assert "Usage: python3 start.py" in said
    assert "There are: check, hint, progress, reset." in said


def test_arrays_that_are_not_made_yet_are_not_wrong(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They come last, like a function that is not written, and have hints of their own."""
    for name in Course.load(ROOT).needs("long_dependency"):
        shutil.copy(ROOT / "solutions" / f"{name}.py", mine / "exercises")
    shutil.copy(ROOT / "solutions" / "long_dependency.py", mine / "exercises")
    assert run("check", "long_dependency", "--course", mine) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Write this next: long_dependency.npz" in said
    assert "there is no long_dependency.npz beside your long_dependency.py yet" in said
    assert run("hint", "long_dependency", "--course", mine) == 0
    assert "train once at T = 100" in " ".join(capsys.readouterr().out.split())


def test_help_is_offered_for_what_is_to_be_fixed_first(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check of everything names one exercise, above and below."""
    write(mine, SLIP)
    assert run("check", "activations", NAME, "--course", mine) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "Fix this first: lstm_step" in said
    assert f"hint {NAME}`" in said


def test_every_function_has_three_hints_and_none_is_a_line_of_the_solution() -> None:
    """All exercises; names as in the stub, in its order; arrays by the name of their file."""
    course = Course.load(ROOT)
    for name in course.names:
        hints = load_hints(course.hints(name))
        stub = course.stub(name)
        given, whole = (
            {node.name: ast.unparse(node) for node in ast.parse(text).body
             if isinstance(node, ast.FunctionDef)}
            for text in (stub, course.source(name))
        )  # fmt: skip
        written = {function for function, code in given.items() if code != whole[function]}
        assert written <= hints.keys() <= {*given, f"{name}.npz"}, name
        solution = {line.strip() for line in course.source(name).splitlines()}
        public = {line.strip() for line in stub.splitlines()}
        for hint in hints.values():
            for _, text in hint.upto(3):
                assert len(text) > 10
                shown = {line.strip() for line in text.splitlines()} - {""}
                assert not shown & (solution - public), name


def test_reset_keeps_what_was_written(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every time under a new name, where no grader takes it for a submission."""
    course = Course.load(mine)
    for number, source in enumerate((SLIP, SOLUTION), 1):
        file = write(mine, source)
        assert run("reset", NAME, "--course", mine) == 0
        assert is_stub(file.read_text("utf-8"), course.stub(NAME))
        kept = mine / "exercises" / "backups" / f"{NAME}.py.{number}.bak"
        assert kept.read_text("utf-8") == source
        assert str(kept) in capsys.readouterr().out.replace("\n", "")
    submission = read_submission(mine / "exercises", course.stubs())
    assert is_stub(submission.files[NAME].text, course.stub(NAME))
    (mine / "exercises" / f"{NAME}.py").unlink()
    assert run("reset", NAME, "--course", mine) == 0
    assert (mine / "exercises" / f"{NAME}.py").exists()


def test_reset_without_a_stub_is_told(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is overwritten with nothing."""
    file = write(mine, SOLUTION)
    (mine / "exercises" / ".stubs" / f"{NAME}.py").unlink()
    assert run("reset", NAME, "--course", mine) == 2
    assert "unpack the hand-out again" in capsys.readouterr().err
    assert file.read_text("utf-8") == SOLUTION


def test_progress_is_a_map(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is done, where you are, what has changed, what is gone; points add up."""
    assert run("progress", "--course", mine) == 0
    assert "1  activations" in capsys.readouterr().out
    write(mine, SOLUTION)
    assert run("progress", "--course", mine) == 0
    assert "not checked yet" in capsys.readouterr().out
    assert run("check", NAME, "--course", mine) == 0
    capsys.readouterr()
    (mine / "exercises" / "gru.py").unlink()
    assert run("progress", "--course", mine) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "lstm_forward [##########] 25 points all public checks pass" in said
    assert "its file is missing" in said
    of = sum(sum(entry.points.values()) for entry in Course.load(ROOT).exercises.values())
    assert f"worth 25 of {of} points" in said
    write(mine, SLIP)
    assert run("progress", "--course", mine) == 0
    assert "changed since the last check" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"hints": 3}', b"\xff\xfe", None])
def test_a_damaged_memory_costs_nothing_else(data: bytes | None, tmp_path: Path) -> None:
    """It begins anew."""
    if data is not None:
        (tmp_path / FILE).write_bytes(data)
    assert recall(tmp_path) == Memory()


def test_memory_comes_back(tmp_path: Path) -> None:
    """Hints and verdicts, as they were."""
    memory = Memory(verdicts={NAME: Verdict(passed=3, of=10, source="ab")})
    memory.show(NAME, "sigmoid", 2)
    memory.save(tmp_path)
    assert recall(tmp_path) == memory
    assert recall(tmp_path).seen(NAME, "sigmoid") == 2
    memory.save(tmp_path / "nowhere")  # not a reason to fail


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip"])
def test_damaged_arrays_of_bugs_only_silence_the_hint(
    data: bytes, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check goes on."""
    (mine / "exercises" / ".lookalikes" / f"{NAME}.npz").write_bytes(data)
    write(mine, SLIP)
    assert run("check", NAME, "--course", mine) == 1
    assert "h[0, 0] = 0.6" in capsys.readouterr().out


def test_a_file_that_is_gone_is_told(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And how to get a new one."""
    (mine / "exercises" / f"{NAME}.py").unlink()
    assert run("check", NAME, "--course", mine) == 2
    said = capsys.readouterr().err
    assert "was it renamed or moved?" in said
    assert f"reset {NAME}" in said


def test_json_is_what_people_read(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One report; the words go to the other stream."""
    write(mine, SLIP)
    assert run("check", NAME, "--json", "-", "--course", mine) == 1
    (report,) = json.loads(capsys.readouterr().out)
    assert report["exercises"][0]["name"] == NAME


def test_a_loop_writes_no_json(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of the two."""
    assert run("check", NAME, "--watch", "--json", "-", "--course", mine) == 2
    assert "give one of them" in capsys.readouterr().err


def test_known_slips_are_named_rightly_or_not_at_all(
    arrays: bytes, mine: Path, tmp_path: Path
) -> None:
    """Every catalogued bug, put into the solution: most are named, none is another's."""
    course = Course.load(ROOT)
    checker = Checker(Course.load(mine), [NAME])
    named = other = caught = 0
    try:
        for bug in course.bugs(NAME):
            write(mine, edited((bug.old, bug.new), *bug.also))
            checked = checker.check([NAME])
            if checked.verdicts[NAME].done:
                continue  # the public checks do not see it
            caught += 1
            _, slip = checked.first(NAME)
            named += slip is not None and slip.bug == bug.id
            other += slip is not None and slip.bug != bug.id
    finally:
        checker.close()
    assert other == 0
    assert named >= 0.7 * caught, (named, caught)
    file = tmp_path / "again.npz"
    file.write_bytes(dump(load_bytes(arrays, tmp_path)))
    assert file.read_bytes() == arrays


def load_bytes(data: bytes, folder: Path) -> Any:
    """Read arrays back from bytes."""
    (folder / "some.npz").write_bytes(data)
    return load(folder / "some.npz")


def test_nothing_looks_like_nothing() -> None:
    """Without bugs or calls there is no guess."""
    assert looks_like((), (), ()) is None
    assert load(Path("nowhere.npz")) == ()
    assert io.BytesIO(dump(())).read(2) == b"PK"
