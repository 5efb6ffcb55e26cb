"""What the pages hold, and what can never get into them."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.model import BlockMap, Certainty, Outcome, Report, Status
from grader.report.heat import heat_table
from grader.report.html import class_page, page_name, student_page
from grader.report.overview import bug_counts, by_id, counts, criterion_rates, distribution
from grader.report.wording import first_thing
from tests.report_samples import (
    FORGET_GATE_MISSING,
    FULL,
    HOSTILE_STRINGS,
    MISSING,
    NEEDS_ATTENTION,
    NOT_STARTED,
    RUBRIC,
    SAMPLES,
    SEVERAL,
    SQUEEZED,
    UNREADABLE,
    WRONG,
    a_class,
    hostile,
)

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "rect"}
# whatever fetches, runs or sends; the pages need none of it
FORBIDDEN = {"script", "img", "link", "iframe", "object", "embed", "form", "base", "video", "image"}
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass
class Element:
    """One element of a page, with what it contains."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside, single blanks between words."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    def all(self, *tags: str) -> Iterator["Element"]:
        """Walk the elements inside, in document order; all tags if none."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def one(self, tag: str, **attributes: str) -> "Element":
        """Find the one element with these attributes, or fail; `class_` is a word."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        (found,) = [
            element
            for element in self.all(tag)
            if all(
                value in element.attributes.get(name, "").split() for name, value in wanted.items()
            )
        ]
        return found


class Page(HTMLParser):
    """A strict reading: every element is closed, in order."""

    def __init__(self, html: str) -> None:
        """Read a page; `root` holds it."""
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(html)
        self.close()
        assert self.open == [self.root], "an element is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        """Refuse comments: the templates emit none, so a student did."""
        raise AssertionError(data)


def student(report: Report) -> Element:
    """Render and read a student's page."""
    return Page(student_page(report)).root


def of_class(reports: Sequence[Report]) -> Element:
    """Render and read a class page."""
    return Page(class_page(reports)).root


PAGES = {
    **{name: student_page(report) for name, report in SAMPLES.items()},
    **{f"hostile {name}": student_page(hostile(text)) for name, text in HOSTILE_STRINGS.items()},
    "class": class_page(a_class()),
    "class of nobody": class_page([]),
    "hostile class": class_page([hostile(text) for text in HOSTILE_STRINGS.values()]),
}


@pytest.fixture(params=list(PAGES.values()), ids=list(PAGES))
def html(request: pytest.FixtureRequest) -> str:
    """Every kind of page."""
    page: str = request.param
    return page


# Every page


def test_page_asks_for_nothing_and_runs_nothing(html: str) -> None:
    """No element that fetches or runs, no handler, no inline style, no absolute URL."""
    for element in Page(html).root.all():
        assert element.tag not in FORBIDDEN
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "src", "srcset", "action", "background"}
            if name == "href":
                url = urlsplit(value)
                assert (url.scheme, url.netloc) == ("", "")
                assert "/" not in value


def test_style_sheet_asks_for_nothing() -> None:
    """The one style sheet imports nothing and loads no font or picture."""
    css = (files("grader.report") / "templates" / "carousel.css").read_text("utf-8")
    assert not re.search(r"@import|@font-face|url\(|</", css)


def test_policy_allows_the_style_sheet_and_nothing_else(html: str) -> None:
    """The page's own policy names the digest of its one style sheet."""
    root = Page(html).root
    policy = root.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    (style,) = root.all("style")
    css = "".join(child for child in style.children if isinstance(child, str))
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]


def test_page_is_whole_html(html: str) -> None:
    """Doctype, language, encoding, viewport and a title are there."""
    assert html.startswith("<!DOCTYPE html>\n")
    root = Page(html).root
    assert root.one("html").attributes["lang"] == "en"
    root.one("meta", charset="utf-8")
    assert "width=device-width" in root.one("meta", name="viewport").attributes["content"]
    assert root.one("title").text


def test_page_has_landmarks_and_a_skip_link(html: str) -> None:
    """One header, main and footer; the first link leads to main."""
    root = Page(html).root
    for landmark in ("header", "main", "footer"):
        root.one(landmark)
    first_link = next(root.one("body").all("a"))
    assert first_link.attributes["class"] == "skip"
    assert first_link.attributes["href"] == f"#{root.one('main').attributes['id']}"


