"""Calls, and what came back of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.calls import ABSENT, Call, Raised, Returned, Signature, Trouble, form

SIGNATURES = {
    "one value": ("W", ("W",), set()),
    "several values": ("f i g o", ("f", "i", "g", "o"), set()),
    "an opaque value at the end": ("Hout cn hn *cache", ("Hout", "cn", "hn", "cache"), {3}),
    "an opaque value in the middle": ("a *b c", ("a", "b", "c"), {1}),
    "any white space": ("  h \n  c ", ("h", "c"), set()),
}


@pytest.mark.parametrize(("text", "names", "opaque"), SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_read_as_it_is_written(
    text: str, names: tuple[str, ...], opaque: set[int]
) -> None:
    """Names come in order; a star marks what is opaque and is not part of the name."""
    assert Signature.parse(text) == Signature(names, frozenset(opaque))


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
