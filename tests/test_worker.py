"""The worker as the trusted side hears it: what it loads, answers and notes."""

import contextlib
import itertools
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.sandbox.channel import WorkerGone
from grader.sandbox.protocol import Handle, ProtocolError, Refused, Seed
from grader.sandbox.server import Sandbox, SpawnServer, Worker
from grader.sandbox.worker import FORBIDDEN, SUBMITTED
from tests.sandboxes import WAYS, opened, worker

SECONDS = 20.0


@pytest.fixture(name="sandbox", scope="module", params=WAYS)
def _sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with opened(request.param) as sandbox:
        yield sandbox


def load(started: Worker, source: str, others: Mapping[str, str] | None = None) -> Any:
    """Load `work.py` (and others) into a worker."""
    sources = {"work": textwrap.dedent(source), **(others or {})}
    return started.ask("load", "work", sources, seconds=SECONDS)


def call(started: Worker, function: str, *args: object, opaque: tuple[int, ...] = ()) -> Any:
    """Call a function once and take its answer; what it warned of goes to the notes."""
    (answer,) = started.ask("call", function, opaque, [[args, {}]], seconds=SECONDS)
    if answer[0] == "returned":
        *answer, started.notes["warned"] = answer
    return tuple(answer)


@contextlib.contextmanager
def loaded(
    sandbox: Sandbox, source: str, others: Mapping[str, str] | None = None
) -> Iterator[Worker]:
    """Start a worker that has loaded a submission."""
    with worker(sandbox) as started:
        assert load(started, source, others)[0] == "loaded"
        yield started


# --- loading ------------------------------------------------------------------

UNLOADABLE: dict[str, tuple[str, tuple[str, str, int], str]] = {
    "a syntax error": (
        "x = 1\nf(1, 2\ny = 3\n",
        ("SyntaxError", "work.py", 2),
        "'(' was never closed",
    ),
    "an indentation error": (
        "def f():\nreturn 1\n",
        ("IndentationError", "work.py", 2),
        "expected an indented block after function definition on line 1",
    ),
    "a library that is not there": (
        "import nowhere\n",
        ("ModuleNotFoundError", "work.py", 1),
        "No module named 'nowhere'",
    ),
    "a name that is not there": (
        "from numpy import nothing\n",
        ("ImportError", "work.py", 1),
        "nothing",
    ),
    "a forbidden library": (
        "import numpy\nimport torch.nn\n",
        ("ImportError", "work.py", 2),
        "torch is not allowed here: this course is written in pure NumPy",
    ),
    "an exception of its own": (
        "class Secret(KeyError): pass\nraise Secret('k')\n",
        ("KeyError", "work.py", 2),
        "'k'",
    ),
    "a request to end Python": ("import sys\n\nsys.exit(3)\n", ("SystemExit", "work.py", 3), "3"),
    "an error in a function it calls": (
        "def f():\n    return 1 / 0\nf()\n",
        ("ZeroDivisionError", "work.py", 2),
        "division by zero",
    ),
    "an error inside a library": (
        "import numpy as np\nnp.linalg.inv(np.ones((2, 3)))\n",
        ("ValueError", "work.py", 2),
        "square",
    ),
    "an exception that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E\n",
        ("Exception", "work.py", 3),
        "",
    ),
}


@pytest.mark.parametrize("what", UNLOADABLE)
def test_import_that_fails_is_told_with_its_place(what: str, sandbox: Sandbox) -> None:
    """A file that cannot be imported is answered by error, file, line and text."""
    source, (name, file, line), text = UNLOADABLE[what]
    with worker(sandbox) as started:
        action, *said, told = load(started, source)
    assert action == "raised"
    assert said == [name, file, line]
    assert text in told


def test_forbidden_libraries_are_refused_in_words(sandbox: Sandbox) -> None:
    """Each forbidden library is refused by name, installed or not."""
    source = """
        import importlib
        def refusal(library):
            try:
                importlib.import_module(library)
            except ImportError as error:
                return str(error)
        """
    with loaded(sandbox, source) as started:
        for library in sorted(FORBIDDEN):
            for name in (library, library + ".inner"):
                _, text = call(started, "refusal", name)
                assert text.startswith(f"{library} is not allowed here")


