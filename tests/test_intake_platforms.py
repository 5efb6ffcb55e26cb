"""What Canvas, Moodle, Gradescope and nbgrader pack is recognised, zipped or unzipped."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import Found, find_submissions, read_submission
from grader.model import Submission
from tests.archives import Files, foreign_names, put, zipped

STUB = "def f():\n    raise NotImplementedError\n"
WORK = "def f():\n    return 1\n"
STUBS = {"gru": STUB, "lstm_forward": STUB}


@dataclass(frozen=True)
class Want:
    """What should be found of one student: exercise -> path of the file that is used."""

    id: str
    files: dict[str, str]
    name: str = ""
    late: bool = False
    submitted: str = ""
    assignment: str = ""
    email: str = ""
    also: tuple[str, ...] = ()


def seen(found: Found, submission: Submission) -> Want:
    """Sum up what was found."""
    assert submission.id == found.id
    assert (submission.name, submission.late, submission.submitted) == (
        found.name, found.late, found.submitted,
    )  # fmt: skip
    return Want(
        id=found.id,
        files={name: file.path for name, file in submission.files.items()},
        name=found.name, late=found.late, submitted=found.submitted,
        assignment=found.assignment, email=found.email, also=found.also,
    )  # fmt: skip


def read(path: Path) -> dict[str, Submission]:
    """Read all submissions of a path: id -> submission."""
    return {one.id: read_submission(one, STUBS) for one in find_submissions(path, STUBS)}


EXPORT = """\
submission_86175589:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0042'
    :email: ada@uni.edu
  :created_at: 2026-11-02 14:58:23.948203000 -08:00
  :score: 1.0
  :history:
  - :id: 1
    :created_at: 2026-11-01 10:00:00.000000000 Z
    :score: !ruby/object:BigDecimal 18:0.1e1
submission_86175590:
  :submitters:
  - :name: Bo
    :sid:
    :email: bo@uni.edu
  - :name: Cy
    :sid: '44'
    :email: cy@uni.edu
  :created_at: 2026-11-02 00:00:00 Z
submission_86175599:
  :submitters: []
