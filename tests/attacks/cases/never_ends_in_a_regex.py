"""Match a pattern that takes exponential time.

body: wrong
says: did not end within 1 s
"""

import re


def lstm_forward(*_):
    return re.match(r"(a+)+$", "a" * 60 + "b")
