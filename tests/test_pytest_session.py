"""Rubrics are collected once, run again and again, and disturbed by nothing."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import pytest_plugin, pytest_session
from grader.errors import AuthoringError
from grader.model import Criterion
from grader.reference import Reference
from grader.seeds import Seeds
from tests.helpers import NAME, ROOT

RUBRIC = '''
import numpy as np
from grader.model import BlockMap
from grader.pytest_plugin import picture, points

RETURNS = {"f": "y *cache"}

@points(2)
def test_first(student, rng):
    """The first
    line"""
    raise ValueError(f"{student} {rng.random()}")

@points(1, needs=test_first)
def test_second(reference, seed):
    """The second line"""
    raise KeyError(seed)

@points(0, needs=(test_first, test_second))
def test_third():
    """The third line"""

@picture
def picture_good(student):
    return BlockMap(title=str(student), caption="", row_label="", column_label="",
                    rows=(), columns=(), values=())

@picture
def picture_broken():
    raise ZeroDivisionError

@picture
def picture_of_nothing():
    return None
'''


NUMBERS = itertools.count()


def written(folder: Path, source: str, name: str = "") -> Path:
    """Write a rubric, under a name no other has: one test below says why."""
    path = folder / (name or f"test_it_{next(NUMBERS)}.py")
    path.write_text(source, "utf-8")
    return path


def current(student: object = "ada", seed: int = 1) -> pytest_plugin.Current:
    """Say who is graded."""
    asked: Any = student
    return pytest_plugin.Current("it", asked, Reference({}, {}), Seeds(seed=seed))


def opened(*paths: Path) -> dict[Path, pytest_session.Rubric]:
    """Open a session, take its rubrics, close it."""
    session = pytest_session.RubricSession(paths)
    try:
        return session.rubrics()
    finally:
        session.close()


@pytest.fixture
def rubric(tmp_path: Path) -> Iterator[pytest_session.Rubric]:
    """Keep a session with the sample rubric open."""
    path = written(tmp_path, RUBRIC)
    session = pytest_session.RubricSession([path])
    yield session.rubrics()[path]
    session.close()


# --- rubrics that are no rubrics ------------------------------------------------------

HEAD = "from grader.pytest_plugin import points\n"
BROKEN = {
    "an empty file": ("", "no test with @points in it"),
    "a file without criteria": ("import numpy", "no test with @points in it"),
    "a criterion without a docstring": (
        HEAD + "@points(1)\ndef test_a(): pass",
        "test_a has no docstring; it is the line in the report",
    ),
    "a criterion with an empty docstring": (
        HEAD + "@points(1)\ndef test_a():\n    '''  '''",
        "test_a has no docstring; it is the line in the report",
    ),
    "a criterion that needs no criterion": (
        HEAD + "def test_b(): pass\n@points(1, needs=test_b)\ndef test_a():\n    'A'",
        "test_b has neither @points nor @picture",
    ),
    "a criterion that needs one below it": (
        HEAD + "def late(): pass\nlate.__name__ = 'test_b'\n"
        "@points(1, needs=late)\ndef test_a():\n    'A'\n@points(1)\ndef test_b():\n    'B'",
        "test_a needs b, which is not above it",
    ),
    "an example of a function nobody returns": (
        HEAD + "EXAMPLES = {'f': None}\n@points(1)\ndef test_a():\n    'A'",
        "EXAMPLES names f, which RETURNS does not",
    ),
    "a missing example of no criterion": (
        HEAD + "NO_EXAMPLE = {'b': 'why'}\n@points(1)\ndef test_a():\n    'A'",
        "NO_EXAMPLE names b, which is no criterion",
    ),
    "a file that does not compile": (HEAD + "def test_a(:", "SyntaxError"),
    "a file that cannot be imported": (HEAD + "import nowhere_at_all", "nowhere_at_all"),
}


@pytest.mark.parametrize(("source", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rubric_is_its_authors_turn(tmp_path: Path, source: str, says: str) -> None:
    """What is wrong with a hidden grader is said with its path."""
    path = written(tmp_path, source)
    with pytest.raises(AuthoringError) as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_a_rubric_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing hidden grader is the author's turn."""
    with pytest.raises(AuthoringError, match=r"test_no\.py: no such grader$"):
        opened(tmp_path / "test_no.py")


