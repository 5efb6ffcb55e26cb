"""Finding out what is really blocked here, by attacking ourselves.

A worker with the same layers as a student's runs each attack below. A layer
that is asked for may be ignored by an old kernel, a container or a missing
library; what counts is what an attack can do. The level reached is printed,
stored in every report, and never assumed.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.errors import SandboxError, UsageError
from grader.sandbox.channel import DeadlineExceeded, WorkerGone
from grader.sandbox.protocol import ProtocolError
from grader.sandbox.server import ForkServer, Sandbox, ServerGoneError, SpawnServer, Worker

__all__ = ["ATTACKS", "Isolation", "Level", "attack", "layers_of", "open_isolated"]

SECONDS = 10.0
ATTEMPTS = 3
#: Names the most to be used, where less is to be tried out; every report says so.
AT_MOST = "CAROUSEL_ISOLATION_AT_MOST"
FORKS = hasattr(os, "fork")


class Level(StrEnum):
    """How far a worker is kept from everything else; a ladder, lowest first."""

    PROCESS = "process"
    CONFINED = "confined"
    NAMESPACED = "namespaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack: its function in ATTACK_SOURCE, and what it is good for."""

    function: str
    does: str
    guards: str


ATTACKS = (
    Attack(function="read_hidden", does="read the hidden graders", guards="files"),
    Attack(function="list_hidden", does="list the hidden graders", guards="files"),
    Attack(function="write_file", does="write a file", guards="files"),
    Attack(function="change_mode", does="change the mode of a file", guards="files"),
    Attack(function="read_environment", does="read another process's environment", guards="files"),
    Attack(function="read_memory", does="open another process's memory", guards="files"),
    Attack(function="trace", does="trace another process (ptrace)", guards="processes"),
    Attack(function="start_process", does="start a process (fork)", guards="processes"),
    Attack(function="run_program", does="run a program (exec)", guards="processes"),
    Attack(function="send_signal", does="signal another process", guards="processes"),
    Attack(function="own_pipe", does="have the kernel signal another process", guards="processes"),
    Attack(function="live_on", does="outlive the grader", guards="processes"),
    Attack(function="pin", does="pin another process to one core", guards="processes"),
    Attack(function="connect_tcp", does="connect over TCP", guards="network"),
    Attack(function="send_udp", does="send over UDP", guards="network"),
    Attack(function="connect_unix", does="connect to a local socket", guards="network"),
    Attack(function="open_ring", does="open an io_uring, past socket filters", guards="network"),
    Attack(function="take_memory", does="take 100 GB of memory", guards="resources"),
    Attack(function="hide_memory", does="hide 300 MB in a memfd", guards="resources"),
    Attack(function="raise_limits", does="raise its own limits", guards="resources"),
)

