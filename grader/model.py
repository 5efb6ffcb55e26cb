"""The values that travel between modules, and their JSON.

Frozen dataclasses and enums only: nothing here reads a file, runs code or
knows what an LSTM is. `Report` is what a grading leaves behind; every page,
export and mark is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

__all__ = [
    "CELL_MARK",
    "JOINT",
    "SCHEMA",
    "BlockMap",
    "Certainty",
    "Content",
    "Cost",
    "Criterion",
    "CriterionResult",
    "Diagnosis",
    "Drawing",
    "Example",
    "Exercise",
    "ExerciseResult",
    "Help",
    "Known",
    "Outcome",
    "Plot",
    "Proof",
    "Report",
    "Series",
    "SourceFile",
    "Status",
    "Submission",
    "Where",
    "dump_report",
    "load_report",
]

SCHEMA = "grader/report/v1"

#: Stands above every code cell in the source made of a notebook.
CELL_MARK = "# --- cell "

#: Stands between the names of two known bugs that are there at once.
JOINT = "+"


class Outcome(StrEnum):
    """What became of one criterion. ERROR is ours, never the student's."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_STARTED = "not_started"
    ERROR = "error"


class Status(StrEnum):
    """What became of one exercise, or of a whole submission."""

    GRADED = "graded"
    NOT_STARTED = "not_started"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    NEEDS_ATTENTION = "needs_attention"


class Certainty(StrEnum):
    """How sure a diagnosis is: all arrays agree, or those of some blocks."""

    EXACT = "exact"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of a rubric: what is asked, and what it is worth.

    diagnosed: when it is lost, the known bugs are asked the same questions.
    """

    id: str
    title: str
    points: int
    needs: tuple[str, ...] = ()
    diagnosed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise: its name is its file's name in every folder."""

    name: str
    title: str
    criteria: tuple[Criterion, ...]

    @property
    def max_points(self) -> int:
        """The sum of the criteria's points."""
        return sum(criterion.points for criterion in self.criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a submission as text, and where it came from."""

    path: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything one student handed in: exercise name -> file.

    `unreadable` holds, by exercise name, what to tell the student about a
    file that could not be read at all; `data` the bytes of <exercise>.npz,
    which nobody but a worker decodes. `notes` are about the submission as a
    whole; `name`, `late` and `submitted` (ISO time) are what the platform it
    was handed in on says, if it says anything.
    """

    id: str
    files: Mapping[str, SourceFile]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    name: str = ""
    late: bool = False
    submitted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the first difference is."""

    output: str | None = None
    block: str | None = None
    time: int | None = None
    index: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A catalogued bug whose arrays are the student's."""

    bug: str
    says: str
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The smallest failing example of a lost criterion, on public numbers.

    code: lines to paste, the last of which shows it; empty where only hidden
        inputs fail, and then `situation` says which.
    got, want: what it prints, and what it should.
    by_hand: the right answer worked out, line by line.
    situation: the sizes, "T = 2, B = D = H = 1".
    same_as: nothing but this: the id of the criterion where it is shown.
    """

    code: tuple[str, ...] = ()
    got: str = ""
    want: str = ""
    by_hand: tuple[str, ...] = ()
    situation: str = ""
    same_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One line of the rubric, judged.

    `carried_forward`: the points are given although the numbers differ from
    the reference, because they are exactly what a correct program with the
    one slip already charged elsewhere would give.
    `review`: the points stand until the instructor has looked.
    `function`: whose answer was wrong, or which is not written yet.
    """

    id: str
    title: str
    points: int
    max_points: int
    outcome: Outcome
    message: str = ""
    where: Where | None = None
    diagnosis: Diagnosis | None = None
    carried_forward: bool = False
    review: bool = False
    example: Example | None = None
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture a student's code has drawn: a PNG of ours in base64, made of its pixels."""

    title: str
    caption: str
    png: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockMap:
    """A table of errors for a heat map, 0 = right, 1 = as wrong as can be.

    `values` has a row per entry of `rows`; None = could not be measured.
    """

    title: str
    caption: str
    row_label: str
    column_label: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers to draw: y over x, None where there is none; dashed: to compare with."""

    label: str
    x: tuple[float | None, ...]
    y: tuple[float | None, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Curves; or points, which lie on the diagonal where both numbers agree."""

    title: str
    caption: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    points: bool = False
    logarithmic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseResult:
    """One exercise of one submission, judged.

    `message` says why when `status` is not "graded"; `advice` costs nothing.
    """

    name: str
    points: int
    max_points: int
    status: Status
    criteria: tuple[CriterionResult, ...] = ()
    message: str = ""
    advice: tuple[str, ...] = ()
    pictures: tuple[BlockMap, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    plots: tuple[Plot, ...] = ()

    @property
    def asked(self) -> int:
        """How many of its lines count: a check that had nothing to try does not."""
        return sum(line.max_points > 0 for line in self.criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Digests of what was graded, by what, and in which environment.

    sketches: by exercise, what near-identical files have nearly in common
    (`grader.sketch`). weights: digests of the arrays handed in.
    """

    submission: str
    grader: str
    environment: str
    sketches: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What can be offered about one function, on request.

    hints: the idea, the equation, the shape of the code; or none.
    title, text: the section of the handout, in Markdown.
    link: where the handout is to be read, if the course has said so.
    """

    function: str
    hints: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Work that submissions may be near-identical to, but nobody's of this class."""

    label: str
    sketches: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One submission, judged. Equal inputs give equal bytes but `timing`.

    `key` names the private key the hidden probes were drawn with ("demo" or
    a fingerprint); `timing` is in seconds; `name`, `late` and `submitted` are
    what the platform says.
    """

    submission: str
    points: int
    max_points: int
    status: Status
    seed: int
    isolation: str
    key: str
    content: Content
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    name: str = ""
    late: bool = False
    submitted: str = ""
    timing: Mapping[str, float] = field(default_factory=dict)
    schema: str = SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one bug costs: outcome per criterion, points lost, how it was named, its example."""

    bug: str
    caught_by: str
    says: str
    lost: int
    outcomes: Mapping[str, Outcome]
    carried: tuple[str, ...]
    diagnosed: str
    example: Example | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found about one exercise. No problems: it holds."""

    exercise: str
    max_points: int
    criteria: tuple[str, ...]
    costs: tuple[Cost, ...]
    problems: tuple[str, ...]


def dump_report(report: Report) -> bytes:
    """Write a report as indented JSON, `schema` first, one trailing newline."""
    plain: dict[str, Any] = msgspec.to_builtins(report)
    ordered = {"schema": plain.pop("schema"), **plain}
    return msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"


def load_report(data: bytes) -> Report:
    """Read a report back.

    Raises:
        ValueError: not JSON, not of this schema, or a field is missing or
            of the wrong type; the message names the field.
    """
    report = msgspec.json.decode(data, type=Report)
    if report.schema != SCHEMA:
        message = f"a report of schema {report.schema}; this grader reads {SCHEMA}"
        raise ValueError(message)
    return report
