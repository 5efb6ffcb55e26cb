"""The autograder zip, in a root laid out like Gradescope's container."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader import files
from grader.bundles import autograde
from grader.cli import main
from grader.course import Course
from grader.model import ExerciseResult, Status
from tests.helpers import ROOT

CLASS = ROOT / "tests" / "submissions" / "class"
VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
#: The published list of fields; anything else is a mistake of ours.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [
        {"required": ["score"]},
        {"properties": {"tests": {"minItems": 1, "items": {"required": ["score"]}}}},
    ],
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "dependentRequired": {"status": ["score"], "max_score": ["score"]},
                "properties": {
                    "score": {"type": "number", "minimum": 0},
                    "max_score": {"type": "number", "minimum": 0},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string", "minLength": 1},
                    "name_format": FORMAT,
                    "number": {"type": "string", "pattern": r"^\d+(\.\d+)*$"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}
COURSE = f"""
base = {json.dumps(str(ROOT))}
timezone = "Europe/Berlin"

[[assignments]]
name = "week3"
exercises = ["lstm_forward"]
due = 2026-11-20T12:00:00
take = "best"
late = {{ percent_per_day = 10 }}
"""


def valid(data: bytes) -> dict[str, Any]:
    """Read results.json as Gradescope would."""
    found: dict[str, Any] = json.loads(data)
    jsonschema.validate(found, SCHEMA)
    return found


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Build the zip of a course on top of ours."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "course.toml").write_text(COURSE, "utf-8")
    main(["release", "--format", "gradescope", "--assignment", "week3", "--course", str(folder),
          "--to", str(folder / "out"), "--visibility", "after_published"])  # fmt: skip
    return (folder / "out" / "PRIVATE-gradescope.zip").read_bytes()


class Container:
    """A root laid out like the platform's."""

    def __init__(self, root: Path, bundle: bytes) -> None:
        self.root = root
        for name in ("source", "submission", "results"):
            (root / name).mkdir()
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            archive.extractall(root / "source")
        (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())

    def submit(self, student: str, when: str, before: tuple[dict[str, Any], ...] = ()) -> None:
        """Lay out a submission of the sample class, and what the platform says about it."""
        for path in (CLASS / student).glob("*.*"):
            (self.root / "submission" / path.name).write_bytes(path.read_bytes())
        metadata = {
            "id": 123456, "created_at": when, "submission_method": "upload",
            "assignment": {"due_date": None, "late_due_date": None, "group_size": 1, "id": 25,
                           "course_id": 1, "title": "LSTM", "total_points": "25.0"},
            "users": [{"email": "v@example.org", "id": 1234, "name": "Viktor"}],
            "previous_submissions": [
                {"submission_time": "x", "score": one["score"], "results": one} for one in before
            ],
        }  # fmt: skip
        (self.root / "submission_metadata.json").write_text(json.dumps(metadata))

    @property
    def target(self) -> Path:
        """Where results are looked for."""
        return self.root / "results" / "results.json"

    def start(self) -> subprocess.Popen[bytes]:
        """Run it as the platform does; only the root and the environment are elsewhere."""
        venv = self.root / "venv" / "bin"
        venv.mkdir(parents=True)
        (venv / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (venv / "python").chmod(0o755)
        clean = {"PATH": "/usr/bin:/bin", "CAROUSEL_AUTOGRADER": str(self.root)}
        return subprocess.Popen(
            ["bash", str(self.root / "run_autograder")],
            env={**clean, "CAROUSEL_VENV": str(venv.parent)}, cwd=self.root,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def container(tmp_path: Path, bundle: bytes) -> Container:
    return Container(tmp_path, bundle)


# --- the zip --------------------------------------------------------------------------


def test_the_zip_has_what_gradescope_looks_for(bundle: bytes) -> None:
    """Scripts at the root, that may be run; everything that is needed to grade; nothing else."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        infos = {info.filename: info for info in archive.infolist()}
    for name in ("setup.sh", "run_autograder"):
        assert infos[name].external_attr >> 16 & stat.S_IXUSR
    names = infos.keys()
    assert {"PRIVATE.txt", "settings.json", "requirements.txt", "carousel/course.toml"} <= names
    for part in ("solutions/{}.py", "grader/hidden/test_{}.py", "grader/bugs/{}.py"):
        assert f"carousel/{part.format('lstm_forward')}" in names
    assert "carousel/grader/report/templates/student.html.j2" in names
    assert not any("tests/" in name or "__pycache__" in name or name[0] in "/." for name in names)
    assert "private.key" not in names  # the tests have none


def test_the_same_course_gives_the_same_zip(bundle: bytes, tmp_path: Path) -> None:
    """Byte for byte; a private key goes with it, and changes the seed."""
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    arguments = ["release", "--format", "gradescope", "--assignment", "week3", "--course",
                 str(tmp_path), "--visibility", "after_published", "--to"]  # fmt: skip
    main([*arguments, str(tmp_path / "a")])
    assert (tmp_path / "a" / "PRIVATE-gradescope.zip").read_bytes() == bundle


def test_a_private_key_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: bytes
) -> None:
    """So hidden inputs are drawn with it there."""
    monkeypatch.setenv("CAROUSEL_KEY", "secret of this term")
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    main(["release", "--format", "gradescope", "--course", str(tmp_path), "--to", str(tmp_path)])
    with zipfile.ZipFile(tmp_path / "PRIVATE-gradescope.zip") as archive:
        assert archive.read("private.key") == b"secret of this term"
        seed = json.loads(archive.read("settings.json"))["seed"]
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert json.loads(archive.read("settings.json"))["seed"] != seed


def test_a_course_in_layers_becomes_one(bundle: bytes, tmp_path: Path) -> None:
    """Rules, points and exercises are those of the course it was made from."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "over").mkdir()
    (tmp_path / "over" / "course.toml").write_text(COURSE, "utf-8")
    packed, layered = Course.load(tmp_path / "carousel"), Course.load(tmp_path / "over")
    assert packed.exercises == layered.exercises
    assert packed.rules == layered.rules
    assert packed.stubs() == layered.stubs()


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_scripts_are_scripts(name: str) -> None:
    """Bash reads them."""
    path = ROOT / "platforms" / "gradescope" / name
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0


def test_what_cannot_be_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A visibility and an assignment that do not exist."""
    for option in (["--visibility", "sometimes"], ["--assignment", "week9"]):
        with pytest.raises(SystemExit):
            main(["release", "--format", "gradescope", "--to", str(tmp_path), *option,
                  "--course", str(ROOT)])  # fmt: skip
        assert f"no {option[0][2:]} {option[1]}" in capsys.readouterr().err


# --- a run ----------------------------------------------------------------------------


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Keep every version of results.json that is ever there."""
    seen: list[bytes] = []

    def keep(path: Path, data: bytes, *, durably: bool = True) -> None:
        seen.append(data)
        files.write_atomically(path, data, durably=durably)

    monkeypatch.setattr(autograde, "write_atomically", keep)
    return seen


def test_a_submission_is_graded_and_resubmitted(
    tmp_path: Path, bundle: bytes, versions: list[bytes]
) -> None:
    """Every version is valid; what is late costs; the better attempt counts."""
    for name in "abc":
        (tmp_path / name).mkdir()
    first = Container(tmp_path / "a", bundle)
    first.submit("viktor", "2026-11-19T10:00:00.000000+01:00")
    assert autograde.autograde(first.root) == 0
    results = [valid(data) for data in versions]
    assert len(results) == 3
    assert "0 of 1 exercises" in results[0]["output"]
    assert "1 of 1 exercises" in results[1]["output"]
    done = results[-1]
    assert "exercises" not in done["output"]
    assert done["score"] == 20
    assert done["visibility"] == "after_published"
    assert done["stdout_visibility"] == "hidden"
    lines = [one for one in done["tests"] if "score" in one]
    assert sum(one["score"] for one in lines) == 20
    assert sum(one["max_score"] for one in lines) == 25
    assert any("forget gate is not applied" in one["output"] for one in lines)
    assert any("![" not in one["output"] and "<img" in one["output"] for one in done["tests"])

    second = Container(tmp_path / "b", bundle)
    second.submit("ruth", "2026-11-21T10:00:00.000000+01:00", (done,))  # 24 of 25, a day late
    assert autograde.autograde(second.root) == 0
    again = valid(second.target.read_bytes())
    assert again["score"] == 21.6
    assert "1 day late" in again["output"]
    assert "attempt" not in again["output"]

    third = Container(tmp_path / "c", bundle)
    third.submit("priya", "2026-11-21T11:00:00.000000+01:00", (done, again))
    assert autograde.autograde(third.root) == 0
    last = valid(third.target.read_bytes())
    assert last["score"] == 21.6
    assert r"your attempt 2 counts for lstm\_forward" in last["output"]


def test_earlier_results_that_are_not_ours_are_left_out(container: Container) -> None:
    """Whatever they are."""
    odd = ({"score": 3}, {"score": 1, "extra_data": {"carousel": {"submission": 5}}})
    container.submit("omar", "2026-11-19T10:00:00+01:00", odd)
    assert autograde.autograde(container.root) == 0
    assert valid(container.target.read_bytes())["score"] == 25


def test_nothing_that_belongs_to_the_course_was_submitted(container: Container) -> None:
    """That is a result, and a valid one."""
    container.submit("nobody", "2026-11-19T10:00:00+01:00")
    (container.root / "submission" / "essay.txt").write_text("hello")
    assert autograde.autograde(container.root) == 0
    assert valid(container.target.read_bytes())["score"] == 0


@pytest.mark.parametrize("begun", ["before it began", "0 of 1 exercises"])
def test_a_run_that_is_cut_leaves_a_valid_file_that_says_so(
    container: Container, begun: str
) -> None:
    """The real scripts, as the platform starts them, and killed as it kills them."""
    container.submit("viktor", "2026-11-19T10:00:00+01:00")
    running = container.start()
    deadline = time.monotonic() + 120
    while not (container.target.exists() and begun in container.target.read_text("utf-8")):
        assert running.poll() is None, running.communicate()[0].decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    found = valid(container.target.read_bytes())
    assert "is not your mark" in found["output"]
    assert "extra_data" not in found


def test_a_bundle_that_cannot_grade_leaves_no_mark(container: Container) -> None:
    """The platform then says itself that the autograder failed."""
    container.submit("viktor", "2026-11-19T10:00:00+01:00")
    (container.root / "source" / "settings.json").write_text("{")
    running = container.start()
    running.communicate(timeout=300)
    assert running.returncode == 1
    assert not container.target.exists()


def test_the_scripts_grade_to_the_end(container: Container) -> None:
    """With nothing but the zip, in an empty environment."""
    container.submit("viktor", "2026-11-19T10:00:00+01:00")
    out, _ = container.start().communicate(timeout=300)
    assert "lstm_forward: graded" in out.decode()
    assert valid(container.target.read_bytes())["score"] == 20
    assert stat.S_IMODE((container.root / "source").stat().st_mode) == 0o700


def test_what_failed_on_our_side_is_tried_again(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in a new sandbox; a second failure is for the instructor."""
    container.submit("viktor", "2026-11-19T10:00:00+01:00")
    failing = iter([True, False])
    judge = autograde._judge

    def sometimes(box: Any, names: Any, tell: Any) -> None:
        if next(failing):
            broken = Status.NEEDS_ATTENTION
            tell(ExerciseResult(name=names[0], points=0, max_points=25, status=broken))
        else:
            judge(box, names, tell)

    monkeypatch.setattr(autograde, "_judge", sometimes)
    assert autograde.autograde(container.root) == 0
    found = valid(container.target.read_bytes())
    assert found["score"] == 20
    assert "Not final" not in found["output"]
