"""Bug rows patch a solution exactly once, or say why they cannot."""

from dataclasses import replace

import pytest

from grader.catalogue import Bug, patched
from grader.errors import AuthoringError

SOURCE = "def f(c, x):\n    c = f * c + i * g\n    return c, x\n"
BUG = Bug(id="no-forget", old="f * c + ", new="c + ", caught_by="cell", says="You forget.")

STALE = {
    "text that is not there": (
        replace(BUG, old="z * c"),
        r"^bug no-forget: its `old` occurs 0 times in the solution, not once$",
    ),
    "text that is there twice": (
        replace(BUG, old=", x"),
        r"^bug no-forget: its `old` occurs 2 times in the solution, not once$",
    ),
    "a patch that changes nothing": (
        replace(BUG, new=BUG.old),
        r"^bug no-forget: `new` equals `old`, so nothing is patched$",
    ),
    "a second place that is not there": (
        replace(BUG, also=(("return z", "return c"),)),
        r"^bug no-forget: its `old` occurs 0 times in the solution, not once$",
    ),
    "a second place that is there twice": (
        replace(BUG, also=(("x", "y"),)),
        r"^bug no-forget: its `old` occurs 2 times in the solution, not once$",
    ),
    "a second place that changes nothing": (
        replace(BUG, also=(("return c, x", "return c, x"),)),
        r"^bug no-forget: `new` equals `old`, so nothing is patched$",
    ),
}


@pytest.mark.parametrize(("bug", "says"), STALE.values(), ids=STALE)
def test_a_row_that_went_stale_is_refused(bug: Bug, says: str) -> None:
    """Every text to replace is there exactly once and is really changed."""
    with pytest.raises(AuthoringError, match=says):
        patched(SOURCE, bug)


def test_a_patch_changes_its_place_and_nothing_else() -> None:
    """A patched solution is the solution with one text for another."""
    assert patched(SOURCE, BUG) == "def f(c, x):\n    c = c + i * g\n    return c, x\n"


def test_a_bug_may_live_in_two_places() -> None:
    """The rows of `also` are put in as well, after the first."""
    bug = replace(BUG, also=(("return c, x", "return x, c"), ("x, c", "x, [c]")))
    assert patched(SOURCE, bug) == "def f(c, x):\n    c = c + i * g\n    return x, [c]\n"


def test_a_bug_of_the_data_leaves_the_source_as_it_is() -> None:
    """It lives in the arrays that are handed in; no text has to be there for it."""
    bug = Bug(id="untrained", caught_by="trained", says="No.", data=lambda arrays: arrays)
    assert patched(SOURCE, bug) == SOURCE