"""

CONTAINER = {
    "id": 123456, "created_at": "2026-11-03T10:00:00.000000-08:00", "submission_method": "upload",
    "assignment": {"due_date": "2026-11-02T23:59:00.000000-08:00", "total_points": "20.0"},
    "users": [{"email": "ada@uni.edu", "id": 77, "name": "Ada Lovelace"}],
    "previous_submissions": [],
}  # fmt: skip

TREES: dict[str, tuple[Files, list[Want]]] = {
    "Canvas": (
        {
            "lovelaceada_1001_5001_gru.py": WORK,
            "lovelaceada_1001_5002_lstm_forward.ipynb.txt": "x",
            "lovelaceada_1001_5003_lstm_forward.py": WORK,
            "böcy_LATE_1002_5004_gru-2.py": WORK,
            "böcy_LATE_1002_5000_gru-1.py": WORK + "#",
            "dawn_1003_text.html": "<p>here it is</p>",
            "eve_1004_link.html": "<a>",
            "faye_1005_5009_hw.zip": zipped({"hw/gru.py": WORK}),
            "gil_1006_5010_essay.pdf": "%PDF",
            "hal2_1007_5011_12_34_gru.py": WORK,
        },
        [
            Want("1001", {"gru": "lovelaceada_1001_5001_gru.py",
                          "lstm_forward": "lovelaceada_1001_5003_lstm_forward.py"}, "lovelaceada"),
            Want("1002", {"gru": "böcy_LATE_1002_5004_gru-2.py"}, "böcy", late=True),
            Want("1003", {}, "dawn"),
            Want("1004", {}, "eve"),
            Want("1005", {"gru": "faye_1005_5009_hw.zip/hw/gru.py"}, "faye"),
            Want("1006", {}, "gil"),
            Want("1007", {}, "hal2"),
        ],
    ),
    "Canvas, anonymous": (
        {"anon_Xa1b2_51_gru.py": WORK, "LATE_anon_zZ9_52_gru.py": WORK,
         "anon_12345_53_gru.py": WORK, "anon_Q_text.html": ""},
        [
            Want("anon_12345", {"gru": "anon_12345_53_gru.py"}),
            Want("anon_Q", {}),
            Want("anon_Xa1b2", {"gru": "anon_Xa1b2_51_gru.py"}),
            Want("anon_zZ9", {"gru": "LATE_anon_zZ9_52_gru.py"}, late=True),
        ],
    ),
    "Moodle, folders": (
        {
            "Ada Lovelace_901_assignsubmission_file/gru.py": WORK,
            "Ada Lovelace_901_assignsubmission_file/sub dir/lstm_forward.py": WORK,
            "Ada Lovelace_901_assignsubmission_onlinetext/onlinetext.html": "<p>",
            "Bo Ångström_902_assignsubmission_file/hw (1).zip": zipped({"x/gru.py": WORK}),
            "Participant_903_assignsubmission_file/gru.ipynb": "{}",
            "Group A_12_assignsubmission_file/gru.py": WORK,
        },
        [
            Want("12", {"gru": "gru.py"}, "Group A"),
            Want("901", {"gru": "gru.py", "lstm_forward": "sub dir/lstm_forward.py"},
                 "Ada Lovelace"),
            Want("902", {"gru": "hw (1).zip/x/gru.py"}, "Bo Ångström"),
            Want("903", {}, "Participant"),
        ],
    ),
    "Moodle, folders of before 4.1": (
        {"Ada Lovelace_901_assignsubmission_file_/gru.py": WORK,
         "Bo_902_assignsubmission_onlinetext_/onlinetext.html": "<p>", "read me.txt": ""},
        [Want("901", {"gru": "gru.py"}, "Ada Lovelace"), Want("902", {}, "Bo")],
    ),
    "Moodle, files": (
        {"Ada Lovelace_901_assignsubmission_file_gru.py": WORK,
         "Ada Lovelace_901_assignsubmission_file_lstm_forward.py": WORK,
         "Bo_902_assignsubmission_onlinetext_onlinetext.html": "<p>"},
        [
            Want("901", {"gru": "Ada Lovelace_901_assignsubmission_file_gru.py",
                         "lstm_forward": "Ada Lovelace_901_assignsubmission_file_lstm_forward.py"},
                 "Ada Lovelace"),
            Want("902", {}, "Bo"),
        ],
    ),
    "Gradescope": (
        {
            "assignment_9100_export/submission_metadata.yml": EXPORT,
            "assignment_9100_export/submission_86175589/gru.py": WORK,
            "assignment_9100_export/submission_86175590/src/gru.py": WORK,
            "assignment_9100_export/submission_86175599/gru.py": WORK,
            "assignment_9100_export/submission_1/gru.py": WORK,
        },
        [
            Want("0042", {"gru": "gru.py"}, "Ada Lovelace", submitted="2026-11-02T14:58:23-08:00",
                 email="ada@uni.edu"),
            Want("bo@uni.edu", {"gru": "src/gru.py"}, "Bo, Cy", email="bo@uni.edu", also=("44",),
                 submitted="2026-11-02T00:00:00+00:00"),
            Want("submission_1", {"gru": "gru.py"}),
            Want("submission_86175599", {"gru": "gru.py"}),
        ],
    ),
    "Gradescope, metadata nobody understands": (
        {"submission_metadata.yml": "a: [", "submission_1/gru.py": WORK, "submission_2/x.c": ""},
        [Want("submission_1", {"gru": "gru.py"}), Want("submission_2", {})],
    ),
    "Gradescope, the container": (
        {"submission_metadata.json": json.dumps(CONTAINER), "submission/gru.py": WORK,
         "source/run.py": "", "results/x.json": ""},
        [Want("77", {"gru": "gru.py"}, "Ada Lovelace", late=True, email="ada@uni.edu",
              submitted="2026-11-03T10:00:00-08:00")],
    ),
    "nbgrader, the course": (
        {
            "nbgrader_config.py": "", "source/hw1/gru.ipynb": "{}", "release/hw1/gru.ipynb": "{}",
            "submitted/ada/hw1/gru.py": WORK,
            "submitted/ada/hw1/timestamp.txt": "2026-11-02 14:58:23.948203 America/Los_Angeles\n",
            "submitted/bo/hw1/gru.py": WORK,
            "submitted/bo/hw1/timestamp.txt": "2026-11-02 14:00:00 UTC",
            "submitted/bo/hw2/gru.py": WORK + "#", "submitted/bo/hw2/lstm_forward.py": WORK,
            "submitted/bo/hw2/timestamp.txt": "2026-11-01 14:00:00 UTC",
            "submitted/cy/hw1/timestamp.txt": "yesterday",
        },
        [
            Want("ada", {"gru": "hw1/gru.py"}, submitted="2026-11-02T14:58:23-08:00",
                 assignment="hw1"),
            Want("bo", {"gru": "hw1/gru.py", "lstm_forward": "hw2/lstm_forward.py"},
                 submitted="2026-11-02T14:00:00+00:00"),
            Want("cy", {}, assignment="hw1"),
        ],
    ),
    "a class in folders": (
        {"ada/a/gru.py": WORK, "bo/gru.ipynb": "{}", "cy.zip": zipped({"x/gru.py": WORK}),
         "dee.py": WORK, "grades.csv": "", "__MACOSX/ada/._gru.py": ""},
        [Want("ada", {"gru": "a/gru.py"}), Want("bo", {}), Want("cy", {"gru": "cy.zip/x/gru.py"}),
         Want("dee", {})],
    ),
    "numbers that are no ids": (
        {"hw_1_2_gru.py": WORK, "hw_1_2_lstm_forward.py": WORK},
        [Want("hw_1_2_gru", {}), Want("hw_1_2_lstm_forward", {})],
    ),
}  # fmt: skip


def as_zip(root: Path, files: Files) -> Path:
    return put(root, {"download.zip": zipped(files)}) / "download.zip"


def as_wrapped_zip(root: Path, files: Files) -> Path:
    return as_zip(root, {f"download/{name}": content for name, content in files.items()})


def as_folder(root: Path, files: Files) -> Path:
    return put(root / "download", files)


def as_wrapped_folder(root: Path, files: Files) -> Path:
    put(root / "download" / "inner", files)
    return root / "download"


WAYS = (as_zip, as_wrapped_zip, as_folder)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("files", "wanted"), TREES.values(), ids=TREES)
def test_a_download_is_recognised(
    tmp_path: Path, way: Callable[[Path, Files], Path], files: Files, wanted: list[Want]
) -> None:
    """Every student once, under the platform's id, with what it says, in the order of the ids."""
    found = find_submissions(way(tmp_path, files), STUBS)
    assert [seen(one, read_submission(one, STUBS)) for one in found] == wanted


