"""Small mistakes anywhere in the solutions, and whether the hidden graders notice.

    nox -s mutants -- [--exercise NAME ...] [--quick] [--sample N] [--list] [--seed N]

mutmut and cosmic-ray make the mutants: a number one up or down, another
operator, an argument left out, `+=` become `=`. To these we add what a student
does: a statement, a call or a transpose left out, and one name for another
(not with --quick). --sample takes N of an exercise's mutants, the same ones for
the same seed. Only lines between `### BEGIN SOLUTION` and `### END
SOLUTION` are mutated; what does not compile, or says the same, is dropped.

A mutant is graded like a submission until it loses its first criterion, then
it is killed. One that keeps all points is tried in the exercises that build on
its file: a cache is for them. What survives that, too, is a hole in a hidden
grader, or it is listed in docs/equivalent-mutants.toml with the reason why
nobody can tell it from the solution.
"""

import argparse
import ast
import difflib
import random
import re
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from pathlib import Path

import msgspec

from grader.calls import Trouble
from grader.course import Course
from grader.expect import Lost, Review
from grader.grade import Grader
from grader.model import SourceFile, Status, Submission
from grader.pytest_plugin import Current
from grader.sandbox.selfattack import open_isolated
from grader.sandbox.student import Limits, Student, StudentError
from grader.seeds import Seeds
from grader.stub import BEGIN, END

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "docs" / "equivalent-mutants.toml"
ENOUGH = 0.95
#: One call that never ends is enough to know.
LIMITS = Limits(strikes=1)
#: These raise on floats wherever they are put, and would only flatter the share.
BITS = ("RShift", "LShift", "BitOr", "BitAnd", "BitXor", "Invert")

#: exercise, function, the line, the line mutated
Key = tuple[str, str, str, str]


