"""What a person sees while a batch runs, and what is kept for the summary after it."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.batch import Graded, slim
from grader.changes import Change, compare
from grader.model import Report, Status

__all__ = ["Summary", "grading"]

#: Seconds between two lines where there is no terminal to draw a bar on.
PAUSE = 5.0
TROUBLES = {
    Status.NEEDS_ATTENTION: "need attention",
    Status.UNREADABLE: "unreadable",
    Status.MISSING: "missing",
}


@dataclass(slots=True)
class Summary:
    """What a batch has come to so far.

    known: submissions of which nothing had to be graded. changes: those that
    have another report than before. last: the whole report of the last one.
    """

    reports: list[Report] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    known: int = 0
    last: Report | None = None

    def add(self, graded: Graded) -> None:
        """Take one more submission."""
        self.reports.append(slim(graded.report))
        self.last = graded.report
        self.known += graded.known
        if graded.before and (change := compare(graded.before, graded.report)):
            self.changes.append(change)

    def exit_code(self, *, strict: bool) -> int:
        """Say it in one number: 2 if we failed somewhere, 1 if asked and points were lost."""
        if any(report.status is Status.NEEDS_ATTENTION for report in self.reports):
            return 2
        return int(strict and any(r.points < r.max_points for r in self.reports))


class Stopped(KeyboardInterrupt):
    """The batch was stopped; says how to go on."""


@contextlib.contextmanager
def grading(console: Console, total: int, results: Path) -> Iterator[Callable[[Graded], None]]:
    """Show how a batch gets on: a bar on a terminal, else a line every few seconds.

    Raises:
        Stopped: by Ctrl-C or SIGTERM; tells what is safe and how to go on.
    """
    shown = _Bar(console, total) if console.is_terminal and total > 1 else _Lines(console, total)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with shown:
            yield shown.advance
    except KeyboardInterrupt:
        message = (
            f"stopped: {shown.done} of {total} are graded and safe in {results}; "
            "run the same command again to go on"
        )
        raise Stopped(message) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Shown:
    """Counts what is done, and what is in trouble."""

    def __init__(self, console: Console, total: int) -> None:
        self.console, self.total = console, total
        self.done = self.graded = 0
        self._troubles: dict[Status, int] = {}
        self._last = ""
        self._started = time.monotonic()

    def advance(self, graded: Graded) -> None:
        """Count one more."""
        self.done += 1
        self.graded += not graded.known
        if graded.report.status in TROUBLES:
            count = self._troubles.get(graded.report.status, 0)
            self._troubles[graded.report.status] = count + 1
            self._last = graded.report.submission
        self.show()

    @property
    def trouble(self) -> str:
        """Name what is in trouble, if anything is."""
        words = [f"{count} {TROUBLES[status]}" for status, count in sorted(self._troubles.items())]
        return f"{', '.join(words)} (last: {self._last[:30]!r})" if words else ""

    @property
    def rate(self) -> float:
        """Submissions graded per second so far."""
        return self.graded / max(1e-9, time.monotonic() - self._started)

    def show(self) -> None:
        """Show where it stands."""

    def __enter__(self) -> None:
        self.show()

    def __exit__(self, *_: object) -> None:
        """Show nothing more."""


class _Bar(_Shown):
    """A bar with count, rate, time left and trouble."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, total)
        self._bar = Progress(
            TextColumn("grading"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
            console=console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=total, rate="")

    def show(self) -> None:
        """Move the bar."""
        rate = f"{self.rate:.1f}/s" if self.graded else ""
        self._bar.update(self._task, completed=self.done, rate=rate, description=self.trouble)

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class _Lines(_Shown):
    """A line now and then, for logs."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, total)
        self._said = self._started

    def show(self) -> None:
        """Say where it stands, if it has been a while."""
        if (now := time.monotonic()) - self._said < PAUSE:
            return
        self._said = now
        left = (self.total - self.done) / max(1e-9, self.done / (now - self._started))
        parts = [
            f"graded {self.done} of {self.total}", f"{self.rate:.1f} a second",
            f"about {left:.0f} s left", self.trouble,
        ]  # fmt: skip
        line = ", ".join(part for part in parts if part)
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)
