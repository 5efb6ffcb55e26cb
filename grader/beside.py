"""Asking for a function of another exercise, which may not be written yet.

Public checks let a student use what they wrote before: `BESIDE` names the
exercise, `tool` asks it, and where there is nothing to ask the check counts for nothing.
"""

from collections.abc import Callable

from grader.calls import Returned, Trouble
from grader.expect import Untried
from grader.sandbox.student import StudentError

__all__ = ["tool"]

_NOT_THERE = frozenset({Trouble.MISSING, Trouble.NOT_WRITTEN, Trouble.NEEDED})


def tool(ask: Callable[..., Returned], *args: object) -> Returned:
    """Ask a function of another exercise.

    Raises:
        Untried: it is not written yet.
        StudentError: it is written, and returned nothing to judge.
    """
    try:
        return ask(*args)
    except StudentError as error:
        if error.trouble in _NOT_THERE:
            message = "not tried: that is not written yet, and nothing is lost by it"
            raise Untried(message) from error
        raise