PACKED = [name for name in TREES if not name.startswith(("a class", "numbers"))]


@pytest.mark.parametrize("name", PACKED)
def test_a_download_unzipped_into_a_folder_of_its_own_is_recognised(
    tmp_path: Path, name: str
) -> None:
    """As unzipping programs do."""
    files, wanted = TREES[name]
    found = find_submissions(as_wrapped_folder(tmp_path, files), STUBS)
    assert [one.id for one in found] == [want.id for want in wanted]


def test_the_folder_submitted_of_nbgrader_may_be_given(tmp_path: Path) -> None:
    """Beside the root of the course."""
    files, wanted = TREES["nbgrader, the course"]
    found = find_submissions(put(tmp_path, files) / "submitted", STUBS)
    assert [seen(one, read_submission(one, STUBS)) for one in found] == wanted


def test_the_newer_file_is_used_as_the_platform_orders_them(tmp_path: Path) -> None:
    """Canvas counts attachments; a note says which was used."""
    files = {
        "ada_1_11_gru-1.py": WORK, "ada_1_9_gru.ipynb": "x", "ada_1_10_gru.py": WORK,
        "bo_2_13_gru.py": STUB, "bo_2_12_gru.py": WORK, "cy_3_15_gru.ipynb": "{}",
        "cy_3_14_gru.py": WORK,
    }  # fmt: skip
    one = read(as_zip(tmp_path, files))
    assert one["1"].files["gru"].notes == ("3 files for gru; ada_1_11_gru-1.py was used",)
    assert one["2"].files["gru"].path == "bo_2_12_gru.py"
    assert one["3"].files["gru"].path == "cy_3_14_gru.py"


