"""What it costs to grade one right submission, exercise by exercise.

    python benchmarks/one_submission.py [--rounds 5] [--exercise NAME ...]

Grades the course's own solutions, warm, in a confined sandbox, and adds up CPU
seconds of the grader and of its workers. "training" is the part of an exercise
in criteria that are not diagnosed, which is what trains.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from grader.course import Course
from grader.grade import Grader
from grader.model import Criterion, SourceFile, Submission
from grader.sandbox.selfattack import open_isolated
from grader.sandbox.server import Sandbox, Worker
from grader.seeds import Seeds

ROOT = Path(__file__).resolve().parents[1]


class Metered:
    """A sandbox that adds up the CPU seconds of its workers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.layers = sandbox.layers
        self.spent = 0.0

    def start(self, *, figures: bool = False) -> Worker:
        """Start a worker that says at its end what it has used."""
        worker = self._sandbox.start(figures=figures)

        def kill() -> None:
            worker.kill()
            self.spent += worker.ended().cpu

        return replace(worker, kill=kill)

    def close(self) -> None:
        """End the sandbox."""
        self._sandbox.close()


def right(course: Course) -> Submission:
    """Hand in the solutions."""
    files = {n: SourceFile(path=f"{n}.py", text=course.source(n)) for n in course.names}
    data = {n: course.data(n).read_bytes() for n in course.names if course.data(n).exists()}
    return Submission(id="right", files=files, data=data)


def seconds(grader: Grader, sandbox: Metered, submission: Submission) -> float:
    """Grade once; CPU seconds of the grader and its workers."""
    before = time.process_time() + sandbox.spent
    report = grader.grade(submission)
    if report.points < report.max_points:
        message = "the solutions do not get full marks"
        raise SystemExit(message)
    return time.process_time() + sandbox.spent - before


def untrained(grader: Grader, name: str) -> None:
    """Take the criteria that train out of an exercise."""
    prepared = grader.prepared[name]
    kept: tuple[Criterion, ...] = tuple(c for c in prepared.exercise.criteria if c.diagnosed)
    prepared.exercise = replace(prepared.exercise, criteria=kept)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    course = Course.load(ROOT)
    parser.add_argument("--exercise", action="append", choices=course.names, metavar="NAME",
                        help="only this one; may be given again")  # fmt: skip
    options = parser.parse_args()
    submission = right(course)
    opened, isolation = open_isolated()
    sandbox = Metered(opened)
    print(f"CPU seconds, median of {options.rounds}, isolation {isolation.level}\n")
    print("| exercise | without training | training |\n|---|--:|--:|")
    totals = [0.0, 0.0]
    for name in options.exercise or course.names:
        figures = []
        for without in (True, False):
            grader = Grader(
                course, sandbox, Seeds(seed=1), isolation=isolation.level, exercises=[name]
            )
            if without:
                untrained(grader, name)
            seconds(grader, sandbox, submission)  # reference answers are remembered for a class
            times = [seconds(grader, sandbox, submission) for _ in range(options.rounds)]
            figures.append(median(times))
            grader.close()
            if len(course.exercises[name].points) == len(grader.prepared[name].exercise.criteria):
                figures = [*figures, figures[-1]][:2]
                break
        plain, whole = figures
        totals[0] += plain
        totals[1] += max(0.0, whole - plain)
        print(f"| `{name}` | {plain:.3f} | {max(0.0, whole - plain):.3f} |")
    print(f"| **all** | **{totals[0]:.3f}** | **{totals[1]:.3f}** |")
    sandbox.close()


if __name__ == "__main__":
    main()
