"""Hand in an .npz beside the code: pickled objects, a zip bomb, paths that climb.

earns: 25
"""

import io
import pickle
import zipfile
from pathlib import Path


class Evil:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit",))


def make(path: Path, right: str) -> None:
    """Write a right file and the arrays."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text(right, "utf-8")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escaped.npy", b"x")
        archive.writestr("W.npy", pickle.dumps(Evil()))
        archive.writestr("bomb.npy", bytes(200 << 20))
    (path / "lstm_forward.npz").write_bytes(file.getvalue())
