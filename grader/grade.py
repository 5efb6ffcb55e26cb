"""One submission in, one report out.

Runs each criterion of the rubric and names the mistake behind a lost one. What
is compared with the reference is charged once: when a criterion is lost but
the numbers are exactly those of a correct program with a slip that an earlier
criterion has already paid for, the points are given and marked as carried
forward. A property that the slip really breaks stays lost.
"""

import hashlib
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from grader.calls import Call, Trouble
from grader.catalogue import Bug
from grader.course import Course
from grader.diagnosis import Twin, diagnose
from grader.errors import SandboxError
from grader.expect import Lost
from grader.model import (
    Certainty,
    Content,
    Criterion,
    CriterionResult,
    Diagnosis,
    Exercise,
    ExerciseResult,
    Outcome,
    Report,
    Status,
    Submission,
    Where,
)
from grader.pytest_plugin import Asked, Current
from grader.pytest_session import Rubric, RubricSession
from grader.questions import questions_of, tell_apart
from grader.reference import Reference
from grader.sandbox.server import Sandbox
from grader.sandbox.student import Limits, Student, StudentError
from grader.seeds import Seeds
from grader.stub import is_stub

__all__ = ["Grader", "environment"]

#: A criterion met under another convention keeps two thirds of its points.
CONVENTION_COST = 3
SHOWN_PRINTS = 10


@dataclass(slots=True)
class Prepared:
    """Everything about one exercise that does not depend on a submission."""

    exercise: Exercise
    rubric: Rubric
    reference: Reference
    twins: tuple[Twin, ...]
    stub: str
    digest: str
    asked: list[Call] = field(default_factory=list)

    def questions(self, seeds: Seeds) -> list[Call]:
        """List what the rubric asks with these seeds; worked out when first needed."""
        if not self.asked:
            self.asked = questions_of(self.exercise.name, self.rubric, self.reference, seeds)
        return self.asked


@dataclass(slots=True)
class Slips:
    """Mistakes that are known exactly and paid for, by the id of the bug."""

    charged: dict[str, Twin] = field(default_factory=dict)


