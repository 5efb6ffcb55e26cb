"""Leave by sys.exit(0) while being imported.

earns: 0
status: unreadable
says: cannot be imported: SystemExit
"""

import sys

sys.exit(0)
