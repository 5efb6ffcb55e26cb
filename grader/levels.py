"""How much students are told, kept with the results: RESULTS/.feedback.json, by exercise.

Pages are rendered without the course at hand; what an exam does not tell must
not come back with them.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.files import write_atomically
from grader.policy import Feedback, Rules

__all__ = ["FILE", "keep_levels", "levels_of", "read_levels"]

FILE = ".feedback.json"
_ORDER = tuple(Feedback)


def levels_of(rules: Rules, assignment: str = "") -> dict[str, Feedback]:
    """Find out how much may be told of each exercise.

    assignment: that one decides; without it, whichever tells least.
    """
    levels: dict[str, Feedback] = {}
    for one in rules.assignments:
        if assignment in {"", one.name}:
            for name in one.exercises:
                before = levels.get(name, Feedback.DIAGNOSIS)
                levels[name] = min(before, one.feedback, key=_ORDER.index)
    return levels


def keep_levels(results: Path, levels: Mapping[str, Feedback]) -> None:
    """Write down how much is told of some exercises; others keep what they have."""
    before = read_levels(results)
    after = before | dict(levels)
    if after != before:
        data = msgspec.json.format(msgspec.json.encode(after), indent=2)
        write_atomically(results / FILE, data + b"\n")


def read_levels(results: Path) -> dict[str, Feedback]:
    """Read how much is told of each exercise; everything, where nothing is said.

    Raises:
        UsageError: the file is damaged; nothing is told by mistake.
    """
    path = results / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Feedback])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        message = f"{path}: how much students are told cannot be read: {error}; grade again"
        raise UsageError(message) from error
