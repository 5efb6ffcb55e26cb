"""Files written whole or not at all, and a folder that one process writes."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock

from grader.errors import UsageError

__all__ = ["sweep", "told", "write_atomically", "writing_alone"]

LOCK = ".writing.lock"
UNFINISHED = ".unfinished-"


def write_atomically(path: Path, data: bytes, *, durably: bool = True) -> None:
    """Write a whole file or none: under another name, then renamed.

    durably: it is on the disk when this returns, whatever happens to the machine.
    A device or a pipe is written to, never replaced.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durably:
                os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Remove what a killed process did not finish writing."""
    for path in folder.glob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def writing_alone(folder: Path, *, make: bool = False) -> Iterator[None]:
    """Keep other processes from writing to a folder.

    make: make it if it is not there.
    The lock is the system's: it ends with this process, however that ends.

    Raises:
        UsageError: another process is writing there; there is no such folder, or
            it cannot be made.
    """
    if make:
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
    elif not folder.is_dir():
        message = f"{folder}: no such folder; grade first, or name the folder that was written"
        raise UsageError(message)
    lock = filelock.FileLock(folder / LOCK, blocking=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        message = (
            f"{folder}: another grading is writing here; wait until it is done, or give "
            "another folder with --results"
        )
        raise UsageError(message) from None
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}"
        raise UsageError(message) from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def told(folder: Path, option: str = "--results") -> Iterator[None]:
    """Turn a folder that cannot be written, such as a full disk, into a message.

    option: with which another one is given.

    Raises:
        UsageError: an OSError was raised.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        advice = f"give another folder with {option}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            advice = (
                "nothing is half written; make room and run the same command again, which goes on "
                "where this one stopped"
            )
        message = f"{folder}: cannot be written: {reason}; {advice}"
        raise UsageError(message) from error
