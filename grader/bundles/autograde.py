"""What runs inside a container of Gradescope: one submission in, results.json out.

`python -m grader.bundles.autograde /autograder`. results.json is there from the
first second and written again, whole, after every exercise: whenever the
platform stops us, it says what is known and that this is not all. What earlier
submissions were worth is kept in their results, where Gradescope hands it back,
so that `take = "best"` works there, too.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from grader.course import Course
from grader.errors import GraderError
from grader.export.gradescope import results
from grader.export.material import Told
from grader.files import write_atomically
from grader.grade import Grader, digest_of
from grader.intake import Found, find_submissions, read_submission
from grader.levels import levels_of
from grader.mark import Attempt, Mark
from grader.marks import marks
from grader.model import ExerciseResult, Status, Submission
from grader.policy import Assignment
from grader.report.wording import STATUSES
from grader.roster import Student, read_roster
from grader.sandbox.selfattack import open_isolated
from grader.seeds import Seeds, private_key
from grader.telling import numbered, seen

__all__ = ["Settings", "autograde", "main"]

METADATA = "submission_metadata.json"
KEPT = "carousel"
_GOING_ON = (
    "Grading has come to {done} of {all} exercises. If you read this later it was cut short: what "
    "is below is not your mark, and your instructor has to run it again."
)
_BROKEN = "Our grader failed; it is not your fault, and what is below is not your mark."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was decided when the bundle was made."""

    assignment: str = ""
    visibility: str = ""
    seed: int = 0


class _Container:
    """Everything about one run."""

    def __init__(self, root: Path) -> None:
        source = root / "source"
        self.target = root / "results" / "results.json"
        self.settings = msgspec.json.decode((source / "settings.json").read_bytes(), type=Settings)
        self.course = Course.load(source / "carousel")
        roster = source / "roster.csv"
        self.students: tuple[Student, ...] = read_roster(roster) if roster.exists() else ()
        self.levels = levels_of(self.course.rules, self.settings.assignment)
        self.assignment = self._assignment()
        self.found = self._found(root)
        self.submission = read_submission(self.found, self.course.stubs())
        self.earlier = tuple(self._earlier(root / METADATA))

    def _assignment(self) -> Assignment:
        if self.settings.assignment:
            return self.course.assignment(self.settings.assignment)
        # one that is whatever was handed in
        return Assignment(name="", exercises=self.course.names)

    def _found(self, root: Path) -> Found:
        if (root / METADATA).exists():
            return find_submissions(root, self.course.stubs())[0]
        return find_submissions(root / "submission", self.course.stubs(), single=True)[0]

    def _earlier(self, path: Path) -> Iterator[Attempt]:
        """Read what earlier submissions were worth; what is not ours is left out."""
        try:
            table = msgspec.json.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        before = table.get("previous_submissions") if isinstance(table, dict) else None
        for number, one in enumerate(before if isinstance(before, list) else (), 1):
            try:
                kept = one["results"]["extra_data"][KEPT]
                attempt = msgspec.convert(kept, Attempt)
            except (KeyError, TypeError, msgspec.ValidationError):
                continue
            yield replace(attempt, number=number, submission=self.found.id, also=self.found.also)

    def attempt(self, judged: Sequence[ExerciseResult]) -> Attempt:
        """Sum up what is known of this submission."""
        return Attempt(
            submission=self.found.id,
            assignment=self.settings.assignment,
            number=1 + max((one.number for one in self.earlier), default=0),
            name=self.found.name,
            email=self.found.email,
            also=self.found.also,
            submitted=self.submission.submitted,
            late=self.submission.late,
            content=digest_of(self.submission),
            exercises=tuple(map(self.course.scored, judged)),
        )

    def told(self, judged: Sequence[ExerciseResult]) -> Told:
        """Work out the mark, and what may be told with it."""
        now = self.attempt(judged)
        attempts = (*self.earlier, now)
        mark = self._mark(attempts)
        mark = replace(mark, why=(*mark.why, *self._which(mark, now)))
        shown = seen(self.course, mark, numbered(attempts), self.levels, lambda _: None)
        return Told(mark=mark, exercises=tuple(shown))

    def _mark(self, attempts: Sequence[Attempt]) -> Mark:
        rules = self.course.rules
        if not self.settings.assignment:
            rules = replace(rules, assignments=())
        for students in (self.students, ()):
            found = [
                one
                for one in marks(attempts, rules, students)
                if one.assignment == self.assignment.name and one.attempts
            ]
            if found:
                return found[0]
        # nothing that belongs to the course was handed in
        student = Student(id=self.found.id, name=self.found.name)
        (mark,) = (
            one for one in marks((), rules, (student,)) if one.assignment == self.assignment.name
        )
        return mark

    def _which(self, mark: Mark, now: Attempt) -> Iterator[str]:
        """Say which attempt counts, where it is not the one just handed in."""
        older = {one.attempt for one in mark.exercises if one.attempt} - {now.number}
        for number in sorted(older):
            names = ", ".join(one.name for one in mark.exercises if one.attempt == number)
            yield f"your attempt {number} counts for {names}"

    def write(self, judged: Sequence[ExerciseResult], unfinished: str = "") -> None:
        """Write results.json, whole."""
        kept = msgspec.to_builtins(_slim(self.attempt(judged)))
        extra: Mapping[str, Any] = {} if unfinished else {KEPT: kept}
        data = results(
            self.told(judged), visibility=self.settings.visibility, unfinished=unfinished,
            extra=extra,
        )  # fmt: skip
        write_atomically(self.target, data)


