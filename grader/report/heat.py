"""Heat maps as tables: a number in every cell, colour only on top of it."""

import math
from dataclasses import dataclass

from grader.model import BlockMap

__all__ = ["STEPS", "Cell", "HeatTable", "heat_table"]

STEPS = 5
# the course compares gradients and outputs at this relative error
RIGHT = 1e-6
DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One number and its colour step: 0 is right, -1 was not measured."""

    text: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTable:
    """A block map made ready to print, with its gist in a sentence."""

    picture: BlockMap
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    gist: str
    all_right: bool


def heat_table(picture: BlockMap) -> HeatTable:
    """Colour a block map's cells and say in a sentence what they show."""
    values = [[_share(value) for value in row] for row in picture.values]
    rows = zip(picture.rows, values, strict=True)
    return HeatTable(
        picture=picture,
        rows=tuple((label, tuple(_cell(value) for value in row)) for label, row in rows),
        gist=_gist(picture, values),
        all_right=all(value is not None and value <= RIGHT for row in values for value in row),
    )


def _share(value: float | None) -> float | None:
    if value is None or math.isnan(value):
        return None
    return min(max(value, 0.0), 1.0)


def _cell(value: float | None) -> Cell:
    if value is None:
        return Cell(text=DASH, step=-1)
    if value <= RIGHT:
        return Cell(text="0.00", step=0)
    text = f"{value:.2f}"
    # a small error must not read like none
    return Cell(text="<0.01" if text == "0.00" else text, step=math.ceil(value * STEPS))


def _gist(picture: BlockMap, values: list[list[float | None]]) -> str:
    found = [
        (value, f"{picture.column_label} {column}, {picture.row_label} {row}")
        for row, line in zip(picture.rows, values, strict=True)
        for column, value in zip(picture.columns, line, strict=True)
        if value is not None
    ]
    wrong = [entry for entry in found if entry[0] > RIGHT]
    if not found:
        return "Nothing here could be measured."
    if not wrong:
        return f"All {len(found)} are right."
    worst, place = max(wrong, key=lambda entry: entry[0])
    right = len(found) - len(wrong)
    return f"{right} of {len(found)} are right; furthest off: {place} ({_cell(worst).text})."
