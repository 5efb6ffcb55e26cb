"""Reading a course from its folder, and what is said of a broken one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader.catalogue import Bug
from grader.course import Course
from grader.errors import AuthoringError, UsageError
from tests.helpers import NAME, ROOT, SOLUTION, changed, copied_course
from tests.toys import toy_course

COURSE = """
name = "A course"
sample = "class"

[[exercises]]
name = "one"
title = "One"
does = "the first"
points = { a = 1, b = 0 }

[[exercises]]
name = "two"
title = "Two"
does = "the second"
points = {}
"""

BROKEN = {
    "no TOML": ('name = "A course"', "name = ", "Invalid value"),
    "a key twice": ('name = "A course"', 'name = "A"\nname = "B"', "Cannot overwrite a value"),
    "no name": ('name = "A course"\n', "", "missing required field `name`$"),
    "no title": (
        'title = "One"\n', "", r"missing required field `title` - at `\$\.exercises\[0\]`$",
    ),
    "no points": (
        "points = {}\n", "", r"missing required field `points` - at `\$\.exercises\[1\]`$",
    ),
    "no exercises": (COURSE[COURSE.index("[[") :], "", "missing required field `exercises`$"),
    "a number for a name": ('"A course"', "3", r"Expected `str`, got `int` - at `\$\.name`$"),
    "a text for points": ("a = 1", 'a = "1"', "Expected `int`, got `str`"),
    "half a point": ("a = 1", "a = 1.5", "Expected `int`, got `float`"),
    "a list for points": ("points = {}", "points = [1]", "Expected `object`, got `array`"),
    "points below zero": ("a = 1", "a = -1", "one: points below zero: a$"),
    "an exercise listed twice": ('name = "two"', 'name = "one"', "an exercise is listed twice$"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_course_is_its_authors_turn(tmp_path: Path, old: str, new: str, says: str) -> None:
    """What is wrong with course.toml is said after the path of the file."""
    assert COURSE.count(old) == 1
    path = tmp_path / "course.toml"
    path.write_text(COURSE.replace(old, new), "utf-8")
    with pytest.raises(AuthoringError, match=says) as caught:
        Course.load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_course_in_another_encoding_is_its_authors_turn(tmp_path: Path) -> None:
    """A file that is no UTF-8 is named like any other that cannot be read."""
    path = tmp_path / "course.toml"
    path.write_bytes(COURSE.replace("One", "Überblick").encode("latin-1"))
    with pytest.raises(AuthoringError) as caught:
        Course.load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_folder_without_a_course_is_the_users_turn(tmp_path: Path) -> None:
    """Without course.toml the remedy is named."""
    with pytest.raises(UsageError) as caught:
        Course.load(tmp_path)
    path = tmp_path / "course.toml"
    remedy = "run in the folder of the course, or give --course DIR"
    assert str(caught.value) == f"{path}: no course here; {remedy}"


def test_a_course_is_read_in_its_own_order(tmp_path: Path) -> None:
    """Names, titles, points and the sample come from the file; zero points are allowed."""
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    course = Course.load(tmp_path)
    assert course.names == ("one", "two")
    assert course.name == "A course"
    assert course.exercises["one"].points == {"a": 1, "b": 0}
    assert course.exercises["two"].title == "Two"
    assert course.sample == tmp_path / "class"


def test_a_course_need_not_have_a_sample(tmp_path: Path) -> None:
    """Without `sample` there is none."""
    (tmp_path / "course.toml").write_text(COURSE.replace('sample = "class"\n', ""), "utf-8")
    assert Course.load(tmp_path).sample is None


# --- the files of a course ------------------------------------------------------------


def test_a_solution_that_is_missing_is_named(tmp_path: Path) -> None:
    """A listed exercise without its solution is the author's turn."""
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    course = Course.load(tmp_path)
    path = tmp_path / "solutions" / "one.py"
    with pytest.raises(AuthoringError) as caught:
        course.source("one")
    assert (
        str(caught.value) == f"{path}: cannot read the solution of one: No such file or directory"
    )


def test_without_solutions_the_stub_that_was_given_out_is_read(tmp_path: Path) -> None:
    """A student's copy keeps the stubs apart; without one, no file counts as untouched."""
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    course = Course.load(tmp_path)
    assert course.stub("one") == ""
    kept = tmp_path / "exercises" / ".stubs" / "one.py"
    kept.parent.mkdir(parents=True)
    kept.write_text("stub of one", "utf-8")
    (tmp_path / "exercises" / "one.py").write_text("edited", "utf-8")
    assert course.stub("one") == "stub of one"


