"""Graders on the ten checks: what each needs laid out, how it is run, what it found.

Peers run a student's code unconfined, with their own rights and network, in the
process that judges it or in a kernel beside it. Each has a virtual environment
of its own, byte-compiled by pip.
"""

# ruff: noqa: EM102, TRY003  a benchmark ends with what is wrong
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import venv
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import nbformat
from metered import Metered, metered
from notebooks import filled, nbgrader_source, otter_tests, plain, write

__all__ = ["PEERS", "Nbgrader", "Otter", "Ours", "Place", "Pytest", "bare", "loops"]

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "benchmarks" / "ten_checks"
CHECKS = ROOT / "benchmarks" / "peers"
NAME = "lstm_cell"
WORTH = 10
PEERS = {
    "nbgrader": ("nbgrader==0.9.6", "ipykernel==7.4.0"),
    "otter": ("otter-grader==7.0.0", "ipykernel==7.4.0"),
    "pytest": (f"pytest=={version('pytest')}",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a measurement happens: a scratch folder, cores as taskset names them."""

    folder: Path
    cores: str

    def run(self, *command: object, cwd: Path | None = None, **extra: str) -> Metered:
        """Run a command there."""
        cwd = cwd or self.folder
        return metered(command, cores=self.cores, cwd=cwd, extra=extra, log=self.folder / "log")


def sources(folder: Path) -> list[Path]:
    """List the submissions of a class of one .py per student."""
    return sorted(folder.glob("*.py"))


def environment(cache: Path, peer: str) -> Path:
    """Make the environment of a peer, once; return its Python."""
    folder = cache / peer
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, clear=True, with_pip=True)
        packages = (*PEERS[peer], f"numpy=={version('numpy')}")
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
            check=True,
        )
        (folder / "complete").touch()
    return python


@dataclass(frozen=True, slots=True)
class Ours:
    """`python -m grader grade`, sandboxed."""

    place: Place
    options: tuple[str, ...]

    def grade(self, folder: Path) -> Metered:
        """Grade a class into a new results folder."""
        results = self.place.folder / "results"
        shutil.rmtree(results, ignore_errors=True)
        took = self.place.run(
            sys.executable, "-m", "grader", "grade", folder, "--course", COURSE, "--results",
            results, "--seed", "1", "--require-isolation", "confined", *self.options,
            PYTHONPATH=str(ROOT),
        )  # fmt: skip
        reports = [json.loads(p.read_bytes()) for p in results.glob("[!.]*.json")]
        right("grader", [report["points"] for report in reports], len(sources(folder)))
        return took


@dataclass(frozen=True, slots=True)
class Pytest:
    """`python -m pytest` on a test file, a process per submission."""

    place: Place
    python: Path

    def grade(self, folder: Path) -> list[Metered]:
        """Run pytest once per submission."""
        tests = self.place.folder / "pytest"
        shutil.copytree(CHECKS, tests, dirs_exist_ok=True)
        shutil.copy(COURSE / "solutions" / f"{NAME}.py", tests / "reference.py")
        took = []
        for path in sources(folder):
            student = self.place.folder / "pytest-student"
            shutil.rmtree(student, ignore_errors=True)
            student.mkdir()
            shutil.copy(path, student / f"{NAME}.py")
            took.append(
                self.place.run(
                    self.python, "-m", "pytest", "-q", "--junitxml", student / "result.xml",
                    "test_ten_checks.py", cwd=tests, PYTHONPATH=str(student),
                )
            )  # fmt: skip
            right("pytest", [WORTH] if "10 passed" in took[-1].printed else [0], 1)
        return took


@dataclass(slots=True)
class Nbgrader:
    """`nbgrader autograde`, one call for all."""

    place: Place
    python: Path
    _home: Path = field(init=False)

    def __post_init__(self) -> None:
        self._home = self.place.folder / "nbgrader"

    def prepare(self, folder: Path) -> None:
        """Lay out a course: a released assignment and everybody's notebook."""
        helpers(self._home / "modules")
        config = 'c = get_config()\nc.CourseDirectory.course_id = "ten"\n'
        (self._home / "nbgrader_config.py").write_text(config, "utf-8")
        solution = (COURSE / "solutions" / f"{NAME}.py").read_text("utf-8")
        source = nbgrader_source(solution, check_names())
        write(self._home / "source" / "ten" / f"{NAME}.ipynb", source)
        self._call("generate_assignment", "ten", "--force")
        release = nbformat.read(self._home / "release" / "ten" / f"{NAME}.ipynb", 4)
        for path in sources(folder):
            there = self._home / "submitted" / path.stem / "ten" / f"{NAME}.ipynb"
            write(there, filled(release, path.read_text("utf-8")))
        shutil.copy(self._home / "gradebook.db", self._home / "released.db")

    def grade(self, folder: Path) -> Metered:
        """Grade everybody, from the state after the release."""
        shutil.rmtree(self._home / "autograded", ignore_errors=True)
        shutil.copy(self._home / "released.db", self._home / "gradebook.db")
        took = self._call("autograde", "ten")
        query = (
            "select sum(coalesce(grade.auto_score, 0)) from grade "
            "join submitted_notebook on grade.notebook_id = submitted_notebook.id "
            "group by submitted_notebook.id"
        )
        with closing(sqlite3.connect(self._home / "gradebook.db")) as book:
            scores = [row[0] for row in book.execute(query)]
        right("nbgrader", scores, len(sources(folder)))
        return took

    def _call(self, *arguments: str) -> Metered:
        return self.place.run(
            self.python.parent / "nbgrader", *arguments, cwd=self._home,
            **jupyter(self._home, self.python), PYTHONPATH=str(self._home / "modules"),
        )  # fmt: skip


@dataclass(slots=True)
class Otter:
    """`otter.api.grade_submission`, one process for all."""

    place: Place
    python: Path
    _home: Path = field(init=False)

    def __post_init__(self) -> None:
        self._home = self.place.folder / "otter"

    def prepare(self, folder: Path) -> None:
        """Pack the tests, and make everybody's notebook."""
        helpers(self._home / "modules")
        tests = otter_tests(self._home / "tests", check_names())
        self.place.run(
            self.python.parent / "otter", "generate", "-t", tests, "-o",
            self._home / "autograder.zip", "--no-config", "--no-requirements",
            "--no-environment", cwd=self._home, **jupyter(self._home, self.python),
        )  # fmt: skip
        for path in sources(folder):
            notebook = plain(path.read_text("utf-8"))
            write(self._home / "submitted" / f"{path.stem}.ipynb", notebook)

    def grade(self, folder: Path) -> Metered:
        """Grade everybody."""
        notebooks = [self._home / "submitted" / f"{path.stem}.ipynb" for path in sources(folder)]
        took = self.place.run(
            self.python, CHECKS / "otter_all.py", self._home / "autograder.zip", *notebooks,
            cwd=self._home, **jupyter(self._home, self.python),
            PYTHONPATH=str(self._home / "modules"),
        )  # fmt: skip
        right("otter", json.loads(took.printed.splitlines()[-1]), len(notebooks))
        return took


def bare(place: Place, folder: Path) -> list[tuple[float, float]]:
    """Measure our rubric without any grader: wall and CPU seconds of each submission."""
    took = place.run(
        sys.executable, ROOT / "benchmarks" / "floor.py", folder, PYTHONPATH=str(ROOT)
    )  # fmt: skip
    return [(wall, cpu) for wall, cpu in json.loads(took.printed)]


def loops(place: Place, folder: Path) -> list[tuple[float, float]]:
    """Measure the peers' checks without any grader, in the same way."""
    modules = helpers(place.folder / "loops")
    took = place.run(
        sys.executable, modules / "loops.py", *sources(folder), PYTHONPATH=str(modules)
    )
    return [(wall, cpu) for wall, cpu in json.loads(took.printed)]


def helpers(folder: Path) -> Path:
    """Put the checks and their reference where a peer's kernel can import them."""
    shutil.copytree(CHECKS, folder, dirs_exist_ok=True)
    shutil.copy(COURSE / "solutions" / f"{NAME}.py", folder / "reference.py")
    return folder


def check_names() -> list[str]:
    """List the ten checks, as course.toml does."""
    from grader.course import Course  # noqa: PLC0415  after NumPy's threads are set

    return list(Course.load(COURSE).exercises[NAME].points)


def jupyter(home: Path, python: Path) -> dict[str, str]:
    """Let Jupyter find its programs, and keep it out of the user's home."""
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    own = {name: str(home / ".jupyter" / name.lower()) for name in names}
    return own | {"PATH": f"{python.parent}:{os.environ['PATH']}"}


def right(who: str, points: Sequence[float], count: int) -> None:
    """End here unless everybody was graded and got full marks."""
    if len(points) != count or any(each != WORTH for each in points):
        raise SystemExit(f"{who}: {len(points)} of {count} graded, marks {sorted(set(points))}")
