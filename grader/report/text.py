"""Making any string harmless, and short enough.

A submission's id, its messages and its advice may hold whatever a student
chose: escape sequences that recolour a terminal, characters that turn the
reading direction, halves of a surrogate pair that no file can hold.
"""

import re

from rich.cells import cell_len, set_cell_size

__all__ = ["encodable", "fit", "one_line", "plain"]

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 controls, then what reorders or hides the text around it
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_UNWRITABLE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

# what the course's titles use, for consoles that cannot show it
_SPELLED = {
    "\N{CIRCLED DOT OPERATOR}": "*",
    "\N{GREEK SMALL LETTER SIGMA}": "sigma",
    "\N{GREEK SMALL LETTER DELTA}": "delta",
    "\N{PARTIAL DIFFERENTIAL}": "d",
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
}


def plain(text: str) -> str:
    """Drop controls and direction marks; keep newlines and tabs."""
    text = _NEWLINES.sub("\n", text)
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", text))


def one_line(text: str) -> str:
    """Make harmless text of a single line, single blanks between words."""
    return " ".join(plain(text).split())


def fit(text: str, width: int, ellipsis: str) -> str:
    """Cut a line to a width in terminal cells, marking the cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - cell_len(ellipsis))).rstrip() + ellipsis


def encodable(text: str, encoding: str) -> str:
    """Spell out what an encoding lacks, so that printing cannot fail."""
    if _can_encode(text, encoding):
        return text
    return "".join(
        char if _can_encode(char, encoding) else _SPELLED.get(char, "?") for char in text
    )


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
