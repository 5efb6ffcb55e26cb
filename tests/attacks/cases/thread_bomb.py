"""Start ten thousand threads.

body: right
earns: at most 25
"""

import threading
import time

honest = lstm_forward
event = threading.Event()


def lstm_forward(X, W, c0=None, h0=None):
    try:
        for _ in range(10_000):
            threading.Thread(target=event.wait, daemon=True).start()
    except (RuntimeError, MemoryError):
        pass
    return honest(X, W, c0, h0)
