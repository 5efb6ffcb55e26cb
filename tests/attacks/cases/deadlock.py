"""Wait for a lock that is held for ever, and for a thread that waits for us.

body: wrong
says: did not end within 1 s
"""

import threading

lock = threading.Lock()
lock.acquire()


def lstm_forward(*_):
    threading.Thread(target=lock.acquire).start()
    lock.acquire()
