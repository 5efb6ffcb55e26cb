"""Compute for minutes inside one call of NumPy, which no signal handler can interrupt.

body: wrong
says: did not end within 1 s
"""


def lstm_forward(*_):
    return np.convolve(np.ones(10**6), np.ones(10**6))
