"""Keeping a picture that a student's code has drawn.

What arrives are pixels; the PNG is made here, so that no image file of a
student's is ever decoded, by us or by whoever opens the feedback.
"""

import base64
import io
from typing import Any

import numpy as np

from grader.expect import expect
from grader.model import Drawing

__all__ = ["drawing"]

SIDE_CAP = 2000
COLOURS = 128


def drawing(title: str, caption: str, figure: object) -> Drawing:
    """Turn the description of a figure (`sandbox.figures`) into a picture for the feedback.

    Raises:
        Lost: there are no pixels in it.
    """
    pixels: Any = figure.get("pixels") if isinstance(figure, dict) else None
    plausible = (
        type(pixels) is np.ndarray
        and pixels.dtype == np.uint8
        and pixels.ndim == 3  # noqa: PLR2004
        and pixels.shape[2] == 3  # noqa: PLR2004
        and min(pixels.shape) > 0
        and max(pixels.shape) <= SIDE_CAP
    )
    expect(plausible, "no figure came back")
    from PIL import Image  # noqa: PLC0415  comes with matplotlib, for exercises that draw

    image = Image.fromarray(pixels).quantize(COLOURS)
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    png = base64.b64encode(file.getvalue()).decode()
    return Drawing(title=title, caption=caption, png=png)
