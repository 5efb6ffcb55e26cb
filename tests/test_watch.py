"""The loop: save, see, next. Event by event, and in a real terminal."""

import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.checking import Checker
from grader.course import Course
from grader.remember import recall
from grader.sandbox.ahead import Ahead
from grader.sandbox.server import SpawnServer
from grader.watch import Event, Loop, What, notice_saves
from tests.helpers import NAME, ROOT, SOLUTION, edited

SLIP = edited(("    h = o * np.tanh(c)\n", "    h = o * c\n"))
BAR = "q quit"


@pytest.fixture(name="mine")
def _mine(tmp_path: Path) -> Path:
    """Lay out a hand-out in a path with a blank and an umlaut."""
    root = tmp_path / "meine Übung"
    shutil.copytree(ROOT / "exercises", root / "exercises")
    (root / "exercises" / ".stubs").mkdir()
    for name in Course.load(ROOT).names:
        shutil.copy(root / "exercises" / f"{name}.py", root / "exercises" / ".stubs")
    shutil.copy(ROOT / "course.toml", root)
    return root


class Screen:
    """A loop whose screen can be read; without a terminal nothing is cleared."""

    def __init__(self, root: Path, current: str = NAME) -> None:
        self.root = root
        self.out = StringIO()
        course = Course.load(root)
        console = Console(file=self.out, width=100)
        self.checker = Checker(course)
        memory = recall(root / "exercises")
        self.loop = Loop(course, self.checker, memory, console, current)

    def save(self, source: str, name: str = NAME) -> str:
        """Save a file; return what is said."""
        (self.root / "exercises" / f"{name}.py").write_text(source, "utf-8")
        return self.said(Event(What.SAVED, name))

    def press(self, key: str) -> str:
        """Press a key; return what is said."""
        return self.said(Event(What.KEY, key))

    def said(self, event: Event) -> str:
        """Answer an event; return what is new on the screen."""
        before = len(self.out.getvalue())
        self.loop.answer(event)
        return self.out.getvalue()[before:]


@pytest.fixture(name="screen")
def _screen(mine: Path) -> Iterator[Screen]:
    screen = Screen(mine)
    yield screen
    screen.checker.close()


def test_save_see_next(screen: Screen) -> None:
    """A slip, then done: with a celebration, the next exercise, and the key for it."""
    said = screen.save(SLIP)
    assert "Fix this first" in said
    assert "done!" not in said
    said = screen.save(SOLUTION)
    assert "*** LSTM forward: done! All 10 public checks pass. ***" in said
    assert "Next comes lstm_backward" in said
    assert "Press n to go on." in said
    said = screen.press("n")
    assert "You have not started lstm_backward yet" in said
    assert "Open exercises/lstm_backward.py" in said


def test_a_syntax_error_in_between_is_only_a_verdict(screen: Screen) -> None:
    """The loop goes on, and the next save is judged."""
    assert "cannot be imported: SyntaxError" in screen.save("def sigmoid(a:\n")
    assert "has no function" in screen.save("")
    assert "10 of 10" in screen.save(SOLUTION)


def test_a_file_that_is_deleted_and_comes_back(screen: Screen) -> None:
    """It is told, and nothing ends."""
    (screen.root / "exercises" / f"{NAME}.py").unlink()
    said = screen.said(Event(What.SAVED, NAME))
    assert "is not there" in said
    assert BAR in said
    assert "No hint yet" in screen.press("h")
    assert "10 of 10" in screen.save(SOLUTION)


def test_bytes_that_are_no_text(screen: Screen) -> None:
    """An editor's UTF-16, a binary file: told, and the loop goes on."""
    file = screen.root / "exercises" / f"{NAME}.py"
    for data in (SOLUTION.encode("utf-16"), b"\0\0\0", b"\xff\xfe\xfa"):
        file.write_bytes(data)
        assert "UTF-8" in screen.said(Event(What.SAVED, NAME))
    assert "10 of 10" in screen.save(SOLUTION)


