"""The folder that is put into classroom50/CLASSROOM/autograders/ASSIGNMENT.

Classroom 50 serves that folder from the organization's public GitHub Pages, and
grades in the student's own repository: what lies in it can be read by anybody.
So it holds the public checks, unless the hidden graders are asked for.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from grader.bundles.files import course_files, digest_seed, key_files, platform, requirements
from grader.bundles.wanted import Wanted
from grader.course import Course
from grader.errors import UsageError
from grader.files import told, write_atomically
from grader.release import contents

__all__ = ["classroom50"]

NAME, SECRET_NAME = "classroom50", "PRIVATE-classroom50"


def classroom50(course: Course, folder: Path, wanted: Wanted) -> Path:
    """Write the folder.

    Raises:
        UsageError: it is there already; no such assignment.
    """
    exercises = (
        course.assignment(wanted.assignment).exercises if wanted.assignment else course.names
    )
    settings = {
        "hidden": wanted.hidden, "assignment": wanted.assignment, "exercises": list(exercises),
        "seed": digest_seed() if wanted.hidden else 0,
    }  # fmt: skip
    files = dict(platform("classroom50"))
    if wanted.hidden:
        files |= _below(course_files(course)) | key_files()
        files["requirements.txt"] = requirements()
    else:
        public = contents(course)
        files |= _below(public)
        files["requirements.txt"] = public["requirements.txt"]
    files["settings.json"] = (json.dumps(settings, indent=1) + "\n").encode()
    target = folder / (SECRET_NAME if wanted.hidden else NAME)
    if target.exists():
        message = f"{target} is there already; remove it, or give another folder with --to"
        raise UsageError(message)
    with told(folder, "--to"):
        for path, data in sorted(files.items()):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target / path, data, durably=False)
    return target


def _below(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"carousel/{path}": data for path, data in files.items()}
