"""Anonymous marking: submissions under pseudonyms that only the private key can make.

The same student has the same pseudonym wherever the same key is used. Who is who
is kept in a file of its own, in no page and no report.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.files import write_atomically
from grader.intake import Found
from grader.mark import Attempt

__all__ = ["FILE", "Person", "hidden", "keep", "named", "pseudonym", "read_people", "rewrite"]

FILE = ".pseudonyms.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is behind a pseudonym."""

    id: str
    name: str = ""
    email: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    people: dict[str, Person] = field(default_factory=dict)


def pseudonym(key: bytes, student: str) -> str:
    """Make the pseudonym of a student: 12 hexadecimal digits nobody can make without the key."""
    data = b"pseudonym\0" + student.encode(errors="surrogatepass")
    return f"anon-{hmac.digest(key, data, 'sha256').hex()[:12]}"


def hidden(found: Sequence[Found], key: bytes) -> tuple[tuple[Found, ...], dict[str, Person]]:
    """Take names off submissions; return them, and who is behind each pseudonym."""
    people = {
        pseudonym(key, one.id): Person(id=one.id, name=one.name, email=one.email, also=one.also)
        for one in found
    }
    nameless = tuple(
        replace(one, id=pseudonym(key, one.id), name="", email="", also=()) for one in found
    )
    return nameless, people


def read_people(results: Path) -> dict[str, Person]:
    """Read who is behind the pseudonyms of a results folder; nobody, if it has none.

    Raises:
        UsageError: the file is damaged.
    """
    path = results / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File).people
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        message = f"{path}: who is behind the pseudonyms cannot be read: {error}"
        raise UsageError(message) from error


def keep(results: Path, people: Mapping[str, Person]) -> None:
    """Write down who is behind pseudonyms, beside those that are known; for the owner's eyes."""
    rewrite(results, read_people(results) | dict(people))


def rewrite(results: Path, people: Mapping[str, Person]) -> None:
    """Write down who is behind pseudonyms, and nobody else."""
    data = msgspec.json.encode(_File(people=dict(people)))
    write_atomically(results / FILE, msgspec.json.format(data, indent=2))
    (results / FILE).chmod(0o600)


def named(attempts: Sequence[Attempt], people: Mapping[str, Person]) -> tuple[Attempt, ...]:
    """Give attempts their names back, for the marks."""
    return tuple(
        replace(one, submission=who.id, name=who.name, email=who.email, also=who.also)
        if (who := people.get(one.submission))
        else one
        for one in attempts
    )
