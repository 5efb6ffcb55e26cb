"""What a figure shows is found however it is drawn; what cannot be told goes to the instructor."""

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.calls import Array
from grader.expect import Lost, Review
from grader.figures import (
    expect_apart,
    expect_colorbar,
    expect_figure,
    expect_histogram,
    expect_images,
    expect_labels,
    expect_legend,
    expect_lines,
    expect_names,
    expect_saved,
    expect_share,
    expect_values,
)

AXES = {
    "title": "", "xlabel": "", "ylabel": "", "xscale": "linear", "yscale": "linear",
    "legend": [], "texts": [], "meshes": [], "lines": [], "bars": np.empty((0, 4)),
    "colorbar": False, "ticks": [], "points": np.empty((0, 2)),
}  # fmt: skip


def page(*, filled: bool = False, coloured: bool = False, blank: bool = False) -> Any:
    """Make the pixels of a white page with a thin grey frame, and what is drawn in it."""
    pixels = np.full((90, 120, 3), 255, np.uint8)
    if blank:
        return pixels
    pixels[5:85:79, 5:115] = pixels[5:85, 5:115:109] = 40
    if filled:
        pixels[10:80, 10:110] = 90
    if coloured:
        pixels[20:24, 20:40] = (31, 119, 180)
    return pixels


def figure(*axes: dict[str, Any], pixels: Any = None, **rest: object) -> dict[str, Any]:
    """Describe a figure as the worker does."""
    return {
        "axes": [AXES | one for one in axes] or [AXES],
        "suptitle": "",
        "legend": [],
        "texts": [],
        "xlabel": "",
        "ylabel": "",
        "pixels": page() if pixels is None else pixels,
        "saved": 0,
    } | rest


GATE = np.random.default_rng(7).uniform(0.05, 0.95, (5, 4))
CELL = np.random.default_rng(8).standard_normal((5, 4))
WANTED = {"f": GATE, "c": CELL}


# --- figures --------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, np.zeros(3), {}, "figure", 3.0])
def test_what_is_no_figure_is_lost_in_words(value: object) -> None:
    with pytest.raises(Lost, match="should return the matplotlib Figure"):
        expect_figure(value, "plot")


def test_a_blank_figure_is_lost() -> None:
    with pytest.raises(Lost, match="blank"):
        expect_figure(figure(pixels=page(blank=True)), "plot")


def test_a_figure_with_axes_is_handed_on() -> None:
    described = figure()
    assert expect_figure(described, "plot") is described


def test_a_figure_of_trusted_code_needs_no_pixels() -> None:
    expect_figure(figure(pixels=np.zeros((1, 1, 3), np.uint8)), "plot")


def test_a_picture_that_was_not_saved_is_lost() -> None:
    expect_saved(figure(saved=2000), "plot")
    with pytest.raises(Lost, match="no picture was saved"):
        expect_saved(figure(), "plot")


# --- images -----------------------------------------------------------------------

MESHES = {
    "as they are": [GATE, CELL],
    "turned": [GATE.T, CELL.T],
    "flipped": [GATE[::-1], CELL[:, ::-1]],
    "turned and flipped": [GATE.T[::-1], CELL.T[::-1, ::-1]],
    "side by side": [np.hstack([GATE, CELL])],
    "above each other, with a gap": [np.vstack([CELL.T, np.full((1, 5), np.nan), GATE.T])],
    "in single precision": [GATE.astype(np.float32).astype(float), CELL],
    "among others": [np.zeros((3, 3)), GATE, np.ones((5, 4)), CELL],
}


@pytest.mark.parametrize("meshes", MESHES.values(), ids=MESHES)
def test_images_are_found(meshes: list[Array]) -> None:
    expect_images(figure({"meshes": meshes}), WANTED)
    expect_images(figure(*({"meshes": [mesh]} for mesh in meshes)), WANTED)


def test_images_that_begin_everywhere_like_the_one_looked_for_take_no_time() -> None:
    """A million places that could be the table, in five hundred meshes, are not all compared."""
    table = np.random.default_rng(0).standard_normal((4, 5))
    table[-1, -1] = table[0, 0]
    mesh = np.full((1000, 1000), table[0, 0])
    started = time.monotonic()
    with pytest.raises((Lost, Review), match="no heat map"):
        expect_images(figure({"meshes": [mesh] * 3 + [mesh[:9, :9]] * 10_000}), {"i": table})
    assert time.monotonic() - started < 30.0


