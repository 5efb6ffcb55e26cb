"""Reports as pages: one self-contained file each, no script, no request.

`student_page` and `class_page` are pure: equal reports, equal text. What is
not ours is escaped by Jinja2 and stripped of control characters by
`finalize`; a policy in the page's head forbids everything else.
"""

import base64
import hashlib
import re
import textwrap
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.model import BlockMap, Cost, ExerciseResult, Outcome, Proof, Report, Status
from grader.report import overview, wording
from grader.report.heat import HeatTable, heat_table
from grader.report.names import page_link, page_name
from grader.report.text import fit, one_line, plain

__all__ = ["class_page", "matrix_page", "page_name", "student_page"]

_GLYPHS = {
    Outcome.PASSED: "\N{CHECK MARK}",
    Outcome.FAILED: "\N{BALLOT X}",
    Outcome.SKIPPED: "\N{EN DASH}",
    Outcome.NOT_STARTED: "\N{WHITE CIRCLE}",
    Outcome.ERROR: "!",
}
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_LONGEST_NAME = 40
_LONGEST_TEXT = 2000
_ISOLATION = {
    "process": "your program ran in a process of its own, with limits",
    "confined": "your program ran with limits, no network and no other program",
    "namespaced": "your program ran with limits, no network, and namespaces of its own",
}


def student_page(report: Report) -> str:
    """Render what one student reads."""
    first = wording.first_thing(report)
    return _render(
        "student",
        report=report,
        first=first,
        full=wording.has_full_marks(report),
        focus=_focus(report, first),
        present=[each for each in report.exercises if each.status is not Status.MISSING],
        missing=[each for each in report.exercises if each.status is Status.MISSING],
        isolation=_ISOLATION.get(report.isolation, ""),
    )


def class_page(reports: Sequence[Report]) -> str:
    """Render what the instructor reads; links lead to the students' pages."""
    ordered = overview.by_id(reports)
    return _render(
        "class",
        reports=ordered,
        counts=overview.counts(ordered),
        median=overview.median_words(ordered),
        bins=overview.distribution(ordered),
        troubles=overview.troubles(ordered),
        bugs=overview.bug_counts(ordered),
        rates=overview.criterion_rates(ordered),
    )


def matrix_page(proofs: Sequence[Proof]) -> str:
    """Render what each known bug loses: how strong the graders are."""
    return _render("matrix", proofs=proofs, cell=_matrix_cell)


def _matrix_cell(cost: Cost, criterion: str) -> tuple[str, str]:
    """Say what a bug does to a criterion: a class for the eye, a word for the ear."""
    if criterion in cost.carried:
        return "carried", "carried forward"
    outcome = cost.outcomes.get(criterion, Outcome.PASSED)
    if outcome is Outcome.FAILED:
        return ("caught", "caught here") if criterion == cost.caught_by else ("lost", "lost")
    return str(outcome), "" if outcome is Outcome.PASSED else str(outcome)


def _focus(report: Report, first: wording.FirstThing | None) -> ExerciseResult | None:
    """Choose the exercise whose heat map is worth the top of the page."""
    pictured = [exercise for exercise in report.exercises if exercise.pictures]
    if first is None:
        return next(iter(pictured), None)
    return next((each for each in pictured if each.name == first.exercise), None)


def _tables(pictures: Sequence[BlockMap]) -> list[HeatTable]:
    return [heat_table(picture) for picture in pictures]


def _brief(text: str, width: int = _LONGEST_NAME) -> str:
    """Keep a name within its column; a nameless one still has a link."""
    return fit(one_line(text), width, _ELLIPSIS) or "(no name)"


def _halves(text: str) -> tuple[str, str]:
    """Part a message's sentence from the example lines below it."""
    sentence, _, example = plain(text).strip().partition("\n")
    return sentence, textwrap.dedent(example).strip("\n")


def _ticks(text: str) -> Markup:
    """Show what stands in backticks as code; everything is escaped first."""
    shown = str(escape(_harmless(text)))
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", shown))  # noqa: S704  escaped above


def _percent(points: int, max_points: int) -> float:
    """Turn points into a width between 0 and 100."""
    return min(100.0, max(0.0, 100 * points / max_points)) if max_points else 0.0


def _harmless(value: object) -> object:
    # our own markup (macros, the style sheet) is no plain str and passes
    if type(value) is not str:
        return value
    text = plain(value)
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + _ELLIPSIS


def _render(name: str, **context: object) -> str:
    return _environment().get_template(f"{name}.html.j2").render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    css = (files("grader.report") / "templates" / "carousel.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    environment.globals.update(
        css=Markup(css),  # noqa: S704 - our own file, no input in it
        css_digest=digest,
        words=wording,
        Status=Status,
        Outcome=Outcome,
        glyphs=_GLYPHS,
        brief=_brief,
        halves=_halves,
        ticks=_ticks,
        heat_tables=_tables,
        percent=_percent,
        page_link=page_link,
    )
    return environment
