"""Have a name as long as a file system allows, and files at the end of a very long path.

earns: 25
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Name the folder and dig."""
    path = path.with_name((path.name + "é" * 120)[:130])
    deep = path.joinpath(*["d" * 200] * 12)
    deep.mkdir(parents=True)
    (deep / "lstm_forward.py").write_text(right, "utf-8")
