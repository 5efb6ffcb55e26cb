"""Help behind a click: hints, and what the handout says of a function."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import Course
from grader.errors import UsageError
from grader.handouts import FILE, keep_help, read_help, sections
from grader.hints import load_hints
from grader.model import Help, Outcome
from grader.report.html import student_page
from grader.report.markup import marked_up
from tests.golden import ROOT
from tests.report_samples import WRONG

COURSE = Course.load(ROOT)
HANDOUT = """# Two functions

### 1. `first(a)`

    b = 2 a

Text of the first.

```
### 9. `fenced(a)`
```

## 2. and 3. Two more

`second(b)` halves, `third(c)` does not.
"""


def test_a_handout_is_parted_by_function() -> None:
    """A heading names its functions; a section without names is about those it calls."""
    told = sections(HANDOUT)
    assert told["first"][0] == "1. `first(a)`"
    assert told["first"][1].startswith("    b = 2 a\n")
    assert "fenced" in told["first"][1]
    assert told["second"] == told["third"]
    assert told["second"][0] == "2. and 3. Two more"


@pytest.mark.parametrize("name", COURSE.names)
def test_every_function_of_the_course_has_help(tmp_path: Path, name: str) -> None:
    """Three hints for all that students write; the handout speaks of all but helpers."""
    keep_help(tmp_path, COURSE)
    offered = read_help(tmp_path)[name]
    assert offered.keys() >= load_hints(COURSE.hints(name)).keys()
    assert [function for function, one in offered.items() if len(one.hints) != 3] == []
    told = sections(COURSE.handout(name).read_text("utf-8"))
    assert {function for function, one in offered.items() if one.text} == told.keys() & offered
    assert 2 * len(told.keys() & offered) > len(offered)


def test_a_results_folder_without_help_offers_none(tmp_path: Path) -> None:
    """Results of an older grader have pages, too."""
    assert read_help(tmp_path) == {}


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    """What is ours and broken is said in one line."""
    (tmp_path / FILE).write_text("{", "utf-8")
    with pytest.raises(UsageError, match=r"help\.json.*delete it, and render the pages again"):
        read_help(tmp_path)


OFFER = Help(
    function="lstm_forward",
    hints=("Think of a belt.", "c_t = f ⊙ c", "for t:\n    one step"),
    title="6. `lstm_forward(X, W)`",
    text="    c_t = f_t\n\n| in | out |\n|---|---|\n| `X` | <b>Hout</b> |\n\n[there](gru.md)",
    link="https://example.org/handouts/lstm_forward.md",
)


def page_of(function: str) -> str:
    """Render a page whose lost lines stopped at a function."""
    (exercise, *_) = WRONG.exercises
    lines = tuple(
        replace(line, function=function if line.outcome is Outcome.FAILED else "", diagnosis=None)
        for line in exercise.criteria
    )
    report = replace(WRONG, exercises=(replace(exercise, criteria=lines),))
    return student_page(report, {exercise.name: {"lstm_forward": OFFER}})


def test_help_is_offered_once_and_pointed_to_from_elsewhere() -> None:
    """Behind a click at the first line that needs it; on top, and later, a link."""
    page = page_of("lstm_forward")
    assert page.count('<details class="offer"') == 1
    assert page.count('href="#help-1-lstm_forward"') >= 1
    head, _, rest = page.partition("Think of a belt.")
    assert "Stuck?" in head
    assert "<summary>The equation</summary>" in rest
    assert "<summary>The shape of the code</summary>" in rest
    assert '<a href="https://example.org/handouts/lstm_forward.md">The whole handout</a>' in rest


def test_a_function_without_help_has_none_offered() -> None:
    """Nothing is promised that is not there."""
    page = page_of("another")
    assert "Stuck?" not in page
    assert 'class="offer"' not in page


def test_markdown_is_shown_and_obeys_nobody() -> None:
    """Tables and code are rendered; HTML, pictures and files beside the handout are not."""
    shown = marked_up(
        "### A\n\n    x = 1\n\n| a |\n|---|\n| b |\n\n<script>alert(1)</script> ![curve](c.svg)"
        " [file](gru.md) [site](https://example.org) [bad](javascript:alert(1))"
    )
    assert "<h5>A</h5>" in shown
    assert "<code>x = 1" in shown
    assert "<td>b</td>" in shown
    assert "&lt;script&gt;" in shown
    assert "curve" in shown
    assert "<img" not in shown
    assert shown.count("<a ") == 1
