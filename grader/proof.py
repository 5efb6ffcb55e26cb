"""The course proves itself: stubs, references, and every known bug.

For each exercise: the stub is in step with the solution and scores nothing;
the reference scores full marks on ten seeds, and the same bytes twice; every
catalogued bug loses the criterion it names and is diagnosed as itself; every
criterion is lost by some bug; no two bugs look alike; no slip costs more than
a quarter; the points add up.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.calls import Call, Observation, Raised
from grader.catalogue import Bug, patched
from grader.course import Course
from grader.diagnosis import agree
from grader.errors import AuthoringError
from grader.grade import Grader, Prepared
from grader.model import (
    Certainty,
    Cost,
    CriterionResult,
    Example,
    ExerciseResult,
    Outcome,
    Proof,
    Report,
    SourceFile,
    Status,
    Submission,
    dump_report,
)
from grader.questions import questions_of
from grader.reference import Reference, fingerprint
from grader.sandbox.server import Sandbox
from grader.seeds import Seeds

__all__ = ["BUGS_AT_LEAST", "SEEDS", "prove"]

BUGS_AT_LEAST = 12
SEEDS = range(1, 11)
#: An exercise that trains takes seconds a submission.
SEEDS_OF_TRAINING = range(1, 3)
SMALL = ("precision", "style")
TO_DO = "TODO"


def prove(
    course: Course,
    sandbox: Sandbox,
    name: str,
    *,
    seeds: Sequence[int] = (),
    trained: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Prove one exercise.

    seeds: the reference is graded with each, the bugs with the first; by
        default ten, or two where it has to be trained.
    trained: let the bugs train, too; without, what takes seconds is left out
        of what they cost.
    tell: called with a line about what is being done, for the impatient.
    """
    problems: list[str] = list(_unfinished(course, name))
    costs: tuple[Cost, ...] = ()
    try:
        for found, problem in _findings(course, sandbox, name, seeds, trained, tell):
            costs = found or costs
            problems += problem
    except AuthoringError as error:
        problems.append(str(error))
    return Proof(
        exercise=name,
        max_points=sum(course.exercises[name].points.values()),
        criteria=tuple(course.exercises[name].points),
        costs=costs,
        problems=tuple(problems),
    )


def _findings(
    course: Course,
    sandbox: Sandbox,
    name: str,
    seeds: Sequence[int],
    trained: bool,  # noqa: FBT001
    tell: Callable[[str], None],
) -> Iterator[tuple[tuple[Cost, ...], list[str]]]:
    """Find out step by step: costs, once they are known, and problems."""
    source = course.source(name)
    seeds = seeds or (SEEDS_OF_TRAINING if course.exercises[name].training else SEEDS)
    tell(f"the reference on {len(seeds)} seeds")
    for seed in seeds:
        grader = open_proof(course, sandbox, name, seed)
        # pictures take time, and say nothing about points
        grader.illustrated = seed == seeds[0]
        try:
            wrong = list(_reference_problems(grader, name, source, seed))
            yield (), wrong
            if wrong:
                return
            if seed == seeds[0]:
                yield (), list(_rubric_problems(course, grader.prepared[name]))
                yield (), list(_stub_problems(course, grader, name))
                tell(f"{len(course.bugs(name))} known bugs")
                if not trained:
                    _untrained(grader.prepared[name])
                grader.illustrated = False
                costs = tuple(_costs(course, grader, name, source))
                yield (
                    costs,
                    list(
                        _bug_problems(
                            grader.prepared[name],
                            costs,
                            sum(course.exercises[name].points.values()),
                        )
                    ),
                )
        finally:
            grader.close()


def _unfinished(course: Course, name: str) -> Iterator[str]:
    """Find the files an exercise lacks, and what is marked as still to be done."""
    handout = course.handout(name)
    students = (course.checks(name), handout, course.hints(name))
    for path in (course.solution(name), course.hidden(name), course.bug_path(name), *students):
        if not path.exists():
            yield f"{path} is missing"
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if TO_DO in line:
                yield f"{path}:{number}: {line.strip(' #')}"
    entry = course.exercises[name]
    if TO_DO in entry.does + entry.title:
        yield f"course.toml: {name}: {entry.does}"


def _untrained(prepared: Prepared) -> None:
    """Leave out what is not diagnosed, because it takes seconds."""
    kept = tuple(c for c in prepared.exercise.criteria if c.diagnosed)
    prepared.exercise = replace(prepared.exercise, criteria=kept)


def open_proof(
    course: Course, sandbox: Sandbox, name: str, seed: int, *, trained: bool = True
) -> Grader:
    """Open a grader for changed solutions of one exercise; without training, if so wished."""
    grader = Grader(course, sandbox, Seeds(seed=seed), isolation="proof", exercises=[name])
    if not trained:
        _untrained(grader.prepared[name])
    return grader


def grade_source(grader: Grader, name: str, text: str, bug: Bug | None = None) -> Report:
    """Grade a solution that has been changed; `bug` is of the arrays handed in with it."""
    course = grader.course
    texts = {earlier: course.source(earlier) for earlier in course.needs(name)} | {name: text}
    files = {key: SourceFile(path=f"{key}.py", text=value) for key, value in texts.items()}
    data = {}
    if course.data(name).exists():
        file = io.BytesIO()
        np.savez(file, **course.arrays(name, bug))
        data[name] = file.getvalue()
    return grader.grade(Submission(id="proof", files=files, data=data))


