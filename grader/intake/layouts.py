"""How platforms name what they pack for an instructor.

Canvas: one flat archive; every file is
`<name>[_LATE]_<user id>_<attachment id>_<file>`, anonymous ones begin with
`anon_<id>`; texts and links typed in the browser end in `_text.html` and
`_link.html`. An attachment id grows with time.

Moodle: a folder per student, `<name>_<participant id>_assignsubmission_file`
with or without a last `_`; or, without folders, files whose names begin with
it. `onlinetext` instead of `file` holds what was typed in the browser.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["Label", "Parser", "parser_for"]

_CANVAS = re.compile(
    r"(?:(?P<early>LATE_)?(?P<anonymous>anon_[A-Za-z0-9]+)"
    r"|(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<user>\d+))"
    r"_(?:(?P<attachment>\d+)_(?P<file>[^/]+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<user>\d+))?_assignsubmission_(?P<kind>[a-z]+?)(?:_(?P<file>[^/]*))?(?P<folder>/)?",
    re.DOTALL,
)
_LONGEST = 512
_TYPED = "typed in the browser, not handed in as a file; hand in the .py or the .ipynb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the name of one entry says."""

    id: str
    name: str = ""
    late: bool = False
    rank: int = 0
    file: str = ""
    trouble: str = ""


#: What the name of an entry says; that of a folder ends in a slash.
Parser = Callable[[str], Label | None]


def parser_for(names: Iterable[str]) -> Parser | None:
    """Find out whose archive this is from the names in it, or None.

    Some foreign entries among them (a worksheet, a read-me) do not matter.
    """
    entries = list(names)
    for parser in (_moodle, _canvas):
        labels = [label for name in entries if (label := parser(name))]
        if 2 * len(labels) > len(entries) and _consistent(labels):
            return parser
    return None


def _matched(pattern: re.Pattern[str], name: str) -> re.Match[str] | None:
    # no platform writes longer names, and matching takes longer than they are long
    return pattern.fullmatch(name) if len(name) <= _LONGEST else None


def _canvas(name: str) -> Label | None:
    match = _matched(_CANVAS, name)
    if not match:
        return None
    typed = match["typed"]
    return Label(
        id=match["anonymous"] or match["user"],
        name=match["name"] or "",
        late=bool(match["early"] or match["late"]),
        rank=int(match["attachment"] or 0),
        file=match["file"] or "",
        trouble=_TYPED if typed else "",
    )


def _consistent(labels: list[Label]) -> bool:
    """No file is there twice, and nobody has two names: else the numbers are no ids."""
    ranks = [label.rank for label in labels if label.rank]
    people = {(label.id, label.name) for label in labels}
    return len(set(ranks)) == len(ranks) and len(people) == len({label.id for label in labels})


def _moodle(name: str) -> Label | None:
    match = _matched(_MOODLE, name)
    if not match or (match["folder"] and match["file"]):
        return None
    return Label(
        id=match["user"] or match["name"],
        name=match["name"],
        file=match["file"] or "",
        trouble="" if match["kind"] == "file" else _TYPED,
    )
