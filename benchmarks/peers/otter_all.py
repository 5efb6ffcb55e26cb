"""Grade notebooks with otter's API in one process: ZIP NOTEBOOK... -> scores as JSON."""

import json
import sys

from otter.api import grade_submission

archive, *notebooks = sys.argv[1:]
scores = [grade_submission(path, archive, quiet=True).total for path in notebooks]
print("\n" + json.dumps(scores))