def test_an_image_that_is_missing_is_named() -> None:
    with pytest.raises(Lost, match=re.escape("no heat map shows the values of c") + "$"):
        expect_images(figure({"meshes": [GATE, CELL + 0.1]}), WANTED)


def test_what_is_drawn_instead_is_named() -> None:
    with pytest.raises(Lost, match="; one shows the hidden state$"):
        expect_images(figure({"meshes": [GATE, 2 * CELL]}), WANTED, {"the hidden state": 2 * CELL})


def test_other_numbers_of_the_right_shape_are_lost() -> None:
    with pytest.raises(Lost):
        expect_images(figure({"meshes": [1.0 - np.sqrt(GATE), CELL**3]}), WANTED)


REVIEWED = {
    "scaled": figure({"meshes": [3.0 * GATE + 1.0, 2.0 * CELL]}),
    "of another shape": figure({"meshes": [np.zeros((50, 40))]}),
    "no mesh, but something fills the axes": figure(pixels=page(filled=True)),
    "no mesh, but something coloured": figure(pixels=page(coloured=True)),
}


@pytest.mark.parametrize("described", REVIEWED.values(), ids=REVIEWED)
def test_images_that_cannot_be_told_are_for_the_instructor(described: dict[str, Any]) -> None:
    described = (
        described | {"pixels": page(filled=True)} if described["axes"][0]["meshes"] else described
    )
    with pytest.raises(Review, match="but something is drawn"):
        expect_images(described, WANTED)


def test_empty_axes_are_lost() -> None:
    with pytest.raises(Lost, match="nothing is drawn"):
        expect_images(figure(), WANTED)


# --- lines --------------------------------------------------------------------------

CURVES = {
    "one": 10.0 ** np.linspace(-6, 0, 7),
    "two": np.array([1.0, 0.5, 0.7, 0.6, 0.9, 0.8, 1.0]),
}
X = np.arange(7.0)


def lines(*ys: Array) -> list[Array]:
    """Give lines as points (n, 2), against x."""
    return [np.column_stack([np.arange(len(y)), y]) for y in ys]


def test_lines_are_found_with_the_axes_they_are_in() -> None:
    found = expect_lines(figure({"lines": lines(*CURVES.values()), "yscale": "log"}), CURVES)
    assert {name: line.logarithm for name, line in found.items()} == {"one": False, "two": False}
    assert found["one"].axes["yscale"] == "log"


@pytest.mark.parametrize("view", [np.log10, np.log, lambda y: np.log10(y)[::-1]])
def test_logarithms_are_found(view: Callable[[Array], Array]) -> None:
    found = expect_lines(figure({"lines": lines(*map(view, CURVES.values()))}), CURVES)
    assert all(line.logarithm for line in found.values())


def test_lines_may_run_from_right_to_left_and_in_several_axes() -> None:
    axes = ({"lines": lines(curve[::-1])} for curve in CURVES.values())
    assert set(expect_lines(figure(*axes), CURVES)) == {"one", "two"}


def test_a_line_that_is_missing_is_named() -> None:
    with pytest.raises(Lost, match="the values of 'two'$"):
        expect_lines(figure({"lines": lines(CURVES["one"])}), CURVES)


def test_lines_with_other_numbers_are_lost() -> None:
    with pytest.raises(Lost, match="'one' and 'two'$"):
        expect_lines(figure({"lines": lines(np.cos(X), np.sin(X))}), CURVES)


@pytest.mark.parametrize(
    "described",
    [
        figure({"lines": lines(*(c / c[2] for c in CURVES.values()))}, pixels=page(coloured=True)),
        figure({"lines": lines(X[:3])}, pixels=page(coloured=True)),
        figure(pixels=page(coloured=True)),
    ],
    ids=["in other units", "of another length", "no line at all"],
)
def test_lines_that_cannot_be_told_are_for_the_instructor(described: dict[str, Any]) -> None:
    with pytest.raises(Review):
        expect_lines(described, CURVES)


def test_no_line_and_nothing_else_is_lost() -> None:
    with pytest.raises(Lost, match="nothing is drawn"):
        expect_lines(figure(), CURVES)


# --- histograms -----------------------------------------------------------------------

VALUES = np.random.default_rng(9).uniform(0.0, 1.0, (6, 5, 4))


