"""The pages of a results folder, made again only where something has changed.

A page ends with a digest of what it was made from: the report and the code that
makes pages. One that ends otherwise, or has no end, is made anew.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

import msgspec

from grader.batch import read_results, slim
from grader.executors import Opened, here, worked
from grader.files import told, write_atomically
from grader.handouts import Offered, read_help
from grader.levels import read_levels
from grader.model import Known, Report, load_report
from grader.policy import Feedback
from grader.report.for_students import for_students
from grader.report.html import class_page, student_page
from grader.report.names import page_name

__all__ = ["render"]

INDEX = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What all students of a results folder are told by: how much, and with which help.

    digest: of this, and of the code that makes pages.
    """

    levels: Mapping[str, Feedback]
    offered: Offered
    digest: bytes

    @classmethod
    def read(cls, results: Path) -> "Told":
        """Read what is kept with the results."""
        levels, offered = read_levels(results), read_help(results)
        both = msgspec.json.encode((levels, offered), order="sorted")
        digest = hashlib.sha256(_renderer().encode() + both).digest()
        return cls(levels=levels, offered=offered, digest=digest)

    def mark(self, report: bytes) -> bytes:
        """Digest everything the page of a report is made from."""
        return _written_mark(hashlib.sha256(self.digest + report).hexdigest())


def render(
    results: Path,
    *,
    opened: Callable[[], AbstractContextManager[Opened]] = here,
    known: Sequence[Known] = (),
) -> list[Report]:
    """Make the page of every report, and the class page; return the reports, slim.

    opened: opens the executor that does the work.
    known: work that submissions are held against, beside one another.

    Raises:
        UsageError: there are no reports, one is damaged, or no page can be written.
    """
    reports, old, all_marks = [], [], hashlib.sha256(_renderer().encode())
    told_of = Told.read(results)
    for report in read_results(results):
        reports.append(slim(report))
        path = results / f"{page_name(report.submission)}.json"
        mark = told_of.mark(path.read_bytes())
        all_marks.update(mark)
        if not _ends_with(path.with_suffix(".html"), mark):
            old.append(path)
    with told(results):
        for _, failed in worked(old, partial(_render_all, told_of), opened):
            if isinstance(failed, Exception):
                raise failed
        for one in known:
            all_marks.update(msgspec.json.encode(one))
        mark = _written_mark(all_marks.hexdigest())
        if not _ends_with(results / INDEX, mark):
            page = class_page(reports, known).encode() + mark
            write_atomically(results / INDEX, page, durably=False)
    return reports


def _render_all(told_of: Told, paths: Sequence[Path]) -> list[int]:
    return [_render(path, told_of) for path in paths]


def _render(path: Path, told_of: Told) -> int:
    data = path.read_bytes()
    report = for_students(load_report(data), told_of.levels)
    page = student_page(report, told_of.offered).encode() + told_of.mark(data)
    write_atomically(path.with_suffix(".html"), page, durably=False)
    return len(page)


def _written_mark(digest: str) -> bytes:
    return f"<!-- made from {digest} -->\n".encode()


def _ends_with(path: Path, mark: bytes) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-len(mark), 2)
            return file.read() == mark
    except OSError:
        return False


@cache
def _renderer() -> str:
    """Digest the code and templates that pages are made with."""
    digest = hashlib.sha256()
    folder = files("grader.report")
    found = [*folder.iterdir(), *(folder / "templates").iterdir()]
    for path in sorted(found, key=lambda path: path.name):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
