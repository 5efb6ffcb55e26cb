"""A course of toys: small enough to read at a glance, with all that an exercise can have.

early    a forward, y = tanh(x W + b), with W and b in a dict
late     its backward; imports the student's early
drawn    figures, one of them saved to a file
brought  arrays that are handed in, and a line that only an instructor can judge
"""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from grader.course import Course

__all__ = ["EARLY", "LATE", "SOLUTIONS", "npz", "toy_course"]

COURSE = """
name = "Toys"

[[exercises]]
name = "early"
title = "Early"
does = "the forward"
points = { squash = 1, values = 2, rows = 2 }

[[exercises]]
name = "late"
title = "Late"
does = "the backward"
needs = ["early"]
points = { gradients = 4, linear = 1, half = 1, own = 1 }

[[exercises]]
name = "drawn"
title = "Drawn"
does = "figures"
figures = true
points = { mesh = 1, saved = 1, looks = 1 }

[[exercises]]
name = "brought"
title = "Brought"
does = "arrays"
points = { weights = 1, answers = 1, trained = 1 }
"""

EARLY = '''
import numpy as np


def squash(a):
    """Squash."""
    ### BEGIN SOLUTION
    return np.tanh(a)
    ### END SOLUTION


def forward(x, p):
    """x (N, D), p: W (D, H) and b (1, H); returns y (N, H) and a cache."""
    ### BEGIN SOLUTION
    y = squash(x @ p["W"] + p["b"])
    return y, (x, p["W"], 1.0 - y**2)
    ### END SOLUTION
'''

LATE = '''
import numpy as np

from early import squash


def backward(dy, cache):
    """Return dx and a dict with the keys of p."""
    ### BEGIN SOLUTION
    x, W, slope = cache
    da = dy * slope
    return da @ W.T, {"W": x.T @ da, "b": da.sum(axis=0, keepdims=True)}
    ### END SOLUTION


def half(a):
    """Half of a squashed number."""
    ### BEGIN SOLUTION
    return 0.5 * squash(a)
    ### END SOLUTION


def own(a):
    """Nothing of the earlier exercise."""
    ### BEGIN SOLUTION
    return 2.0 * a
    ### END SOLUTION
'''

DRAWN = '''
import matplotlib.pyplot as plt


def plot(a):
    """Draw a as cells."""
    ### BEGIN SOLUTION
    figure, axes = plt.subplots()
    axes.imshow(a)
    axes.set_title("cells")
    return figure
    ### END SOLUTION


def save(a, path):
    """Draw a line and save it."""
    ### BEGIN SOLUTION
    figure, axes = plt.subplots()
    axes.plot(a[0])
    figure.savefig(path)
    return figure
    ### END SOLUTION
'''

BROUGHT = '''
import numpy as np


def predict(a):
    """Add one."""
    ### BEGIN SOLUTION
    return a + 1.0
    ### END SOLUTION
'''

SOLUTIONS: Mapping[str, str] = {"early": EARLY, "late": LATE, "drawn": DRAWN, "brought": BROUGHT}

HEAD = """
import numpy as np
from grader.calls import SCRATCH, Made, Returned
from grader.drawing import drawing
from grader.expect import *
from grader.gradients import Gradient
from grader.pytest_plugin import picture, points


def draw(rng, N=3, D=2, H=4):
    p = {"W": rng.standard_normal((D, H)), "b": rng.standard_normal((1, H))}
    return rng.standard_normal((N, D)), p
"""

