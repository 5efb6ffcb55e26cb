"""Hand in a zip of hundreds of megabytes of nothing, and zips in zips.

earns: 0
status: unreadable
"""

import io
import zipfile
from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Write forty megabytes in forty kilobytes, nested and beside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lstm_forward.py", bytes(40 << 20))
    with zipfile.ZipFile(path.with_name(path.name + ".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lstm_forward.py", b"#" * (40 << 20))
        for number in range(20):
            archive.writestr(f"deeper/{number}.zip", inner.getvalue())
