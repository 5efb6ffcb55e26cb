"""The notebook to play with: made of its text, the same every time, and it runs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from grader.play import notebook
from tests.helpers import ROOT

EXERCISES = ROOT / "exercises"


def test_text_and_code_become_cells() -> None:
    """Fenced Python is code, all between is prose, nothing else is stored."""
    made = json.loads(
        notebook("# One\n\n```python\nx = 1\n\ny = 2\n```\n\nTwo\n```python\nx\n```\n")
    )
    cells = [(c["cell_type"], "".join(c["source"])) for c in made["cells"]]
    assert cells == [
        ("markdown", "# One"), ("code", "x = 1\n\ny = 2"), ("markdown", "Two"), ("code", "x"),
    ]  # fmt: skip
    assert all(not c.get("outputs") for c in made["cells"])


def test_the_same_text_gives_the_same_notebook() -> None:
    """It is valid, and its cells keep their names, so that a difference can be read."""
    text = (EXERCISES / "play.md").read_text("utf-8")
    assert notebook(text) == notebook(text)
    nbformat.validate(nbformat.reads(notebook(text), as_version=4))  # type: ignore[no-untyped-call]


def test_all_cells_run_with_the_solutions(tmp_path: Path) -> None:
    """Build, train, look at the gates, write: in a folder as a student has it."""
    for name in ("language_model", "lstm_forward", "lstm_backward"):
        shutil.copy(ROOT / "solutions" / f"{name}.py", tmp_path)
    shutil.copytree(EXERCISES / "data", tmp_path / "data")
    cells = json.loads((EXERCISES / "play.ipynb").read_text("utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    # it is asked whether it runs, not how well it writes
    (tmp_path / "cells.py").write_text(code.replace("epochs=30", "epochs=3"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore:FigureCanvasAgg", "cells.py"], cwd=tmp_path, text=True,
        env={**os.environ, "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "--- temperature 3.0" in done.stdout
