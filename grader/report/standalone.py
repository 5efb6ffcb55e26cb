"""Pictures that stand alone: as an address that holds all of them, with their words."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from grader.model import ExerciseResult, Plot
from grader.report.pictures import figure
from grader.report.plots import HEIGHT, WIDTH, Chart, Trace, chart
from grader.report.text import one_line

__all__ = ["Standalone", "standalone"]

#: Told apart by everybody, on white.
_COLOURS = ("#0b5cad", "#b34700", "#00735c", "#7a3b8f")
_LONGEST = 12
_WIDEST = 640


@dataclass(frozen=True, slots=True, kw_only=True)
class Standalone:
    """A picture: `source` is a data: address."""

    title: str
    caption: str
    alt: str
    source: str
    width: int = WIDTH

    @property
    def html(self) -> str:
        """The picture and its caption, in tags that sanitisers let through."""
        words = f"<p><strong>{_text(self.title)}</strong> {_text(self.caption)}</p>"
        return f'<img src="{self.source}" alt="{_text(self.alt)}" width="{self.width}">{words}'


def standalone(exercise: ExerciseResult) -> Iterator[Standalone]:
    """Make all pictures of an exercise: its figures, then its curves."""
    for drawing in exercise.drawings:
        shown = figure(drawing)
        if shown.source:
            yield Standalone(
                title=shown.title, caption=shown.caption, alt=shown.alt,
                source=str(shown.source), width=min(shown.width, _WIDEST),
            )  # fmt: skip
    for plot in exercise.plots:
        yield _curves(plot)


def _curves(plot: Plot) -> Standalone:
    laid_out = chart(plot)
    data = base64.b64encode(_svg(laid_out).encode()).decode()
    return Standalone(
        title=plot.title,
        caption=f"{plot.caption} Upwards: {plot.y_label}.",
        alt=laid_out.alt,
        source=f"data:image/svg+xml;base64,{data}",
    )


def _svg(laid_out: Chart) -> str:
    """Draw curves on white paper, in colours of their own."""
    left, right, top, bottom = laid_out.left, laid_out.right, laid_out.top, laid_out.bottom
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"',
        f' viewBox="{laid_out.size}" font-family="sans-serif" font-size="13" fill="#333">',
        f"<title>{_text(laid_out.alt)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for tick in laid_out.up:
        lines.append(f'<path d="M{left} {tick.at} H{right}" stroke="#ddd"/>')
        lines.append(_words(left - 7, tick.at + 5, tick.text, "end"))
    lines += [_words(tick.at, bottom + 17, tick.text, "middle") for tick in laid_out.across]
    lines.append(f'<path d="M{left} {top} V{bottom} H{right}" fill="none" stroke="#777"/>')
    if laid_out.diagonal:
        lines.append(f'<path d="{laid_out.diagonal}" fill="none" stroke="#777"/>')
    for trace in laid_out.traces:
        lines += _trace(trace, right)
    lines.append(_words((left + right) / 2, bottom + 37, laid_out.plot.x_label[:40], "middle"))
    return "\n".join([*lines, "</svg>"])


def _trace(trace: Trace, right: int) -> Iterator[str]:
    colour = _COLOURS[trace.number - 1]
    if trace.path:
        dashes = ' stroke-dasharray="6 4"' if trace.dashed else ""
        yield f'<path d="{trace.path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
    for x, y in trace.points:
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
    yield _words(right + 6, trace.label.y, trace.label.text[:_LONGEST], "start", colour)


def _words(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(one_line(text))
