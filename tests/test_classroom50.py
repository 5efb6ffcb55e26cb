"""Classroom 50: its rules, written down again from its published contract, and both bundles."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.course import Course
from grader.export.formats import FORMATS
from grader.export.material import Order
from grader.release import contents
from tests.exports import export, material, term
from tests.helpers import ROOT

FIELDS = {
    "schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit",
    "release", "review", "datetime", "score", "max-score", "tests",
}  # fmt: skip
OPTIONAL = {"graded_at", "submitted_by"}
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
RUN = {
    "CLASSROOM": "rnn", "ASSIGNMENT": "week3", "OWNER": "viktor", "USERNAME": "viktor",
    "ASSIGNMENT_TYPE": "individual", "SUBMISSION_TAG": "submit/2026-11-19T10-00-00Z-abc1234",
    "COMMIT_URL": "https://example.org/commit/abc", "RELEASE_URL": "https://example.org/release/1",
    "REVIEW_URL": "",
}  # fmt: skip


def problems(doc: dict[str, Any], run: Mapping[str, str]) -> list[str]:
    """Check what the schema and both validators of Classroom 50 check."""
    found = [f"field {name}" for name in doc.keys() ^ FIELDS if name not in OPTIONAL]
    found += [name for name in FIELDS - {"score", "max-score", "tests"} if not doc.get(name)]
    identity = {"classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "owner": "OWNER"}
    found += [name for name, key in identity.items() if doc[name] != run[key]]
    if doc["schema"] != "classroom50/result/v1":
        found.append("schema")
    if doc["assignment_type"] not in {"individual", "group", "team"}:
        found.append("assignment_type")
    if not doc["submission"].startswith("submit/"):
        found.append("submission")
    if not TIME.fullmatch(doc["datetime"]):
        found.append("datetime")
    return found + _score_problems(doc)


def _score_problems(doc: dict[str, Any]) -> list[str]:
    """Whole numbers, none above its maximum, and the sum of the tests on top."""
    found = []
    for one in (doc, *doc["tests"]):
        score, most = one["score"], one["max-score"]
        if type(score) is not int or type(most) is not int or not 0 <= score <= most:
            found.append(f"score {score} of {most}")
    tests = doc["tests"]
    odd = [one for one in tests if type(one["passed"]) is not bool or not one["test-name"]]
    found += [f"test {one}" for one in odd]
    sums = {key: sum(one[key] for one in tests) for key in ("score", "max-score")}
    return found + [f"{key} is not the sum" for key, value in sums.items() if value != doc[key]]


def test_every_result_of_the_term_is_accepted(tmp_path: Path) -> None:
    """Whole numbers for every student: late ones, overrides, points above the rubric's."""
    given = material(term(tmp_path / "results"))
    for one in given.told:
        run = {**RUN, "OWNER": one.mark.student}
        order = Order(to=tmp_path / "x.json", environment=run)
        alone = type(given)(told=(one,))
        (data,) = FORMATS["classroom50"](alone, order).files.values()
        assert problems(json.loads(data), run) == []


def test_a_time_without_a_zone_is_one_of_the_course(tmp_path: Path) -> None:
    """As marks read it, and every other format."""
    given = material(term(tmp_path / "results"))
    (one,) = (each for each in given.told if each.mark.student == "s01")
    naive = tuple(replace(each, submitted="2026-11-16T12:00:00") for each in one.mark.exercises)
    alone = replace(given, told=(replace(one, mark=replace(one.mark, exercises=naive)),))
    (data,) = FORMATS["classroom50"](alone, Order(to=tmp_path / "x.json")).files.values()
    assert json.loads(data)["datetime"] == "2026-11-16T11:00:00Z"


