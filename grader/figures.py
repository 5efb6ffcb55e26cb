"""What a figure shows: its images, lines, bars and words beside arrays.

A figure arrives described: a dict with the contents of its axes and its pixels
(`sandbox.figures`; nothing here draws). How it is drawn is the student's
choice, so arrays are searched in any orientation, lines in raw values or their
logarithms, histograms with any bins. A figure that is not blank, but whose data
cannot be told, is lost to nobody: `Review` hands it to the instructor.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.calls import Array
from grader.expect import Lost, Review, expect
from grader.model import Where
from grader.numerics import TOLERANCE, relative_error

__all__ = [
    "Line",
    "expect_apart",
    "expect_colorbar",
    "expect_figure",
    "expect_histogram",
    "expect_images",
    "expect_labels",
    "expect_legend",
    "expect_lines",
    "expect_names",
    "expect_saved",
    "expect_share",
    "expect_values",
]

Figure = Mapping[str, Any]

#: Shares of pixels: unlike the background, in a figure that is not blank; the
#: same, where a map fills the axes; in colour, where anything at all does.
DRAWN, FILLED, COLOURED = 0.002, 0.1, 0.0005
#: How far red, green and blue of a grey pixel may be apart.
GREY = 16
#: So many rectangles may be no bars: spans that mark what is saturated.
SPANS = 3
#: How far the edges of two neighbouring bins may be apart by rounding.
SLACK = 1e-9
#: Numbers in the pixels of the smallest figure that is worth looking at.
DRAWN_AT_ALL = 1000
#: Fewer bars or points than this are no histogram.
BINS_AT_LEAST = 3
#: So many meshes of a figure are looked at, and so many places in each: a submission
#: may claim millions that all begin like the table which is looked for.
MESHES, CORNERS = 500, 100
NUMBER = re.compile(r"(\d+(?:[.,](\d+))?)(?![\d.,]*\d)")


def expect_figure(value: object, function: str) -> Figure:
    """Expect a Figure with something drawn in it."""
    if not (isinstance(value, Mapping) and {"axes", "pixels"} <= value.keys()):
        kind = "None (is there a return?)" if value is None else "something else"
        message = f"{function} should return the matplotlib Figure; it returns {kind}"
        raise Lost(message, Where(output="figure"))
    # a figure that was described only has hardly any pixels
    blank = value["pixels"].size > DRAWN_AT_ALL and _share_drawn(value) < DRAWN
    expect(not blank, f"{function} returns a blank figure", Where(output="figure"))
    return value


def expect_saved(figure: Figure, function: str) -> None:
    """Expect that the figure was written to the path the call was given."""
    message = f"{function} was given a path, and no picture was saved there"
    expect(figure["saved"] > 0, message, Where(output="figure"))


# --- images -------------------------------------------------------------------


def expect_images(
    figure: Figure, wanted: Mapping[str, Array], instead: Mapping[str, Array] | None = None
) -> None:
    """Expect every wanted array (2-D) as an image or mesh, turned or flipped as you like.

    instead: what might have been drawn in the place of one, by a phrase for it.
    """
    meshes = [m for axes in figure["axes"] for m in axes["meshes"] if np.ndim(m) == 2]  # noqa: PLR2004
    del meshes[MESHES:]
    missing = [key for key, array in wanted.items() if not _shown(array, meshes)]
    if not missing:
        return
    message = f"no heat map shows the values of {_joined(missing)}"
    for phrase, array in (instead or {}).items():
        if _shown(array, meshes):
            message += f"; one shows {phrase}"
            raise Lost(message, Where(output="figure"))
    shapes = {turned.shape for array in wanted.values() for turned in (array, array.T)}
    alike = [mesh for mesh in meshes if mesh.shape in shapes]
    scaled = any(_scaled(mesh, array) for mesh in alike for array in wanted.values())
    if len(missing) == len(wanted) and (scaled or not alike):
        _nothing_or_review(figure, message, known=bool(meshes))
    raise Lost(message, Where(output="figure"))


def _shown(array: Array, meshes: Sequence[Array]) -> bool:
    return any(_within(turned, mesh) for mesh in meshes for turned in _turned(array))


def _turned(array: Array) -> Iterator[Array]:
    """List the eight ways to lay a table on a page."""
    for table in (array, array.T):
        for rows in (1, -1):
            for columns in (1, -1):
                yield table[::rows, ::columns]


def _within(table: Array, mesh: Array) -> bool:
    """Find a table in a mesh, which may hold several of them side by side."""
    rows, columns = table.shape
    room = mesh[: mesh.shape[0] - rows + 1, : mesh.shape[1] - columns + 1]
    if mesh.shape[0] < rows or mesh.shape[1] < columns:
        return False
    first, last = (
        np.isclose(part, entry, rtol=TOLERANCE, atol=TOLERANCE)
        for part, entry in ((room, table[0, 0]), (mesh[rows - 1 :, columns - 1 :], table[-1, -1]))
    )
    return any(
        relative_error(mesh[y : y + rows, x : x + columns], table) <= TOLERANCE
        for y, x in np.argwhere(first & last)[:CORNERS]
    )


def _scaled(mesh: Array, array: Array) -> bool:
    """Tell whether a mesh is an array in other units."""
    return any(_alike(mesh, turned) for turned in _turned(array) if turned.shape == mesh.shape)


def _alike(one: Array, other: Array) -> bool:
    centred = [values - np.mean(values) for values in (one, other)]
    norms = [float(np.linalg.norm(values)) for values in centred]
    if not all(np.isfinite(norms)) or min(norms) == 0.0:
        return False
    return abs(float(np.sum(centred[0] * centred[1]))) > (1 - TOLERANCE**2) * norms[0] * norms[1]


# --- lines --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A curve as it was found: in which axes, and whether as its logarithm."""

    axes: Mapping[str, Any]
    logarithm: bool


