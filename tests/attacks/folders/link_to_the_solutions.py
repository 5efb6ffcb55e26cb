"""Be a link to the folder of the solutions.

earns: 0
status: unreadable
"""

from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Make the whole submission a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path.parents[1] / "course" / "solutions")
