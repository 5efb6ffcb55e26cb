import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.executors import TRIES, Opened, here, pool, worked

Part = Sequence[int]


def doubled(part: Part) -> list[int]:
    return [2 * number for number in part]


def deadly(part: Part) -> list[int]:
    """End the process at a multiple of seven."""
    for number in part:
        if number % 7 == 0:
            os._exit(1)
    return doubled(part)


def slowly(folder: Path, part: Part) -> list[int]:
    """Say who is at work, and take some time."""
    (folder / str(os.getpid())).touch()
    time.sleep(0.05)
    return doubled(part)


class Flaky(Executor):
    """Does the work, but breaks at chosen submissions, counted over all of its kind."""

    def __init__(self, breaks: set[int], count: list[int]) -> None:
        self._breaks, self._count, self._broken = breaks, count, False

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Call at once, or break."""
        self._count[0] += 1
        self._broken = self._broken or self._count[0] in self._breaks
        future: Future[Any] = Future()
        if self._broken:
            future.set_exception(BrokenExecutor("gone"))
        else:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001
                future.set_exception(error)
        return future


@contextmanager
def flaky(breaks: set[int], count: list[int], chunk: int, window: int) -> Iterator[Opened]:
    yield Opened(executor=Flaky(breaks, count), chunk=chunk, window=lambda: window)


def answers(found: Iterator[tuple[int, int | Exception]]) -> dict[int, int | Exception]:
    """Every item exactly once."""
    pairs = list(found)
    assert max(Counter(item for item, _ in pairs).values(), default=1) == 1
    return dict(pairs)


def test_in_this_process_items_are_worked_on_one_by_one() -> None:
    """As they come, each when it is asked for."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(3):
            taken.append(number)
            yield number

    found = worked(items(), doubled, here)
    assert next(found) == (0, 0)
    assert taken == [0]
    assert answers(found) == {1: 2, 2: 4}


def test_a_pool_does_what_one_process_does() -> None:
    """In another order, perhaps."""
    assert answers(worked(range(30), doubled, partial(pool, 2))) == {n: 2 * n for n in range(30)}


def test_an_item_that_kills_every_process_is_given_up_alone() -> None:
    """The others get their answers; the deadly ones say why they have none."""
    found = answers(worked([1, 2, 7, 3, 4], deadly, partial(pool, 2)))
    assert isinstance(found.pop(7), BrokenExecutor)
    assert found == {n: 2 * n for n in (1, 2, 3, 4)}


def test_killed_processes_lose_nothing(tmp_path: Path) -> None:
    """Whatever they had is done again in new ones."""
    found: dict[int, int | Exception] = {}
    for item, answer in worked(range(20), partial(slowly, tmp_path), partial(pool, 2)):
        found[item] = answer
        if len(found) in {3, 11}:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    assert found == {n: 2 * n for n in range(20)}


@settings(max_examples=200)
@given(
    items=st.integers(0, 30),
    breaks=st.sets(st.integers(1, 40), max_size=6),
    chunk=st.integers(1, 5),
    window=st.integers(1, 6),
)
def test_every_item_is_answered_once_however_executors_break(
    items: int, breaks: set[int], chunk: int, window: int
) -> None:
    """An answer is the work's own, or the reason there is none, after enough tries alone."""
    opened = partial(flaky, breaks, [0], chunk, window)
    found = answers(worked(range(items), doubled, opened))
    assert found.keys() == set(range(items))
    given_up = [item for item, answer in found.items() if isinstance(answer, Exception)]
    assert all(found[item] == 2 * item for item in found.keys() - set(given_up))
    assert len(given_up) <= len(breaks) // TRIES


def test_an_item_that_raises_is_tried_alone_and_given_up() -> None:
    """It takes none of its chunk with it."""
    tried: Counter[int] = Counter()

    def work(part: Part) -> list[int]:
        tried.update(part)
        return [100 // number for number in part]

    opened = partial(flaky, set(), [0], 5, 1)
    found = answers(worked(range(5), work, opened))
    assert isinstance(found.pop(0), ZeroDivisionError)
    assert found == {1: 100, 2: 50, 3: 33, 4: 25}
    assert tried == {0: 1 + TRIES, 1: 2, 2: 2, 3: 2, 4: 2}


def test_what_would_be_the_same_for_every_item_is_raised() -> None:
    """A usage error ends the batch at once."""

    def work(_part: Part) -> list[int]:
        message = "another course there"
        raise UsageError(message)

    with pytest.raises(UsageError, match="another course"):
        list(worked(range(5), work, here))


def test_a_batch_that_is_left_leaves_no_process(tmp_path: Path) -> None:
    """Stopping in the middle ends the pool."""
    found = worked(range(50), partial(slowly, tmp_path), partial(pool, 2))
    next(found)
    found.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert multiprocessing.active_children() == []


def test_more_is_handed_out_when_there_are_more_to_work() -> None:
    """A cluster whose workers start one by one is not left idle."""
    answered: list[int] = []
    handed: list[tuple[int, int]] = []

    def items() -> Iterator[int]:
        for number in range(6):
            handed.append((number, len(answered)))
            yield number

    @contextmanager
    def growing() -> Iterator[Opened]:
        yield Opened(executor=Flaky(set(), [0]), window=lambda: 5 if answered else 1)

    for item, _ in worked(items(), doubled, growing):
        answered.append(item)
    assert handed == [(0, 0), *((number, 1) for number in range(1, 6))]