def test_headings_are_in_order(html: str) -> None:
    """One h1; no level is jumped over; no heading is empty unless its text was."""
    levels = [int(heading.tag[1]) for heading in Page(html).root.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_references_resolve(html: str) -> None:
    """Every id occurs once, and every reference names one."""
    elements = list(Page(html).root.all())
    ids = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in elements:
        if "aria-labelledby" in element.attributes:
            assert element.attributes["aria-labelledby"] in ids
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids


def test_tables_have_a_caption_and_scoped_headers(html: str) -> None:
    """Every table is named, and every header says what it heads."""
    for table in Page(html).root.all("table"):
        table.one("caption")
        headers = list(table.all("th"))
        assert {header.attributes.get("scope") for header in headers} <= {"col", "colgroup", "row"}
        assert all("scope" in header.attributes for header in headers)
        assert all(len(list(row.all("th"))) == 1 for row in table.one("tbody").all("tr"))


def test_what_scrolls_can_be_focused(html: str) -> None:
    """Tables and examples scroll inside a named region that takes the focus."""
    for element in Page(html).root.all("div", "pre"):
        if element.tag == "pre" or "scroll" in element.attributes.get("class", "").split():
            assert element.attributes["tabindex"] == "0"
            assert element.attributes["role"] == "region"
            assert "aria-label" in element.attributes


def test_page_can_be_written_and_read(html: str) -> None:
    """No control character, direction mark or half surrogate is left."""
    assert not CONTROLS.search(html)
    assert html.encode().decode() == html


@pytest.mark.parametrize("name", SAMPLES)
def test_same_report_same_bytes(name: str) -> None:
    """A page depends on its report alone, and not on its timing."""
    report = SAMPLES[name]
    assert student_page(replace(report, timing={"grade": 1.5})) == student_page(report)


def test_class_page_does_not_depend_on_the_order_of_reports() -> None:
    """Reports may be read from disk in any order."""
    reports = a_class()
    assert class_page(reports[::-1]) == class_page(reports)


# Hostile strings


@pytest.mark.parametrize("name", ["script", "attribute", "quote", "template", "style", "comment"])
def test_hostile_string_is_shown_as_typed(name: str) -> None:
    """What a student typed is on the page as text, letter by letter."""
    text = " ".join(HOSTILE_STRINGS[name].split())
    root = student(hostile(HOSTILE_STRINGS[name]))
    assert root.one("h1").text == text
    assert root.one("main").text.count(text) > 10


@pytest.mark.parametrize("name", sorted({*HOSTILE_STRINGS} - {"empty"}))
def test_hostile_string_adds_no_element(name: str) -> None:
    """A page of hostile strings has the elements of a page of mild ones."""

    def shape(text: str) -> list[tuple[str, list[str]]]:
        report = hostile(text)
        return [
            (element.tag, sorted(element.attributes))
            for root in (student(report), of_class([report]))
            for element in root.all()
        ]

    mild = "a\nb" if "\n" in HOSTILE_STRINGS[name] else "mild"
    assert shape(HOSTILE_STRINGS[name]) == shape(mild)


def test_long_strings_are_cut() -> None:
    """A megabyte in every field makes no page of a hundred megabytes."""
    assert len(student_page(hostile("W" * 1_000_000))) < 200_000


# The student's page


def test_marks_come_first() -> None:
    """The header holds whose page it is, the points and a bar of them."""
    header = student(WRONG).one("header")
    assert header.one("h1").text == "ada"
    assert header.one("p", class_="marks").text == "19 of 25 points"
    assert header.one("rect", class_="filled").attributes["width"] == "76.0"


def test_first_failure_is_explained_before_all_else() -> None:
    """Main opens with the first failure: what, where, how far, likely cause, where to read."""
    section = next(student(WRONG).one("main").all("section"))
    assert section.one("h2").text == "Fix this first"
    assert section.one("p", class_="title").text == "One step of a batch: cn = f ⊙ c0 + i ⊙ g"
    assert "output cn, block f, time step 0" in section.one("p", class_="where").text
    assert section.one("p", class_="message").text.startswith("cn[0, 0] = 0.131, expected 0.482")
    assert "you get cn = [[2.46]]" in section.one("pre").text
    cause = section.one("p", class_="cause").text
    assert cause.startswith("This is exactly what you get")
    assert FORGET_GATE_MISSING.says in cause
    assert "exercises/handouts/lstm_forward.md" in section.text


@pytest.mark.parametrize(
    ("certainty", "words"),
    [(Certainty.EXACT, "This is exactly what"), (Certainty.LIKELY, "This looks like")],
)
def test_certainty_is_said_in_words(certainty: Certainty, words: str) -> None:
    """A likely cause does not sound like a certain one."""
    sure = replace(FORGET_GATE_MISSING, certainty=certainty)
    exercise = WRONG.exercises[0]
    criteria = tuple(
        replace(line, diagnosis=sure if line.diagnosis else None) for line in exercise.criteria
    )
    report = replace(WRONG, exercises=(replace(exercise, criteria=criteria),))
    first = next(student(report).one("main").all("section"))
    assert first.one("p", class_="cause").text.startswith(words)


def test_heat_map_has_the_number_in_every_cell() -> None:
    """Colour is never alone: each cell has two digits, or a dash."""
    table = student(WRONG).one("table", class_="heat")
    rows = [[cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")]
    assert rows == [
        ["0.21", "1.00", "0.04", "0.18"],
        ["0.35", "1.00", "<0.01", "0.52"],
        ["0.63", "1.00", "0.00", "–"],
    ]
    assert (
        "1 of 11 are right; furthest off: gate f, rows of W bias (1.00)."
        in table.one("caption").text
    )
    assert [header.text for header in table.one("tbody").all("th")] == [
        "bias",
        "input",
        "recurrent",
    ]


def test_right_cells_are_quiet_and_wrong_ones_loud() -> None:
    """A cell's class grows with its error, and only a right one has class 0."""
    table = student(WRONG).one("table", class_="heat")
    classes = {cell.text: cell.attributes["class"] for cell in table.all("td")}
    assert classes["0.00"] == "heat-0"
    assert classes["<0.01"] == "heat-1"
    assert classes["0.52"] == "heat-3"
    assert classes["1.00"] == "heat-5"
    assert classes["–"] == "none"


def test_heat_map_comes_between_the_first_thing_and_the_rubric() -> None:
    """The order of the page is the order of importance."""
    headings = [heading.text for heading in student(WRONG).one("body").all("h2")]
    assert headings == [
        "Fix this first",
        "Where the numbers go wrong",
        "Line by line",
        "Advice",
        "Small print",
    ]


def test_rubric_says_every_verdict_in_words_and_points() -> None:
    """Each line has a glyph, a word and its points; only losses are open."""
    lines = list(student(WRONG).one("ol", class_="lines").all("li"))
    assert [line.one("span", class_="what").text for line in lines] == [row[2] for row in RUBRIC]
    by_title = {line.one("span", class_="what").text: line for line in lines}
    step = by_title["One step of a batch: cn = f ⊙ c0 + i ⊙ g"]
    assert step.one("span", class_="verdict").text == "Not yet"
    assert step.one("span", class_="points").text == "0 / of 3"
    assert step.one("span", class_="glyph").text == "✗"
    sigmoid = by_title["σ(a) = 1 / (1 + e^-a), for an array of any shape"]
    assert sigmoid.one("span", class_="verdict").text == "Passed"
    assert not list(sigmoid.all("div"))


def test_a_slip_is_explained_once() -> None:
    """The second line lost to a slip points to the first; another slip is explained."""
    rubric = student(WRONG).one("ol", class_="lines")
    causes = [cause.text for cause in rubric.all("p") if cause.attributes["class"] == "cause"]
    assert FORGET_GATE_MISSING.says in causes[0]
    assert causes[1] == "The same slip as in “One step of a batch: cn = f ⊙ c0 + i ⊙ g”."
    assert SQUEEZED.says in causes[2]


def test_carried_forward_is_explained() -> None:
    """Points given for the consequences of an earlier slip say so."""
    carried = [p for p in student(WRONG).all("p") if p.attributes.get("class") == "carried"]
    assert len(carried) == 2
    assert "what one earlier slip explains, so this is not charged again" in carried[0].text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.SKIPPED, "builds on an earlier line"),
        (Outcome.NOT_STARTED, "empty function you were given"),
        (Outcome.ERROR, "not your fault"),
    ],
)
def test_a_line_that_was_not_tried_says_why(outcome: Outcome, words: str) -> None:
    """Without a message of its own, an outcome is explained."""
    exercise = WRONG.exercises[0]
    lost = replace(exercise.criteria[0], outcome=outcome, points=0)
    report = replace(WRONG, exercises=(replace(exercise, criteria=(lost,)),))
    assert words in student(report).one("ol", class_="lines").text


