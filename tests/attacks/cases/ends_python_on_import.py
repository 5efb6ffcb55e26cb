"""End Python with os._exit(0) while being imported.

earns: 0
status: unreadable
says: ended Python itself
"""

import os

os._exit(0)
