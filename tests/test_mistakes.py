"""What beginners do, and the one sentence they are told: through the real check."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest

from grader.checking import Checked, Checker
from grader.course import Course
from grader.mistakes import GONE, MISTAKES, explain
from grader.report.wording import first_thing
from tests.helpers import NAME, ROOT, SOLUTION, edited, entries

SIGMOID = "    return 0.5 * (1.0 + np.tanh(0.5 * a))\n"
STACK = "    hx = np.vstack([h_prev, x])  # (H + D, 1)\n"
GATES = "    return f, i, g, o\n"
STEP = "    return h, c\n"
CELL = "    c = f * c_prev + i * g\n    h = o * np.tanh(c)\n    return h, c\n"
LAST = "    return Hout, c, h, cache\n"
UNITS = "    H = W.shape[1] // 4\n"
TOP = "import numpy as np\n"


def sigmoid(line: str) -> str:
    """Write another body of sigmoid."""
    return edited((SIGMOID, f"    {line}\n"))


#: What a beginner does -> the file, and words of the answer.
TABLE = {
    "a print of Python 2": (edited((SIGMOID, "    print a\n" + SIGMOID)), "print(...)"),
    "an except of Python 2": (
        edited((SIGMOID, "    try:\n        pass\n    except ValueError, e:\n        pass\n" + SIGMOID)),
        "Python",
    ),
    "<> of Python 2": (sigmoid("return 1 if a <> 0 else 0"), "!="),
    "xrange of Python 2": (edited(("in range(T)", "in xrange(T)")), "called range"),
    "has_key of Python 2": (edited((STACK, '    p.has_key("W_f")\n' + STACK)), "`key in p`"),
    "a prompt pasted along": (edited((SIGMOID, "    >>> return a\n")), ">>>"),
    "a magic of Jupyter": (edited((TOP, "%matplotlib inline\n" + TOP)), "Jupyter"),
    "marks of a conflict in git": (edited((TOP, "<<<<<<< HEAD\n" + TOP)), "Git"),
    "curly quotes": (edited((GATES, "    print(“gates”)\n" + GATES)), "curly quotes"),
    "a minus from a PDF": (sigmoid("return 1 − a"), "only looks right"),
    "a forgotten colon": (edited(("def sigmoid(a):", "def sigmoid(a)")), "ends in a colon"),
    "an open bracket": (sigmoid("return 0.5 * (1.0 + np.tanh(0.5 * a)"), "brackets"),
    "= for ==": (edited((SIGMOID, "    if a.size = 0:\n        return a\n" + SIGMOID)), "=="),
    "an empty block": (edited(("    for t in range(T):\n", "    for t in range(T):\n    pass\n")),
                       "four blanks"),
    "crooked indentation": (edited((SIGMOID, "      b = a\n" + SIGMOID)), "same column"),
    "a return at the margin": (edited((SIGMOID, SIGMOID.lstrip())), "indent it"),
    "torch": (edited((TOP, TOP + "import torch\n")), "what torch does for you"),
    "an exercise spelled wrong": (edited((TOP, TOP + "import lstm_foward\n")), "can be imported"),
    "a file read on import": (SOLUTION + "\nW = np.load('weights.npy')\n", "as arguments"),
    "input on import": (SOLUTION + "\nn = input('n? ')\n", "input()"),
    "exit at the end": (SOLUTION + "\nexit()\n", "ends with return"),
    "a try-out at the margin": (
        sigmoid('raise NotImplementedError("sigmoid")') + "\nprint(sigmoid(np.zeros(3)))\n",
        "left margin",
    ),
    "a missing function": (edited(("def pack_gates(", "def unheard_of(")), "keeps its name"),
    "a wrong name": (edited(("def pack_gates(", "def pack_gate(")), "call it pack_gates"),
    "a wrong case": (edited(("def pack_gates(", "def Pack_Gates(")), "call it pack_gates"),
    "a function inside another": (
        SOLUTION.replace("def init_lstm(", "if False:\n  def init_lstm(").replace(
            "rng, forget_bias=3.0):\n", "rng, forget_bias=3.0): pass\ndef spare(D, H, rng, forget_bias):\n"
        ),
        "left margin",
    ),
    "too few arguments": (edited(("(x, h_prev, c_prev, p):", "(x, h_prev, p):")), "arguments the stub"),
    "another name for an argument": (
        SOLUTION.replace("def lstm_step(x, h_prev, c_prev, p)", "def lstm_step(x, h_prev, p, *, c)"),
        "arguments the stub",
    ),
    "nothing returned": (sigmoid("s = 0.5 * (1.0 + np.tanh(0.5 * a))"), "with return"),
    "printed, not returned": (sigmoid("print(0.5 * (1.0 + np.tanh(0.5 * a)))"), "printing it"),
    "one result of two": (edited((STEP, "    return h\n")), "in that order"),
    "results in another order": (edited((STEP, "    return c, h\n")), "changed places"),
    "the cache forgotten": (edited((LAST, "    return Hout, c, h\n")), "Return the cache"),
    "an array on its side": (edited(("    return np.hstack(columns)\n", "    return np.hstack(columns).T\n")),
                             "on its side"),
    "batch before time": (edited((LAST, "    return Hout.swapaxes(0, 1), c, h, cache\n")), "Time comes first"),
    "a lost axis": (edited((STEP, "    return h[:, 0], c[:, 0]\n")), "An axis got lost"),
    "everything summed up": (edited((STEP, "    return h.sum(), c.sum()\n")), "single number"),
    "a list of arrays": (edited(("    return np.hstack(columns)\n", "    return columns\n")), "Make one array"),
    "a product that does not fit": (edited((STACK, "    hx = np.vstack([h_prev, x, x])\n")), "last axis of A"),
    "* for @": (edited(('p["W_f"] @ hx', 'p["W_f"] * np.ones((7, 3))')), "Print both shapes" ),
    "stacking what does not fit": (edited(("np.vstack([h_prev, x])", "np.hstack([h_prev, x])")), "stacked agree"),
    "too many names for values": (edited(("f, i, g, o = lstm_gates", "f, i, g = lstm_gates")), "names on the left"),
    "the truth of an array": (edited((SIGMOID, "    if a > 0:\n        return a\n" + SIGMOID)), "no single truth"),
    "np is not imported": (edited((TOP, "import numpy\n")), "import numpy as np"),
    "math without import": (sigmoid("return 1 / (1 + math.exp(-a))"), "np.exp"),
    "self from a class": (sigmoid("return self.a"), "no classes"),
    "a name nobody gave": (sigmoid("return sigm"), "Nothing is called sigm"),
    "a name before it has a value": (sigmoid("b = b + a; return b"), "before it gets a value"),
    "a key that is not there": (edited(('p["W_f"]', 'p["Wf"]')), "no key 'Wf'"),
    "a method of torch": (sigmoid("return a.unsqueeze(0)"), "PyTorch"),
    "a shape without brackets": (edited(("np.empty((T, B, H))", "np.zeros(T, B)")), "np.zeros((B, H))"),
    "stacking without brackets": (edited(("np.vstack([h_prev, x])", "np.concatenate(h_prev, x)")), "np.hstack([a, b])"),
    "math.exp of an array": (
        edited((TOP, "import math\n" + TOP), (SIGMOID, "    return 1 / (1 + math.exp(-a))\n")), "np.exp takes",
    ),
    "/ where // is meant": (edited((UNITS, "    H = W.shape[1] / 4\n")), "with //"),
    "^ for a power": (sigmoid("return a ^ 2"), "**"),
    "a list indexed like an array": (sigmoid("return [1, 2][0, 1]"), "That is a list"),
    "None used as zeros": (edited(("    c = np.zeros((B, H)) if c0 is None else c0\n", "    c = c0 + 0.0\n")), "is None"),
    "an index too far": (edited(("Hout[t] = h", "Hout[t + 1] = h")), "Count from 0"),
    "a helper that calls itself": (sigmoid("return sigmoid(a)"), "calls itself"),
    "an endless loop": (edited((STACK, "    while True: pass\n" + STACK)), "nearer to its end"),
    "the stub's last line left behind": (
        sigmoid("s = 1 / (1 + np.exp(-a))\n    raise NotImplementedError('sigmoid')"), "delete that line",
    ),
    "NaN": (sigmoid("return a / 0 * 0"), "NaN comes from"),
    "a name NumPy has dropped": (sigmoid("return a.astype(np.float)"), "write float"),
    "a product NumPy has renamed": (sigmoid("return np.product(a)"), "write np.prod"),
    "a function of torch under np": (sigmoid("return np.cat([a])"), "np.concatenate"),
    "a NumPy function spelled wrong": (sigmoid("return np.tahn(a)"), "np.tanh"),
}  # fmt: skip


@pytest.fixture(name="check", scope="module")
def _check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Checked]]:
    """Check one file, with a checker that stays warm."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "exercises", root / "exercises")
    (root / "course.toml").write_text(entries(NAME), "utf-8")
    (root / "exercises" / ".stubs").mkdir(exist_ok=True)
    shutil.copy(root / "exercises" / f"{NAME}.py", root / "exercises" / ".stubs")
    checker = Checker(Course.load(root))

    def check(source: str) -> Checked:
        (root / "exercises" / f"{NAME}.py").write_text(source, "utf-8")
        return checker.check((NAME,))

    yield check
    checker.close()


