"""Gradebooks and worksheets of platforms, filled and otherwise left byte for byte."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.export.formats import FORMATS
from grader.export.material import Exported, Material, Order, Told
from grader.export.sheet import read_sheet
from grader.mark import ExerciseMark, Mark
from grader.model import ExerciseResult, Status
from grader.report.escaped import no_formula

CANVAS = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Week 1 (11),"Week 3: the LSTM, forward (33)"'
    ",Assignments Current Score,Final Points\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,10.00,25.00,(read only),(read only)\r\n"
    '"Ångström, Jörg",101,j-7,joerg@example.org,"A, early",9.00,,88.5,9\r\n'
    '"O""Neil, Zoë",102,z-8,zoe,A,,3.00,,\r\n'
    '"Müller, Ada",103,a-9,ada@example.org,"B\nlate",7.5 , ,12,\r\n'
    '"Gone, Guy",104,g-1,guy,B,1,17.25,,\r\n'
    '"Student, Test",999,,deadbeef,A,,,,\r\n'
)  # fmt: skip
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 101,"Jörg Ångström",joerg@example.org,'
    '"Submitted for grading - 2 days 3 hours late",,25.00,Yes,"Monday, 16 November 2026, 11:58 PM",'
    '-,""\n'
    'Participant 102,Zoë O\'Neil,zoe@example.org,Submitted for grading,3.00,25.00,Yes,'
    '"Monday, 16 November 2026, 1:00 AM","Tuesday, 17 November 2026, 1:00 AM",'
    '"old, with ""quotes"""\n'
    "Participant 103,Ada Müller,ada@example.org,No submission,,25.00,No,-,-,\n"
    "Participant 104,Guy Gone,guy@example.org,No submission,,25.00,Yes,-,-,\n"
)  # fmt: skip


def told(student: str, points: str, **more: object) -> Told:
    """Make a mark of one exercise."""
    values = {"title": "Week 3: the LSTM, forward", "attempts": 1, **more}
    mark = Mark(
        student=student, assignment="week3",
        exercises=(
            ExerciseMark(
                name="lstm_forward", judged=0, earned=0, points=Decimal(points), max_points=25,
                attempt=1, why=("1 day late: −10 %",),
            ),
        ),
        **values,  # type: ignore[arg-type]
    )  # fmt: skip
    seen = ExerciseResult(name="lstm_forward", points=0, max_points=25, status=Status.GRADED)
    return Told(mark=mark, exercises=(seen,))


CLASS = Material(
    told=(told("101", "20.25"), told("102", "25.00"), told("103", "17.50"),
          told("104", "0.00", attempts=0), told("nobody", "3.00", name="Not There")),
    page=lambda mark: f"<p>{mark.student}</p>".encode(),
    mark_page=lambda mark: f"<p>{mark.points}</p>".encode(),
)  # fmt: skip


def fill(form: str, sheet: str, given: Material = CLASS, *, column: str = "") -> Exported:
    return FORMATS[form](
        given, Order(to=Path("out"), sheet=Path("in.csv"), data=sheet.encode(), column=column)
    )


# --- canvas ---------------------------------------------------------------------------


def test_a_gradebook_is_filled_and_otherwise_kept_byte_for_byte() -> None:
    """Quotes, umlauts, line breaks in cells, CRLF, a byte order mark, other columns."""
    done = fill("canvas", CANVAS)
    wanted = (
        CANVAS.replace("9.00,,88.5", "9.00,20.25,88.5")
        .replace("zoe,A,,3.00", "zoe,A,,25.00")
        .replace("7.5 , ,12", "7.5 ,17.50,12")
    )
    assert done.files[""].decode() == wanted
    title = "Week 3: the LSTM, forward (33)"
    assert done.notes == (
        f"{title}: 3 cells filled",
        f"{title}: left as it is, nothing handed in: 104",
        f"{title}: in no row of the sheet: nobody",
    )


def test_a_filled_gradebook_filled_again_is_the_same() -> None:
    """Nothing moves from one round to the next."""
    once = fill("canvas", CANVAS).files[""].decode()
    assert fill("canvas", once).files[""].decode() == once


def test_students_of_a_gradebook_are_found_by_every_id_and_by_name() -> None:
    """SIS User ID, SIS Login ID, address, name."""
    by = ("j-7", "zoe", "x3")
    marks = [told(key, f"{k}.50") for k, key in enumerate(by)]
    marks[2] = told("x3", "2.50", name="Ada Müller")
    done = fill("canvas", CANVAS, Material(told=tuple(marks)))
    text = done.files[""].decode()
    assert "9.00,0.50,88.5" in text
    assert "zoe,A,,1.50" in text
    assert "7.5 ,2.50,12" in text


