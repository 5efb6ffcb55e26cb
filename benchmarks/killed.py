"""Kill a batch again and again; nothing may be lost, doubled or half written.

    python benchmarks/killed.py [--kills 50] [--submissions 200]
                                [--victims batch grader server student]

Grades copies of the sample class, and kills -9, at random moments, the batch
(then starts it again), or what it has to survive: a process of its pool, a fork
server, the process a student's code runs in. After every kill all files there
are whole; of a killed batch no process is left; in the end the results equal
those of an undisturbed run, timings apart.
"""

# ruff: noqa: EM101, EM102, TRY003  a benchmark ends with what is wrong
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "tests" / "submissions" / "class"
EXERCISE = "lstm_forward"
VICTIMS = ("batch", "grader", "server", "student")


def handed_in(folder: Path, count: int) -> Path:
    """Copy the sample class until it is large enough; every copy differs in a comment."""
    students = sorted(path for path in CLASS.iterdir() if (path / f"{EXERCISE}.py").is_file())
    for number in range(count):
        student = students[number % len(students)]
        there = folder / f"{student.name}-{number:04d}"
        there.mkdir(parents=True)
        text = (student / f"{EXERCISE}.py").read_text("utf-8")
        (there / f"{EXERCISE}.py").write_text(f"{text}\n# {number}\n", "utf-8")
    return folder


def start(submissions: Path, results: Path) -> "subprocess.Popen[bytes]":
    """Start the batch, or go on with it."""
    command = [sys.executable, "-m", "grader", "grade", str(submissions), "--results", str(results)]
    options = ["--exercise", EXERCISE, "--seed", "1", "--jobs", "2", "--no-pages"]
    with log(results).open("wb") as said:
        return subprocess.Popen(
            [*command, *options], cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip


def log(results: Path) -> Path:
    """Where the batch that was started last says what goes wrong."""
    return results.with_name(f"{results.name}.log")


def processes() -> dict[int, tuple[int, str]]:
    """List processes that are alive: id -> parent, command."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if fields[0] != "Z":
            found[int(folder.name)] = (int(fields[1]), command)
    return found


def below(process: int) -> dict[int, str]:
    """List the descendants of a process, and which kind of victim each is."""
    everything = processes()
    found: dict[int, str] = {}
    parents = {process}
    while parents:
        children = {p for p, (parent, _) in everything.items() if parent in parents}
        for child in children:
            parent, command = everything[child]
            kind = "server" if "zygote" in command else "grader" if "spawn_main" in command else ""
            # a worker is a fork of its server, command line and all
            found[child] = "student" if found.get(parent) == "server" else kind
        parents = children
    return found


def gone(candidates: set[int], seconds: float = 10.0) -> set[int]:
    """Wait for processes to end; return those that do not."""
    until = time.monotonic() + seconds
    while (left := candidates & processes().keys()) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def whole(results: Path) -> int:
    """Read every file of a results folder; count the reports."""
    reports = list(results.glob("*.json"))
    for path in (*reports, *results.glob(".journal/*.json")):
        json.loads(path.read_bytes())
    return len([path for path in reports if not path.name.startswith(".")])


def contents(results: Path) -> dict[str, object]:
    """Read the reports, timings apart."""
    found: dict[str, object] = {}
    for path in sorted(results.glob("*.json")):
        if not path.name.startswith("."):
            report = json.loads(path.read_bytes())
            found[path.name] = {key: value for key, value in report.items() if key != "timing"}
    return found


def disturbed(
    submissions: Path,
    results: Path,
    victims: Sequence[str],
    rng: random.Random,
    longest: float,
    most: int,
) -> Iterator[str]:
    """Run a batch to its end, killing on the way; yield what was killed.

    longest: seconds between two kills. most: kills; then it is left alone.
    """
    batch, kills = start(submissions, results), 0
    while True:
        try:
            code = batch.wait(rng.uniform(0.0, longest) if kills < most else None)
        except subprocess.TimeoutExpired:
            pass
        else:
            if code != 0:
                said = log(results).read_text("utf-8")
                raise SystemExit(f"the batch ended with {code}: {said}")
            return
        victim = rng.choice(victims)
        family = below(batch.pid)
        if victim == "batch":
            batch.kill()
            batch.wait()
            if left := gone(set(family)):
                raise SystemExit(f"left behind: {[family[process] for process in left]}")
            kills += 1
            yield victim
            batch = start(submissions, results)
            continue
        if chosen := [process for process, kind in family.items() if kind == victim]:
            try:
                os.kill(rng.choice(chosen), signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
            yield victim


def main() -> None:
    """Kill as often as asked, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=list(VICTIMS))
    parser.add_argument("--longest", type=float, default=2.5, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311
    folder = Path(tempfile.mkdtemp(prefix="killed-"))
    submissions = handed_in(folder / "class", options.submissions)
    if start(submissions, folder / "quiet").wait() != 0:
        raise SystemExit("the undisturbed batch failed")
    wanted = contents(folder / "quiet")
    counts: Counter[str] = Counter()
    batches = 0
    while sum(counts.values()) < options.kills:
        results = folder / f"results-{batches}"
        left = options.kills - sum(counts.values())
        for victim in disturbed(submissions, results, options.victims, rng, options.longest, left):
            counts[victim] += 1
            print(f"{victim} killed with {whole(results)} of {len(wanted)} there", flush=True)
        batches += 1
        found = contents(results)
        if found != wanted:
            differ = [name for name in wanted | found if wanted.get(name) != found.get(name)]
            raise SystemExit(f"{len(differ)} results differ: {differ[:5]}, see {folder}")
        unfinished = list(results.glob("**/.unfinished-*"))
        if unfinished:
            raise SystemExit(f"left behind: {unfinished}")
    shutil.rmtree(folder)
    killed = ", ".join(f"{what} {count} times" for what, count in sorted(counts.items()))
    print(f"{batches} batches of {len(wanted)} submissions, killed: {killed}; all results equal")


if __name__ == "__main__":
    main()
