"""One submission in, one report out.

Runs each criterion of the rubric and names the mistake behind a lost one. What
is compared with the reference is charged once: when a criterion is lost but
the numbers are exactly those of a correct program with a slip that an earlier
criterion has already paid for, the points are given and marked as carried
forward. A property that the slip really breaks stays lost.
"""

import contextlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from grader.calls import Call, Trouble
from grader.catalogue import Bug, patched
from grader.course import Course
from grader.diagnosis import Twin, diagnose
from grader.errors import AuthoringError, SandboxError
from grader.expect import Lost, Review, Untried
from grader.gradients import Differentiated, Gradient
from grader.model import (
    CELL_MARK,
    JOINT,
    BlockMap,
    Certainty,
    Content,
    Criterion,
    CriterionResult,
    Diagnosis,
    Drawing,
    Exercise,
    ExerciseResult,
    Outcome,
    Plot,
    Report,
    Status,
    Submission,
    Where,
)
from grader.pairs import Paired, joined, pairs
from grader.policy import Prerequisite
from grader.pytest_plugin import Asked, Current
from grader.pytest_session import Rubric, RubricSession
from grader.questions import questions_of, tell_apart
from grader.reference import Reference
from grader.rescore import convention_share
from grader.sandbox.server import Sandbox
from grader.sandbox.student import Limits, Student, StudentError, known_as
from grader.seeds import Seeds
from grader.sketch import sketch
from grader.smallest import Evidence, Examples, Search
from grader.stub import is_stub, written_anew

__all__ = ["Grader", "Judged", "digest_of", "environment", "overall", "report_of", "weights_of"]

SHOWN_PRINTS = 10

Listener = Callable[[str, str, Sequence[Call]], None]


@dataclass(slots=True)
class Prepared:
    """Everything about one exercise that does not depend on a submission."""

    exercise: Exercise
    rubric: Rubric
    reference: Reference
    twins: tuple[Twin, ...]
    stub: str
    digest: str
    examples: Examples
    asked: list[Call] = field(default_factory=list)

    def questions(self, seeds: Seeds) -> list[Call]:
        """List what the rubric asks with these seeds; worked out when first needed."""
        if not self.asked:
            self.asked = questions_of(self.exercise.name, self.rubric, self.reference, seeds)
        return self.asked


@dataclass(slots=True)
class Progress:
    """How far one submission has been graded.

    results: exercises that are judged. charged: by exercise, mistakes that are
    known exactly and paid for, by the id of the bug. consulted: by exercise,
    the others whose result it was judged by. spent: seconds, by exercise; used:
    those the student's own code has taken.
    """

    submission: Submission
    results: dict[str, ExerciseResult] = field(default_factory=dict)
    charged: dict[str, dict[str, Twin]] = field(default_factory=dict)
    consulted: dict[str, set[str]] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    used: float = 0.0

    def judged(self, name: str) -> "Judged":
        """Sum up one exercise."""
        others = frozenset(self._consulted(name))
        return Judged(result=self.results[name], consulted=others, seconds=self.spent[name])

    def _consulted(self, name: str) -> set[str]:
        direct = self.consulted.get(name, set())
        return direct.union(*(self._consulted(other) for other in direct))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One exercise of one submission, and what else its result depends on.

    consulted: exercises whose graders had a say in it, too.
    sketch: of the file, to find others that are nearly the same.
    """

    result: ExerciseResult
    consulted: frozenset[str]
    seconds: float
    sketch: str = ""


@dataclass(slots=True)
class Judging:
    """One exercise of one submission, being judged line by line."""

    prepared: Prepared
    student: Student
    progress: Progress
    before: dict[str, CriterionResult] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)

    @property
    def charged(self) -> dict[str, Twin]:
        """The mistakes this exercise has paid for."""
        return self.progress.charged.setdefault(self.prepared.exercise.name, {})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a forward whose backward is judged.

    earned, possible: points of the criteria about its values.
    slips: the bugs behind what it lost, if each is known exactly.
    """

    name: str
    exercise: str
    earned: int
    possible: int
    slips: tuple[Twin, ...]

    @property
    def trusted(self) -> bool:
        """Right enough for its own gradient to mean something."""
        return 2 * self.earned >= self.possible


