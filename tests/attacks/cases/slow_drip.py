"""Write a reply one byte at a time, each before any patience with a single byte ends.

body: wrong
says: did not end within
"""

import os
import struct
import time


def lstm_forward(*_):
    os.write(4, struct.pack("<II", 1000, 0))
    for _ in range(1000):
        os.write(4, b"\x90")
        time.sleep(0.05)