def test_null_byte_is_an_error_of_the_file(sandbox: Sandbox) -> None:
    """A file with a null byte cannot be imported, and is no crash."""
    with worker(sandbox) as started:
        action, name, *_ = load(started, "x = 1\0")
    assert (action, name in {"SyntaxError", "ValueError"}) == ("raised", True)


def test_loading_tells_what_can_be_called(sandbox: Sandbox) -> None:
    """A loaded file is answered by the names of what can be called, and our own question."""
    source = """
        limit = 3
        ANSWERS = {"one": 1}
        def step(x, /, W, *rest, b=None, **more): ...
        class Cell:
            def __init__(self, H): ...
        """
    with worker(sandbox) as started:
        action, found, _ = load(started, source)
    assert action == "loaded"
    assert set(found) == {"step", "Cell", "ANSWERS", SUBMITTED}


CONSTANTS: dict[str, tuple[str, object]] = {
    "a dict of texts": ("ANSWERS = {'one': 'a', 'two': None}", {"one": "a", "two": None}),
    "what it has become": ("ANSWERS = 1\ndef f(x):\n    global ANSWERS\n    ANSWERS = x", 2.0),
    "a function of that name": ("def ANSWERS(): return 3", 3),
    "what cannot travel": ("ANSWERS = object()", Handle(0)),
}


@pytest.mark.parametrize("what", CONSTANTS)
def test_names_in_capitals_can_be_asked_for(what: str, sandbox: Sandbox) -> None:
    """Data of a module travels as if a function without arguments had returned it."""
    source, value = CONSTANTS[what]
    with loaded(sandbox, source) as started:
        if "def f" in source:
            call(started, "f", 2.0)
        action, found = call(started, "ANSWERS")
    assert (action, found) == ("returned", value)


def test_files_of_a_submission_import_each_other(sandbox: Sandbox) -> None:
    """One exercise may import another of the same submission by its flat name."""
    others = {"gates": "from numbers_of import TWO\ndef double(x): return TWO * x\n",
              "numbers_of": "TWO = 2\n"}  # fmt: skip
    source = """
        import gates
        from gates import double as twice
        def f(x):
            import numbers_of
            return gates.double(x) + twice(x) + numbers_of.TWO
        """
    with loaded(sandbox, source, others) as started:
        assert call(started, "f", 10) == ("returned", 42)


def test_error_in_another_file_is_placed_there(sandbox: Sandbox) -> None:
    """An error is placed in the deepest of the submission's own files."""
    others = {"gates": "\ndef divide(x):\n    return x / 0\n"}
    with loaded(sandbox, "import gates\ndef f(x): return gates.divide(x)\n", others) as started:
        assert call(started, "f", 1) == (
            "raised",
            "ZeroDivisionError",
            "gates.py",
            3,
            "division by zero",
        )


def test_files_named_like_libraries_are_never_looked_at(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a submitted numpy.py nor files in the grader's folder are run."""
    trap = "raise SystemExit('a trap')\n"
    names = ("numpy", "msgpack", "sitecustomize", "usercustomize", "statistics", "grader", "site")
    for name in names:
        (tmp_path / f"{name}.py").write_text(trap)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "site.py"))
    source = """
        import numpy as np, numpy.linalg, statistics
        def f(): return float(np.linalg.det(np.eye(2))) + statistics.mean([1, 3])
        """
    others = dict.fromkeys(("numpy", "numpy.linalg", "msgpack", "sitecustomize"), trap)
    with contextlib.ExitStack() as stack:
        if isinstance(sandbox, SpawnServer):
            started = stack.enter_context(loaded(sandbox, source, others))
        else:  # a new fork server, started in the folder with the traps
            fresh = type(sandbox)(sandbox.layers)  # type: ignore[call-arg]
            stack.callback(fresh.close)
            started = stack.enter_context(loaded(fresh, source, others))
        assert call(started, "f") == ("returned", 3.0)


# --- calling ------------------------------------------------------------------