class Grader:
    """Grades submissions to one course, one after the other.

    Keeps pytest, the reference answers and those of every bug between
    submissions; the sandbox is somebody else's to open and close.

    public: grade with the public checks instead of the hidden graders, and
        repeat what the code says.
    listen: told what every criterion has asked and seen: exercise, id, calls.
    prerequisite: whose earlier files an exercise imports: the student's own,
        the course's, or the course's where the own ones are not all right.
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
        listen: Listener | None = None,
        prerequisite: Prerequisite = Prerequisite.OWN,
    ) -> None:
        self.course = course
        self.sandbox = sandbox
        self.seeds = seeds
        self.isolation = isolation
        self.limits = limits or Limits()
        self.public = public
        self.listen = listen
        self.prerequisite = prerequisite
        #: Whether pictures for the feedback are made, which take time and no points.
        self.illustrated = True
        self.names = tuple(exercises) or course.names
        # what an exercise builds on is judged too, in case a mistake comes from there
        earlier = () if public else (n for name in self.names for n in course.needs(name))
        where = course.checks if public else course.hidden
        paths = {name: where(name) for name in dict.fromkeys((*earlier, *self.names))}
        self._session = RubricSession(paths.values())
        rubrics = self._session.rubrics()
        self.prepared = {
            name: self._prepare(name, rubrics[path.resolve()]) for name, path in paths.items()
        }
        self._slipped: dict[tuple[str, str, str], tuple[Differentiated, Reference]] = {}
        self._together: dict[tuple[str, str], Paired | None] = {}

    def _prepare(self, name: str, rubric: Rubric) -> Prepared:
        entry = self.course.exercises[name]
        signatures = rubric.signatures
        trusted = self.course.solution(name).exists() and not self.public
        return Prepared(
            exercise=Exercise(name=name, title=entry.title, criteria=rubric.criteria),
            rubric=rubric,
            reference=Reference(self.course.functions(name) if trusted else {}, signatures),
            twins=tuple(
                (bug, Reference(self.course.functions(name, bug), signatures))
                for bug in (self.course.bugs(name) if trusted else ())
            ),
            stub=self.course.stub(name),
            digest=self.course.grader_digest(name),
            examples=Examples(
                name=name,
                families=rubric.examples,
                signatures=signatures,
                gradients=rubric.gradients,
                # of its own: what it remembers of the class must not be crowded out
                reference=Reference(self.course.functions(name) if trusted else {}, signatures),
                modules=self.course.modules(name) if trusted else {},
            ),
        )

    def close(self) -> None:
        """Close pytest."""
        self._session.close()

    def grade(self, submission: Submission) -> Report:
        """Grade everything a submission holds; never raises for its contents."""
        judged = self.judge(submission)
        if not self.public:
            judged = [replace(one, result=self.course.scored(one.result)) for one in judged]
        digests = {name: self.prepared[name].digest for name in self.names}
        return report_of(submission, judged, self.seeds, self.isolation, digests)

    def judge(
        self,
        submission: Submission,
        names: Sequence[str] = (),
        tell: Callable[[ExerciseResult], None] = lambda _: None,
    ) -> list[Judged]:
        """Judge some exercises of a submission (default: all that are graded).

        tell: told of each as soon as it is judged.
        Lines have the weights their author gave them in @points, so that the
        points in course.toml decide nothing but the points.
        """
        progress = Progress(submission)
        for name in names or self.names:
            tell(self._exercise(name, progress))
        return [self._sketched(name, progress) for name in names or self.names]

    def _sketched(self, name: str, progress: Progress) -> Judged:
        judged, file = progress.judged(name), progress.submission.files.get(name)
        if file is None or self.public:
            return judged
        return replace(judged, sketch=sketch(file.text, self.prepared[name].stub))

    def _exercise(self, name: str, progress: Progress) -> ExerciseResult:
        """Judge an exercise, or remember how it was judged."""
        if name not in progress.results:
            started = time.perf_counter()
            progress.results[name] = self._fresh(name, progress)
            progress.spent[name] = time.perf_counter() - started
        return progress.results[name]

    def _fresh(self, name: str, progress: Progress) -> ExerciseResult:
        prepared, submission = self.prepared[name], progress.submission
        file = submission.files.get(name)
        if file is None:
            return _unjudged(prepared.exercise, *_why_no_file(name, submission))
        if is_stub(file.text, prepared.stub):
            message = f"{file.path} is still the stub you were given"
            return _unjudged(prepared.exercise, Status.NOT_STARTED, message)
        sources = {key: file.text for key, file in submission.files.items()}
        sources |= {key: self.course.source(key) for key in self._given(name, progress)}
        student = Student(
            self.sandbox, name, sources, prepared.rubric.signatures,
            limits=self._limits(name),
            public=self.public, needs=self.course.needs(name), beside=prepared.rubric.beside,
            data=submission.data.get(name), figures=self.course.draws(name),
            used=progress.used,
        )  # fmt: skip
        try:
            student.load()
            return self._judged(Judging(prepared, student, progress))
        except StudentError as error:
            return _unjudged(prepared.exercise, Status.UNREADABLE, str(error))
        except SandboxError as error:
            message = f"the grader itself failed ({error}); this is not your fault"
            return _unjudged(prepared.exercise, Status.NEEDS_ATTENTION, message)
        finally:
            student.close()
            progress.used += student.spent

    def _given(self, name: str, progress: Progress) -> list[str]:
        """List the earlier exercises whose solution stands in for the student's file."""
        needed = self.course.needs(name)
        if self.public or self.prerequisite is Prerequisite.OWN:
            return []
        if self.prerequisite is Prerequisite.GIVEN:
            return list(needed)
        given = []
        for earlier in needed:
            result = self._exercise(earlier, progress)
            progress.consulted.setdefault(name, set()).add(earlier)
            if result.status is not Status.GRADED or result.points < result.max_points:
                given.append(earlier)
        return given

    def _limits(self, name: str) -> Limits:
        own: dict[str, Any] = {**self.course.limits, **self.course.exercises[name].limits}
        return replace(self.limits, **own)

    def _judged(self, now: Judging) -> ExerciseResult:
        prepared, student = now.prepared, now.student
        for criterion in prepared.exercise.criteria:
            result = self._criterion(now, criterion)
            about = _about(result, now.student.calls, prepared.exercise.name)
            now.before[criterion.id] = replace(result, function=about)
        now.before = {key: _standing_by(now, line) for key, line in now.before.items()}
        judged = tuple(now.before.values())
        broken = any(result.outcome is Outcome.ERROR for result in judged)
        # what pictures are made of must not remember hidden inputs
        student.close()
        current = Current(prepared.exercise.name, student, prepared.reference, self.seeds)
        drawn = self.illustrated and not self.public
        pictures = list(prepared.rubric.pictures(current)) if drawn else []
        anew = () if self.public else self._anew(now)
        advice = (*_advice(student), *anew)
        judged = tuple(self._with_examples(now))
        return ExerciseResult(
            name=prepared.exercise.name,
            points=sum(result.points for result in judged),
            max_points=sum(result.max_points for result in judged),
            status=Status.NEEDS_ATTENTION if broken else Status.GRADED,
            criteria=judged,
            message="a part of our grader failed; the marks are not final" if broken else "",
            advice=advice,
            pictures=tuple(one for one in pictures if isinstance(one, BlockMap)),
            drawings=tuple(one for one in pictures if isinstance(one, Drawing)),
            plots=tuple(one for one in pictures if isinstance(one, Plot)),
        )

    def _anew(self, now: Judging) -> Iterator[str]:
        """Say kindly that code was written anew where it was to be mended."""
        file = now.progress.submission.files[now.prepared.exercise.name]
        if anew := written_anew(file.text, now.prepared.stub):
            names = ", ".join(f"`{name}`" for name in anew)
            yield (
                f"You have written {names} anew instead of mending what you were given; "
                "that is allowed, and counts by what it returns."
            )

    def _with_examples(self, now: Judging) -> Iterator[CriterionResult]:
        """Add the smallest failing example to what was lost; on public numbers only."""
        name = now.prepared.exercise.name
        notebook = now.progress.submission.files[name].text.startswith(CELL_MARK)
        search = Search(now.prepared.examples, now.student, here=name if notebook else "")
        for result in now.before.values():
            evidence = now.evidence.get(result.id)
            if evidence is None or result.outcome is not Outcome.FAILED or self.public:
                yield result
                continue
            suspect = now.prepared.examples.suspect(evidence)
            about = suspect[0].function if suspect else result.function
            yield replace(result, example=search.example(evidence, suspect), function=about)

    def _criterion(self, now: Judging, criterion: Criterion) -> CriterionResult:
        if _hopeless(criterion, now.before):
            needed = "; ".join(f"“{now.before[name].title}”" for name in criterion.needs)
            one = "this works" if len(criterion.needs) == 1 else "one of these works"
            return _result(criterion, Outcome.SKIPPED, f"not tried until {one}: {needed}")
        return self._tried(now, criterion)

    def _tried(self, now: Judging, criterion: Criterion) -> CriterionResult:
        error = self._ask(now, criterion, now.student, now.prepared.reference)
        if self.listen:
            self.listen(now.prepared.exercise.name, criterion.id, now.student.calls)
        match error:
            case None | Review():
                message = str(error) if error else ""
                return _result(criterion, Outcome.PASSED, message, review=error is not None)
            case StudentError(trouble=Trouble.NOT_WRITTEN):
                return _result(criterion, Outcome.NOT_STARTED, str(error))
            case Untried():
                return replace(_result(criterion, Outcome.SKIPPED, str(error)), max_points=0)
            case StudentError(trouble=Trouble.NEEDED):
                return _result(criterion, Outcome.SKIPPED, f"not tried: {error}")
            case Lost() | StudentError() | AssertionError():
                said = error if isinstance(error, Lost | StudentError) else Lost("")
                return self._lost(now, criterion, said)
            case SandboxError():
                raise error
        return _result(criterion, Outcome.ERROR, f"our grader failed here: {type(error).__name__}")

    def _lost(
        self, now: Judging, criterion: Criterion, error: Lost | StudentError
    ) -> CriterionResult:
        calls = now.student.calls
        for bug, twin in now.charged.values():
            if bug.caught_by == criterion.id:
                continue  # this is where it is paid for
            for asked, reference in self._under(now, bug, twin):
                if self._ask(now, criterion, asked, reference) is None:
                    diagnosis = Diagnosis(bug=bug.id, says=bug.says, certainty=Certainty.EXACT)
                    return _result(criterion, Outcome.PASSED, diagnosis=diagnosis, carried=True)
        carried, told = self._own_forward(now, criterion, error, calls)
        if carried:
            return carried
        own = told is not error
        error = told
        where = error.where if isinstance(error, Lost) else None
        certainty, fits = self._fits(now, criterion, calls, error)
        if criterion.diagnosed:
            exact = len(fits) == 1 and certainty is Certainty.EXACT
            now.evidence[criterion.id] = Evidence(
                criterion=criterion.id, calls=calls, where=where, own=own,
                bug=fits[0][0].id if exact else "",
            )  # fmt: skip
        if len(fits) != 1:
            return _result(criterion, Outcome.FAILED, str(error), where)
        bug, twin = fits[0]
        diagnosis = Diagnosis(bug=bug.id, says=bug.says, certainty=certainty)
        earned = 0
        if certainty is Certainty.EXACT and bug.id not in now.charged:
            now.charged[bug.id] = (bug, twin)
            if bug.convention:
                earned = convention_share(criterion.points)
        return _result(criterion, Outcome.FAILED, str(error), where, diagnosis, earned=earned)

    def _fits(
        self, now: Judging, criterion: Criterion, calls: Sequence[Call], error: Lost | StudentError
    ) -> tuple[Certainty, list[Twin]]:
        """Find the known bugs that explain why a criterion is lost."""
        if not criterion.diagnosed:
            return Certainty.LIKELY, []
        where = error.where if isinstance(error, Lost) else None
        blocks = error.blocks if isinstance(error, Lost) else None
        prepared = now.prepared
        certainty, fits = diagnose(
            calls, prepared.reference, prepared.twins, where=where, blocks=blocks
        )
        # a bug that would not lose this criterion is not why it is lost, and one
        # that its own criterion was judged without is not there at all
        fits = [
            (bug, twin)
            for bug, twin in fits
            if self._loses(prepared, criterion, twin)
            and (bug.id in now.charged or bug.caught_by not in now.before)
        ]
        if not fits:
            certainty, fits = self._pairs(now, criterion, calls)
        if len(fits) > 1 and certainty is Certainty.EXACT:
            fits = tell_apart(now.student, fits, prepared.questions(self.seeds))
        return certainty, fits

    def _pairs(
        self, now: Judging, criterion: Criterion, calls: Sequence[Call]
    ) -> tuple[Certainty, list[Twin]]:
        """Find two known bugs that together explain all that a lost criterion saw."""
        prepared = now.prepared
        possible = [
            twin
            for twin in prepared.twins
            if twin[0].id in now.charged or twin[0].caught_by not in now.before
        ]
        twins = [
            twin
            for pair in pairs(possible, calls, prepared.reference, criterion.id)
            if (twin := self._paired(now, criterion, *pair)) is not None
        ]
        certainty, fits = diagnose(calls, prepared.reference, twins)
        exact = certainty is Certainty.EXACT
        return Certainty.EXACT, [
            twin for twin in fits if exact and self._loses(prepared, criterion, twin[1])
        ]

    def _paired(self, now: Judging, criterion: Criterion, one: Bug, other: Bug) -> Twin | None:
        """Put two bugs into one solution; remembered, for the next one who has them."""
        prepared, name = now.prepared, now.prepared.exercise.name
        both = joined(one, other, criterion.id, now.charged)
        key = (name, both.id)
        if key not in self._together:
            self._together[key] = None
            with contextlib.suppress(AuthoringError, SyntaxError):
                compile(patched(self.course.source(name), both), name, "exec")
                make = partial(self.course.functions, name, both)
                self._together[key] = Paired(make, prepared.rubric.signatures)
        twin = self._together[key]
        return (both, twin) if twin else None

    def _own_forward(
        self,
        now: Judging,
        criterion: Criterion,
        error: Lost | StudentError,
        calls: Sequence[Call],
    ) -> tuple[CriterionResult | None, Lost | StudentError]:
        """Judge a gradient by the student's own forward, where that one is wrong.

        Returns the result if this decides, and else what is best told about it.
        """
        gradients = now.prepared.rubric.gradients
        asked = {call.function for call in calls} & gradients.keys()
        if not asked:
            return None, error
        standing = self._standing(now, gradients[min(asked)])
        if standing.earned == standing.possible:
            return None, error
        known = standing.slips[0][0] if len(standing.slips) == 1 else None
        if not standing.trusted and not known and isinstance(error, Lost):
            message = (
                f"not judged yet: your {standing.name} is not right enough to say what its "
                "gradient should be; mend it first, and this is judged again"
            )
            return _result(criterion, Outcome.SKIPPED, message), error
        best: Lost | StudentError = error
        for student, reference in self._own_gradients(now, standing):
            own = self._ask(now, criterion, student, reference)
            if own is None:
                diagnosis = (
                    Diagnosis(bug=known.id, says=known.says, certainty=Certainty.EXACT)
                    if known
                    else None
                )
                message = f"this follows from your own {standing.name}"
                return _result(
                    criterion, Outcome.PASSED, message, diagnosis=diagnosis, carried=True
                ), error
            if best is error and isinstance(own, Lost) and str(own) != str(error):
                message = f"compared with your own {standing.name}: {own}"
                best = Lost(message, own.where, own.blocks)
        return None, best

    def _standing(self, now: Judging, gradient: Gradient) -> Standing:
        """Look up what the forward of a gradient has earned."""
        exercise = now.prepared.exercise.name
        lines: list[CriterionResult] = []
        given = self._given(exercise, now.progress)
        for name in gradient.values:
            other, _, criterion = name.rpartition(".")
            if other in given:
                continue  # that forward is the course's own
            exercise = other or exercise
            judged = self._exercise(other, now.progress).criteria if other else now.before.values()
            if other:
                consulted = now.progress.consulted.setdefault(now.prepared.exercise.name, set())
                consulted.add(other)
            lines += [line for line in judged if line.id == criterion]
        charged = now.progress.charged.get(exercise, {})
        lost = {
            line.diagnosis.bug if line.diagnosis else ""
            for line in lines
            if line.points < line.max_points or line.carried_forward
        }
        known = lost <= charged.keys()
        return Standing(
            name=gradient.of,
            exercise=exercise,
            earned=sum(line.points for line in lines if not line.carried_forward),
            possible=sum(line.max_points for line in lines),
            slips=tuple(charged[bug] for bug in sorted(lost)) if known else (),
        )

    def _own_gradients(
        self, now: Judging, standing: Standing
    ) -> Iterator[tuple[Asked, Reference | Differentiated]]:
        """Say what a right backward gives with this forward, in every sense it may have.

        The numerical gradient of the student's forward; where its slip is
        known exactly, that of the reference with the same slip, and the
        right backward at work on the cache of that.
        """
        prepared, student = now.prepared, now.student
        rubric, name = prepared.rubric, prepared.exercise.name
        if len(standing.slips) != 1:
            yield student, Differentiated(student, rubric.gradients, rubric.signatures)
            return
        bug, _ = standing.slips[0]
        if adapt := self.course.adapter(name, bug):
            yield adapt(student), prepared.reference
            return
        key = (name, standing.exercise, bug.id)
        if key not in self._slipped:
            functions = self.course.functions(name, bug, of=standing.exercise)
            twin = Reference(functions, rubric.signatures)
            self._slipped[key] = Differentiated(twin, rubric.gradients, rubric.signatures), twin
        for reference in self._slipped[key]:
            yield student, reference

    def _loses(self, prepared: Prepared, criterion: Criterion, twin: Reference) -> bool:
        current = Current(prepared.exercise.name, twin, prepared.reference, self.seeds)
        lost = prepared.rubric.run(criterion.id, current)
        return lost is not None and not isinstance(lost, Review)

    def _under(
        self, now: Judging, bug: Bug, twin: Reference
    ) -> list[tuple[Asked, Reference | Differentiated]]:
        """Put the question as if the slip were the rule, in one way or another."""
        prepared = now.prepared
        if bug.adapter is not None:
            adapt = self.course.adapter(prepared.exercise.name, bug)
            return [(adapt(now.student), prepared.reference)]
        return [(now.student, twin)]

    def _ask(
        self,
        now: Judging,
        criterion: Criterion,
        asked: Asked,
        reference: Reference | Differentiated,
    ) -> BaseException | None:
        now.student.forget()
        current = Current(now.prepared.exercise.name, asked, reference, self.seeds)
        return now.prepared.rubric.run(criterion.id, current)


