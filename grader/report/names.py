"""File names from ids: any id, one name, safe on every file system."""

import hashlib
import re
from urllib.parse import quote

__all__ = ["exercise_anchor", "help_anchor", "line_anchor", "page_link", "page_name"]

LONGEST = 120
_UNSAFE = re.compile(rb"[^A-Za-z0-9_.-]")
_BEFORE_DIGEST = 80
# Windows opens a device, not a file, for these, whatever the ending
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def page_name(submission_id: str) -> str:
    """Make the stem of the file names that belong to a submission.

    Letters, digits and `_.-` stay; every other byte of the id's UTF-8 becomes
    %XX, as do the first character of a hidden name, of "index" and of a
    device. Different ids give different names.
    """
    data = submission_id.encode(errors="surrogatepass")
    name = _UNSAFE.sub(_percent, data).decode("ascii")
    if not name:
        return "%"
    if name[0] in ".-" or name.lower() == "index" or _DEVICES.match(name):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if len(name) <= LONGEST:
        return name
    # "~" is always escaped above, so no short name can look like this one
    return f"{name[:_BEFORE_DIGEST]}~{hashlib.sha256(data).hexdigest()[:32]}"


def page_link(submission_id: str) -> str:
    """Write the relative URL of a submission's page beside the class page."""
    return quote(f"{page_name(submission_id)}.html", safe="~")


def exercise_anchor(number: int) -> str:
    """Name an exercise on a student's page: its place in the report, from 1."""
    return f"exercise-{number}"


def line_anchor(exercise: int, line: int) -> str:
    """Name a line of a rubric on a student's page, by its places in the report, from 1."""
    return f"line-{exercise}-{line}"


def help_anchor(exercise: int, function: str) -> str:
    """Name the help with a function on a student's page."""
    return f"help-{exercise}-{function}"


def _percent(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match.group()[0]
