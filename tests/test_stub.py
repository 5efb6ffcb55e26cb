"""Stubs are solutions with holes; a stub is recognised as one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import AuthoringError
from grader.stub import is_stub, make_stub, written_anew
from tests.helpers import NAME, ROOT, SOLUTION

BEGIN, END = "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"
INSTEAD = "    ### STUB\n"
SOURCE = (
    f'def f(x):\n    """Do."""\n{BEGIN}    return x\n{END}'
    f"\n\ndef g(x):\n{BEGIN}    return 2 * x\n{END}"
)
STUB = make_stub(SOURCE, "e.py")
HEAD = "# Fill in the holes of e.py; keep the names.\n"

UNPAIRED = {
    "a block inside a block names both lines": (
        f"{BEGIN}x = 1\n{BEGIN}{END}{END}",
        r"^solutions/e\.py:3: BEGIN SOLUTION inside the block of line 1$",
    ),
    "an end without a beginning names its line": (
        f"x = 1\n{END}",
        r"^solutions/e\.py:2: END SOLUTION without a BEGIN SOLUTION above it$",
    ),
    "a second end names its line": (
        f"{BEGIN}{END}{END}",
        r"^solutions/e\.py:3: END SOLUTION without a BEGIN SOLUTION above it$",
    ),
    "a stub outside a block names its line": (
        f"x = 1\n{INSTEAD}",
        r"^solutions/e\.py:2: STUB without a BEGIN SOLUTION of its own above it$",
    ),
    "a second stub in a block names its line": (
        f"{BEGIN}{INSTEAD}{INSTEAD}{END}",
        r"^solutions/e\.py:3: STUB without a BEGIN SOLUTION of its own above it$",
    ),
    "code below a stub names its line": (
        f"{BEGIN}    return x\n{INSTEAD}    return 2\n{END}",
        r"^solutions/e\.py:4: below STUB stand comments, which become the stub's lines$",
    ),
    "a block left open names where it began": (
        f"x = 1\n\n{BEGIN}y = 2\n",
        r"^solutions/e\.py:3: BEGIN SOLUTION is never closed; add END SOLUTION$",
    ),
}


@pytest.mark.parametrize(("source", "says"), UNPAIRED.values(), ids=UNPAIRED)
def test_markers_that_do_not_pair_are_refused(source: str, says: str) -> None:
    """Nested and unpaired markers raise, with file, line and what is wrong."""
    with pytest.raises(AuthoringError, match=says):
        make_stub(source, "e.py")


def test_a_stub_is_the_solution_with_holes() -> None:
    """Every marked block becomes a hole that names its function; the rest stays."""
    assert STUB == HEAD + (
        'def f(x):\n    """Do."""\n    # YOUR CODE HERE\n    raise NotImplementedError("f")\n'
        '\n\ndef g(x):\n    # YOUR CODE HERE\n    raise NotImplementedError("g")\n'
    )


@pytest.mark.parametrize("indent", ["", "  ", "        ", "\t"])
def test_the_hole_stands_at_the_indentation_of_its_marker(indent: str) -> None:
    """Both lines of a hole are indented like the line BEGIN SOLUTION is on."""
    source = f"def f():\n{indent}### BEGIN SOLUTION\n{indent}pass\n{indent}### END SOLUTION\n"
    hole = f'{indent}# YOUR CODE HERE\n{indent}raise NotImplementedError("f")\n'
    assert make_stub(source, "e.py") == f"{HEAD}def f():\n{hole}"


MEND = "# Mend what is broken in e.py; keep the names.\n"
BROKEN = (
    f"def f(x):\n{BEGIN}    return x\n{INSTEAD}"
    f"    # if x:\n    #     return -x\n    #\n    # return 0\n{END}"
)


def test_a_block_may_show_a_text_of_its_own_instead_of_a_hole() -> None:
    """What stands as comments below STUB is the stub's code; what is right is gone."""
    stub = make_stub(BROKEN, "e.py")
    assert stub == f"{MEND}def f(x):\n    if x:\n        return -x\n\n    return 0\n"
    names: dict[str, Any] = {}
    exec(stub, names)
    assert (names["f"](3), names["f"](0)) == (-3, 0)


def test_a_block_may_show_nothing_at_all() -> None:
    """A line that students have to add leaves no trace."""
    source = f"def f(x):\n{BEGIN}    x += 1\n{INSTEAD}{END}    return x\n"
    assert make_stub(source, "e.py") == f"{MEND}def f(x):\n    return x\n"


def test_a_file_with_holes_and_texts_asks_for_the_holes() -> None:
    """Where something is to be written, the first line of the stub says so."""
    stub = make_stub(BROKEN + SOURCE, "e.py")
    assert stub.startswith(HEAD)
    assert stub.count("YOUR CODE HERE") == 2


def test_a_broken_text_that_was_not_touched_is_not_started() -> None:
    """It is recognised like any stub; one mended line makes it the student's own."""
    stub = make_stub(BROKEN, "e.py")
    assert is_stub(f"# Ada\n{stub}", stub)
    assert not is_stub(stub.replace("-x", "x"), stub)