def test_two_files_of_one_name_are_two_rubrics(tmp_path: Path) -> None:
    """The public checks and the hidden grader of an exercise have one name; each is its own."""
    titles = []
    for folder in ("checks", "hidden"):
        (tmp_path / folder).mkdir()
        source = HEAD + f"@points(1)\ndef test_a():\n    'From {folder}'\n"
        path = written(tmp_path / folder, source, "test_same_name.py")
        titles += [criterion.title for criterion in opened(path)[path].criteria]
    assert titles == ["From checks", "From hidden"]


def test_a_rubric_that_was_edited_is_read_again(tmp_path: Path) -> None:
    """A new session reads the file as it is now."""
    path = written(tmp_path, HEAD + "@points(1)\ndef test_a():\n    'Before'\n")
    assert [criterion.title for criterion in opened(path)[path].criteria] == ["Before"]
    path.write_text(HEAD + "@points(1)\ndef test_a():\n    'Afterwards'\n", "utf-8")
    assert [criterion.title for criterion in opened(path)[path].criteria] == ["Afterwards"]


# --- reading --------------------------------------------------------------------------


def test_a_rubric_reads_like_a_rubric(rubric: pytest_session.Rubric) -> None:
    """Ids, titles, points and needs come from the file, in its order; pictures are none."""
    assert rubric.criteria == (
        Criterion(id="first", title="The first line", points=2),
        Criterion(id="second", title="The second line", points=1, needs=("first",)),
        Criterion(id="third", title="The third line", points=0, needs=("first", "second")),
    )
    assert set(rubric.signatures) == {"f"}
    assert rubric.signatures["f"].names == ("y", "cache")


def test_several_rubrics_share_a_session(tmp_path: Path) -> None:
    """Criteria of the same name in two files are two criteria."""
    one = written(tmp_path, RUBRIC, "test_one.py")
    two = written(tmp_path, HEAD + "@points(9)\ndef test_first():\n    'Other'", "test_two.py")
    rubrics = opened(one, two)
    assert list(rubrics) == [one, two]
    assert [criterion.points for criterion in rubrics[one].criteria] == [2, 1, 0]
    assert [criterion.title for criterion in rubrics[two].criteria] == ["Other"]


def test_the_courses_own_rubric_is_read() -> None:
    """The hidden grader of lstm_forward has its criteria and its pictures."""
    path = ROOT / "grader" / "hidden" / f"test_{NAME}.py"
    rubric = opened(path)[path]
    assert rubric.criteria[0].id == "sigmoid"
    assert {"sigmoid", "lstm_gates", "lstm_forward"} <= set(rubric.signatures)


# --- running --------------------------------------------------------------------------


def test_a_criterion_returns_what_it_raised(rubric: pytest_session.Rubric) -> None:
    """A lost criterion is its exception, a passed one is None."""
    assert isinstance(rubric.run("first", current()), ValueError)
    assert isinstance(rubric.run("second", current()), KeyError)
    assert rubric.run("third", current()) is None


def test_items_run_again_and_again_give_the_same(rubric: pytest_session.Rubric) -> None:
    """Inputs depend on seed and criterion alone, not on what ran before."""
    first = repr(rubric.run("first", current()))
    second = repr(rubric.run("second", current()))
    for _ in range(20):
        assert repr(rubric.run("first", current())) == first
        assert repr(rubric.run("second", current())) == second
    assert repr(rubric.run("first", current(seed=2))) != first
    assert repr(rubric.run("second", current(seed=2))) != second


def test_every_run_has_its_own_student(rubric: pytest_session.Rubric) -> None:
    """Nothing of one student is left for the next."""
    said = [str(rubric.run("first", current(name))) for name in ("ada", "bo", "ada")]
    assert [text.split()[0] for text in said] == ["ada", "bo", "ada"]
    assert said[0] == said[2]


def test_a_new_session_gives_the_same_numbers(tmp_path: Path) -> None:
    """A grading that is started again asks the same questions."""
    path = written(tmp_path, RUBRIC)
    said = []
    for _ in range(2):
        session = pytest_session.RubricSession([path])
        said.append(str(session.rubrics()[path].run("first", current())))
        session.close()
    assert said[0] == said[1]


def test_pictures_that_can_be_made_are_made(rubric: pytest_session.Rubric) -> None:
    """A picture that raises, or is none, is left out and breaks nothing."""
    for _ in range(2):
        assert [picture.title for picture in rubric.pictures(current("ada"))] == ["ada"]


ENDS = {
    "leaves Python": "raise SystemExit(3)",
    "skips itself": "import pytest; pytest.skip('no')",
    "fails by pytest": "import pytest; pytest.fail('no')",
    "leaves pytest": "import pytest; pytest.exit('no')",
    "asserts": "assert 1 == 2",
    "recurses": "def f(): f()\n    f()",
}


