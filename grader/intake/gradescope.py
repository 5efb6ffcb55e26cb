"""What Gradescope says about submissions: its export's YAML, its container's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

__all__ = ["CONTAINER", "EXPORT", "Handed", "read_container", "read_export"]

EXPORT = "submission_metadata.yml"
CONTAINER = "submission_metadata.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Who handed in, and when; the first of a group stands for it."""

    id: str = ""
    name: str = ""
    email: str = ""
    also: tuple[str, ...] = ()
    submitted: str = ""
    late: bool = False


def read_export(data: bytes) -> dict[str, Handed]:
    """Read the YAML of an export: folder -> who handed it in.

    What cannot be understood is left out: the folders are there anyway.
    """
    import yaml  # noqa: PLC0415  only for this platform

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads the objects of Ruby that Gradescope sometimes writes as nothing."""

    Loader.add_multi_constructor("!", lambda *_: None)
    try:
        table = yaml.load(data, Loader)  # noqa: S506  a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {
        str(folder): _handed(_list(entry.get(":submitters")), ":", "sid", entry.get(":created_at"))
        for folder, entry in table.items()
        if isinstance(entry, dict)
    }


def read_container(data: bytes) -> Handed:
    """Read the JSON that lies beside a submission inside a Gradescope container."""
    try:
        table = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Handed()
    if not isinstance(table, dict):
        return Handed()
    handed = _handed(_list(table.get("users")), "", "id", table.get("created_at"))
    assignment = table.get("assignment")
    due = _time(assignment.get("due_date") if isinstance(assignment, dict) else None)
    when = _time(table.get("created_at"))
    late = bool(due and when and due.tzinfo and when.tzinfo and when > due)
    return replace(handed, late=late)


def _handed(people: list[Any], colon: str, key: str, created: object) -> Handed:
    known: list[Mapping[str, str]] = []
    for person in people:
        if isinstance(person, dict):
            texts = {
                field: _text(person.get(f"{colon}{field}")) for field in (key, "name", "email")
            }
            known.append({**texts, "id": texts[key] or texts["email"]})
    if not known:
        return Handed(submitted=_iso(created))
    return Handed(
        id=known[0]["id"],
        name=", ".join(person["name"] for person in known if person["name"]),
        email=known[0]["email"],
        also=tuple(person["id"] for person in known[1:] if person["id"]),
        submitted=_iso(created),
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _iso(value: object) -> str:
    time = _time(value)
    return time.isoformat(timespec="seconds") if time else ""
