"""Return dicts, strings and names made from hidden inputs.

earns: 0
"""

import numpy as np

word = "".join(["EXFIL", "TRATED"])

sigmoid = lambda a: word
lstm_gates = lambda *_: (word, {word: np.zeros(3)}, {"f": word}, [word])
lstm_step = lambda *_: ({word: word}, word)
pack_gates = lambda p, D: {word: {word: {word: np.zeros(3)}}}
init_lstm = lambda *_, **__: np.array([word])
lstm_forward = lambda *_: (np.array([(1, 2)], dtype=[(word, int), ("b", int)]), word, {word}, word)
