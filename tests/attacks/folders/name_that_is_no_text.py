"""Have a name that is no UTF-8, and one that looks like another's.

earns: 25
"""

import os
from pathlib import Path


def make(path: Path, right: str) -> None:
    """Name the folder in bytes."""
    name = os.fsencode(path) + b"\xff\xfe\xed\xa0\x80\xc3\x28"
    Path(os.fsdecode(name)).mkdir(parents=True)
    Path(os.fsdecode(name), "lstm_forward.py").write_text(right, "utf-8")
