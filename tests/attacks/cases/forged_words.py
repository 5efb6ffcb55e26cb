"""Answer with words of the protocol that belong to other questions, and with wrong types.

body: wrong
"""

import os
import struct

import msgpack

word = "".join(["EXFIL", "TRATED"])
asked = [1]


def send(*said):
    asked[0] += 1
    head = msgpack.packb([asked[0], *said])
    os.write(4, struct.pack("<II", len(head), 0) + head)


def sigmoid(*_):
    send(["loaded", [word], {word: ["raised", word, word, 1, word]}], {})


def lstm_gates(*_):
    send([["raised", word, "lstm_forward.py", 10**18, word]] * 4, {})


def lstm_step(*_):
    send([["needs", word], ["unmade", word]], {"printed": [word]})


def pack_gates(*_):
    send([["raised", "KeyError", word, -1, word]] * 2, {word: word})


def init_lstm(*_, **__):
    send(["refused", word, 3], {})


def lstm_forward(*_):
    send(["form"], None)