RUBRICS = {
    "early": '''
RETURNS = {"squash": "s", "forward": "y *cache"}


@points(1)
def test_squash(student, reference, rng):
    """squash"""
    a = rng.standard_normal(5)
    expect_close(student.squash(a), reference.squash(a))


@points(2)
def test_values(student, reference, rng):
    """y of a few cases"""
    for case in (draw(rng), draw(rng, 1, 3, 2)):
        expect_close(student.forward(*case), reference.forward(*case), "y")


@points(2)
def test_rows(student, rng):
    """Rows do not mix"""
    x, p = draw(rng)
    whole = student.forward(x, p)
    expect_shape(whole.y, "y", (3, 4))
    expect_depends(whole, "y")
    row = student.forward(x[1:2], p)
    expect_close(row, Returned(names=("y",), values=(whole.y[1:2],)), instead="in the batch")
''',
    "late": '''
RETURNS = {"forward": "y *cache", "backward": "dx dp", "half": "h", "own": "o"}
GRADIENTS = {
    "backward": Gradient(of="forward", given="dy cache", values=("early.values", "early.rows"))
}


def cache(case):
    return Made(function="forward", args=case, kwargs={}, position=1)


@points(4)
def test_gradients(student, reference, rng):
    """dx and dp"""
    for case in (draw(rng), draw(rng, 1, 3, 2)):
        shape = (len(case[0]), case[1]["W"].shape[1])
        question = (rng.standard_normal(shape), cache(case))
        expect_gradients(student.backward(*question), reference.backward(*question))


@points(1, needs=test_gradients)
def test_linear(student, rng):
    """Twice the upstream gradient gives twice dx"""
    case = draw(rng)
    dy = rng.standard_normal((3, 4))
    once, twice = (student.backward(k * dy, cache(case)) for k in (1.0, 2.0))
    expect_depends(once, "dx")
    want = Returned(names=("dx",), values=(2.0 * once.dx,))
    expect_close(twice, want, instead="twice")


@points(1)
def test_half(student, reference, rng):
    """half"""
    a = rng.standard_normal(5)
    expect_close(student.half(a), reference.half(a))


@points(1)
def test_own(student, reference, rng):
    """own"""
    a = rng.standard_normal(5)
    expect_close(student.own(a), reference.own(a))
''',
    "drawn": '''
RETURNS = {"plot": "@figure", "save": "@figure"}


def cells(figure):
    expect(isinstance(figure, dict), "plot should return a figure")
    return [mesh for axes in figure["axes"] for mesh in axes["meshes"]]


@points(1)
def test_mesh(student, reference, rng):
    """The cells are those of a"""
    a = rng.standard_normal((3, 4))
    got, want = (cells(asked.plot(a).figure) for asked in (student, reference))
    expect(len(got) == len(want), f"{len(got)} meshes")
    expect(np.allclose(got[0], want[0]), "the cells are others")


@points(1)
def test_saved(student, rng):
    """A picture is saved"""
    figure = student.save(rng.standard_normal((3, 4)), SCRATCH).figure
    expect(isinstance(figure, dict) and figure["saved"] > 0, "nothing was saved")


@points(1)
def test_looks(student, rng):
    """It has a title"""
    figure = student.plot(rng.standard_normal((3, 4))).figure
    expect(isinstance(figure, dict), "plot should return a figure")
    if [axes["title"] for axes in figure["axes"]] != ["cells"]:
        raise Review("is this a title?")


@picture
def picture_drawn(student):
    """What it drew"""
    return drawing("Drawn", "by plot", student.drawn("plot", np.eye(3)))
''',
    "brought": '''
RETURNS = {"submitted": "arrays", "predict": "y"}


@points(1)
def test_weights(student, reference):
    """W is handed in"""
    expect_close(student.submitted(), reference.submitted())


@points(1)
def test_answers(student, reference, rng):
    """predict adds one"""
    a = rng.standard_normal(3)
    expect_close(student.predict(a), reference.predict(a))


@points(1, diagnosed=False)
def test_trained(student, reference, rng):
    """predict adds one, asked for in a slow way"""
    a = rng.standard_normal(3)
    expect_close(student.predict(a), reference.predict(a))
''',
}

BUGS = {
    "early": '''
from dataclasses import replace

from grader.catalogue import Bug


class Mirrored:
    """The columns of y come last one first."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def forward(self, x, p):
        seen = self._student.forward(x, p)
        if getattr(seen.y, "ndim", 0) != 2:
            return seen
        return replace(seen, values=(seen.y[:, ::-1], *seen.values[1:]))


BUGS = [
    Bug(id="sine", old="return np.tanh(a)", new="return np.sin(a)", caught_by="squash",
        says="You take the sine."),
    Bug(id="no-bias", old=' + p["b"]', new="", caught_by="values", says="You leave out b."),
    Bug(id="mirrored", old="return y, (", new="return y[:, ::-1], (", caught_by="values",
        convention=True, adapter="Mirrored", says="Your y has its last column first."),
]
''',
    "late": '''
from grader.catalogue import Bug


class Mirrored:
    """The columns of y, and so of dy, come last one first."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def backward(self, dy, cache):
        return self._student.backward(dy[:, ::-1].copy(), cache)


BUGS = [
    Bug(id="no-slope", old="da = dy * slope", new="da = dy", caught_by="gradients",
        says="You leave out the slope."),
    Bug(id="mean-bias", old="da.sum(axis=0, keepdims=True)", new="da.mean(axis=0, keepdims=True)",
        caught_by="gradients", says="Your b is a mean."),
]
''',
    "brought": """
from grader.catalogue import Bug

BUGS = [
    Bug(id="not-trained", caught_by="weights", says="Your W was never trained.",
        data=lambda arrays: {**arrays, "W": 0.0 * arrays["W"] + [1.0, 2.0, 5.0]}),
    Bug(id="adds-two", old="a + 1.0", new="a + 2.0", caught_by="answers", says="You add two."),
]
""",
}

#: What the solution of `brought` would hand in.
ARRAYS = {"W": np.array([3.0, 1.0, 4.0])}


def npz(**arrays: object) -> bytes:
    """Write arrays as a student's np.savez does."""
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def toy_course(folder: Path) -> Course:
    """Write the toys to a folder."""
    for part in ("solutions", "grader/hidden", "grader/bugs"):
        (folder / part).mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE, "utf-8")
    for name, source in SOLUTIONS.items():
        (folder / "solutions" / f"{name}.py").write_text(source, "utf-8")
        (folder / "grader" / "hidden" / f"test_{name}.py").write_text(HEAD + RUBRICS[name], "utf-8")
        (folder / "grader" / "bugs" / f"{name}.py").write_text(
            BUGS.get(name, "BUGS = []\n"), "utf-8"
        )
    (folder / "solutions" / "brought.npz").write_bytes(npz(**ARRAYS))
    return Course.load(folder)
