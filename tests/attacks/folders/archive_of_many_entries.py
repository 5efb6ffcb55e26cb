"""Hand in a zip of a hundred thousand empty files.

earns: 0
status: unreadable
"""

import zipfile
from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write them, and a right file last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path.with_name(path.name + ".zip"), "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}.py"), b"")
        archive.writestr("lstm_forward.py", right)
