"""Reach the kernel past system call filters: io_uring, bpf, userfaultfd and other doors.

body: right
needs: confined
"""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
done = []
if platform.machine() == "x86_64":
    space = ctypes.create_string_buffer(4096)
    for name, number in {"io_uring": 425, "bpf": 321, "perf": 298, "userfaultfd": 323, "keyctl": 250, "unshare": 272,
                         "socket": 41, "mount": 165, "kexec": 246, "init_module": 175, "setns": 308,
                         "open_by_handle": 304, "pidfd_open": 434, "memfd": 319, "clone3": 435}.items():
        if libc.syscall(number, 2 if "socket" in name else 0, space, 0, 0, 0) >= 0:
            done.append(name)
if done:
    raise RuntimeError(" ".join(done))
