"""A worker in a fresh Python, where there is no fork server.

Talks over its own stdin and stdout, then points both at nothing, so that a
student's print cannot write into the protocol.
"""

import os
import sys

from grader.sandbox import protocol, worker

__all__ = ["main"]


def main() -> None:
    """Become a worker."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.environ["MPLBACKEND"] = "Agg"
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  Windows only

        for file in (source, sink):
            msvcrt.setmode(file, os.O_BINARY)
    else:
        from grader.sandbox.confinement import Confinement  # noqa: PLC0415  POSIX only

        os.umask(0o077)
        Confinement(["limits"]).enter()
    worker.write_all(sink, protocol.encode(["ready"]))
    worker.hide()
    worker.serve(source, sink)
