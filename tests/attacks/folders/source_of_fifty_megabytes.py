"""Hand in fifty megabytes of source.

earns: 0
status: unreadable
says: MB
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right file and a long comment."""
    path.mkdir(parents=True)
    with (path / "lstm_forward.py").open("w") as file:
        file.write(right)
        file.write("#" * (50 << 20))