SOURCE = """
    import os, sys, types, warnings
    import numpy as np

    def give(what):
        return GIFTS[what]()

    class Point(tuple):
        pass

    from collections import OrderedDict, namedtuple
    Pair = namedtuple("Pair", "Hout cn")

    class Whole(int):
        pass

    GIFTS = {
        "nothing": lambda: None,
        "a tuple": lambda: (1, 2.5, "three", True, None),
        "a list": lambda: [1, [2, (3,)]],
        "a namedtuple": lambda: Pair(np.ones(2), 3.0),
        "a dict": lambda: {"Hout": np.ones(2), "cn": 3.0},
        "an array": lambda: np.arange(6.0).reshape(2, 3),
        "a transposed array": lambda: np.arange(6.0).reshape(2, 3).T,
        "a float32 array": lambda: np.ones((2, 1), np.float32),
        "a big-endian array": lambda: np.ones(2, ">f8"),
        "NaN and infinity": lambda: np.array([np.nan, np.inf, -np.inf]),
        "a NumPy number": lambda: np.float32(1.5),
        "an array of objects": lambda: np.array([1, None]),
        "a matrix": lambda: np.asmatrix(np.ones((2, 2))),
        "a masked array": lambda: np.ma.masked_array([1.0], [True]),
        "a view of 80 GB": lambda: np.broadcast_to(np.float64(1), (100_000, 100_000)),
        "100 MB": lambda: np.ones(100_000_000, "u1"),
        "an object": lambda: object(),
        "a generator": lambda: (x for x in (1, 2)),
        "a subclass of int": lambda: Whole(3),
        "a large integer": lambda: 2**100,
        "a dict with numbers as keys": lambda: {0: np.ones(2)},
        "a list of too many items": lambda: [0.0] * 20_000,
        "lists nested too deeply": lambda: nested(),
        "half a character": lambda: "\\ud800",
    }

    def nested():
        value = []
        for _ in range(50):
            value = [value]
        return value
"""

ANSWERS: dict[str, object] = {
    "nothing": None,
    "a tuple": (1, 2.5, "three", True, None),
    "a list": (1, (2, (3,))),
    "a namedtuple": (np.ones(2), 3.0),
    "a dict": {"Hout": np.ones(2), "cn": 3.0},
    "an array": np.arange(6.0).reshape(2, 3),
    "a transposed array": np.arange(6.0).reshape(2, 3).T,
    "a float32 array": np.ones((2, 1), np.float32),
    "a big-endian array": np.ones(2),
    "NaN and infinity": np.array([np.nan, np.inf, -np.inf]),
    "a NumPy number": np.array(1.5, np.float32),
    "an array of objects": Refused("an array of Python objects"),
    "a matrix": Refused("a subclass of numpy.ndarray (a matrix or a masked array)"),
    "a masked array": Refused("a subclass of numpy.ndarray (a matrix or a masked array)"),
    "an object": Handle(-1),
    "a generator": Handle(-1),
    "a subclass of int": Handle(-1),
    "a large integer": Handle(-1),
}

TOO_MUCH = (
    "a view of 80 GB",
    "100 MB",
    "a dict with numbers as keys",
    "a list of too many items",
    "lists nested too deeply",
    "half a character",
)


@pytest.fixture(name="asked", scope="module")
def _asked(sandbox: Sandbox) -> Iterator[Worker]:
    with loaded(sandbox, SOURCE) as started:
        yield started


def same(got: object, want: object) -> bool:
    """Compare values and types; any handle is as good as another."""
    if isinstance(want, np.ndarray):
        return (
            type(got) is np.ndarray
            and got.dtype == want.dtype
            and got.shape == want.shape
            and np.array_equal(got, want, equal_nan=True)
        )
    if isinstance(want, tuple):
        return (
            isinstance(got, tuple)
            and len(got) == len(want)
            and all(itertools.starmap(same, zip(got, want, strict=True)))
        )
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and got.keys() == want.keys()
            and all(same(got[key], want[key]) for key in want)
        )
    return type(got) is type(want) and (got == want or isinstance(want, Handle))


