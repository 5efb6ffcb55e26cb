"""A synthetic class of `lstm_forward`, and the result each submission must get.

Nine in ten are right in some way, or have one known bug; every tenth is broken
in one of the ways below, each of which says what must become of it. Every ten
of them have one that hangs, so that a class of any hundreds costs in proportion.
Every file differs in a comment.
"""

import io
import itertools
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.catalogue import patched
from grader.course import Course
from grader.model import Cost, Status

__all__ = ["BROKEN", "HANGING", "NAME", "RIGHT", "Expected", "attacks", "differs", "write_class"]

NAME = "lstm_forward"
FILE = f"{NAME}.py"
WORTH = 25
ROOT = Path(__file__).resolve().parents[1]
#: Where attacks of the suite find what they look for: it is there, and refused.
AIM = {
    "COURSE": str(ROOT), "RESULTS": "/tmp", "CLASS": "/tmp", "TCP": "9", "UDP": "9", "UNIX": "x",  # noqa: S108
}  # fmt: skip
FUNCTIONS = ("sigmoid", "lstm_gates", "lstm_step", "pack_gates", "init_lstm", "lstm_forward")

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a submission must get.

    kind: a phrase for what it is. points: at most these, and exactly these
        unless there is a least. bug: the diagnosis it must be given.
    """

    kind: str
    status: Status
    points: int
    least: int | None = None
    bug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One way to be broken: what is handed in, given a right source; what it must get.

    packed: handed in as one zip of these files. link: a file of it is a link
        out of the submission.
    """

    files: Callable[[str], Files]
    status: Status = Status.GRADED
    points: int = 0
    packed: bool = False
    link: bool = False


def code(text: str) -> Callable[[str], Files]:
    """Hand in this instead of the right source."""
    return lambda _: {FILE: text}


def before(text: str) -> Callable[[str], Files]:
    """Hand in the right source after this."""
    return lambda right: {FILE: f"{text}\n{right}"}


def instead(body: str, functions: tuple[str, ...] = FUNCTIONS) -> Callable[[str], Files]:
    """Hand in the right source with functions that do this instead.

    body: uses `right`, the right function, and its arguments `a` and `k`.
    """
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    tail = (
        "\n\nimport ctypes, os, socket, sys, time\n\n"
        f"def _replaced(right):\n    def function(*a, **k):\n{lines}    return function\n\n"
        f"for _name in {functions!r}:\n    globals()[_name] = _replaced(globals()[_name])\n"
    )
    return lambda right: {FILE: right + tail}


def attempt(attack: str) -> Callable[[str], Files]:
    """Hand in the right source with functions that attack first."""
    return instead(f"try:\n    {attack}\nexcept OSError:\n    pass\nreturn right(*a, **k)")


def notebook(*cells: str) -> str:
    """Make a notebook."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c}
        for c in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


EACH = """
import numpy as np
value = right(*a, **k)
if isinstance(value, tuple):
    return tuple({0} for v in value)