def test_a_stub_is_cut_from_the_solution_if_there_is_one(tmp_path: Path) -> None:
    """The solution is the single source; a stale stub is not read."""
    course = copied_course(tmp_path)
    course.stub_path(NAME).write_text("stale", "utf-8")
    assert "YOUR CODE HERE" in course.stub(NAME)
    assert "np.vstack" not in course.stub(NAME)
    assert course.stubs()[NAME] == course.stub(NAME)


def test_a_solution_is_read_once(tmp_path: Path) -> None:
    """One grading sees one solution, even while its author saves another."""
    course = copied_course(tmp_path)
    assert course.source(NAME) == SOLUTION
    course.solution(NAME).write_text("changed", "utf-8")
    assert course.source(NAME) == SOLUTION
    assert Course.load(tmp_path).source(NAME) == "changed"


def test_functions_are_those_of_the_solution_or_of_a_patched_one() -> None:
    """A bug changes what the functions do."""
    course = Course.load(ROOT)
    bug = Bug(id="b", old="+= forget_bias", new="-= forget_bias", caught_by="c", says="s")
    for functions, sign in ((course.functions(NAME), 1), (course.functions(NAME, bug), -1)):
        W = functions["init_lstm"](2, 3, np.random.default_rng(0))
        assert W[0, 3] == 3.0 * sign


def test_a_course_without_a_catalogue_has_no_bugs(tmp_path: Path) -> None:
    """The bug file is not needed to grade."""
    (tmp_path / "course.toml").write_text(COURSE, "utf-8")
    assert Course.load(tmp_path).bugs("one") == ()


def test_a_convention_names_its_adapter() -> None:
    """The adapter of a bug is looked up in the file of its row."""
    course = Course.load(ROOT)
    adapted = [bug for bug in course.bugs(NAME) if bug.adapter]
    assert adapted
    assert [course.adapter(NAME, bug).__name__ for bug in adapted] == [b.adapter for b in adapted]


def touch(path: str) -> Callable[[Course], None]:
    """Append a comment to a file of the course."""

    def change(course: Course) -> None:
        with (course.root / path).open("ab") as file:
            file.write(b"\n# changed\n")

    return change


DECIDES = {
    "the solution": f"solutions/{NAME}.py",
    "the hidden grader": f"grader/hidden/test_{NAME}.py",
    "the bug catalogue": f"grader/bugs/{NAME}.py",
    "the witness": f"grader/hidden/witness/{NAME}.npz",
}


@pytest.mark.parametrize("path", DECIDES.values(), ids=DECIDES)
def test_whatever_decides_the_grading_changes_its_digest(tmp_path: Path, path: str) -> None:
    """A result that was made with another file is not taken for a current one."""
    course = copied_course(tmp_path)
    before = course.grader_digest(NAME)
    touch(path)(course)
    assert course.grader_digest(NAME) != before


def test_points_and_files_that_decide_nothing_leave_the_digest(tmp_path: Path) -> None:
    """Other points, a stub or a handout: nothing has to be graded again."""
    course = copied_course(tmp_path)
    before = course.grader_digest(NAME)
    touch(f"exercises/{NAME}.py")(course)
    assert course.grader_digest(NAME) == before
    changed(tmp_path / "course.toml", "\ngates = 3\n", "\ngates = 4\n")
    assert Course.load(tmp_path).grader_digest(NAME) == before
    changed(
        tmp_path / "course.toml", "\n[exercises.points]", "\nfigures = true\n[exercises.points]"
    )
    assert Course.load(tmp_path).grader_digest(NAME) != before


def test_who_imports_a_file_that_draws_needs_matplotlib_too(tmp_path: Path) -> None:
    """`late` imports `early`; both get workers with matplotlib once `early` draws."""
    toy_course(tmp_path)
    course = Course.load(tmp_path)
    assert [name for name in course.names if course.draws(name)] == ["drawn"]
    before = course.grader_digest("late")
    changed(tmp_path / "course.toml", 'does = "the forward"', 'does = "it"\nfigures = true')
    course = Course.load(tmp_path)
    assert [name for name in course.names if course.draws(name)] == ["early", "late", "drawn"]
    assert course.grader_digest("late") != before