def bars(bins: Any = 10, values: Array = VALUES, **options: Any) -> Array:
    """Give the bars of a histogram: x, y, width, height."""
    height, edges = np.histogram(values, bins=bins, **options)
    return np.column_stack([edges[:-1], 0 * height, np.diff(edges), height])


SPAN = np.array([[0.0, 0.0, 0.05, 1.0]])
HISTOGRAMS = {
    "of counts": {"bars": bars()},
    "of densities": {"bars": bars(density=True)},
    "with uneven bins": {"bars": bars(bins=np.array([0.0, 0.1, 0.3, 0.9, 1.0]))},
    "lying": {"bars": bars()[:, [1, 0, 3, 2]]},
    "with a shaded span": {"bars": np.vstack([bars(), SPAN])},
    "with a span as wide as a bin": {"bars": np.vstack([bars(20, range=(0, 1)), SPAN])},
    "with such a span drawn first": {"bars": np.vstack([SPAN, bars(20, range=(0, 1))])},
    "in per cent": {"bars": bars() * [1, 1, 1, 100 / VALUES.size]},
    "as a line over the middles": {
        "lines": [(bars() + [0.5, 0, 0, 0] * bars()[:, [2] * 4])[:, [0, 3]]]
    },
    "as a line over the edges": {"lines": [bars(range=(0, 1))[:, [0, 3]]]},
}


@pytest.mark.parametrize("axes", HISTOGRAMS.values(), ids=HISTOGRAMS)
def test_histograms_are_found(axes: dict[str, Any]) -> None:
    expect_histogram(figure(axes), VALUES)


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (bars(values=VALUES[:, 0]), "your bars count 24 values; the gate has 120"),
        (bars(range=(0.25, 0.75)), "of the 120 values; show them all"),
    ],
    ids=["of fewer values", "of a narrower range"],
)
def test_a_histogram_that_leaves_something_out_is_lost(drawn: Array, message: str) -> None:
    with pytest.raises(Lost, match=message):
        expect_histogram(figure({"bars": drawn}), VALUES)


@pytest.mark.parametrize(
    "described",
    [
        figure(pixels=page(coloured=True)),
        figure({"bars": np.vstack([bars(values=VALUES[:3]), bars(values=VALUES[3:])])}),
        figure({"lines": lines(VALUES.ravel())}, pixels=page(coloured=True)),
    ],
    ids=["a curve of patches", "stacked bars", "the values themselves"],
)
def test_histograms_that_cannot_be_told_are_for_the_instructor(described: dict[str, Any]) -> None:
    with pytest.raises(Review):
        expect_histogram(described, VALUES)


# --- words ----------------------------------------------------------------------------


def test_one_label_of_each_kind_is_enough() -> None:
    expect_labels(figure({"xlabel": "t"}, {"ylabel": "unit"}))
    expect_labels(figure({"ylabel": "unit"}, xlabel="t"))


def test_labels_of_a_colour_bar_do_not_count() -> None:
    with pytest.raises(Lost, match="no vertical axis has a label"):
        expect_labels(figure({"xlabel": "t"}, {"ylabel": "value", "colorbar": True}))


def test_a_colour_bar_is_expected() -> None:
    expect_colorbar(figure({}, {"colorbar": True}))
    with pytest.raises(Lost, match="no colour bar"):
        expect_colorbar(figure())


@pytest.mark.parametrize(
    "described",
    [
        figure({"legend": ["RNN (H = 4)", "LSTM"]}),
        figure({"texts": ["RNN", "LSTM"]}),
        figure({"legend": ["RNN"]}, {"legend": ["LSTM"]}),
        figure(legend=["RNN", "LSTM"]),
    ],
)
def test_a_legend_may_stand_in_many_places(described: dict[str, Any]) -> None:
    expect_legend(described, ["RNN", "LSTM"])


def test_a_name_that_no_legend_has_is_named() -> None:
    with pytest.raises(Lost, match="no legend names 'LSTM'"):
        expect_legend(figure({"legend": ["RNN"]}), ["RNN", "LSTM"])


