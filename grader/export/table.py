"""A CSV for a spreadsheet: a line per student."""

from grader.export.material import Exported, Material, Order
from grader.export.wording import unfilled
from grader.report.marks import marks_csv

__all__ = ["table"]


def table(material: Material, _order: Order) -> Exported:
    """Write a line per student: who, each assignment, total; tell whose is not final."""
    open_ = list(dict.fromkeys(one.student for one in material.marks if not one.final))
    return Exported(
        files={"": marks_csv(material.marks).encode("utf-8-sig")},
        notes=(unfilled("not final, a part of it needs attention", open_),) if open_ else (),
    )
