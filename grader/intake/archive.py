"""Zip archives: listing what is in them, reading single members in memory.

The directory is parsed once, by the standard library. Members are read by
themselves, so that an archive with a thousand submissions is not parsed a
thousand times, nothing stays open, and sizes are bounded by what is read, not
by what a header claims.
"""

import contextlib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from grader.errors import SubmissionError
from grader.intake.limits import (
    CLASS_CAP,
    CLASS_DIRECTORY_CAP,
    DIRECTORY_CAP,
    FILES_CAP,
    Limit,
)

__all__ = ["Member", "Opener", "list_class", "list_members", "read_member"]

Opener = Callable[[], BinaryIO]

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_UTF8 = 0x800
_LOCAL = struct.Struct("<4s22xHH")
_END = struct.Struct("<4s6xHII")
_END64 = struct.Struct("<4s28xQQ")
_LONGEST_COMMENT = 0xFFFF
_UNKNOWN = 0xFFFFFFFF
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: what it is called, and where its bytes are.

    trouble: why it is not read, for its student; empty if it can be.
    """

    path: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int
    trouble: str = ""


def list_members(opener: Opener, name: str) -> tuple[Member, ...]:
    """List the files of a student's archive.

    Raises:
        SubmissionError: not an archive that can be read, or too much in it.
    """
    return _listed(opener, name, FILES_CAP, DIRECTORY_CAP)


def list_class(opener: Opener, name: str) -> tuple[Member, ...]:
    """List the files of an archive of many submissions.

    Raises:
        SubmissionError: the same.
    """
    return _listed(opener, name, CLASS_CAP, CLASS_DIRECTORY_CAP)


def _listed(opener: Opener, name: str, most: int, largest: int) -> tuple[Member, ...]:
    try:
        with opener() as file:
            if _directory_size(file) > largest:
                raise SubmissionError(_too_many(name, most))
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
    except SubmissionError:
        raise
    # zipfile raises whatever broken bytes make of it: struct.error, OverflowError, …
    except Exception as error:
        message = f"{name}: not a zip that can be opened (cut off or damaged?); zip it again"
        raise SubmissionError(message) from error
    if len(infos) > most:
        raise SubmissionError(_too_many(name, most))
    members = map(_member, infos)
    return tuple(member for member in members if member.path.rpartition("/")[2].strip("."))


def _too_many(name: str, most: int) -> str:
    return f"{name}: more than {most} files in it; hand in source code only"


def _directory_size(file: BinaryIO) -> int:
    """Read the size the directory claims, so that a huge one is never parsed."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _LONGEST_COMMENT - 200))
    tail = file.read()
    # whichever of these the library takes for the end: none may claim too much
    ends = (_END.unpack_from(tail, at)[2] for at in _places(tail, b"PK\5\6", _END.size))
    larger = (_END64.unpack_from(tail, at)[2] for at in _places(tail, b"PK\6\6", _END64.size))
    known = [int(size) for size in (*ends, *larger) if size != _UNKNOWN]
    return max(known, default=0)


def _places(data: bytes, mark: bytes, size: int) -> Iterator[int]:
    """Find every place where a record of this size may begin."""
    at = data.find(mark)
    while 0 <= at <= len(data) - size:
        yield at
        at = data.find(mark, at + 1)


def _member(info: zipfile.ZipInfo) -> Member:
    path = _name(info)
    return Member(
        path=path, offset=info.header_offset, packed=info.compress_size, size=info.file_size,
        crc=info.CRC, method=info.compress_type, trouble=_trouble(info, path),
    )  # fmt: skip


def _name(info: zipfile.ZipInfo) -> str:
    """Read a member's name: some zippers write backslashes, or UTF-8 without saying so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with contextlib.suppress(UnicodeError):  # it may really be in an old encoding
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _trouble(info: zipfile.ZipInfo, path: str) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    outside = ".." in path.split("/") or path.startswith("/") or path[1:2] == ":"
    reasons = {
        "its name leads out of the archive; zip the folder again": outside,
        "its name holds a NUL; rename it and zip again": "\0" in path,
        "a link; hand in the file itself": kind == stat.S_IFLNK,
        "no plain file; hand in the file itself": kind not in {0, stat.S_IFREG, stat.S_IFLNK},
        "protected by a password; zip it without one": bool(info.flag_bits & _ENCRYPTED),
        "packed in a way we do not read; use an ordinary zip": info.compress_type not in _METHODS,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def read_member(opener: Opener, member: Member, name: str, limit: Limit) -> bytes:
    """Read one member, and no more of it than the limit.

    name: as it is called in messages.

    Raises:
        SubmissionError: too large, damaged, or of a kind that is not read.
    """
    if member.trouble:
        message = f"{name}: {member.trouble}"
        raise SubmissionError(message)
    try:
        with opener() as file:
            data = _unpacked(file, member, limit.size)
    except (OSError, ValueError, struct.error, zlib.error, OverflowError) as error:
        message = f"{name}: damaged in its zip; zip it again"
        raise SubmissionError(message) from error
    if len(data) > limit.size:
        raise SubmissionError(limit.says(name))
    if zlib.crc32(data) != member.crc:
        message = f"{name}: damaged in its zip (wrong check sum); zip it again"
        raise SubmissionError(message)
    return data


def _unpacked(file: BinaryIO, member: Member, cap: int) -> bytes:
    file.seek(member.offset)
    mark, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    if mark != b"PK\3\4":
        message = "no file where the directory says"
        raise ValueError(message)
    file.seek(name + extra, os.SEEK_CUR)
    if member.method == zipfile.ZIP_STORED:
        return file.read(min(member.packed, cap + 1))
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    data = io.BytesIO()
    left = member.packed
    while not unpacker.eof and data.tell() <= cap:
        piece = unpacker.unconsumed_tail
        if not piece:
            piece = file.read(min(left, _PIECE))
            left -= len(piece)
        if not piece:
            break
        data.write(unpacker.decompress(piece, cap + 1 - data.tell()))
    return data.getvalue()
