"""Later exercises import earlier files of the student's: what becomes of what those lack."""

import contextlib
import textwrap
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from grader.beside import tool
from grader.calls import Callback, Made, Raised, Signature, Trouble
from grader.expect import Untried
from grader.model import CELL_MARK
from grader.sandbox.server import Sandbox
from grader.sandbox.student import Limits, Student, StudentError
from tests.sandboxes import LIMITED, WAYS, opened

PATIENT = Limits(load=20.0, request=20.0)
BRIEF = Limits(load=0.4, request=0.4)
RETURNS = {"f": "y", "through": "y", "own": "y", "g": "y", "forward": "y *cache", "backward": "d"}

LATER = """
from early import g
import early

def f(x): return g(x) + 1
def through(x): return early.g(x)
def own(x): return 2 * x
"""
EARLY = "def g(x): return 10 * x\n"
WITH_CACHE = "from early import forward\ndef backward(d, cache): return d * cache[0]\n"
FORWARD = "def forward(x): return x, [x]\n"


@pytest.fixture(name="fork", scope="module")
def _fork() -> Iterator[Sandbox]:
    with opened(LIMITED) as sandbox:
        yield sandbox


@contextlib.contextmanager
def later(
    sandbox: Sandbox,
    early: str | None,
    source: str = LATER,
    *,
    limits: Limits = PATIENT,
    others: Mapping[str, str] | None = None,
    needs: tuple[str, ...] = ("early",),
) -> Iterator[Student]:
    """Hand in `work.py`, which needs `early.py`."""
    sources = {"work": textwrap.dedent(source), **(others or {})}
    if early is not None:
        sources["early"] = early
    signatures = {name: Signature.parse(text) for name, text in RETURNS.items()}
    student = Student(sandbox, "work", sources, signatures, limits=limits, needs=needs)
    try:
        yield student
    finally:
        student.close()


def trouble_of(student: Student, function: str, *args: object) -> StudentError:
    """Ask for what cannot be answered."""
    with pytest.raises(StudentError) as caught:
        getattr(student, function)(*args)
    return caught.value


# --- what is wanting -------------------------------------------------------------------

NO_FILE = "there is no early.py in your submission"
LACKS = "it asks for something that your early.py does not have"
WANTING: dict[str, tuple[str | None, str]] = {
    "is missing": (None, NO_FILE),
    "does not compile": (
        "def g(x:\n",
        "early.py cannot be imported: SyntaxError: '(' was never closed (line 1: `def g(x:`)",
    ),
    "raises": (
        "x = 1\n1 / x - 1 / 0\n" + EARLY,
        "early.py cannot be imported: ZeroDivisionError: division by zero "
        "(line 2: `1 / x - 1 / 0`)",
    ),
    "ends Python, politely": (
        "import sys\nsys.exit('bye')\n" + EARLY,
        "early.py cannot be imported: SystemExit: bye (line 2: `sys.exit('bye')`)",
    ),
    "imports what is not there": (
        "import nowhere\n" + EARLY,
        "early.py cannot be imported: ModuleNotFoundError: No module named 'nowhere' "
        "(line 1: `import nowhere`)",
    ),
    "imports a library that is refused": (
        "import torch\n" + EARLY,
        "early.py cannot be imported: ImportError: torch is not allowed here: "
        "this course is written in pure NumPy (line 1: `import torch`)",
    ),
    "is a notebook that raises": (
        f"{CELL_MARK}1\nx = 1\n{CELL_MARK}2\n\n1 / 0\n" + EARLY,
        "early.ipynb cannot be imported: ZeroDivisionError: division by zero "
        "(cell 2, line 2: `1 / 0`)",
    ),
    "has another function": ("def h(x): return x\n", LACKS),
    "is empty": ("", LACKS),
}


