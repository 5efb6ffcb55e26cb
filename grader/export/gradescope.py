"""Gradescope: results.json, a test per line of the rubric.

The score on top is the mark, so that lateness and overrides count; the tests
show where it comes from. No test is hidden: if one were, students would not see
their total. `visibility` holds for everything at once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from grader.errors import UsageError
from grader.export.material import Exported, Line, Material, Order, Told, named
from grader.export.wording import NOT_FINAL, fraction, leftover
from grader.mark import ExerciseMark
from grader.model import ExerciseResult, Outcome, Status
from grader.report.escaped import inline
from grader.report.prose import details, heat_markdown
from grader.report.standalone import standalone
from grader.report.text import one_line, plain
from grader.report.wording import STATUSES, status_sentence

__all__ = ["VISIBILITIES", "gradescope", "results"]

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
#: Pictures above this are left out: the file is stored with every submission.
_LARGEST = 4_000_000
_JUDGED = frozenset({Status.GRADED, Status.NEEDS_ATTENTION})


def gradescope(material: Material, order: Order) -> Exported:
    """Write results.json: to a file for one student, into a folder for many.

    Raises:
        UsageError: no such visibility; a file, but several students.
    """
    alone = len(material.told) == 1
    return Exported(
        files={
            named(order, one, ".json", alone=alone): results(one, visibility=order.visibility)
            for one in material.told
        }
    )


def results(
    told: Told,
    *,
    visibility: str = "",
    unfinished: str = "",
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    """Write the results.json of one student.

    unfinished: what is to be said while grading goes on. extra: kept with the
    submission, for the next one; students do not see it.

    Raises:
        UsageError: no such visibility.
    """
    if visibility and visibility not in VISIBILITIES:
        message = f"no visibility {visibility}; there are: {', '.join(VISIBILITIES)}"
        raise UsageError(message)
    data: dict[str, Any] = {
        "score": float(told.mark.points),
        "output": "\n\n".join(_above(told, unfinished)),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": visibility or "visible",
        "stdout_visibility": "hidden",
        "tests": list(_tests(told)),
    }
    if extra:
        data["extra_data"] = dict(extra)
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def _above(told: Told, unfinished: str) -> Iterator[str]:
    mark = told.mark
    if unfinished:
        yield f"**{inline(unfinished)}**"
    elif not mark.final:
        yield f"**{NOT_FINAL}**"
    yield f"**{fraction(mark.points, mark.max_points)} points**"
    for one in mark.exercises:
        if one.max_points or one.points:
            why = "".join(f"; {inline(each)}" for each in one.why)
            yield f"- {inline(one.name)}: {fraction(one.points, one.max_points)}{why}"
    if mark.why:
        yield "\n".join(f"- {inline(why)}" for why in mark.why)


def _tests(told: Told) -> Iterator[dict[str, Any]]:
    room = _LARGEST
    for number, (mark, seen) in enumerate(told.pairs, 1):
        lines = told.lines(mark, seen)
        for at, line in enumerate(lines, 1):
            yield _line(f"{number}.{at}", line, seen)
        if lines:
            left = leftover(mark, [line.mark.points for line in lines])
            if left:
                yield _rest(f"{number}.{len(lines) + 1}", mark)
        elif seen.status is not Status.MISSING or mark.points:
            yield _whole(str(number), mark, seen)
        for picture in standalone(seen):
            room -= len(picture.source)
            if room > 0:
                yield {
                    "name": one_line(f"{seen.name}: {picture.title}"), "number": f"{number}.99",
                    "output": picture.html, "output_format": "html",
                }  # fmt: skip
        for heat in seen.pictures:
            yield {
                "name": one_line(f"{seen.name}: {heat.title}"), "number": f"{number}.99",
                "output": heat_markdown(heat), "output_format": "md",
            }  # fmt: skip
        if seen.advice:
            advice = "\n".join(f"- {inline(one)}" for one in seen.advice)
            name = f"{seen.name}: advice, costs nothing"
            yield {"name": name, "number": f"{number}.99", "output": advice}


def _line(number: str, line: Line, seen: ExerciseResult) -> dict[str, Any]:
    passed = line.mark.points >= line.mark.max_points and line.seen.outcome is not Outcome.ERROR
    words = details(line.seen, seen.criteria)
    if line.mark.why:
        words = "\n\n".join(filter(None, (words, inline(line.mark.why))))
    return {
        "score": line.mark.points, "max_score": line.mark.max_points,
        "status": "passed" if passed else "failed",
        "name": one_line(f"{seen.name}: {line.seen.title or line.seen.id}"),
        "number": number, "output": words,
    }  # fmt: skip


def _rest(number: str, mark: ExerciseMark) -> dict[str, Any]:
    """Say why the points of an exercise are not the sum of its lines; a test without a score."""
    why = "\n".join(f"- {inline(one)}" for one in mark.why) or "set as a whole"
    words = f"{inline(mark.name)} counts {fraction(mark.points, mark.max_points)} points.\n\n{why}"
    return {"name": f"{mark.name}: what counts", "number": number, "output": words}


def _whole(number: str, mark: ExerciseMark, seen: ExerciseResult) -> dict[str, Any]:
    """Write an exercise none of whose lines may be, or can be, told."""
    said = [status_sentence(seen.status), plain(seen.message), *mark.why]
    words = "\n\n".join(inline(one) for one in said if one)
    name = seen.name if seen.status in _JUDGED else f"{seen.name}: {STATUSES[seen.status]}"
    test: dict[str, Any] = {"name": name, "number": number, "output": words}
    if mark.max_points:
        full = mark.points >= mark.max_points
        test |= {
            "score": float(mark.points), "max_score": mark.max_points,
            "status": "passed" if full else "failed",
        }  # fmt: skip
    return test
