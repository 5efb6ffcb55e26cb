"""Take our finder off the path and import forbidden libraries by Python's own.

earns: 0
status: unreadable
says: cannot be imported
"""

import importlib.machinery
import sys

sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.PathFinder]
import torch
