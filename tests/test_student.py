"""The proxy that rubrics call: what it makes of whatever a worker does."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.calls import ABSENT, Callback, Raised, Returned, Signature, Trouble
from grader.sandbox import protocol
from grader.sandbox.channel import Channel, DeadlineExceeded, WorkerGone
from grader.sandbox.server import Exit, Sandbox, Worker
from grader.sandbox.student import Limits, Student, StudentError
from tests.sandboxes import FAST, LAW, LIMITED, WAYS, Counting, opened, submission

PATIENCE = 10.0  # no accident may take longer than this, whatever the machine


@pytest.fixture(name="sandbox", scope="module", params=WAYS)
def _sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with opened(request.param) as sandbox:
        yield sandbox


@pytest.fixture(name="fork", scope="module")
def _fork() -> Iterator[Sandbox]:
    with opened(LIMITED) as sandbox:
        yield sandbox


def trouble_of(call: Callable[[], object]) -> StudentError:
    """Take the error a call is answered with, and see that it comes in time."""
    started = time.monotonic()
    with pytest.raises(StudentError) as caught:
        call()
    assert time.monotonic() - started < PATIENCE
    return caught.value


# --- importing ----------------------------------------------------------------

#: What Python said, and of which line.
UNLOADABLE: dict[str, tuple[str, str]] = {
    "a syntax error": ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax (line 2: `def f(:`)"),
    "a library that is not there": (
        "import nowhere\n",
        "ModuleNotFoundError: No module named 'nowhere' (line 1: `import nowhere`)",
    ),
    "a forbidden library": (
        "import torch\n",
        (
            "ImportError: torch is not allowed here: this course is written in pure NumPy"
            " (line 1: `import torch`)"
        ),
    ),
    "an exception of its own": (
        "class Oops(Exception): pass\nraise Oops('no')\n",
        "Exception: no (line 2: `raise Oops('no')`)",
    ),
    "sys.exit": (
        "import sys; sys.exit('bye')\n",
        "SystemExit: bye (line 1: `import sys; sys.exit('bye')`)",
    ),
}


@pytest.mark.parametrize("what", UNLOADABLE)
def test_file_that_cannot_be_imported_is_explained(what: str, sandbox: Sandbox) -> None:
    """An import that raises says in which file, what, and in which line."""
    source, said = UNLOADABLE[what]
    with submission(sandbox, source) as student:
        error = trouble_of(student.load)
    assert error.trouble is Trouble.RAISED
    assert str(error) == f"work.py cannot be imported: {said}"


def test_a_long_file_is_imported_as_any_other(sandbox: Sandbox) -> None:
    """Megabytes of source, and files beside it, are no trouble of ours."""
    long = "#" * (3 << 20)
    source = f"{long}\nimport other\ndef f(): return other.VALUE\n"
    with submission(sandbox, source, f="y", others={"other": f"VALUE = 1.5\n{long}"}) as student:
        assert student.f().y == 1.5


def test_what_a_later_import_says_is_not_repeated(fork: Sandbox, tmp_path: Path) -> None:
    """The worker before it has seen hidden inputs, and may have left them somewhere."""
    kept = tmp_path / "kept"
    source = f"""
        import os
        if os.path.exists({str(kept)!r}):
            raise ValueError(open({str(kept)!r}).read())
        def f(x):
            open({str(kept)!r}, "w").write(f"seen: {{x}}")
            os._exit(0)
        """
    with submission(fork, source, f="y") as student:
        assert trouble_of(lambda: student.f(0.125)).trouble is Trouble.DIED
        error = trouble_of(lambda: student.f(0.25))
    assert kept.read_text() == "seen: 0.125"
    assert "cannot be imported: ValueError" in str(error)
    assert "seen" not in str(error)
    assert "0.125" not in str(error)


def test_import_that_never_ends_is_cut(sandbox: Sandbox) -> None:
    """A loop at import is cut at the deadline for imports."""
    with submission(sandbox, "while True: pass\n", limits=Limits(load=0.3)) as student:
        error = trouble_of(student.load)
    said = "importing work.py did not end within 0.3 s: is there a loop that never stops?"
    assert (error.trouble, str(error)) == (Trouble.LATE, said)


def test_import_that_ends_python_is_told_as_such(sandbox: Sandbox) -> None:
    """os._exit at import costs the import, and says that Python ended."""
    with submission(sandbox, "import os; os._exit(0)\n") as student:
        error = trouble_of(student.load)
    assert error.trouble is Trouble.DIED
    assert str(error).startswith("importing work.py ended Python itself (os._exit, or a crash)")


def test_error_in_an_imported_file_names_that_file(fork: Sandbox) -> None:
    """The message names the file that is broken, not the one that imports it."""
    with submission(fork, "import gates\n", others={"gates": "\n1 / 0\n"}) as student:
        said = str(trouble_of(student.load)).removeprefix("gates.py cannot be imported: ")
    assert said == "ZeroDivisionError: division by zero (line 2: `1 / 0`)"


# --- calling: nothing to judge ------------------------------------------------

SOURCE = """
import os, sys, ctypes, threading, time, warnings
import numpy as np

class NotImplementedError_(NotImplementedError): pass
class Secret(Exception): pass
class KeyError(Exception): pass

class Evil(Exception):
    def __str__(self):
        while True: pass

def deep(x):
    return list(map(deep, [x]))

def good(x):
    return 2 * x

def pid():
    return os.getpid()

def accident(what, x=None):
    exec(BODIES[what], globals(), {"x": x, "f": f, "Secret": Secret})

def f(x):
    return f(x)

