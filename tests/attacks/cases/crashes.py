"""Crash in every way: a bad address, abort, an illegal jump, a stack without end.

earns: 0
says: ended Python itself
"""

import ctypes
import os
import sys


def sigmoid(a):
    ctypes.string_at(0)


def lstm_gates(*_):
    os.abort()


def lstm_step(*_):
    ctypes.CFUNCTYPE(None)(1)()


def pack_gates(*_):
    sys.setrecursionlimit(10**9)

    def deeper():
        return deeper()

    class Loop:
        def __repr__(self):
            return repr([self])

    repr(Loop())


def init_lstm(*_, **__):
    ctypes.memset(id(None), 0, 16)


def lstm_forward(*_):
    ctypes.CDLL(None).raise_ = None
    ctypes.memmove(0, b"x", 1)