@pytest.mark.parametrize(("early", "says"), WANTING.values(), ids=WANTING)
def test_what_an_earlier_file_lacks_is_told_where_it_is_called(
    early: str | None, says: str, fork: Sandbox
) -> None:
    """Functions that need it say what is wrong with it; functions that do not, work."""
    with later(fork, early) as student:
        for function in ("f", "through", "g"):
            error = trouble_of(student, function, 2.0)
            assert error.trouble is Trouble.NEEDED
            assert str(error) == f"`{function}` needs your earlier work: {says}"
        assert student.own(2.0).y == 4.0
    assert [call.seen for call in student.calls[:3]] == [Raised(trouble=Trouble.NEEDED)] * 3


@pytest.mark.parametrize("way", WAYS)
def test_an_earlier_file_that_is_there_is_simply_there(way: str) -> None:
    """Its functions can be called by the later file, and asked for themselves."""
    with opened(way) as sandbox, later(sandbox, EARLY) as student:
        assert [getattr(student, name)(2.0).y for name in ("f", "through", "g", "own")] == [
            21.0, 20.0, 20.0, 4.0,
        ]  # fmt: skip


def test_what_stands_above_an_error_is_there(fork: Sandbox) -> None:
    """A file that fails at its end still gives what it defined before."""
    with later(fork, EARLY + "1 / 0\n") as student:
        assert student.f(2.0).y == 21.0
        assert student.g(2.0).y == 20.0


STUB = "def g(x):\n    # YOUR CODE HERE\n    raise NotImplementedError('g')\n"


def test_a_stub_of_an_earlier_exercise_is_named(fork: Sandbox) -> None:
    """A hole in an earlier file is work to be done there, not here."""
    with later(fork, STUB) as student:
        for function in ("f", "through", "g"):
            error = trouble_of(student, function, 2.0)
            assert error.trouble is Trouble.NEEDED
            assert str(error) == (
                f"`{function}` needs `g` of your early.py, which is not written yet"
            )
        assert student.own(2.0).y == 4.0


def test_a_stub_of_the_exercise_itself_is_not_started(fork: Sandbox) -> None:
    """One's own hole is one's own, also beside a whole earlier file."""
    source = LATER + "def f(x):\n    raise NotImplementedError('f')\n"
    with later(fork, EARLY, source) as student:
        error = trouble_of(student, "f", 2.0)
        assert (error.trouble, str(error)) == (Trouble.NOT_WRITTEN, "`f` is not written yet")


def test_a_stub_that_an_earlier_file_has_written_is_ones_own(fork: Sandbox) -> None:
    """A hole in the later file is not the earlier file's, whatever its name."""
    source = "def g(x):\n    raise NotImplementedError('g')\n"
    with later(fork, EARLY, source) as student:
        error = trouble_of(student, "g", 2.0)
        assert (error.trouble, str(error)) == (Trouble.NOT_WRITTEN, "`g` is not written yet")


def test_the_later_files_own_function_is_the_one_that_counts(fork: Sandbox) -> None:
    """Who writes a function again is asked for the new one."""
    with later(fork, EARLY, LATER + "def g(x): return -x\n") as student:
        assert student.g(2.0).y == -2.0
        assert student.f(2.0).y == -1.0
        assert student.through(2.0).y == 20.0


def test_a_function_missing_in_the_later_file_is_missing(fork: Sandbox) -> None:
    """With whole earlier files a function that is not there is not needed, but missing."""
    with later(fork, EARLY, "from early import g\n") as student:
        error = trouble_of(student, "own", 2.0)
    assert (error.trouble, str(error)) == (Trouble.MISSING, "work.py has no function `own`")


def test_earlier_files_may_need_earlier_ones(fork: Sandbox) -> None:
    """What is missing two files back is told by the name of that file."""
    others = {"early": "from first import one\ndef g(x): return one(x)\n"}
    needs = ("first", "early")
    with later(fork, None, others=others, needs=needs) as student:
        error = trouble_of(student, "f", 2.0)
        assert error.trouble is Trouble.NEEDED
        assert str(error) == (
            "`f` needs your earlier work: there is no first.py in your submission"
        )
        assert student.own(1.0).y == 2.0
    others["first"] = "def one(x): return 7 * x\n"
    with later(fork, None, others=others, needs=needs) as student:
        assert student.f(2.0).y == 15.0


