"""Raise exceptions whose text, chain, group or traceback is without end.

earns: 0
"""


class Endless(Exception):
    def __str__(self):
        return "x" * (1 << 28)


def sigmoid(a):
    raise ValueError("x" * (1 << 28))


def lstm_gates(*_):
    raise Endless


def lstm_step(*_):
    error = None
    for _ in range(100_000):
        new = ValueError(1)
        new.__cause__ = error
        error = new
    raise error


def pack_gates(*_):
    def deeper(n):
        try:
            return deeper(n + 1)
        finally:
            raise ValueError(n)

    deeper(0)


def init_lstm(*_, **__):
    raise ExceptionGroup("x", [ExceptionGroup("y", [ValueError("x" * 10**6)] * 1000)] * 100)


def lstm_forward(*_):
    error = ValueError(1)
    error.__cause__ = error.__context__ = error
    raise error
