"""Hand in source in UTF-7, which means something else than it says.

earns: at most 25
status: graded
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a comment that ends when it is decoded."""
    path.mkdir(parents=True)
    hidden = "# harmless +AAo-sigmoid = None\n"
    plain = right.encode("ascii", "ignore").decode().replace("+", "+-")
    (path / "lstm_forward.py").write_text(f"# coding: utf-7\n{plain}\n{hidden}", "ascii")
