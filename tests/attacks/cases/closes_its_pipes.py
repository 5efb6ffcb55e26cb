"""Close and exchange the descriptors of the pipes, so that requests and replies meet nobody.

body: wrong
"""

import os


def sigmoid(a):
    os.dup2(3, 4)
    return a


def lstm_gates(*_):
    os.close(4)


def lstm_step(*_):
    os.closerange(0, 64)


def lstm_forward(*_):
    os.dup2(4, 3)
