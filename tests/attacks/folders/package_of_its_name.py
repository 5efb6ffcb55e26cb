"""Hand in a package lstm_forward/ beside lstm_forward.py, and a folder named like a file.

earns: 25
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right file beside both."""
    for folder in ("lstm_forward", "other/lstm_forward.py", "lstm_forward.ipynb"):
        (path / folder).mkdir(parents=True)
        (path / folder / "__init__.py").write_text("raise SystemExit\n")
    (path / "lstm_forward.py").write_text(right)
