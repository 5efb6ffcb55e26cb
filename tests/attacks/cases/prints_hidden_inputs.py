"""Print what was seen in hidden calls: print, sys.stdout, file descriptors, logging, warnings.

body: right
"""

import logging
import os
import sys
import warnings

word = "".join(["EXFIL", "TRATED"])
honest = lstm_forward


def lstm_forward(X, W, c0=None, h0=None):
    print(word, X)
    sys.stdout.write(word)
    sys.__stdout__ and sys.__stdout__.write(word)
    for number in (0, 1, 2):
        try:
            os.write(number, word.encode())
        except OSError:
            pass
    logging.error(word)
    warnings.warn(word, stacklevel=1)
    return honest(X, W, c0, h0)
