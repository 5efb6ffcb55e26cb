"""The hand-out: what students get, and nothing else.

What goes in is listed, never what stays out: stubs cut from the solutions,
texts, public checks, hints, the engine as far as students' commands import it,
and the numbers (no code) that known bugs give on the public checks. The same
course gives the same bytes.
"""

import ast
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from grader.checking import NOTEBOOKS, SEEDS
from grader.course import Course
from grader.diagnosis import same
from grader.errors import AuthoringError, UsageError
from grader.files import told, write_atomically
from grader.lookalikes import Answer, Lookalike, dump, numbers, question_of
from grader.nbgrader_course import student_notebooks
from grader.notebooks import HELPER
from grader.pytest_session import Rubric, RubricSession
from grader.questions import questions_of
from grader.reference import Reference

__all__ = [
    "FORMATS", "contents", "handouts", "imported", "lookalikes", "notebook_helper", "release",
    "text_of", "zipped",
]  # fmt: skip

FORMATS = ("folder", "zip")
NAME = "carousel"
#: What students' commands start from; workers are started by module name.
STARTS = ("__init__", "__main__", "student_cli", "watch", "sandbox/zygote", "sandbox/spawned")
TEXTS = (
    "README.md", "cheat_sheet.md", "play.ipynb", "handouts/*.md", "handouts/*.svg",
    "checks/*.py", "hints/*.toml", "data/*.txt",
)  # fmt: skip
PICTURES = ("handouts/*.png",)
LIBRARIES = (
    "click", "filelock", "matplotlib", "msgpack", "msgspec", "nbformat", "numpy", "py-landlock",
    "pyseccomp", "pytest", "rich", "watchfiles",
)  # fmt: skip
#: How a checkout runs a command, and how a hand-out does.
COMMAND = re.compile(r"nox -s (check|hint|reset|progress)(?: --)?")
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644


def release(course: Course, folder: Path, form: str) -> Path:
    """Write the hand-out into a folder, unpacked or as a zip; return where.

    Raises:
        UsageError: it is there already, or cannot be written.
        AuthoringError: the course lacks a file it needs.
    """
    packed = form == "zip"
    target = folder / (f"{NAME}.zip" if packed else NAME)
    with told(folder, "--to"):
        folder.mkdir(parents=True, exist_ok=True)
    if not packed and target.exists():
        message = f"{target} is there already; remove it, or give another folder with --to"
        raise UsageError(message)
    files = contents(course)
    with told(folder, "--to"):
        if packed:
            write_atomically(target, zipped(files))
            return target
        for path, data in files.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(data)
    return target


def contents(course: Course) -> dict[str, bytes]:
    """Work out every file of the hand-out: path -> bytes."""
    engine = Path(__file__).resolve().parent
    files: dict[str, bytes] = {}
    for root in reversed(course.roots):  # what a course has of its own comes last
        files |= _texts(root)
    files["course.toml"] = _exercises_only(course)
    files["LICENSE"] = text_of(_own_or_base(course, "LICENSE"))
    files["requirements.txt"] = _requirements(_own_or_base(course, "pyproject.toml"))
    for name in course.names:
        stub = course.stub(name).encode()
        files[f"exercises/{name}.py"] = files[f"exercises/.stubs/{name}.py"] = stub
    if any((root / "handout" / NOTEBOOKS).is_dir() for root in course.roots):
        files[f"{NOTEBOOKS}/{HELPER}"] = notebook_helper(course)
        for name, data in student_notebooks(course, handouts(course)).items():
            files[f"{NOTEBOOKS}/{name}"] = data
    for module in imported(engine, [course.checks(name) for name in course.names]):
        files[f"grader/{module}"] = text_of(engine / module)
    for name, data in lookalikes(course).items():
        files[f"exercises/.lookalikes/{name}.npz"] = data
    return dict(sorted(files.items()))


def _texts(root: Path) -> dict[str, bytes]:
    """Read what a course folder gives to students as it is: path -> bytes."""
    files: dict[str, bytes] = {}
    handout, exercises = root / "handout", root / "exercises"
    for path in handout.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path.parent.name != NOTEBOOKS:
            files[path.relative_to(handout).as_posix()] = text_of(path)
    for pattern in (*TEXTS, *PICTURES):
        for path in exercises.glob(pattern):
            data = path.read_bytes() if pattern in PICTURES else text_of(path)
            files[f"exercises/{path.relative_to(exercises).as_posix()}"] = data
    return files