class Grader:
    """Grades submissions to one course, one after the other.

    Keeps pytest, the reference answers and those of every bug between
    submissions; the sandbox is somebody else's to open and close.

    public: grade with the public checks instead of the hidden graders, and
        repeat what the code says.
    """

    def __init__(  # noqa: PLR0913  each is one decision of the caller
        self,
        course: Course,
        sandbox: Sandbox,
        seeds: Seeds,
        *,
        isolation: str,
        exercises: Sequence[str] = (),
        limits: Limits | None = None,
        public: bool = False,
    ) -> None:
        self.course = course
        self.sandbox = sandbox
        self.seeds = seeds
        self.isolation = isolation
        self.limits = limits or Limits()
        self.public = public
        names = tuple(exercises) or course.names
        where = course.checks if public else course.hidden
        paths = {name: where(name) for name in names}
        self._session = RubricSession(paths.values())
        rubrics = self._session.rubrics()
        self.prepared = {
            name: self._prepare(name, rubrics[path.resolve()]) for name, path in paths.items()
        }

    def _prepare(self, name: str, rubric: Rubric) -> Prepared:
        entry = self.course.exercises[name]
        weights = {} if self.public else entry.points
        criteria = tuple(
            Criterion(id=c.id, title=c.title, points=weights.get(c.id, c.points), needs=c.needs)
            for c in rubric.criteria
        )
        signatures = rubric.signatures
        trusted = self.course.solution(name).exists() and not self.public
        return Prepared(
            exercise=Exercise(name=name, title=entry.title, criteria=criteria),
            rubric=rubric,
            reference=Reference(self.course.functions(name) if trusted else {}, signatures),
            twins=tuple(
                (bug, Reference(self.course.functions(name, bug), signatures))
                for bug in (self.course.bugs(name) if trusted else ())
            ),
            stub=self.course.stub(name),
            digest=self.course.grader_digest(name),
        )

    def close(self) -> None:
        """Close pytest."""
        self._session.close()

    def grade(self, submission: Submission) -> Report:
        """Grade everything a submission holds; never raises for its contents."""
        started = time.perf_counter()
        results = tuple(self._exercise(name, submission) for name in self.prepared)
        # what a submission does not hold does not count, unless it holds nothing
        counted = [r for r in results if r.status is not Status.MISSING] or results
        notes = tuple(note for file in submission.files.values() for note in file.notes)
        return Report(
            submission=submission.id,
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in counted),
            status=_overall(results),
            seed=self.seeds.seed,
            isolation=self.isolation,
            key=self.seeds.key_name,
            content=Content(
                submission=_digest({name: f.text for name, f in submission.files.items()}),
                grader=_digest({name: p.digest for name, p in self.prepared.items()}),
                environment=environment(),
            ),
            exercises=results,
            notes=notes,
            timing={"seconds": round(time.perf_counter() - started, 4)},
        )

    def _exercise(self, name: str, submission: Submission) -> ExerciseResult:
        prepared = self.prepared[name]
        file = submission.files.get(name)
        if file is None:
            return _unjudged(prepared.exercise, *_why_no_file(name, submission))
        if is_stub(file.text, prepared.stub):
            message = f"{file.path} is still the stub you were given"
            return _unjudged(prepared.exercise, Status.NOT_STARTED, message)
        sources = {key: file.text for key, file in submission.files.items()}
        student = Student(
            self.sandbox, name, sources, prepared.rubric.signatures,
            limits=self.limits, public=self.public,
        )  # fmt: skip
        try:
            student.load()
            return self._judged(prepared, student)
        except StudentError as error:
            return _unjudged(prepared.exercise, Status.UNREADABLE, str(error))
        except SandboxError as error:
            message = f"the grader itself failed ({error}); this is not your fault"
            return _unjudged(prepared.exercise, Status.NEEDS_ATTENTION, message)
        finally:
            student.close()

    def _judged(self, prepared: Prepared, student: Student) -> ExerciseResult:
        slips = Slips()
        results: dict[str, CriterionResult] = {}
        for criterion in prepared.exercise.criteria:
            results[criterion.id] = self._criterion(prepared, criterion, student, results, slips)
        judged = tuple(results.values())
        broken = any(result.outcome is Outcome.ERROR for result in judged)
        # what pictures are made of must not remember hidden inputs
        student.close()
        current = Current(prepared.exercise.name, student, prepared.reference, self.seeds)
        return ExerciseResult(
            name=prepared.exercise.name,
            points=sum(result.points for result in judged),
            max_points=prepared.exercise.max_points,
            status=Status.NEEDS_ATTENTION if broken else Status.GRADED,
            criteria=judged,
            message="a part of our grader failed; the marks are not final" if broken else "",
            advice=_advice(student),
            pictures=() if self.public else tuple(prepared.rubric.pictures(current)),
        )

    def _criterion(
        self,
        prepared: Prepared,
        criterion: Criterion,
        student: Student,
        before: Mapping[str, CriterionResult],
        slips: Slips,
    ) -> CriterionResult:
        if _hopeless(criterion, before):
            needed = "; ".join(f"“{before[name].title}”" for name in criterion.needs)
            one = "this works" if len(criterion.needs) == 1 else "one of these works"
            return _result(criterion, Outcome.SKIPPED, f"not tried until {one}: {needed}")
        error = self._ask(prepared, criterion, student, student, prepared.reference)
        match error:
            case None:
                return _result(criterion, Outcome.PASSED)
            case StudentError(trouble=Trouble.NOT_WRITTEN):
                return _result(criterion, Outcome.NOT_STARTED, str(error))
            case Lost() | StudentError():
                return self._lost(prepared, criterion, student, error, before, slips)
            case AssertionError():
                return self._lost(prepared, criterion, student, Lost(""), before, slips)
            case SandboxError():
                raise error
        return _result(criterion, Outcome.ERROR, f"our grader failed here: {type(error).__name__}")

    def _lost(
        self,
        prepared: Prepared,
        criterion: Criterion,
        student: Student,
        error: Lost | StudentError,
        before: Mapping[str, CriterionResult],
        slips: Slips,
    ) -> CriterionResult:
        calls = student.calls
        for bug, twin in slips.charged.values():
            if bug.caught_by == criterion.id:
                continue  # this is where it is paid for
            asked, reference = self._under(prepared, bug, twin, student)
            if self._ask(prepared, criterion, student, asked, reference) is None:
                diagnosis = Diagnosis(bug=bug.id, says=bug.says, certainty=Certainty.EXACT)
                return _result(criterion, Outcome.PASSED, diagnosis=diagnosis, carried=True)
        where = error.where if isinstance(error, Lost) else None
        blocks = error.blocks if isinstance(error, Lost) else None
        certainty, fits = diagnose(
            calls, prepared.reference, prepared.twins, where=where, blocks=blocks
        )
        # a bug that would not lose this criterion is not why it is lost, and one
        # that its own criterion was judged without is not there at all
        fits = [
            (bug, twin)
            for bug, twin in fits
            if self._loses(prepared, criterion, twin)
            and (bug.id in slips.charged or bug.caught_by not in before)
        ]
        if len(fits) > 1 and certainty is Certainty.EXACT:
            fits = tell_apart(student, fits, prepared.questions(self.seeds))
        if len(fits) != 1:
            return _result(criterion, Outcome.FAILED, str(error), where)
        bug, twin = fits[0]
        diagnosis = Diagnosis(bug=bug.id, says=bug.says, certainty=certainty)
        earned = 0
        if certainty is Certainty.EXACT and bug.id not in slips.charged:
            slips.charged[bug.id] = (bug, twin)
            if bug.convention:
                earned = criterion.points - max(1, criterion.points // CONVENTION_COST)
        return _result(criterion, Outcome.FAILED, str(error), where, diagnosis, earned=earned)

    def _loses(self, prepared: Prepared, criterion: Criterion, twin: Reference) -> bool:
        current = Current(prepared.exercise.name, twin, prepared.reference, self.seeds)
        return prepared.rubric.run(criterion.id, current) is not None

    def _under(
        self, prepared: Prepared, bug: Bug, twin: Reference, student: Student
    ) -> tuple[Asked, Reference]:
        """Put the question as if the slip were the rule."""
        if bug.adapter is None:
            return student, twin
        adapt = self.course.adapter(prepared.exercise.name, bug)
        return adapt(student), prepared.reference

    def _ask(
        self,
        prepared: Prepared,
        criterion: Criterion,
        student: Student,
        asked: Asked,
        reference: Reference,
    ) -> BaseException | None:
        student.forget()
        current = Current(prepared.exercise.name, asked, reference, self.seeds)
        return prepared.rubric.run(criterion.id, current)


def _hopeless(criterion: Criterion, before: Mapping[str, CriterionResult]) -> bool:
    """Tell whether everything a criterion needs is lost, and nobody knows why."""
    needed = [before[name] for name in criterion.needs]
    return bool(needed) and all(
        result.outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.NOT_STARTED)
        and not (result.diagnosis and result.diagnosis.certainty is Certainty.EXACT)
        for result in needed
    )


