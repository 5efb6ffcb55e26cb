"""Archives are read in memory within bounds, whatever is in them; one spoils no other."""

import contextlib
import io
import os
import pickle
import socket
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.intake import find_submissions, read_submission
from grader.intake.archive import list_members, read_member
from grader.intake.limits import FILES_CAP, SOURCE
from tests.archives import (
    bomb,
    encrypted,
    entry,
    foreign_names,
    link,
    lying,
    packed,
    put,
    zipped,
)  # fmt: skip

STUB = "def f():\n    raise NotImplementedError\n"
WORK = "def f():\n    return 1\n"
STUBS = {"gru": STUB, "lstm_forward": STUB}
OPEN = "not a zip that can be opened (cut off or damaged?); zip it again"


# --- what works -----------------------------------------------------------------------

WORKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a file": (lambda: zipped({"gru.py": WORK}), "gru.py"),
    "a folder": (lambda: zipped({"hw/": "", "hw/src/gru.py": WORK}), "hw/src/gru.py"),
    "a folder made by Windows": (lambda: packed((entry("hw\\gru.py"), WORK)), "hw/gru.py"),
    "what macOS adds": (
        lambda: zipped({"__MACOSX/hw/._gru.py": b"\0", "hw/.DS_Store": b"\0", "hw/gru.py": WORK,
                        "hw/.ipynb_checkpoints/gru-checkpoint.ipynb": "{}"}), "hw/gru.py",
    ),
    "an environment": (
        lambda: zipped({"hw/env/pyvenv.cfg": "", "hw/env/a/gru.py": WORK + "#", "hw/gru.py": WORK,
                        "hw/venv/gru.py": WORK + "#"}), "hw/gru.py",
    ),
    "a name in UTF-8 that does not say so": (
        lambda: foreign_names({"Übung/gru.py".encode(): WORK}), "Übung/gru.py",
    ),
    "a name in the encoding of DOS": (
        lambda: foreign_names({"Übung/gru.py".encode("cp437"): WORK}), "Übung/gru.py",
    ),
    "a comment behind it": (lambda: zipped({"gru.py": WORK})[:-2] + b"\3\0abc", "gru.py"),
    "something before it": (lambda: b"#!/bin/sh\n" + zipped({"gru.py": WORK}), "gru.py"),
    "stored without packing": (
        lambda: packed((entry("gru.py", method=zipfile.ZIP_STORED), WORK)), "gru.py",
    ),
    "a size that is not true": (lambda: lying("gru.py", WORK, size=(1 << 32) - 2), "gru.py"),
    "a video beside it": (lambda: zipped({"a.mp4": bytes(9 << 20), "gru.py": WORK}), "gru.py"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "path"), WORKS.values(), ids=WORKS)
def test_a_zip_is_a_submission(tmp_path: Path, data: Callable[[], bytes], path: str) -> None:
    """Handed to us, among others in a folder, or packed by a platform: the same file is used."""
    content = data()
    put(tmp_path, {"ada.zip": content, "class/bo.zip": content,
                   "canvas.zip": zipped({"lovelaceada_7_8_hw.zip": content})})  # fmt: skip
    for at in ("ada.zip", "class", "canvas.zip"):
        (found,) = find_submissions(tmp_path / at, STUBS)
        submission = read_submission(found, STUBS)
        assert submission.unreadable == {}
        assert submission.files["gru"].text == WORK
        assert submission.files["gru"].path.endswith(path)


def test_the_later_of_two_entries_of_one_name_is_used(tmp_path: Path) -> None:
    """As by every program that unpacks; the note says that there were two."""
    data = packed((entry("gru.py"), "x = 1"), (entry("gru.py"), WORK))
    submission = read_submission(put(tmp_path, {"a.zip": data}) / "a.zip", STUBS)
    assert submission.files["gru"].text == WORK
    assert submission.files["gru"].notes == ("2 files for gru; a.zip/gru.py was used",)


