"""Finding submissions and reading their files; nothing here runs any code.

A path is one submission if it is a file, or if a file of the course lies
directly in it; otherwise each of its children is one. Files are found by name
at any depth. A notebook stands for the .py of the same name: its code cells in
order, without the lines only a notebook understands.
"""

import contextlib
import io
import os
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat

from grader.errors import SubmissionError, UsageError
from grader.model import CELL_MARK, SourceFile, Submission
from grader.stub import is_stub

__all__ = ["find_submissions", "notebook_source", "read_submission", "submission_id"]

SIZE_CAP = 2 << 20
FILE_CAP = 10_000
SUFFIXES = (".py", ".ipynb")
#: Arrays handed in beside an exercise, such as trained weights.
DATA = ".npz"


def find_submissions(path: Path, names: Mapping[str, str], *, single: bool = False) -> list[Path]:
    """List the submissions a path stands for, in the order of their names.

    names: the exercises of the course (and their stubs).
    single: the path is one submission, whatever lies in it.

    Raises:
        UsageError: there is nothing at this path.
    """
    if not path.exists():
        message = f"{path}: there is nothing there; give a folder, a .py or an .ipynb"
        raise UsageError(message)
    if path.is_file():
        if path.suffix not in SUFFIXES:
            message = f"{path}: not a submission; give a folder, a .py or an .ipynb"
            raise UsageError(message)
        return [path]
    wanted = {name + suffix for name in names for suffix in SUFFIXES}
    if single or any((path / name).is_file() for name in wanted):
        return [path]
    children = sorted(child for child in path.iterdir() if not child.name.startswith((".", "__")))
    found = [c for c in children if c.is_dir() or c.suffix in SUFFIXES]
    if not found:
        message = f"{path}: no submissions in it; expected a folder or a file per student"
        raise UsageError(message)
    return found


def read_submission(path: Path, stubs: Mapping[str, str]) -> Submission:
    """Read the files of one submission.

    stubs: exercise name -> stub; between several files for one exercise an
        edited one beats its stub, then the one nearer the top, then .py.
    """
    files: dict[str, SourceFile] = {}
    unreadable: dict[str, str] = {}
    for name, candidates in _candidates(path, stubs).items():
        read: list[SourceFile] = []
        for candidate in candidates:
            shown = _shown(candidate.relative_to(path)) if path.is_dir() else _shown(candidate.name)
            try:
                read.append(_read(candidate, shown))
            except SubmissionError as error:
                unreadable.setdefault(name, str(error))
        edited = [file for file in read if not is_stub(file.text, stubs[name])]
        if not edited and name in unreadable:
            continue  # an untouched stub beside it does not make up for it
        if not read:
            continue
        unreadable.pop(name, None)
        used = (edited or read)[0]
        if len(candidates) > 1:
            note = f"{len(candidates)} files for {name}; {used.path} was used"
            used = SourceFile(path=used.path, text=used.text, notes=(*used.notes, note))
        files[name] = used
    data = _data(path, stubs)
    return Submission(id=submission_id(path), files=files, unreadable=unreadable, data=data)


def submission_id(path: Path) -> str:
    """Name a submission by its folder, or its file without the ending."""
    name = path.stem if path.is_file() else path.resolve().name
    return _shown(name) or "submission"


