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

from grader.model import (
    BlockMap,
    Certainty,
    CriterionResult,
    Drawing,
    ExerciseResult,
    Outcome,
    Report,
    Status,
)
from grader.report.heat import heat_table
from grader.report.html import class_page, matrix_page, page_name, student_page
from grader.report.items import criterion_rates
from grader.report.lines import Kind, grouped, kind, tally
from grader.report.overview import bug_counts, by_id, counts, distribution
from grader.report.wording import first_thing
from tests.report_samples import (
    BACKWARD,
    FORGET_GATE_MISSING,
    FULL,
    HOSTILE_STRINGS,
    MISSING,
    NEEDS_ATTENTION,
    NEEDS_FORWARD,
    NOT_STARTED,
    PROOFS,
    PYTORCH_ORDER,
    REVIEWED,
    RUBRIC,
    SAMPLES,
    SEVERAL,
    SQUEEZED,
    TO_REVIEW,
    UNREADABLE,
    UNTRIED,
    WHOLE_COURSE,
    WITHOUT_FORWARD,
    WRONG,
    a_class,
    hostile,
    png,
)

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "rect"}
# whatever fetches or sends; the pages need none of it
FORBIDDEN = {"link", "iframe", "object", "embed", "form", "base", "video", "image"}
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


def own(name: str) -> str:
    """Read one of our own files that pages are made of."""
    return (files("grader.report") / "templates" / name).read_text("utf-8")


def digest(element: Element) -> str:
    """Digest what a style or script holds as a policy does."""
    text = "".join(child for child in element.children if isinstance(child, str))
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def student(report: Report) -> Element:
    """Render and read a student's page."""
    return Page(student_page(report)).root


def of_matrix() -> Element:
    """Render and read the page of known bugs."""
    return Page(matrix_page(PROOFS)).root


def of_class(reports: Sequence[Report]) -> Element:
    """Render and read a class page."""
    return Page(class_page(reports)).root


PAGES = {
    **{name: student_page(report) for name, report in SAMPLES.items()},
    **{f"hostile {name}": student_page(hostile(text)) for name, text in HOSTILE_STRINGS.items()},
    "class": class_page(a_class()),
    "class of nobody": class_page([]),
    "hostile class": class_page([hostile(text) for text in HOSTILE_STRINGS.values()]),
    "matrix": matrix_page(PROOFS),
    "matrix of nothing": matrix_page([]),
}


@pytest.fixture(params=list(PAGES.values()), ids=list(PAGES))
def html(request: pytest.FixtureRequest) -> str:
    """Every kind of page."""
    page: str = request.param
    return page


# Every page


def test_page_asks_for_nothing(html: str) -> None:
    """No element that fetches, no handler, no style, no address but a PNG's own bytes."""
    for element in Page(html).root.all():
        assert element.tag not in FORBIDDEN
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcset", "action", "background"}
            if name == "src":
                assert element.tag == "img"
                assert re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/]+=*", value)
            if name == "href":
                url = urlsplit(value)
                assert (url.scheme, url.netloc) == ("", "")
                assert "/" not in value


def test_style_sheet_asks_for_nothing() -> None:
    """The one style sheet imports nothing and loads no font or picture."""
    assert not re.search(r"@import|@font-face|url\(|</", own("carousel.css"))


def test_script_only_moves_what_is_there() -> None:
    """Nothing of a table becomes markup or code, and nothing is fetched or kept."""
    script = own("tables.js")
    assert not re.search(
        r"HTML|eval|Function\(|fetch|XML|import|storage|cookie|location|</", script
    )


def test_class_page_runs_our_script_and_no_other_page_any(html: str) -> None:
    """One script, ours to the letter, on the pages of a class."""
    root = Page(html).root
    scripts = ["".join(map(str, script.children)) for script in root.all("script")]
    assert scripts == ([own("tables.js")] if root.one("h1").text == "The class" else [])


def test_policy_allows_our_own_and_nothing_else(html: str) -> None:
    """The page's own policy names the digests of style sheet and script; pictures if there are."""
    root = Page(html).root
    policy = root.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    (style,) = root.all("style")
    pictures = ["img-src data:"] if list(root.all("img")) else []
    scripts = [f"script-src 'sha256-{digest(script)}'" for script in root.all("script")]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest(style)}'",
        *scripts,
        *pictures,
        "base-uri 'none'",
        "form-action 'none'",
    ]


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
    assert len(student_page(hostile("W" * 1_000_000))) < 250_000


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
    assert causes[1] == "The same slip as in “One step of a batch: cn = f ⊙ c0 + i ⊙ g” ."
    assert SQUEEZED.says in causes[2]


