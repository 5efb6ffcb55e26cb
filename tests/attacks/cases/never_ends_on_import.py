"""Loop for ever while being imported, with all signals blocked.

earns: 0
status: unreadable
says: did not end within 5 s
"""

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