def expect_lines(figure: Figure, curves: Mapping[str, Array]) -> dict[str, Line]:
    """Expect a line for every curve of positive numbers, against anything.

    The values, or their logarithms; from left to right, or from right to left.
    """
    drawn = [
        (axes, line[:, 1]) for axes in figure["axes"] for line in axes["lines"] if len(line) > 1
    ]
    found: dict[str, Line] = {}
    for name, curve in curves.items():
        views = ((False, curve), (True, np.log10(curve)), (True, np.log(curve)))
        for logarithm, view in views:
            for axes, y in drawn:
                if any(_same(y, way) for way in (view, view[::-1])):
                    found.setdefault(name, Line(axes=axes, logarithm=logarithm))
    missing = [name for name in curves if name not in found]
    if not missing:
        return found
    message = f"no line shows the values of {_joined([repr(name) for name in missing])}"
    lengths = {len(curve) for curve in curves.values()}
    alike = [y for _, y in drawn if len(y) in lengths]
    if not found and (not alike or any(_rescaled(y, c) for y in alike for c in curves.values())):
        _nothing_or_review(figure, message, known=bool(drawn))
    raise Lost(message, Where(output="figure"))


def _same(y: Array, values: Array) -> bool:
    return y.shape == values.shape and relative_error(y, values) <= TOLERANCE


def _rescaled(y: Array, curve: Array) -> bool:
    """Tell whether a line is a multiple of a curve, or of its logarithm."""
    if len(y) != len(curve):
        return False
    with np.errstate(all="ignore"):
        ways = (curve, curve[::-1])
        return any(
            _alike(y, np.log(way)) or _same(y / np.linalg.norm(y), way / np.linalg.norm(way))
            for way in ways
        )


# --- histograms ---------------------------------------------------------------


