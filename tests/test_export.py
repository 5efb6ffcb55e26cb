"""Exports: all formats agree; hostile strings do nothing; the command."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from grader.cli import main
from grader.export.formats import FORMATS
from grader.export.material import Material, Order, Told
from grader.mark import ExerciseMark, LineMark, Mark
from grader.model import (
    Certainty,
    CriterionResult,
    Diagnosis,
    Example,
    ExerciseResult,
    Outcome,
    Status,
)
from grader.report.annotations import Annotation, commands
from grader.report.escaped import block, cell, inline
from tests.exports import READERS, ROSTER, export, gradebook, material, term, worksheet
from tests.terms import TERM, rows

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "\uff1dcmd|' /C calc'!A0",
    "::error::owned\n::set-output name=x::y",
    "##[error]owned",
    "<script>alert(1)</script>",
    "](javascript:alert(1)) ![x](http://evil.example/x.png) @everyone www.evil.example",
    "```\n# heading\n</details>",
    "\x1b[31m\u202ered\x00",
    "]]>&lt;!ENTITY",
    '"quoted", and; more|bars',
)


def hostile(text: str) -> Material:
    """Make one student whose every string is hostile."""
    line = CriterionResult(
        id="a", title=text, points=0, max_points=2, outcome=Outcome.FAILED, message=text,
        diagnosis=Diagnosis(bug="b", says=text, certainty=Certainty.EXACT),
        example=Example(code=(text,), by_hand=(text,), situation=text),
    )  # fmt: skip
    seen = ExerciseResult(
        name="gru", points=0, max_points=2, status=Status.GRADED, criteria=(line,), message=text,
        advice=(text,),
    )  # fmt: skip
    counts = LineMark(id="a", title=text, judged=0, points=0, max_points=2, why=text)
    mark = Mark(
        student=text, name=text, email=text, section=text, team=text, assignment="", attempts=1,
        why=(text,),
        exercises=(
            ExerciseMark(
                name="gru", judged=0, earned=0, points=Decimal(0), max_points=2, attempt=1,
                lines=(counts,), why=(text,),
            ),
        ),
    )  # fmt: skip
    return Material(told=(Told(mark=mark, exercises=(seen,)),))


# --- agreement ------------------------------------------------------------------------


def test_all_formats_agree_on_every_students_points(tmp_path: Path) -> None:
    """Late days, overrides and teams are in all of them; worked out by hand."""
    given = material(term(tmp_path / "results"))
    wanted = {row["id"]: Decimal(row["week2"]) for row in rows("marks_by_hand.csv")}
    assert len(wanted) == 40
    for form, read in READERS.items():
        assert read(given, tmp_path) == wanted, form


def test_every_format_is_read_back() -> None:
    """A new format joins the table; nbgrader needs its own session."""
    assert FORMATS.keys() - READERS.keys() <= {"nbgrader"}


def test_lines_of_a_format_add_up_to_the_mark(tmp_path: Path) -> None:
    """Gradescope's tests, with what counts otherwise said, and Classroom 50's, exactly."""
    given = material(term(tmp_path / "results"))
    for data in export("classroom50", given, tmp_path).files.values():
        result = json.loads(data)
        assert sum(one["score"] for one in result["tests"]) == result["score"]
        assert sum(one["max-score"] for one in result["tests"]) == result["max-score"]
    said = 0
    for data in export("gradescope", given, tmp_path).files.values():
        result = json.loads(data)
        total = sum(one.get("score", 0) for one in result["tests"])
        other = [one for one in result["tests"] if "what counts" in one["name"]]
        assert total == result["score"] or other
        said += len(other)
    assert said > 3  # late students and points set by hand


def test_a_spreadsheet_with_a_mark_that_is_not_final_is_told(tmp_path: Path) -> None:
    """Whoever uploads it anyway knows whose."""
    given = material(term(tmp_path / "results"))
    assert export("csv", given, tmp_path).notes == ()
    first, *others = given.told
    open_ = replace(first, mark=replace(first.mark, final=False))
    (note,) = export("csv", replace(given, told=(open_, *others)), tmp_path).notes
    assert note == "not final, a part of it needs attention: s01"


# --- hostile strings ------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_do_nothing(text: str, tmp_path: Path) -> None:
    """In no format does a name, a message or a line of code become anything else."""
    given = hostile(text)
    order = Order(to=tmp_path / "out.json")
    table = FORMATS["csv"](given, order).files[""].decode("utf-8-sig")
    starts = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    assert not any(c.startswith(starts) for c in table.replace('"', "").split(","))
    root = ET.fromstring(FORMATS["junit"](given, order).files[""])
    assert root.find("testsuite") is not None
    result = json.loads(FORMATS["gradescope"](given, order).files[""])
    for one in result["tests"]:
        _harmless_markdown(one["output"])
    json.loads(FORMATS["classroom50"](given, order).files[""])
    github = FORMATS["github"](given, replace(order, to=tmp_path / "summary"))
    (remark,) = github.said.splitlines()
    assert remark.startswith("::error file=exercises/gru.py")
    _harmless_markdown(github.files[""].decode())


def _harmless_markdown(text: str) -> None:
    """Read it as Markdown: no link, no picture, no tag that is not ours, no heading of theirs."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    every = [one for token in tokens for one in (token, *(token.children or ()))]
    assert not {"link_open", "image"} & {one.type for one in every}
    for one in every:
        if one.type in {"html_block", "html_inline"}:
            left = re.sub(r"</?(?:details|summary)>", "", one.content)
            assert "<" not in left
            folds = [one.content.count(tag) for tag in ("<details>", "</details>")]
            assert sum(folds) == 1
        if one.type == "text":
            assert "@everyone" not in one.content
            assert not re.search(r"https?://|www\.", one.content)
    kinds = [one.tag for one in tokens if one.type == "heading_open"]
    assert set(kinds) <= {"h2", "h3"}
    for bad in ("\x1b", "\u202e", "\x00"):
        assert bad not in text


