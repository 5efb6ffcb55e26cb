"""Send handles, seeds and refusals that nobody made, in place of results.

body: wrong
"""

import os
import struct

import msgpack

asked = [1]


def send(*values):
    asked[0] += 1
    head = msgpack.packb([asked[0], [["returned", list(values), []]], {"printed": "", "changed": False}])
    os.write(4, struct.pack("<II", len(head), 0) + head)


def sigmoid(*_):
    send(msgpack.ExtType(2, b"\xff\xff\xff\xff"))


def lstm_gates(*_):
    send(*[msgpack.ExtType(4, bytes(16))] * 4)


def lstm_step(*_):
    send(msgpack.ExtType(3, b"\x01"), msgpack.ExtType(3, b"\xff"))


def lstm_forward(*_):
    send(*[msgpack.ExtType(2, bytes(4))] * 4)
