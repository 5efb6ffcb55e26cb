"""A CSV for a spreadsheet: a line per student."""

from grader.export.material import Exported, Material, Order
from grader.report.marks import marks_csv

__all__ = ["table"]


def table(material: Material, _order: Order) -> Exported:
    """Write a line per student: who, each assignment, total."""
    return Exported(files={"": marks_csv(material.marks).encode("utf-8-sig")})
