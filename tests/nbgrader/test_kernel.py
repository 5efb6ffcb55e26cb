"""A student's notebook in a real kernel: from the setup cell to the verdict."""

import json
from pathlib import Path
from typing import Any

import nbformat

from grader.nbgrader_course import student_notebooks
from grader.release import handouts
from tests.notebook_home import COURSE, at_home, solve


def executed(path: Path) -> Any:
    """Run a notebook from top to bottom, as Jupyter would."""
    from nbclient import NotebookClient  # noqa: PLC0415  comes with nbgrader

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}})
    return client.execute()


def said(cell: Any) -> str:
    """Put together what a cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


def test_a_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """Earlier notebooks are imported, check cells print the verdict of `check`."""
    home = at_home(tmp_path / "Übung eins", student_notebooks(COURSE, handouts(COURSE)))
    solve(home, "lstm_forward")
    path = solve(home, "lstm_backward")
    notebook = json.loads(path.read_bytes())
    checks = [cell for cell in notebook["cells"] if cell["id"].endswith("check-lstm_backward")]
    # one is enough: all say the same
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in checks[:-1]]
    path.write_text(json.dumps(notebook), "utf-8")
    done = executed(path)
    verdict = next(cell for cell in done.cells if cell.id.endswith("check-lstm_backward"))
    assert "Well done." in said(verdict)
    # cells may not be saved yet: one was run with other words than are on the disk
    code = next(cell for cell in notebook["cells"] if cell["id"].endswith("code-lstm_backward"))
    code["source"] = "".join(code["source"]).replace("def lstm_backward(", "def lstm_backward(  ")
    other = path.with_name("other.ipynb")
    other.write_text(json.dumps(notebook), "utf-8")
    done = executed(other)
    verdict = next(cell for cell in done.cells if cell.id.endswith("check-lstm_backward"))
    assert said(verdict).startswith("Careful: some cells you have run are not saved yet.")