@pytest.mark.parametrize(
    ("report", "heading", "words"),
    [
        pytest.param(NOT_STARTED, "Start here", "You have not started", id="not started"),
        pytest.param(UNREADABLE, "Fix this first", "line 58: '(' was never", id="unreadable"),
        pytest.param(MISSING, "Hand this in", "was not in your submission", id="missing"),
        pytest.param(NEEDS_ATTENTION, "This one is on us", "marks are not final", id="ours"),
        pytest.param(FULL, "All of it is right", "nothing to fix", id="full marks"),
    ],
)
def test_every_status_has_its_words(report: Report, heading: str, words: str) -> None:
    """The top of the page says what the status means for its reader."""
    top = next(student(report).one("main").all("section"))
    assert top.one("h2").text == heading
    assert words in top.text


@pytest.mark.parametrize("status", [Status.UNREADABLE, Status.MISSING, Status.NOT_STARTED])
def test_submission_without_exercises_still_says_why(status: Status) -> None:
    """A zip that cannot be opened has no exercise: the notes say why."""
    report = replace(NOT_STARTED, status=status, exercises=(), notes=("The zip is broken.",))
    assert "The zip is broken." in next(student(report).one("main").all("section")).text


def test_full_marks_show_the_heat_map_all_right() -> None:
    """Nothing to fix is still worth a look."""
    table = student(FULL).one("table", class_="heat")
    assert {cell.text for cell in table.all("td")} == {"0.00"}
    assert "All 12 are right." in table.one("caption").text


