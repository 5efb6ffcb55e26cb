"""The figures a student's code has drawn, checked before they reach a page."""

import base64
import binascii
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Drawing

__all__ = ["Figure", "figure"]

LONGEST = 4_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = slice(12, 16)
_WIDTH = slice(16, 20)
_HEIGHT = slice(20, 24)
_SIDE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing for a page; `source` is empty where there is no picture to show."""

    title: str
    caption: str
    alt: str
    source: Markup
    width: int
    height: int


def figure(drawing: Drawing) -> Figure:
    """Make a data: address of a drawing whose PNG is one, and find its size."""
    data, width, height = _png(drawing.png)
    source = f"data:image/png;base64,{base64.b64encode(data).decode()}" if data else ""
    return Figure(
        title=drawing.title,
        caption=drawing.caption,
        alt=f"{drawing.title or 'Figure'}: the figure your code drew. {drawing.caption}".strip(),
        source=Markup(source),  # noqa: S704  letters of base64, written here
        width=width,
        height=height,
    )


def _png(text: str) -> tuple[bytes, int, int]:
    """Decode a PNG and read its size; no bytes if it is none, or far too large."""
    if len(text) > LONGEST:
        return b"", 0, 0
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        return b"", 0, 0
    width, height = (int.from_bytes(data[part]) for part in (_WIDTH, _HEIGHT))
    right = data.startswith(_SIGNATURE) and data[_HEADER] == b"IHDR"
    if right and 0 < width <= _SIDE and 0 < height <= _SIDE:
        return data, width, height
    return b"", 0, 0
