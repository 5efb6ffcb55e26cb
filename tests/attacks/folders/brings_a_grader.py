"""Hand in a package grader/ that says everything is right, and results.

earns: 0
status: unreadable
says: No module named
"""

from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a wrong file, and a grader."""
    for folder in ("grader/hidden", "grader/sandbox", "solutions", "results"):
        (path / folder).mkdir(parents=True)
    (path / "lstm_forward.py").write_text(
        "import grader\nfrom grader import sigmoid, lstm_forward\n"
    )
    (path / "grader" / "__init__.py").write_text(right)
    (path / "grader" / "sandbox" / "worker.py").write_text("def serve(*_): pass\n")
    (path / "grader" / "hidden" / "test_lstm_forward.py").write_text("def test_all(): pass\n")
    (path / "results" / "report.json").write_text('{"points": 25, "status": "graded"}')