def test_a_zip_and_files_are_one_submission(tmp_path: Path) -> None:
    """Who hands in a folder with a zip in it hands in both; the file nearer the top is used."""
    put(tmp_path, {"gru.py": WORK, "all.zip": zipped({"gru.py": "x", "lstm_forward.py": WORK})})
    submission = read_submission(tmp_path, STUBS)
    assert submission.files["gru"].path == "gru.py"
    assert submission.files["lstm_forward"].path == "all.zip/lstm_forward.py"


# --- what is refused ------------------------------------------------------------------


def cut(data: bytes) -> bytes:
    """Lose the end of an upload."""
    return data[: len(data) // 2]


def endless() -> bytes:
    """Claim a directory of four gigabytes, in both ways there are."""
    data = zipped({"gru.py": WORK})
    end = data.rindex(b"PK\5\6")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 1 << 32, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    return data[:end] + record + locator + data[end:]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a path upwards": (
        lambda: packed((entry("../../gru.py"), WORK)),
        "w.zip/../../gru.py: its name leads out of the archive; zip the folder again",
    ),
    "a path upwards for Windows": (
        lambda: packed((entry("..\\gru.py"), WORK)),
        "w.zip/../gru.py: its name leads out of the archive; zip the folder again",
    ),
    "an absolute path": (
        lambda: packed((entry("/etc/gru.py"), WORK)),
        "w.zip//etc/gru.py: its name leads out of the archive; zip the folder again",
    ),
    "a drive": (
        lambda: packed((entry("C:\\gru.py"), WORK)),
        "w.zip/C:/gru.py: its name leads out of the archive; zip the folder again",
    ),
    "a link": (
        lambda: link("gru.py", "/etc/passwd"), "w.zip/gru.py: a link; hand in the file itself",
    ),
    "a device": (
        lambda: packed((entry("gru.py", stat.S_IFCHR), "")),
        "w.zip/gru.py: no plain file; hand in the file itself",
    ),
    "a pipe": (
        lambda: packed((entry("gru.py", stat.S_IFIFO), WORK)),
        "w.zip/gru.py: no plain file; hand in the file itself",
    ),
    "a password": (
        lambda: encrypted("gru.py", WORK),
        "w.zip/gru.py: protected by a password; zip it without one",
    ),
    "another way of packing": (
        lambda: packed((entry("gru.py", method=zipfile.ZIP_LZMA), WORK)),
        "w.zip/gru.py: packed in a way we do not read; use an ordinary zip",
    ),
    "a bomb": (
        lambda: bomb("gru.py", 200),
        "w.zip/gru.py: too large (limit 2 MB); hand in source code only",
    ),
    "a bomb that claims to be small": (
        lambda: lying("gru.py", "#" * (3 << 20), size=50),
        "w.zip/gru.py: damaged in its zip (wrong check sum); zip it again",
    ),
    "a wrong check sum": (
        lambda: lying("gru.py", WORK, crc=1),
        "w.zip/gru.py: damaged in its zip (wrong check sum); zip it again",
    ),
    "a zip in a zip": (
        lambda: zipped({"x.zip": zipped({"gru.py": WORK})}),
        "w.zip/x.zip: an archive in an archive; it was not opened",
    ),
    "too many files": (
        lambda: zipped({f"{k}": "" for k in range(FILES_CAP + 1)}),
        f"w.zip: more than {FILES_CAP} files in it; hand in source code only",
    ),
    "a directory without end": (
        endless, f"w.zip: more than {FILES_CAP} files in it; hand in source code only",
    ),
    "half a zip": (lambda: cut(zipped({"gru.py": os.urandom(99).hex()})), f"w.zip: {OPEN}"),
    "no zip at all": (lambda: b"<html>Please log in</html>", f"w.zip: {OPEN}"),
    "nothing": (lambda: b"", f"w.zip: {OPEN}"),
    "escapes in a name": (
        lambda: link("\x1b[31m<b>\u202e\r\n/gru.py", "/"),
        r"w.zip/\x1b[31m<b>\u202e\r\n/gru.py: a link; hand in the file itself",
    ),
    "a very long name": (lambda: link("x" * 60_000 + "/gru.py", "/"), "w.zip/xxx"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_zip_is_told_in_a_sentence(
    tmp_path: Path, data: Callable[[], bytes], says: str
) -> None:
    """Its student reads why; the one beside it is graded; nothing is written anywhere."""
    content = data()
    put(tmp_path, {"f/mallory/w.zip": content, "f/ada/gru.py": WORK})
    put(tmp_path, {"class.zip": zipped({"eve_5_6_w.zip": content, "ada_7_8_gru.py": WORK})})
    before = sorted(tmp_path.rglob("*"))
    tracemalloc.start()
    for at, prefix in (("f", ""), ("class.zip", "eve_5_6_")):
        found = find_submissions(tmp_path / at, STUBS)
        good, bad = sorted(
            (read_submission(one, STUBS) for one in found), key=lambda s: not s.files
        )
        assert good.files["gru"].text == WORK
        assert (good.unreadable, bad.files) == ({}, {})
        said = bad.unreadable["gru"].removeprefix(prefix)
        assert said.startswith(says)
        assert said.isprintable()
        assert len(said) < 400
    assert tracemalloc.get_traced_memory()[1] < 60 << 20
    tracemalloc.stop()
    assert sorted(tmp_path.rglob("*")) == before


BROKEN_BEGIN = {"nothing": b"", "no zip": b"x" * 100, "half": cut(zipped({"a/gru.py": WORK * 99}))}


@pytest.mark.parametrize("data", BROKEN_BEGIN.values(), ids=BROKEN_BEGIN)
def test_a_download_that_is_no_zip_is_one_unreadable_submission(
    tmp_path: Path, data: bytes
) -> None:
    """No traceback: a report that says what is wrong with the file that was named."""
    put(tmp_path, {"submissions.zip": data})
    (found,) = find_submissions(tmp_path / "submissions.zip", STUBS)
    submission = read_submission(found, STUBS)
    assert submission.unreadable == dict.fromkeys(STUBS, f"submissions.zip: {OPEN}")


@pytest.mark.parametrize("suffix", [".rar", ".7z", ".tar", ".tar.gz", ".tgz"])
def test_other_archives_are_to_be_packed_again(tmp_path: Path, suffix: str) -> None:
    """Their students are in the results, with a sentence; beside a file it is a note."""
    put(tmp_path, {f"ada{suffix}": b"Rar!", "bo.py": WORK, f"cy/x{suffix}": "x", "cy/gru.py": WORK})
    found = {one.id.removesuffix(".tar"): one for one in find_submissions(tmp_path, STUBS)}
    kind = Path(f"x{suffix}").suffix
    says = f"a {kind} archive; pack it as a .zip instead"
    assert read_submission(found["ada"], STUBS).unreadable["gru"] == f"ada{suffix}: {says}"
    cy = read_submission(found["cy"], STUBS)
    assert (cy.files["gru"].text, cy.unreadable, cy.notes) == (WORK, {}, (f"x{suffix}: {says}",))


def test_a_zip_that_is_full_of_candidates_is_read_in_bounded_time(tmp_path: Path) -> None:
    """Thousands of files of one name: the first ones are looked at, the others counted."""
    files = {f"{k}/gru.py": STUB + "#" * (1 << 20) for k in range(150)}
    put(tmp_path, {"a.zip": zipped(files)})
    begin = time.perf_counter()
    submission = read_submission(tmp_path / "a.zip", STUBS)
    assert time.perf_counter() - begin < 3
    assert submission.files["gru"].notes == ("150 files for gru; a.zip/0/gru.py was used",)


@given(st.data())
def test_a_damaged_zip_never_breaks_us(data: st.DataObject) -> None:
    """Any byte changed anywhere: a listing, a member or our own error, nothing else."""
    content = bytearray(zipped({"gru.py": WORK * 9, "x/lstm_forward.py": WORK}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    def opener() -> io.BytesIO:
        return io.BytesIO(content)

    with contextlib.suppress(SubmissionError):
        for member in list_members(opener, "w.zip"):
            with contextlib.suppress(SubmissionError):
                assert len(read_member(opener, member, member.path, SOURCE)) <= SOURCE.size


# --- folders --------------------------------------------------------------------------


def test_nothing_that_is_no_file_is_opened(tmp_path: Path) -> None:
    """Pipes, sockets and links among submissions neither block nor leak nor stop the others."""
    put(tmp_path, {"ada/gru.py": WORK, "dev/x.txt": "", "sock/x.txt": "", "pipe/x.txt": ""})
    os.mkfifo(tmp_path / "pipe" / "gru.py")
    os.mkfifo(tmp_path / "queue.py")
    (tmp_path / "away").symlink_to("/etc")
    (tmp_path / "secret.py").symlink_to("/proc/self/environ")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock" / "gru.py"))
        found = find_submissions(tmp_path, STUBS)
        read = {one.id: read_submission(one, STUBS) for one in found}
    assert read["ada"].files["gru"].text == WORK
    plain = "gru.py: no plain file; hand in the file itself"
    assert read["pipe"].unreadable == {"gru": plain}
    assert read["sock"].unreadable == {"gru": plain}
    assert read["queue"].unreadable["gru"] == "queue.py: no plain file; hand in the file itself"
    assert read["away"].unreadable["gru"] == "away: a link; hand in the files themselves"
    assert read["secret"].unreadable["gru"] == "secret.py: a link; hand in the files themselves"


def test_a_deep_folder_is_searched_to_a_depth(tmp_path: Path) -> None:
    """A hundred folders in each other are no trouble of ours."""
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(100):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    put(tmp_path, {"d/d/gru.py": WORK})
    assert read_submission(tmp_path, STUBS).files["gru"].path == "d/d/gru.py"


def test_a_folder_that_may_not_be_read_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its student is in the results; what can be read is."""
    put(tmp_path, {"x/y.txt": "", "z/gru.py": WORK})
    scan = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "x":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    submission = read_submission(tmp_path, STUBS)
    assert submission.files["gru"].text == WORK
    assert submission.notes == ("x: cannot be read: Permission denied; hand in source code only",)
    alone = read_submission(tmp_path / "x", STUBS)
    assert alone.unreadable["gru"].startswith("x: cannot be read: Permission denied")


def test_what_is_not_needed_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film in a submission is not even looked at; nor is a notebook library loaded for a .py."""
    put(tmp_path, {"gru.py": WORK, "film.mp4": "", "data.csv": "", "other.py": "x", "x.zip2": ""})
    opened: list[str] = []
    plain = os.open

    def watch(path: object, *rest: int) -> int:
        opened.append(Path(str(path)).name)
        return plain(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", watch)
    read_submission(tmp_path, STUBS)
    assert opened == ["gru.py"]


def test_a_thousand_submissions_are_read_quickly(tmp_path: Path) -> None:
    """From one zip of a class, six files each; what was found travels to other processes."""
    names = {f"exercise_{k}": STUB for k in range(6)}
    files = {
        f"student{s}_{s}_{6 * s + k}_exercise_{k}.py": f"{WORK}# {s}" for s in range(1, 1001)
        for k in range(6)
    }  # fmt: skip
    put(tmp_path, {"submissions.zip": zipped(files)})
    begin = time.perf_counter()
    found = find_submissions(tmp_path / "submissions.zip", names)
    read = [read_submission(one, names) for one in pickle.loads(pickle.dumps(found))]
    seconds = time.perf_counter() - begin
    assert len(read) == 1000
    assert all(len(submission.files) == 6 for submission in read)
    assert seconds < 6, f"{seconds:.1f} s"
