"""Return empty arrays, arrays without dimensions and with sixty-four of them.

earns: 0
"""

import numpy as np

sigmoid = lambda a: np.zeros((0, 7))
lstm_gates = lambda *_: (np.float64(0), np.zeros(()), np.zeros((1,) * 64), 0)
lstm_step = lambda *_: (np.zeros((4, 0)), True)
pack_gates = lambda *_: np.int8(-1)
init_lstm = lambda *_, **__: np.zeros((0, 0))
lstm_forward = lambda *_: (np.zeros((0, 2, 5)), np.zeros(0), np.bool_(1), None)