def line_of(root: Element, title: str) -> Element:
    """Find the line of a rubric with this title."""
    lines = [e for e in root.all("li") if "line" in e.attributes.get("class", "").split()]
    titled = [(list(line.all("span")), line) for line in lines]
    return next(
        line
        for spans, line in titled
        if [s.text for s in spans if s.attributes["class"] == "what"] == [title]
    )


def test_carried_forward_is_labelled_on_each_line_and_explained_on_the_first() -> None:
    """Points given for the consequences of a slip say so, and why only once."""
    root = student(WRONG)
    first = line_of(root, "One step of a batch: hn = o ⊙ tanh(cn)")
    second = line_of(root, "Every step of Hout, and the last cn and hn")
    for line in (first, second):
        assert line.one("span", class_="verdict").text == "Carried forward"
    assert "exactly what one slip explains, so it is not charged again" in first.text
    assert not list(second.all("div"))


def test_carried_forward_points_to_the_slip_of_an_earlier_exercise() -> None:
    """What follows from another exercise links to the line that pays for it."""
    root = student(WHOLE_COURSE)
    line = line_of(root, "A batch of one step: dX, dc0, dh0, and dW block by block")
    assert "This follows from your own lstm_forward, so it is not charged again." in line.text
    assert line.one("p", class_="cause").text.endswith("of lstm_forward.")
    target = line.one("a").attributes["href"].removeprefix("#")
    paid = root.one("li", id=target)
    assert paid.one("span", class_="verdict").text == "Partly"
    assert PYTORCH_ORDER.says in paid.text


def test_carried_forward_without_a_diagnosis_shows_its_message() -> None:
    """A gradient that follows from a forward nobody could name says whose it is."""
    line = line_of(student(WHOLE_COURSE), "Two chunks equal the whole")
    assert line.one("span", class_="verdict").text == "Carried forward"
    assert line.one("div").text == (
        "This follows from your own lstm_forward, so it is not charged again."
    )


def test_slip_that_is_charged_nowhere_is_explained_where_it_shows() -> None:
    """Graded alone, a later exercise still says which slip of an earlier one it met."""
    report = replace(WHOLE_COURSE, exercises=(BACKWARD,))
    line = line_of(student(report), "A batch of one step: dX, dc0, dh0, and dW block by block")
    assert PYTORCH_ORDER.says in line.text


def test_points_under_another_convention_are_partly() -> None:
    """A line that keeps most of its points is not called lost."""
    section = student(WHOLE_COURSE).one("section", id="exercise-2")
    line = line_of(section, "One step of a batch: cn = f ⊙ c0 + i ⊙ g")
    assert line.one("span", class_="verdict").text == "Partly"
    assert line.one("span", class_="points").text == "2 / of 3"


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
    report = replace(WRONG, exercises=(replace(exercise, criteria=(lost, exercise.criteria[1])),))
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


def test_full_marks_have_something_to_look_at() -> None:
    """The curves of their own program come right after the praise, each told in words."""
    _, pictures, work, *_ = student(FULL).one("main").all("section")
    assert pictures.one("h2").text == "Block by block"
    assert work.one("h2").text == "Your programs at work"
    (drawing,) = work.all("svg")
    assert drawing.attributes["aria-label"].startswith("Your cell remembers: curves of gates")
    assert "One unit, weights set by hand." in work.one("figcaption").text


def test_curves_stand_with_their_exercise() -> None:
    """Below its lines, where there is something to mend."""
    exercise = replace(WRONG.exercises[0], plots=FULL.exercises[0].plots)
    root = student(replace(WRONG, exercises=(exercise,)))
    section = root.one("section", id="exercise-1")
    assert len(list(section.all("figure"))) == 1
    assert "Your program at work" in section.text


def test_full_marks_are_full_though_an_exercise_is_missing() -> None:
    """What does not count in an assignment is nothing to do."""
    missing = replace(MISSING.exercises[0], name="gru")
    report = replace(FULL, exercises=(*FULL.exercises, missing))
    assert next(student(report).one("main").all("h2")).text == "All of it is right"
    assert first_thing(report) is None


