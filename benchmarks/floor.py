"""What the ten checks cost without any grader: FOLDER -> [wall, CPU] seconds of each, as JSON.

    python benchmarks/floor.py FOLDER

Runs the rubric's own functions in this process on each submission of a class
of trusted submissions, after one to warm up.
"""

import json
import sys
import time
from pathlib import Path

from overhead import WORKLOADS, Bare

from grader.course import Course
from grader.grade import Grader
from grader.pytest_plugin import Current
from grader.reference import load_functions
from grader.sandbox.server import open_sandbox
from grader.seeds import Seeds


def main() -> None:
    """Print the times."""
    root, name = WORKLOADS["ten checks"]
    sandbox, seeds = open_sandbox(("limits",)), Seeds(seed=1)
    grader = Grader(Course.load(root), sandbox, seeds, isolation="none", exercises=[name])
    prepared = grader.prepared[name]
    items = list(prepared.rubric.items())
    times = []
    files = sorted(Path(sys.argv[1]).glob("*.py"))
    for path in (files[0], *files):
        functions = load_functions({f"{path.stem}": path.read_text("utf-8")})
        bare = Bare(functions, prepared.rubric.signatures)
        current = Current(name, bare, prepared.reference, seeds)
        wall, cpu = time.perf_counter(), time.process_time()
        for item in items:
            item(current)
        times.append([time.perf_counter() - wall, time.process_time() - cpu])
    grader.close()
    sandbox.close()
    print(json.dumps(times[1:]))


if __name__ == "__main__":
    main()