def test_the_exercise_that_was_saved_is_the_one_that_is_checked(screen: Screen) -> None:
    """Work on another file, see another verdict."""
    screen.save(SOLUTION)
    said = screen.save("import numpy as np\n", "gru")
    assert said.startswith("gru")
    assert screen.loop.current == "gru"


KEYS = {
    "hint": ("h", "sigmoid: hint 1 of 3"),
    "list": ("l", "1  activations"),
    "rerun": ("r", "You have not started lstm_forward yet"),
    "rerun with Enter": ("\n", "You have not started lstm_forward yet"),
    "next without having finished": ("n", "lstm_backward"),
    "another key": ("x", BAR),
}


@pytest.mark.parametrize(("key", "says"), KEYS.values(), ids=KEYS)
def test_every_key_does_what_the_bar_says(key: str, says: str, screen: Screen) -> None:
    """And the bar is there again afterwards."""
    screen.loop.check()
    said = screen.press(key)
    assert says in said
    assert said.rstrip().endswith(BAR)


def test_hints_are_remembered_across_sessions(screen: Screen) -> None:
    """The second session goes on with the second hint."""
    screen.loop.check()
    screen.press("h")
    again = Screen(screen.root)
    try:
        again.loop.check()
        assert "hint 2 of 3" in again.press("h")
    finally:
        again.checker.close()


def test_the_end_of_the_course(screen: Screen) -> None:
    """When everything is done, that is said."""
    for name in Course.load(ROOT).names:
        screen.loop.memory.verdicts[name] = screen.checker.check((NAME,)).verdicts[NAME]
    said = screen.save(SOLUTION)
    assert "done!" in said  # other files are still stubs, so there is a next one
    assert "Next comes" in said


def test_quitting_ends_the_loop(screen: Screen) -> None:
    """By q, and by the end of the input."""
    for key in ("q", "\x04"):
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        events.put(Event(What.KEY, key))
        screen.loop.run(events)


def test_where_saves_go_unnoticed_r_is_the_way(
    mine: Path, monkeypatch: pytest.MonkeyPatch, screen: Screen
) -> None:
    """A system without notifications, or without the library, is told; nothing ends."""
    for broken in (None, "broken"):
        if broken:
            monkeypatch.setattr("watchfiles.watch", _raises)
        else:
            monkeypatch.setitem(sys.modules, "watchfiles", None)
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        notice_saves(mine / "exercises", [NAME], events, threading.Event())
        event = events.get_nowait()
        assert event.what is What.BLIND
        assert "press r when you have saved" in " ".join(screen.said(event).split())
        monkeypatch.undo()


def _raises(*_: object, **__: object) -> None:
    message = "OS file watch limit reached"
    raise OSError(message)


def by_writing(file: Path, source: str) -> None:
    file.write_text(source, "utf-8")


def by_renaming(file: Path, source: str) -> None:
    new = file.with_name(f".{file.name}.swp~")
    new.write_text(source, "utf-8")
    new.replace(file)


def by_moving_away_first(file: Path, source: str) -> None:
    file.rename(file.with_suffix(".py~"))
    file.write_text(source, "utf-8")


def by_deleting(file: Path, _: str) -> None:
    file.unlink()


