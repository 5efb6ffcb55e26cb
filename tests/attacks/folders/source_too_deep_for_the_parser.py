"""Hand in expressions nested so deeply that parsers run out of stack.

earns: 0
status: unreadable
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right file and what crashed parsers."""
    path.mkdir(parents=True)
    deep = [
        "x = " + "-" * 400_000 + "1",
        "y = " + "(" * 90_000 + ")" * 90_000,
        "z = " + "[" * 199 + "1" + "]" * 199,
        "w = " + "a." * 90_000 + "b",
        "v = " + "not " * 90_000 + "1",
    ]
    (path / "lstm_forward.py").write_text("\n".join([right, *deep]), "utf-8")
