"""How often a mistake is named, kept silent about, or named wrongly.

    python benchmarks/diagnosis.py [--pairs 40] [--exercise NAME ...] [--markdown FILE]

Every known bug is put into the solution and graded, then random pairs of bugs at
once. A submission counts as named rightly when everything that is named is in
it, and something is; as silent when nothing is named; as wrong when anything is
named that is not in it. Two bugs whose patches do not fit together, or that
leave no trace together, are no pair. Training criteria are left out.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from grader.catalogue import Bug, patched
from grader.course import Course
from grader.errors import AuthoringError
from grader.grade import Grader
from grader.model import Outcome, Report
from grader.pairs import JOINT
from grader.proof import grade_source, open_proof
from grader.sandbox.selfattack import open_isolated

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some bugs in one solution, and what was named."""

    exercise: str
    bugs: tuple[str, ...]
    named: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Say it in one word."""
        if not self.named:
            return "silent"
        return "rightly" if set(self.named) <= set(self.bugs) else "wrongly"

    @property
    def complete(self) -> bool:
        """Tell whether every bug was named."""
        return set(self.named) == set(self.bugs)


def named(report: Report) -> tuple[str, ...]:
    """List the bugs a report names."""
    lines = [line for exercise in report.exercises for line in exercise.criteria]
    found = {line.diagnosis.bug for line in lines if line.diagnosis}
    return tuple(sorted({bug for both in found for bug in both.split(JOINT)}))


def lost(report: Report) -> bool:
    """Tell whether anything is wrong at all."""
    return any(
        line.outcome is not Outcome.PASSED or line.carried_forward
        for exercise in report.exercises
        for line in exercise.criteria
    )


def together(course: Course, name: str, bugs: Sequence[Bug]) -> str | None:
    """Put several bugs into one solution; None if they do not fit together."""
    source = course.source(name)
    try:
        for bug in bugs:
            source = patched(source, bug)
        compile(source, name, "exec")
    except (AuthoringError, SyntaxError):
        return None
    return source


def cases(
    course: Course, grader: Grader, name: str, groups: Sequence[tuple[Bug, ...]], most: int
) -> Iterator[Case]:
    """Grade groups of bugs until there are enough of them."""
    found = 0
    for bugs in groups:
        if found == most or any(bug.data for bug in bugs if len(bugs) > 1):
            continue
        source = together(course, name, bugs)
        if source is None:
            continue
        report = grade_source(grader, name, source, bugs[0] if len(bugs) == 1 else None)
        if lost(report):
            found += 1
            yield Case(exercise=name, bugs=tuple(bug.id for bug in bugs), named=named(report))


def row(label: str, found: Sequence[Case]) -> str:
    """Write one line of the table."""
    counts = [
        sum(case.verdict == verdict for case in found)
        for verdict in ("rightly", "silent", "wrongly")
    ]
    shares = [f"{count} ({100 * count / len(found):.1f} %)" for count in counts]
    both = sum(case.complete for case in found)
    return f"| {label} | {len(found)} | {' | '.join(shares)} | {both} |"


def main() -> None:
    """Print the table, then what was named wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=40, help="per exercise")
    parser.add_argument("--exercise", action="append")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    course = Course.load(ROOT)
    sandbox, _ = open_isolated()
    singles: list[Case] = []
    pairs: list[Case] = []
    lines = [
        "| bugs | graded | named rightly | silent | named wrongly | all of them named |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name in options.exercise or course.names:
        rng = random.Random(f"{options.seed} {name}")  # noqa: S311
        grader = open_proof(course, sandbox, name, options.seed, trained=False)
        bugs = course.bugs(name)
        both = list(combinations(bugs, 2))
        rng.shuffle(both)
        one = list(cases(course, grader, name, [(bug,) for bug in bugs], len(bugs)))
        two = list(cases(course, grader, name, both, options.pairs))
        grader.close()
        lines += [row(f"`{name}`, one", one), row(f"`{name}`, two", two)]
        print(*lines[-2:], sep="\n", flush=True)
        singles, pairs = singles + one, pairs + two
    sandbox.close()
    lines += [row("**all, one**", singles), row("**all, two**", pairs)]
    print(*lines[-2:], sep="\n")
    for case in singles + pairs:
        if case.verdict != "rightly":
            print(case.exercise, "+".join(case.bugs), case.verdict, " ".join(case.named))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
