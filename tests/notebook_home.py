"""What a student has at home: exercises, checks and notebooks, and a start.py that is set up."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from grader.course import Course
from grader.notebooks import laid_out
from tests.helpers import ROOT

COURSE = Course.load(ROOT)
#: Stands for the hand-out's: runs students' commands without installing anything.
START = f"""\
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from grader.student_cli import main
main([*sys.argv[1:], "--course", os.path.dirname(os.path.abspath(__file__))])
"""


def at_home(root: Path, notebooks: Mapping[str, bytes]) -> Path:
    """Lay out a hand-out, as far as notebooks need it."""
    for name in ("exercises", "course.toml", "handout/notebooks"):
        source = ROOT / name
        target = root / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    stubs = root / "exercises" / ".stubs"
    stubs.mkdir()
    for name in COURSE.names:
        for folder in (root / "exercises", stubs):
            (folder / f"{name}.py").write_text(COURSE.stub(name), "utf-8")
    for name, data in notebooks.items():
        (root / "notebooks" / name).write_bytes(data)
    (root / "start.py").write_text(START, "utf-8")
    return root


def solve(root: Path, name: str) -> Path:
    """Put the solution into the notebook of an exercise."""
    path = root / "notebooks" / f"{name}.ipynb"
    path.write_bytes(solved(path.read_bytes(), name))
    return path


def solved(notebook: bytes, name: str) -> bytes:
    """Put the solution into the holes of a notebook."""
    texts = {c.id: c.text for c in laid_out(name, "", COURSE.source(name)) if c.has_hole}
    read = json.loads(notebook)
    for cell in read["cells"]:
        cell["source"] = texts.get(cell["id"].partition("-")[2], cell["source"])
    return json.dumps(read).encode()
