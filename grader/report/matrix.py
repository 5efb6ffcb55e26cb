"""How strong the graders are: every known bug against every criterion, as tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.model import Cost, Outcome, Proof
from grader.report.names import exercise_anchor

__all__ = ["Cell", "Matrix", "Row", "matrices"]

#: No slip may cost more than this part of an exercise: a full bar.
LIMIT = 4

_CAUGHT = ("caught", "caught here", "\N{BLACK CIRCLE}")
_LOST = ("lost", "lost, too", "\N{WHITE CIRCLE}")
_CARRIED = ("carried", "carried forward", "\N{RIGHTWARDS ARROW}")
_PASSED = ("passed", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a bug does to a criterion: a class, a word for the ear, a glyph for the eye."""

    kind: str
    word: str
    glyph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bug: what it costs, in points and in per cent of the dearest allowed."""

    cost: Cost
    share: float
    cells: tuple[Cell, ...]

    @property
    def unnamed(self) -> bool:
        """It is not diagnosed as itself."""
        return self.cost.diagnosed != self.cost.bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """One exercise: its bugs, and by criterion how many of them lose it.

    median, dearest: the points that a bug costs.
    """

    anchor: str
    proof: Proof
    rows: tuple[Row, ...]
    losers: tuple[int, ...]
    named: int
    median: float
    dearest: int

    @property
    def name(self) -> str:
        """The exercise's name."""
        return self.proof.exercise


def matrices(proofs: Sequence[Proof]) -> tuple[Matrix, ...]:
    """Lay out what was proved, an exercise a table."""
    return tuple(_matrix(number, proof) for number, proof in enumerate(proofs, 1))


def _matrix(number: int, proof: Proof) -> Matrix:
    losers = Counter(
        criterion
        for cost in proof.costs
        for criterion, outcome in cost.outcomes.items()
        if outcome is Outcome.FAILED
    )
    lost = [cost.lost for cost in proof.costs]
    rows = tuple(_row(cost, proof) for cost in proof.costs)
    return Matrix(
        anchor=exercise_anchor(number),
        proof=proof,
        rows=rows,
        losers=tuple(losers[criterion] for criterion in proof.criteria),
        named=sum(not row.unnamed for row in rows),
        median=median(lost) if lost else 0,
        dearest=max(lost, default=0),
    )


def _row(cost: Cost, proof: Proof) -> Row:
    share = 100 * LIMIT * cost.lost / proof.max_points if proof.max_points else 0
    cells = tuple(_cell(cost, criterion) for criterion in proof.criteria)
    return Row(cost=cost, share=min(100, max(0, share)), cells=cells)


def _cell(cost: Cost, criterion: str) -> Cell:
    kind, word, glyph = _looks(cost, criterion)
    return Cell(kind=kind, word=word, glyph=glyph)


def _looks(cost: Cost, criterion: str) -> tuple[str, str, str]:
    if criterion in cost.carried:
        return _CARRIED
    match cost.outcomes.get(criterion, Outcome.PASSED):
        case Outcome.PASSED:
            return _PASSED
        case Outcome.FAILED:
            return _CAUGHT if criterion == cost.caught_by else _LOST
        case Outcome.ERROR:
            return "error", "our error", "!"
        case _:
            return "skipped", "not tried", "\N{EN DASH}"
