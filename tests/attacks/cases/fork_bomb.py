"""Start processes that start processes, in every way Python and the C library know.

body: right
needs: confined
"""

import ctypes
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
started = []
for start in (os.fork, os.forkpty, libc.fork, libc.vfork, lambda: libc.syscall(57), lambda: libc.syscall(58),
              lambda: libc.syscall(56, 17, 0, 0, 0, 0), lambda: libc.syscall(435, None, 88),
              lambda: subprocess.run([sys.executable, "-c", "1"], check=True), lambda: os.system("true") and -1,
              lambda: os.posix_spawn("/bin/true", ["true"], {}), lambda: os.popen("echo x").read() or -1):
    try:
        number = start()
    except OSError:
        continue
    if number == 0:
        os._exit(0)
    if type(number) is not int or number > 0:
        started.append(str(number))
if started:
    raise RuntimeError(" ".join(started))
