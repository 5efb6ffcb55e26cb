"""Look for tokens and keys in the environment, here and in every process in reach.

body: right
needs: confined
"""

import ctypes
import os

loot = [f"{k}={v}" for k, v in os.environ.items() if "SECRET" in v]
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
k = 0
while environ[k]:
    if b"SECRET" in environ[k]:
        loot.append(environ[k].decode())
    k += 1
for number in (*range(max(1, os.getppid() - 40), os.getppid() + 40), "self", "thread-self"):
    for name in ("environ", "cmdline", "maps", "status", "cwd", "exe", "root/etc/passwd"):
        try:
            with open(f"/proc/{number}/{name}", "rb") as file:
                loot.append(file.read(9999).decode(errors="replace"))
        except OSError:
            pass
if loot:
    raise RuntimeError(" ".join(loot))
