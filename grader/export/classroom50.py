"""Classroom 50: result.json, version 1, whole numbers only.

A point is a hundred here, for every student: marks have hundredths, and nothing
may be rounded. Who, which commit and which release are what the runner says in
the environment.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

import msgspec

from grader.export.material import Exported, Material, Order, Told, named
from grader.export.wording import NOT_FINAL, leftover
from grader.mark import ExerciseMark
from grader.model import ExerciseResult
from grader.report.text import one_line

__all__ = ["SCALE", "classroom50"]

SCALE = 100
SCHEMA = "classroom50/result/v1"
_NEVER = "1970-01-01T00:00:00Z"
_LONGEST = 500
_KINDS = frozenset({"individual", "group", "team"})


def classroom50(material: Material, order: Order) -> Exported:
    """Write result.json: to a file for one student, into a folder for many.

    Raises:
        UsageError: a file, but several students.
    """
    alone = len(material.told) == 1
    notes = (f"a point is {SCALE} in result.json, which has no fractions",)
    files = {
        named(order, one, ".json", alone=alone): _result(
            one, order.environment, material.rules.zone
        )
        for one in material.told
    }
    return Exported(files=files, notes=notes)


def _result(told: Told, environment: Mapping[str, str], zone: tzinfo) -> bytes:
    mark, kind = told.mark, environment.get("ASSIGNMENT_TYPE", "")
    most = mark.max_points * SCALE
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "classroom": environment.get("CLASSROOM", "") or "carousel",
        "assignment": environment.get("ASSIGNMENT", "") or mark.assignment or "all",
        "assignment_type": kind if kind in _KINDS else "individual",
        "owner": environment.get("OWNER") or environment.get("USERNAME") or mark.student,
        "submission": _tag(environment),
        "commit": environment.get("COMMIT_URL", "") or "none",
        "release": environment.get("RELEASE_URL", "") or "none",
        "review": environment.get("REVIEW_URL") or environment.get("COMMIT_URL") or "none",
        "datetime": _datetime(told, zone),
        "score": _scaled(mark.points, most),
        "max-score": most,
        "tests": list(_tests(told)),
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def _tag(environment: Mapping[str, str]) -> str:
    tag = environment.get("SUBMISSION_TAG", "")
    return tag if tag.startswith("submit/") else f"submit/{tag or 'none'}"


def _datetime(told: Told, zone: tzinfo) -> str:
    """Give the time of the last file that counts, as UTC; the same in every run."""
    found = []
    for one in told.mark.exercises:
        try:
            when = datetime.fromisoformat(one.submitted)
        except ValueError:
            continue
        found.append((when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC))
    return f"{max(found):%Y-%m-%dT%H:%M:%SZ}" if found else _NEVER


def _scaled(points: Decimal | int, most: int) -> int:
    """Turn points into whole numbers; more than there is to get is not allowed."""
    return max(0, min(int(points * SCALE), most))


def _tests(told: Told) -> Iterator[dict[str, Any]]:
    """Write a test per line; an exercise whose lines do not add up to what it counts is one."""
    for mark, seen in told.pairs:
        lines = told.lines(mark, seen)
        worth = mark.max_points * SCALE
        if lines and not leftover(mark, [line.mark.points for line in lines]):
            for line in lines:
                words = line.mark.why or line.seen.message
                most = line.mark.max_points * SCALE
                yield _test(
                    f"{seen.name}: {line.seen.title or line.seen.id}", line.mark.points, most, words
                )
        elif worth:
            yield _test(seen.name, mark.points, worth, _words(mark, seen))
    if not told.mark.final:
        yield _test("not final", 0, 0, NOT_FINAL)


def _words(mark: ExerciseMark, seen: ExerciseResult) -> str:
    return "; ".join((*mark.why, seen.message) if seen.message else mark.why)


def _test(name: str, points: Decimal | int, most: int, words: str) -> dict[str, Any]:
    score = _scaled(points, most)
    return {
        "test-name": one_line(name), "passed": score >= most, "score": score, "max-score": most,
        "message": one_line(words)[:_LONGEST],
    }  # fmt: skip