not_a_function = 3
"""

Body = str
LATE, DIED, RAISED, REFUSED = Trouble.LATE, Trouble.DIED, Trouble.RAISED, Trouble.REFUSED

#: After these the worker is gone.
FATAL: dict[str, tuple[Body, Trouble]] = {
    "loops": ("while True: pass", LATE),
    "sleeps": ("time.sleep(60)", LATE),
    "loops and swallows every exception": (
        "while True:\n try:\n  while True: time.sleep(0.01)\n except BaseException: pass",
        LATE,
    ),
    "loops in C, deaf to Python": ("np.convolve(np.ones(400_000), np.ones(400_000))", LATE),
    "waits for a lock": (
        "threading.Lock().__enter__(); k = threading.Lock(); k.acquire(); k.acquire()",
        LATE,
    ),
    "raises something whose text never ends": ("raise Evil", LATE),
    "calls os._exit(0)": ("os._exit(0)", DIED),
    "calls os._exit(1)": ("os._exit(1)", DIED),
    "aborts": ("os.abort()", DIED),
    "reads address 0": ("ctypes.string_at(0)", DIED),
    "closes its pipe": ("os.closerange(3, 64)", DIED),
    "writes garbage into its pipe": ("os.write(4, b'x' * 64)", REFUSED),
    "writes a length of 4 GB into its pipe": ("os.write(4, b'\\xff' * 8)", REFUSED),
    "writes half a frame into its pipe": ("os.write(4, b'\\x40' + bytes(7)); os._exit(0)", DIED),
    "writes half a frame and sleeps": (
        "os.write(4, b'\\x40' + bytes(7)); time.sleep(60)",
        LATE,
    ),
    "floods its pipe": ("while True: os.write(4, bytes(1 << 16))", REFUSED),
}
if sys.version_info < (3, 12):  # later ones stop before the stack does
    FATAL["overflows the C stack"] = ("sys.setrecursionlimit(10**9); deep(1)", DIED)

#: After these the worker goes on.
HARMLESS: dict[str, tuple[Body, str]] = {
    "raises": ("raise ValueError('no')", "ValueError"),
    "raises an exception of its own": ("raise Secret(x)", "Exception"),
    "raises one named like a built-in": ("raise KeyError(x)", "Exception"),
    "calls sys.exit": ("sys.exit(0)", "SystemExit"),
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "recurses for ever": ("f(1)", "RecursionError"),
    "asks for 100 GB": ("np.ones(100 << 30, 'u1')", "MemoryError"),
    "fills its memory": (
        "kept = []\nwhile True: kept.append(np.empty(64 << 20, 'u1'))",
        "MemoryError",
    ),
}

ALL_BODIES = {name: body for name, (body, _) in (FATAL | HARMLESS).items()}
ACCIDENTS = SOURCE + f"\nBODIES = {ALL_BODIES!r}\n"
SIGNATURES = {"good": "y", "pid": "number", "accident": "y", "absent": "y", "not_a_function": "y"}


@pytest.mark.parametrize("what", FATAL)
def test_call_after_a_fatal_accident_gets_a_new_worker(what: str, sandbox: Sandbox) -> None:
    """A call that hangs or crashes costs itself only; the next one works."""
    _, trouble = FATAL[what]
    with submission(sandbox, ACCIDENTS, SIGNATURES) as student:
        before = student.pid().number
        error = trouble_of(lambda: student.accident(what))
        assert error.trouble is trouble
        assert student.good(np.ones(2)).y.tolist() == [2.0, 2.0]
        assert student.pid().number != before
    assert student.calls[1].seen == Raised(trouble=trouble)


@pytest.mark.parametrize("what", HARMLESS)
def test_call_after_an_exception_keeps_the_worker(what: str, sandbox: Sandbox) -> None:
    """An exception is named by its built-in class; the worker goes on."""
    _, name = HARMLESS[what]
    with submission(sandbox, ACCIDENTS, SIGNATURES) as student:
        before = student.pid().number
        error = trouble_of(lambda: student.accident(what))
        assert (error.trouble, error.name) == (Trouble.RAISED, name)
        assert student.good(np.ones(2)).y.tolist() == [2.0, 2.0]
        assert student.pid().number == before
    assert student.calls[1].seen == Raised(trouble=Trouble.RAISED, name=name)


RAISING = """
def outer(x):
    y = 2 * x
    return inner(y)

def inner(y):
    raise ValueError(f"I was given {y}")  # here

class Own(NotImplementedError):
    def __init__(self, text): super().__init__(text)

def later(x):
    raise Own("a secret")
"""


def test_exception_is_told_with_line_and_source_but_without_its_text(sandbox: Sandbox) -> None:
    """A hidden call's exception is told by name, line and the student's own source."""
    with submission(sandbox, RAISING, outer="y") as student:
        error = trouble_of(lambda: student.outer(0.125))
    assert str(error) == (
        '`outer` raised ValueError (line 7: `raise ValueError(f"I was given {y}")  # here`)'
    )


def test_text_of_an_exception_is_told_for_public_inputs(fork: Sandbox) -> None:
    """Where inputs are public, the exception's own text is shown as well."""
    with submission(fork, RAISING, public=True, outer="y") as student:
        error = trouble_of(lambda: student.outer(0.125))
    assert str(error) == (
        "`outer` raised ValueError: I was given 0.25"
        ' (line 7: `raise ValueError(f"I was given {y}")  # here`)'
    )


def test_not_implemented_is_not_written_yet(fork: Sandbox) -> None:
    """NotImplementedError says: not written yet, and nothing else."""
    with submission(fork, RAISING, public=True, later="y") as student:
        error = trouble_of(lambda: student.later(1))
    assert (error.trouble, str(error)) == (Trouble.NOT_WRITTEN, "`later` is not written yet")


@pytest.mark.parametrize("name", ["absent", "not_a_function"])
def test_function_that_is_not_there_is_missing(name: str, fork: Sandbox) -> None:
    """A name that is absent, or no function, is missing; the rest still works."""
    with submission(fork, ACCIDENTS, SIGNATURES) as student:
        error = trouble_of(lambda: getattr(student, name)(1))
        assert (error.trouble, str(error)) == (
            Trouble.MISSING,
            f"work.py has no function `{name}`",
        )
        assert student.good(1).y == 2


def test_data_that_is_not_there_is_missing(fork: Sandbox) -> None:
    """It is this file's own, whatever earlier work is wanting."""
    wanted = {"ANSWERS": Signature.parse("answers")}
    student = Student(fork, "work", {"work": "import early\n"}, wanted, needs=("early",))
    error = trouble_of(student.ANSWERS)
    student.close()
    assert (error.trouble, str(error)) == (Trouble.MISSING, "work.py has no `ANSWERS`")


