"""The reference answers like a student would, remembers, and touches nothing."""

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.calls import Callback, Raised, Returned, Signature, Trouble
from grader.reference import Reference, fingerprint, load_functions
from grader.sandbox.protocol import Seed


class Counted:
    """A function that counts how often it really ran."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.runs = 0

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Count, then call."""
        self.runs += 1
        return self.function(*args, **kwargs)


def asked(function: Callable[..., Any], returns: str = "y") -> Reference:
    """Make a reference of one function f."""
    return Reference({"f": function}, {"f": Signature.parse(returns)})


def fails(error: Exception) -> Callable[..., Any]:
    """Make a function that raises."""

    def f(*_: object) -> None:
        raise error

    return f


# --- what goes wrong ------------------------------------------------------------------


def test_an_exception_is_an_observation() -> None:
    """A patched twin may raise; that is what it answers."""
    seen = asked(fails(ZeroDivisionError("no"))).observe("f", (1,), {})
    assert seen == Raised(trouble=Trouble.RAISED, name="ZeroDivisionError")


def test_data_is_asked_for_like_a_function() -> None:
    """What stands under a name of its own is what a call without arguments answers."""
    reference = Reference({"ANSWERS": {"a": "b"}}, {"ANSWERS": Signature.parse("answers")})
    assert reference.ANSWERS().answers == {"a": "b"}


def test_a_wrong_number_of_values_is_an_observation() -> None:
    """A patched twin may return too much; that is what it answers."""
    seen = asked(lambda: (1, 2, 3), "a b").observe("f", (), {})
    assert seen == Raised(trouble=Trouble.FORM)


def test_a_rubric_cannot_go_on_with_a_reference_that_raised() -> None:
    """Called as a rubric calls it, a failing reference is our error."""
    with pytest.raises(TypeError, match=r"^the reference f raised ValueError$"):
        asked(fails(ValueError("no"))).f(1)


def test_a_function_the_rubric_does_not_name_is_no_attribute() -> None:
    """Only what `RETURNS` lists can be asked."""
    reference = Reference({"f": abs, "g": abs}, {"f": Signature.parse("y")})
    with pytest.raises(AttributeError, match="^g$"):
        reference.g  # noqa: B018


# --- remembering ----------------------------------------------------------------------


def test_an_answer_is_remembered() -> None:
    """The same question is worked out once."""
    f = Counted(lambda x, y=0: x + y)
    reference = asked(f)
    x = np.arange(3.0)
    first = reference.f(x, y=1.0)
    again = reference.f(x.copy(), y=1.0)
    assert f.runs == 1
    assert np.array_equal(again.y, [1.0, 2.0, 3.0])
    assert again.y is first.y


def test_an_exception_is_remembered() -> None:
    """A question that raised is not asked again."""
    f = Counted(fails(ValueError("no")))
    reference = asked(f)
    for _ in range(3):
        reference.observe("f", (1,), {})
    assert f.runs == 1


def test_functions_are_remembered_apart() -> None:
    """Two functions asked the same give their own answers."""
    signatures = {name: Signature.parse("y") for name in "fg"}
    reference = Reference({"f": lambda x: x, "g": lambda x: -x}, signatures)
    assert (reference.f(1.0).y, reference.g(1.0).y) == (1.0, -1.0)