def test_nobody_takes_a_row_by_being_called_like_one() -> None:
    """A folder's name is a student's to choose."""
    marks = tuple(told(name, "25.00") for name in ("row 3", "3"))
    text = fill("canvas", CANVAS, Material(told=marks)).files[""].decode()
    assert text == CANVAS


def test_excused_is_ex_and_what_is_not_final_stays_empty() -> None:
    """A part that needs attention is no number."""
    marks = (told("101", "0.00", excused=True), told("103", "5.00", final=False))
    text = fill("canvas", CANVAS, Material(told=marks)).files[""].decode()
    assert "9.00,EX,88.5" in text
    assert "7.5 , ,12" in text


def test_a_row_that_ends_too_early_is_told() -> None:
    """And is not lengthened: what is missing is not ours to guess."""
    heading, *rows = CANVAS.splitlines(keepends=True)
    short = "".join([heading, *(",".join(row.split(",")[:3]) + "\n" for row in rows)])
    made = fill("canvas", short, Material(told=(told("101", "20.25"),)))
    assert made.files[""].decode() == short
    assert any("the row ends before this column: 101" in note for note in made.notes)


def test_columns_that_are_read_only_are_never_filled() -> None:
    """Nor is a column guessed."""
    with pytest.raises(UsageError, match=r"--column TITLE.*Week 1 \(11\)"):
        fill("canvas", CANVAS, Material(told=(told("101", "1.00", title="Other"),)))
    locked = CANVAS.replace("10.00,25.00,", "10.00,(read only),")
    with pytest.raises(UsageError, match="which column"):
        fill("canvas", locked)


def test_a_column_may_be_named() -> None:
    """By its title, with or without Canvas's number."""
    one = Material(told=(told("101", "8.00", title="Other"),))
    for name in ("Week 1", "Week 1 (11)"):
        assert 'A, early",8.00,,88.5' in fill("canvas", CANVAS, one, column=name).files[""].decode()
    with pytest.raises(UsageError):
        fill("canvas", CANVAS, one, column="Week 2 (22)")


def test_another_scale_is_told() -> None:
    """Points possible differ: that is for a person to decide."""
    done = fill("canvas", CANVAS.replace("10.00,25.00", "10.00,30.00"))
    assert "Week 3: the LSTM, forward (33): 30.00 points possible there, 25 here" in done.notes


def test_a_gradebook_with_semicolons_has_commas_in_its_numbers() -> None:
    """As exported for Excel in much of Europe."""
    sheet = "Student;ID;Section;Week 3 (33)\n    Points Possible;;;25,00\nAda;101;A;\n"
    done = fill("canvas", sheet, column="Week 3")
    assert done.files[""].decode() == sheet.replace("Ada;101;A;\n", "Ada;101;A;20,25\n")


def test_a_file_that_is_no_gradebook_is_refused() -> None:
    """The message says where to get one."""
    with pytest.raises(UsageError, match="export the gradebook in Canvas"):
        fill("canvas", "a,b\n1,2\n")
    with pytest.raises(UsageError, match="nobody in it"):
        fill("canvas", "Student,ID\n")
    with pytest.raises(UsageError, match="UTF-8"):
        FORMATS["canvas"](CLASS, Order(to=Path("x"), sheet=Path("in.csv"), data=b"\xff\xfea,b"))
    with pytest.raises(UsageError, match="never closed"):
        fill("canvas", 'Student,ID\n"Ada,1\n')


# --- moodle ---------------------------------------------------------------------------


def test_a_worksheet_is_filled_and_otherwise_kept_byte_for_byte() -> None:
    """LATE stays what Moodle wrote; a locked grade stays as it is."""
    done = fill("moodle", MOODLE)
    comment = "lstm_forward: {} of 25<br>1 day late: −10 %"
    wanted = (
        MOODLE.replace('late",,25.00', 'late",20.25,25.00')
        .replace('-,""\n', f'-,"{comment.format("20.25")}"\n')
        .replace("grading,3.00", "grading,25.00")
        .replace('"old, with ""quotes"""', f'"{comment.format("25")}"')
    )
    assert done.files[""].decode() == wanted
    assert done.notes[:4] == (
        "2 grades filled",
        "left as it is, the grade is locked: 103",
        "left as it is, nothing handed in: 104",
        "in no row of the sheet: nobody",
    )


