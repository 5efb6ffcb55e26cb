"""Reports on a terminal: one submission, or a class in a table.

Only `rich.text.Text` reaches the console, never markup, so a student's
`[red]` is four letters and two brackets. Colours repeat what the words say.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.changes import Change
from grader.model import CriterionResult, Example, ExerciseResult, Outcome, Report, Status
from grader.report.examples import above, below
from grader.report.lines import Kind, grouped, kind, nothing_tried, tally
from grader.report.overview import by_id, counts, median_words
from grader.report.text import encodable, fit, one_line, plain
from grader.report.wording import (
    STATUSES,
    FirstThing,
    absent,
    first_thing,
    has_full_marks,
    lead_in,
    status_sentence,
)

__all__ = ["Page", "print_changes", "print_checks", "print_report", "print_summary"]

_GLYPHS = {
    Outcome.PASSED: "\N{CHECK MARK}",
    Outcome.FAILED: "\N{BALLOT X}",
    Outcome.SKIPPED: "\N{EN DASH}",
    Outcome.NOT_STARTED: "\N{MIDDLE DOT}",
    Outcome.ERROR: "!",
}
_ASCII_GLYPHS = {
    Outcome.PASSED: "ok",
    Outcome.FAILED: "NO",
    Outcome.SKIPPED: "--",
    Outcome.NOT_STARTED: "..",
    Outcome.ERROR: "!!",
}
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "dim",
    Outcome.NOT_STARTED: "dim",
    Outcome.ERROR: "yellow",
}
_COMMENTS = {
    Kind.CARRIED: "carried forward, not charged",
    Kind.REVIEW: "to be reviewed",
    Kind.ERROR: "our grader failed here",
}
# some lines share their width between what was asked and a comment
_TITLE_SHARE = 0.48
_QUIET = {Outcome.SKIPPED: "not tried yet", Outcome.NOT_STARTED: "not there yet"}
_ABSENT_POINTS = "none"
_ABSENT = {Status.MISSING, Status.NOT_STARTED}
_LONGEST_ID = 24
_ENDLESS = 1000
_UNDER = 9  # below the title of a line
_ENOUGH_LINES = 14
_ENOUGH_ADVICE = 3


@dataclass(frozen=True, slots=True)
class Page:
    """A console, and what its encoding and width allow."""

    console: Console

    @property
    def glyphs(self) -> dict[Outcome, str]:
        """Signs for outcomes that can be shown here."""
        try:
            "".join(_GLYPHS.values()).encode(self.console.encoding)
        except UnicodeEncodeError:
            return _ASCII_GLYPHS
        return _GLYPHS

    def line(self, text: str, width: int) -> str:
        """Make harmless text of one line that the console can show."""
        ellipsis = encodable("\N{HORIZONTAL ELLIPSIS}", self.console.encoding)
        return fit(encodable(one_line(text), self.console.encoding), width, ellipsis)

    def print(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print a paragraph, wrapped at the console's width."""
        shown = encodable(plain(text), self.console.encoding).expandtabs(4)
        for line in Text(shown, style).wrap(self.console, max(20, self.console.width - indent)):
            line.rstrip()
            self.console.print(Text(" " * indent) + line, highlight=False)


def print_report(report: Report, console: Console) -> None:
    """Print one submission: what to fix first, then line by line."""
    page = Page(console)
    _print_heading(report, page)
    first = first_thing(report)
    if first is not None:
        _print_first(first, page)
    _print_exercises(report, page)
    _print_advice(report, page)
    console.print()
    words = f"seed {report.seed}, isolation {report.isolation}, key {report.key}"
    page.print(page.line(words, console.width), "dim")
    for note in report.notes:
        page.print(page.line(note, console.width), "dim")


def print_checks(report: Report, console: Console, worth: Mapping[str, int]) -> None:
    """Print a student's own check: what passes, what to fix, what is not asked here.

    worth: exercise -> the points its grading gives.
    """
    page = Page(console)
    lines = [line for exercise in report.exercises for line in exercise.criteria]
    passed = sum(line.outcome is Outcome.PASSED for line in lines)
    asked = sum(exercise.asked for exercise in report.exercises)
    page.print(f"{passed} of {asked} public checks pass", "bold")
    page.console.print()
    first = first_thing(report)
    if first is not None:
        _print_first(first, page)
    _print_list(report, page)
    _print_advice(report, page)
    if 0 < asked == passed:
        *most, last = (f"{name} ({count} points)" for name, count in worth.items())
        points = " and ".join([", ".join(most), last] if most else [last])
        page.console.print()
        page.print(
            f"Well done. These checks are not the grade: {points} will be asked with other "
            "numbers, and about more than is checked here."
        )


