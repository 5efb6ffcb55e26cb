"""Asking for a function of another exercise, which may not be written yet.

Public checks let a student use what they wrote before: `BESIDE` names the
exercise, `tool` asks it, and where there is nothing to ask the check is passed.
"""

from collections.abc import Callable

from grader.calls import Returned, Trouble
from grader.sandbox.student import StudentError

__all__ = ["tool"]

_NOT_THERE = frozenset({Trouble.MISSING, Trouble.NOT_WRITTEN, Trouble.NEEDED})


def tool(ask: Callable[..., Returned], *args: object) -> Returned | None:
    """Ask a function of another exercise; None while that is not written.

    Raises:
        StudentError: it is written, and returned nothing to judge.
    """
    try:
        return ask(*args)
    except StudentError as error:
        if error.trouble in _NOT_THERE:
            return None
        raise
