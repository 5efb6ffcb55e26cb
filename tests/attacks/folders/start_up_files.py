"""Hand in files that Python runs when it starts: sitecustomize, usercustomize, .pth, pyvenv.cfg.

earns: 25
"""

from pathlib import Path

HOSTILE = "raise SystemExit('start-up files are run')\n"


def make(path: Path, right: str) -> None:
    """Write a right file among them."""
    for folder in (path, path / "lib" / "python3.11" / "site-packages", path / ".local"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("sitecustomize.py", "usercustomize.py", "__main__.py", "__init__.py"):
            (folder / name).write_text(HOSTILE)
        (folder / "evil.pth").write_text("import os; os._exit(0)\n")
        (folder / "python311._pth").write_text("import site\n")
        (folder / "pyvenv.cfg").write_text("home = /tmp\n")
    (path / "lstm_forward.py").write_text(right)
