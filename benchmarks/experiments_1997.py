"""All six experiments of 1997, to the paper's own criteria.

    nox -s long -- [--quick] [--only 4-100 ...] [--seeds N] [--results FOLDER]

Hochreiter and Schmidhuber (Neural Computation 9(8), 1997), experiments 1 to 6,
with solutions/fast_lstm.py; and the adding problem once more with the paper's own
network of 93 weights: shared gates, truncated gradient, its biases, and gradient
descent after every sequence. Nothing is trained beforehand.

Every run is written down as soon as it has ended; whoever stops and starts again
goes on from there. `--quick` leaves out what takes long, with three seeds: it is
done in three minutes. `--long` runs the paper's own network with σ at its output,
too: an hour.

Writes FOLDER/runs.jsonl, FOLDER/results.json, and from all runs there are
docs/lstm-1997.md (the part between its marks) and docs/lstm-1997.svg, or, with
`--quick` or `--results`, the same two files into FOLDER.
"""

import argparse
import dataclasses
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import machine  # before NumPy
from report_1997 import document, drawing, table
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from tasks_1997 import EXPERIMENTS, OWN, POINTS, Experiment, Own, State

DOCS = machine.ROOT / "docs"
SEEDS, QUICK_SEEDS = 5, 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run that is to be made: of one network, or of several side by side."""

    task: Experiment | Own
    seed: int = 0

    @property
    def key(self) -> tuple[str, int, str]:
        """Name the run: other settings are another run."""
        return self.task.id, self.seed, digest(*self.task.decides)


def digest(*values: object) -> str:
    """Make a short name of settings."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]


def jobs(options: argparse.Namespace) -> list[Job]:
    """List what is to be run, the short ones first."""
    seeds = options.seeds or (QUICK_SEEDS if options.quick else SEEDS)
    chosen = [e for e in EXPERIMENTS if not options.quick or e.quick]
    made = [Job(task=each, seed=seed) for each in chosen for seed in range(seeds)]
    if not options.quick:
        made += [Job(task=own) for own in OWN if own.always or options.long]
    if options.only:
        made = [job for job in made if job.task.id in options.only]
    return sorted(made, key=lambda job: job.task.typical)


def journal(path: Path) -> list[dict[str, Any]]:
    """Read the runs there are; a line that was cut off is no run."""
    runs = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            runs.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return runs


def thinned(curve: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keep so many points of a curve, the last one always."""
    step = max(1, -(-len(curve) // POINTS))
    return [(n, round(value, 5)) for n, value in [*curve[:-1][::step], *curve[-1:]]]


def entry(job: Job, states: list[State], seconds: float) -> dict[str, Any]:
    """Say what has become of a run."""
    name, seed, settings = job.key
    return {
        "id": name,
        "seed": seed,
        "settings": settings,
        "seconds": round(seconds, 2),
        "machine": machine.describe("numpy"),
        "networks": [
            {
                "solved": state.solved,
                "sequences": state.sequences,
                "wrong": state.wrong,
                "of": state.of,
                "curve": thinned(state.curve),
            }
            for state in states
        ],
    }


def make(job: Job, bar: Progress, task: TaskID, done: float) -> dict[str, Any]:
    """Run one job and move the bar along."""
    started, states = time.process_time(), []
    for states in job.task.states(job.seed):
        spent = time.process_time() - started
        furthest = max(state.sequences for state in states)
        error = max((state.curve[-1][1] for state in states if state.curve), default=1.0)
        bar.update(
            task,
            completed=done + min(spent, 0.95 * job.task.typical),
            description=f"{job.task.id}, seed {job.seed}: "
            f"{furthest:,} sequences, error {error:.3f}",
        )
    return entry(job, states, time.process_time() - started)


def said(run: dict[str, Any]) -> str:
    """Write a finished run in one line."""
    solved = [n["sequences"] for n in run["networks"] if n["solved"]]
    count = ", ".join(f"{n:,}" for n in solved) or "not solved"
    return f"{run['id']}, seed {run['seed']}: {count} sequences, {run['seconds']:.1f} CPU s"


def run_all(todo: list[Job], file: Path, console: Console) -> None:
    """Make all runs that are not there yet, and write each down."""
    have = {(run["id"], run["seed"], run["settings"]) for run in journal(file)}
    left = [job for job in todo if job.key not in have]
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn(),
    )  # fmt: skip
    console.print(f"{len(todo)} runs, {len(todo) - len(left)} of them there already")
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=round(sum(job.task.typical for job in left)) or 1)
        done = 0.0
        for job in left:
            run = make(job, bar, task, done)
            done += job.task.typical
            bar.update(task, completed=done)
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(run) + "\n")
            bar.console.print(said(run))


def main() -> None:
    """Run what is left to run, then write the table and the curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="done in three minutes")
    parser.add_argument("--long", action="store_true", help="the paper's network with σ, too")
    parser.add_argument("--only", nargs="+", metavar="ID", help="1, 2a, ..., 6b, own-100")
    parser.add_argument("--seeds", type=int, help=f"per experiment (default: {SEEDS})")
    parser.add_argument("--results", type=Path, help="folder of the runs (default: results/1997)")
    parser.add_argument("--report", action="store_true", help="run nothing, write the report")
    options = parser.parse_args()
    folder = options.results or Path("results/1997-quick" if options.quick else "results/1997")
    folder.mkdir(parents=True, exist_ok=True)
    console = Console()
    todo, file = jobs(options), folder / "runs.jsonl"
    if not options.report:
        run_all(todo, file, console)
    current = {(task.id, digest(*task.decides)) for task in (*EXPERIMENTS, *OWN)}
    runs = [run for run in journal(file) if (run["id"], run["settings"]) in current]
    (folder / "results.json").write_text(json.dumps(runs, indent=1) + "\n", "utf-8")
    where = folder if options.quick or options.results else DOCS
    (where / "lstm-1997.svg").write_text(drawing(runs), "utf-8")
    page = where / "lstm-1997.md"
    old = page.read_text("utf-8") if page.exists() else ""
    page.write_text(document(runs, old), "utf-8")
    console.print(table(runs), markup=False, highlight=False, soft_wrap=True)
    console.print(f"written: {page}, {page.with_suffix('.svg')}")


if __name__ == "__main__":
    main()
