"""Who is graded: what was handed in, completed by a roster, dated, and nameless if so wished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError
from grader.intake import Found
from grader.pseudonyms import Person, hidden, pseudonym
from grader.roster import Expected, expected
from grader.seeds import DEMO_KEY
from grader.times import read_times, with_times

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The submissions of one batch; every id in it is a pseudonym, or none is.

    people: who is behind each pseudonym. unknown: ids of submissions of nobody
    on the roster. otherwise: ids of students who are marked by a submission of
    another id.
    """

    submissions: tuple[Found, ...]
    people: Mapping[str, Person] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


def gather(
    found: Sequence[Found], *, roster: Path | None, times: Path | None, key: bytes | None
) -> Gathered:
    """Put together who is graded.

    key: the private key, to take all names off with it.

    Raises:
        UsageError: roster or times cannot be read; the key is the public one.
    """
    if key == DEMO_KEY:
        message = (
            "--pseudonyms needs a private key: without one anybody can tell who is who; "
            "set CAROUSEL_KEY_FILE (docs/term.md says how to make one)"
        )
        raise UsageError(message)
    everything = Expected(submissions=tuple(found), unknown=(), otherwise=())
    whole = expected(roster, found) if roster else everything
    dated = with_times(whole.submissions, read_times(times)) if times else whole.submissions
    if key is None:
        return Gathered(submissions=dated, unknown=whole.unknown, otherwise=whole.otherwise)
    nameless, people = hidden(dated, key)
    return Gathered(
        submissions=nameless,
        people=people,
        unknown=tuple(pseudonym(key, one) for one in whole.unknown),
        otherwise=tuple(pseudonym(key, one) for one in whole.otherwise),
    )
