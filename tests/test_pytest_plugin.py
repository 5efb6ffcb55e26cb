"""What a hidden grader is written with, inside our session and in plain pytest."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.calls import Signature
from grader.gradients import Gradient
from grader.model import Criterion
from grader.pytest_plugin import criterion_of, gradients_of, picture, points, signatures_of
from tests.helpers import NAME, ROOT, SOLUTION, edited


class Item:
    """As much of a pytest item as `criterion_of` reads."""

    def __init__(self, function: Callable[..., Any], mark: pytest.MarkDecorator | None) -> None:
        self.name = function.__name__
        self.function = function
        self._mark = mark

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Look up the mark of this name."""
        return self._mark.mark if self._mark and self._mark.name == name else None


def read(function: Callable[..., Any], mark: pytest.MarkDecorator | None) -> Criterion | None:
    """Read the criterion a function with this mark stands for."""
    item: Any = Item(function, mark)
    return criterion_of(item)


@pytest.fixture(autouse=True)
def _marks_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the mark of the plugin known to the session that runs these tests."""
    monkeypatch.setattr(pytest.mark, "_markers", pytest.mark._markers | {"points", "picture"})


def test_shapes() -> None:
    """Returns   Hout (T, B, H)
    and a cache
    """  # noqa: D205, D400, D415  as a rubric may have it


def test_without_a_sentence() -> None:
    pass


def plain() -> None:
    """Stand for a function that is no test."""


for _sample in (test_shapes, test_without_a_sentence):
    _sample.__test__ = False  # type: ignore[attr-defined]  # read by the tests, not run


def test_a_function_without_points_is_no_criterion() -> None:
    """A picture has a mark of its own, no `points`, and is worth nothing."""

    @picture
    def picture_time() -> None: ...

    (mark,) = vars(picture_time)["pytestmark"]
    assert mark.name == "picture"
    assert read(test_shapes, None) is None
    assert read(test_shapes, pytest.mark.picture) is None


def test_a_missing_docstring_is_an_empty_title() -> None:
    """The session refuses it; reading it does not fail."""
    assert read(test_without_a_sentence, points(1)) == Criterion(
        id="without_a_sentence", title="", points=1
    )


def test_a_criterion_is_read_from_its_function() -> None:
    """The id is the name without `test_`, the title the docstring in one line."""
    found = read(test_shapes, points(3))
    assert found == Criterion(id="shapes", title="Returns Hout (T, B, H) and a cache", points=3)


NEEDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "nothing": ((), ()),
    "one criterion": (test_shapes, ("shapes",)),
    "two criteria": ((test_shapes, test_without_a_sentence), ("shapes", "without_a_sentence")),
    "only the beginning of a name is cut": (plain, ("plain",)),
}


@pytest.mark.parametrize(("needs", "ids"), NEEDS.values(), ids=NEEDS)
def test_needs_are_ids_of_criteria(needs: Any, ids: tuple[str, ...]) -> None:
    """Needed tests are named as criteria are."""
    found = read(test_shapes, points(1, needs=needs))
    assert found is not None
    assert found.needs == ids


def test_a_criterion_may_stay_undiagnosed() -> None:
    """What takes seconds says so beside its points; everything else is diagnosed."""
    found = read(test_shapes, points(2, diagnosed=False)), read(test_shapes, points(2))
    assert [criterion.diagnosed for criterion in found if criterion] == [False, True]


def test_gradients_are_read_from_gradients() -> None:
    """`GRADIENTS` says which forward a backward belongs to; without it there are none."""
    gradient = Gradient(of="f", given="dy cache", values=("values",))

    class Module:
        GRADIENTS = {"df": gradient}  # noqa: RUF012

    assert gradients_of(Module) == {"df": gradient}
    assert gradients_of(object()) == {}


def test_signatures_are_read_from_returns() -> None:
    """`RETURNS` names what each function returns; without it there are no functions."""

    class Module:
        RETURNS = {"f": "h *cache"}  # noqa: RUF012

    assert signatures_of(Module) == {"f": Signature(("h", "cache"), frozenset({1}))}
    assert signatures_of(object()) == {}


# --- plain pytest ---------------------------------------------------------------------


def run_python(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python as an author would, without our own pytest around it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def graded(*arguments: str, only: str) -> subprocess.CompletedProcess[str]:
    """Grade with plain pytest; only the criteria that `-k` selects."""
    grader = f"grader/hidden/test_{NAME}.py"
    return run_python(
        "-m", "pytest", "-q", "-p", "grader.pytest_plugin", grader, "-k", only, *arguments
    )


def test_plain_pytest_grades_one_file(tmp_path: Path) -> None:
    """With `--submission FILE` a wrong file loses its criterion, and only that, with a reason."""
    path = tmp_path / f"{NAME}.py"
    path.write_text(edited(("+= forget_bias", "-= forget_bias")), "utf-8")
    done = graded("--submission", str(path), only="forget_bias or init_weights or pack_gates")
    assert done.returncode == 1, done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "Lost: the bias of f is -3, expected 3" in done.stdout
    assert "test_forget_bias" in done.stdout


def test_plain_pytest_grades_a_folder(tmp_path: Path) -> None:
    """A folder is a submission here too; what is in it besides has no effect."""
    (tmp_path / f"{NAME}.py").write_text(SOLUTION, "utf-8")
    (tmp_path / "conftest.py").write_text("raise SystemExit(99)", "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    done = graded("--submission", str(tmp_path), only="test_sigmoid")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_plain_pytest_grades_the_reference_by_default() -> None:
    """Without a submission the author sees the solution pass."""
    done = graded(only="forward_cell")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_engine_can_be_imported_by_tests_with_strict_markers(tmp_path: Path) -> None:
    """Importing the grader in somebody's test suite asks nothing of its configuration."""
    (tmp_path / "test_it.py").write_text(
        "import grader.grade\n\ndef test_nothing(): pass\n", "utf-8"
    )
    done = run_python(
        "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
