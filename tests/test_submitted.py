"""Arrays that are handed in beside the code: found, decoded in the worker, and judged."""

import io
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.calls import Signature, Trouble
from grader.intake import SIZE_CAP, read_submission
from grader.sandbox.protocol import Refused
from grader.sandbox.server import Sandbox
from grader.sandbox.student import Limits, Student, StudentError
from grader.sandbox.worker import SUBMITTED_CAP
from tests.sandboxes import LIMITED, WAYS, opened
from tests.toys import npz

SECRET_FILE = Path("/tmp/carousel-a-pickle-was-opened")
STUBS = {"work": "stub", "other": "stub"}


@pytest.fixture(name="fork", scope="module")
def _fork() -> Iterator[Sandbox]:
    with opened(LIMITED) as sandbox:
        yield sandbox


def student_with(sandbox: Sandbox, data: bytes | None, source: str = "") -> Student:
    """Hand in `work.py` and the bytes of `work.npz`."""
    signatures = {"submitted": Signature.parse("arrays"), "f": Signature.parse("y")}
    sources = {"work": f"def f(): return 1\n{source}\n"}
    return Student(sandbox, "work", sources, signatures, data=data, limits=Limits(request=10.0))


class Payload:
    """Leaves a trace where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (SECRET_FILE,)


def npy(array: Any) -> bytes:
    """Write one array as np.save does."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Write a zip that is none of NumPy's."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def claiming(shape: str, kind: str = "<f8") -> bytes:
    """Write the head of an array of some shape, without the array."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def bomb() -> bytes:
    """Pack 70 megabytes of zeros into a file of some kilobytes."""
    file = io.BytesIO()
    np.savez_compressed(file, W=np.zeros(9_000_000))
    return file.getvalue()


PLAIN = "work.npz cannot be read: save plain arrays with np.savez"
TOO_LARGE = (
    "`submitted` returned something that cannot be looked at: "
    "nested too deeply, too large, or one object too many"
)
NO_ARRAYS: dict[str, tuple[Callable[[], bytes], Trouble, str]] = {
    "an empty file": (lambda: b"", Trouble.FORM, PLAIN),
    "no zip": (lambda: b"W = 1", Trouble.FORM, PLAIN),
    "a zip cut in half": (lambda: npz(W=np.ones(100))[:300], Trouble.FORM, PLAIN),
    "one array without a zip": (lambda: npy(np.ones(3)), Trouble.FORM, PLAIN),
    "a pickle": (lambda: pickle.dumps(Payload()), Trouble.FORM, PLAIN),
    "an array of objects": (lambda: npz(W=np.array([Payload()], object)), Trouble.FORM, PLAIN),
    "an object among arrays": (
        lambda: npz(W=np.ones(2), b=np.array([None], object)), Trouble.FORM, PLAIN,
    ),
    "an array that claims four gigabytes": (
        lambda: zipped({"W.npy": claiming("(536870912,)")}), Trouble.FORM, PLAIN,
    ),
    "an array that claims less than nothing": (
        lambda: zipped({"W.npy": claiming("(-1,)")}), Trouble.FORM, PLAIN,
    ),
    "an array whose head is a program": (
        lambda: zipped({"W.npy": claiming("(__import__('os')._exit(0),)")}), Trouble.FORM, PLAIN,
    ),
    "an array whose head never ends": (
        lambda: zipped({"W.npy": b"\x93NUMPY\x02\x00\xff\xff\x01\x00" + b"(" * 0x1FFFF}),
        Trouble.FORM, PLAIN,
    ),
    "70 megabytes of zeros": (bomb, Trouble.REFUSED, TOO_LARGE),
    "a zip of something else": (lambda: zipped({"W.txt": b"1"}), Trouble.REFUSED, TOO_LARGE),
}  # fmt: skip


@pytest.mark.parametrize(("data", "trouble", "says"), NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_a_file_without_plain_arrays_is_told_what_to_do(
    data: Callable[[], bytes], trouble: Trouble, says: str, fork: Sandbox
) -> None:
    """Nothing is unpickled, nothing ends the worker, and the code beside it is graded."""
    student = student_with(fork, data())
    try:
        with pytest.raises(StudentError) as caught:
            student.submitted()
        assert (caught.value.trouble, str(caught.value)) == (trouble, says)
        assert student.f().y == 1
    finally:
        student.close()
    assert not SECRET_FILE.exists()


def test_no_file_is_named(fork: Sandbox) -> None:
    """Who hands in no arrays is told under which name they are looked for."""
    student = student_with(fork, None)
    with pytest.raises(StudentError) as caught:
        student.submitted()
    assert caught.value.trouble is Trouble.MISSING
    assert str(caught.value) == "there is no work.npz in your submission"
    assert student.f().y == 1
    student.close()


@pytest.mark.parametrize("way", WAYS)
def test_arrays_arrive_as_they_were_saved(way: str) -> None:
    """Names, shapes, kinds of number and values; axes or none; packed or not."""
    arrays = {
        "W": np.arange(6.0).reshape(2, 3).T, "b": np.ones(2, np.float32), "steps": np.array(7),
        "empty": np.zeros((0, 4)), "nan": np.array([np.nan]),
    }  # fmt: skip
    with opened(way) as sandbox:
        student = student_with(sandbox, npz(**arrays))
        got = student.submitted().arrays
        student.close()
    assert got.keys() == arrays.keys()
    for name, array in arrays.items():
        assert got[name].dtype == array.dtype, name
        assert np.array_equal(got[name], array, equal_nan=True), name


UNUSUAL: dict[str, tuple[Any, object]] = {
    "texts": (np.array(["a"]), Refused("an array of text")),
    "complex numbers": (np.ones(2) * 1j, Refused("an array of complex numbers")),
    "dates": (np.zeros(2, "M8[s]"), Refused("an array of an unusual number type")),
    "records": (np.zeros(2, [("x", "f8")]), Refused("an array of an unusual number type")),
}


def test_arrays_of_other_things_are_told_as_such(fork: Sandbox) -> None:
    """What is no array of numbers stays in the worker, and says what it is."""
    student = student_with(fork, npz(**{name: array for name, (array, _) in UNUSUAL.items()}))
    assert student.submitted().arrays == {name: want for name, (_, want) in UNUSUAL.items()}
    student.close()


def test_of_a_hundred_arrays_the_first_are_taken(fork: Sandbox) -> None:
    """More than any exercise asks for are not decoded."""
    student = student_with(fork, npz(**{f"a{k}": np.ones(1) for k in range(100)}))
    assert list(student.submitted().arrays) == [f"a{k}" for k in range(SUBMITTED_CAP)]
    student.close()


def test_a_name_is_a_name_and_no_path(fork: Sandbox) -> None:
    """Names of any kind are keys, and are written nowhere."""
    names = ("../../etc/x", "/tmp/x", "ä一", "", "a b")
    student = student_with(fork, zipped({f"{name}.npy": npy(np.ones(2)) for name in names}))
    assert set(student.submitted().arrays) == set(names)
    student.close()


def test_a_function_of_the_same_name_is_not_asked(fork: Sandbox) -> None:
    """What was handed in is what is in the file, whatever the code defines."""
    student = student_with(fork, npz(W=np.ones(2)), "def submitted(): return {'W': 'forged'}")
    assert student.submitted().arrays["W"].tolist() == [1.0, 1.0]
    student.close()


def test_arrays_are_decoded_anew_for_every_question(fork: Sandbox) -> None:
    """A worker that had to be replaced has them, too."""
    student = student_with(fork, npz(W=np.ones(2)), "def end():\n    import os\n    os._exit(0)")
    student._signatures = {**student._signatures, "end": Signature.parse("y")}
    for _ in range(2):
        assert student.submitted().arrays["W"].tolist() == [1.0, 1.0]
        with pytest.raises(StudentError):
            student.end()
    student.close()


# --- finding the file ------------------------------------------------------------------


def put(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, with the folders they need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


FOUND: dict[str, tuple[dict[str, bytes], dict[str, bytes]]] = {
    "none": ({"work.py": b"x = 1"}, {}),
    "beside the code": ({"work.py": b"x = 1", "work.npz": b"1"}, {"work": b"1"}),
    "without the code": ({"work.npz": b"1"}, {"work": b"1"}),
    "of several exercises": ({"work.npz": b"1", "other.npz": b"2"}, {"work": b"1", "other": b"2"}),
    "below": ({"a/b/work.npz": b"1"}, {"work": b"1"}),
    "the one nearer the top": ({"a/work.npz": b"1", "work.npz": b"2"}, {"work": b"2"}),
    "the first by name among equals": ({"b/work.npz": b"1", "a/work.npz": b"2"}, {"work": b"2"}),
    "not of another name": ({"weights.npz": b"1"}, {}),
    "not of another kind": ({"work.npy": b"1", "work.pkl": b"1", "work.NPZ": b"1"}, {}),
    "not what is hidden": ({".cache/work.npz": b"1", "__pycache__/work.npz": b"1"}, {}),
    "not what is too large": ({"work.npz": bytes(SIZE_CAP + 1)}, {}),
    "another one where the first is too large": (
        {"work.npz": bytes(SIZE_CAP + 1), "a/work.npz": b"1"}, {"work": b"1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "data"), FOUND.values(), ids=FOUND)
def test_arrays_are_found_by_the_name_of_their_exercise(
    tmp_path: Path, files: dict[str, bytes], data: dict[str, bytes]
) -> None:
    """<exercise>.npz at any depth; nobody but a worker looks inside."""
    assert read_submission(put(tmp_path, files), STUBS).data == data


def test_arrays_that_are_too_large_are_said_to_be(tmp_path: Path) -> None:
    """The report says why they count as missing, also where others are taken."""
    put(tmp_path, {"work.py": b"x = 1", "work.npz": bytes(SIZE_CAP + 1)})
    says = "work.npz: too large (limit 2 MB); save fewer or smaller arrays"
    assert read_submission(tmp_path, STUBS).notes == (says,)
    put(tmp_path, {"a/work.npz": b"1"})
    submission = read_submission(tmp_path, STUBS)
    assert (submission.data, submission.notes) == ({"work": b"1"}, (says,))


def test_a_link_to_arrays_is_not_followed(tmp_path: Path) -> None:
    """A submission cannot hand in a file outside itself."""
    put(tmp_path, {"outside/work.npz": b"1", "inside/work.py": b"x = 1"})
    (tmp_path / "inside" / "work.npz").symlink_to(tmp_path / "outside" / "work.npz")
    assert read_submission(tmp_path / "inside", STUBS).data == {}


def test_a_single_file_brings_no_arrays(tmp_path: Path) -> None:
    """Who hands in one .py hands in one .py, whatever lies beside it."""
    put(tmp_path, {"work.py": b"x = 1", "work.npz": b"1"})
    assert read_submission(tmp_path / "work.py", STUBS).data == {}
