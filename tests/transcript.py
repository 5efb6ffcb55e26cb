"""One student solves lstm_forward step by step; what is said at every save.

`python -m tests.transcript` writes tests/transcript_lstm_forward.txt, which is
there to be read: every wrong turn, and the words that answer it.
"""

import re
import shutil
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

from grader.checking import Checker
from grader.course import Course
from grader.release import lookalikes
from grader.remember import Memory
from grader.watch import Event, Loop, What
from tests.helpers import NAME, ROOT, SOLUTION

FILE = ROOT / "tests" / f"transcript_{NAME}.txt"
CLOCK = re.compile(r"  checked at [\d:]+ in [\d.]+ s")


def right(function: str) -> str:
    """Cut the right body of a function out of the solution."""
    body = SOLUTION.partition(f"def {function}(")[2].partition("### BEGIN SOLUTION\n")[2]
    return body.partition("    ### END SOLUTION")[0]


STACK, BIAS = "np.vstack([h_prev, x])", 'p[f"b_{gate}"].T, W_x.T, W_h.T'
#: What the student does: function -> body; or a key.
STEPS: tuple[tuple[str, str, str], ...] = (
    ("writes sigmoid as in the book", "sigmoid", "    return 1 / (1 + np.exp(-a))\n"),
    ("asks for a hint", "", "h"),
    ("goes through tanh, misspelled", "sigmoid", "    return np.tahn(a / 2) / 2 + 0.5\n"),
    ("corrects it", "sigmoid", right("sigmoid")),
    ("writes lstm_gates, with x on top", "lstm_gates",
     right("lstm_gates").replace(STACK, "np.vstack([x, h_prev])")),
    ("asks for a hint", "", "h"),
    ("asks for another", "", "h"),
    ("puts h on top", "lstm_gates", right("lstm_gates")),
    ("writes lstm_step and returns it the wrong way round", "lstm_step",
     right("lstm_step").replace("return h, c", "return c, h")),
    ("forgets the tanh", "lstm_step", right("lstm_step").replace("o * np.tanh(c)", "o * c")),
    ("writes lstm_step", "lstm_step", right("lstm_step")),
    ("packs without transposing", "pack_gates",
     right("pack_gates").replace(BIAS, 'p[f"b_{gate}"], W_x, W_h')),
    ("packs in the order of lstm_gates", "pack_gates",
     right("pack_gates").replace('"ifog"', '"figo"')),
    ("packs", "pack_gates", right("pack_gates")),
    ("initialises, with the bias in the wrong quarter", "init_lstm",
     right("init_lstm").replace("H : 2 * H", "2 * H : 3 * H")),
    ("initialises", "init_lstm", right("init_lstm")),
    ("divides with /", "lstm_forward", right("lstm_forward").replace("// 4", "/ 4")),
    ("never ends", "lstm_forward", right("lstm_forward").replace("for t in range(T):",
     "t = 0\n    while t < T:")),
    ("keeps the old cell", "lstm_forward",
     right("lstm_forward").replace("c = f * c_prev + i * g", "c = c_prev + i * g")),
    ("forgets the cache", "lstm_forward",
     right("lstm_forward").replace("return Hout, c, h, cache", "return Hout, c, h")),
    ("is done", "lstm_forward", right("lstm_forward")),
)  # fmt: skip


def transcript() -> str:
    """Play the session; return what was on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "exercises", root / "exercises")
        shutil.copy(ROOT / "course.toml", root)
        stub = Course.load(ROOT).stub(NAME)
        (root / "exercises" / ".stubs").mkdir(exist_ok=True)
        (root / "exercises" / ".stubs" / f"{NAME}.py").write_text(stub, "utf-8")
        (root / "exercises" / ".lookalikes").mkdir()
        arrays = lookalikes(Course.load(ROOT), [NAME])[NAME]
        (root / "exercises" / ".lookalikes" / f"{NAME}.npz").write_bytes(arrays)
        course = Course.load(root)
        checker = Checker(course, [NAME])
        try:
            return _played(course, checker, stub)
        finally:
            checker.close()


def _played(course: Course, checker: Checker, stub: str) -> str:
    out = StringIO()
    loop = Loop(course, checker, Memory(), Console(file=out, width=90), NAME)
    out.write("=== opens the course\n\n")
    loop.check()
    bodies: dict[str, str] = {}
    for does, function, what in STEPS:
        out.write(f"\n=== {does}\n\n")
        if function:
            bodies[function] = what
            (checker.folder / f"{NAME}.py").write_text(filled(stub, bodies), "utf-8")
            loop.answer(Event(What.SAVED, NAME))
        else:
            loop.answer(Event(What.KEY, what))
    lines = CLOCK.sub("", out.getvalue()).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def filled(stub: str, bodies: dict[str, str]) -> str:
    """Put bodies into the holes of a stub."""
    for function, body in bodies.items():
        hole = f'    # YOUR CODE HERE\n    raise NotImplementedError("{function}")\n'
        stub = stub.replace(hole, body)
    return stub


if __name__ == "__main__":
    FILE.write_text(transcript(), "utf-8", newline="\n")