@pytest.mark.parametrize("what", ANSWERS)
def test_what_a_function_returns_arrives_as_it_is(what: str, asked: Worker) -> None:
    """What may travel arrives unchanged, the rest as a reason or a handle."""
    answer = call(asked, "give", what)
    assert answer[0] == "returned"
    assert same(answer[1], ANSWERS[what])


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_cannot_travel_is_refused_and_the_worker_lives_on(what: str, asked: Worker) -> None:
    """A result that cannot travel is refused with a reason; the worker goes on."""
    said = asked.ask("call", "give", (), [[[what], {}]], seconds=SECONDS)
    match said:
        case ("refused",):
            pass
        case (("raised", str(name), *_),):
            assert (what, name) == ("a view of 80 GB", "MemoryError")
        case _:
            pytest.fail(f"not refused: {said!r:.100}")
    assert call(asked, "give", "nothing") == ("returned", None)


def test_one_request_may_hold_many_calls(sandbox: Sandbox) -> None:
    """Calls of one request are answered in order, and a raise stops none."""
    with loaded(sandbox, "def f(x, *, y=1): return x / y\n") as started:
        calls = [[[1], {}], [[1], {"y": 0}], [[1, 2], {}], [[3], {"y": 2}]]
        said = started.ask("call", "f", (), calls, seconds=SECONDS)
    assert [answer[:2] for answer in said] == [
        ("returned", 1.0),
        ("raised", "ZeroDivisionError"),
        ("raised", "TypeError"),
        ("returned", 1.5),
    ]


def test_error_is_placed_in_the_students_own_line(sandbox: Sandbox) -> None:
    """An error deep in NumPy is placed at the student's line that led there."""
    source = """
        import numpy as np
        def f(x):
            y = 1
            return np.linalg.solve(np.zeros((2, 2)), x)
        """
    with loaded(sandbox, source) as started:
        said = call(started, "f", np.ones(2))
    assert said[:4] == ("raised", "LinAlgError", "work.py", 5) or said[:4] == (
        "raised",
        "ValueError",  # numpy.linalg.LinAlgError is one, and is no built-in
        "work.py",
        5,
    )


@pytest.mark.parametrize("opaque", [(), (1,)])
def test_opaque_values_come_back_as_the_very_same_object(
    opaque: tuple[int, ...], sandbox: Sandbox
) -> None:
    """A cache stays in the worker; its handle is the object again in a later call."""
    source = """
        class Cache:
            pass
        made = []
        def forward(x):
            made.append(Cache())
            return x, made[-1]
        def backward(k, cache):
            return cache is made[k]
        """
    with loaded(sandbox, source) as started:
        handles = [call(started, "forward", k, opaque=opaque)[1][1] for k in range(3)]
        assert all(type(handle) is Handle for handle in handles)
        for k, handle in enumerate(handles):
            assert call(started, "backward", k, handle) == ("returned", True)
        assert call(started, "backward", 0, handles[1]) == ("returned", False)


def test_more_caches_than_are_kept_do_not_end_the_worker(sandbox: Sandbox) -> None:
    """After very many caches a call is refused or works; the worker is not lost."""
    with loaded(sandbox, "def f(x): return x, object()\n") as started:
        for _ in range(3):
            calls = [[[k], {}] for k in range(2000)]
            said = started.ask("call", "f", (1,), calls, seconds=SECONDS)
            assert said[0] == "refused" or len(said) == 2000


def test_seed_becomes_a_generator(sandbox: Sandbox) -> None:
    """A seed arrives as numpy.random.default_rng(seed), new in every call."""
    source = """
        import numpy as np
        def f(rng): return rng.standard_normal(3), type(rng) is np.random.Generator
        """
    want = np.random.default_rng(7).standard_normal(3)
    with loaded(sandbox, source) as started:
        for _ in range(2):
            _, (numbers, is_generator) = call(started, "f", Seed(7))
            assert numbers.tolist() == want.tolist()
            assert is_generator is True


# --- noting -------------------------------------------------------------------