def test_function_the_rubric_does_not_know_is_the_authors_mistake(fork: Sandbox) -> None:
    """Asking for a function without a signature is an AttributeError of ours."""
    with submission(fork, ACCIDENTS, SIGNATURES) as student, pytest.raises(AttributeError):
        _ = student.unknown


# --- calling: the form of what comes back -------------------------------------

FORMS: dict[str, tuple[str, str, str]] = {
    "nothing": ("None", "Hout cn", "`f` returned nothing (None); it should return 2: Hout, cn"),
    "too many": ("(1, 2, 3)", "Hout cn", "`f` returned 3 values; it should return 2: Hout, cn"),
    "too few": ("(1, 2)", "a b c", "`f` returned 2 values; it should return 3: a, b, c"),
    "a number": ("1.5", "Hout cn", "`f` returned 1 value; it should return 2: Hout, cn"),
    "a dict": (
        "{'Hout': 1, 'cn': 2}",
        "Hout cn",
        "`f` returned 1 value; it should return 2: Hout, cn",
    ),
    "an array": ("np.ones(2)", "Hout cn", "`f` returned 1 value; it should return 2: Hout, cn"),
    "two missing": ("(1,)", "a b *cache", "`f` returned 1 value; it should return 3: a, b, cache"),
}


@pytest.mark.parametrize("what", FORMS)
def test_wrong_form_is_told_with_the_right_one(what: str, fork: Sandbox) -> None:
    """A wrong number of values says how many came and which were expected."""
    value, signature, message = FORMS[what]
    source = f"import numpy as np\ndef f(): return {value}\n"
    with submission(fork, source, f=signature) as student:
        error = trouble_of(student.f)
    assert (error.trouble, str(error)) == (Trouble.FORM, message)


def test_values_are_read_by_name_and_position(sandbox: Sandbox) -> None:
    """A namedtuple, a list and a tuple all give values by name and position."""
    source = """
        from collections import namedtuple
        Pair = namedtuple("Pair", "x y")
        def f(k): return [(1, 2), [1, 2], Pair(1, 2)][k]
        """
    with submission(sandbox, source, f="Hout cn") as student:
        for k in range(3):
            seen = student.f(k)
            assert (seen.Hout, seen["cn"], seen[0], tuple(seen)) == (1, 2, 1, (1, 2))


def test_forgotten_cache_leaves_the_other_values(fork: Sandbox) -> None:
    """Where only the opaque value at the end is missing, the others are judged."""
    with submission(fork, "def f(): return 1, 2\n", f="a b *cache") as student:
        assert tuple(student.f()) == (1, 2, ABSENT)


CACHES: dict[str, str] = {
    "an object": "Cache()",
    "a tuple": "(x, x)",
    "a list of tuples": "[(x, 1), (x, 2)]",
    "a dict": "{'x': x, 0: None}",
    "a function": "lambda: x",
    "an array": "x",
    "an array of objects": "np.array([x, None], dtype=object)",
    "nothing": "None",
}


@pytest.mark.parametrize("form", ["x, *cache", "*cache"])
@pytest.mark.parametrize("what", CACHES)
def test_caches_are_made_anew_and_come_back_intact(what: str, form: str, fork: Sandbox) -> None:
    """Whatever a cache is, a later call gets one from a fresh forward call, untouched."""
    source = f"""
        import numpy as np
        class Cache: pass
        made = []
        def forward(x):
            made.append({CACHES[what]})
            return {"x, made[-1]" if "," in form else "made[-1]"}
        def backward(k, cache):
            fresh = cache is made[-1] and not any(cache is c for c in made[:-1] if c is not None)
            return fresh, len(made)
        """
    names = form.replace(",", "")
    with submission(fork, source, forward=names, backward="fresh calls") as student:
        caches = [student.forward(np.full(2, float(k))).cache for k in range(2)]
        told = [tuple(student.backward(k, cache)) for k, cache in enumerate(caches)]
        assert told == [(True, 3), (True, 4)]


def test_a_consumed_cache_is_there_again_for_the_next_call(fork: Sandbox) -> None:
    """A backward that empties its cache may be called twice with the same one."""
    source = "def forward(x): return x, [x]\ndef backward(cache): return cache.pop()\n"
    with submission(fork, source, forward="x *cache", backward="y") as student:
        cache = student.forward(2.0).cache
        assert [student.backward(cache).y for _ in range(2)] == [2.0, 2.0]


def test_a_forward_that_fails_the_second_time_is_the_students_trouble(fork: Sandbox) -> None:
    """The cache is made anew; if that raises, it is the student's exception."""
    source = (
        "calls = []\ndef forward(x):\n    calls.append(x)\n    return x, 1 / (2 - len(calls))\n"
    )
    with submission(
        fork, source + "def backward(c): return 1\n", forward="x *c", backward="y"
    ) as s:
        cache = s.forward(1.0).c
        with pytest.raises(StudentError, match="ZeroDivisionError .line 4: "):
            s.backward(cache)


def test_numbers_are_passed_on_as_they_are(sandbox: Sandbox) -> None:
    """float32, NaN and infinity arrive unchanged: to judge them is the rubric's."""
    source = """
        import numpy as np
        def f(): return np.ones(2, np.float32), np.array([np.nan, np.inf])
        """
    with submission(sandbox, source, f="a b") as student:
        seen = student.f()
    assert seen.a.dtype == np.float32
    assert np.array_equal(seen.b, [np.nan, np.inf], equal_nan=True)


