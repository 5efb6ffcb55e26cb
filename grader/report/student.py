"""What a student sees besides the verdict: hints, the map of the course, the next step."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from grader.model import Diagnosis
from grader.report.terminal import Page

__all__ = ["Stop", "print_done", "print_hint", "print_map", "print_next"]

_NAMES = {"idea": "The idea", "equation": "The equation", "shape": "The shape of the code"}
_BAR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One exercise on the map. of: how many public checks, 0 if none were run yet.

    changed: the file is another one than was checked. there: it exists.
    """

    name: str
    title: str
    points: int
    passed: int = 0
    of: int = 0
    started: bool = False
    changed: bool = False
    there: bool = True

    @property
    def done(self) -> bool:
        """Whether all public checks pass."""
        return 0 < self.of == self.passed and not self.changed


def print_hint(
    exercise: str,
    function: str,
    levels: Sequence[tuple[str, str]],
    of: int,
    slip: Diagnosis | None,
    console: Console,
) -> None:
    """Print the hints seen so far, the new one last. slip: the known slip it looks like."""
    page = Page(console)
    page.print(f"{exercise}, {function}: hint {len(levels)} of {of}", "bold")
    for name, text in levels:
        console.print()
        page.print(f"{_NAMES[name]}:", "bold", indent=2)
        for line in text.splitlines():
            page.print(line, indent=4 + len(line) - len(line.lstrip()))
    if slip:
        console.print()
        page.print(f"Your numbers look like a known slip: {slip.says}", "bold", indent=2)
    console.print()
    if len(levels) < of:
        page.print("Not enough? Ask again for the next one.", "dim")
    else:
        page.print(f"That was the last one. Read exercises/handouts/{exercise}.md again.", "dim")


def print_map(stops: Sequence[Stop], console: Console) -> None:
    """Print the course as a map: done, begun, ahead; you are at the arrow."""
    page = Page(console)
    here = next((stop for stop in stops if not stop.done), None)
    width = max(len(stop.name) for stop in stops)
    for number, stop in enumerate(stops, 1):
        arrow = "->" if stop is here else "  "
        full = _BAR * stop.passed // stop.of if stop.of else 0
        bar = "#" * full + "." * (_BAR - full)
        style = "green" if stop.done else "bold" if stop is here else ""
        page.print(
            f"{arrow} {number}  {stop.name:<{width}}  [{bar}]  {stop.points:>3} points  "
            f"{_state(stop)}",
            style,
        )
    done = [stop for stop in stops if stop.done]
    console.print()
    page.print(
        f"{len(done)} of {len(stops)} exercises pass their public checks, which are worth "
        f"{sum(s.points for s in done)} of {sum(s.points for s in stops)} points when graded."
    )


def print_done(stop: Stop, after: Stop | None, console: Console) -> None:
    """Celebrate an exercise whose public checks all pass; name the next one."""
    page = Page(console)
    console.print()
    page.print(f"*** {stop.title}: done! All {stop.of} public checks pass. ***", "bold green")
    if after:
        page.print(f"Next comes {after.name}: {after.title}, {after.points} points.")
    else:
        page.print("That was the last exercise: every public check of the course passes. Bravo!")


def print_next(text: str, console: Console) -> None:
    """Print the explicit next step."""
    console.print()
    Page(console).print(text, "bold")


def _state(stop: Stop) -> str:
    if not stop.there:
        return "its file is missing"
    if stop.done:
        return "all public checks pass"
    if not stop.started:
        return "not started"
    if stop.changed or not stop.of:
        return "changed since the last check" if stop.of else "not checked yet"
    return f"{stop.passed} of {stop.of} public checks pass"
