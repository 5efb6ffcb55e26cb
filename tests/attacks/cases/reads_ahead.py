"""Read the next request from the pipe, answer it, and leave the worker without one.

body: wrong
"""

import os


def sigmoid(a):
    import fcntl

    fcntl.fcntl(3, fcntl.F_SETFL, os.O_NONBLOCK)
    return a


def lstm_forward(*args):
    try:
        os.read(3, 1 << 20)
    except BlockingIOError:
        pass
    return args
