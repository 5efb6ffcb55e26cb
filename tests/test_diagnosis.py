"""A bug is named when the arrays say so, and only then."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from grader.calls import ABSENT, Array, Call, Observation, Raised, Returned, Signature, Trouble
from grader.catalogue import Bug
from grader.diagnosis import agree, diagnose
from grader.grade import Grader
from grader.model import Certainty, Where
from grader.questions import tell_apart
from grader.reference import Reference
from grader.sandbox.protocol import Handle
from grader.sandbox.student import StudentError
from tests.helpers import criteria, edited, handed_in, open_grader

Function = Callable[..., Any]
X = np.random.default_rng(0).standard_normal((4, 6))
RETURNS = {"f": Signature.parse("y z")}


def right(x: Array) -> tuple[Array, Array]:
    """Return what should be returned: a table and its row sums."""
    return np.tanh(x), x.sum(axis=1)


def reference(function: Function) -> Reference:
    """Make a reference of one function f."""
    return Reference({"f": function}, RETURNS)


def bug(name: str) -> Bug:
    """Make a row of the catalogue."""
    return Bug(id=name, old="", new="", caught_by="", says=f"You have {name}.")


def seen_of(function: Function, *args: Array) -> Call:
    """Record what a student's function answers, as the sandbox would."""
    return Call(function="f", args=args, seen=reference(function).observe("f", args, {}))


def named(
    student: Function,
    twins: dict[str, Function],
    *,
    args: tuple[Array, ...] = (X,),
    **options: Any,
) -> tuple[Certainty, list[str]]:
    """Diagnose one call: how well the best bugs fit, and which they are."""
    rows = [(bug(name), reference(function)) for name, function in twins.items()]
    certainty, fits = diagnose([seen_of(student, *args)], reference(right), rows, **options)
    assert all(twin in rows for twin in fits)
    return certainty, [row.id for row, _ in fits]


def sine(x: Array) -> tuple[Array, Array]:
    """Go wrong in the first output."""
    return np.sin(x), x.sum(axis=1)


def mean(x: Array) -> tuple[Array, Array]:
    """Go wrong in the second output."""
    return np.tanh(x), x.mean(axis=1)


def both(x: Array) -> tuple[Array, Array]:
    """Go wrong in both outputs."""
    return np.sin(x), x.mean(axis=1)


def raises(error: Exception) -> Function:
    """Make a function that raises."""

    def f(_: Array) -> None:
        raise error

    return f


TWINS: dict[str, Function] = {"sine": sine, "mean": mean}

# --- silence --------------------------------------------------------------------------

SILENT: dict[str, tuple[Function, dict[str, Function]]] = {
    "no bug is known": (sine, {}),
    "no bug fits": (lambda x: (np.cos(x), x.sum(axis=1)), TWINS),
    "the student is right": (right, TWINS),
    "the bug changes nothing here": (right, {"harmless": right}),
    "only exceptions agree": (raises(ValueError()), {"raises": raises(ValueError())}),
    "exceptions differ": (raises(ValueError()), {"raises": raises(TypeError())}),
    "only zeros agree": (
        lambda x: (0 * x, x.sum(axis=1)), {"zeros": lambda x: (0 * x, x.sum(axis=1))},
    ),
    "only a constant agrees": (
        lambda x: (0 * x + 7, x.sum(axis=1)), {"sevens": lambda x: (0 * x + 7, x.sum(axis=1))},
    ),
    "only a single number agrees": (
        lambda x: (x[:1, :1], x.sum(axis=1)), {"one": lambda x: (x[:1, :1] + 1, x.sum(axis=1))},
    ),
    "the right way of being wrong, to four digits": (
        lambda x: (np.sin(x) * (1 + 1e-4), x.sum(axis=1)), TWINS,
    ),
    "NaN where the bug has numbers": (
        lambda x: (np.nan * x, x.sum(axis=1)), TWINS,
    ),
    "a transposed bug": (lambda x: (np.sin(x).T, x.sum(axis=1)), TWINS),
}  # fmt: skip


@pytest.mark.parametrize(("student", "twins"), SILENT.values(), ids=SILENT)
def test_nothing_is_said_without_evidence(student: Function, twins: dict[str, Function]) -> None:
    """Where the arrays are no bug's, no bug is found."""
    assert named(student, twins)[1] == []


# --- exact ----------------------------------------------------------------------------