OTHER_QUESTIONS: dict[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = {
    "another number in one place": ((np.array([1.0, 2.5]), 3), {}),
    "another type of number": ((np.array([1.0, 2.0], np.float32), 3), {}),
    "another shape": ((np.array([[1.0, 2.0]]), 3), {}),
    "another second argument": ((np.array([1.0, 2.0]), 4), {}),
    "one argument more": ((np.array([1.0, 2.0]), 3, None), {}),
    "by keyword": ((np.array([1.0, 2.0]),), {"n": 3}),
    "a text": ((np.array([1.0, 2.0]), "3"), {}),
    "a float": ((np.array([1.0, 2.0]), 3.0), {}),
}


@pytest.mark.parametrize(("args", "kwargs"), OTHER_QUESTIONS.values(), ids=OTHER_QUESTIONS)
def test_another_question_is_asked_anew(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Whatever differs in the arguments makes another question."""
    f = Counted(lambda *_, **__: 0.0)
    reference = asked(f)
    reference.observe("f", (np.array([1.0, 2.0]), 3), {})
    reference.observe("f", args, kwargs)
    assert f.runs == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long grading forgets rather than grow, and still answers right."""
    monkeypatch.setattr("grader.reference.MEMORY", 4)
    f = Counted(lambda x: x + 1)
    reference = asked(f)
    assert [reference.f(k).y for k in range(10)] == list(range(1, 11))
    assert len(reference._remembered) <= 4
    assert reference.f(0).y == 1


values = st.recursive(
    st.integers(0, 200) | st.floats(0, 9).map(lambda x: round(x, 2)) | st.text("ab1,", max_size=3)
    | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@given(st.lists(values, max_size=3).map(tuple), st.lists(values, max_size=3).map(tuple))
def test_only_equal_arguments_have_equal_fingerprints(
    one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    """No two different questions are taken for the same."""
    # repr: 1 and True and 1.0 are equal to Python and not to us
    assert (fingerprint(one, {}) == fingerprint(other, {})) == (repr_of(one) == repr_of(other))


def repr_of(value: object) -> str:
    """Write a value so that only equal ones are written alike; dicts by key."""
    if isinstance(value, tuple):
        return f"({', '.join(map(repr_of, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {repr_of(value[key])}' for key in sorted(value))}}}"
    return repr(value)


@given(st.text("12", min_size=2, max_size=6), st.data())
def test_neighbours_do_not_run_into_each_other(digits: str, data: st.DataObject) -> None:
    """count_parameters(1, 23) and count_parameters(12, 3) are two questions."""
    cuts = st.integers(1, len(digits) - 1)
    one, other = ((int(digits[:k]), int(digits[k:])) for k in (data.draw(cuts), data.draw(cuts)))
    assert (fingerprint(one, {}) == fingerprint(other, {})) == (one == other)


def test_arrays_are_digested_by_what_they_hold() -> None:
    """A view, a transpose and a copy with the same numbers are the same question."""
    a = np.arange(6.0).reshape(2, 3)
    assert fingerprint((a.T,), {}) == fingerprint((a.T.copy(),), {})
    assert fingerprint((a[:, ::2],), {}) == fingerprint((a[:, ::2].copy(),), {})
    assert fingerprint((a.T,), {}) != fingerprint((a,), {})


def test_the_order_of_keywords_does_not_matter() -> None:
    """Keywords and dicts are digested by key."""
    assert fingerprint((), {"a": 1, "b": 2}) == fingerprint((), {"b": 2, "a": 1})
    assert fingerprint(({"a": 1, "b": 2},), {}) == fingerprint(({"b": 2, "a": 1},), {})


# --- the caller's arrays --------------------------------------------------------------


CONTAINERS: dict[str, Callable[[np.ndarray[Any, Any]], Any]] = {
    "in an array": lambda a: a,
    "in a dict": lambda a: {"W": a},
    "in a list": lambda a: [a],
    "in a tuple": lambda a: (a,),
    "in a list in a dict": lambda a: {"W": [a]},
}


@pytest.mark.parametrize("wrapped", CONTAINERS.values(), ids=CONTAINERS)
def test_a_function_never_changes_the_arrays_of_the_caller(
    wrapped: Callable[[np.ndarray[Any, Any]], Any],
) -> None:
    """A function that writes into its arguments writes into copies."""

    def write(value: Any) -> float:
        if isinstance(value, np.ndarray):
            value[...] = -1.0
            return 0.0
        for item in value.values() if isinstance(value, dict) else value:
            write(item)
        return 0.0

    for by in ("position", "keyword"):
        array = np.ones((2, 2))
        if by == "position":
            asked(write).f(wrapped(array))
        else:
            asked(write).f(value=wrapped(array))
        assert np.array_equal(array, np.ones((2, 2))), by


def test_an_answer_is_not_the_argument() -> None:
    """What a function returns does not change when the caller's array does."""
    x = np.ones(3)
    y = asked(lambda x: x).f(x).y
    x[0] = 5.0
    assert np.array_equal(y, np.ones(3))


# --- sweeps ---------------------------------------------------------------------------


def swept(p: dict[str, Any], x: Any, *, scale: float = 1.0) -> tuple[Any, Any]:
    """Two outputs; writes into its arguments, as students do."""
    y = scale * np.tanh(x @ p["W"])
    x *= 0.0
    p["W"] += 1.0
    return y, y.sum(axis=0)


@given(st.integers(0, 2**32 - 1), st.permutations([(0, "W"), 1]), st.permutations(["y", "s"]))
def test_a_sweep_is_what_single_calls_give(
    seed: int, paths: list[int | tuple[int, str]], outputs: list[str]
) -> None:
    """Two rows per entry, + before -, per path and output, on arguments that stay as they are."""
    rng = np.random.default_rng(seed)
    p, x = {"W": rng.standard_normal((3, 2))}, rng.standard_normal((2, 3))
    before, delta = (p["W"].copy(), x.copy()), 0.25
    reference = asked(swept, "y s")
    stacks = reference.sweep("f", [p, x], paths, delta, outputs, scale=2.0)
    assert [len(some) for some in stacks] == [2, 2]
    for path, some in zip(paths, stacks, strict=True):
        for row in range(12):
            moved = {"W": before[0].copy()}, before[1].copy()
            array = moved[1] if path == 1 else moved[0]["W"]
            array.reshape(-1)[row // 2] += -delta if row % 2 else delta
            seen = reference.f(*moved, scale=2.0)
            for stack, output in zip(some, outputs, strict=True):
                assert np.array_equal(stack[row], seen[output])
    assert np.array_equal(p["W"], before[0])
    assert np.array_equal(x, before[1])


def test_a_sweep_is_not_remembered() -> None:
    """Thousands of evaluations of one gradient do not push out what is asked again."""
    reference = asked(lambda x: x)
    reference.f(np.ones(2))
    reference.sweep("f", [np.ones(50)], [0], 0.1, ["y"])
    assert len(reference._remembered) == 1


def test_a_sweep_of_what_raises_is_an_error() -> None:
    """A twin that fails somewhere has no gradient."""
    with pytest.raises(TypeError, match="^the reference f raised ValueError$"):
        asked(fails(ValueError())).sweep("f", [np.ones(1)], [0], 0.1, ["y"])


def test_arrays_in_a_dict_cannot_be_written_into() -> None:
    """An answer is handed out again and again; nobody may change it, wherever it lies."""
    reference = asked(lambda: {"W": np.ones(2), "more": [np.ones(2)]})
    answer = reference.f().y
    for array in (answer["W"], answer["more"][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0


# --- seeds and warnings ---------------------------------------------------------------


def test_a_seed_is_the_same_generator_each_time() -> None:
    """Every call with a seed draws the numbers default_rng(entropy) draws."""
    f = Counted(lambda rng, n: rng.standard_normal(n))
    reference, other = asked(f), asked(f)
    want = np.random.default_rng(7).standard_normal(4)
    assert np.array_equal(reference.f(Seed(7), 4).y, want)
    assert np.array_equal(other.f(Seed(7), 4).y, want)
    assert np.array_equal(reference.f(rng=Seed(7), n=4).y, want)
    assert not np.array_equal(reference.f(Seed(8), 4).y, want)
    assert f.runs == 4


WARNINGS: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "nothing to warn of": (lambda x: x + 1.0, set()),
    "overflow": (lambda x: np.exp(1e3 * x), {"overflow"}),
    "division by zero": (lambda x: x / np.zeros(2), {"divide by zero"}),
    "an invalid value": (lambda x: np.sqrt(-x), {"invalid value"}),
    "two kinds": (lambda x: np.log(-x) + np.exp(1e3 * x), {"invalid value", "overflow"}),
    "underflow is nobody's business": (lambda x: np.exp(-1e3 * x), set()),
}


@pytest.mark.parametrize(("function", "kinds"), WARNINGS.values(), ids=WARNINGS)
def test_floating_point_warnings_are_recorded(
    function: Callable[..., Any], kinds: set[str]
) -> None:
    """Kinds of NumPy warnings belong to the answer and do not reach the caller."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert asked(function).f(np.ones(2)).warned == kinds


def test_warnings_belong_to_one_call() -> None:
    """A later call does not inherit the warnings of an earlier one."""
    reference = asked(np.exp)
    assert reference.f(np.array([1e4])).warned == {"overflow"}
    assert reference.f(np.array([1.0])).warned == set()
    assert reference.f(np.array([1e4])).warned == {"overflow"}


def test_numpy_settings_are_left_as_they_were() -> None:
    """Recording warnings does not change how NumPy treats them elsewhere."""
    before = np.geterr()
    asked(np.exp).f(np.array([1e4]))
    asked(fails(ValueError())).observe("f", (), {})
    assert np.geterr() == before


def test_answers_have_the_names_of_the_signature() -> None:
    """An answer is read like the student's, cache included."""
    got = asked(lambda: (1.0, 2.0, object()), "h c *cache").f()
    assert isinstance(got, Returned)
    assert (got.h, got.c, got.names) == (1.0, 2.0, ("h", "c", "cache"))


# --- loading --------------------------------------------------------------------------


def test_a_source_may_import_another_exercise() -> None:
    """The flat name of an earlier exercise means the source that was given."""
    source = "from earlier import f\nimport earlier\ndef g(x): return f(x) + earlier.ONE"
    functions = load_functions({"earlier": "ONE = 1\ndef f(x): return 10 * x", "later": source})
    assert functions["g"](2) == 21


def test_loading_leaves_no_module_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was importable before is importable after, and nothing else is."""
    here = sys.modules["json"]
    monkeypatch.delitem(sys.modules, "earlier", raising=False)
    others = {"earlier": "x = 1", "json": "x = 2"}
    functions = load_functions(others | {"later": "import earlier, json\nx = earlier.x + json.x"})
    assert functions["x"] == 3
    assert sys.modules["json"] is here
    assert "earlier" not in sys.modules
    assert "later" not in sys.modules


def test_loading_that_fails_leaves_no_module_behind() -> None:
    """A source that raises is not half loaded."""
    with pytest.raises(ZeroDivisionError):
        load_functions({"earlier": "x = 1", "later": "1 / 0"})
    with pytest.raises(ZeroDivisionError):
        load_functions({"earlier": "1 / 0", "later": "x = 1"})
    assert "earlier" not in sys.modules


def test_a_traceback_names_the_solution() -> None:
    """A syntax error in a solution says in which file it is."""
    with pytest.raises(SyntaxError) as caught:
        load_functions({"later": "def f(:"})
    assert caught.value.filename == "solutions/later.py"


# --- functions as arguments, and arguments afterwards -----------------------------------

COUNTING = Callback(source="n = []\ndef f(x):\n    n.append(x)\n    return len(n)\n", name="f")
TWICE = Callback(source="def f(x): return 2.0 * g(x)\n", name="f", uses=("g",))


def test_a_callback_is_made_anew_for_every_call() -> None:
    """What one call leaves in it, the next does not find."""
    reference = asked(lambda f, x: f(x) + 0.0 * f(x))
    assert [reference.f(COUNTING, x).y for x in (1.0, 2.0)] == [1.0, 1.0]


def test_a_callback_uses_functions_of_the_exercise() -> None:
    """It is the source's own function that it calls, in this reference that of the reference."""
    signatures = {"f": Signature.parse("y"), "g": Signature.parse("y")}
    reference = Reference({"f": lambda f, x: f(x), "g": lambda x: x + 1.0}, signatures)
    assert reference.f(TWICE, 3.0).y == 8.0


def test_questions_with_other_callbacks_are_other_questions() -> None:
    """The source is part of the question."""
    other = Callback(source="def f(x): return -x\n", name="f")
    reference = asked(lambda f, x: f(x))
    assert (reference.f(COUNTING, 3.0).y, reference.f(other, 3.0).y) == (1.0, -3.0)


def test_an_argument_is_seen_as_the_call_left_it() -> None:
    """The copy that was handed over is shown; the caller's own array is as it was."""

    def f(x: Any) -> float:
        x[0] = 7.0
        return 1.0

    x = np.zeros(2)
    seen = asked(f, "y &0:x").f(x)
    assert seen.names == ("y", "x")
    assert seen.x.tolist() == [7.0, 0.0]
    assert not x.any()


def test_an_argument_that_is_left_out_is_none_afterwards() -> None:
    """What is looked at after the call need not be given."""
    assert asked(lambda x, y=None: (x, y)[0], "z &1:y").f(2.0).y is None
