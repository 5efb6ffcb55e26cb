"""Where a student is in the course: what is done, begun, ahead."""

from grader.course import Course
from grader.model import Submission
from grader.remember import Memory, digest_of
from grader.report.student import Stop
from grader.stub import is_stub

__all__ = ["after", "stops_of"]


def stops_of(course: Course, submission: Submission, memory: Memory) -> tuple[Stop, ...]:
    """Put together what is on disk and what the last checks said."""
    return tuple(_stop(course, name, submission, memory) for name in course.names)


def after(stops: tuple[Stop, ...], name: str) -> Stop | None:
    """Find the next exercise that is not done, going round from `name`."""
    names = [stop.name for stop in stops]
    start = names.index(name) + 1
    return next((s for s in (*stops[start:], *stops[: start - 1]) if not s.done), None)


def _stop(course: Course, name: str, submission: Submission, memory: Memory) -> Stop:
    entry, verdict = course.exercises[name], memory.verdicts.get(name)
    file = submission.files.get(name)
    return Stop(
        name=name,
        title=entry.title,
        points=sum(entry.points.values()),
        passed=verdict.passed if verdict else 0,
        of=verdict.of if verdict else 0,
        started=file is not None and not is_stub(file.text, course.stub(name)),
        changed=file is not None and verdict is not None and digest_of(file.text) != verdict.source,
        there=file is not None or name in submission.unreadable,
    )
