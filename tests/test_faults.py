"""What is wrong with an answer."""

from typing import Any

import numpy as np
import pytest

from grader.calls import Raised, Returned, Trouble
from grader.faults import Fault, faults, told
from grader.sandbox.protocol import Refused


def returned(value: object, **more: Any) -> Returned:
    return Returned(names=("y",), values=(value,), **more)


ONE = np.array([[1.0, 2.0]])
SAYS = {
    "another number": (np.array([[1.0, 3.0]]), ONE, "print(y[0, 1])  # you get 3, by hand it is 2"),
    "NaN": (np.array([[1.0, np.nan]]), ONE, "print(y[0, 1])  # you get nan, by hand it is 2"),
    "an infinity of the other sign": (
        np.array([-np.inf]), np.array([np.inf]), "print(y[0])  # you get -inf, by hand it is inf",
    ),
    "close numbers get more digits": (
        np.array(1.2344), np.array(1.2339), "print(y)  # you get 1.234, by hand it is 1.2339",
    ),
    "another shape": (ONE[0], ONE, "print(np.shape(y))  # you get (2,), it should be (1, 2)"),
    "a list": ((1.0, 2.0), ONE, "print(type(y))  # it is a tuple or list; it should be an array"),
    "nothing": (
        None, ONE, "print(type(y))  # it is None; it should be an array (is there a return?)",
    ),
    "None for a number": (None, 3, "print(y)  # you get None, by hand it is 3"),
    "a number for None": (1999, None, "print(y)  # you get 1999, by hand it is None"),
    "an array that may not travel": (
        Refused("of objects"), ONE,
        "print(type(y))  # it is of objects; return a plain array of floats",
    ),
    "an entry of a dict": (
        {"W": ONE}, {"W": 2 * ONE}, 'print(y["W"][0, 0])  # you get 1, by hand it is 2',
    ),
    "an entry of a list": (
        ((0, 2), (2, 4)), [(0, 2), (2, 3)], "print(y[1][1])  # you get 4, by hand it is 3",
    ),
    "a number for a list": (3, [0.5, 1.5], "print(type(y))  # it should be a list"),
    "a key that is missing": (
        {}, {"W": ONE},
        'print(type(y["W"]))  # it is None; it should be an array (is there a return?)',
    ),
    "a list of words": (
        ("W",), ("W", "b"), "print(y)  # you get ['W'], it should be ['W', 'b']",
    ),
    "no list of words": (3.0, ("W",), "print(type(y))  # it should be a list"),
    "an array in a list": (
        [(ONE, ONE)], [(ONE, 2 * ONE)], "print(y[0][1][0, 0])  # you get 1, by hand it is 2",
    ),
    "a text in a list": (
        [1, "b"], [1, "a"], "print(y[1])  # you get 'b', by hand it is 'a'",
    ),
    "a long text": (
        [1, "b" * 50], [1, "a"], f"print(y[1])  # you get '{'b' * 40}…', by hand it is 'a'",
    ),
    "a long word": (
        ["b" * 50], ["a"], "print(y)  # you get something else, it should be ['a']",
    ),
    "a number for a text": ([1, 1], [1, "a"], "print(type(y[1]))  # it should be a text"),
    "a list that is too short": (
        list("abcd"), list("abcde"), "print(len(y))  # you get 4, by hand it is 5",
    ),
    "an array for a list": (ONE, ["a"], "print(type(y))  # it should be a list"),
}  # fmt: skip


@pytest.mark.parametrize(("got", "want", "says"), SAYS.values(), ids=SAYS)
def test_a_wrong_answer_is_shown_in_a_line(got: object, want: object, says: str) -> None:
    fault, *_ = faults(returned(got), returned(want), 1e-4)
    line, *_ = told(fault, "")
    assert line.replace("1.2344", "1.234") == says


RIGHT = {
    "the same": (ONE, ONE),
    "rounding of a zero": (np.array([1e-17]), np.zeros(1)),
    "NaN where it should be": (np.array([np.nan]), np.array([np.nan])),
    "None": (None, None),
    "a whole number as an array": (np.array(3), 3),
    "a list of words": (["W"], ("W",)),
    "a tuple for a list": (((0, 2), (2, 3)), [(0, 2), (2, 3)]),
    "an array for a list": (np.array([[0, 2], [2, 3]]), [(0, 2), (2, 3)]),
    "what only its author understands": (object(), {"a": "words"}),
    "a list of the other kind": ((ONE, "a"), [ONE, "a"]),
    "a row of an array for a list": (ONE[0], [1.0, 2.0]),
}


@pytest.mark.parametrize(("got", "want"), RIGHT.values(), ids=RIGHT)
def test_a_right_answer_has_no_fault(got: object, want: object) -> None:
    assert faults(returned(got), returned(want), 1e-4) == ()


def test_an_exception_and_a_warning_are_faults() -> None:
    raised = Raised(trouble=Trouble.RAISED, name="ValueError")
    (fault,) = faults(raised, returned(ONE), 1e-4)
    assert told(fault, "")[0] == "# raises ValueError"
    warned = returned(ONE, warned=frozenset({"overflow"}))
    (fault,) = faults(warned, returned(ONE), 1e-4)
    assert told(fault, "")[0] == "# NumPy warns: overflow"


def test_what_is_alike_ranks_before_what_is_not() -> None:
    value, shape = Fault("value", "dW"), Fault("shape", "dW")
    assert value.resembles(Fault("value", "dW")) == 3
    assert value.resembles(shape) == 2
    assert value.resembles(Fault("raised")) == 1
    assert value.resembles(Fault("value", "dX")) == 0
