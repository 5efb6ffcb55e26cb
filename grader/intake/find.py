"""Which submissions a path stands for.

A path is one submission if it is a file, or if a file of the course lies
directly in it; otherwise each of its children is one. What Canvas, Moodle,
Gradescope and nbgrader pack is recognised by its names, zipped or unzipped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.errors import SubmissionError, UsageError
from grader.intake import gradescope
from grader.intake.archive import Member, list_class, read_member
from grader.intake.folder import children, open_plain, read_plain
from grader.intake.found import Found, Piece, path_id
from grader.intake.gradescope import Handed
from grader.intake.layouts import Label, Parser, parser_for
from grader.intake.limits import DEPTH_CAP, SHEET
from grader.intake.names import ARCHIVES, SOURCES, ZIP, is_hidden, shown, split

__all__ = ["find_submissions", "whole"]

_GIVE = "give a folder, a .py, an .ipynb or a .zip"
_SUBMITTED = "submitted"
_TIMESTAMP = "timestamp.txt"
#: What else lies in the root of an nbgrader course.
_NBGRADER = frozenset({"source", "release", "autograded", "feedback", "solution", "gradebook.db",
                       "nbgrader_config.py"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A file or folder of a listing, on disk or in an archive."""

    name: str
    path: Path
    folder: bool = False
    link: bool = False
    members: tuple[Member, ...] = ()


def find_submissions(path: Path, names: Mapping[str, str], *, single: bool = False) -> list[Found]:
    """List the submissions a path stands for, in the order of their ids.

    names: the exercises of the course (and their stubs).
    single: the path is one submission, whatever lies in it.

    Raises:
        UsageError: there is nothing at this path, or two would have one id.
    """
    try:
        found = _found(path, names, single=single)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise UsageError(message) from error
    places: dict[str, list[Path]] = {}
    for one in found:
        places.setdefault(one.id, []).append(one.path)
    twice = [
        f"{' and '.join(map(str, paths))} would both be submission {key}"
        for key, paths in places.items() if len(paths) > 1
    ]  # fmt: skip
    if twice:
        message = f"{'; '.join(twice)}; rename one"
        raise UsageError(message)
    return sorted(found, key=lambda one: one.id)


def whole(path: Path) -> Found:
    """Take all that lies at a path as one submission."""
    single = not path.is_dir()
    # the path itself is the instructor's word: it may be a link
    disk = path.resolve() if path.is_symlink() else path
    piece = Piece(path=disk, name=path.name if single else "", single=single)
    return Found(id=path_id(path), path=path, pieces=(piece,))


def _found(path: Path, names: Mapping[str, str], *, single: bool) -> list[Found]:
    if not path.exists():
        message = f"{path}: there is nothing there; {_GIVE}"
        raise UsageError(message)
    if not path.is_dir():
        suffix = path.suffix.lower()
        if suffix not in {*SOURCES, ZIP, *ARCHIVES} or not path.is_file():
            message = f"{path}: not a submission; {_GIVE}"
            raise UsageError(message)
        if single or suffix != ZIP:
            return [whole(path)]
        try:
            members = list_class(lambda: open_plain(path.resolve(), path.name), path.name)
        except SubmissionError:
            return [whole(path)]  # whoever reads it says why
        entries = list(_in_archive(path.resolve(), members))
        return _several(entries, names, wrapped=True) or [whole(path)]
    if single:
        return [whole(path)]
    entries = list(_in_folder(path))
    students = [entry for entry in entries if entry.folder or entry.link]
    if path.resolve().name == _SUBMITTED and students == entries and students:
        return [_of_nbgrader(entry) for entry in students]
    found = _several(entries, names, wrapped=False)
    if found is not None and not found:
        message = f"{path}: no submissions in it; expected a folder or a file per student"
        raise UsageError(message)
    return found or [whole(path)]


def _in_folder(path: Path) -> Iterator[_Entry]:
    for child in children(path):
        yield _Entry(
            name=child.name, path=Path(child.path),
            folder=child.is_dir(follow_symlinks=False), link=child.is_symlink(),
        )  # fmt: skip


def _in_archive(path: Path, members: Iterable[Member]) -> Iterator[_Entry]:
    """Group the files of an archive by the first part of their paths."""
    groups: dict[str, list[Member]] = {}
    folders: set[str] = set()
    for member in members:
        parts = [part for part in member.path.split("/") if part not in {"", ".", ".."}]
        if parts and not is_hidden(parts[0]):
            rest = "/".join(parts[1:] or parts)
            groups.setdefault(parts[0], []).append(replace(member, path=rest))
            if parts[1:]:
                folders.add(parts[0])
    for name in sorted(groups):
        yield _Entry(name=name, path=path, folder=name in folders, members=tuple(groups[name]))


def _below(entry: _Entry) -> list[_Entry]:
    if entry.members:
        return list(_in_archive(entry.path, entry.members))
    try:
        return list(_in_folder(entry.path))
    except OSError:
        return []  # whoever reads the submission says so


def _several(
    entries: list[_Entry], names: Mapping[str, str], *, wrapped: bool
) -> list[Found] | None:
    """Tell the submissions of a listing apart; None if it is one submission.

    wrapped: a folder that is alone here says nothing; an archive was made of it.
    """
    inner = entries
    for _ in range(DEPTH_CAP):
        if (platform := _of_platform(inner)) is not None:
            return platform
        if len(inner) != 1 or not inner[0].folder:
            break
        inner = _below(inner[0])  # what was packed lies in a folder of its own
    entries = inner if wrapped else entries
    if _one(entries, names):
        return None
    return [_plain(entry) for entry in entries if _may_be_one(entry)]


