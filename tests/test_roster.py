"""A roster is read or every problem in it named; each submission finds its student."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.roster import Student, match, read_roster

ADA = Student(id="7", name="Ada Lovelace", email="ada@uni.edu", section="A", team="t1",
              extension_hours=24.5, excused=True)  # fmt: skip
FULL = "7,Ada Lovelace,ada@uni.edu,A,t1,24.5,yes\n"
HEADING = "id,name,email,section,team,extension_hours,excused\n"


def roster(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "class.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


READ: dict[str, tuple[str | bytes, tuple[Student, ...]]] = {
    "every column": (HEADING + FULL, (ADA,)),
    "what Excel writes in Europe": (
        b"\xef\xbb\xbf" + (HEADING + FULL).replace(",", ";").encode(),
        (ADA,),
    ),
    "a comma in a number": (
        "id;extension_hours\n7;24,5\n", (Student(id="7", extension_hours=24.5),),
    ),
    "tabs": ((HEADING + FULL).replace(",", "\t"), (ADA,)),
    "line ends of Windows": ((HEADING + FULL).replace("\n", "\r\n"), (ADA,)),
    "headings in any case and order": (
        "Email, ID ,Extension hours\nada@uni.edu, 7 ,\n", (Student(id="7", email="ada@uni.edu"),),
    ),
    "the id alone": ("id\n7\n8\n", (Student(id="7"), Student(id="8"))),
    "further columns": ("phone,id,grade\n1,7,9\n", (Student(id="7"),)),
    "two further columns of one name": ("x,x,id\n1,2,7\n", (Student(id="7"),)),
    "short and empty lines": (
        "id,name\n\n7\n,\n 8,Bo\n", (Student(id="7"), Student(id="8", name="Bo")),
    ),
    "quoted cells": ('id,name\n7,"Lovelace, Ada"\n', (Student(id="7", name="Lovelace, Ada"),)),
    "the gradebook of Canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (812)\n"
        "    Points Possible,,,,,30\n,,,,,Manual Posting\n"
        '"Lovelace, Ada",7,900,ada@uni.edu,A,12\n"Student, Test",9,,,A,\n',
        (Student(id="7", name="Lovelace, Ada", email="ada@uni.edu", section="A"),),
    ),
    "the groups of Canvas": (
        "name,canvas_user_id,user_id,login_id,sections,group_name\nAda Lovelace,7,900,ada,A,t1\n",
        (Student(id="7", name="Ada Lovelace", email="ada", section="A", team="t1"),),
    ),
    "the worksheet of Moodle": (
        "Identifier,Full name,ID number,Email address,Status,Grade\n"
        "Participant 7,Ada Lovelace,900,ada@uni.edu,Submitted,\n"
        "Teilnehmer/in 8,Bo,901,,,\n",
        (
            Student(id="7", name="Ada Lovelace", email="ada@uni.edu"),
            Student(id="8", name="Bo"),
        ),
    ),
    "the participants of Moodle": (
        "First name,Surname,ID number,Email address,Groups\nAda,Lovelace,900,ada@uni.edu,A\n",
        (Student(id="900", name="Ada Lovelace", email="ada@uni.edu", section="A"),),
    ),
    "the roster of Gradescope": (
        "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,7,ada@uni.edu,A\n",
        (Student(id="7", name="Ada Lovelace", email="ada@uni.edu", section="A"),),
    ),
    "no line end at the end": ("id\n7", (Student(id="7"),)),
}  # fmt: skip


@pytest.mark.parametrize(("content", "students"), READ.values(), ids=READ)
def test_a_roster_is_read(
    tmp_path: Path, content: str | bytes, students: tuple[Student, ...]
) -> None:
    """Whatever a spreadsheet makes of the columns; only the id has to be there."""
    assert read_roster(roster(tmp_path, content)) == students


WRONG: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "nothing": ("", ("1: empty; the first line names the columns: id, name, ",)),
    "a heading alone": ("id,name\n", ("1: nobody in it; one line each below the heading",)),
    "no heading": ("7,Ada\n8,Bo\n", ("1: no column is called id; there are: 7, Ada",)),
    "a column twice": ("id,ID\n7,8\n", ("1: two columns are called id; keep one of them",)),
    "everything at once": (
        "id,name,extension_hours,excused\n7,Ada,soon,no\n,Bo,-1,no\n7,Cy,nan,perhaps\n8,D,1,no,x\n",
        (
            "2: extension_hours is 'soon'; write a number of hours, such as 24",
            "3: no id",
            "3: extension_hours is '-1'; write a number of hours, such as 24",
            "4: extension_hours is 'nan'; write a number of hours, such as 24",
            "4: excused is 'perhaps'; write yes or no",
            "4: id 7 is also that of line 2; keep one of them",
            "5: 5 cells under 4 columns",
        ),
    ),
    "an endless cell": (
        "id,name\n7," + "x" * 200_000, ("2: not a CSV that can be read: field larger than",),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problems"), WRONG.values(), ids=WRONG)
def test_every_problem_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, problems: tuple[str, ...]
) -> None:
    """All at once, so that a class list is corrected once."""
    path = roster(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_roster(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(f"{path}:{problem}")


def test_a_roster_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder, an old encoding: what to do is said."""
    path = roster(tmp_path, "id,name\n7,Jürgen\n".encode("latin-1"))
    for given_, says in (
        (path, "not in UTF-8; save it as “CSV UTF-8”"),
        (tmp_path / "x.csv", "the roster cannot be read: No such file or directory"),
        (tmp_path, "the roster cannot be read: Is a directory"),
    ):
        with pytest.raises(UsageError) as caught:
            read_roster(given_)
        assert str(caught.value) == f"{given_}: {says}"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_roster_or_named(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Nothing but our own error ever comes out."""
    path = roster(tmp_path_factory.mktemp("r"), data)
    try:
        students = read_roster(path)
    except UsageError:
        return
    assert len({student.id for student in students}) == len(students) > 0


# --- whose is whose -------------------------------------------------------------------


@dataclass(frozen=True)
class One:
    """A submission, as far as a roster is concerned."""

    id: str
    name: str = ""
    email: str = ""
    also: tuple[str, ...] = ()


ROWS = (
    Student(id="1", name="Ada Lovelace", email="ada@uni.edu", team="red"),
    Student(id="2", name="Bjørn Ángel Å.", email="bo@uni.edu", team="red"),
    Student(id="3", name="Kim Lee", email="kim@uni.edu"),
    Student(id="4", name="Kim Lee", email="lee@uni.edu"),
    Student(id="5", name="Zoe Q", email="", excused=True),
)

OWN: dict[str, tuple[One, str | None]] = {
    "the id": (One("1", name="Somebody Else"), "1"),
    "the address": (One("x", email="Ada@Uni.edu"), "1"),
    "a folder called like the address": (One("bo@uni.edu"), "2"),
    "the name": (One("x", name="Ada Lovelace"), "1"),
    "the name the other way round": (One("x", name="LOVELACE, Ada"), "1"),
    "the name as Canvas writes it": (One("x", name="lovelaceada"), "1"),
    "a folder called like the name": (One("ada lovelace"), "1"),
    "accents": (One("x", name="Bjørn Angel A"), "2"),
    "a name that two students have": (One("x", name="Kim Lee"), None),
    "the id before the name": (One("4", name="Kim Lee"), "4"),
    "nobody": (One("mallory"), None),
    "no name at all": (One("…"), None),
    "half a name": (One("x", name="Ada"), None),
}


@pytest.mark.parametrize(("one", "owner"), OWN.values(), ids=OWN)
def test_a_submission_finds_its_student(one: One, owner: str | None) -> None:
    """By id, else by email, else by a name that nobody else has."""
    matched = match(ROWS, [one])
    assert {key: row.id for key, row in matched.known.items()} == ({one.id: owner} if owner else {})
    assert matched.unknown == (() if owner else (one.id,))


def test_two_submissions_under_one_name_are_nobodys() -> None:
    """Who of the two is meant is the instructor's to say; an id still counts."""
    matched = match(ROWS, [One("x", name="Ada Lovelace"), One("y", name="Lovelace Ada")])
    assert matched.unknown == ("x", "y")
    matched = match(ROWS, [One("1"), One("y", name="Lovelace Ada")])
    assert set(matched.known) == {"1"}
    assert matched.unknown == ("y",)


def test_who_handed_in_nothing_is_missing() -> None:
    """In the order of the roster, excused students too."""
    matched = match(ROWS, [One("3")])
    assert [student.id for student in matched.missing] == ["1", "2", "4", "5"]
    assert matched.marks == {"3": "3"}


def test_one_submission_marks_a_team() -> None:
    """A teammate's submission counts where there is none of one's own."""
    matched = match(ROWS, [One("1")])
    assert matched.marks == {"1": "1", "2": "1"}
    both = match(ROWS, [One("1"), One("2")])
    assert both.marks == {"1": "1", "2": "2"}


def test_a_submission_that_the_platform_shares_marks_all_of_them() -> None:
    """Also when the one it stands under is not on the roster."""
    matched = match(ROWS, [One("99", also=("4", "98"))])
    assert matched.marks == {"4": "99"}
    assert matched.unknown == ()


@given(st.lists(st.builds(One, id=st.text("12ab@ ", max_size=3), name=st.text("ab ,", max_size=4)),
                unique_by=lambda one: one.id))  # fmt: skip
def test_nobody_is_marked_twice_or_lost(ones: list[One]) -> None:
    """Every submission is known or unknown, every student marked or missing."""
    matched = match(ROWS, ones)
    assert {one.id for one in ones} == {*matched.known, *matched.unknown}
    assert len({row.id for row in matched.known.values()}) == len(matched.known)
    assert {row.id for row in ROWS} == {*matched.marks} | {row.id for row in matched.missing}
    assert not {*matched.marks} & {row.id for row in matched.missing}
