"""A picture for the feedback is made of pixels, or not at all."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grader.drawing import SIDE_CAP, drawing
from grader.expect import Lost
from grader.sandbox.protocol import Handle, Refused

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)

NO_PIXELS: dict[str, object] = {
    "nothing": None,
    "a handle": Handle(1),
    "pixels that are no dict": PIXELS,
    "a dict without pixels": {"axes": ()},
    "pixels of nothing": {"pixels": None},
    "pixels in a list": {"pixels": PIXELS.tolist()},
    "pixels that were refused": {"pixels": Refused("an array of text")},
    "numbers of another kind": {"pixels": PIXELS.astype(float)},
    "wide numbers": {"pixels": PIXELS.astype(np.uint16)},
    "one axis too few": {"pixels": PIXELS[0]},
    "one axis too many": {"pixels": PIXELS[None]},
    "a fourth colour": {"pixels": np.zeros((4, 4, 4), np.uint8)},
    "no height": {"pixels": np.zeros((0, 4, 3), np.uint8)},
    "no width": {"pixels": np.zeros((4, 0, 3), np.uint8)},
    "too high": {"pixels": np.zeros((SIDE_CAP + 1, 1, 3), np.uint8)},
    "too wide": {"pixels": np.zeros((1, SIDE_CAP + 1, 3), np.uint8)},
}


@pytest.mark.parametrize("figure", NO_PIXELS.values(), ids=NO_PIXELS)
def test_what_has_no_pixels_is_no_picture(figure: object) -> None:
    """Whatever came in place of a figure loses in words, and breaks nothing."""
    with pytest.raises(Lost, match="^no figure came back$"):
        drawing("a title", "a caption", figure)


def opened(picture: str) -> Any:
    """Read a PNG in base64."""
    return Image.open(io.BytesIO(base64.b64decode(picture, validate=True)))


def test_a_picture_shows_what_was_drawn() -> None:
    """A PNG of ours: same size, nearly the same colours, and the words it was given."""
    made = drawing("a title", "a caption", {"pixels": PIXELS})
    assert (made.title, made.caption) == ("a title", "a caption")
    image = opened(made.png)
    assert (image.format, image.size) == ("PNG", (5, 7))
    colours = np.asarray(image.convert("RGB"), int)
    assert np.abs(colours - PIXELS).max() < 24


def test_a_picture_of_few_colours_is_exact() -> None:
    """Lines and words on white lose nothing."""
    pixels = np.full((20, 30, 3), 255, np.uint8)
    pixels[5:8, 2:9] = (200, 30, 60)
    image = opened(drawing("t", "c", {"pixels": pixels}).png)
    assert np.array_equal(np.asarray(image.convert("RGB")), pixels)


def test_equal_pixels_give_equal_pictures() -> None:
    """A report is the same, byte for byte, when it is made again."""
    one, other = (drawing("t", "c", {"pixels": PIXELS.copy()}) for _ in range(2))
    assert one == other
