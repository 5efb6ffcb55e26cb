"""Templates for CI: what is secret where, and output that no runner obeys."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from grader.report.annotations import go, stop
from tests.helpers import ROOT

GITHUB = ROOT / "platforms" / "github" / "grade.yml"
GITLAB = ROOT / "platforms" / "gitlab" / "grade.yml"
PUBLIC = (ROOT / "handout/.github/workflows/checks.yml", ROOT / "handout/.gitlab-ci.yml")
SECRET = re.compile(r"secrets\.([A-Z_]+)")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_a_students_repository_knows_no_secret(path: Path) -> None:
    """Its template runs the public checks, with rights to read alone."""
    text = path.read_text("utf-8")
    assert not SECRET.search(text)
    assert "start.py check" in text
    if path.suffix == ".yml" and "jobs" in read(path):
        assert read(path)["permissions"] == {"contents": "read"}
        assert "persist-credentials: false" in text


def test_no_job_has_both_a_token_and_students_code() -> None:
    """Who fetches runs nothing; who runs it has the key of hidden inputs, and no token."""
    jobs = read(GITHUB)["jobs"]
    has = {name: set(SECRET.findall(yaml.safe_dump(job))) for name, job in jobs.items()}
    assert has == {
        "fetch": {"STUDENT_REPOSITORIES"}, "grade": {"CAROUSEL_KEY"}, "feedback": {"FEEDBACK"},
    }  # fmt: skip
    runs = {name: yaml.safe_dump(job) for name, job in jobs.items()}
    assert [name for name, text in runs.items() if "grader grade" in text] == ["grade"]
    assert read(GITHUB)["permissions"] == {}
    gitlab = read(GITLAB)
    assert gitlab["grade"]["variables"] == {"STUDENT_PROJECTS": ""}
    assert gitlab["fetch"]["variables"]["CAROUSEL_KEY"] == ""


def scripts() -> list[tuple[str, str]]:
    """List every script of the templates."""
    found = []
    for path in (GITHUB, PUBLIC[0]):
        for name, job in read(path)["jobs"].items():
            found += [(f"{path.stem} {name}", one["run"]) for one in job["steps"] if "run" in one]
    for path in (GITLAB, PUBLIC[1]):
        for name, job in read(path).items():
            if isinstance(job, dict) and "script" in job:
                found += [(f"{path.stem} {name}", line) for line in job["script"]]
    return found


@pytest.mark.parametrize(("name", "script"), scripts())
def test_scripts_are_bash_and_expand_nothing_of_github_into_it(name: str, script: str) -> None:
    """An expression inside a script would run what somebody typed."""
    assert "${{" not in script, name
    done = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert done.returncode == 0, name


def test_what_is_printed_while_grading_is_no_command(tmp_path: Path) -> None:
    """The script of the template itself, around a grader that prints what a student wrote."""
    steps = read(GITHUB)["jobs"]["grade"]["steps"]
    script = next(one["run"] for one in steps if one.get("name") == "grade")
    fake = tmp_path / "python"
    fake.write_text(
        f'#!/bin/sh\n[ "$1" = "-c" ] && exec {sys.executable} "$@"\n'
        'echo "::error::owned"; echo "::set-output name=a::b"; exit 3\n'
    )
    fake.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ASSIGNMENT": "week3"}
    done = subprocess.run(
        ["bash", "-e", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert obeyed(done.stdout) == []


@pytest.mark.parametrize("listed", [True, False], ids=["a roster", "no roster"])
@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_exported_marks_are_those_of_the_roster(path: Path, listed: bool, tmp_path: Path) -> None:
    """With teams and extensions, where roster.csv is; without it nothing fails."""
    script = next(one for _, one in scripts() if "export csv" in one and one in everything(path))
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)
    (tmp_path / "fetched").mkdir()
    (tmp_path / "fetched" / "commits.tsv").touch()
    if listed:
        (tmp_path / "roster.csv").touch()
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "ASSIGNMENT": "week 3",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    exports = [line for line in done.stdout.splitlines() if " export " in line]
    assert len(exports) >= 2
    assert all(("--roster roster.csv" in line) == listed for line in exports)
    assert all("--assignment week 3" in line for line in exports)


def everything(path: Path) -> str:
    """Join the scripts of one template."""
    jobs = read(path)
    steps = jobs["jobs"]["grade"]["steps"] if "jobs" in jobs else [jobs["grade"]]
    return "\n".join(text for one in steps for text in (one.get("script") or [one.get("run", "")]))


def obeyed(output: str) -> list[str]:
    """Read output as a runner does: which commands does it carry out."""
    token, found = "", []
    for line in output.splitlines():
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif re.match(r"\s*::\w[\w-]*( [^:]*)?::", line) or "##[" in line:
            found.append(line)
    return found


def test_stop_and_go_are_read_by_a_runner() -> None:
    """Even where the text between has no end of line."""
    assert obeyed(f"{stop('t')}::error::x{go('t')}::notice::y\n") == ["::notice::y"]


def test_check_for_github_remarks_at_lines_and_obeys_nobody(tmp_path: Path) -> None:
    """A student's own prints are shown, and are no commands."""
    exercises = tmp_path / "exercises"
    exercises.mkdir()
    for name in ("course.toml",):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    (exercises / "checks").symlink_to(ROOT / "exercises" / "checks")
    (exercises / "hints").symlink_to(ROOT / "exercises" / "hints")
    source = (ROOT / "solutions" / "vanilla_rnn.py").read_text("utf-8")
    wrong = source.replace("def rnn_forward(", 'print("::error::owned")\n\n\ndef rnn_forward(', 1)
    wrong = wrong.replace("np.tanh(", "np.sin(")
    (exercises / "vanilla_rnn.py").write_text(wrong, "utf-8")
    summary = tmp_path / "summary.md"
    command = ["-m", "grader", "check", "vanilla_rnn", "--github", "--junit", "checks.xml"]
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(summary)},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    commands = obeyed(done.stdout)
    assert commands
    assert all(one.startswith("::error file=exercises/vanilla_rnn.py") for one in commands)
    assert "## Public checks" in summary.read_text("utf-8")
    assert int(ET.parse(tmp_path / "checks.xml").getroot().get("failures", 0)) > 0


def test_watching_writes_no_reports() -> None:
    """The loop never ends, so there is no time to write them."""
    command = [sys.executable, "-m", "grader", "check", "--watch", "--github"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--watch never ends" in done.stderr