def test_text_in_markdown_says_what_it_says() -> None:
    """Code stays code; everything else is letters."""
    assert inline("`f(x)[0]` is *bold* <b>") == r"`f(x)[0]` is \*bold\* &lt;b&gt;"
    assert inline("# no heading") == r"\# no heading"
    assert inline("1. no list") == r"1\. no list"
    assert cell("`a|b` c|d") == r"`a\|b` c\|d"
    assert block("a ``` b", "python") == "````python\na ``` b\n````"
    assert inline("a lone ` tick") == r"a lone \` tick"


# --- the command ----------------------------------------------------------------------


def test_export_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sheet goes in, the sheet comes out filled, and what was left is said."""
    term(tmp_path / "results")
    sheet = tmp_path / "gradebook.csv"
    sheet.write_text(gradebook(), "utf-8")
    to = tmp_path / "filled.csv"
    arguments = [
        "export", "canvas", str(tmp_path / "results"), "--to", str(to), "--sheet", str(sheet),
        "--roster", str(ROSTER), "--course", str(TERM),
    ]  # fmt: skip
    main(arguments)
    assert "week1 (501): " in capsys.readouterr().err
    assert to.read_text("utf-8").count("30.00") > 5


def test_whoever_is_not_on_the_roster_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no row for them; without a roster everybody has one."""
    term(tmp_path / "results")
    shorter = tmp_path / "roster.csv"
    heading, first, *others = ROSTER.read_text("utf-8").splitlines(keepends=True)
    shorter.write_text("".join([heading, *others]), "utf-8")
    gone = first.partition(",")[0]
    arguments = [
        "export", "csv", str(tmp_path / "results"), "--to", str(tmp_path / "marks.csv"),
        "--course", str(TERM),
    ]  # fmt: skip
    main([*arguments, "--roster", str(ROSTER)])
    before = capsys.readouterr().err
    main([*arguments, "--roster", str(shorter)])
    after = capsys.readouterr().err
    assert gone in after.rpartition("not on the roster, and so in no row: ")[2]
    assert gone not in before
    main(arguments)
    assert "not on the roster" not in capsys.readouterr().err


def test_a_second_run_gives_the_same_bytes(tmp_path: Path) -> None:
    """Every format is a pure function of its marks."""
    given = material(term(tmp_path / "results"))
    sheets = {"canvas": gradebook(), "moodle": worksheet()}
    for form in READERS:
        again = [export(form, given, tmp_path, sheets.get(form, b"")) for _ in range(2)]
        assert again[0] == again[1], form


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_a_missing_sheet_is_asked_for(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says which file, and where it comes from."""
    term(tmp_path / "results")
    with pytest.raises(SystemExit):
        main(
            ["export", form, str(tmp_path / "results"), "--to", str(tmp_path / "x"),
             "--course", str(TERM), "--assignment", "week1"]
        )  # fmt: skip
    assert "--sheet FILE" in capsys.readouterr().err


def test_what_is_not_told_is_not_exported(tmp_path: Path) -> None:
    """Feedback levels hold in every format."""
    results = term(tmp_path / "results")
    (results / ".feedback.json").write_text('{"fwd": "points", "gru": "title"}')
    given = material(results)
    for one in given.told:
        of = {each.name: each for each in one.exercises}
        assert not of["fwd"].criteria
        assert not any(line.message or line.diagnosis for line in of["gru"].criteria)


def test_remarks_are_as_many_as_github_shows() -> None:
    """Ten, and how many more there are."""
    many = [
        Annotation(level="error", file="f.py", line=k % 2, title="t", message="m")
        for k in range(25)
    ]
    lines = commands(many).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "::notice::15 more in the summary of this run"
    assert all("line=1" in line for line in lines[:10])


@pytest.mark.parametrize("comment", [False, True], ids=["summary", "comment"])
def test_what_is_said_of_fifteen_exercises_is_taken_by_github(
    tmp_path: Path, *, comment: bool
) -> None:
    """However long the messages are; the points of every exercise are in it."""
    (one,) = hostile("x" * 3000 + " | <b>").told
    names = [f"exercise_{k}" for k in range(15)]
    lines = [replace(one.exercises[0].criteria[0], id=f"c{k}") for k in range(30)]
    counts = tuple(replace(one.mark.exercises[0].lines[0], id=f"c{k}") for k in range(30))
    seen = tuple(replace(one.exercises[0], name=n, criteria=tuple(lines)) for n in names)
    mark = replace(
        one.mark,
        exercises=tuple(replace(one.mark.exercises[0], name=n, lines=counts) for n in names),
    )
    given = Material(told=(Told(mark=mark, exercises=seen),))
    summary = tmp_path / "summary"
    environment = {"GITHUB_STEP_SUMMARY": str(summary)}
    order = Order(to=tmp_path / "c.md" if comment else summary, environment=environment)
    data = FORMATS["github"](given, order).files[""]
    largest = 65_536 if comment else 1024 * 1024
    assert 0.6 * largest < len(data) <= largest
    text = data.decode()
    assert text.count("<details>") == text.count("</details>")
    assert text.endswith("The rest is too long for GitHub; it is in the results.\n")
    assert all(rf"exercise\_{k} |" in text for k in range(15))
    _harmless_markdown(text)
