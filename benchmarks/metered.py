"""Run a command on given cores; what it took, with every process it started.

Linux only. A process whose parent has gone comes to us, so that its CPU time
is counted, too: pools leave their fork servers behind for a moment.
"""

# ruff: noqa: EM102, S607, TRY003  a benchmark ends with what is wrong
import contextlib
import ctypes
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

__all__ = ["Metered", "metered"]

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
PAUSE = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a command took.

    wall, cpu: seconds; cpu of all processes together, own: of the first one.
    peak: megabytes of memory the first one has held (VmHWM). printed: its
    standard output.
    """

    wall: float
    cpu: float
    own: float
    peak: float
    printed: str


def metered(
    command: Sequence[object],
    *,
    cores: str,
    cwd: Path,
    extra: Mapping[str, str] | None = None,
    log: Path,
) -> Metered:
    """Run a command to its end.

    cores: as taskset wants them, "0" or "0,1". extra: environment variables.
    log: where its standard output goes.

    Raises:
        SystemExit: it failed; says how.
    """
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    before, started = _children(), time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["taskset", "-c", cores, *map(str, command)], cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, env=_environment() | dict(extra or {}),
        )  # fmt: skip
        own = peak = 0.0
        while process.poll() is None:
            own, peak = _seen(process.pid) or (own, peak)
            time.sleep(PAUSE)
    wall = time.perf_counter() - started
    _reap()
    printed = log.read_text("utf-8", "replace")
    if process.returncode:
        raise SystemExit(
            f"{' '.join(map(str, command))} ended with {process.returncode}: {printed[-2000:]}"
        )
    return Metered(wall=wall, cpu=_children() - before, own=own, peak=peak, printed=printed)


def _environment() -> dict[str, str]:
    """Keep of our environment what a program needs; one thread per process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return kept | dict.fromkeys(threads, "1")


def _children() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _seen(pid: int) -> tuple[float, float] | None:
    """Read CPU seconds and peak megabytes of a process, if it is still there."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return None
    lines = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    if not lines:  # it has ended
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS, int(lines[0]) / 1024


def _reap(seconds: float = 10.0) -> None:
    """Wait for processes that have come to us."""
    until = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(PAUSE)
