"""Which hint comes next: about which function, at which level, with which slip."""

from collections.abc import Mapping

from rich.console import Console

from grader.checking import SLIP_LEVEL, Checked
from grader.hints import LEVELS, Hint
from grader.remember import Memory
from grader.report.student import print_hint, print_next

__all__ = ["give_hint"]


def give_hint(
    exercise: str,
    function: str,
    checked: Checked,
    memory: Memory,
    hints: Mapping[str, Hint],
    console: Console,
) -> None:
    """Print the next hint and remember that it was seen.

    function: what it is about; "" for what is to be done first.
    """
    first, slip = checked.first(exercise)
    about = function or first
    if not about and not checked.verdicts[exercise].done:
        about = next(iter(hints), "")  # not started: with the first function
    if about not in hints:
        say = "All public checks pass: nothing to hint at. Bravo!"
        if about:
            say = f"No hints were written about {about}; its handout explains it."
        print_next(say, console)
        return
    level = min(memory.seen(exercise, about) + 1, len(LEVELS))
    memory.show(exercise, about, level)
    named = slip if about == first and level >= SLIP_LEVEL else None
    print_hint(exercise, about, hints[about].upto(level), len(LEVELS), named, console)