def test_contents_come_first_with_the_marks_of_each_exercise() -> None:
    """The header leads to every exercise that was judged and says what it got."""
    root = student(WHOLE_COURSE)
    contents = root.one("header").one("nav")
    assert [entry.text for entry in contents.all("li")] == [
        "vanilla_rnn 25 of 25",
        "lstm_forward 24 of 25",
        "lstm_backward 13 of 19",
        "gate_analysis 8 of 9",
    ]
    for link in contents.all("a"):
        section = root.one("section", id=link.attributes["href"].removeprefix("#"))
        assert section.one("h3").text.startswith(link.text)


def test_what_is_not_there_is_one_quiet_line() -> None:
    """Exercises not started or not handed in have no section, and are named once."""
    root = student(WHOLE_COURSE)
    quiet = [p.text for p in root.all("p") if "absent" in p.attributes.get("class", "").split()]
    assert quiet == [
        "Not started: long_dependency (30 points)",
        "Not in this submission: gru",
    ]
    headings = [heading.text for heading in root.all("h3")]
    assert not [text for text in headings if text.startswith(("gru", "long_dependency"))]
    assert root.text.count("long_dependency") == 1


def test_exercises_can_be_folded_and_only_what_needs_a_look_is_open() -> None:
    """Each exercise is a details element whose summary names it and counts its lines."""
    sections = [e for e in student(WHOLE_COURSE).all("section") if e.attributes.get("id")]
    folds = [next(section.all("details")) for section in sections]
    assert [("open" in fold.attributes, next(fold.all("summary")).text) for fold in folds] == [
        (False, "vanilla_rnn: All 18 lines passed"),
        (True, "lstm_forward: 18 lines: 15 passed, 2 carried forward, 1 partly"),
        (True, "lstm_backward: 8 lines: 1 passed, 4 carried forward, 1 not yet, 2 not tried"),
        (True, "gate_analysis: 5 lines: 3 passed, 1 to be reviewed, 1 not tried; 2 figures"),
    ]


def test_a_single_exercise_is_not_folded() -> None:
    """With one exercise there is nothing to choose from."""
    section = student(WRONG).one("section", id="exercise-1")
    assert next(section.all("ol", "details")).tag == "ol"
    assert not list(student(WRONG).one("header").all("nav"))


def test_heat_map_that_is_all_right_keeps_out_of_the_way() -> None:
    """Among several, a map without an error is folded to its sentence."""
    section = student(WHOLE_COURSE).one("section", id="exercise-3")
    fold = section.one("details", class_="right")
    assert fold.one("summary").text == "dX, step by step: all 12 are right."
    assert [heading.text for heading in section.all("h4")] == ["Twelve blocks of W"]


def test_first_thing_names_its_exercise_among_several() -> None:
    """With several exercises the first thing says which one it is in."""
    first = student(WHOLE_COURSE).one("section", **{"aria-labelledby": "first"})
    assert first.one("p", class_="where").text == "In lstm_forward."
    assert not [p for p in student(UNREADABLE).all("p") if p.attributes.get("class") == "where"]


def test_a_long_message_is_read_clause_by_clause() -> None:
    """A verdict with semicolons has a line for each clause, and is not said twice."""
    report = replace(WHOLE_COURSE, exercises=(BACKWARD,))
    first = student(report).one("section", **{"aria-labelledby": "first"})
    message = first.one("p", class_="message")
    assert [child for child in message.children if isinstance(child, str)] == [
        "compared with your own lstm_forward: the gradient of the recurrent weights of "
        "the forget gate is wrong from t = 2 backwards;",
        "everything else is right there;",
        "dW[4, 5] = 0.216, expected -0.0838",
    ]
    assert "First seen" not in first.text


def test_a_quoted_semicolon_ends_no_clause() -> None:
    """Titles and lines of code keep their semicolons."""
    message = "`f` raised ValueError (line 1: `a = 1; b = 2`); not until “this; that” works"
    line = replace(WRONG.exercises[0].criteria[0], message=message, outcome=Outcome.FAILED)
    report = replace(WRONG, exercises=(replace(WRONG.exercises[0], criteria=(line,)),))
    shown = next(p for p in student(report).all("p") if p.attributes.get("class") == "message")
    assert len(list(shown.all("br"))) == 1
    assert "a = 1; b = 2" in shown.text
    assert "“this; that”" in shown.text


# Lines that were not tried


def test_a_reason_is_said_once_for_all_its_lines() -> None:
    """Lines that wait for the same one stand together below their reason."""
    section = student(WHOLE_COURSE).one("section", id="exercise-3")
    together = section.one("li", class_="together")
    assert together.one("p", class_="message").text.startswith("2 lines not tried until this works")
    assert len(list(together.all("li"))) == 2
    assert section.text.count("not tried until") == 1