EXACT: dict[str, tuple[Function, str]] = {
    "the first output": (sine, "sine"),
    "the second output": (mean, "mean"),
    "in single precision": (
        lambda x: tuple(a.astype(np.float32) for a in sine(x.astype(np.float32))), "sine",
    ),
    "one output in single precision": (
        lambda x: (np.sin(x).astype(np.float32), x.sum(axis=1)), "sine",
    ),
    "to seven digits": (lambda x: (np.sin(x) * (1 + 1e-7), x.sum(axis=1)), "sine"),
}  # fmt: skip


@pytest.mark.parametrize(("student", "name"), EXACT.values(), ids=EXACT)
def test_a_bug_whose_arrays_are_the_students_is_exact(student: Function, name: str) -> None:
    """All that differs from the reference is as the bug has it, and only that."""
    assert named(student, TWINS) == (Certainty.EXACT, [name])


def test_all_bugs_that_fit_equally_are_found() -> None:
    """Bugs that this question cannot tell apart are found together."""
    twins: dict[str, Function] = {"one": sine, "mean": mean, "two": sine}
    assert named(sine, twins) == (Certainty.EXACT, ["one", "two"])


def test_a_warning_alone_can_name_a_bug() -> None:
    """Right numbers with the one warning a bug gives are that bug."""

    def overflows(x: Array) -> tuple[Array, Array]:
        np.exp(np.array([1e4]))
        return right(x)

    assert named(overflows, {"overflows": overflows}) == (Certainty.EXACT, ["overflows"])
    assert named(right, {"overflows": overflows})[1] == []


def test_a_shape_alone_can_name_a_bug() -> None:
    """Squeezed arrays with the right numbers are the bug that squeezes."""

    def squeezes(x: Array) -> tuple[Array, Array]:
        return np.tanh(x).squeeze(), x.sum(axis=1)

    assert named(squeezes, {"squeezes": squeezes}, args=(X[:1],)) == (Certainty.EXACT, ["squeezes"])


def test_not_a_number_in_the_same_places_agrees() -> None:
    """A bug that gives NaN in some places is told by the others."""

    def half(x: Array) -> tuple[Array, Array]:
        return np.where(x > 0, np.nan, np.sin(x)), x.sum(axis=1)

    assert named(half, {"half": half, "sine": sine}) == (Certainty.EXACT, ["half"])


def test_every_call_counts() -> None:
    """A bug that fits one call and not the next is not there."""
    rows = [(bug("sine"), reference(sine))]
    calls = [seen_of(sine, X), seen_of(lambda x: (np.cos(x), x.sum(axis=1)), X + 1)]
    assert diagnose(calls, reference(right), rows) == (Certainty.LIKELY, [])
    calls = [seen_of(right, 0 * X), seen_of(sine, X)]
    assert diagnose(calls, reference(right), rows) == (Certainty.EXACT, rows)


# --- likely ---------------------------------------------------------------------------


def test_a_bug_among_other_trouble_is_likely() -> None:
    """One output is the bug's, another is nobody's."""

    def worse(x: Array) -> tuple[Array, Array]:
        return np.sin(x), x.sum(axis=1) + 100 * x[:, 0]

    assert named(worse, TWINS) == (Certainty.LIKELY, ["sine"])


def test_an_exact_fit_beats_likely_ones() -> None:
    """A bug that explains everything is named although others explain a part."""
    assert named(both, {**TWINS, "both": both}) == (Certainty.EXACT, ["both"])


def test_two_likely_bugs_are_found_together() -> None:
    """Each of two bugs explains a part: both are found."""
    assert named(both, TWINS) == (Certainty.LIKELY, ["sine", "mean"])


def in_left(function: Function) -> Function:
    """Make a bug that is in the left half of y only."""

    def f(x: Array) -> tuple[Array, Array]:
        y, z = right(x)
        return np.hstack([function(y[:, :3]), y[:, 3:]]), z

    return f


def test_some_blocks_make_a_bug_likely() -> None:
    """Divided as the rubric divides it, an output shows a bug beside another mistake."""

    def two_mistakes(x: Array) -> tuple[Array, Array]:
        y, z = in_left(np.square)(x)
        y[:, 3:] = x[:, 3:] ** 3
        return y, z

    twins = {"squared": in_left(np.square), "doubled": in_left(lambda y: 2 * y)}
    blocks = {"left": np.s_[:, :3], "right": np.s_[:, 3:]}
    assert named(two_mistakes, twins)[1] == []
    divided: dict[str, Any] = {"where": Where(output="y"), "blocks": blocks}
    assert named(two_mistakes, twins, **divided) == (Certainty.LIKELY, ["squared"])
    assert named(in_left(np.square), twins, **divided) == (Certainty.EXACT, ["squared"])
    # divided as another output, y is compared as a whole
    assert named(two_mistakes, twins, where=Where(output="z"), blocks=blocks)[1] == []


