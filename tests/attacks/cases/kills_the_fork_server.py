"""Have the kernel kill the fork server: it becomes the owner of our pipe, and the signal SIGKILL.

body: right
needs: confined
"""

import fcntl
import os

F_SETSIG, F_SETOWN_EX = 10, 15
refused = 0
for command, owner in ((fcntl.F_SETOWN, os.getppid()), (F_SETOWN_EX, b"\1\0\0\0" + os.getppid().to_bytes(4, "little"))):
    try:
        fcntl.fcntl(3, command, owner)
    except OSError:
        refused += 1
try:
    fcntl.fcntl(3, F_SETSIG, 9)
    fcntl.fcntl(3, fcntl.F_SETFL, os.O_ASYNC)
except OSError:
    pass
for number in range(max(2, os.getppid() - 5), os.getppid() + 5):
    try:
        os.sched_setaffinity(number, {0})
        refused = 0
    except OSError:
        pass
if refused < 2:
    raise RuntimeError("steered")
