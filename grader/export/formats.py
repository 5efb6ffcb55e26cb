"""Every format there is: its name on the command line, and who writes it."""

from collections.abc import Mapping

from grader.export.material import Exporter
from grader.export.nbgrader import nbgrader
from grader.export.table import table

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Exporter] = {
    "csv": table,
    "nbgrader": nbgrader,
}
