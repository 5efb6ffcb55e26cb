"""Return a list whose iterator never ends, and one that grows while it is read.

earns: 0
says: did not end within
"""

import numpy as np


class Endless(list):
    def __iter__(self):
        while True:
            yield 1.0


grown = [1.0]


class Growing(list):
    def __iter__(self):
        for item in grown:
            grown.append(grown)
            yield item


sigmoid = lambda a: Endless([1.0])
lstm_forward = lambda *_, **__: Growing([1.0])
lstm_gates = lstm_step = pack_gates = init_lstm = lambda *_, **__: None