def test_a_file_that_is_no_exercise_is_not_made_up(fork: Sandbox) -> None:
    """Only what the course needs is stood in for; a helper that is missing breaks the file."""
    with later(fork, EARLY, "import helper\n" + LATER) as student:
        error = trouble_of(student, "own", 2.0)
    assert (error.trouble, error.name) == (Trouble.RAISED, "ModuleNotFoundError")


def test_a_module_is_asked_politely_for_what_every_module_has(fork: Sandbox) -> None:
    """Names such as __version__ are not there, as in any other module."""
    source = LATER + "def f(x): return hasattr(early, '__version__')\n"
    with later(fork, EARLY, source) as student:
        assert student.f(1.0).y is False


def test_a_student_may_do_without(fork: Sandbox) -> None:
    """Code that expects the failure, and goes on, is judged by what it returns."""
    source = """
        from early import g
        def f(x):
            try:
                return g(x)
            except Exception:
                return 0.0
        """
    with later(fork, None, source) as student:
        assert student.f(2.0).y == 0.0


def test_what_is_needed_at_import_is_told_as_needed(fork: Sandbox) -> None:
    """A file that calls the earlier one while it is imported says that it needs it."""
    with later(fork, None, LATER + "print(g(1.0))\n") as student:
        error = trouble_of(student, "own", 2.0)
    assert "early.py" in str(error)


AT_IMPORT = {"loops": "while True: pass\n", "ends Python": "import os\nos._exit(0)\n"}


@pytest.mark.parametrize("early", AT_IMPORT.values(), ids=AT_IMPORT)
def test_an_earlier_file_that_stops_everything_is_an_import_that_failed(
    early: str, fork: Sandbox
) -> None:
    """It is cut, and told as an import; nothing hangs."""
    with later(fork, early, limits=BRIEF) as student:
        error = trouble_of(student, "own", 2.0)
    assert error.trouble in {Trouble.LATE, Trouble.DIED}
    assert str(error).startswith("importing ")


@pytest.mark.xfail(strict=True, reason="the later file is named instead")
@pytest.mark.parametrize("early", AT_IMPORT.values(), ids=AT_IMPORT)
def test_an_earlier_file_that_stops_everything_is_named(early: str, fork: Sandbox) -> None:
    """The student is sent to the file with the loop in it."""
    with later(fork, early, limits=BRIEF) as student:
        error = trouble_of(student, "own", 2.0)
    assert "early.py" in str(error)


# --- a cache that cannot be made -------------------------------------------------------