GIVEN = make_stub(
    f'def f(x):\n    """Do."""\n    y = 2 * x\n{BEGIN}    y += 1\n{INSTEAD}    # y -= 1\n{END}'
    "    z = y / 2\n    return z\n\n\ndef g(x):\n    y = x\n    return y\n",
    "e.py",
)
ANEW = {
    "nothing was changed": (GIVEN, []),
    "one line was mended": (GIVEN.replace("y -= 1", "y += 1"), []),
    "a helper was added": (f"import numpy\n\ndef half(y):\n    return y / 2\n\n{GIVEN}", []),
    "all lines but the docstring are other ones": (
        GIVEN.partition("    y = 2")[0] + "    return (2 * x + 1) / 2\n", ["f"],
    ),
    "a function is not there any more": ("def f(x):\n    return x\n", ["f"]),
    "both are other ones": ("def g(x):\n    return x\ndef f(x):\n    return g(x)\n", ["f", "g"]),
    "the file was emptied": ("", []),
}  # fmt: skip


@pytest.mark.parametrize(("source", "names"), ANEW.values(), ids=ANEW)
def test_functions_written_anew_are_found(source: str, names: list[str]) -> None:
    """Less than half of the lines that were given are left."""
    assert written_anew(source, GIVEN) == names


def test_nothing_is_written_anew_where_there_was_a_hole() -> None:
    """A hole is there to be filled."""
    assert written_anew("def f(x):\n    return 2\n", STUB) == []


def test_functions_inside_a_block_do_not_name_a_hole() -> None:
    """A hole is named after the function it is in, not after a helper that was cut away."""
    source = f"def f():\n{BEGIN}    def helper(): pass\n{END}\n    y = 1\n{BEGIN}{END}"
    assert make_stub(source, "e.py").count('NotImplementedError("f")') == 2
    assert "helper" not in make_stub(source, "e.py")


def test_a_source_without_markers_only_gains_its_header() -> None:
    """Nothing is cut from a file that marks nothing."""
    assert make_stub("x = 1\n", "e.py") == HEAD + "x = 1\n"


def test_words_that_only_look_like_markers_stay() -> None:
    """A marker is a line of its own; a sentence about one is not."""
    source = "x = 1  ### BEGIN SOLUTION\n# see ### END SOLUTION\n"
    assert make_stub(source, "e.py") == HEAD + source


lines = st.lists(st.sampled_from(["x = 1\n", "\n", "    # why\n", "def f(y):\n"]), max_size=6)


@given(st.lists(st.tuples(lines, lines), max_size=3), lines)
def test_a_stub_holds_all_that_is_unmarked_and_nothing_that_is_marked(
    parts: list[tuple[list[str], list[str]]], last: list[str]
) -> None:
    """Whatever stands between blocks is kept in order; whatever is in them is gone."""
    source = "".join("".join(out) + BEGIN + "SECRET\n" + "".join(cut) + END for out, cut in parts)
    stub = make_stub(source + "".join(last), "e.py")
    kept = [line for line in stub.splitlines(keepends=True)[1:]
            if "YOUR CODE HERE" not in line and "NotImplementedError" not in line]  # fmt: skip
    assert kept == [line for out, _ in parts for line in out] + last
    assert "SECRET" not in stub
    assert stub.count("YOUR CODE HERE") == len(parts)


def test_the_released_stub_is_cut_from_the_solution() -> None:
    """The stub students get is the one this cutter makes, and it compiles."""
    stub = make_stub(SOLUTION, f"{NAME}.py")
    assert (ROOT / "exercises" / f"{NAME}.py").read_text("utf-8") == stub
    compile(stub, "stub", "exec")
    assert "np.vstack" not in stub


STARTED = {
    "a hole was filled": STUB.replace('raise NotImplementedError("f")', "return x"),
    "a line was added": STUB + "print(f(1))\n",
    "a line was taken out": STUB.replace('    raise NotImplementedError("g")\n', ""),
    "a comment was put after a line": STUB.replace("def f(x):", "def f(x):  # mine"),
    "a name was changed": STUB.replace("def g(x)", "def g(y)"),
    "a docstring was changed": STUB.replace("Do.", "Done."),
    "lines were swapped": STUB.replace('("f")', "(_)").replace('("g")', '("f")')
    .replace("(_)", '("g")'),
    "blanks inside a line were changed": STUB.replace("def f(x)", "def f( x )"),
    "a line lost its indentation": STUB.replace('    raise NotImplementedError("f")',
                                                'raise NotImplementedError("f")'),
    "the file was emptied": "",
}  # fmt: skip


@pytest.mark.parametrize("source", STARTED.values(), ids=STARTED)
def test_an_edited_stub_is_started(source: str) -> None:
    """Any change to a line of code makes a file the student's own."""
    assert source != STUB
    assert not is_stub(source, STUB)


def test_a_sharp_inside_a_line_makes_no_comment() -> None:
    """Only a line that begins with # is a comment; code and strings may hold one."""
    assert not is_stub("x = '#1'\n", "x = '#2'\n")
    assert not is_stub("x = 1  # one\n", "x = 2  # one\n")


UNTOUCHED = {
    "the very same text": STUB,
    "a name as a comment on top": f"# Ada Lovelace, group 3\n#\n{STUB}",
    "an indented comment": STUB.replace("    raise", "    # later\n    raise", 1),
    "without its comments": "".join(
        line for line in STUB.splitlines(keepends=True) if not line.lstrip().startswith("#")
    ),
    "more empty lines": STUB.replace("\n", "\n\n"),
    "no empty lines": STUB.replace("\n\n\n", "\n"),
    "blanks at the ends of lines": STUB.replace("\n", "  \t\n"),
    "line ends of Windows": STUB.replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + STUB,
    "no newline at the end": STUB.rstrip("\n"),
}


@pytest.mark.parametrize("source", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_stub_that_only_looks_different_is_not_started(source: str) -> None:
    """Comments, empty lines, line ends and a byte order mark do not count."""
    assert is_stub(source, STUB)