def _hopeless(criterion: Criterion, before: Mapping[str, CriterionResult]) -> bool:
    """Tell whether everything a criterion needs is lost, and nobody knows why."""
    needed = [before[name] for name in criterion.needs]
    return bool(needed) and all(
        result.outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.NOT_STARTED)
        and not (result.diagnosis and result.diagnosis.certainty is Certainty.EXACT)
        for result in needed
    )


def _standing_by(now: Judging, line: CriterionResult) -> CriterionResult:
    """Take back what later lines have refuted: a bug whose own line passes is not there."""
    if line.outcome is not Outcome.FAILED or line.diagnosis is None:
        return line
    bugs = {bug.id: bug for bug, _ in now.prepared.twins}
    named = line.diagnosis.bug.split(JOINT)
    there = [one for one in named if one not in bugs or not _passes(now, bugs[one])]
    if len(there) == len(named):
        return line
    if not there or there[0] not in bugs:
        return replace(line, diagnosis=None)
    left = bugs[there[0]]
    return replace(line, diagnosis=replace(line.diagnosis, bug=left.id, says=left.says))


def _passes(now: Judging, bug: Bug) -> bool:
    line = now.before.get(bug.caught_by)
    return line is not None and line.outcome is Outcome.PASSED and not line.carried_forward


