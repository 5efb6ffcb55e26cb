from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course
from grader.report.alike import NEAR
from grader.sketch import likeness, sketch
from tests.helpers import NAME, ROOT, SOLUTION

STUB = Course.load(ROOT).stub(NAME)
STYLES = sorted((ROOT / "tests" / "submissions" / "styles").glob(f"*/{NAME}.py"))


def alike(one: str, other: str, stub: str = STUB) -> float:
    return float(likeness([sketch(one, stub), sketch(other, stub)])[0, 1])


SAME = {
    "comments": SOLUTION.replace("\n", "  # mine\n"),
    "layout": SOLUTION.replace("    ", "\t").replace(" = ", "="),
    "names": SOLUTION.replace("c_prev", "old").replace("sigmoid", "squash"),
    "quotes": SOLUTION.replace('"""', "'''"),
    "line ends": SOLUTION.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_what_changes_no_program_changes_no_likeness(other: str) -> None:
    """Comments, layout, names and strings do not count."""
    assert other != SOLUTION
    assert alike(SOLUTION, other) == 1


def test_a_copy_with_some_edits_is_still_near() -> None:
    """A changed line costs what it says, not more."""
    changed = "c = np.add(f * c_prev, np.multiply(i, g), dtype=float)"
    other = SOLUTION.replace("c = f * c_prev + i * g", changed)
    assert other != SOLUTION
    assert NEAR < alike(SOLUTION, other) < 1


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.parent.name)
def test_right_answers_of_different_hands_are_not_near(path: Path) -> None:
    """The same equations, written independently."""
    assert alike(SOLUTION, path.read_text("utf-8")) < NEAR / 1.5


def test_order_of_functions_matters_little() -> None:
    """Whoever moves functions about has written the same ones."""
    head, *functions = SOLUTION.split("\n\n\n")
    assert alike(SOLUTION, "\n\n\n".join([head, *functions[::-1]])) > NEAR


@pytest.mark.parametrize("text", ["", "x = 1\n", STUB], ids=["nothing", "a line", "the stub"])
def test_where_little_is_left_there_is_no_sketch(text: str) -> None:
    """Short programs are all alike."""
    assert not sketch(text, STUB)


@given(st.text(), st.text(max_size=20).map(lambda text: text * 500))
def test_any_text_can_be_sketched(one: str, other: str) -> None:
    """What is no Python, too: a sketch is empty or that of a program like itself."""
    for text in (one, other):
        made = sketch(text)
        assert likeness([made, made])[0, 1] == bool(made)


@pytest.mark.parametrize("text", ["", "!", "AAAA", "\ud800", "é"])
def test_what_is_no_sketch_is_like_nothing(text: str) -> None:
    """Reports may be damaged or of another time."""
    assert likeness([text, sketch(SOLUTION), text]).tolist()[0] == [0, 0, 0]
