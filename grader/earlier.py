"""Work of other terms, and the course's own, to hold submissions against."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from grader.batch import read_results
from grader.course import Course
from grader.errors import UsageError
from grader.grade import weights_of
from grader.intake import find_submissions, read_submission
from grader.model import Known
from grader.sketch import sketch

__all__ = ["known_work"]


def known_work(course: Course, archives: Sequence[Path]) -> tuple[Known, ...]:
    """Sketch the solutions, and what earlier classes handed in.

    archives: results folders of earlier terms, which need no sources, or whatever
        `grade` reads.

    Raises:
        UsageError: an archive is not there, or cannot be read.
    """
    return (_solutions(course), *(known for path in archives for known in _archive(course, path)))


def _solutions(course: Course) -> Known:
    there = [name for name in course.names if course.solution(name).exists()]
    arrays = {name: course.data(name) for name in there}
    return Known(
        label="solutions/",
        sketches={
            name: sketch(course.solution(name).read_text("utf-8"), course.stub(name))
            for name in there
        },
        weights={
            name: sha256(path.read_bytes()).hexdigest()
            for name, path in arrays.items()
            if path.exists()
        },
    )


def _archive(course: Course, path: Path) -> Iterator[Known]:
    if not path.exists():
        message = f"{path}: no such folder; name the results or the submissions of another term"
        raise UsageError(message)
    if path.is_dir() and any(file.with_suffix(".html").exists() for file in path.glob("*.json")):
        for report in read_results(path):
            content = report.content
            yield Known(
                label=f"{path.name}/{report.submission}",
                sketches=content.sketches,
                weights=content.weights,
            )
        return
    stubs = course.stubs()
    for found in find_submissions(path, stubs):
        submission = read_submission(found, stubs)
        yield Known(
            label=f"{path.name}/{submission.id}",
            sketches={
                name: sketch(file.text, stubs[name]) for name, file in submission.files.items()
            },
            weights=weights_of(submission),
        )
