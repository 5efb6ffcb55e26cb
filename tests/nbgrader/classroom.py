"""A small class in nbgrader's own tree: a course of two assignments, and what was handed in."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.cli import main
from grader.course import Course
from grader.notebooks import laid_out
from tests.helpers import ROOT

#: Two assignments: one that is late by a day for bela, one with a question in words.
RULES = f"""
name = "Two weeks"
base = {json.dumps(str(ROOT))}

[[assignments]]
name = "week 1"
exercises = ["lstm_forward"]
due = 2026-11-16T23:59:00+01:00
late = {{ percent_per_day = 10 }}

[[assignments]]
name = "week 2"
exercises = ["gate_analysis"]

[[overrides]]
do = "points"
student = "bela"
assignment = "week 1"
exercise = "lstm_forward"
criterion = "pytorch"
points = 0
reason = "shown in the tutorial"
author = "Ruth"
date = 2026-11-20

[[overrides]]
do = "points"
student = "chiara"
assignment = "week 1"
exercise = "lstm_forward"
points = 20
reason = "explained it at the board"
author = "Ruth"
date = 2026-11-20
"""
#: A right line of the solution, and what bela wrote.
SLIP = ("h = o * np.tanh(c)\n", "h = o * c\n")
WEEK_1, WEEK_2 = "week 1", "week 2"
ANSWER = "Unit 3 keeps what it has for 20 steps: its f is 0.953 on average."


@dataclass(frozen=True)
class Classroom:
    """Where everything is."""

    course: Path
    nbgrader: Path
    results: Path

    def nb(self, *words: str, **more: str) -> str:
        """Run nbgrader in its course; return everything it says."""
        scripts = Path(sys.executable).parent
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words], cwd=self.nbgrader, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
            env=os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"} | more,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, *words: object) -> int:
        """Run one of our commands; return its exit code."""
        try:
            main([*map(str, words), "--course", str(self.course)])
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    def grade(self, assignment: str) -> None:
        """Grade an assignment of the tree, for the results."""
        code = self.run(
            "grade", self.nbgrader, "--results", self.results, "--assignment", assignment,
            "--no-pages", "--seed", 7, "--jobs", 1,
        )  # fmt: skip
        assert code == 0

    def export(self, db: str = "") -> None:
        """Export all marks."""
        words = ["export", "nbgrader", self.results, "--to", self.nbgrader]
        assert self.run(*words, *(["--db", db] if db else [])) == 0

    def hand_in(
        self, student: str, assignment: str, exercise: str, *, when: str = "",
        slip: tuple[str, str] = ("", ""), answer: str = "",
    ) -> Path:  # fmt: skip
        """Fill the notebook that nbgrader gives out, and put it where nbgrader collects it."""
        given = self.nbgrader / "release" / assignment / f"{exercise}.ipynb"
        source = Course.load(self.course).source(exercise).replace(*slip)
        notebook = filled(given.read_bytes(), exercise, source, answer)
        folder = self.nbgrader / "submitted" / student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / given.name).write_bytes(notebook)
        if when:
            (folder / "timestamp.txt").write_text(when, "utf-8")
            # what `nbgrader collect` leaves there, too
            (folder / "submission_secret.txt").write_text(f"secret of {student}", "utf-8")
        return folder / given.name


def filled(notebook: bytes, exercise: str, source: str, answer: str = "") -> bytes:
    """Put a program into the holes of a notebook, and an answer into its first answer cell."""
    cells = {cell.id: cell.text for cell in laid_out(exercise, "", source) if cell.has_hole}
    return edited(notebook, cells, answer)


def edited(notebook: bytes, cells: Mapping[str, str], answer: str = "") -> bytes:
    """Replace cells of a notebook by id."""
    read = json.loads(notebook)
    for cell in read["cells"]:
        mine = cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"].partition("-")[2])
        if mine in cells:
            cell["source"] = cells[mine]
        elif answer and mine.startswith("answer-"):
            cell["source"], answer = answer, ""
    return json.dumps(read).encode()


def opened(folder: Path) -> Classroom:
    """Lay out the course, release it for nbgrader and let nbgrader make its assignments."""
    course = folder / "course"
    course.mkdir()
    (course / "course.toml").write_text(RULES, "utf-8")
    room = Classroom(course, folder / "nbgrader", folder / "results")
    assert room.run("release", "--format", "nbgrader", "--to", room.nbgrader) == 0
    for assignment in (WEEK_1, WEEK_2):
        room.nb("generate_assignment", assignment)
    return room


def copied(room: Classroom, folder: Path) -> Classroom:
    """Copy a class, to do something else with it."""
    shutil.copytree(room.course.parent, folder, dirs_exist_ok=True)
    return Classroom(folder / "course", folder / "nbgrader", folder / "results")
