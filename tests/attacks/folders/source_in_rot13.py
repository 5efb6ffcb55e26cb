"""Hand in source whose first line asks for a codec that runs code or means other text.

earns: 0
status: unreadable
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write in rot13."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(f"# coding: rot13\n{right}", "utf-8")