def _own_or_base(course: Course, name: str) -> Path:
    """Find a file in the course, or in the one it builds on."""
    return next(
        (root / name for root in course.roots if (root / name).is_file()), course.root / name
    )


def handouts(course: Course) -> dict[str, str]:
    """Read the handouts as they are given out: exercise -> text."""
    return {name: text_of(course.handout(name)).decode() for name in course.names}


def notebook_helper(course: Course) -> bytes:
    """Read the file that lies beside every notebook: the course's own, or ours."""
    ours = Path(__file__).resolve().parent.parent
    places = [root / "handout" / NOTEBOOKS / HELPER for root in (*course.roots, ours)]
    return text_of(next((path for path in places if path.exists()), places[-1]))


def _exercises_only(course: Course) -> bytes:
    """Write a course.toml without what is between instructors and single students."""
    lines = ["# What there is to do, and what it is worth.", "", f"name = {_toml(course.name)}"]
    if course.limits:
        lines.append(f"limits = {_toml(course.limits)}")
    for entry in course.exercises.values():
        lines += ["", "[[exercises]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in asdict(entry).items() if value]
        if not entry.points:
            lines.append("points = {}")
    return ("\n".join(lines) + "\n").encode()


def _toml(value: object) -> str:
    """Write a value: a text as in JSON, whose escapes are TOML's, too."""
    match value:
        case Mapping():
            inside = ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Pack files, always into the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{path}", EPOCH)
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = READABLE << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()


def imported(engine: Path, checks: Iterable[Path] = ()) -> list[str]:
    """List the files of the engine that students' commands import, however late.

    checks: the public checks, which import from it, too.
    """
    found: set[str] = set()
    left = [f"{start}.py" for start in STARTS]
    for path in checks:
        left += _imports(engine, path)
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += _imports(engine, engine / module)
    return sorted(found)


def lookalikes(course: Course, exercises: Sequence[str] = ()) -> dict[str, bytes]:
    """Ask every known bug the public checks: exercise -> the bytes of a .npz."""
    chosen = exercises or course.names
    names = [name for name in chosen if not course.exercises[name].bugs_are_secret]
    if not names:
        return {}
    session = RubricSession([course.checks(name) for name in names])
    try:
        rubrics = session.rubrics()
        return {
            name: dump(list(_lookalikes(course, name, rubrics[course.checks(name).resolve()])))
            for name in names
        }
    finally:
        session.close()


def _lookalikes(course: Course, name: str, rubric: Rubric) -> Iterator[Lookalike]:
    reference = Reference(course.functions(name), rubric.signatures)
    asked = questions_of(name, rubric, reference, SEEDS)
    calls = {question_of(c): c for c in asked if c.function in rubric.signatures}
    for bug in course.bugs(name):
        twin = Reference(course.functions(name, bug), rubric.signatures)
        answers = []
        for question, call in calls.items():
            found = numbers(twin.observe(call.function, call.args, call.kwargs))
            right = numbers(call.seen)
            differs = found.keys() != right.keys() or not all(
                same(found[key], right[key]) for key in found
            )
            if found and differs:
                answers.append(Answer(question=question, numbers=found))
        if answers:
            yield Lookalike(bug=bug.id, says=bug.says, answers=tuple(answers))


def _imports(engine: Path, path: Path) -> Iterator[str]:
    """Find the modules of ours that a file imports, and the packages they lie in."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            package, *parts = name.split(".")
            if package != "grader":
                continue
            place = PurePosixPath(*parts)
            for file in (f"{place}.py", f"{place}/__init__.py", f"{place.parent}/__init__.py"):
                if (engine / file).is_file():
                    yield str(PurePosixPath(file))


def _requirements(pyproject: Path) -> bytes:
    """Copy from our own requirements those that students' commands need."""
    project = tomllib.loads(text_of(pyproject).decode())["project"]
    of = {re.split(r"[^\w-]", line)[0]: line for line in project["dependencies"]}
    if missing := [name for name in LIBRARIES if name not in of]:
        message = f"{pyproject}: the hand-out needs {', '.join(missing)}, no dependency here"
        raise AuthoringError(message)
    return "".join(f"{of[name]}\n" for name in LIBRARIES).encode()


def text_of(path: Path) -> bytes:
    """Read a text, with the line ends and the commands of a hand-out."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: the hand-out needs this file: {error}"
        raise AuthoringError(message) from error
    if path.suffix == ".md" or path.parent.name == "checks":
        text = COMMAND.sub(r"python3 start.py \1", text)
    return text.replace("\r\n", "\n").encode()