def test_full_marks_are_full_though_an_exercise_is_missing() -> None:
    """What does not count in an assignment is nothing to do."""
    missing = replace(MISSING.exercises[0], name="gru")
    report = replace(FULL, exercises=(*FULL.exercises, missing))
    assert next(student(report).one("main").all("h2")).text == "All of it is right"
    assert first_thing(report) is None


def test_several_exercises_have_a_contents_list() -> None:
    """Each exercise can be jumped to; one that was not handed in is only named."""
    root = student(SEVERAL)
    links = [link.text for link in root.one("nav").all("a")]
    assert links == ["activations", "lstm_forward", "gru", "lstm_backward"]
    assert "attention" in root.one("section", **{"aria-labelledby": "missing"}).text
    root.one("section", id="exercise-3").one("table", class_="heat")


def test_small_print_tells_how_it_was_graded() -> None:
    """Seed, key, isolation, digests and notes are at the end."""
    text = student(WRONG).one("footer").text
    for part in ("20260101", "demo", "confined", *vars_of(WRONG), *WRONG.notes):
        assert part in text


def vars_of(report: Report) -> tuple[str, str, str]:
    """List the digests of a report."""
    content = report.content
    return content.submission, content.grader, content.environment


# The class page


def test_class_page_has_a_row_per_submission() -> None:
    """Id, points, status, first thing lost and likely cause, sorted by id."""
    table = of_class([WRONG, NOT_STARTED, FULL]).one("table", class_="submissions")
    rows = [[cell.text for cell in row.all("th", "td")] for row in table.one("tbody").all("tr")]
    assert rows == [
        [
            "ada",
            "19 of 25",
            "graded",
            "One step of a batch: cn = f ⊙ c0 + i ⊙ g",
            "forget-gate-missing",
        ],
        ["grace", "25 of 25", "full marks", "–", "–"],
        ["linus", "0 of 25", "not started", "–", "–"],
    ]


