"""Smallest failing examples on a terminal and on a page."""

import io
import re
from dataclasses import replace
from html import unescape

import pytest
from rich.console import Console

from grader.model import Example, Outcome, Report, dump_report, load_report
from grader.report.examples import above, below, resolved
from grader.report.html import student_page
from grader.report.terminal import print_report
from tests.report_samples import WRONG

LONG = "W = np.array([[" + "0.0, " * 60 + "1.0]])"
SHOWN = Example(
    code=(
        "import numpy as np",
        "from f import f",
        LONG,
        "print(f(W))  # you get 1, by hand it is 2",
    ),
    got="1",
    want="2",
    by_hand=("1 + 1 = 2",),
    situation="T = 1",
)
HIDDEN = Example(situation="f with X (100, 1)")


def failed(report: Report) -> list[str]:
    """List the lost lines."""
    return [c.id for e in report.exercises for c in e.criteria if c.outcome is Outcome.FAILED]


def showing(*examples: Example, report: Report = WRONG) -> Report:
    """Give examples to the lines that are lost."""
    given = dict(zip(failed(report), examples, strict=False))
    exercises = tuple(
        replace(e, criteria=tuple(replace(c, example=given.get(c.id)) for c in e.criteria))
        for e in report.exercises
    )
    return replace(report, exercises=exercises)


def printed(report: Report, encoding: str = "utf-8") -> str:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="strict", newline="")
    print_report(report, Console(file=stream, width=60))
    stream.flush()
    return buffer.getvalue().decode(encoding)


def test_the_first_thing_to_fix_has_its_example_and_no_line_to_paste_is_wrapped() -> None:
    text = printed(showing(SHOWN))
    rows = [row.removeprefix("    ") for row in text.splitlines()]
    at = rows.index("import numpy as np")
    assert tuple(rows[at : at + len(SHOWN.code)]) == SHOWN.code
    assert "1 + 1 = 2" in text
    assert text.count("import numpy as np") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_every_console_can_show_a_calculation(encoding: str) -> None:
    example = replace(SHOWN, by_hand=("f = σ(0)·2 = 1 ⊙ 1",))
    assert "(0)" in printed(showing(example), encoding)


def test_the_page_has_a_block_to_copy_under_the_line_that_is_lost() -> None:
    page = student_page(showing(SHOWN))
    (block,) = re.findall(r'<pre class="paste"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert tuple(unescape(block).split("\n")) == SHOWN.code
    assert "<li>1 + 1 = 2</li>" in page


def test_a_page_points_to_the_line_where_an_example_is_shown() -> None:
    assert len(failed(WRONG)) > 1
    first = failed(WRONG)[0]
    page = student_page(showing(SHOWN, Example(same_as=first)))
    assert page.count('class="paste"') == 1


def test_a_situation_is_told_where_no_small_example_fails() -> None:
    assert "What goes wrong is f with X (100, 1)" in student_page(showing(HIDDEN))
    assert "paste" not in above(HIDDEN)
    assert below(HIDDEN) == ""


def test_what_an_example_holds_is_escaped() -> None:
    page = student_page(showing(replace(SHOWN, code=("<script>alert(1)</script>\x1b[31m",))))
    assert "<script>" not in page
    assert "\x1b" not in page
    assert "\x1b" not in printed(showing(replace(SHOWN, code=("\x1b[31m",))))


def test_a_report_without_examples_says_nothing_of_them() -> None:
    assert 'class="example"' not in student_page(WRONG)


def test_a_notebook_is_where_its_example_is_run() -> None:
    assert "in your notebook" in above(replace(SHOWN, code=("import numpy as np", "f(1)")))
    assert "in the folder of your files" in above(SHOWN)


def test_an_example_shown_elsewhere_is_found_there() -> None:
    lines = showing(SHOWN).exercises[0].criteria
    first = next(line for line in lines if line.example)
    assert resolved(Example(same_as=first.id), lines) == SHOWN
    assert resolved(Example(same_as="nowhere"), lines) is None
    assert resolved(None, lines) is None


def test_examples_survive_json() -> None:
    report = showing(SHOWN, HIDDEN)
    assert load_report(dump_report(report)) == report
