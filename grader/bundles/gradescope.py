"""The zip that is uploaded to Gradescope as an autograder. PRIVATE."""

import json
from pathlib import Path

from grader.bundles.files import (
    course_files,
    digest_seed,
    key_files,
    packed,
    platform,
    requirements,
)
from grader.bundles.wanted import Wanted
from grader.course import Course
from grader.errors import UsageError
from grader.export.gradescope import VISIBILITIES
from grader.files import told, write_atomically
from grader.roster import read_roster

__all__ = ["gradescope"]

NAME = "PRIVATE-gradescope.zip"
_PROGRAMS = frozenset({"setup.sh", "run_autograder"})
_WARNING = (
    "PRIVATE: hidden graders, solutions, and the private key if you have one. For the upload to\n"
    "Gradescope only; never in a repository that students see.\n"
)


def gradescope(course: Course, folder: Path, wanted: Wanted) -> Path:
    """Write the zip: setup.sh and run_autograder at its root, everything else below.

    Raises:
        UsageError: no such assignment or visibility; the roster cannot be read.
    """
    if wanted.assignment:
        course.assignment(wanted.assignment)
    if wanted.visibility and wanted.visibility not in VISIBILITIES:
        message = f"no visibility {wanted.visibility}; there are: {', '.join(VISIBILITIES)}"
        raise UsageError(message)
    settings = {
        "assignment": wanted.assignment, "visibility": wanted.visibility, "seed": digest_seed(),
    }  # fmt: skip
    files = {f"carousel/{path}": data for path, data in course_files(course).items()}
    files |= platform("gradescope") | key_files()
    files["requirements.txt"] = requirements()
    files["settings.json"] = (json.dumps(settings, indent=1) + "\n").encode()
    files["PRIVATE.txt"] = _WARNING.encode()
    if wanted.roster:
        read_roster(wanted.roster)
        files["roster.csv"] = wanted.roster.read_bytes()
    target = folder / NAME
    with told(folder, "--to"):
        write_atomically(target, packed(files, _PROGRAMS))
    return target