def test_without_a_runner_the_file_is_still_one(tmp_path: Path) -> None:
    """Exported by hand, it holds the marks and says of the rest that it is not known."""
    given = material(term(tmp_path / "results"))
    for name, data in export("classroom50", given, tmp_path).files.items():
        doc = json.loads(data)
        run = {"CLASSROOM": "carousel", "ASSIGNMENT": "week2", "OWNER": Path(name).stem}
        assert problems(doc, run) == []
    with pytest.raises(Exception, match="give a folder with --to"):
        FORMATS["classroom50"](given, Order(to=tmp_path / "x.json"))


# --- the bundles ----------------------------------------------------------------------

COURSE = f"""
base = {json.dumps(str(ROOT))}
[[assignments]]
name = "week3"
exercises = ["lstm_forward"]
due = 2026-11-20T12:00:00+01:00
late = {{ percent_per_day = 10 }}
"""


def bundle(folder: Path, *more: str) -> Path:
    """Make a bundle of one assignment."""
    if more:
        (folder / "course.toml").write_text(COURSE, "utf-8")
    course = folder if more else ROOT
    chosen = ["--assignment", "week3", *more] if more else []
    main(["release", "--format", "classroom50", "--course", str(course), "--to", str(folder),
          *chosen])  # fmt: skip
    return folder / ("PRIVATE-classroom50" if more else "classroom50")


def graded(bundle: Path, checkout: Path, *, commit: str = "2026-11-19T10:00:00+01:00") -> Any:
    """Run a bundle in a student's checkout, as the runner does."""
    checkout.mkdir()
    source = ROOT / "tests" / "submissions" / "class" / "viktor" / "lstm_forward.py"
    (checkout / "exercises").mkdir()
    (checkout / "exercises" / source.name).write_bytes(source.read_bytes())
    dated = {"GIT_COMMITTER_DATE": commit, "GIT_AUTHOR_DATE": commit}
    who = ["-c", "user.name=v", "-c", "user.email=v@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "work"]):
        subprocess.run(["git", *command], cwd=checkout, env={**os.environ, **dated}, check=True)
    run = {**os.environ, **RUN, "CAROUSEL_PYTHON": sys.executable, "GITHUB_TOKEN": "secret"}
    done = subprocess.run(
        [sys.executable, str(bundle / "autograder.py")],
        cwd=checkout, env=run, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "carousel: result.json is written\n"), done.stderr
    return json.loads((checkout / "result.json").read_text("utf-8"))


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the bundle for public pages, without what takes a hand-out its time."""
    monkeypatch.setattr("grader.release.lookalikes", lambda _: {})
    return bundle(tmp_path)


def test_the_bundle_for_public_pages_holds_nothing_secret(public: Path) -> None:
    """It is a hand-out, which is proved to hold none, and a script."""
    names = {path.relative_to(public).as_posix() for path in public.rglob("*") if path.is_file()}
    assert not any("hidden" in name or "bugs/" in name or "solutions" in name for name in names)
    assert "private.key" not in names
    handed_out = {f"carousel/{name}" for name in contents(Course.load(ROOT))}
    assert names == handed_out | {"autograder.py", "settings.json", "requirements.txt"}


def test_public_checks_grade_a_checkout(public: Path, tmp_path: Path) -> None:
    """A point for every check, and a result the validators take."""
    settings = json.loads((public / "settings.json").read_text())
    assert settings["hidden"] is False
    (public / "settings.json").write_text(json.dumps({**settings, "exercises": ["lstm_forward"]}))
    doc = graded(public, tmp_path / "checkout")
    assert problems(doc, RUN) == []
    assert doc["datetime"] == "2026-11-19T09:00:00Z"
    assert 0 < doc["score"] < doc["max-score"] == len(doc["tests"])


def test_hidden_graders_on_request_give_the_mark(tmp_path: Path) -> None:
    """With course.toml's rules: a day late costs a tenth."""
    folder = bundle(tmp_path, "--hidden")
    doc = graded(folder, tmp_path / "checkout", commit="2026-11-21T10:00:00+01:00")
    assert problems(doc, RUN) == []
    assert (doc["score"], doc["max-score"]) == (1800, 2500)
    assert "1 day late" in doc["tests"][0]["message"]
