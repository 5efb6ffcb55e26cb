"""Families of public questions."""

import numpy as np
import pytest

from grader.calls import Made
from grader.families import Digits, Family, arrays, like, placed, probes
from grader.sandbox.protocol import Seed

RUN = Family(
    names="X W h0",
    optional="h0",
    make=lambda draw, T, H: (draw(T, H), draw(H, H), draw(H)),
)


def test_the_first_question_has_sizes_of_one_and_sizes_never_shrink_below() -> None:
    members = probes(RUN)
    assert members[0].sizes == {"T": 1, "H": 1}
    assert members[0].smallest
    total = [sum(member.sizes.values()) for member in members]
    assert total[0] == min(total)
    assert members[-1].sizes == {"T": 1, "H": 3}


def test_what_may_be_left_out_is_left_out_at_small_sizes() -> None:
    lengths = {len(member.args) for member in probes(RUN) if member.smallest}
    assert lengths == {2, 3}


def test_questions_without_sizes_come_last() -> None:
    family = Family(names="a", make=lambda draw, H: (draw(H),), also=((np.array([9.0]),),))
    members = probes(family)
    assert members[-1].args == family.also[0]
    assert all(member.sizes for member in members[:-1])
    assert not members[-1].smallest


def test_every_kind_of_question_is_asked() -> None:
    family = Family(
        names="D cell", make=lambda _, D, cell: (D, cell), kinds=({"cell": "a"}, {"cell": "b"})
    )
    assert {probe.args[1] for probe in probes(family) if probe.smallest} == {"a", "b"}


def test_the_same_family_asks_the_same_numbers_again() -> None:
    first, second = (
        [array for probe in probes(RUN) for _, array in arrays(probe.args)] for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_numbers_have_one_digit_or_are_halves() -> None:
    numbers = Digits()(40)
    assert np.all(np.abs(numbers) < 10)
    assert np.array_equal(2 * numbers, np.round(2 * numbers))
    assert np.all((Digits().shares(20) > 0) & (Digits().shares(20) < 1))


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        pytest.param({"T": 1, "B": 1}, "T = B = 1", id="ones"),
        pytest.param({"T": 2, "B": 1, "H": 1}, "T = 2, B = H = 1", id="a two first"),
        pytest.param({}, "", id="none"),
    ],
)
def test_sizes_are_named_in_words(sizes: dict[str, int], words: str) -> None:
    probe = probes(Family(names="a", also=((1,),)))[0]
    assert type(probe)(args=(), sizes=sizes).words == words


def test_an_array_behind_a_cache_is_found_and_replaced() -> None:
    made = Made(function="forward", args=(np.ones(2), np.ones(3)), kwargs={}, position=1)
    args = (np.zeros(1), made, {"W": np.ones(4)})
    assert [path for path, _ in arrays(args)] == [(0,), (1, 0), (1, 1), (2, "W")]
    changed = dict(arrays(placed(args, (1, 1), np.zeros(3))))
    assert not changed[1, 1].any()
    assert changed[1, 0].all()
    assert dict(arrays(args))[1, 1].all(), "the arguments that were given stay as they are"


def test_arguments_like_hidden_ones_share_shapes_and_zeros_but_no_number() -> None:
    hidden = (np.array([0.25, 0.75]), np.zeros(3), None, "lstm")
    public = like(hidden)
    assert public is not None
    assert public[0].shape == (2,)
    assert not np.isin(public[0], hidden[0]).any()
    assert not public[1].any()
    assert public[2:] == (None, "lstm")


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(0.37, id="a number"),
        pytest.param(7, id="a count"),
        pytest.param(Seed(5), id="a seed"),
        pytest.param(np.array([3, 4]), id="whole numbers"),
        pytest.param(np.array([True, False]), id="a mask"),
        pytest.param({"a": 3.0}, id="a number in a dict"),
        pytest.param(Made(function="f", args=(7,), kwargs={}, position=0), id="behind a cache"),
        pytest.param(Made(function="f", args=(), kwargs={"a": 1}, position=0), id="by name"),
    ],
)
def test_no_number_of_a_hidden_question_is_asked_publicly(secret: object) -> None:
    assert like((np.ones(2), secret)) is None
