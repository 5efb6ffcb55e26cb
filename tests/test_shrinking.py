"""Arguments are made simpler as long as something stays wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.calls import Array
from grader.families import Family
from grader.shrinking import shrunk

FAMILIES = {"f": Family(names="a b c", optional="c"), "g": Family(names="a", kept="a")}

Args = tuple[Any, ...]
ARRAYS = hnp.arrays(float, (2, 3), elements=st.sampled_from([0.0, 1.0, -2.0, 0.5, 3.0]))


def wherever(wrong: Any) -> Any:
    """Judge many arguments at once."""

    def faults(cases: Sequence[Args]) -> list[str | None]:
        return ["wrong" if wrong(*args) else None for args in cases]

    return faults


@given(ARRAYS, ARRAYS, st.integers(0, 5))
def test_what_is_left_is_still_wrong_and_never_less_simple(a: Array, b: Array, k: int) -> None:
    def wrong(a: Array, b: Array, _: object = None) -> bool:
        return bool(a.flat[k] != 0.0 or b.sum() > 4.0)

    args: Args = (a, b, np.ones(2))
    if wrong(*args):
        left, _ = shrunk("f", args, "wrong", wherever(wrong), FAMILIES)
        assert wrong(*left)
        assert len(left) == 2, "what may be left out is left out"
        assert all(
            np.count_nonzero(x) <= np.count_nonzero(y) for x, y in zip(left, args, strict=False)
        )


def test_one_number_is_left_where_one_is_enough() -> None:
    args: Args = (np.full((2, 3), 2.5), np.full((2, 2), -1.5), None)
    left, _ = shrunk("f", args, "wrong", wherever(lambda a, _b, _c=None: a[1, 2] > 0), FAMILIES)
    assert np.count_nonzero(left[0]) == 1
    assert left[0][1, 2] == 1.0
    assert not left[1].any()


def test_numbers_that_are_kept_stay_what_they_are() -> None:
    args: Args = (np.array([0.5, 0.9]),)
    left, _ = shrunk("g", args, "wrong", wherever(lambda _a: True), FAMILIES)
    assert np.array_equal(left[0], args[0])


def test_arguments_that_are_given_are_not_changed() -> None:
    a = np.full(3, 2.0)
    shrunk("f", (a, a, None), "wrong", wherever(lambda *_: True), FAMILIES)
    assert np.array_equal(a, np.full(3, 2.0))
