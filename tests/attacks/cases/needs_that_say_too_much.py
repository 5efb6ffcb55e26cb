"""Raise the worker's own exceptions, whose texts name files and functions, with hidden inputs.

earns: 0
"""

import sys

word = "".join(["EXFIL", "TRATED"])
found = {}
frame = sys._getframe()
while frame:
    found |= {k: v for k, v in frame.f_globals.items() if k.endswith("Error") and isinstance(v, type)}
    frame = frame.f_back


def sigmoid(a):
    raise found["NeededError"](word)


def lstm_gates(*_):
    raise found["UnmadeError"](word)


def lstm_step(*_):
    raise found["WrongFormError"](word)


def pack_gates(*_):
    raise found["ProtocolError"](word) if "ProtocolError" in found else ValueError(word)


def init_lstm(*_, **__):
    raise found["NeededError"]


def lstm_forward(*_):
    raise ImportError(word, name=word, path=word)
