"""Calls, and what came back of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.calls import (
    ABSENT,
    SCRATCH,
    Call,
    Callback,
    Made,
    Raised,
    Returned,
    Signature,
    Trouble,
    form,
    leaves,
    named,
)

NONE: frozenset[int] = frozenset()
SIGNATURES = {
    "one value": ("W", Signature(("W",), NONE)),
    "several values": ("f i g o", Signature(("f", "i", "g", "o"), NONE)),
    "an opaque value at the end": (
        "Hout cn hn *cache", Signature(("Hout", "cn", "hn", "cache"), frozenset({3})),
    ),
    "an opaque value in the middle": ("a *b c", Signature(("a", "b", "c"), frozenset({1}))),
    "a figure": ("@figure", Signature(("figure",), NONE, frozenset({0}))),
    "a figure among others": (
        "norms @figure *cache", Signature(("norms", "figure", "cache"), frozenset({2}),
                                          frozenset({1})),
    ),
    "any white space": ("  h \n  c ", Signature(("h", "c"), NONE)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "signature"), SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_read_as_it_is_written(text: str, signature: Signature) -> None:
    """Names come in order; a star marks what is opaque, an @ a figure; neither is in the name."""
    assert Signature.parse(text) == signature


FOUR = Signature.parse("Hout cn hn *cache")
TWO = Signature.parse("h c")
ONE = Signature.parse("s")
ARRAY = np.ones(2)

WRONG_FORMS: dict[str, tuple[object, Signature]] = {
    "None for two values": (None, TWO),
    "an array for two values": (np.ones((2, 3)), TWO),
    "a dict for two values": ({"h": 1, "c": 2}, TWO),
    "a text as long as the names": ("hc", TWO),
    "one too few": ((ARRAY,), TWO),
    "one too many": ((ARRAY, ARRAY, ARRAY), TWO),
    "nothing": ((), TWO),
    "two missing, one of them opaque": ((ARRAY, ARRAY), FOUR),
    "five for four": ((ARRAY,) * 5, FOUR),
}


@pytest.mark.parametrize(("value", "signature"), WRONG_FORMS.values(), ids=WRONG_FORMS)
def test_a_wrong_number_of_values_has_no_form(value: object, signature: Signature) -> None:
    """What does not fit the names is arranged as nothing."""
    assert form(value, signature) is None


FORMS: dict[str, tuple[object, Signature, tuple[Any, ...]]] = {
    "a single value is itself": (3.0, ONE, (3.0,)),
    "a single value may be None": (None, ONE, (None,)),
    "a tuple as a single value stays one": ((1, 2), ONE, ((1, 2),)),
    "a tuple of the right length": ((1, 2), TWO, (1, 2)),
    "a list of the right length": ([1, 2], TWO, (1, 2)),
    "a forgotten cache is absent": ((1, 2, 3), FOUR, (1, 2, 3, ABSENT)),
    "a cache of None is there": ((1, 2, 3, None), FOUR, (1, 2, 3, None)),
}


@pytest.mark.parametrize(("value", "signature", "arranged"), FORMS.values(), ids=FORMS)
def test_values_are_arranged_by_name(
    value: object, signature: Signature, arranged: tuple[Any, ...]
) -> None:
    """What fits the names is arranged in their order."""
    assert form(value, signature) == arranged


RETURNED = Returned(names=("h", "c"), values=(1.0, 2.0), warned=frozenset({"overflow"}))


def test_returned_values_are_read_by_name_position_and_attribute() -> None:
    """A rubric may write got.h, got["h"], got[0] or unpack."""
    h, c = RETURNED
    assert (h, c) == (1.0, 2.0)
    assert (RETURNED.h, RETURNED["h"], RETURNED[0]) == (1.0, 1.0, 1.0)
    assert (RETURNED.c, RETURNED["c"], RETURNED[1], RETURNED[-1]) == (2.0, 2.0, 2.0, 2.0)


def test_a_value_that_was_not_returned_is_an_attribute_error() -> None:
    """A typing error in a rubric is found, not read as nothing."""
    with pytest.raises(AttributeError, match="^hn$"):
        RETURNED.hn  # noqa: B018
    with pytest.raises(ValueError, match="not in tuple"):
        RETURNED["hn"]
    assert getattr(RETURNED, "hn", None) is None


def test_values_are_replaced_in_a_copy() -> None:
    """An adapter swaps values without touching what came back."""
    changed = replace(RETURNED, values=(3.0, 4.0))
    assert (changed.h, changed.warned) == (3.0, frozenset({"overflow"}))
    assert RETURNED.h == 1.0


def test_absence_has_a_name() -> None:
    """Rubrics ask for ABSENT by its name, and it is not None."""
    assert repr(ABSENT) == "ABSENT"
    assert ABSENT is not None


def test_a_call_remembers_question_and_answer() -> None:
    """Keyword arguments may be left out; what was seen may be a failure."""
    seen = Raised(trouble=Trouble.RAISED, name="ValueError")
    call = Call(function="f", args=(1,), seen=seen)
    assert call.kwargs == {}
    assert call.seen == Raised(trouble=Trouble("raised"), name="ValueError")


def test_what_is_opaque_is_named_by_how_it_is_made() -> None:
    """Opaque values give way to their recipe; arrays, figures and what is absent stay."""
    signature, args = Signature.parse("y @figure *cache"), (ARRAY,)
    arranged = (ARRAY, {"axes": ()}, "anything")
    y, figure, made = named("f", args, {"n": 2}, arranged, signature)
    assert y is ARRAY
    assert figure is arranged[1]
    assert isinstance(made, Made)
    assert (made.function, made.args, made.kwargs, made.position) == ("f", args, {"n": 2}, 2)
    assert named("f", args, {}, (*arranged[:2], ABSENT), signature)[2] is ABSENT


def test_the_scratch_file_has_a_name() -> None:
    """Messages and reports say SCRATCH, never where it is."""
    assert repr(SCRATCH) == "SCRATCH"


# --- what a container holds -----------------------------------------------------------

LEAVES: dict[str, tuple[object, list[tuple[str, object]]]] = {
    "a number": (3.0, [("v", 3.0)]),
    "nothing": (None, [("v", None)]),
    "a text is no container": ("ab", [("v", "ab")]),
    "an empty dict": ({}, []),
    "an empty tuple": ((), []),
    "a dict, by key": ({"b": 1, "a": 2}, [('v["a"]', 2), ('v["b"]', 1)]),
    "a dict with numbers as keys": ({1: "x", 0: "y"}, [("v[0]", "y"), ("v[1]", "x")]),
    "a tuple": ((5, 6), [("v[0]", 5), ("v[1]", 6)]),
    "a list in a dict in a list": ([{"axes": [7]}], [('v[0]["axes"][0]', 7)]),
    "an empty list between others": ({"a": [], "b": 1}, [('v["b"]', 1)]),
}


@pytest.mark.parametrize(("value", "found"), LEAVES.values(), ids=LEAVES)
def test_a_container_is_what_it_holds(value: object, found: list[tuple[str, object]]) -> None:
    """Each thing inside has a name; containers themselves have none."""
    assert list(leaves("v", value)) == found


def test_an_array_is_one_thing() -> None:
    """The entries of an array are not listed."""
    ((name, value),) = leaves("v", ARRAY)
    assert name == "v"
    assert value is ARRAY


KEYS = st.text(st.characters(exclude_characters='"\\\n\r', exclude_categories=["C"]), max_size=3)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


def rebuilt(value: object, found: dict[str, object], name: str) -> object:
    """Put the leaves back into a container of the same form."""
    if isinstance(value, dict):
        return {k: rebuilt(item, found, f'{name}["{k}"]') for k, item in value.items()}
    if isinstance(value, tuple | list):
        items = [rebuilt(item, found, f"{name}[{k}]") for k, item in enumerate(value)]
        return type(value)(items)
    return found.pop(name)


@given(NESTED)
def test_a_container_can_be_rebuilt_from_its_leaves(value: object) -> None:
    """No leaf is lost, listed twice, or under the name of another."""
    listed = list(leaves("v", value))
    found = dict(listed)
    assert len(found) == len(listed)
    assert rebuilt(value, found, "v") == value
    assert found == {}


@given(NESTED)
def test_a_name_is_the_way_to_what_it_names(value: object) -> None:
    """Read as Python, the name of a leaf leads to it."""
    for name, leaf in leaves("v", value):
        assert eval(name, {"v": value}) is leaf


def test_arguments_looked_at_after_the_call_are_written_with_their_place() -> None:
    """An & marks an argument; it is seen, and not returned."""
    signature = Signature.parse("grad &1:x *cache")
    assert signature.names == ("grad", "cache")
    assert signature.opaque == {1}
    assert signature.seen == ("grad", "cache", "x")
    assert signature.after == (("x", 1),)


def test_a_callback_is_small() -> None:
    """It travels with every call."""
    with pytest.raises(ValueError, match="the callback f has more than 16384 characters"):
        Callback(source="#" * 20_000, name="f")