@pytest.mark.parametrize(
    "text",
    ["33 %", "32.7%", "saturated: 0.327", "0.33", "0.3273", "327 of 1000", "32,7 Prozent", "(33%)"],
)
@pytest.mark.parametrize("place", ["title", "texts", "legend", "suptitle"])
def test_a_share_is_read_as_it_is_printed(text: str, place: str) -> None:
    said = f"share below 0.05 or above 0.95: {text}, H = 4"
    described = (
        figure(suptitle=said)
        if place == "suptitle"
        else figure({place: [said] if place in {"texts", "legend"} else said})
    )
    expect_share(described, 0.32728, 1000)


@pytest.mark.parametrize(
    "text", ["", "67 %", "0.05 and 0.95", "3.27 %", "0.337", "32.0 %", "10.327", "328 of 1000"]
)
def test_another_number_is_not_the_share(text: str) -> None:
    with pytest.raises(Lost, match=re.escape("is the share, 0.327")):
        expect_share(figure({"title": text}), 0.32728, 1000)


# --- single numbers and names -----------------------------------------------------

ERRORS = {"the median of a": 0.002, "the median of b": 0.03}
PLACES = np.array([0.0, 1.0])
SHOWN = {
    "points": {"points": np.column_stack([PLACES, list(ERRORS.values())])},
    "points to the right": {"points": np.column_stack([list(ERRORS.values()), PLACES])},
    "logarithms on a line": {"lines": [np.column_stack([PLACES, np.log10(list(ERRORS.values()))])]},
    "bars": {"bars": np.array([[0.0, 0.0, 0.8, 0.002], [1.0, 0.0, 0.8, 0.03]])},
    "lying bars": {"bars": np.array([[0.0, 0.0, 0.002, 0.8], [0.0, 1.0, 0.03, 0.8]])},
}


@pytest.mark.parametrize("axes", SHOWN.values(), ids=SHOWN)
def test_numbers_are_found_wherever_they_stand(axes: dict[str, Any]) -> None:
    expect_values(figure(axes), ERRORS)


def test_a_number_that_is_missing_is_named() -> None:
    with pytest.raises(Lost, match="does not show the median of b$"):
        expect_values(figure({"points": np.array([[0.0, 0.002]])}), ERRORS)


def test_other_numbers_are_recognised() -> None:
    means = {"a": 0.005, "b": 0.05}
    with pytest.raises(Lost, match="it shows means"):
        expect_values(
            figure({"points": np.array([[0.0, 0.005], [1.0, 0.05]])}), ERRORS, {"means": means}
        )


def test_numbers_nobody_knows_go_to_the_instructor() -> None:
    with pytest.raises(Review, match="something is drawn"):
        expect_values(figure({"points": np.array([[0.0, 7.0]])}), ERRORS)


def test_no_number_at_all_is_lost() -> None:
    with pytest.raises(Lost, match="nothing is drawn"):
        expect_values(figure(), ERRORS)


def test_a_point_at_no_place_shows_no_number() -> None:
    with pytest.raises(Lost, match="nothing is drawn"):
        expect_values(figure({"points": np.array([[np.nan, 0.002], [np.nan, 0.03]])}), ERRORS)


@pytest.mark.parametrize("axes", SHOWN.values(), ids=SHOWN)
def test_numbers_at_places_of_their_own_are_apart(axes: dict[str, Any]) -> None:
    expect_apart(figure(axes), ERRORS)


ABOVE = np.column_stack([np.zeros(2), list(ERRORS.values())])


@pytest.mark.parametrize(
    "points", [ABOVE, ABOVE[:, ::-1], np.log10(np.maximum(ABOVE, [[1.0, 0.0]]))]
)
def test_numbers_at_one_place_are_told_apart_by_a_legend_only(points: Array) -> None:
    with pytest.raises(Lost, match="median of a and the median of b at one and the same place"):
        expect_apart(figure({"points": points}), ERRORS)
    expect_apart(figure({"points": points, "legend": ["a", "b"]}), ERRORS)
    expect_apart(figure({"points": points[:1]}, {"points": points[1:]}), ERRORS)


def test_lines_from_side_to_side_have_no_place_of_their_own() -> None:
    lines = [np.array([[0.0, value], [1.0, value]]) for value in ERRORS.values()]
    expect_apart(figure({"lines": lines}), ERRORS)


def test_names_may_stand_anywhere() -> None:
    expect_names(figure({"ticks": ["a", "frozen\nb"], "title": "task"}), ["a", "frozen b", "task"])
    with pytest.raises(Lost, match="nothing in the figure is called 'c'"):
        expect_names(figure({"ticks": ["a"]}), ["a", "c"])
