"""Have jax or numba do the work, whichever there is, imported by name in a roundabout way.

earns: 0
status: unreadable
says: is not allowed here
"""

import importlib

library = getattr(importlib, "import_" + "module")("j" + "ax.numpy")
numba = __import__("numba")
