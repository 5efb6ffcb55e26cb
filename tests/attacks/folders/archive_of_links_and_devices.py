"""Hand in a zip of symbolic links to hidden files, devices and pipes.

earns: 0
status: unreadable
"""

import stat
import zipfile
from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Write members whose modes say what they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    solution = path.parents[1] / "course" / "solutions" / "lstm_forward.py"
    kinds = {"lstm_forward.py": stat.S_IFLNK, "a/lstm_forward.py": stat.S_IFCHR,
             "b/lstm_forward.py": stat.S_IFIFO, "c/lstm_forward.py": stat.S_IFSOCK}  # fmt: skip
    with zipfile.ZipFile(path.with_name(path.name + ".zip"), "w") as archive:
        for name, kind in kinds.items():
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = 3, (kind | 0o777) << 16
            archive.writestr(member, str(solution))
