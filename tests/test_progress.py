import dataclasses
import io
import os
import signal
from pathlib import Path

import pytest
from rich.console import Console

from grader import progress
from grader.batch import Graded
from grader.model import Status
from grader.progress import Stopped, Summary, grading
from tests.test_changes import AFTER, BEFORE, sample

RESULTS = Path("results")
GRADED = Graded(report=BEFORE, known=False)
KNOWN = Graded(report=BEFORE, known=True)
BROKEN = Graded(report=sample(submission="eve\x1b"), known=False)


def attention(graded: Graded) -> Graded:
    report = dataclasses.replace(graded.report, status=Status.NEEDS_ATTENTION)
    return dataclasses.replace(graded, report=report)


def test_on_a_pipe_a_line_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many, how fast, how long still, and what is in trouble; no escape codes."""
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    out = io.StringIO()
    with grading(Console(file=out, width=200), 4, RESULTS) as tell:
        tell(GRADED)
        tell(attention(BROKEN))
    last = out.getvalue().splitlines()[-1]
    assert last.startswith("graded 2 of 4, ")
    assert "a second" in last
    assert "s left" in last
    assert "1 need attention (last: 'eve\\x1b')" in last
    assert "\x1b" not in last


def test_a_quick_batch_says_nothing_on_a_pipe() -> None:
    """A log is not flooded."""
    out = io.StringIO()
    with grading(Console(file=out), 4, RESULTS) as tell:
        tell(GRADED)
    assert out.getvalue() == ""


def test_on_a_terminal_there_is_a_bar() -> None:
    """It goes away when it is done."""
    out = io.StringIO()
    with grading(Console(file=out, force_terminal=True, width=120), 4, RESULTS) as tell:
        tell(GRADED)
        tell(KNOWN)
    assert "2/4" in out.getvalue()


def test_stopping_tells_what_is_safe_and_how_to_go_on() -> None:
    """Ctrl-C, and the SIGTERM of a batch system."""

    def stopped() -> None:
        with grading(Console(file=io.StringIO()), 4, RESULTS) as tell:
            tell(GRADED)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped, match="1 of 4 are graded and safe in results; run the same"):
        stopped()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_summary_counts_what_was_known_and_what_has_changed() -> None:
    """Whoever has the same marks as before is no change."""
    summary = Summary()
    for graded in (KNOWN, Graded(report=AFTER, known=False, before=BEFORE)):
        summary.add(graded)
    assert summary.known == 1
    assert [change.submission for change in summary.changes] == ["ada"]


CODES = {
    "points were lost": (GRADED, False, 0),
    "points were lost, strictly": (GRADED, True, 1),
    "we failed": (attention(GRADED), False, 2),
    "we failed, strictly": (attention(GRADED), True, 2),
}


@pytest.mark.parametrize(("graded", "strict", "code"), CODES.values(), ids=CODES)
def test_the_exit_code_says_who_has_to_act(graded: Graded, strict: bool, code: int) -> None:
    """0 nobody, 1 a student, 2 us."""
    summary = Summary()
    summary.add(graded)
    assert summary.exit_code(strict=strict) == code