NOTED: dict[str, tuple[str, object, dict[str, object]]] = {
    "a function that does nothing": ("return None", 1.0, {}),
    "a print": ("print('x is', x, flush=True)", 1.0, {"printed": "x is 1.0\n"}),
    "a print to stderr": ("print('no', file=sys.stderr)", 1.0, {"printed": "no\n"}),
    "a warning": ("warnings.warn('careful')", 1.0, {"printed": "careful"}),
    "a write to file descriptor 1": ("os.write(1, b'{}')", 1.0, {}),
    "a write to the first stdout": ("sys.__stdout__.write('x' * 9999)", 1.0, {}),
    "an overflow": ("np.exp(x)", np.full(2, 1e4), {"warned": ("overflow",)}),
    "a division by zero": ("np.ones(2) / x", np.zeros(2), {"warned": ("divide by zero",)}),
    "an invalid value": ("np.log(x)", -np.ones(2), {"warned": ("invalid value",)}),
    "an underflow": ("np.exp(-x)", np.full(2, 1e4), {}),
    "an overflow it silences": (
        "with np.errstate(all='ignore'): np.exp(x)",
        np.full(2, 1e4),
        {},
    ),
    "a write into its argument": ("x += 1", np.ones(2), {"changed": True}),
    "a write into a view of its argument": ("x.T[0] = 7", np.ones((2, 2)), {"changed": True}),
    "a write into a copy of its argument": ("x = x.copy(); x += 1", np.ones(2), {}),
}


@pytest.fixture(name="noted", scope="module")
def _noted(sandbox: Sandbox) -> Iterator[Worker]:
    bodies = "".join(f"def f{k}(x):\n    {body}\n" for k, (body, *_) in enumerate(NOTED.values()))
    with loaded(sandbox, "import os, sys, warnings\nimport numpy as np\n" + bodies) as started:
        yield started


@pytest.mark.parametrize("what", NOTED)
def test_side_effects_are_noted(what: str, noted: Worker) -> None:
    """Prints, floating-point warnings and changed arguments are noted per request."""
    _, argument, expected = NOTED[what]
    assert call(noted, f"f{list(NOTED).index(what)}", argument)[0] == "returned"
    notes = {"warned": (), "printed": "", "changed": False} | expected
    if what == "a warning":
        assert "careful" in noted.notes["printed"]
        notes["printed"] = noted.notes["printed"]
    assert noted.notes == notes


def test_flood_of_prints_is_cut(sandbox: Sandbox) -> None:
    """Of a flood of prints the first characters are kept, and nothing waits."""
    source = "def f():\n    for k in range(200_000): print(k)\n    return 1\n"
    with loaded(sandbox, source) as started:
        assert call(started, "f") == ("returned", 1)
        printed = started.notes["printed"]
        assert printed.startswith("0\n1\n2\n")
        assert 1000 < len(printed) < 10_000
        call(started, "f")
        assert started.notes["printed"] == printed


def test_print_of_half_a_character_costs_nothing(sandbox: Sandbox) -> None:
    """A print that no UTF-8 can hold does not spoil the result."""
    with loaded(sandbox, "def f():\n    print(chr(0xd800))\n    return 1\n") as started:
        assert call(started, "f") == ("returned", 1)


def test_error_text_of_half_a_character_is_still_an_error(sandbox: Sandbox) -> None:
    """An exception whose text no UTF-8 can hold is told as that exception."""
    with loaded(sandbox, "def f(): raise KeyError(chr(0xd800))\n") as started:
        assert call(started, "f")[:4] == ("raised", "KeyError", "work.py", 1)


# --- what a submission finds --------------------------------------------------


def test_submission_cannot_import_the_grader(sandbox: Sandbox) -> None:
    """`import grader` and everything below it ends in an ImportError."""
    names = ("grader", "grader.reference", "grader.sandbox", "grader.sandbox.worker",
             "grader.seeds", "grader.hidden.test_lstm_forward", "tests", "solutions")  # fmt: skip
    source = """
        import importlib
        def f(name):
            try:
                return repr(importlib.import_module(name))
            except ImportError:
                return "ImportError"
        """
    with loaded(sandbox, source) as started:
        found = {name: call(started, "f", name)[1] for name in names}
    assert found == dict.fromkeys(names, "ImportError")


