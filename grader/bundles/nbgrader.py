"""nbgrader's course: source notebooks with solutions and calls of the hidden graders."""

from pathlib import Path

from grader.bundles.wanted import Wanted
from grader.course import Course
from grader.errors import UsageError
from grader.nbgrader_course import source_tree
from grader.release import handouts, notebook_helper

__all__ = ["nbgrader"]


def nbgrader(course: Course, folder: Path, wanted: Wanted) -> Path:
    """Write `source/`, its configuration and a README into a folder.

    What of these is there already is written anew; a gradebook, submissions and
    everything else of nbgrader's stays.

    Raises:
        UsageError: there is an nbgrader_config.py of somebody else.
        AuthoringError: the course lacks a file it needs.
    """
    chosen = (course.assignment(wanted.assignment),) if wanted.assignment else course.rules.marked
    files = source_tree(course, chosen, handouts(course), notebook_helper(course))
    config = folder / "nbgrader_config.py"
    if config.exists() and not config.read_text("utf-8", "replace").startswith("# PRIVATE"):
        message = (
            f"{config} is there already and is not ours; give another folder with --to, and copy "
            "source/ from there"
        )
        raise UsageError(message)
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder
