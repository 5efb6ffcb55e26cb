"""A student's own files, checked with the public checks; warm between two checks.

The same sandbox and the same messages as in grading. What only a second hint
may say, which known slip this looks like, is kept apart from the report.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.calls import Call
from grader.course import Course
from grader.errors import UsageError
from grader.grade import Grader, report_of
from grader.intake import read_submission
from grader.lookalikes import Lookalike, load, looks_like
from grader.mistakes import explain
from grader.model import CriterionResult, Diagnosis, Outcome, Report, Status, Submission
from grader.remember import Memory, Verdict, digest_of
from grader.sandbox.ahead import Ahead
from grader.sandbox.selfattack import open_isolated
from grader.sandbox.student import known_as
from grader.seeds import Seeds
from grader.stub import is_stub

__all__ = ["NOTEBOOKS", "SEEDS", "Checked", "Checker", "failed", "with_notebooks", "with_slips"]

#: Where a hand-out has a notebook for every exercise.
NOTEBOOKS = "notebooks"

#: The public checks ask everybody the same questions.
SEEDS = Seeds(seed=0)
#: Thinking comes first: a slip is named when so many hints were seen.
SLIP_LEVEL = 2
_CALLS = re.compile(r"calls `(\w+)`, which is not written")
_FURTHER = re.compile(r"(?<=\.)\n(?!Your code).*?(?= \(line \d+: `)", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came out of a check.

    verdicts: exercise -> what to remember.
    functions: (exercise, criterion) -> the function to work on.
    slips: (exercise, criterion) -> the known slip this looks like.
    """

    report: Report
    verdicts: Mapping[str, Verdict]
    functions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    slips: Mapping[tuple[str, str], Diagnosis] = field(default_factory=dict)

    def first(self, exercise: str) -> tuple[str, Diagnosis | None]:
        """Name the function of an exercise to work on first, and its slip if that is known."""
        for outcome in (Outcome.FAILED, Outcome.NOT_STARTED, Outcome.SKIPPED):
            for line in self._lines(exercise):
                if line.outcome is outcome:
                    key = (exercise, line.id)
                    return self.functions.get(key, ""), self.slips.get(key)
        return "", None

    def _lines(self, exercise: str) -> Iterable[CriterionResult]:
        return (line for r in self.report.exercises if r.name == exercise for line in r.criteria)


class Checker:
    """Checks some exercises of the course in a folder, again and again.

    ahead: have a worker ready for the next check.
    notebooks: exercise -> the notebook that is checked in place of its .py.

    Raises:
        UsageError, SandboxError: there is nothing to check with.
    """

    def __init__(
        self,
        course: Course,
        exercises: Sequence[str] = (),
        *,
        ahead: bool = False,
        notebooks: Mapping[str, Path] | None = None,
    ) -> None:
        self.course = course
        self._notebooks = dict(notebooks or {})
        self.folder = course.root / "exercises"
        self._heard: dict[tuple[str, str], list[Call]] = {}
        self._stubs = course.stubs()
        self._sandbox, isolation = open_isolated()
        if ahead and not self._sandbox.layers:
            self._sandbox = Ahead(self._sandbox)
        self._grader = Grader(
            course, self._sandbox, SEEDS, isolation=isolation.level,
            exercises=exercises, public=True, listen=self._listen,
        )  # fmt: skip
        self._lookalikes: dict[str, tuple[Lookalike, ...]] = {}

    def worth(self, names: Iterable[str]) -> dict[str, int]:
        """Say what grading gives for exercises."""
        return {name: sum(self.course.exercises[name].points.values()) for name in names}

    def check(self, names: Sequence[str] = ()) -> Checked:
        """Check what is on disk now.

        Raises:
            UsageError: a file is not there.
        """
        names = tuple(names) or self.course.names
        submission = self._read(names)
        self._heard.clear()
        judged = self._grader.judge(submission, names)
        digests = {name: self._grader.prepared[name].digest for name in names}
        report = report_of(submission, judged, SEEDS, self._grader.isolation, digests)
        return Checked(
            report=_explained(report, submission),
            verdicts=self._verdicts(report, submission),
            functions=self._functions(report),
            slips=self._slips(report),
        )

    def close(self) -> None:
        """End the workers."""
        self._grader.close()
        self._sandbox.close()

    def _read(self, names: Sequence[str]) -> Submission:
        submission = read_submission(self.folder, self._stubs)
        for folder in {path.parent: None for path in self._notebooks.values()}:
            given = [name for name, path in self._notebooks.items() if path.parent == folder]
            wanted = {need: self._stubs[need] for n in given for need in (*self.course.needs(n), n)}
            submission = with_notebooks(submission, folder, wanted, given)
        there = submission.files.keys() | submission.unreadable.keys()
        if missing := [name for name in names if name not in there]:
            file = self.folder / f"{missing[0]}.py"
            message = f"{file} is not there: was it renamed or moved?"
            message += f" (the command `reset {missing[0]}` gives you a new one)"
            raise UsageError(message)
        return submission

    def _listen(self, exercise: str, criterion: str, calls: Sequence[Call]) -> None:
        self._heard[exercise, criterion] = list(calls)

    def _verdicts(self, report: Report, submission: Submission) -> dict[str, Verdict]:
        texts = {name: file.text for name, file in submission.files.items()}
        return {
            each.name: Verdict(
                passed=sum(line.outcome is Outcome.PASSED for line in each.criteria),
                of=each.asked or len(self._grader.prepared[each.name].exercise.criteria),
                source=digest_of(texts.get(each.name, "")),
                started=each.status is not Status.NOT_STARTED,
            )
            for each in report.exercises
        }

    def _functions(self, report: Report) -> dict[tuple[str, str], str]:
        return {
            (each.name, line.id): self._function(each.name, line)
            for each in report.exercises
            for line in each.criteria
        }

    def _function(self, exercise: str, line: CriterionResult) -> str:
        """Say which function a line is about: what it calls last, or what that lacks."""
        asked = self._grader.prepared[exercise].rubric.signatures
        if (found := _CALLS.search(line.message)) and found[1] in asked:
            return found[1]
        if calls := self._heard.get((exercise, line.id)):
            return known_as(calls[-1].function, exercise)
        words = _WORD.findall(f"{line.message} {line.title}")
        return next((word for word in words if word in asked), "")

    def _slips(self, report: Report) -> dict[tuple[str, str], Diagnosis]:
        found: dict[tuple[str, str], Diagnosis] = {}
        for each in report.exercises:
            everything = [c for (name, _), calls in self._heard.items() if name == each.name
                          for c in calls]  # fmt: skip
            for line in each.criteria:
                if line.outcome is Outcome.FAILED and (each.name, line.id) in self._heard:
                    known = self._known(each.name)
                    slip = looks_like(known, self._heard[each.name, line.id], everything)
                    if slip:
                        found[each.name, line.id] = slip
        return found

    def _known(self, exercise: str) -> tuple[Lookalike, ...]:
        if exercise not in self._lookalikes:
            self._lookalikes[exercise] = load(self.course.lookalikes(exercise))
        return self._lookalikes[exercise]