def _reference_problems(grader: Grader, name: str, source: str, seed: int) -> Iterator[str]:
    report = grade_source(grader, name, source)
    for line in report.exercises[0].criteria:
        if line.outcome is not Outcome.PASSED:
            yield f"seed {seed}: the reference loses {line.id}: {line.message}"
    if report.exercises[0].advice:
        yield f"seed {seed}: the reference gets advice: {' '.join(report.exercises[0].advice)}"
    again = grade_source(grader, name, source)
    if dump_report(replace(report, timing={})) != dump_report(replace(again, timing={})):
        yield f"seed {seed}: grading the reference twice gives two reports"


def _rubric_problems(course: Course, prepared: Prepared) -> Iterator[str]:
    name, exercise = prepared.exercise.name, prepared.exercise
    listed = course.exercises[name].points
    written = {criterion.id for criterion in exercise.criteria}
    for missing in written - listed.keys():
        yield f"course.toml gives no points to {name}.{missing}"
    for extra in listed.keys() - written:
        yield f"course.toml gives points to {name}.{extra}, which no hidden grader has"
    for function in prepared.rubric.examples:
        for probe in prepared.examples.members(function):
            seen = prepared.examples.reference.observe(function, probe.args, {})
            if isinstance(seen, Raised):
                yield f"EXAMPLES: the reference {function} raises {seen.name} for a public question"
                break
    small, worth = sum(listed.get(key, 0) for key in SMALL), sum(listed.values())
    if small * 10 > worth:
        yield f"precision and style are worth {small} of {worth}, above a tenth"


def _stub_problems(course: Course, grader: Grader, name: str) -> Iterator[str]:
    result = grade_source(grader, name, course.stub(name)).exercises[0]
    if result.status is not Status.NOT_STARTED or result.points:
        yield f"the stub is {result.status} with {result.points} points, not 'not started' with 0"


def _costs(course: Course, grader: Grader, name: str, source: str) -> Iterator[Cost]:
    for bug in course.bugs(name):
        result = grade_source(grader, name, patched(source, bug), bug).exercises[0]
        yield _cost(bug, result)


def _cost(bug: Bug, result: ExerciseResult) -> Cost:
    lines = {line.id: line for line in result.criteria}
    line = lines.get(bug.caught_by)
    named = line.diagnosis if line and line.outcome is not Outcome.PASSED else None
    exact = named is not None and named.certainty is Certainty.EXACT
    return Cost(
        bug=bug.id,
        caught_by=bug.caught_by,
        says=bug.says,
        lost=result.max_points - result.points,
        outcomes={key: value.outcome for key, value in lines.items()},
        carried=tuple(key for key, value in lines.items() if value.carried_forward),
        diagnosed=named.bug if named and exact else "",
        example=_example(line, lines) if line else None,
    )


def _example(line: CriterionResult, lines: Mapping[str, CriterionResult]) -> Example | None:
    """Look up the example of a line, wherever it is shown."""
    example = line.example
    return lines[example.same_as].example if example and example.same_as else example


def _bug_problems(prepared: Prepared, costs: Sequence[Cost], worth: int) -> Iterator[str]:
    exercise = prepared.exercise
    if len(costs) < BUGS_AT_LEAST:
        yield f"{len(costs)} known bugs; there should be at least {BUGS_AT_LEAST}"
    for cost in costs:
        if cost.outcomes.get(cost.caught_by) is not Outcome.FAILED:
            yield f"bug {cost.bug} does not lose {cost.caught_by}"
        elif cost.diagnosed != cost.bug:
            yield f"bug {cost.bug} is diagnosed as {cost.diagnosed or 'nothing'}"
        if cost.lost * 4 > worth:
            yield f"bug {cost.bug} costs {cost.lost} of {worth}, above a quarter"
        if cost.caught_by not in prepared.rubric.without_example and not cost.example:
            yield f"bug {cost.bug} loses {cost.caught_by} without an example: see EXAMPLES"
    lost = {key for cost in costs for key, o in cost.outcomes.items() if o is Outcome.FAILED}
    for criterion in exercise.criteria:
        if criterion.id not in lost:
            yield f"no known bug loses {criterion.id}: can it fail?"
    yield from _twin_problems(prepared)


def _twin_problems(prepared: Prepared) -> Iterator[str]:
    """Find bugs that no question of the rubric tells apart."""
    seeds = Seeds(seed=SEEDS[0])
    questions = questions_of(prepared.exercise.name, prepared.rubric, prepared.reference, seeds)
    answers = [("the reference", _answers(prepared.reference, questions))]
    answers += [(bug.id, _answers(twin, questions)) for bug, twin in prepared.twins]
    for k, (one, seen) in enumerate(answers):
        for other, seen_other in answers[k + 1 :]:
            pairs = zip(seen, seen_other, strict=True)
            # nearly all are the same to the last bit, which is cheap to see
            if all(a[1] == b[1] or agree(a[0], b[0]) for a, b in pairs):
                yield f"{one} and {other} cannot be told apart"


def _answers(twin: Reference, questions: Sequence[Call]) -> list[tuple[Observation, bytes]]:
    """Ask everything; every answer with a digest of it."""
    seen = [twin.observe(q.function, q.args, q.kwargs) for q in questions]
    return [(one, fingerprint((type(one).__name__, *_parts(one)), {})) for one in seen]


def _parts(seen: Observation) -> tuple[object, ...]:
    if isinstance(seen, Raised):
        return str(seen.trouble), seen.name
    return seen.names, seen.values, sorted(seen.warned)
