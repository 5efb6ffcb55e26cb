"""Two known bugs at once, as one: for what no single bug explains."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Any

from grader.calls import Call, Observation, Raised, Signature, Trouble
from grader.catalogue import Bug
from grader.diagnosis import Twin, agree
from grader.model import JOINT
from grader.reference import Reference

__all__ = ["Paired", "joined", "pairs"]

#: Pairs that are tried for one criterion: a second, once per process.
MOST = 400


class Paired(Reference):
    """A twin with two bugs: thousands of them are tried, so only its answers are kept.

    make: patches and runs the solution.
    """

    def __init__(
        self, make: Callable[[], Mapping[str, Any]], signatures: Mapping[str, Signature]
    ) -> None:
        super().__init__({}, signatures)
        self._make = make

    def _observe(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Observation:
        try:
            self._functions = self._make()
        # two patches together may do anything
        except Exception as error:  # noqa: BLE001
            return Raised(trouble=Trouble.RAISED, name=type(error).__name__)
        try:
            return super()._observe(function, args, kwargs)
        finally:
            self._functions = {}


def joined(one: Bug, other: Bug, criterion: str, known: Collection[str] = ()) -> Bug:
    """Make one bug of two, caught by this criterion.

    known: ids of those that have been named before.
    """
    new = [bug.says for bug in (one, other) if bug.id not in known]
    says = f"Two things at once. {new[0]} And: {new[-1]}"
    if len(new) == 1:
        says = f"Beside what is named above: {new[0]}"
    return Bug(
        id=f"{one.id}{JOINT}{other.id}",
        old=one.old,
        new=one.new,
        also=(*one.also, (other.old, other.new), *other.also),
        caught_by=criterion,
        says=says,
    )


def pairs(
    twins: Sequence[Twin], calls: Sequence[Call], reference: Reference, criterion: str
) -> Iterator[tuple[Bug, Bug]]:
    """List the pairs that may explain what a lost criterion saw.

    Both change something about these calls, and one of them belongs here.
    """
    there = [bug for bug, twin in twins if not bug.data and _changes(twin, calls, reference)]
    here = (
        pair
        for pair in combinations(there, 2)
        if criterion in {pair[0].caught_by, pair[1].caught_by}
    )
    return islice(here, MOST)


def _changes(twin: Reference, calls: Sequence[Call], reference: Reference) -> bool:
    return any(
        not agree(
            twin.observe(call.function, call.args, call.kwargs),
            reference.observe(call.function, call.args, call.kwargs),
        )
        for call in calls
    )
