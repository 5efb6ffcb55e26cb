"""Hand in a zip whose names are escapes, NUL, markup, very long, twice the same, and no encoding's.

earns: 25
"""

import warnings
import zipfile
from pathlib import Path

NAMES = ("\x1b[31mred.py", "<script>alert(1).py", "x" * 60_000, "=1+1.py", "a\nb.py", "con.py",
         "\u202egnp.py", "lstm_forward.py\0.txt")  # fmt: skip


def make(path: Path, right: str) -> None:
    """Write a right file twice, and the names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(path.with_name(path.name + ".zip"), "w") as archive,
    ):
        warnings.simplefilter("ignore")
        archive.writestr("lstm_forward.py", right)
        archive.writestr("lstm_forward.py", right)
        for name in NAMES:
            archive.writestr(zipfile.ZipInfo(name), right)
