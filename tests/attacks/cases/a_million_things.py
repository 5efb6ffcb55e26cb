"""Send a frame with as many things in it as fit: empty dicts, arrays without length, numbers.

body: wrong
"""

import os
import struct

CAP = 1 << 20


def send(unit):
    inner = b"\xdc\x3f\xff" + unit * 0x3FFF
    count = (CAP - 100) // len(inner)
    head = b"\x93\x02\x91\x93\xa8returned" + b"\xdc" + struct.pack(">H", count) + inner * count + b"\x90\x80"
    os.write(4, struct.pack("<II", len(head), 0))
    while head:
        head = head[os.write(4, head):]


def sigmoid(*_):
    send(b"\x80")


def lstm_gates(*_):
    send(b"\xd7\x01\x0b" + bytes(7))


def lstm_step(*_):
    send(b"\xc0")
