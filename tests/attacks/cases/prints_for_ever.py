"""Write to stdout and stderr without end, past Python, too.

body: wrong
says: did not end within 1 s
"""

import os
import sys


def sigmoid(a):
    print("x" * (1 << 26))
    for _ in range(10_000):
        sys.stderr.write("y" * 1000)
    return a


def lstm_forward(*_):
    while True:
        os.write(1, b"z" * (1 << 20))
        os.write(2, b"z" * (1 << 20))
        print("z" * (1 << 20))
