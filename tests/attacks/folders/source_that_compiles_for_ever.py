"""Hand in constants whose folding would take all memory or all time.

earns: 25
"""

from pathlib import Path

BOMBS = """

def never():
    a = 10 ** 10 ** 8
    b = "a" * 10 ** 10
    c = (1,) * 10 ** 9
    d = 2 ** 2 ** 2 ** 2 ** 2 ** 2
    e = ((((1 << 127) << 127) << 127) << 127) << 10 ** 9
    f = ("%1000000000d" % 1, f"{1:1000000000}")
    return a, b, c, d, e, f
"""


def make(path: Path, right: str) -> None:
    """Write a right file with constants that nobody asks for."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(right + BOMBS, "utf-8")
