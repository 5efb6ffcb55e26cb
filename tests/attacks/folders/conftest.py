"""Hand in conftest.py, pytest.ini and other files that a test runner reads where it finds them.

earns: 0
"""

from pathlib import Path

HOOK = """
import os
def pytest_collection_modifyitems(items): items.clear()
def pytest_runtest_makereport(item, call): os._exit(0)
def points(n, **_): return lambda f: f
"""


def make(path: Path, right: str) -> None:
    """Write a wrong file, and runners' files at every depth."""
    path.mkdir(parents=True)
    (path / "lstm_forward.py").write_text("def sigmoid(a):\n    return a\n")
    for folder in (path, path / "tests", path / "grader" / "hidden"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "conftest.py").write_text(HOOK)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
        (folder / "tox.ini").write_text("[pytest]\naddopts = -p no:python\n")
        (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-x'\n")
        (folder / "test_lstm_forward.py").write_text(right)
        (folder / "course.toml").write_text("name = 'mine'\nexercises = []\n")
