"""Every bundle there is: its name on the command line, and who writes it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from grader.bundles.classroom50 import classroom50
from grader.bundles.gradescope import gradescope
from grader.bundles.nbgrader import nbgrader
from grader.bundles.wanted import Wanted
from grader.course import Course

__all__ = ["BUNDLES", "Bundle"]

#: Writes into a folder that exists, and says where.
Bundle = Callable[[Course, Path, Wanted], Path]

BUNDLES: Mapping[str, Bundle] = {
    "gradescope": gradescope,
    "classroom50": classroom50,
    "nbgrader": nbgrader,
}
