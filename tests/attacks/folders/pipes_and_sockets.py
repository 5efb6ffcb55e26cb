"""Hand in a named pipe, a socket and, where we may make one, a device instead of files.

earns: 0
status: unreadable
says: hand in the file itself
"""

import contextlib
import os
import socket
from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Make what would block whoever opens it."""
    for folder in ("a", "b", "c"):
        (path / folder).mkdir(parents=True)
    os.mkfifo(path / "lstm_forward.py")
    os.mkfifo(path / "lstm_forward.npz")
    os.mkfifo(path / "a" / "lstm_forward.ipynb")
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path / "b")
        try:
            one.bind("lstm_forward.py")
        finally:
            os.chdir(here)
    with contextlib.suppress(OSError):
        os.mknod(path / "c" / "lstm_forward.py", 0o20666, os.makedev(1, 5))  # /dev/zero
