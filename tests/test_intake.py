"""Submissions are found and read, whatever people hand in; nothing is run."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.errors import SubmissionError, UsageError
from grader.intake import find_submissions, notebook_source, read_submission
from grader.model import Submission
from tests.archives import put

STUB = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError\n"
WORK = "def f():\n    return 1\n"
STUBS = {"gru": STUB, "lstm_forward": STUB}


def notebook(*cells: str, prose: str = "") -> str:
    """Write a notebook of these code cells, with prose before the last."""
    new: Any = nbformat.v4
    made = [new.new_code_cell(cell) for cell in cells]
    if prose:
        made.insert(-1, new.new_markdown_cell(prose))
    write: Any = nbformat.writes
    return str(write(new.new_notebook(cells=made)))


def used(submission: Submission, name: str = "gru") -> tuple[str, str]:
    """Tell which file is used for an exercise, and its text."""
    assert submission.unreadable == {}
    return submission.files[name].path, submission.files[name].text


# --- which submissions a path stands for ----------------------------------------------

GIVE = "give a folder, a .py, an .ipynb or a .zip"
NOT_THERE: dict[str, tuple[str, str]] = {
    "a missing path": ("nowhere", f"there is nothing there; {GIVE}"),
    "a file of another kind": ("a.txt", f"not a submission; {GIVE}"),
    "a file without a suffix": ("gru", f"not a submission; {GIVE}"),
    "an empty folder": ("empty", "no submissions in it; expected a folder or a file per student"),
    "a folder of other things": (
        "papers", "no submissions in it; expected a folder or a file per student",
    ),
    "a folder with hidden folders only": (
        "hidden", "no submissions in it; expected a folder or a file per student",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "says"), NOT_THERE.values(), ids=NOT_THERE)
def test_a_path_that_is_no_submission_is_named(tmp_path: Path, name: str, says: str) -> None:
    """The message begins with the path and ends with what to give instead."""
    put(tmp_path, {"a.txt": "x", "gru": "x", "papers/gates.pdf": "x", "hidden/.git/gru.py": WORK,
                   "hidden/__MACOSX/gru.py": WORK})  # fmt: skip
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        find_submissions(tmp_path / name, STUBS)
    assert str(caught.value) == f"{tmp_path / name}: {says}"


FOUND: dict[str, tuple[dict[str, str | bytes], str, list[str]]] = {
    "one file": ({"gru.py": WORK}, "gru.py", ["gru.py"]),
    "one file of any name": ({"mine.py": WORK}, "mine.py", ["mine.py"]),
    "one notebook": ({"gru.ipynb": "{}"}, "gru.ipynb", ["gru.ipynb"]),
    "a folder with a file of the course in it": ({"gru.py": WORK, "x/gru.py": WORK}, "", [""]),
    "a folder with a notebook of the course in it": ({"gru.ipynb": "{}", "x/a.py": ""}, "", [""]),
    "a folder of folders": (
        {"b/gru.py": WORK, "a/deep/gru.py": WORK, "c/notes.txt": ""}, "", ["a", "b", "c"],
    ),
    "a folder of files": (
        {"bo.py": WORK, "al.ipynb": "{}", "x.csv": ""}, "", ["al.ipynb", "bo.py"],
    ),
    "not what is hidden": (
        {"a/gru.py": WORK, ".git/gru.py": WORK, "__MACOSX/gru.py": WORK, ".x.py": WORK}, "", ["a"],
    ),
    "not a folder that is named like a file": ({"gru.py/x.py": WORK, "a/gru.py": WORK}, "",
                                               ["a", "gru.py"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "path", "names"), FOUND.values(), ids=FOUND)
def test_a_path_stands_for_submissions(
    tmp_path: Path, files: dict[str, str | bytes], path: str, names: list[str]
) -> None:
    """A file, or a folder a course file lies directly in, is one; else its children are."""
    put(tmp_path, files)
    found = find_submissions(tmp_path / path, STUBS)
    assert [one.path for one in found] == [tmp_path / name for name in names]


def test_single_makes_one_submission_of_anything(tmp_path: Path) -> None:
    """With `single`, a folder of folders is one submission."""
    put(tmp_path, {"a/gru.py": WORK, "b/lstm_forward.py": WORK})
    assert [one.path for one in find_submissions(tmp_path, STUBS, single=True)] == [tmp_path]
    assert [one.id for one in find_submissions(tmp_path, STUBS)] == ["a", "b"]


# --- which file of a submission is used -----------------------------------------------


def test_files_are_found_by_name_at_any_depth(tmp_path: Path) -> None:
    """A submission holds what is named like an exercise; the rest is read over."""
    put(
        tmp_path, {"a/b/c/d/gru.py": WORK, "lstm_forward.py": WORK, "other.py": "x", "gru.txt": "x"}
    )
    submission = read_submission(tmp_path, STUBS)
    assert set(submission.files) == {"gru", "lstm_forward"}
    assert used(submission) == ("a/b/c/d/gru.py", WORK)
    assert submission.files["gru"].notes == ()
    assert submission.id == tmp_path.name


def test_an_empty_folder_is_an_empty_submission(tmp_path: Path) -> None:
    """A student who handed in nothing has no files and nothing unreadable."""
    submission = read_submission(tmp_path, STUBS)
    assert (submission.files, submission.unreadable) == ({}, {})


def test_the_id_of_a_single_file_is_its_name(tmp_path: Path) -> None:
    """`ada.py` is handed in by ada."""
    put(tmp_path, {"ada.py": WORK})
    assert read_submission(tmp_path / "ada.py", {"gru": STUB}).id == "ada"


ONLY: dict[str, tuple[dict[str, str | bytes], dict[str, str]]] = {
    "the only exercise of the course": ({"homework 3 (final).py": WORK}, {"gru": STUB}),
    "the exercise whose functions it defines": (
        {"homework 3 (final).py": "def f(): ...\ndef g(): ...\n"},
        {"gru": "def f(): ...\ndef g(): ...\ndef h(): ...\n", "lstm": "def f(): ...\n"},
    ),
    "a notebook, too": (
        {"Untitled7.ipynb": notebook("import numpy", WORK)}, {"lstm": "def g(): ...", "gru": STUB},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "stubs"), ONLY.values(), ids=ONLY)
def test_the_only_file_may_have_any_name(
    tmp_path: Path, files: dict[str, str | bytes], stubs: dict[str, str]
) -> None:
    """Alone in its submission, it is taken for what it must be; a note says so."""
    put(tmp_path, files)
    (name,) = files
    for path in (tmp_path, tmp_path / name):
        file = read_submission(path, stubs).files["gru"]
        assert (file.path, file.notes) == (name, (f"{name} was taken for gru",))


def test_a_file_that_could_be_several_exercises_is_none(tmp_path: Path) -> None:
    """Which functions it defines does not tell, or there are two files: the report names them."""
    put(tmp_path, {"mine.py": WORK})
    submission = read_submission(tmp_path, STUBS)
    assert submission.files == {}
    assert submission.notes == ("no file is named like an exercise; there are: mine.py",)
    put(tmp_path, {"x/util.py": WORK})
    submission = read_submission(tmp_path, {"gru": STUB})
    assert submission.files == {}
    assert submission.notes == ("no file is named like an exercise; there are: mine.py, x/util.py",)


ADDED = (
    "gru (1)", "gru(1)", "gru-1", "gru-12", "gru 2", "gru copy", "gru copy 2", "gru - Copy",
    "gru - Copy (2)", "gru-Copy1", "Copy of gru", "gru_copy", "GRU", "Gru (1)", "gru (1) (2)",
)  # fmt: skip


@pytest.mark.parametrize("stem", ADDED)
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_what_is_added_to_a_name_that_is_taken_does_not_matter(
    tmp_path: Path, stem: str, suffix: str
) -> None:
    """Browsers, file managers and platforms rename files; the exact name goes first."""
    text = WORK if suffix == ".py" else notebook(WORK)
    put(tmp_path, {stem + suffix: text, "other.py": "x = 1"})
    assert used(read_submission(tmp_path, STUBS))[0] == stem + suffix
    put(tmp_path, {"gru" + suffix: text})
    assert used(read_submission(tmp_path, STUBS))[0] == "gru" + suffix


OTHER_NAMES = (
    "gru2",
    "gru_v2_final",
    "my gru",
    "gru_1",
    "test_gru",
    "agru",
    "gru1 (1)",
    " copy" * 40,
)


@pytest.mark.parametrize("stem", OTHER_NAMES)
def test_another_name_is_another_file(tmp_path: Path, stem: str) -> None:
    """What nobody adds by itself makes another name; among several files it is no exercise."""
    put(tmp_path, {f"{stem}.py": WORK, "other.py": "x = 1"})
    assert read_submission(tmp_path, STUBS).files == {}


CHOSEN: dict[str, tuple[dict[str, str | bytes], str]] = {
    "a .py before a notebook": ({"gru.py": WORK, "gru.ipynb": notebook("g = 2")}, "gru.py"),
    "an edited notebook before a stub": (
        {"gru.py": STUB, "gru.ipynb": notebook(WORK)}, "gru.ipynb",
    ),
    "an edited file below before a stub above": ({"gru.py": STUB, "x/gru.py": WORK}, "x/gru.py"),
    "the one nearer the top": ({"x/y/gru.py": WORK, "z/gru.py": WORK + "\n"}, "z/gru.py"),
    "a notebook nearer the top before a .py below": (
        {"x/gru.py": WORK, "gru.ipynb": notebook(WORK)}, "gru.ipynb",
    ),
    "the first by name among equals": ({"b/gru.py": WORK, "a/gru.py": WORK}, "a/gru.py"),
    "a stub that only looks different is a stub": (
        {"gru.py": f"# Ada\n{STUB}".replace("\n", "\r\n"), "x/gru.py": WORK}, "x/gru.py",
    ),
    "a readable file before an unreadable one": ({"gru.py": b"\0", "x/gru.py": WORK}, "x/gru.py"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "path"), CHOSEN.values(), ids=CHOSEN)
def test_of_several_files_one_is_used_and_named(
    tmp_path: Path, files: dict[str, str | bytes], path: str
) -> None:
    """An edited file beats a stub, then the one nearer the top, then .py; a note says so."""
    submission = read_submission(put(tmp_path, files), STUBS)
    assert used(submission)[0] == path
    assert submission.files["gru"].notes == (f"2 files for gru; {path} was used",)


def test_a_stub_is_used_when_there_is_nothing_else(tmp_path: Path) -> None:
    """Two stubs are a submission that is not started, not an empty one."""
    put(tmp_path, {"gru.py": STUB, "x/gru.py": STUB})
    assert used(read_submission(tmp_path, STUBS)) == ("gru.py", STUB)


def test_what_is_hidden_is_not_searched(tmp_path: Path) -> None:
    """Backups, environments and what macOS adds are no submission."""
    put(tmp_path, {".git/gru.py": WORK, "__pycache__/gru.py": WORK, "__MACOSX/gru.py": WORK,
                   ".ipynb_checkpoints/gru.ipynb": "{}", "x/.venv/gru.py": WORK,
                   "x/._gru.py": b"\0"})  # fmt: skip
    submission = read_submission(tmp_path, STUBS)
    assert (submission.files, submission.unreadable) == ({}, {})


LINKS: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "to a file": (lambda inside, outside: (inside / "gru.py").symlink_to(outside / "gru.py"),
                  "gru.py: a link; hand in the file itself"),
    "to nowhere": (lambda inside, _: (inside / "gru.py").symlink_to("/nowhere"),
                   "gru.py: a link; hand in the file itself"),
    "to itself": (lambda inside, _: (inside / "gru.py").symlink_to(inside / "gru.py"),
                  "gru.py: a link; hand in the file itself"),
    "to a secret": (lambda inside, _: (inside / "gru.py").symlink_to("/proc/self/environ"),
                    "gru.py: a link; hand in the file itself"),
    "to a folder": (lambda inside, outside: (inside / "x").symlink_to(outside), ""),
    "to the folder it lies in": (lambda inside, _: (inside / "x").symlink_to(inside), ""),
    "to a device": (lambda inside, _: (inside / "gru.py").symlink_to("/dev/zero"),
                    "gru.py: a link; hand in the file itself"),
}  # fmt: skip


@pytest.mark.parametrize(("link", "says"), LINKS.values(), ids=LINKS)
def test_links_are_not_followed(
    tmp_path: Path, link: Callable[[Path, Path], None], says: str
) -> None:
    """A submission cannot show us, or grade, a file outside itself."""
    put(tmp_path, {"outside/gru.py": WORK, "inside/notes.txt": ""})
    link(tmp_path / "inside", tmp_path / "outside")
    submission = read_submission(tmp_path / "inside", STUBS)
    assert submission.files == {}
    assert submission.unreadable == ({"gru": says} if says else {})


def test_a_name_that_is_no_text_does_not_stop_anything(tmp_path: Path) -> None:
    """Old archives hold names in unknown encodings; id, path and notes can still be written."""
    folder = tmp_path / os.fsdecode(b"J\xfcrgen")
    put(folder, {os.fsdecode(b"\xdcbung/gru.py"): WORK})
    submission = read_submission(folder, STUBS)
    file = submission.files["gru"]
    for text in (submission.id, file.path, *file.notes):
        text.encode()


def test_a_folder_full_of_files_is_searched_in_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many files the search ends; the top was seen, and a note says so."""
    monkeypatch.setattr("grader.intake.folder.FILES_CAP", 100)
    put(tmp_path, {"gru.py": WORK, "a/b/c/lstm_forward.py": WORK})
    (tmp_path / "a" / "b" / "data").mkdir()
    for k in range(110):
        (tmp_path / "a" / "b" / "data" / f"{k:05}.txt").touch()
        (tmp_path / "a" / "b" / f"{k:05}.py").touch()
    submission = read_submission(tmp_path, STUBS)
    assert set(submission.files) == {"gru"}
    assert submission.notes == (
        "more than 100 files, not all were looked at; hand in source code only",
    )