def test_exercise_of_which_nothing_was_tried_says_why_once() -> None:
    """Six lines of two functions that need one missing file name it once, and are folded."""
    several = replace(WITHOUT_FORWARD, exercises=(*FULL.exercises, UNTRIED))
    section = student(several).one("section", id="exercise-2")
    reasons = [p.text for p in section.all("p") if p.attributes.get("class") == "message"]
    assert reasons == [
        "lstm_step_backward and lstm_backward need your earlier work: "
        "there is no lstm_forward.py in your submission"
    ]
    fold = section.one("details")
    assert "open" not in fold.attributes
    assert fold.one("summary").text == "lstm_backward: 6 lines: 6 not tried"
    assert "needs your earlier work" not in fold.text


def test_what_other_work_waits_for_comes_first() -> None:
    """Of two missing files, the one that a later exercise needs is to be handed in."""
    first = first_thing(WITHOUT_FORWARD)
    assert first is not None
    assert (first.heading, first.exercise) == ("Hand this in", "lstm_forward")


def test_what_waits_for_a_file_outside_the_report_is_still_said() -> None:
    """Graded alone, an exercise that needs another file says so at the top."""
    first = first_thing(replace(WITHOUT_FORWARD, exercises=(UNTRIED,)))
    assert first is not None
    assert (first.heading, first.criterion) == ("This has to wait", "step_weights")
    assert "there is no lstm_forward.py" in first.message


def lines(*found: tuple[str, Outcome, str]) -> list[CriterionResult]:
    """Make lines of titles, outcomes and messages."""
    return [
        CriterionResult(
            id=title, title=title, points=0, max_points=1, outcome=outcome, message=message
        )
        for title, outcome, message in found
    ]


def test_groups_keep_every_line_once_and_stand_at_their_first() -> None:
    """Grouping loses no line; those that were tried stay in the order of the rubric."""
    groups = grouped(BACKWARD.criteria)
    numbers = [number for group in groups for number in group.numbers]
    assert sorted(numbers) == list(range(1, len(BACKWARD.criteria) + 1))
    firsts = [group.numbers[0] for group in groups]
    assert firsts == sorted(firsts)


def test_line_that_waits_for_lines_not_tried_has_their_reason() -> None:
    """A consequence of a consequence is not explained a second time."""
    rubric = lines(
        ("a", Outcome.SKIPPED, NEEDS_FORWARD),
        ("b", Outcome.SKIPPED, "not tried until this works: “a”"),
        ("c", Outcome.SKIPPED, "not tried until one of these works: “b”; “a”"),
    )
    (group,) = grouped(rubric)
    assert group.words == f"3 lines {NEEDS_FORWARD}"


def test_line_that_waits_for_a_lost_line_has_its_own_reason() -> None:
    """What was tried and lost is a reason; it takes nothing with it into a group."""
    rubric = lines(
        ("a", Outcome.FAILED, "a[0] = 1, expected 2"),
        ("b", Outcome.NOT_STARTED, "`b` is not written yet"),
        ("c", Outcome.SKIPPED, "not tried until one of these works: “a”; “b”"),
    )
    assert [(group.numbers, group.words) for group in grouped(rubric)] == [
        ((1,), ""),
        ((2,), "`b` is not written yet"),
        ((3,), "not tried until one of these works: “a”; “b”"),
    ]


def test_what_failed_for_one_reason_stays_apart() -> None:
    """Two lost lines are two things to fix, whatever their messages."""
    rubric = lines(("a", Outcome.FAILED, "same"), ("b", Outcome.FAILED, "same"))
    assert [group.numbers for group in grouped(rubric)] == [(1,), (2,)]


def test_tally_names_every_verdict() -> None:
    """The count of lines says what became of each."""
    assert tally(BACKWARD.criteria[:1]) == "All 1 line passed"
    assert tally(UNTRIED.criteria) == "6 lines: 6 not tried"


def test_review_outranks_carried_forward() -> None:
    """A line that waits for the instructor says that first."""
    line = replace(BACKWARD.criteria[1], review=True)
    assert kind(line) is Kind.REVIEW


# Review and figures


def test_review_is_labelled_and_says_that_the_points_stand() -> None:
    """A line to be reviewed has its points, its message and what happens next."""
    line = line_of(student(REVIEWED), "plot_gates shows the gates over time")
    assert line.one("span", class_="verdict").text == "To be reviewed"
    assert line.one("span", class_="points").text == "2 / of 2"
    assert TO_REVIEW in line.text
    assert "stand until your instructor has looked" in line.text


