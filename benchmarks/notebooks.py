"""The ten checks as assignments of graders that run notebooks."""

import json
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

__all__ = ["filled", "nbgrader_source", "otter_tests", "write"]

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
SOLUTION_CELL = "lstm_cell"


def write(path: Path, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def nbgrader_source(solution: str, checks: Iterable[str]) -> nbformat.NotebookNode:
    """Make nbgrader's source notebook: the solution, and a graded cell per check."""
    cells = [_cell(solution, SOLUTION_CELL, solution=True, grade=False)]
    cells += [
        _cell(_question(name), name, solution=False, grade=True, locked=True, points=1)
        for name in checks
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def filled(release: nbformat.NotebookNode, source: str) -> nbformat.NotebookNode:
    """Put a student's source into a released notebook."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(release)))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == SOLUTION_CELL:
            cell.source = source
    return notebook


def plain(source: str) -> nbformat.NotebookNode:
    """Make a notebook of one source."""
    return new_notebook(cells=[new_code_cell(source)], metadata={"kernelspec": KERNEL})


def otter_tests(folder: Path, checks: Iterable[str]) -> Path:
    """Write otter's test files, one per check."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in checks:
        case = {"code": _doctest(_question(name)), "hidden": False, "locked": False}
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": name, "points": 1, "suites": [suite]}
        (folder / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n", "utf-8")
    return folder


def _question(name: str) -> str:
    return f"import ten_checks\nten_checks.check({name!r}, step_forward, step_backward)"


def _doctest(code: str) -> str:
    return "".join(f">>> {line}\n" for line in code.splitlines())


def _cell(source: str, name: str, **meta: bool | int) -> nbformat.NotebookNode:
    marks = {"grade_id": name, "schema_version": 3, "locked": False, "task": False, **meta}
    if not meta["grade"]:
        marks.pop("points", None)
    return new_code_cell(source, metadata={"nbgrader": marks})