# --- emptied blocks -------------------------------------------------------------------

HALVES: dict[str, Any] = {"left": np.s_[:, :3], "right": np.s_[:, 3:]}
IN_HALVES: dict[str, Any] = {"where": Where(output="y"), "blocks": HALVES}


def empties(x: Array) -> tuple[Array, Array]:
    """Leave the left half of y zero."""
    y, z = right(x)
    y[:, :3] = 0.0
    return y, z


def of_y(change: Function) -> Function:
    """Empty the left half of y, and change what is left."""

    def f(x: Array) -> tuple[Array, Array]:
        y, z = empties(x)
        return change(y), z

    return f


def spoilt(y: Array) -> Array:
    """Spoil the right half."""
    scaled: Array = y * np.array([1.0, 1.0, 1.0, 1.0, 1.0, 2.0])
    return scaled


EMPTIED: dict[str, tuple[Function, Function, dict[str, Any], bool]] = {
    "the other block is right": (empties, empties, IN_HALVES, True),
    "undivided, all of it is the bug's": (empties, empties, {}, True),
    "another output is divided": (
        empties, empties, {"where": Where(output="z"), "blocks": HALVES}, True,
    ),
    "the block that is left is wrong, too": (of_y(spoilt), empties, IN_HALVES, False),
    "nothing is left": (lambda x: (0 * x, right(x)[1]), lambda x: (0 * x, right(x)[1]),
                        IN_HALVES, False),
    "what is left is the same number everywhere": (
        lambda x: (np.hstack([0 * x[:, :3], 0 * x[:, 3:] + 1]), right(x)[1]),
        lambda x: (np.hstack([0 * x[:, :3], 0 * x[:, 3:] + 1]), right(x)[1]),
        IN_HALVES, False,
    ),
    "another output is wrong": (
        lambda x: (empties(x)[0], 3 * right(x)[1]), empties, IN_HALVES, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("student", "twin", "divided", "told"), EMPTIED.values(), ids=EMPTIED)
def test_zeros_tell_a_bug_where_the_other_blocks_are_right(
    student: Function, twin: Function, divided: dict[str, Any], told: bool
) -> None:
    """Zeros alone say nothing; zeros in some blocks beside intact ones are that bug."""
    found = named(student, {"empties": twin, "sine": sine}, **divided)
    assert found == ((Certainty.EXACT, ["empties"]) if told else (Certainty.LIKELY, []))


def test_a_bug_that_empties_is_told_from_one_that_empties_more() -> None:
    """The blocks that are intact have to be intact in the bug as well."""

    def empties_all_but_one(x: Array) -> tuple[Array, Array]:
        y, z = right(x)
        y[:, :5] = 0.0
        return y, z

    twins = {"left": empties, "more": empties_all_but_one}
    thirds: dict[str, Any] = {
        "where": Where(output="y"),
        "blocks": {"a": np.s_[:, :3], "b": np.s_[:, 3:5], "c": np.s_[:, 5:]},
    }
    assert named(empties, twins, **thirds) == (Certainty.EXACT, ["left"])
    assert named(empties_all_but_one, twins, **thirds) == (Certainty.EXACT, ["more"])


# --- dicts ----------------------------------------------------------------------------


def in_dict(**changes: Function) -> Function:
    """Return a dict of three arrays; some of them changed, or left out."""

    def f(x: Array) -> tuple[dict[str, Array], Array]:
        arrays: dict[str, Any] = {"W": np.tanh(x), "b": x.sum(axis=1), "U": np.cos(x)}
        for key, change in changes.items():
            arrays[key] = change(x)
        return {key: value for key, value in arrays.items() if value is not None}, x[0]

    return f


def nothing(_: Array) -> None:
    """Leave an entry out."""


DICT_TWINS = {"sine": in_dict(W=np.sin), "mean": in_dict(b=lambda x: x.mean(axis=1))}
IN_DICTS: dict[str, tuple[Function, tuple[Certainty, list[str]]]] = {
    "one entry is the bug's": (in_dict(W=np.sin), (Certainty.EXACT, ["sine"])),
    "another entry is the bug's": (
        in_dict(b=lambda x: x.mean(axis=1)), (Certainty.EXACT, ["mean"]),
    ),
    "one entry is nobody's": (in_dict(W=np.exp), (Certainty.LIKELY, [])),
    "the bug's entry beside one that is nobody's": (
        in_dict(W=np.sin, U=np.exp), (Certainty.LIKELY, ["sine"]),
    ),
    "two bugs in two entries": (
        in_dict(W=np.sin, b=lambda x: x.mean(axis=1)), (Certainty.LIKELY, ["sine", "mean"]),
    ),
    "the bug's array under another key": (
        in_dict(U=np.sin), (Certainty.LIKELY, []),
    ),
    "the bug's entry is missing": (in_dict(W=nothing), (Certainty.LIKELY, [])),
    "no dict at all": (lambda x: (np.sin(x), x[0]), (Certainty.LIKELY, [])),
    "all entries are right": (in_dict(), (Certainty.LIKELY, [])),
}  # fmt: skip


@pytest.mark.parametrize(("student", "found"), IN_DICTS.values(), ids=IN_DICTS)
def test_each_entry_of_a_dict_tells_by_itself(
    student: Function, found: tuple[Certainty, list[str]]
) -> None:
    """A bug in one entry is named by that entry, and the others say whether it is all."""
    rows = [(bug(name), reference(function)) for name, function in DICT_TWINS.items()]
    certainty, fits = diagnose([seen_of(student, X)], reference(in_dict()), rows)
    assert (certainty, [row.id for row, _ in fits]) == found


def test_what_a_bug_leaves_out_of_a_dict_tells() -> None:
    """An entry that is missing as the bug has it names the bug; another one does not."""
    rows = [
        (bug("no b"), reference(in_dict(b=nothing))),
        (bug("sine"), reference(in_dict(W=np.sin))),
    ]
    for student, fits in ((in_dict(b=nothing), rows[:1]), (in_dict(U=nothing), [])):
        assert diagnose([seen_of(student, X)], reference(in_dict()), rows)[1] == fits


def test_an_entry_of_a_dict_may_be_divided() -> None:
    """The blocks of an entry are those of the output the rubric names, key and all."""

    def left_zero(x: Array) -> Array:
        return np.hstack([0 * x[:, :3], np.tanh(x[:, 3:])])

    rows = [(bug("empties"), reference(in_dict(W=left_zero)))]
    calls = [seen_of(in_dict(W=left_zero), X)]
    where = Where(output='y["W"]')
    for options in ({}, {"where": where, "blocks": HALVES}):
        found = diagnose(calls, reference(in_dict()), rows, **options)  # type: ignore[arg-type]
        assert found == (Certainty.EXACT, rows)
    calls = [seen_of(in_dict(W=lambda x: np.hstack([0 * x[:, :3], np.exp(x[:, 3:])])), X)]
    assert diagnose(calls, reference(in_dict()), rows, where=where, blocks=HALVES)[1] == []


def test_dicts_agree_by_their_keys_and_arrays() -> None:
    """The order of keys says nothing; a key more, or another array, does."""
    one = {"W": X, "b": X[0]}
    answers: dict[bool, list[object]] = {
        True: [{"b": X[0].copy(), "W": X.copy()}],
        False: [{"W": X}, {**one, "U": X}, {"W": X, "b": X[1]}, {"W": X, "b": None}, (X, X[0]), {}],
    }
    for alike, others in answers.items():
        for other in others:
            a, b = (Returned(names=("y",), values=(value,)) for value in (one, other))
            assert agree(a, b) is alike, other
            assert agree(b, a) is alike, other


BAD_BLOCKS: dict[str, dict[str, Any]] = {
    "beyond the array": {"left": np.s_[:, 100]},
    "too many axes": {"left": np.s_[:, :, :, 0]},
    "nothing in it": {"left": np.s_[:, 100:]},
}


@pytest.mark.parametrize("blocks", BAD_BLOCKS.values(), ids=BAD_BLOCKS)
def test_blocks_that_do_not_fit_are_not_used(blocks: dict[str, Any]) -> None:
    """An output that cannot be divided is compared as a whole."""
    found = named(sine, TWINS, where=Where(output="y"), blocks=blocks)
    assert found == (Certainty.EXACT, ["sine"])


# --- answers --------------------------------------------------------------------------

ALIKE: dict[str, tuple[Any, Any, bool]] = {
    "equal arrays": (X, X.copy(), True),
    "arrays of another shape": (X, X[:2], False),
    "arrays that broadcast": (np.ones((1, 3)), np.ones((2, 3)), False),
    "double precision needs six digits": (X, X * (1 + 1e-5), False),
    "single precision needs four": (
        X.astype(np.float32), (X * (1 + 1e-5)).astype(np.float32), True,
    ),
    "single precision, plainly wrong": (
        X.astype(np.float32), (X * 1.01).astype(np.float32), False,
    ),
    "another kind of number": (np.arange(3), np.arange(3.0), False),
    "truth values alike": (np.array([True, False]), np.array([True, False]), True),
    "truth values with truth values": (np.array([True, False]), np.array([True, True]), False),
    "infinities alike": (np.array([np.inf, 1.0]), np.array([np.inf, 1.0]), True),
    "infinities in other places": (np.array([np.inf, 1.0]), np.array([1.0, np.inf]), False),
    "NaN alike": (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), True),
    "an array and nothing": (X, None, False),
    "two numbers": (1.0, 2.0, False),
    "equal numbers": (2.0, 2.0, True),
    "numbers that differ in the last digit": (2.0, 2.0 * (1 + 1e-12), True),
    "numbers that are not there": (float("nan"), float("nan"), True),
    "a number of Python's and one of NumPy's": (2.0, np.float64(2.0), True),
    "a whole number and the same with a point": (2, 2.0, True),
    "a number and an array without axes": (2.0, np.array(2.0), True),
    "a number and an array of one": (2.0, np.array([2.0]), False),
    "a number and a truth value": (1.0, True, False),
    "infinities of other signs": (np.array([np.inf, 1.0]), np.array([-np.inf, 1.0]), False),
    "a student's cache and the reference's": (Handle(3), object(), True),
    "a cache of None": (Handle(3), None, True),
    "a missing cache": (Handle(3), ABSENT, False),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "alike"), ALIKE.values(), ids=ALIKE)
