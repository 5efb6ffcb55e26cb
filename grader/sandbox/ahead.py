"""A worker started ahead of time, where starting one takes a fresh Python."""

from concurrent.futures import Future, ThreadPoolExecutor

from grader.sandbox.server import Sandbox, Worker

__all__ = ["Ahead"]


class Ahead:
    """A sandbox whose next worker is ready before it is asked for.

    Those that draw are started when they are needed.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.layers = sandbox.layers
        self._sandbox = sandbox
        self._pool = ThreadPoolExecutor(1)
        self._next: Future[Worker] = self._pool.submit(sandbox.start)

    def start(self, *, figures: bool = False) -> Worker:
        """Hand out the worker that is ready, and start the next one."""
        if figures:
            return self._sandbox.start(figures=True)
        try:
            return self._next.result()
        finally:
            self._next = self._pool.submit(self._sandbox.start)

    def close(self) -> None:
        """End the sandbox and its workers, also the one nobody has asked for."""
        self._pool.shutdown(cancel_futures=True)
        self._sandbox.close()
