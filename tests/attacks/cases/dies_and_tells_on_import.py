"""Keep what was seen in hidden calls somewhere, die, and tell it when imported again.

earns: 0
"""

import os

word = "".join(["EXFIL", "TRATED"])
PLACES = ("@RESULTS@/kept",)

for place in PLACES:
    if os.path.exists(place):
        raise RuntimeError(f"an earlier worker has told: {word}")


def die(*_, **__):
    for place in PLACES:
        try:
            # where nothing but its own process keeps it from writing, it can
            os.mkdir(place)
        except OSError:
            pass
    os._exit(0)


sigmoid = lstm_gates = lstm_step = pack_gates = init_lstm = lstm_forward = die
