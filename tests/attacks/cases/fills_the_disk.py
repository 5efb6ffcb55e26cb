"""Fill the disk: files in every folder that might be writable, links, devices.

body: right
needs: confined
"""

import os
import tempfile

written = []
for folder in ("", "/tmp", "/var/tmp", "/dev/shm", "/run", "@RESULTS@", "@COURSE@", os.path.expanduser("~"),
               "/dev/mqueue", "/run/lock", "/home", "/var/crash", "/var/mail"):
    for act in (lambda p: open(p, "wb").write(bytes(1 << 20)), os.mkdir, os.mkfifo,
                lambda p: os.symlink("/", p), lambda p: os.link("/etc/passwd", p), lambda p: os.mknod(p)):
        try:
            path = os.path.join(folder, f"filled{len(written)}")
            act(path)
            written.append(path)
        except OSError:
            pass
try:
    tempfile.mkdtemp()
    written.append("temporary")
except OSError:
    pass
if written:
    raise RuntimeError(" ".join(written))
