"""What a matplotlib figure shows, as arrays and words: the one way a figure travels.

Runs in the worker for a student's figure, and in the grader for the
reference's. matplotlib is imported only when there is a figure to describe.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["PICTURE", "describe", "prepare", "rehearse", "saved_undrawn"]

#: How every PNG file begins.
PICTURE = b"\x89PNG\r\n\x1a\n"
AXES_CAP = 40
TEXT_CAP = 200
LIST_CAP = 100
ARRAY_CAP = 1_000_000
#: Pixels of the longer side; what is larger is drawn with fewer dots per inch.
SIDE_CAP = 1000


def prepare() -> None:
    """Draw without a screen, whatever this machine has."""
    import matplotlib as mpl  # noqa: PLC0415  half a second, and few exercises draw

    mpl.use("Agg")


def describe(value: object, *, draw: bool = True) -> object:
    """Describe a Figure (or the one an Axes, or a tuple with one, belongs to).

    draw: make its pixels, which takes most of the time; else there is one.

    Returns a dict: axes (a list of dicts: title, xlabel, ylabel, xscale, yscale,
    legend, texts, ticks, meshes, lines, points, bars, colorbar), suptitle, legend,
    texts, xlabel, ylabel, pixels (h, w, 3) uint8 and saved, the bytes it left in the
    scratch file, 0 here. Anything that is no figure is returned as it is.
    """
    figure = _figure_of(value)
    if figure is None:
        return value
    from matplotlib import pyplot as plt  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    figure.set_dpi(min(100.0, SIDE_CAP / max(*figure.get_size_inches(), 1e-3)))
    canvas: Any = FigureCanvasAgg(figure)
    pixels = np.zeros((1, 1, 3), np.uint8)
    if draw:
        canvas.draw()
        pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    described = {
        "axes": [_axes(axes) for axes in figure.axes[:AXES_CAP]],
        "suptitle": figure.get_suptitle()[:TEXT_CAP],
        "legend": _legends(figure.legends),
        "texts": [text.get_text()[:TEXT_CAP] for text in figure.texts[:LIST_CAP]],
        "xlabel": figure.get_supxlabel()[:TEXT_CAP],
        "ylabel": figure.get_supylabel()[:TEXT_CAP],
        "pixels": pixels,
        "saved": 0,
    }
    plt.close("all")  # what a student leaves open adds up
    return described


@contextlib.contextmanager
def saved_undrawn() -> Iterator[None]:
    """Let a figure that is saved leave a small picture of nothing.

    Whether it is written, and where, is all that is asked; drawing it would
    be most of the time an exercise takes.
    """
    from matplotlib.backend_bases import FigureCanvasBase  # noqa: PLC0415

    def write(_canvas: object, filename: Any, *_: object, **options: object) -> None:  # noqa: ANN401
        content = PICTURE if options.get("format") in {None, "png"} else b"another format"
        if hasattr(filename, "write"):
            filename.write(content)
        else:
            with open(filename, "wb") as file:  # noqa: PTH123  any kind of path
                file.write(content)

    # what savefig, of a figure and of pyplot, ends in
    draws = FigureCanvasBase.print_figure
    canvas: Any = FigureCanvasBase
    canvas.print_figure = write
    try:
        yield
    finally:
        canvas.print_figure = draws


def _figure_of(value: object) -> Any:  # noqa: ANN401
    import matplotlib.figure  # noqa: PLC0415

    first = value[0] if isinstance(value, tuple | list) and value else value
    for candidate in (first, getattr(first, "figure", None)):
        if isinstance(candidate, matplotlib.figure.Figure):
            return candidate
    return None


def _axes(axes: Any) -> dict[str, object]:  # noqa: ANN401
    legend = axes.get_legend()
    return {
        "title": axes.get_title()[:TEXT_CAP],
        "xlabel": axes.get_xlabel()[:TEXT_CAP],
        "ylabel": axes.get_ylabel()[:TEXT_CAP],
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "legend": _legends([legend] if legend else []),
        "texts": [text.get_text()[:TEXT_CAP] for text in axes.texts[:LIST_CAP]],
        "ticks": _ticks(axes),
        "meshes": [mesh for mesh in _meshes(axes) if mesh.size <= ARRAY_CAP][:LIST_CAP],
        "lines": [np.asarray(line.get_xydata(), float) for line in _lines(axes)],
        "points": _points(axes),
        "bars": _bars(axes),
        "colorbar": hasattr(axes, "_colorbar") or axes.get_label() == "<colorbar>",
    }


def _lines(axes: Any) -> list[Any]:  # noqa: ANN401
    """List lines that can be seen: with a mark at every point, or a stroke between two."""
    nothing = {None, "", " ", "None", "none"}
    return [
        line
        for line in axes.lines[:LIST_CAP]
        if line.get_marker() not in nothing
        or (line.get_linestyle() not in nothing and len(line.get_xydata()) > 1)
    ]


def _ticks(axes: Any) -> list[str]:  # noqa: ANN401
    """List what stands at the ticks of both axes, as far as it is text of its own."""
    said = []
    for axis in (axes.xaxis, axes.yaxis):
        formatter = type(axis.get_major_formatter()).__name__
        if formatter in {"FixedFormatter", "FuncFormatter", "StrCategoryFormatter"}:
            said += [label.get_text()[:TEXT_CAP] for label in axis.get_ticklabels()[:LIST_CAP]]
    return said


def _points(axes: Any) -> "np.ndarray[Any, Any]":  # noqa: ANN401
    """Find what is scattered, and the ends of strokes such as error bars, as rows x, y."""
    from matplotlib.collections import LineCollection, PathCollection  # noqa: PLC0415

    found = [np.empty((0, 2))]
    for artist in axes.collections[:LIST_CAP]:
        if isinstance(artist, PathCollection):
            found.append(np.ma.filled(np.ma.asarray(artist.get_offsets(), float), np.nan))
        elif isinstance(artist, LineCollection):
            found += [np.asarray(one, float) for one in artist.get_segments()[: ARRAY_CAP // 4]]
    points = np.concatenate([one.reshape(-1, 2) for one in found])
    return points[: ARRAY_CAP // 4]


def _legends(legends: Any) -> list[str]:  # noqa: ANN401
    return [text.get_text()[:TEXT_CAP] for one in legends for text in one.get_texts()][:LIST_CAP]


def _meshes(axes: Any) -> Iterator["np.ndarray[Any, Any]"]:  # noqa: ANN401
    """Find what is drawn as cells with colours: images and meshes of all kinds.

    Not those whose scale lies beside their numbers, so that all have one colour.
    """
    from matplotlib.collections import QuadMesh  # noqa: PLC0415

    for artist in (*axes.images, *axes.collections):
        array = artist.get_array()
        if array is None:
            continue
        if array.ndim == 1 and isinstance(artist, QuadMesh):
            rows, columns, _ = np.shape(artist.get_coordinates())
            array = array.reshape(rows - 1, columns - 1)
        if array.ndim == 2 and array.dtype.kind in "biuf":  # noqa: PLR2004
            mesh = np.ma.filled(array.astype(float), np.nan)
            low, high = artist.get_clim()
            # a colour bar widens a scale without room a little
            coloured = mesh if low is None else np.clip(mesh, low, high)
            if len(np.unique(coloured)) > 1 or len(np.unique(mesh)) < 2:  # noqa: PLR2004
                yield mesh


def _bars(axes: Any) -> "np.ndarray[Any, Any]":  # noqa: ANN401
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    boxes = [
        (patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height())
        for patch in axes.patches[: ARRAY_CAP // 4]
        if isinstance(patch, Rectangle)
    ]
    return np.array(boxes, float).reshape(-1, 4)


def rehearse() -> None:
    """Draw a little of everything, so that fonts and backends are loaded before the fork."""
    import io  # noqa: PLC0415

    prepare()
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, layout="constrained")
    figure.colorbar(left.imshow(np.eye(3)))
    right.semilogy([1.0, 10.0], label="a")
    right.hist([1.0, 2.0], label="$b$")
    right.legend()
    figure.savefig(io.BytesIO(), format="png")
    describe(figure)
