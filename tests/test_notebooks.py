"""A notebook per exercise: made of the same texts, without a secret, and worth full marks."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.checking import with_notebooks
from grader.cli import main
from grader.course import Course
from grader.errors import AuthoringError
from grader.intake import read_submission
from grader.intake.notebook import notebook_source
from grader.nbgrader_course import holes, student_notebooks
from grader.notebooks import (
    HELPER,
    as_notebook,
    check_cell,
    laid_out,
    questions_of,
    written_cells,
)
from grader.release import handouts
from grader.stub import is_stub
from tests.helpers import ROOT
from tests.notebook_home import at_home, solve, solved

COURSE = Course.load(ROOT)

HANDOUT = """\
# Title

Words.

## Functions

### 1. `one(x)`

    # no heading, but code

### 2. Two at once

`two(x)` and `three(x)`.

```
### not a heading
```

## How it is graded
"""
STUB = '''\
"""What it is."""

import numpy as np

TWO = 2


def one(x):
    """One."""
    # YOUR CODE HERE
    raise NotImplementedError("one")


# what belongs to two
def two(x):
    raise NotImplementedError("two")


def three(x):
    raise NotImplementedError("three")


def helper(x):
    return TWO * x
'''
QUESTIONS = """\
# In words

A person reads this.

## First thing (2 points)

What did you see?

### BEGIN SOLUTION
A number.
### END SOLUTION

## Second thing (1 point)

Why?

### BEGIN SOLUTION
Because.
### END SOLUTION
"""


def run(*arguments: object) -> int:
    """Run a command in this process; return its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture(name="notebooks", scope="module")
def _notebooks() -> dict[str, bytes]:
    return student_notebooks(COURSE, handouts(COURSE))


def test_each_function_follows_what_is_said_about_it() -> None:
    """Sections in the handout's order, functions in the program's, a check after each."""
    cells = laid_out("toy", HANDOUT, STUB)
    shown = [cell.text.splitlines()[0] if not cell.code else cell.id for cell in cells]
    assert shown == [
        "# Title", "setup-toy", "setting", "## Functions", "### 1. `one(x)`", "code-one",
        "check-toy", "### 2. Two at once", "code-two", "code-three", "code-helper", "check-toy",
        "## How it is graded",
    ]  # fmt: skip
    assert "# what belongs to two" in next(c.text for c in cells if c.id == "code-two")


def test_a_handout_that_names_no_function_is_followed_by_all_of_them() -> None:
    """Nothing of the program is ever lost, whatever the handout is like."""
    for handout in ("", "# Title\n\nWords.", "### 9. `elsewhere(x)`"):
        source = as_notebook(laid_out("toy", handout, STUB))
        assert is_stub(notebook_source(source, "toy.ipynb").text, STUB)


def test_the_marker_that_ends_a_block_stays_with_it() -> None:
    """Comments may stand between the last statement and the marker."""
    source = (
        "def f():\n    ### BEGIN SOLUTION\n    return 1\n    # so\n    ### END SOLUTION\n\n\n"
        "def g():\n    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION\n"
    )
    texts = [cell.text for cell in laid_out("toy", "", source) if cell.has_hole]
    assert [text.count("END SOLUTION") for text in texts] == [1, 1]
    assert [text[:5] for text in texts] == ["def f", "def g"]


def test_notebooks_are_valid_and_always_the_same(notebooks: dict[str, bytes]) -> None:
    """Jupyter's own format has nothing to say; the same course gives the same bytes."""
    assert notebooks == student_notebooks(Course.load(ROOT), handouts(COURSE))
    assert {f"{name}.ipynb" for name in COURSE.names} <= notebooks.keys()
    for data in notebooks.values():
        nbformat.validate(nbformat.reads(data.decode(), as_version=4))  # type: ignore[no-untyped-call]
        assert b"BEGIN SOLUTION" not in data
        assert b"\r" not in data


@pytest.mark.parametrize("name", COURSE.names)
def test_an_untouched_notebook_is_not_started(notebooks: dict[str, bytes], name: str) -> None:
    """Setup and check cells are no work of the student's."""
    source = notebook_source(notebooks[f"{name}.ipynb"], f"{name}.ipynb")
    assert is_stub(source.text, COURSE.stub(name))


@pytest.mark.parametrize("name", COURSE.names)
def test_the_cells_of_a_solution_are_the_solution(name: str) -> None:
    """Put together again, line by line; every hole is in a cell named after its function."""
    cells = [cell for cell in laid_out(name, "", COURSE.source(name)) if cell.code]
    lines = [line for cell in cells for line in cell.text.splitlines() if cell.id[:5] in
             {"code-", "setti"}]  # fmt: skip
    assert [line for line in lines if line.strip()] == [
        line for line in COURSE.source(name).splitlines() if line.strip()
    ]
    assert holes(COURSE, name)
    # what stands above the first function is a setting
    functions = set(holes(COURSE, name)) - {"setting"}
    assert all(f"def {function}(" in COURSE.source(name) for function in functions)


def test_a_filled_notebook_earns_full_marks(notebooks: dict[str, bytes], tmp_path: Path) -> None:
    """Handed in in place of the .py, alone, with its check cells in it."""
    target = tmp_path / "lstm_forward.ipynb"
    target.write_bytes(solved(notebooks["lstm_forward.ipynb"], "lstm_forward"))
    out = tmp_path / "out"
    assert run("grade", target, "--results", out, "--course", ROOT, "--no-pages", "--strict") == 0
    report = json.loads((out / "lstm_forward.json").read_text("utf-8"))
    one = next(each for each in report["exercises"] if each["name"] == "lstm_forward")
    assert one["points"] == one["max_points"] > 0