@pytest.mark.parametrize("body", ENDS.values(), ids=ENDS)
def test_whatever_a_criterion_does_the_next_one_runs(tmp_path: Path, body: str) -> None:
    """An end of any kind is returned, and the session goes on."""
    source = (
        HEAD + f"@points(1)\ndef test_a():\n    'A'\n    {body}\n@points(1)\ndef test_b():\n    'B'"
    )
    path = written(tmp_path, source)
    session = pytest_session.RubricSession([path])
    rubric = session.rubrics()[path]
    assert rubric.run("a", current()) is not None
    assert rubric.run("b", current()) is None
    assert rubric.run("a", current()) is not None
    session.close()


FIXTURES = (
    HEAD
    + """
import pytest

@pytest.fixture
def probe(rng, student):
    made = [student, rng.random()]
    yield made
    made.append("torn down")

SEEN = []

@points(1)
def test_probe(probe, student, seed):
    'It has a fixture of its own'
    SEEN.append(probe)
    assert probe[0] == student
    raise ValueError(f"{probe} {seed}")
"""
)


def test_a_rubric_may_have_fixtures_of_its_own(tmp_path: Path) -> None:
    """They are set up and torn down anew for each run, with the numbers of the criterion."""
    path = written(tmp_path, FIXTURES)
    session = pytest_session.RubricSession([path])
    rubric = session.rubrics()[path]
    said = [str(rubric.run("probe", current(name))) for name in ("ada", "bo", "ada")]
    assert said[0] == said[2] != said[1]
    assert said[0].startswith("['ada', ")
    assert "torn down" not in said[2]
    items: Any = rubric._items
    seen = items["probe"].module.SEEN
    assert [probe[0] for probe in seen] == ["ada", "bo", "ada"]
    assert all(probe[2:] == ["torn down"] for probe in seen)
    session.close()


# --- what lies around -----------------------------------------------------------------

MISCHIEF = "raise SystemExit('run')\n"
SURROUNDINGS: dict[str, dict[str, str]] = {
    "conftest.py": {"conftest.py": MISCHIEF},
    "a conftest.py that passes everything": {
        "conftest.py": "import pytest\n@pytest.fixture\ndef student(): return 'forged'\n"
        "def pytest_collection_modifyitems(items): items.clear()\n",
    },
    "pytest.ini": {"pytest.ini": "[pytest]\naddopts = --no-such-option\npython_functions = x\n"},
    "pyproject.toml": {
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--collect-only']\n"
    },
    "tox.ini and setup.cfg": {
        "tox.ini": "[pytest]\naddopts = -k nothing\n",
        "setup.cfg": "[tool:pytest]\naddopts = -k nothing\n",
    },
    "a module named like ours": {"grader.py": MISCHIEF, "numpy.py": MISCHIEF},
    "a module that Python looks for": {"sitecustomize.py": MISCHIEF, "usercustomize.py": MISCHIEF},
}


@pytest.mark.parametrize("files", SURROUNDINGS.values(), ids=SURROUNDINGS)
@pytest.mark.parametrize("place", ["beside the rubric", "above the rubric", "where we stand"])
def test_files_around_have_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], place: str
) -> None:
    """Configuration that was handed in, or lies about, configures nothing."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "cwd").mkdir()
    folders = {"beside the rubric": "hidden", "above the rubric": "", "where we stand": "cwd"}
    folder = tmp_path / folders[place]
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path / "cwd")
    path = written(tmp_path / "hidden", RUBRIC)
    session = pytest_session.RubricSession([path])
    rubric = session.rubrics()[path]
    assert [criterion.id for criterion in rubric.criteria] == ["first", "second", "third"]
    assert str(rubric.run("first", current("ada"))).startswith("ada ")
    session.close()


VARIABLES = {
    "PYTEST_ADDOPTS": "--no-such-option",
    "PYTEST_PLUGINS": "no_such_plugin",
    "PYTEST_DEBUG": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
}


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_around_have_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Variables of pytest's own are kept out while a session opens, and put back."""
    monkeypatch.setenv(name, VARIABLES[name])
    path = written(tmp_path, RUBRIC)
    assert len(opened(path)[path].criteria) == 3
    assert os.environ[name] == VARIABLES[name]


def test_variables_come_back_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rubric that cannot be opened changes no environment."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    with pytest.raises(AuthoringError):
        opened(written(tmp_path, ""))
    assert os.environ["PYTEST_ADDOPTS"] == "-x"
