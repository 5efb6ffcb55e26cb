"""Have a name that a spreadsheet would run, and a shell, too.

earns: 25
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Name the folder."""
    path = path.with_name(path.name + "=cmd|' -C calc'!A0,\"+1+1;$(touch x)`id`&&rm -rf %00 ..\\..")
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(right, "utf-8")