def _print_list(report: Report, page: Page) -> None:
    """Print one screen of signs: one thing at a time, the first has been said in words."""
    tried = [each for each in report.exercises if each.status not in _ABSENT]
    for each in tried:
        if len(tried) > 1:
            passed = sum(line.outcome is Outcome.PASSED for line in each.criteria)
            page.print(f"{page.line(each.name, 40)}  {passed} of {each.asked}", "bold")
            continue
        whole = not page.console.is_terminal  # what goes into a file is not cut
        for line in each.criteria:
            unsure = kind(line) is Kind.REVIEW
            sign = f"  {'?' if unsure else page.glyphs[line.outcome]} "
            style = "yellow" if unsure else _STYLES[line.outcome]
            text = Text(sign, style=style, no_wrap=True, overflow="crop")
            room = _ENDLESS if whole else max(20, page.console.width - cell_len(sign))
            text.append(page.line(line.title or line.id, room), style="not bold default")
            page.console.print(text, highlight=False, soft_wrap=whole)
            if unsure:  # nobody looks at home
                page.print(one_line(line.message.partition("\n")[0]), "dim", indent=cell_len(sign))
        _print_signs({line.outcome for line in each.criteria}, page)
    names = [each.name for each in report.exercises if each.status is Status.NOT_STARTED]
    if names and tried:
        page.print(f"Not started: {', '.join(names)}", "dim")


def _print_signs(outcomes: Collection[Outcome], page: Page) -> None:
    """Explain the signs that do not speak for themselves, where they are used."""
    used = [outcome for outcome in _QUIET if outcome in outcomes]
    if used:
        words = ", ".join(f"{page.glyphs[outcome]} {_QUIET[outcome]}" for outcome in used)
        page.print(f"({words})", "dim", indent=2)


def print_summary(reports: Sequence[Report], console: Console) -> None:
    """Print a class: a line per submission, then its totals."""
    page = Page(console)
    rows = [_summary_row(report, page) for report in by_id(reports)]
    heads = ("submission", "marks", "status", "first thing to fix")
    widths = [
        max(cell_len(row[column]) for row in (heads, *rows)) for column in range(len(heads) - 1)
    ]
    rest = max(len(heads[-1]), console.width - sum(widths) - 2 * len(widths))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head, width in zip(heads, [*widths, rest], strict=True):
        table.add_column(head, width=width, no_wrap=True, overflow="crop")
    table.columns[heads.index("marks")].justify = "right"
    for row in rows:
        table.add_row(*map(Text, row[:-1]), Text(page.line(row[-1], rest)))
    console.print(table, highlight=False)
    (what, size), *rest_of = counts(reports).items()
    totals = ", ".join(f"{count} {words}" for words, count in rest_of)
    console.print()
    page.print(f"{size} {what}: {totals}. Median {median_words(reports)}.")


def print_changes(changes: Sequence[Change], console: Console) -> None:
    """Print who gained and who lost, on which lines, and why; then the totals."""
    page = Page(console)
    for change in changes:
        name = page.line(change.submission, max(8, console.width - 40))
        before, after = (_ABSENT_POINTS if v is None else v for v in (change.before, change.after))
        style = "green" if change.gained > 0 else "bold red" if change.gained < 0 else "bold"
        page.print(f"{name}  {change.gained:+d}  ({before} before, {after} now)", style)
        page.print("; ".join(change.causes), "dim", indent=2)
        for line in change.lines:
            title = f"{line.exercise} / {line.criterion}"
            points = " to ".join(
                _ABSENT_POINTS if v is None else str(v) for v in (line.before, line.after)
            )
            page.print(page.line(f"{title}: {points}. {line.title}", console.width - 2), indent=2)
            if line.message:
                page.print(page.line(line.message, console.width - 6), "dim", indent=6)
    up, down = (sum(sign * c.gained > 0 for c in changes) for sign in (1, -1))
    page.print(f"{up} gained, {down} lost, {len(changes) - up - down} others differ.")


def _print_heading(report: Report, page: Page) -> None:
    status = "full marks" if has_full_marks(report) else STATUSES[report.status]
    marks = f"{report.points} of {report.max_points}"
    name = page.line(report.submission, max(8, page.console.width - len(marks) - len(status) - 4))
    page.print(f"{name}  {marks}  {status}", "bold")
    if report.status is Status.NEEDS_ATTENTION:
        page.print(status_sentence(report.status))
    page.console.print()


def _print_first(first: FirstThing, page: Page) -> None:
    page.print(f"{first.heading}: {one_line(first.title)}", "bold")
    if first.message:
        page.print(first.message, indent=2)
    if first.diagnosis:
        page.print(f"{lead_in(first.diagnosis)} {one_line(first.diagnosis.says)}", indent=2)
    if first.example:
        _print_example(first.example, page)
    if first.handout:
        page.print(f"Read {one_line(first.handout)}", "dim", indent=2)
    page.console.print()


