"""Text of other people in Markdown, HTML and CSV, where it must say what it says, no more."""

import html
import re

from grader.report.text import one_line, plain

__all__ = ["block", "cell", "inline", "markup", "no_formula"]

_CODE = re.compile(r"`([^`]+)`")
_SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
#: What begins a heading, a list or a rule where a line begins.
_FIRST = re.compile(r"^(\d*)([#+\-=.)])")
_RUN = re.compile("`+")
#: What makes a spreadsheet take a text for a formula; in East Asia also at full width.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_BREAK = "&#8203;"  # seen by nobody; takes the sense out of an address or a mention


def inline(text: str) -> str:
    """Write a text of one line: what stands in backticks stays code, all else is plain."""
    line = one_line(text)
    parts, last = [], 0
    for found in _CODE.finditer(line):
        parts += [_escaped(line[last : found.start()]), f"`{found[1]}`"]
        last = found.end()
    return _FIRST.sub(r"\1\\\2", "".join([*parts, _escaped(line[last:])]))


def cell(text: str) -> str:
    """Write a text for a cell of a table, where a bar has to be escaped in code, too."""
    return re.sub(r"(?<!\\)\|", r"\\|", inline(text))


def block(text: str, language: str = "") -> str:
    """Write lines as they are, in a fence that nothing in them can close."""
    lines = plain(text)
    fence = "`" * max(3, 1 + max(map(len, _RUN.findall(lines)), default=0))
    return f"{fence}{language}\n{lines}\n{fence}"


def _escaped(text: str) -> str:
    text = html.escape(text, quote=False)
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = text.replace("@", f"@{_BREAK}").replace("://", f":{_BREAK}//")
    return re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}{_BREAK}.", text)


def markup(text: str) -> str:
    """Write a text of one line in HTML."""
    return html.escape(one_line(text), quote=False)


def no_formula(text: str) -> str:
    """Write a text for a cell of a spreadsheet, which must not take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
