"""Milliseconds per submission, beside the bare numeric work of the same checks.

    python benchmarks/overhead.py [--rounds N]

Grades the reference submission again and again, first with everything (a
worker per submission, the sandbox, pytest, the report), then with nothing: the
same check functions called in this process on the solution itself. Both in one
run, in turns, so that a busy machine slows both. Two workloads: the ten checks
every grader is compared on (1,810 forwards, 5 full gradient checks), and this
course's own `lstm_forward` rubric.
"""

# ruff: noqa: E402
import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np

from grader.course import Course
from grader.grade import Grader
from grader.model import SourceFile, Submission, dump_report
from grader.pytest_plugin import Current
from grader.reference import Reference
from grader.sandbox.selfattack import open_isolated
from grader.seeds import Seeds

ROOT = Path(__file__).resolve().parents[1]
WORKLOADS = {
    "ten checks": (ROOT / "benchmarks" / "ten_checks", "lstm_cell"),
    "lstm_forward rubric": (ROOT, "lstm_forward"),
}


class Bare(Reference):
    """The solution called directly: what the checks cost without any grader.

    Remembers nothing, so that every call is made.
    """

    def observe(self, function, args, kwargs):  # noqa: ANN001, ANN201, D102
        return self._observe(function, args, kwargs)

    def sweep(self, function, args, vary, delta, outputs, **kwargs):  # noqa: ANN001, ANN003, ANN201
        """Evaluate at every args[k] ± delta in one entry, in a plain loop."""
        names = self._signatures[function].names
        wanted = [names.index(name) for name in outputs]
        call = self._functions[function]
        return [self._stack(call, args, kwargs, k, delta, wanted) for k in vary]

    @staticmethod
    def _stack(call, args, kwargs, k, delta, wanted):  # noqa: ANN001, ANN205
        args = [np.array(a) for a in args]
        flat, stacks = args[k].reshape(-1), [[] for _ in wanted]
        for j in range(flat.size):
            kept = flat[j]
            for sign in (delta, -delta):
                flat[j] = kept + sign
                value = call(*args, **kwargs)
                for stack, output in zip(stacks, wanted, strict=True):
                    stack.append(value[output])
            flat[j] = kept
        return [np.stack(stack) for stack in stacks]


def measure(work: Callable[[], object]) -> float:
    """Time one call, in milliseconds."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def compare(root: Path, name: str, rounds: int) -> tuple[list[float], list[float], str]:
    """Measure grading and floor, in turns."""
    course = Course.load(root)
    sandbox, isolation = open_isolated()
    seeds = Seeds(seed=1)
    grader = Grader(course, sandbox, seeds, isolation=isolation.level, exercises=[name])
    prepared = grader.prepared[name]
    file = SourceFile(path=f"{name}.py", text=course.source(name))
    submission = Submission(id="reference", files={name: file})
    bare = Bare(course.functions(name), prepared.rubric.signatures)
    current = Current(name, bare, prepared.reference, seeds)

    def graded() -> None:
        report = grader.grade(submission)
        dump_report(report)
        if report.points != report.max_points:
            message = f"the reference of {name} lost points"
            raise SystemExit(message)

    def floor() -> None:
        for item in prepared.rubric.items():
            item(current)

    graded()  # fills what is remembered between submissions
    floor()
    pairs = [(measure(graded), measure(floor)) for _ in range(rounds)]
    grader.close()
    sandbox.close()
    return [a for a, _ in pairs], [b for _, b in pairs], isolation.level


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    print("| workload | isolation | graded, ms (median, min) | floor, ms (median, min) | ratio |")
    print("|---|---|---|---|---|")
    for label, (root, name) in WORKLOADS.items():
        graded, floor, level = compare(root, name, rounds)
        ratio = statistics.median(a / b for a, b in zip(graded, floor, strict=True))
        figures = [f"{statistics.median(v):.1f}, {min(v):.1f}" for v in (graded, floor)]
        print(f"| {label} | {level} | {figures[0]} | {figures[1]} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
