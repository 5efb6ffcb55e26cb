"""A student's first hour, from the zip: `python -m tests.first_hour [FOLDER]`.

Unpacks the hand-out, sets it up as its README says, and goes through a first
check, a wrong save, hints and a right save. It needs a network and a minute,
and runs wherever students work: CI walks it on Windows and macOS, the tests
walk it here without the setting up.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.release import release
from tests.helpers import ROOT, SOLUTION

#: How editors on Windows save: a mark at the beginning, two characters at the end of a line.
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something a student does, and what has to happen.

    saves: what is in the file from now on. exits: with which code.
    """

    does: str
    words: tuple[str, ...]
    says: str
    saves: bytes = b""
    exits: int = 0


def saved(text: str) -> bytes:
    """Write a file as Windows does."""
    return MARK + text.replace("\n", "\r\n").encode()


WRONG = SOLUTION.replace("h = o * np.tanh(c)\n", "h = o * c\n", 1)
CHECK, HINT = ("check", "lstm_forward"), ("hint", "lstm_forward")
STEPS = (
    Step(does="checks the stub", words=CHECK, says="You have not started lstm_forward yet"),
    Step(does="saves half a line", words=CHECK, says="syntax", exits=1,
         saves=saved(SOLUTION.replace("def sigmoid(a):", "def sigmoid(a:"))),
    Step(does="saves a cell without its tanh", words=CHECK, says="Fix this first", exits=1,
         saves=saved(WRONG)),
    Step(does="asks for a hint", words=HINT, says="The idea"),
    Step(does="asks for the next one", words=HINT, says="known slip"),
    Step(does="saves the right cell", words=CHECK, says="Well done", saves=saved(SOLUTION)),
    Step(does="looks at the map", words=("progress",), says="1 of "),
    Step(does="begins again", words=("reset", "lstm_forward"), says="is the stub again"),
    Step(does="has what was given", words=CHECK, says="You have not started lstm_forward yet"),
)  # fmt: skip


def unpacked(course: Course, folder: Path) -> Path:
    """Make the zip and unpack it, where a path has a space and an umlaut."""
    archive = release(course, folder / "made", "zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder / "Übung eins")
    return folder / "Übung eins" / "carousel"


def walk(folder: Path, command: Sequence[str], steps: Sequence[Step] = STEPS) -> Iterator[str]:
    """Go through the steps in an unpacked hand-out, telling each.

    command: how a command of the course is begun here.

    Raises:
        AssertionError: something else happened; with what was said.
    """
    file = folder / "exercises" / "lstm_forward.py"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for step in steps:
        if step.saves:
            file.write_bytes(step.saves)
        done = subprocess.run(
            [*command, *step.words], cwd=folder, env=environment, capture_output=True,
            check=False, timeout=600,
        )  # fmt: skip
        heard = (done.stdout + done.stderr).decode("utf-8", "replace")
        met = done.returncode == step.exits and step.says.lower() in heard.lower()
        message = f"{step.does}: exit {done.returncode}\n{heard}"
        assert met, message
        assert "Traceback" not in heard, message
        yield f"{step.does}: {' '.join(step.words)} -> {done.returncode}"


def main(arguments: Sequence[str]) -> None:
    """Walk from the zip, setting up included."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = unpacked(Course.load(ROOT), Path(*arguments) if arguments else Path(made))
        for line in walk(folder, [sys.executable, "start.py"]):
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
