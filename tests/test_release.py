"""The hand-out: complete, without a secret, the same every time, and it runs."""

import ast
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from grader.checking import SEEDS
from grader.cli import main
from grader.course import Course
from grader.errors import AuthoringError
from grader.lookalikes import load, numbers, question_of
from grader.pytest_session import RubricSession
from grader.questions import questions_of
from grader.reference import Reference
from grader.release import contents, imported, lookalikes, zipped
from tests.helpers import ROOT, copied_course

#: Shorter lines tell nobody anything: `return W`, `else:`.
TELLING = 12
#: What is public by its place: stubs, the checks, which ask in the same words, and the engine.
PUBLIC = "\n".join(
    path.read_text("utf-8")
    for folder, pattern in (("exercises", "**/*.py"), ("grader", "**/*.py"))
    for path in (ROOT / folder).glob(pattern)
    if path.parent.name not in {"hidden", "bugs", "witness"}
)
#: What patches and hidden graders share with handouts, looked at one by one.
LOOKED_AT = {"dh = dHout[t]", "rng = np.random.default_rng(0)"}


@pytest.fixture(name="files", scope="module")
def _files() -> dict[str, bytes]:
    return contents(Course.load(ROOT))


def run(*arguments: object) -> int:
    """Run a command in this process; return its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_everything_a_student_needs_is_inside(files: dict[str, bytes]) -> None:
    """Stubs, handouts, checks, hints, the cheat sheet, the engine, and how to begin."""
    course = Course.load(ROOT)
    for name in course.names:
        assert files[f"exercises/{name}.py"] == course.stub(name).encode()
        assert files[f"exercises/.stubs/{name}.py"] == files[f"exercises/{name}.py"]
        assert f"notebooks/{name}.ipynb" in files
        for path in (f"handouts/{name}.md", f"checks/test_{name}.py", f"hints/{name}.toml"):
            assert f"exercises/{path}" in files
    assert {"README.md", "start.py", "requirements.txt", "LICENSE", "course.toml",
            "exercises/cheat_sheet.md", "grader/watch.py"} <= files.keys()  # fmt: skip
    assert b"python3 start.py check" in files["exercises/README.md"]
    assert b"nox -s check" not in b"".join(files.values())


def test_a_line_within_a_notebook_is_found() -> None:
    """The search for secrets reads cells as text, not as JSON writes them."""
    cells = [{"source": ['x = "a"\n', "y = 1\n"]}]
    notebook = json.dumps({"cells": cells, "nbformat": 4}).encode()
    assert leaked({"a.ipynb": notebook}, {'x = "a"', "z = 1"}) == ['x = "a"']


def test_nothing_private_is_inside_by_name(files: dict[str, bytes]) -> None:
    """No solution, hidden grader, bug list or compiled file; no command that needs them."""
    for path in files:
        assert not re.search(r"hidden|bugs|solution|witness|\.pyc|submissions|\.git(/|$)", path), (
            path
        )
    assert "grader/cli.py" not in files
    assert "grader/release.py" not in files


def test_windows_line_ends_are_nowhere(files: dict[str, bytes]) -> None:
    """The hand-out is the same wherever it was made."""
    assert not [path for path, data in files.items() if b"\r" in data and path[-4:] != ".npz"]


def inside(data: bytes) -> bytes:
    """Unpack what a file holds: the arrays of a .npz, the cells of a notebook."""
    if data.startswith(b"{") and b'"nbformat"' in data:
        cells = json.loads(data)["cells"]
        return data + "\n".join("".join(cell["source"]) for cell in cells).encode()
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def leaked(files: dict[str, bytes], secret: set[str]) -> list[str]:
    """Search names, texts and unpacked arrays."""
    everything = b"\n".join([*map(str.encode, files), *map(inside, files.values())])
    return [line for line in sorted(secret) if line.encode() in everything]


def solution_lines() -> set[str]:
    """List every telling line that stands inside a solution block, and only there."""
    secret: set[str] = set()
    public: set[str] = set()
    for path in (ROOT / "solutions").glob("**/*.*"):
        if path.suffix not in {".py", ".md"}:
            continue
        within = path.stem == "fast_lstm"  # no exercise: all of it is private
        for line in path.read_text("utf-8").splitlines():
            text = line.strip()
            if text in {"### BEGIN SOLUTION", "### END SOLUTION"}:
                within = text.endswith("BEGIN SOLUTION")
            else:
                (secret if within else public).add(text)
    return {line for line in secret - public if len(line) > TELLING and line not in PUBLIC}


def hidden_lines() -> set[str]:
    """List every telling line of the hidden graders, but for their titles, which are public."""
    lines: set[str] = set()
    for path in (ROOT / "grader" / "hidden").glob("**/*.py"):
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        docs = [ast.get_docstring(node) or "" for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.Module)]  # fmt: skip
        titles = {line.strip(' "') for doc in docs for line in doc.splitlines()}
        lines |= {line.strip() for line in source.splitlines() if line.strip(' "') not in titles}
    return lines


def bug_lines() -> set[str]:
    """List every line of the patches; names and sentences are for students to see."""
    lines: set[str] = set()
    course = Course.load(ROOT)
    for name in course.names:
        for bug in course.bugs(name):
            patches = ((bug.old, bug.new), *bug.also)
            lines |= {
                line.strip() for pair in patches for part in pair for line in part.splitlines()
            }
        source = (ROOT / "grader" / "bugs" / f"{name}.py").read_text("utf-8")
        code, _, _ = source.partition("\nBUGS = [")
        lines |= {line.strip() for line in code.splitlines()}
    return lines


def test_no_line_of_a_solution_is_inside(files: dict[str, bytes]) -> None:
    """Not in a text, not in an array, not in a name."""
    secret = solution_lines()
    assert len(secret) > 300
    assert leaked(files, secret) == []


def test_no_line_of_a_hidden_grader_or_a_patch_is_inside(files: dict[str, bytes]) -> None:
    """But for what is public by its place, and for titles, which handouts list."""
    lines = hidden_lines() | bug_lines()
    secret = {line for line in lines if len(line) > TELLING and line not in PUBLIC} - LOOKED_AT
    assert len(secret) > 1000
    assert leaked(files, secret) == []


@pytest.mark.parametrize("place", ["a text", "a name", "an array of a .npz"])
def test_a_planted_line_is_found(files: dict[str, bytes], place: str) -> None:
    """The search itself works, also in what is compressed."""
    line = sorted(solution_lines())[7]
    packed = io.BytesIO()
    np.savez_compressed(packed, x=np.array([0.0]), y=np.frombuffer(line.encode(), np.uint8))
    planted = {
        "a text": {"README.md": f"see: {line}\n".encode()},
        "a name": {f"{line}.md": b""},
        "an array of a .npz": {"a.npz": packed.getvalue()},
    }
    assert leaked(files | planted[place], solution_lines()) == [line]


def test_the_right_answers_are_not_inside(files: dict[str, bytes], tmp_path: Path) -> None:
    """The arrays of bugs hold only numbers that are wrong: what a slip changes."""
    course, name = Course.load(ROOT), "lstm_forward"
    session = RubricSession([course.checks(name)])
    (rubric,) = session.rubrics().values()
    reference = Reference(course.functions(name), rubric.signatures)
    asked = questions_of(name, rubric, reference, SEEDS)
    session.close()
    right = {question_of(call): numbers(call.seen) for call in asked}
    file = tmp_path / "arrays.npz"
    file.write_bytes(files[f"exercises/.lookalikes/{name}.npz"])
    for each in load(file):
        for answer in each.answers:
            same = [
                key in right[answer.question]
                and np.array_equal(right[answer.question][key], values, equal_nan=True)
                for key, values in answer.numbers.items()
            ]
            assert not all(same), each.bug


def test_the_same_course_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    """Twice; and members are sorted, dated, readable, and none is a link."""
    again = contents(Course.load(ROOT))
    assert zipped(again) == zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        members = archive.infolist()
    assert [m.filename for m in members] == sorted(m.filename for m in members)
    assert {m.date_time for m in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {m.external_attr >> 16 for m in members} == {stat.S_IFREG | 0o644}


def test_a_stub_that_was_worked_on_is_given_out_clean(tmp_path: Path) -> None:
    """What lies in exercises/ of the instructor never gets out; a missing text is told."""
    copied_course(tmp_path)
    for name in ("handout", "exercises", "pyproject.toml", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, tmp_path)
    name = Course.load(tmp_path).names[0]
    (tmp_path / "exercises" / f"{name}.py").write_text("mine = 'secret'\n", "utf-8")
    (tmp_path / "exercises" / "notes.txt").write_text("secret", "utf-8")
    (tmp_path / "exercises" / "backups").mkdir()
    (tmp_path / "exercises" / "backups" / f"{name}.py.1.bak").write_text("secret", "utf-8")
    files = contents(Course.load(tmp_path))
    assert b"mine = 'secret'" not in b"".join(files.values())
    assert not [path for path in files if "notes" in path or "backups" in path]
    (tmp_path / "LICENSE").unlink()
    with pytest.raises(AuthoringError, match="LICENSE: the hand-out needs this file"):
        contents(Course.load(tmp_path))


def test_exercises_whose_bugs_are_secret_have_no_arrays(tmp_path: Path) -> None:
    """`bugs_are_secret` in course.toml keeps them in."""
    copied_course(tmp_path)
    file = tmp_path / "course.toml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("\n[exercises.points]", "bugs_are_secret = true\n\n[exercises.points]"),
        "utf-8",
    )
    assert lookalikes(Course.load(tmp_path)) == {}


def test_the_engine_is_followed_from_what_students_start(tmp_path: Path) -> None:
    """Imports inside functions count; what nobody imports stays out."""
    (tmp_path / "sandbox").mkdir()
    for path, text in {
        "__init__.py": "", "__main__.py": "", "watch.py": "", "sandbox/__init__.py": "",
        "sandbox/zygote.py": "", "sandbox/spawned.py": "from grader.sandbox import protocol",
        "sandbox/protocol.py": "", "late.py": "", "other.py": "", "cli.py": "import grader.other",
        "student_cli.py": "def f():\n    from grader.late import x\n",
    }.items():  # fmt: skip
        (tmp_path / path).write_text(text, "utf-8")
    found = imported(tmp_path)
    assert {"late.py", "sandbox/protocol.py", "sandbox/__init__.py"} <= set(found)
    assert not {"other.py", "cli.py"} & set(found)


@pytest.fixture(name="unpacked", scope="module")
def _unpacked(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the zip where students do: a path with a space and an umlaut."""
    folder = tmp_path_factory.mktemp("mine") / "Übung eins"
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        archive.extractall(folder)
    return folder / "carousel"


