"""What a grader needs to run somewhere else: the engine and the private half of the course.

Like a hand-out it is listed, not filtered; unlike one it has everything.
"""

import hashlib
import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

from grader.course import Course, tables_of
from grader.seeds import DEMO_KEY, private_key

__all__ = ["course_files", "digest_seed", "key_files", "packed", "platform", "requirements"]

ENGINE = Path(__file__).resolve().parent.parent
_ENDINGS = frozenset({".py", ".j2", ".css", ".js"})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE, _PROGRAM = 0o100644 << 16, 0o100755 << 16


def course_files(course: Course) -> dict[str, bytes]:
    """Collect the engine and every exercise: path -> bytes, in the layout of one course.

    A course on top of another becomes a whole one.
    """
    files = {
        f"grader/{path.relative_to(ENGINE).as_posix()}": path.read_bytes()
        for path in sorted(ENGINE.rglob("*"))
        if path.suffix in _ENDINGS
        and path.relative_to(ENGINE).parts[0] not in {"hidden", "bugs"}
        and "__pycache__" not in path.parts
    }
    tables, _ = tables_of(course.root / "course.toml")
    tables.pop("sample", None)
    files["course.toml"] = _toml_file(tables)
    for name in course.names:
        home = course.home(name)
        hidden = home / "grader" / "hidden"
        # what its rubric imports may be beside it, and no test of its own
        helpers = (path for path in hidden.glob("*.py") if not path.name.startswith("test_"))
        every = (
            course.solution(name), course.data(name), course.hidden(name), course.bug_path(name),
            *hidden.glob(f"**/{name}.npz"), *helpers,
        )  # fmt: skip
        for path in every:
            if path.is_file():
                files[path.relative_to(home).as_posix()] = path.read_bytes()
    return dict(sorted(files.items()))


def requirements() -> bytes:
    """Copy what the engine needs from its own pyproject.toml."""
    project = tomllib.loads((ENGINE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    return "".join(f"{line}\n" for line in project["dependencies"]).encode()


def platform(name: str) -> dict[str, bytes]:
    """Read the scripts that are written for a platform: path -> bytes."""
    folder = ENGINE.parent / "platforms" / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().replace(b"\r\n", b"\n")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def digest_seed() -> int:
    """Derive the seed of a bundle from the private key: everybody is asked the same."""
    return int.from_bytes(hashlib.sha256(b"bundle\0" + private_key()).digest()[:4], "big") >> 1


def key_files() -> dict[str, bytes]:
    """Give the private key, where there is one."""
    key = private_key()
    return {} if key == DEMO_KEY else {"private.key": key}


def packed(files: Mapping[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """Pack files, always into the same bytes. programs: may be run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = _PROGRAM if path in programs else _FILE
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _toml_file(tables: Mapping[str, object]) -> bytes:
    """Write tables as TOML: single values, then lists of tables."""
    single = {key: value for key, value in tables.items() if not _is_list_of_tables(value)}
    lines = [f"{_key(key)} = {_toml(value)}" for key, value in single.items()]
    for key, value in tables.items():
        if key not in single and isinstance(value, list):
            for one in value:
                lines += ["", f"[[{key}]]"]
                lines += [f"{_key(name)} = {_toml(each)}" for name, each in one.items()]
    return ("\n".join(lines) + "\n").encode()


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _key(name: str) -> str:
    return (
        name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _toml(name)
    )


def _toml(value: object) -> str:
    match value:
        case dict():
            inside = ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case datetime() | date() | time():
            return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
