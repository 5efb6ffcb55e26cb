"""Work over any `concurrent.futures.Executor`, which may lose its workers.

A worker process can be killed, run out of memory or disappear with its
machine, and take the items it had with it. Nobody knows which item was to
blame, so everything that was under way is tried again, one item at a time: only
an item that fails by itself, again and again, is given up.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

from grader.errors import UsageError

__all__ = ["Opened", "cluster", "here", "pool", "worked"]

Item = TypeVar("Item")
Result = TypeVar("Result")

#: How often an item is tried by itself before it is given up.
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An executor, and how to use it.

    chunk: items per task. window: tells how many tasks may be under way; asked
        again and again, for a cluster grows and shrinks.
    """

    executor: Executor
    chunk: int = 1
    window: Callable[[], int] = lambda: 1


@dataclass(slots=True)
class _Run(Generic[Item, Result]):
    """What is waiting, under way and suspected while items are worked on."""

    work: Callable[[Sequence[Item]], Sequence[Result]]
    waiting: Iterator[Item]
    running: dict["Future[Sequence[Result]]", tuple[Item, ...]] = field(default_factory=dict)
    suspects: deque[tuple[Item, int]] = field(default_factory=deque)
    alone: int = 0

    def fill(self, opened: Opened) -> None:
        """Hand out work: whatever there is, or one suspect when nothing else is under way."""
        if self.suspects:
            if not self.running:
                item, self.alone = self.suspects.popleft()
                self._submit(opened, (item,))
            return
        self.alone = 0
        window = opened.window()
        while len(self.running) < window:
            part = tuple(islice(self.waiting, opened.chunk))
            if not part:
                return
            self._submit(opened, part)

    def _submit(self, opened: Opened, part: tuple[Item, ...]) -> None:
        try:
            future = opened.executor.submit(self.work, part)
        except (BrokenExecutor, RuntimeError) as error:  # it broke between two submissions
            future = Future()
            future.set_exception(BrokenExecutor(str(error)))
        self.running[future] = part

    def settle(
        self, done: Iterable["Future[Sequence[Result]]"]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Take what is done; what failed is suspected, or given up.

        Raises:
            _Lost: the executor is broken; raised after everything that is done.
        """
        lost = False
        for future in done:
            part, tries = self.running.pop(future), self.alone
            try:
                results = future.result()
            except UsageError:
                raise  # it would be the same for every item
            # anything may come out of another process, or instead of it
            except (Exception, CancelledError) as error:  # noqa: BLE001
                lost = lost or isinstance(error, BrokenExecutor | CancelledError)
                if tries >= TRIES:
                    yield part[0], _plain(error)
                else:
                    self.suspects.extend((item, tries + 1) for item in part)
            else:
                yield from zip(part, results, strict=True)
        if lost:
            raise _Lost

    def lose(self) -> None:
        """Suspect everything that was under way."""
        for part in self.running.values():
            self.suspects.extend((item, max(1, self.alone)) for item in part)
        self.running.clear()


class _Lost(Exception):  # noqa: N818  an event, not a fault
    """The executor has lost workers and is of no more use."""


def worked(
    items: Iterable[Item],
    work: Callable[[Sequence[Item]], Sequence[Result]],
    opened: Callable[[], AbstractContextManager[Opened]],
) -> Iterator[tuple[Item, Result | Exception]]:
    """Work on items, in no fixed order; yield each with its result, or why it has none.

    work: called with some of the items, somewhere else; answers each.
    opened: opens an executor; called again when one breaks.
    """
    run = _Run(work=work, waiting=iter(items))
    while True:
        with opened() as now:
            try:
                while True:
                    run.fill(now)
                    if not run.running:
                        return
                    done, _ = wait(run.running, return_when=FIRST_COMPLETED)
                    yield from run.settle(done)
            except _Lost:
                run.lose()


def _plain(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else BrokenExecutor(type(error).__name__)


class _Here(Executor):
    """Does the work at once, in this process."""

    def submit(
        self,
        fn: Callable[..., Result],
        /,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> "Future[Result]":
        """Call, and return a future that is done."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as every executor does
            future.set_exception(error)
        return future


@contextlib.contextmanager
def here() -> Iterator[Opened]:
    """Work in this process, one item after the other."""
    yield Opened(executor=_Here())


@contextlib.contextmanager
def pool(jobs: int) -> Iterator[Opened]:
    """Work in processes of this machine; they end with this one, however it ends."""
    # spawn: a forked copy of this process would share its fork server's socket
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        # one more than can be worked on, so that nobody waits for us
        yield Opened(executor=executor, window=lambda: 2 * jobs)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent; do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


#: Submissions per task on a cluster, where a task costs some milliseconds.
CLUSTER_CHUNK = 8


@contextlib.contextmanager
def cluster(address: str, *, seconds: float = 15.0) -> Iterator[Opened]:
    """Work on the cluster whose dask scheduler is at this address.

    seconds: how long to wait until it answers.

    Raises:
        UsageError: dask.distributed is not installed, or nobody answers.
    """
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ImportError as error:
        message = "--scheduler needs dask.distributed: pip install 'carousel-grader[cluster]'"
        raise UsageError(message) from error
    try:
        client = Client(address, timeout=seconds, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        message = f"{address}: no dask scheduler answers there; start one with `dask scheduler`"
        raise UsageError(message) from error
    with client:
        executor = client.get_executor(pure=False, retries=2)  # type: ignore[no-untyped-call]
        yield Opened(executor=executor, chunk=CLUSTER_CHUNK, window=partial(_window, client))


def _window(client: Any) -> int:  # noqa: ANN401  distributed has no types
    """Keep every worker that is there now in work; a queue starts them one by one."""
    workers = 0
    with contextlib.suppress(OSError):  # the scheduler has gone: the tasks will say so
        workers = client.scheduler_info(n_workers=0)["n_workers"]
    return 4 * max(1, workers)
