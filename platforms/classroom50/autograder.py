"""Grades one submission of Classroom 50: the checkout it is started in, to ./result.json there.

The runner fetches this file and what lies beside it afresh for every run, and starts
it in the student's checkout. Exit 0: it ran to the end; whatever else happened,
the runner says so. Needs Python 3.11 and its standard library only; what else is
needed is installed into an environment of its own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE = HERE / "carousel"
ENDINGS = (".py", ".ipynb", ".npz")
LONGEST = 500
FOREIGN = ("GITHUB_", "ACTIONS_", "GH_", "RUNNER_")


def main() -> int:
    """Grade, and write result.json; return an exit code."""
    checkout = Path.cwd()
    settings = json.loads((HERE / "settings.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="carousel-") as name:
        work = Path(name)
        python = environment(work / "venv")
        if settings["hidden"]:
            graded_in_secret(python, work, checkout, settings)
        else:
            data = result(checked(python, work, checkout, settings), checkout)
            (checkout / "result.json").write_text(json.dumps(data, indent=1), "utf-8")
    print("carousel: result.json is written")
    return 0


def environment(folder: Path) -> str:
    """Make a Python that has what the grader needs, unless CAROUSEL_PYTHON is one."""
    if ready := os.environ.get("CAROUSEL_PYTHON"):
        return ready
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)
    return python


def checked(python: str, work: Path, checkout: Path, settings: dict) -> dict:
    """Run the public checks on a copy; return their report."""
    course, report = work / "carousel", work / "report.json"
    shutil.copytree(COURSE, course)
    for name in settings["exercises"]:
        for path in files_of(name, checkout):
            shutil.copyfile(path, course / "exercises" / path.name)
    quietly(
        [python, "-m", "grader", "check", *settings["exercises"], "--json", str(report)], course
    )
    (found,) = json.loads(report.read_text("utf-8"))
    return found


def files_of(name: str, checkout: Path) -> list[Path]:
    """Find a student's files of one exercise: of each kind the outermost."""
    found = {}
    for path in sorted(checkout.rglob(f"{name}.*"), key=lambda path: (len(path.parts), path)):
        inside = path.relative_to(checkout).parts
        plain = path.is_file() and not path.is_symlink() and path.suffix in ENDINGS
        if plain and path.stem == name and not any(part.startswith(".") for part in inside):
            found.setdefault(path.suffix, path)
    if ".py" in found:  # the checks read one of the two
        found.pop(".ipynb", None)
    return list(found.values())


def graded_in_secret(python: str, work: Path, checkout: Path, settings: dict) -> None:
    """Grade with the hidden graders that were packed, and have the marks written."""
    owner = re.sub(
        r"[^A-Za-z0-9_-]", "-", os.environ.get("OWNER") or os.environ.get("USERNAME", "")
    )
    student = work / "submissions" / (owner or "student")
    shutil.copytree(checkout, student, symlinks=True, ignore=shutil.ignore_patterns(".*"))
    times = work / "times.csv"
    times.write_text(
        f"id,submitted\n{student.name},{committed(checkout):%Y-%m-%dT%H:%M:%S+00:00}\n"
    )
    results = work / "results"
    chosen = ["--assignment", settings["assignment"]] if settings["assignment"] else []
    key = HERE / "private.key"
    more = {"CAROUSEL_KEY_FILE": str(key)} if key.exists() else {}
    seed = ["--seed", str(settings["seed"]), "--times", str(times), "--no-pages"]
    grade = ["grade", str(student), "--single", "--results", str(results), *seed, *chosen]
    quietly([python, "-m", "grader", *grade], COURSE, more, must=True)
    target = checkout / "result.json"
    export = ["export", "classroom50", str(results), "--to", str(target), *chosen]
    quietly([python, "-m", "grader", *export], COURSE, must=True)
    data = json.loads(target.read_text("utf-8"))
    data["datetime"] = f"{committed(checkout):%Y-%m-%dT%H:%M:%SZ}"
    target.write_text(json.dumps(data, indent=1), "utf-8")


def quietly(command: list, folder: Path, more: dict | None = None, *, must: bool = False) -> None:
    """Run a command of the grader; print nothing of it, since what it says may be a student's."""
    # tokens of the run are not the grader's business
    variables = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    variables |= {"PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, check=False)
    if must and done.returncode:
        sys.exit(f"carousel: {command[3]} ended with {done.returncode}")


def committed(checkout: Path) -> datetime:
    """Tell when the commit was made; now, if there is no history."""
    asked = ["git", "-C", str(checkout), "log", "-1", "--format=%cI"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True)
        return datetime.fromisoformat(done.stdout.strip()).astimezone(UTC)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return datetime.now(UTC)


def result(report: dict, checkout: Path) -> dict:
    """Turn a report of the public checks into result.json: a point for every check."""
    tests = []
    for exercise in report["exercises"]:
        for line in exercise["criteria"]:
            passed = line["outcome"] == "passed"
            tests.append(
                {
                    "test-name": f"{exercise['name']}: {line['title'] or line['id']}",
                    "passed": passed,
                    "score": int(passed),
                    "max-score": 1,
                    "message": " ".join(line["message"].split())[:LONGEST],
                }
            )
        if not exercise["criteria"]:
            message = " ".join(exercise["message"].split())[:LONGEST]
            one = {"test-name": exercise["name"], "passed": False, "score": 0, "max-score": 1}
            tests.append({**one, "message": message})
    values = os.environ
    return {
        "schema": "classroom50/result/v1",
        "classroom": values["CLASSROOM"],
        "assignment": values["ASSIGNMENT"],
        "assignment_type": values.get("ASSIGNMENT_TYPE") or "individual",
        "owner": values.get("OWNER") or values["USERNAME"],
        "submission": values["SUBMISSION_TAG"],
        "commit": values["COMMIT_URL"],
        "release": values["RELEASE_URL"],
        "review": values.get("REVIEW_URL") or values["COMMIT_URL"],
        "datetime": f"{committed(checkout):%Y-%m-%dT%H:%M:%SZ}",
        "score": sum(one["score"] for one in tests),
        "max-score": sum(one["max-score"] for one in tests),
        "tests": tests,
    }


if __name__ == "__main__":
    sys.exit(main())