def _print_example(example: Example, page: Page) -> None:
    """Print lines that can be pasted: never wrapped, whatever the width."""
    page.print(above(example), indent=2)
    for row in "\n".join(example.code).splitlines():
        text = encodable(plain(row), page.console.encoding)
        page.console.print(Text(f"    {text}", "cyan"), highlight=False, soft_wrap=True)
    if example.by_hand:
        page.print(below(example), indent=2)
    for line in example.by_hand:
        page.print(line, indent=4)


def _print_exercises(report: Report, page: Page) -> None:
    """Print what was judged, then a quiet line about what is not there to be judged."""
    for exercise in report.exercises:
        if exercise.status not in _ABSENT:
            _print_exercise(exercise, page, alone=len(report.exercises) == 1)
    for line in absent(report):
        page.print(line, "dim")


def _print_exercise(exercise: ExerciseResult, page: Page, *, alone: bool) -> None:
    kinds = {kind(line) for line in exercise.criteria}
    simple = kinds <= {Kind.PASSED, Kind.CARRIED, Kind.REVIEW}
    untried = nothing_tried(exercise)
    words = "" if exercise.status is Status.GRADED else f"  {STATUSES[exercise.status]}"
    if untried:
        words = "  not tried"
    elif simple and kinds > {Kind.PASSED}:
        words += f"  {tally(exercise.criteria)}"
    if not alone or words:
        marks = f"{exercise.points} of {exercise.max_points}"
        page.print(f"{page.line(exercise.name, 40)}  {marks}{words}", "bold")
    said: set[str] = set()
    for group in grouped(exercise.criteria):
        if untried:
            page.print(one_line(group.bare.partition("\n")[0]), "dim", indent=2)
            continue
        for line in group.lines:
            # among several, what lost nothing keeps out of the way
            if alone or not simple or kind(line) is Kind.REVIEW:
                _print_line(line, page, said)
        if group.reason:
            page.print(one_line(group.words.partition("\n")[0]), "dim", indent=_UNDER)


def _print_line(line: CriterionResult, page: Page, said: set[str]) -> None:
    """Print a line, and below it what it has to say; what is carried says so once."""
    page.console.print(_line(line, page), highlight=False)
    message = one_line(line.message.partition("\n")[0])
    if line.outcome is Outcome.FAILED:
        page.print(message, indent=_UNDER)
    elif line.outcome is Outcome.PASSED and message and message not in said:
        said.add(message)
        page.print(message, "dim", indent=_UNDER)


def _line(line: CriterionResult, page: Page) -> Text:
    glyph = page.glyphs[line.outcome]
    head = f"  {glyph} {line.points}/{line.max_points}  "
    room = max(20, page.console.width - cell_len(head))
    comment = _COMMENTS.get(kind(line), "")
    title_room = int(room * _TITLE_SHARE) if comment else room
    title = page.line(line.title or line.id, title_room)
    text = Text(head, style=_STYLES[line.outcome], no_wrap=True, overflow="crop", end="\n")
    text.append(title, style="not bold default" if line.outcome is not Outcome.SKIPPED else "")
    if comment:
        text.append(" " * (title_room - cell_len(title) + 2))
        text.append(page.line(comment, room - title_room - 2))
    return text


def _print_advice(report: Report, page: Page) -> None:
    advice = [sentence for exercise in report.exercises for sentence in exercise.advice]
    if not advice:
        return
    page.console.print()
    page.print("Advice (costs nothing)", "bold")
    for sentence in advice[:_ENOUGH_ADVICE]:
        for part in sentence.splitlines()[:_ENOUGH_LINES]:
            page.print(one_line(part), indent=2)
    if len(advice) > _ENOUGH_ADVICE:
        page.print(f"and {len(advice) - _ENOUGH_ADVICE} more on the page", "dim", indent=2)


def _summary_row(report: Report, page: Page) -> tuple[str, str, str, str]:
    status = "full marks" if has_full_marks(report) else STATUSES[report.status]
    marks = f"{report.points}/{report.max_points}"
    return (page.line(report.submission, _LONGEST_ID), marks, status, _short(report))


def _short(report: Report) -> str:
    first = first_thing(report)
    if first is None:
        return ""
    if not first.criterion:
        # the status column has said the rest
        said = {Status.UNREADABLE: first.message, Status.GRADED: first.title}
        return said.get(report.status, "")
    what = first.criterion
    if len(report.exercises) > 1:
        what = f"{first.exercise} / {what}"
    details = first.diagnosis.bug if first.diagnosis else first.message
    return f"{what}: {details}" if details else what
