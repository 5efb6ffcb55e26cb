"""Have a thread write replies of its own between those of the worker, for as long as it lives.

body: wrong
earns: 0
status: unreadable
"""

import os
import threading


def write():
    while True:
        try:
            os.write(4, b"\x05\x00\x00\x00\x00\x00\x00\x00\x93\x02\x90\x80\xc0")
        except OSError:
            return


for _ in range(3):
    threading.Thread(target=write, daemon=True).start()