# --- what nbgrader makes of a notebook -------------------------------------------------


def test_nbgraders_holes_are_holes_and_its_tests_are_not_the_students() -> None:
    """`raise NotImplementedError()` gets its function's name; a test cell is left out."""
    metadata = {"nbgrader": {"grade": True, "locked": True, "solution": False, "grade_id": "t"}}
    manual = {"nbgrader": {"grade": True, "solution": True, "grade_id": "m"}}
    cells = [
        ("def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()", {}),
        ("assert f(1) == 1", metadata),
        ("y = 3", manual),
    ]
    notebook = {
        "cells": [
            {"cell_type": "code", "id": str(k), "metadata": of, "source": text, "outputs": [],
             "execution_count": None}
            for k, (text, of) in enumerate(cells)
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    text = notebook_source(json.dumps(notebook).encode(), "a.ipynb").text
    assert 'raise NotImplementedError("f")' in text
    assert "assert" not in text
    assert "y = 3" in text
    assert "# --- cell 3" in text


# --- questions in words ----------------------------------------------------------------


def test_answers_are_for_the_instructor_alone() -> None:
    """Students get the question and a cell to write in; nbgrader a manually graded one."""
    public = list(written_cells("toy", QUESTIONS))
    assert public[0].text.startswith("# In words")
    assert not [cell for cell in public if "number" in cell.text or "SOLUTION" in cell.text]
    private = [cell for cell in written_cells("toy", QUESTIONS, private=True) if cell.nbgrader]
    assert [cell.nbgrader["grade_id"] for cell in private] == [
        "answer-first-thing", "answer-second-thing",
    ]  # fmt: skip
    assert [cell.nbgrader["points"] for cell in private] == [2, 1]
    assert "A number." in private[0].text


def test_a_question_says_what_it_is_worth_and_what_is_right() -> None:
    """Otherwise its author is told, with the heading."""
    for text in ("## No points\n\nWhat?\n", "## A (1 point)\n\nWhat?\n"):
        with pytest.raises(AuthoringError, match="here.md: '## "):
            questions_of(text, "here.md")


# --- at the student's ------------------------------------------------------------------


@pytest.fixture(name="home")
def _home(notebooks: dict[str, bytes], tmp_path: Path) -> Path:
    return at_home(tmp_path / "Übung eins", notebooks)


def test_check_takes_a_notebook_in_place_of_the_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its verdict is remembered, and `progress` knows of it."""
    path = solve(home, "lstm_forward")
    assert run("check", path, "--course", home) == 0
    assert "Well done." in capsys.readouterr().out
    assert run("check", "lstm_forward", "--course", home) == 0
    assert "You have not started" in capsys.readouterr().out
    assert run("check", path, "--course", home) == 0
    capsys.readouterr()
    assert run("progress", "--course", home) == 0
    assert "1 of" in capsys.readouterr().out
    assert run("check", path, "--watch", "--course", home) == 2
    assert "a notebook is checked by its own cells" in capsys.readouterr().err


def test_earlier_exercises_come_from_whichever_was_worked_on(home: Path) -> None:
    """An edited notebook stands for an untouched .py; an edited .py stands for itself."""
    solve(home, "lstm_forward")
    stubs = {name: COURSE.stub(name) for name in ("lstm_forward", "lstm_backward")}
    mine = read_submission(home / "exercises", COURSE.stubs())
    both = with_notebooks(mine, home / "notebooks", stubs)
    assert both.files["lstm_forward"].path.endswith(".ipynb")
    assert both.files["lstm_backward"].path.endswith(".py")
    (home / "exercises" / "lstm_forward.py").write_text("x = 1\n", "utf-8")
    mine = read_submission(home / "exercises", COURSE.stubs())
    assert with_notebooks(mine, home / "notebooks", stubs).files["lstm_forward"].text == "x = 1\n"
    given = with_notebooks(mine, home / "notebooks", stubs, ["lstm_forward"])
    assert given.files["lstm_forward"].path.endswith(".ipynb")


def test_the_check_cell_runs_our_check_and_prints_its_verdict(home: Path) -> None:
    """With the hand-out's start.py, whatever the kernel's Python has installed."""
    words = check_cell("lstm_forward").text.splitlines()[-1].removeprefix("%run ").split()
    before = _helper(home / "notebooks", *words)
    assert "Start here: You have not started lstm_forward yet" in before
    solve(home, "lstm_forward")
    assert "Well done." in _helper(home / "notebooks", *words)


def test_where_the_hand_out_is_not_the_check_cell_says_so(home: Path) -> None:
    """No error: the notebook still runs from top to bottom."""
    (home / "start.py").unlink()
    assert "set CAROUSEL_HANDOUT" in _helper(home / "notebooks", HELPER, "check", "gru")


def test_a_notebook_imports_earlier_notebooks(home: Path) -> None:
    """The setup cell lets `from lstm_forward import ...` find whichever has fewer holes."""
    solve(home, "lstm_forward")
    code = (
        "import sys, runpy; sys.argv = ['carousel.py', 'setup', 'lstm_backward'];"
        "runpy.run_path('carousel.py', run_name='__main__');"
        "import lstm_forward, gru; print(lstm_forward.__spec__.origin, gru.__spec__.origin)"
    )
    said = _python(home / "notebooks", "-c", code)
    assert "lstm_forward.ipynb" in said
    assert "gru.ipynb" in said


def _helper(folder: Path, *words: str) -> str:
    return _python(folder, *words)


def _python(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