def expect_histogram(figure: Figure, values: Array) -> None:
    """Expect bars, or a line, that count these values; bins and units are free."""
    values = np.sort(np.ravel(values))
    known = [*_bars(figure), *_steps(figure)]
    for bins in known:
        counts = _counted(values, bins)
        if _proportional(bins.height, counts) and counts.sum() == values.size:
            return
    for bins in known:
        counts = _counted(values, bins)
        inside, height = int(counts.sum()), bins.height
        if inside < values.size and _proportional(height, counts):
            message = f"your bins hold {inside} of the {values.size} values; show them all"
            raise Lost(message, Where(output="figure"))
        if bins.certain and _whole(height) and BINS_AT_LEAST < height.sum() < values.size:
            message = f"your bars count {height.sum():.0f} values; the gate has {values.size}"
            raise Lost(message, Where(output="figure"))
    message = "no bars or steps can be told to be a histogram of all values"
    known_marks = any(len(axes["bars"]) or axes["lines"] for axes in figure["axes"])
    _nothing_or_review(figure, message, known=known_marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Bins side by side, and how high each one is drawn.

    certain: these are the bars of the axes, not one way to pick them.
    """

    left: Array
    right: Array
    height: Array
    certain: bool


def _bars(figure: Figure) -> Iterator[Bins]:
    """Find bins that are bars, upright or lying.

    A shaded span is a rectangle too: the bars are those of the usual width,
    and the first or the last of several in one place.
    """
    for axes in figure["axes"]:
        bars = np.asarray(axes["bars"], float).reshape(-1, 4)
        if len(bars) < BINS_AT_LEAST:
            continue
        for across, thick in ((0, 2), (1, 3)):  # bins lie along x, or along y
            usual = bars[np.isclose(bars[:, thick], np.median(bars[:, thick]), rtol=1e-3)]
            for some in (bars, usual, _one_each(usual, across), _one_each(usual[::-1], across)):
                left, right = some[:, across], some[:, across] + some[:, thick]
                if len(some) >= BINS_AT_LEAST and _side_by_side(left, right):
                    few = len(bars) - len(some) <= SPANS
                    yield Bins(left=left, right=right, height=some[:, 5 - thick], certain=few)


def _one_each(bars: Array, across: int) -> Array:
    """Keep the first bar of those that begin in one place."""
    _, first = np.unique(np.round(bars[:, across], 9), return_index=True)
    return bars[first]


def _side_by_side(left: Array, right: Array) -> bool:
    order = np.argsort(left)
    return bool(np.all(right[order][:-1] <= left[order][1:] + SLACK))


def _steps(figure: Figure) -> Iterator[Bins]:
    """Find the bins a line over evenly spaced points may stand for."""
    for axes in figure["axes"]:
        for line in axes["lines"]:
            if len(line) < BINS_AT_LEAST:
                continue
            x, y = np.asarray(line, float).T
            gap = float(np.median(np.diff(x)))
            for shift in (0.5, 0.0, 1.0):  # a point in the middle of its bin, or at an end
                left, right = x - shift * gap, x + (1 - shift) * gap
                yield Bins(left=left, right=right, height=y, certain=False)


def _counted(values: Array, bins: Bins) -> Array:
    """Count sorted values per bin; what lies on an outer edge by rounding is inside."""
    left, right = bins.left, bins.right
    low, high = np.min(left, initial=np.inf), np.max(right, initial=-np.inf)
    starts = np.searchsorted(values, np.where(left <= low, left - SLACK, left))
    stops = np.searchsorted(values, np.where(right >= high, right + SLACK, right))
    counts: Array = np.maximum(stops - starts, 0).astype(float)
    return counts


def _proportional(height: Array, counts: Array) -> bool:
    total, inside = float(np.sum(height)), float(counts.sum())
    if not (np.isfinite(total) and total > 0 and inside > 0):
        return False
    return relative_error(height / total, counts / inside) <= TOLERANCE


def _whole(height: Array) -> bool:
    return bool(np.all(np.isfinite(height)) and np.allclose(height, np.round(height)))


# --- single numbers -------------------------------------------------------------


def expect_values(
    figure: Figure,
    values: Mapping[str, float],
    instead: Mapping[str, Mapping[str, float]] | None = None,
) -> None:
    """Expect positive numbers somewhere: at a point, along a line, at the end of a bar or stroke.

    The numbers or their logarithms, to the right or upwards.

    values: the numbers, by what each is called in a message.
    instead: what else might have been drawn, by a phrase for it.
    """
    drawn = _coordinates(figure)
    missing = _not_among(drawn, values)
    if not missing:
        return
    message = f"the figure does not show {_joined(missing[:3])}"
    if len(missing) > 3:  # noqa: PLR2004
        message = f"the figure does not show {', '.join(missing[:3])} and {len(missing) - 3} more"
    for phrase, others in (instead or {}).items():
        if not _not_among(drawn, others):
            message += f"; it shows {phrase}"
            raise Lost(message, Where(output="figure"))
    if len(missing) == len(values):
        _nothing_or_review(figure, message, known=bool(drawn.size))
    raise Lost(message, Where(output="figure"))


def expect_apart(figure: Figure, values: Mapping[str, float]) -> None:
    """Expect positive numbers at places of their own, unless a legend or texts tell them apart.

    values: as for `expect_values`, which says so where one is missing. Whatever is
    drawn twice, or from one side to the other, has more than one place.
    """
    if figure["legend"] or any(axes["legend"] or axes["texts"] for axes in figure["axes"]):
        return
    every = [np.column_stack([rows, np.full(len(rows), k)]) for k, rows in _places(figure)]
    places = np.concatenate([np.empty((0, 3)), *every])
    for view in (np.asarray, np.log10, np.log):
        found = [_beside(places, float(view(value))) for value in values.values()]
        if all(len(one) == 1 for one in found) and len(set.union(*found)) == 1:
            message = f"the figure shows {_joined(list(values))} at one and the same place"
            raise Lost(message, Where(output="figure"))


def _beside(places: Array, value: float) -> set[tuple[float, float]]:
    """List where a number stands: in which axes, and beside which other coordinate."""
    found: set[tuple[float, float]] = set()
    for along in (0, 1):
        near = np.abs(places[:, along] - value) <= TOLERANCE * max(abs(value), 1e-12)
        found |= {(float(row[2]), round(float(row[1 - along]), 9)) for row in places[near]}
    return found


def _places(figure: Figure) -> Iterator[tuple[int, Array]]:
    """List what the axes hold as rows x, y: points, lines point by point, both corners of bars."""
    for k, axes in enumerate(figure["axes"]):
        bars = np.asarray(axes["bars"], float).reshape(-1, 4)
        for part in (*axes["lines"], axes["points"], bars[:, :2], bars[:, :2] + bars[:, 2:]):
            rows = np.asarray(part, float).reshape(-1, 2)
            yield k, rows[np.isfinite(rows).all(axis=1)]


def _coordinates(figure: Figure) -> Array:
    """Collect every number that something in the axes begins or ends at, in order."""
    found = [rows.ravel() for _, rows in _places(figure)]
    return np.unique(np.concatenate([np.empty(0), *found]))


def _not_among(drawn: Array, values: Mapping[str, float]) -> list[str]:
    """List the names of those numbers that are not there, in the units that have most."""
    best = list(values)
    for view in (np.asarray, np.log10, np.log):
        seen = {name: float(view(value)) for name, value in values.items()}
        missing = [name for name, value in seen.items() if not _has(drawn, value)]
        best = min(best, missing, key=len)
    return best


def _has(drawn: Array, value: float) -> bool:
    near = drawn[max(0, int(np.searchsorted(drawn, value)) - 1) :][:2]
    return bool(np.any(np.abs(near - value) <= TOLERANCE * max(abs(value), 1e-12)))


# --- words --------------------------------------------------------------------


def expect_names(figure: Figure, names: Sequence[str]) -> None:
    """Expect every name somewhere: at a tick, in a title, a label, a legend or a text."""
    ticks = (text for axes in figure["axes"] for text in axes["ticks"])
    said = " ".join((*_words(figure), *ticks)).replace("\n", " ")
    missing = [repr(name) for name in names if name not in said]
    expect(
        not missing, f"nothing in the figure is called {_joined(missing)}", Where(output="figure")
    )


def expect_labels(figure: Figure) -> None:
    """Expect a label on some horizontal and some vertical axis."""
    axes = [one for one in figure["axes"] if not one["colorbar"]]
    for label, which in (("xlabel", "horizontal"), ("ylabel", "vertical")):
        labelled = any(one[label].strip() for one in (figure, *axes))
        expect(labelled, f"no {which} axis has a label", Where(output="figure"))


def expect_colorbar(figure: Figure) -> None:
    """Expect a colour bar."""
    present = any(axes["colorbar"] for axes in figure["axes"])
    expect(present, "there is no colour bar", Where(output="figure"))


def expect_legend(figure: Figure, names: Sequence[str]) -> None:
    """Expect a legend, or texts at the lines, that name all of these."""
    beside = (text for axes in figure["axes"] for text in (*axes["legend"], *axes["texts"]))
    said = " ".join((*figure["legend"], *figure["texts"], *beside))
    missing = [repr(name) for name in names if name not in said]
    expect(not missing, f"no legend names {_joined(missing)}", Where(output="figure"))


def expect_share(figure: Figure, share: float, of: int) -> None:
    """Expect a share somewhere in words: as a fraction, in per cent or as a count.

    As it is printed: 0.33, 32.7 % and 327 (of 1000) all say 0.327.
    """
    said = " ".join(_words(figure))
    for match in NUMBER.finditer(said):
        number = float(match[1].replace(",", "."))
        half = 0.5 * 10.0 ** -len(match[2] or "") + 1e-9
        if match[2] is None and number == round(share * of):
            return
        if abs(number - 100 * share) <= half or (match[2] and abs(number - share) <= half):
            return
    message = f"no number in title, texts or legend is the share, {share:.3g}"
    raise Lost(message, Where(output="figure"))


def _words(figure: Figure) -> Iterator[str]:
    yield from (figure["suptitle"], *figure["legend"], *figure["texts"])
    for axes in figure["axes"]:
        yield from (axes["title"], axes["xlabel"], axes["ylabel"])
        yield from (*axes["texts"], *axes["legend"])


def _joined(words: Sequence[str]) -> str:
    return " and ".join(", ".join(words).rsplit(", ", 1))


def _nothing_or_review(figure: Figure, message: str, *, known: bool) -> None:
    """Lose the criterion if there is nothing but axes; else let somebody look.

    known: there is something of which the data came along. Else the pixels
    tell, if there are any: axes are thin and grey.
    """
    if figure["pixels"].size < DRAWN_AT_ALL:
        raise Review(message)
    pixels = figure["pixels"].astype(np.int64)
    coloured = float(np.mean(np.ptp(pixels, axis=2) > GREY)) if pixels.size else 0.0
    if not known and coloured < COLOURED and _share_drawn(figure) < FILLED:
        message += ": nothing is drawn in the axes"
        raise Lost(message, Where(output="figure"))
    message += ", but something is drawn"
    raise Review(message)


def _share_drawn(figure: Figure) -> float:
    """Measure which share of the pixels is not of the most common colour."""
    pixels = figure["pixels"][::3, ::3].astype(np.int64)
    colours = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    _, counts = np.unique(colours, return_counts=True)
    return 1.0 - float(counts.max(initial=0)) / max(int(colours.size), 1)