v = value
return {0}
""".strip()
UNREADABLE, MISSING = Status.UNREADABLE, Status.MISSING
BROKEN: dict[str, Broken] = {
    "hangs on import": Broken(files=before("while True: pass"), status=UNREADABLE),
    "no file of this exercise": Broken(
        files=lambda _: {"notes.txt": "later", "gru.py": "# soon"}, status=MISSING
    ),
    "a syntax error": Broken(files=before("def broken(:"), status=UNREADABLE),
    "os._exit in every function": Broken(files=instead("os._exit(0)")),
    "wrong shapes": Broken(files=instead("import numpy as np\nreturn np.ones((1, 7))")),
    "NaN everywhere": Broken(
        files=instead(
            EACH.format("np.full(np.shape(v), np.nan) if isinstance(v, np.ndarray) else v")
        )
    ),
    "prints 20 MB, and is right": Broken(
        files=before("for _ in range(200): print('x' * 100_000)"), points=WORTH
    ),
    "a source over 2 MB": Broken(
        files=lambda right: {FILE: right + "#" * (2 << 20)}, status=UNREADABLE
    ),
    "the stub": Broken(files=lambda _: {FILE: stub()}, status=Status.NOT_STARTED),
    "a notebook, and right": Broken(
        files=lambda right: {f"{NAME}.ipynb": notebook("%pip install numpy", right)}, points=WORTH
    ),
    # from here the second ten
    "init_lstm never ends": Broken(files=instead("while True: pass", ("init_lstm",)), points=23),
    "a zip that leads out": Broken(
        files=lambda right: {f"../../{FILE}": right}, status=UNREADABLE, packed=True
    ),
    "a zip bomb": Broken(files=lambda _: {FILE: bytes(64 << 20)}, status=UNREADABLE, packed=True),
    "a link out of the submission": Broken(files=lambda _: {}, status=UNREADABLE, link=True),
    "sys.exit on import": Broken(files=before("raise SystemExit(0)"), status=UNREADABLE),
    "a gigabyte instead of a value": Broken(
        files=instead("import numpy as np\nreturn np.broadcast_to(1.0, (1 << 27,))")
    ),
    "a segmentation fault in every function": Broken(files=instead("ctypes.string_at(0)")),
    "forks, and is right": Broken(files=attempt("os.fork()"), points=WORTH),
    "zeros, and a patched NumPy": Broken(
        files=instead(
            "import numpy as np\nnp.max = np.allclose = lambda *a, **k: 0.0\n"
            + EACH.format("np.zeros_like(v) if isinstance(v, np.ndarray) else v")
        )
    ),
    "bytes that are no text": Broken(
        files=lambda _: {FILE: bytes(range(256)) * 16}, status=UNREADABLE
    ),
    # and the third
    "sleeps on import": Broken(files=before("import time; time.sleep(1000)"), status=UNREADABLE),
    "opens a connection, and is right": Broken(
        files=attempt("socket.create_connection(('127.0.0.1', 80), 1)"), points=WORTH
    ),
    "takes 100 GB": Broken(files=instead("import numpy as np\nreturn np.ones(10**11 // 8)")),
    "calls itself for ever": Broken(files=instead("return function(*a, **k)")),
    "raises, with what it was given": Broken(files=instead("raise ValueError(repr((a, k)) * 9)")),
    "a notebook that is no JSON": Broken(
        files=lambda _: {f"{NAME}.ipynb": '{"cells": ['}, status=UNREADABLE
    ),
    "an object that lies about itself": Broken(
        files=instead(
            "class Lie:\n    shape = (1,)\n    def __eq__(self, other): return True\n"
            "    def __array__(self, *a): os._exit(3)\nreturn Lie()"
        )
    ),
    "closes every file": Broken(files=instead("os.closerange(0, 256)\nreturn right(*a, **k)")),
    "kills its parent, and is right": Broken(
        files=attempt("os.kill(os.getppid(), 9)"), points=WORTH
    ),
    "writes noise to every file": Broken(
        files=instead(
            "for f in range(3, 64):\n"
            "    try: os.write(f, b'\\xff' * 64)\n    except OSError: pass\n"
            "return right(*a, **k)"
        )
    ),
}
#: Those that cost seconds; one in every ten.
HANGING = ("hangs on import", "init_lstm never ends", "sleeps on import")
#: Right in other words: what is written instead of what.
RIGHT: dict[str, tuple[tuple[str, str], ...]] = {
    "as in the solution": (),
    "gates cut out one by one": (
        (
            "i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)",
            "i, f, o = (sigmoid(a[:, k * H : (k + 1) * H]) for k in range(3))",
        ),
    ),
    "a list of states": (
        ("Hout = np.empty((T, B, H))", "Hout = []"),
        ("Hout[t] = h", "Hout.append(h)"),
        ("return Hout, c, h, cache", "return np.array(Hout), c, h, cache"),
    ),
    "bias added": (
        ("row = np.hstack([ones, X[t], h])  # (B, R)", "row = np.hstack([X[t], h])"),
        ("a = row @ W  # (B, 4H)", "a = W[0] + row @ W[1:]"),
    ),
}


def stub() -> str:
    """Take the stub students are given."""
    return Course.load(ROOT).stub(NAME)


def write_class(
    folder: Path, count: int, costs: Mapping[str, Cost], *, attacked: bool = False
) -> dict[str, Expected]:
    """Write a class, and tell what each must get.

    costs: bug -> what it costs, as the course has proved it.
    attacked: every tenth is one of the attack suite's instead.
    """
    folder.mkdir(parents=True)
    kinds = _kinds(costs)
    broken = itertools.cycle(attacks() if attacked else BROKEN)
    expected = {}
    for number in range(count):
        name = f"s{number:05d}"
        if number % 10 != 9:
            source, expected[name] = next(kinds)
            _put(folder / name, {FILE: _numbered(source, number)})
            continue
        kind = next(broken)
        expected[name] = (
            _attack(folder / name, kind) if attacked else _hand_in(folder, name, kind, number)
        )
    return expected


def attacks() -> dict[str, Any]:
    """Read the attacks on this exercise, by name."""
    sys.path.append(str(ROOT))
    from tests.attacks.case import cases  # noqa: PLC0415  the tests are no package of ours

    return {case.name: case for case in cases() if case.exercise == NAME}


def _attack(path: Path, name: str) -> Expected:
    """Write an attack, aimed at nothing in particular."""
    case = attacks()[name]
    case.make(path)
    for file in path.rglob("*.py"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size < 1 << 20:
            data = file.read_bytes()
            for target, value in AIM.items():
                data = data.replace(f"@{target}@".encode(), value.encode())
            file.write_bytes(data)
    least, most = case.earns
    return Expected(kind=name, status=Status(case.status), points=most, least=least)


def _kinds(costs: Mapping[str, Cost]) -> Iterator[tuple[str, Expected]]:
    """Alternate between right solutions and every known bug, for ever."""
    course = Course.load(ROOT)
    solution = course.source(NAME)
    right = []
    for how, changes in RIGHT.items():
        text = solution
        for old, new in changes:
            text = text.replace(old, new)
        right.append((text, Expected(kind=how, status=Status.GRADED, points=WORTH)))
    bugs = [
        (
            patched(solution, bug),
            Expected(
                kind=f"bug {bug.id}", status=Status.GRADED, bug=costs[bug.id].diagnosed,
                points=WORTH - costs[bug.id].lost,
            ),
        )
        for bug in course.bugs(NAME)
    ]  # fmt: skip
    number = 0
    while True:
        yield right[number % len(right)]
        yield bugs[number % len(bugs)]
        number += 1


def _numbered(text: str, number: int) -> str:
    return f"{text}\n# {number}\n"


def _hand_in(folder: Path, name: str, kind: str, number: int) -> Expected:
    """Hand in something broken."""
    broken = BROKEN[kind]
    expected = Expected(kind=kind, status=broken.status, points=broken.points)
    files = broken.files(_numbered(Course.load(ROOT).source(NAME), number))
    if broken.packed:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        (folder / f"{name}.zip").write_bytes(data.getvalue())
        return expected
    _put(folder / name, files)
    if broken.link:
        (folder / name / FILE).symlink_to("/etc/passwd")
    return expected


def _put(folder: Path, files: Files) -> None:
    folder.mkdir()
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)


def differs(report: Mapping[str, object] | None, expected: Expected) -> str:
    """Tell what is wrong with the result of a submission, as JSON; nothing if it is right."""
    if report is None:
        return "no result"
    (result,) = report["exercises"]
    got = (result["status"], result["points"])
    least = expected.points if expected.least is None else expected.least
    if got[0] != expected.status or not least <= got[1] <= expected.points:
        return f"{got[0]} with {got[1]}, not {expected.status} with {expected.points}"
    named = {line["diagnosis"]["bug"] for line in result["criteria"] if line["diagnosis"]}
    if expected.bug and expected.bug not in named:
        return f"named {sorted(named)}, not {expected.bug}"
    sure = expected.least is None and expected.points == WORTH
    if not expected.bug and sure and named:
        return f"named {sorted(named)} in a right one"
    return ""
