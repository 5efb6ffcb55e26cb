"""Calculations as they are written by hand."""

import numpy as np
import pytest

from grader.byhand import Line, needed, one, product, products, short, squashed


@pytest.mark.parametrize(
    ("value", "text"),
    {"three digits": (0.88079, "0.881"), "whole": (2.0, "2"), "rounding is zero": (1e-17, "0")}
    .values(),
    ids=["three digits", "whole", "rounding is zero"],
)  # fmt: skip
def test_a_number_has_three_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_a_negative_factor_behind_another_one_gets_brackets() -> None:
    assert product(2.0, -1.0) == "2·(-1)"


@pytest.mark.parametrize(
    ("pairs", "text", "value"),
    [
        pytest.param([(1.0,), (2.0, 0.5)], "1 + 2·0.5 = 2", 2.0, id="a sum"),
        pytest.param([(0.0,), (0.0, 5.0)], "0", 0.0, id="nothing but zeros"),
        pytest.param([(1.5,), (0.0, 5.0)], "1.5", 1.5, id="one term is its own sum"),
        pytest.param([(1.0,), (-2.0, 1.0)], "1 + (-2·1) = -1", -1.0, id="a negative term"),
    ],
)
def test_products_that_are_zero_are_left_out(
    pairs: list[tuple[float, ...]], text: str, value: float
) -> None:
    assert products(pairs) == (text, value)


def test_a_gate_is_written_with_its_sum_and_its_squashing() -> None:
    line, value = squashed("f", [(1.0,), (1.0, 1.0)], "σ")
    assert line.text == "a_f = 1 + 1·1 = 2,  f = σ(2) = 0.881"
    assert value == pytest.approx(0.880797)


def test_only_lines_that_lead_to_an_output_are_kept() -> None:
    lines = [Line("f", "", "f"), Line("o", "", "o"), Line("c cn", "f", "c"), Line("h", "c o", "h")]
    assert needed(lines, "cn") == ("f", "c")
    assert needed(lines, "h") == ("f", "o", "c", "h")


def test_what_was_left_out_is_zero_and_an_array_its_only_number() -> None:
    assert one(None) == 0.0
    assert one(np.array([[3.0]])) == 3.0
