"""Read the hidden grader, the solution and the bug list, and raise with what is in them.

body: right
needs: confined
"""

import glob
import os

loot = []
for pattern in ("grader/hidden/*", "grader/bugs/*", "solutions/*", "course.toml"):
    for path in (*glob.glob(f"@COURSE@/{pattern}"), "@COURSE@/" + pattern.replace("*", "test_lstm_forward.py")):
        for read in (open, os.open, np.fromfile, np.memmap, np.load, np.genfromtxt, os.listdir):
            try:
                loot.append(str(read(path) if read is not os.open else os.read(os.open(path, 0), 999999)))
                loot.append(open(path).read())
            except (OSError, ValueError, TypeError):
                continue
for folder in ("@COURSE@", "@COURSE@/grader/hidden", "@CLASS@", "@RESULTS@", "/tmp", "/root", "/home"):
    try:
        loot += os.listdir(folder)
    except OSError:
        continue
if loot:
    raise RuntimeError(" ".join(loot))