def with_notebooks(
    submission: Submission, folder: Path, stubs: Mapping[str, str], given: Iterable[str] = ()
) -> Submission:
    """Let notebooks stand for exercises whose .py is untouched.

    stubs: of the exercises looked for. given: those whose notebook is taken in any case.
    """
    theirs = read_submission(folder, stubs)
    taken = {
        name: file
        for name, file in theirs.files.items()
        if name in given
        or (not is_stub(file.text, stubs[name]) and _untouched(submission, name, stubs[name]))
    }
    bad = {name: why for name, why in theirs.unreadable.items() if name in given}
    files = {n: f for n, f in submission.files.items() if n not in bad} | taken
    unreadable = {n: w for n, w in submission.unreadable.items() if n not in taken} | bad
    data = {**submission.data, **theirs.data}
    return replace(submission, files=files, unreadable=unreadable, data=data)


def _untouched(submission: Submission, name: str, stub: str) -> bool:
    file = submission.files.get(name)
    return is_stub(file.text, stub) if file else name not in submission.unreadable


def failed(report: Report) -> bool:
    """Tell whether something is wrong, which is more than not written yet."""
    wrong = {Outcome.FAILED, Outcome.ERROR}
    broken = {Status.UNREADABLE, Status.NEEDS_ATTENTION}
    return any(
        each.status in broken or any(line.outcome in wrong for line in each.criteria)
        for each in report.exercises
    )


def with_slips(checked: Checked, memory: Memory) -> Report:
    """Put slips into a report where enough hints about their functions were seen."""

    def told(exercise: str, line: CriterionResult) -> CriterionResult:
        key = (exercise, line.id)
        slip = checked.slips.get(key)
        seen = memory.seen(exercise, checked.functions.get(key, ""))
        return replace(line, diagnosis=slip) if slip and seen >= SLIP_LEVEL else line

    return _each_line(checked.report, told)


def _explained(report: Report, submission: Submission) -> Report:
    """Answer what beginners run into, in one sentence after each message."""
    texts = {name: file.text for name, file in submission.files.items()}

    def told(exercise: str, line: CriterionResult) -> CriterionResult:
        if line.outcome not in {Outcome.FAILED, Outcome.NOT_STARTED}:
            return line
        return replace(line, message=_answered(line.message, texts.get(exercise, "")))

    report = _each_line(report, told)
    exercises = tuple(
        replace(
            each,
            message=_answered(each.message) if each.status is Status.UNREADABLE else each.message,
            advice=tuple(map(_answered, each.advice)),
        )
        for each in report.exercises
    )
    return replace(report, exercises=exercises)


def _answered(message: str, source: str = "") -> str:
    answer = explain(message, source)
    # what NumPy adds in further lines is what we say in one
    return f"{_FURTHER.sub('', message)}\n{answer}" if answer else message


def _each_line(report: Report, told: Callable[[str, CriterionResult], CriterionResult]) -> Report:
    exercises = tuple(
        replace(each, criteria=tuple(told(each.name, line) for line in each.criteria))
        for each in report.exercises
    )
    return replace(report, exercises=exercises)
