"""Take memory that limits of a process do not count: memfd, shared memory, files without a name.

body: right
needs: confined
"""

import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
taken = []
for take in (lambda: os.memfd_create("x"), lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
             lambda: os.open("/dev/shm/x", os.O_CREAT | os.O_RDWR), lambda: os.open("x", os.O_CREAT | os.O_WRONLY)):
    try:
        file = take()
        os.ftruncate(file, 300 << 20)
        taken.append("file")
    except OSError:
        pass
if libc.shmget(0, 300 << 20, 0o1600) >= 0 or libc.syscall(447, 0) >= 0:
    taken.append("shared")
try:
    mmap.mmap(-1, 8 << 30)
    taken.append("mapped")
except (OSError, ValueError):
    pass
if taken:
    raise RuntimeError(" ".join(taken))