def test_answers_are_compared_both_ways(one: object, other: object, alike: bool) -> None:
    """Arrays by kind and relative error, everything else by equality, in either order."""
    a, b = (Returned(names=("y",), values=(value,)) for value in (one, other))
    assert agree(a, b) is alike
    assert agree(b, a) is alike


OTHERWISE: dict[str, tuple[Observation, Observation]] = {
    "a value and an exception": (
        Returned(names=("y",), values=(X,)), Raised(trouble=Trouble.RAISED, name="KeyError"),
    ),
    "two exceptions": (
        Raised(trouble=Trouble.RAISED, name="KeyError"),
        Raised(trouble=Trouble.RAISED, name="ValueError"),
    ),
    "two kinds of trouble": (Raised(trouble=Trouble.LATE), Raised(trouble=Trouble.DIED)),
    "with and without a warning": (
        Returned(names=("y",), values=(X,)),
        Returned(names=("y",), values=(X,), warned=frozenset({"overflow"})),
    ),
    "the same values in another order": (
        Returned(names=("h", "c"), values=(X, X + 1)),
        Returned(names=("h", "c"), values=(X + 1, X)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), OTHERWISE.values(), ids=OTHERWISE)
def test_answers_of_other_kinds_do_not_agree(one: Observation, other: Observation) -> None:
    """Exceptions, warnings and order can be told apart; each agrees with itself."""
    assert not agree(one, other)
    assert not agree(other, one)
    assert agree(one, one)
    assert agree(other, other)


# --- a real student -------------------------------------------------------------------


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    """Open one grader for the students of this file."""
    with open_grader() as opened:
        yield opened


FLOAT32 = (
    "    Hout = np.empty((T, B, H))\n",
    "    Hout = np.empty((T, B, H), np.float32)\n"
    "    X, W = X.astype(np.float32), W.astype(np.float32)\n"
    "    c, h, ones = c.astype(np.float32), h.astype(np.float32), ones.astype(np.float32)\n",
)
NO_FORGET = (
    "        c = f * c_prev + i * g\n        tanh_c",
    "        c = c_prev + i * g\n        tanh_c",
)


def test_a_known_bug_is_named_in_single_precision(grader: Grader) -> None:
    """A student who computes in float32 and forgets the forget gate is told both."""
    found = criteria(grader.grade(handed_in(edited(FLOAT32, NO_FORGET))))
    diagnosis = found["forward_cell"].diagnosis
    assert diagnosis is not None
    assert (diagnosis.bug, diagnosis.certainty) == ("forward-without-forget-gate", Certainty.EXACT)
    said = "Hout is float32; compute in float64 from beginning to end"
    assert (found["precision"].points, found["precision"].message) == (0, said)
    assert found["sequence"].carried_forward


TIES: dict[str, tuple[tuple[str, str], str, str]] = {
    "the cell is overwritten, or c0 ignored: the first": (
        ("        c = f * c_prev + i * g\n        tanh", "        c = i * g\n        tanh"),
        "forward_cell",
        "forward-cell-overwritten",
    ),
    "the cell is overwritten, or c0 ignored: the second": (
        ("c = np.zeros((B, H)) if c0 is None else c0", "c = np.zeros((B, H))"),
        "forward_cell",
        "forward-c0-ignored",
    ),
    "states swapped": (
        ("    ones = np.ones((B, 1))\n", "    c, h = h, c\n    ones = np.ones((B, 1))\n"),
        "forward_cell",
        "forward-states-swapped",
    ),
    "hn of the first step": (
        ("return Hout, c, h, cache", "return Hout, c, Hout[0], cache"),
        "sequence",
        "forward-hn-of-the-first-step",
    ),
    "the cell starts anew": (
        ("        c_prev = c\n", "        c_prev = np.zeros((B, H)) if c0 is None else c0\n"),
        "sequence",
        "forward-cell-not-carried",
    ),
}


@pytest.mark.parametrize(("change", "criterion", "expected"), TIES.values(), ids=TIES)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_bugs_are_named_in_both_precisions(
    grader: Grader, change: tuple[str, str], criterion: str, expected: str, precision: str
) -> None:
    """What names a bug in float64 names it in float32 too."""
    source = edited(change)
    if precision == "float32":
        old = "return Hout, c, h, cache"
        source = source.replace("return Hout, c, ", "return Hout.astype('f4'), c.astype('f4'), ")
        assert old not in source
    diagnosis = criteria(grader.grade(handed_in(source)))[criterion].diagnosis
    assert diagnosis is not None
    assert (diagnosis.bug, diagnosis.certainty) == (expected, Certainty.EXACT)


# --- further questions ----------------------------------------------------------------


class Asked:
    """Stands in for a student; counts how often it is asked."""

    def __init__(self, function: Function) -> None:
        self._reference = reference(function)
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Returned]:
        """Look up the one function there is."""
        assert name == "f"
        return self._f

    def _f(self, x: Array) -> Returned:
        """Answer as the function does; an exception becomes a student's error."""
        self.asked += 1
        seen = self._reference.observe("f", (x,), {})
        if isinstance(seen, Raised):
            raise StudentError(seen.trouble, "no", seen.name)
        return seen