def test_full_marks_with_a_review_promise_nothing() -> None:
    """Full marks that wait for the instructor are not called all right."""
    top = student(REVIEWED).one("section", **{"aria-labelledby": "first"})
    assert top.one("h2").text == "Full marks"
    assert "One line waits for your instructor" in top.text
    assert "All of it is right" not in student(REVIEWED).text


def test_full_marks_with_a_consequence_say_so() -> None:
    """Full marks for numbers that a slip elsewhere explains are no praise of every number."""
    exercise = replace(BACKWARD, criteria=BACKWARD.criteria[:2], points=8, max_points=8)
    report = replace(WHOLE_COURSE, exercises=(exercise,), points=8, max_points=8)
    top = student(report).one("section", **{"aria-labelledby": "first"})
    assert "One line follows from a slip in earlier work." in top.text


def test_figures_are_shown_with_title_caption_and_alt() -> None:
    """The student's figures are on the page itself, at their size, and described."""
    root = student(REVIEWED)
    figures = list(root.all("figure"))
    assert [figure.one("figcaption").text for figure in figures] == [
        "Gates over time Drawn by your plot_gates.",
        "Gradient by lag Drawn by plot_gradient_flow.",
    ]
    image = figures[0].one("img").attributes
    assert image["src"] == f"data:image/png;base64,{png(480, 300)}"
    assert (image["width"], image["height"]) == ("480", "300")
    assert image["alt"].startswith("Gates over time: the figure your code drew.")


@pytest.mark.parametrize(
    "data",
    {
        "nothing": "",
        "no base64": "}{",
        "letters beyond ASCII": "ü",
        "a GIF": base64.b64encode(b"GIF89a" + bytes(40)).decode(),
        "cut": png()[:16],
        "no pixels": png(0, 0),
        "a square kilometre": png(20_000, 1),
        "far too long": "A" * 5_000_000,
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_png_is_no_image(data: tuple[str, str]) -> None:
    """Only a PNG of a sensible size gets into the page; anything else is said to be none."""
    exercise = replace(
        REVIEWED.exercises[0], drawings=(Drawing(title="t", caption="c", png=data[1]),)
    )
    page = student_page(replace(REVIEWED, exercises=(exercise,)))
    assert not list(Page(page).root.all("img"))
    assert "no picture here" in page
    assert len(page) < 100_000


def test_figures_have_white_paper_in_the_dark() -> None:
    """A figure's card is white in both schemes, and it never passes the width."""
    css = (files("grader.report") / "templates" / "carousel.css").read_text("utf-8")
    (rule,) = re.findall(r"\.drawn img {([^}]*)}", css)
    assert "background: #ffffff" in rule
    assert "max-width: 100%" in rule


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
            "One step of a batch: cn = f ⊙ c0 + i ⊙ g forget-gate-missing",
        ],
        ["grace", "25 of 25", "full marks", "–"],
        ["linus", "0 of 25", "not started", "–"],
    ]