ATTACK_SOURCE = """
import ctypes, os, resource, socket
import numpy as np

libc = ctypes.CDLL(None, use_errno=True)

def ok(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def read_hidden(pid, file, port, name, scratch): open(file).read(1)
def list_hidden(pid, file, port, name, scratch): os.listdir(os.path.dirname(file))
def write_file(pid, file, port, name, scratch): open(scratch, "w").close()
def change_mode(pid, file, port, name, scratch): os.chmod(scratch + ".mode", 0o644)
def read_environment(pid, file, port, name, scratch): open(f"/proc/{pid}/environ", "rb").read(1)
def read_memory(pid, file, port, name, scratch): open(f"/proc/{pid}/mem", "rb").close()
def trace(pid, file, port, name, scratch): ok(libc.ptrace(0x4206, pid, 0, 0))
def start_process(pid, file, port, name, scratch):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
def run_program(pid, file, port, name, scratch):
    # past Python: execve of a program that does not exist says ENOENT if it is allowed
    libc.execve(b"/nonexistent/program", None, None)
    if ctypes.get_errno() != 2:
        raise OSError(ctypes.get_errno(), "refused")
def send_signal(pid, file, port, name, scratch): os.kill(pid, 0)
def own_pipe(pid, file, port, name, scratch):
    import fcntl
    fcntl.fcntl(os.pipe()[0], 8, pid)
def live_on(pid, file, port, name, scratch): ok(libc.prctl(1, 9, 0, 0, 0))
def pin(pid, file, port, name, scratch): os.sched_setaffinity(pid, os.sched_getaffinity(pid))
def connect_tcp(pid, file, port, name, scratch): socket.create_connection(("127.0.0.1", port), 2).close()
def send_udp(pid, file, port, name, scratch):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
def connect_unix(pid, file, port, name, scratch): socket.socket(socket.AF_UNIX).connect(name)
def open_ring(pid, file, port, name, scratch):
    os.close(ok(libc.syscall(425, 8, ctypes.create_string_buffer(200))))
def take_memory(pid, file, port, name, scratch): np.empty(100 * 10**9 // 8)
def hide_memory(pid, file, port, name, scratch):
    memory = os.memfd_create("x")
    for _ in range(300):
        os.write(memory, bytes(1 << 20))
def raise_limits(pid, file, port, name, scratch):
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY:
        return
    resource.setrlimit(resource.RLIMIT_AS, (hard + 4096, hard + 4096))
"""  # noqa: E501  one attack a line reads best


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What was reached: a level, the layers behind it, and what each attack did.

    blocked: attack function -> was it blocked. reason: why not the next level.
    """

    level: Level
    layers: tuple[str, ...]
    blocked: Mapping[str, bool]
    reason: str = ""


def layers_of(level: Level) -> tuple[str, ...]:
    """Name the layers a level is made of on this machine."""
    if level is Level.PROCESS:
        return ("limits",)
    user = ("user",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return ("limits", "files", "calls", *user)


def attack(sandbox: Sandbox, secret: Path | None = None) -> dict[str, bool]:
    """Run every attack in a worker; tell which were blocked.

    secret: a file no submission may read; without one, a file made for this.
    """
    blocked: dict[str, bool] = {}
    with _targets(secret) as arguments:
        while len(blocked) < len(ATTACKS):
            # one worker runs them all, unless an attack is answered with death
            worker = _armed(sandbox)
            try:
                for item in ATTACKS[len(blocked) :]:
                    blocked[item.function] = True
                    questions = [[arguments, {}]]
                    said = worker.ask("call", item.function, [], questions, seconds=SECONDS)
                    blocked[item.function] = bool(said[0][0] == "raised")
            except (DeadlineExceeded, WorkerGone, ProtocolError):
                continue
            finally:
                worker.close()
    return blocked


def open_isolated(
    require: Level | None = None, secret: Path | None = None
) -> tuple[Sandbox, Isolation]:
    """Open the best sandbox this machine gives, after attacking it.

    secret: a file no submission may read, such as a hidden grader.

    Raises:
        UsageError: `require` is more than can be reached; says what is missing.
    """
    if not FORKS:
        reason = "this system has no fork, Landlock or seccomp"
        return _enough(SpawnServer(), Isolation(level=Level.PROCESS, layers=(), blocked={},
                                                reason=reason), require)  # fmt: skip
    reason = "Landlock and seccomp exist on Linux only"
    if os.environ.get(AT_MOST) == Level.PROCESS:
        reason = f"{AT_MOST} asks for no more"
    elif sys.platform == "linux":
        layers = layers_of(Level.CONFINED)
        try:
            sandbox, blocked = _attacked(layers, secret)
        except ServerGoneError:
            raise  # not a reason to go on with less
        except SandboxError as error:
            reason = str(error)
        else:
            if all(blocked.values()):
                found = Isolation(level=Level.CONFINED, layers=layers, blocked=blocked,
                                  reason="namespaces are not used yet")  # fmt: skip
                return _enough(sandbox, found, require)
            sandbox.close()
            open_ = [item.does for item in ATTACKS if not blocked[item.function]]
            reason = f"with all layers on, an attack could still {'; '.join(open_)}"
    if sys.platform == "darwin":
        # forking a Python that has loaded Apple's frameworks is not safe
        weak: Sandbox = SpawnServer()
        found = Isolation(level=Level.PROCESS, layers=(), blocked={}, reason=reason)
    else:
        layers = layers_of(Level.PROCESS)
        weak, blocked = _attacked(layers, secret)
        found = Isolation(level=Level.PROCESS, layers=layers, blocked=blocked, reason=reason)
    return _enough(weak, found, require)


def _attacked(layers: tuple[str, ...], secret: Path | None) -> tuple[ForkServer, dict[str, bool]]:
    """Open a sandbox and attack it; again, if somebody has killed it meanwhile."""
    for left in reversed(range(ATTEMPTS)):
        try:
            sandbox = ForkServer(layers)
            try:
                return sandbox, attack(sandbox, secret)
            except BaseException:
                sandbox.close()
                raise
        except ServerGoneError:
            if not left:
                raise
    raise AssertionError


def _enough(
    sandbox: Sandbox, isolation: Isolation, require: Level | None
) -> tuple[Sandbox, Isolation]:
    ladder = list(Level)
    if require is not None and ladder.index(isolation.level) < ladder.index(require):
        sandbox.close()
        message = (
            f"isolation level {isolation.level} is the most this machine gives, {require} is "
            f"required: {isolation.reason}. See `python -m grader isolation`"
        )
        raise UsageError(message)
    return sandbox, isolation


def _armed(sandbox: Sandbox) -> Worker:
    worker = sandbox.start()
    try:
        said = worker.ask("load", "attacks", {"attacks": ATTACK_SOURCE}, seconds=SECONDS)
    except (DeadlineExceeded, WorkerGone, ProtocolError) as error:
        message = "a worker that was to attack us ended before it could"
        raise ServerGoneError(message) from error
    if said[0] != "loaded":
        worker.close()
        message = f"the self-attack could not be loaded: {said[1:]}"
        raise SandboxError(message)
    return worker


@contextlib.contextmanager
def _targets(secret: Path | None) -> Iterator[list[object]]:
    """Set up what the attacks go for: a process, a file, a port, a socket, a folder."""
    with contextlib.ExitStack() as stack:
        # a stand-in for the grader: one that is being traced would stop with us
        waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
        victim = stack.enter_context(subprocess.Popen(waiting, stdin=subprocess.PIPE))  # noqa: S603
        stack.callback(victim.kill)
        tcp = stack.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        name = f"\0carousel-{os.getpid()}-{Path(folder).name}"
        unix.bind(name if sys.platform == "linux" else f"{folder}/socket")
        unix.listen()
        if secret is None:
            secret = Path(folder) / "hidden.py"
            secret.write_text("secret")
            Path(folder).chmod(0o755)
        scratch = f"{tempfile.gettempdir()}/carousel-{os.getpid()}-scratch"
        stack.callback(Path(scratch).unlink, missing_ok=True)
        marked = Path(f"{scratch}.mode")
        marked.touch()
        stack.callback(marked.unlink, missing_ok=True)
        yield [victim.pid, str(secret.resolve()), tcp.getsockname()[1], name, scratch]
