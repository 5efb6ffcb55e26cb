"""Return from the call, but leave threads behind that Python waits for when it ends.

body: right
"""

import threading
import time


def wait():
    while True:
        time.sleep(0.01)


for _ in range(4):
    threading.Thread(target=wait, daemon=False).start()
