"""The loop: save, see, next. Checks an exercise whenever it is saved.

One thread notices saves, one reads keys; both only put events into a queue.
Everything else happens here, one event after the other. Where saves cannot be
noticed, the key r checks.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rich.console import Console

from grader.checking import Checked, Checker, with_slips
from grader.command import how
from grader.course import Course
from grader.errors import GraderError
from grader.hinting import give_hint
from grader.hints import load_hints
from grader.intake import read_submission
from grader.journey import after, stops_of
from grader.keys import END, pressed, read_keys
from grader.model import Status
from grader.remember import Memory
from grader.report.student import Stop, print_done, print_map, print_next
from grader.report.terminal import Page, print_checks

__all__ = ["Event", "Loop", "What", "watch"]

KEYS = "n next   h hint   l list   r run again   q quit"
SUFFIXES = (".py", ".ipynb", ".npz")
#: Milliseconds: saves closer together than this are one.
STEP, DEBOUNCE = 20, 200
#: Seconds.
PIECE = 0.5


class What(Enum):
    """What can happen: a file was saved, a key pressed, saves are not noticed."""

    SAVED = "saved"
    KEY = "key"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. detail: the exercise, the key, or the reason."""

    what: What
    detail: str


class Loop:
    """What is on the screen, and what each event does to it.

    course, checker: what is checked, and with what. current: the exercise.
    """

    def __init__(
        self, course: Course, checker: Checker, memory: Memory, console: Console, current: str
    ) -> None:
        self.course = course
        self.checker = checker
        self.memory = memory
        self.console = console
        self.current = current
        self._page = Page(console)
        self._checked: Checked | None = None

    def run(self, events: "queue.SimpleQueue[Event]") -> None:
        """Check, then answer events until somebody quits."""
        self.check()
        while True:
            event = _next(events)
            if event.what is What.KEY and event.detail in {"q", END}:
                return
            self.answer(event)

    def answer(self, event: Event) -> None:
        """Do what an event asks for."""
        if event.what is What.SAVED:
            self.current = event.detail
            self.check()
        elif event.what is What.BLIND:
            self._page.print(
                f"Saves are not noticed here ({event.detail}); press r when you have saved.", "bold"
            )
        else:
            self._key(event.detail)

    def check(self) -> None:
        """Check the current exercise and show the verdict."""
        started = time.perf_counter()
        self._checked = None
        try:
            checked = self.checker.check((self.current,))
        except GraderError as error:
            self._screen()
            self._page.print(str(error))
            self._bar()
            return
        self._checked = checked
        seconds = time.perf_counter() - started
        self.memory.verdicts |= checked.verdicts
        self.memory.save(self.checker.folder)
        self._screen(f"checked at {time.strftime('%H:%M:%S')} in {seconds:.2f} s")
        print_checks(
            with_slips(checked, self.memory), self.console, self.checker.worth((self.current,))
        )
        if checked.verdicts[self.current].done:
            stops = self._stops()
            here = next(stop for stop in stops if stop.name == self.current)
            next_one = after(stops, self.current)
            print_done(here, next_one, self.console)
            step = "Press n to go on." if next_one else "Press l to look at your map, q to quit."
            print_next(step, self.console)
        elif checked.report.status is Status.NOT_STARTED:
            print_next(f"Open exercises/{self.current}.py, write, and save.", self.console)
        self._bar()

    def _key(self, key: str) -> None:
        if key == "n":
            self._next()
        elif key == "h":
            self._hint()
        elif key == "l":
            self._screen()
            print_map(self._stops(), self.console)
            self._bar()
        elif key in {"r", "\n", "\r"}:
            self.check()
        elif key.isprintable():
            self._bar()

    def _next(self) -> None:
        following = after(self._stops(), self.current)
        if following is None:
            self._page.print("There is no other exercise left to do.", "bold")
            return
        self.current = following.name
        self.check()

    def _hint(self) -> None:
        if self._checked is None:
            self._page.print("No hint yet: there is no verdict to start from.", "bold")
            return
        self._screen()
        hints = load_hints(self.course.hints(self.current))
        give_hint(self.current, "", self._checked, self.memory, hints, self.console)
        self.memory.save(self.checker.folder)
        self._bar()

    def _stops(self) -> tuple[Stop, ...]:
        submission = read_submission(self.checker.folder, self.course.stubs())
        return stops_of(self.course, submission, self.memory)

    def _screen(self, words: str = "") -> None:
        """Begin a new screen: a verdict is read from the top."""
        if self.console.is_terminal:
            self.console.clear()
        self._page.print(f"{self.current}  {words}".rstrip(), "dim")

    def _bar(self) -> None:
        self.console.print()
        self._page.print(KEYS, "dim")


def _next(events: "queue.SimpleQueue[Event]") -> Event:
    """Wait for an event; in pieces, or Windows would not let Ctrl-C through."""
    while True:
        with contextlib.suppress(queue.Empty):
            return events.get(timeout=PIECE)


def watch(course: Course, exercises: Sequence[str], memory: Memory, console: Console) -> None:
    """Stay until somebody quits.

    exercises: what to begin with; default: the first one that is not done.
    """
    begin = [name for name in exercises or course.names if not _done(memory, name)]
    current = (begin or list(exercises) or list(course.names))[0]
    checker = Checker(course, ahead=True)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    stop = threading.Event()
    tell_key = lambda key: events.put(Event(What.KEY, key))  # noqa: E731
    threads = [
        threading.Thread(target=read_keys, args=(tell_key,), daemon=True),
        threading.Thread(
            target=notice_saves, args=(checker.folder, course.names, events, stop), daemon=True
        ),
    ]
    try:
        with pressed():
            for thread in threads:
                thread.start()
            Loop(course, checker, memory, console, current).run(events)
    except KeyboardInterrupt:
        pass  # how people leave a loop
    finally:
        stop.set()
        checker.close()
    Page(console).print(f"Until next time. {how('progress')} shows your map.")


def notice_saves(
    folder: Path,
    names: Collection[str],
    events: "queue.SimpleQueue[Event]",
    stop: threading.Event,
) -> None:
    """Tell whenever the file of an exercise is saved; say so where that cannot be noticed."""
    try:
        from watchfiles import watch as changes_in  # noqa: PLC0415  a system may lack it

        # names count, not kinds of change: many editors save by renaming
        for changes in changes_in(
            folder,
            watch_filter=lambda _, path: _exercise(path) in names,
            debounce=DEBOUNCE, step=STEP, rust_timeout=1000, stop_event=stop,
            recursive=False, raise_interrupt=False,
        ):  # fmt: skip
            for name in sorted({_exercise(path) for _, path in changes}):
                events.put(Event(What.SAVED, name))
        reason = "the watcher has ended"
    except Exception as error:  # noqa: BLE001  whatever a system's notifications raise
        reason = str(error) or type(error).__name__
    if not stop.is_set():
        events.put(Event(What.BLIND, reason))


def _exercise(path: str) -> str:
    """Name the exercise a path would be the file of."""
    file = Path(path)
    return file.stem if file.suffix in SUFFIXES else ""


def _done(memory: Memory, name: str) -> bool:
    return name in memory.verdicts and memory.verdicts[name].done
