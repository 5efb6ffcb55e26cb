"""Hand in links to the solution, the hidden grader, the passwords and our own environment.

earns: 0
status: unreadable
says: hand in the file itself
"""

from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Write links to files and folders."""
    path.mkdir(parents=True)
    course = path.parents[1] / "course"
    (path / "lstm_forward.py").symlink_to(course / "solutions" / "lstm_forward.py")
    (path / "lstm_forward.ipynb").symlink_to("/proc/self/environ")
    (path / "lstm_forward.npz").symlink_to("/etc/passwd")
    (path / "up").symlink_to(course)
    (path / "loop").symlink_to(path)
    (path / "down").mkdir()
    (path / "down" / "lstm_forward.py").symlink_to(
        course / "grader" / "hidden" / "test_lstm_forward.py"
    )
