"""What a report looks like on a terminal, any terminal."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from grader.model import Outcome, Report
from grader.report.terminal import print_checks, print_report, print_summary
from tests.report_samples import (
    FULL,
    HOSTILE_STRINGS,
    NEEDS_ATTENTION,
    NOT_STARTED,
    REVIEWED,
    RUBRIC,
    SAMPLES,
    SEVERAL,
    TO_REVIEW,
    UNREADABLE,
    WHOLE_COURSE,
    WITHOUT_FORWARD,
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


def test_what_is_not_there_is_one_quiet_line() -> None:
    """Exercises not started or missing are named in a line each, without their rubric."""
    lines = shown(WHOLE_COURSE).splitlines()
    assert "Not started: long_dependency (30 points)" in lines
    assert "Not in this submission: gru" in lines
    assert sum("long_dependency" in line for line in lines) == 1
    assert len([line for line in lines if line.startswith("gru")]) == 0


def test_a_reason_is_said_once_for_all_its_lines() -> None:
    """Lines that wait for the same one stand together above their reason."""
    text = shown(WHOLE_COURSE)
    reason = "2 lines not tried until this works: “A sequence: dW block by block, summed"
    assert flat(text).count(reason) == 1
    block = text[: text.index("2 lines not tried")].splitlines()[-3:-1]
    assert all(line.startswith("  – 0/1  ") for line in block)


def test_exercise_of_which_nothing_was_tried_says_why_once() -> None:
    """A missing earlier file is one reason, not a line per criterion."""
    text = flat(shown(WITHOUT_FORWARD))
    assert "lstm_backward 0 of 17 not tried" in text
    assert text.count("there is no lstm_forward.py") == 1
    assert "0/4" not in text


def test_what_other_work_waits_for_comes_first() -> None:
    """The missing file that a later exercise needs is asked for, in the table as well."""
    assert "Hand this in: Other work needs your lstm_forward" in shown(WITHOUT_FORWARD)
    assert "Other work needs your lstm_forward" in shown([WITHOUT_FORWARD])


def test_carried_forward_says_once_what_it_follows_from() -> None:
    """Each carried line is labelled; the message stands below the first."""
    text = shown(WHOLE_COURSE)
    assert text.count("carried forward, not charged") == 6
    assert text.count("this follows from your own lstm_forward") == 1


def test_review_is_labelled_even_at_full_marks() -> None:
    """A line to be reviewed is shown with its message though nothing was lost."""
    text = shown(REVIEWED)
    assert re.search(r"✓ 2/2  plot_gates shows .* to be reviewed", text)
    assert TO_REVIEW in flat(text)
    assert "1 to review" in flat(shown([REVIEWED, FULL]))


def test_among_several_exercises_a_review_is_still_shown() -> None:
    """An exercise without a loss shows only its lines to be reviewed."""
    several = replace(REVIEWED, exercises=(*FULL.exercises, *REVIEWED.exercises))
    text = shown(several)
    assert "gate_analysis  8 of 8  4 lines: 3 passed, 1 to be reviewed" in text
    assert re.findall(r"^  \S+ \d/\d  (\S+)", text, flags=re.MULTILINE) == ["plot_gates"]


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
    shows_lines = re.search(r"^  \S+ \d/\d  ", text, flags=re.MULTILINE) is not None
    assert ("✓ 1/1" in text) == (shows_lines and encoding == "utf-8")
    assert ("ok 1/1" in text) == (shows_lines and encoding != "utf-8")
    spelled = re.search(r"c_t = f_t . c_\{t-1\} \+ i_t . g_t", text)
    assert spelled is None or ("*" in spelled[0]) == (encoding != "utf-8")


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


def test_checks_that_pass_are_not_the_grade() -> None:
    """After the public checks a student reads what will be graded, as one list."""
    console = Console(file=io.StringIO(), width=80)
    print_checks(FULL, console, {"vanilla_rnn": 20, "lstm_forward": 25, "gru": 25})
    assert isinstance(console.file, io.StringIO)
    said = flat(console.file.getvalue())
    assert said.startswith("18 of 18 public checks pass")
    assert "vanilla_rnn (20 points), lstm_forward (25 points) and gru (25 points)" in said


def changed_line(**changes: Any) -> Report:
    """Change the first line of a report that is right."""
    (exercise,) = FULL.exercises
    first, *others = exercise.criteria
    criteria = (replace(first, **changes), *others)
    return replace(FULL, exercises=(replace(exercise, criteria=criteria),))


def checked(report: Report) -> str:
    """Print a student's own check into a file."""
    console = Console(file=io.StringIO(), width=60)
    print_checks(report, console, {"lstm_forward": 25})
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_check_with_nothing_to_try_has_no_tick_and_does_not_count() -> None:
    """It is skipped, the others are all there are, and the sign is explained."""
    said = checked(changed_line(outcome=Outcome.SKIPPED, points=0, max_points=0))
    assert said.startswith("17 of 17 public checks pass")
    assert "(– not tried yet)" in said
    assert "Well done" in said
    assert "not there yet" not in said


def test_what_nobody_can_judge_at_home_has_a_question_mark() -> None:
    """The sign says so, and the reason stands below."""
    said = checked(changed_line(review=True, message="no heat map shows i"))
    assert said.startswith("18 of 18 public checks pass")
    assert "  ? " in said
    assert "no heat map shows i" in said


def test_titles_are_whole_in_a_file() -> None:
    """A line is cut on a terminal, which is as wide as it is; a file is not."""
    title = "lstm_forward: " + "a long title, " * 12 + "end"
    assert title in checked(changed_line(title=title))


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
