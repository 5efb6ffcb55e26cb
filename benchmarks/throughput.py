"""Submissions per minute and core, beside other graders on the same ten checks.

    python benchmarks/throughput.py [--submissions 200] [--rounds 3]
                                    [--peers CACHE [--peer-submissions 20]]

The work: 3 checks of one LSTM step against the reference, 2 of its backward, 5
complete numerical gradients (1,810 forward calls). Ours is the real command on
a class of right submissions, no two alike, in confined workers. --peers also
measures pytest (a process per submission), nbgrader (`autograde`, one call for
all) and otter (its API, one process), each in a virtual environment that is
made in CACHE once. They run a student's code unconfined, and one call per
difference, as their checks are written. Whoever gives anybody less than full
marks ends the measurement.

Everything is measured in turns, `--rounds` times, one thread per process, on
one core; a table of medians, and of ratios within a round. "once started" is
without what the command takes before its first submission: (a class - two
submissions) / (count - 2).
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from contenders import Nbgrader, Otter, Ours, Place, Pytest, bare, environment, loops
from machine import describe
from metered import Metered
from rewritten import write_right

FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds per submission in one round: by the clock, and of CPU."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The same students in classes of different sizes."""

    whole: Path
    few: Path
    peers: Path


Row = Callable[[], Cost]
OURS = "**ours, confined**, start-up included"
FLOOR = "floor: our rubric, no grader"


def each(took: Metered, count: int) -> Cost:
    """Spread a run over its submissions."""
    return Cost(wall=1000 * took.wall / count, cpu=1000 * took.cpu / count)


def middle(times: Sequence[tuple[float, float]]) -> Cost:
    """Take medians of [wall, CPU] of single submissions."""
    walls, cpus = zip(*times, strict=True)
    return Cost(wall=1000 * median(walls), cpu=1000 * median(cpus))


def ours(place: Place, classes: Classes, count: int) -> dict[str, Row]:
    """List our own rows; the second one is made of the first."""
    both = Place(folder=place.folder, cores=f"{place.cores},{other(place.cores)}")
    quiet = Ours(place, ("--jobs", "1", "--no-pages"))
    seen: list[Metered] = []

    def included() -> Cost:
        seen[:] = [quiet.grade(classes.whole)]
        return each(seen[0], count)

    def started() -> Cost:
        few = quiet.grade(classes.few)
        rest = (seen[0].wall - few.wall, seen[0].cpu - few.cpu)
        return Cost(wall=1000 * rest[0] / (count - FEW), cpu=1000 * rest[1] / (count - FEW))

    def run(where: Place, *options: str) -> Row:
        return lambda: each(Ours(where, options).grade(classes.whole), count)

    return {
        OURS: included,
        "ours, once started": started,
        "ours, with feedback pages": run(place, "--jobs", "1"),
        "ours, two processes on two cores": run(both, "--jobs", "2", "--no-pages"),
    }


def peers(place: Place, classes: Classes, cache: Path, count: int) -> dict[str, Row]:
    """List the rows of the peers; makes their environments and assignments."""
    pythons = {peer: environment(cache, peer) for peer in ("pytest", "nbgrader", "otter")}
    pytest = Pytest(place, pythons["pytest"])
    nbgrader = Nbgrader(place, pythons["nbgrader"])
    otter = Otter(place, pythons["otter"])
    nbgrader.prepare(classes.peers)
    otter.prepare(classes.peers)
    return {
        "pytest, a process per submission": lambda: middle(
            [(took.wall, took.cpu) for took in pytest.grade(classes.peers)]
        ),
        "nbgrader autograde, one call for all": lambda: each(nbgrader.grade(classes.peers), count),
        "otter API, one process": lambda: each(otter.grade(classes.peers), count),
    }


def other(core: str) -> str:
    """Name another core we may use."""
    return next(str(each) for each in sorted(os.sched_getaffinity(0)) if str(each) != core)


def table(rounds: Sequence[dict[str, Cost]]) -> str:
    """Lay out medians, and the medians of ratios to our first row."""
    lines = [
        "| grader | wall ms | CPU ms | a minute and core: by the clock, by CPU | wall, in ours | CPU, in ours |",  # noqa: E501
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name in rounds[0]:
        wall, cpu = (median(getattr(r[name], kind) for r in rounds) for kind in ("wall", "cpu"))
        ratios = [
            median(getattr(r[name], kind) / getattr(r[OURS], kind) for r in rounds)
            for kind in ("wall", "cpu")
        ]
        lines.append(
            f"| {name} | {wall:.1f} | {cpu:.1f} | {60_000 / wall:,.0f}, {60_000 / cpu:,.0f} "
            f"| {ratios[0]:.2f} | {ratios[1]:.2f} |"
        )
    return "\n".join(lines)


def over_floor(rounds: Sequence[dict[str, Cost]], name: str) -> str:
    """Tell how far a row is above the floor of its round."""
    wall, cpu = (
        median(getattr(r[name], kind) / getattr(r[FLOOR], kind) for r in rounds)
        for kind in ("wall", "cpu")
    )
    return f"{name}: {wall:.2f} times the floor by the clock, {cpu:.2f} by CPU"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--peer-submissions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", default="0")
    parser.add_argument(
        "--peers", type=Path, help="Measure the peers; folder of their environments."
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="throughput-"))
    place = Place(folder=folder, cores=options.core)
    classes = Classes(
        whole=write_right(folder / "class", options.submissions),
        few=write_right(folder / "few", FEW),
        peers=write_right(folder / "peers", options.peer_submissions),
    )
    rows: dict[str, Row] = {
        FLOOR: lambda: middle(bare(place, classes.whole)),
        **ours(place, classes, options.submissions),
        "floor of the peers: their checks, no grader": lambda: middle(loops(place, classes.peers)),
    }
    if options.peers:
        cache = options.peers.resolve()
        rows |= peers(place, classes, cache, options.peer_submissions)
    print(describe("numpy", "pytest"))
    print(f"load before: {os.getloadavg()[0]:.1f}", flush=True)
    rounds: list[dict[str, Cost]] = []
    for number in range(options.rounds):
        rounds.append({name: row() for name, row in rows.items()})
        print(f"round {number + 1}: load {os.getloadavg()[0]:.1f}", flush=True)
    print(f"\n{table(rounds)}\n")
    for name in (OURS, "ours, once started", "ours, with feedback pages"):
        print(over_floor(rounds, name))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