@pytest.mark.parametrize("save", [by_writing, by_renaming, by_moving_away_first, by_deleting])
def test_however_an_editor_saves_it_is_noticed(mine: Path, save: Any) -> None:
    """Twice in a row; and nothing else in the folder is."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    stop = threading.Event()
    folder = mine / "exercises"
    thread = threading.Thread(target=notice_saves, args=(folder, [NAME, "gru"], events, stop))
    thread.start()
    try:
        time.sleep(0.5)
        for source in (SLIP, SOLUTION):
            (folder / "notes.py").write_text(source, "utf-8")
            (folder / ".progress.json").write_text("{}", "utf-8")
            save(folder / f"{NAME}.py", source)
            assert events.get(timeout=10) == Event(What.SAVED, NAME)
            if save is by_deleting:
                break
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_a_worker_that_was_started_ahead_answers() -> None:
    """Where workers are fresh Pythons, the next one is ready before it is asked for."""
    sandbox = Ahead(SpawnServer())
    try:
        for _ in range(2):
            worker = sandbox.start()
            said = worker.ask("load", "m", {"m": "def f(): return 7\n"}, seconds=5.0)
            assert said[0] == "loaded"
            worker.close()
        sandbox.start(figures=True).close()
    finally:
        sandbox.close()


# --- in a real terminal


def _heeding_ctrl_c() -> None:
    """Undo what a shell does to commands in the background, and a test run may be one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(name="terminal", params=["fork", "spawn"])
def _terminal(request: pytest.FixtureRequest, mine: Path) -> Iterator[Any]:
    """Start `check --watch` in a terminal of 80 x 24."""
    pexpect = pytest.importorskip("pexpect")
    code = "from grader.student_cli import main; main()"
    if request.param == "spawn":
        code = "import grader.sandbox.selfattack as s; s.FORKS = False; " + code
    child = pexpect.spawn(
        sys.executable, ["-c", code, "check", NAME, "--watch"], cwd=str(mine), timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "1"},
        encoding="utf-8", dimensions=(24, 80), preexec_fn=_heeding_ctrl_c,
    )  # fmt: skip
    child.root = mine
    yield child
    child.close(force=True)


def verdict(terminal: Any) -> str:
    """Wait for the next whole screen; return it."""
    terminal.expect(BAR)
    return str(terminal.before)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_session_in_a_real_terminal(terminal: Any) -> None:
    """Verdict after save, hint, list, next, rerun, quit; keys need no Enter."""
    file = terminal.root / "exercises" / f"{NAME}.py"
    assert "You have not started lstm_forward yet" in verdict(terminal)
    by_writing(file, SLIP)
    said = verdict(terminal)
    assert "h[0, 0] = 0.6, by hand 0.522" in said
    assert "\x1b[3" not in said  # NO_COLOR: no colour
    assert len(said.splitlines()) <= 24
    terminal.send("h")
    assert "lstm_step: hint 1 of 3" in verdict(terminal)
    by_renaming(file, "def broken(:\n")
    assert "SyntaxError" in verdict(terminal)
    file.unlink()
    assert "is not there" in verdict(terminal)
    by_writing(file, SOLUTION)
    said = verdict(terminal)
    assert "done! All 10 public checks pass." in said
    assert "Press n to go on." in said
    terminal.send("l")
    assert "all public checks pass" in verdict(terminal)
    terminal.send("n")
    assert "lstm_backward" in verdict(terminal)
    terminal.send("r")
    assert "lstm_backward" in verdict(terminal)
    terminal.send("q")
    terminal.expect("Until next time")
    terminal.expect(__import__("pexpect").EOF)
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
@pytest.mark.parametrize("terminal", ["fork"], indirect=True)
def test_ctrl_c_leaves_without_a_traceback_and_the_terminal_as_it_was(terminal: Any) -> None:
    """As people leave; typing is visible again."""
    verdict(terminal)
    terminal.sendintr()
    terminal.expect("Until next time")
    terminal.expect(__import__("pexpect").EOF)
    assert "Traceback" not in str(terminal.before)


def test_without_a_terminal_lines_are_keys(mine: Path) -> None:
    """Piped input: a line counts as its first letter."""
    import subprocess  # noqa: PLC0415

    done = subprocess.run(
        [sys.executable, "-m", "grader", "check", NAME, "--watch", "--course", str(mine)],
        input=b"hint\nlist\n\nquit\n", capture_output=True, check=False, timeout=60, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    said = done.stdout.decode("cp1252")
    assert "sigmoid: hint 1 of 3" in said
    assert "1  activations" in said
    assert said.count("You have not started lstm_forward yet") == 2
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
