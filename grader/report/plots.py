"""Curves and points as drawings of the page itself: they take its colours, light or dark.

Only geometry is worked out here; the template draws it. A library for plots
would take a hundred milliseconds where this takes one, for every student.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model import Plot, Series

__all__ = ["Chart", "Label", "Tick", "Trace", "chart"]

WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 92, 10, 42
#: Beyond this no axis is of any use.
HUGE = 1e30
#: What lies on the frame cannot be seen.
GAP = 0.04
_LINE = 17
_TICKS = 5
_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number at an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The name of a trace beside its end."""

    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One series: a path, or the places of its points."""

    number: int
    dashed: bool
    path: str
    points: tuple[tuple[float, float], ...]
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A plot made ready to draw, with what it shows in words.

    diagonal: where both coordinates are the same, for points.
    """

    plot: Plot
    traces: tuple[Trace, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    diagonal: str
    alt: str

    @property
    def left(self) -> int:
        """Where the axes begin."""
        return LEFT

    @property
    def right(self) -> int:
        """Where they end."""
        return WIDTH - RIGHT

    @property
    def top(self) -> int:
        """Where the upright one ends."""
        return TOP

    @property
    def bottom(self) -> int:
        """Where it begins."""
        return HEIGHT - BOTTOM

    @property
    def size(self) -> str:
        """The drawing's own measures."""
        return f"0 0 {WIDTH} {HEIGHT}"


@dataclass(frozen=True, slots=True)
class _Axis:
    """Takes numbers to places; log: of their logarithm."""

    low: float
    high: float
    start: int
    end: int
    log: bool = False

    def place(self, value: float) -> float:
        value = math.log10(value) if self.log else value
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        step = _step(self.high - self.low, whole=self.log)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = [step * k for k in range(first, last + 1)]
        return tuple(
            Tick(
                at=self.place(10.0**value if self.log else value), text=_number(value, log=self.log)
            )
            for value in values
        )


def chart(plot: Plot) -> Chart:
    """Lay out a plot; what cannot be shown is left out."""
    log = plot.logarithmic and not plot.points
    shown = [(series, tuple(_finite(series, log=log))) for series in plot.series[:_MOST]]
    pairs = [pair for _, found in shown for pair in found]
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    if plot.points:
        xs = ys = [*xs, *ys]
    across = _axis(xs, LEFT, WIDTH - RIGHT, gap=GAP if plot.points else 0.0)
    up = _axis(ys, HEIGHT - BOTTOM, TOP, gap=GAP, log=log)
    places = [[(across.place(x), up.place(y)) for x, y in found] for _, found in shown]
    ends = [found[-1][1] if found else math.inf for found in places]
    if plot.points:
        ends = [float(TOP + _LINE)] * len(ends)
    corners = [(across.place(v), up.place(v)) for v in (across.low, across.high) if plot.points]
    return Chart(
        plot=plot,
        traces=tuple(
            Trace(
                number=number,
                dashed=series.dashed,
                path="" if plot.points else _path(found),
                points=tuple(found) if plot.points else (),
                label=Label(y=y, text=series.label),
            )
            for number, ((series, _), found, y) in enumerate(
                zip(shown, places, _apart(ends), strict=True), 1
            )
            if found
        ),
        across=across.ticks(),
        up=up.ticks(),
        diagonal=_path(corners),
        alt=_alt(plot, shown),
    )


def _finite(series: Series, *, log: bool) -> Iterator[tuple[float, float]]:
    for x, y in zip(series.x, series.y, strict=False):
        if x is not None and y is not None and _can_be_drawn(x, y, log=log):
            yield x, y


def _can_be_drawn(x: float, y: float, *, log: bool) -> bool:
    # NaN is not less than anything
    return abs(x) < HUGE and abs(y) < HUGE and (y > 1 / HUGE or not log)


def _axis(values: Sequence[float], start: int, end: int, *, gap: float, log: bool = False) -> _Axis:
    found = [math.log10(value) for value in values] if log else list(values)
    low, high = min(found, default=0.0), max(found, default=1.0)
    if log:
        low, high = math.floor(low), math.ceil(high)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        beside = 0.5 * max(1.0, abs(low), abs(high))
        low, high = low - beside, high + beside
    beyond = 0.0 if log else gap * (high - low)
    return _Axis(low - beyond, high + beyond, start, end, log)


def _step(span: float, *, whole: bool) -> float:
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
    return max(1.0, round(step)) if whole else step


def _number(value: float, *, log: bool) -> str:
    text = f"{10.0**value:.0e}".replace("e-0", "e-").replace("e+0", "e") if log else f"{value:.4g}"
    if log and -3 <= value <= 3:  # noqa: PLR2004
        text = f"{10.0**value:g}"
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in places) if places else ""


def _apart(wanted: Sequence[float]) -> list[float]:
    """Move labels until none stands on another, and all on the paper."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    places, last = [0.0] * len(wanted), -math.inf
    for at in order:
        last = places[at] = max(min(wanted[at], HEIGHT - BOTTOM), last + _LINE)
    over = max(0.0, last - (HEIGHT - BOTTOM))
    return [round(place - over, 1) for place in places]


def _alt(plot: Plot, shown: Sequence[tuple[Series, Sequence[tuple[float, float]]]]) -> str:
    """Say in words what the drawing shows."""
    kind = "points" if plot.points else "curves"
    said = [f"{plot.title}: {kind} of {plot.y_label} against {plot.x_label}"]
    for series, found in shown:
        name = series.label
        if not found:
            said.append(f"{name}: nothing that can be shown")
        elif plot.points:
            largest = max(max(abs(x), abs(y)) for x, y in found) or 1.0
            off = sum(abs(x - y) > 0.02 * largest for x, y in found)
            said.append(f"{name}: {len(found) - off} of {len(found)} on the diagonal")
        else:
            ys = [y for _, y in found]
            low, high = min(ys), max(ys)
            said.append(
                f"{name}: from {ys[0]:.3g} to {ys[-1]:.3g}, between {low:.3g} and {high:.3g}"
            )
    return "; ".join(said) + "."
