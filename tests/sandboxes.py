"""Sandboxes for tests: every way to start a worker, and a submission in one.

`WAYS` names the ways. A module's fixture opens one of them and shares it, so
that a test costs a fork, not a Python.
"""

import contextlib
import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from grader.calls import Signature
from grader.errors import SandboxError
from grader.sandbox.server import ForkServer, Sandbox, SpawnServer, Worker
from grader.sandbox.student import Limits, Student

__all__ = [
    "CONFINED",
    "FAST",
    "LAW",
    "LIMITED",
    "ROOT",
    "WAYS",
    "Counting",
    "alive",
    "gone",
    "opened",
    "put_down",
    "submission",
    "worker",
]

ROOT = Path(__file__).resolve().parents[1]

LIMITED = "a fork server with limits"
CONFINED = "a fork server with limits, files and calls"

WAYS: Mapping[str, Callable[[], Sandbox]] = {
    LIMITED: lambda: ForkServer(("limits",)),
    CONFINED: lambda: ForkServer(("limits", "files", "calls")),
    "a fresh Python": SpawnServer,
    "a fresh Python under a watchdog": lambda: SpawnServer(poll=False),
}

#: How laws are tried: a slow machine makes no law false.
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Short enough for a test that waits for a deadline, long enough for a call.
FAST = Limits(load=5.0, request=0.3, total=60.0, strikes=2)


@contextlib.contextmanager
def opened(way: str) -> Iterator[Sandbox]:
    """Open a sandbox of `WAYS`, or skip the test where it cannot be had."""
    if "fork" in way and os.name != "posix":
        pytest.skip("there is no fork here")
    if way == CONFINED and sys.platform != "linux":
        pytest.skip("Landlock and seccomp are Linux's")
    try:
        sandbox = WAYS[way]()
    except SandboxError as error:
        pytest.skip(str(error))
    try:
        yield sandbox
    finally:
        sandbox.close()


@contextlib.contextmanager
def submission(
    sandbox: Sandbox,
    source: str,
    signatures: Mapping[str, str] | None = None,
    *,
    limits: Limits = FAST,
    public: bool = False,
    others: Mapping[str, str] | None = None,
    **more: str,
) -> Iterator[Student]:
    """Hand in `work.py` (and others); signatures are written as in a rubric."""
    sources = {"work": textwrap.dedent(source), **(others or {})}
    wanted = {name: Signature.parse(text) for name, text in {**(signatures or {}), **more}.items()}
    student = Student(sandbox, "work", sources, wanted, limits=limits, public=public)
    try:
        yield student
    finally:
        student.close()


@contextlib.contextmanager
def worker(sandbox: Sandbox) -> Iterator[Worker]:
    """Start one worker and end it."""
    started = sandbox.start()
    try:
        yield started
    finally:
        started.close()


class Counting:
    """A sandbox that counts the workers it starts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.layers = sandbox.layers
        self.started = 0
        self._sandbox = sandbox

    def start(self, *, figures: bool = False) -> Worker:  # noqa: ARG002
        """Start a worker and count it."""
        self.started += 1
        return self._sandbox.start()

    def close(self) -> None:
        """Leave the sandbox to its owner."""


def alive(process: int) -> bool:
    """Tell whether a process runs; one that only waits to be buried does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # it is gone, or there is no /proc to look in
        return not Path("/proc/self/stat").exists()
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def gone(process: int, within: float = 1.5) -> bool:
    """Wait for a process to end; tell whether it did."""
    deadline = time.monotonic() + within
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def put_down(process: int) -> None:
    """Kill what a failed test would leave behind."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
