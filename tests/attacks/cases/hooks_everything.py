"""Hook imports, audits, tracing, profiling, threads and unraisable errors, and count on them.

body: right
"""

import builtins
import sys
import threading

seen = []
honest = builtins.__import__
builtins.__import__ = lambda *args, **kwargs: seen.append(args[0]) or honest(*args, **kwargs)
sys.addaudithook(lambda name, args: seen.append(name))
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: None)
threading.settrace(lambda *_: None)
sys.excepthook = sys.unraisablehook = threading.excepthook = sys.displayhook = lambda *_: seen.append(1)
sys.meta_path.clear()
sys.path.clear()
sys.path_hooks.clear()
