"""What can be done with this repository: `nox -l` is the table of contents.

`nox` alone runs what CI runs. Commands after `--` go to the command itself:
`nox -s grade -- path/to/submissions --results out`.
"""

import nox

nox.needs_version = ">=2025.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests", "nbgrader"]

PYTHONS = ["3.11", "3.12", "3.13"]
GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"]


def command(session: nox.Session, name: str, *defaults: str) -> None:
    """Install the grader and run one of its commands."""
    session.install("-e", ".")
    session.run("python", "-m", "grader", name, *(session.posargs or defaults))


@nox.session
def grade(session: nox.Session) -> None:
    """Grade submissions and write feedback pages (default: the sample class)."""
    command(session, "grade")


@nox.session
def feedback(session: nox.Session) -> None:
    """Render the pages of a results folder again (default: results)."""
    command(session, "feedback", "results")


@nox.session
def diff(session: nox.Session) -> None:
    """Tell who gained and who lost between two results folders, and why."""
    command(session, "diff")


@nox.session
def marks(session: nox.Session) -> None:
    """Work out the marks of a term from results, course.toml and roster."""
    command(session, "marks", "results")


@nox.session(default=False)
def export(session: nox.Session) -> None:
    """Hand marks to a gradebook or a platform: `-- canvas results --sheet FILE --to FILE`."""
    command(session, "export")


@nox.session(default=False)
def forget(session: nox.Session) -> None:
    """Remove every trace of one student from a results folder."""
    command(session, "forget")


@nox.session(default=False)
def new(session: nox.Session) -> None:
    """Lay out a new exercise, which says what it lacks."""
    command(session, "new")


@nox.session
def check(session: nox.Session) -> None:
    """For students: run the public checks on exercises/."""
    command(session, "check")


@nox.session
def hint(session: nox.Session) -> None:
    """For students: the next hint about an exercise."""
    command(session, "hint")


@nox.session
def progress(session: nox.Session) -> None:
    """For students: the course as a map."""
    command(session, "progress")


@nox.session
def reset(session: nox.Session) -> None:
    """For students: an exercise as it was; what was written is kept."""
    command(session, "reset")


@nox.session
def release(session: nox.Session) -> None:
    """Write what students get (default: dist/carousel.zip)."""
    command(session, "release", "--to", "dist", "--format", "zip")


@nox.session
def course(session: nox.Session) -> None:
    """Let the course prove itself: stubs, references, every known bug."""
    command(session, "course")


@nox.session
def isolation(session: nox.Session) -> None:
    """Attack ourselves; print what is blocked on this machine."""
    command(session, "isolation")


@nox.session
def sync(session: nox.Session) -> None:
    """Write the generated files: stubs and tables."""
    command(session, "sync")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests."""
    session.install("-e", ".", *GROUPS["test"])
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def nbgrader(session: nox.Session) -> None:
    """Run nbgrader itself on what we write for it."""
    session.install("-e", ".[nbgrader]", *GROUPS["test"], *GROUPS["nbgrader"])
    session.run("python", "-m", "pytest", "tests/nbgrader", *session.posargs)


@nox.session(default=False)
def gradescope(session: nox.Session) -> None:
    """Build the autograder zip and run it in a root laid out like Gradescope's."""
    session.install("-e", ".", *GROUPS["test"])
    session.run("python", "-m", "pytest", "tests/test_gradescope.py", *session.posargs)


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """Run the tests on every supported Python that is installed."""
    tests(session)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and the layers of imports."""
    session.install("-e", ".", *GROUPS["lint"], *GROUPS["layers"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    session.install("-e", ".", *GROUPS["test"], *GROUPS["types"])
    session.run("mypy")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the overhead of grading against the bare numeric work."""
    session.install("-e", ".")
    session.run("python", "benchmarks/overhead.py", *session.posargs)


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Put small mistakes into the solutions; find what no hidden grader notices."""
    session.install("-e", ".", *GROUPS["mutants"])
    session.run("python", "benchmarks/mutants.py", *session.posargs)
