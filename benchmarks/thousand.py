"""A thousand submissions: each gets its right result, at a cost that grows linearly.

    python benchmarks/thousand.py [--sizes 100 300 1000] [--jobs 2] [--rerun 500]
                                  [--attacks]

Grades synthetic classes of `lstm_forward` with the real command: right ones,
every known bug, and every tenth broken in one of thirty ways (synthetic.py).
What a bug costs is proved first, with another seed. Prints a table; fits a line
to CPU seconds and wall clock; the peak memory is that of the batch process.
--attacks adds a class whose tenth is the attack suite (tests/attacks). At the
end a class of --rerun is graded a second time with nothing changed. Ends
with 1 if any submission got another result than it must.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from machine import ROOT, describe
from metered import Metered, metered
from synthetic import BROKEN, HANGING, NAME, Expected, attacks, differs, write_class

from grader.course import Course
from grader.model import Cost
from grader.proof import prove
from grader.sandbox.selfattack import open_isolated

SEED = 2026
PROOF_SEED = 1
RERUNS = 5
NUMBERED = len("s00000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One class: its size, what grading it took, and whose result is wrong.

    seconds: by kind of submission, what each took by the clock.
    """

    size: int
    took: Metered
    wrong: dict[str, str]
    seconds: dict[str, list[float]]


def proved() -> dict[str, Cost]:
    """Find out what each known bug costs."""
    sandbox, _ = open_isolated()
    try:
        proof = prove(Course.load(ROOT), sandbox, NAME, seeds=(PROOF_SEED,))
    finally:
        sandbox.close()
    if proof.problems:
        message = f"the course does not hold: {proof.problems}"
        raise SystemExit(message)
    return {cost.bug: cost for cost in proof.costs}


def grade(submissions: Path, results: Path, jobs: int, *options: str) -> Metered:
    """Grade a class with the real command."""
    cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0))[:jobs])
    return metered(
        [
            sys.executable, "-m", "grader", "grade", submissions, "--results", results,
            "--exercise", NAME, "--seed", str(SEED), "--jobs", str(jobs), *options,
        ],
        cores=cores, cwd=ROOT, extra={"PYTHONPATH": str(ROOT)}, log=results.with_suffix(".log"),
    )  # fmt: skip


def read(results: Path) -> dict[str, dict[str, Any]]:
    """Read the reports of a results folder, as JSON: number of the submission -> report.

    Some attacks are in what stands behind the number in a folder's name.
    """
    found = [json.loads(path.read_bytes()) for path in results.glob("[!.]*.json")]
    return {report["submission"][:NUMBERED]: report for report in found}


def judged(reports: dict[str, dict[str, Any]], expected: dict[str, Expected]) -> dict[str, str]:
    """Compare every result with what it must be: submission -> what is wrong."""
    wrong = {
        name: f"{what.kind}: {said}"
        for name, what in expected.items()
        if (said := differs(reports.get(name), what))
    }
    return wrong | dict.fromkeys(reports.keys() - expected.keys(), "nobody handed this in")


def spent(
    reports: dict[str, dict[str, Any]], expected: dict[str, Expected]
) -> dict[str, list[float]]:
    """Sort the submissions into four kinds; tell how long each took."""
    found: dict[str, list[float]] = {"right": [], "known bug": [], "broken": [], "hanging": []}
    for name, what in expected.items():
        kind = "known bug" if what.bug else "right"
        if what.kind in BROKEN:
            kind = "hanging" if what.kind in HANGING else "broken"
        if name in reports:
            found[kind].append(reports[name]["timing"]["seconds"])
    return found


def line(sizes: Sequence[int], seconds: Sequence[float]) -> str:
    """Fit a + b n by least squares; tell the line, and how far off the measurements are."""
    slope, start = np.polyfit(sizes, seconds, 1)
    fitted = start + slope * np.array(sizes)
    off = ", ".join(f"{100 * (s - f) / f:+.1f} %" for s, f in zip(seconds, fitted, strict=True))
    return f"{start:.1f} s + {1000 * slope:.1f} ms per submission; off by {off}"


