"""What a page offers besides the verdict: hints, and what the handout says of a function.

Pages are rendered without the course at hand, so it is kept with the results:
RESULTS/.help.json, by exercise and function.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from grader.course import Course
from grader.errors import UsageError
from grader.files import write_atomically
from grader.hints import Hint, load_hints
from grader.model import Help

__all__ = ["FILE", "keep_help", "read_help", "sections"]

FILE = ".help.json"
_HEADING = re.compile(r"^(#{2,4}) +(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_DEFINED = re.compile(r"^def (\w+)\(", re.MULTILINE)
_CALL = re.compile(r"`(\w+)\(|`(\w+\.npz)`")

Offered = Mapping[str, Mapping[str, Help]]


def sections(handout: str) -> dict[str, tuple[str, str]]:
    """Find what a handout says of each function: function -> (heading, Markdown below it).

    A section is about the functions called in its heading, as in
    "### 2. `gru_forward(X, W, h0=None)`"; or about those called in its text,
    where no heading names them. Arrays that are handed in, as in
    `long_dependency.npz`, are found like functions.
    """
    told: dict[str, tuple[str, str]] = {}
    parts = list(_parts(handout))
    for title, text in parts:
        for function, arrays in _CALL.findall(title):
            told.setdefault(function or arrays, (title, text))
    for title, text in parts:
        for function, arrays in _CALL.findall(text):
            told.setdefault(function or arrays, (title, text))
    return told


def _parts(handout: str) -> Iterator[tuple[str, str]]:
    """Part a handout at its headings; those within code are none."""
    code = [match.span() for match in _FENCE.finditer(handout)]
    headings = [
        match
        for match in _HEADING.finditer(handout)
        if not any(start <= match.start() < end for start, end in code)
    ]
    ends = [match.start() for match in headings[1:]] + [len(handout)]
    for match, end in zip(headings, ends, strict=True):
        yield match[2].strip(), handout[match.end() : end].strip("\n")


def keep_help(results: Path, course: Course) -> None:
    """Write down what pages may offer; exercises of another course stay as they were."""
    before = read_help(results)
    after = {**before, **{name: dict(_help(course, name)) for name in course.names}}
    if after != before:
        data = msgspec.json.encode(after, order="sorted")
        write_atomically(results / FILE, data + b"\n")


def read_help(results: Path) -> Offered:
    """Read what pages may offer; nothing where nothing is kept.

    Raises:
        UsageError: the file is damaged.
    """
    path = results / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Help]])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        message = f"{path}: cannot be read: {error}; delete it, and render the pages again"
        raise UsageError(message) from error


def _help(course: Course, name: str) -> Iterator[tuple[str, Help]]:
    """Put hints and handout together, for the functions a student writes, and for arrays."""
    hints = load_hints(course.hints(name))
    path = course.handout(name)
    told = sections(path.read_text("utf-8")) if path.exists() else {}
    link = f"{course.handouts}/{name}.md" if course.handouts else ""
    for function in (*_DEFINED.findall(course.stub(name)), f"{name}.npz"):
        if function not in hints:
            continue  # it is given, not written
        title, text = told.get(function, ("", ""))
        yield (
            function,
            Help(function=function, hints=_levels(hints[function]), title=title, text=text,
                 link=link),
        )  # fmt: skip


def _levels(hint: Hint) -> tuple[str, ...]:
    return tuple(text.strip("\n") for text in (hint.idea, hint.equation, hint.shape))