def started(folder: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """Run `python -m grader` in the hand-out, with its own engine and no other."""
    code = (
        "import sys, runpy; sys.path.insert(0, '.');"
        "sys.argv = ['grader', *sys.argv[1:]]; runpy.run_module('grader', run_name='__main__')"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | more
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, env=environment, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip


def test_the_hand_out_runs_on_its_own(unpacked: Path) -> None:
    """Its own engine checks a stub; another command than students' is not there."""
    done = started(unpacked, "check", "lstm_forward", CAROUSEL_COMMAND="python3 start.py")
    assert done.returncode == 0, done.stderr
    assert b"Start here: You have not started lstm_forward yet" in done.stdout
    help_ = started(unpacked, "--help").stdout
    assert all(word in help_ for word in (b"check", b"hint", b"progress", b"reset"))
    assert b"feedback" not in help_
    assert started(unpacked, "grade").returncode == 2


def test_every_exercise_can_be_checked_with_what_is_inside(unpacked: Path, tmp_path: Path) -> None:
    """The public checks of all of them run; right solutions pass."""
    root = tmp_path / "carousel"
    shutil.copytree(unpacked, root)
    for name in Course.load(ROOT).names:
        for path in (ROOT / "solutions").glob(f"{name}.*"):
            shutil.copy(path, root / "exercises")
    done = started(root, "check")
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"Well done." in done.stdout


def test_on_a_windows_console_of_1252_nothing_breaks(unpacked: Path) -> None:
    """What the code page lacks is spelled; the file has a byte order mark and CRLF."""
    file = unpacked / "exercises" / "lstm_forward.py"
    before = file.read_bytes()
    source = (ROOT / "solutions" / "lstm_forward.py").read_text("utf-8")
    wrong = source.replace("h = o * np.tanh(c)\n", "h = o * c\n")
    file.write_bytes(b"\xef\xbb\xbf" + wrong.replace("\n", "\r\n").encode())
    try:
        for words in (("check", "lstm_forward"), ("hint", "lstm_forward"), ("progress",)):
            done = started(unpacked, *words, PYTHONIOENCODING="cp1252")
            assert b"Traceback" not in done.stderr, done.stderr
            done.stdout.decode("cp1252")
        said = started(unpacked, "hint", "lstm_forward", PYTHONIOENCODING="cp1252").stdout
        assert b"c_t = f * c_{t-1} + i * g" in said
        assert b"Your numbers look like a known slip" in said
    finally:
        file.write_bytes(before)


def test_start_is_readable_for_the_oldest_python(files: dict[str, bytes]) -> None:
    """So that it can say that it is too old: no f-string, no annotation."""
    tree = ast.parse(files["start.py"])
    modern = ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Match
    assert not [node for node in ast.walk(tree) if isinstance(node, modern)]


def test_release_writes_a_folder_or_a_zip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is there already is not mixed with a new one."""
    assert run("release", "--to", tmp_path, "--course", ROOT) == 0
    assert (tmp_path / "carousel" / "start.py").is_file()
    assert str(tmp_path / "carousel") in capsys.readouterr().out
    assert run("release", "--to", tmp_path, "--course", ROOT) == 2
    assert "is there already" in capsys.readouterr().err
    (tmp_path / "file").write_text("", "utf-8")
    assert run("release", "--to", tmp_path / "file", "--format", "zip", "--course", ROOT) == 2
    assert "--to" in capsys.readouterr().err


@pytest.fixture(name="set_up")
def _set_up(unpacked: Path, tmp_path: Path) -> Path:
    """Copy the hand-out; its venv looks as if everything were installed."""
    root = tmp_path / "carousel"
    shutil.copytree(unpacked, root)
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    shutil.copy(root / "requirements.txt", root / ".venv" / "installed.txt")
    return root


def begun(root: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run start.py from another folder."""
    return subprocess.run(
        [sys.executable, str(root / "start.py"), *words], cwd=root.parent, text=True,
        env=os.environ | more, capture_output=True, check=False, timeout=300, encoding="utf-8",
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for Python")
def test_start_runs_commands_from_anywhere(set_up: Path) -> None:
    """Without setting up again; commands are spelled as they have to be typed."""
    (set_up / "exercises" / "lstm_forward.py").write_text("import numpy as np\n", "utf-8")
    done = begun(set_up, "check", "lstm_forward")
    assert done.returncode == 1, done.stderr
    assert "Setting up" not in done.stdout
    assert "`python3 start.py hint lstm_forward`" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for Python")
def test_start_tells_what_to_do_when_it_cannot_install(set_up: Path) -> None:
    """No network: told in a sentence, and the next start tries again."""
    (set_up / ".venv" / "installed.txt").unlink()
    (set_up / "requirements.txt").write_text("carousel-no-such-library\n", "utf-8")
    done = begun(set_up, "check", PIP_NO_INDEX="1", PIP_RETRIES="0")
    assert done.returncode == 1
    assert "is there a network?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (set_up / ".venv" / "installed.txt").exists()


def test_a_hand_out_says_nothing_of_single_students(tmp_path: Path) -> None:
    """Assignments and overrides, with names and reasons, stay with the instructor."""
    course = copied_course(tmp_path)
    text = (tmp_path / "course.toml").read_text("utf-8")
    decided = (
        'do = "points"\nstudent = "adelheid"\nexercise = "lstm_forward"\npoints = 3\n'
        'reason = "ill"\nauthor = "Ruth"\ndate = 2026-11-20\n'
    )
    (tmp_path / "course.toml").write_text(f"{text}\n[[overrides]]\n{decided}", "utf-8")
    course = Course.load(tmp_path)
    shutil.copy(ROOT / "LICENSE", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    files = contents(course)
    assert b"adelheid" not in b"".join(files.values())
    out = tmp_path / "out"
    out.mkdir()
    (out / "course.toml").write_bytes(files["course.toml"])
    assert Course.load(out).exercises == course.exercises
