"""Seconds from save to verdict, warm and cold, as a student waits for them.

    python benchmarks/student_loop.py [--rounds N] [--spawn]

Cold: `python -m grader check lstm_forward` from nothing. Warm: the file is
saved while `check --watch` runs in a real terminal, until the verdict is on
the screen; the watcher's own wait is in it. --spawn: with a fresh Python per
check, as on macOS and Windows.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pexpect

ROOT = Path(__file__).resolve().parents[1]
NAME = "lstm_forward"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "OMP_NUM_THREADS": "1"}
WATCH = "from grader.student_cli import main; main()"
SPAWN = "import grader.sandbox.selfattack as s; s.FORKS = False; "


def laid_out(folder: Path) -> Path:
    """Lay out what a student has; return the file to save."""
    shutil.copytree(ROOT / "exercises", folder / "exercises")
    shutil.copy(ROOT / "course.toml", folder)
    (folder / "exercises" / ".stubs").mkdir(exist_ok=True)
    shutil.copy(ROOT / "exercises" / f"{NAME}.py", folder / "exercises" / ".stubs")
    return folder / "exercises" / f"{NAME}.py"


def cold(folder: Path, rounds: int) -> list[float]:
    """Time the whole command."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        command = [sys.executable, "-m", "grader", "check", NAME]
        subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return seconds


def warm(folder: Path, file: Path, source: str, rounds: int, *, spawn: bool) -> list[float]:
    """Time from the save to the verdict on the screen."""
    code = (SPAWN if spawn else "") + WATCH
    command = ["-c", code, "check", NAME, "--watch"]
    child = pexpect.spawn(
        sys.executable, command, cwd=str(folder), env=ENVIRONMENT, encoding="utf-8", timeout=60
    )
    seconds = []
    child.expect("q quit")
    for number in range(rounds):
        time.sleep(0.7)  # people need longer
        text = source + "\n" * (1 + number % 2)
        started = time.perf_counter()
        file.write_text(text, "utf-8")
        child.expect("public checks pass")
        seconds.append(time.perf_counter() - started)
        child.expect("q quit")
    child.send("q")
    child.expect(pexpect.EOF)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--spawn", action="store_true")
    options = parser.parse_args()
    source = (ROOT / "solutions" / f"{NAME}.py").read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = laid_out(folder)
        file.write_text(source, "utf-8")
        times = {
            "cold check": cold(folder, options.rounds),
            "save to verdict": warm(folder, file, source, options.rounds, spawn=options.spawn),
        }
    for what, seconds in times.items():
        median, worst = statistics.median(seconds), max(seconds)
        print(
            f"{what:<16} median {median:.2f} s, fastest {min(seconds):.2f} s, worst {worst:.2f} s"
        )
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