CACHE = Made(function="forward", args=(2.0,), kwargs={}, position=1)
UNMADE: dict[str, tuple[str | None, Trouble, str]] = {
    "no file": (None, Trouble.NEEDED, f"`backward` needs your earlier work: {NO_FILE}"),
    "a stub": (
        "def forward(x):\n    raise NotImplementedError('forward')\n", Trouble.NEEDED,
        "`backward` needs `forward` of your early.py, which is not written yet",
    ),
    "a value without a cache": (
        "def forward(x): return x\n", Trouble.FORM,
        "`forward` should return y, cache, and `backward` needs the last of it",
    ),
    "too few values": (
        "def forward(x): return (x,)\n", Trouble.FORM,
        "`forward` should return y, cache, and `backward` needs the last of it",
    ),
    "nothing": (
        "def forward(x): pass\n", Trouble.FORM,
        "`forward` should return y, cache, and `backward` needs the last of it",
    ),
    "an exception": (
        "def forward(x):\n    raise ValueError(x)\n", Trouble.RAISED,
        "`backward` raised ValueError (line 2: `raise ValueError(x)`)",
    ),
    "a cache of None": (
        "def forward(x): return x, None\n", Trouble.RAISED,
        "`backward` raised TypeError (line 2: `def backward(d, cache): return d * cache[0]`)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("early", "trouble", "says"), UNMADE.values(), ids=UNMADE)
def test_a_cache_that_cannot_be_made_says_why(
    early: str | None, trouble: Trouble, says: str, fork: Sandbox
) -> None:
    """The backward cannot be asked; whose fault that is, is told."""
    with later(fork, early, WITH_CACHE) as student:
        for ask in (
            lambda: student.backward(1.0, CACHE),
            lambda: student.sweep("backward", [np.ones(2), CACHE], [0], 0.1, ["d"]),
        ):
            with pytest.raises(StudentError) as caught:
                ask()
            assert (caught.value.trouble, str(caught.value)) == (trouble, says)


def test_a_cache_of_an_earlier_file_is_made_anew(fork: Sandbox) -> None:
    """The forward of the earlier file runs first, and its cache is the student's own."""
    with later(fork, FORWARD, WITH_CACHE) as student:
        made = student.forward(2.0).cache
        assert isinstance(made, Made)
        assert student.backward(3.0, made).d == 6.0
        assert student.backward(3.0, CACHE).d == 6.0


# --- hostile code ----------------------------------------------------------------------

CATCH = (
    "import early\ntry:\n    early.nope()\nexcept Exception as error:\n    Needed = type(error)\n"
)
HOSTILE: dict[str, str] = {
    "a file of its own choice": "raise Needed('a secret')",
    "a number": "raise Needed(3)",
    "a text that cannot be had": (
        "class Own(Needed):\n        def __str__(self): raise ValueError\n    raise Own('early')"
    ),
    "a text that says something": (
        "class Own(Needed):\n        def __str__(self): return 'a secret'\n    raise Own('early')"
    ),
    "a very long text": "raise Needed('early' * 10 ** 6)",
    "half a character": "raise Needed('\\ud800')",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_needed_is_one_of_the_courses_files(body: str, fork: Sandbox) -> None:
    """Code that raises what stands for a missing file cannot make us repeat its words."""
    source = CATCH + f"def f(x):\n    {body}\ndef own(x): return 2 * x\n"
    with later(fork, EARLY, source) as student:
        error = trouble_of(student, "f", 0.125)
        assert "secret" not in f"{error} {error.name}"
        assert len(str(error)) < 300
        assert student.own(2.0).y == 4.0


# --- what is asked beside -----------------------------------------------------------------


TOOLS = {
    "written": ("def double(f): return 2.0 * f()\n", 6.0),
    "a stub": ("def double(f):\n    raise NotImplementedError('double')\n", None),
    "not there": (None, None),
    "broken": ("def double(f:\n", None),
    "another function": ("def halve(f): return 0.5 * f()\n", None),
}


@pytest.mark.parametrize(("source", "answer"), TOOLS.values(), ids=TOOLS)
def test_a_tool_of_another_exercise_is_asked_where_it_is_written(
    source: str | None, answer: float | None
) -> None:
    """It may call the exercise's own function; where it is not written, nothing is tried."""
    sources = {"work": "def three(): return 3.0\n"} | ({"tools": source} if source else {})
    signatures = {name: Signature.parse("y") for name in ("three", "double", "missing")}
    own = Callback(source="def f(): return three()\n", name="f", uses=("three",))
    with opened(LIMITED) as sandbox:
        student = Student(sandbox, "work", sources, signatures, beside=["tools"])
        try:
            if answer is None:
                with pytest.raises(Untried, match="not written yet"):
                    tool(student.double, own)
            else:
                assert tool(student.double, own).y == answer
            assert student.three().y == 3.0
            with pytest.raises(StudentError, match=r"^work\.py has no function `missing`$"):
                student.missing()
        finally:
            student.close()


def test_a_tool_that_fails_is_told() -> None:
    """It is written, and wrong."""
    sources = {"work": "", "tools": "def double(f): return 1 / 0\n"}
    with opened(LIMITED) as sandbox:
        student = Student(sandbox, "work", sources, {"double": Signature.parse("y")},
                          beside=["tools"])  # fmt: skip
        try:
            with pytest.raises(StudentError, match="ZeroDivisionError"):
                tool(student.double, 1)
        finally:
            student.close()