# --- reading text ---------------------------------------------------------------------

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "UTF-16": (WORK.encode("utf-16"), "not a text file (UTF-16, or not Python at all)"),
    "a NUL": (b"x = 1\n\0", "not a text file (UTF-16, or not Python at all)"),
    "three megabytes": (b"#" * (3 << 20), "too large (limit 2 MB); hand in source code only"),
    "Latin-1 without saying so": ("x = 'ü'".encode("latin-1"), "not in the encoding it claims"),
    "Latin-1 below the first lines": (b"\n\n\n\n# \xfc", "not in the encoding it claims to be"),
    "rich text": (rb"{\rtf1\ansi def f(): return 1}", "a rich text document, not Python; save it"),
    "a web page": (b"\n<!DOCTYPE html><html>def f()</html>", "a web page, not Python; save it as"),
    "a PDF": (b"%PDF-1.7\n", "a PDF, not Python; save it as plain text"),
    "a Word document": (b"PK\3\4\x14\0\6\0", "a zip or a Word document, not Python; save it as"),
    "an encoding nobody knows": (b"# -*- coding: klingon -*-\n", "not in the encoding it claims"),
    "an encoding that is none of text": (b"# -*- coding: rot13 -*-\n", "not in the encoding it"),
    "two encodings at once": (b"\xef\xbb\xbf# coding: latin-1\n", "not in the encoding it claims"),
    "an encoding that fails in its own way": (
        b"# coding: punycode\n" + WORK.encode(), "not in the encoding it claims to be",
    ),
    "an encoding that is undefined": (
        b"# coding: undefined\n" + WORK.encode(), "not in the encoding it claims to be",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_said_to_be(tmp_path: Path, data: bytes, says: str) -> None:
    """The message begins with the file and says what to do; nothing is raised."""
    submission = read_submission(put(tmp_path, {"x/gru.py": data}), STUBS)
    assert submission.files == {}
    assert submission.unreadable["gru"].startswith(f"x/gru.py: {says}")


READABLE: dict[str, bytes] = {
    "UTF-8": "x = 'ü'\ny = 2\n".encode(),
    "a byte order mark": b"\xef\xbb\xbf" + "x = 'ü'\ny = 2\n".encode(),
    "line ends of Windows": "x = 'ü'\r\ny = 2\r\n".encode(),
    "line ends of old": "x = 'ü'\ry = 2\r".encode(),
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_text_is_text_however_it_was_saved(tmp_path: Path, data: bytes) -> None:
    """Byte order mark and line ends leave no trace."""
    submission = read_submission(put(tmp_path, {"gru.py": data}), STUBS)
    assert used(submission) == ("gru.py", "x = 'ü'\ny = 2\n")


def test_an_encoding_that_is_declared_is_used(tmp_path: Path) -> None:
    """Latin-1 that says so is read as Python reads it."""
    data = "# -*- coding: latin-1 -*-\nx = 'ü'\n".encode("latin-1")
    submission = read_submission(put(tmp_path, {"gru.py": data}), STUBS)
    assert used(submission)[1] == "# -*- coding: latin-1 -*-\nx = 'ü'\n"


STRANGE: dict[str, tuple[str, bytes]] = {
    "escapes in the encoding": ("gru.py", b"# coding: unicode_escape\nx = '\\ud800'\n"),
    "seven bits": ("gru.py", b"# coding: utf-7\nx = '+2AA-'\n"),
    "half a character in a notebook": (
        "gru.ipynb", notebook("x = 'HERE'").replace("HERE", "\\ud800").encode(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data"), STRANGE.values(), ids=STRANGE)
def test_text_that_is_read_can_be_written(tmp_path: Path, name: str, data: bytes) -> None:
    """Half a surrogate pair is refused here; further on it would break us, not the student."""
    submission = read_submission(put(tmp_path, {name: data}), STUBS)
    for file in submission.files.values():
        file.text.encode()
    assert submission.files or submission.unreadable


# --- reading notebooks ----------------------------------------------------------------

NO_NOTEBOOKS: dict[str, bytes] = {
    "no JSON": b"def f(): pass",
    "nothing": b"",
    "another JSON": b"[1, 2]",
    "JSON without cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "a number for its cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}',
    "no UTF-8": b"\xff\xfe{\0}\0",
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("data", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
def test_a_notebook_that_cannot_be_read_is_said_to_be(tmp_path: Path, data: bytes) -> None:
    """Whatever the libraries raise, the student reads one sentence."""
    says = "gru.ipynb: not a notebook that can be read; save it again in Jupyter"
    assert read_submission(put(tmp_path, {"gru.ipynb": data}), STUBS).unreadable == {"gru": says}
    with pytest.raises(SubmissionError) as caught:
        notebook_source(data, "gru.ipynb")
    assert str(caught.value) == says


def source_of(*cells: str) -> list[str]:
    """Turn cells into lines of Python, without the headings of the cells."""
    text = notebook_source(notebook(*cells).encode(), "n.ipynb").text
    return [line for line in text.splitlines() if not line.startswith("# --- cell")]


MAGICS: dict[str, tuple[str, list[str]]] = {
    "a magic": ("%matplotlib inline\nx = 1", ["# %matplotlib inline", "x = 1"]),
    "an indented magic": ("  %time x = 1", ["#   %time x = 1"]),
    "a command": ("!pip list\nx = 1", ["# !pip list", "x = 1"]),
    "a question": ("?np.tanh\nx = 1", ["# ?np.tanh", "x = 1"]),
    "a question behind": ("np.tanh?\nx = 1", ["# np.tanh?", "x = 1"]),
    "a cell in another language": (
        "%%bash\nls\necho $HOME", ["# %%bash", "# ls", "# echo $HOME"],
    ),
    "a cell in another language below an empty line": (
        "\n%%bash\nls -l $HOME", ["# ", "# %%bash", "# ls -l $HOME"],
    ),
    "a cell that is timed": ("%%time\nx = 1", ["# %%time", "x = 1"]),
    "a cell that is timed often": ("%%timeit\nx = 1", ["# %%timeit", "x = 1"]),
    "a cell that is captured": ("%%capture out\nx = 1", ["# %%capture out", "x = 1"]),
    "nothing but Python": ("x = 7 % 3\ny = '!'", ["x = 7 % 3", "y = '!'"]),
    "a line that goes on with a remainder": (
        "x = (7\n     % 3)", ["x = (7", "     % 3)"],
    ),
    "an empty cell": ("", []),
}  # fmt: skip


@pytest.mark.parametrize(("cell", "lines"), MAGICS.values(), ids=MAGICS)
def test_what_only_a_notebook_understands_becomes_a_comment(cell: str, lines: list[str]) -> None:
    """Magics, commands and questions are commented out, Python is left alone."""
    python = [line if line.strip("# ") else "" for line in source_of(cell)]
    assert python == [line if line.strip("# ") else "" for line in lines]


def test_lines_that_were_left_out_are_counted() -> None:
    """A note says how many lines were no Python; without any there is no note."""
    file = notebook_source(notebook("%matplotlib inline\nx = 1", "%%bash\nls").encode(), "n.ipynb")
    assert file.notes == ("3 notebook-only lines were left out",)
    assert notebook_source(notebook("x = 1").encode(), "n.ipynb").notes == ()


def test_cells_are_joined_in_order_and_headed() -> None:
    """Line numbers in a message lead to a cell; prose is left out."""
    data = notebook("x = 1\n", "y = x", prose="# LSTM").encode()
    file = notebook_source(data, "n.ipynb")
    assert file.text == "# --- cell 1\nx = 1\n# --- cell 2\ny = x\n"
    assert file.path == "n.ipynb"


def test_notebooks_of_other_times_are_read() -> None:
    """Format 3, sources as lists of lines, a missing cell id, a byte order mark."""
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [
        {"metadata": {}, "cells": [{"cell_type": "code", "language": "python", "metadata": {},
                                    "outputs": [], "input": ["x = 1\n", "y = 2"]}]}]}  # fmt: skip
    assert "x = 1\ny = 2\n" in notebook_source(json.dumps(old).encode(), "n.ipynb").text
    plain = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
         "source": ["x = 1\n", "y = 2"]}]}  # fmt: skip
    data = b"\xef\xbb\xbf" + json.dumps(plain).encode()
    assert "x = 1\ny = 2\n" in notebook_source(data, "n.ipynb").text


def test_a_notebook_that_was_renamed_is_a_notebook(tmp_path: Path) -> None:
    """What is inside decides, not the ending."""
    put(tmp_path, {"gru.py": notebook(WORK)})
    assert used(read_submission(tmp_path, STUBS)) == ("gru.py", f"# --- cell 1\n{WORK}")


PLATFORMS: dict[str, dict[str, Any]] = {
    "Colab": {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU",
              "kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "Kaggle": {"kaggle": {"accelerator": "none", "dataSources": [], "isInternetEnabled": True},
               "language_info": {"name": "python", "version": "3.10.12"}},
    "nothing we know": {"x": {"\u202e": [{}] * 9, "": None}, "kernelspec": 7},
}  # fmt: skip


@pytest.mark.parametrize("metadata", PLATFORMS.values(), ids=PLATFORMS)
def test_what_a_platform_notes_in_a_notebook_does_not_matter(metadata: dict[str, Any]) -> None:
    """Colab, Kaggle and students write what they like beside the cells."""
    cells = [
        {"cell_type": "code", "metadata": {"id": "a", "colab": {"height": 9}}, "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["1\n"]}], "execution_count": 3,
         "source": ["# @title LSTM\n", "%pip install -q torch\n", "x = 1"]},
        {"cell_type": "markdown", "metadata": {}, "source": ["# h"]},
        {"cell_type": "raw", "metadata": {}, "source": "import os"},
    ]  # fmt: skip
    data = {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}
    text = notebook_source(json.dumps(data).encode(), "n.ipynb").text
    assert text == "# --- cell 1\n# @title LSTM\n# %pip install -q torch\nx = 1\n"


def test_a_notebook_may_be_large_for_its_pictures(tmp_path: Path) -> None:
    """What counts is the code; three megabytes of pictures are nothing unusual."""
    cell = nbformat.v4.new_code_cell(WORK)  # type: ignore[no-untyped-call]
    picture = {"image/png": "A" * (3 << 20)}
    cell.outputs = [nbformat.v4.new_output("display_data", picture)]  # type: ignore[no-untyped-call]
    book = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    put(tmp_path, {"gru.ipynb": nbformat.writes(book)})  # type: ignore[no-untyped-call]
    assert used(read_submission(tmp_path, STUBS))[1] == f"# --- cell 1\n{WORK}"


def test_a_notebook_of_the_stub_is_a_stub(tmp_path: Path) -> None:
    """A stub pasted into cells is not started, so an edited file beats it."""
    put(tmp_path, {"gru.ipynb": notebook("# Ada", STUB), "x/gru.py": WORK})
    assert used(read_submission(tmp_path, STUBS))[0] == "x/gru.py"


def test_thousands_of_magics_take_no_time() -> None:
    """Every line is read once more at most, unless brackets or texts stay open."""
    lines = source_of("x = 1\n" + "%time\n" * 20_000 + "y = (\n" + "%time\n" * 3 + ")")
    assert lines.count("# %time") == 20_000
    assert lines[-4:] == ["%time", "%time", "%time", ")"]


def test_a_notebook_that_would_take_for_ever_is_refused(tmp_path: Path) -> None:
    """A text with thousands of lines that look like magics is no honest notebook."""
    cell = 'x = """\n' + "%time\n" * 5_000 + '"""'
    found = read_submission(put(tmp_path, {"gru.ipynb": notebook(cell).encode()}), STUBS)
    assert "too many notebook-only lines" in found.unreadable["gru"]


def test_a_magic_among_indented_lines_is_known() -> None:
    """What follows is still read as it was meant."""
    cell = "if 1:\n        a = 1\n        %time\n        b = (\n    %time\n    )"
    assert source_of(cell)[2:] == ["#         %time", "        b = (", "    %time", "    )"]
