"""What a path stands for: submissions found, not yet read."""

from dataclasses import dataclass
from pathlib import Path

from grader.intake.archive import Member
from grader.intake.names import shown

__all__ = ["Found", "Piece", "submission_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a submission: a file, a folder, or files of an archive.

    path: on disk. members: if it is an archive, which of its files.
    single: it is one file, which was called `name` before the platform
        renamed it; else a folder.
    rank: the platform's own order of files; the higher, the newer.
    trouble: why there is nothing in it that could be graded.
    """

    path: Path
    name: str = ""
    members: tuple[Member, ...] = ()
    single: bool = False
    rank: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One submission, and what the platform says about it.

    id: the platform's id of the student, else the folder's or archive's name.
    path: where it is on disk, for messages.
    name: the student, as the platform spells it. late: it says so.
    submitted: ISO time, if it says so. assignment: nbgrader's.
    also: ids of others who share the submission.
    """

    id: str
    path: Path
    pieces: tuple[Piece, ...]
    name: str = ""
    email: str = ""
    late: bool = False
    submitted: str = ""
    assignment: str = ""
    also: tuple[str, ...] = ()


def submission_id(one: Found | Path) -> str:
    """Name a submission: by the platform, its folder, or its file without the ending."""
    if isinstance(one, Found):
        return one.id
    return path_id(one)


def path_id(path: Path) -> str:
    """Name what lies at a path; a file without its ending."""
    name = path.stem if path.is_file() else path.resolve().name
    return shown(name, whole=True) or "submission"
