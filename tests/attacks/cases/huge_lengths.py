"""Announce frames of four gigabytes, and arrays larger than their frame.

body: wrong
says: something that is no answer
"""

import os
import struct

import msgpack


def lstm_forward(*_):
    os.write(4, b"\xff" * 8 + b"x" * 100)


def send(head, payload=b""):
    os.write(4, struct.pack("<II", len(head), len(payload)) + head + payload)


def lstm_step(*_):
    form = struct.pack("<B4I", 11, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    send(msgpack.packb([3, [["returned", msgpack.ExtType(1, form), []]], {}]))


def lstm_gates(*_):
    form = struct.pack("<B3I", 11, 0, 2**32 - 1, 2**32 - 1)
    send(msgpack.packb([2, [["returned", msgpack.ExtType(1, form), []]], {}]))
