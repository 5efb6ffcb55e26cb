"""Import the hidden grader, the solution and the grader's own package from where they lie.

body: right
needs: confined
"""

import importlib.machinery
import importlib.util
import sys

sys.path[:0] = ["@COURSE@", "@COURSE@/grader/hidden", "@COURSE@/solutions", "@COURSE@/grader/bugs"]
sys.path_importer_cache.clear()
finders = list(sys.meta_path)
sys.meta_path[:] = [importlib.machinery.PathFinder]
found = []
for name in ("test_lstm_forward", "grader.hidden.test_lstm_forward", "solutions.lstm_forward", "grader.seeds"):
    try:
        module = importlib.import_module(name)
        found.append(open(module.__file__).read())
    except (ImportError, OSError):
        pass
for path in ("@COURSE@/solutions/lstm_forward.py", "@COURSE@/grader/seeds.py"):
    try:
        spec = importlib.util.spec_from_file_location("stolen", path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        found.append(open(path).read())
    except (ImportError, OSError):
        pass
sys.meta_path[:] = finders
if found:
    raise RuntimeError("".join(found))