TOO_MUCH: dict[str, str] = {
    "100 MB": "np.ones(100_000_000, 'u1')",
    "lists nested 50 deep": "nested",
    "a list of 20000 numbers": "[0.0] * 20_000",
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_result_that_cannot_travel_is_refused_with_a_reason(what: str, fork: Sandbox) -> None:
    """A result too large to send is explained, and is no strike."""
    source = f"""
        import os
        import numpy as np
        nested = []
        for _ in range(50): nested = [nested]
        def f(): return {TOO_MUCH[what]}
        def pid(): return os.getpid()
        """
    limits = Limits(request=10.0)
    with submission(fork, source, limits=limits, f="y", pid="y") as student:
        before = student.pid().y
        for _ in range(3):
            error = trouble_of(student.f)
            assert error.trouble is Trouble.REFUSED
            assert "too large" in str(error) or "too deeply" in str(error)
        assert student.pid().y == before


def test_side_effects_are_recorded(fork: Sandbox) -> None:
    """Changed arguments, prints and floating-point warnings are remembered."""
    source = """
        import numpy as np
        def change(x):
            x += 1
            return x
        def say(x):
            print("x =", x)
            return x
        def overflow(x): return np.exp(x)
        """
    signatures = {"change": "y", "say": "y", "overflow": "y"}
    given_array = np.full(2, 1e4)
    with submission(fork, source, signatures, public=True) as student:
        student.change(given_array)
        student.say(1.5)
        assert student.overflow(given_array).warned == {"overflow"}
        assert student.say(1.5).warned == frozenset()
    assert given_array.tolist() == [1e4, 1e4]
    assert student.changed == {"change"}
    assert student.printed == ["x = 1.5\n"] * 2


def test_prints_of_hidden_calls_are_not_repeated(fork: Sandbox) -> None:
    """Of hidden calls only the fact that something was printed is kept."""
    with submission(fork, "def f(x): print(x); return x\n", f="y") as student:
        student.f(0.125)
    assert student.printed == [""]


def test_calls_are_recorded_until_forgotten(fork: Sandbox) -> None:
    """Every call is recorded with its arguments, until `forget`."""
    with submission(fork, "def f(x, y=1): return x / y\n", f="q") as student:
        student.f(1.0, y=2.0)
        trouble_of(lambda: student.f(1.0, y=0))
        first, second = student.calls
        student.forget()
        assert student.calls == []
    assert (first.function, first.args, first.kwargs) == ("f", (1.0,), {"y": 2.0})
    assert first.seen == Returned(names=("q",), values=(0.5,))
    assert second.seen == Raised(trouble=Trouble.RAISED, name="ZeroDivisionError")


UNSENDABLE: dict[str, object] = {
    "a set": {1, 2},
    "an object": object(),
    "a complex number": 1j,
    "an array of complex numbers": np.ones(2, complex),
    "a large integer": 2**70,
    "a list of 20000 numbers": [0.0] * 20_000,
    "a dict with numbers as keys": {1: 2.0},
}


@pytest.mark.parametrize("what", UNSENDABLE)
def test_argument_that_cannot_travel_is_no_fault_of_the_student(what: str, fork: Sandbox) -> None:
    """What a rubric cannot send is the rubric's error, not a criterion lost."""
    with submission(fork, "def f(x): return 1\n", f="y") as student:
        with pytest.raises(Exception) as caught:  # noqa: PT011  which one is free
            student.f(UNSENDABLE[what])
        assert not isinstance(caught.value, StudentError)
        assert student.f(1).y == 1


# --- strikes and the total budget ---------------------------------------------


def test_function_that_was_stopped_twice_is_not_called_again(fork: Sandbox) -> None:
    """After two strikes a function is refused; the others still work."""
    counting = Counting(fork)
    with submission(counting, ACCIDENTS, SIGNATURES) as student:
        for what in ("loops", "calls os._exit(0)"):
            trouble_of(lambda what=what: student.accident(what))  # type: ignore[misc]
        error = trouble_of(lambda: student.accident("raises"))
        assert student.good(1).y == 2
    assert (error.trouble, str(error)) == (
        Trouble.LATE,
        "`accident` had to be stopped before, so it was not called again",
    )
    assert counting.started == 3


def test_exceptions_are_no_strikes(fork: Sandbox) -> None:
    """A function that raises may be called any number of times."""
    with submission(fork, ACCIDENTS, SIGNATURES) as student:
        for _ in range(4):
            assert trouble_of(lambda: student.accident("raises")).name == "ValueError"


def test_total_budget_ends_the_exercise(fork: Sandbox) -> None:
    """When the exercise's time is used up, nothing of it is called again."""
    limits = Limits(load=5.0, request=0.4, total=0.6, strikes=99)
    with submission(fork, ACCIDENTS, SIGNATURES, limits=limits) as student:
        started = time.monotonic()
        errors = [trouble_of(lambda: student.accident("sleeps")) for _ in range(4)]
        assert time.monotonic() - started < 3
        assert trouble_of(lambda: student.good(1)).trouble is Trouble.LATE
    assert str(errors[-1]) == "your code has used up the 0.6 s this exercise may take"


def test_import_that_hangs_is_not_tried_for_ever(fork: Sandbox) -> None:
    """Imports, too, count towards strikes and the exercise's total time."""
    counting = Counting(fork)
    limits = Limits(load=0.2, request=0.2, total=0.5, strikes=2)
    with submission(counting, "while True: pass\n", limits=limits, f="y") as student:
        for _ in range(6):
            assert trouble_of(student.f).trouble is Trouble.LATE
    assert counting.started <= 3


# --- sweeps -------------------------------------------------------------------

SWEPT = """
import numpy as np

def f(X, W, c=None, scale=1.0):
    Y = np.tanh(X @ W) * scale
    if c is not None:
        Y = Y + c
    return Y, Y.sum(), {"cache": Y}

def greedy(X, W, c=None, scale=1.0):
    X *= 2
    W += X.sum()
    if c is not None:
        c *= 3
    return X @ W, float(W.sum()), None
"""


@pytest.mark.parametrize("function", ["f", "greedy"])
def test_sweep_agrees_with_a_loop_of_calls(function: str, sandbox: Sandbox) -> None:
    """A sweep gives bit by bit what single calls give, each on fresh copies."""
    rng = np.random.default_rng(3)
    X, W, c = rng.standard_normal((2, 3)), rng.standard_normal((3, 4)), rng.standard_normal(4)
    delta = 1e-3
    with submission(sandbox, SWEPT, f="Y s *cache", greedy="Y s *cache") as student:
        outputs = ["s", "Y"]
        swept = student.sweep(function, [X, W], [1, 0], delta, outputs, c=c, scale=2.0)
        for k, stacks in zip([1, 0], swept, strict=True):
            for flat in range([X, W][k].size):
                for row, sign in enumerate((delta, -delta)):
                    args = [X.copy(), W.copy()]
                    args[k].reshape(-1)[flat] += sign
                    seen = getattr(student, function)(*args, c=c.copy(), scale=2.0)
                    for stack, name in zip(stacks, outputs, strict=True):
                        assert stack[2 * flat + row].tolist() == np.asarray(seen[name]).tolist()
    assert np.array_equal(X, np.random.default_rng(3).standard_normal((2, 3)))


@pytest.fixture(name="identity", scope="module")
def _identity(fork: Sandbox) -> Iterator[Student]:
    with submission(fork, "def f(X): return X\n", f="y") as student:
        yield student


@LAW
@given(shape=st.lists(st.integers(1, 3), max_size=3), delta=st.floats(1e-8, 1.0))
def test_sweep_has_two_rows_per_entry(identity: Student, shape: list[int], delta: float) -> None:
    """For an argument of n entries a sweep stacks 2n outputs, + before -."""
    X = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    (stack,) = identity.sweep("f", [X], [0], delta, ["y"])[0]
    assert stack.shape == (2 * X.size, *shape)
    for flat in range(X.size):
        assert stack[2 * flat].reshape(-1)[flat] == X.reshape(-1)[flat] + delta
        assert stack[2 * flat + 1].reshape(-1)[flat] == X.reshape(-1)[flat] - delta


ALIASES: dict[str, str] = {
    "its argument itself": "X",
    "a row of its argument": "X[0]",
    "its argument, transposed": "X.T",
    "its argument, written into": "np.multiply(X, 3, out=X)",
    "the same array every time": "np.copyto(KEPT, 2 * X) or KEPT",
    "a number": "float(X[1, 2])",
    "a NumPy number": "X[1, 2]",
}


@pytest.mark.parametrize("what", ALIASES)
def test_sweep_keeps_what_was_returned_not_what_becomes_of_it(what: str, fork: Sandbox) -> None:
    """A function may return a view of its argument, or one array again and again."""
    source = f"""
        import numpy as np
        KEPT = np.zeros((2, 3))
        def f(X): return {ALIASES[what]}
        """
    X = np.arange(6.0).reshape(2, 3) + 1
    with submission(fork, source, f="y") as student:
        (stack,) = student.sweep("f", [X], [0], 0.5, ["y"])[0]
        for row in range(12):
            varied = X.copy()
            varied.reshape(-1)[row // 2] += -0.5 if row % 2 else 0.5
            assert stack[row].tolist() == np.asarray(student.f(varied).y).tolist()


DRIFTS: dict[str, str] = {
    "first integers, then floats": "1 if X[0] == 1.5 else X[0]",
    "first float32, then float64": "X.astype('f4') if X[0] == 1.5 else X",
    "first a scalar, then an array": "X[0] if X[0] == 1.5 else X",
    "first an array, then a scalar": "X if X[0] == 1.5 else X[0]",
    "first two entries, then one": "X if X[0] == 1.5 else X[:1]",
    "first one entry, then two": "X[:1] if X[0] == 1.5 else X",
}


@pytest.mark.parametrize("what", DRIFTS)
def test_sweep_whose_results_change_their_type_is_not_squeezed(what: str, fork: Sandbox) -> None:
    """Results of several types or shapes are never rounded or stretched into the first's."""
    source = f"def f(X): return {DRIFTS[what]}\n"
    with submission(fork, source, f="y") as student:
        try:
            (stack,) = student.sweep("f", [np.array([1.0, 0.1])], [0], 0.5, ["y"])[0]
        except StudentError:
            return
        assert stack[3].tolist() in ([1.0, -0.4], 1.0)


def test_sweep_takes_seeds_and_caches_as_calls_do(fork: Sandbox) -> None:
    """A seed is a new generator, and a handle its object, in every evaluation."""
    source = """
        import numpy as np
        class Cache:
            def __init__(self, x): self.x = x
        def start(x): return x, Cache(x)
        def f(x, rng, cache): return x * rng.standard_normal(2) + cache.x
        """
    with submission(fork, source, start="x *cache", f="y") as student:
        x, cache = np.ones(2), student.start(np.full(2, 5.0)).cache
        seed = protocol.Seed(11)
        (stack,) = student.sweep("f", [x, seed, cache], [0], 0.5, ["y"])[0]
        assert stack[0].tolist() == student.f(np.array([1.5, 1.0]), seed, cache).y.tolist()


IN_DICTS = """
import numpy as np

def f(p, x):
    y = np.tanh(x @ p["W"]) + p["b"]
    return y, {"cache": y}

def greedy(p, x):
    y = x @ p["W"]
    p["W"] *= 0.0
    p["b"] = x
    del p["b"]
    return y, None
"""


@pytest.mark.parametrize("function", ["f", "greedy"])
def test_sweep_goes_into_the_dicts_of_its_arguments(function: str, sandbox: Sandbox) -> None:
    """A position and a key lead to one array of a dict; all else stays as it was."""
    rng = np.random.default_rng(5)
    p = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((1, 2))}
    x, delta = rng.standard_normal((2, 3)), 0.25
    vary: list[int | tuple[int, str]] = (
        [(0, "W"), 1] if function == "greedy" else [(0, "b"), (0, "W")]
    )
    with submission(sandbox, IN_DICTS, f="y *cache", greedy="y *cache") as student:
        swept = student.sweep(function, [p, x], vary, delta, ["y"])
        assert len(swept) == 2
        for path, (stack,) in zip(vary, swept, strict=True):
            size = x.size if path == 1 else p[path[1]].size  # type: ignore[index]
            assert len(stack) == 2 * size
            for row in range(2 * size):
                moved = {key: array.copy() for key, array in p.items()}, x.copy()
                array = moved[1] if path == 1 else moved[0][path[1]]  # type: ignore[index]
                array.reshape(-1)[row // 2] += -delta if row % 2 else delta
                assert stack[row].tolist() == getattr(student, function)(*moved).y.tolist()


REBINDS = {
    "puts another array into a dict": "p['W'] = 2.0 * p['W']; return x @ p['W']",
    "takes an array out of a dict": "W = p.pop('W'); return x @ W",
}


@pytest.mark.parametrize("body", REBINDS.values(), ids=REBINDS)
def test_sweep_hands_out_fresh_dicts(body: str, fork: Sandbox) -> None:
    """What a function does to a dict it is given is gone at the next evaluation, as in calls."""
    p, x, delta = {"W": np.array([[1.0]])}, np.array([[1.0]]), 0.5
    with submission(fork, f"def f(p, x):\n    {body}\n", f="y") as student:
        (in_W,), (in_x,) = student.sweep("f", [p, x], [(0, "W"), 1], delta, ["y"])
        for row, step in enumerate((delta, -delta)):
            assert in_W[row] == student.f({"W": p["W"] + step}, x).y
            assert in_x[row] == student.f(p, x + step).y


def test_warnings_belong_to_the_call_that_made_them(fork: Sandbox) -> None:
    """Of several calls in one request each has its own warnings."""
    source = "import numpy as np\ndef f(x): return np.exp(x)\n"
    cases = [np.array([value]) for value in (1e4, 1.0, 1e4)]
    with submission(fork, source, f="y") as student:
        seen = student.each("f", [((x,), {}) for x in cases])
    assert [set(one.warned) for one in seen] == [{"overflow"}, set(), {"overflow"}]


FORM = (Trouble.FORM, REFUSED)

SWEEP_TROUBLES: dict[str, tuple[str, Trouble | tuple[Trouble, ...]]] = {
    "raises": ("raise ValueError", RAISED),
    "is not written": ("raise NotImplementedError", Trouble.NOT_WRITTEN),
    "loops": ("while True: pass", LATE),
    "exits": ("os._exit(0)", DIED),
    "returns objects": ("return object(), object()", REFUSED),
    "returns objects as arrays": ("return np.array([None]), np.array([None])", REFUSED),
    "returns integers": ("return 1, 1", REFUSED),
    "returns too little": ("return X", FORM),
    "returns nothing": ("return None", FORM),
    "returns other shapes each time": ("return np.ones(np.random.randint(9**9) % 97), 1.0", FORM),
    "returns more than can be sent": ("return np.ones(1 << 20), X", (REFUSED, RAISED)),
}


@pytest.mark.parametrize("what", SWEEP_TROUBLES)
def test_sweep_that_fails_is_the_students_trouble(what: str, fork: Sandbox) -> None:
    """A sweep without an answer to judge is a StudentError, and the next call works."""
    body, trouble = SWEEP_TROUBLES[what]
    source = f"""
        import os
        import numpy as np
        def f(X):
            {body}
        def good(X): return X
        """
    limits = Limits(request=0.5 if trouble is LATE else 10.0)
    with submission(fork, source, limits=limits, f="y z", good="y") as student:
        error = trouble_of(lambda: student.sweep("f", [np.ones(5)], [0], 0.1, ["y", "z"]))
        assert error.trouble in (trouble if isinstance(trouble, tuple) else (trouble,))
        assert student.good(1).y == 1


# --- hostile answers: whatever a worker says is a claim -----------------------

FORGER = """
import os, struct
import msgpack
kept_write = os.write

def forge(number, said, notes):
    head = msgpack.packb([number, said, notes])
    kept_write(4, struct.pack("<II", len(head), 0) + head)

def good(x): return 2 * x
"""


def test_reply_sent_ahead_answers_no_later_question(sandbox: Sandbox) -> None:
    """A forged reply shifts the honest ones: the next answer is refused."""
    source = FORGER + "def f(x):\n    forge(2, [['returned', 1.0, []]], {})\n    return 2.0\n"
    with submission(sandbox, source, f="y", good="y") as student:
        assert student.f(1).y == 1.0  # a claim about f like any other
        error = trouble_of(lambda: student.good(1))
        assert (error.trouble, str(error)) == (
            Trouble.REFUSED,
            "`good` sent something that is no answer",
        )
        assert student.good(1).y == 2


REPLAYED: dict[str, str] = {
    "a reply to the import, twice": "forge(1, ['loaded', ['good'], {}], {})",
    "a reply to a later question": "forge(2, [['returned', 1.0, []]], {})",
    "a reply to question 0": "forge(0, ['loaded', ['good'], {}], {})",
    "a reply to question -1": "forge(-1, ['loaded', ['good'], {}], {})",
    "a reply to question 1.0": "forge(1.0, ['loaded', ['good'], {}], {})",
    "a reply to question '1'": "forge('1', ['loaded', ['good'], {}], {})",
    "a reply without a number": "kept_write(4, struct.pack('<II', 1, 0) + bytes([0x90]))",
}


@pytest.mark.parametrize("what", REPLAYED)
def test_forged_reply_during_import_gains_nothing(what: str, fork: Sandbox) -> None:
    """A frame written while the file is imported is refused, now or at the next call."""
    with submission(fork, FORGER + REPLAYED[what], good="y") as student:
        for _ in range(3):
            assert trouble_of(lambda: student.good(1)).trouble in (REFUSED, LATE)


class Parrot:
    """A sandbox whose workers give prepared answers: (said, notes) each."""

    layers: tuple[str, ...] = ()

    def __init__(
        self,
        *answers: tuple[object, object],
        loading: tuple[object, object] = (["loaded", ["f"], {}], {}),
    ) -> None:
        self._answers = [loading, *answers]

    def start(self, *, figures: bool = False) -> Worker:  # noqa: ARG002
        """Start a worker that answers as prepared."""
        answers = iter(self._answers)

        class Line:
            def exchange(self, request: list[bytes | memoryview], _: float) -> object:
                whole = b"".join(request)
                header, _size = protocol.lengths(whole[:8])
                number = protocol.decode(whole[8 : 8 + header], bytearray(whole[8 + header :]))[0]
                said, notes = next(answers)
                frame = b"".join(protocol.encode([number, said, notes]))
                header, _size = protocol.lengths(frame[:8])
                return protocol.decode(frame[8 : 8 + header], bytearray(frame[8 + header :]))

            def close(self) -> None:
                pass

        line = cast("Channel", Line())
        return Worker(process=0, channel=line, kill=lambda: None, ended=lambda: Exit(code=0))

    def close(self) -> None:
        """Have nothing to end."""


MANY = settings(LAW, max_examples=400)

SECRET = "0.70710678"
WORDS = st.sampled_from(
    ["loaded", "raised", "returned", "refused", "warned", "printed", "changed", "ValueError",
     "NotImplementedError", "work.py", "f", SECRET]
)  # fmt: skip
SAID = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | WORDS
    | st.just(np.ones(2)) | st.builds(protocol.Handle, st.integers(0, 3)),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
ERROR = st.tuples(st.just("raised"), WORDS, WORDS, st.integers(-2, 9), WORDS)
SHAPED = st.one_of(
    SAID,
    ERROR,
    st.tuples(ERROR),
    st.tuples(st.just("raised"), SAID, SAID, SAID, SAID),
    st.tuples(st.just("refused"), WORDS | SAID),
    st.tuples(st.just("loaded"), SAID),
    st.tuples(st.tuples(st.just("returned"), st.tuples(SAID, SAID), SAID)),
    st.tuples(st.just("returned"), st.tuples(st.tuples(SAID))),
    st.tuples(st.just("returned"), st.tuples(st.tuples(st.just(np.ones(2))))),
    st.tuples(st.tuples(st.sampled_from(["needs", "unmade"]), SAID)),
    st.tuples(st.sampled_from(["needs", "unmade"]), SAID),
)
NOTES = SAID | st.fixed_dictionaries({"printed": SAID, "changed": SAID})


def parroted(*answers: tuple[object, object]) -> Student:
    """Hand in one line of source to a worker that answers as prepared."""
    signatures = {"f": Signature.parse("y *cache")}
    return Student(Parrot(*answers), "work", {"work": "def f(x): ..."}, signatures)


def told(call: Callable[[], Any], well: Callable[[Any], bool]) -> str:
    """Make a call that gives something well formed, or take what the error says."""
    try:
        value = call()
    except StudentError as error:
        return f"{error} {error.name}"
    return "" if well(value) else f"not well formed: {value!r}"


@MANY
@given(SHAPED, NOTES)
@example(["refused", SECRET], {})
@example([["returned", [1, 2], 5]], {})
@example([["returned", [1, 2], [[]]]], {"printed": 5, "changed": "yes"})
def test_answer_to_a_call_is_a_value_or_the_students_trouble(said: object, notes: object) -> None:
    """Whatever a worker answers to a call, nothing but a StudentError is raised."""
    student = parroted((said, notes))
    text = told(lambda: student.f(1.0), lambda seen: len(seen.values) == 2)
    assert SECRET not in text
    assert not text.startswith("not well formed")
    assert set(student.printed) <= {""}


@MANY
@given(SHAPED, NOTES)
def test_answer_to_a_sweep_is_stacks_or_the_students_trouble(said: object, notes: object) -> None:
    """Whatever a worker answers to a sweep, nothing but a StudentError is raised."""
    student = parroted((said, notes))
    text = told(
        lambda: student.sweep("f", [np.ones(1)], [0], 0.1, ["y"]),
        lambda stacks: [[len(stack) for stack in some] for some in stacks] == [[2]],
    )
    assert SECRET not in text
    assert not text.startswith("not well formed")


@MANY
@given(SHAPED, NOTES)
def test_answer_to_an_import_is_accepted_or_the_students_trouble(
    said: object, notes: object
) -> None:
    """Whatever a worker answers to an import, nothing but a StudentError is raised."""
    signatures = {"f": Signature.parse("y")}
    student = Student(Parrot(loading=(said, notes)), "work", {"work": "def f(): ..."}, signatures)
    assert not told(student.load, lambda nothing: nothing is None).startswith("not well formed")


@LAW
@given(st.dictionaries(st.sampled_from(["early", "other"]), SAID | ERROR, max_size=2), SHAPED)
def test_answer_about_earlier_files_is_believed_or_the_students_trouble(
    broken: object, said: object
) -> None:
    """Whatever a worker says of earlier files, nothing but a StudentError is raised."""
    signatures = {name: Signature.parse("y *cache") for name in "fg"}
    sources = {"work": "def f(x): ...", "early": "def g(x): ..."}
    parrot = Parrot((said, {}), loading=(["loaded", ["f"], broken], {}))
    student = Student(parrot, "work", sources, signatures, needs=("early",))
    for function in "fg":
        text = told(
            lambda function=function: getattr(student, function)(1.0),  # type: ignore[misc]
            lambda seen: len(seen.values) == 2,
        )
        assert not text.startswith("not well formed")
        # what was said at import may be repeated; no hidden input was near
        assert function == "g" or SECRET not in text


LEAKS: dict[str, tuple[object, dict[str, object]]] = {
    "a reason to refuse": (["refused", SECRET], {}),
    "the name of an exception": ([["raised", SECRET, "work.py", 1, ""]], {}),
    "the text of an exception": ([["raised", "ValueError", "work.py", 1, SECRET]], {}),
    "the file of an exception": ([["raised", "ValueError", SECRET, 1, ""]], {}),
    "a print": ([["raised", "ValueError", "", 0, ""]], {"printed": SECRET}),
    "the file that is needed": ([["needs", SECRET]], {}),
    "the function that made no cache": ([["unmade", SECRET]], {}),
    "a kind of warning": ([["returned", [1.0, 2.0], [[SECRET]]]], {}),
    "the kind of an answer": ([[SECRET, SECRET]], {}),
}


@pytest.mark.parametrize("what", LEAKS)
def test_worker_cannot_smuggle_text_into_a_report(what: str) -> None:
    """No text of a worker that holds hidden inputs is repeated anywhere."""
    student = parroted(LEAKS[what])
    shown: list[object] = []
    try:
        shown.append(sorted(student.f(1.0).warned))
    except StudentError as error:
        shown += [str(error), error.name, error.trouble]
    shown += [student.printed, student.changed]
    shown += [call.seen for call in student.calls if isinstance(call.seen, Raised)]
    assert SECRET not in repr(shown)


def test_monkeypatched_numpy_stays_in_the_worker(sandbox: Sandbox) -> None:
    """What a submission does to NumPy does not reach the grader or the next worker."""
    source = """
        import numpy as np
        np.max = np.allclose = np.array_equal = lambda *a, **k: True
        np.linalg.norm = lambda *a, **k: 0.0
        def f(): return np.linalg.norm(np.ones(4))
        """
    with submission(sandbox, source, f="y") as student:
        assert student.f().y == 0.0
    assert np.linalg.norm(np.ones(4)) == 2.0
    assert not np.array_equal([1], [2])
    honest = "import numpy as np\ndef f(): return np.linalg.norm(np.ones(4))\n"
    with submission(sandbox, honest, f="y") as student:
        assert student.f().y == 2.0


FAULTS: dict[str, tuple[type[Exception], Trouble]] = {
    "a deadline that passes": (DeadlineExceeded, LATE),
    "a worker that is gone": (WorkerGone, DIED),
    "a frame that is none": (protocol.ProtocolError, REFUSED),
}


@pytest.mark.parametrize("what", FAULTS)
def test_faults_of_the_line_become_troubles(what: str) -> None:
    """Each way a question can end without an answer has its own trouble."""
    fault, trouble = FAULTS[what]

    class Broken(Parrot):
        def start(self, *, figures: bool = False) -> Worker:
            started = super().start(figures=figures)
            line: Any = started.channel
            honest = line.exchange
            answered: list[object] = []

            def exchange(request: list[bytes | memoryview], deadline: float) -> object:
                if answered:
                    raise fault
                answered.append(1)
                return honest(request, deadline)

            line.exchange = exchange
            return started

    student = Student(Broken(), "work", {"work": ""}, {"f": Signature.parse("y")}, limits=FAST)
    assert trouble_of(lambda: student.f(1)).trouble is trouble


KILLABLE = """
import os, pathlib, signal, time

def slow(a):
    time.sleep(0.4)
    return a

def dies(a):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_somebody_kills_is_asked_again() -> None:
    """A machine out of memory costs nobody a mark; what kills itself each time is told."""
    names = {"slow": "b", "dies": "b"}
    patient = Limits(request=10.0)
    with (
        opened(LIMITED) as sandbox,
        submission(sandbox, KILLABLE, names, limits=patient) as student,
    ):
        student.load()
        assert student._worker is not None
        victim = student._worker.process
        timer = threading.Timer(0.1, os.kill, (victim, signal.SIGKILL))
        timer.start()
        assert student.slow(np.ones(2)).b.sum() == 2.0
        timer.join()
        assert student._strikes == {}
        with pytest.raises(StudentError, match="ended Python itself"):
            student.dies(np.ones(2))
        assert student._strikes == {"dies": 1}


# --- functions as arguments, and arguments afterwards -------------------------------------

SQUARES = Callback(source="import numpy as np\n\ndef f(x):\n    return np.sum(x**2)\n", name="f")
OWN = Callback(source="def f(x):\n    return own(x) + 1.0\n", name="f", uses=("own",))


def test_a_function_of_ours_is_called_by_the_student(sandbox: Sandbox) -> None:
    """A callback arrives as a function, and may use the student's own ones."""
    source = "def call(f, x): return f(x)\ndef own(x): return 10.0 * x\n"
    with submission(sandbox, source, call="y", own="y") as student:
        assert student.call(SQUARES, np.array([3.0, 4.0])).y == 25.0
        assert student.call(OWN, 2.0).y == 21.0


def test_an_error_inside_a_callback_is_placed_in_the_students_line(fork: Sandbox) -> None:
    """The line that called it is quoted, not ours."""
    with submission(fork, "def call(f, x):\n    return f()\n", call="y") as student:
        error = trouble_of(lambda: student.call(SQUARES, 1.0))
    assert str(error).startswith("`call` raised TypeError (line 2: `return f()`)")


def test_a_callback_that_uses_what_is_missing_is_the_students_trouble(fork: Sandbox) -> None:
    """A file without the function is told so, as when it is asked for."""
    with submission(fork, "def call(f, x): return f(x)\n", call="y", own="y") as student:
        assert trouble_of(lambda: student.call(OWN, 2.0)).trouble is Trouble.NEEDED


def test_what_has_become_of_an_argument_comes_back(sandbox: Sandbox) -> None:
    """An argument named in the signature is seen as the call left it, dicts too."""
    source = """
        def spoil(x, p):
            x += 1.0
            p["W"][0] = -5.0
            return 2.0
        """
    with submission(sandbox, source, spoil="y &0:x &1:p") as student:
        seen = student.spoil(np.zeros(2), {"W": np.ones(2)})
    assert seen.names == ("y", "x", "p")
    assert seen.x.tolist() == [1.0, 1.0]
    assert seen.p["W"].tolist() == [-5.0, 1.0]


def test_an_argument_that_is_left_out_is_seen_as_none(sandbox: Sandbox) -> None:
    """What is looked at after the call need not be given."""
    with submission(sandbox, "def f(x, y=None): return 1.0\n", f="z &1:y") as student:
        assert student.f(2.0).y is None
        assert student.f(2.0, 3.0).y == 3.0


def test_what_a_callback_was_told_comes_back(sandbox: Sandbox) -> None:
    """A list that can be called is seen, as an argument, with all it has been called with."""
    told = Callback(
        source="class Told(list):\n    def __call__(self, x): self.append(x)\ntell = Told()\n",
        name="tell",
    )
    source = "def f(tell):\n    tell(1)\n    tell(2.5)\n"
    with submission(sandbox, source, f="nothing &0:tell") as student:
        assert student.f(told).tell == (1, 2.5)
