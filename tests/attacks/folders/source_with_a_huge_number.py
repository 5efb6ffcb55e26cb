"""Hand in an integer of a million digits.

earns: 0
status: unreadable
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right file and the number."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(f"{right}\nN = {'9' * 1_000_000}\n", "utf-8")
