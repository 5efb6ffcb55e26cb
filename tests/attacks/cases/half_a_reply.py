"""Write half a frame and wait.

body: wrong
says: did not end within
"""

import os
import struct
import time


def lstm_forward(*_):
    os.write(4, struct.pack("<II", 5, 1 << 20) + b"\x93\x02")
    time.sleep(60)
