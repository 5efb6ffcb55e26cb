"""Have a thread that sleeps through the reply write a better one for the next question.

body: wrong
"""

import os
import struct
import threading
import time

import msgpack


def write():
    for number in range(1, 200):
        time.sleep(0.002)
        head = msgpack.packb([number, [["returned", 1.0, []]], {}])
        try:
            os.write(4, struct.pack("<II", len(head), 0) + head)
        except OSError:
            return


def sigmoid(a):
    threading.Thread(target=write, daemon=True).start()
    return 0 * a