@pytest.mark.parametrize("text", HOSTILE_STRINGS.values(), ids=HOSTILE_STRINGS)
def test_links_lead_to_the_file_written_for_the_id(text: str) -> None:
    """A link, decoded as a browser does, is the page's file name."""
    table = of_class([hostile(text)]).one("table", class_="submissions")
    link = table.one("a")
    assert unquote(link.attributes["href"]) == f"{page_name(text)}.html"
    assert link.text


def test_class_page_counts_marks_and_draws_them() -> None:
    """The counts are in words, and the chart has a text of its own."""
    root = of_class([WRONG, NOT_STARTED, FULL])
    found = root.one("dl", class_="counts").text
    assert "submissions 3" in found
    assert "median of the graded 22 of 25" in found
    label = root.one("div", class_="chart").attributes["aria-label"]
    assert "70 to 79 per cent: 1" in label
    assert label.endswith("all of the points: 1")


def test_class_page_names_what_waits_for_the_instructor() -> None:
    """Our failures come first, then what students must repair."""
    box = of_class([WRONG, NOT_STARTED, UNREADABLE, NEEDS_ATTENTION]).one("dl", class_="troubles")
    terms = [term.text for term in box.all("dt")]
    assert terms == ["Our grader failed (1)", "Could not be read (1)", "Not started (1)"]
    assert "barbara" in box.text


def test_class_page_suspects_a_criterion_nobody_passed() -> None:
    """A line that every one of three students lost may be our mistake."""
    names = ("a", "b", "c")
    everybody = [replace(WRONG, submission=name) for name in names]
    assert "Nobody passed lstm_forward / forward_cell" in of_class(everybody).one("main").text
    assert "Nobody passed" not in of_class(everybody[:2]).one("main").text


def test_pass_rates_count_those_who_tried() -> None:
    """Skipped lines are not failures."""
    rates = {rate.id: rate for rate in criterion_rates([WRONG, FULL, NOT_STARTED])["lstm_forward"]}
    assert (rates["forward_cell"].passed, rates["forward_cell"].tried) == (1, 2)
    assert rates["forward_cell"].percent == 50
    assert rates["pytorch"].percent == 100
    assert (rates["pytorch"].passed, rates["pytorch"].tried, rates["pytorch"].untried) == (1, 1, 1)
    assert list(rates) == [row[0] for row in RUBRIC]


def test_bugs_are_counted_once_per_student() -> None:
    """A slip that cost one student two lines is one student's slip."""
    found = bug_counts([WRONG, SEVERAL, FULL])
    assert [(bug.bug, bug.students) for bug in found] == [
        ("forget-gate-missing", ("ada", "alan")),
        ("squeezed-batch", ("ada", "alan")),
    ]


def test_distribution_holds_every_graded_submission_once() -> None:
    """The bars add up to the graded, and the highest is full."""
    reports = a_class(60)
    bins = distribution(reports)
    assert sum(bin_.count for bin_ in bins) == counts(reports)["graded"]
    assert max(bin_.share for bin_ in bins) == 100


def test_reports_are_sorted_whatever_their_case() -> None:
    """Upper and lower case stand side by side, in a fixed order."""
    reports = [replace(FULL, submission=name) for name in ("b", "a", "B", "A")]
    assert [report.submission for report in by_id(reports)] == ["A", "a", "B", "b"]


# Heat maps


def a_map(*row: float | None) -> BlockMap:
    """Make a heat map of one row."""
    return BlockMap(
        title="",
        caption="",
        row_label="",
        column_label="",
        rows=("r",),
        columns=tuple(str(number) for number in range(len(row))),
        values=(row,),
    )


@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=6))
@example([float("nan"), float("inf"), -1.0, 5e-7, 2e-6])
def test_any_value_has_a_cell(values: list[float | None]) -> None:
    """Every float is shown between 0.00 and 1.00, or as a dash."""
    ((_, cells),) = heat_table(a_map(*values)).rows
    for cell in cells:
        assert re.fullmatch(r"0\.\d\d|1\.00|<0\.01|–", cell.text)
        assert -1 <= cell.step <= 5
        assert (cell.text == "0.00") == (cell.step == 0)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_greater_error_is_never_quieter(one: float, other: float) -> None:
    """Colour steps grow with the error."""
    ((_, (low, high)),) = heat_table(a_map(*sorted((one, other)))).rows
    assert low.step <= high.step


