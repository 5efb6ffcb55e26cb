"""The table and the curves of the experiments of 1997, from the runs that were made."""

import statistics
from collections.abc import Iterable
from html import escape
from textwrap import shorten
from typing import Any

from tasks_1997 import EXPERIMENTS, OWN

BEGIN, END = "<!-- begin runs -->", "<!-- end runs -->"
Run = dict[str, Any]


def networks(runs: list[Run], name: str) -> list[dict[str, Any]]:
    """Take all networks of one experiment, seed by seed; the last run of a seed counts."""
    by_seed = {run["seed"]: run for run in runs if run["id"] == name}
    return [
        {**network, "seconds": run["seconds"] / len(run["networks"])}
        for _, run in sorted(by_seed.items())
        for network in run["networks"]
    ]


def spread(values: Iterable[float], digits: int = 0) -> str:
    """Write minimum / median / maximum."""
    values = list(values)
    figures = (min(values), statistics.median(values), max(values))
    return " / ".join(f"{figure:,.{digits}f}" for figure in figures)


def row(name: str, title: str, paper: str, log: str, runs: list[Run]) -> str | None:
    """Write one line of the table, or nothing if it was not run."""
    made = networks(runs, name)
    if not made:
        return None
    solved = [network for network in made if network["solved"]]
    sequences = spread(n["sequences"] for n in solved) if solved else "–"
    wrong = [n["wrong"] for n in solved if n["wrong"] is not None]
    cells = [
        name,
        title,
        f"{len(solved)} of {len(made)}",
        sequences,
        spread((n["seconds"] for n in made), 1),
        f"{statistics.median(wrong):g} of {solved[0]['of']:,}" if wrong else "–",
        paper,
        log,
    ]
    return f"| {' | '.join(cells)} |"


def table(runs: list[Run]) -> str:
    """Write the whole table in Markdown, and what was not run."""
    lines = [
        "| | experiment | solved | sequences to success | CPU s a network | wrong | paper | log |",
        "|---|---|---|---|---|---|---|---|",
    ]
    missing = []
    for experiment in EXPERIMENTS:
        title = experiment.title + (f" ({experiment.note})" if experiment.note else "")
        line = row(experiment.id, title, experiment.paper, experiment.log, runs)
        lines += [line] if line else []
        missing += [] if line else [experiment.id]
    for own in OWN:
        line = row(own.id, own.title, own.paper, own.log, runs)
        lines += [line] if line else []
        missing += [] if line else [own.id]
    if missing:
        lines += ["", f"Not run: {', '.join(missing)}."]
    return "\n".join(lines)


def document(runs: list[Run], old: str) -> str:
    """Put the table into the page, between its marks; the text around it stays."""
    described = sorted({run["machine"] for run in runs})
    part = "\n\n".join([
        BEGIN,
        "Three numbers are minimum / median / maximum over the networks that succeeded. "
        + "; ".join(described) + ".",
        table(runs),
        "![Error while learning, one line per network](lstm-1997.svg)",
        END,
    ])  # fmt: skip
    if BEGIN in old and END in old:
        head, tail = old.partition(BEGIN)[0], old.partition(END)[2]
        return f"{head}{part}{tail}"
    return f"# The experiments of 1997\n\n{part}\n"


# --- curves ---------------------------------------------------------------------------

WIDTH, HEIGHT, COLUMNS, GAP = 250, 130, 3, 46


def drawing(runs: list[Run]) -> str:
    """Draw the curves of every experiment: a small picture each, a line per network."""
    names = [(e.id, e.title, e.curve) for e in EXPERIMENTS] + [
        (own.id, own.title.replace("**", "").partition(":")[0], "mean error") for own in OWN
    ]
    shown = [(name, title, what) for name, title, what in names if networks(runs, name)]
    parts = []
    for k, (name, title, what) in enumerate(shown):
        x, y = k % COLUMNS * (WIDTH + GAP) + 40, k // COLUMNS * (HEIGHT + GAP) + 30
        parts.append(f'<g transform="translate({x} {y})">{panel(runs, name, title, what)}</g>')
    rows = -(-len(shown) // COLUMNS)
    width, height = COLUMNS * (WIDTH + GAP) + 30, rows * (HEIGHT + GAP) + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="10" fill="none">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def panel(runs: list[Run], name: str, title: str, what: str) -> str:
    """Draw one experiment: sequences to the right, error upwards, a dot where it stopped."""
    made = [n for n in networks(runs, name) if n["curve"]]
    right = max((n["sequences"] for n in made), default=1)
    top = max((v for n in made for _, v in n["curve"]), default=1.0) or 1.0
    lines = []
    for network in made:
        points = [(n / right * WIDTH, HEIGHT - v / top * HEIGHT) for n, v in network["curve"]]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = "#0b6e99" if network["solved"] else "#b3541e"
        lines.append(f'<polyline points="{path}" stroke="{colour}" stroke-opacity=".7"/>')
        if network["solved"]:
            x, y = points[-1]
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>')
    shortened = shorten(f"{name}: {title}", 46, placeholder=" …")
    return (
        f'<rect width="{WIDTH}" height="{HEIGHT}" stroke="#999"/>{"".join(lines)}'
        f'<g fill="#222"><text y="-6" font-weight="bold">{escape(shortened)}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 12}" text-anchor="end">{right:,} sequences</text>'
        f'<text x="-4" y="{HEIGHT}" text-anchor="end">0</text>'
        f'<text x="-4" y="9" text-anchor="end">{top:.2g}</text>'
        f'<text y="{HEIGHT + 12}">{escape(what)}</text></g>'
    )