def autograde(root: Path) -> int:
    """Grade what was submitted; return an exit code."""
    (root / "results").mkdir(exist_ok=True)
    box = _Container(root)
    names, done = box.assignment.exercises, dict[str, ExerciseResult]()
    _write_so_far(box, names, done)

    def tell(result: ExerciseResult) -> None:
        done[result.name] = result
        _write_so_far(box, names, done)
        print(f"{result.name}: {STATUSES[result.status]}", flush=True)  # noqa: T201  for the instructor

    try:
        _judge(box, names, tell)
        # a slow machine may have broken it: once more, from the beginning
        broken = [n for n in names if done[n].status is Status.NEEDS_ATTENTION]
        if broken:
            _judge(box, broken, tell)
    except GraderError as error:
        box.write(_all(names, done, box.submission), _BROKEN)
        print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201
        return 1
    box.write([done[name] for name in names])
    return 0


def _judge(box: _Container, names: Sequence[str], tell: Callable[[ExerciseResult], None]) -> None:
    """Judge exercises in a sandbox of their own."""
    sandbox, isolation = open_isolated(None, box.course.hidden(names[0]))
    try:
        grader = Grader(
            box.course, sandbox, Seeds(seed=box.settings.seed, key=private_key()),
            isolation=isolation.level, exercises=names, prerequisite=box.assignment.prerequisite,
        )  # fmt: skip
        try:
            grader.judge(box.submission, names, tell)
        finally:
            grader.close()
    finally:
        sandbox.close()


def _write_so_far(
    box: _Container, names: Sequence[str], done: Mapping[str, ExerciseResult]
) -> None:
    words = _GOING_ON.format(done=len(done), all=len(names))
    box.write(_all(names, done, box.submission), words)


def _all(
    names: Sequence[str], done: Mapping[str, ExerciseResult], submission: Submission
) -> list[ExerciseResult]:
    """Put what was judged beside what was not, which is not final."""
    return [done.get(name) or _waiting(name, submission) for name in names]


def _waiting(name: str, submission: Submission) -> ExerciseResult:
    there = name in submission.files or name in submission.unreadable
    return ExerciseResult(
        name=name, points=0, max_points=0,
        status=Status.NEEDS_ATTENTION if there else Status.MISSING,
        message="not graded yet" if there else "",
    )  # fmt: skip


def _slim(attempt: Attempt) -> Attempt:
    """Keep of an attempt what marks and words need, without pictures and examples."""
    exercises = tuple(
        replace(
            each, pictures=(), drawings=(), plots=(), advice=(),
            criteria=tuple(replace(line, example=None) for line in each.criteria),
        )
        for each in attempt.exercises
    )  # fmt: skip
    return replace(attempt, exercises=exercises)


def main(arguments: Sequence[str]) -> int:
    """Run in the folder that is named, /autograder if none is."""
    return autograde(Path(arguments[0] if arguments else "/autograder"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