def _one(entries: Sequence[_Entry], names: Mapping[str, str]) -> bool:
    """Tell whether a file of the course lies directly here."""
    wanted = {name + suffix for name in names for suffix in SOURCES}
    return any(entry.name in wanted and not entry.folder for entry in entries)


def _may_be_one(entry: _Entry) -> bool:
    return entry.folder or entry.link or split(entry.name)[1].lower() in {*SOURCES, ZIP, *ARCHIVES}


def _plain(entry: _Entry) -> Found:
    name = entry.name if entry.folder else split(entry.name)[0]
    return Found(id=shown(name, whole=True), path=_place(entry), pieces=(_piece(entry),))


def _piece(entry: _Entry, label: Label | None = None) -> Piece:
    trouble = "a link; hand in the files themselves" if entry.link else label and label.trouble
    return Piece(
        path=entry.path,
        members=entry.members,
        single=not entry.folder,
        name="" if entry.folder else (label and label.file) or entry.name,
        rank=label.rank if label else 0,
        trouble=f"{shown(entry.name)}: {trouble}" if trouble else "",
    )


def _spelled(entry: _Entry) -> str:
    return f"{entry.name}/" if entry.folder else entry.name


def _place(entry: _Entry) -> Path:
    return entry.path / entry.name if entry.members else entry.path


# --- platforms ------------------------------------------------------------------------


def _of_platform(entries: list[_Entry]) -> list[Found] | None:
    """Recognise what a platform packed, or None."""
    names = {entry.name: entry for entry in entries}
    if gradescope.EXPORT in names:
        return _of_gradescope(names.pop(gradescope.EXPORT), names.values())
    if gradescope.CONTAINER in names and "submission" in names:
        return [_of_container(names[gradescope.CONTAINER], names["submission"])]
    if _SUBMITTED in names and names[_SUBMITTED].folder and _NBGRADER & names.keys():
        students = _below(names[_SUBMITTED])
        return [_of_nbgrader(entry) for entry in students if entry.folder or entry.link]
    parser = parser_for(map(_spelled, entries))
    return _labelled(entries, parser) if parser else None


def _labelled(entries: Iterable[_Entry], parser: Parser) -> list[Found]:
    """Put together what each student handed in, by the ids in the names."""
    groups: dict[str, list[tuple[_Entry, Label]]] = {}
    others: list[Found] = []
    for entry in entries:
        if label := parser(_spelled(entry)):
            groups.setdefault(label.id, []).append((entry, label))
        elif _may_be_one(entry):
            others.append(_plain(entry))
    return others + [
        Found(
            id=shown(key, whole=True),
            path=_place(group[0][0]),
            pieces=tuple(_piece(entry, label) for entry, label in group),
            name=shown(group[0][1].name),
            late=any(label.late for _, label in group),
        )
        for key, group in groups.items()
    ]


def _of_gradescope(sheet: _Entry, entries: Iterable[_Entry]) -> list[Found]:
    known = gradescope.read_export(_content(sheet))
    found: dict[str, Found] = {}
    for entry in entries:
        if _may_be_one(entry):
            one = _handed(_plain(entry), known.get(entry.name, Handed()))
            # two submissions of one student: the second keeps the name of its folder
            one = replace(one, id=_plain(entry).id) if one.id in found else one
            found[one.id] = one
    return list(found.values())


def _of_container(sheet: _Entry, folder: _Entry) -> Found:
    return _handed(_plain(folder), gradescope.read_container(_content(sheet)))


def _handed(one: Found, by: Handed) -> Found:
    return replace(
        one, id=shown(by.id, whole=True) or one.id, name=shown(by.name), email=shown(by.email),
        also=by.also, submitted=by.submitted, late=by.late,
    )  # fmt: skip


def _of_nbgrader(student: _Entry) -> Found:
    """Put the assignments of a student together; a newer one's files are the newer ones."""
    if student.link:
        return _plain(student)
    pieces: list[Piece] = []
    times: list[datetime] = []
    assignments: list[str] = []
    for entry in _below(student):
        piece = _piece(entry)
        if entry.folder:
            assignments.append(entry.name)
            when = _timestamp(entry)
            times += [when] if when else []
            rank = int((when.replace(tzinfo=when.tzinfo or UTC)).timestamp()) if when else 0
            piece = replace(piece, name=entry.name, rank=rank)
        pieces.append(piece)
    newest = max(times, key=lambda time: time.replace(tzinfo=time.tzinfo or UTC), default=None)
    return replace(
        _plain(student),
        pieces=tuple(pieces),
        submitted=newest.isoformat(timespec="seconds") if newest else "",
        assignment=shown(assignments[0]) if len(assignments) == 1 else "",
    )


def _timestamp(assignment: _Entry) -> datetime | None:
    """Read nbgrader's timestamp, such as `2026-11-02 14:58:23.948203 Europe/Madrid`."""
    if assignment.members:
        names = {entry.name: entry for entry in _below(assignment)}
        data = _content(names[_TIMESTAMP]) if _TIMESTAMP in names else b""
    else:
        data = _content(_Entry(name=_TIMESTAMP, path=assignment.path / _TIMESTAMP))
    day, _, rest = data[:100].decode("utf-8", "replace").strip().partition(" ")
    hour, _, zone = rest.strip().partition(" ")
    try:
        when = datetime.fromisoformat(f"{day} {hour}")
    except ValueError:
        return None
    try:
        return when.replace(tzinfo=ZoneInfo(zone.strip())) if zone else when
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return when


def _content(entry: _Entry) -> bytes:
    """Read a small file a platform wrote; one that cannot be read says nothing."""
    try:
        if entry.members:
            return read_member(
                lambda: open_plain(entry.path, entry.name), entry.members[0], entry.name, SHEET
            )
        return read_plain(entry.path, entry.name, SHEET)
    except SubmissionError:
        return b""
