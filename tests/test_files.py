import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.files import sweep, told, write_atomically, writing_alone

HOLDER = """
import sys
from pathlib import Path
from grader.files import writing_alone
with writing_alone(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A failing write leaves the old file and no rubbish."""
    path = tmp_path / "report.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_a_device_is_written_to_and_stays_one() -> None:
    """`--json /dev/null` once made it a file."""
    ours, theirs = os.openpty()
    device = Path(os.ttyname(theirs))
    write_atomically(device, b"said\n")
    assert os.read(ours, 100).startswith(b"said")
    assert device.is_char_device()
    os.close(ours)
    os.close(theirs)


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    """Only what was not finished."""
    write_atomically(tmp_path / "report.json", b"whole")
    (tmp_path / ".unfinished-x7").write_bytes(b"ha")
    sweep(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_two_processes_do_not_write_into_one_folder(tmp_path: Path) -> None:
    """The second says so and leaves; when the first is killed, the folder is free."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        with pytest.raises(UsageError, match="another grading is writing here"):
            writing_alone(tmp_path).__enter__()
        holder.kill()
        holder.wait()
        with writing_alone(tmp_path):
            pass


def test_a_folder_is_made_for_writing(tmp_path: Path) -> None:
    """With those above it."""
    with writing_alone(tmp_path / "a" / "b", make=True):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    """Never a traceback."""
    (tmp_path / "results").write_text("mine")
    with pytest.raises(UsageError, match="cannot be written"):
        writing_alone(tmp_path / "results", make=True).__enter__()


REASONS = {
    "full": (errno.ENOSPC, "make room"),
    "over quota": (errno.EDQUOT, "make room"),
    "read-only": (errno.EROFS, "another folder"),
}


@pytest.mark.parametrize(("code", "advice"), REASONS.values(), ids=REASONS)
def test_why_a_folder_cannot_be_written_is_told_with_what_to_do(
    code: int, advice: str, tmp_path: Path
) -> None:
    """Where, what, and what next."""
    with pytest.raises(UsageError, match=advice), told(tmp_path):
        raise OSError(code, os.strerror(code))
