"""The trusted end of the pipe: every wait ends at an absolute deadline.

A deadline is a moment of `time.monotonic()`, not a duration per read: a worker
that drips one byte at a time gains nothing.
"""

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from grader.sandbox import protocol

__all__ = ["Channel", "DeadlineExceeded", "WorkerGone"]

PIPE_SIZE = 1 << 20
READ_AHEAD = 1 << 14


class DeadlineExceeded(Exception):  # noqa: N818  an event, not a fault
    """The other side did not answer in time."""


class WorkerGone(Exception):  # noqa: N818
    """The other side has closed the pipe: it exited, crashed or was killed."""


class Channel:
    """Frames over two file descriptors.

    kill: ends the worker. Where a pipe cannot be polled (Windows) it is what
        ends a read that takes too long.
    """

    def __init__(self, source: int, sink: int, kill: Callable[[], None], *, poll: bool) -> None:
        self._source = source
        self._sink = sink
        self._kill = kill
        self._poll = poll
        self._waiting = bytearray()
        if poll:
            os.set_blocking(source, False)
            os.set_blocking(sink, False)
            self._readable = select.poll()
            self._readable.register(source, select.POLLIN)
            self._writable = select.poll()
            self._writable.register(sink, select.POLLOUT)

    def exchange(self, request: Sequence[bytes | memoryview], deadline: float) -> Any:  # noqa: ANN401
        """Send one frame, return the value of the next one that comes.

        request: empty to only wait for a frame.

        Raises:
            DeadlineExceeded, WorkerGone: as they say.
            protocol.ProtocolError: the answer breaks the rules.
        """
        if self._poll:
            return self._exchange(request, deadline)
        late = threading.Event()

        def end() -> None:
            late.set()
            self._kill()

        watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), end)
        watchdog.start()
        try:
            return self._exchange(request, deadline)
        except WorkerGone:
            if late.is_set():
                raise DeadlineExceeded from None
            raise
        finally:
            watchdog.cancel()

    def _exchange(self, request: Sequence[bytes | memoryview], deadline: float) -> Any:  # noqa: ANN401
        if request:
            self._write(memoryview(b"".join(request)), deadline)
        header, payload = protocol.lengths(self._read(protocol.PREFIX.size, deadline))
        return protocol.decode(self._read(header, deadline), self._read(payload, deadline))

    def close(self) -> None:
        """Close both ends; a worker that waits for a request then leaves."""
        os.close(self._source)
        os.close(self._sink)

    def _write(self, view: memoryview, deadline: float) -> None:
        while view:
            try:
                view = view[os.write(self._sink, view) :]
            except BlockingIOError:
                self._wait(self._writable, deadline)
            except OSError as error:
                raise WorkerGone from error

    def _read(self, size: int, deadline: float) -> bytearray:
        """Take `size` bytes; what comes with them waits for the next call."""
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        while len(data) < size:
            missing = size - len(data)
            part = self._part(max(missing, READ_AHEAD), deadline)
            data += part[:missing]
            self._waiting += part[missing:]
        return data

    def _part(self, size: int, deadline: float) -> bytes:
        if self._poll:
            self._wait(self._readable, deadline)
        try:
            part = os.read(self._source, min(size, PIPE_SIZE))
        except OSError as error:
            raise WorkerGone from error
        if not part:
            raise WorkerGone
        return part

    @staticmethod
    def _wait(poll: "select.poll", deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise DeadlineExceeded
