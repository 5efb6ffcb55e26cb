"""Read the memory of the fork server and the grader: /proc, ptrace, process_vm_readv.

body: right
needs: confined
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
taken = []
here = os.getppid()
for number in range(max(2, here - 20), here + 20):
    if number == os.getpid():
        continue
    try:
        open(f"/proc/{number}/mem", "rb").close()
        taken.append(f"mem {number}")
    except OSError:
        pass
    if libc.ptrace(0x4206, number, 0, 0) == 0:
        taken.append(f"ptrace {number}")
    there = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(there), 8)
    remote = (ctypes.c_void_p * 2)(0x400000, 8)
    if libc.process_vm_readv(number, vector, 1, remote, 1, 0) > 0:
        taken.append(f"vm {number}")
if taken:
    raise RuntimeError(" ".join(taken))
