"""Hand in a zip whose directory says other sizes, sums and methods than its members have.

earns: 0
status: unreadable
"""

import zipfile
from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a zip and change the numbers in its directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.with_name(path.name + ".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lstm_forward.py", right * 20)
    data = bytearray(target.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 16 : entry + 28] = b"\x01\0\0\0" + b"\xff\xff\xff\x7f" + b"\x10\0\0\0"
    target.write_bytes(data)