# --- making mutants -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mutation of one solution.

    line: where it begins. old, new: the lines it changes, blanks apart.
    text: the whole mutated file.
    """

    exercise: str
    function: str
    line: int
    old: str
    new: str
    text: str

    @property
    def key(self) -> Key:
        """What it is known by in the kept list; outlives edits elsewhere in the file."""
        return self.exercise, self.function, self.old, self.new


def mutants_of(exercise: str, source: str, *, quick: bool = False) -> list[Mutant]:
    """Make every mutant of the solution blocks of one file, by line.

    quick: without taking one name for another, which makes most of them.
    """
    lines = solution_lines(source)
    names = () if quick else names_taken(source, lines)
    seen, made = set(), []
    for text in chain(_by_mutmut(source, lines), _by_cosmic_ray(source, lines), names):
        one = mutant(exercise, source, text)
        said = one.line, *("".join(part.split()) for part in (one.old, one.new))
        if said[1] != said[2] and said not in seen and _is_program(text):
            seen.add(said)
            made.append(one)
    return sorted(made, key=lambda one: one.line)


def solution_lines(source: str) -> set[int]:
    """Find the lines between the markers, numbered from 1."""
    inside, lines = False, set()
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            lines.add(number)
    return lines


def mutant(exercise: str, source: str, text: str) -> Mutant:
    """Describe what differs between a solution and one mutant of it."""
    old, new = source.splitlines(), text.splitlines()
    shorter = min(len(old), len(new))
    top = next((k for k in range(shorter) if old[k] != new[k]), shorter)
    rest = shorter - top
    bottom = next((k for k in range(rest) if old[-1 - k] != new[-1 - k]), rest)
    above = (line for line in reversed(old[: top + 1]) if line.startswith("def "))
    return Mutant(
        exercise=exercise,
        function=next(above, "def ").removeprefix("def ").partition("(")[0],
        line=top + 1,
        old=_squeezed(old[top : len(old) - bottom]),
        new=_squeezed(new[top : len(new) - bottom]),
        text=text,
    )


def _squeezed(lines: Iterable[str]) -> str:
    # cosmic-ray puts a blank before every number
    return re.sub(r"(?<=[(\[]) ", "", " ".join(" ".join(lines).split()))


def _is_program(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def _by_mutmut(source: str, lines: set[int]) -> Iterator[str]:
    # the tools are there in the nox session only; tests read the rest of this file
    import libcst  # noqa: PLC0415
    from libcst.metadata import MetadataWrapper, PositionProvider  # noqa: PLC0415
    from mutmut.mutation.mutators import mutation_operators  # noqa: PLC0415

    def statement_left_out(node: libcst.SimpleStatementLine) -> Iterator[libcst.CSTNode]:
        yield node.with_changes(body=[libcst.Pass()])

    def call_left_out(node: libcst.Call) -> Iterator[libcst.CSTNode]:
        yield from [argument.value for argument in node.args[:1]]

    def transpose_left_out(node: libcst.Attribute) -> Iterator[libcst.CSTNode]:
        yield from [node.value] * (node.attr.value == "T")

    def nodes(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
        yield node
        for child in node.children:
            yield from nodes(child)

    wrapper = MetadataWrapper(libcst.parse_module(source))
    places = wrapper.resolve(PositionProvider)
    operators = (
        *mutation_operators,
        (libcst.SimpleStatementLine, statement_left_out),
        (libcst.Call, call_left_out),
        (libcst.Attribute, transpose_left_out),
    )
    for node in nodes(wrapper.module):
        if node in places and places[node].start.line in lines:
            for kind, operator in operators:
                for new in operator(node) if isinstance(node, kind) else ():
                    yield wrapper.module.deep_replace(node, new).code


def _by_cosmic_ray(source: str, lines: set[int]) -> Iterator[str]:
    from cosmic_ray.ast import ast_nodes, get_ast  # noqa: PLC0415
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415
    from cosmic_ray.plugins import get_operator, operator_names  # noqa: PLC0415

    tree = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or name.endswith(BITS):  # with arguments it draws at random
            continue
        operator = kind()
        starts = (start for node in tree for start, _ in operator.mutation_positions(node))
        for occurrence, (line, _) in enumerate(starts):
            if line in lines:
                yield mutate_code(source, operator, occurrence)


def names_taken(source: str, lines: set[int]) -> Iterator[str]:
    """Read another name of the function, wherever one of its names is read.

    Only names given on a line above: another one would not even run.
    """
    rows = [row.encode() for row in source.splitlines(keepends=True)]
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    for function in functions:
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        given = {node.arg: 0 for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        for node in sorted(names, key=lambda node: node.lineno):
            if isinstance(node.ctx, ast.Store):
                given.setdefault(node.id, node.lineno)
        read = (node for node in names if isinstance(node.ctx, ast.Load) and node.id in given)
        for node in read:
            at, row = node.lineno, rows[node.lineno - 1]
            before, after = row[: node.col_offset], row[node.end_col_offset :]
            # inside an f-string Python 3.11 does not know where a name is
            if at in lines and row == before + node.id.encode() + after:
                for other in (name for name in given if given[name] < at and name != node.id):
                    new = (*rows[: at - 1], before, other.encode(), after, *rows[at:])
                    yield b"".join(new).decode()


# --- the kept list ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """Mutations of one line that nobody can tell from the solution, and why."""

    exercise: str
    function: str
    line: str
    mutations: list[str]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Lines the contract leaves to taste, and why."""

    exercise: str
    function: str
    lines: list[str]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    equivalent: list[Equivalent] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)


#: What a mutant of a free line is known by, instead of what it became.
ANYTHING = "..."


def kept_list(path: Path = KEPT) -> dict[Key, str]:
    """Read the kept list: the key of a mutant -> why it is equivalent, or its line free."""
    kept = msgspec.toml.decode(path.read_bytes(), type=_Kept)
    equivalent = {
        (one.exercise, one.function, one.line, mutation): one.why
        for one in kept.equivalent
        for mutation in one.mutations
    }
    return equivalent | {
        (one.exercise, one.function, line, ANYTHING): one.why
        for one in kept.free
        for line in one.lines
    }


# --- grading them -------------------------------------------------------------


class Fate(StrEnum):
    """What became of a mutant.

    CRASHED: it gave no arrays to judge. LATE: it had to be stopped. LATER: an
    exercise that builds on it noticed. REVIEW: it keeps its points until the
    instructor has looked at its figure. BROKE: our grader failed; ours to mend.
    """

    SURVIVED = "survived"
    KILLED = "killed"
    CRASHED = "crashed"
    LATE = "stopped"
    LATER = "killed by a later exercise"
    REVIEW = "for the instructor"
    BROKE = "broke the grader"


