"""What a report looks like on a terminal, any terminal."""

import io
import re
from collections.abc import Sequence

import pytest
from rich.console import Console

from grader.model import Report
from grader.report.terminal import print_report, print_summary
from tests.report_samples import (
    FULL,
    HOSTILE_STRINGS,
    NEEDS_ATTENTION,
    NOT_STARTED,
    RUBRIC,
    SAMPLES,
    SEVERAL,
    UNREADABLE,
    WRONG,
    a_class,
    hostile,
)

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ENCODINGS = ("utf-8", "cp1252", "cp437", "ascii")


def shown(
    what: Report | Sequence[Report],
    *,
    encoding: str = "utf-8",
    width: int = 80,
    colour: bool = False,
) -> str:
    """Print a report or a class, as bytes of an encoding, and read it back."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="strict", newline="")
    console = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
    )
    if isinstance(what, Report):
        print_report(what, console)
    else:
        print_summary(what, console)
    stream.flush()
    return buffer.getvalue().decode(encoding)


def flat(text: str) -> str:
    """Undo the wrapping of lines."""
    return " ".join(text.split())


def test_heading_names_submission_marks_and_status() -> None:
    """The first line says whose report it is, the marks and the status."""
    assert shown(WRONG).splitlines()[0] == "ada  19 of 25  graded"


def test_first_thing_to_fix_comes_before_the_rubric() -> None:
    """The first failure stands above the lines, with its likely cause."""
    text = flat(shown(WRONG))
    top = text[: text.index("1/1")]
    assert "Fix this first: One step of a batch: cn = f ⊙ c0 + i ⊙ g" in top
    assert "cn[0, 0] = 0.131, expected 0.482 (27 of 30 entries differ)" in top
    assert "exactly what you get with one known slip: c keeps all of c_{t-1}" in top
    assert "exercises/handouts/lstm_forward.md" in top


def test_each_criterion_has_one_line() -> None:
    """Every criterion is one line: mark, points, title; a lost one says why beneath."""
    text = shown(WRONG)
    lines = re.findall(r"^  \S+ \d/\d  .*$", text, flags=re.MULTILINE)
    assert len(lines) == len(RUBRIC)
    assert re.search(r"^  ✗ 0/3  One step .*\n +cn\[0, 0\] = 0\.131", text, re.MULTILINE)
    assert sum("carried forward" in line for line in lines) == 2


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [40, 80])
def test_nothing_is_wider_than_the_console(name: str, width: int) -> None:
    """No line passes the console's width, nor ends in blanks."""
    for line in shown(SAMPLES[name], width=width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


def test_full_marks_leave_nothing_to_fix() -> None:
    """Full marks are called so, and no first thing is invented."""
    text = shown(FULL)
    assert "full marks" in text
    assert "Fix" not in text
    assert len(text.splitlines()) <= 26


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        pytest.param(NOT_STARTED, "You have not started lstm_forward yet", id="not started"),
        pytest.param(UNREADABLE, "line 58: '(' was never closed", id="unreadable"),
        pytest.param(NEEDS_ATTENTION, "your instructor has been told", id="needs attention"),
    ],
)
def test_a_status_is_a_sentence(report: Report, sentence: str) -> None:
    """What is not graded says why, in words."""
    assert sentence in flat(shown(report))


def test_among_several_exercises_the_flawless_are_short() -> None:
    """With several exercises a rubric is spelled out only where points were lost."""
    text = shown(SEVERAL)
    assert len(re.findall(r"^  \S+ \d/\d  ", text, flags=re.MULTILINE)) == len(RUBRIC)
    assert "activations  25 of 25" in text


def test_footnote_tells_how_it_was_graded() -> None:
    """Seed, isolation and key are in the footnote, so are the notes."""
    *_, footnote, note = shown(WRONG).splitlines()
    assert footnote == "seed 20260101, isolation confined, key demo"
    assert note.startswith("Two files were called lstm_forward.py")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_encoding_can_be_printed_to(name: str, encoding: str) -> None:
    """Consoles without Unicode get words for marks, and nothing raises."""
    text = shown(SAMPLES[name], encoding=encoding)
    graded = bool(SAMPLES[name].exercises[0].criteria)
    assert ("✓ 1/1" in text) == (graded and encoding == "utf-8")
    assert ("ok 1/1" in text) == (graded and encoding != "utf-8")
    assert ("c_t = f_t * c_{t-1} + i_t * g_t" in text) == (graded and encoding != "utf-8")


def test_colour_only_repeats_the_words() -> None:
    """With colours off the text is the same."""
    coloured = shown(WRONG, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(WRONG)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", HOSTILE_STRINGS.values(), ids=HOSTILE_STRINGS)
def test_hostile_strings_do_nothing(text: str, encoding: str) -> None:
    """No control character passes, in a report or in the table."""
    report = hostile(text)
    for output in (shown(report, encoding=encoding), shown([report], encoding=encoding)):
        assert not CONTROLS.search(output)


def test_markup_is_shown_as_typed() -> None:
    """What looks like rich markup or an emoji code is only text."""
    markup = "[bold red]loud[/] [link=x]y[/link] :boom:"
    coloured = shown([hostile(markup)], colour=True, width=200)
    assert markup[:22] in coloured
    assert "\x1b]8" not in coloured
    assert markup in shown(hostile(markup), width=200)


def test_summary_has_a_row_per_submission_sorted_by_id() -> None:
    """The table lists marks, status and the first thing to fix, by id."""
    lines = shown([WRONG, NOT_STARTED, FULL]).splitlines()
    assert " ".join(lines[0].split()) == "submission marks status first thing to fix"
    assert [line.split()[0] for line in lines[1:4]] == ["ada", "grace", "linus"]
    assert lines[1].split() == ["ada", "19/25", "graded", "forward_cell:", "forget-gate-missing"]
    assert lines[2].split() == ["grace", "25/25", "full", "marks"]


def test_summary_ends_with_totals() -> None:
    """Counts per status and the median of the graded close the table."""
    text = flat(shown([WRONG, NOT_STARTED, FULL, NEEDS_ATTENTION]))
    assert text.endswith(
        "4 submissions: 2 graded, 1 with full marks, 1 not started, 1 needs attention."
        " Median 22 of 25."
    )


def test_summary_of_nobody() -> None:
    """An empty class is no error."""
    assert "0 submissions" in shown([])


def test_summary_stays_on_one_line_each() -> None:
    """Long ids and messages are cut: a class of forty has forty rows."""
    reports = [*a_class(40), hostile("W" * 5000)]
    rows = shown(reports).partition("\n\n")[0].splitlines()
    assert len(rows) == 1 + len(reports)
    assert all(len(row) <= 80 for row in rows)
