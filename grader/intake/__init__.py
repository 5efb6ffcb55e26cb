"""From what an instructor downloads to submissions; nothing here runs any code.

`find_submissions` says which submissions a path stands for, `read_submission`
reads one. Nothing is ever unpacked to disk, and no link is followed.
"""

from grader.intake.find import find_submissions
from grader.intake.found import Found, submission_id
from grader.intake.limits import SIZE_CAP
from grader.intake.notebook import notebook_source
from grader.intake.read import read_submission

__all__ = [
    "SIZE_CAP",
    "Found",
    "find_submissions",
    "notebook_source",
    "read_submission",
    "submission_id",
]