def _result(  # noqa: PLR0913
    criterion: Criterion,
    outcome: Outcome,
    message: str = "",
    where: Where | None = None,
    diagnosis: Diagnosis | None = None,
    *,
    carried: bool = False,
    earned: int = 0,
) -> CriterionResult:
    return CriterionResult(
        id=criterion.id,
        title=criterion.title,
        points=criterion.points if outcome is Outcome.PASSED else earned,
        max_points=criterion.points,
        outcome=outcome,
        message=message,
        where=where,
        diagnosis=diagnosis,
        carried_forward=carried,
    )


def _unjudged(exercise: Exercise, status: Status, message: str) -> ExerciseResult:
    outcome = Outcome.NOT_STARTED if status is Status.NOT_STARTED else None
    return ExerciseResult(
        name=exercise.name,
        points=0,
        max_points=exercise.max_points,
        status=status,
        criteria=tuple(_result(c, outcome) for c in exercise.criteria) if outcome else (),
        message=message,
    )


def _why_no_file(name: str, submission: Submission) -> tuple[Status, str]:
    if name in submission.unreadable:
        return Status.UNREADABLE, submission.unreadable[name]
    return Status.MISSING, f"no {name}.py and no {name}.ipynb in the submission"


def _overall(results: Sequence[ExerciseResult]) -> Status:
    """Sum up: our trouble first, then anything graded, then what is worst."""
    statuses = {result.status for result in results}
    order = (Status.NEEDS_ATTENTION, Status.GRADED, Status.UNREADABLE, Status.NOT_STARTED)
    return next((status for status in order if status in statuses), Status.MISSING)


def _advice(student: Student) -> tuple[str, ...]:
    advice = []
    if student.changed:
        names = ", ".join(f"`{name}`" for name in sorted(student.changed))
        advice.append(
            f"{names} changes the arrays it is given; work on copies, callers rely on it."
        )
    said = [text for text in student.printed if text]
    if said:
        lines = "".join(text if text.endswith("\n") else text + "\n" for text in said).splitlines()
        more = (
            [f"… and {len(lines) - SHOWN_PRINTS} more lines"] if len(lines) > SHOWN_PRINTS else []
        )
        shown = [line[:120] for line in lines[:SHOWN_PRINTS]]
        advice.append("\n".join(["Your code printed:", *shown, *more]))
    elif student.printed:
        advice.append("Your code prints while it runs; that costs nothing.")
    return tuple(advice)


def _digest(parts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(
            f"{len(name)}:{name}{len(parts[name])}:{parts[name]}".encode(errors="surrogatepass")
        )
    return f"sha256:{digest.hexdigest()}"


@cache
def environment() -> str:
    """Name what numbers may depend on: Python, NumPy, and our own engine."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("sandbox/*.py")]):
        digest.update(path.read_bytes())
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{versions}, engine sha256:{digest.hexdigest()[:16]}"