def _result(  # noqa: PLR0913
    criterion: Criterion,
    outcome: Outcome,
    message: str = "",
    where: Where | None = None,
    diagnosis: Diagnosis | None = None,
    *,
    carried: bool = False,
    review: bool = False,
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
        review=review,
    )


def _about(result: CriterionResult, calls: Sequence[Call], exercise: str) -> str:
    """Name the function a line stopped at, if it did not pass."""
    stopped = result.outcome in {Outcome.FAILED, Outcome.NOT_STARTED}
    return known_as(calls[-1].function, exercise) if stopped and calls else ""


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


def report_of(
    submission: Submission,
    judged: Sequence[Judged],
    seeds: Seeds,
    isolation: str,
    digests: Mapping[str, str],
) -> Report:
    """Make the report of what was judged; pure.

    digests: of the graders of these exercises, by name.
    """
    results = tuple(one.result for one in judged)
    # what a submission does not hold does not count, unless it holds nothing
    counted = [r for r in results if r.status is not Status.MISSING] or results
    of_files = (note for file in submission.files.values() for note in file.notes)
    return Report(
        submission=submission.id,
        points=sum(result.points for result in results),
        max_points=sum(result.max_points for result in counted),
        status=overall(results),
        seed=seeds.seed,
        isolation=isolation,
        key=seeds.key_name,
        content=Content(
            submission=digest_of(submission),
            grader=_digest({result.name: digests[result.name] for result in results}),
            environment=environment(),
            sketches={one.result.name: one.sketch for one in judged if one.sketch},
            weights=weights_of(submission),
        ),
        exercises=results,
        notes=(*submission.notes, *of_files),
        name=submission.name,
        late=submission.late,
        submitted=submission.submitted,
        timing={"seconds": round(sum(one.seconds for one in judged), 4)},
    )


def digest_of(submission: Submission) -> str:
    """Digest the files of a submission: what they hold, not where they lay."""
    texts = {name: file.text for name, file in submission.files.items()}
    arrays = {f"{name}.npz": digest for name, digest in weights_of(submission).items()}
    return _digest(texts | arrays)


def weights_of(submission: Submission) -> dict[str, str]:
    """Digest the arrays that were handed in, by exercise."""
    return {name: sha256(data).hexdigest() for name, data in sorted(submission.data.items())}


def overall(results: Sequence[ExerciseResult]) -> Status:
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
    digest = sha256()
    for name in sorted(parts):
        digest.update(
            f"{len(name)}:{name}{len(parts[name])}:{parts[name]}".encode(errors="surrogatepass")
        )
    return f"sha256:{digest.hexdigest()}"


@cache
def environment() -> str:
    """Name what numbers may depend on: Python, NumPy, and our own engine."""
    digest = sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("sandbox/*.py")]):
        digest.update(path.read_bytes())
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{versions}, engine sha256:{digest.hexdigest()[:16]}"
