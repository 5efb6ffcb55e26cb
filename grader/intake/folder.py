"""Files on disk: listing a folder within bounds, opening plain files only.

No link is followed, and nothing is opened that could block or answer for
somebody else: pipes, sockets, devices.
"""

import os
import stat
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from grader.errors import SubmissionError
from grader.intake.limits import DEPTH_CAP, FILES_CAP, Limit
from grader.intake.names import is_hidden, shown

__all__ = ["children", "open_plain", "read_plain", "walk"]


def children(path: Path) -> list[os.DirEntry[str]]:
    """List what lies directly in a folder and is not hidden, by name.

    Raises:
        OSError: it cannot be listed.
    """
    with os.scandir(path) as entries:
        return sorted(
            (entry for entry in entries if not is_hidden(entry.name)), key=lambda entry: entry.name
        )


def walk(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the files below a folder, nearest first, as parts of a path relative to it.

    Links are yielded like files; opening them fails. Python environments are
    left out.

    Raises:
        SubmissionError: there are too many, or folders that cannot be read;
            everything else was yielded.
    """
    waiting: deque[tuple[str, ...]] = deque([()])
    closed: list[str] = []
    left = FILES_CAP
    while waiting and left >= 0:
        parts = waiting.popleft()
        try:
            with os.scandir(path.joinpath(*parts)) as entries:
                listed = list(islice(entries, left + 1))
        except OSError as error:
            name = shown("/".join(parts) or path.name)
            closed.append(f"{name}: cannot be read: {error.strerror}")
            continue
        left -= len(listed)
        folders = {entry.name for entry in listed if entry.is_dir(follow_symlinks=False)}
        files = {entry.name for entry in listed} - folders
        if parts and "pyvenv.cfg" in files:
            continue
        yield from ((*parts, name) for name in sorted(files))
        if len(parts) < DEPTH_CAP:
            waiting += ((*parts, name) for name in sorted(folders) if not is_hidden(name))
    if left < 0:
        closed.append(f"more than {FILES_CAP} files, not all were looked at")
    if closed:
        more = f"; and {len(closed) - 1} more" if len(closed) > 1 else ""
        message = f"{closed[0]}{more}; hand in source code only"
        raise SubmissionError(message)


def open_plain(path: Path, name: str) -> BinaryIO:
    """Open a plain file for reading, and nothing else.

    Raises:
        SubmissionError: a link, a pipe, a device, or not readable.
    """
    try:
        _require_plain(path.lstat().st_mode, name)
        # a pipe put here just now would wait for its writer, a link would be followed
        handle = os.open(path, os.O_RDONLY | _flag("O_NOFOLLOW") | _flag("O_NONBLOCK"))
    except OSError as error:
        message = f"{name}: cannot be read: {error.strerror}"
        raise SubmissionError(message) from error
    file = os.fdopen(handle, "rb")
    try:
        _require_plain(os.fstat(handle).st_mode, name)
    except SubmissionError:
        file.close()
        raise
    return file


def _require_plain(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "no plain file"
        message = f"{name}: {what}; hand in the file itself"
        raise SubmissionError(message)


def read_plain(path: Path, name: str, limit: Limit) -> bytes:
    """Read a plain file that is no larger than the limit.

    Raises:
        SubmissionError: larger, or nothing that can be read.
    """
    with open_plain(path, name) as file:
        try:
            data = file.read(limit.size + 1)
        except OSError as error:
            message = f"{name}: cannot be read: {error.strerror}"
            raise SubmissionError(message) from error
    if len(data) > limit.size:
        raise SubmissionError(limit.says(name))
    return data


def _flag(name: str) -> int:
    """Look up a flag that not every system has."""
    return int(getattr(os, name, 0))
