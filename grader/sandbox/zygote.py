"""The fork server: a warm Python that becomes a worker in milliseconds.

Started with `python -I` and an empty environment, it loads NumPy and what
students commonly import, then forks a confined worker per request. It never
imports a grader, a solution or a result, so no worker can find one in memory.
POSIX only; elsewhere `server` starts each worker afresh.

Requests on the control socket: one byte, then a process id. FORK comes with
two file descriptors (requests in, replies out) and is answered with the id of
the worker; REAP kills a worker and all it left behind, and is answered with
its exit status, CPU seconds and peak memory.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import struct

from grader.sandbox import worker
from grader.sandbox.confinement import Confinement

__all__ = ["ENDED", "FORK", "PRELOADED", "READY", "REAP", "REQUEST", "main"]

FORK, REAP = b"F", b"R"
REQUEST = struct.Struct("<ci")
READY = struct.Struct("<i")
ENDED = struct.Struct("<idq")

#: What students commonly import, loaded once. Every module makes each fork a
#: little dearer; whatever is not here is imported by the worker that wants it.
PRELOADED = (
    "numpy.fft", "numpy.lib.stride_tricks", "numpy.linalg", "numpy.polynomial", "numpy.random",
    "collections", "contextlib", "copy", "dataclasses", "datetime", "enum", "functools",
    "itertools", "json", "math", "operator", "pathlib", "random", "re", "string", "textwrap",
    "time", "traceback", "types", "typing", "warnings",
)  # fmt: skip


def main(control: str, layers: str) -> None:
    """Serve forks on the control socket until it is closed.

    control: file descriptor of the socket.
    layers: comma-separated names of `confinement.LAYERS`.
    """
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    worker.rehearse()
    server = socket.socket(fileno=int(control))
    try:
        confinement = Confinement([layer for layer in layers.split(",") if layer])
    except (OSError, ImportError) as error:
        server.sendall(READY.pack(-1) + str(error).encode()[:400])
        return
    os.chdir("/")
    gc.collect()
    gc.freeze()  # keeps the pages of the loaded modules shared between workers
    server.sendall(READY.pack(os.getpid()))
    while True:
        message, files, _, _ = socket.recv_fds(server, REQUEST.size, 2)
        if not message:
            return
        action, child = REQUEST.unpack(message)
        if action == FORK:
            child = _fork(server, confinement, *files)
            server.sendall(READY.pack(child))
        else:
            server.sendall(_reap(child))


def _fork(server: socket.socket, confinement: Confinement, source: int, sink: int) -> int:
    child = os.fork()
    if child:
        os.close(source)
        os.close(sink)
        return child
    try:
        server.close()
        os.dup2(source, 3)
        os.dup2(sink, 4)
        os.closerange(5, 256)
        confinement.enter()
        worker.serve(3, 4)
    finally:
        # whatever happened, no worker goes on as a second fork server
        os._exit(0)


def _reap(child: int) -> bytes:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    try:
        _, status, usage = os.wait4(child, 0)
    except ChildProcessError:
        return ENDED.pack(0, 0.0, 0)
    _kill_orphans()
    code = os.waitstatus_to_exitcode(status)
    return ENDED.pack(code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def _kill_orphans() -> None:
    """Kill what a worker forked and left to us (we are its subreaper).

    Where seccomp refuses fork there is nothing to find, and where Landlock
    hides /proc there is no way to look; one of the two always holds.
    """
    try:
        while True:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
                orphans = [int(number) for number in file.read().split()]
            orphans = [number for number in orphans if _adopted(number)]
            if not orphans:
                return
            for number in orphans:
                os.kill(number, signal.SIGKILL)
                os.waitpid(number, 0)
    except (OSError, ValueError):
        return


def _adopted(number: int) -> bool:
    """Tell an orphan from a living worker: a worker leads its own session."""
    return os.getsid(number) != number
