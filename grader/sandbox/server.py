"""Starting, asking and ending workers, from the trusted side.

Two ways to start one. `fork`: a warm fork server per grading process, the way
submissions are graded. `spawn`: a fresh Python per worker, which needs no
POSIX; for a student's own checks on macOS and Windows.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.errors import SandboxError
from grader.sandbox import protocol
from grader.sandbox.channel import PIPE_SIZE, Channel, DeadlineExceeded, WorkerGone

__all__ = [
    "Exit",
    "ForkServer",
    "Sandbox",
    "ServerGoneError",
    "SpawnServer",
    "Worker",
    "open_sandbox",
]

ROOT = Path(__file__).resolve().parents[2]

#: The worker sees no variable of ours: no token, no home, no course path.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}

#: Finds our modules, then leaves only the ways to Python's own library and to
#: installed packages: no checkout that an editable install points to.
BOOT = """
import importlib, os, site, sys, sysconfig
root, module, *rest = sys.argv[1:]
sys.path.insert(0, root)
main = importlib.import_module(module).main
own = {os.path.realpath(p) for p in (*sysconfig.get_paths().values(), *site.getsitepackages())}
sys.path[:] = [p for p in sys.path if {os.path.realpath(p), os.path.dirname(p)} & own]
sys.argv[:] = sys.orig_argv[:] = ['']
main(*rest)
"""

STARTUP_SECONDS = 30.0


class ServerGoneError(SandboxError):
    """The fork server has ended and nobody knows why: another one may well do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a worker ended: exit code (-9 = killed), CPU seconds, peak kilobytes."""

    code: int
    cpu: float = 0.0
    memory: int = 0


@dataclass(slots=True)
class Worker:
    """One worker process, asked one request at a time.

    scratch: the one file it may write, or nothing.
    """

    process: int
    channel: Channel
    kill: Callable[[], None]
    ended: Callable[[], Exit]
    asked: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    scratch: str = ""

    def ask(self, *request: object, seconds: float) -> Any:  # noqa: ANN401
        """Send one request, return what the worker says of it.

        Raises:
            DeadlineExceeded, WorkerGone, protocol.ProtocolError: the worker
                can no longer be trusted to answer; close it.
            TypeError: the request cannot be sent; the worker is as it was.
        """
        self.asked += 1
        try:
            frame = protocol.encode([self.asked, *request])
        except protocol.ProtocolError as error:
            message = f"a rubric asks with something that cannot be sent: {error}"
            raise TypeError(message) from error
        reply = self.channel.exchange(frame, time.monotonic() + seconds)
        match reply:
            case (int(number), tuple(said), dict(notes)) if number == self.asked:
                self.notes = notes
                return said
        message = "the reply answers another question"
        raise protocol.ProtocolError(message)

    def close(self) -> Exit:
        """Kill the worker and everything it started.

        Raises:
            SandboxError: the fork server is gone, and the worker with it.
        """
        self.leave()
        return self.ended()

    def leave(self) -> None:
        """Kill the worker as `close` does, without waiting to hear how it ended.

        Raises:
            SandboxError: the fork server is gone, and the worker with it.
        """
        self.channel.close()
        self.kill()


class Sandbox(Protocol):
    """Something that starts workers."""

    layers: tuple[str, ...]

    def start(self, *, figures: bool = False) -> Worker:
        """Start a worker; one for figures has matplotlib and a scratch file."""

    def close(self) -> None:
        """End the sandbox and its workers."""


class ForkServer:
    """The fork server process and the way to ask it for workers.

    layers: names of `confinement.LAYERS`.
    figures: its workers have matplotlib, and one file to write a picture to.

    Raises:
        SandboxError: it did not start; says why.
    """

    def __init__(self, layers: tuple[str, ...] = ("limits",), *, figures: bool = False) -> None:
        self.layers = layers
        self._scratch = _Scratch() if figures else None
        self._drawing: ForkServer | None = None
        ours, theirs = socket.socketpair()
        self._control = ours
        self._unheard = 0
        with theirs:
            inherited = theirs.fileno()
            try:
                scratch = [self._scratch.path] if self._scratch else []
                self._process = _python(
                    "grader.sandbox.zygote", str(inherited), ",".join(layers), *scratch,
                    files=(inherited,),
                )  # fmt: skip
            except SandboxError:
                ours.close()
                raise
        ours.settimeout(STARTUP_SECONDS)
        try:
            said = self._receive(1024)
        except OSError as error:
            self.close()
            message = f"the fork server did not start: {error}"
            raise ServerGoneError(message) from error
        if int.from_bytes(said[:4], "little", signed=True) <= 0:
            self.close()
            reason = said[4:].decode(errors="replace") or "it ended at once"
            message = f"the fork server did not start with layers {', '.join(layers)}: {reason}"
            raise SandboxError(message)

    @property
    def process(self) -> int:
        """The process id of the fork server."""
        return self._process.pid

    def start(self, *, figures: bool = False) -> Worker:
        """Fork a worker; those for figures come from a second server, begun when needed.

        Raises:
            SandboxError: the fork server is gone.
        """
        if figures and not self._scratch:
            if self._drawing is None:
                self._drawing = ForkServer(self.layers, figures=True)
            return self._drawing.start(figures=True)
        from grader.sandbox import zygote  # noqa: PLC0415  POSIX only

        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        for pipe in (ours_in, ours_out):
            _enlarge(pipe)
        try:
            self._hear()
            request = zygote.REQUEST.pack(zygote.FORK, 0)
            socket.send_fds(self._control, [request], [theirs_in, theirs_out])
            (child,) = zygote.READY.unpack(self._receive(zygote.READY.size))
        except OSError as error:
            os.close(ours_in)
            os.close(ours_out)
            message = f"the fork server is gone: {error}"
            raise ServerGoneError(message) from error
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

        def kill() -> None:
            with _our_fork_server():
                self._control.sendall(zygote.REQUEST.pack(zygote.REAP, child))
                self._unheard += 1

        def ended() -> Exit:
            with _our_fork_server():
                code, cpu, memory = zygote.ENDED.unpack(self._hear())
            return Exit(code=code, cpu=cpu, memory=memory)

        channel = Channel(ours_in, ours_out, lambda: None, poll=True)
        scratch = self._scratch.path if self._scratch else ""
        return Worker(process=child, channel=channel, kill=kill, ended=ended, scratch=scratch)

    def close(self) -> None:
        """End the fork server; its workers die with it."""
        self._control.close()
        _wait_or_kill(self._process)
        if self._drawing:
            self._drawing.close()
        if self._scratch:
            self._scratch.close()

    def _hear(self) -> bytes:
        """Take the answers to REAP that nobody waited for; return the last."""
        from grader.sandbox import zygote  # noqa: PLC0415  POSIX only

        said = b""
        while self._unheard:
            said = self._receive(zygote.ENDED.size)
            self._unheard -= 1
        return said

    def _receive(self, size: int) -> bytes:
        said = self._control.recv(size)
        if not said:
            message = "no answer"
            raise ConnectionError(message)
        return said


class SpawnServer:
    """Starts a fresh Python for every worker; level `process`, any platform."""

    layers: tuple[str, ...] = ()

    def __init__(self, *, poll: bool = os.name == "posix") -> None:
        self._poll = poll
        self._processes: list[subprocess.Popen[bytes]] = []
        self._scratch: _Scratch | None = None

    def start(self, *, figures: bool = False) -> Worker:
        """Start a worker in a fresh Python."""
        if figures and self._scratch is None:
            self._scratch = _Scratch()
        process = _python("grader.sandbox.spawned", pipes=True)
        assert process.stdin is not None  # noqa: S101  pipes=True
        assert process.stdout is not None  # noqa: S101
        self._processes.append(process)

        def kill() -> None:
            _end_group(process)

        def ended() -> Exit:
            return Exit(code=process.returncode)

        # the channel owns the descriptors: Popen's file objects are let go
        source, sink = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdout.close()
        process.stdin.close()
        channel = Channel(source, sink, process.kill, poll=self._poll)
        scratch = self._scratch.path if figures and self._scratch else ""
        worker = Worker(
            process=process.pid, channel=channel, kill=kill, ended=ended, scratch=scratch
        )
        try:
            channel.exchange([], time.monotonic() + STARTUP_SECONDS)  # "ready"
        except (DeadlineExceeded, WorkerGone, protocol.ProtocolError) as error:
            worker.close()
            message = f"a fresh Python did not start: {type(error).__name__}"
            raise SandboxError(message) from error
        return worker

    def close(self) -> None:
        """End all workers."""
        for process in self._processes:
            _end_group(process)
        if self._scratch:
            self._scratch.close()


class _Scratch:
    """A folder with one file in it that any user may write, until it is closed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="carousel-")
        folder = Path(self._folder.name)
        folder.chmod(0o711)
        file = folder / "figure.png"
        file.touch()
        file.chmod(0o666)
        self.path = str(file)

    def close(self) -> None:
        """Remove it."""
        self._folder.cleanup()


