"""Leave a daemon behind that outlives the worker: fork twice, a session of its own, all signals ignored.

body: right
needs: confined
"""

import os
import signal
import time

try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            time.sleep(600)
        os._exit(0)
    started = True
except OSError:
    started = False
if started:
    raise RuntimeError("a daemon is out")
