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
from collections.abc import Collection

from grader.sandbox import figures, worker
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


def main(control: str, layers: str, scratch: str = "") -> None:
    """Serve forks on the control socket until it is closed.

    control: file descriptor of the socket.
    layers: comma-separated names of `confinement.LAYERS`.
    scratch: a file workers may write; they then have matplotlib, too.
    """
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    worker.rehearse()
    if scratch:
        # matplotlib looks for a place to keep its list of fonts
        os.environ["MPLCONFIGDIR"] = os.path.dirname(scratch)  # noqa: PTH120
        figures.rehearse()
    server = socket.socket(fileno=int(control))
    try:
        confinement = Confinement([layer for layer in layers.split(",") if layer], scratch)
    # whatever a layer's library raises is the reason it cannot be had
    except Exception as error:  # noqa: BLE001
        reason = f"{type(error).__name__}: {error}"
        server.sendall(READY.pack(-1) + reason.encode(errors="replace")[:400])
        return
    os.chdir("/")
    worker.hide()
    gc.collect()
    gc.freeze()  # keeps the pages of the loaded modules shared between workers
    server.sendall(READY.pack(os.getpid()))
    workers: set[int] = set()
    while True:
        message, files, _, _ = socket.recv_fds(server, REQUEST.size, 2)
        if not message:
            break
        action, child = REQUEST.unpack(message)
        if action == FORK:
            if scratch:  # no worker finds what another one wrote
                _empty(scratch)
            child = _fork(server, confinement, *files)
            workers.add(child)
            server.sendall(READY.pack(child))
        else:
            workers.discard(child)
            server.sendall(_reap(child, workers))
    while workers:
        _reap(workers.pop(), workers)


def _empty(scratch: str) -> None:
    """Empty the file workers may write; where it can be removed, make it again."""
    with contextlib.suppress(OSError), open(scratch, "wb"):  # noqa: PTH123
        pass


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


def _reap(child: int, others: Collection[int]) -> bytes:
    """Kill a worker and what it left behind, but no other worker."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    try:
        _, status, usage = os.wait4(child, 0)
    except ChildProcessError:
        return ENDED.pack(0, 0.0, 0)
    _kill_orphans(others)
    code = os.waitstatus_to_exitcode(status)
    return ENDED.pack(code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def _kill_orphans(workers: Collection[int]) -> None:
    """Kill the children we did not start: a dead worker's, for we are its subreaper.

    Where seccomp refuses fork there are none. Landlock without seccomp hides
    the list of them; no level is made like that.
    """
    try:
        while True:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
                orphans = {int(number) for number in file.read().split()} - set(workers)
            if not orphans:
                return
            for number in orphans:
                os.kill(number, signal.SIGKILL)
                os.waitpid(number, 0)
    except (OSError, ValueError):
        return