class Jury:
    """Grades mutants of some exercises, and of those that build on them."""

    def __init__(self, course: Course, names: Sequence[str], seed: int) -> None:
        self.course = course
        self.seeds = Seeds(seed=seed)
        self.later = {n: [m for m in course.names if n in course.needs(m)] for n in names}
        wanted = dict.fromkeys(chain(names, *self.later.values()))
        self._sandbox, isolation = open_isolated()
        self._grader = Grader(
            course, self._sandbox, self.seeds,
            isolation=isolation.level, exercises=tuple(wanted), limits=LIMITS,
        )  # fmt: skip

    def close(self) -> None:
        """Close grader and sandbox."""
        self._grader.close()
        self._sandbox.close()

    def fate(self, name: str, text: str) -> Fate:
        """Grade a mutated file in its own exercise, then in those that build on it."""
        fate = self._first_loss(name, {name: text})
        if fate is not Fate.SURVIVED:
            return fate
        for later in self.later[name]:
            if self._first_loss(later, {name: text}) is not Fate.SURVIVED:
                return Fate.LATER
        return self._reported(name, text)

    def _first_loss(self, name: str, changed: Mapping[str, str]) -> Fate:
        """Ask criterion after criterion until one is lost; what trains comes last.

        The first one lost always costs points: a mistake is only carried
        forward from where it was paid for.
        """
        prepared, entry = self._grader.prepared[name], self.course.exercises[name]
        student = Student(
            self._sandbox, name, self._files(name, changed), prepared.rubric.signatures,
            limits=LIMITS, needs=self.course.needs(name),
            data=self._data(name), figures=self.course.draws(name),
        )  # fmt: skip
        training = replace(
            LIMITS,
            request=entry.limits.get("request", LIMITS.request),
            total=entry.limits.get("total", LIMITS.total),
        )
        worth = {one.id for one in prepared.exercise.criteria if one.points}
        current = Current(name, student, prepared.reference, self.seeds)
        seen = Fate.SURVIVED
        try:
            for criterion in sorted(prepared.rubric.criteria, key=lambda one: not one.diagnosed):
                if not criterion.diagnosed:
                    student.limits = training
                match prepared.rubric.run(criterion.id, current):
                    case None:
                        continue
                    case Review():
                        seen = Fate.REVIEW
                        continue
                    case StudentError(trouble=trouble):
                        fate = Fate.LATE if trouble is Trouble.LATE else Fate.CRASHED
                    case AssertionError() | Lost():
                        fate = Fate.KILLED
                    case _:
                        return Fate.BROKE
                if criterion.id in worth:
                    return fate
        finally:
            student.close()
        return seen

    def _reported(self, name: str, text: str) -> Fate:
        """Grade whole, to be sure of what survived."""
        files = {
            key: SourceFile(path=f"{key}.py", text=source)
            for key, source in self._files(name, {name: text}).items()
        }
        data = self._data(name)
        submission = Submission(id="mutant", files=files, data={name: data} if data else {})
        results = self._grader.grade(submission).exercises
        (result,) = (one for one in results if one.name == name)
        if result.status is not Status.GRADED:
            return Fate.BROKE
        full = result.points == result.max_points
        return Fate.SURVIVED if full and not any(c.review for c in result.criteria) else Fate.KILLED

    def _files(self, name: str, changed: Mapping[str, str]) -> dict[str, str]:
        needed = (*self.course.needs(name), name)
        return {key: changed.get(key, self.course.source(key)) for key in needed}

    def _data(self, name: str) -> bytes | None:
        path = self.course.data(name)
        return path.read_bytes() if path.exists() else None


@dataclass(slots=True, kw_only=True)
class Tally:
    """The mutants of one exercise, and what became of them.

    whole: none was left out, so that every line of the kept list must be used.
    """

    exercise: str
    mutants: list[Mutant]
    fates: dict[Fate, list[Mutant]]
    kept: Mapping[Key, str]
    whole: bool
    seconds: float

    @property
    def free(self) -> list[Mutant]:
        """Survivors on lines the contract leaves free: they count for nothing."""
        return [one for one in self.fates[Fate.SURVIVED] if _free(one) in self.kept]

    @property
    def survivors(self) -> list[Mutant]:
        """Survivors that count."""
        return [one for one in self.fates[Fate.SURVIVED] if _free(one) not in self.kept]

    @property
    def unexplained(self) -> list[Mutant]:
        """Survivors nobody has explained."""
        return [one for one in self.survivors if one.key not in self.kept]

    @property
    def share(self) -> float:
        """How many of those that count are killed, explained or not."""
        return 1.0 - len(self.survivors) / max(1, len(self.mutants) - len(self.free))

    @property
    def stale(self) -> Iterator[str]:
        """Say which lines of the kept list are not true any more."""
        listed = {key for key in self.kept if key[0] == self.exercise}
        made = {one.key for one in self.mutants}
        used = {one.key for one in self.survivors} | {_free(one) for one in self.free}
        for key in sorted(listed - used):
            if key in made:
                yield f"not equivalent, it is killed: {' | '.join(key)}"
            elif self.whole:
                yield f"no such mutant survives: {' | '.join(key)}"

    @property
    def holds(self) -> bool:
        """Whether nothing is left to do."""
        done = not (self.unexplained or self.fates[Fate.BROKE] or any(self.stale))
        return done and self.share >= ENOUGH

    def row(self) -> str:
        """Make its line of the table."""
        open_, survived = len(self.unexplained), len(self.survivors)
        counted = len(self.mutants) - len(self.free)
        by = (Fate.CRASHED, Fate.LATE, Fate.LATER, Fate.REVIEW)
        cells = (
            self.exercise, len(self.free), counted, counted - survived,
            *(len(self.fates[fate]) for fate in by),
            survived - open_, open_, f"{self.share:.1%}", f"{self.seconds:.0f}",
        )  # fmt: skip
        return "| " + " | ".join(map(str, cells)) + " |"


