"""Write frames that break the rules in another way each time.

body: wrong
"""

import os
import struct

import msgpack

asked = [1]


def send(said, payload=b""):
    asked[0] += 1
    head = said if type(said) is bytes else msgpack.packb([asked[0], *said])
    os.write(4, struct.pack("<II", len(head), len(payload)) + head + payload)


def ext(kind, data):
    return [[["returned", msgpack.ExtType(kind, data), []]], {}]


def sigmoid(*_):
    send(ext(1, struct.pack("<BI", 250, 1)), bytes(8))


def lstm_gates(*_):
    send(ext(1, struct.pack("<BI", 0, 8)), b"\xff" * 8)


def lstm_step(*_):
    send(ext(77, b"cos\nsystem\n(S'true'\ntR."))


def pack_gates(*_):
    send(b"\x91" * 100_000 + b"\xc0")


def init_lstm(*_, **__):
    send(b"\xdd\xff\xff\xff\xff")


def lstm_forward(*_):
    send([[["returned", b"\x80\x04cposix\nsystem\n", []]], {}])
