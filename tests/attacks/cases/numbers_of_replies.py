"""Number replies with what equals the number but is none: floats, bools, arrays, huge ints.

body: wrong
"""

import os
import struct

import msgpack

asked = [1]


def send(number):
    asked[0] += 1
    head = msgpack.packb([number, [["returned", None, []]], {}])
    os.write(4, struct.pack("<II", len(head), 8) + head + bytes(8))


def sigmoid(*_):
    send(float(asked[0] + 1))


def lstm_gates(*_):
    send(msgpack.ExtType(1, struct.pack("<B", 7)))


def lstm_step(*_):
    send(2**64 - 1)


def lstm_forward(*_):
    send("2")
