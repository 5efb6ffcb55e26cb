"""Reports as pages: one self-contained file each, no request.

`student_page` and `class_page` are pure: equal reports, equal text. What is
not ours is escaped by Jinja2 and stripped of control characters by
`finalize`; a policy in the page's head forbids everything else. The class
page has one script, to sort and filter; nobody needs it to read.
"""

import base64
import hashlib
import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.mark import Mark
from grader.model import Known, Proof, Report, Status
from grader.report import examples, overview, wording
from grader.report.alike import failing_alike, near_identical
from grader.report.circumstances import circumstances
from grader.report.items import criterion_rates
from grader.report.lines import VERDICTS, Kind
from grader.report.markup import marked_up
from grader.report.matrix import matrices
from grader.report.names import exercise_anchor, page_link, page_name
from grader.report.sections import Offer, Offered, Section, sections
from grader.report.text import fit, one_line, plain
from grader.report.troubles import troubles

__all__ = ["class_page", "mark_page", "matrix_page", "page_name", "student_page"]

_GLYPHS = {
    Kind.PASSED: "\N{CHECK MARK}",
    Kind.CARRIED: "\N{RIGHTWARDS ARROW}",
    Kind.REVIEW: "?",
    Kind.PARTLY: "\N{BALLOT X}",
    Kind.FAILED: "\N{BALLOT X}",
    Kind.SKIPPED: "\N{EN DASH}",
    Kind.NOT_STARTED: "\N{WHITE CIRCLE}",
    Kind.ERROR: "!",
}
#: Up to a semicolon that is in no backticks and no quotation marks.
_CLAUSE = re.compile("(?:`[^`]*`|“[^”]*”|;(?! )|[^;])+;?")
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_LONGEST_NAME = 40
_LONGEST_TEXT = 2000
_ISOLATION = {
    "process": "your program ran in a process of its own, with limits",
    "confined": "your program ran with limits, no network and no other program",
    "namespaced": "your program ran with limits, no network, and namespaces of its own",
}


def student_page(report: Report, offered: Offered | None = None) -> str:
    """Render what one student reads.

    offered: hints and handouts, by exercise and function.
    """
    first, full = wording.first_thing(report), wording.has_full_marks(report)
    judged = sections(report, offered or {})
    focus = _focus(judged, first)
    pictured = [table for table in focus.tables if full or not table.all_right] if focus else []
    return _render(
        "student",
        report=report,
        first=first,
        full=full,
        still_open=wording.still_open(report) if full else (),
        absent=wording.absent(report),
        sections=judged,
        focus=focus,
        pictured=pictured,
        offer=_offer(focus, first),
        draws=any(figure.source for section in judged for figure in section.figures),
        charts=[chart for section in judged for chart in section.charts],
        isolation=_ISOLATION.get(report.isolation, ""),
    )


def class_page(reports: Sequence[Report], known: Sequence[Known] = ()) -> str:
    """Render what the instructor reads; links lead to the students' pages.

    known: what submissions are held against, beside one another.
    """
    ordered = overview.by_id(reports)
    rates = criterion_rates(ordered)
    return _render(
        "class",
        reports=ordered,
        exercises=overview.exercise_names(ordered),
        marks=overview.marks,
        counts=overview.counts(ordered),
        median=overview.median_words(ordered),
        bins=overview.distribution(ordered),
        troubles=troubles(ordered),
        bugs=overview.bug_counts(ordered),
        rates=rates,
        compared=any(r.discrimination is not None for lines in rates.values() for r in lines),
        failing=failing_alike(ordered),
        twins=near_identical(ordered, known),
        made=circumstances(ordered),
    )


def mark_page(marks: Sequence[Mark], links: Mapping[str, str]) -> str:
    """Render the marks of one student, and all that led to them.

    links: submission -> its feedback page, one folder up.
    """
    return _render(
        "mark",
        marks=marks,
        links=links,
        total=sum((one.points for one in marks), Decimal(0)),
        most=sum(one.max_points for one in marks),
    )


def matrix_page(proofs: Sequence[Proof]) -> str:
    """Render what each known bug loses: how strong the graders are."""
    return _render("matrix", matrices=matrices(proofs))


def _focus(judged: Sequence[Section], first: wording.FirstThing | None) -> Section | None:
    """Choose the exercise whose heat maps are worth the top of the page."""
    if first is None:
        return judged[0] if len(judged) == 1 else None
    return next((each for each in judged if each.name == first.exercise), None)


def _offer(focus: Section | None, first: wording.FirstThing | None) -> Offer | None:
    """Find the help with what is to be done first."""
    for paragraph in focus.paragraphs if focus and first else ():
        if any(shown.line.id == first.criterion for shown in paragraph.lines if first):
            return paragraph.offer
    return None


def _brief(text: str, width: int = _LONGEST_NAME) -> str:
    """Keep a name within its column; a nameless one still has a link."""
    return fit(one_line(text), width, _ELLIPSIS) or "(no name)"


def _clauses(sentence: str) -> list[str]:
    """Part a sentence at its semicolons, those of a quotation or of code apart."""
    short = _cut(sentence)
    return [part.strip() for part in _CLAUSE.findall(short) if part.strip()] or [short]


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
    return _cut(plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + _ELLIPSIS


def _render(name: str, **context: object) -> str:
    return _environment().get_template(f"{name}.html.j2").render(context)


def _own(name: str) -> Markup:
    text = (files("grader.report") / "templates" / name).read_text("utf-8")
    return Markup(text)  # noqa: S704 - our own file, no input in it


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


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
    css, script = _own("carousel.css"), _own("tables.js")
    environment.globals.update(
        css=css,
        css_digest=_digest(css),
        script=script,
        script_digest=_digest(script),
        words=wording,
        examples=examples,
        Status=Status,
        glyphs=_GLYPHS,
        verdicts=VERDICTS,
        exercise_anchor=exercise_anchor,
        brief=_brief,
        clauses=_clauses,
        marked_up=marked_up,
        halves=_halves,
        ticks=_ticks,
        percent=_percent,
        page_link=page_link,
    )
    return environment
