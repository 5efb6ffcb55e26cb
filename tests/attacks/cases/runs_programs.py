"""Run programs, also such as it has written itself into memory.

body: right
needs: confined
"""

import os

done = []
for path in ("/bin/sh", "/usr/bin/id", "/proc/self/exe", "/usr/lib/ld-linux.so.2", "/lib64/ld-linux-x86-64.so.2"):
    try:
        os.execv(path, [path, "-c", "true"])
        done.append(path)
    except OSError:
        pass
try:
    file = os.open("/bin/true", os.O_PATH)
    os.execve(file, ["true"], {})
    done.append("descriptor")
except OSError:
    pass
if done:
    raise RuntimeError(" ".join(done))
