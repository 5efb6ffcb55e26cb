"""Raise its own limits, those of others, and give itself back what was given up.

body: right
needs: confined
"""

import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
done = []
for kind in range(16):
    soft, hard = resource.getrlimit(kind)
    for number in (0, os.getppid()):
        try:
            resource.prlimit(number, kind, (-1, -1))
            if (soft, hard) != (-1, -1):
                done.append(f"limit {kind} of {number}")
        except (OSError, ValueError):
            pass
for act in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]),
            lambda: os.nice(-20), lambda: os.chroot("/"), lambda: os.sched_setscheduler(0, 1, os.sched_param(1))):
    try:
        act()
        done.append("user")
    except OSError:
        pass
if done:
    raise RuntimeError(" ".join(done))
