"""Take a hundred gigabytes, at once and in small pieces, and keep them.

body: wrong
"""

kept = []


def sigmoid(a):
    return np.ones(100 * 10**9 // 8)


def lstm_gates(*_):
    while True:
        kept.append(bytearray(1 << 24))


def lstm_step(*_):
    try:
        while True:
            kept.append(np.ones(1 << 20))
    except MemoryError:
        raise
