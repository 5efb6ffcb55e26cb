"""Curves and points on a page: any numbers, in their place, and in words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Plot, Series
from grader.plotting import MOST, series
from grader.report.plots import HEIGHT, WIDTH, Chart, chart

CURVE = Series(label="loss", x=(0.0, 1.0, 2.0), y=(2.0, 1.0, 0.5))


def of(*shown: Series, points: bool = False, logarithmic: bool = False) -> Chart:
    return chart(
        Plot(title="Title", caption="", x_label="update", y_label="loss", series=shown,
             points=points, logarithmic=logarithmic)
    )  # fmt: skip


def places(drawn: Chart) -> list[tuple[float, float]]:
    """List where anything is drawn."""
    paths = " ".join([drawn.diagonal, *(trace.path for trace in drawn.traces)])
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e[+-]\d+)?", paths)]
    points = [point for trace in drawn.traces for point in trace.points]
    ticks = [(tick.at, 0.0) for tick in drawn.across] + [(0.0, tick.at) for tick in drawn.up]
    return [*zip(numbers[::2], numbers[1::2], strict=True), *points, *ticks]


def test_higher_values_stand_higher() -> None:
    """And later ones further to the right."""
    (trace,) = of(CURVE).traces
    drawn = places(replace(of(CURVE), across=(), up=()))
    assert trace.path.startswith("M")
    assert drawn == sorted(drawn)
    assert [y for _, y in drawn] == sorted(y for _, y in drawn)


NUMBERS = st.one_of(st.none(), st.floats())
LISTS = st.lists(NUMBERS, max_size=6).map(tuple)


@given(LISTS, LISTS, LISTS, st.booleans(), st.booleans())
def test_any_numbers_stay_on_the_paper(
    x: tuple[float | None, ...],
    y: tuple[float | None, ...],
    other: tuple[float | None, ...],
    points: bool,
    logarithmic: bool,
) -> None:
    """Infinities, gaps, nothing at all: something is drawn, or nothing is."""
    one = Series(label="one", x=x, y=y)
    drawn = of(one, replace(one, y=other), points=points, logarithmic=logarithmic)
    for across, up in places(drawn):
        assert 0 <= across <= WIDTH
        assert 0 <= up <= HEIGHT
    assert len(drawn.up) <= 12
    assert "nan" not in repr(drawn.traces)


def test_decades_are_named() -> None:
    """A logarithmic axis has powers of ten."""
    drawn = of(Series(label="RNN", x=(0, 1), y=(1.0, 1e-6)), logarithmic=True)
    texts = [tick.text for tick in drawn.up]
    assert texts[-1] == "1"
    assert texts[0] == "1e−6"


def test_names_never_stand_on_each_other() -> None:
    """Curves that end in one place are still told apart."""
    drawn = of(*(replace(CURVE, label=name) for name in "abcd"))
    heights = sorted(trace.label.y for trace in drawn.traces)
    assert min(np.diff(heights)) >= 17
    assert heights[-1] <= HEIGHT


def test_points_lie_on_the_diagonal_where_both_agree() -> None:
    """Both axes are the same; how many agree is said."""
    drawn = of(Series(label="i", x=(-1.0, 0.0, 2.0), y=(-1.0, 0.0, 1.0)), points=True)
    (trace,) = drawn.traces
    (x0, y0), (x1, y1), (x2, y2) = trace.points
    assert (y1 - y0) / (x1 - x0) == pytest.approx(
        (drawn.top - drawn.bottom) / (drawn.right - drawn.left), rel=0.01
    )
    assert y2 > y0 + (x2 - x0) * (y1 - y0) / (x1 - x0)
    assert "i: 2 of 3 on the diagonal" in drawn.alt


def test_a_drawing_is_told_in_words() -> None:
    """Who cannot see it hears where every curve begins and ends."""
    nothing = Series(label="gone", x=(0.0,), y=(None,))
    assert of(CURVE, nothing).alt == (
        "Title: curves of loss against update; loss: from 2 to 0.5, between 0.5 and 2; "
        "gone: nothing that can be shown."
    )


def test_arrays_become_short_numbers() -> None:
    """Four digits, gaps where there is no number, and no more than can be seen."""
    made = series("c", None, np.array([[1.23456], [np.nan], [np.inf]]))
    assert (made.x, made.y) == ((0.0, 1.0, 2.0), (1.235, None, None))
    assert len(series("c", None, np.zeros(10_000)).y) == MOST
