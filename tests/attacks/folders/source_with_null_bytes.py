"""Hand in source with null bytes, where parsers and file systems stop reading.

earns: 0
status: unreadable
says: not a text file
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right file, a null byte and more."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(f"{right}\n\0\nraise SystemExit\n", "utf-8")