def test_what_was_typed_in_the_browser_is_said_to_be_no_file(tmp_path: Path) -> None:
    """Canvas's text and link entries, Moodle's online text: unreadable, or a note beside a file."""
    says = "typed in the browser, not handed in as a file; hand in the .py or the .ipynb"
    one = read(as_zip(tmp_path, TREES["Canvas"][0]))
    assert one["1003"].unreadable["gru"] == f"dawn_1003_text.html: {says}"
    assert one["1004"].unreadable["gru"] == f"eve_1004_link.html: {says}"
    one = read(as_folder(tmp_path, TREES["Moodle, folders"][0]))
    assert one["901"].unreadable == {}
    assert one["901"].notes == (f"Ada Lovelace_901_assignsubmission_onlinetext: {says}",)


def test_a_name_in_an_unmarked_encoding_is_read(tmp_path: Path) -> None:
    """Some platforms write UTF-8 without saying so."""
    name = "Bo Ångström_902_assignsubmission_file_/gru.py".encode()
    put(tmp_path, {"m.zip": foreign_names({name: WORK})})
    (found,) = find_submissions(tmp_path / "m.zip", STUBS)
    assert (found.id, found.name) == ("902", "Bo Ångström")


def test_two_entries_of_one_id_are_refused_by_name(tmp_path: Path) -> None:
    """All of them at once: whose marks these are is not ours to guess."""
    put(tmp_path, {"ada.py": WORK, "ada.zip": "", "bo.py": WORK, "bo/x.py": WORK, "cy.py": WORK})
    with pytest.raises(UsageError) as caught:
        find_submissions(tmp_path, STUBS)
    said = str(caught.value)
    assert f"{tmp_path}/ada.py and {tmp_path}/ada.zip would both be submission ada" in said
    assert "would both be submission bo" in said
    assert said.endswith("; rename one")


def test_an_id_is_the_whole_of_a_strange_name(tmp_path: Path) -> None:
    """Names that cannot be printed are spelled out, and stay apart."""
    put(tmp_path, {"\x1b[31mred/gru.py": WORK, "\u202efdp/gru.py": WORK, "a\nb/gru.py": WORK})
    assert [one.id for one in find_submissions(tmp_path, STUBS)] == [
        "\\u202efdp", "\\x1b[31mred", "a\\nb",
    ]  # fmt: skip


LONG = {
    "digits and underscores": "1_" * 30_000,
    "what browsers add": "gru" + " copy" * 12_000 + ".py",
    "blanks": "gru" + " " * 60_000 + "x.py",
    "a platform's words": "_1_assignsubmission_" * 3_000,
    "dots": "." * 60_000 + "/gru.py",
    "folders": "a/" * 30_000 + "gru.py",
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_a_long_name_takes_no_long_time(tmp_path: Path, name: str) -> None:
    """Patterns are only tried on names a platform may have written."""
    begin = time.perf_counter()
    path = as_zip(tmp_path, {f"{name}/x.txt": "", f"{name}y": "", f"a/{name}": WORK, "b/x.py": ""})
    for found in find_submissions(path, STUBS):
        assert read_submission(found, STUBS).files.keys() <= {"gru"}
    assert time.perf_counter() - begin < 2


METADATA = {
    "no table": "- 1",
    "no submitters": "submission_1: {':score': 1}",
    "submitters of another kind": "submission_1: {':submitters': {a: 1}}",
    "a submitter of another kind": "submission_1: {':submitters': [3, [], {':sid': [1]}]}",
    "an object": "submission_1: !!python/object/apply:os.system ['touch /tmp/carousel-yaml']",
    "nested without end": "[" * 5000,
    "aliases": "a: &a [x]\nb: &b [*a, *a]\nsubmission_1: {':submitters': *b}",
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("sheet", METADATA.values(), ids=METADATA)
def test_metadata_that_cannot_be_understood_loses_nobody(
    tmp_path: Path, sheet: str | bytes
) -> None:
    """The folders are there; nothing in the sheet is run."""
    put(tmp_path, {"submission_metadata.yml": sheet, "submission_1/gru.py": WORK})
    (found,) = find_submissions(tmp_path, STUBS)
    assert found.id == "submission_1"
    assert not Path("/tmp/carousel-yaml").exists()
