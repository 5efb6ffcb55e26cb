"""Walk over the whole disk and read whatever can be read, in search of secrets.

body: right
needs: confined
"""

import os

loot = []
for top in ("/tmp", "/root", "/home", "/var", "/etc", "/work", "/srv", "/opt", "/mnt", "/dev", "/run", "/proc", "/sys"):
    for folder, _, names in os.walk(top):
        for name in names[:50]:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    if b"SECRET" in file.read(1 << 16):
                        loot.append(name)
            except OSError:
                pass
    try:
        os.listdir(top)
        loot.append(top)
    except OSError:
        pass
if loot:
    raise RuntimeError(" ".join(loot))
