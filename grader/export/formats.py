"""Every format there is: its name on the command line, and who writes it."""

from collections.abc import Mapping

from grader.export.canvas import canvas
from grader.export.classroom50 import classroom50
from grader.export.github import github
from grader.export.gradescope import gradescope
from grader.export.junit import junit
from grader.export.material import Exporter
from grader.export.moodle import moodle
from grader.export.nbgrader import nbgrader
from grader.export.table import table

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Exporter] = {
    "csv": table,
    "canvas": canvas,
    "moodle": moodle,
    "gradescope": gradescope,
    "classroom50": classroom50,
    "github": github,
    "junit": junit,
    "nbgrader": nbgrader,
}
