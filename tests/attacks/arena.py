"""The arena: a course with secrets in it, a class of attackers, the real command.

All attackers of an exercise are graded in one batch, with honest submissions
between them, so that what one does to the next would be seen. Secrets lie
where an attacker may look for them; afterwards every output that a student
receives is searched for them, however they are spelled.
"""

import base64
import codecs
import html
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.case import RIGHT, ROOT, Case, body, cases

__all__ = ["LEVELS", "STOLEN", "Battle", "Level", "fight"]

LAUNCH = Path(__file__).with_name("launch.py")
#: Made by attackers at run time from what they should not say; in no file.
STOLEN = "EXFILTRATED"
PATIENCE = 300
#: After how many attackers an honest submission follows.
BETWEEN = 4
SPARE_USER = 61234


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How a battle is fought: at most at this isolation level, as this user."""

    isolation: str
    user: int = 0


LEVELS = {
    "confined": Level(isolation="confined"),
    "confined, as an ordinary user": Level(isolation="confined", user=SPARE_USER),
    "process": Level(isolation="process", user=SPARE_USER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Battle:
    """What came out of one batch.

    reports: by the name of the attack. honest: reports of the honest ones.
    pages: everything a student is given, by file name, once more without the
    spelling of HTML; "terminal" is what was printed. raw: the HTML as it is.
    left: processes that were left behind. files: what was left in the folder
    for temporary files. called: connections that came through.
    """

    code: int
    reports: Mapping[str, dict[str, Any]]
    honest: list[dict[str, Any]]
    pages: Mapping[str, str]
    raw: Mapping[str, str]
    secrets: Mapping[str, str]
    left: list[str]
    files: list[str]
    called: list[str]
    named: Mapping[str, str] = field(default_factory=dict)


def fight(level: Level, exercise: str = "lstm_forward") -> Battle:
    """Grade all attackers of an exercise at a level."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="arena-")))
        folder.chmod(0o755)
        ports, called = stack.enter_context(_listening())
        planted = {where: f"SECRET{secrets.token_hex(8)}" for where in WHERE}
        course, results, temporary = (folder / n for n in ("course", "results", "temporary"))
        _copy_course(course, planted)
        results.mkdir()
        temporary.mkdir()
        (results / "notes.txt").write_text(planted["results"])
        named = _enrol(folder / "class", level, exercise, planted, ports | {
            "COURSE": str(course), "RESULTS": str(results), "CLASS": str(folder / "class"),
        })  # fmt: skip
        if _root():
            _give(level.user, results, temporary)
        code, printed = _run(level, folder, exercise, planted)
        reports, honest, pages = _gather(results)
        pages["terminal"] = printed
        return Battle(
            code=code,
            reports={name: reports[number] for number, name in named.items() if number in reports},
            honest=honest,
            pages=pages,
            raw={path.name: path.read_text("utf-8") for path in results.glob("*.html")},
            secrets=planted,
            left=json.loads((results / "left.txt").read_text()),
            files=sorted(path.name for path in temporary.iterdir()),
            called=called(),
            named={name: number for number, name in named.items()},
        )


WHERE = ("hidden", "solution", "bugs", "results", "environment", "key", "neighbour")


def spelled(secret: str) -> Iterator[str]:
    """Spell a secret in the ways that somebody who smuggles would."""
    data = secret.encode()
    yield from (
        secret,
        secret[::-1],
        data.hex(),
        data.hex().upper(),
        codecs.encode(secret, "rot13"),
    )
    yield from (" ".join(secret), ".".join(map(str, data)), " ".join(map(str, data)))
    for start in range(3):  # a secret in the middle of a longer text
        whole = base64.b64encode(b"\0" * start + data).decode()
        yield whole[4 * (start > 0) : len(whole) - 4]


def _copy_course(course: Path, planted: Mapping[str, str]) -> None:
    """Copy the course, with less patience and a secret in every hidden file."""
    for name in ("grader", "solutions", "exercises"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "course.toml").read_text("utf-8")
    start = text.index('name = "lstm_forward"')
    place = text.index("[exercises.points]", start)
    limits = "[exercises.limits]\nrequest = 1.0\ntotal = 20.0\n\n"
    (course / "course.toml").write_text(text[:place] + limits + text[place:], "utf-8")
    for where, folder in (
        ("hidden", "grader/hidden"),
        ("bugs", "grader/bugs"),
        ("solution", "solutions"),
    ):
        for path in (course / folder).glob("*.py"):
            with path.open("a") as file:
                file.write(f"\n# {planted[where]}\n")
                if where == "bugs" and path.stem != "lstm_forward":
                    # drawing what every known bug would draw takes a minute
                    file.write("BUGS = BUGS[:2]\n")


