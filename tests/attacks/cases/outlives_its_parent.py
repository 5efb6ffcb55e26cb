"""Ask the kernel not to be killed when the fork server dies.

body: right
needs: confined
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(1, 0, 0, 0, 0) == 0:
    raise RuntimeError("would live on")