def clipped(x: Array) -> tuple[Array, Array]:
    """Go wrong as `sine` does, but for large numbers."""
    return np.sin(np.minimum(x, 5.0)), x.sum(axis=1)


QUESTIONS = [seen_of(right, x) for x in (X, X + 1.0, X + 10.0, X + 20.0)]


def test_further_questions_tell_bugs_apart() -> None:
    """Only questions the bugs answer differently are asked, and only until one is left."""
    rows = [(bug("sine"), reference(sine)), (bug("clipped"), reference(clipped))]
    for function, row in ((sine, rows[0]), (clipped, rows[1])):
        student = Asked(function)
        assert tell_apart(student, rows, QUESTIONS) == [row]
        assert student.asked == 1


def test_bugs_that_never_differ_are_not_told_apart() -> None:
    """Nothing is asked, and both are left."""
    rows = [(bug("one"), reference(sine)), (bug("two"), reference(sine))]
    student = Asked(sine)
    assert tell_apart(student, rows, QUESTIONS) == rows
    assert student.asked == 0


def test_a_student_who_is_neither_is_neither() -> None:
    """A student who answers a further question in a third way has no known bug."""
    rows = [(bug("sine"), reference(sine)), (bug("clipped"), reference(clipped))]
    assert tell_apart(Asked(right), rows, QUESTIONS) == []


def test_a_student_who_fails_a_further_question_is_asked_the_next() -> None:
    """An exception tells nothing apart."""

    def fails_at_ten(x: Array) -> tuple[Array, Array]:
        if 9.0 < x.mean() < 15.0:
            raise ValueError
        return sine(x)

    rows = [(bug("sine"), reference(sine)), (bug("clipped"), reference(clipped))]
    student = Asked(fails_at_ten)
    assert tell_apart(student, rows, QUESTIONS) == [rows[0]]
    assert student.asked == 2
