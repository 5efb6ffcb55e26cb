"""Hand in files named like NumPy, msgpack and the standard library.

earns: 25
"""

from pathlib import Path

NAMES = (
    "numpy",
    "msgpack",
    "os",
    "sys",
    "re",
    "io",
    "struct",
    "json",
    "random",
    "site",
    "encodings",
)


def make(path: Path, right: str) -> None:
    """Write a right file beside shadows: files and packages."""
    path.mkdir(parents=True)
    for name in NAMES:
        (path / f"{name}.py").write_text("raise SystemExit('a shadow')\n")
        (path / "deep" / name).mkdir(parents=True)
        (path / "deep" / name / "__init__.py").write_text("raise SystemExit('a shadow')\n")
    (path / "lstm_forward.py").write_text(right)