GERMAN = (
    "\ufeffID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
    "Bewertung kann geändert werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);"
    "Feedback als Kommentar\r\n"
    "Teilnehmer/in 101;Jörg Ångström;j@example.org;Abgegeben;;25,00;Ja;-;-;\r\n"
)
FRENCH = (
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,"
    "La note peut être modifiée,Dernière modification (travail remis),"
    "Dernière modification (note),Feedback par commentaires\n"
    'Participant 101,Jörg,j@example.org,Remis,,"25,00",Oui,-,-,\n'
)
TURKISH = (
    "Kimlik,Ad,Durum,Not,En yüksek,Değiştirilebilir,Son\nKatılımcı 101,Jörg,Ok,,25.00,Evet,-\n"
)


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [(GERMAN, ";20,25;25,00;Ja"), (FRENCH, ',"20,25","25,00",Oui'), (TURKISH, ",20.25,25.00,Evet")],
)
def test_a_worksheet_may_be_in_any_language(sheet: str, cell: str) -> None:
    """Columns are found by what is in them; numbers are written as the sheet writes them."""
    assert cell in fill("moodle", sheet).files[""].decode()


def test_a_grade_above_the_maximum_is_refused() -> None:
    """Moodle would skip it without a word."""
    with pytest.raises(UsageError, match=r"101 has 20.25 points, the maximum in Moodle is 20"):
        fill("moodle", MOODLE.replace("25.00", "20.00"))


def test_a_worksheet_is_about_one_assignment() -> None:
    """Otherwise nobody knows whose grades these are."""
    other = told("101", "1.00")
    two = Material(
        told=(told("101", "1.00"), replace(other, mark=replace(other.mark, assignment="b")))
    )
    with pytest.raises(UsageError, match="choose with --assignment: week3, b"):
        fill("moodle", MOODLE, two)
    with pytest.raises(UsageError, match="first column holds no participants"):
        fill("moodle", "a,b,c,d,e\n,,,,\nx,y,z,1,2\n")


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def feedback(*names: str) -> tuple[dict[str, str], tuple[str, ...]]:
    order = Order(to=Path("out.zip"), sheet=Path("in.zip"), data=packed(*names))
    done = FORMATS["moodle"](CLASS, order)
    with zipfile.ZipFile(io.BytesIO(done.files[""])) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}, done.notes


def test_feedback_files_mirror_the_downloaded_tree() -> None:
    """With folders, old and new, and without; a name with an underscore would not be found."""
    files, notes = feedback(
        "Jörg Ångström_101_assignsubmission_file/lstm_forward.py",
        "Zoë_O'Neil_102_assignsubmission_file_/a/b.py",
        "Ada Müller_103_assignsubmission_file_lstm_forward.py",
        "Ada Müller_103_assignsubmission_file_gru.py",
        "worksheet.csv",
    )
    assert files == {
        "Jörg Ångström_101_assignsubmission_file/feedback.html": "<p>101</p>",
        "Jörg Ångström_101_assignsubmission_file/mark.html": "<p>20.25</p>",
        "Zoë O'Neil_102_assignsubmission_file_/feedback.html": "<p>102</p>",
        "Zoë O'Neil_102_assignsubmission_file_/mark.html": "<p>25.00</p>",
        "Ada Müller_103_assignsubmission_file_feedback.html": "<p>103</p>",
        "Ada Müller_103_assignsubmission_file_mark.html": "<p>17.50</p>",
    }
    for name in files:  # what Moodle's importer looks for
        part = name.split("/")[0].split("_")
        assert part[1].isdigit()
        assert part[2:4] == ["assignsubmission", "file"] or part[3].startswith("file")
    assert notes[0] == "feedback and mark of 3 students"
    assert "replaced by blanks" in notes[1]


def test_an_archive_of_something_else_is_refused() -> None:
    """A zip that is none, and one without students."""
    with pytest.raises(UsageError, match="no archive of submissions"):
        feedback("a.txt")
    with pytest.raises(UsageError, match="not a zip"):
        FORMATS["moodle"](CLASS, Order(to=Path("x"), sheet=Path("in.zip"), data=b"PKnothing"))


# --- sheets in general ----------------------------------------------------------------


_CELL = st.text(alphabet='ab ,;"\n\r\tü=\u2028', max_size=6)


@given(
    st.lists(st.lists(_CELL, min_size=2, max_size=4), min_size=2, max_size=5),
    st.sampled_from(",;\t"),
)
def test_a_sheet_is_written_back_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    """Whatever its cells hold; and every cell is read as the csv module reads it."""
    assume(any(map(any, rows)))
    heading = delimiter.join(["first", "second", "third", "fourth"])
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    text = "\r\n".join([heading, *quoted]) + "\r\n"
    sheet = read_sheet(Path("x"), text.encode())
    assert sheet.filled({}) == text.encode()
    assert [[cell.value for cell in row] for row in sheet.rows[1:]] == [
        row for row in rows if any(row)
    ]


def test_what_looks_like_a_formula_is_text() -> None:
    """For every sign that a spreadsheet knows."""
    for text in (
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    ):
        assert no_formula(text) == f"'{text}"
    assert no_formula("ada") == "ada"