@contextlib.contextmanager
def _our_fork_server() -> Iterator[None]:
    """Turn a broken control socket into an error of ours."""
    try:
        yield
    except OSError as error:
        message = f"the fork server is gone: {error}"
        raise ServerGoneError(message) from error


def open_sandbox(layers: tuple[str, ...]) -> Sandbox:
    """Open a fork server with these layers; without any, spawn each worker."""
    return ForkServer(layers) if layers else SpawnServer()


def _python(
    module: str, *arguments: str, files: tuple[int, ...] = (), pipes: bool = False
) -> subprocess.Popen[bytes]:
    environment = ENVIRONMENT
    if os.name == "nt":  # Python on Windows cannot start without these
        kept = ("SYSTEMROOT", "TEMP", "TMP")
        environment = ENVIRONMENT | {k: os.environ[k] for k in kept if k in os.environ}
    stream = subprocess.PIPE if pipes else subprocess.DEVNULL
    try:
        return subprocess.Popen(  # noqa: S603  our own interpreter, our own module
            [sys.executable, "-I", "-X", "utf8", "-c", BOOT, str(ROOT), module, *arguments],
            stdin=stream,
            stdout=stream,
            stderr=subprocess.DEVNULL,
            env=environment,
            pass_fds=files,
            bufsize=0,
            start_new_session=pipes and os.name == "posix",
        )
    except OSError as error:
        message = f"cannot start {sys.executable}: {error.strerror}"
        raise SandboxError(message) from error


def _enlarge(pipe: int) -> None:
    """Let a large frame pass in one go; a small pipe is only slower."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415  POSIX only

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that leads its own session, and what it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    _wait_or_kill(process, patience=0.0)


def _wait_or_kill(process: "subprocess.Popen[bytes]", patience: float = 2.0) -> None:
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
