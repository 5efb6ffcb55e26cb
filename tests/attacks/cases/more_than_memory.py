"""Return views that look like 80 GB, and views of memory that is not there.

earns: 0
"""

import numpy as np

sigmoid = lambda a: np.broadcast_to(0.5, (10**5, 10**5))
lstm_gates = lambda x, h, p: (np.broadcast_to(0.5, (2**31, 2)),) * 4
lstm_step = lambda *_: (np.lib.stride_tricks.as_strided(np.zeros(1), (10**6,), (10**9,)),) * 2
pack_gates = lambda p, D: np.zeros((2**62, 0))
init_lstm = lambda *_, **__: np.broadcast_to(np.float32(1), (1,) * 32)
lstm_forward = lambda *_: (np.zeros((10**4, 10**4)),) * 3 + ([np.zeros(10**6)] * 1000,)
