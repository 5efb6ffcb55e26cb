"""JUnit XML: a suite per student and exercise, points as properties."""

from collections.abc import Iterator

from grader.export.material import Exported, Material, Order, Told
from grader.export.wording import number
from grader.report.junit import Suite
from grader.report.junit import junit as written

__all__ = ["junit"]


def junit(material: Material, order: Order) -> Exported:
    """Write what failed as a test report; marks stand in its properties."""
    alone = len({one.mark.student for one in material.told}) == 1
    suites = [suite for one in material.told for suite in _suites(one, order, alone=alone)]
    return Exported(files={"": written(suites)})


def _suites(told: Told, order: Order, *, alone: bool) -> Iterator[Suite]:
    mark = told.mark
    whose = () if alone else (mark.student,)
    where = (mark.assignment,) if mark.assignment else ()
    for one, seen in told.pairs:
        properties = [
            ("student", mark.student), ("assignment", mark.assignment), ("exercise", one.name),
            ("points", number(one.points)), ("max_points", str(one.max_points)),
            ("total", number(mark.points)), ("total_max", str(mark.max_points)),
            *(("why", why) for why in one.why),
        ]  # fmt: skip
        yield Suite(
            name=".".join((*whose, *where, one.name)),
            exercise=seen,
            file=order.sources[one.name][0] if one.name in order.sources else "",
            properties=properties,
        )
