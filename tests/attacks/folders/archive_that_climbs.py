"""Hand in a zip whose members lead out of it: upwards, absolute, with drives and backslashes.

earns: 25
"""

import zipfile
from pathlib import Path

NAMES = ("../course/course.toml", "../../escaped.py", "/tmp/escaped.py", "C:\\escaped.py",
         "..\\..\\escaped.py", "a/../../../escaped.py", "//server/escaped.py")  # fmt: skip


def make(path: Path, right: str) -> None:
    """Write a right file among them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path.with_name(path.name + ".zip"), "w") as archive:
        for name in NAMES:
            archive.writestr(zipfile.ZipInfo(name), right)
        archive.writestr("lstm_forward.py", right)
