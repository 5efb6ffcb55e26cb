"""Read and change the results, and what is kept beside them.

body: right
needs: confined
"""

import os

done = []
for path in ("@RESULTS@/notes.txt", "@RESULTS@/.carousel-seed.json", "@RESULTS@/000z-honest.json"):
    try:
        done.append(open(path).read())
    except OSError:
        pass
for path in ("@RESULTS@/forged.json", "@RESULTS@/index.html", "@RESULTS@/.carousel-seed.json"):
    for act in (lambda p: open(p, "w").write("{}"), os.unlink, os.mkdir, lambda p: os.rename(p, p + "x"),
                lambda p: os.symlink("/etc/passwd", p + "l"), lambda p: os.truncate(p, 0), os.mkfifo):
        try:
            act(path)
            done.append(f"{act} {path}")
        except OSError:
            pass
if done:
    raise RuntimeError(" ".join(map(str, done)))
