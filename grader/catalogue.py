"""Known bugs as rows: a patch against the solution and what to tell the student.

The rows of an exercise live in `grader/bugs/<exercise>.py` as a list `BUGS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.errors import AuthoringError

__all__ = ["Bug", "patched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One known bug.

    id: a phrase in kebab case.
    old, new: the patch; `old` occurs exactly once in the solution.
    caught_by: the criterion it must lose.
    says: one sentence in the second person, naming the quantity.
    convention: right under another convention, so most of the criterion counts.
    adapter: for a convention about the arguments: the name of a function in
        the same file that turns a function of the other convention into one
        of the course's.
    also: further (old, new), for a bug that lives in two places.
    data: what becomes of the arrays that are handed in, name -> array, for a
        bug of the data instead of the code; `old` and `new` are then empty.
    """

    id: str
    old: str = ""
    new: str = ""
    caught_by: str
    says: str
    convention: bool = False
    adapter: str | None = None
    also: tuple[tuple[str, str], ...] = ()
    data: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def patched(source: str, bug: Bug) -> str:
    """Put a bug into a solution.

    Raises:
        AuthoringError: `old` does not occur exactly once, or `new` is `old`.
    """
    for old, new in () if bug.data else ((bug.old, bug.new), *bug.also):
        count = source.count(old)
        if count != 1:
            message = f"bug {bug.id}: its `old` occurs {count} times in the solution, not once"
            raise AuthoringError(message)
        if new == old:
            message = f"bug {bug.id}: `new` equals `old`, so nothing is patched"
            raise AuthoringError(message)
        source = source.replace(old, new)
    return source
