"""The scaffold of a new exercise: every file it needs, each saying what it lacks.

It loads and can be graded from the first moment; the proof of the course names
every line that is still marked, and everything else that is wanting.
"""

import keyword
import os
import re
from pathlib import Path

from grader.course import Course
from grader.errors import UsageError
from grader.files import told, write_atomically
from grader.proof import BUGS_AT_LEAST

__all__ = ["scaffold"]

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")

SOLUTION = '''"""{title}: TODO one line on what a student builds here.

TODO the notation: x (B, D), …, everything float64. NumPy only.
"""

import numpy as np


def {name}(x):
    """TODO say what it computes.

    TODO the equation, with the code's own names.

    x (B, D). Returns y (B, D). TODO a worked number.
    """
    ### BEGIN SOLUTION
    return np.tanh(x)  # TODO the real thing
    ### END SOLUTION
'''

HIDDEN = '''"""Rubric: {title}."""

from grader.expect import expect_close, expect_shape
from grader.families import Family
from grader.pytest_plugin import points

# what each function returns, by name; "*cache" would be passed on unseen
RETURNS = {{
    "{name}": "y",
}}

# TODO how public questions to each are made, small ones first
EXAMPLES = {{
    "{name}": Family(names="x", make=lambda draw, B, D: (draw(B, D),)),
}}


# TODO a criterion each: the docstring is the line in the report
@points(1)
def test_shape(student, rng):
    """y has the shape of x"""
    x = rng.standard_normal((2, 3))
    expect_shape(student.{name}(x).y, "y", x.shape)


@points(1, needs=test_shape)
def test_values(student, reference, rng):
    """y equals the reference"""
    x = rng.standard_normal((4, 3))
    expect_close(student.{name}(x), reference.{name}(x))
'''

BUGS = '''"""Known bugs of `{name}`: where people really go wrong."""

from grader.catalogue import Bug

# TODO at least {bugs}; each patch fits exactly once and loses the criterion it names
BUGS = [
    Bug(
        id="tanh-missing",
        old="np.tanh(x)",
        new="1.0 * x",
        caught_by="values",
        says="Your y grows without end: the tanh is missing.",
    ),
]
'''

CHECKS = '''"""Public checks: {title}.

Numbers worked by hand in the handout. Passing them all is a good sign and not
yet full marks: grading uses other inputs.
Run them with `nox -s check -- {name}`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import expect_close
from grader.pytest_plugin import points

RETURNS = {{
    "{name}": "y",
}}

ZEROS = Returned(names=("y",), values=(np.zeros((1, 2)),))


# TODO a few properties and numbers that give nothing away
@points(1)
def test_zero(student):
    """{name}(0) = 0"""
    expect_close(student.{name}(np.zeros((1, 2))), ZEROS)
'''

HANDOUT = """# {title}

| | |
|---|---|
| Difficulty | TODO of 5 |
| Minutes | TODO |
| Needs | TODO |
| Afterwards you know | TODO |

TODO the story, the equations, the shapes, one worked number per function. File to fill:
`exercises/{name}.py`.

## Points

<!-- begin rubric -->

<!-- end rubric -->
"""

HINTS = """# Three hints per function: an idea, the equation, the shape of the code.

[{name}]
idea = "TODO what to think of"
equation = "TODO what to compute"
shape = "TODO what the code looks like, without being it"
"""

ENTRY = """
[[exercises]]
name = "{name}"
title = "{title}"
does = "TODO what the student writes"

[exercises.points]
shape = 1
values = 1
"""

OWN = """# Our own exercises, beside those of the course in `base`; what is listed again
# here changes what it says of an exercise. Assignments and overrides belong here, too.

name = "{name}"
base = "{base}"
"""


def scaffold(root: Path, name: str) -> list[Path]:
    """Lay out an exercise in a course folder; return what was written.

    A folder without a course becomes one that builds on the course here.

    Raises:
        UsageError: the name is no good, or something of it is there already.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        message = f"{name!r} cannot be an exercise: use small letters, digits and _, as in gru_deep"
        raise UsageError(message)
    wanted = {
        root / "solutions" / f"{name}.py": SOLUTION,
        root / "grader" / "hidden" / f"test_{name}.py": HIDDEN,
        root / "grader" / "bugs" / f"{name}.py": BUGS,
        root / "exercises" / "checks" / f"test_{name}.py": CHECKS,
        root / "exercises" / "handouts" / f"{name}.md": HANDOUT,
        root / "exercises" / "hints" / f"{name}.toml": HINTS,
    }
    toml = root / "course.toml"
    start = "" if toml.exists() else _own(root)
    if not start and name in Course.load(root).exercises:
        message = f"{toml}: there is an exercise {name} already"
        raise UsageError(message)
    if there := [path for path in wanted if path.exists()]:
        message = f"{there[0]} is there already; move it away or choose another name"
        raise UsageError(message)
    title = name.replace("_", " ").capitalize()
    with told(root):
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            filled = text.format(name=name, title=title, bugs=BUGS_AT_LEAST)
            write_atomically(path, filled.encode())
        before = start or toml.read_text("utf-8")
        entry = ENTRY.format(name=name, title=title)
        write_atomically(toml, (before.rstrip("\n") + "\n" + entry).encode())
    return [*wanted, toml]


def _own(root: Path) -> str:
    """Begin a course of one's own on top of the one in this folder."""
    here = Path()
    Course.load(here)
    base = Path(os.path.relpath(here.resolve(), root.resolve())).as_posix()
    return OWN.format(name=root.resolve().name, base=base)