def test_class_page_has_a_column_per_exercise() -> None:
    """With several exercises each has its points; what was not handed in has a dash."""
    table = of_class([WHOLE_COURSE, WITHOUT_FORWARD]).one("table", class_="submissions")
    heads = [head.text for head in table.one("thead").all("th")]
    assert heads[2:-2] == [
        "vanilla_rnn",
        "lstm_forward",
        "lstm_backward",
        "gate_analysis",
        "long_dependency",
    ]
    noor, peter = ([cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr"))
    assert noor[1:6] == ["25", "24", "13", "8", "0"]
    assert peter[1:6] == ["–", "–", "0", "–", "–"]
    assert peter[-1] == "Other work needs your lstm_forward"


def test_class_page_lists_what_is_to_be_reviewed_with_links() -> None:
    """Every line to be reviewed is a link to that very line, by criterion."""
    root = of_class([REVIEWED, WHOLE_COURSE])
    assert "to review 2" in root.one("dl", class_="counts").text
    box = root.one("dl", class_="troubles")
    assert [term.text for term in box.all("dt")] == [
        "To review in gate_analysis: plot_gates shows the gates over time (2)"
    ]
    assert box.text.count(TO_REVIEW) == 2
    for report, link in zip((WHOLE_COURSE, REVIEWED), box.all("a"), strict=True):
        page, _, anchor = link.attributes["href"].partition("#")
        assert page == f"{report.submission}.html"
        line = student(report).one("li", id=anchor)
        assert line.one("span", class_="verdict").text == "To be reviewed"


def test_class_page_folds_the_slips_of_a_single_student() -> None:
    """Many slips that one student each has do not bury those that several have."""
    exercise = WRONG.exercises[0]
    line = exercise.criteria[9]

    def slipped(number: int) -> ExerciseResult:
        own = replace(FORGET_GATE_MISSING, bug=f"slip-{number}", says=f"Number {number}.")
        return replace(exercise, criteria=(line, replace(line, diagnosis=own)))

    reports = [
        replace(WRONG, submission=str(number), exercises=(slipped(number),)) for number in range(13)
    ]
    root = of_class(reports)
    common, rare = (
        [row.one("th").one("code").text for row in table.one("tbody").all("tr")]
        for table in root.all("table")
        if "bugs" in table.attributes["class"]
    )
    assert common == ["forget-gate-missing"]
    assert len(rare) == 13
    (fold,) = (e for e in root.one("main").all("details") if list(e.all("table")))
    assert fold.one("summary").text == "13 more, a student each"


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


def test_slip_belongs_to_the_exercise_that_pays_for_it() -> None:
    """What is carried forward counts for the earlier exercise, and for one student."""
    (found,) = bug_counts([WHOLE_COURSE])
    assert (found.bug, found.exercise, found.students) == (
        "gates-in-pytorch-order",
        "lstm_forward",
        ("noor",),
    )


def test_slips_of_one_name_in_two_exercises_are_two() -> None:
    """Two exercises may call their slips the same; their sentences differ."""
    other = replace(FORGET_GATE_MISSING, says="Another sentence.")
    line = replace(WRONG.exercises[0].criteria[9], diagnosis=other)
    gru = replace(WRONG.exercises[0], name="gru", criteria=(line,))
    found = bug_counts([replace(WRONG, exercises=(*WRONG.exercises, gru))])
    assert {(bug.bug, bug.exercise) for bug in found} >= {
        ("forget-gate-missing", "lstm_forward"),
        ("forget-gate-missing", "gru"),
    }


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


# The page of known bugs


def test_matrix_has_an_index_with_the_costs() -> None:
    """The index leads to each exercise and says how much its bugs cost."""
    root = of_matrix()
    rows = list(root.one("table", class_="index").one("tbody").all("tr"))
    assert [[cell.text for cell in row.all("th", "td")] for row in rows] == [
        ["lstm_forward", "8", "3", "2", "1", "2.5", "4", "1"],
        ["gru", "0", "0", "0", "0", "0", "0", "none"],
    ]
    for row in rows:
        link = row.one("a")
        section = root.one("section", id=link.attributes["href"].removeprefix("#"))
        assert section.one("h2").text == link.text


def test_matrix_says_in_words_what_a_glyph_shows() -> None:
    """Every cell that is not simply passed has a word for who cannot see the glyph."""
    table = of_matrix().one("table", class_="matrix")
    rows = [[cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")]
    assert rows == [
        ["1", "", "● caught here", "→ carried forward"],
        ["4", "● caught here", "– not tried", "○ lost, too"],
    ]
    assert [cell.text for cell in table.one("tfoot").all("td")] == ["", "1", "1", "1"]


def test_matrix_marks_a_bug_that_is_not_named() -> None:
    """A bug that is diagnosed as something else says so in its row, and in the problems."""
    root = of_matrix()
    named, unnamed = root.one("table", class_="matrix").one("tbody").all("tr")
    assert named.one("th").text == "forget-gate-missing"
    assert unnamed.one("th").text == "gates-without-bias named nothing"
    assert "is diagnosed as nothing" in root.one("ul", class_="problems").text


def test_matrix_bars_are_full_at_a_quarter() -> None:
    """A cost's bar shows how near a slip comes to the dearest allowed."""
    rows = of_matrix().one("table", class_="matrix").one("tbody").all("tr")
    widths = [row.one("rect", class_="filled").attributes["width"] for row in rows]
    assert widths == ["50.0", "100.0"]


def test_matrix_keeps_its_names_in_sight() -> None:
    """The head of the table and its first column stay while the rest scrolls."""
    css = (files("grader.report") / "templates" / "carousel.css").read_text("utf-8")
    assert re.search(r"\.matrix thead th { position: sticky; top: 0;", css)
    assert re.search(r"\.matrix th:first-child { position: sticky; left: 0;", css)


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
        for text in ("ink", "quiet", "accent", "done", "line-1", "line-2", "line-3", "line-4")
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
