"""Return generators, coroutines, functions and iterators instead of results.

earns: 0
says: an array
"""

import numpy as np


async def later():
    return np.zeros(3)


sigmoid = lambda a: (0.5 for _ in a)
lstm_gates = lambda *_: (lambda: 0, iter([1]), map(len, []), type)
lstm_step = lambda *_: (range(3), memoryview(b"12"))
pack_gates = lambda *_: np.nditer(np.zeros(3))
init_lstm = lambda *_, **__: np.random.default_rng
lstm_forward = lambda *_, **__: (np, __builtins__, type, None)