def test_worker_holds_nothing_of_the_trusted_side(sandbox: Sandbox) -> None:
    """No module of ours but the worker's own is anywhere in its memory."""
    source = """
        import gc, sys, types
        def f():
            found = {o.__name__ for o in gc.get_objects() if isinstance(o, types.ModuleType)}
            found |= set(sys.modules)
            return sorted(name for name in found if name.partition(".")[0] in
                          ("grader", "tests", "_pytest", "pytest", "solutions"))
        """
    with loaded(sandbox, source) as started:
        found = set(call(started, "f")[1])
    assert found <= {
        "grader",
        "grader.sandbox",
        "grader.sandbox.confinement",
        "grader.sandbox.figures",
        "grader.sandbox.protocol",
        "grader.sandbox.spawned",
        "grader.sandbox.worker",
        "grader.sandbox.zygote",
    }


def test_worker_holds_no_way_to_the_repository(sandbox: Sandbox) -> None:
    """Neither sys.path nor sys.argv names the folder of the grader."""
    root = str(Path(__file__).resolve().parents[1])
    source = """
        import sys
        def f(): return sys.path, sys.argv, sys.orig_argv
        """
    with loaded(sandbox, source) as started:
        path, argv, _ = call(started, "f")[1]
    assert root not in path
    assert "" not in path
    assert argv == ("",)


def test_submissions_see_nothing_of_each_other(sandbox: Sandbox) -> None:
    """What one submission changes in Python, the next does not find."""
    source = """
        import builtins, os, sys
        import numpy as np
        def spoil():
            builtins.left = np.left = sys.left = 1
            sys.modules["left"] = sys
            os.environ["LEFT"] = "1"
            os.chdir("/usr")
            np.exp = np.max = lambda *a, **k: 0.0
            np.ones(1).__class__  # still works
            np.random.seed(1)
        def look():
            left = [hasattr(o, "left") for o in (builtins, np, sys)]
            return left, "left" in sys.modules, "LEFT" in os.environ, float(np.exp(0.0))
        """
    with loaded(sandbox, source) as first:
        assert call(first, "spoil") == ("returned", None)
        assert call(first, "look") == ("returned", ((True,) * 3, True, True, 0.0))
        with loaded(sandbox, source) as beside:
            assert call(beside, "look") == ("returned", ((False,) * 3, False, False, 1.0))
    with loaded(sandbox, source) as after:
        assert call(after, "look") == ("returned", ((False,) * 3, False, False, 1.0))
    assert np.exp(0.0) == np.max(np.ones(2)) == 1.0


def test_worker_holds_no_descriptor_but_its_own(sandbox: Sandbox) -> None:
    """A worker has the two ends of its pipe; all else leads to /dev/null."""
    source = """
        import os
        def f():
            nowhere, found = os.stat(os.devnull), []
            for number in range(1024):
                try:
                    if not os.path.samestat(os.fstat(number), nowhere):
                        found.append(number)
                except OSError:
                    pass
            return found
        """
    with loaded(sandbox, source), loaded(sandbox, source) as second:
        assert call(second, "f") == ("returned", (3, 4))


def test_replies_of_an_earlier_question_are_refused(sandbox: Sandbox) -> None:
    """A frame left in the pipe is no answer to the next question."""
    source = """
        import os, struct, msgpack
        def f():
            head = msgpack.packb([2, [["returned", "forged", []]], {}])
            os.write(4, struct.pack("<II", len(head), 0) + head)
            return "honest"
        """
    with loaded(sandbox, source) as started:
        assert call(started, "f") == ("returned", "forged")  # a claim like any other
        with pytest.raises(ProtocolError):
            call(started, "f")


def test_worker_leaves_when_its_pipe_is_closed(sandbox: Sandbox) -> None:
    """Without a trusted side there is no worker: it leaves by itself."""
    with loaded(sandbox, "import os\ndef f():\n    os.close(3)\n") as started:
        assert call(started, "f") == ("returned", None)
        with pytest.raises(WorkerGone):
            call(started, "f")