# Colours


def tokens(css: str) -> dict[str, str]:
    """Read the colours that a block of CSS defines."""
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    """Give the relative luminance of WCAG 2."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def schemes() -> dict[str, dict[str, str]]:
    """Read the light and the dark colours out of the style sheet."""
    css = (files("grader.report") / "templates" / "carousel.css").read_text("utf-8")
    light, dark = css.split("(prefers-color-scheme: dark)")
    return {"light": tokens(light), "dark": {**tokens(light), **tokens(dark)}}


PAIRS = [
    *(
        (text, ground)
        for text in ("ink", "quiet", "accent", "done")
        for ground in ("paper", "raised")
    ),
    *((f"heat-{step}-ink", f"heat-{step}") for step in range(1, 6)),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids="-".join)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    """Every pair of text and ground reaches 4.5:1 (WCAG AA)."""
    colours = schemes()[scheme]
    low, high = sorted(luminance(colours[name]) for name in (text, ground))
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize(("scheme", "sign"), [("light", -1), ("dark", 1)])
def test_heat_scale_is_ordered_without_hue(scheme: str, sign: int) -> None:
    """Luminance alone orders the scale, away from the paper."""
    colours = schemes()[scheme]
    scale = [
        sign * luminance(colours[name]) for name in ("paper", *(f"heat-{n}" for n in range(1, 6)))
    ]
    assert all(after > before for before, after in pairwise(scale))


# Names of pages


@given(st.text(), st.text())
@example("index", "Index")
@example(".a", "%2Ea")
@example("a" * 121, "a" * 122)
@example("", "%")
@example("\ud800", "?")
@example("a" * 121, page_name("a" * 121))
@example("a" * 121, page_name("a" * 121).replace("~", ""))
def test_different_ids_have_different_pages(one: str, other: str) -> None:
    """`page_name` is injective, and gives the same name every time."""
    assert (page_name(one) == page_name(other)) == (one == other)


@given(
    st.one_of(st.text(), st.text(st.characters(codec=None)), st.text("aA.-%~/\\: ", max_size=300))
)
@example("index")
@example("INDEX")
@example("..")
@example("con")
@example("NUL.txt")
@example("-rf")
@example("\ud800")
@example("ü" * 300)
def test_page_name_is_safe(submission_id: str) -> None:
    """A name is a plain file name on every system, never hidden, never the class page."""
    name = page_name(submission_id)
    assert re.fullmatch(r"[A-Za-z0-9_%][A-Za-z0-9_.%~-]*", name)
    assert name.lower() != "index"
    assert name.partition(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}
    assert len(name) <= 120


@pytest.mark.parametrize(
    ("submission_id", "name"),
    [
        ("ada", "ada"),
        ("Grace.Hopper-2_b", "Grace.Hopper-2_b"),
        ("Ada Lovelace", "Ada%20Lovelace"),
        ("É", "%C3%89"),
        ("a/b", "a%2Fb"),
        ("..", "%2E."),
        ("index", "%69ndex"),
        ("50%", "50%25"),
    ],
)
def test_page_name_stays_readable(submission_id: str, name: str) -> None:
    """Names are stable: these are written on disk already."""
    assert page_name(submission_id) == name


def test_backticks_become_code_and_nothing_else_does() -> None:
    """A name in backticks is shown as code; markup inside them stays text."""
    hostile = '`f` raised ValueError (line 1: `x < "<b>"`) and ` alone'
    line = replace(WRONG.exercises[0].criteria[0], message=hostile, outcome=Outcome.FAILED)
    exercise = replace(WRONG.exercises[0], criteria=(line,))
    page = student_page(replace(WRONG, exercises=(exercise,)))
    assert "<code>f</code> raised ValueError" in page
    assert "<code>x &lt; &#34;&lt;b&gt;&#34;</code>) and ` alone" in page
    assert "<b>" not in page
