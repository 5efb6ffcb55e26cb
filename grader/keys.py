"""Keys as they are pressed: without Enter on a terminal, else line by line."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

__all__ = ["END", "pressed", "read_keys"]

#: What stands for the end of the input, as Ctrl-D does.
END = "\x04"
GLANCE = 0.05


def read_keys(tell: Callable[[str], None]) -> None:
    """Tell every key until the input ends; meant for a thread of its own.

    Without a terminal, a line counts as its first letter, an empty one as Enter.
    """
    if not sys.stdin or sys.stdin.closed:
        return
    if not sys.stdin.isatty():
        for line in sys.stdin:
            tell(line.strip()[:1].lower() or "\n")
        return
    while True:
        key = _one_key().lower()
        tell(key)
        if key == END:
            return


@contextlib.contextmanager
def pressed() -> Iterator[None]:
    """Let keys arrive without Enter while this lasts, where there is a terminal."""
    if sys.platform == "win32" or not (sys.stdin and sys.stdin.isatty()):
        yield
        return
    import termios  # noqa: PLC0415  POSIX only
    import tty  # noqa: PLC0415

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _one_key() -> str:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  Windows only

        # never blocks inside the console, so that Ctrl-C is heard
        while not msvcrt.kbhit():
            time.sleep(GLANCE)
        return msvcrt.getwch()
    return os.read(sys.stdin.fileno(), 1).decode(errors="replace") or END
