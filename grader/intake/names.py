"""What the names of files mean: which exercise, which kind, how to show them."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

__all__ = [
    "ARCHIVES", "DATA", "NOTEBOOK", "SOURCES", "ZIP", "exercise_of", "is_hidden", "shown", "split",
]  # fmt: skip

NOTEBOOK = ".ipynb"
SOURCES = (".py", NOTEBOOK)
#: Arrays handed in beside an exercise, such as trained weights.
DATA = ".npz"
ZIP = ".zip"
#: Archives that are not opened, but whose student is told to send a zip.
ARCHIVES = (".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz", ".zipx")

LONGEST = 160
# What browsers, file managers, notebooks and platforms add to a name that is taken:
# "(1)", "-1", " 2", " copy 2", " - Copy (2)", "-Copy1", and "Copy of" in front.
_ADDED = re.compile(r"(?:[ _-]*copy ?\d*|[ _-]*\(\d+\)|[ -]\d+)$", re.IGNORECASE)
_BEFORE = re.compile(r"^copy of ", re.IGNORECASE)
#: Folders of other people's code.
_FOREIGN = frozenset({"site-packages", "node_modules", "venv"})


def split(name: str) -> tuple[str, str]:
    """Split a file's name into stem and suffix."""
    path = PurePosixPath(name)
    return path.stem, path.suffix


def exercise_of(stem: str, names: Collection[str]) -> str | None:
    """Tell the exercise a file is named after, whatever was added to a name that was taken."""
    if len(stem) > LONGEST:
        return None
    bare, longer = _BEFORE.sub("", stem.strip()), ""
    while bare != longer and bare not in names:
        bare, longer = _ADDED.sub("", bare), bare
    return next((name for name in names if bare.casefold() == name.casefold()), None)


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder is none of the student's own work."""
    return name.startswith((".", "__")) or name in _FOREIGN


def shown(name: str, *, whole: bool = False) -> str:
    """Spell a name so that it can be written anywhere: no controls, no bytes, not too long.

    Different names stay different, unless they are very long.
    whole: however long it is.
    """
    plain = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in name
    )
    if whole or len(plain) <= LONGEST:
        return plain
    half = LONGEST // 2
    return f"{plain[:half]}…{plain[-half:]}"