@pytest.mark.parametrize(("source", "says"), TABLE.values(), ids=TABLE)
def test_each_is_answered_in_one_sentence(
    source: str, says: str, check: Callable[[str], Checked]
) -> None:
    """The first thing to fix ends with the sentence that helps."""
    report = check(source).report
    first = first_thing(report)
    messages = [line.message for each in report.exercises for line in each.criteria]
    assert first is not None
    answers = [m.partition("\n")[2] for m in (first.message, *messages)]
    assert any(says in answer for answer in answers), (first.message, messages)
    assert all(answer.count("\n") == 0 for answer in answers)
    assert "Traceback" not in first.message


def test_a_flood_of_prints_is_named(check: Callable[[str], Checked]) -> None:
    """Forty lines hide a verdict."""
    source = edited((SIGMOID, "    for k in range(40):\n        print(k)\n" + SIGMOID))
    (each,) = check(source).report.exercises
    assert any("hide the verdict" in sentence for sentence in each.advice)


def test_a_right_solution_is_told_nothing(check: Callable[[str], Checked]) -> None:
    """No sentence without a mistake."""
    (each,) = check(SOLUTION).report.exercises
    assert not any(line.message for line in each.criteria)


def test_the_table_has_no_holes() -> None:
    """Names are unique, patterns compile, answers are one sentence and end with a sign."""
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names)
    for mistake in MISTAKES:
        re.compile(mistake.pattern)
        assert mistake.says[-1] in ".?:"
        assert "\n" not in mistake.says


@pytest.mark.parametrize("name", sorted(GONE))
def test_every_name_numpy_dropped_has_a_new_one(name: str) -> None:
    """The new name is said."""
    said = explain(f"AttributeError: module 'numpy' has no attribute '{name}'")
    assert GONE[name] in said


@pytest.mark.parametrize("message", ["", "h[0, 0] = 0.6, by hand 0.522", "`f` is not written yet"])
def test_other_messages_stay_as_they_are(message: str) -> None:
    """No match, no guess."""
    assert explain(message) == ""