def main() -> None:
    """Print a Markdown table, the fits and the reruns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--attacks", action="store_true")
    parser.add_argument("--rerun", type=int, default=500)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="thousand-"))
    print(describe("numpy"))
    costs = proved()
    batches = []
    print(f"load {os.getloadavg()[0]:.1f}\n")
    print(
        "| submissions | wall s | CPU s | of the batch process | its peak memory | wrong results |"
    )
    print("|--:|--:|--:|--:|--:|--:|")
    for size in options.sizes:
        expected = write_class(folder / f"class-{size}", size, costs)
        batch = measured(folder / f"class-{size}", expected, options.jobs)
        batches.append(batch)
        print(
            f"| {size:,} | {batch.took.wall:.1f} | {batch.took.cpu:.1f} | {batch.took.own:.1f} s "
            f"| {batch.took.peak:.0f} MB | {len(batch.wrong)} |",
            flush=True,
        )
    print(f"\nload {os.getloadavg()[0]:.1f}")
    counts = Counter(what.kind in BROKEN for what in expected.values())
    print(f"the last class: {counts[False]} right or with a known bug, {counts[True]} broken")
    for kind, seconds in batch.seconds.items():
        if seconds:
            print(
                f"{kind}: {len(seconds)}, median {1000 * median(seconds):.0f} ms by the clock, "
                f"{sum(seconds):.0f} s together"
            )
    for batch in batches:
        tell_wrong(batch)
    if len(batches) > 1:
        sizes = [batch.size for batch in batches]
        print(f"CPU:  {line(sizes, [batch.took.cpu for batch in batches])}")
        print(f"wall: {line(sizes, [batch.took.wall for batch in batches])}")
        print(f"the batch process: {line(sizes, [batch.took.own for batch in batches])} of CPU")
    if options.attacks:
        batches.append(attacked(folder, options.jobs, costs))
    if options.rerun:
        rerun(folder, options.rerun, options.jobs, costs)
    shutil.rmtree(folder)
    sys.exit(any(batch.wrong for batch in batches))


def measured(folder: Path, expected: dict[str, Expected], jobs: int) -> Batch:
    """Grade a class that has been written to a folder."""
    results = folder.with_name(f"{folder.name}-results")
    took = grade(folder, results, jobs, "--no-pages")
    reports = read(results)
    wrong, seconds = judged(reports, expected), spent(reports, expected)
    return Batch(size=len(expected), took=took, wrong=wrong, seconds=seconds)


def tell_wrong(batch: Batch) -> None:
    """Name the submissions that got another result than they must."""
    for name, said in batch.wrong.items():
        print(f"wrong in the class of {batch.size}: {name}: {said}")


def attacked(folder: Path, jobs: int, costs: dict[str, Cost]) -> Batch:
    """Grade a class in which every attack of the suite is one in ten."""
    size = 10 * len(attacks())
    expected = write_class(folder / "attacked", size, costs, attacked=True)
    batch = measured(folder / "attacked", expected, jobs)
    print(
        f"a class of {size:,} with {size // 10} attacks: {batch.took.wall:.1f} s wall, "
        f"{batch.took.cpu:.1f} s CPU, peak {batch.took.peak:.0f} MB, {len(batch.wrong)} wrong",
        flush=True,
    )
    tell_wrong(batch)
    return batch


def rerun(folder: Path, size: int, jobs: int, costs: dict[str, Cost]) -> None:
    """Grade a class once, and then again with nothing changed."""
    submissions, results = folder / "rerun", folder / "rerun-results"
    write_class(submissions, size, costs)
    grade(submissions, results, jobs)
    times = [grade(submissions, results, jobs) for _ in range(RERUNS)]
    said = f"{size} of them had not changed"
    if any(said not in " ".join(took.printed.split()) for took in times):
        message = f"something was graded again: {times[0].printed[-500:]}"
        raise SystemExit(message)
    walls, cpus = [t.wall for t in times], [t.cpu for t in times]
    print(
        f"a rerun over {size} with pages, nothing changed: {median(walls):.2f} s wall "
        f"({min(walls):.2f} to {max(walls):.2f}), {median(cpus):.2f} s CPU, {RERUNS} times"
    )


if __name__ == "__main__":
    main()
