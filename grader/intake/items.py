"""The files of one submission, wherever they are: listed, not yet read."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path

from grader.errors import SubmissionError
from grader.intake.archive import Member, Opener, list_members, read_member
from grader.intake.folder import open_plain, read_plain, walk
from grader.intake.found import Found, Piece
from grader.intake.limits import ARCHIVES_CAP, DEPTH_CAP, NESTED, Limit
from grader.intake.names import ARCHIVES, DATA, SOURCES, ZIP, is_hidden, shown, split

__all__ = ["Items", "list_items"]

_NOWHERE = frozenset({"", ".", ".."})
_WANTED = frozenset({*SOURCES, DATA, ZIP, *ARCHIVES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file that may matter.

    shown: its path for people. name: what the student called it.
    rank, later: the platform's order of files, and that within an archive.
    read: gives its bytes, or raises SubmissionError. opener: if it is on disk.
    """

    shown: str
    name: str
    depth: int
    rank: int
    read: Callable[[Limit], bytes]
    later: int = 0
    opener: Opener | None = None


@dataclass(slots=True)
class Items:
    """The files of a submission, and what stood in the way of finding more."""

    files: list[Item] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def list_items(found: Found) -> Items:
    """List the files of a submission, and those of the archives in it, one level deep."""
    items = Items()
    outer: list[Item] = []
    for piece in found.pieces:
        if piece.trouble:
            items.troubles.append(piece.trouble)
            continue
        try:
            outer.extend(_of_piece(piece, items.troubles))
        except SubmissionError as error:
            items.troubles.append(str(error))
    archives = 0
    for item in outer:
        suffix = split(item.name)[1].lower()
        if suffix == ZIP:
            archives += 1
            if archives <= ARCHIVES_CAP:
                _open(item, items)
            else:
                items.troubles.append(f"{item.shown}: one archive too many; it was not opened")
        elif suffix in ARCHIVES:
            items.troubles.append(f"{item.shown}: a {suffix} archive; pack it as a .zip instead")
        else:
            items.files.append(item)
    return items


def _open(item: Item, items: Items) -> None:
    """List what is in a student's own archive."""
    try:
        opener = item.opener or partial(io.BytesIO, item.read(NESTED))
        members = list_members(opener, item.shown)
    except SubmissionError as error:
        items.troubles.append(str(error))
        return
    for inner in _of_members(members, opener, item.shown, item.rank, item.depth + 1):
        if split(inner.name)[1].lower() in {ZIP, *ARCHIVES}:
            items.troubles.append(f"{inner.shown}: an archive in an archive; it was not opened")
        else:
            items.files.append(inner)


def _of_piece(piece: Piece, troubles: list[str]) -> Iterator[Item]:
    if piece.members:
        opener = partial(open_plain, piece.path, shown(piece.path.name))
        if piece.single:
            for later, member in enumerate(piece.members):
                item = _of_member(member, opener, shown(member.path), piece.rank)
                yield replace(item, name=piece.name, later=later)
        else:
            yield from _of_members(piece.members, opener, piece.name, piece.rank, 1)
    elif piece.single:
        yield _on_disk(piece.path, shown(piece.path.name), piece.name, 1, piece.rank)
    else:
        yield from _of_folder(piece, troubles)


def _of_folder(piece: Piece, troubles: list[str]) -> Iterator[Item]:
    try:
        for parts in walk(piece.path):
            name = parts[-1]
            if split(name)[1].lower() in _WANTED and not is_hidden(name):
                label = shown("/".join(filter(None, (piece.name, *parts))))
                path = piece.path.joinpath(*parts)
                yield _on_disk(path, label, name, len(parts), piece.rank)
    except SubmissionError as error:
        troubles.append(str(error))


def _on_disk(path: Path, label: str, name: str, depth: int, rank: int) -> Item:
    return Item(
        shown=label, name=name, depth=depth, rank=rank,
        read=partial(read_plain, path, label), opener=partial(open_plain, path, label),
    )  # fmt: skip


def _of_members(
    members: Iterable[Member], opener: Opener, inside: str, rank: int, depth: int
) -> Iterator[Item]:
    members = list(members)
    foreign = {m.path.rpartition("/")[0] for m in members if m.path.endswith("/pyvenv.cfg")}
    for later, member in enumerate(members):
        *folders, name = (part for part in member.path.split("/") if part not in _NOWHERE)
        if split(name)[1].lower() not in _WANTED or len(folders) > DEPTH_CAP:
            continue
        above = accumulate(folders, "{}/{}".format)
        if not any(map(is_hidden, (*folders, name))) and foreign.isdisjoint(above):
            label = shown(f"{inside}/{member.path}" if inside else member.path)
            item = _of_member(member, opener, label, rank)
            yield replace(item, name=name, depth=depth + len(folders), later=later)


def _of_member(member: Member, opener: Opener, label: str, rank: int) -> Item:
    read = partial(read_member, opener, member, label)
    return Item(shown=label, name=label, depth=1, rank=rank, read=read)