def _enrol(
    folder: Path,
    level: Level,
    exercise: str,
    planted: Mapping[str, str],
    targets: Mapping[str, str],
) -> dict[str, str]:
    """Write everybody's submission; return the attack of each number."""
    named = {}
    fighters = [case for case in cases() if case.exercise == exercise and fights(case, level)]
    for number, case in enumerate(fighters):
        case.make(folder / f"{number:03d}-{case.name}")
        named[f"{number:03d}"] = case.name
        if number % BETWEEN == 0:
            honest = folder / f"{number:03d}z-honest"
            honest.mkdir()
            for name in EVERYBODYS[exercise]:
                text = f"# {planted['neighbour']}\n{body(name, RIGHT)}"
                (honest / f"{name}.py").write_text(text, "utf-8")
    for path in folder.rglob("*.py"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20:
            _aim(path, targets)
    return named


EVERYBODYS = {
    "lstm_forward": ("lstm_forward",),
    "gate_analysis": ("vanilla_rnn", "lstm_forward", "lstm_backward", "gru", "gate_analysis"),
}


def fights(case: Case, level: Level) -> bool:
    """Tell whether an attack is tried at a level: some would reach the machine."""
    return level.isolation != "process" or not case.confined


def _aim(path: Path, targets: Mapping[str, str]) -> None:
    """Tell an attacker where everything is: no attack should fail for want of a path."""
    data = path.read_bytes()
    aimed = data
    for name, value in targets.items():
        aimed = aimed.replace(f"@{name}@".encode(), value.encode())
    if aimed != data:
        path.write_bytes(aimed)


@contextmanager
def _listening() -> Iterator[tuple[dict[str, str], Any]]:
    """Listen for whoever calls home."""
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        name = f"carousel-arena-{os.getpid()}-{secrets.token_hex(4)}"
        unix.bind(f"\0{name}")
        unix.listen()
        for one in (tcp, udp, unix):
            one.setblocking(False)

        def called() -> list[str]:
            came = []
            for name, listen in (
                ("tcp", tcp.accept),
                ("udp", lambda: udp.recv(1)),
                ("unix", unix.accept),
            ):
                try:
                    listen()
                except BlockingIOError:
                    continue
                came.append(name)
            return came

        targets = {"TCP": str(tcp.getsockname()[1]), "UDP": str(udp.getsockname()[1]), "UNIX": name}
        yield targets, called


def _root() -> bool:
    return os.geteuid() == 0


def _give(user: int, *folders: Path) -> None:
    if user:
        for folder in folders:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, user, user)


def _run(level: Level, folder: Path, exercise: str, planted: Mapping[str, str]) -> tuple[int, str]:
    """Run the real command; return its exit code and all it said."""
    user = level.user if _root() else 0
    results = folder / "results"
    command = [
        sys.executable, str(LAUNCH), str(user), str(results / "left.txt"),
        sys.executable, "-m", "grader", "grade", str(folder / "class"), "--exercise", exercise,
        "--results", str(results), "--course", str(folder / "course"), "--seed", "7", "--jobs", "2",
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder / "course"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder / "temporary"),
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        "CAROUSEL_ISOLATION_AT_MOST": level.isolation,
        "CAROUSEL_KEY": planted["key"],
        "GRADING_TOKEN": planted["environment"],
    }
    with subprocess.Popen(
        command, cwd=folder / "course", env=environment, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as running:  # fmt: skip
        try:
            printed, _ = running.communicate(timeout=PATIENCE)
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)
            raise
    return running.returncode, printed


def _gather(
    results: Path,
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
    """Read all that was written: reports by number, the honest ones, every page."""
    reports, honest = {}, []
    pages = {}
    for path in sorted(results.iterdir()):
        if path.suffix not in {".json", ".html"} or path.name.startswith("."):
            continue
        text = path.read_text("utf-8")
        pages[path.name] = text + html.unescape(text)
        if path.suffix == ".json":
            report = json.loads(text)
            number, _, who = report["submission"].partition("-")
            if who == "honest":
                honest.append(report)
            else:
                reports[number] = report
    return reports, honest, pages