def _free(one: Mutant) -> Key:
    return *one.key[:3], ANYTHING


HEAD = """
| exercise | free | mutants | killed | by crash | by clock | later | by eye | explained | open \
| share | s |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def some(mutants: Sequence[Mutant], sample: int | None, seed: int) -> list[Mutant]:
    """Take so many of the mutants, none of them twice, in their order; all if not asked."""
    if sample is None or sample >= len(mutants):
        return list(mutants)
    taken = sorted(random.Random(seed).sample(range(len(mutants)), sample))  # noqa: S311
    return [mutants[k] for k in taken]


def measure(
    jury: Jury, name: str, kept: Mapping[Key, str], *, quick: bool, sample: int | None = None
) -> Tally:
    """Make and grade the mutants of one exercise, or a sample of them."""
    started = time.perf_counter()
    source = jury.course.source(name)
    if (fate := jury.fate(name, source)) is not Fate.SURVIVED:
        message = f"the solution of {name} itself does not get all points: {fate}"
        raise SystemExit(message)
    every = mutants_of(name, source, quick=quick)
    mutants = some(every, sample, jury.seeds.seed)
    fates: dict[Fate, list[Mutant]] = {fate: [] for fate in Fate}
    for k, one in enumerate(mutants, 1):
        fates[jury.fate(name, one.text)].append(one)
        if sys.stderr.isatty() or k % 100 == 0:
            end = "\r" if sys.stderr.isatty() else "\n"
            print(f"{name}: {k} of {len(mutants)}", end=end, file=sys.stderr, flush=True)
    seconds = time.perf_counter() - started
    return Tally(
        exercise=name, mutants=mutants, fates=fates, kept=kept, seconds=seconds,
        whole=not quick and len(mutants) == len(every),
    )  # fmt: skip


def diff(one: Mutant, source: str) -> str:
    """Show a mutant as a unified diff."""
    file = f"solutions/{one.exercise}.py"
    lines = difflib.unified_diff(
        source.splitlines(), one.text.splitlines(), file, f"{file} ({one.function})",
        n=1, lineterm="",
    )  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Print what survived, and a Markdown table."""
    course, kept = Course.load(ROOT), kept_list()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exercise", action="append", choices=course.names, metavar="NAME",
                        help="only this one; may be given again")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="without one name for another")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of an exercise, at most")
    parser.add_argument("--list", action="store_true", help="list the mutants, grade nothing")
    parser.add_argument("--seed", type=int, default=1, help="draw other probes (default: 1)")
    options = parser.parse_args()
    names = options.exercise or course.names
    if options.list:
        every = (
            some(mutants_of(n, course.source(n), quick=options.quick), options.sample, options.seed)
            for n in names
        )
        for one in chain.from_iterable(every):
            print(f"{one.exercise}:{one.line} {one.function}: {one.old}  ->  {one.new}")
        return
    jury = Jury(course, names, options.seed)
    try:
        tallies = [
            measure(jury, name, kept, quick=options.quick, sample=options.sample) for name in names
        ]
    finally:
        jury.close()
    for tally in tallies:
        source = course.source(tally.exercise)
        for one in tally.survivors:
            print(diff(one, source), f"\n# {kept.get(one.key, 'UNEXPLAINED')}\n", sep="")
        for one in tally.fates[Fate.BROKE]:
            print(diff(one, source), "\n# THIS BREAKS OUR GRADER\n", sep="")
        for line in tally.stale:
            print(f"{KEPT.name}: {line}")
    print(HEAD, *(tally.row() for tally in tallies), sep="\n")
    sys.exit(not all(tally.holds for tally in tallies))


if __name__ == "__main__":
    main()
