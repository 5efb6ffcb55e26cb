"""What exporters are given, put together from a results folder.

Every mark beside the exercises as the attempt that counts was judged, and nothing
in them that is kept from students.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from grader import pseudonyms
from grader.attempts import Attempts
from grader.batch import read_report
from grader.course import Course
from grader.errors import UsageError
from grader.export.material import Material, Told
from grader.grade import overall
from grader.levels import read_levels
from grader.mark import Attempt, Mark
from grader.marks import marks as marks_of_all
from grader.marks import unplaced
from grader.model import ExerciseResult, Report, Status
from grader.nbgrader_course import holes
from grader.policy import Assignment, Feedback
from grader.report.for_students import told_of
from grader.report.html import mark_page, student_page
from grader.roster import Student, read_roster

__all__ = ["gathered", "numbered", "seen"]


def gathered(
    course: Course, results: Path, *, roster: Path | None = None, assignment: str | None = None
) -> Material:
    """Put together what exporters are given: the marks, and what may be told."""
    students = read_roster(roster) if roster else ()
    people = pseudonyms.read_people(results)
    attempts = pseudonyms.named(tuple(Attempts(results)), people)
    chosen = (course.assignment(assignment),) if assignment else course.rules.marked
    names = {one.name for one in chosen}
    levels = read_levels(results)
    behind = {who.id: key for key, who in people.items()}
    reports, kept = _Reports(results, behind), numbered(attempts)
    rows = tuple(
        Told(mark=mark, exercises=tuple(seen(course, mark, kept, levels, reports.of)))
        for mark in marks_of_all(attempts, course.rules, students)
        if mark.assignment in names
    )
    return Material(
        told=rows,
        rules=course.rules,
        page=lambda mark: _page(mark, seen(course, mark, kept, levels, reports.of), reports),
        mark_page=lambda mark: mark_page((mark,), {}).encode(),
        holes=lambda name: holes(course, name),
        unknown=tuple(sorted(_strangers(attempts, chosen, students))) if roster else (),
    )


def _strangers(
    attempts: Sequence[Attempt], chosen: Sequence[Assignment], students: Sequence[Student]
) -> set[str]:
    """Name the submissions that are nobody's on the roster."""
    return {name for one in chosen for name in unplaced(attempts, one, students).unknown}


class _Reports:
    """Reads the reports behind marks; the last one is remembered."""

    def __init__(self, results: Path, behind: Mapping[str, str]) -> None:
        self._results, self._behind = results, behind
        self.of = lru_cache(maxsize=1)(self._of)

    def _of(self, submission: str) -> Report | None:
        """Read the report of a submission, if it is there."""
        try:
            return read_report(self._results, self._behind.get(submission, submission))
        except UsageError:
            return None


def seen(
    course: Course,
    mark: Mark,
    attempts: Mapping[tuple[str, int], Attempt],
    levels: Mapping[str, Feedback],
    report: Callable[[str], Report | None],
) -> Iterator[ExerciseResult]:
    """Find what was judged of each exercise of a mark, as its student may see it.

    attempts: by submission and number. report: of a submission, for its pictures.
    """
    for one in mark.exercises:
        attempt = attempts.get((one.submission, one.attempt))
        every = attempt.exercises if attempt else ()
        result = next((each for each in every if each.name == one.name), None)
        if result is None:
            yield ExerciseResult(
                name=one.name, points=0, max_points=one.max_points, status=Status.MISSING
            )
            continue
        result = course.scored(_with_pictures(result, report(one.submission)))
        yield told_of(result, levels.get(one.name, Feedback.DIAGNOSIS))


def numbered(attempts: Iterable[Attempt]) -> dict[tuple[str, int], Attempt]:
    """List attempts by submission and number."""
    return {(one.submission, one.number): one for one in attempts}


def _with_pictures(result: ExerciseResult, report: Report | None) -> ExerciseResult:
    """Put back the pictures, which attempts do not keep, where the report is of this attempt."""
    for each in report.exercises if report else ():
        if replace(each, pictures=(), drawings=(), plots=()) == result:
            return each
    return result


def _page(mark: Mark, shown: Iterable[ExerciseResult], reports: _Reports) -> bytes:
    """Render what a student is sent: the feedback where one submission is behind it.

    shown: the exercises of the mark as the attempt that counts was judged, which
        need not be the one that was reported last.
    """
    behind = {one.submission for one in mark.exercises if one.submission}
    report = reports.of(behind.pop()) if len(behind) == 1 else None
    if report is None:
        return mark_page((mark,), {}).encode()
    both = zip(mark.exercises, shown, strict=True)
    exercises = tuple(result for one, result in both if not one.excused)
    report = replace(
        report,
        exercises=exercises,
        points=sum(one.points for one in exercises),
        max_points=sum(one.max_points for one in exercises),
        status=overall(exercises),
    )
    return student_page(report).encode()