def _shown(path: str | Path) -> str:
    """Spell a path so that it can be written anywhere: names need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _candidates(path: Path, stubs: Mapping[str, str]) -> dict[str, list[Path]]:
    """Find the files that may hold an exercise, best first."""
    found: dict[str, list[Path]] = {}
    for file in _files(path):
        # a single file of any name is taken for the exercise if there is one
        name = file.stem
        if name not in stubs and path.is_file() and len(stubs) == 1:
            name = next(iter(stubs))
        if name in stubs:
            found.setdefault(name, []).append(file)
    for files in found.values():
        files.sort(key=lambda f: (len(f.parts), f.suffix != ".py", str(f)))
    return found


def _data(path: Path, names: Mapping[str, str]) -> dict[str, bytes]:
    """Read the arrays that were handed in beside the code, the ones nearest the top."""
    found: dict[str, bytes] = {}
    if path.is_dir():
        files = sorted(_files(path, (DATA,)), key=lambda file: (len(file.parts), str(file)))
        for file in files:
            if file.stem in names and file.stem not in found and file.stat().st_size <= SIZE_CAP:
                with contextlib.suppress(OSError):
                    found[file.stem] = file.read_bytes()
    return found


def _files(path: Path, suffixes: Sequence[str] = SUFFIXES) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    seen = 0
    for folder, folders, names in os.walk(path, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
        for name in sorted(names):
            seen += 1
            if seen > FILE_CAP:
                return
            file = Path(folder) / name
            if file.suffix in suffixes and file.is_file() and not file.is_symlink():
                yield file


def _read(path: Path, shown: str) -> SourceFile:
    try:
        if path.stat().st_size > SIZE_CAP:
            message = f"{shown}: larger than {SIZE_CAP >> 20} MB; hand in source code only"
            raise SubmissionError(message)
        data = path.read_bytes()
    except OSError as error:
        message = f"{shown}: cannot be read: {error.strerror}"
        raise SubmissionError(message) from error
    if path.suffix == ".ipynb":
        return notebook_source(data, shown)
    return SourceFile(path=shown, text=_text(data, shown))


def _text(data: bytes, shown: str) -> str:
    if b"\0" in data:
        message = f"{shown}: not a text file (UTF-16, or not Python at all); save it as UTF-8"
        raise SubmissionError(message)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        text.encode()  # an exotic encoding may yield what is no text
    except (SyntaxError, UnicodeError, LookupError) as error:
        message = f"{shown}: not in the encoding it claims to be; save it as UTF-8"
        raise SubmissionError(message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def notebook_source(data: bytes, shown: str) -> SourceFile:
    """Turn a notebook into one Python source.

    Lines that only a notebook understands (%magic, !command, ?help) become
    comments, cells of another language (%%bash) are left out; a note says so.

    Raises:
        SubmissionError: not a notebook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(  # type: ignore[no-untyped-call]
                data.decode("utf-8-sig"), as_version=4
            )
        cells = [str(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
        "".join(cells).encode()  # half a surrogate pair is no text
    # nbformat raises whatever its JSON and schema libraries raise
    except Exception as error:
        message = f"{shown}: not a notebook that can be read; save it again in Jupyter"
        raise SubmissionError(message) from error
    lines: list[str] = []
    dropped = 0
    for number, cell in enumerate(cells, 1):
        python, left_out = _without_magics(cell)
        lines += [f"{CELL_MARK}{number}", *python]
        dropped += left_out
    notes = (f"{dropped} notebook-only lines were left out",) if dropped else ()
    return SourceFile(path=shown, text="\n".join(lines) + "\n", notes=notes)


def _without_magics(cell: str) -> tuple[list[str], int]:
    """Turn notebook-only lines of a cell into comments, and count them."""
    body = cell.splitlines()
    first = next((line for line in body if line.strip()), "")
    foreign = first.startswith("%%") and not first.startswith(("%%time", "%%capture"))
    kept: list[str] = []
    dropped = 0
    for line in body:
        magic = foreign or (_looks_magic(line.strip()) and not _unfinished(kept))
        kept.append(f"# {line}" if magic else line)
        dropped += magic
    return kept, dropped


def _looks_magic(line: str) -> bool:
    return line.startswith(("%", "!", "?")) or (line.endswith("?") and not line.startswith("#"))


def _unfinished(lines: Sequence[str]) -> bool:
    """Tell whether a bracket or a text that spans lines is still open."""
    source = io.StringIO("".join(f"{line}\n" for line in lines))
    try:
        for _ in tokenize.generate_tokens(source.readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False
    return False
