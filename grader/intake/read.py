"""Reading one submission: which of its files stands for which exercise.

Files are found by name at any depth. A notebook stands for the .py of the same
name. Of several, one that was edited beats one that is still the stub; then
the platform's own order decides, then the one nearer the top, then .py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.errors import SubmissionError
from grader.intake.find import whole
from grader.intake.found import Found
from grader.intake.items import Item, Items, list_items
from grader.intake.limits import ARRAYS, CANDIDATES_CAP, NOTEBOOK, SOURCE
from grader.intake.names import DATA, SOURCES, exercise_of, split
from grader.intake.names import NOTEBOOK as NOTEBOOK_SUFFIX
from grader.intake.text import source_of
from grader.model import SourceFile, Submission
from grader.stub import is_stub

__all__ = ["read_submission"]

_SHOWN_FILES = 5
_FUNCTION = re.compile(r"^def (\w+)", re.MULTILINE)


def read_submission(found: Found | Path, stubs: Mapping[str, str]) -> Submission:
    """Read the files of one submission; what is wrong with them is in it, never raised.

    found: a path stands for all that lies there.
    stubs: exercise name -> stub.
    """
    if isinstance(found, Path):
        found = whole(found)
    items = list_items(found)
    files: dict[str, SourceFile] = {}
    unreadable: dict[str, str] = {}
    for name, candidates in _by_exercise(items.files, stubs, SOURCES).items():
        used, trouble = _best(name, candidates, stubs[name])
        if used:
            files[name] = used
        elif trouble:
            unreadable[name] = trouble
    if not files and not unreadable:
        files, unreadable = _only_file(items.files, stubs)
    data, notes = _data(items.files, stubs)
    if items.troubles and not files and not unreadable:
        unreadable = dict.fromkeys(stubs, "; ".join(items.troubles[:_SHOWN_FILES]))
    else:
        notes = (*items.troubles[:_SHOWN_FILES], *notes)
    if not files and not unreadable:
        notes = (*_strangers(items), *notes)
    return Submission(
        id=found.id, files=files, unreadable=unreadable, data=data, notes=notes,
        name=found.name, late=found.late, submitted=found.submitted,
    )  # fmt: skip


def _by_exercise(
    items: Iterable[Item], names: Mapping[str, str], suffixes: Sequence[str]
) -> dict[str, list[Item]]:
    """Find the files that may stand for an exercise, best first."""
    found: dict[str, list[Item]] = {}
    for item in items:
        stem, suffix = split(item.name)
        if suffix in suffixes and (name := exercise_of(stem, names)):
            found.setdefault(name, []).append(item)
    for name, candidates in found.items():
        candidates.sort(key=lambda item, name=name: _order(item, name))  # type: ignore[misc]
    return found


def _order(item: Item, name: str) -> tuple[int, int, bool, bool, str, int]:
    stem, suffix = split(item.name)
    return (-item.rank, item.depth, stem != name, suffix != ".py", item.shown, -item.later)


def _best(name: str, candidates: Sequence[Item], stub: str) -> tuple[SourceFile | None, str]:
    """Choose the file that is graded, or say why none can be."""
    untouched: SourceFile | None = None
    trouble = ""
    for item in candidates[:CANDIDATES_CAP]:
        try:
            file = _source(item)
        except SubmissionError as error:
            trouble = trouble or str(error)
            continue
        if not is_stub(file.text, stub):
            return _noted(file, name, item, len(candidates)), ""
        untouched = untouched or _noted(file, name, item, len(candidates))
    # an untouched stub does not make up for a file that cannot be read
    return (None, trouble) if trouble else (untouched, "")


def _noted(file: SourceFile, name: str, item: Item, count: int) -> SourceFile:
    notes = file.notes
    if count > 1:
        notes += (f"{count} files for {name}; {file.path} was used",)
    elif split(item.name)[0] != name:
        notes += (f"{file.path} was taken for {name}",)
    return replace(file, notes=notes)


def _source(item: Item) -> SourceFile:
    suffix = split(item.name)[1]
    data = item.read(NOTEBOOK if suffix == NOTEBOOK_SUFFIX else SOURCE)
    return source_of(data, suffix, item.shown)


def _only_file(
    items: Sequence[Item], stubs: Mapping[str, str]
) -> tuple[dict[str, SourceFile], dict[str, str]]:
    """Take the one source there is, whatever its name, for the exercise it must be.

    That is the only one there is, or the one whose functions it defines.
    """
    sources = [item for item in items if split(item.name)[1] in SOURCES]
    if len(sources) != 1:
        return {}, {}
    only = next(iter(stubs)) if len(stubs) == 1 else ""
    try:
        file = _source(sources[0])
    except SubmissionError as error:
        return {}, dict.fromkeys([only] if only else stubs, str(error))
    name = only or _by_functions(file.text, stubs)
    return ({name: _noted(file, name, sources[0], 1)}, {}) if name else ({}, {})


def _by_functions(text: str, stubs: Mapping[str, str]) -> str:
    """Tell the exercise most of whose functions a source defines; "" if several tie."""
    defined = set(_FUNCTION.findall(text))
    shared = {name: len(defined & set(_FUNCTION.findall(stub))) for name, stub in stubs.items()}
    most = max(shared.values(), default=0)
    best = [name for name, count in shared.items() if count == most > 0]
    return best[0] if len(best) == 1 else ""


def _data(
    items: Iterable[Item], names: Mapping[str, str]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Read the arrays that were handed in beside the code."""
    found: dict[str, bytes] = {}
    notes: list[str] = []
    for name, candidates in _by_exercise(items, names, (DATA,)).items():
        trouble = ""
        for item in candidates[:CANDIDATES_CAP]:
            try:
                found[name] = item.read(ARRAYS)
                break
            except SubmissionError as error:
                trouble = trouble or str(error)
        if trouble:
            notes.append(trouble)
    return found, tuple(notes)


def _strangers(items: Items) -> list[str]:
    """Name the sources that are there when none is named like an exercise."""
    names = [item.shown for item in items.files if split(item.name)[1] in SOURCES]
    if not names:
        return []
    more = " …" if len(names) > _SHOWN_FILES else ""
    return [
        f"no file is named like an exercise; there are: {', '.join(names[:_SHOWN_FILES])}{more}"
    ]
