"""Signal the fork server, the group, other workers: kill, tgkill, pidfd, and signals by way of a file.

body: right
needs: confined
"""

import ctypes
import fcntl
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
done = []


def attempt(name, act):
    try:
        if act() in (None, 0):
            done.append(name)
    except OSError:
        pass


server = os.getppid()
attempt("kill", lambda: os.kill(server, 0))
attempt("group", lambda: os.killpg(os.getpgid(server), 0))
attempt("thread", lambda: libc.syscall(200, server, 0) and None)
attempt("queue", lambda: libc.sigqueue(server, 0, 0) or None) if libc.sigqueue(server, 0, 0) == 0 else None
attempt("owner", lambda: fcntl.fcntl(3, fcntl.F_SETOWN, server))
attempt("owner of a kind", lambda: fcntl.fcntl(3, 15, b"\0\0\0\0" + server.to_bytes(4, "little")) and None)
attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(server), 0))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, server, 19))
done = [name for name in done if name != "thread" or libc.syscall(200, server, 0) == 0]
if done:
    raise RuntimeError(" ".join(done))
