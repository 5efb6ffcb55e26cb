"""Archives as platforms and students make them, and as attackers do."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, str | bytes]


def raw(content: str | bytes) -> bytes:
    """Give the bytes of a file."""
    return content.encode() if isinstance(content, str) else content


def put(root: Path, files: Files) -> Path:
    """Write files, with the folders they need."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw(content))
    return root


def zipped(files: Files) -> bytes:
    """Pack files; a name that ends in a slash is a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, raw(content))
    return data.getvalue()


def packed(*entries: tuple[zipfile.ZipInfo, str | bytes]) -> bytes:
    """Pack entries as they are, twice the same name if need be."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for info, content in entries:
            if info.filename in archive.NameToInfo:
                del archive.NameToInfo[info.filename]
            archive.writestr(info, raw(content))
    return data.getvalue()


def entry(name: str, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """Describe an entry, of a kind of file if one is given."""
    info = zipfile.ZipInfo("x")
    info.filename = name  # the constructor would mend it
    info.external_attr = (mode | 0o644) << 16
    info.compress_type = method
    return info


def link(name: str, target: str) -> bytes:
    """Pack a symbolic link."""
    return packed((entry(name, stat.S_IFLNK), target))


def bomb(name: str, megabytes: int) -> bytes:
    """Pack zeros, a thousand times smaller than they are."""
    return zipped({name: bytes(megabytes << 20)})


def encrypted(name: str, content: str) -> bytes:
    """Pack a file that claims to be protected by a password."""
    data = bytearray(zipped({name: content}))
    directory = data.index(b"PK\1\2")
    data[6] |= 1
    data[directory + 8] |= 1
    return bytes(data)


def lying(name: str, content: str, *, crc: int | None = None, size: int | None = None) -> bytes:
    """Pack a file whose check sum or sizes are wrong in the directory."""
    data = bytearray(zipped({name: content}))
    directory = data.index(b"PK\1\2")
    if crc is not None:
        struct.pack_into("<I", data, directory + 16, crc)
    if size is not None:
        struct.pack_into("<II", data, directory + 20, size, size)
    return bytes(data)


def foreign_names(names: Mapping[bytes, str | bytes]) -> bytes:
    """Pack files under names of any bytes, without saying in which encoding."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, content in names.items():
        plain = raw(content)
        sizes = struct.pack("<III", zlib.crc32(plain), len(plain), len(plain))
        at = body.tell()
        body.write(struct.pack("<4s5H", b"PK\3\4", 20, 0, 0, 0, 33) + sizes)
        body.write(struct.pack("<HH", len(name), 0) + name + plain)
        directory.write(struct.pack("<4s6H", b"PK\1\2", 20, 20, 0, 0, 0, 33) + sizes)
        directory.write(struct.pack("<5HII", len(name), 0, 0, 0, 0, 0, at) + name)
    count, size, start = len(names), directory.tell(), body.tell()
    end = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, count, count, size, start, 0)
    return body.getvalue() + directory.getvalue() + end
