"""What one attack is: a file that tells what it tries and what must happen.

`cases/*.py` are submissions. Lines of their docstring say what must happen:

    exercise: lstm_forward        the file it stands for
    body: right | wrong           the honest part, put before it: it earns all or nothing
    earns: 25 | at most 24        default: what the honest part earns
    says: does not end            words that the report must contain; may be repeated
    status: unreadable            default: graded
    needs: confined               only a confined worker is kept from this
    fails: why                    a hole that is known and still open

`folders/*.py` are what cannot be one text file: they make a submission of any
kind, with `make(path, right)`, and have the same lines.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from runpy import run_path

__all__ = ["CASES", "RIGHT", "Case", "body", "cases"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = (HERE / "cases", HERE / "folders")
FULL = {"lstm_forward": 25, "gate_analysis": 25}
_LINE = re.compile(r"^(exercise|body|earns|says|status|needs|fails): *(.+)$", re.MULTILINE)

RIGHT = "right"

#: Earns nothing: of the right shapes, and zero.
WRONG = {
    "lstm_forward": """
import numpy as np

def sigmoid(a):
    return np.zeros_like(a)

def lstm_gates(x, h_prev, p):
    return (np.zeros_like(h_prev),) * 4

def lstm_step(x, h_prev, c_prev, p):
    return np.zeros_like(h_prev), np.zeros_like(c_prev)

def pack_gates(p, D):
    return np.zeros((1 + p["W_i"].shape[1], 4 * p["W_i"].shape[0]))

def init_lstm(D, H, rng, forget_bias=3.0):
    return np.zeros((1 + D + H, 4 * H))

def lstm_forward(X, W, c0=None, h0=None):
    (T, B, _), H = X.shape, W.shape[1] // 4
    return np.zeros((T, B, H)), np.zeros((B, H)), np.zeros((B, H)), None
""",
    "gate_analysis": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One attack.

    earns: (least, most) points. make: writes the submission to a path.
    """

    name: str
    story: str
    exercise: str
    earns: tuple[int, int]
    says: tuple[str, ...]
    status: str
    confined: bool
    fails: str
    make: Callable[[Path], None]


@cache
def body(exercise: str, kind: str) -> str:
    """Write the honest part of a submission."""
    if kind == RIGHT:
        return (ROOT / "solutions" / f"{exercise}.py").read_text("utf-8")
    return WRONG[exercise] if kind == "wrong" else ""


@cache
def cases() -> tuple[Case, ...]:
    """Read all attacks, by name."""
    paths = sorted((path for folder in CASES for path in folder.glob("*.py")), key=lambda p: p.stem)
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Case:
    text = path.read_text("utf-8")
    story = ast.get_docstring(ast.parse(text)) or ""
    lines: dict[str, list[str]] = {}
    for key, value in _LINE.findall(story):
        lines.setdefault(key, []).append(value.strip())
    one = {key: values[0] for key, values in lines.items()}
    exercise = one.get("exercise", "lstm_forward")
    kind = one.get("body", "own")
    full = FULL[exercise]
    default = {RIGHT: str(full), "wrong": "0"}.get(kind, "0")
    least, most = _points(one.get("earns", default), full)

    def write(to: Path) -> None:
        to.mkdir(parents=True)
        for earlier in _earlier(exercise):
            (to / f"{earlier}.py").write_text(body(earlier, RIGHT), "utf-8")
        source = f"{body(exercise, kind)}\n\n{text}"
        (to / f"{exercise}.py").write_text(source, "utf-8")

    def make(to: Path) -> None:
        run_path(str(path))["make"](to, body(exercise, RIGHT))

    return Case(
        name=path.stem,
        story=story,
        exercise=exercise,
        earns=(least, most),
        says=tuple(lines.get("says", ())),
        status=one.get("status", "graded"),
        confined=one.get("needs") == "confined",
        fails=one.get("fails", ""),
        make=make if path.parent.name == "folders" else write,
    )


def _points(text: str, full: int) -> tuple[int, int]:
    if text == "all":
        return full, full
    if text.startswith("at most "):
        return 0, int(text.removeprefix("at most "))
    return int(text), int(text)


def _earlier(exercise: str) -> tuple[str, ...]:
    if exercise == "gate_analysis":
        return ("vanilla_rnn", "lstm_forward", "lstm_backward", "gru")
    return ()
